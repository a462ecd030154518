"""Signing in and out: tickets, sessions and their ends, throttling, and looking as another agent."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from segcore.access import NotAllowed, Verb, may
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Workspace
from segcore.problems import NotFound, SegcoreError
from segcore.services.sessions import ABSOLUTE, IDLE, WINDOW
from tests.services.signing import OTHER, PASSWORD, agent, seat, token
from tests.workspace import NOW

HERE = "203.0.113.7"


def after(**amount: float) -> datetime:
    return NOW + timedelta(**amount)


def test_a_ticket_is_good_once_also_when_fifty_come_at_once(services: Services) -> None:
    agent(services, "Maeve")
    ticket = services.sessions.ticket("maeve", now=NOW)
    ready = threading.Barrier(25)

    def claim(_: int) -> str | None:
        ready.wait()
        return services.sessions.claim(ticket, browser="Firefox", now=NOW)

    with ThreadPoolExecutor(25) as threads:
        cookies = [cookie for cookie in threads.map(claim, range(50)) if cookie is not None]
    assert len(cookies) == 1
    assert seat(services, cookies[0]).agent.name == "Maeve"
    assert [session.browser for session in services.sessions.of_agent(LOCAL_OWNER, 1, now=NOW)] == ["Firefox"]


def test_a_ticket_is_good_for_half_a_minute_and_only_as_a_ticket(services: Services) -> None:
    maeve = agent(services, "Maeve")
    assert maeve.id is not None
    ticket = services.sessions.ticket("Maeve", now=NOW)
    assert services.sessions.claim(ticket, now=after(seconds=30)) is None
    assert services.sessions.claim(ticket, now=after(seconds=29)) is not None
    link = services.sessions.link(LOCAL_OWNER, maeve.id, now=NOW)
    assert services.sessions.claim(link, now=NOW) is None
    assert services.sessions.look(link, now=NOW) is not None, "it was not used up"
    ticket = services.sessions.ticket("Maeve", now=NOW)
    assert services.sessions.look(ticket, now=NOW) is None
    with pytest.raises(SegcoreError, match="does not work"):
        services.sessions.use(ticket, password=OTHER, now=NOW)


def test_nobody_gets_a_ticket_who_may_not_sign_in(services: Services) -> None:
    maeve = agent(services, "Maeve")
    assert maeve.id is not None
    ticket = services.sessions.ticket("Maeve", now=NOW)
    services.agents.change(LOCAL_OWNER, maeve.id, enabled=False, now=NOW)
    assert services.sessions.claim(ticket, now=NOW) is None
    for name in ("Maeve", "nobody", "no\x00body", "\ud800"):
        with pytest.raises(SegcoreError, match="Wrong username or password"):
            services.sessions.ticket(name, now=NOW)


@pytest.mark.parametrize(
    "cookie",
    [
        None,
        "",
        " ",
        "x",
        "\x00",
        "\ud800",
        "é" * 43,
        "a" * 10_000,
        "' or 1=1 --",
        "eyJhbGciOiJub25lIn0.e30.",
        7,
        b"x",
        [],
    ],
    ids=repr,
)
def test_what_is_no_token_seats_nobody(services: Services, cookie: str) -> None:
    agent(services, "Maeve")
    token(services, "Maeve")
    assert services.sessions.seat(cookie, now=NOW) is None
    assert services.sessions.look(cookie, now=NOW) is None
    assert services.sessions.claim(cookie, now=NOW) is None


def test_a_session_ends_when_it_is_left_alone_and_after_a_week_at_the_latest(services: Services) -> None:
    agent(services, "Maeve")
    left = token(services, "Maeve")
    assert services.sessions.seat(left, now=NOW + IDLE - timedelta(seconds=1)) is not None
    left = token(services, "Maeve")
    assert services.sessions.seat(left, now=NOW + IDLE) is None
    used = token(services, "Maeve")
    now = NOW
    while now < NOW + ABSOLUTE:
        assert services.sessions.seat(used, now=now) is not None, now - NOW
        now += timedelta(hours=11)
    assert services.sessions.seat(used, now=NOW + ABSOLUTE) is None
    services.sessions.clean(now=NOW + ABSOLUTE)
    with services.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM session")).scalar() == 0


def test_that_a_session_was_seen_is_written_once_a_minute(services: Services) -> None:
    agent(services, "Maeve")
    cookie = token(services, "Maeve")
    for seconds, seen in ((59, NOW), (60, after(seconds=60)), (100, after(seconds=60)), (120, after(seconds=120))):
        services.sessions.seat(cookie, now=after(seconds=seconds))
        assert services.sessions.of_agent(LOCAL_OWNER, 1, now=NOW)[0].seen_at == seen


def _demote(services: Services, id: int) -> None:
    services.agents.change(LOCAL_OWNER, id, role="viewer", now=NOW)


def _disable(services: Services, id: int) -> None:
    services.agents.change(LOCAL_OWNER, id, enabled=False, now=NOW)


def _disable_and_enable(services: Services, id: int) -> None:
    _disable(services, id)
    services.agents.change(LOCAL_OWNER, id, enabled=True, now=NOW)


def _reset(services: Services, id: int) -> None:
    services.sessions.use(services.sessions.link(LOCAL_OWNER, id, now=NOW), password=OTHER, now=NOW)


def _end_all(services: Services, id: int) -> None:
    services.sessions.end_all(LOCAL_OWNER, id, now=NOW)


@pytest.mark.parametrize("end", [_disable, _disable_and_enable, _reset, _end_all])
def test_what_an_admin_ends_is_over_at_the_next_look(services: Services, end: Callable[[Services, int], None]) -> None:
    maeve = agent(services, "Maeve")
    assert maeve.id is not None
    cookies = [token(services, "Maeve"), token(services, "Maeve")]
    ticket = services.sessions.ticket("Maeve", now=NOW)
    end(services, maeve.id)
    assert [services.sessions.seat(cookie, now=NOW) for cookie in cookies] == [None, None]
    assert services.sessions.claim(ticket, now=NOW) is None, "a ticket from before would be a way around"


def test_a_session_and_a_ticket_are_nothing_without_an_agent_who_may_sign_in(services: Services) -> None:
    """Also where the row of the agent was changed by other hands, and the sessions stayed."""
    agent(services, "Maeve")
    cookie, ticket = token(services, "Maeve"), services.sessions.ticket("Maeve", now=NOW)
    with services.database.write() as connection:
        connection.execute(text("UPDATE agent SET enabled = false"))
    assert services.sessions.seat(cookie, now=NOW) is None
    assert services.sessions.claim(ticket, now=NOW) is None
    assert list(services.sessions.credentials()["usernames"]) == []


def test_role_and_switches_are_those_of_this_very_moment(services: Services) -> None:
    maeve = agent(services, "Maeve", "admin")
    agent(services, "Nora", "admin")
    assert maeve.id is not None
    cookie = token(services, "Maeve")
    assert may(seat(services, cookie).agent, Verb.SETTINGS)
    services.agents.change(LOCAL_OWNER, maeve.id, role="viewer", now=NOW)
    assert not may(seat(services, cookie).agent, Verb.EXPORT)
    services.workspace_settings.change(LOCAL_OWNER, Workspace(viewers_export=True), now=NOW)
    assert may(seat(services, cookie).agent, Verb.EXPORT)
    assert not may(seat(services, cookie).agent, Verb.SEND)
    services.agents.change(LOCAL_OWNER, maeve.id, role="editor", may_send=True, now=NOW)
    assert may(seat(services, cookie).agent, Verb.SEND)


def test_signing_out_ends_this_session_only(services: Services) -> None:
    agent(services, "Maeve")
    here, there = token(services, "Maeve"), token(services, "Maeve")
    services.sessions.end(seat(services, here), now=NOW)
    assert services.sessions.seat(here, now=NOW) is None
    assert services.sessions.seat(there, now=NOW) is not None


def test_one_ends_ones_own_sessions_and_admins_anybodys(services: Services) -> None:
    maeve, omar, nora = agent(services, "Maeve"), agent(services, "Omar"), agent(services, "Nora", "admin")
    assert maeve.id is not None
    assert omar.id is not None
    cookies = [token(services, "Maeve") for _ in range(3)]
    ids = [seat(services, cookie).session.id for cookie in cookies]
    with pytest.raises(NotAllowed):
        services.sessions.of_agent(omar, maeve.id, now=NOW)
    with pytest.raises(NotFound):
        services.sessions.end_session(omar, ids[0], now=NOW)
    with pytest.raises(NotAllowed):
        services.sessions.end_all(omar, maeve.id, now=NOW)
    services.sessions.end_session(maeve, ids[0], now=NOW)
    assert [session.id for session in services.sessions.of_agent(maeve, maeve.id, now=NOW)] == [ids[2], ids[1]]
    services.sessions.end_session(nora, ids[1], now=NOW)
    with pytest.raises(NotFound, match="ended already"):
        services.sessions.end_session(nora, ids[1], now=NOW)
    assert services.sessions.end_all(maeve, maeve.id, now=NOW) == 1


# Throttling


def tries(services: Services, name: str, address: str, count: int, now: datetime = NOW) -> None:
    for _ in range(count):
        services.sessions.failed(name, address, now=now)


@pytest.mark.parametrize("name", ["Maeve", "nobody"])
def test_wrong_passwords_make_the_next_try_wait_longer_and_longer(services: Services, name: str) -> None:
    agent(services, "Maeve")
    tries(services, name, HERE, 4)
    assert not services.sessions.locked(name, HERE, now=NOW)
    now, waits = NOW, []
    for _ in range(4):
        services.sessions.failed(f" {name.upper()} ", HERE, now=now)
        assert services.sessions.locked(name, "another address", now=now)
        before = now
        while services.sessions.locked(name, HERE, now=now):
            now += timedelta(seconds=10)
        waits.append((now - before).total_seconds())
    assert waits == [30, 60, 120, 240]
    assert not services.sessions.locked("somebody else", "198.51.100.1", now=NOW)


def test_what_is_tried_while_it_waits_does_not_prolong_the_wait(services: Services) -> None:
    tries(services, "Maeve", HERE, 5)
    for second in range(30):
        services.sessions.failed("Maeve", HERE, now=after(seconds=second))
    assert not services.sessions.locked("Maeve", HERE, now=after(seconds=30))


def test_an_address_is_throttled_whatever_names_it_tries(services: Services) -> None:
    for number in range(20):
        services.sessions.failed(f"name {number}", HERE, now=NOW)
    assert services.sessions.locked("one more", HERE, now=NOW)
    assert not services.sessions.locked("one more", "198.51.100.1", now=NOW)


def test_wrong_passwords_count_for_a_quarter_of_an_hour_and_are_gone_then(services: Services) -> None:
    tries(services, "Maeve", HERE, 4)
    services.sessions.failed("Maeve", HERE, now=NOW + WINDOW)
    assert not services.sessions.locked("Maeve", HERE, now=NOW + WINDOW)
    with services.database.read() as connection:
        assert connection.execute(text("SELECT count(*) FROM failed_sign_in")).scalar() == 1


def test_who_knew_the_password_begins_anew_and_nothing_typed_is_stored(services: Services) -> None:
    agent(services, "Maeve")
    tries(services, "Maeve", HERE, 4)
    with services.database.read() as connection:
        rows = connection.execute(text("SELECT * FROM failed_sign_in")).all()
    assert len(rows) == 4
    assert "maeve" not in str(rows).lower()
    assert HERE not in str(rows)
    token(services, "Maeve")
    tries(services, "Maeve", HERE, 4)
    assert not services.sessions.locked("Maeve", HERE, now=NOW)


# Looking as another agent


def test_seeing_as_another_shows_his_rights_and_changes_nothing(services: Services) -> None:
    agent(services, "Nora", "admin")
    omar = agent(services, "Omar", "viewer")
    assert omar.id is not None
    cookie = token(services, "Nora")
    services.sessions.see_as(seat(services, cookie), omar.id, now=NOW)
    seen = seat(services, cookie)
    assert (seen.agent.name, seen.agent.seen_by, seen.signed_in.name) == ("Omar", "Nora", "Nora")
    assert {verb for verb in Verb if may(seen.agent, verb)} == {Verb.SEE, Verb.FILTER}
    for forbidden in (
        lambda: services.sessions.end_all(seen.agent, omar.id, now=NOW),
        lambda: services.sessions.end_session(seen.agent, seen.session.id, now=NOW),
        lambda: services.sessions.change_password(seen, old=PASSWORD, new=OTHER, now=NOW),
    ):
        with pytest.raises(NotAllowed, match="change nothing"):
            forbidden()
    services.sessions.stop_seeing(seen, now=NOW)
    assert seat(services, cookie).agent == seat(services, cookie).signed_in
    assert [entry.what for entry in services.audit.entries(LOCAL_OWNER, search="seen omar")] == [
        "seen as, ended",
        "seen as",
    ]


def test_only_admins_see_as_others_and_only_while_they_are_admins(services: Services) -> None:
    nora, omar = agent(services, "Nora", "admin"), agent(services, "Omar")
    agent(services, "Ada", "admin")
    assert nora.id is not None
    assert omar.id is not None
    with pytest.raises(NotAllowed):
        services.sessions.see_as(seat(services, token(services, "Omar")), nora.id, now=NOW)
    cookie = token(services, "Nora")
    with pytest.raises(NotFound):
        services.sessions.see_as(seat(services, cookie), 10**9, now=NOW)
    services.sessions.see_as(seat(services, cookie), omar.id, now=NOW)
    services.agents.change(LOCAL_OWNER, nora.id, role="viewer", now=NOW)
    demoted = seat(services, cookie)
    assert (demoted.agent.name, demoted.agent.role, demoted.agent.seen_by) == ("Nora", "viewer", None)
    services.agents.change(LOCAL_OWNER, nora.id, role="admin", now=NOW)
    services.agents.change(LOCAL_OWNER, omar.id, enabled=False, now=NOW)
    assert seat(services, cookie).agent.name == "Nora"
    with pytest.raises(SegcoreError, match="cannot sign in"):
        services.sessions.see_as(seat(services, cookie), omar.id, now=NOW)


def test_whoever_is_signed_in_neither_waits_for_those_who_write_nor_is_signed_out(services: Services) -> None:
    agent(services, "Maeve")
    cookie = token(services, "Maeve")
    with services.database.write():
        found = services.sessions.seat(cookie, now=after(minutes=5))
    assert found is not None
    assert found.session.seen_at < after(minutes=5)
    services.sessions.seat(cookie, now=after(minutes=6))
    noted = services.sessions.seat(cookie, now=after(minutes=6))
    assert noted is not None
    assert noted.session.seen_at == after(minutes=6)
