"""Whether the database and the snapshot beside it are well; nothing is made here."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from sqlalchemy import Connection

from segcore import store
from segcore.attributes import Entity
from segcore.engine import disk
from segcore.store.database import Database

Told = tuple[str, Literal["ok", "look", "mend"], str, str]


def examine(url: str, folder: Path) -> Iterator[Told]:
    """What was checked of the database and of the snapshot in the folder, how it stands, what was found, what to do."""
    file = store.health.file_of(url)
    if file is not None and not file.exists():
        yield "Database", "ok", f"{file} does not exist yet; the first start makes it", ""
        return
    database = Database(url)
    try:
        with database.read() as connection:
            yield from _tables(connection)
        yield from _snapshot(folder)
    finally:
        database.close()


def file_of(url: str) -> Path | None:
    """The file in which the database lies; None for a server."""
    return store.health.file_of(url)


def _snapshot(folder: Path) -> Iterator[Told]:
    if not (folder / disk.CARD).exists():
        yield "Snapshot", "ok", "none on disk yet; the first start makes it", ""
        return
    stored = disk.read(folder)  # it checks every byte, and removes what is damaged
    if stored is None:
        yield (
            "Snapshot",
            "look",
            "it was damaged and has been removed",
            "The next start makes it again from the database.",
        )
    else:
        yield "Snapshot", "ok", f"whole, at change {stored.snapshot.position:,}", ""


def _tables(connection: Connection) -> Iterator[Told]:
    damage = store.health.damage(connection)
    if damage is not None:
        yield "Database", "mend", f"the file is damaged: {damage}", "Put back a copy of it from before."
        return
    revision, latest = store.health.revision(connection), store.health.LATEST
    if revision is None:
        yield "Database", "ok", "reachable and empty; the first start makes the tables", ""
    elif revision > latest:
        yield (
            "Database",
            "mend",
            f"written by a newer Segcore (schema {revision}, this one knows {latest})",
            "Update Segcore.",
        )
    elif revision < latest:
        yield (
            "Database",
            "look",
            f"schema {revision}, behind {latest}",
            "The next start migrates it; keep a copy before.",
        )
    else:
        people, companies = (store.records.count(connection, entity) for entity in Entity)
        yield "Database", "ok", f"reachable, schema {revision}, {people:,} people, {companies:,} companies", ""
