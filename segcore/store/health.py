"""What a database says about itself, asked without changing it."""

from pathlib import Path

from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

from segcore.store.migrations import HEAD

LATEST = HEAD


def file_of(url: str) -> Path | None:
    """The file of a SQLite database; None for a server, and for an address that `Database` will refuse."""
    try:
        read = make_url(url)
    except (ArgumentError, ValueError):
        return None
    return Path(read.database) if read.drivername == "sqlite" and read.database else None


def revision(connection: Connection) -> str | None:
    """The schema that the tables have; None where there are none of ours."""
    if "alembic_version" not in inspect(connection).get_table_names():
        return None
    found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
    return found


def damage(connection: Connection) -> str | None:
    """The first fault that SQLite finds in its file; PostgreSQL looks after its own."""
    if connection.dialect.name != "sqlite":
        return None
    found: str = connection.exec_driver_sql("PRAGMA quick_check(1)").scalar_one()
    return None if found == "ok" else found
