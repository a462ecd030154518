"""What people did, as conditions ask for it.

"At least n times since a day" is a threshold on when the n-th most recent time was. Such columns do not depend on the
day, so they are worked out once for all days. Everything else is measured over the window that is asked for; of what
was measured, all is kept but the few people who have an event in the very minutes of the limit (`dated.py`).
"""

import hashlib
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import Attribute, Kind, Schema
from segcore.engine import derived, measures
from segcore.engine.bits import Bits
from segcore.engine.cache import Cache
from segcore.engine.columns import Columns
from segcore.engine.conditions import Conditions
from segcore.engine.dated import Band, Dated
from segcore.engine.derived import Measured
from segcore.engine.events import Events, Instants, Log, People, first_at_most
from segcore.engine.measures import Chosen
from segcore.problems import NotFound, SegcoreError
from segcore.rules import calendar
from segcore.rules.measure import asked
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY
from segcore.rules.tree import AllOf, AnyOf, Condition, NoneOf, Performed, Rule, Sequence, walk
from segcore.rules.windows import bounds

# Operators on dates that hold here and there, not from one instant to another.
NO_WINDOW = frozenset({"weekday_is", "anniversary_within"})


@dataclass(frozen=True, slots=True)
class Behaviour:
    """The events of so many people, asked at one moment."""

    events: Events
    schema: Schema
    moment: Moment
    cache: Cache
    total: int
    _chosen: dict[Hashable, Chosen] = field(default_factory=dict)

    def performed(self, node: Performed) -> Bits:
        """For whom the operator's answer on the measure is yes."""
        attribute, condition = asked(node, self.schema)
        start, end = bounds(node.within, self.moment)
        chosen = self._choose(node.event, node.where, end)
        kept = self.cache.get(self._name(chosen, node, start))
        if isinstance(kept, Measured):  # somebody asked for the values themselves, and they are quick to compare
            return derived.ask(kept, attribute, condition, self.moment, self.total, self.cache)
        found = None
        if node.measure == "count":
            found = derived.compared(condition, lambda limit, strict: self._often(chosen, limit, strict, start))
        elif node.measure in ("first", "last"):
            found = self._when(chosen, node, condition, start)
        elif node.measure == "sum":
            found = self._summed(chosen, node, condition, start)
        if found is None:
            measured = self._measured(chosen, node, start)
            found = derived.ask(measured, attribute, condition, self.moment, self.total, self.cache)
        return found

    def missing(self, node: Performed) -> int:
        """How many people have no such value: no events, so no average of them."""
        start, end = bounds(node.within, self.moment)
        return self._measured(self._choose(node.event, node.where, end), node, start).missing(self.total)

    def values(self, node: Performed) -> pl.Series:
        """What the events of each person come to, who has any, and last of all what everybody else has."""
        start, end = bounds(node.within, self.moment)
        return self._measured(self._choose(node.event, node.where, end), node, start).values

    def matching(self, event: str, where: Rule) -> int:
        """How many events of a name, of anybody, meet a rule over their properties."""
        _, end = bounds(None, self.moment)
        return len(self._choose(event, where, end).stretch)

    def sequence(self, node: Sequence) -> Bits:
        """Who did the steps one after the other.

        A step is reached by every event that has one of the step before it soon enough before it; of those the latest
        one decides.
        """
        start, end = bounds(node.within, self.moment)
        steps = [self._choose(step.event, step.where, end).stretch for step in node.steps]
        name = ("sequence", tuple(step.token for step in steps), start, node.each_within, self.total)
        kept = self.cache.get(name)
        if isinstance(kept, Bits):
            return kept
        # Only those who did all of it, in whatever order, can have done it in this one.
        able = np.ones(self.total, np.bool_)
        for step in steps:
            did = np.zeros(self.total, np.bool_)
            did[step.who] = True
            able &= did
        gap = None if node.each_within is None else node.each_within.amount * calendar.UNIT[node.each_within.unit]
        people, at = np.zeros(0, np.int32), np.zeros(0, np.int64)
        for number, step in enumerate(steps):
            fits = able[step.people] if start is None else able[step.people] & (step.at >= start)
            now, when = step.people[fits], step.at[fits]
            if number:
                follows = _following(people, at, now, when, gap)
                now, when = now[follows], when[follows]
            people, at = now, when
        bits = Bits.of_rows(people, self.total)
        self.cache.put(name, bits, bits.size)
        return bits

    def _choose(self, event: str, where: Rule | None, end: int) -> Chosen:
        """The events of a name that meet a rule and are before an instant."""
        if event not in self.schema.events and event not in self.events.by_name:
            raise NotFound(f"There is no event called {event}.")
        known = self._chosen.get((event, where, end))
        if known is None:
            known = self._chosen[event, where, end] = self._picked(self.events.of(event), where, end)
        return known

    def _picked(self, log: Log, where: Rule | None, end: int) -> Chosen:
        mask = None if where is None else self._meeting(log, where).mask()
        if log.latest is not None and log.latest >= end:
            before = log.at < end
            mask = before if mask is None else mask & before
        if mask is None or mask.all():
            return Chosen.of(log, None)
        # What lies in it says what it is: whatever the clock says, as long as the same events count it is the same.
        name = ("chosen", log.token, hashlib.sha256(np.packbits(mask).data).digest())
        kept = self.cache.get(name)
        if isinstance(kept, Chosen):
            return kept
        chosen = Chosen.of(log, mask)
        self.cache.put(name, chosen, chosen.size)
        return chosen

    def _meeting(self, log: Log, where: Rule) -> Bits:
        """The events whose properties meet a rule."""
        wanted = [node for _, node in walk(where) if isinstance(node, Condition)]
        columns = Columns(
            np.zeros(0, np.int64), {each.attribute: log.column(self._property(each.attribute)) for each in wanted}
        )
        conditions = Conditions(columns, self.schema.properties, self.moment, self.cache)
        answers = conditions.answers(dict.fromkeys(wanted))

        def combined(rule: Rule) -> Bits:
            match rule:
                case Condition():
                    return answers[rule]
                case AllOf(rules):
                    found = Bits.everyone(len(log))
                    for each in rules:
                        found = found & combined(each)
                    return found
                case AnyOf(rules) | NoneOf(rules):
                    found = Bits.none(len(log))
                    for each in rules:
                        found = found | combined(each)
                    return ~found if isinstance(rule, NoneOf) else found
            raise SegcoreError(f"“where” asks properties of the event only: {rule}.")

        return combined(where)

    def _property(self, key: str) -> Attribute:
        if key not in self.schema.properties:
            raise NotFound(f"There is no property of events called {key}.")
        return self.schema.properties[key]

    def _often(self, chosen: Chosen, limit: float, strict: bool, start: int | None) -> Bits:
        """Who has at least (or more than) so many events since an instant."""
        n = derived.whole_limit(limit, strict)
        if n <= 0:
            return Bits.everyone(self.total)
        if n > chosen.stretch.most:
            return Bits.none(self.total)
        return self._nth(chosen, n, start)

    def _nth(self, chosen: Chosen, n: int, start: int | None) -> Bits:
        name = ("nth", chosen.stretch.token, n)
        return self._since(name, chosen, start, lambda: measures.nth(chosen.stretch, n, self.total))

    def _when(self, chosen: Chosen, node: Performed, condition: Condition, start: int | None) -> Bits | None:
        """Whose first or last time lies where a condition on dates wants it; None where that is no stretch of time."""
        operator = BY_KEY[condition.operator]
        positive = operator.complement_of or operator.key
        if condition.value is None or positive in NO_WINDOW or (node.measure == "first" and start is not None):
            return None
        if not len(chosen.stretch):
            low, high = None, None
        else:
            window = calendar.window(positive, condition.value, Kind.DATETIME, self.moment, condition.include_future)
            low, high = window.low, window.high

        def since(at: int | None) -> Bits:
            if not len(chosen.stretch):
                return Bits.none(self.total)
            if node.measure == "last":
                latest = at if start is None else start if at is None else max(at, start)
                return self._nth(chosen, 1, latest)
            name = ("first", chosen.stretch.token)
            return self._since(name, chosen, at, lambda: measures.first(chosen.stretch, self.total))

        found = since(low) if high is None else since(low) & ~since(high)
        if operator.complement_of is None:
            return found
        return ~found if condition.include_missing else since(None) & ~found

    def _summed(self, chosen: Chosen, node: Performed, condition: Condition, start: int | None) -> Bits | None:
        """Whose sum since an instant is as asked; None where the column of sums has to be asked."""
        assert node.of is not None
        of = self._property(node.of)
        if any(isinstance(each, int) and abs(each) > 2**53 for each in _numbers(condition)):
            return None
        mark = chosen.stretch.scale.mark(start)

        def over(limit: float, strict: bool) -> Bits:
            name = ("sum", chosen.stretch.token, chosen.log.column(of).token, limit, strict, mark, self.total)
            above = np.greater if strict else np.greater_equal
            return self._band(
                name, lambda: measures.summed(chosen, of, mark, lambda totals: above(totals, limit), self.total)
            ).since(start)

        return derived.compared(condition, over)

    def _since(
        self, name: tuple[Hashable, ...], chosen: Chosen, start: int | None, derive: Callable[[], Dated]
    ) -> Bits:
        """Who has the instant of a derived column, and not before the start."""
        mark = chosen.stretch.scale.mark(start)

        def band() -> Band:
            kept = self.cache.get((*name, self.total))
            if not isinstance(kept, Dated):
                kept = derive()
                self.cache.put((*name, self.total), kept, kept.size)
            return kept.band(mark)

        return self._band((*name, mark, self.total), band).since(start)

    def _band(self, name: Hashable, make: Callable[[], Band]) -> Band:
        kept = self.cache.get(name)
        if not isinstance(kept, Band):
            kept = make()
            self.cache.put(name, kept, kept.size)
        return kept

    def _name(self, chosen: Chosen, node: Performed, start: int | None) -> Hashable:
        column = None if node.of is None else chosen.log.column(self._property(node.of)).token
        return ("measured", chosen.stretch.token, node.measure, column, start, self.moment.zone.key)

    def _measured(self, chosen: Chosen, node: Performed, start: int | None) -> Measured:
        of = None if node.of is None else self._property(node.of)
        zone = self.moment.zone
        name = self._name(chosen, node, start)
        kept = self.cache.get(name)
        if not isinstance(kept, Measured):
            kept = measures.measured(chosen, node.measure, of, start, zone)
            self.cache.put(name, kept, kept.size)
        return kept


def _numbers(condition: Condition) -> tuple[object, ...]:
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


def _following(people: People, at: Instants, now: People, when: Instants, gap: int | None) -> NDArray[np.bool_]:
    """Which of the events `now`, `when` come after one of the others of the same person, by at most the gap."""
    low, high = np.searchsorted(people, now, "left"), np.searchsorted(people, now, "right")
    place = first_at_most(at, low, high, when - 1)
    follows: NDArray[np.bool_] = place < high
    if gap is not None:
        follows[follows] = when[follows] - at[place[follows]] <= gap
    return follows
