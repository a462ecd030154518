"""Sign-ins: one row for each browser in which somebody is signed in. Nothing that is evaluated depends on them, so they
are not in the change log; what matters of them is in the audit log."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, or_, select, update

from segcore.model import Session
from segcore.store import instants, texts
from segcore.store.tables import session


def add(
    connection: Connection, token_hash: str, agent_id: int, *, at: datetime, ends_at: datetime, browser: str
) -> Session:
    """A new session of an agent."""
    row = {
        "token_hash": token_hash,
        "agent_id": agent_id,
        "created_at": instants.stored(at),
        "seen_at": instants.stored(at),
        "ends_at": instants.stored(ends_at),
        "browser": texts.storable(browser, "name of the browser"),
    }
    connection.execute(insert(session).values(row))
    found = by_hash(connection, token_hash)
    assert found is not None
    return found


def by_hash(connection: Connection, token_hash: str) -> Session | None:
    """The session of a token, by the token's hash; whether it has ended is for the caller to see."""
    row = connection.execute(select(session).where(session.c.token_hash == token_hash)).first()
    return None if row is None else _session(row)


def by_id(connection: Connection, id: int) -> Session | None:
    """The session of this id."""
    row = connection.execute(select(session).where(session.c.id == id)).first()
    return None if row is None else _session(row)


def of_agent(connection: Connection, agent_id: int) -> list[Session]:
    """An agent's sessions, the one that was seen last first."""
    rows = connection.execute(
        select(session).where(session.c.agent_id == agent_id).order_by(session.c.seen_at.desc(), session.c.id.desc())
    )
    return [_session(row) for row in rows]


def last_seen(connection: Connection) -> dict[int, datetime]:
    """When each agent was last seen in any session that was not ended."""
    rows = connection.execute(select(session.c.agent_id, func.max(session.c.seen_at)).group_by(session.c.agent_id))
    return {agent_id: instants.read(at) for agent_id, at in rows}


def touch(connection: Connection, id: int, at: datetime) -> None:
    """It was seen; never moves back."""
    seen = instants.stored(at)
    connection.execute(update(session).where(session.c.id == id, session.c.seen_at < seen).values(seen_at=seen))


def see_as(connection: Connection, id: int, agent_id: int | None) -> bool:
    """Look as another agent from now on, or as oneself again; whether the session is still there."""
    return connection.execute(update(session).where(session.c.id == id).values(seeing_as=agent_id)).rowcount == 1


def end(connection: Connection, id: int) -> bool:
    """End one; whether it was still there."""
    return connection.execute(delete(session).where(session.c.id == id)).rowcount == 1


def end_of_agent(connection: Connection, agent_id: int, *, but: int | None = None) -> int:
    """End all of an agent's sessions, but one where it is named; how many."""
    going = delete(session).where(session.c.agent_id == agent_id)
    return connection.execute(going if but is None else going.where(session.c.id != but)).rowcount


def forget(connection: Connection, *, ended_before: datetime, unseen_since: datetime) -> int:
    """Delete what ran out or was not used for too long; how many."""
    gone = or_(session.c.ends_at <= instants.stored(ended_before), session.c.seen_at <= instants.stored(unseen_since))
    return connection.execute(delete(session).where(gone)).rowcount


def _session(row: Row[Any]) -> Session:
    return Session(
        id=row.id,
        agent=row.agent_id,
        created_at=instants.read(row.created_at),
        seen_at=instants.read(row.seen_at),
        ends_at=instants.read(row.ends_at),
        browser=row.browser,
        seeing_as=row.seeing_as,
    )
