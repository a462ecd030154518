"""Folders of segments, in the order of the overview."""

from typing import Any

from sqlalchemy import Connection, Row, func, select

from segcore.attributes import Entity
from segcore.model import Folder
from segcore.problems import NotFound
from segcore.store import slugs, texts
from segcore.store.tables import folder, segment


def all(connection: Connection) -> list[Folder]:
    """Every folder, in its order."""
    return [_folder(row) for row in connection.execute(select(folder).order_by(folder.c.place, folder.c.key))]


def get(connection: Connection, key: str) -> Folder | None:
    """One folder."""
    if texts.trouble(key):
        return None
    row = connection.execute(select(folder).where(folder.c.key == key)).first()
    return None if row is None else _folder(row)


def insert(connection: Connection, name: str, entity: Entity, position: int) -> Folder:
    """A new folder at the end."""
    key = slugs.free(slugs.slug(name, "folder"), set(connection.scalars(select(folder.c.key))))
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
    others = [other for other in all(connection) if other.key != key]
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
    changed = get(connection, key)
    if changed is None:
        raise NotFound("This folder does not exist any more.")
    return changed


def _folder(row: Row[Any]) -> Folder:
    return Folder(key=row.key, name=row.name, entity=Entity(row.entity), position=row.place)
