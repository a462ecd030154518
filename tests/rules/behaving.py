"""Asking rules of people who did things and belong to companies, each named by a letter; both evaluators have to agree."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from segcore.attributes import ID, Attribute, Entity, Kind, Schema
from segcore.engine.evaluation import Engine
from segcore.rules import validate
from segcore.rules.interpret import Happened, Subject, holds
from segcore.rules.moment import Moment
from segcore.rules.tree import Rule
from tests.engine.whole import Did, Whole
from tests.rules.asking import at, moment
from tests.rules.strategies import World

PROPERTIES = {
    "amount": Attribute(key="amount", kind=Kind.NUMBER, fractions=True),
    "quantity": Attribute(key="quantity", kind=Kind.NUMBER, large=True),
    "category": Attribute(key="category", kind=Kind.TEXT),
    "gift": Attribute(key="gift", kind=Kind.BOOLEAN),
    "until": Attribute(key="until", kind=Kind.DATETIME),
    "day": Attribute(key="day", kind=Kind.DATE),
    "labels": Attribute(key="labels", kind=Kind.LIST),
    "spot": Attribute(key="spot", kind=Kind.LOCATION),
}
SCHEMA = Schema(
    people={
        "external_id": ID,
        "country": Attribute(key="country", kind=Kind.TEXT),
        "place": Attribute(key="place", kind=Kind.LOCATION),
    },
    companies={
        "external_id": ID,
        "plan": Attribute(key="plan", kind=Kind.TEXT),
        "seats": Attribute(key="seats", kind=Kind.NUMBER),
    },
    events={"purchase": "Purchase", "visit": "Visit", "signed_up": "Signed up"},
    properties=PROPERTIES,
)
SEGMENTS = {"irish": Entity.PERSON, "pro": Entity.COMPANY, "pro_people": Entity.PERSON}


def did(when: str, name: str = "purchase", **properties: object) -> Happened:
    """One event; `when` is an instant of ISO 8601."""
    return Happened(name, at(when), properties)


def who(document: dict[str, object], people: Mapping[str, Sequence[Happened]], when: Moment | None = None) -> str:
    """The letters of those for whom a rule over people holds."""
    subjects = {
        letter: Subject({"external_id": letter}, events, external_id=letter) for letter, events in people.items()
    }
    return among(document, subjects, Entity.PERSON, when)


def among(
    document: dict[str, object],
    subjects: Mapping[str, Subject],
    entity: Entity,
    when: Moment | None = None,
    segments: Mapping[str, dict[str, object]] | None = None,
) -> str:
    """The letters of those for whom a rule holds."""
    rule = validate.read(document, SCHEMA, entity, SEGMENTS)
    used = {key: validate.read(each, SCHEMA, SEGMENTS[key], SEGMENTS) for key, each in (segments or {}).items()}
    now = when or moment()
    answers = {key: holds(rule, each, SCHEMA, entity, now, used) for key, each in subjects.items()}
    assert answers == columns(rule, subjects, entity, now, used)
    return "".join(key for key, answer in answers.items() if answer)


def columns(
    rule: Rule, subjects: Mapping[str, Subject], entity: Entity, when: Moment, segments: Mapping[str, Rule]
) -> dict[str, bool]:
    """The same by the engine, over all whom the subjects lead to."""
    people, companies = _reached(subjects.values(), entity)
    pairs = [(person, company) for person, each in enumerate(people) for company in _of(each, companies)]
    pairs += [(people.index(each), at) for at, firm in enumerate(companies) for each in firm.people]
    whole = Whole(
        people=_rows(people, Entity.PERSON, when),
        companies=_rows(companies, Entity.COMPANY, when),
        events=tuple(
            Did(row, each.name, each.at, each.properties) for row, one in enumerate(people) for each in one.events
        ),
        belonging=tuple(dict.fromkeys(pairs)),
        properties=tuple(PROPERTIES.values()),
        segments=segments,
    )
    snapshot = replace(whole.snapshot(), schema=SCHEMA)
    kept = {key: (SEGMENTS[key], each) for key, each in segments.items()}
    mask = Engine().at(snapshot, when, kept).bits(entity, rule).mask().tolist()
    rows = people if entity is Entity.PERSON else companies
    return {key: mask[rows.index(each)] for key, each in subjects.items()}


def _reached(subjects: Iterable[Subject], entity: Entity) -> tuple[list[Subject], list[Subject]]:
    people: list[Subject] = []
    companies: list[Subject] = []
    left = [(each, entity) for each in subjects]
    while left:
        each, of = left.pop(0)
        seen = people if of is Entity.PERSON else companies
        if each not in seen:
            seen.append(each)
            left += [(firm, Entity.COMPANY) for firm in each.companies]
            left += [(person, Entity.PERSON) for person in each.people]
    return people, companies


def _of(person: Subject, companies: list[Subject]) -> list[int]:
    """The companies of a person, the primary one first."""
    order = sorted(range(len(person.companies)), key=lambda at: at != person.primary)
    return [companies.index(person.companies[at]) for at in order]


def _rows(subjects: list[Subject], entity: Entity, when: Moment) -> World:
    return World(tuple(each.values for each in subjects), when, tuple(SCHEMA.of(entity).values()), {})


def event(operator: str = "gte", value: object = 1, name: str = "purchase", **more: object) -> dict[str, object]:
    """An event condition; of no value where it is None."""
    asked = {} if value is None else {"value": value}
    return {"event": name, "operator": operator, **asked, **more}
