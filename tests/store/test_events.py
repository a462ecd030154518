"""Events: added once, read latest first, summed up by name."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from sqlalchemy import Connection

from segcore.attributes import Entity
from segcore.model import Event
from segcore.store import events, records
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, 4, 12, 9, 123456, tzinfo=UTC)


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        people = pl.DataFrame({"external_id": ["ann", "bob"], "document": ["{}", "{}"]})
        records.insert(connection, Entity.PERSON, people, 1, NOW)
        yield connection


def person(connection: Connection, external_id: str) -> int:
    found: int = records.ids(connection, Entity.PERSON, [external_id])["id"].item()
    return found


def frame(*rows: tuple[int, str, datetime, str, str | None]) -> pl.DataFrame:
    types = {"person_id": pl.Int64, "name": pl.String, "at": pl.Datetime("us", "UTC"), "properties": pl.String}
    return pl.DataFrame(list(rows), orient="row", schema={**types, "message_id": pl.String})


def test_a_repeat_is_known_by_its_message_id(connection: Connection) -> None:
    ann = person(connection, "ann")
    rows = frame(
        (ann, "purchase", NOW, '{"amount":12.5}', "m1"),
        (ann, "purchase", NOW, '{"amount":99}', "m1"),
        (ann, "purchase", NOW, "{}", None),
        (ann, "purchase", NOW, "{}", None),
        (ann, "signed_up", NOW - timedelta(days=3), "{}", "m2"),
    )
    assert events.append(connection, rows, 2) == 4
    assert events.append(connection, rows.drop_nulls("message_id"), 3) == 0
    assert events.count(connection) == 4
    assert events.append(connection, rows.clear(), 4) == 0
    kept = [event for event in events.of_person(connection, ann) if event.message_id == "m1"]
    assert kept == [Event(name="purchase", at=NOW, properties={"amount": 12.5}, message_id="m1")]


def test_the_latest_come_first_and_can_be_paged(connection: Connection) -> None:
    ann, bob = person(connection, "ann"), person(connection, "bob")
    days = [NOW - timedelta(days=number) for number in range(6)]
    events.append(connection, frame(*((ann, f"e{n}", at, "{}", None) for n, at in enumerate(days))), 2)
    events.append(connection, frame((bob, "e9", NOW, "{}", None)), 3)
    first = events.of_person(connection, ann, limit=4)
    assert [event.name for event in first] == ["e0", "e1", "e2", "e3"]
    assert [event.name for event in events.of_person(connection, ann, before=first[-1].at)] == ["e4", "e5"]


def test_events_are_summed_up_by_name(connection: Connection) -> None:
    ann = person(connection, "ann")
    long_ago = datetime(1900, 1, 1, tzinfo=UTC)
    far = datetime(2299, 12, 31, 23, 59, 59, 999999, tzinfo=UTC)
    rows = frame((ann, "a", long_ago, "{}", None), (ann, "a", NOW, "{}", None), (ann, "b", far, "{}", None))
    events.append(connection, rows, 2)
    assert events.summary(connection, NOW) == [events.Summary("a", 2, 1, NOW), events.Summary("b", 1, 1, far)]
    assert events.summary(connection, far + timedelta(days=1))[0] == events.Summary("a", 2, 0, NOW)


def test_events_go_with_their_person(connection: Connection) -> None:
    ann, bob = person(connection, "ann"), person(connection, "bob")
    events.append(connection, frame((ann, "a", NOW, "{}", None), (bob, "b", NOW, "{}", None)), 2)
    records.delete(connection, Entity.PERSON, [ann], 3)
    assert [row.name for row in events.summary(connection, NOW)] == ["b"]
