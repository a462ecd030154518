"""Back, and a copied link: the filter is where it was left."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product
from tests.browser.walking import builder, condition, expect_people, say

pytestmark = pytest.mark.browser

TRIAL: dict[str, Any] = {"attribute": "plan", "operator": "is", "value": "Free trial"}


def test_back_from_a_profile_finds_the_filter_again(product: Product, page: Page) -> None:
    page.goto(f"{product.address}/people")
    builder(page)
    condition(page, "plan", "", "Free trial")
    found = product.count(TRIAL)
    expect_people(page, found)
    expect(page).to_have_url(re.compile(r"/people\?draft="))
    address = page.url
    page.locator("tbody .open").first.click()
    page.get_by_role("dialog").get_by_role("link", name="Open profile").click()
    expect(page).to_have_url(re.compile(r"/person\?person="))
    expect(page.get_by_role("heading", name="Attributes")).to_be_visible()
    page.go_back()
    expect(page).to_have_url(address)
    expect_people(page, found)
    expect(page.get_by_role("button", name="Value for Plan: Free trial")).to_be_visible()


def holder(page: Page) -> str:
    """The accessible name of what has the focus, in a component or out of one."""
    script = """() => {
        let held = document.activeElement;
        while (held && held.shadowRoot && held.shadowRoot.activeElement) held = held.shadowRoot.activeElement;
        return held === document.body ? "" : held.getAttribute("aria-label") || held.textContent;
    }"""
    return str(page.evaluate(script))


def closes(page: Page) -> None:
    """Esc, once the focus is in the drawer; until that is gone, and the focus has come to rest."""
    page.wait_for_function("() => document.activeElement.closest('[role=dialog]')")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.wait_for_timeout(700)


def test_a_drawer_gives_the_focus_back_to_what_opened_it(product: Product, page: Page) -> None:
    page.goto(f"{product.address}/people")
    builder(page)
    name = page.locator("tbody .open").nth(2)
    told = name.inner_text()
    name.focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Open profile")
    closes(page)
    assert holder(page) == told
    # By Tab, as people come there: from focus() alone Streamlit takes them for a screen reader.
    page.get_by_role("button", name="+ Group").focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("dialog")).to_contain_text("Save segment")
    closes(page)
    assert holder(page) == "+ Condition"
    page.goto(f"{product.address}/")
    page.get_by_role("button", name="More for Active").click()
    page.get_by_role("menuitem", name="Rename").click()
    expect(page.get_by_role("dialog")).to_be_visible()
    closes(page)
    assert holder(page) == "More for Active"


def test_a_new_segment_asks_for_its_first_condition_at_once_and_a_visit_does_not(product: Product, page: Page) -> None:
    picker = page.get_by_role("combobox", name="Add a condition")
    page.goto(product.address)
    page.get_by_role("button", name="New segment").click()
    expect(picker).to_be_focused()
    say(page, "plan", "", "Free trial")
    expect_people(page, product.count(TRIAL))
    page.get_by_role("link", name="Segments", exact=True).click()
    page.get_by_role("link", name="People", exact=True).click()
    builder(page)
    page.wait_for_timeout(700)
    expect(picker).to_have_count(0)
    page.get_by_role("link", name="Segments", exact=True).click()
    page.get_by_role("button", name="New segment").click()
    expect(picker).to_be_focused()
