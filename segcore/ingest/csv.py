"""Reads CSV without trusting it: nothing longer than a row may be is ever held, and every row is accounted for.

Python's reader splits the fields (strictly, so that a stray quote is an error of its row); what it lacks is here:
limits, lines that end in CR alone, rows of another length, and rows that cannot be read, each with its line.
"""

import csv
import io
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TextIO

import polars as pl

from segcore.ingest.chunk import CELL_BYTES, COLUMNS, ROW_CHARACTERS, TOO_LONG, Cells, Chunk, Gathering, within
from segcore.ingest.files import Source
from segcore.ingest.headers import checked
from segcore.problems import SegcoreError

# The limit is one for the whole process and counts characters; ours are stricter and refuse a row, not the file.
csv.field_size_limit(min(sys.maxsize, 4 * ROW_CHARACTERS))
_SHOWN = 1_000


class _TooLong(Exception):
    """A row passed the limit while it was being read; `ended` says whether at the end of a line."""

    def __init__(self, *, ended: bool) -> None:
        super().__init__()
        self.ended = ended


# What is left of a row, from inside or outside of its quotes; a doubled quote leaves and enters again.
_OUTSIDE = r'[^"\r\n]*+(?:"[^"]*+"[^"\r\n]*+)*+(?:\r\n?|\n)'
_REST = (re.compile(_OUTSIDE), re.compile('[^"]*+"' + _OUTSIDE))


class _Lines:
    """The lines of a file, one at a time; of the row that is being read only what may be shown of it is kept."""

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._readline: Callable[[int], str] = text.readline
        self.number = 0  # of the last line
        self.first = ""  # line of the row
        self.lines = 0  # of the row
        self.size = 0  # of the row, in characters
        self._quotes = 0
        self._more: list[str] = []

    def begin(self) -> None:
        """A new row."""
        self.lines = self.size = self._quotes = 0
        self._more = []

    def shown(self) -> str:
        """How the row begins."""
        return "".join([self.first[:_SHOWN], *self._more])[:_SHOWN] if self.lines else ""

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._readline(ROW_CHARACTERS)
        if not line:
            raise StopIteration
        self.number += 1
        if self.lines:
            if self.size < _SHOWN:
                self._more.append(line)
            self._quotes += line.count('"')
        else:
            self.first = line
        self.lines += 1
        self.size += len(line)
        if self.size >= ROW_CHARACTERS:
            self._quotes += self.first.count('"')
            raise _TooLong(ended=line[-1] in "\r\n")
        return line

    def skip(self, *, ended: bool) -> bool:
        """Go to the end of a row that is too long; false where the file ends inside its quotes."""
        inside = self._quotes % 2 == 1
        ends = self.number - (not ended)
        # What was put back after an earlier row is shorter than a row may be, so it is used up by now.
        while inside or not ended:
            block = self._text.read(ROW_CHARACTERS)
            if not block:
                self.number = ends + (not ended)
                return not inside
            if block[-1] == "\r":
                block += self._text.read(1)
            rest = _REST[inside].match(block)
            part = block if rest is None else rest[0]
            ends += part.count("\n") + part.count("\r") - part.count("\r\n")
            if rest is not None:
                self.number = ends
                self._put_back(block[rest.end() :])
                return True
            ended = block[-1] in "\r\n"
            inside ^= block.count('"') % 2 == 1
        return True

    def _put_back(self, block: str) -> None:
        """Give the next lines from a block that was read already, then go on with the file."""
        waiting = io.StringIO(block, newline="")

        def readline(limit: int) -> str:
            line = waiting.readline(limit)
            if line and (line[-1] in "\r\n" or len(line) == limit):
                return line
            self._readline = self._text.readline
            return line + self._text.readline(limit - len(line))

        self._readline = readline


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
        rows = within(rows, len(self.columns))
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
            except _TooLong as long:
                closed = lines.skip(ended=long.ended)
                reason = "the row is longer than 1 MB"
                if not closed:
                    reason += f"; a quote opened in it is never closed, so nothing up to line {lines.number:,} was read"
                gathered.refuse(before + 1, reason, lines.shown())
                continue
            except csv.Error as error:
                gathered.refuse(before + 1, _quoting(str(error), before + 1, lines.number), lines.shown())
                continue
            if not row:
                continue
            held += lines.size
            plain = (
                len(row) == width and lines.lines == 1 and lines.size <= CELL_BYTES // 4 and "\x00" not in lines.first
            )
            refusal = None if plain else self._refusal(row)
            if refusal is None:
                read.append(row)
                gathered.lines.append(before + 1)
            else:
                gathered.refuse(before + 1, refusal[0], lines.shown(), refusal[1])
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
