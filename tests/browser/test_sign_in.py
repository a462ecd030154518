"""Signing in and out in a real browser, on a server that nobody has asked for anything yet."""

import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from segcore.door import COOKIE
from segcore.settings import ROOT
from segcore.ui import gate
from tests import signing_in
from tests.access.wire import Server

pytestmark = pytest.mark.browser

NAME, PASSWORD = "nora", "copper lantern drifts north"
PAGES = sorted(path.stem for path in (ROOT / "pages").glob("*.py"))
OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The product on an empty database."""
    server = Server(tmp_path_factory.mktemp("sign-in")).start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def nora(server: Server) -> str:
    """An admin whose password is known, made as the first one is."""
    link = re.search(r"\?link=([\w-]+)", server.log.read_text())
    assert link is not None, server.log.read_text()
    return link[1]


@pytest.fixture
def fresh(open_page: OpenPage) -> OpenPage:
    """Opens pages of browsers that nobody has signed in with."""
    return lambda **more: open_page(signed_in=False, **more)


def expect_card(page: Page, title: str = "Sign in") -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text([title], timeout=20_000)
    expect(page.get_by_role("navigation")).to_have_count(0)


def expect_page(page: Page, title: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text([title], timeout=20_000)
    expect(page.get_by_label("Password", exact=True)).to_have_count(0)


def expect_said(page: Page, text: str) -> None:
    expect(page.get_by_text(text)).to_be_visible(timeout=20_000)


def violations(page: Page) -> list[tuple[str, str]]:
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=20_000)
    page.wait_for_timeout(400)
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in Axe().run(page).response["violations"]]


def send(page: Page, name: str = NAME, password: str = PASSWORD) -> None:
    page.get_by_label("Username").fill(name)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("Password", exact=True).press("Enter")


def sign_in(page: Page, address: str, title: str = "Segments") -> None:
    page.goto(address)
    expect_card(page)
    send(page)
    expect_page(page, title)


def cookie(page: Page) -> dict[str, object]:
    (found,) = (each for each in page.context.cookies() if each["name"] == COOKIE)
    return dict(found)


def test_the_first_address_asked_of_a_new_server_leads_to_the_card(server: Server, nora: str, fresh: OpenPage) -> None:
    page = fresh()
    page.goto(f"{server.address}/segment?segment=active")
    expect_card(page)
    expect_said(page, gate.NOBODY)
    expect(page).to_have_title("Sign in · Segcore")
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        assert violations(page) == []


def test_the_link_that_the_server_printed_makes_the_first_admin(server: Server, nora: str, fresh: OpenPage) -> None:
    page = fresh()
    page.goto(f"{server.address}/people?link={nora}")
    expect_card(page, "Create the first admin")
    assert violations(page) == []
    page.get_by_label("Username").fill(NAME)
    page.get_by_label("E-mail").fill("nora@example.com")
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Create admin").click()
    expect_page(page, "People")
    assert nora not in page.url
    page.go_back()
    assert nora not in page.url
    again = fresh()
    again.goto(f"{server.address}/?link={nora}")
    expect_card(again)
    expect_said(again, gate.DEAD)


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(server: Server, fresh: OpenPage) -> None:
    page = fresh()
    sign_in(page, server.address)
    made = cookie(page)
    assert made["httpOnly"] is True
    assert made["sameSite"] == "Lax"
    assert made["path"] == "/"
    assert made["secure"] is False  # http on this machine
    assert COOKIE not in page.evaluate("document.cookie")
    assert len(str(made["value"])) >= 43


def test_a_deep_link_survives_signing_in_and_a_reload(server: Server, fresh: OpenPage) -> None:
    page = fresh()
    address = f"{server.address}/segment?segment=active&view=settings"
    sign_in(page, address, "Active")
    assert page.url == address
    page.reload()
    expect_page(page, "Active")
    assert page.url == address
    second = page.context.new_page()
    second.goto(f"{server.address}/people?segment=new")
    expect_page(second, "People")


def test_signing_out_in_one_tab_ends_the_other_at_its_next_action(server: Server, fresh: OpenPage) -> None:
    first = fresh()
    sign_in(first, f"{server.address}/people?segment=active", "People")
    copied = cookie(first)
    second = first.context.new_page()
    second.goto(f"{server.address}/data")
    expect_page(second, "Data")
    second.get_by_role("button", name="Sign out").click()
    expect_card(second)
    first.get_by_text("Everyone", exact=False).first.click()
    expect_card(first)
    expect_said(first, gate.ENDED)
    assert first.url.startswith(f"{server.address}/people")
    first.reload()
    expect_card(first)
    thief = fresh()
    thief.context.add_cookies([{"name": COOKIE, "value": str(copied["value"]), "url": server.address}])
    thief.goto(server.address)
    expect_card(thief)
    assert thief.request.get(f"{server.address}/values?attribute=id").status == 401
    send(first)
    expect_page(first, "People")
    assert cookie(first)["value"] != copied["value"]


def test_disabling_ends_an_open_page_at_its_next_action(server: Server, fresh: OpenPage) -> None:
    page = fresh()
    token = signing_in.token_of_folder(server.folder, name="omar", role="viewer")
    page.context.add_cookies([{"name": COOKIE, "value": token, "url": server.address}])
    page.goto(f"{server.address}/people")
    expect_page(page, "People")
    admin = fresh()
    sign_in(admin, f"{server.address}/settings?view=agents", "Settings")
    signing_in.change_in_folder(server.folder, "omar", enabled=False)
    page.get_by_text("Active", exact=False).first.click()
    expect_card(page)
    expect_said(page, gate.ENDED)


def test_wrong_passwords_are_throttled_for_a_name(server: Server, fresh: OpenPage) -> None:
    signing_in.token_of_folder(server.folder, name="zoe", role="viewer")
    signing_in.set_password_in_folder(server.folder, "zoe", PASSWORD)
    page = fresh()
    for number in range(5):
        page.goto(server.address)
        send(page, "zoe", f"not this one {number}")
        expect_said(page, gate.WRONG)
    page.goto(server.address)
    send(page, "zoe", PASSWORD)
    expect_said(page, gate.WRONG)
    page.goto(server.address)
    send(page)  # others are not
    expect_page(page, "Segments")


def test_nothing_is_asked_of_another_host_and_nothing_is_refused_by_the_policy(server: Server, fresh: OpenPage) -> None:
    page = fresh()
    told: list[str] = []
    page.on("console", lambda m: told.append(m.text) if m.type in ("error", "warning") else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda r: None if r.url.startswith((server.address, "data:", "blob:")) else told.append(r.url))
    sign_in(page, server.address)
    page.get_by_role("button", name="Sign out").click()
    expect_card(page)
    assert told == []


def test_a_page_of_another_site_cannot_frame_it(server: Server, fresh: OpenPage) -> None:
    page = fresh()
    page.route("http://evil.test/", lambda route: route.fulfill(body=f"<iframe src='{server.address}'></iframe>"))
    page.goto("http://evil.test/")
    deadline = time.monotonic() + 15
    while not page.frames[-1].url.startswith("chrome-error:"):
        assert time.monotonic() < deadline, [frame.url for frame in page.frames]
        page.wait_for_timeout(100)


@pytest.mark.long
@pytest.mark.parametrize("name", PAGES)
def test_each_page_as_the_first_address_of_a_server_leads_to_the_card(
    name: str, fresh: OpenPage, tmp_path: Path
) -> None:
    server = Server(tmp_path).start()
    try:
        page = fresh()
        page.goto(f"{server.address}/{name}?segment=active&person=1&company=1")
        expect_card(page)
        assert f"/{name}?" in page.url
    finally:
        server.stop()
