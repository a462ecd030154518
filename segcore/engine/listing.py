"""Members as they are shown: a page in some order, a search in them, the values to choose from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.engine.bits import Bits
from segcore.engine.cache import Cache
from segcore.engine.columns import Coded, Column, Plain
from segcore.engine.conditions import spread
from segcore.engine.folding import LISTS
from segcore.rules.text import fold

# Below this share of all rows the matching ones are sorted by themselves; above it a kept order of everybody is walked.
FEW = 32


@dataclass(frozen=True, slots=True)
class Values:
    """The commonest values of an attribute, out of how many different ones, and how many rows have none."""

    total_distinct: int
    missing: int
    values: tuple[tuple[Any, int], ...]


@dataclass(frozen=True, slots=True)
class Keys:
    """A number a row that sorts as the values do; what it is where `missing` is true means nothing."""

    numbers: NDArray[Any]
    missing: NDArray[np.bool_]


def page(bits: Bits, column: Column, cache: Cache, *, descending: bool, offset: int, limit: int) -> NDArray[np.int64]:
    """The numbers of some of the matching rows in the order of a column: missing last either way, ties in row order."""
    hits = bits.count()
    first, last = max(offset, 0), min(max(offset, 0) + limit, hits)
    if first >= last:
        return np.zeros(0, np.int64)
    if hits * FEW > bits.length:
        order = _order(column, cache, descending)
        if order is not None:
            return _walk(order, bits.mask(), first, last)
    return _choose(bits.rows(), keys(column, cache), descending, first, last)


def keys(column: Column, cache: Cache) -> Keys:
    """What a column is sorted by: texts by their folds, lists by their texts one after another, places from south to north."""
    name = ("keys", column.token)
    kept = cache.get(name)
    if isinstance(kept, Keys):
        return kept
    assert isinstance(column, Coded | Plain)
    values = column.values if column.folded is None else column.folded
    if values.dtype == LISTS:
        values = values.list.join("\x1f")
    if values.dtype == pl.String:
        values = values.rank("dense")
    elif values.dtype == pl.Boolean:
        values = values.cast(pl.UInt8)
    elif values.dtype == pl.Struct:
        values = values.struct.field("latitude")
    missing = values.is_null().to_numpy()
    numbers = values.to_physical().fill_null(0).to_numpy()
    if isinstance(column, Coded):
        narrow = pl.Series(numbers[~missing]).rank("dense").to_numpy().astype(np.uint16)
        ranks = np.zeros(len(numbers), np.uint16)
        ranks[~missing] = narrow
        numbers, missing = ranks[column.codes], column.codes == 0
    found = Keys(numbers, missing)
    cache.put(name, found, numbers.nbytes + missing.nbytes)
    return found


def _order(column: Column, cache: Cache, descending: bool) -> NDArray[np.uint32] | None:
    """All rows in the order of a column, once it was asked for a second time: the first page needs no full sort."""
    name = ("order", column.token, descending)
    kept = cache.get(name)
    if isinstance(kept, np.ndarray):
        return kept
    if kept is None:
        cache.put(name, "asked", 64)
        return None
    by = keys(column, cache)
    present = np.flatnonzero(~by.missing).astype(np.uint32)
    numbers = pl.DataFrame({"row": present, "key": by.numbers[present]})
    ordered = numbers.sort("key", descending=descending, maintain_order=True).get_column("row").to_numpy()
    order = np.concatenate((ordered, np.flatnonzero(by.missing).astype(np.uint32)))
    cache.put(name, order, order.nbytes)
    return order


def _walk(order: NDArray[np.uint32], mask: NDArray[np.bool_], first: int, last: int) -> NDArray[np.int64]:
    found: list[NDArray[np.uint32]] = []
    seen, at, step = 0, 0, 4_096
    while seen < last and at < len(order):
        block = order[at : at + step]
        hits = block[mask[block]]
        if seen + len(hits) > first:
            found.append(hits[max(first - seen, 0) : last - seen])
        seen += len(hits)
        at += step
        step *= 2
    return np.concatenate(found).astype(np.int64)


def _choose(rows: NDArray[np.int64], by: Keys, descending: bool, first: int, last: int) -> NDArray[np.int64]:
    without = by.missing[rows]
    present, absent = rows[~without], rows[without]
    if first >= len(present):
        return absent[first - len(present) : last - len(present)]
    end = min(last, len(present))
    numbers = by.numbers[present]
    if descending:
        # Turning the bits around reverses the order of whole numbers without overflow; −0.0 and 0.0 stay equal.
        numbers = -numbers if numbers.dtype.kind == "f" else ~numbers
    ends = np.partition(numbers, (first, end - 1))[[first, end - 1]]
    near = np.flatnonzero((numbers >= ends[0]) & (numbers <= ends[1]))
    before = int(np.count_nonzero(numbers < ends[0]))
    ordered = near[np.argsort(numbers[near], kind="stable")]
    chosen = present[ordered[first - before : end - before]]
    return np.concatenate((chosen, absent[: last - end])) if last > end else chosen


def search(bits: Bits, columns: list[Column], text: str, cache: Cache) -> Bits:
    """Those of the rows that have the text, whatever its case, in one of the columns; all of them for an empty text."""
    wanted = fold(text)
    if not wanted:
        return bits
    found = Bits.none(bits.length)
    for column in columns:
        found = found | _containing(bits, column, wanted, cache)
    return bits & found


def _containing(bits: Bits, column: Column, wanted: str, cache: Cache) -> Bits:
    name = ("search", column.token, wanted)
    kept = cache.get(name)
    if isinstance(kept, Bits):
        return kept
    assert isinstance(column, Coded | Plain)
    assert column.folded is not None
    if isinstance(column, Plain) and bits.count() * 8 < bits.length:
        rows = bits.rows()
        holds = column.folds(rows).str.contains(wanted, literal=True).fill_null(False).to_numpy()
        return Bits.of_rows(rows[holds], bits.length)
    holds = column.folded.str.contains(wanted, literal=True).fill_null(False).to_numpy()
    found = spread(holds, column.codes) if isinstance(column, Coded) else Bits.of_mask(holds)
    cache.put(name, found, found.size)
    return found


def values(column: Column, text: str, limit: int, cache: Cache) -> Values:
    """The commonest values that contain the text, whatever its case; of a list its elements."""
    counted = _counted(column, cache)
    shown = counted
    if wanted := fold(text.strip()):
        shown = counted.filter(pl.col("fold").str.contains(wanted, literal=True))
    shown = shown.head(limit)
    pairs = zip(shown.get_column("value").to_list(), shown.get_column("count").to_list(), strict=True)
    return Values(counted.height, column.missing, tuple(pairs))


def _counted(column: Column, cache: Cache) -> pl.DataFrame:
    name = ("values", column.token)
    kept = cache.get(name)
    if isinstance(kept, pl.DataFrame):
        return kept
    assert isinstance(column, Coded | Plain)
    if isinstance(column, Coded):
        counts = np.bincount(column.codes, minlength=len(column.values))
        counts[0] = 0
    else:
        counts = np.ones(len(column), np.int64)
    folds = column.values if column.folded is None else column.folded
    frame = pl.DataFrame({"value": column.values, "fold": folds, "count": counts})
    frame = frame.filter(pl.col("count") > 0, pl.col("value").is_not_null())
    if column.values.dtype == LISTS:
        # A value that stands twice in one list is one row's value once.
        frame = frame.with_row_index("list").explode("value", "fold").drop_nulls("value").unique(["list", "value"])
    frame = (
        frame.group_by("value")
        .agg(pl.col("fold").first(), pl.col("count").sum())
        .sort("count", "fold", "value", descending=[True, False, False])
        .with_columns(pl.col("fold").cast(pl.String).str.to_lowercase())
        if column.values.dtype != pl.Struct
        else frame.clear().with_columns(pl.col("fold").struct.field("latitude").cast(pl.String))
    )
    cache.put(name, frame, int(frame.estimated_size()))
    return frame
