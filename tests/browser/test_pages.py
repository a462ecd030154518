"""Every page of the product in a real browser: accessible, in shape at every width, quiet, and asking nobody outside."""

import time
from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product

pytestmark = pytest.mark.browser

ADDRESSES = {
    "segments": "/",
    "people": "/people",
    "filter": "/people?segment=hot-prospects",
    "segment": "/segment?segment=trial-users",
    "settings": "/segment?segment=trial-users&view=settings",
    "asking about a person": "/segment?segment=trial-users&view=why",
    "person": "/person?person=demo-p-0001",
    "segments of a person": "/person?person=demo-p-0001&view=segments",
    "companies": "/companies",
    "company": "/company?company=demo-c-001",
    "segments of a company": "/company?company=demo-c-001&view=segments",
    "attributes": "/data",
    "events": "/data?view=events",
    "imports": "/data?view=imports",
    "not there": "/segment?segment=no-such",
}
# By how much the page scrolls sideways.
SIDEWAYS = """() => {
    const main = document.querySelector('[data-testid=stMain]');
    return Math.max(main.scrollWidth - main.clientWidth, document.documentElement.scrollWidth - innerWidth);
}"""
# Streamlit's own, which we cannot mend from here: its list of pages in the sidebar, and the role of its upload area.
KNOWN = {"list", "listitem", "presentation-role-conflict"}


@pytest.fixture(scope="module")
def address(product: Product) -> str:
    """Where the product answers."""
    return product.address


def settled(page: Page) -> None:
    """Wait until the page is drawn."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=20_000)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    page.wait_for_timeout(400)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_accessible_quiet_and_in_shape(address: str, open_page: Callable[..., Page], scheme: str) -> None:
    page = open_page(scheme=scheme)
    told: list[str] = []
    outside: list[str] = []
    # A deep address makes Streamlit look for its own endpoints below the page's path: two harmless 404s.
    page.on("console", lambda m: told.append(m.text) if m.type == "error" and "404" not in m.text else None)
    page.on("pageerror", lambda error: told.append(str(error)))
    page.on("request", lambda r: outside.append(r.url) if not r.url.startswith((address, "data:", "blob:")) else None)
    violations, wide = {}, {}
    for name, where in ADDRESSES.items():
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(address + where)
        settled(page)
        found = [v for v in Axe().run(page).response["violations"] if v["id"] not in KNOWN]
        if found:
            violations[name] = [(v["id"], v["nodes"][0]["html"][:200]) for v in found]
        for width in (1440, 1024, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(150)
            deadline = time.monotonic() + 5  # a busy machine draws later
            while (over := page.evaluate(SIDEWAYS)) > 1 and time.monotonic() < deadline:
                page.wait_for_timeout(100)
            if over > 1:
                wide[name, width] = over
    assert violations == {}
    assert wide == {}
    assert told == []
    assert outside == []


def test_each_page_has_its_title_and_no_raw_nothing(address: str, page: Page) -> None:
    titles = {"segments": "Segments", "people": "People", "segment": "Trial users", "attributes": "Data"}
    for name, title in titles.items():
        page.goto(address + ADDRESSES[name])
        settled(page)
        expect(page).to_have_title(f"{title} · Segcore")
        text = page.locator("[data-testid=stMain]").inner_text()
        assert not {"None", "nan", "null", "NaN"} & set(text.split()), text
