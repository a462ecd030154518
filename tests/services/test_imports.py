"""Importing, end to end on both databases: the counts add up, and importing again changes nothing."""

import csv
import io
import json
import os
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore import store
from segcore.access import NotAllowed
from segcore.attributes import Attribute, Entity, Kind
from segcore.ingest import plan as planning
from segcore.model import LOCAL_OWNER, Agent, Workspace
from segcore.problems import NotFound, SegcoreError
from segcore.services import imports as service
from segcore.services.imports import Imports, Outcome
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)
REAL = Path(os.environ.get("SEGCORE_REAL_DATA", "")) if os.environ.get("SEGCORE_REAL_DATA") else None


def run(database: Database, content: str | bytes | Path, what: str = "person", **options: Any) -> Outcome:
    """Import, after a dry run that must promise the same."""
    doing = {name: options.pop(name) for name in ("all_or_nothing", "errors", "now") if name in options}
    doing.setdefault("now", NOW)
    if what != "event":
        options.setdefault("id", "id")
    imports = Imports(database)
    source = content.encode() if isinstance(content, str) else content
    plan = imports.plan(LOCAL_OWNER, what, source, **options)
    before = position(database)
    tried = imports.run(LOCAL_OWNER, plan, dry_run=True, now=doing["now"])
    assert position(database) == before
    outcome = imports.run(LOCAL_OWNER, plan, **doing)
    assert outcome.read == outcome.created + outcome.updated + outcome.unchanged + outcome.rejected == plan.rows
    assert outcome.counts() == tried.counts()
    return outcome


def position(database: Database) -> int:
    with database.read() as connection:
        return store.log.position(connection)


def people(database: Database, entity: Entity = Entity.PERSON) -> dict[str, dict[str, Any]]:
    with database.read() as connection:
        frames = list(store.records.changed_since(connection, entity, -1))
    return {row["external_id"]: json.loads(row["document"]) for frame in frames for row in frame.iter_rows(named=True)}


def attributes(database: Database, entity: Entity = Entity.PERSON) -> dict[str, Attribute]:
    with database.read() as connection:
        return dict(store.schema.load(connection).of(entity))


def companies(database: Database) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    with database.read() as connection:
        everyone = store.records.existing(connection, Entity.PERSON, list(people(database)))
        for name, number in zip(everyone["external_id"], everyone["id"], strict=True):
            found[name] = store.belonging.of_person(connection, number)["external_id"].to_list()
    return found


def rejected(outcome: Outcome) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(outcome.rejections)))


def counted(outcome: Outcome) -> tuple[int, int, int, int]:
    return outcome.created, outcome.updated, outcome.unchanged, outcome.rejected


def test_people_are_created_updated_and_left_alone(database: Database) -> None:
    assert counted(run(database, "id,name,age\n1,Ann,30\n2,Bob,\n3,Cy,50\n")) == (3, 0, 0, 0)
    assert counted(run(database, "id,name,age\n1,Ann,31\n2,Bob,\n4,Di,20\n")) == (1, 1, 1, 0)
    assert people(database) == {
        "1": {"name": "Ann", "age": 31},
        "2": {"name": "Bob"},
        "3": {"name": "Cy", "age": 50},
        "4": {"name": "Di", "age": 20},
    }


def test_importing_again_changes_nothing(database: Database) -> None:
    content = "id,a,b,c,d,e,f\n" + "".join(
        f'{n},{n},{n / 7},2024-01-0{n},"[""x"",""{n}""]",yes,é "{n}\n' if n % 3 else f"{n},,,,,,\n"
        for n in range(1, 10)
    ).replace('é "', "é ")
    assert counted(run(database, content)) == (9, 0, 0, 0)
    before = people(database)
    with database.read() as connection:
        at = store.log.position(connection)
    assert counted(run(database, content)) == (0, 0, 9, 0)
    assert people(database) == before
    with database.read() as connection:
        assert list(store.records.changed_since(connection, Entity.PERSON, at)) == []


def test_only_the_columns_of_the_file_are_touched_and_an_empty_field_clears(database: Database) -> None:
    run(database, "id,a,b\n1,x,y\n2,x,y\n")
    assert counted(run(database, "id,b\n1,\n2,y\n3,\n")) == (1, 1, 1, 0)
    assert people(database) == {"1": {"a": "x"}, "2": {"a": "x", "b": "y"}, "3": {}}


def test_a_kind_is_frozen_and_a_conflict_costs_its_row(database: Database) -> None:
    run(database, "id,age,plan\n1,30,pro\n")
    outcome = run(database, "id,age,plan\n1,31,trial\n2,abc,pro\n3,007,pro\n4,,pro\n")
    assert counted(outcome) == (1, 1, 0, 2)
    assert [
        (row["line"], row["column"], row["reason"], row["id"], row["age"], row["plan"]) for row in rejected(outcome)
    ] == [
        ("3", "age", "“abc” is not a number", "2", "abc", "pro"),
        ("4", "age", "“007” has leading zeros, so it is not a number", "3", "007", "pro"),
    ]
    assert attributes(database)["age"].kind is Kind.NUMBER
    assert set(people(database)) == {"1", "4"}


def test_the_first_values_decide_an_attribute_that_had_none(database: Database) -> None:
    run(database, "id,score\n1,\n2,  \n")
    assert not attributes(database)["score"].known
    assert people(database) == {"1": {}, "2": {}}
    run(database, "id,score\n1,5\n")
    assert (attributes(database)["score"].kind, attributes(database)["score"].known) == (Kind.NUMBER, True)
    run(database, "id,score\n2,\n")
    assert attributes(database)["score"].kind is Kind.NUMBER


def test_a_header_alone_makes_its_columns_known_of(database: Database) -> None:
    assert counted(run(database, "id,a,b\n", types={"b": "number"})) == (0, 0, 0, 0)
    found = attributes(database)
    assert (found["a"].known, found["b"].known, found["b"].kind) == (False, True, Kind.NUMBER)


def test_a_file_of_refused_rows_decides_nothing(database: Database) -> None:
    assert counted(run(database, "id,a\n,1\n ,2\n")) == (0, 0, 0, 2)
    assert "a" not in attributes(database)


def test_whole_numbers_stay_exact_and_never_stand_beside_fractions(database: Database) -> None:
    large = 2**63 - 1
    run(database, f"id,n,m\n1,{large},0.5\n2,-{large},\n")
    assert people(database)["1"]["n"] == large
    assert people(database)["2"]["n"] == -large
    outcome = run(database, f"id,n,m\n3,0.5,1\n4,2,{2**53 + 1}\n5,3,{2**53}\n")
    assert counted(outcome) == (1, 0, 0, 2)
    assert [row["column"] for row in rejected(outcome)] == ["n", "m"]
    # Fractions that come later turn the attribute's numbers into floats, and change no value.
    run(database, "id,k\n1,5\n")
    run(database, "id,k\n2,5.5\n")
    assert attributes(database)["k"].fractions
    assert counted(run(database, "id,k\n1,5\n2,5.50\n")) == (0, 0, 2, 0)


def test_every_trouble_of_a_row_is_told_at_once(database: Database) -> None:
    outcome = run(database, "id,a,b\n1,x,y\n", types={"a": "number", "b": "date"})
    (row,) = rejected(outcome)
    assert row["column"] == "a, b"
    assert row["reason"] == "a: “x” is not a number; b: “y” is not a date"


@pytest.mark.parametrize(
    "content", ["id,a\n1,x\n1,y\n2,z\n", "id,a\n1,x\n1,x\n", "id,a\n1,x\n2,z\n1,y\n1,x\n", "id,a\n1,x\n1,\n1,y\n"]
)
def test_somebody_who_is_in_a_file_twice_is_what_the_last_row_says(database: Database, content: str) -> None:
    table = list(csv.DictReader(io.StringIO(content)))
    last = {row["id"]: row["a"] for row in table}
    outcome = run(database, content)
    assert outcome.created == len(last)
    assert {name: document.get("a", "") for name, document in people(database).items()} == last
    assert counted(run(database, content)) == (0, 0, len(table), 0)


def test_rows_that_come_again_far_apart_are_one_person(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ROWS", 7)
    content = "id,a\n" + "".join(f"{n % 20},{n}\n" for n in range(50))
    assert counted(run(database, content)) == (20, 30, 0, 0)
    assert people(database)["9"] == {"a": 49}
    assert people(database)["10"] == {"a": 30}
    assert counted(run(database, content)) == (0, 0, 50, 0)


def test_a_refused_last_row_leaves_the_one_before(database: Database) -> None:
    assert counted(run(database, "id,a\n1,5\n1,x\n", types={"a": "number"})) == (1, 0, 0, 1)
    assert people(database) == {"1": {"a": 5}}


def test_people_belong_to_companies_in_their_order(database: Database) -> None:
    run(database, "id,plan\nacme,pro\n", what="company")
    content = 'id,works_at\n1,acme\n2,globex; acme ;globex\n3,\n4,"[""initech""]"\n'
    assert counted(run(database, content, company="works_at")) == (4, 0, 0, 0)
    assert companies(database) == {"1": ["acme"], "2": ["globex", "acme"], "3": [], "4": ["initech"]}
    assert people(database, Entity.COMPANY) == {"acme": {"plan": "pro"}, "globex": {}, "initech": {}}
    assert "works_at" not in attributes(database)
    assert counted(run(database, content, company="works_at")) == (0, 0, 4, 0)
    changed = "id,works_at\n1,\n2,acme;globex\n3,new\n4,initech\n"
    assert counted(run(database, changed, company="works_at")) == (0, 3, 1, 0)
    assert companies(database) == {"1": [], "2": ["acme", "globex"], "3": ["new"], "4": ["initech"]}
    # A file without the column leaves them alone.
    run(database, "id,x\n2,1\n")
    assert companies(database)["2"] == ["acme", "globex"]


def test_a_company_s_id_is_checked_as_ids_are(database: Database) -> None:
    assert counted(run(database, "id,c\n1,a\u200bb\n2," + "x" * 600 + "\n3,ok\n", company="c")) == (1, 0, 0, 2)


EVENTS = (
    "who,when,what,amount\n1,2026-11-01,buy,5\n1,2026-11-02T10:00:00Z,buy,5.5\n2,2026-11-01,look,\n1,2026-11-01,buy,5\n"
)


def events(database: Database, name: str) -> list[Any]:
    with database.read() as connection:
        number = store.records.ids(connection, Entity.PERSON, [name])["id"][0]
        return store.events.of_person(connection, number)


def test_events_come_in_once_with_who_did_them(database: Database) -> None:
    said = {"person": "who", "at": "when", "event_column": "what"}
    assert counted(run(database, EVENTS, "event", **said)) == (4, 0, 0, 0)
    assert counted(run(database, EVENTS, "event", **said)) == (0, 0, 4, 0)
    assert [(event.name, event.properties) for event in events(database, "1")] == [
        ("buy", {"amount": 5.5}),
        ("buy", {"amount": 5}),
        ("buy", {"amount": 5}),
    ]
    with database.read() as connection:
        schema = store.schema.load(connection)
    assert list(schema.events) == ["buy", "look"]
    assert (schema.properties["amount"].kind, schema.properties["amount"].fractions) == (Kind.NUMBER, True)
    # One more of the same is new; the others are repeats.
    assert counted(run(database, EVENTS + "1,2026-11-01,buy,5\n", "event", **said)) == (1, 0, 4, 0)


def test_a_message_id_tells_repeats(database: Database) -> None:
    said = {"person": "who", "at": "when", "event": "buy", "message_id": "m"}
    content = "who,when,m\n1,2026-11-01,a\n1,2026-11-02,a\n1,2026-11-03,b\n1,2026-11-03,\n"
    assert counted(run(database, content, "event", **said)) == (3, 0, 1, 0)
    assert counted(run(database, content, "event", **said)) == (0, 0, 4, 0)
    assert len(events(database, "1")) == 3


def test_repeats_far_apart_are_repeats(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ROWS", 3)
    said = {"person": "who", "at": "when", "event": "buy"}
    content = "who,when\n" + "1,2026-11-01\n2,2026-11-01\n" * 5
    assert counted(run(database, content, "event", **said)) == (10, 0, 0, 0)
    assert counted(run(database, content, "event", **said)) == (0, 0, 10, 0)
    with_ids = "who,when,m\n" + "".join(f"1,2026-11-01,{n % 4}\n" for n in range(10))
    assert counted(run(database, with_ids, "event", message_id="m", **said)) == (4, 0, 6, 0)


def test_an_event_moves_last_seen_forward_and_never_past_now(database: Database) -> None:
    said = {"person": "who", "at": "when", "event": "look"}

    def seen(name: str) -> datetime | None:
        found = people(database)[name].get("last_seen_at")
        return None if found is None else datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=found)

    run(database, "id,last_seen_at,plan\n1,2026-11-10T00:00:00Z,pro\n2,,pro\n")
    run(database, "who,when\n1,2026-11-05\n2,2026-11-05\n3,2027-01-01\n3,2026-11-06\n4,2027-01-01\n", "event", **said)
    assert [seen(name) for name in "1234"] == [
        datetime(2026, 11, 10, tzinfo=UTC),
        datetime(2026, 11, 5, tzinfo=UTC),
        datetime(2026, 11, 6, tzinfo=UTC),
        None,
    ]
    assert people(database)["2"]["plan"] == "pro"
    run(database, "who,when\n1,2026-11-12\n", "event", **said)
    assert seen("1") == datetime(2026, 11, 12, tzinfo=UTC)
    # What is a repeat moves nothing, also after somebody set the attribute back.
    run(database, "id,last_seen_at\n1,2026-11-01T00:00:00Z\n")
    run(database, "who,when\n1,2026-11-12\n", "event", **said)
    assert seen("1") == datetime(2026, 11, 1, tzinfo=UTC)


def test_an_event_that_lacks_something_is_refused(database: Database) -> None:
    outcome = run(
        database,
        "who,when,what\n1,,buy\n,2026-11-01,buy\n1,2026-11-01,\n1,yesterday,buy\n1,2026-11-01,buy\n",
        "event",
        person="who",
        at="when",
        event_column="what",
    )
    assert [(row["line"], row["column"], row["reason"]) for row in rejected(outcome)] == [
        ("2", "when", "no time"),
        ("3", "who", "no id"),
        ("4", "what", "no event name"),
        ("5", "when", "“yesterday” is not a date and time"),
    ]
    assert outcome.created == 1


def test_a_property_has_one_kind_over_all_events(database: Database) -> None:
    said = {"person": "who", "at": "when"}
    run(database, "who,when,n\n1,2026-11-01,5\n", "event", event="a", **said)
    outcome = run(database, "who,when,n\n1,2026-11-01,x\n1,2026-11-01,6\n", "event", event="b", **said)
    assert counted(outcome) == (1, 0, 0, 1)


@pytest.mark.parametrize(
    ("what", "options"),
    [
        ("person", {"id": None}),
        ("person", {"id": "nope"}),
        ("event", {"person": "id", "event": "x"}),
        ("event", {"person": "id", "at": "a"}),
        ("event", {"person": "id", "at": "a", "event": "x", "event_column": "b"}),
        ("event", {"person": "id", "at": "a", "event": "x\n"}),
        ("company", {"id": "id", "company": "a"}),
    ],
)
def test_what_is_missing_or_too_much_is_told(sqlite_database: Database, what: str, options: dict[str, Any]) -> None:
    with pytest.raises(SegcoreError):
        Imports(sqlite_database).plan(LOCAL_OWNER, what, b"id,a,b\n1,2,3\n", **options)


def test_times_without_zone_are_of_the_workspace(sqlite_database: Database) -> None:
    with sqlite_database.write() as connection:
        at = store.log.append(connection, at=NOW, agent="owner", what="workspace saved", entity="workspace")
        store.workspace.save(connection, Workspace(time_zone="Europe/Dublin"), at)
    run(sqlite_database, "id,signed_up_at\n1,2026-07-01\n2,2026-07-01T00:00:00Z\n")
    stored = people(sqlite_database)
    assert stored["2"]["signed_up_at"] - stored["1"]["signed_up_at"] == 3_600_000_000


def test_the_history_remembers_with_the_refused_rows(database: Database) -> None:
    outcome = run(database, b'id,a\n1,x\n,y\n3,"a\x00b"\n')
    (done,) = Imports(database).history(LOCAL_OWNER)
    assert (done.id, done.entity, done.file, done.read, done.rejected) == (outcome.id, "person", "upload.csv", 3, 2)
    told = Imports(database).rejections(LOCAL_OWNER, done.id or 0)
    assert told == outcome.rejections
    assert "\x00" not in told
    with pytest.raises(NotFound):
        Imports(database).rejections(LOCAL_OWNER, 999)


def test_all_refused_rows_go_to_a_file_and_some_are_kept(
    sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segcore.ingest import rows

    monkeypatch.setattr(rows, "KEPT", 200)
    path = tmp_path / "errors.csv"
    outcome = run(sqlite_database, "id,line\n" + ",x\n" * 50, errors=path)
    with path.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert [row["rejected line"] for row in table] == [str(n) for n in range(2, 52)]
    assert {row["line"] for row in table} == {"x"}
    assert len(outcome.rejections) < 350
    assert "more rejected rows are not in this file" in outcome.rejections


def test_the_file_of_refused_rows_is_never_the_file_itself(sqlite_database: Database, tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id\n1\n")
    with pytest.raises(SegcoreError, match="cannot be the file"):
        run(sqlite_database, path, errors=path)
    assert path.read_text() == "id\n1\n"
    with pytest.raises(SegcoreError, match="cannot be written"):
        run(sqlite_database, path, errors=tmp_path / "no" / "errors.csv")


def test_all_or_nothing_is_nothing_where_a_row_is_refused(sqlite_database: Database) -> None:
    plan = Imports(sqlite_database).plan(LOCAL_OWNER, "person", b"id,a\n1,x\n,y\n", id="id")
    outcome = Imports(sqlite_database).run(LOCAL_OWNER, plan, now=NOW, all_or_nothing=True)
    assert (outcome.dry_run, counted(outcome), people(sqlite_database)) == (True, (1, 0, 0, 1), {})
    plan = Imports(sqlite_database).plan(LOCAL_OWNER, "person", b"id,a\n1,x\n2,y\n", id="id")
    assert not Imports(sqlite_database).run(LOCAL_OWNER, plan, now=NOW, all_or_nothing=True).dry_run


def test_progress_is_told_by_rows(sqlite_database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "ROWS", 10)
    monkeypatch.setattr(planning, "ROWS", 10)
    seen: list[tuple[int, int]] = []
    imports = Imports(sqlite_database)
    content = b"id\n" + b"".join(b"%d\n" % n for n in range(25))
    plan = imports.plan(LOCAL_OWNER, "person", content, id="id", progress=lambda *told: seen.append(told))
    imports.run(LOCAL_OWNER, plan, now=NOW, progress=lambda *told: seen.append(told))
    assert seen == [(10, 0), (20, 0), (25, 0), (10, 25), (20, 25), (25, 25)]


def test_a_viewer_imports_nothing(sqlite_database: Database) -> None:
    viewer = Agent(id=7, name="Vi", role="viewer")
    imports = Imports(sqlite_database)
    plan = imports.plan(LOCAL_OWNER, "person", b"id\n1\n", id="id")
    doings: list[Callable[[], object]] = [
        lambda: imports.plan(viewer, "person", b"id\n1\n", id="id"),
        lambda: imports.run(viewer, plan, now=NOW),
        lambda: imports.columns(viewer, b"id\n1\n"),
        lambda: imports.rejections(viewer, 1),
    ]
    for doing in doings:
        with pytest.raises(NotAllowed):
            doing()


def test_another_import_in_between_is_noticed(sqlite_database: Database) -> None:
    imports = Imports(sqlite_database)
    plan = imports.plan(LOCAL_OWNER, "person", b"id,a\n1,5\n", id="id")
    run(sqlite_database, "id,a\n9,text\n")
    with pytest.raises(SegcoreError, match="“a” is of the kind text"):
        imports.run(LOCAL_OWNER, plan, now=NOW)
    assert set(people(sqlite_database)) == {"9"}


def test_an_import_that_was_cut_off_is_finished_by_importing_again(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "ROWS", 10)

    def cut(done: int, total: int) -> None:
        if done == 20:
            raise KeyboardInterrupt

    imports = Imports(database)
    content = b"id,n\n" + b"".join(b"%d,%d\n" % (n, n) for n in range(35))
    plan = imports.plan(LOCAL_OWNER, "person", content, id="id")
    with pytest.raises(KeyboardInterrupt):
        imports.run(LOCAL_OWNER, plan, now=NOW, progress=cut)
    assert len(people(database)) == 20
    assert counted(run(database, content)) == (15, 0, 20, 0)
    stream = b"who,when\n" + b"".join(b"%d,2026-11-01\n" % (n % 3) for n in range(35))
    said: dict[str, Any] = {"person": "who", "at": "when", "event": "look"}
    plan = imports.plan(LOCAL_OWNER, "event", stream, **said)
    with pytest.raises(KeyboardInterrupt):
        imports.run(LOCAL_OWNER, plan, now=NOW, progress=cut)
    assert counted(run(database, stream, "event", **said)) == (15, 0, 20, 0)


def test_a_kind_that_does_not_exist_is_told(sqlite_database: Database) -> None:
    with pytest.raises(SegcoreError, match="“integer” is no kind"):
        Imports(sqlite_database).plan(LOCAL_OWNER, "person", b"id,a\n1,2\n", id="id", types={"a": "integer"})


def test_the_write_ahead_log_stays_small(sqlite_database: Database) -> None:
    content = "id,a,b,c\n" + "".join(f"{n},{'x' * 200},{n},{'y' * 200}\n" for n in range(60_000))
    assert run(sqlite_database, content).created == 60_000
    file = Path(str(sqlite_database.url.database) + "-wal")
    assert not file.exists() or file.stat().st_size < 40 * 2**20


cells = st.one_of(
    st.sampled_from(
        ["", " ", "0", "1", "2.5", "true", "2024-01-01", "13/01/2024", "x", "NaN", "9007199254740993", '["a"]']
    ),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=6),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.sampled_from(["1", "2", "3", "4", "", "é"]), cells, cells), max_size=10),
    st.lists(
        st.tuples(st.integers(5, 200), st.sampled_from([b'"', b"\n", b"\r", b",", b"\x00", b"\xff", b";"])), max_size=4
    ),
)
def test_whatever_comes_the_counts_balance(
    sqlite_database: Database, table: list[tuple[str, str, str]], damage: list[tuple[int, bytes]]
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("id", "a", "b"), *table])
    content = bytearray(text.getvalue().encode())
    for place, put in damage:
        content[place : place + 1] = put
    with sqlite_database.write() as connection:
        # A new workspace would decide the kinds anew; here they stay as the first files left them, so rows conflict.
        numbers = store.records.existing(connection, Entity.PERSON, ["1", "2", "3", "4", "é"])["id"]
        store.records.delete(connection, Entity.PERSON, numbers, store.log.position(connection))
    try:
        outcome = run(sqlite_database, bytes(content))
    except SegcoreError:
        return
    assert counted(run(sqlite_database, bytes(content))) == (0, 0, outcome.read - outcome.rejected, outcome.rejected)


needs_real_data = pytest.mark.skipif(
    REAL is None or not REAL.is_dir(), reason="SEGCORE_REAL_DATA names no folder with the real data sets"
)


@needs_real_data
def test_real_customers_of_a_telephone_company(sqlite_database: Database) -> None:
    assert REAL is not None
    assert counted(run(sqlite_database, REAL / "telco_customers.csv.gz", id="customerID")) == (7043, 0, 0, 0)
    found = attributes(sqlite_database)
    kinds = {
        key: found[key].kind
        for key in ("TotalCharges", "SeniorCitizen", "Partner", "tenure", "MultipleLines", "Contract")
    }
    assert list(kinds.values()) == [Kind.NUMBER, Kind.NUMBER, Kind.BOOLEAN, Kind.NUMBER, Kind.TEXT, Kind.TEXT]
    assert found["TotalCharges"].fractions
    assert not found["tenure"].fractions
    stored = people(sqlite_database)
    assert sum("TotalCharges" not in document for document in stored.values()) == 11
    raw = pl.read_csv(REAL / "telco_customers.csv.gz", infer_schema=False)
    assert sum(document["tenure"] for document in stored.values()) == raw["tenure"].cast(int).sum()


@needs_real_data
def test_real_members_of_a_community_and_what_they_did(sqlite_database: Database) -> None:
    assert REAL is not None
    assert run(sqlite_database, REAL / "bicycles_meta_users.csv.gz", id="user_id").created == 2550
    found = attributes(sqlite_database)
    assert (found["created_at"].kind, found["reputation"].kind) == (Kind.DATETIME, Kind.NUMBER)
    assert (found["location"].kind, found["has_about"].kind) == (Kind.TEXT, Kind.NUMBER)
    files = {"badges": 6585, "posts": 1397, "comments": 2363}
    for name, rows in files.items():
        said: dict[str, Any] = {"person": "user_id", "at": "ts", "event": name}
        path = REAL / f"bicycles_meta_{name}.csv.gz"
        assert counted(run(sqlite_database, path, "event", **said)) == (rows, 0, 0, 0)
        assert counted(run(sqlite_database, path, "event", **said)) == (0, 0, rows, 0)


@needs_real_data
def test_real_customers_of_a_wholesaler(sqlite_database: Database) -> None:
    assert REAL is not None
    assert run(sqlite_database, REAL / "online_retail_customers.csv.gz", id="customer_id").created == 4372
    assert attributes(sqlite_database)["first_invoice_at"].kind is Kind.DATETIME
    said: dict[str, Any] = {"person": "customer_id", "at": "ts", "event_column": "kind"}
    assert run(sqlite_database, REAL / "online_retail_invoices.csv.gz", "event", **said).created == 22221
    with sqlite_database.read() as connection:
        properties = store.schema.load(connection).properties
    assert {key: properties[key].kind for key in ("invoice", "quantity", "avg_unit_price")} == {
        "invoice": Kind.TEXT,
        "quantity": Kind.NUMBER,
        "avg_unit_price": Kind.NUMBER,
    }
