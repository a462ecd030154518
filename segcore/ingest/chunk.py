"""What every reader hands on: some rows of a file, column by column, still as they were written."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Protocol

import polars as pl

CELL_BYTES = 64 * 1024
ROW_CHARACTERS = 1_000_000
COLUMNS = 2_000
CELLS = 1_000_000
SHOWN = 40
TOO_LONG = "the value is longer than 64 kB"


class Form(IntEnum):
    """What a raw value was in its file; JSON and Parquet tell text from numbers, a CSV field does not."""

    FIELD = 0
    STRING = 1
    NUMBER = 2
    BOOLEAN = 3
    ARRAY = 4
    OBJECT = 5


@dataclass(frozen=True, slots=True)
class Cells:
    """One column of a chunk: text as it was written (null where there is nothing) and its form, one for all or one a cell."""

    raw: pl.Series
    form: Form | pl.Series = Form.FIELD

    def form_at(self, row: int) -> Form:
        """What the value of one row was."""
        return self.form if isinstance(self.form, Form) else Form(self.form[row] or 0)

    def among(self, forms: frozenset[Form]) -> pl.Series:
        """Which cells are of one of these forms."""
        if isinstance(self.form, Form):
            return pl.repeat(self.form in forms, len(self.raw), eager=True)
        return self.form.is_in([int(form) for form in forms]).fill_null(True)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A row that has no cells to speak of: where it is, why, and what can be shown of it."""

    line: int
    reason: str
    text: str = ""
    column: str = ""


@dataclass(frozen=True, slots=True)
class Chunk:
    """Some rows of a file, in its order. `lines` says where each begins; a column that none of them has may be absent."""

    lines: pl.Series
    cells: Mapping[str, Cells]
    unreadable: tuple[Unreadable, ...] = ()

    @property
    def rows(self) -> int:
        """How many rows were read, the unreadable ones among them."""
        return len(self.lines) + len(self.unreadable)

    def of(self, column: str) -> Cells:
        """The cells of a column; all missing where these rows do not have it."""
        return self.cells.get(column) or Cells(pl.repeat(None, len(self.lines), dtype=pl.String, eager=True))


class Reader(Protocol):
    """A file that can be read from its start as often as it takes."""

    columns: tuple[str, ...]
    encoding: str

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """The rows, some at a time."""
        ...


@dataclass(slots=True)
class Gathering:
    """Rows on their way into a chunk."""

    lines: list[int] = field(default_factory=list)
    unreadable: list[Unreadable] = field(default_factory=list)

    def refuse(self, line: int, reason: str, text: str = "", column: str = "") -> None:
        """Note a row that cannot be read; what is shown of it is bounded, because the row itself may not be."""
        self.unreadable.append(Unreadable(line, reason, text[:1_000], column))


def within(rows: int, columns: int) -> int:
    """How many rows a chunk may have: as many as asked, fewer where there are many columns."""
    return max(1, min(rows, CELLS // max(1, columns)))


def limited(lines: pl.Series, cells: Mapping[str, Cells], unreadable: Sequence[Unreadable]) -> Chunk:
    """The chunk of these rows, without those that have a value that is too long."""
    refused: dict[int, Unreadable] = {}
    for name, cell in cells.items():
        for row in (cell.raw.str.len_bytes() > CELL_BYTES).fill_null(False).arg_true():
            refused.setdefault(row, Unreadable(lines[row], TOO_LONG, column=name))
    if refused:
        keep = pl.repeat(True, len(lines), eager=True).scatter(list(refused), False)
        cells = {
            name: Cells(cell.raw.filter(keep), cell.form if isinstance(cell.form, Form) else cell.form.filter(keep))
            for name, cell in cells.items()
        }
        lines = lines.filter(keep)
    return Chunk(lines, cells, (*unreadable, *refused.values()))


def short(text: str) -> str:
    """A value as a reason quotes it: in its quotation marks, cut, on one line."""
    shown = "".join(character if character.isprintable() else "�" for character in text[: SHOWN + 1])
    return f"“{shown}”" if len(shown) <= SHOWN else f"“{shown[:SHOWN]}…”"
