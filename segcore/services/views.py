"""How an agent likes a table: its columns, kept for each segment and for the list without one."""

from collections.abc import Sequence
from datetime import datetime

from segcore import store
from segcore.access import Verb, require, require_own
from segcore.attributes import Entity
from segcore.model import Agent
from segcore.problems import NotFound
from segcore.services.present import MISSING
from segcore.store.database import Database


class Views:
    """Choices of columns."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def columns(self, agent: Agent, *, entity: Entity, segment: str | None = None) -> list[str] | None:
        """The keys that the agent chose here, else for the list without a segment; None for the usual ones."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            if segment is not None and store.segments.get(connection, agent, segment) is None:
                segment = None  # what was chosen for one that is hidden by now would betray that there is one
            chosen = store.columns.get(connection, agent, segment or _table(entity))
            if chosen is None and segment is not None:
                chosen = store.columns.get(connection, agent, _table(entity))
            return None if chosen is None else list(chosen)

    def keep_columns(
        self,
        agent: Agent,
        keys: Sequence[str] | None,
        *,
        entity: Entity,
        segment: str | None = None,
        now: datetime,
    ) -> None:
        """Remember them; None goes back to the usual ones. Not for whoever looks as somebody else."""
        require(agent, Verb.SEE)
        require_own(agent)
        with self._database.write() as connection:
            if segment is not None and store.segments.get(connection, agent, segment) is None:
                raise NotFound(MISSING)
            position = store.log.append(
                connection, at=now, agent=agent.name, what="columns chosen", entity="view", key=segment or "", amount=1
            )
            store.columns.save(connection, agent, segment or _table(entity), keys, position)


def _table(entity: Entity) -> str:
    """The name of the table without a segment; no segment's key has a colon."""
    return f"all:{entity.value}"
