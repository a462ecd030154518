"""A few people at a fixed instant, for tests of whatever stands on the store."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl
from sqlalchemy import delete

from segcore import store
from segcore.attributes import Attribute, Entity, Kind
from segcore.store.database import Database
from segcore.store.tables import attribute

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


def write(
    database: Database,
    people: Mapping[str, Mapping[str, Any]] = PEOPLE,
    entity: Entity = Entity.PERSON,
    extra: int = 0,
) -> None:
    """Put people into the store as an import would; `extra` declares number attributes a0, a1 … as well."""
    with database.write() as connection:
        position = store.log.append(
            connection, at=NOW, agent="owner", what="people imported", entity="person", amount=len(people)
        )
        kinds = [("country", Kind.TEXT), ("plan", Kind.TEXT), ("photos", Kind.NUMBER)]
        kinds += [(f"a{number}", Kind.NUMBER) for number in range(extra)]
        store.schema.save(connection, entity, [Attribute(key=key, kind=kind) for key, kind in kinds], position)
        documents = [json.dumps(document) for document in people.values()]
        frame = pl.DataFrame({"external_id": list(people), "document": documents})
        store.records.insert(connection, entity, frame, position, NOW)


def forget_attribute(database: Database, key: str) -> None:
    """Take an attribute out of the schema while filters still ask for it."""
    with database.write() as connection:
        store.log.append(connection, at=NOW, agent="owner", what="attribute removed", entity="attribute")
        connection.execute(delete(attribute).where(attribute.c.key == key))
