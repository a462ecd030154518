"""Unsaved filters, kept as they are edited so that reload, back and a colleague's link work."""

import secrets
from datetime import datetime, timedelta

from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb, require
from segcore.attributes import Entity
from segcore.model import Agent, Draft
from segcore.problems import NotFound
from segcore.services.present import MISSING, Presence
from segcore.store.database import Database

KEPT = timedelta(days=90)


class Drafts:
    """A draft belongs to the agent who began it; others open it by its address as a copy of their own."""

    def __init__(self, database: Database, presence: Presence) -> None:
        self._database = database
        self._presence = presence

    def keep(
        self,
        agent: Agent,
        document: dict[str, object],
        *,
        id: str | None = None,
        seen: datetime | None = None,
        entity: Entity = Entity.PERSON,
        segment: str | None = None,
        base_version: int | None = None,
        now: datetime,
    ) -> Draft:
        """Store what is on screen. A new draft is begun without an id, with one of somebody else, and where another tab
        has kept this one since it was `seen`: neither of the two is lost."""
        require(agent, Verb.FILTER)
        with self._database.write() as connection:
            owner = _owner(connection, agent)
            before = store.drafts.get(connection, id) if id is not None else None
            mine = before is not None and before.agent == owner.id and seen in (None, before.updated_at)
            draft = Draft(
                id=before.id if before is not None and mine else secrets.token_hex(8),
                agent=owner.id,
                entity=entity,
                document=document,
                segment=segment,
                base_version=base_version,
                updated_at=now,
            )
            position = store.log.append(
                connection, at=now, agent=owner.name, what="draft kept", entity="draft", key=draft.id, amount=1
            )
            store.drafts.save(connection, draft, position)
        return draft

    def open(self, agent: Agent, id: str) -> Draft:
        """A draft by its address; it opens only for agents who may see all that it refers to."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            draft = store.drafts.get(connection, id)
        if draft is None or not self.seen(agent, draft.document, segment=draft.segment):
            raise NotFound(MISSING)
        return draft

    def seen(self, agent: Agent, document: object, *, segment: str | None = None) -> bool:
        """Whether the agent may see all that a filter refers to, and all of the segment that it was begun from.

        What is gone counts as what is hidden, or a draft would tell which of the two it is.
        """
        require(agent, Verb.SEE)
        visible = self._presence.visible(agent)
        begun = visible.get(segment) if segment is not None else None
        if segment is not None and (begun is None or begun.concealed):
            return False
        # A segment that is seen whole may refer to what is gone, and wants to be repaired.
        within = set(store.visibility.references(begun.document)) if begun is not None else set()
        return set(store.visibility.references(document)) <= visible.keys() | within

    def forget_old(self, *, now: datetime) -> int:
        """Forget the drafts that nobody touched for three months; how many."""
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent="segcore", what="old drafts forgotten", entity="draft"
            )
            return store.drafts.delete_older(connection, now - KEPT, position)

    def discard(self, agent: Agent, id: str, *, now: datetime) -> None:
        """Forget a draft of one's own; one that is gone already is no trouble."""
        with self._database.write() as connection:
            draft = store.drafts.get(connection, id)
            owner = _owner(connection, agent)
            if draft is None or draft.agent != owner.id:
                return
            position = store.log.append(
                connection, at=now, agent=owner.name, what="draft discarded", entity="draft", key=id, amount=1
            )
            store.drafts.delete(connection, id, position)


def _owner(connection: Connection, agent: Agent) -> Agent:
    """Whose drafts these are: whoever looks as somebody else keeps their own."""
    if agent.seen_by is None:
        return agent
    owner = store.agents.get(connection, agent.seen_by)
    if owner is None:
        raise NotFound(MISSING)
    return owner
