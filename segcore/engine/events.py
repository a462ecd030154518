"""What people did, as columns: for each event name the person's row, the instant and the properties of every event.

The events of a name lie in the order of the people's rows, those of one person the latest first; of two at the same
instant the one that came in later is first. So "the n-th most recent" is one step into a person's stretch.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from itertools import count
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import Attribute, dtype
from segcore.engine.columns import Column, missing, recast
from segcore.engine.dated import MOST, Marks, Scale

People = NDArray[np.int32]  # rows of people, ascending
Instants = NDArray[np.int64]  # microseconds

_tokens = count(1)

MANY = 255  # a byte tells as many events of a person apart


@dataclass(frozen=True, eq=False)
class Stretch:
    """Some events of one name: whose, and when. The token changes with the content."""

    people: People
    at: Instants
    token: int = field(default_factory=lambda: next(_tokens))

    def __len__(self) -> int:
        return len(self.at)

    @cached_property
    def starts(self) -> NDArray[np.int64]:
        """Where each person's events begin."""
        return beginnings(self.people)

    @cached_property
    def who(self) -> People:
        """Those who have any, a row each."""
        return self.people[self.starts]

    @cached_property
    def counts(self) -> NDArray[np.int32]:
        """How many each of them has."""
        return np.diff(self.starts, append=len(self.at)).astype(np.int32)

    @cached_property
    def most(self) -> int:
        """The most that one person has."""
        return int(self.counts.max(initial=0))

    @cached_property
    def scale(self) -> Scale:
        """How the instants are kept in two bytes."""
        return Scale.over(self.at)

    @cached_property
    def marks(self) -> Marks:
        """Two bytes an event."""
        return self.scale.marks(self.at)

    @cached_property
    def latest(self) -> int | None:
        """When the newest event was."""
        return int(self.at[self.starts].max()) if len(self.at) else None

    @property
    def size(self) -> int:
        """Bytes held, with what says where each person's events lie."""
        return self.people.nbytes + self.at.nbytes + 2 * len(self.at) + 30 * min(len(self.at), 2**20)

    def whose(self, mark: int) -> People:
        """Who has an event with this mark."""
        return np.unique(self.people[np.flatnonzero(self.marks == np.uint16(mark))])

    def places(self, people: People) -> NDArray[np.int64]:
        """Which of those who have any these are; each must be one of them."""
        # Numbers of one width are looked up as they lie; of two, all would be copied first.
        return np.searchsorted(self.who, people.astype(self.who.dtype, copy=False))


@dataclass(frozen=True, eq=False)
class Part(Stretch):
    """Some events of a stretch, with the marks that they have in it."""

    of: Stretch = field(kw_only=True)
    picked: NDArray[np.int64] = field(kw_only=True)

    @cached_property
    def scale(self) -> Scale:
        return self.of.scale

    @cached_property
    def marks(self) -> Marks:
        return self.of.marks[self.picked]


@dataclass(frozen=True, eq=False)
class Log(Stretch):
    """All events of one name, with those properties that occur in it."""

    by_key: Mapping[str, Column] = field(default_factory=dict)

    @classmethod
    def empty(cls) -> "Log":
        """Nothing happened yet."""
        return cls(np.zeros(0, np.int32), np.zeros(0, np.int64))

    @classmethod
    def of(cls, people: People, at: Instants, properties: Mapping[str, pl.Series]) -> "Log":
        """The events as they came in, put in order."""
        return cls.empty().added(people, at, properties).settled()

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return super().size + 4 * len(self) + sum(column.size for column in self.by_key.values())

    @cached_property
    def spread(self) -> tuple[NDArray[np.int64], NDArray[np.uint8]]:
        """Where the events of every row of people begin, up to the last who has any, then the end; and how many, MANY at most."""
        every = np.zeros(int(self.people[-1]) + 1 if len(self) else 0, np.int32)
        every[self.who] = self.counts
        begin = np.zeros(len(every) + 1, np.int64)
        np.cumsum(every, out=begin[1:])
        return begin, np.minimum(every, MANY).astype(np.uint8)

    @cached_property
    def by_mark(self) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """The places of the events in the order of their marks, and where in it each mark begins."""
        order = np.argsort(self.marks, kind="stable").astype(np.int32)
        many = np.bincount(self.marks, minlength=MOST + 1)
        return order, np.concatenate((np.zeros(1, np.int64), np.cumsum(many)))

    def whose(self, mark: int) -> People:
        """Who has an event with this mark, without looking at all of them."""
        order, begin = self.by_mark
        return np.unique(self.people[order[begin[mark] : begin[mark + 1]]])

    def ready(self) -> "Log":
        """With the marks, and with where each person's events begin and how many they are: every question asks for them."""
        _ = self.marks, self.by_mark, self.who, self.counts, self.spread, self.latest
        return self

    def column(self, attribute: Attribute) -> Column:
        """A property; one that does not occur here is missing everywhere."""
        found = self.by_key.get(attribute.key)
        return self._blank(attribute) if found is None else found

    def _blank(self, attribute: Attribute) -> Column:
        kept: dict[str, Column] = self.__dict__.setdefault("_blanks", {})
        if attribute.key not in kept:
            kept[attribute.key] = missing(dtype(attribute), len(self), coded=True)
        return kept[attribute.key]

    def added(self, people: People, at: Instants, properties: Mapping[str, pl.Series]) -> "Log":
        """More events, in the order in which they came in."""
        if not len(at):
            return self
        back = np.arange(len(at))[::-1]
        order = back[np.lexsort((-at[back], people[back]))]
        people, at = people[order], at[order]
        low = np.searchsorted(self.people, people, "left")
        high = np.searchsorted(self.people, people, "right")
        place = first_at_most(self.at, low, high, at)
        columns: dict[str, Column] = {}
        mixed = np.insert(np.arange(len(self)), place, len(self) + np.arange(len(at)))
        for key in dict.fromkeys((*self.by_key, *properties)):
            given = properties.get(key)
            column = self.by_key.get(key)
            if column is None:
                if given is None or given.null_count() == len(given):
                    continue
                column = missing(given.dtype, len(self))
            if given is None:
                given = pl.Series([None], dtype=column.series(np.zeros(0, np.int64)).dtype).new_from_index(0, len(at))
            columns[key] = column.append(given.gather(pl.Series(order))).take(mixed)
        return Log(np.insert(self.people, place, people), np.insert(self.at, place, at), by_key=columns)

    def moved(self, places: NDArray[np.int64]) -> "Log":
        """With other rows for the people: the new row of each old one, −1 of those who are gone."""
        now = places[self.people]
        kept = np.flatnonzero(now >= 0)
        now = now[kept]
        # People almost always keep their order; only then do their events.
        if len(now) and not bool(np.all(now[1:] >= now[:-1])):
            order = np.argsort(now, kind="stable")
            kept, now = kept[order], now[order]
        columns = {key: column.take(kept) for key, column in self.by_key.items()}
        return Log(now.astype(np.int32), self.at[kept], by_key=columns)

    def shaped(self, attributes: Mapping[str, Attribute]) -> "Log | None":
        """With the kinds that properties have now; None where the values have to be read again."""
        columns: dict[str, Column] = {}
        for key, column in self.by_key.items():
            cast = recast(column, attributes[key]) if key in attributes else None
            if cast is None:
                return None
            columns[key] = cast
        same = all(columns[key] is column for key, column in self.by_key.items())
        return self if same else Log(self.people, self.at, by_key=columns)

    def settled(self) -> "Log":
        """Each column as it is best kept, now that all events are there."""
        return Log(self.people, self.at, by_key={key: column.settled() for key, column in self.by_key.items()})

    def of_person(self, row: int) -> slice:
        """Where the events of one person lie."""
        low, high = np.searchsorted(self.people, [row, row + 1])
        return slice(int(low), int(high))

    def instants(self, places: NDArray[np.int64]) -> list[datetime]:
        """When the events at these places were."""
        return pl.Series(self.at[places]).cast(pl.Datetime("us", "UTC")).to_list()


@dataclass(frozen=True, eq=False)
class Events:
    """All events by name, up to the one with the highest id in SQL."""

    by_name: Mapping[str, Log] = field(default_factory=dict)
    last_id: int = 0

    def of(self, name: str) -> Log:
        """The events of a name; of one that never happened, none."""
        return self.by_name.get(name) or NOTHING

    @property
    def count(self) -> int:
        """How many events."""
        return sum(len(log) for log in self.by_name.values())

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return sum(log.size for log in self.by_name.values())

    def ready(self) -> "Events":
        """With what every question asks for worked out, so that no question waits for it."""
        for log in self.by_name.values():
            log.ready()
        return self

    def moved(self, before: NDArray[np.int64], after: NDArray[np.int64]) -> "Events":
        """With the rows that people have among the ids `after`, who had theirs among the ids `before`."""
        if len(after) >= len(before) and np.array_equal(after[: len(before)], before):
            return self
        places = np.searchsorted(after, before)
        there = places < len(after)
        there[there] = after[places[there]] == before[there]
        places = np.where(there, places, -1)
        return Events({name: log.moved(places) for name, log in self.by_name.items()}, self.last_id)

    def shaped(self, attributes: Mapping[str, Attribute]) -> "Events | None":
        """With the kinds that properties have now; None where the values have to be read again."""
        logs = {}
        for name, log in self.by_name.items():
            shaped = log.shaped(attributes)
            if shaped is None:
                return None
            logs[name] = shaped
        return Events(logs, self.last_id)


class Arrivals:
    """Events as they are read, many at a time; put in order once enough of a name wait, so that little is held twice."""

    WAITING = 400_000

    def __init__(self, events: Events, ids: NDArray[np.int64]) -> None:
        self._logs = dict(events.by_name)
        self._last = events.last_id
        self._ids = ids
        self._waiting: dict[str, list[pl.DataFrame]] = {}
        self._new: set[str] = set()

    def add(self, frame: pl.DataFrame, properties: list[pl.Series]) -> None:
        """Events in the order of their ids: id, person_id, name, at; and their properties, a column each."""
        if frame.is_empty():
            return
        self._last = max(self._last, int(frame.get_column("id")[-1]))
        ids = frame.get_column("person_id").to_numpy()
        people = np.searchsorted(self._ids, ids)
        there = people < len(self._ids)
        there[there] = self._ids[people[there]] == ids[there]
        kept = pl.DataFrame(
            [
                frame.get_column("name").alias("name"),
                pl.Series("people", people.astype(np.int32)),
                frame.get_column("at").alias("at"),
                *(column.alias(f"={column.name}") for column in properties),
            ]
        )
        if not there.all():
            kept = kept.filter(pl.Series(there))
        for (name,), part in kept.partition_by("name", as_dict=True, include_key=False, maintain_order=True).items():
            waiting = self._waiting.setdefault(str(name), [])
            # Most properties belong to other events; a column that is missing everywhere is not carried along.
            waiting.append(part.select("people", "at", *_occurring(part)))
            if sum(each.height for each in waiting) > self.WAITING:
                self._settle(str(name))

    def events(self) -> Events:
        """All of them, in order."""
        for name in list(self._waiting):
            self._settle(name)
        for name in self._new:
            self._logs[name] = self._logs[name].settled()
        return Events(dict(self._logs), self._last)

    def _settle(self, name: str) -> None:
        frame = pl.concat(self._waiting.pop(name), how="diagonal")
        if name not in self._logs:
            self._new.add(name)
        people, at = frame.get_column("people").to_numpy(), frame.get_column("at").to_numpy()
        columns = {key[1:]: frame.get_column(key).rechunk() for key in frame.columns if key.startswith("=")}
        self._logs[name] = self._logs.get(name, NOTHING).added(people, at, columns)


def _occurring(part: pl.DataFrame) -> Iterator[str]:
    for column in part.get_columns():
        if column.name.startswith("=") and column.null_count() < len(column):
            yield column.name


def beginnings(people: NDArray[Any]) -> NDArray[np.int64]:
    """Where in an ascending array each value begins."""
    if not len(people):
        return np.zeros(0, np.int64)
    return np.concatenate((np.zeros(1, np.int64), np.flatnonzero(people[1:] != people[:-1]) + 1))


def first_at_most(at: Instants, low: NDArray[np.int64], high: NDArray[np.int64], limits: Instants) -> NDArray[np.int64]:
    """For each limit the first place from `low` to `high` whose instant is not above it; instants descend there."""
    low, high = low.astype(np.int64), high.astype(np.int64)
    for _ in range(int((high - low).max(initial=0)).bit_length()):
        middle = (low + high) >> 1
        above = (low < high) & (at[np.minimum(middle, max(len(at) - 1, 0))] > limits) if len(at) else low < high
        high = np.where(above | (low >= high), high, middle)
        low = np.where(above, middle + 1, low)
    return low


NOTHING = Log.empty()
