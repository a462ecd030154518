"""Rules as one graph over a snapshot: every distinct node is answered once, as a set of rows, and groups combine them."""

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import and_, or_

from segcore.attributes import EXTERNAL_ID, Entity
from segcore.engine import samples
from segcore.engine.behaviour import Behaviour
from segcore.engine.bits import Bits
from segcore.engine.cache import Cache
from segcore.engine.columns import Column
from segcore.engine.conditions import Conditions
from segcore.engine.derived import Measured, ask
from segcore.engine.state import Snapshot
from segcore.problems import NotFound, SegcoreError
from segcore.rules.measure import PEOPLE
from segcore.rules.moment import Moment
from segcore.rules.tree import (
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
    Sequence,
    walk_over,
)

# Texts are read for some rows only where at most this part of all is left.
NARROW = 4

Question = tuple[Entity, Rule]


class Answers:
    """One snapshot at one instant. It holds what it answered for as long as it lives, so every number agrees."""

    def __init__(self, snapshot: Snapshot, moment: Moment, segments: Mapping[str, Question], cache: Cache) -> None:
        self.snapshot = snapshot
        self.moment = moment
        self.cache = cache
        self._segments = segments
        self._conditions = {
            entity: Conditions(snapshot.of(entity), snapshot.schema.of(entity), moment, cache) for entity in Entity
        }
        self._answers: dict[Entity, dict[Rule, Bits]] = {entity: {} for entity in Entity}
        self._members: dict[str, Bits] = {}
        self.behaviour = Behaviour(snapshot.events, snapshot.schema, moment, cache, snapshot.people.height)

    def bits(self, entity: Entity, rule: Rule) -> Bits:
        """Who a rule holds for."""
        if isinstance(rule, AllOf) and (late := self._late(entity, rule)):
            rest = self.bits(entity, AllOf(tuple(child for child in rule.rules if child not in late)))
            if rest.count() * NARROW < rest.length:
                rows = rest.rows()
                for condition in late:
                    rows = self._conditions[entity].among(condition, rows)
                return Bits.of_rows(rows, rest.length)
        self.prepare([(entity, rule)])
        return self.of(entity, rule)

    def prepare(self, questions: Iterable[Question]) -> None:
        """Answer the conditions of rules, and the segments they stand on, so that combining is all that is left.

        Together they share the processors, and one pass over the columns.
        """
        asked = list(questions)
        references = self._references(asked)
        wanted: dict[Entity, dict[Condition, None]] = {entity: {} for entity in Entity}
        for entity, rule in (*asked, *(self._segments[key] for key in references)):
            for _, node, over in walk_over(rule, entity):
                if isinstance(node, Condition) and over is not None:
                    wanted[over][node] = None
        for entity, conditions in wanted.items():
            self.answer(entity, conditions)
        for key in references:
            self._members[key] = self.of(*self._segments[key])

    def of(self, entity: Entity, rule: Rule) -> Bits:
        """Who a rule holds for that was prepared, or is part of one that was."""
        match rule:
            case AllOf(rules):
                return reduce(and_, (self.of(entity, each) for each in rules)) if rules else self._all(entity)
            case AnyOf(rules):
                return reduce(or_, (self.of(entity, each) for each in rules)) if rules else ~self._all(entity)
            case NoneOf(rules):
                return ~self.of(entity, AnyOf(rules))
            case InSegment(segment, "in"):
                return self._members[segment]
            case InSegment(segment):
                return ~self._members[segment]
        known = self._answers[entity].get(rule)
        if known is None:
            known = self._answers[entity][rule] = self._leaf(entity, rule)
        return known

    def answer(self, entity: Entity, wanted: Iterable[Condition]) -> None:
        """Answer those of the conditions that are not yet, in one go."""
        known = self._answers[entity]
        new = [condition for condition in wanted if condition not in known]
        for condition in new:
            self.column(entity, condition.attribute)
        for condition, bits in self._conditions[entity].answers(new).items():
            known[condition] = bits

    def people_matching(self, node: OfPeople) -> Measured:
        """For each company how many of its people match."""
        matching = self.of(Entity.PERSON, node.rule)
        name = ("people of", self.snapshot.pairs.token, matching.digest)
        kept = self.cache.get(name)
        if not isinstance(kept, Measured):
            kept = self.snapshot.pairs.of_people(matching)
            self.cache.put(name, kept, kept.size)
        return kept

    def column(self, entity: Entity, key: str) -> Column:
        """The column of an attribute, which must exist."""
        column = self.snapshot.of(entity).by_key.get(key)
        if column is None:
            near = self.snapshot.schema.nearest(entity, key)
            raise NotFound(f"There is no attribute called {key}.", f"Did you mean {near}?" if near else "")
        return column

    def _leaf(self, entity: Entity, rule: Rule) -> Bits:
        """The answer of one node that is no group and no reference."""
        match rule, entity:
            case Condition(), _:
                self.answer(entity, [rule])
                return self._answers[entity][rule]
            case Performed(), Entity.PERSON:
                return self.behaviour.performed(rule)
            case Sequence(), Entity.PERSON:
                return self.behaviour.sequence(rule)
            case OfCompany(quantifier, inner), Entity.PERSON:
                matching = self.of(Entity.COMPANY, inner)
                name = ("of company", self.snapshot.pairs.token, quantifier, matching.digest)
                kept = self.cache.get(name)
                if not isinstance(kept, Bits):
                    kept = self.snapshot.pairs.of_company(quantifier, matching)
                    self.cache.put(name, kept, kept.size)
                return kept
            case OfPeople(_, operator, value), Entity.COMPANY:
                condition = Condition(PEOPLE.key, operator, value)
                total = self.snapshot.height(entity)
                return ask(self.people_matching(rule), PEOPLE, condition, self.moment, total, self.cache)
            case Sample(), _:
                return samples.bits(rule, self.column(entity, EXTERNAL_ID), self.cache)
        raise SegcoreError(f"This part of a rule cannot be counted: {rule}.")

    def _all(self, entity: Entity) -> Bits:
        return Bits.everyone(self.snapshot.height(entity))

    def _late(self, entity: Entity, rule: AllOf) -> list[Condition]:
        """The conditions of an `all` that are better asked of those rows only that the others leave."""
        answered, conditions = self._answers[entity], self._conditions[entity]
        leaves = [
            child for child in dict.fromkeys(rule.rules) if isinstance(child, Condition) and child not in answered
        ]
        return [leaf for leaf in leaves if len(rule.rules) > 1 and conditions.is_first_scan(leaf)]

    def _references(self, questions: list[Question]) -> list[str]:
        """The segments that rules stand on and that are not answered yet, each after those it stands on itself.

        Without recursion, because one may refer to another as deep as there are segments.
        """
        done: list[str] = []
        finished = set(self._members)
        open_keys: dict[str, None] = {}
        first = dict.fromkeys(each for entity, rule in questions for each in _references_in(entity, rule))
        waiting: list[tuple[str | None, Iterator[tuple[Entity, str]]]] = [(None, iter(first))]
        while waiting:
            holder, following = waiting[-1]
            holds, key = next(following, (None, ""))
            if holds is None:
                waiting.pop()
                if holder is not None:
                    del open_keys[holder]
                    finished.add(holder)
                    done.append(holder)
                continue
            if key in open_keys:
                circle = [*list(open_keys)[list(open_keys).index(key) :], key]
                raise SegcoreError(f"Segments refer to each other in a circle: {' → '.join(circle)}.")
            if key not in self._segments:
                raise NotFound(f"There is no segment called {key} that can be counted.")
            of, nested = self._segments[key]
            if of is not holds:
                raise SegcoreError(f"The segment {key} is one of another kind: {of.value}, not {holds.value}.")
            if key not in finished:
                open_keys[key] = None
                waiting.append((key, iter(_references_in(of, nested))))
        return done


def _references_in(entity: Entity, rule: Rule) -> list[tuple[Entity, str]]:
    """The segments that a rule names, each with what it has to be a segment of; in the order of their keys."""
    found = {(over, node.segment) for _, node, over in walk_over(rule, entity) if isinstance(node, InSegment) and over}
    return sorted(found, key=lambda each: (each[1], each[0]))
