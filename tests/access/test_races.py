"""Two agents at once: one wins and the other is told, nothing is lost, no circle closes. On both databases, over the services."""

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from segcore import bootstrap
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent
from segcore.problems import Changed, InvalidRule, NotFound, SegcoreError
from segcore.rules.tree import segments_in
from segcore.settings import Settings
from segcore.store.database import Database
from tests import workspace

NOW = workspace.NOW
# Two hundred pairs, and as many saves that refer to each other; some of them every day.
PAIRS = [10, pytest.param(200, marks=pytest.mark.long)]


@pytest.fixture
def services(database: Database, tmp_path: Path) -> Services:
    """A workspace with five people."""
    made = bootstrap.assemble(Settings(database_url="", data=tmp_path), database, now=NOW)
    workspace.write(made.database)
    return made


@pytest.fixture
def agents(services: Services) -> tuple[Agent, Agent]:
    """An editor and an admin, who may both change what the editor made."""
    add = services.agents.add
    return (
        add(LOCAL_OWNER, name="Nora", email="", role="editor", now=NOW),
        add(LOCAL_OWNER, name="Omar", email="", role="admin", now=NOW),
    )


def photos(amount: int) -> dict[str, Any]:
    """A filter that differs from another by a number."""
    return {"all": [{"attribute": "photos", "operator": "gt", "value": amount}]}


def on(key: str) -> dict[str, Any]:
    """Those who are in a segment."""
    return {"all": [{"segment": key, "operator": "in"}]}


def race(*doing: Callable[[], object]) -> list[object]:
    """Do them at once; how each ended."""
    ends: list[object] = [None] * len(doing)
    start = threading.Barrier(len(doing))

    def run(number: int) -> None:
        start.wait(10)
        try:
            ends[number] = doing[number]()
        except SegcoreError as refused:
            ends[number] = refused

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(doing))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    return ends


@pytest.mark.parametrize("pairs", PAIRS)
def test_of_two_who_save_one_wins_and_the_other_is_told(
    services: Services, agents: tuple[Agent, Agent], pairs: int
) -> None:
    nora, omar = agents
    key = services.segments.save(nora, name="Shared", document=photos(1), now=NOW).key
    for number in range(pairs):
        version = services.segments.get(nora, key).version

        def change(agent: Agent, amount: int, version: int = version) -> object:
            document = photos(amount)
            return services.segments.change(agent, key, expected_version=version, document=document, now=NOW)

        mine, its = 2 * number + 10, 2 * number + 11
        ends = race(lambda m=mine: change(nora, m), lambda i=its: change(omar, i))  # type: ignore[misc]
        told = [end for end in ends if isinstance(end, Changed)]
        assert len(told) == 1, ends
        winner, amount = (nora, mine) if ends[1] is told[0] else (omar, its)
        stored = services.segments.get(omar, key)
        assert stored.version == version + 1
        assert stored.document == photos(amount)
        assert stored.updated_by == winner.name
        assert told[0].by == winner.name
        assert winner.name in told[0].message


@pytest.mark.parametrize("pairs", PAIRS)
def test_no_circle_is_closed_by_two_who_save_at_once(
    services: Services, agents: tuple[Agent, Agent], pairs: int
) -> None:
    nora, omar = agents
    won = [0, 0]
    for number in range(pairs):
        one = services.segments.save(nora, name=f"One {number}", document=photos(1), now=NOW).key
        other = services.segments.save(nora, name=f"Other {number}", document=photos(2), now=NOW).key

        def change(agent: Agent, key: str, to: str) -> object:
            return services.segments.change(agent, key, expected_version=1, document=on(to), now=NOW)

        ends = race(lambda o=one, t=other: change(nora, o, t), lambda o=one, t=other: change(omar, t, o))  # type: ignore[misc]
        refused = [end for end in ends if isinstance(end, InvalidRule)]
        assert len(refused) == 1, ends
        won[ends.index(refused[0])] += 1
        rules = [services.segments.get(omar, key).rule for key in (one, other)]
        refers = [segments_in(rule) for rule in rules if rule is not None]
        assert sorted(map(len, refers)) == [0, 1]
        assert not services.presence.current().broken


@pytest.mark.parametrize("pairs", PAIRS)
def test_who_hides_is_not_undone_by_who_saves(services: Services, agents: tuple[Agent, Agent], pairs: int) -> None:
    nora, omar = agents
    viewer = services.agents.add(LOCAL_OWNER, name="Vera", email="", role="viewer", now=NOW)
    for number in range(pairs):
        key = services.segments.save(nora, name=f"Open {number}", document=photos(1), now=NOW).key

        def hide(key: str = key) -> object:
            return services.segments.set_visibility(omar, key, hidden_from=(viewer.name,), now=NOW)

        def save(key: str = key) -> object:
            return services.segments.change(nora, key, expected_version=1, document=photos(3), now=NOW)

        def move(key: str = key) -> object:
            return services.segments.move(omar, key, "predefined", now=NOW)

        ends = race(hide, save, move)
        assert not [end for end in ends if isinstance(end, SegcoreError)], ends
        stored = services.segments.get(omar, key)
        assert stored.hidden_from == (viewer.name,)
        assert stored.document == photos(3)
        assert stored.folder == "predefined"
        with pytest.raises(NotFound):
            services.segments.get(viewer, key)


@pytest.mark.parametrize("pairs", PAIRS)
def test_a_segment_that_is_deleted_while_another_begins_to_use_it_leaves_none_broken(
    services: Services, agents: tuple[Agent, Agent], pairs: int
) -> None:
    nora, omar = agents
    for number in range(pairs):
        used = services.segments.save(nora, name=f"Used {number}", document=photos(1), now=NOW).key
        user = services.segments.save(nora, name=f"User {number}", document=photos(2), now=NOW).key

        def use(used: str = used, user: str = user) -> object:
            return services.segments.change(nora, user, expected_version=1, document=on(used), now=NOW)

        def delete(used: str = used) -> object:
            services.segments.delete(omar, used, now=NOW)
            return "deleted"

        ends = race(use, delete)
        assert len([end for end in ends if isinstance(end, SegcoreError)]) == 1, ends
        assert not services.presence.current().broken


@pytest.mark.parametrize("pairs", PAIRS)
def test_a_ticket_is_good_for_one_of_two(services: Services, agents: tuple[Agent, Agent], pairs: int) -> None:
    nora, _ = agents
    for _ in range(pairs):
        ticket = services.sessions.ticket(nora.name, now=NOW)

        def claim(ticket: str = ticket) -> object:
            return services.sessions.claim(ticket, now=NOW)

        tokens = [token for token in race(claim, claim) if token is not None]
        assert len(tokens) == 1


def test_of_two_admins_who_demote_each_other_one_stays(services: Services, agents: tuple[Agent, Agent]) -> None:
    _, omar = agents
    other = services.agents.add(LOCAL_OWNER, name="Orla", email="", role="admin", now=NOW)
    for _ in range(10):
        ends = race(
            lambda: services.agents.change(omar, other.id, role="editor", now=NOW),
            lambda: services.agents.change(other, omar.id, role="editor", now=NOW),
        )
        admins = [agent for agent in services.agents.all(LOCAL_OWNER) if agent.role == "admin"]
        assert admins, ends
        for agent in (omar, other):
            services.agents.change(LOCAL_OWNER, agent.id, role="admin", now=NOW)
