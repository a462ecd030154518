"""Services over an empty workspace with a few people, on both databases."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import polars as pl
import pytest

from segcore import bootstrap, store
from segcore.attributes import Attribute, Entity, Kind
from segcore.bootstrap import Services
from segcore.settings import Settings
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)


def ago(**amount: float) -> int:
    """An instant before NOW as documents hold it: microseconds since the epoch."""
    return int((NOW - timedelta(**amount)).timestamp() * 1_000_000)


PEOPLE: dict[str, dict[str, Any]] = {
    "c-1": {"name": "Aoife Byrne", "email": "aoife@acme.example", "country": "Ireland", "signed_up_at": ago(hours=3)},
    "c-2": {"name": "Liam O'Neill", "country": "Ireland", "signed_up_at": ago(days=3), "last_seen_at": ago(hours=2)},
    "c-3": {"name": "Mei Ruiz", "country": "Japan", "signed_up_at": ago(days=400), "last_seen_at": ago(days=40)},
    "c-4": {"name": "Zanele Mensah", "plan": "Pro", "signed_up_at": ago(days=10), "last_seen_at": ago(days=29)},
    "c-5": {"country": "ireland", "plan": "Pro", "photos": 81},
}


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    """An empty workspace, ready."""
    settings = Settings(database_url="", data=tmp_path)
    return bootstrap.assemble(settings, database, now=NOW)


@pytest.fixture
def put(services: Services) -> Callable[[dict[str, dict[str, Any]]], None]:
    """Writes people as an import would."""

    def write(people: dict[str, dict[str, Any]]) -> None:
        with services.database.write() as connection:
            position = store.log.append(
                connection, at=NOW, agent="owner", what="people imported", entity="person", amount=len(people)
            )
            kinds = [("country", Kind.TEXT), ("plan", Kind.TEXT), ("photos", Kind.NUMBER)]
            store.schema.save(
                connection, Entity.PERSON, [Attribute(key=key, kind=kind) for key, kind in kinds], position
            )
            documents = [orjson.dumps(document).decode() for document in people.values()]
            frame = pl.DataFrame({"external_id": list(people), "document": documents})
            store.records.insert(connection, Entity.PERSON, frame, position, NOW)

    return write


@pytest.fixture
def people(services: Services, put: Callable[[dict[str, dict[str, Any]]], None]) -> Services:
    """The workspace with five people."""
    put(PEOPLE)
    return services
