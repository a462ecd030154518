"""The filter builder in a browser on the demo data: from the draft being sent to the new count on screen.

    python -m benchmarks.builder [--edits 40]

The moment of sending is when the page writes the draft to its connection, so the builder's waiting for more keys is
not counted; the moment of the answer is when the result bar shows another number. Prints both with and without it.
"""

import argparse
import math
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, sync_playwright

from segcore.door import COOKIE
from tests import signing_in

ROOT = Path(__file__).resolve().parent.parent
# Notes when a message leaves for the server, and when the number of the result bar changes.
WATCH = """
window.sent = []; window.shownAt = 0;
const send = WebSocket.prototype.send;
WebSocket.prototype.send = function (data) { window.sent.push(performance.now()); return send.call(this, data); };
const text = () => [...document.querySelectorAll("[data-testid=stBidiComponentIsolated]")]
  .map((host) => host.shadowRoot?.querySelector(".result")?.textContent.match(/[\\d,]+/)?.[0] ?? "").join("");
let last = "";
const look = () => {
  const now = text();
  if (now && now !== last) { last = now; window.shownAt = performance.now(); }
  requestAnimationFrame(look);
};
requestAnimationFrame(look);
"""


def main() -> None:
    """Serve the demo, edit, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--edits", type=int, default=40)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
        probe.close()
        environment = {**os.environ, "SEGCORE_DATA": folder, "SEGCORE_PORT": str(port), "SEGCORE_DATABASE_URL": ""}
        server = subprocess.Popen(
            [sys.executable, "-m", "segcore", "serve"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/healthz")
            with sync_playwright() as playwright:
                found = next((p for name in ("chromium", "google-chrome") if (p := shutil.which(name))), None)
                browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                token = signing_in.token_of_folder(Path(folder))
                context.add_cookies([{"name": COOKIE, "value": token, "url": f"http://127.0.0.1:{port}"}])
                page = context.new_page()
                page.add_init_script(WATCH)
                page.goto(f"http://127.0.0.1:{port}/people")
                page.locator("tbody tr").first.wait_for(timeout=120_000)
                report(edits(page, chosen.edits))
                browser.close()
        finally:
            server.terminate()
            server.wait(timeout=60)


def edits(page: Page, wanted: int) -> list[tuple[float, float]]:
    """Purchases in so many days of at least so much: the two numbers changed in turn. Seconds from the key and from sending."""
    keys = page.keyboard
    page.get_by_role("button", name="+ Condition", exact=True).focus()
    for text in ("plan", "", "Pro"):
        enter(page, text)
    page.get_by_role("button", name="+ Condition", exact=True).focus()
    enter(page, "purchase")
    page.get_by_role("button", name="Time of Purchase").focus()
    for key in ("Enter", "ArrowDown", "Enter"):
        keys.press(key)
    keys.type("30")
    page.get_by_role("button", name="+ where for Purchase").focus()
    enter(page, "amount")
    keys.type("10")
    page.wait_for_timeout(1500)
    days, amount = page.get_by_label("Amount of days for the time of Purchase"), page.get_by_label("Number for Amount")
    taken: list[tuple[float, float]] = []
    at = 0
    while len(taken) < wanted and at < 4 * wanted:
        field, number = (days, 20 + 7 * at) if at % 2 else (amount, 12 + at)
        at += 1
        field.focus()
        keys.press("Control+a")
        page.wait_for_timeout(700)
        pressed: float = page.evaluate("(window.sent = [], performance.now())")
        keys.type(str(max(1, number)))
        told = settled(page, pressed)
        if told is not None:
            taken.append(((told[1] - pressed) / 1000, (told[1] - told[0]) / 1000))
    return taken


def settled(page: Page, pressed: float) -> list[float] | None:
    """When it was sent and when another number was there; None where the number stayed as it was."""
    deadline = time.monotonic() + 2
    while time.monotonic() < deadline:
        told: list[float] = page.evaluate("[window.sent[0] ?? Infinity, window.shownAt]")
        if told[1] > max(pressed, told[0]):
            return told
        page.wait_for_timeout(10)
    return None


def enter(page: Page, text: str) -> None:
    """Open, type, take."""
    page.keyboard.press("Enter")
    page.keyboard.type(text)
    page.wait_for_timeout(500)
    page.keyboard.press("Enter")
    page.wait_for_timeout(500)


def report(taken: list[tuple[float, float]]) -> None:
    """Medians and 95th percentiles."""
    for what, times in (("sent → shown", [t[1] for t in taken]), ("key → shown", [t[0] for t in taken])):
        ordered = sorted(times)
        late = ordered[min(len(ordered) - 1, math.ceil(0.95 * len(ordered)) - 1)]
        print(
            f"{what:13} {len(times)} edits: median {statistics.median(times):.3f} s, p95 {late:.3f} s, slowest {ordered[-1]:.3f} s"
        )


def wait_for(address: str) -> Any:
    """Until it answers."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=2) as response:
                return response.status
        except OSError:
            time.sleep(0.2)
    raise SystemExit("The server did not start.")


if __name__ == "__main__":
    main()
