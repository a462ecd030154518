"""Who may sign in. Agents are switched off, not deleted: what they wrote keeps their name."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, select

from segcore.model import Agent
from segcore.problems import NotFound, SegcoreError
from segcore.store import instants, texts
from segcore.store.tables import agent


def all(connection: Connection) -> list[Agent]:
    """Every agent, in the order in which they came."""
    return [_agent(row) for row in connection.execute(select(agent).order_by(agent.c.id))]


def get(connection: Connection, name: str) -> Agent | None:
    """The agent of this name, whatever its case."""
    if texts.trouble(name):
        return None
    row = connection.execute(select(agent).where(agent.c.name_folded == name.casefold())).first()
    return None if row is None else _agent(row)


def by_id(connection: Connection, id: int) -> Agent | None:
    """The agent of this id."""
    row = connection.execute(select(agent).where(agent.c.id == id)).first()
    return None if row is None else _agent(row)


def insert(connection: Connection, wanted: Agent, position: int, at: datetime) -> Agent:
    """Add an agent, and give it back with its id."""
    if get(connection, wanted.name) is not None:
        raise SegcoreError(f"There is an agent called {wanted.name} already.", "Choose another name.")
    row = {**_row(wanted), "created_at": instants.stored(at), "position": position}
    connection.execute(agent.insert().values(row))
    stored = get(connection, wanted.name)
    assert stored is not None
    return stored


def update(connection: Connection, wanted: Agent, position: int) -> Agent:
    """Change name, e-mail, role or whether an agent may sign in."""
    other = get(connection, wanted.name)
    if other is not None and other.id != wanted.id:
        raise SegcoreError(f"There is an agent called {wanted.name} already.", "Choose another name.")
    changed = agent.update().where(agent.c.id == wanted.id).values({**_row(wanted), "position": position})
    if connection.execute(changed).rowcount != 1:
        raise NotFound(f"There is no agent {wanted.name}.")
    return wanted


def _row(wanted: Agent) -> dict[str, Any]:
    name = texts.key(wanted.name, "agent's name")
    return {
        "name": name,
        "name_folded": name.casefold(),
        "email": texts.storable(wanted.email, "e-mail address"),
        "role": wanted.role,
        "enabled": wanted.enabled,
    }


def _agent(row: Row[Any]) -> Agent:
    return Agent(id=row.id, name=row.name, email=row.email, role=row.role, enabled=row.enabled)
