"""The database: how SQLite and PostgreSQL are opened, so that everything above sees one behaviour.

A writer holds the head of the change log from its first statement to its commit. So writers come one after
another on both databases, and what a writer reads is still true when it commits.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, exc, insert, inspect, select, text
from sqlalchemy.engine import URL, make_url

from segcore.attributes import STANDARD
from segcore.problems import SegcoreError
from segcore.store import schema
from segcore.store.migrations import HEAD
from segcore.store.tables import log_head

BUSY_SECONDS = 10
SETTING = "SEGCORE_DATABASE_URL"
FORMS = "It is sqlite:///path/to/file.db or postgresql+psycopg://user:password@host/name."
# A long write leaves the others this much room afterwards, and those who wait ask this often.
_LONG_SECONDS, _ROOM_SECONDS, _ASK_SECONDS = 0.05, 0.02, 0.005
_WRITES, _HURRIES = "segcore_writes", "segcore_hurries"
_MIGRATING = 5_369_011  # an advisory lock of our own on PostgreSQL, where there is no table to lock yet


class Database:
    """One workspace's database; safe to share between threads."""

    def __init__(self, url: str, *, busy_seconds: float = BUSY_SECONDS) -> None:
        self.url = _parsed(url)
        self.kind = self.url.get_backend_name()
        self._engine = _sqlite(self.url, busy_seconds) if self.kind == "sqlite" else _postgresql(self.url, busy_seconds)
        self._writing = self._engine.execution_options(**{_WRITES: True})

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """One unchanging view of the data; nothing can be written through it."""
        with _told(saving=False), self._engine.connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self, *, wait: bool = True) -> Iterator[Connection]:
        """One transaction, alone among writers; committed at the end, undone whole on any error. Without `wait` it is
        refused at once where somebody else writes: for what can as well be noted later."""
        began = 0.0
        writing = self._writing if wait else self._writing.execution_options(**{_HURRIES: True})
        with _told(saving=True), writing.begin() as connection:
            connection.execute(select(log_head.c.position).with_for_update(nowait=not wait)).one()
            began = time.monotonic()
            yield connection
        # PostgreSQL queues writers; SQLite lets whoever asks first in, which is the one that has just left.
        if self.kind == "sqlite" and time.monotonic() - began > _LONG_SECONDS:
            time.sleep(_ROOM_SECONDS)

    def migrate(self) -> None:
        """Bring the tables to this version's shape, all of it or nothing; a new workspace gets the standard attributes."""
        with _told(saving=True), self._writing.begin() as connection:
            if self.kind == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATING})
            at = _revision(connection)
            if at == HEAD:
                return
            _upgrade(connection)
            if at is None:
                connection.execute(insert(log_head).values(id=1, position=0))
                for entity, attributes in STANDARD.items():
                    schema.save(connection, entity, attributes, 0)

    def close(self) -> None:
        """Let go of every connection."""
        self._engine.dispose()


def _parsed(url: str) -> URL:
    """The address, read; never printed whole, because it may hold a password."""
    try:
        read = make_url(url)
    except (exc.ArgumentError, ValueError):
        raise SegcoreError(f"{SETTING} is not the address of a database.", FORMS) from None
    if read.drivername in ("postgres", "postgresql"):
        read = read.set(drivername="postgresql+psycopg")
    if read.drivername == "sqlite" and read.database in (None, "", ":memory:"):
        raise SegcoreError(f"{SETTING} names no file: SQLite in memory would forget everything.", FORMS)
    if read.drivername not in ("sqlite", "postgresql+psycopg"):
        raise SegcoreError(f"{SETTING} begins with “{read.drivername}”, which Segcore does not speak.", FORMS)
    return read


def _sqlite(url: URL, busy_seconds: float) -> Engine:
    file = Path(url.database or "")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        # It holds personal data, so nobody else on the machine reads it; SQLite gives its side files the same mode.
        os.close(os.open(file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise SegcoreError(
            f"The database file {file} cannot be opened: {error.strerror}.", f"{SETTING} says where it is."
        ) from None
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_timeout=busy_seconds,
        hide_parameters=True,  # what is known of people must not reach the log with an error
        connect_args={"timeout": busy_seconds},
    )

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: object) -> None:
        connection.isolation_level = None  # we send BEGIN ourselves, see `begun`
        for pragma in (
            "journal_mode=WAL",
            "synchronous=NORMAL",
            "foreign_keys=ON",
            "temp_store=MEMORY",
            "cache_size=-32000",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # A transaction that begins by reading cannot be made a writer later: SQLite refuses it at once, without waiting.
        options = connection.get_execution_options()
        if options.get(_WRITES):
            connection.exec_driver_sql("PRAGMA query_only=OFF")
            _begin(connection, busy_seconds, 0 if options.get(_HURRIES) else busy_seconds)
        else:
            connection.exec_driver_sql("PRAGMA query_only=ON")
            connection.exec_driver_sql("BEGIN")

    return engine


def _begin(connection: Connection, busy_seconds: float, patience: float) -> None:
    """Wait for the other writers. SQLite's own waiting asks every 100 ms, so an import of many short writes would keep others out for long."""
    driver: Any = connection.connection.driver_connection
    driver.execute("PRAGMA busy_timeout=0")
    until = time.monotonic() + patience
    try:
        while time.monotonic() < until:
            try:
                driver.execute("BEGIN IMMEDIATE")
            except sqlite3.OperationalError as error:
                if not error.sqlite_errorname.startswith("SQLITE_BUSY"):
                    break
                time.sleep(_ASK_SECONDS)
            else:
                return
        connection.exec_driver_sql("BEGIN IMMEDIATE")  # the last attempt, whose error is told
    finally:
        driver.execute(f"PRAGMA busy_timeout={round(busy_seconds * 1000)}")


def _postgresql(url: URL, busy_seconds: float) -> Engine:
    options = f"-c timezone=UTC -c lock_timeout={round(busy_seconds * 1000)}"
    engine = create_engine(
        url,
        pool_size=10,
        max_overflow=20,
        pool_timeout=busy_seconds,
        pool_pre_ping=True,
        hide_parameters=True,
        connect_args={"options": options, "connect_timeout": round(busy_seconds) or 1},
    )

    @event.listens_for(engine, "begin")
    def begun(connection: Connection) -> None:
        # Readers see one instant; writers see each other's commits as soon as they hold the head of the log.
        if not connection.get_execution_options().get(_WRITES):
            connection.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")

    return engine


def _revision(connection: Connection) -> str | None:
    """The schema that the database has; None where it is empty. What this version does not know is refused."""
    names = inspect(connection).get_table_names()
    if "alembic_version" in names:
        found: str | None = connection.scalar(text("SELECT version_num FROM alembic_version"))
        if found is not None and found > HEAD:
            raise SegcoreError(
                f"This database was written by a newer Segcore (schema {found}; this one knows {HEAD}).",
                "Update Segcore, or open another database.",
            )
        return found
    if names:
        raise SegcoreError("This database holds tables that are not Segcore's.", f"Name an empty one in {SETTING}.")
    return None


def _upgrade(connection: Connection) -> None:
    # Only a database that is behind pays for Alembic's import.
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    command.upgrade(config, "head")


@contextmanager
def _told(*, saving: bool) -> Iterator[None]:
    """Turn the database's own troubles into words; what is a bug rises as it is."""
    try:
        yield
    except Exception as error:
        message, hint = _words(error)
        if message is None:
            raise
        raise SegcoreError(f"{message}; nothing was saved." if saving else f"{message}.", hint) from error


def _words(error: Exception) -> tuple[str | None, str]:
    # Frames go through the driver itself, whose errors SQLAlchemy has then not wrapped.
    original = getattr(error, "orig", None) or error
    code = getattr(original, "sqlite_errorname", None) or getattr(original, "sqlstate", None) or ""
    if (
        isinstance(error, exc.TimeoutError)
        or code.startswith(("SQLITE_BUSY", "SQLITE_LOCKED"))
        or code in ("55P03", "40P01", "40001")
    ):
        return "The database is busy", "Try again in a moment."
    if code.startswith(("SQLITE_FULL", "SQLITE_IOERR")) or code == "53100":
        return "The disk is full or cannot be written", "Make room, then try again."
    if code.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")):
        return "The database file is damaged", "Put back a copy of it from before."
    if code.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM")):
        return "The database file cannot be written", f"Check who owns the file that {SETTING} names."
    if isinstance(error, exc.OperationalError) and (
        error.connection_invalidated or code[:2] in ("", "08", "28", "3D", "57")
    ):
        return "The database cannot be reached", f"Check {SETTING}, and that the server is running."
    return None, ""
