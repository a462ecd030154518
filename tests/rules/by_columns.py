"""The other evaluator: what the engine answers for the subjects of the row interpreter."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from segcore.attributes import Attribute, Entity, Schema
from segcore.engine.evaluation import Engine
from segcore.rules.interpret import Subject
from segcore.rules.moment import Moment
from segcore.rules.tree import Rule
from tests.engine.whole import Did, Whole
from tests.rules.strategies import World


def columns(
    rule: Rule,
    subjects: Sequence[Subject],
    schema: Schema,
    entity: Entity,
    when: Moment,
    segments: Mapping[str, tuple[Entity, Rule]],
) -> list[bool]:
    """A rule's answers by the engine, over all whom the subjects lead to."""
    people, companies = _reached(subjects, entity)
    pairs = [(person, company) for person, each in enumerate(people) for company in _of(each, companies)]
    pairs += [(people.index(each), at) for at, firm in enumerate(companies) for each in firm.people]
    whole = Whole(
        people=_rows(people, schema.people, when),
        companies=_rows(companies, schema.companies, when),
        events=tuple(
            Did(row, each.name, each.at, each.properties) for row, one in enumerate(people) for each in one.events
        ),
        belonging=tuple(dict.fromkeys(pairs)),
        properties=tuple(schema.properties.values()),
        segments={key: each for key, (_, each) in segments.items()},
    )
    snapshot = replace(whole.snapshot(), schema=schema)
    mask = Engine().at(snapshot, when, segments).bits(entity, rule).mask().tolist()
    rows = people if entity is Entity.PERSON else companies
    return [mask[rows.index(each)] for each in subjects]


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


def _rows(subjects: list[Subject], attributes: Mapping[str, Attribute], when: Moment) -> World:
    return World(tuple(each.values for each in subjects), when, tuple(attributes.values()), {})
