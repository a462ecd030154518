"""What people did. Events are only ever added; a repeat is known by its message id."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, func, select

from segcore.model import Event
from segcore.store import frames, instants
from segcore.store.tables import event

COLUMNS = ("person_id", "name", "at", "properties", "message_id")
STORED = {"id": pl.Int64, "person_id": pl.Int64, "name": pl.String, "at": pl.Int64, "properties": pl.String}
COUNTED = {"name": pl.String, "count": pl.Int64, "last_at": pl.Int64}


@dataclass(frozen=True, slots=True)
class Summary:
    """How often an event happened: ever, since an instant, and when last."""

    name: str
    count: int
    recent: int
    last_at: datetime


def append(connection: Connection, frame: pl.DataFrame, position: int) -> int:
    """Add events: person_id, name, at (microseconds or Datetime), properties (JSON text), message_id (may be missing); how many were new."""
    rows = frame.select(
        pl.col("person_id").cast(pl.Int64),
        "name",
        pl.col("at").cast(pl.Int64),
        "properties",
        pl.col("message_id").cast(pl.String),
        position=pl.lit(position),
    )
    return frames.fill_new(connection, event, rows, "message_id")


def added_since(connection: Connection, event_id: int, batch: int = frames.ROWS) -> Iterator[pl.DataFrame]:
    """Events with a higher id, in the order of their ids; with 0 all of them: id, person_id, name, at, properties.

    Writers come one after another and events are only ever added, so what came later has a higher id: the primary key
    finds it, and no index of positions is needed over the largest table.
    """
    query = select(*(event.c[name] for name in STORED)).order_by(event.c.id).limit(batch)
    while not (part := frames.read(connection, query.where(event.c.id > event_id), STORED)).is_empty():
        yield part
        event_id = part["id"][-1]


def known(connection: Connection, message_ids: pl.Series) -> pl.Series:
    """Those of the given message ids that are stored."""
    given = frames.among(connection, message_ids)
    query = select(event.c.message_id).where(event.c.message_id.in_(given))
    return frames.read(connection, query, {"message_id": pl.String})["message_id"]


def of_person(
    connection: Connection, person_id: int, *, before: datetime | None = None, limit: int = 100
) -> list[Event]:
    """What a person did, the latest first."""
    query = select(event).where(event.c.person_id == person_id)
    if before is not None:
        query = query.where(event.c.at < instants.stored(before))
    rows = connection.execute(query.order_by(event.c.at.desc(), event.c.id.desc()).limit(limit))
    return [
        Event(
            name=row.name,
            at=instants.read(row.at),
            properties=json.loads(row.properties),
            message_id=row.message_id,
        )
        for row in rows
    ]


def summary(connection: Connection, since: datetime) -> list[Summary]:
    """Every event that happened, by name."""
    counted = (event.c.name, func.count(), func.max(event.c.at))
    ever = frames.read(connection, select(*counted).group_by(event.c.name), COUNTED)
    lately = frames.read(
        connection, select(*counted).where(event.c.at >= instants.stored(since)).group_by(event.c.name), COUNTED
    )
    recent = dict(lately.select("name", "count").iter_rows())
    return [
        Summary(name, count, recent.get(name, 0), instants.read(last_at))
        for name, count, last_at in ever.sort("name").iter_rows()
    ]


def count(connection: Connection) -> int:
    """How many events there are."""
    return connection.execute(select(func.count()).select_from(event)).scalar_one()
