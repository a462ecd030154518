"""Which columns an agent chose to see in a table."""

import json
from collections.abc import Sequence

from sqlalchemy import Connection, select

from segcore.model import Agent
from segcore.store import texts
from segcore.store.tables import chosen_columns

_OWNER = 0  # the local owner has no id, and NULL would not be unique


def get(connection: Connection, agent: Agent, view: str) -> tuple[str, ...] | None:
    """The columns of a view (a segment's key, or a table's name), None where nothing was chosen."""
    if texts.trouble(view):
        return None
    found: str | None = connection.scalar(
        select(chosen_columns.c.columns).where(
            chosen_columns.c.agent_id == (agent.id or _OWNER), chosen_columns.c.view == view
        )
    )
    return None if found is None else tuple(json.loads(found))


def save(connection: Connection, agent: Agent, view: str, columns: Sequence[str] | None, position: int) -> None:
    """Keep the choice; None goes back to the columns that everybody gets."""
    mine = (chosen_columns.c.agent_id == (agent.id or _OWNER)) & (chosen_columns.c.view == view)
    connection.execute(chosen_columns.delete().where(mine))
    if columns is not None:
        row = {"agent_id": agent.id or _OWNER, "view": texts.key(view, "view"), "position": position}
        connection.execute(chosen_columns.insert().values(columns=texts.document(list(columns), "columns"), **row))
