"""When time alone changes an answer: for one person or company, every instant to come at which a rule turns.

Each node has a few instants at which it could turn: a value reaches an age, a day begins, an event of the future comes
or an event of the past leaves its window. The row interpreter is asked at those, and nowhere between them can it turn.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from segcore.attributes import Entity, Schema
from segcore.rules import calendar, interpret, measure, tree, values
from segcore.rules.interpret import Happened, Subject
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Operand
from segcore.rules.tree import (
    Ago,
    AllOf,
    AnyOf,
    Condition,
    InSegment,
    NoneOf,
    OfCompany,
    OfPeople,
    Performed,
    Rule,
    Sample,
    walk,
)

LATEST = calendar.LAST_INSTANT - 8 * calendar.DAY  # as far as calendars reach in every zone
# All that anniversaries do among themselves, leap years and a century without one included, comes round in so many years.
ROUND = 12
DEEPEST = 100  # nodes inside each other, through segments and crossings, that are followed by recursion


@dataclass(frozen=True, slots=True)
class Timeline:
    """An answer now, and the instants (microseconds since 1970) at which it turns, in order."""

    now: bool
    turns: tuple[int, ...] = ()

    def at(self, instant: int) -> bool:
        """The answer at an instant that is not before now."""
        return self.now ^ (sum(turn <= instant for turn in self.turns) % 2 == 1)


class _Deeper(Exception):
    """A rule lies so deep in others that its timeline is made first."""

    def __init__(self, rule: Rule, subject: Subject, entity: Entity) -> None:
        super().__init__()
        self.question = (rule, subject, entity)


@dataclass
class Timelines:
    """The timelines of rules from one moment on; each is worked out once a subject."""

    schema: Schema
    moment: Moment
    segments: Mapping[str, Rule]
    years: int = 0  # how far anniversaries are followed
    last: int = 0  # the latest instant at which anything but an anniversary could turn
    known: dict[tuple[int, Entity, Rule], Timeline] = field(default_factory=dict)
    depth: int = 0

    def __post_init__(self) -> None:
        self.start = self.last = calendar.microseconds(self.moment.now)
        self.years = self.moment.now.year + ROUND

    def of(self, rule: Rule, subject: Subject, entity: Entity) -> Timeline:
        """The timeline of a rule for a subject."""
        found = self._followed(rule, subject, entity)
        reach = calendar.instant(self.last).year + ROUND
        if reach > self.years:
            # Something else turns later than anniversaries were followed: follow them as far.
            self.years = reach
            self.known.clear()
            found = self._followed(rule, subject, entity)
        return found

    def _followed(self, rule: Rule, subject: Subject, entity: Entity) -> Timeline:
        """However deep segments stand on each other."""
        waiting = [(rule, subject, entity)]
        while True:
            self.depth = 0
            try:
                found = self._of(*waiting[-1])
            except _Deeper as deeper:
                waiting.append(deeper.question)
                continue
            waiting.pop()
            if not waiting:
                return found

    def _of(self, rule: Rule, subject: Subject, entity: Entity) -> Timeline:
        key = (id(subject), entity, rule)
        if key not in self.known:
            if self.depth == DEEPEST:
                raise _Deeper(rule, subject, entity)
            self.depth += 1
            self.known[key] = self._made(rule, subject, entity)
            self.depth -= 1
        return self.known[key]

    def _made(self, rule: Rule, subject: Subject, entity: Entity) -> Timeline:
        match rule:
            case AllOf(rules):
                return _merged([self._of(child, subject, entity) for child in rules], lambda yes, of: yes == of)
            case AnyOf(rules):
                return _merged([self._of(child, subject, entity) for child in rules], lambda yes, of: yes > 0)
            case NoneOf(rules):
                return _merged([self._of(child, subject, entity) for child in rules], lambda yes, of: yes == 0)
            case InSegment(key, operator):
                inside = self._of(self.segments[key], subject, entity)
                return inside if operator == "in" else Timeline(not inside.now, inside.turns)
            case Condition(key):
                value = subject.values.get(key)
                return self._leaf(rule, subject, entity, self.turning(rule, value))
            case Performed():
                return self._leaf(rule, _only(subject, {rule.event}), entity, self._performed(rule, subject))
            case tree.Sequence(steps):
                names = {step.event for step in steps}
                return self._leaf(rule, _only(subject, names), entity, self._sequence(rule, subject))
            case OfCompany(quantifier, inner):
                return self._of_company(quantifier, inner, subject)
            case OfPeople(inner, operator, value):
                asked = Condition(measure.PEOPLE.key, operator, value)
                people = [self._of(inner, person, Entity.PERSON) for person in subject.people]
                return _merged(people, lambda yes, of: interpret.answer(asked, yes, self.moment))
            case Sample():
                return Timeline(interpret.holds(rule, subject, self.schema, entity, self.moment))

    def _of_company(self, quantifier: str, inner: Rule, subject: Subject) -> Timeline:
        if quantifier == "primary":
            if subject.primary is None:
                return Timeline(False)
            return self._of(inner, subject.companies[subject.primary], Entity.COMPANY)
        companies = [self._of(inner, company, Entity.COMPANY) for company in subject.companies]
        match quantifier:
            case "any":
                return _merged(companies, lambda yes, of: yes > 0)
            case "all":
                return _merged(companies, lambda yes, of: 0 < yes == of)
            case _:
                return _merged(companies, lambda yes, of: yes == 0)

    def _leaf(self, rule: Rule, subject: Subject, entity: Entity, candidates: Iterable[int]) -> Timeline:
        def holds(moment: Moment) -> bool:
            return interpret.holds(rule, subject, self.schema, entity, moment, self.segments)

        now = answer = holds(self.moment)
        turns = []
        for at in sorted({at for at in candidates if self.start < at <= LATEST}):
            then = holds(self.then(at))
            if then is not answer:
                turns.append(at)
                answer = then
        return Timeline(now, tuple(turns))

    def then(self, at: int) -> Moment:
        """The same calendar at another instant."""
        return Moment(calendar.instant(at), self.moment.zone, self.moment.week_start)

    # The instants at which a node could turn

    def turning(self, condition: Condition, value: object) -> Iterator[int]:
        """Those of a condition on one value."""
        operator = BY_KEY[condition.operator]
        if not operator.timed or not isinstance(value, date):
            return
        amount = condition.value
        if operator.operand is Operand.AGO and isinstance(amount, Ago):
            unit = calendar.UNIT[amount.unit]
            at, limit = self._instant(value), amount.amount * unit
            for reached in (at - limit, at, at + limit, at + limit + unit):
                yield from self._noted((reached, reached + 1))
            return
        day = values.local_day(value, self.moment.zone)
        match operator.operand, amount:
            case Operand.PERIOD, str():
                yield from self._noted(self._period(amount, day))
            case Operand.DAYS, int():
                yield from self._noted(self._days((day.toordinal(), day.toordinal() + amount)))
            case Operand.WITHIN, Ago():
                yield from self._days(self._anniversaries(day, amount.amount))

    def _noted(self, instants: Iterable[int]) -> Iterator[int]:
        for at in instants:
            if at <= LATEST:
                self.last = max(self.last, at)
                yield at

    def _instant(self, value: date) -> int:
        if isinstance(value, datetime):
            return calendar.microseconds(value)
        return calendar.day_start(value.toordinal(), self.moment.zone)

    def _days(self, ordinals: Iterable[int]) -> Iterator[int]:
        for day in ordinals:
            if calendar.FIRST + 8 < day < calendar.LAST - 8:
                yield calendar.day_start(day, self.moment.zone)

    def _period(self, word: str, day: date) -> Iterator[int]:
        """The beginnings of the period that a day lies in, of the one before and of the next two."""
        unit = word.rpartition("_")[2]
        ordinal = day.toordinal()
        if unit in ("today", "yesterday", "tomorrow"):
            return self._days(range(ordinal - 1, ordinal + 3))
        if unit == "week":
            first = ordinal - (ordinal - (1 if self.moment.week_start == "monday" else 0)) % 7
            return self._days(range(first - 7, first + 15, 7))
        months = {"month": 1, "quarter": 3, "year": 12}[unit]
        number = (day.year * 12 + day.month - 1) // months
        return self._days(calendar.month_start((number + away) * months) for away in range(-1, 3))

    def _anniversaries(self, day: date, before: int) -> Iterator[int]:
        for year in range(self.moment.now.year - 1, min(self.years, date.max.year) + 1):
            try:
                again = date(year, day.month, day.day)
            except ValueError:  # 29 February in another year
                again = date(year, 3, 1)
            yield again.toordinal() - before
            yield again.toordinal() + 1

    def _performed(self, rule: Performed, subject: Subject) -> Iterator[int]:
        _, condition = measure.asked(rule, self.schema)
        for event in subject.events:
            if event.name == rule.event:
                yield from self._event(event, rule.within, rule.where)
                value = event.at if rule.of is None else event.properties.get(rule.of)
                yield from self.turning(condition, value)

    def _sequence(self, rule: tree.Sequence, subject: Subject) -> Iterator[int]:
        for event in subject.events:
            for step in rule.steps:
                if step.event == event.name:
                    yield from self._event(event, rule.within, step.where)

    def _event(self, event: Happened, within: tree.Window, where: Rule | None) -> Iterator[int]:
        """When an event comes, leaves its window, or is asked another way by a date among its properties."""
        at = calendar.microseconds(event.at)
        yield from self._noted((at,))
        match within:
            case tree.Last(amount):
                yield from self._noted((at + amount.amount * calendar.UNIT[amount.unit] + 1,))
            case tree.Period(word):
                yield from self._noted(self._period(word, values.local_day(event.at, self.moment.zone)))
        for _, node in walk(where) if where is not None else ():
            if isinstance(node, Condition):
                yield from self.turning(node, event.properties.get(node.attribute))


def _only(subject: Subject, names: Iterable[str]) -> Subject:
    """The subject with those of its events that matter, since they are looked through at every instant."""
    kept = tuple(event for event in subject.events if event.name in names)
    return Subject({}, events=kept, external_id=subject.external_id)


def _merged(parts: Sequence[Timeline], holds: Callable[[int, int], bool]) -> Timeline:
    """One timeline of several, by how many of them hold."""
    yes = sum(part.now for part in parts)
    now = answer = holds(yes, len(parts))
    turns = []
    steps: dict[int, int] = {}
    for part in parts:
        for index, at in enumerate(part.turns):
            steps[at] = steps.get(at, 0) + (1 if part.now ^ (index % 2 == 0) else -1)
    for at in sorted(steps):
        yes += steps[at]
        then = holds(yes, len(parts))
        if then is not answer:
            turns.append(at)
            answer = then
    return Timeline(now, tuple(turns))
