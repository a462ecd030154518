"""A real browser and real servers for the tests that look at pages as people do.

`page` is a fresh page; `open_page(...)` makes one of another width, colour scheme or locale; `serve(script, …)`
runs a Streamlit script (or an `st.App`) on a free port until the session ends.
"""

import json
import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from segcore.door import COOKIE
from tests import signing_in

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def chromium() -> str | None:
    """The browser that is installed, if any; Playwright's own is the other choice."""
    return next((path for name in NAMES if (path := shutil.which(name))), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for the whole session. Without one the test is skipped, and under CI it fails."""
    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
        found = chromium() or (own if os.path.exists(own) else None)
        if found is None:
            message = "No Chromium was found: install chromium or google-chrome."
            if os.environ.get("CI"):
                pytest.fail(message)
            pytest.skip(message)
        launched = playwright.chromium.launch(executable_path=found, args=FLAGS)
        yield launched
        launched.close()


@pytest.fixture(scope="session")
def cookies() -> list[Any]:
    """What every fresh page brings; the product puts the cookie of an admin's session here once it runs."""
    return []


@pytest.fixture
def open_page(browser: Browser, cookies: list[Any]) -> Iterator[Callable[..., Page]]:
    """Opens pages in contexts of their own: `open_page(width=390, scheme="dark", **more)`; signed in, unless told otherwise."""
    contexts = []

    def make(
        *, width: int = 1440, height: int = 900, scheme: str = "light", signed_in: bool = True, **more: Any
    ) -> Page:
        more.setdefault("reduced_motion", "reduce")
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **more)
        if signed_in:
            context.add_cookies(cookies)
        contexts.append(context)
        return context.new_page()

    yield make
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: Callable[..., Page]) -> Page:
    """A fresh page, 1440 wide and light."""
    return open_page()


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def answers(url: str) -> bool:
    """Whether something says 200 there."""
    try:
        with urllib.request.urlopen(url, timeout=1) as response:
            return bool(response.status == 200)
    except OSError:
        return False


@pytest.fixture(scope="session")
def serve() -> Iterator[Callable[..., str]]:
    """Starts servers: `serve(script, environment={…})` gives the address once `/_stcore/health` answers."""
    running: list[subprocess.Popen[bytes]] = []

    def start(script: Path, *, environment: dict[str, str] | None = None, within: float = 40) -> str:
        port = free_port()
        command = [sys.executable, "-m", "streamlit", "run", str(script), f"--server.port={port}"]
        process = subprocess.Popen(
            [*command, "--server.address=127.0.0.1", "--server.headless=true", "--server.fileWatcherType=none"],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **(environment or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
        )
        running.append(process)
        address = f"http://127.0.0.1:{port}"
        deadline = time.monotonic() + within
        while not answers(f"{address}/_stcore/health"):
            if process.poll() is not None or time.monotonic() > deadline:
                pytest.fail(f"{script.name} did not start")
            time.sleep(0.1)
        return address

    yield start
    for process in running:
        process.terminate()
    for process in running:
        process.wait(timeout=10)


@dataclass(frozen=True)
class Product:
    """The whole product over a demo workspace of its own: where it answers, and the folder of its database."""

    address: str
    folder: Path

    def command(self, *arguments: str, given: str = "") -> str:
        """What the command line says over the same workspace."""
        database = f"sqlite:///{self.folder / 'segcore.db'}"
        command = [sys.executable, "-m", "segcore", "--database", database, *arguments]
        return subprocess.run(command, input=given, capture_output=True, text=True, check=True, cwd=ROOT).stdout

    def count(self, *rules: dict[str, Any]) -> int:
        """How many people match all of these, by the command line."""
        told = json.loads(self.command("count", "-", "--json", given=json.dumps({"all": list(rules)})))
        return int(told["count"])


@pytest.fixture(scope="session")
def product(serve: Callable[..., str], tmp_path_factory: pytest.TempPathFactory, cookies: list[Any]) -> Product:
    """One server for all tests that walk through the product, as Ann, an admin; each makes segments of names of its own."""
    folder = tmp_path_factory.mktemp("product")
    address = serve(ROOT / "app.py", environment={"SEGCORE_DATA": str(folder), "SEGCORE_DATABASE_URL": ""})
    cookies.append({"name": COOKIE, "value": signing_in.token_of_folder(folder), "url": address})
    return Product(address, folder)
