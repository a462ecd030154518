"""What an import will do, told before anything is written: each column, its key, its kind, and what would not fit."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from zoneinfo import ZoneInfo

import polars as pl

from segcore.attributes import EXTERNAL_ID, Attribute, Entity, Kind, Schema
from segcore.ingest.chunk import Chunk, Reader, short
from segcore.ingest.csv import CsvReader
from segcore.ingest.files import Source
from segcore.ingest.headers import refusal
from segcore.ingest.jsonl import JsonLinesReader
from segcore.ingest.kinds import Finding, Verdict
from segcore.ingest.parquet import ParquetReader
from segcore.ingest.records import Order, Reading
from segcore.problems import SegcoreError

EVENT = "event"
ROWS = 25_000
FIRST = 5
LONG = 120


class Role(StrEnum):
    """What a column is for. Attributes and the instant of an event have a kind; the others name something."""

    ID = "id"
    COMPANY = "company"
    PERSON = "person"
    AT = "at"
    NAME = "event"
    MESSAGE = "message id"
    ATTRIBUTE = "attribute"
    LEFT_OUT = "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What whoever imports says about the file. `types` and `names` go by column; a name of None leaves the column out."""

    id: str | None = None
    company: str | None = None
    person: str | None = None
    at: str | None = None
    event: str | None = None
    event_column: str | None = None
    message_id: str | None = None
    types: Mapping[str, Kind] = field(default_factory=dict)
    names: Mapping[str, str | None] = field(default_factory=dict)
    orders: Mapping[str, Order] = field(default_factory=dict)
    encoding: str | None = None

    def roles(self) -> dict[str, Role]:
        """Which columns are no attributes, and what they are instead."""
        named = {self.id: Role.ID, self.company: Role.COMPANY, self.person: Role.PERSON, self.at: Role.AT}
        named |= {self.event_column: Role.NAME, self.message_id: Role.MESSAGE}
        return {column: role for column, role in named.items() if column}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: what it is for, the kind its values have, and the kind it will be read as.

    `settled` says that the attribute has its kind already, so it cannot be chosen. `known` is false while every value
    is missing. `misfits` are the values that do not fit `kind`; each will cost its row.
    """

    name: str
    role: Role
    key: str
    found: Kind
    kind: Kind
    known: bool = True
    settled: bool = False
    declared: bool = False
    missing: int = 0
    misfits: int = 0
    fractions: bool = False
    large: bool = False
    order: Order | None = None
    note: str = ""

    def reading(self, zone: ZoneInfo) -> Reading:
        """How its values are read."""
        return Reading(
            kind=self.kind, fractions=self.fractions, order=self.order, zone=zone, provisional=not self.known
        )

    def attribute(self, before: Attribute | None) -> Attribute:
        """What the attribute is once the column is in."""
        before = before or Attribute(key=self.key, kind=self.kind, known=False)
        return Attribute(
            key=self.key,
            kind=self.kind if self.known else before.kind,
            label=before.label,
            description=before.description,
            unit=before.unit,
            standard=before.standard,
            known=before.known or self.known,
            fractions=before.fractions or self.fractions,
            large=before.large or self.large,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Everything about an import but its effect. It holds for the file as it was; a file that changed is refused."""

    what: str  # person, company or event
    source: Source
    options: Options
    format: str
    encoding: str
    columns: tuple[Column, ...]
    rows: int
    unreadable: int
    first: tuple[tuple[str | None, ...], ...]
    zone: str
    stamp: tuple[int, int]
    # Ids that may be in the file more than once, as hashes: they wait until the whole file is read.
    repeated: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.UInt64), repr=False, compare=False)

    @property
    def attributes(self) -> tuple[Column, ...]:
        """The columns that become attributes or properties."""
        return tuple(column for column in self.columns if column.role == Role.ATTRIBUTE)

    def role(self, role: Role) -> Column | None:
        """The column of a role that only one has."""
        return next((column for column in self.columns if column.role == role), None)

    def reader(self) -> Reader:
        """The file, once more from its start."""
        if self.source.stamp() != self.stamp:
            raise SegcoreError(
                f"“{self.source.name}” changed since it was looked at; nothing was imported.", "Look at it again."
            )
        return opened(self.source, self.options.encoding, tuple(column.name for column in self.columns))


def opened(source: Source, encoding: str | None = None, columns: tuple[str, ...] | None = None) -> Reader:
    """A file's columns and rows, whatever its format; `columns` spares a format without a header finding them again."""
    match source.format:
        case ".jsonl":
            return JsonLinesReader(source, encoding, columns)
        case ".parquet":
            return ParquetReader(source)
        case _:
            return CsvReader(source, encoding)


def plan(
    what: str,
    source: Source,
    options: Options,
    schema: Schema,
    zone: str,
    progress: Callable[[int, int], None] | None = None,
) -> Plan:
    """Read the whole file once and say what its columns are."""
    stamp = source.stamp()
    reader = opened(source, options.encoding)
    roles = _roles(what, options, reader.columns)
    keys = _keys(reader.columns, roles, options)
    known = schema.properties if what == EVENT else schema.of(Entity(what))
    chosen = {name: _chosen(name, keys[name], roles, options, known) for name in reader.columns}
    settled = {
        name for name in reader.columns if roles[name] is Role.AT or (keys[name] in known and known[keys[name]].known)
    }
    findings = {
        name: Finding(chosen[name], name in settled)
        for name in reader.columns
        if roles[name] in (Role.ATTRIBUTE, Role.AT)
    }
    identity = options.id if what != EVENT else None
    read = unreadable = 0
    first: list[tuple[str | None, ...]] = []
    hashes: list[pl.Series] = []
    for chunk in reader.chunks(ROWS):
        for name, finding in findings.items():
            finding.see(chunk.of(name))
        if identity:
            hashes.append(hashed(chunk.of(identity).raw))
        if len(first) < FIRST:
            first += _first(chunk, reader.columns, FIRST - len(first))
        read += chunk.rows
        unreadable += len(chunk.unreadable)
        if progress is not None:
            progress(read, 0)
    columns = []
    for name in reader.columns:
        column = Column(name=name, role=roles[name], key=keys[name], found=Kind.TEXT, kind=Kind.TEXT)
        if name in findings:
            before = known.get(keys[name]) if roles[name] == Role.ATTRIBUTE else None
            flags = {"fractions": before.fractions, "large": before.large} if before and before.known else {}
            verdict = findings[name].verdict(order=options.orders.get(name), **flags)
            column = _judged(
                column,
                verdict,
                settled=bool(before and before.known) or roles[name] == Role.AT,
                declared=name in options.types,
            )
        columns.append(column)
    return Plan(
        what=what,
        source=source,
        options=options,
        format=source.format,
        encoding=reader.encoding,
        columns=tuple(columns),
        rows=read,
        unreadable=unreadable,
        first=tuple(first),
        zone=zone,
        stamp=stamp,
        repeated=_repeated(hashes),
    )


def hashed(ids: pl.Series) -> pl.Series:
    """Numbers that equal ids share; two ids that share one by chance cost nothing but time."""
    return ids.hash(seed=1)


def _repeated(hashes: list[pl.Series]) -> pl.Series:
    everything = pl.concat([pl.Series(dtype=pl.UInt64), *hashes])
    return everything.filter(everything.is_duplicated()).unique()


def _judged(column: Column, verdict: Verdict, *, settled: bool, declared: bool) -> Column:
    return Column(
        name=column.name,
        role=column.role,
        key=column.key,
        found=verdict.found,
        kind=verdict.kind,
        known=verdict.known,
        settled=settled,
        declared=declared,
        missing=verdict.missing,
        misfits=verdict.misfits,
        fractions=verdict.fractions,
        large=verdict.large,
        order=verdict.order,
        note=verdict.note,
    )


def _roles(what: str, options: Options, columns: tuple[str, ...]) -> dict[str, Role]:
    given = options.roles()
    needed = {"id": options.id} if what != EVENT else {"person": options.person, "at": options.at}
    for option, column in needed.items():
        if not column:
            raise SegcoreError(f"Which column is the {option}?", f"--{option} COLUMN: one of {_listed(columns)}.")
    if what != Entity.PERSON and options.company:
        raise SegcoreError("Only people belong to companies.", "Leave --company out.")
    if what == EVENT and bool(options.event) == bool(options.event_column):
        raise SegcoreError("An event needs a name, or a column that has it.", "--event NAME or --event-column COLUMN")
    if what == EVENT and options.event and (wrong := refusal(options.event)):
        raise SegcoreError(f"The event name {short(options.event)} {wrong}.", "Give it another name.")
    wanted = [*given, *options.types, *options.names, *options.orders]
    absent = [column for column in dict.fromkeys(wanted) if column not in columns]
    if absent:
        noun = "column" if len(absent) == 1 else "columns"
        raise SegcoreError(f"The file has no {noun} {_listed(absent)}.", f"It has {_listed(columns)}.")
    named = [
        column
        for column in (
            options.id,
            options.company,
            options.person,
            options.at,
            options.event_column,
            options.message_id,
        )
        if column
    ]
    twice = {column for column in named if named.count(column) > 1}
    if twice:
        raise SegcoreError(
            f"The column {_listed(sorted(twice))} cannot be two things at once.", "Name one column for each."
        )
    roles: dict[str, Role] = {}
    for column in columns:
        left_out = column in options.names and not options.names[column]
        roles[column] = given.get(column, Role.LEFT_OUT if left_out else Role.ATTRIBUTE)
        if column in options.types and roles[column] != Role.ATTRIBUTE:
            raise SegcoreError(
                f"{short(column)} is the {roles[column]} column; it has no kind to choose.", "Leave its kind out."
            )
    return roles


def _keys(columns: tuple[str, ...], roles: Mapping[str, Role], options: Options) -> dict[str, str]:
    keys = {column: options.names.get(column) or column for column in columns}
    seen: dict[str, str] = {}
    for column, key in keys.items():
        if roles[column] != Role.ATTRIBUTE:
            continue
        if wrong := refusal(key):
            raise SegcoreError(f"The attribute name {short(key)} {wrong}.", f"--name {column}=ATTRIBUTE")
        if key == EXTERNAL_ID:
            raise SegcoreError(
                f"{short(column)} cannot be an attribute: {EXTERNAL_ID} is the id itself.", f"--name {column}=ATTRIBUTE"
            )
        if key in seen:
            raise SegcoreError(
                f"The columns {short(seen[key])} and {short(column)} cannot both be {short(key)}.",
                "Give one another name.",
            )
        seen[key] = column
    return keys


def _chosen(
    name: str, key: str, roles: Mapping[str, Role], options: Options, known: Mapping[str, Attribute]
) -> Kind | None:
    if roles[name] == Role.AT:
        return Kind.DATETIME
    if roles[name] != Role.ATTRIBUTE:
        return None
    declared = options.types.get(name)
    before = known.get(key)
    if before is None or not before.known:
        return declared
    if declared is not None and declared is not before.kind:
        raise SegcoreError(
            f"{short(key)} is of the kind {before.kind.value} already; it cannot be read as {declared.value}.",
            "A kind is fixed by the first values. Import the column under another name.",
        )
    return before.kind


def _first(chunk: Chunk, columns: tuple[str, ...], rows: int) -> list[tuple[str | None, ...]]:
    shown = (chunk.of(name).raw.head(rows).to_list() for name in columns)
    return [tuple(None if value is None else value[:LONG] for value in row) for row in zip(*shown, strict=True)]


def _listed(columns: Iterable[str]) -> str:
    names = [short(column) for column in columns]
    return ", ".join(names[:12]) + (f" and {len(names) - 12} more" if len(names) > 12 else "")
