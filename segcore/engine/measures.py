"""What some events of a name come to for each person who has any: the measures of a rule, in columns."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import Attribute, dtype
from segcore.engine.bits import Bits
from segcore.engine.columns import Coded, Column, Plain
from segcore.engine.dated import Band, Dated, Marks, Mask, Rows, is_few
from segcore.engine.derived import Measured
from segcore.engine.events import MANY, Instants, Log, Part, People, Stretch, beginnings
from segcore.rules import calendar

INSTANT = pl.Datetime("us", "UTC")
FEW_DAYS = 4_000
SO_MANY = 2**15


@dataclass(frozen=True, eq=False)
class Chosen:
    """Those events of a log that count: all of them, or the picked ones."""

    log: Log
    stretch: Stretch
    picked: NDArray[np.int64] | None = None

    @classmethod
    def of(cls, log: Log, mask: NDArray[np.bool_] | None) -> "Chosen":
        """Where a mask is true, or all."""
        if mask is None:
            return cls(log, log)
        picked = np.flatnonzero(mask)
        return cls(log, Part(log.people[picked], log.at[picked], of=log, picked=picked), picked)

    @property
    def size(self) -> int:
        """Bytes held beside the log."""
        return 0 if self.picked is None else self.stretch.size + self.picked.nbytes

    def since(self, start: int | None) -> "NDArray[np.int64] | slice":
        """Which of them are not before an instant."""
        return slice(None) if start is None else np.flatnonzero(self.stretch.at >= start)

    def property(self, attribute: Attribute, start: int | None) -> tuple[People, Column, NDArray[Any] | None]:
        """Whose they are, the property's column and in which of its rows they stand (None: all)."""
        among = self.since(start)
        rows = among if self.picked is None else self.picked[among]
        return self.stretch.people[among], self.log.column(attribute), None if isinstance(rows, slice) else rows


def nth(stretch: Stretch, n: int, total: int) -> Dated:
    """When each of so many people's n-th most recent event was, of those who have as many."""

    def near(mark: int) -> Rows:
        people = stretch.whose(mark)
        return people[stretch.counts[stretch.places(people)] >= n]

    def exact(people: Rows) -> Instants:
        return stretch.at[stretch.starts[stretch.places(people)] + (n - 1)]

    later = stretch.marks[n - 1 :]  # from a person's first event it is n − 1 steps to the n-th
    most = len(stretch.who) if n == 1 else len(stretch) // n
    if isinstance(stretch, Log) and n <= MANY and not is_few(most, total):
        # A step for everybody is quicker than a few for each of many.
        begin, many = stretch.spread
        return Dated(_everyone(later, begin[:-1], many >= n, total), near, exact, total)
    people, places = stretch.who, stretch.starts
    if n > 1:
        # Polars picks from a column several times as fast as numpy.
        enough = pl.Series(stretch.counts >= n)
        people, places = (pl.Series(each).filter(enough).to_numpy() for each in (people, places))
    return Dated.of(people, later.take(places), near, exact, total)


def first(stretch: Stretch, total: int) -> Dated:
    """When each of so many people's oldest event was."""

    def exact(people: Rows) -> Instants:
        places = stretch.places(people)
        oldest: Instants = stretch.at[stretch.starts[places] + stretch.counts[places] - 1]
        return oldest

    if isinstance(stretch, Log) and not is_few(len(stretch.who), total):
        begin, many = stretch.spread
        before = np.concatenate((stretch.marks[:1], stretch.marks))  # one step back from where the next one's begin
        return Dated(_everyone(before, begin[1:], many > 0, total), stretch.whose, exact, total)
    ends = stretch.starts + (stretch.counts - 1)
    return Dated.of(stretch.who, stretch.marks.take(ends), stretch.whose, exact, total)


def _everyone(marks: Marks, places: NDArray[np.int64], there: Mask, total: int) -> Marks:
    """The marks at these places, one for each of the foremost rows, as far as there is one."""
    found = np.empty(total, np.uint16)
    # Places past the end are those of rows that have none; to wrap them is quicker than to clip or to refuse them.
    np.take(marks, places, mode="wrap", out=found[: len(places)])
    found[: len(places)] *= there
    found[len(places) :] = 0
    return found


def summed(chosen: Chosen, of: Attribute, mark: int, over: Callable[[NDArray[Any]], Mask], total: int) -> Band:
    """Whose sum of a property since a limit of this mark is as asked, the latest being added first.

    Events without the property add nothing. In any other order a sum of fractions may come to another number.
    """
    stretch, column = chosen.stretch, chosen.log.column(of)
    values = column.series(chosen.picked)
    counting = values.is_not_null() if mark == 0 else (pl.Series(stretch.marks) > mark) & values.is_not_null()
    people = pl.Series(stretch.people).filter(counting).to_numpy()
    numbers = values.filter(counting).cast(pl.Float64).to_numpy()
    inside = np.empty(total, np.bool_)
    edges = np.arange(0, total + SO_MANY, SO_MANY, dtype=people.dtype)
    places = np.searchsorted(people, edges)
    for low, begin, end in zip(edges, places[:-1], places[1:], strict=False):
        # Added where they lie, one after the other. The totals of so many people stay near the processor.
        totals = np.zeros(min(SO_MANY, total - low))
        np.add.at(totals, people[begin:end] - low, numbers[begin:end])
        inside[low : low + len(totals)] = over(totals)
    sure = Bits.of_mask(inside)
    if not mark:
        return Band(sure, np.zeros(0, np.int32), lambda _: np.zeros(0, np.bool_))
    # Whoever has an event in the band is added up once the instant is known, from all of theirs that may count.
    near = stretch.whose(mark)
    begin = stretch.starts[stretch.places(near)]
    lengths = stretch.counts[stretch.places(near)]
    theirs = np.repeat(begin - np.cumsum(lengths) + lengths, lengths) + np.arange(lengths.sum())
    whose, at = np.repeat(np.arange(len(near)), lengths), stretch.at[theirs]
    rows = theirs if chosen.picked is None else chosen.picked[theirs]
    addends = column.series(rows).cast(pl.Float64).to_numpy()
    addends = np.where(np.isnan(addends), 0.0, addends)

    def holds(start: int) -> Mask:
        return over(np.bincount(whose, weights=np.where(at >= start, addends, 0.0), minlength=len(near)))

    return Band(sure, near, holds, looked_up=len(theirs))


def measured(chosen: Chosen, measure: str, of: Attribute | None, start: int | None, zone: ZoneInfo) -> Measured:
    """A measure over the events since an instant."""
    match measure:
        case "count":
            people = chosen.stretch.people[chosen.since(start)]
            return _column(people, np.diff(beginnings(people), append=len(people)), nothing=0)
        case "days":
            return _days(chosen, start, zone)
        case "first" | "last":
            return _instant(chosen, measure, start)
    assert of is not None
    if measure == "distinct":
        return _distinct(chosen, of, start)
    people, values = _present(chosen, of, start)
    begin = beginnings(people)
    match measure:
        case "sum" | "mean":
            totals = _totals(people, values.cast(pl.Float64).to_numpy())
            if measure == "sum":
                return _column(people, totals, nothing=0.0)
            return _column(people, totals / np.diff(begin, append=len(people)), nothing=None)
        case "min" | "max":
            numbers = values.to_physical().to_numpy()
            best = np.minimum if measure == "min" else np.maximum
            found = best.reduceat(numbers, begin) if len(begin) else numbers
            return _column(people, found, nothing=None, type_=dtype(of))
    raise KeyError(measure)


def _totals(people: People, numbers: NDArray[np.float64]) -> NDArray[np.float64]:
    """One after the other, the newest first: in any other order a sum of fractions may round to another number."""
    begin = beginnings(people)
    each = np.repeat(np.arange(len(begin)), np.diff(begin, append=len(people)))
    return np.bincount(each, weights=numbers, minlength=len(begin)).astype(np.float64, copy=False)


def _instant(chosen: Chosen, measure: str, start: int | None) -> Measured:
    among = chosen.since(start)
    people, at = chosen.stretch.people[among], chosen.stretch.at[among]
    begin = beginnings(people)
    places = begin if measure == "last" else np.append(begin[1:], len(people))[: len(begin)] - 1
    return _column(people, at[places], nothing=None, type_=INSTANT)


def _days(chosen: Chosen, start: int | None, zone: ZoneInfo) -> Measured:
    among = chosen.since(start)
    people, days = chosen.stretch.people[among], local_days(chosen.stretch.at[among], zone)
    other = np.ones(len(days), np.bool_)
    other[1:] = (days[1:] != days[:-1]) | (people[1:] != people[:-1])
    people = people[other]
    return _column(people, np.diff(beginnings(people), append=len(people)), nothing=0)


def local_days(at: Instants, zone: ZoneInfo) -> NDArray[np.int64]:
    """A number for the day on the clocks of a zone, the same for instants of the same day."""
    days = at // calendar.DAY
    if zone.key == "UTC" or not len(days):
        return days
    first, last = int(days.min()) - 2, int(days.max()) + 2
    if last - first <= FEW_DAYS:
        near = np.arange(first, last + 1)
    else:
        near = np.unique(np.concatenate([np.unique(days) + step for step in range(-2, 3)]))
    begin = np.array([calendar.day_start(int(day) + calendar.EPOCH, zone) for day in near])
    return near[np.searchsorted(begin, at, "right") - 1]


def _distinct(chosen: Chosen, of: Attribute, start: int | None) -> Measured:
    people, column, rows = chosen.property(of, start)
    assert isinstance(column, Coded | Plain)
    if isinstance(column, Coded) and column.values.dtype != pl.List(pl.String):
        # Codes that stand for the same folded text count as one.
        alike = (column.values if column.folded is None else column.folded).rank("dense")
        values = alike.gather(pl.Series(column.codes if rows is None else column.codes[rows]))
    else:
        values = column.series(rows) if column.folded is None else column.folds(rows)
    frame = pl.DataFrame({"people": people, "value": values})
    if values.dtype == pl.List(pl.String):
        frame = frame.explode("value")
    found = frame.drop_nulls("value").unique().group_by("people").len().sort("people")
    return Measured(
        found.get_column("people").to_numpy(), pl.concat([found.get_column("len").cast(pl.Int64), pl.Series([0])])
    )


def _present(chosen: Chosen, of: Attribute, start: int | None) -> tuple[People, pl.Series]:
    people, column, rows = chosen.property(of, start)
    values, known = column.series(rows), _known(column, rows)
    return (people, values) if known is None else (people[known], values.drop_nulls())


def _known(column: Column, rows: NDArray[Any] | None) -> NDArray[np.bool_] | None:
    """Where there is a value; None where everywhere."""
    assert isinstance(column, Coded | Plain)
    if not column.missing:
        return None
    if isinstance(column, Coded):
        codes = column.codes if rows is None else column.codes[rows]
        known: NDArray[np.bool_] = codes != 0
        return known
    return column.series(rows).is_not_null().to_numpy()


def _column(
    people: People, values: NDArray[Any], *, nothing: float | None, type_: pl.DataType | None = None
) -> Measured:
    """A value for each of those who stand in an ascending array, and what all others have."""
    series = pl.Series(values) if type_ is None else pl.Series(values).cast(type_)
    last = pl.Series([nothing], dtype=series.dtype)
    return Measured(people[beginnings(people)], pl.concat([series, last]))
