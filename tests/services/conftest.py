"""Services over an empty workspace, and over one with a few people, on both databases."""

from pathlib import Path

import pytest

from segcore import bootstrap
from segcore.bootstrap import Services
from segcore.settings import Settings
from segcore.store.database import Database
from tests import workspace


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    """An empty workspace, ready."""
    return bootstrap.assemble(Settings(database_url="", data=tmp_path), database, now=workspace.NOW)


@pytest.fixture
def people(services: Services) -> Services:
    """The workspace with five people."""
    workspace.write(services.database)
    return services
