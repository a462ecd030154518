"""Whether a rule holds for one person or company, in plain Python: it explains them, and proves the columns right.

It shares the tree, the kinds and the operator table with the columns, and nothing that computes: windows, samples and
measures are worked out here once more, from the events themselves.
"""

import math
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from fractions import Fraction
from hashlib import sha256
from typing import Any, cast

from segcore.attributes import EXTERNAL_ID, Attribute, Entity, Kind, Schema
from segcore.problems import InvalidRule, Problem, SegcoreError
from segcore.rules import measure, tree, values
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY
from segcore.rules.text import fold
from segcore.rules.tree import AllOf, AnyOf, Condition, InSegment, NoneOf, OfCompany, OfPeople, Performed, Rule, Sample

Row = Mapping[str, object]

DEEPEST = 10  # rules inside each other, through segments and crossings, that are followed by recursion


@dataclass(frozen=True, slots=True)
class Happened:
    """One event of a person; properties by key, as plain Python values."""

    name: str
    at: datetime
    properties: Mapping[str, object]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Subject:
    """A person with events and companies, or a company with people. Events of the same instant lie in the order of arrival."""

    values: Row
    events: Sequence[Happened] = ()
    companies: "Sequence[Subject]" = ()
    primary: int | None = None  # which of the companies
    people: "Sequence[Subject]" = ()
    external_id: str = ""


def holds(
    rule: Rule,
    subject: Row | Subject,
    schema: Schema,
    entity: Entity,
    moment: Moment,
    segments: Mapping[str, Rule] | None = None,
) -> bool:
    """The rule's answer for a subject, or for a mere row; values by attribute key, a missing one absent, None or NaN."""
    if not isinstance(subject, Subject):
        subject = Subject(subject, external_id=str(subject.get(EXTERNAL_ID, "")))
    return Asking(schema, moment, segments or {}).answer(rule, subject, entity)


def answer(condition: Condition, value: object, moment: Moment) -> bool:
    """The condition's answer on one value."""
    operator = BY_KEY[condition.operator]
    nothing = missing(value)
    if operator.complement_of is not None:
        if nothing and not condition.include_missing:
            return False
        return not answer(replace(condition, operator=operator.complement_of), value, moment)
    if nothing:
        return operator.missing
    assert operator.holds is not None
    return operator.holds(value, condition, moment)


def missing(value: object) -> bool:
    """Whether a value is none."""
    return value is None or (isinstance(value, float) and math.isnan(value))


class _Deeper(Exception):
    """A rule lies so deep in others that it is answered by itself first."""

    def __init__(self, rule: Rule, subject: Subject, entity: Entity) -> None:
        super().__init__()
        self.question = (rule, subject, entity)


@dataclass(slots=True)
class Asking:
    """Answers at one moment. Segments, and rules over companies and people of somebody, are answered once a subject."""

    schema: Schema
    moment: Moment
    segments: Mapping[str, Rule]
    # By the rule's identity, which stands for it as long as it is held here.
    _known: dict[tuple[int, Subject], tuple[Rule, bool]] = field(default_factory=dict)
    _depth: int = 0

    def answer(self, rule: Rule, subject: Subject, entity: Entity) -> bool:
        """Whether the rule holds; a segment may stand on another one as deep as there are segments."""
        waiting = [(rule, subject, entity)]
        while True:
            self._depth = 0
            try:
                found = self._once(*waiting[-1])
            except _Deeper as deeper:
                if any(deeper.question[0] is known and deeper.question[1] is of for known, of, _ in waiting):
                    raise SegcoreError("Segments refer to each other in a circle.") from None
                waiting.append(deeper.question)
                continue
            waiting.pop()
            if not waiting:
                return found

    def _once(self, rule: Rule, subject: Subject, entity: Entity) -> bool:
        known = self._known.get((id(rule), subject))
        if known is None:
            if self._depth == DEEPEST:
                raise _Deeper(rule, subject, entity)
            self._depth += 1
            known = self._known[id(rule), subject] = rule, self._holds(rule, subject, entity)
            self._depth -= 1
        return known[1]

    def _holds(self, rule: Rule, subject: Subject, entity: Entity) -> bool:
        match rule:
            case AllOf(rules):
                return all(self._holds(child, subject, entity) for child in rules)
            case AnyOf(rules):
                return any(self._holds(child, subject, entity) for child in rules)
            case NoneOf(rules):
                return not any(self._holds(child, subject, entity) for child in rules)
            case InSegment(key, operator):
                if key not in self.segments:
                    raise InvalidRule([Problem((), f"There is no segment “{key}”.")])
                inside = self._once(self.segments[key], subject, entity)
                return inside if operator == "in" else not inside
            case Condition(key):
                if key not in self.schema.of(entity):
                    raise InvalidRule([Problem((), f"No attribute is called “{key}”.")])
                return answer(rule, subject.values.get(key), self.moment)
            case Performed():
                _, condition = measure.asked(rule, self.schema)
                return answer(condition, measured(rule, subject, self.schema, self.moment), self.moment)
            case tree.Sequence():
                return in_order(rule, subject, self.schema, self.moment)
            case OfCompany():
                return self._of_company(rule, subject)
            case OfPeople(inner, operator, value):
                number = sum(self._once(inner, person, Entity.PERSON) for person in subject.people)
                return answer(Condition(measure.PEOPLE.key, operator, value), number, self.moment)
            case Sample(_, start, end):
                return Fraction(start) <= bucket(rule.salt, subject.external_id) < Fraction(end)

    def _of_company(self, rule: OfCompany, subject: Subject) -> bool:
        if rule.quantifier == "primary":
            if subject.primary is None:
                return False
            return self._once(rule.rule, subject.companies[subject.primary], Entity.COMPANY)
        answers = [self._once(rule.rule, company, Entity.COMPANY) for company in subject.companies]
        match rule.quantifier:
            case "any":
                return any(answers)
            case "all":
                return bool(answers) and all(answers)
            case _:
                return not any(answers)


def bucket(salt: str, external_id: str) -> Fraction:
    """Where a sample puts somebody, in [0, 100), exactly."""
    digest = sha256(f"{salt}:{external_id}".encode()).digest()
    return Fraction(int.from_bytes(digest[:8], "big") * 100, 2**64)


def happened(
    name: str, where: Rule | None, within: tree.Window, subject: Subject, schema: Schema, moment: Moment
) -> list[Happened]:
    """The events that count, oldest first."""
    counted = [
        each
        for each in subject.events
        if each.name == name
        and _inside(each.at, within, moment)
        and (where is None or _meets(where, each, schema, moment))
    ]
    return sorted(counted, key=lambda each: each.at)


def _inside(at: datetime, within: tree.Window, moment: Moment) -> bool:
    if at > moment.now:
        return False
    match within:
        case None:
            return True
        case tree.Last(amount):
            return _short_enough(moment.now - at, amount)
        case tree.Span(start, end):
            early = start is not None and at < datetime.fromisoformat(start)
            late = end is not None and at >= datetime.fromisoformat(end)
            return not early and not late
        case tree.Period(word):
            return values.in_period(at, Condition("", "in_period", word), moment)


def _short_enough(passed: timedelta, amount: tree.Ago) -> bool:
    seconds = {"minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}[amount.unit]
    return passed // timedelta(microseconds=1) <= amount.amount * seconds * 1_000_000


def _meets(where: Rule, event: Happened, schema: Schema, moment: Moment) -> bool:
    match where:
        case AllOf(rules):
            return all(_meets(child, event, schema, moment) for child in rules)
        case AnyOf(rules):
            return any(_meets(child, event, schema, moment) for child in rules)
        case NoneOf(rules):
            return not any(_meets(child, event, schema, moment) for child in rules)
        case Condition(key):
            if key not in schema.properties:
                raise InvalidRule([Problem((), f"No property of events is called “{key}”.")])
            return answer(where, event.properties.get(key), moment)
    raise InvalidRule([Problem((), "“where” asks properties of the event only.")])


def measured(performed: Performed, subject: Subject, schema: Schema, moment: Moment) -> object:
    """What the events of a subject come to; None is missing."""
    events = happened(performed.event, performed.where, performed.within, subject, schema, moment)
    match performed.measure:
        case "count":
            return len(events)
        case "days":
            return len({values.local_day(each.at, moment.zone) for each in events})
        case "first":
            return events[0].at if events else None
        case "last":
            return events[-1].at if events else None
    assert performed.of is not None
    of = schema.properties[performed.of]
    present = [value for each in events if not missing(value := each.properties.get(of.key))]
    if performed.measure == "distinct":
        return len({part for value in present for part in _parts(value, of)})
    return _figure(performed.measure, present)


def _parts(value: object, of: Attribute) -> Sequence[object]:
    """What counts as one value: texts folded, the elements of a list each for itself."""
    if of.kind is Kind.LIST and isinstance(value, list | tuple):
        return [fold(each) for each in value]
    return [fold(value) if isinstance(value, str) else value]


def _figure(how: str, present: Sequence[object]) -> object:
    if how in ("min", "max"):
        ordered: list[Any] = sorted(cast("Sequence[Any]", present))
        return (ordered[0] if how == "min" else ordered[-1]) if ordered else None
    # One after the other, the newest first: `sum` of Python corrects its rounding, `fsum` more so, and columns do neither.
    total = 0.0
    for value in reversed(present):
        assert isinstance(value, int | float)
        total += float(value)
    if how == "sum":
        return total
    return total / len(present) if present else None


def in_order(sequence: tree.Sequence, subject: Subject, schema: Schema, moment: Moment) -> bool:
    """Whether the steps were done one after the other."""
    reached: list[datetime] | None = None
    for step in sequence.steps:
        times = [each.at for each in happened(step.event, step.where, sequence.within, subject, schema, moment)]
        if reached is not None:
            times = [at for at in times if _follows(at, reached, sequence.each_within)]
        if not times:
            return False
        reached = times
    return True


def _follows(at: datetime, reached: Sequence[datetime], each_within: tree.Ago | None) -> bool:
    """Whether a step at this time comes after, and soon enough after, some time at which the one before was reached."""
    earlier = bisect_left(reached, at)
    return earlier > 0 and (each_within is None or _short_enough(at - reached[earlier - 1], each_within))
