"""Reads CSV without trusting it: nothing longer than a row may be is ever held, and every row is accounted for.

Python's reader splits the fields (strictly, so that a stray quote is an error of its row); what it lacks is here:
limits, lines that end in CR alone, rows of another length, and rows that cannot be read, each with its line.
"""

import csv
import sys
from collections.abc import Iterator, Sequence
from typing import TextIO

import polars as pl

from segcore.ingest.chunk import CELL_BYTES, COLUMNS, ROW_CHARACTERS, TOO_LONG, Cells, Chunk, Gathering
from segcore.ingest.files import Source
from segcore.ingest.headers import checked
from segcore.problems import SegcoreError

# The limit is one for the whole process and counts characters; ours are stricter and refuse a row, not the file.
csv.field_size_limit(min(sys.maxsize, 4 * ROW_CHARACTERS))


class _TooLong(Exception):
    """A row passed the limit while it was being read."""


class _Lines:
    """The lines of a file, one at a time and never more than a row's worth of them."""

    def __init__(self, text: TextIO) -> None:
        self._readline = text.readline
        self.number = 0
        self.row: list[str] = []
        self._size = 0
        self._partial = False

    def begin(self) -> None:
        self.row = []
        self._size = 0

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._readline(ROW_CHARACTERS)
        if not line:
            raise StopIteration
        if not self._partial:
            self.number += 1
        self._partial = len(line) == ROW_CHARACTERS and not _ended(line)
        if line[-1] == "\r" and len(line) == ROW_CHARACTERS:
            # The limit may have cut CR from LF; a row this long is refused anyway.
            self._partial = False
        self._size += len(line)
        self.row.append(line)
        if self._size >= ROW_CHARACTERS:
            raise _TooLong
        return line

    def skip(self) -> bool:
        """Go to the end of a row that is too long; false where the file ends inside its quotes.

        Quotes are counted instead of parsed: a doubled one counts twice, so an odd number means inside.
        """
        quotes = sum(line.count('"') for line in self.row)
        while self._partial or quotes % 2:
            line = self._readline(ROW_CHARACTERS)
            if not line:
                return quotes % 2 == 0
            if not self._partial:
                self.number += 1
            self._partial = len(line) == ROW_CHARACTERS and not _ended(line)
            quotes += line.count('"')
        return True


def _ended(line: str) -> bool:
    return line[-1] in "\r\n"


class CsvReader:
    """A CSV file: its columns by their header, its rows in chunks."""

    def __init__(self, source: Source, encoding: str | None = None) -> None:
        self._source = source
        self.encoding = source.encoding(encoding)
        self.delimiter = ","
        with source.text(self.encoding) as text:
            first = text.readline(ROW_CHARACTERS)
            # A comma it is; only where the header has none may it be what spreadsheets of other countries write.
            if "," not in first:
                self.delimiter = next((mark for mark in (";", "\t") if mark in first), ",")
        with source.text(self.encoding) as text:
            self.columns = self._header(_Lines(text))

    def _header(self, lines: _Lines) -> tuple[str, ...]:
        reader = csv.reader(lines, strict=True, delimiter=self.delimiter)
        try:
            header: Sequence[str] | None = next((row for row in reader if row), None)
        except _TooLong:
            raise SegcoreError(
                f"The header of “{self._source.name}” is longer than a row may be.", "Is it a CSV file?"
            ) from None
        except csv.Error:
            raise SegcoreError(
                f"The header of “{self._source.name}” has a quote that is not closed.", "Is it a CSV file?"
            ) from None
        if header is None:
            raise SegcoreError(
                f"“{self._source.name}” is empty.", "A CSV file begins with a line that names its columns."
            )
        if len(header) > COLUMNS:
            raise SegcoreError(f"“{self._source.name}” has {len(header):,} columns; {COLUMNS:,} are the most.")
        return checked(header, self._source.name)

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """The rows, some at a time; blank lines are none."""
        with self._source.text(self.encoding) as text:
            lines = _Lines(text)
            reader = csv.reader(lines, strict=True, delimiter=self.delimiter)
            next(row for row in reader if row)
            while True:
                read: list[list[str]] = []
                gathered = Gathering()
                more = self._fill(reader, lines, read, gathered, rows)
                yield self._chunk(read, gathered)
                if not more:
                    return

    def _fill(
        self, reader: Iterator[list[str]], lines: _Lines, read: list[list[str]], gathered: Gathering, rows: int
    ) -> bool:
        width = len(self.columns)
        held = 0
        # A chunk ends at so many rows, or earlier where they are long: memory is what is bounded.
        while len(read) + len(gathered.unreadable) < rows and held < 40 * ROW_CHARACTERS:
            lines.begin()
            before = lines.number
            try:
                row = next(reader)
            except StopIteration:
                return False
            except _TooLong:
                closed = lines.skip()
                reason = "the row is longer than 1 MB"
                if not closed:
                    reason += f"; a quote opened in it is never closed, so nothing up to line {lines.number:,} was read"
                gathered.refuse(before + 1, reason, lines.row[0])
                continue
            except csv.Error as error:
                gathered.refuse(before + 1, _quoting(str(error), before + 1, lines.number), "".join(lines.row))
                continue
            if not row:
                continue
            line = lines.row[0]
            held += len(line) if len(lines.row) == 1 else sum(map(len, lines.row))
            plain = len(row) == width and len(lines.row) == 1 and len(line) <= CELL_BYTES // 4 and "\x00" not in line
            refusal = None if plain else self._refusal(row)
            if refusal is None:
                read.append(row)
                gathered.lines.append(before + 1)
            else:
                gathered.refuse(before + 1, refusal[0], "".join(lines.row), refusal[1])
        return True

    def _refusal(self, row: list[str]) -> tuple[str, str] | None:
        """Why a row that could be split is refused all the same, and the column to blame."""
        if len(row) != len(self.columns):
            fields = "1 field" if len(row) == 1 else f"{len(row):,} fields"
            return f"the row has {fields}, the header has {len(self.columns):,}", ""
        for name, cell in zip(self.columns, row, strict=True):
            if "\x00" in cell:
                return "contains a NUL character", name
            if len(cell) > CELL_BYTES // 4 and len(cell.encode()) > CELL_BYTES:
                return TOO_LONG, name
        return None

    def _chunk(self, read: list[list[str]], gathered: Gathering) -> Chunk:
        columns = zip(*read, strict=True) if read else ([] for _ in self.columns)
        cells = {
            name: Cells(pl.Series(values, dtype=pl.String)) for name, values in zip(self.columns, columns, strict=True)
        }
        return Chunk(pl.Series(gathered.lines, dtype=pl.Int64), cells, tuple(gathered.unreadable))


def _quoting(error: str, first: int, last: int) -> str:
    if "unexpected end" in error:
        return "a quote opened in this row is never closed" + (
            f", so nothing up to line {last:,} was read" if last > first else ""
        )
    return (
        "a quote inside a quoted field is not doubled" if "expected after" in error else "the row cannot be read as CSV"
    )
