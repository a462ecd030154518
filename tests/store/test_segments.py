"""Segments: their keys, their versions, and who may see them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import Connection

from segcore.attributes import Entity
from segcore.model import LOCAL_OWNER, Agent, Segment
from segcore.problems import Changed, NotFound, SegcoreError
from segcore.store import agents, folders, segments
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, 4, 12, 9, 123456, tzinfo=UTC)
MAEVE = Agent(id=None, name="Maeve", role="editor")
TOM = Agent(id=None, name="Tom", role="viewer")


def segment(connection: Connection, name: str, **besides: object) -> Segment:
    wanted = Segment(
        key=segments.key_for(connection, name),
        name=name,
        entity=Entity.PERSON,
        rule=None,
        document={"all": []},
        created_at=NOW,
        updated_at=NOW,
    )
    return replace(wanted, **besides)


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        yield connection


def test_a_segment_comes_back_as_it_was_saved(connection: Connection) -> None:
    folder = folders.insert(connection, "Lifecycle", Entity.PERSON, 1)
    wanted = segment(
        connection, "Trial users", description="In trial", folder=folder.key, author="owner", updated_by="owner"
    )
    segments.insert(connection, wanted, 1)
    stored = segments.get(connection, LOCAL_OWNER, "trial-users")
    assert stored is not None
    assert replace(stored, rule=None) == wanted


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("Trial users", "trial-users"),
        ("  Größte Kunden (2026)! ", "grosste-kunden-2026"),
        ("Éire", "eire"),
        ("顧客", "segment"),
        ("🙂", "segment"),
        ("x" * 300, "x" * 60),
        ("100% of_them", "100-of-them"),
    ],
)
def test_a_key_is_made_of_the_name(connection: Connection, name: str, key: str) -> None:
    assert segments.key_for(connection, name) == key


def test_a_key_is_never_given_again(connection: Connection) -> None:
    segments.insert(connection, segment(connection, "New"), 1)
    segments.insert(connection, segment(connection, "New"), 2)
    assert {s.key for s in segments.all(connection, LOCAL_OWNER)} == {"new", "new-2"}
    segments.delete(connection, "new-2", 3)
    assert segments.key_for(connection, "New") == "new-3"
    with pytest.raises(SegcoreError, match="deleted"):
        segments.insert(connection, segment(connection, "New", key="new-2"), 4)
    with pytest.raises(NotFound):
        segments.delete(connection, "new-2", 5)
    assert segments.ever(connection)


def test_the_second_of_two_saves_is_told_who_was_first(connection: Connection) -> None:
    segments.insert(connection, segment(connection, "New"), 1)
    first = segments.get(connection, LOCAL_OWNER, "new")
    assert first is not None
    saved = segments.update(connection, replace(first, name="Newest", updated_by="Maeve"), first.version, 2)
    assert (saved.name, saved.version) == ("Newest", 2)
    with pytest.raises(Changed, match=r"changed by Maeve at 04:12 UTC on 22 Nov 2026") as told:
        segments.update(connection, replace(first, name="Mine"), first.version, 3)
    assert (told.value.by, told.value.at) == ("Maeve", NOW)
    assert segments.all(connection, LOCAL_OWNER)[0].name == "Newest"


def test_only_those_may_see_a_segment_who_may(connection: Connection) -> None:
    maeve, tom = (agents.insert(connection, agent, 1, NOW) for agent in (MAEVE, TOM))
    admin = agents.insert(connection, Agent(id=None, name="Ada", role="admin"), 1, NOW)
    segments.insert(connection, segment(connection, "Open"), 1)
    segments.insert(connection, segment(connection, "Not Tom", hidden_from=("Tom",)), 1)
    segments.insert(connection, segment(connection, "Maeve only", visible_to=("Maeve",)), 1)
    segments.insert(connection, segment(connection, "Nobody", visible_to=()), 1)
    segments.insert(connection, segment(connection, "Both", visible_to=("Tom",), hidden_from=("Tom",)), 1)

    def seen(agent: Agent) -> set[str]:
        listed = {s.key for s in segments.all(connection, agent)}
        keys = ("open", "not-tom", "maeve-only", "nobody", "both")
        assert listed == {key for key in keys if segments.get(connection, agent, key) is not None}
        return listed

    everything = {"open", "not-tom", "maeve-only", "nobody", "both"}
    assert seen(LOCAL_OWNER) == seen(admin) == everything
    assert seen(maeve) == {"open", "not-tom", "maeve-only"}
    assert seen(tom) == {"open"}
    assert seen(Agent(id=None, name="stranger", role="viewer")) == {"open", "not-tom"}
    assert seen(replace(admin, enabled=False)) == set()
    nobody = segments.get(connection, admin, "nobody")
    assert nobody is not None
    assert nobody.visible_to == ()


def test_an_unknown_agent_is_named(connection: Connection) -> None:
    with pytest.raises(SegcoreError, match="no agent Nobody"):
        segments.insert(connection, segment(connection, "New", hidden_from=("Nobody",)), 1)


def test_the_overview_has_the_order_of_the_folders(connection: Connection) -> None:
    first, second = (folders.insert(connection, name, Entity.PERSON, 1) for name in ("Value", "Engagement"))
    for name, folder, predefined in (
        ("loose", None, False),
        ("beta", first.key, False),
        ("Alpha", first.key, False),
        ("Zeta came with the workspace", first.key, True),
        ("gamma", second.key, False),
    ):
        segments.insert(connection, segment(connection, name, folder=folder, predefined=predefined), 1)
    names = [s.name for s in segments.all(connection, LOCAL_OWNER)]
    assert names == ["Zeta came with the workspace", "Alpha", "beta", "gamma", "loose"]
    folders.place(connection, second.key, 0, 2)
    assert [f.name for f in folders.everything(connection)] == ["Engagement", "Value"]
    folders.delete(connection, first.key, 3)
    assert next((s.name, s.folder) for s in segments.all(connection, LOCAL_OWNER)) == ("gamma", "engagement")
    assert {s.folder for s in segments.all(connection, LOCAL_OWNER)} == {"engagement", None}


def test_a_rule_that_this_version_cannot_read_is_kept_as_it_is(connection: Connection) -> None:
    document = {"attribute": "age", "operator": "from_the_future", "value": 1}
    segments.insert(connection, segment(connection, "Old", document=document), 1)
    stored = segments.all(connection, LOCAL_OWNER)[0]
    assert stored.rule is None
    assert stored.document == document
