"""How events, sequences, companies, people, samples and places read, and what their windows come to."""

import pytest

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.problems import written
from segcore.rules import validate
from segcore.rules.describe import resolutions, sentence
from segcore.rules.measure import MEASURES
from segcore.rules.operators import EXAMPLES_AT, for_kind
from tests.rules.test_examples import document_of

SCHEMA = Schema(
    people={
        "country": Attribute(key="country", kind=Kind.TEXT),
        "plan": Attribute(key="plan", kind=Kind.TEXT),
        "uploaded_photos": Attribute(key="uploaded_photos", kind=Kind.NUMBER, label="Number of uploaded photos"),
        "place": Attribute(key="place", kind=Kind.LOCATION),
    },
    companies={
        "plan": Attribute(key="plan", kind=Kind.TEXT),
        "seats": Attribute(key="seats", kind=Kind.NUMBER),
        "created_at": Attribute(key="created_at", kind=Kind.DATETIME, label="Created", standard=True),
    },
    events={"purchase": "Purchase", "signed_up": "Signed up", "invited": "Invited", "e_mail": ""},
    properties={
        "amount": Attribute(key="amount", kind=Kind.NUMBER, unit="€", fractions=True),
        "category": Attribute(key="category", kind=Kind.TEXT),
        "renews_at": Attribute(key="renews_at", kind=Kind.DATETIME, label="Renewal"),
        "gift": Attribute(key="gift", kind=Kind.BOOLEAN),
        "labels": Attribute(key="labels", kind=Kind.LIST),
    },
)
SEGMENTS = {"slipping-away": Entity.PERSON, "big": Entity.COMPANY}
NAMES = {"slipping-away": "Slipping away", "big": "Big accounts"}

AMOUNT = {"attribute": "amount", "operator": "gte", "value": 25}
CATEGORY = {"attribute": "category", "operator": "is_any_of", "value": ["Home", "Garden"]}
PRO = {"attribute": "plan", "operator": "is", "value": "Pro"}
SEATS = {"attribute": "seats", "operator": "gt", "value": 10}
NINETY = {"within": {"last": {"days": 90}}}


def said(document: object, entity: Entity = Entity.PERSON, **missing: int) -> str:
    rule = validate.read(document, SCHEMA, entity, SEGMENTS)
    counts = {(): missing["missing"]} if missing else {}
    return str(sentence(rule, SCHEMA, entity, NAMES, EXAMPLES_AT, counts))


def event(operator: str = "gte", value: object = 1, **more: object) -> dict[str, object]:
    return {"event": "purchase", "operator": operator, **({} if value is None else {"value": value}), **more}


def test_the_sentence_of_the_design() -> None:
    document = {
        "all": [
            {"attribute": "country", "operator": "is_not", "value": "United States"},
            event(value=2, where={"all": [AMOUNT, CATEGORY]}, **NINETY),
            {"any": [
                {"attribute": "plan", "operator": "is_any_of", "value": ["Pro", "Business"]},
                {"attribute": "uploaded_photos", "operator": "gt", "value": 80},
            ]},
            {"segment": "slipping-away", "operator": "not_in"},
        ]
    }  # fmt: skip
    rule = validate.read(document, SCHEMA, Entity.PERSON, SEGMENTS)
    told = sentence(rule, SCHEMA, Entity.PERSON, NAMES, EXAMPLES_AT, {("all", 0): 214})
    assert str(told) == (
        "People whose country is not United States (including 214 with no country), who did Purchase at least 2 times "
        "in the last 90 days, where the amount is at least €25 and the category is Home or Garden, (whose plan is Pro or "
        "Business or whose number of uploaded photos is more than 80), and who are not in Slipping away."
    )
    assert [span.text for span in told.spans if span.bold][3:7] == ["2 times", "90 days", "amount", "€25"]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (event(), "did Purchase"),
        (event("eq", 0), "did not Purchase"),
        (event("eq", 0, **NINETY), "did not Purchase in the last 90 days"),
        (event("eq", 0, **NINETY, where=AMOUNT), "did not Purchase in the last 90 days, where the amount is at least €25"),
        ({**event(), "event": "e_mail"}, "did e_mail"),
        (event("gte", 2), "did Purchase at least 2 times"),
        (event("gt", 1_000), "did Purchase more than 1,000 times"),
        (event("lt", 3), "did Purchase fewer than 3 times"),
        (event("lte", 1), "did Purchase at most 1 time"),
        (event("eq", 2), "did Purchase exactly 2 times"),
        (event("ne", 2), "did Purchase a number other than 2 times"),
        (event("between", [1, 3]), "did Purchase between 1 and 3 times"),
        (event("not_between", [1, 3]), "did Purchase a number not between 1 and 3 times"),
        (event("is_any_of", [1, 2, 5]), "did Purchase exactly 1, 2 or 5 times"),
        (event("gte", 3, measure="days", **NINETY), "did Purchase on at least 3 different days in the last 90 days"),
        (event("eq", 0, measure="days"), "did not Purchase"),
        (event("gte", 3, measure="distinct", of="category"), "did Purchase with at least 3 different values of category"),
        (event("eq", 0, measure="distinct", of="category"), "did Purchase with exactly 0 different values of category"),
        (event(within={"period": "this_month"}), "did Purchase this month"),
        (event(within={"from": "2026-01-01T00:00:00Z"}), "did Purchase from 1 Jan 2026, 00:00"),
        (event(within={"to": "2026-02-01T00:00:00Z"}), "did Purchase before 1 Feb 2026, 00:00"),
        (
            event(within={"from": "2026-01-01T00:00:00Z", "to": "2026-07-01T00:00:00Z"}),
            "did Purchase from 1 Jan 2026, 00:00 and before 1 Jul 2026, 01:00",
        ),
        (event(where={"any": [AMOUNT, CATEGORY]}), "did Purchase, where the amount is at least €25 or the category is Home or Garden"),
        (event(where={"none": [{"attribute": "gift", "operator": "is_true"}]}), "did Purchase, where not (the gift is true)"),
        (event(where={"all": [AMOUNT, {"any": [CATEGORY, {"attribute": "gift", "operator": "is_true"}]}]}), "did Purchase, where the amount is at least €25 and (the category is Home or Garden or the gift is true)"),
        (event(where={"attribute": "category", "operator": "is_not", "value": "Home", "include_missing": False}), "did Purchase, where the category is not Home (leaving out those with no category)"),
        (event(where={"all": []}), "did Purchase"),
        (event(where={"any": []}), "did Purchase, where nothing"),
    ],
)  # fmt: skip
def test_what_people_did(document: object, expected: str) -> None:
    assert said(document) == f"People who {expected}."


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (event("gt", 500, measure="sum", of="amount", **NINETY), "total amount over Purchase in the last 90 days is more than €500"),
        (event("lt", 19.5, measure="mean", of="amount"), "average amount over Purchase is less than €19.50"),
        (event("between", [1, 2], measure="min", of="amount", where=CATEGORY), "smallest amount over Purchase is between €1 and €2, where the category is Home or Garden"),
        (event("gte", 100, measure="max", of="amount"), "largest amount over Purchase is at least €100"),
        (event("in_next", {"days": 7}, measure="max", of="renews_at"), "latest renewal over Purchase is in the next 7 days"),
        (event("before", "2026-11-01", measure="min", of="renews_at"), "earliest renewal over Purchase is before 1 Nov 2026"),
        (event("more_than_ago", {"days": 30}, measure="last"), "last Purchase was more than 30 days ago"),
        (event("in_period", "last_year", measure="first", where=AMOUNT), "first Purchase is last year, where the amount is at least €25"),
        (event("is_unknown", None, measure="last"), "last Purchase is unknown"),
        (event("ne", 5, measure="mean", of="amount", include_missing=False), "average amount over Purchase is not €5 (leaving out those with none)"),
    ],
)  # fmt: skip
def test_what_it_came_to(document: object, expected: str) -> None:
    assert said(document) == f"People whose {expected}."


def test_those_without_a_value_are_counted() -> None:
    document = event("not_on", "2026-11-01", measure="first")
    assert (
        said(document, missing=12_004)
        == "People whose first Purchase is not on 1 Nov 2026 (including 12,004 with none)."
    )


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"sequence": [{"event": "signed_up"}]}, "did Signed up"),
        ({"sequence": [{"event": "signed_up"}, {"event": "invited"}], "each_within": {"days": 3}}, "did Signed up, then Invited, each within 3 days"),
        ({"sequence": [{"event": "signed_up"}, {"event": "purchase", "where": AMOUNT}, {"event": "invited"}], "within": {"last": {"days": 1}}}, "did Signed up, then Purchase (where the amount is at least €25), then Invited, in the last 1 day"),
        ({"sequence": [{"event": "signed_up"}], "within": {"period": "today"}}, "did Signed up today"),
        ({"company": "any", "rule": PRO}, "belong to any of the companies whose plan is Pro"),
        ({"company": "all", "rule": {"all": [PRO, SEATS]}}, "belong only to companies (whose plan is Pro and whose seats is more than 10)"),
        ({"company": "none", "rule": {"segment": "big", "operator": "in"}}, "belong to none of the companies that are in Big accounts"),
        ({"company": "any", "rule": {"none": [PRO]}}, "belong to any of the companies except those whose plan is Pro"),
        ({"company": "any", "rule": {"all": []}}, "belong to any company"),
        ({"company": "none", "rule": {"all": []}}, "belong to no company"),
        ({"company": "primary", "rule": {"all": []}}, "have a primary company"),
        ({"sample": {"salt": "A", "from": 0, "to": 10}}, "are in a stable random 10% (sample A)"),
        ({"sample": {"salt": "B", "from": 0.1, "to": 0.3}}, "are in a stable random 0.2% (sample B, from 0.1 to 0.3)"),
        ({"all": [{"sequence": [{"event": "signed_up"}, {"event": "invited"}]}, {"sample": {"salt": "A", "from": 0, "to": 5}}]}, "did Signed up, then Invited, and who are in a stable random 5% (sample A)"),
    ],
)  # fmt: skip
def test_steps_companies_and_samples(document: object, expected: str) -> None:
    assert said(document) == f"People who {expected}."


def test_the_primary_company_and_places_are_whose() -> None:
    document = {
        "company": "primary",
        "rule": {"attribute": "created_at", "operator": "less_than_ago", "value": {"days": 30}},
    }
    assert (
        said(document)
        == "People whose primary company is one of the companies that were created less than 30 days ago."
    )
    dublin = {"latitude": 53.35, "longitude": -6.26, "km": 25}
    assert (
        said({"attribute": "place", "operator": "within_km", "value": dublin})
        == "People whose place is within 25 km of 53.35, −6.26."
    )
    outside = {"attribute": "place", "operator": "outside_km", "value": {**dublin, "km": 0.5}}
    assert (
        said(outside, missing=3)
        == "People whose place is not within 0.5 km of 53.35, −6.26 (including 3 with no value for place)."
    )


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"people": event(), "operator": "gte", "value": 5}, "Companies with at least 5 people who did Purchase."),
        ({"people": {"attribute": "country", "operator": "is", "value": "Ireland"}, "operator": "eq", "value": 1}, "Companies with exactly 1 person whose country is Ireland."),
        ({"people": {"segment": "slipping-away", "operator": "in"}, "operator": "eq", "value": 0}, "Companies with no people who are in Slipping away."),
        ({"people": {"all": []}, "operator": "between", "value": [2, 10]}, "Companies with between 2 and 10 people."),
        ({"people": {"any": [event(), {"segment": "slipping-away", "operator": "in"}]}, "operator": "lt", "value": 3}, "Companies with fewer than 3 people (who did Purchase or who are in Slipping away)."),
        ({"people": event(), "operator": "is_known"}, "Companies with a known number of people who did Purchase."),
        ({"all": [PRO, {"people": event(), "operator": "gt", "value": 1}]}, "Companies whose plan is Pro and with more than 1 person who did Purchase."),
        ({"sample": {"salt": "A", "from": 0, "to": 10}}, "Companies that are in a stable random 10% (sample A)."),
    ],
)  # fmt: skip
def test_rules_over_companies(document: object, expected: str) -> None:
    assert said(document, Entity.COMPANY) == expected


def test_every_measure_reads_with_every_operator() -> None:
    for measure in MEASURES:
        kinds = measure.of or {Kind.TEXT}
        for property_ in [each for each in SCHEMA.properties.values() if each.kind in kinds][: 9 if measure.of else 1]:
            of = {"of": property_.key} if measure.of else {}
            result = measure.kind or property_.kind
            for operator in for_kind(result):
                dates = {Kind.DATE, Kind.DATETIME}
                alike = dates if result in dates else {result}
                example = next(
                    each for each in operator.examples if each.kind in alike or each.kind is None or not each.value
                )
                document = {**document_of(operator, example), "event": "purchase", "measure": measure.key, **of}
                document.pop("attribute")
                told = said(document)
                assert told.startswith("People who")
                assert "Purchase" in told
                assert "{" not in told
                assert "  " not in told


def test_what_windows_come_to() -> None:
    document = {
        "all": [
            event(**NINETY),
            event("more_than_ago", {"days": 30}, measure="last", within={"period": "last_month"}),
            {"sequence": [{"event": "signed_up"}], "within": {"last": {"hours": 1}}},
            event(where={"attribute": "renews_at", "operator": "less_than_ago", "value": {"days": 1}}),
            event(within={"from": "2026-01-01T00:00:00Z"}),
            {"company": "any", "rule": {"attribute": "created_at", "operator": "in_period", "value": "this_year"}},
        ]
    }
    rule = validate.read(document, SCHEMA, Entity.PERSON, SEGMENTS)
    found = resolutions(rule, SCHEMA, Entity.PERSON, EXAMPLES_AT)
    assert {written(path): text for path, text in found.items()} == {
        "all[0]": "since 24 Aug 2026, 05:12",
        "all[1]": "1–31 Oct 2026, Europe/Dublin; before 23 Oct 2026, 05:12",
        "all[2]": "since 22 Nov 2026, 03:12",
        "all[3].where": "after 21 Nov 2026, 04:12",
        "all[5].rule": "1 Jan – 31 Dec 2026, Europe/Dublin",
    }
