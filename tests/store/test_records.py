"""People and companies: added, changed, found, deleted, and seen by whoever follows the log."""

from datetime import UTC, datetime

import polars as pl
import pytest

from segcore.attributes import Entity
from segcore.problems import SegcoreError
from segcore.store import log, records
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, 4, 12, tzinfo=UTC)


def people(*ids: str, document: str = "{}") -> pl.DataFrame:
    return pl.DataFrame({"external_id": list(ids), "document": [document] * len(ids)})


def add(database: Database, frame: pl.DataFrame, entity: Entity = Entity.PERSON) -> int:
    with database.write() as connection:
        position = log.append(connection, at=NOW, agent="owner", what="imported", entity=entity)
        records.insert(connection, entity, frame, position, NOW)
    return position


@pytest.mark.parametrize("entity", Entity)
def test_what_was_added_is_found_by_its_external_id(database: Database, entity: Entity) -> None:
    add(database, people("a", "b", "c", document='{"age":1}'), entity)
    with database.read() as connection:
        found = records.existing(connection, entity, ["c", "a", "nobody"])
        assert sorted(found["external_id"]) == ["a", "c"]
        assert set(found["document"]) == {'{"age":1}'}
        assert records.ids(connection, entity, ["b"])["external_id"].to_list() == ["b"]
        assert records.count(connection, entity) == 3


def test_a_follower_sees_what_changed_after_its_position_and_nothing_else(database: Database) -> None:
    first = add(database, people(*(f"p{number}" for number in range(7))))
    with database.write() as connection:
        changed = records.existing(connection, Entity.PERSON, ["p2", "p5"]).select("id", document=pl.lit('{"x":2}'))
        second = log.append(connection, at=NOW, agent="owner", what="imported", entity="person")
        records.update(connection, Entity.PERSON, changed, second, NOW)
    with database.read() as connection:
        everybody = list(records.changed_since(connection, Entity.PERSON, -1, batch=3))
        assert [part.height for part in everybody] == [3, 3, 1]
        assert pl.concat(everybody)["id"].is_sorted()
        later = pl.concat(records.changed_since(connection, Entity.PERSON, first))
        assert later["external_id"].to_list() == ["p2", "p5"]
        assert later["position"].to_list() == [second, second]
        assert list(records.changed_since(connection, Entity.PERSON, second)) == []


def test_deleting_leaves_a_tombstone_and_never_gives_the_id_again(database: Database) -> None:
    position = add(database, people("a", "b"))
    with database.write() as connection:
        last = records.ids(connection, Entity.PERSON, ["b"])["id"]
        deleting = log.append(connection, at=NOW, agent="owner", what="people deleted", entity="person")
        assert records.delete(connection, Entity.PERSON, [*last, 10**12], deleting) == 1
    add(database, people("b"))
    with database.read() as connection:
        gone = records.deleted_since(connection, Entity.PERSON, position)
        assert gone["id"].to_list() == last.to_list()
        assert records.deleted_since(connection, Entity.PERSON, deleting).is_empty()
        assert records.deleted_since(connection, Entity.COMPANY, position).is_empty()
        assert records.ids(connection, Entity.PERSON, ["b"])["id"].item() > last.item()


def test_an_id_that_an_index_could_not_hold_is_refused(database: Database) -> None:
    with pytest.raises(SegcoreError, match="600 characters"):
        add(database, people("ß" * 600))
    longest = "\U0001f600" * 512
    add(database, people(longest))
    with database.read() as connection:
        assert records.count(connection, Entity.PERSON) == 1


def test_nothing_at_all_is_no_trouble(database: Database) -> None:
    add(database, people())
    with database.read() as connection:
        assert records.existing(connection, Entity.PERSON, []).is_empty()
        assert list(records.changed_since(connection, Entity.PERSON, -1)) == []
