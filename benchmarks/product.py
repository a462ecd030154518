"""The product itself over a million people: imported by the command line, served, and looked at in a browser.

    python -m benchmarks.product [--rows 1000000] [--keep FOLDER]

Prints how long the import, the start of the server, the opening of the People page and an edit of its filter take. An
edit is timed from the key press to the new count on screen, the builder's waiting for more keys (250 ms) included.
"""

import argparse
import os
import re
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from benchmarks.imports import make
from segcore.door import COOKIE
from tests import signing_in

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("text_0=email", "instant_6=last_seen_at", "instant_16=signed_up_at", "country_1=country", "whole_2=photos")


def main() -> None:
    """Import, serve, look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--keep", type=Path)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"people-{chosen.rows}x{chosen.columns}.csv"
        if not path.exists():
            make(path, chosen.rows, chosen.columns)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        environment = {**os.environ, "SEGCORE_DATA": made, "SEGCORE_PORT": str(port), "SEGCORE_DATABASE_URL": ""}
        command = [sys.executable, "-m", "segcore"]
        began = time.perf_counter()
        names = [part for name in NAMES for part in ("--name", name)]
        told = subprocess.run(
            [*command, "import", "people", str(path), "--id", "customer_id", *names],
            env=environment,
            cwd=ROOT,
            check=True,
            capture_output=True,
            text=True,
        )
        print(f"import by the command line {time.perf_counter() - began:6.1f} s: {' '.join(told.stdout.split())}")
        for start in ("first start, from SQL", "next start, from the copy on disk"):
            serve(command, environment, port, start, chosen.rows)


def serve(command: list[str], environment: dict[str, str], port: int, start: str, rows: int) -> None:
    """Start the server, time it and what is done in the browser, stop it."""
    began = time.perf_counter()
    server = subprocess.Popen([*command, "serve"], env=environment, cwd=ROOT, stdout=subprocess.DEVNULL)
    try:
        while not answers(f"http://127.0.0.1:{port}/healthz"):
            time.sleep(0.05)
        print(f"{start}: /healthz after {time.perf_counter() - began:.1f} s")
        with sync_playwright() as playwright:
            found = next((p for name in ("chromium", "google-chrome") if (p := shutil.which(name))), None)
            browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
            token = signing_in.token_of_folder(Path(environment["SEGCORE_DATA"]))
            cookie = {"name": COOKIE, "value": token, "url": f"http://127.0.0.1:{port}"}
            opened = []
            for _ in range(4):
                context = browser.new_context(viewport={"width": 1440, "height": 900})
                context.add_cookies([cookie])
                page = context.new_page()
                began = time.perf_counter()
                page.goto(f"http://127.0.0.1:{port}/people")
                page.locator("tbody tr").first.wait_for(timeout=60_000)
                opened.append(time.perf_counter() - began)
            print(f"  People opens: first {opened[0]:.2f} s, then median {statistics.median(opened[1:]):.2f} s")
            print(f"  an edit shows: {edits(page, rows)}")
            browser.close()
        print(f"  memory of the server: {resident(server.pid):,.0f} MB")
    finally:
        server.terminate()
        server.wait(timeout=60)


def edits(page: Page, rows: int) -> str:
    """Build "country is Ireland and photos more than n", then change n ten times."""
    for words in (("country", "", "Ireland"), ("photos", "5")):
        page.get_by_role("button", name="Condition").last.focus()
        page.keyboard.press("Enter")
        for word in words:
            page.keyboard.type(word)
            page.wait_for_timeout(600)
            page.keyboard.press("Enter")
            page.wait_for_timeout(600)
    field = page.locator("input:focus")
    shown = count(page)
    assert 0 < shown < rows
    taken = []
    for value in range(1, 11):
        field.fill("")
        page.wait_for_timeout(900)
        before = count(page)
        began = time.perf_counter()
        field.press_sequentially(str(value * 9))
        while count(page) == before:
            page.wait_for_timeout(5)
        taken.append(time.perf_counter() - began)
        page.wait_for_timeout(500)
    return f"median {statistics.median(taken):.2f} s, slowest {max(taken):.2f} s"


def count(page: Page) -> int:
    """The number of the result bar."""
    found = re.search(r"[\d,]+", page.locator(".result").inner_text())
    return int(found[0].replace(",", "")) if found else -1


def answers(url: str) -> bool:
    """Whether the server is there."""
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def resident(pid: int) -> float:
    """Memory of a process and those it started, in megabytes."""
    children = [int(child.name) for child in Path("/proc").iterdir() if child.name.isdigit() and parent(child) == pid]
    total = 0.0
    for one in (pid, *children):
        for line in (Path("/proc") / str(one) / "status").read_text().splitlines():
            if line.startswith("VmRSS"):
                total += int(line.split()[1]) / 1024
    return total


def parent(process: Path) -> int:
    """The process that started this one."""
    try:
        return int((process / "stat").read_text().rsplit(")", 1)[1].split()[1])
    except OSError:
        return -1


if __name__ == "__main__":
    main()
