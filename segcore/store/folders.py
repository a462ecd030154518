"""Folders of segments, in the order of the overview, and which of them there are for an agent."""

from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, func, or_, select, true

from segcore.attributes import Entity
from segcore.model import Agent, Folder
from segcore.problems import NotFound
from segcore.store import segments, slugs, texts
from segcore.store.tables import folder, segment


def visible_to(agent: Agent) -> ColumnElement[bool]:
    """Which folders there are for an agent: the empty ones, and those that hold a segment that the agent may see."""
    if agent.role == "admin" and agent.enabled:
        return true()
    if not agent.enabled:
        return false()
    held = select(segment.c.folder).where(segment.c.folder.is_not(None))
    return or_(folder.c.key.not_in(held), folder.c.key.in_(held.where(segments.visible_to(agent))))


def everything(connection: Connection) -> list[Folder]:
    """Every folder, whoever may see what it holds; nothing of it is told."""
    return _read(connection, true())


def all(connection: Connection, agent: Agent) -> list[Folder]:
    """The folders that there are for an agent, in their order."""
    return _read(connection, visible_to(agent))


def get(connection: Connection, agent: Agent, key: str) -> Folder | None:
    """One folder; None both where there is none and where all that it holds is hidden from the agent."""
    if texts.trouble(key):
        return None
    return next(iter(_read(connection, and_(folder.c.key == key, visible_to(agent)))), None)


def insert(connection: Connection, name: str, entity: Entity, position: int, ending: str = "") -> Folder:
    """A new folder at the end. With an `ending` drawn at random its key does not tell whether the name was taken."""
    wanted = slugs.ended(slugs.slug(name, "folder"), ending)
    key = slugs.free(wanted, set(connection.scalars(select(folder.c.key))))
    highest: int | None = connection.scalar(select(func.max(folder.c.place)))
    place = 0 if highest is None else highest + 1
    row = {
        "key": key,
        "name": texts.storable(name, "name"),
        "entity": entity.value,
        "place": place,
        "position": position,
    }
    connection.execute(folder.insert().values(row))
    return Folder(key=key, name=name, entity=entity, position=place)


def rename(connection: Connection, key: str, name: str, position: int) -> Folder:
    """Another name under the same key."""
    return _changed(connection, key, {"name": texts.storable(name, "name"), "position": position})


def place(connection: Connection, key: str, place: int, position: int) -> Folder:
    """Another place among the folders; those from there on make room."""
    others = [other for other in everything(connection) if other.key != key]
    for number, other in enumerate(others):
        moved = number + (number >= place)
        if moved != other.position:
            _changed(connection, other.key, {"place": moved, "position": position})
    return _changed(connection, key, {"place": max(0, min(place, len(others))), "position": position})


def delete(connection: Connection, key: str, position: int) -> None:
    """The folder goes; its segments are then in none."""
    connection.execute(segment.update().where(segment.c.folder == key).values(folder=None, position=position))
    if connection.execute(folder.delete().where(folder.c.key == key)).rowcount != 1:
        raise NotFound("This folder does not exist any more.")


def _changed(connection: Connection, key: str, values: dict[str, Any]) -> Folder:
    connection.execute(folder.update().where(folder.c.key == key).values(values))
    changed = _read(connection, folder.c.key == key)
    if not changed:
        raise NotFound("This folder does not exist any more.")
    return changed[0]


def _read(connection: Connection, where: ColumnElement[bool]) -> list[Folder]:
    rows = connection.execute(select(folder).where(where).order_by(folder.c.place, folder.c.key))
    return [_folder(row) for row in rows]


def _folder(row: Row[Any]) -> Folder:
    return Folder(key=row.key, name=row.name, entity=Entity(row.entity), position=row.place)
