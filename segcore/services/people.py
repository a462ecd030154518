"""One person or company: what is known of them, what they did, whom they belong to."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from segcore import store
from segcore.access import Verb, require
from segcore.attributes import EXTERNAL_ID, Attribute, Entity
from segcore.model import Agent, Event
from segcore.problems import NotFound
from segcore.services.present import MISSING, Presence
from segcore.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Everything known of one person at one instant. `companies` are (external id, name), the primary one first."""

    external_id: str
    attributes: tuple[Attribute, ...]
    values: dict[str, Any]
    companies: tuple[tuple[str, str], ...]
    now: datetime

    @property
    def name(self) -> str:
        """What they are called: name, else e-mail, else id."""
        return next((str(self.values[key]) for key in ("name", "email") if self.values.get(key)), self.external_id)


def of_company(external_id: str) -> dict[str, Any]:
    """The filter of those who belong to a company."""
    of_it = {"attribute": EXTERNAL_ID, "operator": "is", "value": external_id, "match_case": True}
    return {"all": [{"company": "any", "rule": of_it}]}


class People:
    """Asked about one of them at a time."""

    def __init__(self, database: Database, presence: Presence) -> None:
        self._database = database
        self._presence = presence

    def profile(self, agent: Agent, external_id: str, *, entity: Entity = Entity.PERSON, now: datetime) -> Profile:
        """The attributes with their values, and the companies; NotFound where there is no such person."""
        require(agent, Verb.SEE)
        present = self._presence.current()
        evaluation = present.at(now)
        values = evaluation.row(entity, external_id)
        if values is None:
            raise NotFound(MISSING)
        return Profile(
            external_id=external_id,
            attributes=tuple(present.schema.of(entity).values()),
            values=values,
            companies=tuple(evaluation.companies_of(external_id)) if entity is Entity.PERSON else (),
            now=now,
        )

    def events(
        self, agent: Agent, external_id: str, *, before: datetime | None = None, limit: int = 100
    ) -> list[Event]:
        """What a person did, latest first, up to `limit` of them from before an instant."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            found = store.records.ids(connection, Entity.PERSON, [external_id])
            if found.is_empty():
                raise NotFound(MISSING)
            return store.events.of_person(connection, found.item(0, "id"), before=before, limit=limit)
