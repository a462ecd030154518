"""People and companies as they are stored: an external id and a JSON document, one table each of one shape."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

import polars as pl
from sqlalchemy import Connection, func, select

from segcore.attributes import EXTERNAL_ID, Entity
from segcore.problems import SegcoreError
from segcore.store import belonging as belongings
from segcore.store import frames, instants, texts
from segcore.store.tables import RECORDS, belonging, deleted

STORED = {"id": pl.Int64, EXTERNAL_ID: pl.String, "document": pl.String, "position": pl.Int64}
FOUND = {EXTERNAL_ID: pl.String, "id": pl.Int64, "document": pl.String}
IDS = {EXTERNAL_ID: pl.String, "id": pl.Int64}
DELETED = {"id": pl.Int64, "position": pl.Int64}


def existing(connection: Connection, entity: Entity, external_ids: Sequence[str] | pl.Series) -> pl.DataFrame:
    """Those of the given external ids that are stored: external_id, id, document."""
    table = RECORDS[entity]
    given = frames.among(connection, _findable(external_ids))
    query = select(table.c.external_id, table.c.id, table.c.document).where(table.c.external_id.in_(given))
    return frames.read(connection, query, FOUND)


def ids(connection: Connection, entity: Entity, external_ids: Sequence[str] | pl.Series) -> pl.DataFrame:
    """Those of the given external ids that are stored: external_id, id."""
    table = RECORDS[entity]
    given = frames.among(connection, _findable(external_ids))
    return frames.read(connection, select(table.c.external_id, table.c.id).where(table.c.external_id.in_(given)), IDS)


def insert(connection: Connection, entity: Entity, frame: pl.DataFrame, position: int, at: datetime) -> None:
    """Add people or companies: external_id, document. None of them may be stored already."""
    if frame.is_empty():
        return
    longest = frame[EXTERNAL_ID].str.len_chars().max()
    if isinstance(longest, int) and longest > texts.LONGEST_KEY:
        raise SegcoreError(f"An ID has {longest} characters; {texts.LONGEST_KEY} are the most.")
    instant = instants.stored(at)
    stamps = {"position": position, "created_at": instant, "updated_at": instant}
    frames.fill(connection, RECORDS[entity], frame.select(EXTERNAL_ID, "document", **_literals(stamps)))


def update(connection: Connection, entity: Entity, frame: pl.DataFrame, position: int, at: datetime) -> None:
    """Replace documents: id, document."""
    stamps = {"position": position, "updated_at": instants.stored(at)}
    frames.update(connection, RECORDS[entity], frame.select("id", "document", **_literals(stamps)))


def delete(connection: Connection, entity: Entity, ids: Sequence[int] | pl.Series, position: int) -> int:
    """Delete people or companies with all that hangs on them; how many there were. A tombstone without content is left."""
    table = RECORDS[entity]
    given = pl.Series(ids, dtype=pl.Int64)
    found = frames.read(
        connection, select(table.c.id).where(table.c.id.in_(frames.among(connection, given))), {"record_id": pl.Int64}
    )
    if entity is Entity.COMPANY:
        touched = select(belonging.c.person_id).where(belonging.c.company_id.in_(frames.among(connection, given)))
        belongings.touch(connection, frames.read(connection, touched.distinct(), {"id": pl.Int64})["id"], position)
    stamps = {"entity": entity.value, "position": position}
    frames.fill(connection, deleted, found.select("record_id", **_literals(stamps)))
    connection.execute(table.delete().where(table.c.id.in_(frames.among(connection, given))))
    return found.height


def changed_since(
    connection: Connection, entity: Entity, position: int, batch: int = frames.ROWS
) -> Iterator[pl.DataFrame]:
    """Those that were added or changed after a position, in the order of their ids; with −1 all of them.

    Each frame holds at most `batch` rows of id, external_id, document and position.
    """
    table = RECORDS[entity]
    query = select(*(table.c[name] for name in STORED)).order_by(table.c.id)
    if position < 0:
        last = 0
        while not (part := frames.read(connection, query.where(table.c.id > last).limit(batch), STORED)).is_empty():
            yield part
            last = part["id"][-1]
        return
    # Which ones is answered by the index alone, so a few changes among a million rows are found at once.
    found = frames.read(connection, select(table.c.id).where(table.c.position > position), {"id": pl.Int64})[
        "id"
    ].sort()
    for part in found.to_frame().iter_slices(batch):
        yield frames.read(connection, query.where(table.c.id.in_(frames.among(connection, part["id"]))), STORED)


def deleted_since(connection: Connection, entity: Entity, position: int) -> pl.DataFrame:
    """Those that were deleted after a position: id, position."""
    query = select(deleted.c.record_id, deleted.c.position).where(
        deleted.c.entity == entity.value, deleted.c.position > position
    )
    return frames.read(connection, query, DELETED)


def count(connection: Connection, entity: Entity) -> int:
    """How many there are."""
    return connection.execute(select(func.count()).select_from(RECORDS[entity])).scalar_one()


def _findable(external_ids: Sequence[str] | pl.Series) -> pl.Series:
    """Without those that cannot be stored, and so are not: PostgreSQL would refuse the question."""
    return pl.Series([text for text in external_ids if texts.trouble(text) is None], dtype=pl.String)


def _literals(values: Mapping[str, object]) -> dict[str, pl.Expr]:
    return {name: pl.lit(value) for name, value in values.items()}
