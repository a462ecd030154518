"""How many, who, and in what order: rules answered over one snapshot at one instant."""

from collections import abc
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import EXTERNAL_ID, Entity, Schema
from segcore.engine import asked, doings, listing, places
from segcore.engine.answers import Answers
from segcore.engine.bits import Bits
from segcore.engine.cache import Aside, Cache
from segcore.engine.columns import Column, find
from segcore.engine.doings import Doing
from segcore.engine.listing import Values
from segcore.engine.places import Somewhere
from segcore.engine.state import Snapshot
from segcore.engine.subjects import Subjects
from segcore.rules.interpret import Subject
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY
from segcore.rules.tree import AllOf, Condition, OfPeople, Path, Performed, Rule, Sequence, walk, walk_over

__all__ = ["Counts", "Engine", "Evaluation", "Values"]

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

    def aside(self) -> "Engine":
        """The same, but what is answered with it is not kept for others."""
        return Engine(Aside(self.cache))


class Evaluation:
    """One snapshot, one instant. It holds what it answered for as long as it lives, so every number agrees."""

    def __init__(
        self, snapshot: Snapshot, moment: Moment, segments: Mapping[str, tuple[Entity, Rule]], cache: Cache
    ) -> None:
        self.snapshot = snapshot
        self.moment = moment
        self._cache = cache
        self._answers = Answers(snapshot, moment, segments, cache)
        self._subjects = Subjects(snapshot)

    @property
    def schema(self) -> Schema:
        """What rules may name."""
        return self.snapshot.schema

    def total(self, entity: Entity) -> int:
        """How many people or companies there are."""
        return self.snapshot.height(entity)

    def bits(self, entity: Entity, rule: Rule) -> Bits:
        """Who a rule holds for."""
        return self._answers.bits(entity, rule)

    def prepare(self, questions: Iterable[tuple[Entity, Rule]]) -> None:
        """Answer the conditions of many rules in one go; asking each rule afterwards only combines them."""
        self._answers.prepare(questions)

    def waterfall(self, entity: Entity, rule: Rule) -> dict[Path, Counts]:
        """What each node of a rule does, by path; nodes inside a rule over companies count companies, those of `where` events."""
        answers = self._answers
        answers.prepare([(entity, rule)])
        counts: dict[Path, Counts] = {}
        for path, node, over in walk_over(rule, entity):
            if over is None:
                continue
            counts[path] = self._alone(over, node)
            for way, event, where in _filters(node):
                for below, inner in walk(where):
                    counts[*path, *way, *below] = Counts(answers.behaviour.matching(event, inner))
        result = answers.of(entity, rule).count()
        counts[()] = replace(counts[()], after=result)
        if isinstance(rule, AllOf):
            children = [answers.of(entity, child) for child in rule.rules]
            everyone = Bits.everyone(self.total(entity))
            before = [everyone]
            for bits in children:
                before.append(before[-1] & bits)
            rest = everyone
            for index in reversed(range(len(children))):
                path = ("all", index)
                without = (before[index] & rest).count()
                counts[path] = replace(counts[path], after=before[index + 1].count(), without=without)
                rest = rest & children[index]
        return counts

    def asked(self, entity: Entity, rule: Rule, path: Path) -> pl.Series:
        """The values that the condition at a path is asked of, of however many people, companies or events."""
        return asked.values(self._answers, entity, rule, path)

    def instants(self, entity: Entity, rule: Rule, path: Path) -> pl.Series:
        """When the events that the node at a path is about were."""
        return asked.instants(self._answers, entity, rule, path)

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

    def search(self, entity: Entity, bits: Bits, text: str, keys: abc.Sequence[str]) -> Bits:
        """Those of the rows that have the text, whatever its case, in one of these text columns."""
        return listing.search(bits, [self._column(entity, key) for key in keys], text, self._cache)

    def values(self, entity: Entity, key: str, text: str = "", limit: int = 50) -> Values:
        """The commonest values of an attribute that contain the text, with how many have each; of a list its elements."""
        return listing.values(self._column(entity, key), text, limit, self._cache)

    def property_values(self, event: str, key: str, text: str = "", limit: int = 50) -> Values:
        """The same of a property: how many of the events of that name carry each value."""
        column = self.snapshot.events.of(event).column(self.schema.properties[key])
        return listing.values(column, text, limit, self._cache)

    def places(
        self, entity: Entity, location: str, named: str, text: str = "", limit: int = 50
    ) -> tuple[int, list[Somewhere]]:
        """Places by the text attribute that names them: how many, and the commonest that contain the text."""
        return places.places(self._column(entity, named), self._column(entity, location), text, limit, self._cache)

    def doings(self) -> Mapping[str, Doing]:
        """Every event that happened, by name: how often lately, with which properties."""
        return doings.doings(self.snapshot.events, self.moment.now, self._cache)

    def idle(self) -> int:
        """How many people never did anything."""
        return doings.idle(self.snapshot.events, self.total(Entity.PERSON), self.moment.now, self._cache)

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

    def subject(self, entity: Entity, external_id: str) -> Subject | None:
        """One person or company as the row interpreter takes it, with events, companies and people."""
        number = self.row_number(entity, external_id)
        return None if number is None else self._subjects.of(entity, number)

    def _column(self, entity: Entity, key: str) -> Column:
        return self._answers.column(entity, key)

    def _alone(self, entity: Entity, node: Rule) -> Counts:
        """What a node does by itself."""
        answers = self._answers
        own = answers.of(entity, node).count()
        if not isinstance(node, Condition | Performed | OfPeople):
            return Counts(own)
        missing = future = None
        operator = BY_KEY[node.operator]
        if operator.complement_of is not None:
            match node:
                case Condition():
                    missing = self._column(entity, node.attribute).missing
                case Performed():
                    missing = answers.behaviour.missing(node)
                case OfPeople():
                    missing = 0
        if operator.takes_future and isinstance(node, Condition):
            both, past = (replace(node, include_future=include) for include in (True, False))
            answers.answer(entity, [both, past])
            future = (answers.of(entity, both) & ~answers.of(entity, past)).count()
        return Counts(own, missing=missing, future=future)


def _filters(node: Rule) -> Iterator[tuple[Path, str, Rule]]:
    """The rules over events that a node holds: the way to each from the node, and whose events it asks."""
    match node:
        case Performed(event=event, where=where) if where is not None:
            yield ("where",), event, where
        case Sequence(steps):
            for index, step in enumerate(steps):
                if step.where is not None:
                    yield ("sequence", index, "where"), step.event, step.where
