"""Frames go into both databases and come back the same, whatever their text."""

import json
from datetime import UTC, datetime

import polars as pl
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.attributes import Entity
from segcore.store import events, records
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, tzinfo=UTC)
HOSTILE = (
    "", " ", "  padded  ", "\\.", "\\N", "NULL", "null", '"', '""', "'", ",", ";", "a,b", 'say "hi"', "line\nbreak", "cr\r\nlf", "\r",
    "tab\t", "\x1f", "\x7f", "%", "%s", "%(x)s", ":p", "?", "$1", "{}", "[1]", "é", "e\u0301", "İ", "ß", "ſ", "顧客", "🙂", "👨‍👩‍👧", "\ufeff",
    "\u202e", "\u2028", "\uffff", "\U0010ffff", "=1+1", "<script>", "true", "00123", "12", "1e400", "x" * 500,
)  # fmt: skip


def test_hostile_text_comes_back_as_it_was(database: Database) -> None:
    documents = [json.dumps({"x": text, "n": 2**63 - 1}, ensure_ascii=False) for text in HOSTILE]
    people = pl.DataFrame({"external_id": list(HOSTILE), "document": documents})
    with database.write() as connection:
        records.insert(connection, Entity.PERSON, people, 2**63 - 1, NOW)
    with database.read() as connection:
        found = records.existing(connection, Entity.PERSON, [*HOSTILE, "nobody", "no\x00body", "\ud800"])
        assert dict(found.select("external_id", "document").iter_rows()) == dict(people.iter_rows())
        [stored] = records.changed_since(connection, Entity.PERSON, -1)
        assert stored.select("external_id", "document").equals(people)
        assert stored["position"].unique().to_list() == [2**63 - 1]
        assert all(json.loads(document)["n"] == 2**63 - 1 for document in stored["document"])
    with database.write() as connection:
        turned = stored.select("id", document=pl.col("document").reverse())
        records.update(connection, Entity.PERSON, turned, 2, NOW)
        [stored] = records.changed_since(connection, Entity.PERSON, -1)
        assert stored["document"].to_list() == turned["document"].to_list()


texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(names=st.lists(texts, min_size=1, max_size=20, unique=True), missing=st.booleans())
def test_any_text_comes_back_as_it_was(database: Database, names: list[str], missing: bool) -> None:
    with database.write() as connection:
        everybody = [part["id"] for part in records.changed_since(connection, Entity.PERSON, -1)]
        if everybody:
            records.delete(connection, Entity.PERSON, pl.concat(everybody), 1)
        records.insert(connection, Entity.PERSON, pl.DataFrame({"external_id": names, "document": names}), 1, NOW)
        found = records.existing(connection, Entity.PERSON, names)
        assert sorted(found.select("external_id", "document").iter_rows()) == sorted(zip(names, names, strict=True))
        rows = found.select(
            person_id="id",
            name="external_id",
            at=pl.lit(-1),
            properties=pl.lit("{}"),
            message_id=pl.lit(None, pl.String) if missing else pl.col("external_id"),
        )
        assert events.append(connection, rows, 2) == len(names)
        assert events.append(connection, rows, 2) == (len(names) if missing else 0)
        [event, *_] = events.of_person(connection, rows["person_id"][0])
        assert (event.name, event.message_id is None) == (rows["name"][0], missing)
