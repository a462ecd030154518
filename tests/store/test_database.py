"""The database itself: its address, its migrations, its faults, and writers that come one after another."""

import signal
import sqlite3
import subprocess
import sys
import textwrap
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from segcore.attributes import STANDARD, Entity
from segcore.model import LOCAL_OWNER, Segment
from segcore.problems import Changed, SegcoreError
from segcore.settings import ROOT
from segcore.store import log, records, schema, segments
from segcore.store.database import Database
from segcore.store.migrations import HEAD
from segcore.store.tables import metadata

NOW = datetime(2026, 11, 22, 4, 12, tzinfo=UTC)


def note(database: Database, what: str = "tested") -> int:
    with database.write() as connection:
        return log.append(connection, at=NOW, agent="owner", what=what, entity="person")


# The address


@pytest.mark.parametrize(
    "url",
    [
        "",
        "segcore.db",
        "mysql://root:secret@localhost/crm",
        "sqlite://",
        "sqlite:///:memory:",
        "postgresql+psycopg2://secret@localhost/crm",
        "postgresql+psycopg://user:secret@localhost:port/crm",
        "http://localhost",
    ],
)
def test_a_wrong_address_is_told_by_the_name_of_its_setting_and_without_its_password(url: str) -> None:
    with pytest.raises(SegcoreError, match="SEGCORE_DATABASE_URL") as told:
        Database(url)
    assert "secret" not in told.value.message + told.value.hint


def test_a_server_that_is_not_there_is_told() -> None:
    database = Database("postgresql+psycopg://user:secret@127.0.0.1:1/crm", busy_seconds=1)
    with pytest.raises(SegcoreError, match="cannot be reached") as told:
        database.migrate()
    assert "secret" not in str(told.value)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SegcoreError, match="cannot be opened"):
        Database(f"sqlite:///{tmp_path}/file/segcore.db")


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path}/new/segcore.db")
    database.migrate()
    note(database)
    assert {oct(file.stat().st_mode & 0o777) for file in (tmp_path / "new").iterdir()} == {"0o600"}


# Migrations


def test_a_new_workspace_has_the_standard_attributes_and_an_empty_log(database: Database) -> None:
    database.migrate()  # again, which changes nothing
    with database.read() as connection:
        found = schema.load(connection)
        assert tuple(found.people.values())[1:] == STANDARD[Entity.PERSON]
        assert tuple(found.companies.values())[1:] == STANDARD[Entity.COMPANY]
        assert next(iter(found.people)) == next(iter(found.companies)) == "external_id"
        assert log.position(connection) == 0


def test_the_migrations_make_the_tables_that_the_code_expects(database: Database) -> None:
    with database.read() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        assert compare_metadata(context, metadata) == []
    config = Config()
    config.set_main_option("script_location", str(Path(sys.modules["segcore.store.migrations"].__file__ or "").parent))
    assert ScriptDirectory.from_config(config).get_current_head() == HEAD


def test_a_newer_schema_is_refused_and_left_alone(database: Database) -> None:
    with database.write() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(SegcoreError, match="newer Segcore"):
        database.migrate()
    assert note(database) == 1


def test_somebody_elses_database_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.db"
    sqlite3.connect(file).execute("CREATE TABLE customers (id)")
    with pytest.raises(SegcoreError, match="not Segcore's"):
        Database(f"sqlite:///{file}").migrate()


def test_a_migration_that_fails_halfway_leaves_nothing_behind(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    with database.write() as connection:
        metadata.drop_all(connection)
        connection.execute(text("DROP TABLE alembic_version"))

    def fail(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(schema, "save", fail)
        with pytest.raises(KeyboardInterrupt):
            database.migrate()
    with database.read() as connection:
        assert inspect(connection).get_table_names() == []
    database.migrate()
    assert note(database) == 1


def test_many_processes_may_start_on_a_new_database_at_once(tmp_path: Path) -> None:
    databases = [Database(f"sqlite:///{tmp_path}/segcore.db") for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda database: database.migrate(), databases))
    assert note(databases[0]) == 1


# Transactions


def test_what_fails_is_undone_whole(database: Database) -> None:
    def write() -> None:
        with database.write() as connection:
            position = log.append(connection, at=NOW, agent="owner", what="imported", entity="person")
            records.insert(
                connection, Entity.PERSON, pl.DataFrame({"external_id": ["a"], "document": ["{}"]}), position, NOW
            )
            raise SegcoreError("no")

    with pytest.raises(SegcoreError, match="no"):
        write()
    with database.read() as connection:
        assert log.position(connection) == 0
        assert records.count(connection, Entity.PERSON) == 0


def test_a_reader_cannot_write(database: Database) -> None:
    with pytest.raises(Exception, match=r"(?i)read-?only|cannot be written"), database.read() as connection:
        log.append(connection, at=NOW, agent="owner", what="tested", entity="person")
    assert note(database) == 1


def test_a_reader_keeps_its_instant_while_others_write(database: Database) -> None:
    with database.read() as connection:
        assert log.position(connection) == 0
        note(database)
        assert log.position(connection) == 0
    with database.read() as connection:
        assert log.position(connection) == 1


def test_a_writer_that_waits_too_long_is_told_that_nothing_was_saved(database: Database) -> None:
    impatient = Database(database.url.render_as_string(hide_password=False), busy_seconds=0.3)
    with database.write() as connection:
        log.append(connection, at=NOW, agent="owner", what="tested", entity="person")
        began = time.monotonic()
        with pytest.raises(SegcoreError, match=r"^The database is busy; nothing was saved\.$"):
            note(impatient)
        assert 0.2 < time.monotonic() - began < 3
        with impatient.read() as reader:
            assert log.position(reader) == 0
    assert note(impatient) == 2
    impatient.close()


def test_who_does_not_wait_is_refused_at_once_and_writes_once_nobody_else_does(database: Database) -> None:
    with database.write():
        began = time.monotonic()
        with (
            pytest.raises(SegcoreError, match=r"^The database is busy; nothing was saved\.$"),
            database.write(wait=False),
        ):
            raise AssertionError("two writers at once")
        assert time.monotonic() - began < 5  # whoever waits does so for ten
    with database.write(wait=False) as connection:
        log.append(connection, at=NOW, agent="owner", what="tested", entity="person")
    assert note(database) == 2


def test_a_long_import_lets_others_in_between_its_writes(sqlite_database: Database) -> None:
    stop = threading.Event()

    def hold() -> None:
        while not stop.is_set():
            with sqlite_database.write() as connection:
                log.append(connection, at=NOW, agent="import", what="tested", entity="person")
                time.sleep(0.15)

    thread = threading.Thread(target=hold)
    thread.start()
    try:
        waits = []
        for _ in range(6):
            began = time.monotonic()
            note(sqlite_database)
            waits.append(time.monotonic() - began)
    finally:
        stop.set()
        thread.join()
    assert max(waits) < 0.6, waits


def test_positions_come_in_the_order_of_commits(database: Database) -> None:
    writers, each = 4, 25
    done = threading.Event()
    followed: list[int] = []

    def follow() -> None:
        while True:
            last = done.is_set()
            with database.read() as connection:
                followed.extend(c.position for c in log.since(connection, followed[-1] if followed else 0))
            if last:
                return

    def write(number: int) -> list[int]:
        return [note(database, f"writer {number}") for _ in range(each)]

    follower = threading.Thread(target=follow)
    follower.start()
    with ThreadPoolExecutor(writers) as pool:
        written = list(pool.map(write, range(writers)))
    done.set()
    follower.join()
    assert all(positions == sorted(positions) for positions in written)
    # A follower that only ever asks for what is newer than what it has seen misses nothing.
    assert followed == list(range(1, writers * each + 1))


def test_what_a_writer_has_read_is_still_so_when_it_writes(database: Database) -> None:
    def write(_: int) -> None:
        with database.write() as connection:
            before = log.position(connection)
            time.sleep(0.002)
            assert log.append(connection, at=NOW, agent="owner", what="tested", entity="person") == before + 1

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(write, range(20)))


def test_of_two_who_save_the_same_version_one_is_told(database: Database) -> None:
    with database.write() as connection:
        wanted = Segment(
            key="race",
            name="Race",
            entity=Entity.PERSON,
            rule=None,
            document={"all": []},
            created_at=NOW,
            updated_at=NOW,
        )
        segments.insert(connection, wanted, 1)

    def save(name: str, version: int, barrier: threading.Barrier) -> str:
        barrier.wait()
        try:
            with database.write() as connection:
                position = log.append(connection, at=NOW, agent=name, what="segment changed", entity="segment")
                segments.update(connection, replace(wanted, name=name, updated_by=name), version, position)
        except Changed as changed:
            return changed.by
        return name

    with ThreadPoolExecutor(2) as pool:
        for version in range(1, 51):
            barrier = threading.Barrier(2)
            outcomes = [pool.submit(save, name, version, barrier) for name in ("Maeve", "Tom")]
            # Both end up knowing the same winner: one saved, the other was told who did.
            winners = {outcome.result() for outcome in outcomes}
            assert len(winners) == 1
    with database.read() as connection:
        assert segments.all(connection, LOCAL_OWNER)[0].version == 51
        assert log.position(connection) == 50  # those who lost left no trace


# Faults, each in a process of its own

WRITER = """
    import os, resource, signal, sys
    from datetime import datetime, UTC
    import polars as pl
    from segcore.attributes import Entity
    from segcore.problems import SegcoreError
    from segcore.store import log, records
    from segcore.store.database import Database

    now = datetime(2026, 11, 22, tzinfo=UTC)
    people = pl.DataFrame({"external_id": [f"p{n}" for n in range(20_000)], "document": ["x" * 500] * 20_000})
    database = Database(sys.argv[1])

    def write(then):
        with database.write() as connection:
            position = log.append(connection, at=now, agent="owner", what="imported", entity="person")
            records.insert(connection, Entity.PERSON, people, position, now)
            then()
"""


def run(database: Database, code: str) -> subprocess.CompletedProcess[str]:
    program = textwrap.dedent(WRITER) + textwrap.dedent(code)
    command = [sys.executable, "-c", program, database.url.render_as_string(hide_password=False)]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, cwd=ROOT)


def stored(database: Database) -> tuple[int, int]:
    with database.read() as connection:
        return log.position(connection), records.count(connection, Entity.PERSON)


def test_a_writer_that_is_killed_leaves_nothing_or_everything(database: Database) -> None:
    killed = run(database, "write(lambda: os.kill(os.getpid(), signal.SIGKILL))")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert stored(database) == (0, 0)
    killed = run(database, "write(lambda: None); os.kill(os.getpid(), signal.SIGKILL)")
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert stored(database) == (1, 20_000)
    assert note(database) == 2


def test_a_full_disk_is_told_and_undone(sqlite_database: Database) -> None:
    code = """
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
        try:
            write(lambda: None)
        except SegcoreError as error:
            print(error.message)
    """
    told = run(sqlite_database, code)
    assert told.stdout == "The disk is full or cannot be written; nothing was saved.\n", told.stderr
    assert stored(sqlite_database) == (0, 0)
    assert note(sqlite_database) == 1
    with sqlite_database.read() as connection:
        assert connection.execute(text("PRAGMA integrity_check")).scalar_one() == "ok"


@pytest.mark.parametrize(
    "damage", [lambda raw: b"garbage " * 1000, lambda raw: raw[:100] + b"\xff" * 8000 + raw[8100:]]
)
def test_a_damaged_file_is_told(sqlite_template: Path, tmp_path: Path, damage: Callable[[bytes], bytes]) -> None:
    file = tmp_path / "damaged.db"
    file.write_bytes(damage(sqlite_template.read_bytes()))
    with pytest.raises(SegcoreError, match="damaged"):
        Database(f"sqlite:///{file}").migrate()
