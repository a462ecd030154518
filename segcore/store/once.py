"""What is good for one use and a short time: tickets between the form and the cookie, links to set a password."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, insert, select

from segcore.store import instants
from segcore.store.tables import once

TICKET, SETUP, INVITE, RESET = "ticket", "setup", "invite", "reset"


@dataclass(frozen=True, slots=True)
class Once:
    """What a token is good for; `agent_id` is None for the first admin, who is yet to come."""

    kind: str
    agent_id: int | None
    ends_at: datetime


def add(connection: Connection, token_hash: str, kind: str, agent_id: int | None, ends_at: datetime) -> None:
    """Keep one."""
    connection.execute(
        insert(once).values(token_hash=token_hash, kind=kind, agent_id=agent_id, ends_at=instants.stored(ends_at))
    )


def get(connection: Connection, token_hash: str, now: datetime) -> Once | None:
    """What a token is good for now, by the token's hash."""
    row = connection.execute(
        select(once).where(once.c.token_hash == token_hash, once.c.ends_at > instants.stored(now))
    ).first()
    return None if row is None else Once(row.kind, row.agent_id, instants.read(row.ends_at))


def take(connection: Connection, token_hash: str, now: datetime) -> Once | None:
    """The same, for the one who comes first: whoever comes later finds nothing."""
    found = get(connection, token_hash, now)
    if found is None:
        return None
    taken = connection.execute(delete(once).where(once.c.token_hash == token_hash)).rowcount == 1
    return found if taken else None


def withdraw(connection: Connection, kinds: Collection[str], agent_id: int | None) -> None:
    """Those of an agent stop working; None are those of the first admin."""
    whose = once.c.agent_id.is_(None) if agent_id is None else once.c.agent_id == agent_id
    connection.execute(delete(once).where(once.c.kind.in_(sorted(kinds)), whose))


def forget(connection: Connection, now: datetime) -> int:
    """Delete what ran out; how many."""
    return connection.execute(delete(once).where(once.c.ends_at <= instants.stored(now))).rowcount
