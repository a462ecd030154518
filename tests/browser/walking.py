"""How the walks of the design are walked: by roles and words, as people find things."""

import re

from playwright.sync_api import Page, expect


def number(text: str) -> int:
    """The first number of a text."""
    found = re.search(r"[\d,]+", text)
    assert found, text
    return int(found[0].replace(",", ""))


def builder(page: Page) -> Page:
    """Wait until the filter builder is there."""
    page.get_by_role("region", name="Filter").wait_for(timeout=20_000)
    return page


def people_shown(page: Page) -> int:
    """The big number of the result bar."""
    return number(page.locator(".result").inner_text())


def expect_people(page: Page, amount: int) -> None:
    """Wait until the result bar has this number."""
    # In a list: while one page gives way to the next both are there, and that is waited out too.
    text = re.compile(rf"^\s*{amount:,}\s+(people|person)")
    expect(page.locator(".result")).to_contain_text([text], timeout=15_000)


def condition(page: Page, *words: str) -> None:
    """Add a condition by keyboard: each word is typed where the focus is, and chosen with Enter."""
    page.get_by_role("button", name="Condition", exact=False).last.focus()
    page.keyboard.press("Enter")
    say(page, *words)


def say(page: Page, *words: str) -> None:
    """What is to be said to the list that is open, and to those that open after it."""
    for word in words:
        page.keyboard.type(word)
        page.wait_for_timeout(200)
        page.keyboard.press("Enter")
        page.wait_for_timeout(150)


def save_as(page: Page, name: str) -> None:
    """Save the filter on screen under a name, and wait until it says so."""
    page.get_by_role("button", name=re.compile("^Save as (new )?segment$")).click()
    drawer = page.get_by_role("dialog")
    drawer.get_by_label("Name", exact=True).fill(name)
    drawer.get_by_role("button", name="Save segment").click()
    saved = page.get_by_text(re.compile(rf"Saved {re.escape(name)}: [\d,]+ (people|person)"))
    expect(saved).to_be_visible(timeout=15_000)


def choose_more(page: Page, what: str) -> None:
    """Something of the More menu of a segment's page."""
    page.get_by_role("button", name="More", exact=True).click()
    page.get_by_text(what, exact=True).first.click()
