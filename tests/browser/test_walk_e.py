"""Walk E of the design: a segment is hidden from an agent, and then nothing anywhere betrays it to him."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from segcore.door import COOKIE
from tests import signing_in
from tests.access.wire import get
from tests.browser.conftest import Product
from tests.browser.test_pages import KNOWN, settled
from tests.browser.walking import builder, choose_more, number

pytestmark = pytest.mark.browser

# Segments of this walk alone: others of the tests work beside it, and copy what the demo brings.
OMAR, HIDDEN, HIDDEN_KEY, TOP = "Omar", "Trials of the month", "walk-e-trials", "On a trial and elsewhere"
TOAST = "aria-dialog-name"  # Streamlit's toasts, which are gone in a moment
NOTHING = "This page does not exist, or is not visible to you."


def heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text([text], timeout=20_000)


def rows(page: Page) -> Locator:
    return page.get_by_role("table", name="Segments").locator("a.name")


def total(page: Page) -> int:
    """How many segments the page of all of them says that there are."""
    told = page.locator(".st-key-page-subtitle")
    expect(told).to_contain_text("segments over", timeout=20_000)
    return number(told.inner_text())


def offered(page: Page, text: str) -> list[str]:
    """What the list of more segments offers for a text."""
    box = page.get_by_role("combobox", name=re.compile("More segments"))
    box.click()
    page.keyboard.type(text)
    page.wait_for_timeout(400)
    found = page.get_by_role("option").all_inner_texts()
    page.keyboard.press("Escape")
    return found


def picked(page: Page, text: str) -> list[str]:
    """What the picker of conditions offers for a text."""
    builder(page).get_by_role("button", name="+ Condition", exact=True).click()
    page.keyboard.type(text)
    page.wait_for_timeout(400)
    found = page.get_by_role("option").all_inner_texts()
    page.keyboard.press("Escape")
    return [each for each in found if text in each]


def clean(page: Page) -> list[tuple[str, str]]:
    settled(page)
    found = Axe().run(page).response["violations"]
    return [(v["id"], v["nodes"][0]["html"][:200]) for v in found if v["id"] not in {*KNOWN, TOAST}]


def test_walk_e_hide_from_an_agent(
    product: Product, page: Page, open_page: Callable[..., Page], tmp_path: Path
) -> None:
    token = signing_in.token_of_folder(product.folder, name=OMAR, role="editor")
    his = open_page(signed_in=False)
    his.context.add_cookies([{"name": COOKIE, "value": token, "url": product.address}])
    rule = {"any": [{"segment": HIDDEN_KEY, "operator": "in"}, {"segment": "active", "operator": "not_in"}]}
    file = tmp_path / "top.json"
    trials = {"attribute": "plan", "operator": "is", "value": "Free trial"}
    segments = [
        {"key": HIDDEN_KEY, "name": HIDDEN, "rule": {"all": [trials]}},
        {"key": "walk-e-top", "name": TOP, "rule": rule},
    ]
    file.write_text(json.dumps({"segments": segments}))
    product.command("segments", "import", str(file))
    his.goto(product.address)
    before = total(his)
    expect(rows(his).filter(has_text=HIDDEN).first).to_be_visible()

    # 1: hidden in the settings of the segment.
    page.goto(f"{product.address}/segment?segment=walk-e-trials&view=settings")
    page.get_by_text("Hidden from…", exact=True).click()
    page.get_by_label("Hidden from", exact=True).click()
    page.get_by_role("option", name=OMAR, exact=True).click()
    page.keyboard.press("Escape")
    page.get_by_role("button", name="Save who sees it").click()
    expect(page.get_by_text(f"Hidden from {OMAR}.", exact=True)).to_be_visible()
    expect(page.get_by_text(re.compile("hidden from 1 agent$"))).to_be_visible()
    assert clean(page) == []

    # 2: as Omar it is in no list, no picker, no person's segments, no file; its address gives the common message.
    his.reload()
    assert total(his) == before - 2  # what stands on it is gone as well
    expect(rows(his).first).to_be_visible()
    assert not {HIDDEN, TOP} & set(rows(his).all_inner_texts())
    his.get_by_placeholder("Search name or filter").fill(HIDDEN)
    expect(his.get_by_text("No segment has “Trials of the month” in its name, description or filter.")).to_be_visible()
    his.goto(f"{product.address}/people")
    builder(his)
    assert not [each for each in offered(his, HIDDEN) if HIDDEN in each]
    assert picked(his, HIDDEN) == []
    for address in ("segment?segment=walk-e-trials", "segment?segment=walk-e-top", "people?segment=walk-e-trials"):
        his.goto(f"{product.address}/{address}")
        expect(his.get_by_text(NOTHING)).to_be_visible(timeout=20_000)
    hidden, absent = (get(f"{product.address}/export", token, segment=key) for key in (HIDDEN_KEY, "no-such"))
    assert (hidden.status, hidden.body) == (absent.status, absent.body) == (404, NOTHING.encode())
    page.goto(f"{product.address}/people?segment=walk-e-trials")
    builder(page)
    assert [each for each in offered(page, "elsewhere") if TOP in each]

    # 3: shown on purpose it opens read-only, with its total and nothing of its filter.
    page.goto(f"{product.address}/segment?segment=walk-e-top&view=settings")
    said = page.get_by_text(re.compile(rf"^{OMAR} will see these [\d,]+ people$"))
    expect(said).to_be_visible(timeout=20_000)
    amount = number(said.inner_text())
    assert amount == product.count(rule)
    page.get_by_role("button", name="Show on purpose").click()
    expect(page.get_by_text(f"Shown on purpose to {OMAR}.")).to_be_visible()
    his.goto(f"{product.address}/segment?segment=walk-e-top")
    heading(his, TOP)
    expect(his.get_by_text("1 condition is not visible to you.", exact=True)).to_be_visible()
    expect(his.locator("[data-testid=stMetricValue]")).to_have_text(f"{amount:,}")
    expect(his.get_by_role("button", name="Edit filter")).to_have_count(0)
    expect(his.get_by_role("button", name="More", exact=True)).to_have_count(0)
    expect(his.get_by_text(HIDDEN)).to_have_count(0)
    assert clean(his) == []

    # 4: looking at the workspace as Omar shows the same.
    page.goto(f"{product.address}/settings?view=agents")
    page.get_by_role("button", name=f"More for {OMAR}", exact=True).click()
    page.get_by_role("menuitem", name=f"See as {OMAR}").click()
    expect(page.get_by_text(re.compile("You see what"))).to_be_visible(timeout=20_000)
    assert total(page) == before - 1
    expect(rows(page).filter(has_text=TOP)).to_have_count(1)
    page.goto(f"{product.address}/segment?segment=walk-e-top")
    expect(page.get_by_text("1 condition is not visible to you.", exact=True)).to_be_visible(timeout=20_000)
    page.goto(f"{product.address}/segment?segment=walk-e-trials")
    expect(page.get_by_text(NOTHING)).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Stop", exact=True).click()

    # 5: shown again, his next action shows it, without another sign-in.
    his.goto(product.address)
    assert total(his) == before - 1
    page.goto(f"{product.address}/segment?segment=walk-e-trials")
    heading(page, HIDDEN)
    choose_more(page, "Hidden from…")
    drawer = page.get_by_role("dialog")
    drawer.get_by_text("Everyone", exact=True).click()
    drawer.get_by_role("button", name="Save who sees it").click()
    expect(page.get_by_text("Trials of the month: everyone sees it")).to_be_visible()
    his.get_by_placeholder("Search name or filter").fill("Trials")
    expect(rows(his).filter(has_text=HIDDEN).first).to_be_visible()
    his.goto(f"{product.address}/segment?segment=walk-e-top")
    expect(his.get_by_text(re.compile("are in Trials of the month"))).to_be_visible(timeout=20_000)
    page.goto(f"{product.address}/segment?segment=walk-e-top")
    choose_more(page, "Delete")
    page.get_by_role("dialog").get_by_role("button", name="Delete segment").click()
    heading(page, "Segments")
    product.command("segments", "delete", HIDDEN_KEY)
