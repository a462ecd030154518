"""The history of imports."""

from dataclasses import replace
from datetime import UTC, datetime

from segcore.model import Import
from segcore.store import imports
from segcore.store.database import Database

DONE = Import(
    at=datetime(2026, 11, 22, tzinfo=UTC),
    agent="owner",
    entity="person",
    file="people.csv",
    read=10,
    created=4,
    updated=3,
    unchanged=2,
    rejected=1,
)


def test_the_latest_import_comes_first_with_its_rejected_rows_apart(database: Database) -> None:
    with database.write() as connection:
        first = imports.insert(connection, DONE, 1, rejections="line,column,reason\n7,age,“x” is no number\n")
        second = imports.insert(connection, replace(DONE, file="more.csv", rejected=2**62), 2)
        assert [first.id is None, second.id is None] == [False, False]
    with database.read() as connection:
        assert imports.all(connection) == [second, first]
        assert imports.all(connection, limit=1) == [second]
        assert first.id is not None
        assert imports.rejections(connection, first.id) == "line,column,reason\n7,age,“x” is no number\n"
        assert imports.rejections(connection, 10**9) is None


def test_a_file_of_rejected_rows_that_is_too_long_is_cut_at_a_line_and_says_so(database: Database) -> None:
    line = "123,age,what was found is no number\n"
    with database.write() as connection:
        done = imports.insert(connection, DONE, 1, rejections=line * (imports.LONGEST // len(line) + 10))
        assert done.id is not None
        kept = imports.rejections(connection, done.id)
    assert kept is not None
    assert len(kept) <= imports.LONGEST + len(imports.CUT)
    assert kept.endswith(line + imports.CUT)
