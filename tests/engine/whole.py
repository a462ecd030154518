"""Random worlds of people, companies and events, and random rules of the whole language over them.

Built upon the strategies of rules: operands come from what is there, and what is there from small pools, so that ties,
duplicates, limits that are met exactly and events of the future are common.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import polars as pl
from hypothesis import strategies as st

from segcore.attributes import EXTERNAL_ID, Attribute, Entity, Kind, Schema, dtype
from segcore.engine.columns import Columns
from segcore.engine.events import Arrivals, Events
from segcore.engine.state import BELONGING, Snapshot
from segcore.rules import measure, tree
from segcore.rules.calendar import microseconds
from segcore.rules.interpret import Happened, Subject, measured
from segcore.rules.moment import Moment
from segcore.rules.operators import PERIODS, UNITS, Operand, for_kind
from segcore.rules.tree import Ago, AllOf, AnyOf, NoneOf, OfCompany, OfPeople, Performed, Rule, Sample, Step
from tests.rules import strategies
from tests.rules.strategies import World

PERSON, COMPANY = Entity.PERSON, Entity.COMPANY
NAMES = ("purchase", "visit", "login")
PROPERTIES = (
    Attribute(key="amount", kind=Kind.NUMBER, fractions=True),
    Attribute(key="seats", kind=Kind.NUMBER, large=True),
    Attribute(key="plan", kind=Kind.TEXT),
    Attribute(key="vip", kind=Kind.BOOLEAN),
    Attribute(key="due", kind=Kind.DATE),
    Attribute(key="until", kind=Kind.DATETIME),
    Attribute(key="tags", kind=Kind.LIST),
    Attribute(key="place", kind=Kind.LOCATION),
)
SEGMENTS = {"first": PERSON, "second": PERSON, "firms": COMPANY}
STEPS = (0, 1, -1, -60_000_000, -3_600_000_000, 3_600_000_000)
DAY = 86_400_000_000


@dataclass(frozen=True)
class Did:
    """One event, in the order of arrival."""

    person: int
    name: str
    at: datetime
    properties: Mapping[str, object]


@dataclass(frozen=True)
class Whole:
    """Everything that a workspace holds, and the moment at which it is asked."""

    people: World
    companies: World
    events: tuple[Did, ...]
    belonging: tuple[tuple[int, int], ...]  # person and company, in the order of rank
    properties: tuple[Attribute, ...]
    segments: Mapping[str, Rule]

    @property
    def moment(self) -> Moment:
        return self.people.moment

    @property
    def schema(self) -> Schema:
        return Schema(
            people={a.key: a for a in self.people.attributes},
            companies={a.key: a for a in self.companies.attributes},
            events=dict.fromkeys(NAMES, ""),
            properties={a.key: a for a in self.properties},
        )

    def subjects(self, entity: Entity) -> list[Subject]:
        """All of them as the row interpreter takes them."""
        companies: list[list[Subject]] = [[] for _ in self.people.rows]
        people: list[list[Subject]] = [[] for _ in self.companies.rows]
        persons = [
            Subject(
                row,
                events=[Happened(e.name, e.at, e.properties) for e in self.events if e.person == number],
                companies=companies[number],
                primary=0 if any(person == number for person, _ in self.belonging) else None,
                external_id=str(row[EXTERNAL_ID]),
            )
            for number, row in enumerate(self.people.rows)
        ]
        firms = [
            Subject(row, people=people[number], external_id=str(row[EXTERNAL_ID]))
            for number, row in enumerate(self.companies.rows)
        ]
        for person, company in self.belonging:
            companies[person].append(firms[company])
            people[company].append(persons[person])
        return persons if entity is PERSON else firms

    def snapshot(self, pieces: int = 1) -> Snapshot:
        """The same in columns; the events arrive in so many pieces."""
        schema = self.schema
        people, companies = (
            Columns.of(schema.of(entity), strategies.frame(rows.rows, rows.attributes).select(*schema.of(entity)))
            for entity, rows in ((PERSON, self.people), (COMPANY, self.companies))
        )
        events, step = Events(), max(1, -(-len(self.events) // pieces))
        for at in range(0, len(self.events), step):
            arrivals = Arrivals(events, people.ids)
            arrivals.add(*self._arriving(self.events[at : at + step], at))
            events = arrivals.events()
        ranks = [sum(p == person for p, _ in self.belonging[:n]) for n, (person, _) in enumerate(self.belonging)]
        rows = [(p + 1, c + 1, rank) for (p, c), rank in zip(self.belonging, ranks, strict=True)]
        belonging = pl.DataFrame(rows, schema=BELONGING, orient="row").sort("person_id", "rank")
        return Snapshot(1, schema, people, companies, belonging, events)

    def _arriving(self, events: tuple[Did, ...], before: int) -> tuple[pl.DataFrame, list[pl.Series]]:
        frame = pl.DataFrame(
            {
                "id": np.arange(before + 1, before + 1 + len(events)),
                "person_id": [e.person + 1 for e in events],
                "name": [e.name for e in events],
                "at": [microseconds(e.at) for e in events],
            }
        )
        return frame, [
            pl.Series(a.key, [strategies.clean(e.properties.get(a.key)) for e in events], dtype=dtype(a))
            for a in self.properties
        ]


@st.composite
def wholes(draw: st.DrawFn, people: int = 5, companies: int = 3) -> Whole:
    """A workspace with up to fourteen events, and three segments."""
    persons = draw(strategies.worlds(people))
    firms = draw(strategies.worlds(companies))
    firms = World(firms.rows, persons.moment, firms.attributes, {})
    moment = persons.moment
    chosen = draw(st.lists(st.sampled_from(PROPERTIES), min_size=1, max_size=3, unique_by=lambda a: a.key))
    pools = {a.key: draw(st.lists(strategies.cells(a, moment), min_size=1, max_size=3)) for a in chosen}
    ago = st.builds(lambda days, by: timedelta(microseconds=by - days * DAY), days(), st.sampled_from(STEPS))
    times = draw(st.lists(st.one_of(ago.map(lambda by: moment.now + by), strategies.instants()), max_size=4)) or [
        moment.now
    ]
    times += [moment.now - timedelta(microseconds=DAY)]

    busy = draw(st.lists(st.integers(0, people - 1), min_size=1, max_size=3))

    def did() -> Did:
        pool = {a.key: draw(st.sampled_from([None, *pools[a.key]])) for a in chosen}
        held = {key: value for key, value in pool.items() if value is not None}
        return Did(draw(st.sampled_from(busy)), draw(st.sampled_from(NAMES)), draw(st.sampled_from(times)), held)

    events = tuple(did() for _ in range(draw(st.integers(0, 14))))
    events += tuple(events[: draw(st.integers(0, 3))])
    pairs = st.tuples(st.integers(0, people - 1), st.integers(0, companies - 1))
    belonging = tuple(draw(st.lists(pairs, max_size=7, unique=True)))
    plain = Whole(persons, firms, events, belonging, (*chosen,), {})
    segments = {key: draw(rules(plain, entity, depth=1, segments=False)) for key, entity in SEGMENTS.items()}
    return Whole(persons, firms, events, belonging, plain.properties, segments)


def days() -> st.SearchStrategy[int]:
    return st.sampled_from((0, 0, 1, 1, 2, 7, 30, 365))


def amounts() -> st.SearchStrategy[Ago]:
    whole = st.builds(Ago, st.sampled_from((1, 1, 2, 6, 7, 29)), st.just("days"))
    return st.one_of(whole, st.builds(Ago, st.sampled_from((1, 1, 2, 7, 30, 365, 40_000)), st.sampled_from(UNITS)))


@st.composite
def rules(draw: st.DrawFn, world: Whole, entity: Entity = PERSON, depth: int = 3, segments: bool = True) -> Rule:
    """A rule of every kind of node."""
    last = (1 if entity is COMPANY else 4) if not depth else 12
    shape = draw(st.integers(0, last))
    if shape == 0:
        return draw(strategies.conditions(world.people if entity is PERSON else world.companies))
    if shape == 1:
        ends = sorted(draw(st.lists(st.sampled_from((0, 0.1, 12.5, 33, 50, 77.7, 100)), min_size=2, max_size=2)))
        return Sample(draw(st.sampled_from(("a", "é", "summer"))), *ends)
    if entity is COMPANY and depth and shape in (2, 3, 4, 5):
        inner = draw(rules(world, PERSON, depth - 1, segments))
        operator = draw(st.sampled_from(for_kind(Kind.NUMBER)))
        numbers = World(tuple({"people": n} for n in range(4)), world.moment, (measure.PEOPLE,), {})
        asked = draw(strategies.condition_with(numbers, measure.PEOPLE, operator))
        return OfPeople(inner, asked.operator, asked.value)
    if entity is PERSON and shape in (2, 3):
        return draw(performed(world))
    if entity is PERSON and shape == 4:
        return draw(sequences(world))
    if entity is PERSON and shape == 5:
        quantifier = draw(st.sampled_from(("any", "all", "none", "primary")))
        return OfCompany(quantifier, draw(rules(world, COMPANY, depth - 1, segments)))
    if shape == 6 and segments:
        key = draw(st.sampled_from([key for key, of in SEGMENTS.items() if of is entity]))
        return tree.InSegment(key, draw(st.sampled_from(("in", "not_in"))))
    children = tuple(draw(st.lists(rules(world, entity, max(depth - 1, 0), segments), max_size=3)))
    return draw(st.sampled_from((AllOf, AnyOf, NoneOf)))(children)


@st.composite
def filters(draw: st.DrawFn, world: Whole, depth: int = 2) -> Rule:
    """A rule over the properties of events."""
    events = World(tuple(e.properties for e in world.events), world.moment, world.properties, {})
    if not depth or draw(st.booleans()):
        return draw(strategies.conditions(events))
    children = tuple(draw(st.lists(filters(world, depth - 1), max_size=3)))
    return draw(st.sampled_from((AllOf, AnyOf, NoneOf)))(children)


@st.composite
def windows(draw: st.DrawFn, world: Whole) -> tree.Window:
    """A window of every shape, its ends at events or beside them."""
    near = st.sampled_from([e.at for e in world.events] or [world.moment.now])
    end = st.builds(lambda at, by: (at + timedelta(microseconds=by)).isoformat(), near, st.sampled_from((0, 1, -1)))
    match draw(st.integers(0, 4)):
        case 0 | 1:
            return None
        case 2:
            # As old as an event is, where its age is whole days: the limit is met exactly.
            ages = [(world.moment.now - e.at) // timedelta(microseconds=1) for e in world.events]
            exact = [Ago(age // DAY, "days") for age in ages if age > 0 and age % DAY == 0 and age < 10**9 * DAY]
            return tree.Last(draw(st.one_of(st.sampled_from(exact), amounts()) if exact else amounts()))
        case 3:
            return tree.Period(draw(st.sampled_from(PERIODS)))
    ends = sorted([draw(end), draw(end)], key=datetime.fromisoformat)
    return tree.Span(*draw(st.sampled_from(((ends[0], ends[1]), (ends[0], None), (None, ends[1])))))


@st.composite
def performed(draw: st.DrawFn, world: Whole) -> Performed:
    """An event condition; its limit is often what somebody's events come to."""
    how = draw(st.sampled_from((*measure.MEASURES, measure.BY_KEY["count"], measure.BY_KEY["sum"])))
    fitting = [a for a in world.properties if a.kind in how.of]
    if how.of and not fitting:
        how = measure.BY_KEY["count"]
    of = draw(st.sampled_from(fitting)) if how.of else None
    node = Performed(
        draw(st.sampled_from(NAMES)),
        "is_known",
        measure=how.key,
        of=of.key if of else None,
        where=draw(st.one_of(st.none(), filters(world))),
        within=draw(windows(world)),
    )
    attribute = measure.measured(how, of)
    assert attribute is not None
    found = [{attribute.key: measured(node, subject, world.schema, world.moment)} for subject in world.subjects(PERSON)]
    values = World(tuple(found), world.moment, (attribute,), {})
    operators = [each for each in for_kind(attribute.kind) if each.operand is not Operand.PATTERN]
    asked = draw(strategies.condition_with(values, attribute, draw(st.sampled_from(operators))))
    return Performed(
        node.event,
        asked.operator,
        asked.value,
        node.measure,
        node.of,
        node.where,
        node.within,
        asked.include_missing,
        asked.include_future,
    )


@st.composite
def sequences(draw: st.DrawFn, world: Whole) -> tree.Sequence:
    step = st.builds(Step, st.sampled_from(NAMES), st.one_of(st.none(), st.none(), filters(world, 1)))
    steps = tuple(draw(st.lists(step, min_size=1, max_size=4)))
    return tree.Sequence(steps, draw(st.one_of(st.none(), amounts())), draw(windows(world)))
