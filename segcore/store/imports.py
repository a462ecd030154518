"""The history of imports, each with the rows that it rejected."""

from dataclasses import replace
from typing import Any

from sqlalchemy import Connection, Row, select

from segcore.model import Import
from segcore.store import instants, texts
from segcore.store.tables import imported

# Beyond this the file is cut at the end of a line; whoever imports a file so bad mends its cause, not its rows.
LONGEST = 5_000_000
CUT = "… cut here: the file of rejected rows was too long to keep\n"

_COUNTS = ("read", "created", "updated", "unchanged", "rejected")


def insert(connection: Connection, wanted: Import, position: int, rejections: str = "") -> Import:
    """Note an import, with the file of its rejected rows, and give it back with its id."""
    if len(rejections) > LONGEST:
        rejections = rejections[: rejections.rfind("\n", 0, LONGEST) + 1] + CUT
    row = {
        "at": instants.stored(wanted.at),
        "agent": texts.storable(wanted.agent, "agent's name"),
        "entity": wanted.entity,
        "file": texts.storable(wanted.file, "file's name"),
        **{name: getattr(wanted, name) for name in _COUNTS},
        "position": position,
        "rejections": texts.storable(rejections, "file of rejected rows"),
    }
    made = connection.execute(imported.insert().values(row)).inserted_primary_key
    return replace(wanted, id=made[0] if made else None)


def all(connection: Connection, limit: int = 100) -> list[Import]:
    """The imports, the latest first."""
    return [_import(row) for row in connection.execute(_query().order_by(imported.c.id.desc()).limit(limit))]


def rejections(connection: Connection, id: int) -> str | None:
    """The file of the rows that an import rejected; None where there is no such import."""
    found: str | None = connection.scalar(select(imported.c.rejections).where(imported.c.id == id))
    return found


def _query() -> Any:
    return select(*(column for column in imported.c if column is not imported.c.rejections))


def _import(row: Row[Any]) -> Import:
    return Import(
        id=row.id,
        at=instants.read(row.at),
        agent=row.agent,
        entity=row.entity,
        file=row.file,
        **{name: getattr(row, name) for name in _COUNTS},
    )
