"""Companies of people, people of companies, samples, segments and places: what RULES.md says of them, line by line."""

from fractions import Fraction

import pytest

from segcore.attributes import Entity
from segcore.problems import InvalidRule
from segcore.rules import sample, validate
from segcore.rules.interpret import Subject, bucket
from segcore.rules.tree import Sample
from tests.rules.asking import ask, moment
from tests.rules.behaving import SCHEMA, SEGMENTS, among, did, event

PRO = {"attribute": "plan", "operator": "is", "value": "Pro"}
FREE = {"attribute": "plan", "operator": "is_not", "value": "Pro"}
IRISH = {"attribute": "country", "operator": "is", "value": "Ireland"}


def company(name: str, *people: Subject, **values: object) -> Subject:
    return Subject({"external_id": name, **values}, people=people, external_id=name)


def person(name: str, *companies: Subject, primary: int | None = 0, **values: object) -> Subject:
    own = {"external_id": name, **values}
    return Subject(own, companies=companies, primary=primary if companies else None, external_id=name)


ACME, BETA, CORP = company("acme", plan="Pro", seats=5), company("beta", plan="Free"), company("corp")
PEOPLE = {
    "a": person("a", ACME),
    "b": person("b", BETA, ACME),
    "c": person("c", BETA, CORP),
    "d": person("d"),
    "e": person("e", ACME, BETA, primary=1),
}


def of(quantifier: str, rule: dict[str, object]) -> str:
    return among({"company": quantifier, "rule": rule}, PEOPLE, Entity.PERSON)


def test_any_all_none_and_the_primary_company() -> None:
    assert of("any", PRO) == "abe"
    assert of("all", PRO) == "a"  # every one, and there is one
    assert of("none", PRO) == "cd"
    assert of("primary", PRO) == "a"


def test_a_company_without_the_attribute_is_not_on_the_plan() -> None:
    assert of("any", FREE) == "bce"
    assert of("all", FREE) == "c"
    assert of("none", FREE) == "ad"
    assert of("primary", FREE) == "bce"
    assert of("any", {**FREE, "include_missing": False}) == "bce"
    assert of("any", {"attribute": "plan", "operator": "is_unknown"}) == "c"


def test_of_every_company_everything_holds_and_of_none_nothing() -> None:
    assert of("any", {"all": []}) == of("all", {"all": []}) == of("primary", {"all": []}) == "abce"
    assert of("none", {"all": []}) == "d"
    assert of("any", {"any": []}) == of("all", {"any": []}) == ""
    assert of("none", {"any": []}) == "abcde"


def test_all_conditions_of_a_company_rule_are_asked_of_one_company() -> None:
    big = {"attribute": "seats", "operator": "gte", "value": 5}
    both = {"f": person("f", company("x", plan="Pro", seats=1), company("y", plan="Free", seats=9))}
    assert among({"company": "any", "rule": {"all": [PRO, big]}}, both, Entity.PERSON) == ""
    assert among({"all": [{"company": "any", "rule": each} for each in (PRO, big)]}, both, Entity.PERSON) == "f"


def test_people_of_a_company_are_counted_who_match() -> None:
    ann, bob = person("ann", country="Ireland"), person("bob", country="Spain")
    companies = {"x": company("x", ann, bob), "y": company("y", ann), "z": company("z")}

    def counted(operator: str, value: object, rule: dict[str, object] = IRISH) -> str:
        return among({"people": rule, "operator": operator, "value": value}, companies, Entity.COMPANY)

    assert counted("gte", 1) == "xy"  # Ann belongs to both, and counts in both
    assert counted("eq", 0) == "z"
    assert counted("lt", 1) == "z"
    assert counted("eq", 2, {"all": []}) == "x"
    assert counted("between", [1, 2], {"all": []}) == "xy"
    assert counted("ne", 1) == "z"
    assert counted("is_any_of", [0, 2], {"all": []}) == "xz"


def test_people_are_counted_by_what_they_did() -> None:
    ann = Subject({"external_id": "ann"}, [did("2026-11-20T00:00Z")], external_id="ann")
    bob = Subject({"external_id": "bob"}, [did("2026-01-20T00:00Z")], external_id="bob")
    companies = {"x": company("x", ann, bob), "y": company("y", bob)}
    recent = event(within={"last": {"days": 7}})
    assert among({"people": recent, "operator": "gte", "value": 1}, companies, Entity.COMPANY) == "x"


def test_rules_cross_over_and_back() -> None:
    """People at a company with another Irish person than themselves are not told apart: the company's count is asked."""
    staff: list[Subject] = []
    firm = Subject({"external_id": "f"}, people=staff, external_id="f")
    staff += [person("a", firm, country="Ireland"), person("b", firm, country="Spain")]
    people = {each.external_id: each for each in staff} | {"c": person("c", country="Ireland")}
    document = {"company": "any", "rule": {"people": IRISH, "operator": "gte", "value": 1}}
    assert among(document, people, Entity.PERSON) == "ab"


# Segments


def test_a_segment_is_asked_at_the_same_instant_at_any_depth() -> None:
    recent = {"attribute": "country", "operator": "is", "value": "Ireland"}
    segments = {
        "irish": recent,
        "pro": PRO,
        "pro_people": {"company": "any", "rule": {"segment": "pro", "operator": "in"}},
    }
    people = {
        "a": person("a", ACME, country="Ireland"),
        "b": person("b", BETA, country="Ireland"),
        "c": person("c", ACME),
    }
    inside = {"all": [{"segment": key, "operator": "in"} for key in ("irish", "pro_people")]}
    assert among(inside, people, Entity.PERSON, segments=segments) == "a"
    assert among({"segment": "pro_people", "operator": "not_in"}, people, Entity.PERSON, segments=segments) == "b"
    yesterday = moment("2026-11-21T04:12:00Z")
    seen = {"x": Subject({"external_id": "x"}, [did("2026-11-22T00:00Z")], external_id="x")}
    used = {"irish": event()}
    assert among({"segment": "irish", "operator": "in"}, seen, Entity.PERSON, yesterday, used) == ""
    assert among({"segment": "irish", "operator": "in"}, seen, Entity.PERSON, None, used) == "x"


def test_a_segment_that_is_not_there_is_an_error_not_an_empty_set() -> None:
    with pytest.raises(InvalidRule, match="no segment “irish”"):
        among({"none": [{"segment": "irish", "operator": "in"}]}, PEOPLE, Entity.PERSON)


# Samples


def test_the_bucket_is_the_one_of_the_contract() -> None:
    # printf %s A:c-1 | sha256sum → cab04ddfe19d64af…, and 0xcab04ddfe19d64af / 2^64 × 100 = 79.17…
    assert sample.ticket("A", "c-1") == 0xCAB04DDFE19D64AF
    assert bucket("A", "c-1") == Fraction(0xCAB04DDFE19D64AF * 100, 2**64)
    assert round(float(bucket("A", "é")), 6) == 60.593831
    assert round(float(bucket("B", "c-1")), 6) == 76.493745


def sampled(start: float, end: float, salt: str = "A") -> str:
    people = {"x": person("c-1"), "y": person("é"), "z": person("ü-7")}
    return among({"sample": {"salt": salt, "from": start, "to": end}}, people, Entity.PERSON)


def test_from_is_included_and_to_is_not() -> None:
    assert sampled(0, 100) == "xyz"
    assert sampled(79, 79.2) == "x"
    assert sampled(0, 79) == "yz"
    assert sampled(76, 77, salt="B") == "x"
    assert sampled(50, 50) == ""
    assert sample.limits(Sample("A", 0, 50)) == (0, 2**63)
    assert sample.limits(Sample("A", 50, 100)) == (2**63, 2**64)
    for edge in (79.17526885590767, 60.59383105723182, 33.3, 1e-9):  # nobody is in both, and nobody in neither
        assert sorted(sampled(0, edge) + sampled(edge, 100)) == ["x", "y", "z"]


def test_a_sample_does_not_depend_on_what_is_known_of_somebody() -> None:
    people = {"x": person("c-1", country="Ireland"), "y": person("c-1", ACME)}
    assert among({"sample": {"salt": "A", "from": 79, "to": 80}}, people, Entity.PERSON) == "xy"
    companies = {"x": company("c-1")}
    assert among({"sample": {"salt": "A", "from": 79, "to": 80}}, companies, Entity.COMPANY) == "x"


def test_a_tenth_is_a_tenth() -> None:
    tenth = Sample("A", 0, 10)
    low, high = sample.limits(tenth)
    inside = sum(low <= sample.ticket("A", f"c-{number}") < high for number in range(20_000))
    assert 1_880 < inside < 2_120


# Places


def place(latitude: float, longitude: float) -> dict[str, float]:
    return {"latitude": latitude, "longitude": longitude}


DUBLIN, SYDNEY = place(53.35, -6.26), place(-33.87, 151.21)


def within(cell: object, of_place: dict[str, float], km: float, operator: str = "within_km", **options: bool) -> bool:
    (answer,) = ask("location", [cell], operator, {**of_place, "km": km}, **options)
    return answer


def test_distances_are_those_of_a_great_circle() -> None:
    quarter = 10_007.557  # of a circle with the mean radius of 6371.0088 km
    assert not within(place(0, 90), place(0, 0), quarter)
    assert within(place(0, 90), place(0, 0), quarter + 0.001)
    assert within(place(90, 0), place(0, 123), quarter + 0.001)
    assert not within(place(90, 0), place(0, 123), quarter)
    assert not within(SYDNEY, DUBLIN, 17_214)
    assert within(SYDNEY, DUBLIN, 17_217)


def test_distances_cross_the_date_line_the_poles_and_the_whole_globe() -> None:
    assert within(place(0, 179.999), place(0, -179.999), 0.23)
    assert within(place(89.999, 0), place(89.999, 180), 0.23)
    assert within(place(90, 5), place(90, 100), 0.001)
    assert not within(place(-53.35, 173.74), DUBLIN, 20_015)
    assert within(place(-53.35, 173.74), DUBLIN, 20_016)
    assert within(DUBLIN, DUBLIN, 0.001)
    assert within({"latitude": 0, "longitude": 0}, place(0.0, -0.0), 0.001)


def test_who_has_no_location_is_outside() -> None:
    assert not within(None, DUBLIN, 1_000_000)
    assert within(None, DUBLIN, 25, "outside_km")
    assert not within(None, DUBLIN, 25, "outside_km", include_missing=False)
    assert within(SYDNEY, DUBLIN, 25, "outside_km", include_missing=False)


def test_the_nodes_of_one_entity_are_refused_in_a_rule_over_the_other() -> None:
    for document, entity in (
        (event(), Entity.COMPANY),
        ({"sequence": [{"event": "visit"}]}, Entity.COMPANY),
        ({"company": "any", "rule": PRO}, Entity.COMPANY),
        ({"people": IRISH, "operator": "gte", "value": 1}, Entity.PERSON),
        ({"company": "any", "rule": event()}, Entity.PERSON),
        ({"company": "any", "rule": {"company": "any", "rule": PRO}}, Entity.PERSON),
        ({"people": {"people": IRISH, "operator": "gte", "value": 1}, "operator": "gte", "value": 1}, Entity.COMPANY),
        ({"company": "any", "rule": {"segment": "irish", "operator": "in"}}, Entity.PERSON),
    ):
        assert len(validate.check(document, SCHEMA, entity, SEGMENTS)) == 1, document
