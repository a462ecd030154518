"""Services over an empty workspace, and over one with a few people, on both databases."""

from pathlib import Path

import pytest

from segcore import bootstrap
from segcore.bootstrap import Services
from segcore.services import passwords
from segcore.settings import Settings
from segcore.store.database import Database
from tests import workspace


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a real hash costs is measured apart."""
    monkeypatch.setattr(passwords, "COST", 4)


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    """An empty workspace, ready."""
    return bootstrap.assemble(Settings(database_url="", data=tmp_path), database, now=workspace.NOW)


@pytest.fixture
def sqlite_services(sqlite_database: Database, tmp_path: Path) -> Services:
    """The same on SQLite, for tests of what does not differ between databases."""
    return bootstrap.assemble(Settings(database_url="", data=tmp_path), sqlite_database, now=workspace.NOW)


@pytest.fixture
def people(services: Services) -> Services:
    """The workspace with five people."""
    workspace.write(services.database)
    return services
