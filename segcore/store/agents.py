"""Who may sign in. Agents are switched off, not deleted: what they wrote keeps their name."""

import json
import unicodedata
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, and_, select, true

from segcore.model import Agent, NewSegments
from segcore.problems import NotFound, SegcoreError
from segcore.store import instants, texts
from segcore.store.tables import agent, workspace

# What the workspace allows beyond the roles, each a column of its row.
GRANTS = ("editors_edit_all", "viewers_export")


def fold(name: str) -> str:
    """A name as it is compared: two that look alike are one."""
    words = unicodedata.normalize("NFKC", name).casefold().split()
    return unicodedata.normalize("NFKC", " ".join(words))


def all(connection: Connection) -> list[Agent]:
    """Every agent, in the order in which they came."""
    return [_agent(row) for row in connection.execute(_with_grants().order_by(agent.c.id))]


def get(connection: Connection, name: str) -> Agent | None:
    """The agent of this name, whatever its case."""
    if texts.trouble(name):
        return None
    row = connection.execute(_with_grants().where(agent.c.name_folded == fold(name))).first()
    return None if row is None else _agent(row)


def by_id(connection: Connection, id: int) -> Agent | None:
    """The agent of this id."""
    row = connection.execute(_with_grants().where(agent.c.id == id)).first()
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
    """Change name, e-mail, role, whether an agent may sign in and whether they may send."""
    other = get(connection, wanted.name)
    if other is not None and other.id != wanted.id:
        raise SegcoreError(f"There is an agent called {wanted.name} already.", "Choose another name.")
    changed = agent.update().where(agent.c.id == wanted.id).values({**_row(wanted), "position": position})
    if connection.execute(changed).rowcount != 1:
        raise NotFound(f"There is no agent {wanted.name}.")
    return replace(wanted, grants=_granted(wanted.grants & set(GRANTS), wanted.may_send))


def password_hash(connection: Connection, id: int) -> str | None:
    """The hash of an agent's password; None before one is set. It never travels with the agent."""
    found: str | None = connection.scalar(select(agent.c.password_hash).where(agent.c.id == id))
    return found


def set_password(connection: Connection, id: int, password_hash: str, position: int) -> None:
    """Another password, by its hash."""
    row = {"password_hash": password_hash, "position": position}
    if connection.execute(agent.update().where(agent.c.id == id).values(row)).rowcount != 1:
        raise NotFound("There is no such agent.")


def credentials(connection: Connection) -> list[tuple[Agent, str]]:
    """Those who may sign in, each with the hash of the password."""
    rows = connection.execute(
        _with_grants()
        .add_columns(agent.c.password_hash)
        .where(and_(agent.c.enabled, agent.c.password_hash.is_not(None)))
        .order_by(agent.c.id)
    )
    return [(_agent(row), row.password_hash) for row in rows]


def without_password(connection: Connection) -> frozenset[int]:
    """The ids of those who were invited and have set no password yet."""
    return frozenset(connection.scalars(select(agent.c.id).where(agent.c.password_hash.is_(None))))


def new_segments(connection: Connection, id: int) -> NewSegments:
    """What the agent's new segments start with."""
    stored = connection.scalar(select(agent.c.new_segments).where(agent.c.id == id))
    told = json.loads(stored or "{}")
    visible = told.get("visible_to")
    return NewSegments(
        hidden_from=tuple(told.get("hidden_from", ())), visible_to=None if visible is None else tuple(visible)
    )


def set_new_segments(connection: Connection, id: int, wanted: NewSegments, position: int) -> None:
    """Another start for the agent's new segments."""
    told: dict[str, object] = {"hidden_from": list(wanted.hidden_from)}
    if wanted.visible_to is not None:
        told["visible_to"] = list(wanted.visible_to)
    row = {"new_segments": texts.document(told, "list of agents"), "position": position}
    if connection.execute(agent.update().where(agent.c.id == id).values(row)).rowcount != 1:
        raise NotFound("There is no such agent.")


def _with_grants() -> Select[Any]:
    """Agents, each beside what the workspace allows; its row may be absent."""
    columns = (agent.c.id, agent.c.name, agent.c.email, agent.c.role, agent.c.enabled, agent.c.may_send)
    allowed = (workspace.c[name] for name in GRANTS)
    return select(*columns, *allowed).select_from(agent.outerjoin(workspace, true()))


def _row(wanted: Agent) -> dict[str, Any]:
    name = texts.key(wanted.name, "agent's name")
    return {
        "name": name,
        "name_folded": fold(name),
        "email": texts.storable(wanted.email, "e-mail address"),
        "role": wanted.role,
        "enabled": wanted.enabled,
        "may_send": wanted.may_send,
    }


def _agent(row: Row[Any]) -> Agent:
    allowed = frozenset(name for name in GRANTS if getattr(row, name))
    return Agent(
        id=row.id,
        name=row.name,
        email=row.email,
        role=row.role,
        enabled=row.enabled,
        may_send=row.may_send,
        grants=_granted(allowed, row.may_send),
    )


def _granted(allowed: frozenset[str], may_send: bool) -> frozenset[str]:
    return allowed | ({"may_send"} if may_send else frozenset())
