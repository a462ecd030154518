"""Unsaved filters."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from segcore.attributes import Entity
from segcore.model import Draft
from segcore.store import instants, texts
from segcore.store.tables import draft


def get(connection: Connection, id: str) -> Draft | None:
    """One draft."""
    if texts.trouble(id):
        return None
    row = connection.execute(select(draft).where(draft.c.id == id)).first()
    return None if row is None else _draft(row)


def of_agent(connection: Connection, agent_id: int | None, limit: int = 50) -> list[Draft]:
    """An agent's drafts, or the local owner's, the latest first."""
    mine = draft.c.agent_id.is_(None) if agent_id is None else draft.c.agent_id == agent_id
    return [
        _draft(row)
        for row in connection.execute(select(draft).where(mine).order_by(draft.c.updated_at.desc()).limit(limit))
    ]


def save(connection: Connection, wanted: Draft, position: int) -> None:
    """Store a draft over what it was before."""
    row = {
        "agent_id": wanted.agent,
        "entity": wanted.entity.value,
        "segment": wanted.segment,
        "base_version": wanted.base_version,
        "updated_at": instants.stored(wanted.updated_at),
        "position": position,
        "document": texts.document(wanted.document, "filter"),
    }
    if connection.execute(draft.update().where(draft.c.id == wanted.id).values(row)).rowcount == 0:
        connection.execute(draft.insert().values(id=texts.key(wanted.id, "draft's id"), **row))


def delete(connection: Connection, id: str, position: int) -> None:
    """Forget a draft. The position is of its log entry, which is all that is left."""
    del position
    connection.execute(draft.delete().where(draft.c.id == id))


def delete_older(connection: Connection, before: datetime, position: int) -> int:
    """Forget the drafts that nobody touched since an instant; how many."""
    del position
    return connection.execute(draft.delete().where(draft.c.updated_at < instants.stored(before))).rowcount


def _draft(row: Row[Any]) -> Draft:
    return Draft(
        id=row.id,
        agent=row.agent_id,
        entity=Entity(row.entity),
        document=json.loads(row.document),
        segment=row.segment,
        base_version=row.base_version,
        updated_at=instants.read(row.updated_at),
    )
