"""The audit log, for admins: who did what to which object, when, with what it was before and after."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

import polars as pl
from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb, require
from segcore.attributes import Attribute, Kind
from segcore.model import Agent, Entry
from segcore.services import exports
from segcore.store.database import Database

BATCH = 2_000
COLUMNS = ("at", "agent", "what", "entity", "key", "name", "before", "after")

Values = Mapping[str, object]


class Audit:
    """What was done, the newest first."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def entries(self, agent: Agent, *, search: str = "", before: int | None = None, limit: int = 100) -> list[Entry]:
        """A page of it: those before an id, and those that hold every word of the search, whatever its case."""
        require(agent, Verb.SETTINGS)
        words = search.casefold().split()
        with self._database.read() as connection:
            found: list[Entry] = []
            for entry in _every(connection, before, limit if not words else BATCH):
                if all(word in _text(entry) for word in words):
                    found.append(entry)
                if len(found) >= limit:
                    break
            return found

    def export(self, agent: Agent) -> Iterator[bytes]:
        """All of it as CSV, in parts; cells that a spreadsheet would run are guarded."""
        require(agent, Verb.SETTINGS)
        return self._parts()

    def _parts(self) -> Iterator[bytes]:
        attributes = [Attribute(key=name, kind=Kind.TEXT) for name in COLUMNS]
        schema = dict.fromkeys(COLUMNS, pl.String)
        before: int | None = None
        head = True
        while True:
            with self._database.read() as connection:
                entries = store.audit.page(connection, before=before, limit=BATCH)
            frame = pl.DataFrame([_row(entry) for entry in entries], schema=schema, orient="row")
            parts = exports.csv(frame, attributes)
            first = next(parts)
            if head:
                yield first
                head = False
            yield from parts
            if len(entries) < BATCH:
                return
            before = entries[-1].id


def of_agent(
    whom: Agent, by: str, what: str, at: datetime, *, before: Values | None = None, after: Values | None = None
) -> Entry:
    """A line about an agent."""
    return Entry(
        at=at,
        agent=by,
        what=what,
        entity="agent",
        key="" if whom.id is None else str(whom.id),
        name=whom.name,
        before=None if before is None else dict(before),
        after=None if after is None else dict(after),
    )


def changed(before: Values, after: Values) -> tuple[dict[str, object], dict[str, object]]:
    """Only what differs, as it was and as it is."""
    keys = [key for key in after if before.get(key) != after[key]]
    return {key: before.get(key) for key in keys}, {key: after[key] for key in keys}


def _every(connection: Connection, before: int | None, batch: int) -> Iterator[Entry]:
    while entries := store.audit.page(connection, before=before, limit=batch):
        yield from entries
        before = entries[-1].id


def _text(entry: Entry) -> str:
    return "\n".join((entry.agent, entry.what, entry.entity, entry.key, entry.name)).casefold()


def _row(entry: Entry) -> tuple[str | None, ...]:
    at = entry.at.isoformat(timespec="seconds").replace("+00:00", "Z")
    told = (_json(entry.before), _json(entry.after))
    return (at, entry.agent, entry.what, entry.entity, entry.key, entry.name, *told)


def _json(values: Values | None) -> str | None:
    return None if values is None else json.dumps(values, ensure_ascii=False)
