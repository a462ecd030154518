"""Agents, and the columns that each of them chose."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from segcore.model import LOCAL_OWNER, Agent
from segcore.problems import NotFound, SegcoreError
from segcore.store import agents, columns
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, tzinfo=UTC)
MAEVE = Agent(id=None, name="Maeve Ní Bhriain", email="maeve@example.com", role="editor")


def test_agents_are_found_by_name_and_id_and_changed(database: Database) -> None:
    with database.write() as connection:
        maeve = agents.insert(connection, MAEVE, 1, NOW)
        tom = agents.insert(connection, Agent(id=None, name="Tom"), 1, NOW)
        assert maeve == replace(MAEVE, id=maeve.id)
        assert agents.get(connection, "MAEVE NÍ BHRIAIN") == maeve
        assert agents.get(connection, " maeve  nI\u0301\u00a0Bhriain ") == maeve
        assert maeve.id is not None
        assert agents.by_id(connection, maeve.id) == maeve
        away = agents.update(connection, replace(maeve, enabled=False), 2)
        assert agents.all(connection) == [away, tom]
        assert agents.get(connection, "nobody") is None
        assert agents.get(connection, "no\x00body") is None
        assert agents.by_id(connection, 10**9) is None


def test_two_agents_cannot_be_taken_for_one_another(database: Database) -> None:
    with database.write() as connection:
        agents.insert(connection, MAEVE, 1, NOW)
        tom = agents.insert(connection, Agent(id=None, name="Tom"), 1, NOW)
        with pytest.raises(SegcoreError, match="already"):
            agents.insert(connection, replace(MAEVE, name="maeve ní bhriain"), 1, NOW)
        with pytest.raises(SegcoreError, match="already"):
            agents.update(connection, replace(tom, name="MAEVE NÍ BHRIAIN"), 2)
        with pytest.raises(NotFound):
            agents.update(connection, replace(tom, id=10**9, name="Nobody"), 2)


def test_everybody_has_columns_of_their_own(database: Database) -> None:
    with database.write() as connection:
        maeve = agents.insert(connection, MAEVE, 1, NOW)
        columns.save(connection, maeve, "active", ["name", "plan"], 2)
        columns.save(connection, LOCAL_OWNER, "active", ["email"], 2)
        columns.save(connection, maeve, "active", ["plan", "name", "🙂"], 3)
        assert columns.get(connection, maeve, "active") == ("plan", "name", "🙂")
        assert columns.get(connection, LOCAL_OWNER, "active") == ("email",)
        assert columns.get(connection, maeve, "new") is None
        columns.save(connection, maeve, "active", None, 4)
        assert columns.get(connection, maeve, "active") is None
