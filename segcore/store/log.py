"""The change log: every write appends to it, and its positions are in the order in which the writes were committed."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from segcore.model import Change
from segcore.store import instants
from segcore.store.tables import change, log_head
from segcore.store.texts import storable


def append(
    connection: Connection, *, at: datetime, agent: str, what: str, entity: str, key: str = "", amount: int = 0
) -> int:
    """Note a write and give it its position, with which the rows that it touches are stamped."""
    connection.execute(update(log_head).values(position=log_head.c.position + 1))
    head = position(connection)
    connection.execute(
        insert(change).values(
            position=head,
            at=instants.stored(at),
            agent=storable(agent, "agent's name"),
            what=what,
            entity=entity,
            key=storable(key, "key"),
            amount=amount,
        )
    )
    return head


def position(connection: Connection) -> int:
    """Where the log stands; 0 in a new workspace."""
    head: int = connection.execute(select(log_head.c.position)).scalar_one()
    return head


def since(connection: Connection, position: int, limit: int = 1_000) -> list[Change]:
    """What was written after a position, oldest first."""
    rows = connection.execute(
        select(change).where(change.c.position > position).order_by(change.c.position).limit(limit)
    )
    return [_change(row) for row in rows]


def latest(connection: Connection, limit: int = 100) -> list[Change]:
    """What was written last, newest first."""
    return [_change(row) for row in connection.execute(select(change).order_by(change.c.position.desc()).limit(limit))]


def _change(row: Row[Any]) -> Change:
    return Change(
        position=row.position,
        at=instants.read(row.at),
        agent=row.agent,
        what=row.what,
        entity=row.entity,
        key=row.key,
        amount=row.amount,
    )
