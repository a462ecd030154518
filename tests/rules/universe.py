"""Random people, companies and events, and random rules of the whole language over them, drawn so that they meet.

Instants come from a small pool, so ties, events right at a limit and events after now are common; operands come from
what the events really come to. `universes()` draws the data, `rules(universe, entity)` a rule over it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from hypothesis import strategies as st

from segcore.attributes import ID, Attribute, Entity, Kind, Schema
from segcore.rules import measure, tree
from segcore.rules.interpret import Happened, Subject, bucket, holds, measured
from segcore.rules.moment import Moment
from segcore.rules.operators import PERIODS, UNITS, Operator, for_kind
from segcore.rules.tree import (
    Ago,
    AllOf,
    AnyOf,
    Condition,
    InSegment,
    Last,
    NoneOf,
    OfCompany,
    OfPeople,
    Performed,
    Period,
    Rule,
    Sample,
    Span,
    Step,
    Value,
)
from tests.rules.by_columns import columns
from tests.rules.strategies import ATTRIBUTES, FRACTIONS, World, cells, condition_with, instants, moments

COMPANY = (
    ID,
    Attribute(key="plan", kind=Kind.TEXT),
    Attribute(key="seats", kind=Kind.NUMBER, large=True),
    Attribute(key="country", kind=Kind.TEXT),
    Attribute(key="founded", kind=Kind.DATE),
    Attribute(key="office", kind=Kind.LOCATION),
)
PROPERTIES = (
    Attribute(key="amount", kind=Kind.NUMBER, fractions=True),
    Attribute(key="quantity", kind=Kind.NUMBER, large=True),
    Attribute(key="category", kind=Kind.TEXT),
    Attribute(key="gift", kind=Kind.BOOLEAN),
    Attribute(key="day", kind=Kind.DATE),
    Attribute(key="until", kind=Kind.DATETIME),
    Attribute(key="labels", kind=Kind.LIST),
    Attribute(key="spot", kind=Kind.LOCATION),
)
EVENTS = {"purchase": "Purchase", "visit": "Visit", "signed_up": "Signed up", "never": "Never seen"}
SCHEMA = Schema(
    people={each.key: each for each in ATTRIBUTES},
    companies={each.key: each for each in COMPANY},
    events=EVENTS,
    properties={each.key: each for each in PROPERTIES},
)
SEGMENTS = {"first": Entity.PERSON, "second": Entity.PERSON, "big": Entity.COMPANY}
AGOS = tuple(Ago(amount, unit) for unit in UNITS for amount in (1, 2, 30))
SECONDS = {"minutes": 60, "hours": 3_600, "days": 86_400, "weeks": 604_800}


@dataclass(frozen=True)
class Universe:
    """People and companies with each other, what people did, and segments over them.

    `events` are those of the people (by row) in the order in which they arrived; `belonging` holds the companies (rows)
    of each person, the primary one first; `orphans` are events of nobody.
    """

    people: Sequence[Subject]
    companies: Sequence[Subject]
    belonging: Sequence[Sequence[int]]
    orphans: Sequence[Happened]
    moment: Moment
    segments: Mapping[str, Rule] = field(default_factory=dict)

    schema = SCHEMA

    def of(self, entity: Entity) -> Sequence[Subject]:
        return self.people if entity is Entity.PERSON else self.companies

    def answers(self, rule: Rule, entity: Entity) -> list[bool]:
        """The rule by one row after the other."""
        return [holds(rule, each, SCHEMA, entity, self.moment, self.segments) for each in self.of(entity)]

    def by_columns(self, rule: Rule, entity: Entity) -> list[bool]:
        """The rule by the engine."""
        segments = {key: (SEGMENTS[key], each) for key, each in self.segments.items()}
        return columns(rule, self.of(entity), SCHEMA, entity, self.moment, segments)

    def world(self, entity: Entity | None) -> World:
        """What conditions on attributes (of events: on properties) are drawn over."""
        rows: list[Mapping[str, object]]
        if entity is None:
            rows = [event.properties for each in self.people for event in each.events] or [{}]
            return World(tuple(rows), self.moment, PROPERTIES, {})
        attributes = ATTRIBUTES if entity is Entity.PERSON else COMPANY
        return World(tuple(each.values for each in self.of(entity)), self.moment, attributes, {})


@st.composite
def universes(draw: st.DrawFn, people: int = 5, companies: int = 3) -> Universe:
    moment = draw(moments())
    times = draw(st.lists(_times(moment), min_size=2, max_size=5))
    chosen = draw(st.lists(st.sampled_from(PROPERTIES), min_size=1, max_size=4, unique=True))
    pools = {each.key: draw(st.lists(_property(each, moment), min_size=1, max_size=3)) for each in chosen}

    def event() -> Happened:
        name = draw(st.sampled_from(("purchase", "purchase", "visit", "signed_up")))
        kept = {key: draw(st.sampled_from(pool)) for key, pool in pools.items() if draw(st.integers(0, 4))}
        return Happened(name, draw(st.sampled_from(times)), kept)

    many = [draw(st.sampled_from((0, 1, 2, 3, 5, 8))) for _ in range(people)]
    events = [[event() for _ in range(number)] for number in many]
    persons = _rows(draw, ATTRIBUTES, people, moment, "c")
    firms = _rows(draw, COMPANY, companies, moment, "f")
    belonging = [draw(st.lists(st.integers(0, companies - 1), max_size=companies, unique=True)) for _ in range(people)]
    who: list[Subject] = []
    where: list[Subject] = []
    staff: list[list[Subject]] = [[] for _ in range(companies)]
    for row, values in enumerate(firms):
        where.append(Subject(values, people=staff[row], external_id=str(values[ID.key])))
    for row, values in enumerate(persons):
        own = [where[company] for company in belonging[row]]
        primary = 0 if own else None
        who.append(Subject(values, tuple(events[row]), own, primary, external_id=str(values[ID.key])))
        for company in belonging[row]:
            staff[company].append(who[-1])
    orphans = [event() for _ in range(draw(st.integers(0, 2)))]
    universe = Universe(who, where, belonging, orphans, moment)
    segments: dict[str, Rule] = {}
    for key, entity in SEGMENTS.items():
        segments[key] = draw(rules(replace(universe, segments=dict(segments)), entity, depth=1))
    return replace(universe, segments=segments)


def _rows(
    draw: st.DrawFn, attributes: Sequence[Attribute], many: int, moment: Moment, letter: str
) -> list[dict[str, object]]:
    made: list[dict[str, object]] = [{ID.key: f"{letter}-{number}"} for number in range(many)]
    for each in draw(st.lists(st.sampled_from(attributes[1:]), max_size=3, unique=True)):
        pool = draw(st.lists(cells(each, moment), min_size=1, max_size=2))
        for row in made:
            if draw(st.integers(0, 3)):
                row[each.key] = draw(st.sampled_from(pool))
    return made


def _property(attribute: Attribute, moment: Moment) -> st.SearchStrategy[object]:
    if attribute.fractions:
        return st.one_of(st.sampled_from(FRACTIONS), st.integers(-500, 500).map(lambda cents: cents / 100))
    return cells(attribute, moment)


def _times(moment: Moment) -> st.SearchStrategy[datetime]:
    """Now, exactly some amount of time ago, and a microsecond beside it; sometimes anything."""
    back = st.builds(
        lambda ago, times, by: moment.now - timedelta(seconds=SECONDS[ago.unit] * ago.amount * times, microseconds=by),
        st.sampled_from(AGOS),
        st.integers(-1, 2),
        st.integers(-1, 1),
    )
    days = st.builds(lambda by: moment.now - timedelta(hours=by), st.integers(-30, 24 * 40))
    return st.one_of(back, back, days, instants())


@st.composite
def rules(draw: st.DrawFn, universe: Universe, entity: Entity, depth: int = 3) -> Rule:
    """A rule of the whole language over people or companies."""
    shape = draw(st.integers(0, 11))
    if depth and shape <= 2:
        children = tuple(draw(st.lists(rules(universe, entity, depth - 1), max_size=3)))
        return draw(st.sampled_from((AllOf, AnyOf, NoneOf)))(children)
    if depth and shape <= 4:
        return draw(of_company(universe, depth) if entity is Entity.PERSON else of_people(universe, depth))
    if shape == 5 and any(SEGMENTS[key] is entity for key in universe.segments):
        keys = [key for key in universe.segments if SEGMENTS[key] is entity]
        return InSegment(draw(st.sampled_from(keys)), draw(st.sampled_from(("in", "not_in"))))
    if shape == 6:
        return draw(samples(universe, entity))
    if shape >= 7 and entity is Entity.PERSON:
        return draw(performed(universe) if shape <= 10 else sequences(universe))
    return draw(_condition(universe.world(entity)))


@st.composite
def _condition(draw: st.DrawFn, world: World) -> Condition:
    filled = [each for each in world.attributes if any(row.get(each.key) is not None for row in world.rows)]
    attribute = draw(st.sampled_from(filled if filled and draw(st.integers(0, 4)) else world.attributes))
    return draw(_asked(world, attribute))


@st.composite
def _asked(draw: st.DrawFn, world: World, attribute: Attribute) -> Condition:
    """A condition that can be saved: a property with fractions is not asked for a whole number past 2^53."""
    offered = for_kind(attribute.kind)
    asking: list[Operator] = [each for each in offered if each.kinds != frozenset(Kind)]
    operator = draw(st.sampled_from(asking if asking and draw(st.integers(0, 5)) else offered))
    condition = draw(condition_with(world, attribute, operator))
    return replace(condition, value=_fitting(condition.value)) if attribute.fractions else condition


def _fitting(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(_fitting(each) for each in value)  # type: ignore[misc]
    return float(value) if isinstance(value, int) and abs(value) > 2**53 else value


def wheres(universe: Universe, depth: int = 2) -> st.SearchStrategy[Rule]:
    """A rule over the properties of events."""
    leaf = _condition(universe.world(None))
    if not depth:
        return leaf
    children = st.lists(wheres(universe, depth - 1), max_size=2).map(tuple)
    group = st.builds(lambda kind, within: kind(within), st.sampled_from((AllOf, AnyOf, NoneOf)), children)
    return st.one_of(leaf, leaf, group)


def maybe(strategy: st.SearchStrategy[Rule]) -> st.SearchStrategy[Rule | None]:
    return st.one_of(st.none(), st.none(), strategy)


@st.composite
def windows(draw: st.DrawFn, universe: Universe) -> tree.Window:
    shape = draw(st.integers(0, 5))
    if shape <= 1:
        return None
    if shape <= 3:
        return Last(draw(st.sampled_from(AGOS)))
    if shape == 4:
        return Period(draw(st.sampled_from(PERIODS)))
    times = [event.at for each in universe.people for event in each.events] or [universe.moment.now]
    near = st.builds(lambda at, by: at + timedelta(microseconds=by), st.sampled_from(times), st.integers(-1, 1))
    ends = sorted((draw(near), draw(near)))
    texts: list[str | None] = [end.isoformat() for end in ends]
    left_out = draw(st.integers(0, 3))
    if left_out < 2:
        texts[left_out] = None
    return Span(*texts)


@st.composite
def performed(draw: st.DrawFn, universe: Universe) -> Performed:
    """An event condition whose operand lies at or near what somebody's events come to."""
    how = draw(st.sampled_from((measure.BY_KEY["count"], *measure.MEASURES)))
    used = {key for each in universe.people for event in each.events for key in event.properties}
    fitting = [each for each in PROPERTIES if each.kind in how.of]
    likely = [each for each in fitting if each.key in used] or fitting
    of = draw(st.sampled_from(likely)) if how.of else None
    asked = Performed(
        draw(st.sampled_from(("purchase", "purchase", "visit", "signed_up", "never"))),
        "is_known",
        measure=how.key,
        of=of.key if of else None,
        where=draw(maybe(wheres(universe))),
        within=draw(windows(universe)),
    )
    attribute, _ = measure.asked(asked, SCHEMA)
    values = [{attribute.key: measured(asked, each, SCHEMA, universe.moment)} for each in universe.people]
    condition = draw(_asked(World(tuple(values), universe.moment, (attribute,), {}), attribute))
    return replace(
        asked,
        operator=condition.operator,
        value=condition.value,
        include_missing=condition.include_missing,
        include_future=condition.include_future,
    )


@st.composite
def sequences(draw: st.DrawFn, universe: Universe) -> tree.Sequence:
    names = st.sampled_from(("purchase", "purchase", "visit", "signed_up"))
    steps = st.lists(st.builds(Step, names, maybe(wheres(universe, 1))), min_size=1, max_size=4)
    each_within = draw(st.one_of(st.none(), st.sampled_from(AGOS)))
    return tree.Sequence(tuple(draw(steps)), each_within, draw(windows(universe)))


@st.composite
def of_company(draw: st.DrawFn, universe: Universe, depth: int) -> OfCompany:
    quantifier = draw(st.sampled_from(("any", "all", "none", "primary")))
    return OfCompany(quantifier, draw(rules(universe, Entity.COMPANY, depth - 1)))


@st.composite
def of_people(draw: st.DrawFn, universe: Universe, depth: int) -> OfPeople:
    inner = draw(rules(universe, Entity.PERSON, depth - 1))
    answers = {
        id(each): answer for each, answer in zip(universe.people, universe.answers(inner, Entity.PERSON), strict=True)
    }
    counts = [{"people": sum(answers[id(person)] for person in each.people)} for each in universe.companies]
    condition = draw(_asked(World(tuple(counts), universe.moment, (measure.PEOPLE,), {}), measure.PEOPLE))
    return OfPeople(inner, condition.operator, condition.value)


@st.composite
def samples(draw: st.DrawFn, universe: Universe, entity: Entity) -> Sample:
    salt = draw(st.sampled_from(("A", "B", "é 1")))
    exact = [float(bucket(salt, each.external_id)) for each in universe.of(entity)]
    ends = st.one_of(st.sampled_from((0, 10, 50, 100, 99.9)), st.sampled_from(exact))
    return Sample(salt, *sorted((draw(ends), draw(ends))))
