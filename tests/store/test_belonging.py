"""Who belongs to which companies, and who follows that."""

from collections.abc import Iterator
from datetime import UTC, datetime

import polars as pl
import pytest
from sqlalchemy import Connection

from segcore.attributes import Entity
from segcore.store import belonging, records
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, tzinfo=UTC)


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        for entity, ids in ((Entity.PERSON, ["ann", "bob", "cy"]), (Entity.COMPANY, ["acme", "beta", "core"])):
            records.insert(connection, entity, pl.DataFrame({"external_id": ids, "document": ["{}"] * 3}), 1, NOW)
        yield connection


def give(connection: Connection, position: int, **companies: list[str]) -> int:
    person = dict(records.ids(connection, Entity.PERSON, list(companies)).iter_rows())
    company = dict(
        records.ids(connection, Entity.COMPANY, [c for theirs in companies.values() for c in theirs]).iter_rows()
    )
    rows: list[tuple[int, int | None, int | None]] = []
    for name, theirs in companies.items():
        rows += [(person[name], company[c], rank) for rank, c in enumerate(theirs)] or [(person[name], None, None)]
    frame = pl.DataFrame(rows, orient="row", schema=belonging.BELONGING)
    return belonging.set_companies(connection, frame, position)


def companies_of(connection: Connection, person: str) -> list[str]:
    id = records.ids(connection, Entity.PERSON, [person])["id"].item()
    return belonging.of_person(connection, id)["external_id"].to_list()


def changed(connection: Connection, position: int) -> dict[str, int]:
    """Of each person seen to have changed, how many companies there are."""
    frames = list(belonging.changed_since(connection, position, batch=1))
    if not frames:
        return {}
    names = {
        id: external_id for external_id, id in records.ids(connection, Entity.PERSON, ["ann", "bob", "cy"]).iter_rows()
    }
    counted = pl.concat(frames).group_by("person_id").agg(pl.col("company_id").count())
    return {names[person]: count for person, count in counted.iter_rows()}


def test_the_first_company_is_the_primary_one(connection: Connection) -> None:
    assert give(connection, 2, ann=["beta", "acme"], bob=["acme"]) == 2
    assert companies_of(connection, "ann") == ["beta", "acme"]
    assert companies_of(connection, "bob") == ["acme"]
    assert companies_of(connection, "cy") == []


def test_only_those_whose_companies_differ_are_changed(connection: Connection) -> None:
    give(connection, 2, ann=["beta", "acme"], bob=["acme"])
    assert give(connection, 3, ann=["beta", "acme"], bob=["acme"]) == 0
    assert changed(connection, 2) == {}
    assert give(connection, 4, ann=["acme", "beta"], bob=["acme"]) == 1
    assert companies_of(connection, "ann") == ["acme", "beta"]
    assert changed(connection, 2) == {"ann": 2}
    assert changed(connection, -1) == {"ann": 2, "bob": 1}


def test_a_person_who_left_every_company_is_seen(connection: Connection) -> None:
    give(connection, 2, ann=["beta"], bob=["acme", "core"])
    assert give(connection, 3, bob=[], cy=[]) == 1
    assert companies_of(connection, "bob") == []
    assert changed(connection, 2) == {"bob": 0}


def test_a_company_that_is_deleted_takes_itself_out_of_its_people(connection: Connection) -> None:
    give(connection, 2, ann=["beta", "acme"], bob=["acme"])
    records.delete(connection, Entity.COMPANY, records.ids(connection, Entity.COMPANY, ["beta"])["id"], 3)
    assert companies_of(connection, "ann") == ["acme"]
    assert changed(connection, 2) == {"ann": 1}


def test_a_person_who_is_deleted_takes_the_companies_along(connection: Connection) -> None:
    give(connection, 2, ann=["beta"], bob=["acme"])
    records.delete(connection, Entity.PERSON, records.ids(connection, Entity.PERSON, ["ann"])["id"], 3)
    assert changed(connection, -1) == {"bob": 1}
