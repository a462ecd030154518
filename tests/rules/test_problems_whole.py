"""What is wrong with events, sequences, companies, people, samples and places: told with path, words and nearest name."""

import pytest

from segcore.attributes import Entity
from segcore.problems import written
from segcore.rules import codec, validate
from tests.rules.behaving import SCHEMA, SEGMENTS, event

Told = tuple[str, str, str | None]
LEAF = {"attribute": "country", "operator": "is", "value": "x"}
WINDOW = (
    "Expected a window: “last” with an amount of time, “from” and “to” with instants, or “period” with a calendar word"
)
NUMBER = "Expected a number from"


def told(document: object, entity: Entity = Entity.PERSON) -> list[Told]:
    problems = validate.check(document, SCHEMA, entity, SEGMENTS)
    return [(written(each.path), each.message, each.suggestion) for each in problems]


def did(**more: object) -> dict[str, object]:
    return {**event(), **more}


def without(document: dict[str, object], *keys: str) -> dict[str, object]:
    return {key: value for key, value in document.items() if key not in keys}


@pytest.mark.parametrize(
    ("document", "path", "message", "suggestion"),
    [
        # names
        (did(event="purchas"), "event", "No event is called “purchas”.", "purchase"),
        (did(event="Signed up"), "event", "No event is called “Signed up”.", "signed_up"),
        (did(event="zzz"), "event", "No event is called “zzz”.", None),
        (did(event=""), "event", "Choose an event, or remove this condition.", None),
        (did(event=7), "event", "Expected the name of an event; found 7.", None),
        (did(whre={}), "whre", "An event condition has no “whre”.", "where"),
        (without(did(), "operator"), "operator", "Choose an operator, or remove this condition.", None),
        (without(did(), "value"), "value", "Choose a value, or remove this condition.", None),
        # measures
        (did(measure="average"), "measure", "Expected one of count, sum, mean, max, min, distinct, days, first or last; found “average”.", "mean"),
        (did(measure=None), "measure", "Expected one of count, sum, mean, max, min, distinct, days, first or last; found nothing.", None),
        (did(measure="sum"), "of", "Choose the property whose “sum” is asked, or remove this condition.", None),
        (did(measure="sum", of="amuont"), "of", "No property of events is called “amuont”.", "amount"),
        (did(measure="sum", of=["amount"]), "of", "Expected the key of a property; found a list.", None),
        (did(measure="sum", of="category"), "of", "“category” is a text; “sum” works on numbers. Try “distinct”.", None),
        (did(measure="mean", of="until"), "of", "“until” is a date with time; “mean” works on numbers. Try “distinct”.", None),
        (did(measure="min", of="gift"), "of", "“gift” is true or false; “min” works on numbers and dates. Try “distinct”.", None),
        (did(measure="distinct", of="spot"), "of", "“spot” is a location; “distinct” works on text, numbers, true or false, dates and lists. Try “count”.", None),
        (did(of="amount"), "of", "The measure “count” is not of a property; leave “of” out.", None),
        (did(measure="days", of="amount"), "of", "The measure “days” is not of a property; leave “of” out.", None),
        (did(measure="first", of="until", operator="is_known", value=None), "of", "The measure “first” is not of a property; leave “of” out.", None),
        # operators and values of the measured value
        (did(operator="contains", value="x"), "operator", "“count” is a number; “contains” works on text. Try “is between”.", "between"),
        (did(measure="last"), "operator", "“last” is a date with time; “is at least” works on numbers. Try “on or after”.", "on_or_after"),
        (did(measure="min", of="until"), "operator", "“min” is a date with time; “is at least” works on numbers. Try “on or after”.", "on_or_after"),
        (did(value="3"), "value", "Expected a number; found “3”.", "3"),
        (did(operator="between", value=[3, 1]), "value", "The lower number is above the upper one.", None),
        (did(measure="first", operator="less_than_ago", value={"days": 0}), "value", "Expected a whole number, 1 or more; found 0.", None),
        (did(match_case=True), "match_case", "“match_case” goes with text and lists of text, not with “is at least”.", None),
        (did(include_missing=False), "include_missing", "“include_missing” goes with negative operators such as “is not”, not with “is at least”.", None),
        # where
        (did(where={"segment": "irish", "operator": "in"}), "where", "“where” asks the properties of the event: conditions with “attribute” and “operator”, and groups of them; found “segment”.", None),
        (did(where={"all": [event()]}), "where.all[0]", "“where” asks the properties of the event: conditions with “attribute” and “operator”, and groups of them; found “event”.", None),
        (did(where={"attribute": "categry", "operator": "is", "value": "x"}), "where.attribute", "No property of events is called “categry”.", "category"),
        (did(where={"attribute": "seats", "operator": "is", "value": "x"}), "where.attribute", "No property of events is called “seats”.", None),
        (did(where={"any": [{"attribute": "", "operator": "is", "value": "x"}]}), "where.any[0].attribute", "Choose a property, or remove this condition.", None),
        (did(where={"attribute": "amount", "operator": "gte"}), "where.value", "Choose a value, or remove this condition.", None),
        # windows
        (did(within=30), "within", f"{WINDOW}; found 30.", None),
        (did(within=None), "within", f"{WINDOW}; found nothing.", None),
        (did(within={}), "within", f"{WINDOW}; found an empty object.", None),
        (did(within={"lst": {"days": 1}}), "within", f"{WINDOW}; found “lst”.", "last"),
        (did(within={"last": {"days": 1}, "period": "today"}), "within", f"{WINDOW}; found “last”, “period”.", None),
        (did(within={"last": {"days": 0}}), "within.last", "Expected a whole number, 1 or more; found 0.", None),
        (did(within={"last": {"months": 1}}), "within.last", 'Expected an amount of minutes, hours, days or weeks such as {"days": 7}; found “months”.', None),
        (did(within={"last": 30}), "within.last", 'Expected an amount of minutes, hours, days or weeks such as {"days": 7}; found 30.', '{"days": 30}'),
        (did(within={"period": "This month"}), "within.period", "Expected one of today, yesterday, tomorrow, this_week, last_week, next_week, this_month, last_month, next_month, this_quarter, last_quarter, next_quarter, this_year, last_year or next_year; found “This month”.", "this_month"),
        (did(within={"from": "2026-11-01"}), "within.from", "Expected an instant such as 2026-11-01T09:30:00Z; found “2026-11-01”.", "2026-11-01T00:00:00Z"),
        (did(within={"to": "2026-11-01T00:00"}), "within.to", "An instant needs its time zone; found “2026-11-01T00:00”.", "2026-11-01T00:00Z"),
        (did(within={"to": None}), "within.to", "Expected an instant such as 2026-11-01T09:30:00Z; found nothing.", None),
        (did(within={"from": "2026-11-02T00:00Z", "to": "2026-11-01T23:59Z"}), "within", "The first instant is after the second one.", None),
        # sequences
        ({"sequence": []}, "sequence", "Choose the events, or remove this condition.", None),
        ({"sequence": {"event": "visit"}}, "sequence", "Expected a list of steps; found an object.", None),
        ({"sequence": ["visit"]}, "sequence[0]", "Expected a step (with “event”, and “where” if need be); found “visit”.", None),
        ({"sequence": [{"event": "visit"}, {"event": "vist"}]}, "sequence[1].event", "No event is called “vist”.", "visit"),
        ({"sequence": [{"event": "visit", "operator": "gte"}]}, "sequence[0].operator", "A step has no “operator”.", None),
        ({"sequence": [{"event": "visit", "where": LEAF}]}, "sequence[0].where.attribute", "No property of events is called “country”.", "amount"),
        ({"sequence": [{"event": "visit"}], "each_within": {"days": 1.5}}, "each_within", "Expected a whole number, 1 or more; found 1.5.", None),
        ({"sequence": [{"event": "visit"}], "within": {"last": {}}}, "within.last", 'Expected an amount of minutes, hours, days or weeks such as {"days": 7}; found an empty object.', None),
        ({"sequence": [{"event": "visit"}], "operator": "gte"}, "operator", "A sequence has no “operator”.", None),
        # companies and people
        ({"company": "every", "rule": {"all": []}}, "company", "Expected one of any, all, none or primary; found “every”.", None),
        ({"company": "prim", "rule": {"all": []}}, "company", "Expected one of any, all, none or primary; found “prim”.", "primary"),
        ({"company": "any"}, "rule", "Expected a rule over companies; found nothing.", None),
        ({"company": "any", "rule": LEAF}, "rule.attribute", "“country” is an attribute of people; this rule is over companies.", None),
        ({"company": "any", "rule": {"segment": "irish", "operator": "in"}}, "rule.segment", "“irish” is a segment of people; this rule is over companies.", None),
        ({"company": "any", "rule": event()}, "rule", "Events are of people; this rule is over companies. Here, count the people who did with “people”.", "people"),
        ({"people": LEAF, "operator": "gte", "value": 1}, "", "“people” counts the people of a company; this rule is over people.", None),
        # samples
        ({"sample": 10}, "sample", "Expected a sample (with “salt”, “from” and “to”); found 10.", None),
        ({"sample": {"salt": " ", "from": 0, "to": 10}}, "sample.salt", "Choose a value, or remove this condition.", None),
        ({"sample": {"salt": 1, "from": 0, "to": 10}}, "sample.salt", "Expected a text; found 1.", None),
        ({"sample": {"salt": "A", "from": -1, "to": 10}}, "sample.from", f"{NUMBER} 0 to 100; found -1.", None),
        ({"sample": {"salt": "A", "from": 0, "to": 100.5}}, "sample.to", f"{NUMBER} 0 to 100; found 100.5.", None),
        ({"sample": {"salt": "A", "from": 0}}, "sample.to", "Choose a value, or remove this condition.", None),
        ({"sample": {"salt": "A", "from": 20, "to": 10}}, "sample", "The lower number is above the upper one.", None),
        ({"sample": {"salt": "A", "from": 0, "to": 10, "of": 1}}, "sample.of", "A sample has no “of”.", None),
        ({"sample": {"salt": "A", "from": 0, "to": True}}, "sample.to", f"{NUMBER} 0 to 100; found true.", None),
        # segments with history
        *(
            ({"segment": "irish", **more}, word, f"“{word}” needs the history of who was in a segment when, which is not kept yet; only “in” and “not_in” at the present instant can be asked.", None)
            for word, more in (
                ("for_at_least", {"operator": "in", "for_at_least": {"days": 7}}),
                ("entered_within", {"entered_within": {"days": 7}}),
                ("left_within", {"left_within": {"days": 7}}),
            )
        ),
        # places
        ({"attribute": "place", "operator": "within_km", "value": 25}, "value", 'Expected a place such as {"latitude": 53.35, "longitude": -6.26, "km": 25}; found 25.', None),
        ({"attribute": "place", "operator": "within_km", "value": {"km": 25}}, "value", 'Expected a place such as {"latitude": 53.35, "longitude": -6.26, "km": 25}; found “km”.', None),
        ({"attribute": "place", "operator": "outside_km", "value": {"latitude": 91, "longitude": 0, "km": 1}}, "value.latitude", f"{NUMBER} -90 to 90; found 91.", None),
        ({"attribute": "place", "operator": "within_km", "value": {"latitude": 1, "longitude": "0", "km": 1}}, "value.longitude", f"{NUMBER} -180 to 180; found “0”.", None),
        ({"attribute": "place", "operator": "within_km", "value": {"latitude": 1, "longitude": 0, "km": 0}}, "value.km", "Expected a distance of more than 0 km; found 0.", None),
        ({"attribute": "place", "operator": "within_km", "value": {"latitude": 1, "longitude": 0, "km": None}}, "value.km", "Choose a value, or remove this condition.", None),
        ({"attribute": "country", "operator": "within_km", "value": {"latitude": 1, "longitude": 0, "km": 5}}, "operator", "“country” is a text; “is within” works on locations. Try “contains”.", "contains"),
    ],
)  # fmt: skip
def test_one_thing_wrong_is_told_once(document: object, path: str, message: str, suggestion: str | None) -> None:
    assert told(document) == [(path, message, suggestion)]


NODES: dict[str, tuple[dict[str, object], Entity]] = {
    "group": ({"all": [LEAF]}, Entity.PERSON),
    "attribute": ({**LEAF, "operator": "is_not", "match_case": True, "include_missing": False}, Entity.PERSON),
    "event": (did(where={"all": []}, within={"last": {"days": 1}}, measure="sum", of="amount"), Entity.PERSON),
    "instant": (did(measure="last", operator="at_most_ago", value={"days": 2}, include_future=True), Entity.PERSON),
    "sequence": ({"sequence": [{"event": "visit"}], "each_within": {"days": 1}, "within": {"period": "today"}}, Entity.PERSON),
    "company": ({"company": "any", "rule": {"all": []}}, Entity.PERSON),
    "people": ({"people": {"all": []}, "operator": "gte", "value": 1}, Entity.COMPANY),
    "segment": ({"segment": "irish", "operator": "in"}, Entity.PERSON),
    "sample": ({"sample": {"salt": "A", "from": 0, "to": 10}}, Entity.PERSON),
}  # fmt: skip
JUNK: tuple[object, ...] = (None, True, 7, 1.5, "x", " ", [], {}, [7], {"x": 1}, [[]])
FITTING = {
    ("group", "all"): [[]],
    ("attribute", "value"): ["x"],
    ("attribute", "match_case"): [True],
    ("attribute", "include_missing"): [True],
    ("event", "value"): [7, 1.5],
    ("instant", "include_future"): [True],
    ("people", "value"): [7, 1.5],
}


@pytest.mark.parametrize("name", NODES)
def test_every_place_of_every_node_refuses_what_does_not_belong_there(name: str) -> None:
    """An unknown key is told by its name, and a value of another type at its own place, whatever it is."""
    document, entity = NODES[name]
    assert told(document, entity) == []
    assert [path for path, _, _ in told({**document, "extra": 1}, entity)] == ["extra"]
    for key in document:
        fitting = FITTING.get((name, key), [])
        for junk in JUNK:
            paths = [path for path, _, _ in told({**document, key: junk}, entity)]
            fits = any(junk is each or (type(junk) is type(each) and junk == each) for each in fitting)
            assert bool(paths) is not fits, (key, junk)
            assert all(path == key or path.startswith((f"{key}.", f"{key}[")) for path in paths), (key, junk, paths)
    inside = document.get("sample")
    if isinstance(inside, dict):
        assert [path for path, _, _ in told({"sample": {**inside, "extra": 1}}, entity)] == ["sample.extra"]


def test_a_rule_over_companies_asks_no_events() -> None:
    for document in (event(), {"sequence": [{"event": "visit"}]}, {"company": "any", "rule": {"all": []}}):
        ((path, message, _),) = told(document, Entity.COMPANY)
        assert (path, "this rule is over companies" in message) == ("", True)


def test_a_negative_operator_on_a_number_of_people_takes_the_option_of_all_negative_ones() -> None:
    """It has no effect, because that number is never missing; the document keeps it all the same."""
    for operator, value in (("ne", 1), ("not_between", [1, 2]), ("is_none_of", [1])):
        document = {"people": {"all": []}, "operator": operator, "value": value, "include_missing": False}
        assert codec.dump(validate.read(document, SCHEMA, Entity.COMPANY, SEGMENTS)) == document
    for document, option in (
        ({"people": {"all": []}, "operator": "eq", "value": 1, "include_missing": False}, "include_missing"),
        ({"people": {"all": []}, "operator": "is_any_of", "value": [1], "match_case": True}, "match_case"),
        ({"people": {"all": []}, "operator": "lt", "value": 1, "include_future": True}, "include_future"),
    ):
        assert [path for path, _, _ in told(document, Entity.COMPANY)] == [option]


def test_everything_is_told_at_once() -> None:
    document = {
        "all": [
            {
                "event": "purchas",
                "measure": "sum",
                "of": "amuont",
                "operator": "gt",
                "value": "much",
                "within": {"last": 3},
            },
            {"sequence": [{"event": "vist"}, {"event": "visit", "where": {"attribute": "gift", "operator": "is"}}]},
            {
                "company": "any",
                "rule": {"all": [{"attribute": "pln", "operator": "is", "value": "Pro"}, {"sample": {}}]},
            },
            {"segment": "iris", "operator": "in", "left_within": {"days": 1}},
        ]
    }
    assert [path for path, _, _ in told(document)] == [
        "all[0].event",
        "all[0].within.last",
        "all[0].of",
        "all[0].value",
        "all[1].sequence[0].event",
        "all[1].sequence[1].where.operator",
        "all[1].sequence[1].where.value",
        "all[2].rule.all[0].attribute",
        "all[2].rule.all[1].sample.salt",
        "all[2].rule.all[1].sample.from",
        "all[2].rule.all[1].sample.to",
        "all[3].left_within",
        "all[3].segment",
    ]


# Limits hold through every kind of nesting.


def crossed(depth: int, entity: Entity = Entity.PERSON) -> dict[str, object]:
    """Rules over people and companies in turn, inside each other."""
    if depth == 0:
        return {"attribute": "external_id", "operator": "is_known"}
    other = Entity.COMPANY if entity is Entity.PERSON else Entity.PERSON
    inner = crossed(depth - 1, other)
    if entity is Entity.PERSON:
        return {"company": "any", "rule": inner}
    return {"people": inner, "operator": "gte", "value": 1}


def test_crossings_count_towards_the_depth() -> None:
    assert told(crossed(16)) == []
    assert [message for _, message, _ in told(crossed(17))] == ["Groups go at most 16 deep."]
    groups: dict[str, object] = crossed(8)
    for _ in range(8):
        groups = {"all": [groups]}
    assert told(groups) == []
    assert [message for _, message, _ in told({"all": [groups]})] == ["Groups go at most 16 deep."]
    assert "too deeply" in told(crossed(70))[0][1]


def test_where_counts_towards_the_depth() -> None:
    where: dict[str, object] = {"attribute": "amount", "operator": "gte", "value": 1}
    for _ in range(15):
        where = {"all": [where]}
    assert told({"all": [did(where=where)]}) == []
    assert [message for _, message, _ in told({"any": [{"all": [did(where=where)]}]})] == ["Groups go at most 16 deep."]


def test_conditions_and_steps_anywhere_count_towards_the_thousand() -> None:
    thousand = "A rule has at most 1,000 conditions; this one has 1,001."
    where = {"all": [{"attribute": "amount", "operator": "gte", "value": 1}] * 999}
    assert told(did(where=where)) == []
    assert [message for _, message, _ in told({"all": [did(where=where), LEAF]})] == [thousand]
    assert told({"sequence": [{"event": "visit"}] * 1_000}) == []
    assert [message for _, message, _ in told({"sequence": [{"event": "visit"}] * 1_001})] == [thousand]
    company = {"company": "any", "rule": {"all": [{"attribute": "plan", "operator": "is_known"}] * 999}}
    assert told(company) == []
    assert [message for _, message, _ in told({"all": [company, LEAF]})] == [thousand]
    assert "conditions" in told({"sequence": [0] * 300_000})[0][1]
