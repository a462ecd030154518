"""One person or company of a snapshot as the row interpreter takes it: plain values, events, companies and people."""

from collections.abc import Callable, Sequence
from typing import overload

import numpy as np

from segcore.attributes import EXTERNAL_ID, Entity
from segcore.engine.state import Snapshot
from segcore.rules.interpret import Happened, Subject


class Subjects:
    """Hands out subjects of one snapshot. Companies and people of a subject are read when they are asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._known: dict[tuple[Entity, int], Subject] = {}

    def of(self, entity: Entity, row: int) -> Subject:
        """The person or company of a row."""
        known = self._known.get((entity, row))
        if known is None:
            known = self._known[entity, row] = self._read(entity, row)
        return known

    def _read(self, entity: Entity, row: int) -> Subject:
        at = np.array([row])
        values = {key: column.series(at).to_list()[0] for key, column in self._snapshot.of(entity).by_key.items()}
        external_id = str(values.get(EXTERNAL_ID, ""))
        pairs = self._snapshot.pairs
        if entity is Entity.COMPANY:
            people = Lazy(lambda: pairs.people_of(row), lambda person: self.of(Entity.PERSON, person))
            return Subject(values, people=people, external_id=external_id)
        companies = Lazy(lambda: pairs.companies_of(row), lambda company: self.of(Entity.COMPANY, company))
        return Subject(
            values,
            events=events_of(self._snapshot, row),
            companies=companies,
            primary=0 if len(companies) else None,
            external_id=external_id,
        )


class Lazy(Sequence[Subject]):
    """Subjects that are read one by one, because a company's people have companies, whose people have companies."""

    def __init__(self, rows: Callable[[], list[int]], read: Callable[[int], Subject]) -> None:
        self._rows, self._read = rows, read
        self._held: list[int] | None = None

    def __len__(self) -> int:
        if self._held is None:
            self._held = self._rows()
        return len(self._held)

    @overload
    def __getitem__(self, index: int) -> Subject: ...
    @overload
    def __getitem__(self, index: slice) -> list[Subject]: ...
    def __getitem__(self, index: int | slice) -> Subject | list[Subject]:
        if self._held is None:
            self._held = self._rows()
        if isinstance(index, slice):
            return [self._read(row) for row in self._held[index]]
        return self._read(self._held[index])


def events_of(snapshot: Snapshot, row: int) -> tuple[Happened, ...]:
    """What a person did, the oldest first; of two events of a name at the same instant the one that came first."""
    happened = []
    for name, log in snapshot.events.by_name.items():
        where = log.of_person(row)
        if where.start == where.stop:
            continue
        rows = np.arange(where.start, where.stop)[::-1]
        columns = {key: column.series(rows).to_list() for key, column in log.by_key.items()}
        for number, at in enumerate(log.instants(rows)):
            properties = {key: values[number] for key, values in columns.items() if values[number] is not None}
            happened.append(Happened(name, at, properties))
    return tuple(sorted(happened, key=lambda each: each.at))
