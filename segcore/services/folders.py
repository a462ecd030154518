"""Folders hold segments; making, renaming and removing them never touches a segment's filter."""

from datetime import datetime

from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb, require
from segcore.attributes import Entity
from segcore.model import FOLDER_LIMIT, Agent, Folder
from segcore.problems import NotFound, SegcoreError
from segcore.store.database import Database


class Folders:
    """The places of segments, in the order of the overview."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, agent: Agent, *, entity: Entity | None = None) -> list[Folder]:
        """Every folder, of people or of companies where one is named."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            return [f for f in store.folders.all(connection) if entity is None or f.entity is entity]

    def create(self, agent: Agent, name: str, *, entity: Entity = Entity.PERSON, now: datetime) -> Folder:
        """A new folder at the end."""
        require(agent, Verb.CREATE)
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="folder made", entity="folder", amount=1
            )
            return made(connection, name, entity, position)

    def rename(self, agent: Agent, key: str, name: str, *, now: datetime) -> Folder:
        """Another name; the key, and so every address, stays."""
        require(agent, Verb.CREATE)
        with self._database.write() as connection:
            folder = store.folders.get(connection, key)
            if folder is None:
                raise NotFound("This folder does not exist any more.")
            others = [f for f in store.folders.all(connection) if f.entity is folder.entity and f.key != key]
            name = _name(name, others)
            position = store.log.append(
                connection, at=now, agent=agent.name, what="folder renamed", entity="folder", key=key, amount=1
            )
            return store.folders.rename(connection, key, name, position)

    def delete(self, agent: Agent, key: str, *, now: datetime) -> None:
        """The folder goes; its segments move to no folder."""
        require(agent, Verb.CREATE)
        with self._database.write() as connection:
            if store.folders.get(connection, key) is None:
                raise NotFound("This folder does not exist any more.")
            position = store.log.append(
                connection, at=now, agent=agent.name, what="folder deleted", entity="folder", key=key, amount=1
            )
            store.folders.delete(connection, key, position)


def made(connection: Connection, name: str, entity: Entity, position: int) -> Folder:
    """A new folder at the end, inside somebody's transaction."""
    name = _name(name, [f for f in store.folders.all(connection) if f.entity is entity])
    return store.folders.insert(connection, name, entity, position)


def _name(name: str, others: list[Folder]) -> str:
    name = " ".join(name.split())
    if not name:
        raise SegcoreError("A folder needs a name.")
    if len(name) > FOLDER_LIMIT:
        raise SegcoreError(f"The name has {len(name)} characters; {FOLDER_LIMIT} are the most.")
    if any(other.name.casefold() == name.casefold() for other in others):
        raise SegcoreError(f"There is a folder called {name} already.", "Choose another name.")
    return name
