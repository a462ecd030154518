"""Folders hold segments; making, renaming and removing them never touches a segment's filter."""

from datetime import datetime

from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb, require
from segcore.attributes import Entity
from segcore.model import FOLDER_LIMIT, Agent, Folder
from segcore.problems import NotFound, SegcoreError
from segcore.services import recording, saving
from segcore.store.database import Database


class Folders:
    """The places of segments, in the order of the overview."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, agent: Agent, *, entity: Entity | None = None) -> list[Folder]:
        """The folders that are empty or hold something that the agent may see, of people or of companies where one is
        named."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            return [f for f in store.folders.all(connection, agent) if entity is None or f.entity is entity]

    def create(self, agent: Agent, name: str, *, entity: Entity = Entity.PERSON, now: datetime) -> Folder:
        """A new folder at the end."""
        require(agent, Verb.CREATE)
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="folder made", entity="folder", amount=1
            )
            return made(connection, agent, name, entity, position, now)

    def rename(self, agent: Agent, key: str, name: str, *, now: datetime) -> Folder:
        """Another name; the key, and so every address, stays."""
        require(agent, Verb.CREATE)
        with self._database.write() as connection:
            before = _stored(connection, agent, key)
            name = _name(connection, agent, name, before.entity, besides=key)
            position = store.log.append(
                connection, at=now, agent=agent.name, what="folder renamed", entity="folder", key=key, amount=1
            )
            after = store.folders.rename(connection, key, name, position)
            recording.folder(connection, agent, "folder renamed", before, after, now)
            return after

    def delete(self, agent: Agent, key: str, *, now: datetime) -> None:
        """The folder goes; its segments move to no folder."""
        require(agent, Verb.CREATE)
        with self._database.write() as connection:
            before = _stored(connection, agent, key)
            position = store.log.append(
                connection, at=now, agent=agent.name, what="folder deleted", entity="folder", key=key, amount=1
            )
            store.folders.delete(connection, key, position)
            recording.folder(connection, agent, "folder deleted", before, None, now)


def made(connection: Connection, agent: Agent, name: str, entity: Entity, position: int, now: datetime) -> Folder:
    """A new folder at the end, inside somebody's transaction."""
    name = _name(connection, agent, name, entity)
    folder = store.folders.insert(connection, name, entity, position, saving.ending(agent))
    recording.folder(connection, agent, "folder made", None, folder, now)
    return folder


def _stored(connection: Connection, agent: Agent, key: str) -> Folder:
    folder = store.folders.get(connection, agent, key)
    if folder is None:
        raise NotFound(saving.NO_FOLDER)
    return folder


def _name(connection: Connection, agent: Agent, name: str, entity: Entity, besides: str | None = None) -> str:
    """The name, where no folder that there is for the agent has it."""
    name = " ".join(name.split())
    if not name:
        raise SegcoreError("A folder needs a name.")
    if len(name) > FOLDER_LIMIT:
        raise SegcoreError(f"The name has {len(name)} characters; {FOLDER_LIMIT} are the most.")
    others = [f for f in store.folders.all(connection, agent) if f.entity is entity and f.key != besides]
    if any(other.name.casefold() == name.casefold() for other in others):
        raise SegcoreError(f"There is a folder called {name} already.", "Choose another name.")
    return name
