"""Takes a chunk apart by a plan: the rows that can be stored, and those that are refused with their reasons."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import TextIO
from zoneinfo import ZoneInfo

import polars as pl

from segcore.attributes import EXTERNAL_ID
from segcore.ingest import columns, documents, records
from segcore.ingest.chunk import Cells, Chunk, Form
from segcore.ingest.columns import Parsed
from segcore.ingest.plan import EVENT, Column, Plan, Role
from segcore.ingest.records import Rejection

# How much of the rejected rows is kept; whoever has more to mend mends the cause, or names a file for all of them.
KEPT = 4_000_000
# What a row is stored with besides its document.
_FOUND = {
    Role.ID: EXTERNAL_ID,
    Role.PERSON: EXTERNAL_ID,
    Role.COMPANY: "companies",
    Role.AT: "at",
    Role.NAME: "name",
    Role.MESSAGE: "message_id",
}


@dataclass(frozen=True, slots=True)
class Rejected:
    """A row that was refused: its line, the columns to blame, why, and what it held."""

    line: int
    column: str
    reason: str
    fields: tuple[str | None, ...] = ()
    text: str = ""


@dataclass(frozen=True, slots=True)
class Sifted:
    """What became of a chunk. `accepted` has external_id and document, and companies or name, at and message_id where they apply."""

    accepted: pl.DataFrame
    rejected: tuple[Rejected, ...]
    read: int


class Sieve:
    """Reads chunk after chunk as the plan says."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self._names = tuple(column.name for column in plan.columns)
        self._readings = {column.name: column.reading(ZoneInfo(plan.zone)) for column in plan.columns}

    def sift(self, chunk: Chunk) -> Sifted:
        """The rows to store, and the others."""
        parsed = {
            column.name: self._parsed(column, chunk)
            for column in self._plan.columns
            if column.role is not Role.LEFT_OUT
        }
        refused = pl.repeat(False, len(chunk.lines), eager=True)
        for one in parsed.values():
            refused = refused | one.refused
        rejected = [Rejected(row.line, row.column, row.reason, text=row.text) for row in chunk.unreadable]
        if refused.any():
            rejected += self._reasons(chunk, parsed, refused)
            parsed = {name: Parsed(one.values.filter(~refused), one.refused) for name, one in parsed.items()}
        rejected.sort(key=lambda row: row.line)
        return Sifted(self._accepted(parsed, len(chunk.lines) - int(refused.sum())), tuple(rejected), chunk.rows)

    def _parsed(self, column: Column, chunk: Chunk) -> Parsed:
        cells = chunk.of(column.name)
        match column.role:
            case Role.ID | Role.PERSON:
                return columns.identifiers(cells)
            case Role.NAME:
                return columns.identifiers(cells)
            case Role.MESSAGE:
                found = columns.identifiers(cells)
                return Parsed(found.values, found.refused & ~_absent(cells))
            case Role.COMPANY:
                parsed = columns.each(_filled(cells), companies)
                return Parsed(parsed.values.str.json_decode(pl.List(pl.String())), parsed.refused)
            case Role.AT:
                parsed = columns.parse(cells, self._readings[column.name])
                return Parsed(parsed.values, parsed.refused | parsed.values.is_null())
            case _:
                return columns.parse(cells, self._readings[column.name])

    def _reasons(self, chunk: Chunk, parsed: dict[str, Parsed], refused: pl.Series) -> list[Rejected]:
        by_row: dict[int, list[tuple[str, str]]] = {}
        for column in self._plan.columns:
            if column.name not in parsed:
                continue
            cells = chunk.of(column.name)
            for row in parsed[column.name].refused.arg_true():
                by_row.setdefault(row, []).append(
                    (column.name, self._reason(column, cells.raw[row], cells.form_at(row)))
                )
        cells_of = [chunk.of(name).raw for name in self._names]
        rows = []
        for row in sorted(by_row):
            troubles = by_row[row]
            reason = troubles[0][1] if len(troubles) == 1 else "; ".join(f"{name}: {why}" for name, why in troubles)
            names = ", ".join(name for name, _ in troubles)
            rows.append(Rejected(chunk.lines[row], names, reason, tuple(cells[row] for cells in cells_of)))
        return rows

    def _reason(self, column: Column, raw: str | None, form: Form) -> str:
        told: object
        match column.role:
            case Role.ID | Role.PERSON:
                told = records.identifier(raw, form)
            case Role.NAME:
                told = records.identifier(raw, form, noun="event name")
            case Role.MESSAGE:
                told = records.identifier(raw, form, noun="message id")
            case Role.COMPANY:
                told = companies(raw or "")
            case _:
                told = records.read(self._readings[column.name], raw, form)
                if told is None:
                    return "no time"
        return told.reason if isinstance(told, Rejection) else "does not fit"

    def _accepted(self, parsed: dict[str, Parsed], rows: int) -> pl.DataFrame:
        plan = self._plan
        values = [(c.key, c.kind, parsed[c.name].values) for c in plan.columns if c.role is Role.ATTRIBUTE]
        # Events are told apart by what they carry, so the order of columns must not matter.
        values = sorted(values, key=lambda value: value[0]) if plan.what == EVENT else values
        found: dict[str, pl.Series] = {"document": documents.encoded(values, rows)}
        for role, name in _FOUND.items():
            column = plan.role(role)
            if column is not None:
                found[name] = parsed[column.name].values
        if plan.what == EVENT:
            found.setdefault("name", pl.repeat(plan.options.event, rows, dtype=pl.String, eager=True))
            found.setdefault("message_id", pl.repeat(None, rows, dtype=pl.String, eager=True))
        return pl.DataFrame(found)


def companies(raw: str) -> list[str] | Rejection:
    """The ids of a person's companies, the primary one first."""
    found = records.listed(raw, declared=True)
    if isinstance(found, Rejection):
        return found
    for name in found:
        told = records.identifier(name, noun="company's id")
        if isinstance(told, Rejection):
            return told
    return list(dict.fromkeys(found))


class Fingerprints:
    """Names for events that came without a message id, so that the same file read again repeats them.

    A name is a hash of person, event, instant and properties, and of how many equal rows stand before it in the file.
    """

    def __init__(self) -> None:
        self._seen: dict[bytes, int] = {}

    def filled(self, events: pl.DataFrame) -> pl.DataFrame:
        """The same events, each with a message id."""
        bare = events["message_id"].is_null()
        if not bare.any():
            return events
        rows = bare.arg_true()
        frame = events[rows].select(EXTERNAL_ID, "name", "at", "document")
        return events.with_columns(events["message_id"].scatter(rows, [self._name(row) for row in frame.iter_rows()]))

    def _name(self, row: tuple[object, ...]) -> str:
        told = "\x1f".join(str(part) for part in row).encode()
        digest = blake2b(told, digest_size=16).digest()
        before = self._seen.get(digest, 0)
        self._seen[digest] = before + 1
        if before:
            digest = blake2b(told + b"\x1f%d" % before, digest_size=16).digest()
        return "row:" + digest.hex()


class Refusals:
    """The file of rejected rows: line, column and reason, then the row as it was. Bounded in memory; on disk it is whole."""

    def __init__(self, names: Sequence[str], file: TextIO | None = None) -> None:
        self.count = 0
        self._file = file
        self._names = tuple(names)
        self._kept = io.StringIO()
        self._left_out = 0
        taken = {"row", *names}
        own = []
        for name in ("line", "column", "reason"):
            while name in taken:
                name = f"rejected {name}"
            own.append(name)
        self._write([*own, *self._names, "row" if "row" not in names else "rejected row"])

    def add(self, rejected: Sequence[Rejected]) -> None:
        """Write some more."""
        for row in rejected:
            self.count += 1
            fields = row.fields or (None,) * len(self._names)
            self._write(
                [str(row.line), row.column, row.reason, *("" if cell is None else cell for cell in fields), row.text]
            )

    def text(self) -> str:
        """What was kept; empty where nothing was rejected."""
        if not self.count:
            return ""
        note = f",,{self._left_out} more rejected rows are not in this file\r\n" if self._left_out else ""
        return self._kept.getvalue() + note

    def _write(self, fields: Sequence[str]) -> None:
        # Neither the databases nor most programs take a NUL; what stands in its place says that something was there.
        fields = [field.replace("\x00", "\ufffd") for field in fields]
        if self._kept.tell() < KEPT:
            csv.writer(self._kept).writerow(fields)
        else:
            self._left_out += 1
        if self._file is not None:
            csv.writer(self._file).writerow(fields)


def _absent(cells: Cells) -> pl.Series:
    return cells.raw.is_null() | (cells.raw.str.strip_chars() == "").fill_null(True)


def _filled(cells: Cells) -> pl.Series:
    return cells.raw.set(_absent(cells), None)
