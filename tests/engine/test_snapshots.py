"""Snapshots of the real store: fresh at every call, quick when nothing changed, never wrong after damage."""

import itertools
import json
import os
import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from sqlalchemy import event

from segcore import store
from segcore.attributes import EXTERNAL_ID, Attribute, Entity, Kind, Schema
from segcore.engine import disk, snapshot
from segcore.engine.snapshot import Snapshot, Snapshots
from segcore.store.database import Database
from tests.engine.world import ATTRIBUTES, NOW, people, person

MOST = replace(ATTRIBUTES["nothing"])


def document(values: dict[str, Any]) -> str:
    """A person as the store keeps them."""
    kept: dict[str, Any] = {}
    for key, value in values.items():
        match value:
            case None:
                continue
            case datetime():
                kept[key] = (value - datetime(1970, 1, 1, tzinfo=UTC)) // (datetime.resolution)
            case date():
                kept[key] = (value - date(1970, 1, 1)).days
            case {"latitude": latitude, "longitude": longitude}:
                kept[key] = [latitude, longitude]
            case _:
                if key != EXTERNAL_ID:
                    kept[key] = value
    return json.dumps(kept, ensure_ascii=False)


_ticks = itertools.count()


@contextmanager
def writing(database: Database, what: str = "people imported") -> Iterator[tuple[Any, int]]:
    # No two writes of a workspace happen in the same microsecond.
    at = NOW + timedelta(microseconds=next(_ticks))
    with database.write() as connection:
        yield connection, store.log.append(connection, at=at, agent="owner", what=what, entity="person")


def add(database: Database, rows: list[dict[str, Any]], entity: Entity = Entity.PERSON) -> None:
    with writing(database) as (connection, position):
        frame = pl.DataFrame(
            {EXTERNAL_ID: [r[EXTERNAL_ID] for r in rows], "document": [document(r) for r in rows]},
            schema={EXTERNAL_ID: pl.String, "document": pl.String},
        )
        store.records.insert(connection, entity, frame, position, NOW)


def declare(database: Database, *attributes: Attribute, entity: Entity = Entity.PERSON) -> None:
    with writing(database, "attributes declared") as (connection, position):
        store.schema.save(connection, entity, attributes, position)


@pytest.fixture
def filled(database: Database) -> Database:
    """A workspace with 200 people, three companies and who belongs to which."""
    fill(database)
    return database


def fill(database: Database, many: int = 200) -> None:
    declare(
        database, *(a for key, a in ATTRIBUTES.items() if key not in (EXTERNAL_ID, "name", "email", "last_seen_at"))
    )
    add(database, people(1, many))
    add(database, [{EXTERNAL_ID: f"C{i}", "name": f"Company {i}"} for i in range(3)], Entity.COMPANY)
    with writing(database) as (connection, position):
        belongs = {"person_id": [1, 1, 2], "company_id": [2, 1, 3], "rank": [0, 1, 0]}
        store.belonging.set_companies(connection, pl.DataFrame(belongs), position)
    with writing(database, "events imported") as (connection, position):
        store.schema.save_events(connection, ["purchase", "visit"], position)
        store.schema.save_properties(connection, PROPERTIES, position)
        store.events.append(connection, happened(np.random.default_rng(4), range(1, min(many, 60)), 300), position)


PROPERTIES = (
    Attribute(key="amount", kind=Kind.NUMBER),
    Attribute(key="plan", kind=Kind.TEXT),
    Attribute(key="until", kind=Kind.DATETIME),
    Attribute(key="tags", kind=Kind.LIST),
    Attribute(key="place", kind=Kind.LOCATION),
)
TIMES = [NOW - timedelta(days=days, microseconds=more) for days in (-3, 0, 1, 30, 400) for more in (0, 1)]


def happened(rng: np.random.Generator, people: Any, many: int) -> pl.DataFrame:
    """Events of these people, many of them at the same instants; no two names have the same properties."""
    ids, rows = list(people), []
    for _ in range(many):
        name = ["purchase", "visit"][rng.integers(2)]
        told: dict[str, Any] = {"amount": int(rng.integers(-5, 100))} if name == "purchase" else {"tags": ["a", "Ä"]}
        if rng.random() < 0.5:
            told["plan"] = ["Pro", "pro", "Straße"][rng.integers(3)]
        if rng.random() < 0.1:
            told |= {"until": int(rng.integers(10**15)), "place": [53.5, -6.25]}
        at = TIMES[rng.integers(len(TIMES))]
        rows.append((int(ids[rng.integers(len(ids))]), name, at, json.dumps(told), None))
    types = {"person_id": pl.Int64, "name": pl.String, "at": pl.Datetime("us", "UTC"), "properties": pl.String}
    return pl.DataFrame(rows, orient="row", schema={**types, "message_id": pl.String})


def assert_same(one: Snapshot, other: Snapshot) -> None:
    assert one.position == other.position
    assert one.schema == other.schema
    for entity in Entity:
        ours, theirs = one.of(entity), other.of(entity)
        assert ours.ids.tolist() == theirs.ids.tolist()
        assert list(ours.by_key) == list(theirs.by_key) == list(one.schema.of(entity))
        for key, column in ours.by_key.items():
            same = theirs.by_key[key]
            assert column.series().dtype == same.series().dtype
            assert column.series().equals(same.series()), key
            assert column.missing == same.missing
            if column.series().dtype in (pl.String, pl.List(pl.String)):
                assert column.folds().equals(same.folds()), key
    assert one.belonging.equals(other.belonging)
    assert_same_events(one, other)


def assert_same_events(one: Snapshot, other: Snapshot) -> None:
    assert set(one.events.by_name) == set(other.events.by_name)
    for name, log in one.events.by_name.items():
        same = other.events.of(name)
        assert log.people.tolist() == same.people.tolist()
        assert log.at.tolist() == same.at.tolist()
        assert set(log.by_key) == set(same.by_key)
        for key, column in log.by_key.items():
            assert column.series().equals(same.by_key[key].series()), key


@contextmanager
def statements(database: Database) -> Iterator[list[str]]:
    """Every statement that is sent meanwhile."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(database._engine, "before_cursor_execute", note)
    yield sent
    event.remove(database._engine, "before_cursor_execute", note)


def test_an_empty_workspace_has_an_empty_snapshot(database: Database, tmp_path: Path) -> None:
    snapshots = Snapshots(database, tmp_path / "snapshot")
    current = snapshots.current()
    assert (current.position, current.people.height, current.companies.height) == (0, 0, 0)
    assert "last_seen_at" in current.schema.people
    snapshots.close()
    assert_same(Snapshots(database, tmp_path / "snapshot").current(), current)


def test_values_come_through_sql_exactly(filled: Database) -> None:
    current = Snapshots(filled, None).current()
    expected = people(1, 200)
    for key, column in current.people.by_key.items():
        assert column.series().to_list() == [row.get(key) for row in expected], key
    assert current.belonging.rows() == [(1, 2, 0), (1, 1, 1), (2, 3, 0)]
    assert current.missing(Entity.PERSON)["photos"] == sum(row["photos"] is None for row in expected)


def test_nothing_but_the_head_of_the_log_is_read_when_nothing_changed(filled: Database) -> None:
    snapshots = Snapshots(filled, None)
    first = snapshots.current()
    with statements(filled) as sent:
        assert snapshots.current() is first
    reads = [statement for statement in sent if "SELECT" in statement.upper()]
    assert len(reads) == 1
    assert "log_head" in reads[0]
    assert "person" not in " ".join(sent)


def test_a_write_elsewhere_is_seen_and_reads_only_what_changed(filled: Database) -> None:
    snapshots = Snapshots(filled, None)
    first = snapshots.current()
    with writing(filled) as (connection, position):
        changed = pl.DataFrame({"id": [7], "document": [document({"country": "Peru"})]})
        store.records.update(connection, Entity.PERSON, changed, position, NOW)
    decoded: list[int] = []
    original = snapshot.decode
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "decode", lambda part, of: (decoded.append(part.height), original(part, of))[1])
        second = snapshots.current()
    assert decoded == [1]
    assert second.people.by_key["country"].series()[6] == "Peru"
    assert first.people.by_key["country"].series()[6] != "Peru"
    assert_same(second, Snapshots(filled, None).current())


def test_a_write_that_touches_no_person_keeps_every_column(filled: Database) -> None:
    snapshots = Snapshots(filled, None)
    first = snapshots.current()
    with writing(filled, "segment saved"):
        pass
    second = snapshots.current()
    assert second.position == first.position + 1
    assert all(second.people.by_key[key] is column for key, column in first.people.by_key.items())


def test_refreshing_after_random_writes_equals_reading_everything(filled: Database) -> None:
    rng = np.random.default_rng(3)
    snapshots = Snapshots(filled, None)
    snapshots.current()
    number, companies = 1_000, ["C0", "C1", "C2"]
    for step in range(25):
        with filled.read() as connection:
            ids = [i for part in store.records.changed_since(connection, Entity.PERSON, -1) for i in part["id"]]
        chosen = [int(i) for i in rng.choice(ids, size=int(rng.integers(1, 9)), replace=False)]
        if step % 4 < 2:
            with writing(filled, "events imported") as (connection, position):
                store.events.append(connection, happened(rng, ids, int(rng.integers(1, 9))), position)
        match step % 6:
            case 0 | 1:
                with writing(filled) as (connection, position):
                    documents = [document(person(rng, i)) for i in chosen]
                    store.records.update(
                        connection, Entity.PERSON, pl.DataFrame({"id": chosen, "document": documents}), position, NOW
                    )
            case 2:
                add(filled, [person(rng, number + i) for i in range(5)])
                number += 5
            case 3:
                with writing(filled) as (connection, position):
                    store.records.delete(connection, Entity.PERSON, chosen[:2], position)
            case 4:
                with writing(filled) as (connection, position):
                    rows = {
                        "person_id": chosen,
                        "company_id": [None, *([2] * (len(chosen) - 1))],
                        "rank": [0] * len(chosen),
                    }
                    frame = pl.DataFrame(rows, schema_overrides={"company_id": pl.Int64})
                    store.belonging.set_companies(connection, frame, position)
            case 5:
                add(filled, [{EXTERNAL_ID: f"C{number}", "name": f"Straße {number}"}], Entity.COMPANY)
                companies.append(f"C{number}")
                number += 1
                if step == 17:
                    with writing(filled) as (connection, position):
                        store.records.delete(connection, Entity.COMPANY, [3], position)
                        store.records.delete(connection, Entity.PERSON, [1], position)
        if rng.random() < 0.7:
            assert_same(snapshots.current(), Snapshots(filled, None).current())
    assert_same(snapshots.current(), Snapshots(filled, None).current())


def test_a_schema_that_grew_is_followed(filled: Database) -> None:
    snapshots = Snapshots(filled, None)
    snapshots.current()
    declare(filled, Attribute(key="plan tier", kind=Kind.TEXT), replace(ATTRIBUTES["photos"], key="visits"))
    assert snapshots.current().people.by_key["plan tier"].missing == 200
    add(filled, [{EXTERNAL_ID: "N1", "plan tier": "Pro", "visits": 3}])
    snapshots.current()
    # A first fraction makes a whole number attribute a fractional one.
    declare(
        filled, replace(ATTRIBUTES["photos"], key="visits", fractions=True), replace(MOST, kind=Kind.DATE, known=True)
    )
    add(filled, [{EXTERNAL_ID: "N2", "visits": 3.5, "nothing": date(2026, 1, 2)}])
    current = snapshots.current()
    assert current.people.by_key["visits"].series().to_list()[-2:] == [3.0, 3.5]
    assert current.people.by_key["nothing"].series()[-1] == date(2026, 1, 2)
    assert_same(current, Snapshots(filled, None).current())


def test_events_are_read_once_and_then_only_new_ones(filled: Database) -> None:
    snapshots, rng = Snapshots(filled, None), np.random.default_rng(6)
    first = snapshots.current()
    assert first.events.count == 300
    assert set(first.events.of("visit").by_key) == {"tags", "plan", "until", "place"}
    with writing(filled, "events imported") as (connection, position):
        store.events.append(connection, happened(rng, [5], 3), position)
    decoded: list[int] = []
    original = snapshot.fields
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshot, "fields", lambda part, of: (decoded.append(len(part)), original(part, of))[1])
        second = snapshots.current()
    assert decoded == [3]
    assert second.events.count == 303
    assert_same(second, Snapshots(filled, None).current())
    # The people of the snapshot keep their columns, and a person who goes takes the events along.
    assert second.people.by_key["country"] is first.people.by_key["country"]
    with writing(filled) as (connection, position):
        store.records.delete(connection, Entity.PERSON, [5, 6], position)
    assert_same(snapshots.current(), Snapshots(filled, None).current())
    assert snapshots.current().events.count < 303


def test_events_of_one_instant_lie_in_the_order_of_arrival_the_latest_first(filled: Database) -> None:
    snapshots = Snapshots(filled, None)
    for amount in (1, 2, 3):
        snapshots.current()
        with writing(filled, "events imported") as (connection, position):
            row = [(150, "purchase", NOW, json.dumps({"amount": amount}), None)]
            frame = pl.DataFrame(row, orient="row", schema=happened(np.random.default_rng(1), [1], 1).schema)
            store.events.append(connection, frame, position)
    log = snapshots.current().events.of("purchase")
    assert log.by_key["amount"].series()[log.of_person(149)].to_list() == [3, 2, 1]


def test_a_property_that_becomes_fractional_or_gets_its_kind_is_followed(filled: Database) -> None:
    snapshots, rng = Snapshots(filled, None), np.random.default_rng(7)
    snapshots.current()
    with writing(filled, "events imported") as (connection, position):
        grown = [replace(PROPERTIES[0], fractions=True), Attribute(key="seats", kind=Kind.NUMBER)]
        store.schema.save_properties(connection, grown, position)
        told = happened(rng, [5, 6], 4).with_columns(properties=pl.lit('{"amount": 0.5, "seats": 3}'))
        store.events.append(connection, told, position)
    current = snapshots.current()
    assert current.events.of("purchase").by_key["amount"].series().dtype == pl.Float64
    assert_same(current, Snapshots(filled, None).current())


def test_most_rows_changed_at_once(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(snapshot, "BATCH", 37)
    snapshots = Snapshots(filled, None)
    snapshots.current()
    rng = np.random.default_rng(5)
    with writing(filled) as (connection, position):
        documents = [document(person(rng, i)) for i in range(1, 181)]
        store.records.update(
            connection, Entity.PERSON, pl.DataFrame({"id": range(1, 181), "document": documents}), position, NOW
        )
    assert_same(snapshots.current(), Snapshots(filled, None).current())


def test_hundreds_of_attributes_with_odd_names(sqlite_database: Database) -> None:
    kinds = [Kind.TEXT, Kind.NUMBER, Kind.BOOLEAN, Kind.DATE, Kind.LIST]
    odd = ['we"ird', "back\\slash", "ké\u0301y", "a.b", "0", "c0", "v1", "id", "x" * 150, "literal", "{}", "日本"]
    keys = [*odd, *(f"attribute {i}" for i in range(300))]
    declare(sqlite_database, *(Attribute(key=key, kind=kinds[i % 5]) for i, key in enumerate(keys)))
    example: list[Any] = ["Text", 2**63 - 1, True, date(2026, 2, 3), ["a"]]
    rows = [
        {EXTERNAL_ID: f"P{n}", **{key: example[i % 5] for i, key in enumerate(keys) if (i + n) % 3}} for n in range(20)
    ]
    add(sqlite_database, rows)
    current = Snapshots(sqlite_database, None).current()
    for key in keys:
        assert current.people.by_key[key].series().to_list() == [row.get(key) for row in rows], key


def test_many_threads_get_one_sound_snapshot(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    building = threading.Lock()
    original = snapshot._built

    def alone(*arguments: Any) -> Snapshot:
        assert building.acquire(blocking=False), "two threads build at once"
        try:
            return original(*arguments)
        finally:
            building.release()

    monkeypatch.setattr(snapshot, "_built", alone)
    snapshots = Snapshots(filled, None)
    rng = np.random.default_rng(8)
    seen: list[Snapshot] = []
    troubles: list[BaseException] = []
    done = threading.Event()

    def reading() -> None:
        try:
            position = -1
            while not done.is_set():
                current = snapshots.current()
                assert current.position >= position
                position = current.position
                assert all(len(column) == current.people.height for column in current.people.by_key.values())
                seen.append(current)
        except BaseException as error:  # noqa: BLE001 told to the test below
            troubles.append(error)

    threads = [threading.Thread(target=reading) for _ in range(6)]
    for thread in threads:
        thread.start()
    for i in range(15):
        add(filled, [person(rng, 5_000 + i)])
    done.set()
    for thread in threads:
        thread.join()
    assert not troubles
    assert_same(snapshots.current(), Snapshots(filled, None).current())
    assert len({id(s) for s in seen}) == len({s.position for s in seen}), "one position was built twice"


# What lies on disk.


@pytest.fixture
def folder(sqlite_database: Database, tmp_path: Path) -> Path:
    """A folder with the snapshot of 200 people."""
    fill(sqlite_database)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda _: None)
        snapshots = Snapshots(sqlite_database, tmp_path / "snapshot")
        snapshots.current()
        snapshots.close()
    return tmp_path / "snapshot"


@pytest.fixture
def no_rebuild(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*_: object) -> Snapshot:
        raise AssertionError("everything was read from SQL")

    monkeypatch.setattr(snapshot, "_built", refused)


def test_a_start_reads_the_disk(sqlite_database: Database, folder: Path, no_rebuild: None) -> None:
    current = Snapshots(sqlite_database, folder).current()
    assert current.people.by_key["name"].series().to_list() == [row["name"] for row in people(1, 200)]


def test_what_is_read_from_disk_equals_what_is_read_from_sql(sqlite_database: Database, folder: Path) -> None:
    assert_same(Snapshots(sqlite_database, folder).current(), Snapshots(sqlite_database, None).current())


def test_a_start_fetches_what_was_written_since(sqlite_database: Database, folder: Path, no_rebuild: None) -> None:
    add(sqlite_database, [{EXTERNAL_ID: "new", "country": "Perú"}])
    current = Snapshots(sqlite_database, folder).current()
    assert current.people.height == 201
    assert current.people.by_key["country"].folds()[-1] == "perú"


def test_the_files_are_read_by_their_owner_only_and_nothing_is_left_over(
    folder: Path, sqlite_database: Database
) -> None:
    assert {file.stat().st_mode & 0o777 for file in folder.iterdir()} == {0o600}
    before = {file.name for file in folder.iterdir()}
    stored = disk.read(folder)
    assert stored is not None
    disk.write(folder, stored.snapshot, stored.stamp)
    after = {file.name for file in folder.iterdir()}
    assert len(after) == len(before) == 7
    assert after & before == {disk.CARD}
    # The files that were replaced are still mapped by whoever read them.
    assert stored.snapshot.people.by_key["name"].series().to_list() == [row["name"] for row in people(1, 200)]


def test_no_damage_gives_a_wrong_answer(
    sqlite_database: Database,
    folder: Path,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Nothing here loses power, and a busy disk would take minutes for all these files.
    monkeypatch.setattr(os, "fsync", lambda _: None)
    sound, truth = tmp_path / "sound", Snapshots(sqlite_database, None).current()
    shutil.copytree(folder, sound)
    rng = random.Random(1)
    files = sorted(file.name for file in sound.iterdir())
    for trial in range(200):
        shutil.rmtree(folder)
        shutil.copytree(sound, folder)
        damaged = folder / files[trial % len(files)]
        content = bytearray(damaged.read_bytes())
        at = rng.randrange(len(content))
        match trial % 3:
            case 0:
                damaged.write_bytes(content[:at])
            case _:
                content[at] ^= 1 << rng.randrange(8)
                damaged.write_bytes(content)
        caplog.clear()
        if trial % 4:
            assert disk.read(folder) is None, (trial, damaged.name)
            assert len(caplog.records) == 1
            continue
        snapshots = Snapshots(sqlite_database, folder)
        assert_same(snapshots.current(), truth)
        assert len(caplog.records) == 1, (trial, damaged.name)
        snapshots.close()
        healed = disk.read(folder)
        assert healed is not None
        assert_same(replace(healed.snapshot, schema=truth.schema), truth)


def test_a_file_that_is_gone_is_rebuilt(sqlite_database: Database, folder: Path) -> None:
    next(folder.glob("snapshot-person-*.arrow")).unlink()
    assert Snapshots(sqlite_database, folder).current().people.height == 200


def test_another_format_is_rebuilt(
    sqlite_database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(disk, "FORMAT", disk.FORMAT + 1)
    assert Snapshots(sqlite_database, folder).current().people.height == 200
    assert f"format {disk.FORMAT - 1}, not {disk.FORMAT}" in caplog.text


def test_another_database_is_recognised(folder: Path, tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """As many writes as the first one had, so the position alone would not tell."""
    other = Database(f"sqlite:///{tmp_path / 'other.db'}")
    other.migrate()
    for _ in range(4):
        with writing(other, "something else"):
            pass
    add(other, [{EXTERNAL_ID: "other"}])
    stored = disk.read(folder)
    current = Snapshots(other, folder).current()
    assert stored is not None
    assert current.position == stored.snapshot.position
    assert current.people.by_key[EXTERNAL_ID].series().to_list() == ["other"]
    assert "not the one" in caplog.text
    other.close()


def test_a_database_that_was_put_back_is_recognised(
    sqlite_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(sqlite_database)
    file, copy = Path(str(sqlite_database.url.database)), tmp_path / "copy.db"
    sqlite_database.close()
    shutil.copyfile(file, copy)
    add(sqlite_database, [{EXTERNAL_ID: "lost"}])
    snapshots = Snapshots(sqlite_database, tmp_path / "snapshot")
    assert snapshots.current().people.height == 201
    snapshots.close()
    sqlite_database.close()
    for left in tmp_path.glob("segcore.db-*"):
        left.unlink()
    shutil.copyfile(copy, file)
    shutil.copytree(tmp_path / "snapshot", tmp_path / "later")
    # In this process, in one that starts from the disk, and once as much was written as is in the snapshot.
    assert snapshots.current().people.height == 200
    snapshots.close()
    shutil.copytree(tmp_path / "later", tmp_path / "latest")
    assert Snapshots(sqlite_database, tmp_path / "later").current().people.height == 200
    add(sqlite_database, [{EXTERNAL_ID: "another"}])
    assert (
        Snapshots(sqlite_database, tmp_path / "latest").current().people.by_key[EXTERNAL_ID].series()[-1] == "another"
    )
    assert caplog.text.count("not the one") == 3


def test_the_disk_is_written_again_when_enough_changed(
    sqlite_database: Database, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(snapshot, "STALE_ROWS", 50)
    snapshots = Snapshots(sqlite_database, folder)
    position = snapshots.current().position
    for i, expected in ((0, position), (1, position + 2)):
        add(sqlite_database, [{EXTERNAL_ID: f"N{i}-{n}"} for n in range(30)])
        snapshots.current()
        if snapshots._writer is not None:
            snapshots._writer.join()
        stored = disk.read(folder)
        assert stored is not None
        assert stored.snapshot.position == expected


def test_a_folder_that_cannot_be_written_only_slows_the_next_start(
    sqlite_database: Database, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    fill(sqlite_database)
    (tmp_path / "file").write_text("")
    snapshots = Snapshots(sqlite_database, tmp_path / "file")
    assert snapshots.current().people.height == 200
    snapshots.close()
    assert "could not be written" in caplog.text


def test_the_schema_of_events_is_there_after_a_start_from_disk(sqlite_database: Database, folder: Path) -> None:
    with writing(sqlite_database) as (connection, position):
        store.schema.save_events(connection, ["Purchase"], position)
    assert isinstance(Snapshots(sqlite_database, folder).current().schema, Schema)
    assert "Purchase" in Snapshots(sqlite_database, folder).current().schema.events
