"""What people, companies and events carry, and how well each attribute is filled."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from segcore import store
from segcore.access import Verb, require
from segcore.attributes import Attribute, Entity
from segcore.model import Agent
from segcore.rules.tree import conditions_on
from segcore.services.present import Presence
from segcore.store.database import Database


@dataclass(frozen=True, slots=True)
class Filled:
    """An attribute, how many lack a value, of how many, and the names of the segments that ask for it."""

    entity: Entity
    attribute: Attribute
    missing: int
    total: int
    used_by: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class EventKind:
    """An event by name: how often ever, how often in the last 30 days, and when last."""

    name: str
    count: int
    recent: int
    last_at: datetime | None


class Attributes:
    """The schema, as people look at it."""

    def __init__(self, database: Database, presence: Presence) -> None:
        self._database = database
        self._presence = presence

    def all(self, agent: Agent, *, entity: Entity | None = None) -> list[Filled]:
        """Every attribute of both entities, or of one."""
        require(agent, Verb.SEE)
        present, visible = self._presence.current(), self._presence.visible(agent)
        users: dict[tuple[Entity, str], list[str]] = {}
        for segment in visible.values():
            if segment.rule is not None:
                for one in Entity:
                    for key in {node.attribute for _, node in conditions_on(segment.rule, segment.entity, of=one)}:
                        users.setdefault((one, key), []).append(segment.name)
        return [
            Filled(one, attribute, missing.get(key, total), total, tuple(users.get((one, key), ())))
            for one in (Entity if entity is None else (entity,))
            for missing, total in [(present.snapshot.missing(one), present.snapshot.height(one))]
            for key, attribute in present.schema.of(one).items()
        ]

    def events(self, agent: Agent, *, now: datetime) -> list[EventKind]:
        """Every event by name, the commonest lately first."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            rows = store.events.summary(connection, now - timedelta(days=30))
        kinds = [EventKind(row.name, row.count, row.recent, row.last_at) for row in rows]
        return sorted(kinds, key=lambda kind: (-kind.recent, kind.name))
