"""Snapshots of the data, kept fresh: what changed since the last one is fetched, and nothing else.

One integer, the head of the change log, says whether anything changed. SQL is the truth: the copy on disk makes the
start quick, and whenever it or the copy in memory cannot be trusted, everything is read from SQL again.
"""

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import polars as pl
from sqlalchemy import Connection

from segcore import store
from segcore.attributes import Attribute, Entity, Schema
from segcore.engine import disk
from segcore.engine.columns import Columns
from segcore.engine.documents import decode, fields
from segcore.engine.events import Arrivals, Events
from segcore.engine.state import BELONGING, Snapshot
from segcore.store.database import Database

__all__ = ["Snapshot", "Snapshots"]

logger = logging.getLogger(__name__)

Decoded = TypeVar("Decoded")

# Reading this many changed rows takes a few tenths of a second, so until then the copy on disk is fresh enough.
STALE_ROWS = 20_000
STALE_SHARE = 20  # or a twentieth of all rows, where that is more: writing all of them takes longer, too
EVENTS = 10  # so many events are written in the time of one person
# When more than this share of the rows changed, reading all of them costs about the same and leaves no remains.
MOST_CHANGED = 2
BATCH = 20_000  # small enough that what is on its way through Python stays below a hundred megabytes


@dataclass(frozen=True, slots=True)
class _Held:
    """A snapshot with the entry of the change log that it stands at, and how many rows differ from the one on disk."""

    snapshot: Snapshot
    stamp: str
    unwritten: int


class Snapshots:
    """Hands out the newest snapshot; safe to share between threads, of which one at a time brings it up to date.

    Without a folder nothing is kept on disk.
    """

    def __init__(self, database: Database, folder: Path | None) -> None:
        self._database = database
        self._folder = folder
        self._building = threading.Lock()
        self._held: _Held | None = None
        self._writer: threading.Thread | None = None

    def current(self) -> Snapshot:
        """The data as it is now. Reads nothing but the head of the change log when nothing was written since."""
        held = self._held
        if held is not None:
            with self._database.read() as connection:
                if store.log.position(connection) == held.snapshot.position:
                    return held.snapshot
        with self._building:
            # One view of the database for all that is read, so that position, schema and rows belong together.
            with self._database.read() as connection:
                head = store.log.position(connection)
                if self._held is None or self._held.snapshot.position != head:
                    self._held = self._fresh(connection, self._held, head)
                held = self._held
            self._keep(held, STALE_ROWS)
            return held.snapshot

    def close(self) -> None:
        """Leave on disk what the next start needs, and wait until it is there."""
        with self._building:
            self._wait()
            if self._held is not None:
                self._keep(self._held, STALE_ROWS // 20)
                self._wait()

    def _fresh(self, connection: Connection, held: _Held | None, head: int) -> _Held:
        schema = store.schema.load(connection)
        if held is None and self._folder is not None and (stored := disk.read(self._folder)) is not None:
            held = _Held(stored.snapshot, stored.stamp, 0)
        known = None
        if held is not None:
            if head >= held.snapshot.position and _stamp(connection, held.snapshot.position) == held.stamp:
                refreshed = _refreshed(connection, held, schema, head)
                if refreshed is not None:
                    return refreshed
                known = held.snapshot
            else:
                logger.warning("The database is not the one that the snapshot was read from; everything is read again.")
        built = _built(connection, schema, head, known)
        return _Held(built, _stamp(connection, head), max(1, built.people.height + built.companies.height) + STALE_ROWS)

    def _keep(self, held: _Held, stale: int) -> None:
        """Write to disk when enough changed, beside the requests: it takes a second for a million people."""
        snapshot = held.snapshot
        rows = snapshot.people.height + snapshot.companies.height + snapshot.events.count // EVENTS
        if self._folder is None or held.unwritten <= max(stale, rows * stale // STALE_ROWS // STALE_SHARE):
            return
        if self._writer is not None and self._writer.is_alive():
            return
        # Not a daemon: the process waits at its end for what is being written, a second or two at most.
        self._writer = threading.Thread(target=self._write, args=(held, self._folder), name="snapshot")
        self._held = _Held(snapshot, held.stamp, 0)
        self._writer.start()

    def _write(self, held: _Held, folder: Path) -> None:
        try:
            folder.mkdir(parents=True, exist_ok=True)
            disk.write(folder, held.snapshot, held.stamp)
        except OSError as error:
            # Only the next start is slower for it.
            logger.warning("The snapshot could not be written to disk: %s", error)

    def _wait(self) -> None:
        if self._writer is not None:
            self._writer.join()


def _stamp(connection: Connection, position: int) -> str:
    """What tells this database from another one, or from an older copy that went its own way since."""
    if position == 0:
        return "new"
    entry = next(iter(store.log.since(connection, position - 1, 1)), None)
    if entry is None or entry.position != position:
        return "unknown"
    return hashlib.sha256(repr(entry).encode()).hexdigest()


def _built(connection: Connection, schema: Schema, head: int, known: Snapshot | None = None) -> Snapshot:
    """Everything, read from SQL; but events, which never change, only where none are known."""
    columns = {}
    for entity in Entity:
        found = Columns.empty(schema.of(entity))
        for ids, frame in _decoded(store.records.changed_since(connection, entity, -1, BATCH), schema.of(entity)):
            found = found.changed(ids.to_numpy(), frame)
        columns[entity] = found.settled()
    belonging = pl.concat([pl.DataFrame(schema=BELONGING), *store.belonging.changed_since(connection, -1)])
    people, companies = columns[Entity.PERSON], columns[Entity.COMPANY]
    events = _events(connection, known, people, schema)
    return Snapshot(head, schema, people, companies, belonging.sort("person_id", "rank"), events)


def _refreshed(connection: Connection, held: _Held, schema: Schema, head: int) -> _Held | None:
    """The snapshot with what was written since; None where reading everything is quicker, or the only way."""
    before = held.snapshot
    columns, gone, changed = {}, {}, 0
    for entity in Entity:
        old = before.of(entity)
        gone[entity] = store.records.deleted_since(connection, entity, before.position).get_column("id")
        shaped = old.without(gone[entity].to_numpy()).shaped(schema.of(entity))
        if shaped is None:
            return None
        parts = []
        for part in store.records.changed_since(connection, entity, before.position, BATCH):
            parts.append(part)
            changed += part.height
            if changed > max(BATCH, old.height // MOST_CHANGED):
                return None
        for ids, frame in _decoded(iter([pl.concat(parts)] if parts else []), schema.of(entity)):
            shaped = shaped.changed(ids.to_numpy(), frame)
        columns[entity] = shaped
        changed += len(gone[entity])
    belonging = _belonging(connection, before, gone[Entity.PERSON])
    people, companies = columns[Entity.PERSON], columns[Entity.COMPANY]
    events = _events(connection, before, people, schema)
    changed += abs(events.count - before.events.count)
    snapshot = Snapshot(head, schema, people, companies, belonging, events)
    return _Held(snapshot, _stamp(connection, head), held.unwritten + changed)


def _belonging(connection: Connection, before: Snapshot, gone: pl.Series) -> pl.DataFrame:
    changed = pl.concat([pl.DataFrame(schema=BELONGING), *store.belonging.changed_since(connection, before.position)])
    if changed.is_empty() and gone.is_empty():
        return before.belonging
    others = before.belonging.filter(~pl.col("person_id").is_in(pl.concat([changed["person_id"], gone]).implode()))
    return pl.concat([others, changed.drop_nulls("company_id")]).sort("person_id", "rank")


def _events(connection: Connection, before: Snapshot | None, people: Columns, schema: Schema) -> Events:
    """The events of these people: those known already, moved to the people's rows of now, and what came since."""
    known = before.events.shaped(schema.properties) if before is not None else None
    events = Events() if before is None or known is None else known.moved(before.people.ids, people.ids)
    arrivals = Arrivals(events, people.ids)
    properties = list(schema.properties.values())
    parts = store.events.added_since(connection, events.last_id, BATCH)
    for part, columns in _ahead(parts, lambda part: fields(part.get_column("properties"), properties)):
        arrivals.add(part, columns)
    return arrivals.events().ready()


def _decoded(
    parts: Iterator[pl.DataFrame], attributes: Mapping[str, Attribute]
) -> Iterator[tuple[pl.Series, pl.DataFrame]]:
    """Stored rows as typed columns, with their ids."""
    for part, frame in _ahead(parts, lambda part: decode(part, attributes)):
        yield part.get_column("id"), frame


def _ahead(
    parts: Iterator[pl.DataFrame], decoded: Callable[[pl.DataFrame], Decoded]
) -> Iterator[tuple[pl.DataFrame, Decoded]]:
    """Each batch with what it is decoded to; one is decoded while the next one is fetched."""
    with ThreadPoolExecutor(1) as pool:
        waiting = None
        for part in parts:
            following = (part, pool.submit(decoded, part))
            if waiting is not None:
                yield waiting[0], waiting[1].result()
            waiting = following
        if waiting is not None:
            yield waiting[0], waiting[1].result()
