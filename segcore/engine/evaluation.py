"""How many, who, and in what order: rules answered over one snapshot at one instant."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from operator import and_, or_
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import EXTERNAL_ID, Entity, Schema
from segcore.engine import listing
from segcore.engine.bits import Bits
from segcore.engine.cache import Cache
from segcore.engine.columns import Column, find
from segcore.engine.conditions import Conditions
from segcore.engine.listing import Values
from segcore.engine.state import Snapshot
from segcore.problems import NotFound, SegcoreError
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY
from segcore.rules.tree import AllOf, AnyOf, Condition, InSegment, NoneOf, Path, Rule, segments_in, walk

__all__ = ["Counts", "Engine", "Evaluation", "Values"]

# Texts are read for some rows only where at most this part of all is left.
NARROW = 4
FIRST_SORT = {Entity.PERSON: "last_seen_at", Entity.COMPANY: "created_at"}


@dataclass(frozen=True, slots=True)
class Counts:
    """What one node of a rule does. Figures that have no meaning for it are None.

    `own` match the node alone, `after` are left after this line, `without` the whole rule would have without it.
    `missing` have no value (a negative condition keeps them, unless it was told not to) and `future` have a date
    to come (which a rolling condition leaves out, unless it was told not to).
    """

    own: int
    after: int | None = None
    without: int | None = None
    missing: int | None = None
    future: int | None = None


class Engine:
    """Keeps what was answered, for all evaluations; safe to share between threads."""

    def __init__(self, cache: Cache | None = None) -> None:
        self.cache = Cache() if cache is None else cache

    def at(self, snapshot: Snapshot, moment: Moment, segments: Mapping[str, tuple[Entity, Rule]]) -> "Evaluation":
        """Everything at one instant; `segments` are those that rules may refer to."""
        return Evaluation(snapshot, moment, segments, self.cache)


class Evaluation:
    """One snapshot, one instant. It holds what it answered for as long as it lives, so every number agrees."""

    def __init__(
        self, snapshot: Snapshot, moment: Moment, segments: Mapping[str, tuple[Entity, Rule]], cache: Cache
    ) -> None:
        self.snapshot = snapshot
        self.moment = moment
        self._segments = segments
        self._cache = cache
        self._conditions = {
            entity: Conditions(snapshot.of(entity), snapshot.schema.of(entity), moment, cache) for entity in Entity
        }
        self._answers: dict[Entity, dict[Condition, Bits]] = {entity: {} for entity in Entity}
        self._members: dict[str, Bits] = {}

    @property
    def schema(self) -> Schema:
        """What rules may name."""
        return self.snapshot.schema

    def total(self, entity: Entity) -> int:
        """How many people or companies there are."""
        return self.snapshot.height(entity)

    def bits(self, entity: Entity, rule: Rule) -> Bits:
        """Who a rule holds for."""
        if isinstance(rule, AllOf) and (late := self._late(entity, rule)):
            rest = self.bits(entity, AllOf(tuple(child for child in rule.rules if child not in late)))
            if rest.count() * NARROW < rest.length:
                rows = rest.rows()
                for condition in late:
                    rows = self._conditions[entity].among(condition, rows)
                return Bits.of_rows(rows, rest.length)
        self._prepare(entity, rule)
        return self._combined(entity, rule)

    def waterfall(self, entity: Entity, rule: Rule) -> dict[Path, Counts]:
        """What each node of a rule does, by path."""
        self._prepare(entity, rule)
        counts = {path: self._alone(entity, node) for path, node in walk(rule)}
        result = self._combined(entity, rule).count()
        counts[()] = replace(counts[()], after=result)
        if isinstance(rule, AllOf):
            children = [self._combined(entity, child) for child in rule.rules]
            everyone = Bits.everyone(self.total(entity))
            before = [everyone]
            for bits in children:
                before.append(before[-1] & bits)
            rest = everyone
            for index in reversed(range(len(children))):
                path: Path = ("all", index)
                without = (before[index] & rest).count()
                counts[path] = replace(counts[path], after=before[index + 1].count(), without=without)
                rest = rest & children[index]
        return counts

    def page(
        self,
        entity: Entity,
        bits: Bits,
        *,
        sort: str | None = None,
        descending: bool = True,
        offset: int = 0,
        limit: int = 50,
    ) -> NDArray[np.int64]:
        """The numbers of some of the rows in the order of a column: missing last either way, ties in row order."""
        if sort is None:
            first = FIRST_SORT[entity]
            sort = first if first in self.schema.of(entity) else EXTERNAL_ID
        column = self._column(entity, sort)
        return listing.page(bits, column, self._cache, descending=descending, offset=offset, limit=limit)

    def search(self, entity: Entity, bits: Bits, text: str, keys: Sequence[str]) -> Bits:
        """Those of the rows that have the text, whatever its case, in one of these text columns."""
        return listing.search(bits, [self._column(entity, key) for key in keys], text, self._cache)

    def values(self, entity: Entity, key: str, text: str = "", limit: int = 50) -> Values:
        """The commonest values of an attribute that contain the text, with how many have each; of a list its elements."""
        return listing.values(self._column(entity, key), text, limit, self._cache)

    def frame(self, entity: Entity, rows: NDArray[Any], columns: Iterable[str] | None = None) -> pl.DataFrame:
        """These rows with these attributes (all where none are named), `external_id` first."""
        keys = dict.fromkeys((EXTERNAL_ID, *(self.schema.of(entity) if columns is None else columns)))
        return pl.DataFrame([self._column(entity, key).series(rows).alias(key) for key in keys])

    def row_number(self, entity: Entity, external_id: str) -> int | None:
        """The row of one person or company."""
        return find(self._column(entity, EXTERNAL_ID), external_id)

    def row(self, entity: Entity, external_id: str) -> dict[str, Any] | None:
        """One person or company as plain values by attribute key."""
        number = self.row_number(entity, external_id)
        return None if number is None else self.frame(entity, np.array([number])).row(0, named=True)

    def companies_of(self, external_id: str) -> list[tuple[str, str]]:
        """The companies of a person, the primary one first: external id and name (the id where there is none)."""
        number = self.row_number(Entity.PERSON, external_id)
        if number is None:
            return []
        companies = self.snapshot.companies
        wanted = self.snapshot.belonging.filter(pl.col("person_id") == int(self.snapshot.people.ids[number]))
        rows = np.searchsorted(companies.ids, wanted.get_column("company_id").to_numpy())
        keys = [key for key in (EXTERNAL_ID, "name") if key in companies.by_key]
        return [(row[0], row[-1] or row[0]) for row in self.frame(Entity.COMPANY, rows, keys).select(keys).rows()]

    def _column(self, entity: Entity, key: str) -> Column:
        column = self.snapshot.of(entity).by_key.get(key)
        if column is None:
            near = self.schema.nearest(entity, key)
            raise NotFound(f"There is no attribute called {key}.", f"Did you mean {near}?" if near else "")
        return column

    def _alone(self, entity: Entity, node: Rule) -> Counts:
        bits = self._combined(entity, node)
        missing = future = None
        if isinstance(node, Condition):
            operator = BY_KEY[node.operator]
            if operator.complement_of is not None:
                missing = self._column(entity, node.attribute).missing
            if operator.takes_future:
                ways = [replace(node, include_future=include) for include in (True, False)]
                self._answer(entity, ways)
                both, past = (self._answers[entity][way] for way in ways)
                future = (both & ~past).count()
        return Counts(own=bits.count(), missing=missing, future=future)

    def _late(self, entity: Entity, rule: AllOf) -> list[Condition]:
        """The conditions of an `all` that are better asked of those rows only that the others leave."""
        answered, conditions = self._answers[entity], self._conditions[entity]
        leaves = [
            child for child in dict.fromkeys(rule.rules) if isinstance(child, Condition) and child not in answered
        ]
        return [leaf for leaf in leaves if len(rule.rules) > 1 and conditions.is_first_scan(leaf)]

    def _prepare(self, entity: Entity, rule: Rule) -> None:
        """Answer all that the rule needs, so that combining is all that is left."""
        references = self._references(entity, rule)
        for one in Entity:
            rules = [r for e, r in (self._segments[key] for key in references) if e is one]
            if one is entity:
                rules.append(rule)
            self._answer(one, (node for each in rules for _, node in walk(each) if isinstance(node, Condition)))
        for key in references:
            self._members[key] = self._combined(*self._segments[key])

    def _references(self, entity: Entity, rule: Rule) -> list[str]:
        """The segments a rule stands on that are not answered yet, each after those it stands on itself.

        Without recursion, because one may refer to another as deep as there are segments.
        """
        done: list[str] = []
        finished = set(self._members)
        open_keys: dict[str, None] = {}
        waiting: list[tuple[str | None, Entity, Iterator[str]]] = [(None, entity, iter(sorted(segments_in(rule))))]
        while waiting:
            holder, holds, following = waiting[-1]
            key = next(following, None)
            if key is None:
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
                waiting.append((key, of, iter(sorted(segments_in(nested)))))
        return done

    def _answer(self, entity: Entity, wanted: Iterable[Condition]) -> None:
        known = self._answers[entity]
        new = [condition for condition in dict.fromkeys(wanted) if condition not in known]
        for condition in new:
            self._column(entity, condition.attribute)
        if new:
            known.update(self._conditions[entity].answers(new))

    def _combined(self, entity: Entity, rule: Rule) -> Bits:
        match rule:
            case AllOf(rules):
                return reduce(and_, (self._combined(entity, r) for r in rules), Bits.everyone(self.total(entity)))
            case AnyOf(rules):
                return reduce(or_, (self._combined(entity, r) for r in rules), Bits.none(self.total(entity)))
            case NoneOf(rules):
                return ~self._combined(entity, AnyOf(rules))
            case InSegment(segment, "in"):
                return self._members[segment]
            case InSegment(segment, "not_in"):
                return ~self._members[segment]
            case Condition():
                return self._answers[entity][rule]
            case _:
                raise SegcoreError(f"This part of a rule cannot be counted: {rule}.")
