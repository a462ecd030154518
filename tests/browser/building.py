"""The filter builder on a page, driven by keyboard as people drive it."""

import json
import time
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page

SCRIPT = Path(__file__).parent / "harness" / "rule_builder.py"


class Builder:
    """The builder on a page, driven as people drive it."""

    def __init__(self, page: Page, address: str) -> None:
        self.page = page
        self.address = address
        self.keyboard = page.keyboard
        self.card = page.get_by_role("region", name="Filter")
        self.popover = page.locator(".pop")

    def open(self, show: str = "empty", **more: str) -> "Builder":
        """Load one of the harness's filters."""
        query = "&".join([f"show={show}", *(f"{name}={value}" for name, value in more.items())])
        self.page.goto(f"{self.address}/?{query}")
        self.card.wait_for()
        self.page.locator(".st-key-sent").wait_for()
        return self

    def press(self, *keys: str) -> None:
        """One key after the other."""
        for key in keys:
            self.keyboard.press(key)

    def type(self, text: str) -> None:
        """Letters, one by one."""
        self.keyboard.type(text)

    def told(self) -> dict[str, Any]:
        """What the server has last."""
        return dict(json.loads(self.page.locator(".st-key-sent").inner_text()))

    def rule(self, expected: Any, unfinished: int = 0) -> None:
        """Wait until the server has this rule."""
        deadline = time.monotonic() + 20
        while True:
            told = self.told()
            if (told["rule"], told["unfinished"]) == (expected, unfinished):
                return
            shown = "" if time.monotonic() < deadline else self.card.locator(".body").inner_text()
            assert time.monotonic() < deadline, (told, shown, self.focus())
            self.page.wait_for_timeout(15)

    def focus(self) -> str:
        """The accessible name of what has the focus in the builder."""
        script = """() => {
            const host = document.querySelector("[data-testid=stBidiComponentIsolated]");
            const held = host.shadowRoot.activeElement;
            return held ? held.getAttribute("aria-label") || held.textContent : "";
        }"""
        return str(self.page.evaluate(script))

    def add(self, name: str) -> None:
        """+ Condition, Enter, the name, Enter."""
        self.card.get_by_role("button", name="+ Condition", exact=True).focus()
        self.press("Enter")
        self.type(name)
        self.press("Enter")

    def operate(self, attribute: str, label: str) -> None:
        """Choose an operator from the token that has it; the focus goes on to the value."""
        while not self.focus().startswith(f"Operator for {attribute}"):
            self.press("Shift+Tab")
        self.press("Enter")
        self.type(label)
        self.press("Enter")

    def go(self, name: str, back: bool = False) -> None:
        """Tab, or Shift+Tab, to what has a name that begins so."""
        for _ in range(60):
            if self.focus().startswith(name):
                return
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"{name} is not reached; the focus is on {self.focus()}")

    def choose(self, text: str) -> None:
        """Open the list of the token in focus, type, and take what answers."""
        self.press("Enter")
        self.type(text)
        self.press("Enter")

    def button(self, name: str, exact: bool = False) -> Locator:
        """A button of the card by its name."""
        return self.card.get_by_role("button", name=name, exact=exact)
