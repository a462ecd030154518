"""The audit log: who did what to which object, when, and what it was before and after. Written in the transaction that did it."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select

from segcore.model import Entry
from segcore.store import instants, texts
from segcore.store.tables import audit


def append(connection: Connection, entry: Entry) -> None:
    """Note what was done; never with a password, a token or what is known of a person."""
    connection.execute(
        insert(audit).values(
            at=instants.stored(entry.at),
            agent=texts.storable(entry.agent, "agent's name"),
            what=entry.what,
            entity=entry.entity,
            key=texts.storable(entry.key, "key"),
            name=texts.storable(entry.name, "name"),
            before=None if entry.before is None else texts.document(entry.before, "entry"),
            after=None if entry.after is None else texts.document(entry.after, "entry"),
        )
    )


def page(connection: Connection, *, before: int | None = None, limit: int = 100) -> list[Entry]:
    """The newest first, those before an id where one is named."""
    wanted = select(audit).order_by(audit.c.id.desc()).limit(limit)
    return [_entry(row) for row in connection.execute(wanted if before is None else wanted.where(audit.c.id < before))]


def last_by_agent(connection: Connection) -> dict[str, datetime]:
    """When each agent, by name, last did something that is noted."""
    rows = connection.execute(select(audit.c.agent, func.max(audit.c.at)).group_by(audit.c.agent))
    return {agent: instants.read(at) for agent, at in rows}


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        id=row.id,
        at=instants.read(row.at),
        agent=row.agent,
        what=row.what,
        entity=row.entity,
        key=row.key,
        name=row.name,
        before=None if row.before is None else json.loads(row.before),
        after=None if row.after is None else json.loads(row.after),
    )
