"""What nothing needs any more once the demo workspace is gone."""

from collections.abc import Iterable

import polars as pl
from sqlalchemy import Column, ColumnElement, Connection, delete, func, select

from segcore.attributes import Entity
from segcore.store import frames
from segcore.store.tables import RECORDS, attribute, event, event_name, event_property


def events_of(connection: Connection, people: pl.Series) -> int:
    """How many events these people have."""
    query = select(func.count()).select_from(event).where(event.c.person_id.in_(frames.among(connection, people)))
    return connection.execute(query).scalar_one()


def drop_attributes(connection: Connection, entity: Entity, keys: Iterable[str]) -> list[str]:
    """Take those attributes out of the schema that nobody has a value of any more; which they were."""
    unused = [key for key in keys if not _named(connection, RECORDS[entity].c.document, key)]
    connection.execute(delete(attribute).where(attribute.c.entity == entity.value, attribute.c.key.in_(unused)))
    return unused


def drop_events(connection: Connection, names: Iterable[str], properties: Iterable[str]) -> None:
    """Take those events and properties out of the schema that no event has any more."""
    for name in names:
        if connection.execute(select(event.c.id).where(event.c.name == name).limit(1)).first() is None:
            connection.execute(delete(event_name).where(event_name.c.name == name))
    for key in properties:
        if not _named(connection, event.c.properties, key):
            connection.execute(delete(event_property).where(event_property.c.key == key))


def _named(connection: Connection, document: Column[str], key: str) -> bool:
    """Whether any document has the key, with a value or without; a text that looks like one counts too, which keeps more."""
    like: ColumnElement[bool] = document.contains(f'"{key}"', autoescape=True)
    return connection.execute(select(document).where(like).limit(1)).first() is not None
