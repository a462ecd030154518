"""The schema: attributes by entity, events and properties, and kinds that stay."""

from dataclasses import replace

import pytest
from sqlalchemy import event

from segcore.attributes import ID, STANDARD, Attribute, Entity, Kind
from segcore.problems import SegcoreError
from segcore.store import schema
from segcore.store.database import Database

AGE = Attribute(key="age", kind=Kind.NUMBER, label="Age", description="In whole years", unit="years")
HOSTILE = ['x"] ; drop table person--', "a]", "%", ":p", "%(p)s", "🙂", "n" * 300, "'; --", "İ", "plan.tier", "\\"]


def test_attributes_come_back_in_the_order_in_which_they_became_known(database: Database) -> None:
    company_age = replace(AGE, label="", unit="")
    with database.write() as connection:
        schema.save(connection, Entity.PERSON, [AGE], 1)
        schema.save(connection, Entity.COMPANY, [company_age], 1)
        schema.save_properties(connection, [Attribute(key="amount", kind=Kind.NUMBER, fractions=True)], 1)
        schema.save_events(connection, {"purchase": "Purchase"}, 1)
        schema.save_events(connection, ["signed_up", "purchase"], 2)
    with database.read() as connection:
        found = schema.load(connection)
    assert list(found.people.values()) == [ID, *STANDARD[Entity.PERSON], AGE]
    assert found.companies["age"] == company_age
    assert dict(found.events) == {"purchase": "Purchase", "signed_up": ""}
    assert found.properties["amount"].fractions


@pytest.mark.parametrize("kind", Kind)
def test_a_kind_that_was_not_known_is_decided_by_the_first_values_and_then_stays(
    database: Database, kind: Kind
) -> None:
    with database.write() as connection:
        schema.save(connection, Entity.PERSON, [Attribute(key="x", kind=Kind.TEXT, known=False)], 1)
        schema.save(connection, Entity.PERSON, [Attribute(key="x", kind=kind)], 2)
        schema.save(connection, Entity.PERSON, [Attribute(key="x", kind=Kind.TEXT, known=False)], 3)
        found = schema.load(connection).people["x"]
        assert (found.kind, found.known) == (kind, True)
        other = next(wrong for wrong in Kind if wrong is not kind)
        with pytest.raises(SegcoreError, match=f"“x” is of the kind {kind}; it cannot become {other}"):
            schema.save(connection, Entity.PERSON, [Attribute(key="x", kind=other)], 4)


def test_what_was_learnt_about_numbers_is_not_forgotten_by_a_later_save(database: Database) -> None:
    with database.write() as connection:
        schema.save(connection, Entity.PERSON, [replace(AGE, fractions=True)], 1)
        schema.save(connection, Entity.PERSON, [replace(AGE, label="Years")], 2)
        assert schema.load(connection).people["age"] == replace(AGE, label="Years", fractions=True)
        with pytest.raises(SegcoreError, match="2\\^53"):
            schema.save(connection, Entity.PERSON, [replace(AGE, large=True)], 3)


def test_names_are_data_and_never_part_of_a_statement(database: Database) -> None:
    statements: list[str] = []
    event.listen(database._engine, "before_cursor_execute", lambda *args: statements.append(args[2]))
    attributes = [Attribute(key=name, kind=Kind.TEXT, label=name, description=name, unit=name) for name in HOSTILE]
    with database.write() as connection:
        schema.save(connection, Entity.PERSON, attributes, 1)
        schema.save_events(connection, {name: name for name in HOSTILE}, 1)
        schema.save_properties(connection, attributes, 1)
    with database.read() as connection:
        found = schema.load(connection)
    assert list(found.people.values())[-len(HOSTILE) :] == attributes
    assert list(found.properties.values()) == attributes
    assert dict(found.events) == {name: name for name in HOSTILE}
    assert statements
    assert not [s for s in statements if any(name in s for name in HOSTILE if len(name) > 2 and name != "%(p)s")]


@pytest.mark.parametrize("key", ["", "  ", "a\x00b", "\ud800", "n" * 513, "external_id"])
def test_a_key_that_cannot_be_stored_is_refused(database: Database, key: str) -> None:
    with database.write() as connection, pytest.raises(SegcoreError):
        schema.save(connection, Entity.PERSON, [Attribute(key=key, kind=Kind.TEXT)], 1)
