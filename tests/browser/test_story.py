"""The main job from end to end, on a cold server, as somebody in support does it."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product
from tests.browser.walking import builder, choose_more, condition, expect_people, people_shown

pytestmark = pytest.mark.browser


IRISH = {"attribute": "country", "operator": "is", "value": "Ireland"}


def signed_up(days: int) -> dict[str, Any]:
    """The second condition of the story."""
    return {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": days}}


def test_new_irish_users(product: Product, page: Page, open_page: Callable[..., Page]) -> None:
    address = product.address
    page.goto(f"{address}/people")
    builder(page)
    everyone = people_shown(page)
    assert everyone >= 5_000

    # Narrow the list; the count follows.
    condition(page, "country", "", "Ireland")
    irish = product.count(IRISH)
    assert 0 < irish < everyone
    expect_people(page, irish)
    condition(page, "signed", "7")
    found = product.count(IRISH, signed_up(7))
    assert 0 < found < irish
    expect_people(page, found)
    expect(page).to_have_url(re.compile(r"draft="))
    draft = page.url

    # Save it.
    page.get_by_role("button", name="Save as segment").click()
    drawer = page.get_by_role("dialog")
    expect(drawer).to_contain_text("People whose country is Ireland and who signed up less than 7 days ago.")
    drawer.get_by_label("Name", exact=True).fill("New Irish users")
    drawer.get_by_role("button", name="Save segment").click()
    expect(page.get_by_text(f"Saved New Irish users: {found:,} people")).to_be_visible()
    expect(page).to_have_url(re.compile(r"segment=new-irish-users"))

    # The overview has its count and its share of everyone.
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Segments").click()
    row = page.get_by_role("row").filter(has_text="New Irish users")
    expect(row).to_contain_text(f"{found:,}")
    expect(row).to_contain_text("%")

    # It opens by its address in a new tab, and the draft's link still works.
    tab = open_page()
    tab.goto(f"{address}/segment?segment=new-irish-users")
    expect(tab.get_by_role("heading", name="New Irish users", level=1)).to_be_visible()
    expect(tab).to_have_title("New Irish users · Segcore")
    expect_people(tab, found)
    tab.goto(draft)
    builder(tab)
    expect_people(tab, found)

    # Change the rule: 7 days become 70.
    tab.goto(f"{address}/segment?segment=new-irish-users")
    tab.get_by_role("button", name="Edit filter").click()
    builder(tab)
    days = tab.get_by_label(re.compile("Amount of days", re.I))
    days.fill("70")
    days.press("Tab")
    more = product.count(IRISH, signed_up(70))
    assert more > found
    expect_people(tab, more)
    tab.get_by_role("button", name="Save version 2").click()
    expect(tab.get_by_text("Saved version 2 of New Irish users")).to_be_visible()

    # The copy has the same count and goes again.
    tab.goto(f"{address}/segment?segment=new-irish-users")
    expect_people(tab, more)
    choose_more(tab, "Duplicate")
    expect(tab.get_by_role("heading", name="New Irish users (copy)", level=1)).to_be_visible()
    expect_people(tab, more)
    choose_more(tab, "Delete")
    tab.get_by_role("dialog").get_by_role("button", name="Delete segment").click()
    expect(tab.get_by_role("heading", name="Segments", level=1)).to_be_visible()
    expect(tab.get_by_role("row").filter(has_text="New Irish users (copy)")).to_have_count(0)
    expect(tab.get_by_role("row").filter(has_text="New Irish users")).to_have_count(1)


def test_who_is_imported_by_the_command_line_is_counted_at_the_next_action(
    product: Product, page: Page, tmp_path: Path
) -> None:
    address = product.address
    page.goto(f"{address}/people")
    builder(page)
    before = people_shown(page)
    file = tmp_path / "people.csv"
    file.write_text("id,name\nnewcomer-1,Ada Newcomer\nnewcomer-2,Bo Newcomer\n")
    product.command("import", "people", str(file), "--id", "id")
    page.get_by_role("searchbox").fill("newcomer")
    expect(page.get_by_role("button", name="Ada Newcomer")).to_be_visible()
    expect_people(page, before + 2)


def test_reload_back_and_a_second_tab_show_the_same_place(
    product: Product, page: Page, open_page: Callable[..., Page]
) -> None:
    address = product.address
    page.goto(f"{address}/people?segment=trial-users")
    builder(page)
    shown = page.locator(".result").inner_text().split()[0]
    page.reload()
    builder(page)
    expect(page.locator(".result")).to_contain_text(shown)
    page.get_by_test_id("stSidebarNavLink").filter(has_text="Segments").click()
    expect(page.get_by_role("heading", name="Segments", level=1)).to_be_visible()
    page.go_back()
    builder(page)
    expect(page.locator(".result")).to_contain_text(shown)
    tab = open_page()
    tab.goto(page.url)
    builder(tab)
    expect(tab.locator(".result")).to_contain_text(shown)
