"""The walks of the design, step by step, each with its numbers held against the command line."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product
from tests.browser.walking import builder, choose_more, condition, expect_people, people_shown, save_as

pytestmark = pytest.mark.browser

NOT_US = {"attribute": "country", "operator": "is_not", "value": "United States"}
US = {"attribute": "country", "operator": "is", "value": "United States"}
UNKNOWN = {"attribute": "country", "operator": "is_unknown"}
REGISTERED = {"attribute": "primary_role", "operator": "is", "value": "Registered user"}


def test_walk_c_people_outside_the_united_states(product: Product, page: Page) -> None:
    page.goto(f"{product.address}/people")
    builder(page)
    everyone, americans, unknown = product.count(), product.count(US), product.count(UNKNOWN)
    assert min(americans, unknown) > 0

    # 1, 2: "is not" keeps those without a country, and says how many they are.
    condition(page, "country")
    page.get_by_role("button", name=re.compile("^Operator")).first.click()
    page.keyboard.type("is not")
    page.keyboard.press("Enter")
    page.wait_for_timeout(200)
    page.keyboard.press("Enter")
    page.keyboard.type("United States")
    page.wait_for_timeout(300)
    page.keyboard.press("Enter")
    expect_people(page, everyone - americans)
    expect(page.get_by_text(f"Including {unknown:,} with no country", exact=True)).to_be_visible()

    # 3: the switch takes exactly those out, and the sentence says so.
    page.get_by_role("switch").click()
    expect_people(page, everyone - americans - unknown)
    page.get_by_role("button", name="Fold to a sentence").click()
    expect(page.get_by_text(f"(leaving out {unknown:,} with no country)")).to_be_visible()
    page.get_by_role("button", name="Show the conditions").click()

    # 4: and a role.
    condition(page, "primary role", "", "Registered user")
    kept = product.count({**NOT_US, "include_missing": False}, REGISTERED)
    assert kept > 0
    expect_people(page, kept)

    # 5: saved, found again with its sentence.
    save_as(page, "Non-US registered")
    page.goto(f"{product.address}/segment?segment=non-us-registered")
    expect_people(page, kept)


def test_walk_d_duplicate_and_change(product: Product, page: Page) -> None:
    # 1: the copy has the same count and folder, and nothing uses it.
    page.goto(f"{product.address}/segment?segment=trial-users")
    page.locator(".result").wait_for()
    members = people_shown(page)
    choose_more(page, "Duplicate")
    expect(page.get_by_role("heading", name="Trial users (copy)", level=1)).to_be_visible()
    expect_people(page, members)
    expect(page.get_by_role("link", name="Lifecycle")).to_be_visible()
    page.get_by_text("Used by", exact=True).click()
    expect(page.get_by_text("No other segment refers to this one")).to_be_visible()

    # 2: 14 days become 30.
    page.get_by_role("button", name="Edit filter").click()
    builder(page)
    days = page.get_by_label(re.compile("Amount of days", re.I))
    expect(days).to_have_value("14")
    days.fill("30")
    trial = {"attribute": "plan", "operator": "is", "value": "Free trial"}
    recent = {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 30}}
    expect_people(page, product.count(trial, recent))
    page.get_by_role("button", name="Save version 2").click()
    expect(page.get_by_text("Saved version 2 of Trial users (copy)")).to_be_visible()

    # What another segment refers to cannot be deleted, and the dialog names it.
    page.goto(f"{product.address}/segment?segment=active")
    page.locator(".result").wait_for()
    choose_more(page, "Delete")
    dialog = page.get_by_role("dialog")
    expect(dialog.get_by_text("Hot prospects")).to_be_visible()
    expect(dialog.get_by_role("button", name="Delete segment")).to_be_disabled()
