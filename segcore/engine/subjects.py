"""People and companies of a snapshot as the row interpreter takes them: plain values, events, companies and people.

Who is asked for together is read together, a column at a time, and of the columns only those that a rule asks for.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from segcore.attributes import EXTERNAL_ID, Entity
from segcore.engine.events import Log
from segcore.engine.state import Snapshot
from segcore.rules.interpret import Happened, Subject

T = TypeVar("T")


class Subjects:
    """Hands out subjects of one snapshot, each once. What belongs to them is read when it is asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot
        self._known: dict[tuple[Entity, int], Subject] = {}

    def of(self, entity: Entity, row: int) -> Subject:
        """The person or company of a row."""
        return self.several(entity, [row])[0]

    def several(self, entity: Entity, rows: list[int]) -> list[Subject]:
        """Those of some rows."""
        new = [row for row in rows if (entity, row) not in self._known]
        if new:
            self._known |= zip(((entity, row) for row in new), self._read(entity, new), strict=True)
        return [self._known[entity, row] for row in rows]

    def _read(self, entity: Entity, rows: list[int]) -> Iterator[Subject]:
        pairs = self._snapshot.pairs
        block = Block(self._snapshot, entity, np.array(rows))
        names = block.column(EXTERNAL_ID) if EXTERNAL_ID in block.keys else [""] * len(rows)
        for number, (row, name) in enumerate(zip(rows, names, strict=True)):
            values = Values(block, number)
            if entity is Entity.COMPANY:
                people = Later(lambda row=row: self.several(Entity.PERSON, pairs.people_of(row)))  # type: ignore[misc]
                yield Subject(values, people=people, external_id=str(name))
            else:
                yield Subject(
                    values,
                    events=Later(lambda number=number: block.happened[number]),  # type: ignore[misc]
                    companies=Later(lambda row=row: self.several(Entity.COMPANY, pairs.companies_of(row))),  # type: ignore[misc]
                    primary=0 if pairs.belongs(row) else None,
                    external_id=str(name),
                )


class Block:
    """The values and events of several people, or the values of several companies."""

    def __init__(self, snapshot: Snapshot, entity: Entity, rows: NDArray[np.int64]) -> None:
        self._snapshot, self._rows = snapshot, rows
        self._columns = snapshot.of(entity).by_key
        self._held: dict[str, list[Any]] = {}

    @property
    def keys(self) -> Mapping[str, object]:
        """The attributes that there are."""
        return self._columns

    def column(self, key: str) -> list[Any]:
        """An attribute's values, one for each of them."""
        if key not in self._held:
            self._held[key] = self._columns[key].series(self._rows).to_list()
        return self._held[key]

    @cached_property
    def happened(self) -> list[tuple[Happened, ...]]:
        """What each did, the oldest first; of two events of a name at the same instant the one that came first."""
        found: list[list[Happened]] = [[] for _ in self._rows]
        for name, log in self._snapshot.events.by_name.items():
            for number, event in self._of(name, log):
                found[number].append(event)
        return [tuple(sorted(events, key=lambda each: each.at)) for events in found]

    def _of(self, name: str, log: Log) -> Iterator[tuple[int, Happened]]:
        low, high = (
            np.searchsorted(log.people, self._rows.astype(log.people.dtype), side) for side in ("left", "right")
        )
        many = high - low
        # The log has each person's latest first.
        places = np.repeat(high - 1 + np.cumsum(many) - many, many) - np.arange(many.sum())
        columns = {key: column.series(places).to_list() for key, column in log.by_key.items()}
        whose = np.repeat(np.arange(len(many)), many).tolist()
        for place, (number, at) in enumerate(zip(whose, log.instants(places), strict=True)):
            yield number, Happened(name, at, {key: c[place] for key, c in columns.items() if c[place] is not None})


class Values(Mapping[str, Any]):
    """The values of one of a block, read with those of the others."""

    __slots__ = ("_block", "_number")

    def __init__(self, block: Block, number: int) -> None:
        self._block, self._number = block, number

    def __getitem__(self, key: str) -> Any:
        if key not in self._block.keys:
            raise KeyError(key)
        return self._block.column(key)[self._number]

    def __iter__(self) -> Iterator[str]:
        return iter(self._block.keys)

    def __len__(self) -> int:
        return len(self._block.keys)


class Later(Sequence[T]):
    """What is read once it is asked for, because a company's people have companies, whose people have companies."""

    __slots__ = ("_held", "_read")

    def __init__(self, read: Callable[[], Sequence[T]]) -> None:
        self._read = read
        self._held: Sequence[T] | None = None

    def _all(self) -> Sequence[T]:
        if self._held is None:
            self._held = self._read()
        return self._held

    def __len__(self) -> int:
        return len(self._all())

    def __iter__(self) -> Iterator[T]:
        return iter(self._all())

    @overload
    def __getitem__(self, index: int) -> T: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[T]: ...
    def __getitem__(self, index: int | slice) -> T | Sequence[T]:
        return self._all()[index]
