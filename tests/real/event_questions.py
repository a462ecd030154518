"""Questions about what people did: each in words, as a rule, and as SQL written by hand over the raw files.

Views of the SQL hold the columns of the files as text, and of events besides `stamp` (the instant, UTC) and `day` (the
calendar day on the clocks of the workspace: New York for the bicycles, UTC for the shop).
"""

from dataclasses import dataclass
from typing import Any

BICYCLES_NOW = "2023-09-03T03:00:00Z"
RETAIL_NOW = "2011-12-10T00:00:00Z"


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, when, and the SQL that answers with ids."""

    words: str
    rule: dict[str, Any]
    sql: str
    now: str


def did(event: str, operator: str = "gte", value: Any = 1, **more: Any) -> dict[str, Any]:
    """An event condition; `from_` and `to` make its window."""
    return {"event": event, "operator": operator, "value": value, **more}


def is_(attribute: str, operator: str, value: Any = None, **options: Any) -> dict[str, Any]:
    """A condition on an attribute or a property."""
    told = {"attribute": attribute, "operator": operator, **options}
    return told if value is None else {**told, "value": value}


def last(**amount: int) -> dict[str, Any]:
    """A rolling window."""
    return {"last": amount}


def measure(event: str, measure: str, of: str | None, operator: str, value: Any, **more: Any) -> dict[str, Any]:
    """A condition on a measure other than the count."""
    return did(event, operator, value, measure=measure, **({"of": of} if of else {}), **more)


# Saved first, so that rules can ask for them.
SEGMENTS = {
    "bicycles": {"helpers": ("Helpers", did("answer", "gte", 2, where=is_("score", "gt", 0)))},
    "retail": {"returners": ("Returners", did("cancellation"))},
}

BICYCLES = (
    Question(
        "who has no badge",
        did("badge", "eq", 0),
        "select user_id from users where user_id not in (select user_id from badges)",
        BICYCLES_NOW,
    ),
    Question(
        "who had no badge yet on a day in 2014: later ones do not count",
        did("badge", "eq", 0),
        "select user_id from users where user_id not in (select user_id from badges where stamp <= '2014-06-15 12:00:00')",
        "2014-06-15T12:00:00Z",
    ),
    Question(
        "three or more questions in 2011 and none since",
        {
            "all": [
                did("question", "gte", 3, within={"from": "2011-01-01T00:00:00Z", "to": "2012-01-01T00:00:00Z"}),
                did("question", "eq", 0, within={"from": "2012-01-01T00:00:00Z"}),
            ]
        },
        """select user_id from posts where kind = 'question' group by user_id
           having count(*) filter (where ts like '2011-%') >= 3 and max(ts) < '2012-01-01'""",
        BICYCLES_NOW,
    ),
    Question(
        "three or more questions within two years and none in the second of them",
        {
            "all": [
                did("question", "gte", 3, within=last(days=730)),
                did("question", "eq", 0, within=last(days=365)),
            ]
        },
        """select user_id from posts
           where kind = 'question' and stamp between '2013-03-01'::timestamp - interval 730 day and '2013-03-01'
           group by user_id having count(*) >= 3 and max(stamp) < '2013-03-01'::timestamp - interval 365 day""",
        "2013-03-01T00:00:00Z",
    ),
    Question(
        "a badge that is Nice Answer in any case, or of a tag, or gold or silver but no Yearling",
        did(
            "badge",
            where={
                "any": [
                    is_("name", "is", "nice ANSWER"),
                    is_("tag_based", "is_true"),
                    {"all": [is_("class", "lte", 2), {"none": [is_("name", "is", "Yearling")]}]},
                ]
            },
        ),
        """select distinct user_id from badges
           where name = 'Nice Answer' or tag_based = '1' or (class in ('1', '2') and name <> 'Yearling')""",
        BICYCLES_NOW,
    ),
    Question(
        "a Yearling written so, as no badge is when capitals count",
        {
            "all": [
                did("badge", where=is_("name", "is", "Yearling", match_case=True)),
                did("badge", "eq", 0, where=is_("name", "is", "autobiographer", match_case=True)),
                did("badge", "eq", 0, where=is_("name", "is", "autobiographer")),
            ]
        },
        """select user_id from badges group by user_id
           having count(*) filter (where name = 'Yearling') > 0 and count(*) filter (where name = 'Autobiographer') = 0""",
        BICYCLES_NOW,
    ),
    Question(
        "answers of the last five years came to a score above 20",
        measure("answer", "sum", "score", "gt", 20, within=last(days=1825)),
        """select user_id from posts
           where kind = 'answer' and stamp between '2016-01-01'::timestamp - interval 1825 day and '2016-01-01'
           group by user_id having sum(score::int) > 20""",
        "2016-01-01T00:00:00Z",
    ),
    Question(
        "five or more answers with a score of 3 or more on average, bad ones included",
        {"all": [did("answer", "gte", 5), measure("answer", "mean", "score", "gte", 3)]},
        """select user_id from posts where kind = 'answer' group by user_id
           having count(*) >= 5 and sum(score::int) >= 3 * count(*)""",
        BICYCLES_NOW,
    ),
    Question(
        "a question that was voted below zero",
        measure("question", "min", "score", "lt", 0),
        "select distinct user_id from posts where kind = 'question' and score::int < 0",
        BICYCLES_NOW,
    ),
    Question(
        "the best answer has a score of 5 to 10, or there is none but a comment that was liked",
        {
            "any": [
                measure("answer", "max", "score", "between", [5, 10]),
                {"all": [did("answer", "eq", 0), measure("comment", "max", "score", "gte", 2)]},
            ]
        },
        """select user_id from users
           where (select max(score::int) from posts p where p.user_id = users.user_id and kind = 'answer') between 5 and 10
              or (not exists (from posts p where p.user_id = users.user_id and kind = 'answer')
                  and (select max(score::int) from comments c where c.user_id = users.user_id) >= 2)""",
        BICYCLES_NOW,
    ),
    Question(
        "the best answer is not of a score of 1 to 5: also who never answered",
        measure("answer", "max", "score", "not_between", [1, 5]),
        """select user_id from users where not coalesce(
             (select max(score::int) from posts p where p.user_id = users.user_id and kind = 'answer') between 1 and 5, false)""",
        BICYCLES_NOW,
    ),
    Question(
        "the same without those who never answered",
        measure("answer", "max", "score", "not_between", [1, 5], include_missing=False),
        "select user_id from posts where kind = 'answer' group by user_id having max(score::int) not between 1 and 5",
        BICYCLES_NOW,
    ),
    Question(
        "liked comments on at least ten different posts",
        measure("comment", "distinct", "post_id", "gte", 10, where=is_("score", "gt", 0)),
        "select user_id from comments where score::int > 0 group by user_id having count(distinct post_id) >= 10",
        BICYCLES_NOW,
    ),
    Question(
        "eight or more different badges",
        measure("badge", "distinct", "name", "gte", 8),
        "select user_id from badges group by user_id having count(distinct lower(name)) >= 8",
        BICYCLES_NOW,
    ),
    Question(
        "comments on exactly three days of New York, in one half of 2012",
        measure(
            "comment",
            "days",
            None,
            "eq",
            3,
            within={"from": "2012-01-01T05:00:00Z", "to": "2012-07-01T04:00:00Z"},
        ),
        """select user_id from comments where day between '2012-01-01' and '2012-06-30'
           group by user_id having count(distinct day) = 3""",
        BICYCLES_NOW,
    ),
    Question(
        "comments on exactly two days since 2013; for some of them they are one or three days in UTC",
        measure("comment", "days", None, "eq", 2, within={"from": "2013-01-01T00:00:00Z"}),
        "select user_id from comments where ts >= '2013-01-01' group by user_id having count(distinct day) = 2",
        BICYCLES_NOW,
    ),
    Question(
        "the first badge came before New York's 2011",
        measure("badge", "first", None, "before", "2011-01-01"),
        "select user_id from badges group by user_id having min(stamp) < '2011-01-01 05:00:00'",
        BICYCLES_NOW,
    ),
    Question(
        "the first comment was on a Saturday or Sunday in New York",
        measure("comment", "first", None, "weekday_is", ["saturday", "sunday"]),
        "select user_id from comments group by user_id having isodow(arg_min(day, stamp)) >= 6",
        BICYCLES_NOW,
    ),
    Question(
        "it was not on the day the site opened, people without comments and all",
        measure("comment", "first", None, "not_on", "2010-08-25"),
        """select user_id from users where user_id not in
             (select user_id from comments group by user_id having min(day) = '2010-08-25')""",
        BICYCLES_NOW,
    ),
    Question(
        "the last comment is more than a year ago, at the instant when one is exactly a year old",
        measure("comment", "last", None, "more_than_ago", {"days": 365}),
        """select user_id from comments where stamp <= '2013-03-17 17:27:33' group by user_id
           having '2013-03-17 17:27:33'::timestamp - max(stamp) > interval 365 day""",
        "2013-03-17T17:27:33Z",
    ),
    Question(
        "a year after the day of the first badge, or in the week before that",
        measure("badge", "first", None, "anniversary_within", {"days": 7}),
        """with of as (select user_id, min(day) as day from badges where stamp <= '2017-12-28 12:00:00' group by user_id)
           select user_id from of
           where strftime(day, '%m-%d') >= '12-28' or strftime(day, '%m-%d') <= '01-04'""",
        "2017-12-28T12:00:00Z",
    ),
    Question(
        "Autobiographer, then a comment within 30 days",
        {
            "sequence": [{"event": "badge", "where": is_("name", "is", "Autobiographer")}, {"event": "comment"}],
            "each_within": {"days": 30},
        },
        """select distinct b.user_id from badges b join comments c on c.user_id = b.user_id
           where b.name = 'Autobiographer' and c.stamp > b.stamp and c.stamp <= b.stamp + interval 30 day""",
        BICYCLES_NOW,
    ),
    Question(
        "a question and within three days an answer, in 2011 and 2012 by then",
        {
            "sequence": [{"event": "question"}, {"event": "answer"}],
            "each_within": {"days": 3},
            "within": {"from": "2011-01-01T00:00:00Z"},
        },
        """select distinct q.user_id from posts q join posts a on a.user_id = q.user_id
           where q.kind = 'question' and a.kind = 'answer' and q.stamp >= '2011-01-01' and a.stamp <= '2012-06-01'
             and a.stamp > q.stamp and a.stamp <= q.stamp + interval 72 hour""",
        "2012-06-01T00:00:00Z",
    ),
    Question(
        "three Yearlings, each at most 366 days after the one before",
        {
            "sequence": [{"event": "badge", "where": is_("name", "is", "Yearling")}] * 3,
            "each_within": {"days": 366},
        },
        """select distinct a.user_id from badges a join badges b using (user_id) join badges c using (user_id)
           where a.name = 'Yearling' and b.name = 'Yearling' and c.name = 'Yearling'
             and b.stamp > a.stamp and b.stamp <= a.stamp + interval 366 day and c.stamp > b.stamp and c.stamp <= b.stamp + interval 366 day""",
        BICYCLES_NOW,
    ),
    Question(
        "comment, question, comment, answer, a week apart at most",
        {
            "sequence": [{"event": "comment"}, {"event": "question"}, {"event": "comment"}, {"event": "answer"}],
            "each_within": {"weeks": 1},
        },
        """select distinct c1.user_id from comments c1
             join posts q on q.user_id = c1.user_id and q.kind = 'question' and q.stamp > c1.stamp and q.stamp <= c1.stamp + interval 7 day
             join comments c2 on c2.user_id = q.user_id and c2.stamp > q.stamp and c2.stamp <= q.stamp + interval 7 day
             join posts a on a.user_id = c2.user_id and a.kind = 'answer' and a.stamp > c2.stamp and a.stamp <= c2.stamp + interval 7 day""",
        BICYCLES_NOW,
    ),
    Question(
        "two or more badges, all at one instant: none came later than another",
        {"all": [did("badge", "gte", 2), {"none": [{"sequence": [{"event": "badge"}, {"event": "badge"}]}]}]},
        "select user_id from badges group by user_id having count(*) >= 2 and count(distinct stamp) = 1",
        BICYCLES_NOW,
    ),
    Question(
        "comments last month but none this month, as New York's calendar has them",
        {
            "all": [
                did("comment", within={"period": "last_month"}),
                did("comment", "eq", 0, within={"period": "this_month"}),
            ]
        },
        """select user_id from comments where stamp <= '2014-02-10 09:30:00' group by user_id
           having count(*) filter (where day between '2014-01-01' and '2014-01-31') > 0
              and count(*) filter (where day >= '2014-02-01') = 0""",
        "2014-02-10T09:30:00Z",
    ),
    Question(
        "last year fewer comments than five, this year one or two",
        {
            "all": [
                did("comment", "lt", 5, within={"period": "last_year"}),
                did("comment", "is_any_of", [1, 2], within={"period": "this_year"}),
            ]
        },
        """select user_id from comments where stamp <= '2013-07-01 00:00:00' group by user_id
           having count(*) filter (where day between '2012-01-01' and '2012-12-31') < 5
              and count(*) filter (where day >= '2013-01-01') in (1, 2)""",
        "2013-07-01T00:00:00Z",
    ),
    Question(
        "a question about support or status that is not about a bug, or one whose first tag is a feature request",
        did(
            "question",
            where={
                "any": [
                    {"all": [is_("tags", "contains_any", ["SUPPORT", "status-"]), is_("tags", "not_contains", "bug")]},
                    is_("tags", "matches_regex", "^feature-request"),
                ]
            },
        ),
        """select distinct user_id from posts where kind = 'question'
             and ((tags like '%support%' or tags like '%status-%') and tags not like '%bug%' or tags like 'feature-request%')""",
        BICYCLES_NOW,
    ),
    Question(
        "well known, with a place, and not an answer in five years",
        {
            "all": [
                is_("reputation", "gt", 2000),
                is_("location", "has_any_value"),
                did("answer", "eq", 0, within=last(days=1825)),
            ]
        },
        """select user_id from users where reputation::int > 2000 and location <> '' and user_id not in
             (select user_id from posts where kind = 'answer' and stamp >= '2023-09-03 03:00:00'::timestamp - interval 1825 day)""",
        BICYCLES_NOW,
    ),
    Question(
        "comments, and neither a helper nor with a place",
        {"all": [did("comment"), {"none": [{"segment": "helpers", "operator": "in"}, is_("location", "is_known")]}]},
        """select distinct user_id from comments join users using (user_id)
           where location is null and user_id not in
             (select user_id from posts where kind = 'answer' and score::int > 0 group by user_id having count(*) >= 2)""",
        BICYCLES_NOW,
    ),
    Question(
        "helpers as of 2012, when later answers were not there",
        {"all": [{"segment": "helpers", "operator": "in"}, did("question", "eq", 0)]},
        """select user_id from posts where stamp <= '2012-01-15 00:00:00' group by user_id
           having count(*) filter (where kind = 'answer' and score::int > 0) >= 2
              and count(*) filter (where kind = 'question') = 0""",
        "2012-01-15T00:00:00Z",
    ),
    Question(
        "the import moved last seen to the last event of any name",
        is_("last_seen_at", "between", ["2011-01-01T00:00:00Z", "2012-12-31T23:59:59Z"]),
        """with all_events as (select user_id, ts from badges union all select user_id, ts from posts
                                 union all select user_id, ts from comments)
           select user_id from all_events group by user_id
           having max(ts) between '2011-01-01T00:00:00Z' and '2012-12-31T23:59:59Z'""",
        BICYCLES_NOW,
    ),
    Question(
        "a tenth of those with a badge, drawn by id",
        {"all": [did("badge"), {"sample": {"salt": "winter", "from": 20, "to": 30}}]},
        """with of as (select distinct user_id, ('0x' || left(sha256('winter:' || user_id), 16))::ubigint::hugeint * 100 as place
                         from badges)
           select user_id from of where place >= 20 * 18446744073709551616 and place < 30 * 18446744073709551616""",
        BICYCLES_NOW,
    ),
)

RETAIL = (
    Question(
        "the last invoice was 60 to 120 days ago",
        {
            "all": [
                measure("invoice", "last", None, "at_least_ago", {"days": 60}),
                measure("invoice", "last", None, "at_most_ago", {"days": 120}),
            ]
        },
        """select customer_id from invoices where kind = 'invoice' group by customer_id
           having '2011-12-10'::timestamp - max(stamp) between interval 60 day and interval 120 day""",
        RETAIL_NOW,
    ),
    Question(
        "the same as of an instant at which one is 60 days old to the second and another 120",
        {
            "all": [
                measure("invoice", "last", None, "at_least_ago", {"days": 60}),
                measure("invoice", "last", None, "at_most_ago", {"days": 120}),
            ]
        },
        """select customer_id from invoices where kind = 'invoice' and stamp <= '2011-04-14 12:05:00' group by customer_id
           having '2011-04-14 12:05:00'::timestamp - max(stamp) between interval 60 day and interval 120 day""",
        "2011-04-14T12:05:00Z",
    ),
    Question(
        "a quantity above 1,000 in total without a cancellation",
        {"all": [measure("invoice", "sum", "quantity", "gt", 1000), did("cancellation", "eq", 0)]},
        """select customer_id from invoices group by customer_id
           having sum(quantity::int) filter (where kind = 'invoice') > 1000 and count(*) filter (where kind = 'cancellation') = 0""",
        RETAIL_NOW,
    ),
    Question(
        "a quantity of exactly 72, 100 or 144 in total",
        measure("invoice", "sum", "quantity", "is_any_of", [72, 100, 144]),
        """select customer_id from invoices where kind = 'invoice' group by customer_id
           having sum(quantity::int) in (72, 100, 144)""",
        RETAIL_NOW,
    ),
    Question(
        "nothing bought by then is a total of 0: less than 100 in 90 days",
        measure("invoice", "sum", "quantity", "lt", 100, within=last(days=90)),
        """select customer_id from customers where coalesce((select sum(quantity::int) from invoices i
             where i.customer_id = customers.customer_id and kind = 'invoice'
               and stamp between '2011-09-01'::timestamp - interval 90 day and '2011-09-01'), 0) < 100""",
        "2011-09-01T00:00:00Z",
    ),
    Question(
        "took back 100 pieces or more, which are counted below zero",
        measure("cancellation", "sum", "quantity", "lte", -100),
        """select customer_id from invoices where kind = 'cancellation' group by customer_id
           having sum(quantity::int) <= -100""",
        RETAIL_NOW,
    ),
    Question(
        "took back 20 to 50 pieces in the summer",
        measure(
            "cancellation",
            "sum",
            "quantity",
            "between",
            [-50, -20],
            within={"from": "2011-06-01T00:00:00Z", "to": "2011-09-01T00:00:00Z"},
        ),
        """select customer_id from invoices where kind = 'cancellation' and ts >= '2011-06-01' and ts < '2011-09-01'
           group by customer_id having sum(quantity::int) between -50 and -20""",
        RETAIL_NOW,
    ),
    Question(
        "the average of the average prices lies between 2.5 and 3",
        measure("invoice", "mean", "avg_unit_price", "between", [2.5, 3]),
        """select customer_id from invoices where kind = 'invoice' group by customer_id
           having sum(avg_unit_price::decimal(18, 6)) between 2.5 * count(*) and 3 * count(*)""",
        RETAIL_NOW,
    ),
    Question(
        "the sum of the average prices since May is above 12.75",
        measure("invoice", "sum", "avg_unit_price", "gt", 12.75, within={"from": "2011-05-01T00:00:00Z"}),
        """select customer_id from invoices where kind = 'invoice' and ts >= '2011-05-01'
           group by customer_id having sum(avg_unit_price::decimal(18, 6)) > 12.75""",
        RETAIL_NOW,
    ),
    Question(
        "500 or more of something cheap at once",
        measure("invoice", "max", "quantity", "gte", 500, where=is_("avg_unit_price", "lt", 1)),
        """select distinct customer_id from invoices
           where kind = 'invoice' and avg_unit_price::decimal(18, 6) < 1 and quantity::int >= 500""",
        RETAIL_NOW,
    ),
    Question(
        "never fewer than 200 pieces, nor a price above 5",
        {
            "all": [
                measure("invoice", "min", "quantity", "gte", 200),
                measure("invoice", "max", "avg_unit_price", "lte", 5),
            ]
        },
        """select customer_id from invoices where kind = 'invoice' group by customer_id
           having min(quantity::int) >= 200 and max(avg_unit_price::decimal(18, 6)) <= 5""",
        RETAIL_NOW,
    ),
    Question(
        "invoices on twelve or more different days",
        measure("invoice", "days", None, "gte", 12),
        "select customer_id from invoices where kind = 'invoice' group by customer_id having count(distinct day) >= 12",
        RETAIL_NOW,
    ),
    Question(
        "fewer invoice numbers than rows of invoices: a number at two instants",
        {
            "all": [
                measure("invoice", "distinct", "invoice", "lt", 3, within={"period": "last_quarter"}),
                did("invoice", "gte", 3, within={"period": "last_quarter"}),
            ]
        },
        """select customer_id from invoices where kind = 'invoice' and ts like '2011-0%' and substr(ts, 6, 2) in ('07', '08', '09')
           group by customer_id having count(distinct invoice) < 3 and count(*) >= 3""",
        RETAIL_NOW,
    ),
    Question(
        "an invoice last week but not this one, weeks from Monday",
        {
            "all": [
                did("invoice", within={"period": "last_week"}),
                did("invoice", "eq", 0, within={"period": "this_week"}),
            ]
        },
        """select customer_id from invoices where kind = 'invoice' and stamp <= '2011-11-23 15:00:00' group by customer_id
           having count(*) filter (where day between '2011-11-14' and '2011-11-20') > 0
              and count(*) filter (where day >= '2011-11-21') = 0""",
        "2011-11-23T15:00:00Z",
    ),
    Question(
        "an invoice yesterday, or today until now",
        {"any": [did("invoice", within={"period": "yesterday"}), did("invoice", within={"period": "today"})]},
        """select distinct customer_id from invoices
           where kind = 'invoice' and stamp between '2011-11-16 00:00:00' and '2011-11-17 11:32:00'""",
        "2011-11-17T11:32:00Z",
    ),
    Question(
        "an invoice in the minute before now, both ends counting",
        did("invoice", within=last(minutes=1)),
        """select distinct customer_id from invoices
           where kind = 'invoice' and stamp between '2011-08-04 12:13:00' and '2011-08-04 12:14:00'""",
        "2011-08-04T12:14:00Z",
    ),
    Question(
        "an invoice from one instant on, and up to another that does not count",
        did("invoice", within={"from": "2011-08-04T12:13:00Z", "to": "2011-08-04T12:14:00Z"}),
        """select distinct customer_id from invoices
           where kind = 'invoice' and stamp >= '2011-08-04 12:13:00' and stamp < '2011-08-04 12:14:00'""",
        RETAIL_NOW,
    ),
    Question(
        "an invoice, then a cancellation within a week; one at the same minute is not later",
        {"sequence": [{"event": "invoice"}, {"event": "cancellation"}], "each_within": {"days": 7}},
        """select distinct i.customer_id from invoices i join invoices c using (customer_id)
           where i.kind = 'invoice' and c.kind = 'cancellation' and c.stamp > i.stamp and c.stamp <= i.stamp + interval 7 day""",
        RETAIL_NOW,
    ),
    Question(
        "a cancellation three minutes after an invoice or sooner, but for some exactly three",
        {"sequence": [{"event": "invoice"}, {"event": "cancellation"}], "each_within": {"minutes": 3}},
        """select distinct i.customer_id from invoices i join invoices c using (customer_id)
           where i.kind = 'invoice' and c.kind = 'cancellation' and date_diff('second', i.stamp, c.stamp) between 1 and 180""",
        RETAIL_NOW,
    ),
    Question(
        "invoices and cancellations, but never a cancellation after an invoice",
        {
            "all": [
                did("invoice"),
                {"segment": "returners", "operator": "in"},
                {"none": [{"sequence": [{"event": "invoice"}, {"event": "cancellation"}]}]},
            ]
        },
        """select customer_id from invoices group by customer_id
           having min(stamp) filter (where kind = 'invoice') >= max(stamp) filter (where kind = 'cancellation')""",
        RETAIL_NOW,
    ),
    Question(
        "in autumn: a big invoice, a cancellation, another invoice, 30 days apart at most",
        {
            "sequence": [
                {"event": "invoice", "where": is_("quantity", "gt", 300)},
                {"event": "cancellation"},
                {"event": "invoice"},
            ],
            "each_within": {"days": 30},
            "within": {"from": "2011-09-01T00:00:00Z", "to": "2011-12-01T00:00:00Z"},
        },
        """with autumn as (select * from invoices where ts >= '2011-09-01' and ts < '2011-12-01')
           select distinct a.customer_id from autumn a join autumn b using (customer_id) join autumn c using (customer_id)
           where a.kind = 'invoice' and a.quantity::int > 300 and b.kind = 'cancellation' and c.kind = 'invoice'
             and b.stamp > a.stamp and b.stamp <= a.stamp + interval 720 hour and c.stamp > b.stamp and c.stamp <= b.stamp + interval 720 hour""",
        RETAIL_NOW,
    ),
    Question(
        "abroad, five or more invoices before, none in 90 days",
        {
            "all": [
                is_("country", "is_not", "united kingdom"),
                did("invoice", "gte", 5),
                did("invoice", "eq", 0, within=last(days=90)),
            ]
        },
        """select customer_id from customers join invoices using (customer_id)
           where country <> 'United Kingdom' and kind = 'invoice' group by customer_id
           having count(*) >= 5 and max(stamp) < '2011-12-10'::timestamp - interval 90 day""",
        RETAIL_NOW,
    ),
    Question(
        "invoices, none of them large and none cancelled by a number that begins with C55",
        {
            "all": [
                did("invoice", "gte", 3),
                did("invoice", "eq", 0, where={"any": [is_("quantity", "gte", 200), is_("avg_unit_price", "gt", 10)]}),
                did("cancellation", "eq", 0, where=is_("invoice", "starts_with", "c55")),
            ]
        },
        """select customer_id from invoices group by customer_id
           having count(*) filter (where kind = 'invoice') >= 3
              and count(*) filter (where kind = 'invoice' and (quantity::int >= 200 or avg_unit_price::decimal(18, 6) > 10)) = 0
              and count(*) filter (where kind = 'cancellation' and invoice like 'C55%') = 0""",
        RETAIL_NOW,
    ),
    Question(
        "a number of invoices that is not 1 to 5: none at all too",
        did("invoice", "not_between", [1, 5]),
        """select customer_id from customers where (select count(*) from invoices i
             where i.customer_id = customers.customer_id and kind = 'invoice') not between 1 and 5""",
        RETAIL_NOW,
    ),
    Question(
        "the last invoice was exactly seven days ago: in the eighth day back",
        measure("invoice", "last", None, "exactly_ago", {"days": 7}),
        """select customer_id from invoices where kind = 'invoice' and stamp <= '2010-12-09 09:37:00' group by customer_id
           having max(stamp) <= '2010-12-02 09:37:00' and max(stamp) > '2010-12-01 09:37:00'""",
        "2010-12-09T09:37:00Z",
    ),
    Question(
        "came back after the summer: silent in July and August, there before and after",
        {
            "all": [
                did("invoice", within={"to": "2011-07-01T00:00:00Z"}),
                did("invoice", "eq", 0, within={"from": "2011-07-01T00:00:00Z", "to": "2011-09-01T00:00:00Z"}),
                did("invoice", "gt", 1, within={"from": "2011-09-01T00:00:00Z"}),
            ]
        },
        """select customer_id from invoices where kind = 'invoice' group by customer_id
           having count(*) filter (where ts < '2011-07-01') > 0
              and count(*) filter (where ts >= '2011-07-01' and ts < '2011-09-01') = 0
              and count(*) filter (where ts >= '2011-09-01') > 1""",
        RETAIL_NOW,
    ),
    Question(
        "the first invoice of the file of invoices is of the last 30 calendar days, and no returner",
        {
            "all": [
                measure("invoice", "first", None, "in_last_calendar_days", 30),
                {"segment": "returners", "operator": "not_in"},
            ]
        },
        """select customer_id from invoices where stamp <= '2011-06-15 18:00:00' group by customer_id
           having min(day) filter (where kind = 'invoice') >= '2011-05-17' and count(*) filter (where kind = 'cancellation') = 0""",
        "2011-06-15T18:00:00Z",
    ),
    Question(
        "on average fewer than 5 pieces taken back at a time, or nothing known of it and one invoice",
        {
            "any": [
                measure("cancellation", "mean", "quantity", "gt", -5),
                {"all": [measure("cancellation", "mean", "quantity", "is_unknown", None), did("invoice", "eq", 1)]},
            ]
        },
        """select customer_id from invoices group by customer_id
           having avg(quantity::int) filter (where kind = 'cancellation') > -5
              or (count(*) filter (where kind = 'cancellation') = 0 and count(*) filter (where kind = 'invoice') = 1)""",
        RETAIL_NOW,
    ),
)

QUESTIONS = {"bicycles": BICYCLES, "retail": RETAIL}
