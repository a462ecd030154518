"""Passwords: what they have to be, links that set them once, and that checking one tells nothing by the clock."""

import statistics
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import bcrypt
import pytest
from sqlalchemy import text
from streamlit_authenticator.models.authentication_model import AuthenticationModel

from segcore.access import NotAllowed
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER
from segcore.problems import NotFound, SegcoreError
from segcore.services import passwords
from segcore.services.links import LINK_LASTS
from tests.services.signing import OTHER, PASSWORD, agent, seat, token
from tests.workspace import NOW


@pytest.mark.parametrize(
    ("password", "told"),
    [
        ("", "12 are the least"),
        ("short one", "12 are the least"),
        ("           x           ", "12 are the least"),
        ("violet tractor umbrella " * 4, "72 bytes"),
        ("ü" * 37 + "x", "72 bytes"),
        ("violet\x00tractor umbrella", "cannot be typed"),
        ("violet\ud800tractor umbrella", "cannot be typed"),
        ("passwordpassword", "easy to guess"),
        ("aaaaaaaaaaaaaaaa", "easy to guess"),
        ("qwertyuiop12", "easy to guess"),
        ("maeve.nibhriain@example.com", "your name or e-mail"),
        ("Maeve Ní Bhriain", "your name or e-mail"),
        ("maevenibhriain1", "easy to guess"),
        ("segcoresegcore", "easy to guess"),
    ],
)
def test_a_weak_password_is_refused_with_what_to_mend(password: str, told: str) -> None:
    with pytest.raises(SegcoreError, match=told) as refused:
        passwords.check(password, about=("Maeve Ní Bhriain", "maeve.nibhriain@example.com"))
    assert refused.value.hint
    assert not password.strip() or password.strip() not in str(refused.value.args)


def test_length_counts_bytes_and_spaces_around_it_do_not_count() -> None:
    long = "".join(chr(0xE0 + number) for number in range(30)) + " violet ray"  # 71 bytes
    assert len(long.encode()) == 71
    assert passwords.check(f"  {long}x ") == f"{long}x"
    with pytest.raises(SegcoreError, match="72 bytes"):
        passwords.check(long + "xx")
    assert passwords.matches(f" {PASSWORD} ", passwords.hashed(PASSWORD)), "the form of sign-in cuts them off too"


def test_what_is_stored_is_bcrypt_at_cost_twelve(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()  # the tests' own cost
    assert passwords.COST == 12
    assert passwords.hashed(PASSWORD).startswith("$2b$12$")
    assert passwords.nobodys().startswith("$2b$12$")


@pytest.mark.parametrize("password", [PASSWORD, "x" * 100, "\ud800", "", "\x00" * 12])
def test_nobody_has_no_password(password: str) -> None:
    assert not passwords.matches(password, None)


# One-time links


def test_the_first_admin_is_made_by_a_link_that_works_once(services: Services) -> None:
    sessions = services.sessions
    older = sessions.setup_link(now=NOW)
    link = sessions.setup_link(now=NOW)
    assert link is not None
    assert sessions.look(older, now=NOW) is None, "only the newest works"
    found = sessions.look(link, now=NOW)
    assert found is not None
    assert (found.kind, found.agent) == ("setup", None)
    with pytest.raises(SegcoreError, match="easy to guess"):
        sessions.use(link, password="passwordpassword", name="Maeve", now=NOW)
    with pytest.raises(SegcoreError, match="needs a name"):
        sessions.use(link, password=PASSWORD, name=" ", now=NOW)
    ticket = sessions.use(link, password=PASSWORD, name="  Maeve  Ní Bhriain ", email="maeve@example.com", now=NOW)
    cookie = sessions.claim(ticket, now=NOW)
    first = seat(services, cookie or "").agent
    assert (first.name, first.email, first.role) == ("Maeve Ní Bhriain", "maeve@example.com", "admin")
    with pytest.raises(SegcoreError, match="does not work"):
        sessions.use(link, password=PASSWORD, name="Mallory", now=NOW)
    assert sessions.setup_link(now=NOW) is None
    assert [entry.what for entry in services.audit.entries(first)] == ["signed in", "first admin made"]


def test_of_many_who_use_one_link_at_once_one_becomes_the_first_admin(services: Services) -> None:
    link = services.sessions.setup_link(now=NOW)
    assert link is not None
    ready = threading.Barrier(10)

    def use(number: int) -> bool:
        ready.wait()
        try:
            services.sessions.use(link, password=PASSWORD, name=f"Maeve {number}", now=NOW)
        except SegcoreError:
            return False
        return True

    with ThreadPoolExecutor(10) as threads:
        assert sum(threads.map(use, range(10))) == 1
    assert len(services.agents.all(LOCAL_OWNER)) == 1


def test_a_setup_link_does_nothing_once_an_admin_can_sign_in(services: Services) -> None:
    link = services.sessions.setup_link(now=NOW)
    assert link is not None
    agent(services, "Omar", "editor")
    assert services.sessions.look(link, now=NOW) is not None
    agent(services, "Maeve", "admin")
    assert services.sessions.look(link, now=NOW) is None
    with pytest.raises(SegcoreError, match="does not work"):
        services.sessions.use(link, password=PASSWORD, name="Mallory", now=NOW)


def test_an_invitation_sets_the_first_password_and_a_reset_another_one(services: Services) -> None:
    sessions, omar = services.sessions, agent(services, "Omar", password=None)
    assert omar.id is not None
    assert services.agents.invited(LOCAL_OWNER) == {omar.id}
    assert "omar" not in dict.keys(sessions.credentials()["usernames"])
    older, link = sessions.link(LOCAL_OWNER, omar.id, now=NOW), sessions.link(LOCAL_OWNER, omar.id, now=NOW)
    assert sessions.look(older, now=NOW) is None
    found = sessions.look(link, now=NOW + LINK_LASTS - timedelta(seconds=1))
    assert found is not None
    assert (found.kind, found.agent) == ("invite", omar)
    assert sessions.look(link, now=NOW + LINK_LASTS) is None
    cookie = sessions.claim(sessions.use(link, password=PASSWORD, now=NOW), now=NOW)
    assert seat(services, cookie or "").agent == omar
    assert services.agents.invited(LOCAL_OWNER) == frozenset()
    reset = sessions.link(LOCAL_OWNER, omar.id, now=NOW)
    found = sessions.look(reset, now=NOW)
    assert found is not None
    assert found.kind == "reset"
    assert sessions.seat(cookie, now=NOW) is not None, "a link that nobody used ends nothing"
    sessions.use(reset, password=OTHER, now=NOW)
    assert sessions.seat(cookie, now=NOW) is None
    assert sessions.look(reset, now=NOW) is None


def test_links_are_made_by_admins_for_those_who_may_sign_in(services: Services) -> None:
    maeve, omar = agent(services, "Maeve", "admin"), agent(services, "Omar")
    assert omar.id is not None
    with pytest.raises(NotAllowed):
        services.sessions.link(omar, omar.id, now=NOW)
    with pytest.raises(NotFound):
        services.sessions.link(maeve, 10**9, now=NOW)
    link = services.sessions.link(maeve, omar.id, now=NOW)
    services.agents.change(maeve, omar.id, enabled=False, now=NOW)
    assert services.sessions.look(link, now=NOW) is None
    with pytest.raises(SegcoreError, match="disabled"):
        services.sessions.link(maeve, omar.id, now=NOW)
    services.agents.change(maeve, omar.id, enabled=True, now=NOW)
    assert services.sessions.look(link, now=NOW) is None, "it was taken back"


def test_changing_ones_password_ends_the_other_sessions(services: Services) -> None:
    agent(services, "Maeve")
    here, there = token(services, "Maeve"), token(services, "Maeve")
    with pytest.raises(SegcoreError, match="old password is wrong"):
        services.sessions.change_password(seat(services, here), old=OTHER, new=OTHER, now=NOW)
    with pytest.raises(SegcoreError, match="least"):
        services.sessions.change_password(seat(services, here), old=PASSWORD, new="short", now=NOW)
    services.sessions.change_password(seat(services, here), old=PASSWORD, new=OTHER, now=NOW)
    assert services.sessions.seat(here, now=NOW) is not None
    assert services.sessions.seat(there, now=NOW) is None
    stored = services.sessions.credentials()["usernames"]["maeve"]["password"]
    assert passwords.matches(OTHER, stored)
    assert not passwords.matches(PASSWORD, stored)


def test_whoever_finds_an_open_page_cannot_guess_the_old_password(services: Services) -> None:
    agent(services, "Maeve")
    here = seat(services, token(services, "Maeve"))
    for _ in range(5):
        with pytest.raises(SegcoreError):
            services.sessions.change_password(here, old="wrong password", new=OTHER, now=NOW)
    with pytest.raises(SegcoreError, match="locked"):
        services.sessions.change_password(here, old=PASSWORD, new=OTHER, now=NOW)


def test_neither_log_nor_database_holds_a_password_or_a_token(services: Services) -> None:
    maeve = agent(services, "Maeve", "admin", password=None)
    assert maeve.id is not None
    link = services.sessions.link(LOCAL_OWNER, maeve.id, now=NOW)
    ticket = services.sessions.use(link, password=PASSWORD, now=NOW)
    unused = services.sessions.ticket("Maeve", now=NOW)
    cookie = services.sessions.claim(ticket, now=NOW)
    assert cookie is not None
    services.sessions.change_password(seat(services, cookie), old=PASSWORD, new=OTHER, now=NOW)
    with services.database.read() as connection:
        everything = "".join(
            str(connection.execute(text(f"SELECT * FROM {table}")).all())
            for table in ("agent", "session", "once", "failed_sign_in", "audit", "change")
        )
    for secret in (link, ticket, unused, cookie, PASSWORD, OTHER):
        assert secret not in everything
    hashed = services.sessions.credentials()["usernames"]["maeve"]["password"]
    with services.database.read() as connection:
        assert hashed not in str(connection.execute(text("SELECT * FROM audit")).all())


# What streamlit-authenticator is given


@pytest.fixture
def model(services: Services) -> AuthenticationModel:
    """The library's own check over our credentials, as `Authenticate` sets it up."""
    agent(services, "Maeve")
    agent(services, "Straße")
    return AuthenticationModel(services.sessions.credentials(), auto_hash=False)


def test_the_library_signs_in_who_knows_the_password(model: AuthenticationModel) -> None:
    assert model.login("maeve", PASSWORD) is True
    assert model.login("straße", PASSWORD) is True
    assert model.login("maeve", OTHER) is False
    assert model.login("nobody", PASSWORD) is False
    assert not model.login("maeve", "x" * 100)


def test_the_library_checks_one_hash_of_one_cost_whoever_it_is(
    model: AuthenticationModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[bytes] = []
    real = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda password, stored: checked.append(stored) or real(password, stored))
    for name in ("maeve", "nobody", "no\x00body", "\ud800", "x" * 5_000):
        checked.clear()
        assert model.login(name, "wrong password") is False
        assert [stored[:7] for stored in checked] == [b"$2b$04$"], name


def test_without_any_agent_it_is_the_same(sqlite_services: Services) -> None:
    model = AuthenticationModel(sqlite_services.sessions.credentials(), auto_hash=False)
    assert model.login("nobody", PASSWORD) is False


def test_credentials_are_fresh_each_time(services: Services) -> None:
    agent(services, "Maeve")
    services.sessions.credentials()["usernames"]["maeve"]["password"] = "theirs"
    assert services.sessions.credentials()["usernames"]["maeve"]["password"] != "theirs"


@pytest.mark.long
def test_unknown_names_take_as_long_as_known_ones(sqlite_services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 8)
    agent(sqlite_services, "Maeve")
    model = AuthenticationModel(sqlite_services.sessions.credentials(), auto_hash=False)
    took: dict[str, list[float]] = {"maeve": [], "nobody": []}
    for _ in range(200):
        for name, times in took.items():
            began = time.perf_counter()
            model.login(name, "wrong password")
            times.append(time.perf_counter() - began)
    known, unknown = (statistics.median(times) for times in took.values())
    assert abs(known - unknown) / known < 0.1, (known, unknown)
