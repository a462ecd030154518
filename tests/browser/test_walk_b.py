"""Walk B of the design: shoppers near Dublin who buy and read our mail, built by keyboard, held against the command line."""

import csv
import io
import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Product
from tests.browser.walking import builder, expect_people, people_shown, save_as

pytestmark = pytest.mark.browser

BOUGHT = {"event": "Purchase", "operator": "gte", "value": 1, "within": {"last": {"days": 30}}}
CLICKED = {"event": "email_clicked", "operator": "gte", "value": 1, "within": {"last": {"days": 90}}}
LARGE = {"all": [{"attribute": "amount", "operator": "gte", "value": 25}]}
HIGH: dict[str, Any] = {
    "any": [
        {"event": "Purchase", "operator": "gte", "value": 4, "within": {"last": {"days": 365}}},
        {"event": "Purchase", "measure": "sum", "of": "amount", "operator": "gt", "value": 300},
    ]
}


class Keys:
    """The builder on a page of the product, by keyboard alone."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.card = page.get_by_role("region", name="Filter")
        self.press = page.keyboard.press

    def type(self, text: str) -> None:
        """Letters, and a moment for what answers them."""
        self.page.keyboard.type(text)
        self.page.wait_for_timeout(250)

    def choose(self, text: str) -> None:
        """Open the list of the token in focus, type, take what answers."""
        self.press("Enter")
        self.type(text)
        self.press("Enter")
        self.page.wait_for_timeout(100)

    def focus(self) -> str:
        """The accessible name of what has the focus."""
        script = """() => {
            let held = document.activeElement;
            while (held && held.shadowRoot) held = held.shadowRoot.activeElement;
            return held ? held.getAttribute("aria-label") || held.textContent : "";
        }"""
        return str(self.page.evaluate(script))

    def go(self, name: str, back: bool = False) -> None:
        """Tab to what has a name that begins so."""
        for _ in range(60):
            if self.focus().startswith(name):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{name} is not reached; the focus is on {self.focus()}")

    def add(self, name: str, where: str = "+ Condition") -> None:
        """+ Condition, Enter, the name, Enter."""
        self.card.get_by_role("button", name=where, exact=True).focus()
        self.choose(name)

    def in_the_last(self, event: str, days: int) -> None:
        """The time of an event."""
        self.go(f"Time of {event}")
        self.press("Enter")
        self.press("ArrowDown")
        self.press("Enter")
        self.type(str(days))


def test_walk_b_local_shoppers_who_read_our_mail(product: Product, page: Page) -> None:
    page.goto(f"{product.address}/people")
    builder(page)
    keys = Keys(page)

    # 1: within 25 km of Dublin, bought lately, clicked in a mail.
    keys.add("location")
    keys.type("25")
    keys.press("Tab")
    keys.choose("Dublin")
    assert keys.focus() == "Place for Location: Dublin"
    told = page.request.get(f"{product.address}/values?entity=person&attribute=location&q=dublin").text()
    middle = re.search(r'"latitude":(-?[\d.]+),"longitude":(-?[\d.]+)', told)
    assert middle
    place = {"latitude": float(middle[1]), "longitude": float(middle[2]), "km": 25}
    near = {"attribute": "location", "operator": "within_km", "value": place}
    expect_people(page, product.count(near))
    keys.add("purchase")
    keys.in_the_last("Purchase", 30)
    expect_people(page, product.count(near, BOUGHT))
    keys.add("e-mail clicked")
    keys.in_the_last("E-mail clicked", 90)
    kept = product.count(near, BOUGHT, CLICKED)
    assert kept > 0
    expect_people(page, kept)

    # 2: each line says how many are left, and Undo and Redo bring the same numbers back.
    lines = keys.card.locator(".rows > .row .count, .rows > .holder > .row .count")
    left = [product.count(near), product.count(near, BOUGHT), kept]
    expect(lines).to_have_text([f"{number:,}" for number in left])
    keys.go("More for Purchase", back=True)
    keys.press("Alt+Backspace")
    expect_people(page, product.count(near, CLICKED))
    keys.press("Control+z")
    expect_people(page, kept)
    expect(lines).to_have_text([f"{number:,}" for number in left])
    keys.press("Control+Shift+z")
    expect_people(page, product.count(near, CLICKED))
    keys.press("Control+z")
    expect_people(page, kept)

    # 3: only purchases of at least 25.
    keys.card.get_by_role("button", name="+ where for Purchase").focus()
    keys.choose("amount")
    keys.type("25")
    large = {**BOUGHT, "where": LARGE}
    kept = product.count(near, large, CLICKED)
    assert kept > 0
    expect_people(page, kept)

    # 4: the first person's drawer has the reasons.
    page.locator("tbody tr").first.get_by_role("button").first.click()
    drawer = page.get_by_role("dialog")
    expect(drawer.get_by_text(re.compile(r"km")).first).to_be_visible()
    expect(drawer.get_by_text(re.compile("Purchase")).first).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()

    # 5, 6: saved, and the export has exactly these people, their id first.
    save_as(page, "VIP local shoppers")
    expect_people(page, kept)
    answer = page.request.get(f"{product.address}/export?segment=vip-local-shoppers")
    rows = list(csv.reader(io.StringIO(answer.body().decode("utf-8-sig"))))
    assert (rows[0][0], len(rows) - 1) in {("external_id", kept), ("ID", kept)}


def test_walk_b_high_value_customers_and_who_is_in_both(product: Product, page: Page) -> None:
    # 7: bought often, or for much.
    page.goto(f"{product.address}/people")
    builder(page)
    keys = Keys(page)
    keys.card.get_by_role("button", name="+ Group", exact=True).focus()
    keys.press("Enter")
    inside = "+ Condition to the group, any of these"
    assert keys.focus() == inside
    keys.choose("purchase")
    keys.type("4")
    keys.in_the_last("Purchase", 365)
    keys.add("purchase", inside)
    keys.go("Measure of Purchase")
    keys.choose("in total")
    keys.go("Operator for Purchase")
    keys.choose("is more than")
    keys.card.get_by_label("Number for Purchase").last.focus()
    keys.press("Control+a")
    keys.type("300")
    high = product.count(HIGH)
    assert high > 0
    expect_people(page, high)
    save_as(page, "Bought often or for much")
    expect_people(page, high)

    # Those in both, as a third segment.
    active = product.count(HIGH, {"segment": "active", "operator": "in"})
    keys.add("active")
    expect_people(page, active)
    assert 0 < active < high
    assert people_shown(page) == active
