"""How rules read, and what their time limits come to."""

from collections.abc import Mapping
from itertools import pairwise

import pytest

from segcore.attributes import ID, STANDARD, Attribute, Entity, Kind, Schema
from segcore.rules import codec
from segcore.rules.describe import Sentence, Span, resolved, sentence
from segcore.rules.moment import Moment
from segcore.rules.operators import CATALOGUE, EXAMPLES_AT
from segcore.rules.tree import Condition, Path
from tests.rules.asking import moment
from tests.rules.test_examples import document_of, kind_of

SCHEMA = Schema(
    people={each.key: each for each in (ID, *STANDARD[Entity.PERSON])}
    | {
        "country": Attribute(key="country", kind=Kind.TEXT),
        "plan": Attribute(key="plan", kind=Kind.TEXT),
        "mrr": Attribute(key="mrr", kind=Kind.NUMBER, label="MRR", unit="€", fractions=True),
        "weight": Attribute(key="weight", kind=Kind.NUMBER, unit="kg"),
        "uploaded_photos": Attribute(key="uploaded_photos", kind=Kind.NUMBER),
        "app": Attribute(key="downloaded_mobile_app", kind=Kind.BOOLEAN, label="Downloaded mobile app"),
        "tags": Attribute(key="tags", kind=Kind.LIST),
        "birthday": Attribute(key="birthday", kind=Kind.DATE),
        "renewed_at": Attribute(key="renewed_at", kind=Kind.DATETIME),
        "trial_end": Attribute(key="trial_end", kind=Kind.DATETIME, label="End of trial"),
    },
    companies={each.key: each for each in STANDARD[Entity.COMPANY]},
)
NAMES = {"slipping-away": "Slipping away", "big": "Big"}


def said(
    document: object,
    missing: Mapping[Path, int] | None = None,
    entity: Entity = Entity.PERSON,
    when: Moment = EXAMPLES_AT,
) -> Sentence:
    return sentence(codec.parse(document), SCHEMA, entity, NAMES, when, missing)


def asked(attribute: str, operator: str, *value: object, **options: bool) -> dict[str, object]:
    document = {"attribute": attribute, "operator": operator, **options}
    return {**document, "value": value[0]} if value else document


US = asked("country", "is_not", "United States")
NEW = asked("signed_up_at", "less_than_ago", {"days": 7})
PRO = asked("plan", "is_any_of", ["Pro", "Business"])
MANY = asked("uploaded_photos", "gt", 80)
AWAY = {"segment": "slipping-away", "operator": "in"}
NOT_AWAY = {"segment": "slipping-away", "operator": "not_in"}


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"all": []}, "Everyone."),
        ({"none": []}, "Everyone."),
        ({"any": []}, "No one."),
        (NEW, "People who signed up less than 7 days ago."),
        ({"all": [NEW]}, "People who signed up less than 7 days ago."),
        ({"all": [US, NEW]}, "People whose country is not United States and who signed up less than 7 days ago."),
        (
            {"all": [US, {"any": [PRO, MANY]}, NOT_AWAY]},
            "People whose country is not United States, (whose plan is Pro or Business or whose uploaded photos is more than "
            "80), and who are not in Slipping away.",
        ),
        ({"any": [NEW, AWAY]}, "People who signed up less than 7 days ago or who are in Slipping away."),
        ({"none": [AWAY]}, "Everyone except those who are in Slipping away."),
        ({"all": [{"none": [AWAY]}]}, "Everyone except those who are in Slipping away."),
        (
            {"all": [{"none": [AWAY, PRO]}, NEW, MANY]},
            "People who signed up less than 7 days ago and whose uploaded photos is more than 80, except those who are in "
            "Slipping away or whose plan is Pro or Business.",
        ),
        (
            {"all": [NEW, {"none": [AWAY]}, {"none": [PRO]}]},
            "People who signed up less than 7 days ago, except those who are in Slipping away, and except those whose plan is "
            "Pro or Business.",
        ),
        (
            {"any": [NEW, {"all": [PRO, MANY]}, {"none": [AWAY]}]},
            "People who signed up less than 7 days ago or (whose plan is Pro or Business and whose uploaded photos is more than "
            "80) or (everyone except those who are in Slipping away).",
        ),
        ({"all": [NEW, {"any": [AWAY]}]}, "People who signed up less than 7 days ago and who are in Slipping away."),
        ({"all": [NEW, {"any": []}]}, "People who signed up less than 7 days ago and (no one)."),
        ({"any": [NEW, {"all": []}]}, "People who signed up less than 7 days ago or (everyone)."),
    ],
)
def test_groups_read_as_english(document: object, expected: str) -> None:
    assert str(said(document)) == expected


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (asked("country", "is", "Ireland"), "whose country is Ireland"),
        (asked("country", "is", "Ireland", match_case=True), "whose country is Ireland (matching case)"),
        (asked("country", "is", " Ireland"), "whose country is “ Ireland”"),
        (asked("country", "is_none_of", ["A", "B", "C"]), "whose country is none of A, B or C"),
        (asked("country", "contains_all", ["A", "B"]), "whose country contains A and B"),
        (asked("country", "not_contains", "A"), "whose country does not contain A"),
        (asked("country", "is_unknown"), "whose country is unknown"),
        (asked("country", "has_any_value"), "whose country has any value"),
        (asked("email", "domain_is", "acme.com"), "whose e-mail has the domain acme.com"),
        (asked("external_id", "is", "c-42"), "whose ID is c-42"),
        (asked("mrr", "gte", 1234.5), "whose MRR is at least €1,234.50"),
        (asked("mrr", "lt", -25), "whose MRR is less than −€25"),
        (asked("weight", "between", [10, 2500]), "whose weight is between 10 kg and 2,500 kg"),
        (asked("uploaded_photos", "is_any_of", [1, 48210]), "whose uploaded photos is 1 or 48,210"),
        (asked("app", "is_false"), "whose downloaded mobile app is false"),
        (asked("app", "is_not_true"), "whose downloaded mobile app is not true"),
        (asked("tags", "includes_any", ["vip", "beta"]), "whose tags include any of vip or beta"),
        (asked("tags", "includes_all", ["vip", "beta"]), "whose tags include all of vip and beta"),
        (asked("tags", "not_includes", "vip"), "whose tags do not include vip"),
        (asked("tags", "is_empty"), "whose tags are empty"),
        (asked("tags", "has_any_value"), "whose tags have any value"),
        (asked("tags", "count_gte", 2), "whose tags number at least 2"),
        (asked("signed_up_at", "less_than_ago", {"days": 1}), "who signed up less than 1 day ago"),
        (asked("signed_up_at", "exactly_ago", {"weeks": 2}), "who signed up exactly 2 weeks ago"),
        (
            asked("signed_up_at", "less_than_ago", {"hours": 1000}, include_future=True),
            "who signed up less than 1,000 hours ago or in the future",
        ),
        (asked("signed_up_at", "not_on", "2026-11-01"), "who did not sign up on 1 Nov 2026"),
        (asked("signed_up_at", "is_known"), "whose sign-up date is known"),
        (asked("signed_up_at", "anniversary_within", {"days": 7}), "whose sign-up date has its anniversary today or in the next 7 days"),
        (asked("last_seen_at", "at_least_ago", {"days": 30}), "who were last seen at least 30 days ago"),
        (asked("last_seen_at", "not_between", ["2026-11-01", "2026-11-05"]), "who were not last seen between 1 Nov 2026 and 5 Nov 2026"),
        (asked("last_seen_at", "before", "2026-07-01T12:00:09Z"), "who were last seen before 1 Jul 2026, 13:00:09"),
        (asked("last_seen_at", "in_period", "last_month"), "who were last seen last month"),
        (asked("last_seen_at", "in_last_calendar_days", 1), "who were last seen in the last 1 calendar day"),
        (asked("last_seen_at", "weekday_is", ["saturday", "sunday"]), "who were last seen on a Saturday or Sunday"),
        (asked("birthday", "anniversary_within", {"days": 0}), "whose birthday has its anniversary today"),
        (asked("birthday", "on_or_after", "1990-01-31"), "whose birthday is on or after 31 Jan 1990"),
        (asked("renewed_at", "more_than_ago", {"minutes": 5}), "whose renewed date was more than 5 minutes ago"),
        (asked("trial_end", "in_next", {"days": 3}), "whose end of trial is in the next 3 days"),
        (asked("trial_end", "not_on", "2026-11-01"), "whose end of trial is not on 1 Nov 2026"),
        (asked("gone", "is", "x"), "whose gone is x"),
        ({"segment": "gone", "operator": "in"}, "who are in gone"),
    ],
)  # fmt: skip
def test_conditions_read_as_english(document: object, expected: str) -> None:
    assert str(said(document)) == f"People {expected}."


def test_companies_are_that_and_not_who() -> None:
    def company(document: object) -> str:
        return str(said(document, entity=Entity.COMPANY))

    assert company({"all": []}) == "All companies."
    assert company({"any": []}) == "No companies."
    assert company({"none": [{"segment": "big", "operator": "in"}]}) == "All companies except those that are in Big."
    assert company(asked("name", "is", "Acme")) == "Companies whose name is Acme."
    assert (
        company(asked("created_at", "less_than_ago", {"weeks": 1}))
        == "Companies that were created less than 1 week ago."
    )
    assert company(asked("created_at", "not_on", "2026-11-01")) == "Companies that were not created on 1 Nov 2026."


def test_missing_values_are_never_silent() -> None:
    kept = {"all": [US, NEW]}
    left_out = {"all": [{**US, "include_missing": False}, NEW]}
    tail = " and who signed up less than 7 days ago."
    assert (
        str(said(kept, {("all", 0): 214}))
        == f"People whose country is not United States (including 214 with no country){tail}"
    )
    assert str(said(kept, {("all", 0): 1_214})).count("(including 1,214 with no country)") == 1
    assert str(said(kept, {("all", 0): 0})) == str(said(kept)) == f"People whose country is not United States{tail}"
    assert str(said(left_out, {("all", 0): 214})) == (
        f"People whose country is not United States (leaving out 214 with no country){tail}"
    )
    assert "(leaving out those with no country)" in str(said(left_out))
    # "no uploaded photos" would read as 0.
    photos = {"none": [asked("uploaded_photos", "ne", 80)]}
    assert "(including 3 with no value for uploaded photos)" in str(said(photos, {("none", 0): 3}))
    birthday = asked("birthday", "not_on", "2026-01-01")
    assert "(including 2 with no birthday)" in str(said(birthday, {(): 2}))


def test_names_and_values_are_bold() -> None:
    spans = said({"all": [US, asked("tags", "includes_any", ["vip", "beta"]), NOT_AWAY]}, {("all", 0): 214}).spans
    assert [span.text for span in spans if span.bold] == [
        "country",
        "United States",
        "tags",
        "vip",
        "beta",
        "Slipping away",
    ]
    assert spans[0] == Span("People whose ")
    assert spans[-1] == Span(".")
    assert all(one.bold != other.bold for one, other in pairwise(spans))


def test_a_renamed_standard_date_reads_by_its_new_name() -> None:
    renamed = Attribute(key="signed_up_at", kind=Kind.DATETIME, label="Joined the club", standard=True)
    schema = Schema(people={"signed_up_at": renamed})
    told = sentence(codec.parse(NEW), schema, Entity.PERSON, {}, EXAMPLES_AT)
    assert str(told) == "People whose joined the club was less than 7 days ago."


def test_every_operator_reads_as_a_sentence() -> None:
    for operator in CATALOGUE:
        for example in operator.examples:
            attribute = Attribute(key="a", kind=kind_of(operator, example))
            rule = codec.parse(document_of(operator, example))
            told = str(sentence(rule, Schema(people={"a": attribute}), Entity.PERSON, {}, EXAMPLES_AT))
            assert told.startswith("People whose a "), told
            assert told.endswith("."), told
            assert not any(sign in told for sign in ("{", "}", "None", "  ", "_days", "['", "Ago(")), told


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (asked("signed_up_at", "less_than_ago", {"days": 14}), "after 8 Nov 2026, 04:12"),
        (asked("signed_up_at", "at_most_ago", {"days": 14}), "at or after 8 Nov 2026, 04:12"),
        (asked("signed_up_at", "more_than_ago", {"hours": 1}), "before 22 Nov 2026, 03:12"),
        (asked("signed_up_at", "at_least_ago", {"days": 60}), "at or before 23 Sep 2026, 05:12"),
        (asked("signed_up_at", "exactly_ago", {"days": 1}), "after 20 Nov 2026, 04:12, until 21 Nov 2026, 04:12"),
        (asked("signed_up_at", "in_next", {"minutes": 1}), "until 22 Nov 2026, 04:13"),
        (asked("signed_up_at", "more_than_from_now", {"days": 1}), "after 23 Nov 2026, 04:12"),
        (asked("signed_up_at", "in_period", "last_month"), "1–31 Oct 2026, Europe/Dublin"),
        (asked("signed_up_at", "in_period", "today"), "22 Nov 2026, Europe/Dublin"),
        (asked("signed_up_at", "in_period", "this_quarter"), "1 Oct – 31 Dec 2026, Europe/Dublin"),
        (asked("signed_up_at", "in_last_calendar_days", 3), "20–22 Nov 2026, Europe/Dublin"),
        (asked("birthday", "anniversary_within", {"days": 60}), "22 Nov 2026 – 21 Jan 2027, Europe/Dublin"),
        (asked("signed_up_at", "on", "2026-11-01"), "Europe/Dublin"),
        (asked("signed_up_at", "on_or_after", "2026-11-01"), "from 1 Nov 2026, 00:00, Europe/Dublin"),
        (asked("signed_up_at", "after", "2026-11-01"), "from 2 Nov 2026, 00:00, Europe/Dublin"),
        (asked("signed_up_at", "before", "2026-11-01"), "until 1 Nov 2026, 00:00, Europe/Dublin"),
        (asked("signed_up_at", "on_or_before", "9999-12-31"), "until 31 Dec 9999, 23:59:59.999999, Europe/Dublin"),
        (
            asked("signed_up_at", "between", ["2026-10-01", "2026-10-31"]),
            "from 1 Oct 2026, 00:00 until 1 Nov 2026, 00:00, Europe/Dublin",
        ),
        (asked("signed_up_at", "not_between", ["2026-10-01", "2026-10-31"]), "Europe/Dublin"),
        (asked("signed_up_at", "before", "2026-11-01T00:00:00Z"), None),
        (asked("birthday", "on", "2026-11-01"), None),
        (asked("country", "is", "x"), None),
    ],
)
def test_time_limits_are_resolved(document: dict[str, object], expected: str | None) -> None:
    condition = codec.parse(document)
    assert isinstance(condition, Condition)
    assert resolved(condition, SCHEMA.people[condition.attribute], EXAMPLES_AT) == expected


def test_utc_is_said() -> None:
    condition = codec.parse(NEW)
    assert isinstance(condition, Condition)
    assert resolved(condition, SCHEMA.people["signed_up_at"], moment()) == "after 15 Nov 2026, 04:12 UTC"
    at = moment("2026-11-22T04:12:09.250Z")
    assert resolved(condition, SCHEMA.people["signed_up_at"], at) == "after 15 Nov 2026, 04:12:09.25 UTC"
