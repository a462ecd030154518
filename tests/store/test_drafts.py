"""Drafts, folders and the workspace: small rows that come back as they were kept."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from segcore.attributes import Entity
from segcore.model import LOCAL_OWNER, Agent, Draft, Folder, Workspace
from segcore.problems import NotFound, SegcoreError
from segcore.store import agents, drafts, folders, log, workspace
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, 4, 12, 9, 123456, tzinfo=UTC)
DRAFT = Draft(id="7f3a", agent=None, entity=Entity.PERSON, document={"all": [{"attribute": "x"}]}, updated_at=NOW)


def test_a_draft_is_kept_over_what_it_was(database: Database) -> None:
    with database.write() as connection:
        drafts.save(connection, DRAFT, 1)
        later = replace(
            DRAFT, document={"any": []}, segment="active", base_version=3, updated_at=NOW + timedelta(seconds=1)
        )
        drafts.save(connection, later, 2)
        assert drafts.get(connection, "7f3a") == later
        assert drafts.get(connection, "none") is None
        assert drafts.get(connection, "\ud800") is None
        drafts.delete(connection, "7f3a", 3)
        assert drafts.get(connection, "7f3a") is None


def test_drafts_belong_to_their_agent_and_go_when_they_are_old(database: Database) -> None:
    with database.write() as connection:
        maeve = agents.insert(connection, Agent(id=None, name="Maeve"), 1, NOW)
        mine = replace(DRAFT, id="m", agent=maeve.id)
        old = replace(DRAFT, id="old", updated_at=NOW - timedelta(days=40))
        for draft in (DRAFT, mine, old):
            drafts.save(connection, draft, 1)
        assert drafts.of_agent(connection, maeve.id) == [mine]
        assert drafts.of_agent(connection, None) == [DRAFT, old]
        assert drafts.delete_older(connection, NOW - timedelta(days=30), 2) == 1
        assert drafts.of_agent(connection, None) == [DRAFT]


@pytest.mark.parametrize("hostile", ["\x00", "a\ud800", ["\x00"], {"\x00": 1}, float("nan"), float("inf")])
def test_a_document_that_cannot_be_stored_is_refused(database: Database, hostile: object) -> None:
    with database.write() as connection, pytest.raises(SegcoreError, match="The filter contains"):
        drafts.save(connection, replace(DRAFT, document={"all": [{"attribute": "x", "value": hostile}]}), 1)


def test_a_deep_document_is_no_trouble_for_the_stack(database: Database) -> None:
    deep: dict[str, object] = {"all": []}
    for _ in range(300):
        deep = {"all": [deep]}
    with database.write() as connection:
        drafts.save(connection, replace(DRAFT, document=deep), 1)
        kept = drafts.get(connection, DRAFT.id)
    assert kept is not None
    assert kept.document == deep


def test_folders_are_made_at_the_end_renamed_and_placed(database: Database) -> None:
    with database.write() as connection:
        made = [folders.insert(connection, name, Entity.PERSON, 1) for name in ("Value", "Value", "値")]
        assert [(f.key, f.position) for f in made] == [("value", 0), ("value-2", 1), ("folder", 2)]
        renamed = folders.rename(connection, "value-2", "Engagement", 2)
        assert renamed == Folder(key="value-2", name="Engagement", position=1)
        folders.place(connection, "folder", 0, 3)
        assert [f.key for f in folders.everything(connection)] == ["folder", "value", "value-2"]
        folders.place(connection, "folder", 99, 4)
        assert [f.key for f in folders.everything(connection)] == ["value", "value-2", "folder"]
        folders.delete(connection, "value", 5)
        assert folders.get(connection, LOCAL_OWNER, "value") is None
        for act in (folders.delete, lambda c, key, p: folders.rename(c, key, "x", p)):
            with pytest.raises(NotFound):
                act(connection, "value", 6)


def test_a_workspace_is_utc_until_it_says_otherwise(database: Database) -> None:
    with database.write() as connection:
        assert workspace.get(connection) == Workspace()
        assert not workspace.saved(connection)
        for zone in ("Europe/Dublin", "Pacific/Apia"):
            wanted = Workspace(name="Ours", time_zone=zone, week_start="sunday")
            workspace.save(connection, wanted, 1)
            assert workspace.get(connection) == wanted
        assert workspace.saved(connection)


def test_the_log_tells_what_was_written(database: Database) -> None:
    with database.write() as connection:
        for number in range(3):
            log.append(
                connection, at=NOW, agent="Maeve", what="segment saved", entity="segment", key="k", amount=number
            )
        log.append(connection, at=NOW, agent="Maeve", what="people imported", entity="person", amount=2**63 - 1)
        assert [change.position for change in log.since(connection, 1, 2)] == [2, 3]
        last = log.latest(connection, 1)[0]
        assert (last.position, last.at, last.agent, last.amount) == (4, NOW, "Maeve", 2**63 - 1)
        with pytest.raises(SegcoreError, match="NUL"):
            log.append(connection, at=NOW, agent="Ma\x00eve", what="x", entity="person")
