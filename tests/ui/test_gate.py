"""The sign-in: nothing of a page before it, one answer to everything that is wrong, links for one use, sessions that end."""

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import bcrypt
import pytest
import time_machine
from streamlit.testing.v1 import AppTest

from segcore import bootstrap
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent
from segcore.services import passwords
from segcore.settings import ROOT, Settings
from segcore.store import tables
from segcore.store.database import Database
from segcore.ui import frame, gate, nav
from tests import signing_in, workspace

PASSWORD = "copper lantern drifts north"
PAGES = sorted(path.stem for path in nav.PAGES.glob("*.py"))


@pytest.fixture(autouse=True)
def instant() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(workspace.NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def services(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """A workspace with people, where Nora is an admin with a password; hashes are made quickly."""
    monkeypatch.setattr(passwords, "COST", 4)
    services = bootstrap.assemble(Settings(database_url="", data=tmp_path), sqlite_database, now=workspace.NOW)
    monkeypatch.setattr(bootstrap, "services", lambda: services)
    monkeypatch.setattr(bootstrap, "clock", lambda: workspace.NOW)
    workspace.write(services.database)
    nora = services.agents.add(LOCAL_OWNER, name="Nora", email="nora@example.com", role="admin", now=workspace.NOW)
    services.sessions.set_password(LOCAL_OWNER, nora.id or 0, PASSWORD, now=workspace.NOW)
    return services


class Browser:
    """One browser: its cookie, and the page that is open in it."""

    def __init__(self) -> None:
        self.cookie: str | None = None

    def open(self, page: str = "", **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "segcore/ui/main.py"), default_timeout=20)
        if page and self.cookie is not None:
            app.run()
            app.switch_page(f"../../pages/{page}.py")
        for key, value in query.items():
            app.query_params[key] = value
        return app.run()


@pytest.fixture
def browser(services: Services, monkeypatch: pytest.MonkeyPatch) -> Browser:
    browser = Browser()
    monkeypatch.setattr(frame, "cookie", lambda: browser.cookie)
    return browser


def said(app: AppTest) -> list[str]:
    """What stands above the form."""
    return [element.value for element in (*app.error, *app.warning, *app.info)]


def is_card(app: AppTest, title: str = "Sign in") -> bool:
    assert not app.exception, app.exception
    return [element.value for element in app.title] == [title]


def send(app: AppTest, name: str, password: str) -> AppTest:
    app.text_input[0].input(name)
    app.text_input[1].input(password)
    return app.button[0].click().run()


def ticket(app: AppTest) -> str | None:
    """What the page hands to the route that sets the cookie."""
    for element in app.main:
        stack = [element]
        while stack:
            one = stack.pop()
            stack.extend(getattr(one, "children", {}).values())
            told = getattr(getattr(one, "proto", None), "json", "")
            if "ticket" in told:
                return str(json.loads(told)["ticket"])
    return None


def test_nobody_sees_the_card_and_nothing_else(browser: Browser) -> None:
    app = browser.open()
    assert is_card(app)
    assert [field.label for field in app.text_input] == ["Username", "Password"]
    assert [button.label for button in app.button] == ["Sign in"]
    assert not app.sidebar.children


@pytest.mark.parametrize("page", PAGES)
def test_a_page_that_is_run_without_the_entry_script_is_guarded_by_itself(browser: Browser, page: str) -> None:
    app = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=20).run()
    assert is_card(app)
    assert [field.label for field in app.text_input] == ["Username", "Password"]


def test_name_and_password_give_a_ticket_for_the_cookie(browser: Browser, services: Services) -> None:
    app = send(browser.open(), " nora ", PASSWORD)
    browser.cookie = services.sessions.claim(ticket(app) or "", now=workspace.NOW)
    assert browser.cookie is not None
    assert [element.value for element in browser.open().title] == ["Segments"]
    assert services.sessions.claim(ticket(app) or "", now=workspace.NOW) is None


@pytest.mark.parametrize(
    ("name", "password"),
    [
        ("nora", "copper lantern drifts south"),
        ("nobody", PASSWORD),
        ("nora", ""),
        ("", PASSWORD),
        ("nora", "x" * 73),
        ("nora", PASSWORD + "\0"),
        ("nora\0", PASSWORD),
        ("' or 1=1 --", PASSWORD),
        ("nora" * 5_000, PASSWORD),
        ("ＮＯＲＡ", "ＮＯＲＡ"),
    ],
    ids=range(10),
)
def test_whatever_is_wrong_the_answer_is_the_same(browser: Browser, name: str, password: str) -> None:
    app = send(browser.open(), name, password)
    assert is_card(app)
    assert said(app) == [gate.WRONG]
    assert ticket(app) is None


def test_a_name_that_nobody_has_is_checked_like_any_other(browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    checked: list[bytes] = []
    real = bcrypt.checkpw
    monkeypatch.setattr(bcrypt, "checkpw", lambda given, stored: checked.append(stored) or real(given, stored))
    for name in ("nora", "nobody"):
        send(browser.open(), name, "copper lantern drifts south")
    assert [stored[:7] for stored in checked] == [b"$2b$04$"] * 2


def test_after_five_wrong_passwords_the_right_one_waits(
    browser: Browser, services: Services, instant: time_machine.Traveller
) -> None:
    for _ in range(5):
        send(browser.open(), "nora", "copper lantern drifts south")
    app = send(browser.open(), "nora", PASSWORD)
    assert said(app) == [gate.WRONG]
    instant.shift(timedelta(minutes=16))
    assert ticket(send(browser.open(), "nora", PASSWORD)) is not None


def test_the_library_leaves_nothing_behind_that_says_who_is_there(browser: Browser) -> None:
    app = send(browser.open(), "nora", PASSWORD)
    kept = {"authentication_status", "username", "name", "email", "roles", "logout"}
    assert not [key for key in kept if key in app.session_state]


def test_what_a_forged_tab_says_of_itself_counts_nothing(browser: Browser) -> None:
    app = AppTest.from_file(str(ROOT / "segcore/ui/main.py"), default_timeout=20)
    for key, value in {"authentication_status": True, "username": "nora", "roles": ["admin"]}.items():
        app.session_state[key] = value
    app.run()
    assert is_card(app)
    assert [button.label for button in app.button] == ["Sign in"]


@pytest.fixture
def ann(browser: Browser, services: Services) -> Agent:
    """Ann, an editor, is signed in."""
    browser.cookie = signing_in.token(services.database, services.settings, name="ann", role="editor")
    return next(agent for agent in services.agents.all(LOCAL_OWNER) if agent.name == "ann")


def test_a_session_that_ended_leads_to_the_card_and_the_address_stays(
    browser: Browser, services: Services, ann: Agent
) -> None:
    app = browser.open("people", segment="active")
    assert "people.filter" in app.session_state
    services.sessions.end_all(LOCAL_OWNER, ann.id or 0, now=workspace.NOW)
    app.run()
    assert is_card(app)
    assert said(app) == [gate.ENDED]
    assert app.query_params["segment"] in ("active", ["active"])
    assert "people.filter" not in app.session_state


def test_the_deed_of_a_callback_is_not_done_for_nobody(browser: Browser, services: Services) -> None:
    browser.cookie = signing_in.token(services.database, services.settings)
    app = browser.open("people", segment="active")
    state = app.session_state["people.filter"]
    rule = {"all": [{"attribute": "country", "operator": "is", "value": "Ireland"}]}
    app.session_state["people-builder"] = {"draft": {"rev": state.rev, "seq": 1, "rule": rule, "unfinished": 0}}
    app.run()
    save = next(button for button in app.button if button.label == "Save version 2")
    (ann,) = (agent for agent in services.agents.all(LOCAL_OWNER) if agent.name == "ann")
    services.sessions.end_all(LOCAL_OWNER, ann.id or 0, now=workspace.NOW)
    save.click().run()
    assert is_card(app)
    assert services.segments.get(LOCAL_OWNER, "active").version == 1


def test_what_a_tab_holds_is_dropped_when_another_sits_before_it(
    browser: Browser, services: Services, ann: Agent
) -> None:
    app = browser.open("people", segment="active")
    app.session_state["mine"] = "kept"
    app.run()
    assert app.session_state["mine"] == "kept"
    browser.cookie = signing_in.token(services.database, services.settings, name="omar", role="viewer")
    app.run()
    assert "mine" not in app.session_state
    assert not app.exception


def test_the_first_admin_is_made_by_the_link(browser: Browser, services: Services) -> None:
    with services.database.write() as connection:
        connection.execute(tables.agent.delete())
    assert said(browser.open()) == [gate.NOBODY]
    token = services.sessions.setup_link(now=workspace.NOW)
    app = browser.open(link=token or "")
    assert is_card(app, "Create the first admin")
    for field, text in zip(app.text_input, ("ada", "ada@example.com", "too short"), strict=True):
        field.input(text)
    app.button[0].click().run()
    assert said(app)[0].startswith("The password has 9 characters")
    app.text_input[2].input(PASSWORD)
    app.button[0].click().run()
    browser.cookie = services.sessions.claim(ticket(app) or "", now=workspace.NOW)
    seat = services.sessions.seat(browser.cookie, now=workspace.NOW)
    assert seat is not None
    assert (seat.agent.name, seat.agent.role) == ("ada", "admin")
    browser.cookie = None
    assert said(browser.open(link=token or "")) == [gate.DEAD]


def test_an_invited_agent_chooses_a_password(browser: Browser, services: Services) -> None:
    omar = services.agents.add(LOCAL_OWNER, name="Omar", email="omar@example.com", role="viewer", now=workspace.NOW)
    token = services.sessions.link(LOCAL_OWNER, omar.id or 0, now=workspace.NOW)
    app = browser.open(link=token)
    assert is_card(app, "Choose a password")
    assert any("Omar" in caption.value for caption in app.caption)
    app.text_input[0].input(PASSWORD)
    app.button[0].click().run()
    browser.cookie = services.sessions.claim(ticket(app) or "", now=workspace.NOW)
    assert [element.value for element in browser.open().title] == ["Segments"]
    assert ticket(send_as_nobody(browser, "omar")) is not None


def send_as_nobody(browser: Browser, name: str) -> AppTest:
    browser.cookie = None
    return send(browser.open(), name, PASSWORD)


@pytest.mark.parametrize("token", ["dead", "", "x" * 5_000, "\0", "' or 1=1 --", "ünïcödé"])
def test_a_dead_link_says_so_and_gives_the_form(browser: Browser, token: str) -> None:
    app = browser.open(link=token)
    assert is_card(app)
    assert said(app) == [gate.DEAD]


def test_a_dead_link_does_not_keep_whoever_is_signed_in_from_the_page(
    browser: Browser, ann: Agent, services: Services
) -> None:
    app = browser.open(link="dead")
    assert [element.value for element in app.title] == ["Segments"]
    assert "link" not in app.query_params
    assert gate.DEAD in [toast.value.replace("\\", "") for toast in app.toast]
