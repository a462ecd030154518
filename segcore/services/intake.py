"""What the rows of a file do to what is stored: who is created, who changes, which events are new."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import polars as pl
from sqlalchemy import Connection

from segcore import store
from segcore.attributes import EXTERNAL_ID, Attribute, Entity
from segcore.ingest import documents, moments
from segcore.ingest.plan import Plan, Role, hashed
from segcore.ingest.rows import Fingerprints

LAST_SEEN = "last_seen_at"
COMPANIES = "companies"
CREATED, UPDATED, UNCHANGED = "created", "updated", "unchanged"


@dataclass(slots=True)
class Writing:
    """One transaction of an import. In a dry run it reads and decides the same and writes nothing."""

    connection: Connection
    at: datetime
    agent: str
    what: str
    entity: str
    dry: bool
    _position: int | None = None

    def position(self, amount: int = 0) -> int:
        """Where this transaction stands in the change log, taken when the first thing is written."""
        if self._position is None:
            self._position = store.log.append(
                self.connection, at=self.at, agent=self.agent, what=self.what, entity=self.entity, amount=amount
            )
        return self._position


class Intake(Protocol):
    """Takes in the rows of one file, chunk by chunk, and counts."""

    created: int
    updated: int
    unchanged: int

    @property
    def waiting(self) -> bool:
        """Whether something is still to be written after the last chunk."""
        ...

    def take(self, writing: Writing, rows: pl.DataFrame) -> None:
        """Take in a chunk."""
        ...

    def finish(self, writing: Writing, rows: int) -> None:
        """Write some of what waits."""
        ...


@dataclass(slots=True)
class _Repeated:
    """An id that is in the file more than once: its last row so far, and what the rows before it did."""

    document: str
    companies: list[str] | None
    first: str
    rows: int = 1
    differing: int = 0


@dataclass(slots=True)
class Records:
    """People or companies. Of the rows with one id each takes the place of the one before.

    Ids that come again wait until the file is read to its end: only then is it known whether the file changes them.
    So a file that holds somebody twice changes nothing either when it is imported again.
    """

    plan: Plan
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    _declared: bool = False
    _again: dict[str, _Repeated] = field(default_factory=dict)

    @property
    def waiting(self) -> bool:
        """Whether ids that came again are still to be written, or the attributes of a file without rows."""
        return bool(self._again) or (not self._declared and not self.plan.rows)

    @property
    def _entity(self) -> Entity:
        return Entity(self.plan.what)

    def take(self, writing: Writing, rows: pl.DataFrame) -> None:
        """Create and update people or companies by external id."""
        if rows.is_empty():
            return
        if len(self.plan.repeated):
            again = hashed(rows[EXTERNAL_ID]).is_in(self.plan.repeated.implode())
            self._keep(writing, rows.filter(again))
            rows = rows.filter(~again)
        judged = self._judged(writing.connection, rows)
        self._count(judged["status"])
        self._write(writing, judged)

    def finish(self, writing: Writing, rows: int) -> None:
        """Write the last rows of ids that came again."""
        names = list(self._again)[:rows]
        if not names:
            self._declare(writing)
            return
        last = [self._again[name] for name in names]
        frame = pl.DataFrame({EXTERNAL_ID: names, "document": [one.document for one in last]})
        if self.plan.role(Role.COMPANY):
            frame = frame.with_columns(
                pl.Series(COMPANIES, [one.companies for one in last], dtype=pl.List(pl.String()))
            )
        judged = self._judged(writing.connection, frame)
        for one, status in zip(last, judged["status"], strict=True):
            if status == UNCHANGED:
                self.unchanged += one.rows
                continue
            self._count([one.first])
            self.updated += one.differing
            self.unchanged += one.rows - 1 - one.differing
        self._write(writing, judged)
        for name in names:
            del self._again[name]

    def _keep(self, writing: Writing, rows: pl.DataFrame) -> None:
        new = rows.filter(~pl.col(EXTERNAL_ID).is_in(list(self._again))).unique(
            EXTERNAL_ID, keep="first", maintain_order=True
        )
        judged = self._judged(writing.connection, new)
        first = dict(zip(judged[EXTERNAL_ID], judged["status"], strict=True))
        companies = rows[COMPANIES].to_list() if COMPANIES in rows.columns else [None] * rows.height
        for name, document, belongs in zip(rows[EXTERNAL_ID], rows["document"], companies, strict=True):
            before = self._again.get(name)
            if before is None:
                self._again[name] = _Repeated(document, belongs, first[name])
                continue
            before.rows += 1
            before.differing += (before.document, before.companies) != (document, belongs)
            before.document, before.companies = document, belongs

    def _count(self, statuses: Iterable[str]) -> None:
        for status in statuses:
            match status:
                case "created":
                    self.created += 1
                case "updated":
                    self.updated += 1
                case _:
                    self.unchanged += 1

    def _declare(self, writing: Writing, amount: int = 0) -> None:
        """Make the attributes known, with the first rows: a file of which every row is refused decides nothing."""
        if self._declared:
            return
        self._declared = True
        if writing.dry:
            return
        known = store.schema.load(writing.connection).of(self._entity)
        wanted = [column.attribute(known.get(column.key)) for column in self.plan.attributes]
        news = [attribute for attribute in wanted if attribute != known.get(attribute.key)]
        if news:
            store.schema.save(writing.connection, self._entity, news, writing.position(amount))

    def _judged(self, connection: Connection, rows: pl.DataFrame) -> pl.DataFrame:
        """The rows with what is stored beside them, and what each does: status, and the document to write."""
        stored = store.records.existing(connection, self._entity, rows[EXTERNAL_ID]).rename({"document": "stored"})
        judged = rows.join(stored, on=EXTERNAL_ID, how="left", maintain_order="left")
        keys = [column.key for column in self.plan.attributes]
        differing = (pl.col("stored") != pl.col("document")).fill_null(False)
        places = judged.select(differing.alias("differing")).to_series().arg_true()
        few = judged[places]
        merged = [
            documents.merged(before, given, keys) for before, given in zip(few["stored"], few["document"], strict=True)
        ]
        after = pl.repeat(None, judged.height, dtype=pl.String, eager=True).scatter(places, merged)
        judged = judged.with_columns(after.alias("after"))
        moved = self._moved(connection, judged)
        status = (
            pl.when(pl.col("id").is_null())
            .then(pl.lit(CREATED))
            .when(pl.col("after").is_not_null() | moved)
            .then(pl.lit(UPDATED))
            .otherwise(pl.lit(UNCHANGED))
        )
        return judged.with_columns(status.alias("status"), moved.alias("moved"))

    def _moved(self, connection: Connection, judged: pl.DataFrame) -> pl.Series:
        """Whose companies are not the ones that are stored; a company that does not exist yet is one of those."""
        if COMPANIES not in judged.columns:
            return pl.repeat(False, judged.height, eager=True)
        wanted = _ranked(connection, judged.with_row_index("row"))
        stored = store.belonging.of_people(connection, judged["id"].drop_nulls())
        stored = stored.rename({"person_id": "id"}).group_by("id").agg(pl.col("company_id").alias("belonged"))
        listed = wanted.group_by("row").agg(pl.col("company_id").sort_by("rank").alias("belongs"))
        both = (
            judged.with_row_index("row").select("row", "id").join(listed, on="row", how="left", maintain_order="left")
        )
        both = both.join(stored, on="id", how="left", maintain_order="left").with_columns(
            pl.col("belongs", "belonged").fill_null(pl.lit([], dtype=pl.List(pl.Int64())))
        )
        return both.select(
            (pl.col("belongs") != pl.col("belonged")) | pl.col("belongs").list.contains(None)
        ).to_series()

    def _write(self, writing: Writing, judged: pl.DataFrame) -> None:
        if writing.dry:
            return
        changed = judged.filter(pl.col("status") != UNCHANGED)
        self._declare(writing, changed.height)
        if changed.is_empty():
            return
        connection, position, at = writing.connection, writing.position(changed.height), writing.at
        fresh = changed.filter(pl.col("id").is_null()).select(EXTERNAL_ID, "document")
        store.records.insert(connection, self._entity, fresh, position, at)
        merged = changed.filter(pl.col("after").is_not_null()).select("id", document="after")
        store.records.update(connection, self._entity, merged, position, at)
        if COMPANIES in changed.columns:
            moved = changed.filter(pl.col("moved")).drop("id")
            _attach(connection, moved, position, at)


def _ranked(connection: Connection, rows: pl.DataFrame) -> pl.DataFrame:
    """A row for each company of each row: row, company (its external id), company_id where it exists, rank."""
    given = rows.select("row", pl.col(COMPANIES).alias("company")).explode("company").drop_nulls()
    given = given.with_columns(rank=pl.int_range(pl.len()).over("row"))
    known = store.records.ids(connection, Entity.COMPANY, given["company"].unique())
    return given.join(
        known.select(company=EXTERNAL_ID, company_id="id"), on="company", how="left", maintain_order="left"
    )


def _attach(connection: Connection, moved: pl.DataFrame, position: int, at: datetime) -> None:
    """Replace the companies of these people; a company that does not exist is created with its id alone."""
    if moved.is_empty():
        return
    rows = moved.with_row_index("row")
    absent = _ranked(connection, rows).filter(pl.col("company_id").is_null())["company"].unique(maintain_order=True)
    news = pl.DataFrame({EXTERNAL_ID: absent}).with_columns(document=pl.lit("{}"))
    store.records.insert(connection, Entity.COMPANY, news, position, at)
    people = store.records.ids(connection, Entity.PERSON, rows[EXTERNAL_ID]).rename({"id": "person_id"})
    given = (
        rows.select("row", EXTERNAL_ID)
        .join(people, on=EXTERNAL_ID)
        .join(_ranked(connection, rows), on="row", how="left")
    )
    store.belonging.set_companies(connection, given.select("person_id", "company_id", "rank"), position)


@dataclass(slots=True)
class Events:
    """Events. Whoever did one and is not known yet is created; a repeat changes nothing."""

    plan: Plan
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    _declared: bool = False
    _names: set[str] = field(default_factory=set)
    _seen: set[int] = field(default_factory=set)  # in a dry run, where the database does not remember
    _fingerprints: Fingerprints = field(default_factory=Fingerprints)

    @property
    def waiting(self) -> bool:
        """Only the properties of a file without rows wait."""
        return not self._declared and not self.plan.rows

    def finish(self, writing: Writing, rows: int) -> None:
        """Make the properties of a file without rows known."""
        self._declare(writing)

    def take(self, writing: Writing, rows: pl.DataFrame) -> None:
        """Add those events that are new, with whoever did them, and note when they were last seen."""
        if rows.is_empty():
            return
        rows = self._fingerprints.filled(rows)
        known = store.events.known(writing.connection, rows["message_id"])
        fresh = rows.filter(~pl.col("message_id").is_in(known.implode()))
        fresh = fresh.unique("message_id", keep="first", maintain_order=True)
        if writing.dry:
            marks = hashed(fresh["message_id"]).to_list()
            fresh = fresh.filter(pl.Series([mark not in self._seen for mark in marks], dtype=pl.Boolean))
            self._seen.update(marks)
        self.created += fresh.height
        self.unchanged += rows.height - fresh.height
        self._declare(writing, fresh.height)
        if not writing.dry and not fresh.is_empty():
            self._write(writing, fresh)

    def _declare(self, writing: Writing, amount: int = 0) -> None:
        if self._declared:
            return
        self._declared = True
        if writing.dry:
            return
        known = store.schema.load(writing.connection).properties
        wanted = [column.attribute(known.get(column.key)) for column in self.plan.attributes]
        news: Sequence[Attribute] = [attribute for attribute in wanted if attribute != known.get(attribute.key)]
        if news:
            store.schema.save_properties(writing.connection, news, writing.position(amount))

    def _write(self, writing: Writing, fresh: pl.DataFrame) -> None:
        connection, position = writing.connection, writing.position(fresh.height)
        names = [name for name in fresh["name"].unique(maintain_order=True) if name not in self._names]
        if names:
            store.schema.save_events(connection, names, position)
            self._names.update(names)
        self._see(writing, fresh, position)
        people = store.records.ids(connection, Entity.PERSON, fresh[EXTERNAL_ID].unique()).rename({"id": "person_id"})
        given = fresh.join(people, on=EXTERNAL_ID, how="left", maintain_order="left")
        given = given.select("person_id", "name", "at", "message_id", properties="document")
        store.events.append(connection, given, position)

    def _see(self, writing: Writing, fresh: pl.DataFrame, position: int) -> None:
        """Create people, and move `last_seen_at` forward; what is still to come was not seen."""
        past = pl.col("at").filter(pl.col("at") <= moments.stored(writing.at))
        seen = fresh.group_by(EXTERNAL_ID, maintain_order=True).agg(past.max().alias("seen"))
        stored = store.records.existing(writing.connection, Entity.PERSON, seen[EXTERNAL_ID])
        both = seen.join(stored, on=EXTERNAL_ID, how="left", maintain_order="left")
        absent = both.filter(pl.col("id").is_null())
        documented = [_seen("{}", instant) for instant in absent["seen"]]
        news = absent.select(EXTERNAL_ID).with_columns(pl.Series("document", documented, dtype=pl.String))
        store.records.insert(writing.connection, Entity.PERSON, news, position, writing.at)
        before = pl.col("document").str.json_path_match(f"$.{LAST_SEEN}").cast(pl.Int64, strict=False)
        later = both.filter(pl.col("id").is_not_null() & (pl.col("seen") > before.fill_null(moments.FIRST - 1)))
        documented = [_seen(text, instant) for text, instant in zip(later["document"], later["seen"], strict=True)]
        moved = later.select("id").with_columns(pl.Series("document", documented, dtype=pl.String))
        store.records.update(writing.connection, Entity.PERSON, moved, position, writing.at)


def _seen(document: str, instant: int | None) -> str:
    return document if instant is None else documents.with_value(document, LAST_SEEN, instant)
