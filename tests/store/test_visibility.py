"""Who sees which segment: hidden by name, kept for some, standing on what is hidden, shown on purpose."""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Connection

from segcore.attributes import Entity
from segcore.model import LOCAL_OWNER, Agent, Segment
from segcore.rules import codec
from segcore.store import agents, segments
from segcore.store.database import Database
from tests.workspace import NOW

PEOPLE = ("Maeve", "Tom", "Omar")


def rule(*keys: str) -> dict[str, object]:
    return {"all": [{"segment": key, "operator": "in"} for key in keys]}


def add(connection: Connection, key: str, *refers: str, **besides: object) -> None:
    document = rule(*refers)
    wanted = Segment(
        key=key,
        name=key.title(),
        entity=Entity.PERSON,
        rule=codec.parse(document),
        document=document,
        created_at=NOW,
        updated_at=NOW,
    )
    segments.insert(connection, replace(wanted, **besides), 1)


def seen(connection: Connection, agent: Agent) -> set[str]:
    return {segment.key for segment in segments.all(connection, agent)}


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.write() as connection:
        yield connection


@pytest.fixture
def omar(connection: Connection) -> Agent:
    return agents.insert(connection, Agent(id=None, name="Omar", role="editor"), 1, NOW)


def test_what_refers_to_a_hidden_one_is_hidden_however_far_away(connection: Connection, omar: Agent) -> None:
    add(connection, "secret", hidden_from=("Omar",))
    add(connection, "on-it", "secret")
    add(connection, "far", "on-it")
    add(connection, "apart")
    assert seen(connection, omar) == segments.keys(connection, omar) == {"apart"}
    assert segments.get(connection, omar, "far") is None
    assert seen(connection, LOCAL_OWNER) == {"secret", "on-it", "far", "apart"}


def test_the_author_of_what_is_kept_for_some_sees_it(connection: Connection, omar: Agent) -> None:
    add(connection, "mine", visible_to=(), author="Omar")
    add(connection, "not-mine", visible_to=(), author="Tom")
    add(connection, "hidden", hidden_from=("Omar",), author="Omar")  # an admin's doing
    assert seen(connection, omar) == {"mine"}


def test_what_is_shown_on_purpose_is_concealed_and_what_refers_to_it_is_whole(
    connection: Connection, omar: Agent
) -> None:
    add(connection, "secret", hidden_from=("Omar",))
    add(connection, "plain")
    add(connection, "shown", "secret", "plain", "secret", description="Told")
    add(connection, "on-top", "shown")
    segments.set_shown_to(connection, "shown", ("Omar",), 2)
    found = segments.get(connection, omar, "shown")
    assert found is not None
    assert (found.concealed, found.document, found.description) == (2, rule("shown"), "Told")
    assert found.rule == codec.parse(rule("shown"))
    top = segments.get(connection, omar, "on-top")
    assert top is not None
    assert (top.concealed, top.document) == (0, rule("shown"))
    whole = segments.get(connection, LOCAL_OWNER, "shown")
    assert whole is not None
    assert (whole.concealed, whole.shown_to) == (0, ("Omar",))
    segments.set_visibility(connection, "secret", (), None, 3)
    open_again = segments.get(connection, omar, "shown")
    assert open_again is not None
    assert (open_again.concealed, open_again.document) == (0, rule("secret", "plain", "secret"))


def test_what_is_shown_on_purpose_is_not_seen_by_those_from_whom_it_is_hidden_itself(
    connection: Connection, omar: Agent
) -> None:
    add(connection, "secret", hidden_from=("Omar",))
    add(connection, "both", "secret", hidden_from=("Omar",))
    segments.set_shown_to(connection, "both", ("Omar",), 2)
    assert seen(connection, omar) == set()


def test_a_filter_that_refers_to_more_is_shown_to_nobody_on_purpose(connection: Connection, omar: Agent) -> None:
    add(connection, "secret", hidden_from=("Omar",))
    add(connection, "other", hidden_from=("Omar",))
    add(connection, "shown", "secret")
    stored = segments.set_shown_to(connection, "shown", ("Omar",), 2)
    renamed = segments.update(connection, replace(stored, name="Another"), 1, 3)
    assert renamed.shown_to == ("Omar",)
    more = segments.update(connection, replace(renamed, document=rule("secret", "other")), 2, 4)
    assert more.shown_to == ()
    assert seen(connection, omar) == set()


def test_a_save_leaves_from_whom_it_is_hidden_as_it_is(connection: Connection, omar: Agent) -> None:
    add(connection, "plain")
    before = segments.get(connection, LOCAL_OWNER, "plain")
    assert before is not None
    segments.set_visibility(connection, "plain", ("Omar",), (), 2)
    after = segments.update(connection, replace(before, name="Newer"), 1, 3)
    assert (after.hidden_from, after.visible_to, after.name) == (("Omar",), (), "Newer")


def test_what_refers_to_what_is_gone_is_not_hidden_for_it(connection: Connection, omar: Agent) -> None:
    add(connection, "on-nothing", "no-such")
    assert seen(connection, omar) == {"on-nothing"}


def test_a_filter_that_cannot_be_read_refers_nevertheless(connection: Connection, omar: Agent) -> None:
    add(connection, "secret", hidden_from=("Omar",))
    odd = {"from_the_future": [{"segment": "secret", "operator": "near"}]}
    add(connection, "odd", document=odd, rule=None)
    assert seen(connection, omar) == set()
    segments.set_shown_to(connection, "odd", ("Omar",), 2)
    found = segments.get(connection, omar, "odd")
    assert found is not None
    assert (found.concealed, found.document) == (1, rule("odd"))


def test_a_key_with_an_ending_tells_nothing_of_the_name(connection: Connection) -> None:
    add(connection, "trial-users")
    assert segments.key_for(connection, "Trial users", "x7k2") == "trial-users-x7k2"
    assert len(segments.key_for(connection, "x" * 300, "x7k2")) == 60


@dataclass(frozen=True)
class Drawn:
    refers: tuple[int, ...]
    hidden_from: tuple[str, ...]
    visible_to: tuple[str, ...] | None
    shown_to: tuple[str, ...]
    author: str | None


some = st.lists(st.sampled_from(PEOPLE), unique=True, max_size=2).map(tuple)


@st.composite
def workspaces(draw: st.DrawFn) -> list[Drawn]:
    """Segments of which each may refer to earlier ones."""
    return [
        Drawn(
            refers=tuple(draw(st.lists(st.integers(0, index - 1), unique=True, max_size=3))) if index else (),
            hidden_from=draw(some),
            visible_to=draw(st.none() | some),
            shown_to=draw(some),
            author=draw(st.sampled_from((None, *PEOPLE))),
        )
        for index in range(draw(st.integers(1, 8)))
    ]


def model(drawn: list[Drawn], agent: Agent) -> dict[int, int]:
    """What the agent sees and how many conditions of each are concealed, in plain Python."""
    if not agent.enabled:
        return {}
    if agent.role == "admin":
        return dict.fromkeys(range(len(drawn)), 0)
    seen: dict[int, int] = {}
    for index, one in enumerate(drawn):
        kept_for_others = one.visible_to is not None and agent.name not in (*one.visible_to, one.author)
        if agent.name in one.hidden_from or kept_for_others:
            continue
        beyond = sum(other not in seen for other in one.refers)
        if not beyond or agent.name in one.shown_to:
            seen[index] = beyond
    return seen


class _Undo(Exception):
    pass


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(workspaces(), st.tuples(*[st.sampled_from(("editor", "viewer", "admin", "off"))] * 3))
def test_sql_sees_what_a_model_of_it_sees(database: Database, drawn: list[Drawn], roles: tuple[str, ...]) -> None:
    with suppress(_Undo), database.write() as connection:
        known = []
        for name, role in zip(PEOPLE, roles, strict=True):
            wanted = Agent(id=None, name=name, role="admin" if role == "off" else role, enabled=role != "off")
            known.append(agents.insert(connection, wanted, 1, NOW))
        for index, one in enumerate(drawn):
            besides = {"hidden_from": one.hidden_from, "visible_to": one.visible_to, "author": one.author}
            add(connection, f"s{index}", *(f"s{other}" for other in one.refers), **besides)
            segments.set_shown_to(connection, f"s{index}", one.shown_to, 1)
        for agent in known:
            expected = {f"s{index}": beyond for index, beyond in model(drawn, agent).items()}
            found = segments.all(connection, agent)
            assert {segment.key: segment.concealed for segment in found} == expected
            assert segments.keys(connection, agent) == set(expected)
            for segment in found:
                if segment.concealed:
                    assert segment.document == rule(segment.key)
        raise _Undo
