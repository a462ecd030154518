"""What is wrong with a rule: all at once, with paths, what was found, what was expected, and the nearest name."""

import pytest

from segcore.attributes import STANDARD, Attribute, Entity, Kind, Schema
from segcore.problems import InvalidRule
from segcore.rules import codec, validate
from segcore.rules.tree import Condition

KINDS = {
    "country": Kind.TEXT,
    "age": Kind.NUMBER,
    "app": Kind.BOOLEAN,
    "birthday": Kind.DATE,
    "seen_at": Kind.DATETIME,
    "tags": Kind.LIST,
    "place": Kind.LOCATION,
}
SCHEMA = Schema(
    people={
        **{key: Attribute(key=key, kind=kind) for key, kind in KINDS.items()},
        "spent": Attribute(key="spent", kind=Kind.NUMBER, fractions=True),
        "job_title": Attribute(key="job_title", kind=Kind.TEXT, label="Position"),
    },
    companies={each.key: each for each in STANDARD[Entity.COMPANY]}
    | {"industry": Attribute(key="industry", kind=Kind.TEXT)},
)
SEGMENTS = {"active": Entity.PERSON, "slipping-away": Entity.PERSON, "big": Entity.COMPANY}


def told(document: object, entity: Entity = Entity.PERSON) -> list[dict[str, str]]:
    problems = [problem.as_json() for problem in validate.check(document, SCHEMA, entity, SEGMENTS)]
    if problems:
        with pytest.raises(InvalidRule) as raised:
            validate.read(document, SCHEMA, entity, SEGMENTS)
        assert [problem.as_json() for problem in raised.value.problems] == problems
    else:
        assert codec.dump(validate.read(document, SCHEMA, entity, SEGMENTS)) == document
    return problems


def one(document: object, entity: Entity = Entity.PERSON) -> tuple[str, str, str | None]:
    problems = told(document, entity)
    assert len(problems) == 1, problems
    return problems[0]["path"], problems[0]["message"], problems[0].get("suggestion")


def asked(attribute: object, operator: object, *value: object, **options: object) -> dict[str, object]:
    document = {"attribute": attribute, "operator": operator, **options}
    return {**document, "value": value[0]} if value else document


def test_a_good_rule_has_no_problems() -> None:
    assert told({"all": [asked("country", "is", "Ireland"), {"segment": "active", "operator": "not_in"}]}) == []
    assert told(asked("country", "is_known")) == []
    assert told({"all": []}) == []
    assert told(asked("industry", "is", "Tools"), Entity.COMPANY) == []


def test_all_problems_come_at_once_in_the_order_of_the_document() -> None:
    document = {
        "all": [
            asked("contry", "is", "Ireland"),
            asked("age", "contains", "4"),
            {"any": [asked("country", "is", ""), asked("age", "between", [20, 10])]},
            {"none": [{"segment": "activ", "operator": "in"}, {"attribute": "app", "operator": "is_true", "valu": 1}]},
            "country is Ireland",
        ]
    }
    assert [problem["path"] for problem in told(document)] == [
        "all[0].attribute",
        "all[1].operator",
        "all[2].any[0].value",
        "all[2].any[1].value",
        "all[3].none[0].segment",
        "all[3].none[1].valu",
        "all[4]",
    ]


def test_several_problems_of_one_condition_come_together() -> None:
    paths = [problem["path"] for problem in told(asked("contry", "iss", "x", match_case="yes", extra=1))]
    assert paths == ["extra", "attribute", "operator"]
    paths = [problem["path"] for problem in told(asked("contry", "gt", "x", match_case=True))]
    assert paths == ["attribute", "value", "match_case"]


def test_names_that_do_not_exist_get_the_nearest_one() -> None:
    assert one(asked("contry", "is", "x")) == ("attribute", "No attribute of people is called “contry”.", "country")
    assert one(asked("position", "is", "x"))[2] == "job_title"
    assert one(asked("zzzz", "is", "x"))[2] is None
    assert one({"segment": "slipping_away", "operator": "in"}) == (
        "segment",
        "There is no segment “slipping_away”.",
        "slipping-away",
    )
    assert one(asked("country", "containss", "x")) == ("operator", "No operator is called “containss”.", "contains")
    assert one(asked("age", "is more than", 4))[2] == "gt"
    assert one(asked("country", "is_know"))[2] == "is_known"


def test_what_belongs_to_the_other_entity_is_said_to() -> None:
    assert one(asked("industry", "is", "x"))[1] == "“industry” is an attribute of companies; this rule is over people."
    assert (
        one(asked("age", "eq", 4), Entity.COMPANY)[1] == "“age” is an attribute of people; this rule is over companies."
    )
    big = {"segment": "big", "operator": "in"}
    assert one(big)[1] == "“big” is a segment of companies; this rule is over people."
    assert told(big, Entity.COMPANY) == []


@pytest.mark.parametrize(
    ("attribute", "operator", "value", "message", "suggestion"),
    [
        ("age", "contains", "x", "“age” is a number; “contains” works on text. Try “is between”.", "between"),
        ("age", "is", "x", "“age” is a number; “is” works on text. Try “is”.", "eq"),
        ("country", "gt", 3, "“country” is a text; “is more than” works on numbers. Try “contains”.", "contains"),
        ("app", "is", "x", "“app” is true or false; “is” works on text. Try “is true”.", "is_true"),
        ("tags", "is_any_of", ["x"], "“tags” is a list; “is any of” works on text and numbers. Try “include any of”.", "includes_any"),
        ("seen_at", "gt", 3, "“seen_at” is a date with time; “is more than” works on numbers. Try “after”.", "after"),
        ("age", "less_than_ago", {"days": 1}, "“age” is a number; “less than … ago” works on dates. Try “is between”.", "between"),
        ("place", "is", "x", "“place” is a location; “is” works on text. Try “is within”.", "within_km"),
    ],
)  # fmt: skip
def test_an_operator_of_another_kind_is_refused_with_one_that_works(
    attribute: str, operator: str, value: object, message: str, suggestion: str
) -> None:
    assert one(asked(attribute, operator, value)) == ("operator", message, suggestion)


def test_a_condition_without_a_value_cannot_be_saved() -> None:
    choose = "Choose a value, or remove this condition."
    for attribute, operator in (("country", "is"), ("age", "gt"), ("tags", "includes"), ("seen_at", "on")):
        assert one(asked(attribute, operator)) == ("value", choose, None)
        assert one(asked(attribute, operator, None)) == ("value", choose, None)
        assert one(asked(attribute, operator, ""))[:2] == ("value", choose)
    for blank in ("", " ", "\t\n", "\u00a0", "\u3000"):
        assert one(asked("country", "is", blank)) == ("value", choose, None)
        assert one(asked("country", "is_any_of", ["x", blank])) == ("value[1]", choose, None)
        assert one(asked("country", "matches_regex", blank)) == ("value", choose, None)
    assert one(asked("country", "is_any_of", [])) == ("value", choose, None)
    assert one(asked("seen_at", "less_than_ago", {"days": None})) == ("value", choose, None)
    assert one({"attribute": "", "operator": "is", "value": "x"})[0] == "attribute"
    assert one({"attribute": "country"})[0] == "operator"
    assert one({"operator": "is_known"})[0] == "attribute"
    assert one({"segment": "", "operator": "in"})[0] == "segment"
    assert one({"segment": "active"})[:2] == ("operator", "Expected “in” or “not_in”; found nothing.")


def test_an_operator_that_takes_no_value_refuses_one() -> None:
    assert one(asked("country", "is_known", "x"))[0] == "value"
    assert one(asked("app", "is_true", True))[0] == "value"
    assert validate.check(asked("app", "is_true", None), SCHEMA, Entity.PERSON, {}) == []


@pytest.mark.parametrize(
    ("attribute", "operator", "value", "path", "part"),
    [
        ("country", "is", 5, "value", "Expected a text; found 5."),
        ("country", "is", True, "value", "Expected a text; found true."),
        ("country", "is", ["x"], "value", "Expected a text; found a list."),
        ("country", "is", {"x": 1}, "value", "Expected a text; found an object."),
        ("country", "is_any_of", "x", "value", "Expected a list; found “x”."),
        ("country", "is_any_of", ["x", 5, None], "value[1]", "Expected a text; found 5."),
        ("age", "eq", "5", "value", "Expected a number; found “5”."),
        ("age", "eq", True, "value", "Expected a number; found true."),
        ("age", "is_any_of", [1, "2"], "value[1]", "Expected a number; found “2”."),
        ("age", "between", [1], "value", "Expected a list of two values"),
        ("age", "between", [1, 2, 3], "value", "Expected a list of two values"),
        ("age", "between", 5, "value", "Expected a list of two values"),
        ("age", "between", [1, "2"], "value[1]", "Expected a number; found “2”."),
        ("age", "between", [3, 2], "value", "The lower number is above the upper one."),
        ("age", "not_between", [3, 2.5], "value", "The lower number is above the upper one."),
        ("seen_at", "between", ["2026-02-02", "2026-02-01"], "value", "The first date is after the second one."),
        ("seen_at", "between", ["2026-02-01T10:00:00Z", "2026-02-01T11:00:00+02:00"], "value", "The first date is after"),
        ("seen_at", "between", ["2026-02-04", "2026-02-01T10:00:00Z"], "value", "The first date is after"),
        ("seen_at", "between", ["2026-02-01", "soon"], "value[1]", "Expected a date such as"),
        ("seen_at", "on", "2026-02-30", "value", "There is no such day as “2026-02-30”."),
        ("seen_at", "on", "2026-02-01T10:00:00Z", "value", "Expected a date such as 2026-11-01"),
        ("seen_at", "on", "1 Nov 2026", "value", "Expected a date such as 2026-11-01"),
        ("seen_at", "on", "２０２６-02-01", "value", "Expected a date such as 2026-11-01"),
        ("seen_at", "before", 20260201, "value", "Expected a date such as"),
        ("seen_at", "before", "2026-02-01T25:00:00Z", "value", "There is no such instant"),
        ("seen_at", "before", "0001-01-01T00:00:00+10:00", "value", "There is no such instant"),
        ("seen_at", "before", "2026-02-01T10:00:00", "value", "An instant needs its time zone"),
        ("seen_at", "before", "2026-02-01T10:00:00+05:60", "value", "Expected a date such as"),
        ("seen_at", "before", "2026-02-01T24:00:00Z", "value", "There is no such instant"),
        ("seen_at", "before", "2026-02-01T23:59:60Z", "value", "There is no such instant"),
        ("seen_at", "before", "2026-02-01T10:00:00.1234567Z", "value", "Expected a date such as"),
        ("seen_at", "less_than_ago", 7, "value", "Expected an amount of minutes, hours, days or weeks"),
        ("seen_at", "less_than_ago", {"days": 7, "hours": 1}, "value", "found “days”, “hours”."),
        ("seen_at", "less_than_ago", {"months": 1}, "value", "found “months”."),
        ("seen_at", "less_than_ago", {}, "value", "found an empty object."),
        ("seen_at", "less_than_ago", {"days": 0}, "value", "Expected a whole number, 1 or more; found 0."),
        ("seen_at", "less_than_ago", {"days": -1}, "value", "Expected a whole number, 1 or more; found -1."),
        ("seen_at", "less_than_ago", {"days": 1.5}, "value", "Expected a whole number, 1 or more; found 1.5."),
        ("seen_at", "less_than_ago", {"days": True}, "value", "Expected a whole number, 1 or more; found true."),
        ("seen_at", "less_than_ago", {"days": "7"}, "value", "Expected a whole number, 1 or more; found “7”."),
        ("seen_at", "less_than_ago", {"days": 10**10}, "value", "at most 1,000,000,000"),
        ("seen_at", "exactly_ago", {"days": -1}, "value", "Expected a whole number, 0 or more; found -1."),
        ("birthday", "anniversary_within", {"weeks": 1}, "value", "Expected an amount of days"),
        ("birthday", "anniversary_within", {"days": -1}, "value", "Expected a whole number, 0 or more"),
        ("seen_at", "in_last_calendar_days", 0, "value", "Expected a whole number, 1 or more; found 0."),
        ("seen_at", "in_last_calendar_days", {"days": 7}, "value", "Expected a whole number, 1 or more; found an object."),
        ("seen_at", "in_period", "this_decade", "value", "Expected one of today, yesterday, tomorrow"),
        ("seen_at", "weekday_is", "monday", "value", "Expected a list; found “monday”."),
        ("seen_at", "weekday_is", ["monday", "mon"], "value[1]", "Expected one of monday, tuesday"),
        ("seen_at", "weekday_is", [], "value", "Choose a value"),
        ("tags", "includes", ["vip"], "value", "Expected a text; found a list."),
        ("tags", "count_eq", -1, "value", "Expected a whole number, 0 or more; found -1."),
        ("tags", "count_eq", 1.5, "value", "Expected a whole number, 0 or more; found 1.5."),
        ("country", "domain_is", "jo@acme.com", "value", "A domain is only what comes after the @"),
        ("country", "domain_is_any_of", ["acme.com", "@acme.com"], "value[1]", "A domain is only what comes after the @"),
        ("country", "domain_is", 5, "value", "Expected a text; found 5."),
        ("country", "domain_is_any_of", ["acme.com", " "], "value[1]", "Choose a value, or remove this condition."),
        ("country", "domain_is_any_of", [], "value", "Choose a value, or remove this condition."),
        ("country", "domain_is", "@", "value", "A domain is only what comes after the @"),
        ("seen_at", "less_than_ago", {"weeks": 1_000_000_001}, "value", "at most 1,000,000,000"),
        ("seen_at", "between", ["2026-02-03", "2026-02-01T10:00:00Z"], "value", "The first date is after"),
        ("place", "within_km", {"latitude": 90.1, "longitude": 0, "km": 1}, "value.latitude", "from -90 to 90"),
        ("place", "within_km", {"latitude": 0, "longitude": -180.1, "km": 1}, "value.longitude", "from -180 to 180"),
        ("place", "within_km", {"latitude": 0, "longitude": 0, "km": 1_000_001}, "value.km", "from 0 to 1,000,000"),
        ("country", "matches_regex", 5, "value", "Expected a pattern as text; found 5."),
        ("country", "matches_regex", "a(", "value", "The pattern cannot be read: unclosed group."),
        ("country", "matches_regex", "(?=a)", "value", "look-around, including look-ahead and look-behind, is not supported"),
        ("country", "matches_regex", r"(a)\1", "value", "backreferences are not supported"),
        ("country", "matches_regex", r"\w{1000}{1000}", "value", "The pattern is too large"),
        ("country", "matches_regex", "a" * 257, "value", "A pattern has at most 256 characters; this one has 257."),
        ("country", "contains_word", "a" * 1_001, "value", "A word has at most 1,000 characters; this one has 1,001."),
        ("country", "is_any_of", ["x"] * 10_001, "value", "A list has at most 10,000 values; this one has 10,001."),
    ],
)  # fmt: skip
def test_a_value_of_another_shape_is_refused(
    attribute: str, operator: str, value: object, path: str, part: str
) -> None:
    problem = told(asked(attribute, operator, value))[0]
    assert problem["path"] == path
    assert part in problem["message"]


def test_suggestions_mend_values() -> None:
    assert one(asked("age", "eq", "5"))[2] == "5"
    assert one(asked("seen_at", "before", "2026-02-01T10:00:00"))[2] == "2026-02-01T10:00:00Z"
    assert one(asked("seen_at", "on", "2026-02-01T10:00:00Z"))[2] == "2026-02-01"
    assert one(asked("country", "domain_is", "jo@acme.com"))[2] == "acme.com"
    assert one(asked("seen_at", "in_period", "This month"))[2] == "this_month"
    assert one(asked("seen_at", "less_than_ago", 7))[2] == '{"days": 7}'
    assert one({"al": []})[2] == "all"
    assert one(asked("country", "is", "x", mach_case=True))[2] == "match_case"


def test_the_limits_themselves_are_allowed() -> None:
    assert told(asked("country", "is_any_of", [f"v{number}" for number in range(10_000)])) == []
    assert told(asked("country", "matches_regex", "a" * 256)) == []
    assert told(asked("seen_at", "exactly_ago", {"days": 0})) == []
    assert told(asked("birthday", "anniversary_within", {"days": 0})) == []
    assert told(asked("age", "between", [2, 2])) == []
    assert told(asked("seen_at", "between", ["2026-02-01", "2026-02-01"])) == []
    assert told(asked("seen_at", "between", ["2026-02-01T10:00:00Z", "2026-02-01T10:00:00Z"])) == []
    # A day against an instant: somewhere on earth it has begun by then, in whatever zone the instant is written.
    assert told(asked("seen_at", "between", ["2026-02-02", "2026-02-01T10:00:00Z"])) == []
    assert told(asked("seen_at", "between", ["2026-02-03", "2026-02-01T23:00:00-05:00"])) == []
    assert told(asked("seen_at", "between", ["2026-02-01T23:00:00-05:00", "2026-02-01"])) == []
    assert told(asked("country", "contains_word", "a" * 1_000)) == []
    assert told(asked("seen_at", "less_than_ago", {"weeks": 1_000_000_000})) == []
    assert told(asked("seen_at", "less_than_ago", {"days": 1})) == []
    assert told(asked("seen_at", "in_last_calendar_days", 1)) == []
    assert told(asked("tags", "count_eq", 0)) == []
    for latitude, longitude, km in ((90, 180, 1_000_000), (-90, -180, 0.001)):
        assert told(asked("place", "within_km", {"latitude": latitude, "longitude": longitude, "km": km})) == []


def test_a_whole_number_written_with_a_point_is_whole() -> None:
    rule = codec.parse(asked("tags", "count_eq", 3.0))
    assert isinstance(rule, Condition)
    assert rule.value == 3
    assert isinstance(rule.value, int)


def test_whole_numbers_that_a_column_cannot_hold_exactly_are_refused() -> None:
    assert told(asked("age", "eq", 2**63 - 1)) == []
    assert told(asked("age", "lt", -(2**63) + 1)) == []
    assert one(asked("age", "eq", 2**63))[1] == "A whole number is at most 9,223,372,036,854,775,807 either way."
    assert told(asked("spent", "eq", 2**53)) == []
    for document in (asked("spent", "eq", 2**53 + 1), asked("spent", "gt", -(2**53) - 1)):
        assert "“spent” has fractions" in one(document)[1]
    assert one(asked("spent", "is_any_of", [1, 2**53 + 1]))[0] == "value[1]"
    assert one(asked("spent", "between", [1, 2**53 + 1]))[0] == "value[1]"
    assert told(asked("age", "gt", 2.5)) == []
    assert told(asked("age", "gt", 1e300)) == []


def test_options_go_where_they_have_a_meaning() -> None:
    assert told(asked("country", "is", "x", match_case=True)) == []
    assert told(asked("tags", "includes_any", ["x"], match_case=True)) == []
    assert told(asked("country", "is_not", "x", include_missing=False)) == []
    assert told(asked("seen_at", "at_most_ago", {"days": 1}, include_future=True)) == []
    for document, option in (
        (asked("age", "eq", 1, match_case=True), "match_case"),
        (asked("age", "is_any_of", [1], match_case=True), "match_case"),
        (asked("tags", "count_eq", 1, match_case=True), "match_case"),
        (asked("country", "is_known", match_case=False), "match_case"),
        (asked("country", "is", "x", include_missing=False), "include_missing"),
        (asked("country", "is_unknown", include_missing=True), "include_missing"),
        (asked("seen_at", "more_than_ago", {"days": 1}, include_future=True), "include_future"),
        (asked("country", "is", "x", match_case=1), "match_case"),
        (asked("country", "is_not", "x", include_missing=None), "include_missing"),
    ):
        assert one(document)[0] == option


def test_unknown_keys_are_an_error_and_never_ignored() -> None:
    assert one(asked("country", "is", "x", within=1))[:2] == ("within", "A condition has no “within”.")
    assert one({"segment": "active", "operator": "in", "for_at_least": {"days": 1}})[0] == "for_at_least"
    assert one({"all": [], "name": "x"})[0] == "name"
    assert one({"all": [], "any": []})[1] == "A group is one of “all”, “any” or “none”; found “all” and “any”."
    assert told({"all": [], "attribute": "country", "operator": "is", "value": "x"}) != []
    for document in ({}, {"event": "purchase", "operator": "gte", "value": 1}, {"sample": {"salt": "a"}}):
        assert told(document) != []


@pytest.mark.parametrize("document", [None, 5, "x", [], True, [{"all": []}], 1.5])
def test_a_rule_is_an_object(document: object) -> None:
    path, message, _ = one(document)
    assert path == ""
    assert message.startswith("Expected a condition")


@pytest.mark.parametrize("listed", [None, {}, "x", 5, {"attribute": "country"}])
def test_a_group_holds_a_list(listed: object) -> None:
    assert one({"any": listed})[0] == "any"


def test_an_attribute_without_values_yet_is_text_for_the_time_being() -> None:
    schema = Schema(people={"new": Attribute(key="new", kind=Kind.TEXT, known=False)})
    assert validate.check(asked("new", "is", "x"), schema, Entity.PERSON, {}) == []


def test_the_codec_checks_the_shape_without_a_schema() -> None:
    assert codec.parse(asked("anything", "is", "x")) == Condition("anything", "is", "x")
    assert codec.dump(codec.parse(asked("n", "is_any_of", [1, 2]))) == asked("n", "is_any_of", [1, 2])
    least = {"event": "e", "measure": "min", "of": "p", "operator": "is_any_of", "value": [1]}
    assert codec.dump(codec.parse(least)) == least
    for document in (
        asked("a", "is", 5),
        asked("a", "is_any_of", [1, "x"]),
        asked("a", "between", ["2026-01-01", 5]),
        {**least, "match_case": True},  # not dropped in silence
    ):
        with pytest.raises(InvalidRule):
            codec.parse(document)
