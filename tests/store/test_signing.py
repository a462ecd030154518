"""Sessions, what is good for one use, wrong passwords, and the audit log, as they are stored."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from segcore.model import Agent, Entry, NewSegments, Workspace
from segcore.problems import NotFound, SegcoreError
from segcore.store import agents, attempts, audit, once, sessions, workspace
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SOON, LATER = NOW + timedelta(minutes=1), NOW + timedelta(hours=1)


def two(database: Database) -> tuple[int, int]:
    with database.write() as connection:
        found = [agents.insert(connection, Agent(id=None, name=name), 1, NOW).id for name in ("Maeve", "Omar")]
    return found[0] or 0, found[1] or 0


def test_a_session_is_found_by_the_hash_of_its_token_until_it_ends(database: Database) -> None:
    maeve, omar = two(database)
    with database.write() as connection:
        made = [
            sessions.add(connection, f"hash-{number}", maeve, at=NOW, ends_at=LATER, browser="Firefox 🦊")
            for number in range(3)
        ]
        assert sessions.by_hash(connection, "hash-1") == made[1] == sessions.by_id(connection, made[1].id)
        assert sessions.by_hash(connection, "hash") is None
        sessions.touch(connection, made[0].id, SOON)
        sessions.touch(connection, made[0].id, NOW)
        assert sessions.see_as(connection, made[0].id, omar)
        seen = replace(made[0], seen_at=SOON, seeing_as=omar)
        assert sessions.of_agent(connection, maeve) == [seen, made[2], made[1]]
        assert sessions.end_of_agent(connection, maeve, but=made[0].id) == 2
        assert sessions.end(connection, made[0].id)
        assert not sessions.end(connection, made[0].id)
        assert not sessions.see_as(connection, made[0].id, omar)


def test_sessions_that_ran_out_are_forgotten(database: Database) -> None:
    maeve, _ = two(database)
    with database.write() as connection:
        ended = sessions.add(connection, "ended", maeve, at=NOW, ends_at=SOON, browser="")
        idle = sessions.add(connection, "idle", maeve, at=NOW - timedelta(hours=1), ends_at=LATER, browser="")
        alive = sessions.add(connection, "alive", maeve, at=NOW, ends_at=LATER, browser="")
        assert sessions.forget(connection, ended_before=SOON, unseen_since=NOW - timedelta(minutes=1)) == 2
        assert [sessions.by_id(connection, one.id) is not None for one in (ended, idle, alive)] == [False, False, True]


def test_what_is_good_once_is_taken_once_and_in_time(database: Database) -> None:
    maeve, omar = two(database)
    with database.write() as connection:
        once.add(connection, "a", once.TICKET, maeve, SOON)
        once.add(connection, "b", once.RESET, maeve, SOON)
        once.add(connection, "c", once.SETUP, None, SOON)
        once.add(connection, "d", once.TICKET, omar, SOON)
        assert once.get(connection, "a", NOW) == once.Once(once.TICKET, maeve, SOON)
        assert once.take(connection, "a", SOON) is None
        assert once.take(connection, "a", NOW) is not None
        assert once.take(connection, "a", NOW) is None
        once.withdraw(connection, {once.TICKET, once.RESET}, maeve)
        assert once.get(connection, "b", NOW) is None
        once.withdraw(connection, {once.SETUP}, None)
        assert once.get(connection, "c", NOW) is None
        assert once.get(connection, "d", NOW) is not None
        assert once.forget(connection, SOON) == 1


def test_wrong_passwords_are_counted_by_name_and_by_address(database: Database) -> None:
    with database.write() as connection:
        for minutes, name, address in ((0, "a", "x"), (1, "a", "y"), (2, "b", "y")):
            attempts.add(connection, at=NOW + timedelta(minutes=minutes), name_hash=name, address_hash=address)
        before = NOW - timedelta(minutes=1)
        assert attempts.of_name(connection, "a", before) == (2, SOON)
        assert attempts.of_name(connection, "a", NOW) == (1, SOON)
        assert attempts.of_address(connection, "y", before) == (2, NOW + timedelta(minutes=2))
        assert attempts.of_name(connection, "c", before) == (0, None)
        attempts.clear(connection, "a")
        assert attempts.of_name(connection, "a", before) == (0, None)
        assert attempts.forget(connection, NOW + timedelta(minutes=2)) == 1


def test_the_log_is_read_newest_first_before_an_entry(database: Database) -> None:
    entry = Entry(at=NOW, agent="Maeve", what="role changed", entity="agent", key="2", name="Ömar")
    told = [entry, replace(entry, before={"role": "viewer"}, after={"role": "editor", "n": [1, None, "ü"]})]
    with database.write() as connection:
        for one in told * 2:
            audit.append(connection, one)
        page = audit.page(connection, limit=3)
        assert [replace(one, id=None) for one in page] == [told[1], told[0], told[1]]
        [last] = audit.page(connection, before=page[-1].id)
        assert replace(last, id=None) == told[0]
        with pytest.raises(SegcoreError):
            audit.append(connection, replace(entry, name="\ud800"))


def test_an_agent_brings_along_what_the_workspace_allows_and_never_the_password(database: Database) -> None:
    maeve, omar = two(database)
    with database.write() as connection:
        workspace.save(connection, Workspace(viewers_export=True), 1)
        agents.set_password(connection, maeve, "a hash", 2)
        found = agents.by_id(connection, maeve)
        assert found is not None
        assert found.grants == {"viewers_export"}
        sending = agents.update(connection, replace(found, may_send=True), 3)
        assert sending == agents.by_id(connection, maeve)
        assert sending.grants == {"viewers_export", "may_send"}
        assert "a hash" not in repr(sending)
        assert agents.credentials(connection) == [(sending, "a hash")]
        assert agents.without_password(connection) == {omar}
        away = agents.update(connection, replace(sending, enabled=False), 4)
        assert agents.credentials(connection) == []
        assert agents.password_hash(connection, maeve) == "a hash"
        assert away.grants == sending.grants
        for missing in (
            lambda: agents.set_password(connection, 10**9, "x", 5),
            lambda: agents.set_new_segments(connection, 10**9, NewSegments(), 5),
        ):
            with pytest.raises(NotFound):
                missing()


def test_what_new_segments_start_with_comes_back_as_it_was(database: Database) -> None:
    maeve, _ = two(database)
    with database.write() as connection:
        for wanted in (
            NewSegments(),
            NewSegments(hidden_from=("Omar", "ü")),
            NewSegments(visible_to=()),
            NewSegments(hidden_from=("Omar",), visible_to=("Maeve",)),
        ):
            agents.set_new_segments(connection, maeve, wanted, 2)
            assert agents.new_segments(connection, maeve) == wanted
