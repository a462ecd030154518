"""Reads JSON lines: one object a line, whose keys are the columns. Numbers keep their digits until their kind is known."""

import json
from collections.abc import Iterator
from typing import Any

import polars as pl

from segcore.ingest.chunk import COLUMNS, ROW_CHARACTERS, Cells, Chunk, Form, Gathering, limited, short, within
from segcore.ingest.files import Source
from segcore.ingest.headers import refusal
from segcore.problems import SegcoreError


class _Number(str):
    """A number as it was written."""


class _Unfit(Exception):
    """Why a line cannot be a row, and the column to blame."""

    def __init__(self, reason: str, column: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.column = column


class JsonLinesReader:
    """A file of JSON lines. Its columns are the keys of all its lines, in the order in which they turn up."""

    def __init__(self, source: Source, encoding: str | None = None, columns: tuple[str, ...] | None = None) -> None:
        self._source = source
        self.encoding = source.encoding(encoding)
        self.columns = columns if columns is not None else self._keys()

    def _keys(self) -> tuple[str, ...]:
        keys: dict[str, None] = {}
        lines = 0
        for _, line in self._lines():
            lines += 1
            try:
                keys.update(dict.fromkeys(_object(line or "")))
            except _Unfit:
                continue
            if len(keys) > COLUMNS:
                raise SegcoreError(
                    f"“{self._source.name}” has more than {COLUMNS:,} different keys.", "Is it meant so?"
                )
        if not lines:
            raise SegcoreError(f"“{self._source.name}” is empty.", "It should have a JSON object on each line.")
        if not keys:
            raise SegcoreError(f"No line of “{self._source.name}” is a JSON object.", "Each line should be one.")
        return tuple(keys)

    def _lines(self) -> Iterator[tuple[int, str | None]]:
        """Each line that is not blank with its number; None in place of one that is too long."""
        with self._source.text(self.encoding) as text:
            number = 0
            while line := text.readline(ROW_CHARACTERS):
                number += 1
                whole = len(line) < ROW_CHARACTERS
                while len(line) == ROW_CHARACTERS and line[-1] not in "\r\n":
                    line = text.readline(ROW_CHARACTERS)
                if not whole:
                    yield number, None
                elif line.strip():
                    yield number, line

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """The lines, some at a time."""
        rows = within(rows, len(self.columns))
        read: list[dict[str, Any]] = []
        gathered = Gathering()
        held = 0
        for number, line in self._lines():
            held += len(line or "")
            try:
                read.append(_object(line))
                gathered.lines.append(number)
            except _Unfit as unfit:
                gathered.refuse(number, unfit.reason, (line or "").strip(), unfit.column)
            if len(read) + len(gathered.unreadable) == rows or held > 40 * ROW_CHARACTERS:
                yield self._chunk(read, gathered)
                read, gathered, held = [], Gathering(), 0
        yield self._chunk(read, gathered)

    def _chunk(self, read: list[dict[str, Any]], gathered: Gathering) -> Chunk:
        cells = {name: _cells([row.get(name) for row in read]) for name in self.columns}
        return limited(pl.Series(gathered.lines, dtype=pl.Int64), cells, gathered.unreadable)


def _object(line: str | None) -> dict[str, Any]:
    """The values of a line by key; what neither database could keep refuses the line."""
    if line is None:
        raise _Unfit("the line is longer than 1 MB")
    try:
        found = json.loads(
            line, parse_int=_Number, parse_float=_Number, parse_constant=_Number, object_pairs_hook=_distinct
        )
    except RecursionError:
        raise _Unfit("the line is nested too deeply") from None
    except ValueError:
        raise _Unfit("the line is not JSON") from None
    if not isinstance(found, dict):
        raise _Unfit("the line is not a JSON object")
    for key, value in found.items():
        if wrong := refusal(key):
            raise _Unfit(f"the name {short(key)} {wrong}")
        if isinstance(value, str) and not value.isascii() and any("\ud800" <= mark <= "\udfff" for mark in value):
            raise _Unfit("contains half a character", key)
    return found


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise _Unfit(f"names {short(twice)} more than once", twice if refusal(twice) is None else "")
    return found


def _cells(values: list[Any]) -> Cells:
    raw: list[str | None] = []
    forms: list[int | None] = []
    for value in values:
        text, form = _written(value)
        raw.append(text)
        forms.append(form)
    distinct = {form for form in forms if form is not None}
    one = Form(distinct.pop()) if len(distinct) == 1 else Form.STRING if not distinct else None
    return Cells(pl.Series(raw, dtype=pl.String), pl.Series(forms, dtype=pl.UInt8) if one is None else one)


def _written(value: Any) -> tuple[str | None, Form | None]:
    match value:
        case None | _Number("NaN"):
            return None, None
        case _Number():
            return str(value), Form.NUMBER
        case str():
            return value, Form.STRING
        case bool():
            return ("true" if value else "false"), Form.BOOLEAN
        case _:
            form = Form.ARRAY if isinstance(value, list) else Form.OBJECT
            try:
                return json.dumps(value), form
            except RecursionError:
                return "(nested too deeply)", Form.OBJECT
