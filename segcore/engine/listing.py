"""Members as they are shown: a page in some order, a search in them, the values to choose from."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.engine.bits import Bits
from segcore.engine.cache import Cache
from segcore.engine.columns import Coded, Column, Plain
from segcore.engine.conditions import evaluated, spread
from segcore.engine.folding import LISTS
from segcore.rules.text import fold

# Below this share of all rows the matching ones are sorted by themselves; above it a kept order of everybody is walked.
FEW = 8
WORTH_SORTING = 3


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
    if hits * FEW < bits.length:
        rows = bits.rows()
        return rows[_choose(_keys(column.take(rows)), descending, first, last)]
    order = _order(column, cache, descending)
    if order is not None:
        return _walk(order, bits.mask(), first, last)
    by = keys(column, cache)
    if hits == bits.length:
        return _choose(by, descending, first, last)
    rows = bits.rows()
    return rows[_choose(Keys(by.numbers[rows], by.missing[rows]), descending, first, last)]


def keys(column: Column, cache: Cache) -> Keys:
    """What a column is sorted by: texts by their folds, lists by their texts one after another, places from south to north."""
    name = ("keys", column.token)
    kept = cache.get(name)
    if isinstance(kept, Keys):
        return kept
    found = _keys(column)
    cache.put(name, found, found.numbers.nbytes + found.missing.nbytes)
    return found


def _keys(column: Column) -> Keys:
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
    return Keys(numbers, missing)


def _order(column: Column, cache: Cache, descending: bool) -> NDArray[np.uint32] | None:
    """All rows in the order of a column. It costs some pages without it, so it is made when they were asked for."""
    name = ("order", column.token, descending)
    kept = cache.get(name)
    if isinstance(kept, np.ndarray):
        return kept
    asked = kept + 1 if isinstance(kept, int) else 1
    if asked < WORTH_SORTING:
        cache.put(name, asked, 64)
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


def _choose(by: Keys, descending: bool, first: int, last: int) -> NDArray[np.int64]:
    """Some places in the sorted order, without sorting what lies before and after them."""
    present = np.flatnonzero(~by.missing)
    if first >= len(present):
        return np.flatnonzero(by.missing)[first - len(present) : last - len(present)]
    end = min(last, len(present))
    numbers = by.numbers[present] if len(present) < len(by.numbers) else by.numbers
    if descending:
        # Turning the bits around reverses the order of whole numbers without overflow; −0.0 and 0.0 stay equal.
        numbers = -numbers if numbers.dtype.kind == "f" else ~numbers
    ends = np.partition(numbers, (first, end - 1))[[first, end - 1]]
    near = np.flatnonzero((numbers >= ends[0]) & (numbers <= ends[1]))
    before = int(np.count_nonzero(numbers < ends[0])) if first else 0
    ordered = near[np.argsort(numbers[near], kind="stable")]
    chosen = present[ordered[first - before : end - before]]
    return np.concatenate((chosen, np.flatnonzero(by.missing)[: last - end])) if last > end else chosen


def search(bits: Bits, columns: list[Column], text: str, cache: Cache) -> Bits:
    """Those of the rows that have the text, whatever its case, in one of the columns; all of them for an empty text."""
    wanted = fold(text)
    if not wanted:
        return bits
    found, asked = Bits.none(bits.length), list[Plain]()
    for column in columns:
        assert isinstance(column, Coded | Plain)
        kept = cache.get(("search", column.token, wanted))
        if isinstance(kept, Bits):
            found = found | kept
        elif isinstance(column, Coded):
            found = found | spread(_contains(column, wanted), column.codes)
        else:
            asked.append(column)
    left = bits & ~found
    if left.count() * FEW < bits.length:
        rows = left.rows()
        for column in asked:
            found = found | Bits.of_rows(rows[_contains(column.take(rows), wanted)], bits.length)
    elif asked:
        frame = pl.DataFrame(
            [column.folded.alias(str(n)) for n, column in enumerate(asked) if column.folded is not None]
        )
        holds = evaluated(
            frame, [pl.col(name).str.contains(wanted, literal=True).fill_null(False) for name in frame.columns]
        )
        for column, mask in zip(asked, holds.get_columns(), strict=True):
            containing = Bits.of_column(mask)
            cache.put(("search", column.token, wanted), containing, containing.size)
            found = found | containing
    return bits & found


def _contains(column: Column, wanted: str) -> NDArray[np.bool_]:
    assert isinstance(column, Coded | Plain)
    assert column.folded is not None
    return column.folded.str.contains(wanted, literal=True).fill_null(False).to_numpy()


def values(column: Column, text: str, limit: int, cache: Cache) -> Values:
    """The commonest values that contain the text, whatever its case; of a list its elements."""
    wanted = fold(text.strip())
    name = ("values", column.token, wanted, limit)
    kept = cache.get(name)
    if isinstance(kept, Values):
        return kept
    found = Values(_distinct(column, cache), column.missing, _commonest(column, wanted, limit))
    cache.put(name, found, 200 * len(found.values) + 64)
    return found


def _distinct(column: Column, cache: Cache) -> int:
    name = ("distinct", column.token)
    kept = cache.get(name)
    if isinstance(kept, int):
        return kept
    found = _values(column, "").get_column("value").n_unique()
    cache.put(name, found, 64)
    return found


def _commonest(column: Column, wanted: str, limit: int) -> tuple[tuple[Any, int], ...]:
    found = (
        _values(column, wanted)
        .with_row_index("first")
        .group_by("value")
        .agg(pl.col("count").sum(), pl.col("first").min())
        # Of equally common ones those that were there first; to sort a million texts for that would take a second.
        .with_columns(pl.col("first").cast(pl.Int64).neg())
        .top_k(limit, by=["count", "first"])
        .sort("count", "first", descending=True)
    )
    return tuple(found.select("value", "count").iter_rows())


def _values(column: Column, wanted: str) -> pl.DataFrame:
    """Values that contain a folded text and how many rows have each, not added up yet."""
    assert isinstance(column, Coded | Plain)
    values = column.values
    if values.dtype == pl.Struct:
        return pl.DataFrame({"value": pl.Series([], dtype=pl.String), "count": pl.Series([], dtype=pl.Int64)})
    if isinstance(column, Coded):
        counts = pl.Series(np.bincount(column.codes, minlength=len(values)))
    else:
        counts = pl.repeat(1, len(values), dtype=pl.Int64, eager=True)
    folds = values if column.folded is None else column.folded
    frame = pl.DataFrame({"value": values, "fold": folds, "count": counts})
    frame = frame.filter(pl.col("count") > 0, pl.col("value").is_not_null())
    if values.dtype == LISTS:
        # A value that stands twice in one list is one row's value once.
        frame = (
            frame.with_row_index("list")
            .explode("value", "fold")
            .drop_nulls("value")
            .unique(["list", "value"], maintain_order=True)
        )
    if wanted:
        frame = frame.filter(pl.col("fold").cast(pl.String).str.to_lowercase().str.contains(wanted, literal=True))
    return frame.select("value", "count")
