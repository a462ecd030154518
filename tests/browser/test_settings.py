"""The settings in a real browser: agents come by a link, an admin looks as one of them, views are accessible and in shape."""

import re
import sqlite3
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from segcore import bootstrap
from segcore.model import LOCAL_OWNER
from segcore.settings import Settings
from tests import signing_in
from tests.browser.conftest import Product
from tests.browser.test_pages import KNOWN, settled

pytestmark = pytest.mark.browser

PASSWORD = "violet tractor umbrella"
VIEWS = ("agents", "workspace", "log", "profile")
OVER = (
    "() => { const main = document.querySelector('[data-testid=stMain]');"
    " return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth); }"
)
IRISH = {"all": [{"attribute": "country", "operator": "is", "value": "Ireland"}]}


@pytest.fixture(scope="module")
def settings(product: Product) -> Settings:
    """Those of the running product, to look at its database beside it."""
    return Settings(database_url=f"sqlite:///{product.folder / 'segcore.db'}", data=product.folder)


@pytest.fixture
def visit(product: Product, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """Opens an address, as ann or whoever `token` says, and waits until it is drawn."""

    def go(where: str, *, token: str | None = None, **more: object) -> Page:
        page = open_page(signed_in=token is None, **more)
        if token is not None:
            page.context.add_cookies([{"name": "segcore_session", "value": token, "url": product.address}])
        page.goto(product.address + where)
        settled(page)
        return page

    return go


def found_by_axe(page: Page) -> list[tuple[str, str]]:
    violations = Axe().run(page).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in violations if v["id"] not in KNOWN]


def choose(page: Page, agent: str, what: str | re.Pattern[str]) -> None:
    """Something of an agent's menu."""
    page.get_by_role("button", name=f"More for {agent}", exact=True).click()
    page.get_by_role("menuitem", name=what).click()


def names(page: Page) -> list[str]:
    """The segments of the overview."""
    table = page.get_by_role("table", name="Segments")
    expect(table.locator("a.name").first).to_be_visible(timeout=20_000)
    return table.locator("a.name").all_inner_texts()


def row(page: Page, agent: str) -> Locator:
    return page.get_by_role("table", name="Agents").get_by_role("row").filter(has_text=agent)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_view_is_accessible_and_in_shape(
    visit: Callable[..., Page], product: Product, settings: Settings, scheme: str
) -> None:
    signing_in.token_of_folder(product.folder, name="a-long-name-" + "of-somebody-" * 3, role="editor")
    page = visit("/settings", scheme=scheme)
    told: list[str] = []
    page.on("console", lambda m: told.append(m.text) if m.type == "error" and "404" not in m.text else None)
    for view in VIEWS:
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(f"{product.address}/settings?view={view}")
        settled(page)
        assert found_by_axe(page) == [], view
        text = page.locator("[data-testid=stMain]").inner_text()
        assert not {"None", "nan", "null", "NaN"} & set(text.split()), text
        for width in (1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(150)
            assert page.evaluate(OVER) <= 1, (view, width)
    assert told == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_drawers_are_accessible(visit: Callable[..., Page], scheme: str) -> None:
    page = visit("/settings", scheme=scheme)
    page.get_by_role("button", name="Add agent").click()
    expect(page.get_by_role("dialog").get_by_label("E-mail")).to_be_visible()
    assert found_by_axe(page) == []
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    choose(page, "ann", "Where they are signed in")
    expect(page.get_by_role("dialog").get_by_role("table", name="Sign-ins")).to_be_visible()
    assert found_by_axe(page) == []


def test_an_agent_comes_by_a_link_and_is_disabled_while_a_page_is_open(
    visit: Callable[..., Page], open_page: Callable[..., Page], product: Product
) -> None:
    page = visit("/settings")
    page.get_by_role("button", name="Add agent").click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name", exact=True).fill("Nora Byrne")
    drawer.get_by_label("E-mail").fill("nora")
    drawer.get_by_role("button", name="Add and make the link").click()
    expect(drawer.get_by_text("This is not an e-mail address.")).to_be_visible()
    drawer.get_by_label("E-mail").fill("nora@example.com")
    drawer.get_by_role("button", name="Add and make the link").click()
    line = drawer.get_by_label("Link for Nora Byrne")
    expect(line).to_have_value(re.compile(re.escape(product.address) + r"/\?link=.{43}$"))
    expect(drawer.get_by_text(re.compile(r"Good once, until \d+ \w+ \d{4}, \d\d:\d\d\."))).to_be_visible()
    link = line.input_value()
    drawer.get_by_role("button", name="Done").click()
    expect(drawer).to_have_count(0)
    expect(row(page, "Nora Byrne")).to_contain_text("Invited")

    theirs = open_page(signed_in=False)
    theirs.goto(link)
    theirs.get_by_label("Password", exact=True).fill(PASSWORD)
    theirs.get_by_role("button", name="Save password").click()
    expect(theirs.get_by_role("heading", name="Segments", level=1)).to_be_visible(timeout=20_000)
    foot = theirs.locator(".st-key-sidebar-foot")
    expect(foot).to_contain_text("Nora Byrne")
    expect(foot).to_contain_text("Editor")

    page.reload()
    settled(page)
    expect(row(page, "Nora Byrne")).to_contain_text("Active")
    choose(page, "Nora Byrne", "Disable")
    page.get_by_role("dialog").get_by_role("button", name="Disable").click()
    expect(row(page, "Nora Byrne")).to_contain_text("Disabled")
    theirs.get_by_role("link", name="People").click()
    expect(theirs.get_by_role("heading", name="Sign in", level=1)).to_be_visible(timeout=20_000)
    choose(page, "Nora Byrne", "Enable")
    expect(row(page, "Nora Byrne")).to_contain_text("Active")


def test_seeing_as_somebody_shows_what_they_see(
    visit: Callable[..., Page], product: Product, settings: Settings
) -> None:
    token = signing_in.token_of_folder(product.folder, name="Omar Haddad", role="editor")
    services = bootstrap.start(settings)
    now = bootstrap.clock()
    services.segments.save(LOCAL_OWNER, name="Kept from Omar", document=IRISH, hidden_from=("Omar Haddad",), now=now)
    services.database.close()

    theirs = visit("/", token=token)
    seen = names(theirs)
    assert "Kept from Omar" not in seen
    # An admin of the test's own: where it fails, nobody else goes on looking as Omar.
    page = visit("/settings", token=signing_in.token_of_folder(product.folder, name="Bea Lind"))
    expect(row(page, "Omar Haddad")).to_contain_text("Kept from Omar")
    choose(page, "Omar Haddad", "See as Omar Haddad")
    expect(page.get_by_text("You see what Omar Haddad sees.")).to_be_visible(timeout=20_000)
    expect(page.get_by_role("heading", name="Segments", level=1)).to_be_visible()
    assert names(page) == seen
    expect(page.get_by_role("button", name="New segment")).to_have_count(0)
    assert found_by_axe(page) == []

    page.goto(f"{product.address}/segment?segment=kept-from-omar")
    settled(page)
    expect(page.get_by_text("This page does not exist, or is not visible to you.")).to_be_visible()
    for route in ("/export?segment=kept-from-omar", "/log.csv"):
        assert page.request.get(product.address + route).status == 404
    page.goto(f"{product.address}/people")
    settled(page)
    expect(page.get_by_text("You see what Omar Haddad sees")).to_be_visible()
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("You see what Omar Haddad sees")).to_have_count(0, timeout=20_000)
    page.get_by_role("link", name="Segments").first.click()
    expect(page.get_by_role("link", name="Kept from Omar")).to_be_visible(timeout=20_000)

    page.goto(f"{product.address}/settings?view=log&q=seen")
    settled(page)
    log = page.get_by_role("table", name="Log")
    expect(log.get_by_role("row").nth(1)).to_contain_text("Seen as, ended")
    expect(log.get_by_role("row").nth(2)).to_contain_text("Omar Haddad")
    told = page.request.get(f"{product.address}/log.csv")
    assert told.status == 200
    assert "seen as,agent" in told.text()


def test_another_zone_says_what_it_changes_before_it_is_saved(
    visit: Callable[..., Page], product: Product, settings: Settings
) -> None:
    services = bootstrap.start(settings)
    today = {"all": [{"attribute": "last_seen_at", "operator": "in_period", "value": "today"}]}
    services.segments.save(LOCAL_OWNER, name="Seen on this day", document=today, now=bootstrap.clock())
    services.database.close()
    page = visit("/settings?view=workspace")
    zone = page.get_by_role("combobox", name="Time zone")
    zone.click()
    page.keyboard.type("kiritimati")
    page.keyboard.press("Enter")
    told = page.get_by_text(re.compile(r"^\d+ segments? uses? calendar days; .*would change now"))
    expect(told).to_be_visible(timeout=20_000)
    settled(page)  # what is about to be drawn anew is dimmed
    assert found_by_axe(page) == []
    with sqlite3.connect(product.folder / "segcore.db") as connection:
        assert connection.execute("SELECT time_zone FROM workspace").fetchone() == ("UTC",), "nothing is saved yet"
    expect(page.get_by_role("button", name="Save settings")).to_be_enabled()


def test_who_is_no_admin_has_a_profile_and_signs_out_of_the_other_browser(
    visit: Callable[..., Page], product: Product
) -> None:
    vera = {"name": "Vera Nowak", "role": "viewer"}
    token = signing_in.token_of_folder(product.folder, **vera)
    other = visit("/people", token=signing_in.token_of_folder(product.folder, **vera))
    page = visit("/settings?view=agents", token=token)
    expect(page.get_by_role("heading", name="Vera Nowak", level=2)).to_be_visible()
    expect(page.get_by_role("button", name="Add agent")).to_have_count(0)
    assert found_by_axe(page) == []
    page.get_by_role("button", name="Sign out everywhere else").click()
    expect(page.get_by_role("table", name="Sign-ins").get_by_role("row")).to_have_count(2)
    other.get_by_role("link", name="Companies").click()
    expect(other.get_by_role("heading", name="Sign in", level=1)).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Sign out", exact=True).click()
    expect(page.get_by_role("heading", name="Sign in", level=1)).to_be_visible(timeout=20_000)
