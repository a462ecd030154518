"""Back, and a copied link: the filter is where it was left."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product
from tests.browser.walking import builder, condition, expect_people

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
