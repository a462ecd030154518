"""The people or the companies of a snapshot as columns: immutable, in the order of their SQL ids.

A column of few distinct values is coded: a small whole number a row and a dictionary. A condition is then answered on
the dictionary and spread by the codes. What has many distinct values is kept plain. Each column has a token, which
changes with its content: an answer that was kept for a token holds for as long as the column lives.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import count
from typing import Any, Protocol

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import Attribute, dtype, fold_column
from segcore.engine.folding import LISTS, folded

Codes = NDArray[Any]  # of unsigned numbers, one byte or two
Rows = NDArray[Any]

# Numbers and instants are quick as they are; of these kinds few distinct values are the rule.
CODED = (pl.String(), LISTS, pl.Boolean(), pl.Date())
MOST_CODES = 2**16 - 1  # and 0 for missing
ALWAYS_CODED = 4_096  # a dictionary this small costs nothing, however few the rows
MOST_CHUNKS = 16

_tokens = count(1)


class Column(Protocol):
    """The values of one attribute, a row each."""

    @property
    def token(self) -> int: ...
    @property
    def missing(self) -> int: ...
    @property
    def size(self) -> int: ...
    def __len__(self) -> int: ...
    def series(self, rows: Rows | None = None) -> pl.Series: ...
    def folds(self, rows: Rows | None = None) -> pl.Series: ...
    def take(self, rows: Rows) -> "Column": ...
    def put(self, rows: Rows, values: pl.Series) -> "Column": ...
    def append(self, values: pl.Series) -> "Column": ...
    def settled(self) -> "Column": ...


@dataclass(frozen=True, eq=False)
class Coded:
    """A code a row, and what each code stands for; code 0 is missing. Codes are never given another meaning."""

    codes: Codes
    values: pl.Series
    folded: pl.Series | None
    token: int = field(default_factory=lambda: next(_tokens))

    @classmethod
    def empty(cls, dtype: pl.DataType) -> "Coded":
        values = pl.Series([None], dtype=dtype)
        return cls(np.zeros(0, np.uint8), values, folded(values))

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def missing(self) -> int:
        """How many rows have no value."""
        return int(np.count_nonzero(self.codes == 0))

    @property
    def size(self) -> int:
        """Bytes held, about."""
        folds = 0 if self.folded is None or self.folded is self.values else self.folded.estimated_size()
        return int(self.codes.nbytes + self.values.estimated_size() + folds)

    def series(self, rows: Rows | None = None) -> pl.Series:
        """The values, of all rows or of these."""
        return self.values.gather(pl.Series(self.codes if rows is None else self.codes[rows]))

    def folds(self, rows: Rows | None = None) -> pl.Series:
        """The folded texts, of all rows or of these."""
        assert self.folded is not None
        return self.folded.gather(pl.Series(self.codes if rows is None else self.codes[rows]))

    def take(self, rows: Rows) -> "Coded":
        """These rows only, in this order."""
        return Coded(self.codes[rows], self.values, self.folded)

    def put(self, rows: Rows, values: pl.Series) -> Column:
        """Other values in some rows; the same column where nothing changes."""
        if self.series(rows).equals(values):
            return self
        codes, known = self._encoded(values)
        if known is None:
            return self._plain().put(rows, values)
        changed = self.codes.astype(codes.dtype)
        changed[rows] = codes
        return Coded(changed, *known)

    def append(self, values: pl.Series) -> Column:
        """More rows at the end."""
        codes, known = self._encoded(values)
        if known is None:
            return self._plain().append(values)
        return Coded(np.concatenate((self.codes.astype(codes.dtype, copy=False), codes)), *known)

    def settled(self) -> Column:
        """As it is best kept, now that all rows are there."""
        distinct = len(self.values) - 1
        return self._plain() if distinct > max(ALWAYS_CODED, len(self) // 2) else self

    def _plain(self) -> "Plain":
        values = self.series()
        return Plain(values, values if self.folded is self.values else None if self.folded is None else self.folds())

    def _encoded(self, values: pl.Series) -> "tuple[Codes, tuple[pl.Series, pl.Series | None] | None]":
        """The codes of values, with the dictionary that they need; None for it where that would be too large."""
        wanted = pl.DataFrame({"token": _comparable(values), "value": values})
        known = pl.DataFrame({"token": _comparable(self.values)}).with_row_index("code").slice(1)
        fresh = (
            wanted.filter(pl.col("token").is_not_null())
            .unique("token", keep="first", maintain_order=True)
            .join(known, on="token", how="anti", maintain_order="left")
        )
        if len(known) + len(fresh) > MOST_CODES:
            return self.codes, None
        if len(fresh):
            new = fresh.get_column("value")
            kept = pl.concat([self.values, new.rename(self.values.name)], rechunk=True)
            if self.folded is None:
                folds = None
            else:
                more = folded(new)
                assert more is not None
                same = self.folded is self.values and more is new
                folds = kept if same else pl.concat([self.folded, more.rename(self.folded.name)], rechunk=True)
            known = pl.DataFrame({"token": _comparable(kept)}).with_row_index("code").slice(1)
        else:
            kept, folds = self.values, self.folded
        found = wanted.select("token").join(known, on="token", how="left", maintain_order="left").get_column("code")
        narrow = np.uint8 if len(kept) <= 2**8 else np.uint16
        return found.fill_null(0).to_numpy().astype(narrow), (kept, folds)


@dataclass(frozen=True, eq=False)
class Plain:
    """The values as they are; for texts and lists their folds beside them, the same series where the texts are folded already."""

    values: pl.Series
    folded: pl.Series | None
    token: int = field(default_factory=lambda: next(_tokens))

    @classmethod
    def of(cls, values: pl.Series) -> "Plain":
        return cls(values, folded(values))

    def __len__(self) -> int:
        return len(self.values)

    @cached_property
    def missing(self) -> int:
        """How many rows have no value."""
        return self.values.null_count()

    @property
    def size(self) -> int:
        """Bytes held, about."""
        folds = 0 if self.folded is None or self.folded is self.values else self.folded.estimated_size()
        return int(self.values.estimated_size() + folds)

    def series(self, rows: Rows | None = None) -> pl.Series:
        """The values, of all rows or of these."""
        return self.values if rows is None else self.values.gather(pl.Series(rows))

    def folds(self, rows: Rows | None = None) -> pl.Series:
        """The folded texts, of all rows or of these."""
        assert self.folded is not None
        return self.folded if rows is None else self.folded.gather(pl.Series(rows))

    def take(self, rows: Rows) -> "Plain":
        """These rows only, in this order."""
        return self._with(lambda series, _: series.gather(pl.Series(rows)), self.values)

    def put(self, rows: Rows, values: pl.Series) -> "Plain":
        """Other values in some rows; the same column where nothing changes."""
        if self.series(rows).equals(values):
            return self
        return self._with(lambda series, new: _put(series, rows, new), values)

    def append(self, values: pl.Series) -> "Plain":
        """More rows at the end; what is there is not copied."""
        return self._with(_append, values)

    def settled(self) -> "Plain":
        """In one piece, which is quicker to read."""
        return self if self.values.n_chunks() == 1 else self._with(lambda series, _: series.rechunk(), self.values)

    def _with(self, change: "Change", values: pl.Series) -> "Plain":
        changed = change(self.values, values)
        if self.folded is None:
            return Plain(changed, None)
        folds = self.folded if values is self.values else folded(values)
        assert folds is not None
        same = self.folded is self.values and folds is values
        return Plain(changed, changed if same else change(self.folded, folds))


class Change(Protocol):
    """What is done alike to the values and to their folds."""

    def __call__(self, series: pl.Series, new: pl.Series, /) -> pl.Series: ...


@dataclass(frozen=True)
class Columns:
    """All people or all companies: a column an attribute, a row each. `ids` are their SQL ids, ascending."""

    ids: NDArray[np.int64]
    by_key: Mapping[str, Column]

    @classmethod
    def empty(cls, attributes: Mapping[str, Attribute]) -> "Columns":
        """Nobody yet."""
        return cls(np.zeros(0, np.int64), {key: missing(dtype(attribute), 0) for key, attribute in attributes.items()})

    @classmethod
    def of(cls, attributes: Mapping[str, Attribute], frame: pl.DataFrame) -> "Columns":
        """Columns from a frame that has their types; the ids are 1, 2, 3 …"""
        ids = np.arange(1, frame.height + 1, dtype=np.int64)
        return cls.empty(attributes).changed(ids, frame).settled()

    @property
    def height(self) -> int:
        """How many rows."""
        return len(self.ids)

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self.ids.nbytes + sum(column.size for column in self.by_key.values())

    def changed(self, ids: NDArray[np.int64], frame: pl.DataFrame) -> "Columns":
        """Other values for some rows, and new rows; columns in which nothing changes stay the same objects."""
        at = np.searchsorted(self.ids, ids)
        there = at < self.height
        there[there] = self.ids[at[there]] == ids[there]
        columns = dict(self.by_key)
        rows, old, new = at[there], pl.Series(np.flatnonzero(there)), pl.Series(np.flatnonzero(~there))
        for key, column in columns.items():
            given = frame.get_column(key)
            if len(old):
                column = column.put(rows, given.gather(old) if len(new) else given)
            if len(new):
                column = column.append(given.gather(new) if len(old) else given)
            columns[key] = column
        if not len(new):
            return Columns(self.ids, columns)
        known = np.concatenate((self.ids, ids[~there]))
        result = Columns(known, columns)
        return result if bool(np.all(known[1:] > known[:-1])) else result._take(np.argsort(known, kind="stable"))

    def without(self, ids: NDArray[np.int64]) -> "Columns":
        """These rows dropped."""
        kept = ~np.isin(self.ids, ids)
        return self if kept.all() else self._take(np.flatnonzero(kept))

    def shaped(self, attributes: Mapping[str, Attribute]) -> "Columns | None":
        """With the columns of a schema that has grown: new ones are missing everywhere, numbers may become fractional.

        None where a kind is another one now, so that the values have to be read again.
        """
        columns: dict[str, Column] = {}
        for key, attribute in attributes.items():
            column = self.by_key.get(key)
            cast = missing(dtype(attribute), self.height) if column is None else recast(column, attribute)
            if cast is None:
                return None
            columns[key] = cast
        same = list(columns) == list(self.by_key) and all(columns[key] is self.by_key[key] for key in columns)
        return self if same else Columns(self.ids, columns)

    def settled(self) -> "Columns":
        """Each column as it is best kept, now that all rows are there."""
        return Columns(self.ids, {key: column.settled() for key, column in self.by_key.items()})

    def _take(self, rows: Rows) -> "Columns":
        return Columns(self.ids[rows], {key: column.take(rows) for key, column in self.by_key.items()})


def table(key: str, column: Column) -> pl.DataFrame:
    """What a condition on a column is answered over: its rows, or the dictionary of a coded one."""
    assert isinstance(column, Coded | Plain)
    named = [column.values.alias(key)]
    if column.folded is not None:
        named.append(column.folded.alias(fold_column(key)))
    return pl.DataFrame(named)


def find(column: Column, value: str) -> int | None:
    """The first row that has exactly this value."""
    assert isinstance(column, Coded | Plain)
    at = (column.values == value).arg_true()
    if not len(at):
        return None
    if isinstance(column, Plain):
        return int(at[0])
    rows = np.flatnonzero(column.codes == at[0])
    return int(rows[0]) if len(rows) else None


def recast(column: Column, attribute: Attribute) -> Column | None:
    """A column with the kind that its attribute has now; None where the values have to be read again."""
    wanted = dtype(attribute)
    if _type(column) == wanted:
        return column
    if column.missing == len(column):
        return missing(wanted, len(column))
    if (_type(column), wanted) == (pl.Int64(), pl.Float64()):
        return Plain.of(column.series().cast(wanted))
    return None


def missing(values: pl.DataType, height: int, coded: bool = False) -> Column:
    """A column of some type in which nobody has a value."""
    if coded or values in CODED:
        blank = Coded.empty(values)
        return Coded(np.zeros(height, np.uint8), blank.values, blank.folded)
    return Plain.of(pl.Series([None], dtype=values).new_from_index(0, height))


def _type(column: Column) -> pl.DataType:
    assert isinstance(column, Coded | Plain)
    return column.values.dtype


def _comparable(values: pl.Series) -> pl.Series:
    """Something that joins can compare: for a list its texts, each behind its length, so that no two lists read alike."""
    if values.dtype != LISTS:
        return values
    element = pl.element()
    return values.list.eval(element.str.len_bytes().cast(pl.String) + pl.lit(":") + element).list.join("")


def _put(series: pl.Series, rows: Rows, new: pl.Series) -> pl.Series:
    if series.dtype.is_nested():
        order = np.arange(len(series))
        order[rows] = np.arange(len(series), len(series) + len(new))
        return pl.concat([series, new.rename(series.name)], rechunk=False).gather(pl.Series(order))
    return series.clone().scatter(pl.Series(rows), new)


def _append(series: pl.Series, new: pl.Series) -> pl.Series:
    if not len(series):
        return new.alias(series.name)
    longer = pl.concat([series, new.alias(series.name)], rechunk=False)
    if longer.n_chunks() <= MOST_CHUNKS:
        return longer
    # The first piece is nearly everything: only the small ones after it are put together, until they are a quarter of it.
    head = longer.chunk_lengths()[0]
    tail = longer.slice(head).rechunk()
    return longer.rechunk() if len(tail) > head // 4 else pl.concat([longer.slice(0, head), tail], rechunk=False)
