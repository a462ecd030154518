"""Asking rules of people who did things and belong to companies, each named by a letter; both evaluators have to agree."""

from collections.abc import Mapping, Sequence

from segcore.attributes import ID, Attribute, Entity, Kind, Schema
from segcore.rules import validate
from segcore.rules.interpret import Happened, Subject, holds
from segcore.rules.moment import Moment
from tests.rules.asking import at, moment
from tests.rules.by_columns import columns

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
    by_columns = columns(
        rule, list(subjects.values()), SCHEMA, entity, now, {key: (SEGMENTS[key], each) for key, each in used.items()}
    )
    assert list(answers.values()) == by_columns
    return "".join(key for key, answer in answers.items() if answer)


def event(operator: str = "gte", value: object = 1, name: str = "purchase", **more: object) -> dict[str, object]:
    """An event condition; of no value where it is None."""
    asked = {} if value is None else {"value": value}
    return {"event": name, "operator": operator, **asked, **more}
