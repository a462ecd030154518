"""Drives the running product in a browser and writes the screenshots of README and docs, so that anyone can see what a change did.

`make pictures` starts the product on a fresh demo workspace, which is the same at any time but for its dates. Arguments
name the pictures to make: `python docs/pictures.py people segment`. In each the page is wholly drawn, and nothing moves.
"""

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
IMAGES = ROOT / "docs" / "images"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = ["--no-sandbox", "--disable-gpu", "--font-render-hinting=none"]

# The filter of the example in the design: brackets, a missing value, a segment.
NON_US = {
    "all": [
        {"attribute": "country", "operator": "is_not", "value": "United States"},
        {
            "any": [
                {"attribute": "plan", "operator": "is_any_of", "value": ["Pro", "Business"]},
                {"attribute": "uploaded_photos", "operator": "gt", "value": 80},
            ]
        },
        {"segment": "slipping-away", "operator": "not_in"},
    ]
}
IRISH = {
    "all": [
        {"attribute": "country", "operator": "is", "value": "Ireland"},
        {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 7}},
    ]
}

# As in the demo, but for fewer photos: what the log tells of a change.
HOT = {
    "all": [
        {"attribute": "plan", "operator": "is", "value": "Starter"},
        {"attribute": "uploaded_photos", "operator": "gt", "value": 60},
        {"segment": "active", "operator": "in"},
    ]
}


@dataclass(frozen=True)
class Picture:
    """One file: where it looks, how wide, in which colours, and what is done before it is taken."""

    name: str
    address: str
    width: int = 1440
    height: int = 900
    scheme: str = "light"
    act: Callable[[Page], None] = lambda page: None
    signed_in: bool = True


def open_first_person(page: Page) -> None:
    page.locator("table tbody button, [data-action=open]").first.click()
    page.get_by_role("dialog").wait_for()


def open_save(page: Page) -> None:
    page.get_by_role("button", name="Save as segment").first.click()
    page.get_by_role("dialog").wait_for()


def open_picker(page: Page) -> None:
    page.get_by_role("button", name="Condition").last.click()
    page.get_by_role("listbox").first.wait_for()


def pictures(filtered: str, irish: str, busy: str) -> list[Picture]:
    """All of them; the arguments are the ids of two drafts and of a person."""
    people, small, person = f"/people?draft={filtered}", f"/people?draft={irish}", f"/person?person={busy}"
    segment = "/segment?segment=champions"
    return [
        Picture("segments", "/"),
        Picture("segments-dark", "/", scheme="dark"),
        Picture("segments-1024", "/", 1024, 800),
        Picture("segments-390", "/", 390, 844),
        Picture("people", people, height=960),
        Picture("people-dark", people, height=960, scheme="dark", act=open_picker),
        Picture("people-1024", people, 1024, 900),
        Picture("people-390", people, 390, 844),
        Picture("people-390-dark", people, 390, 844, "dark"),
        Picture("person-drawer", people, height=960, act=open_first_person),
        Picture("save", small, act=open_save),
        Picture("segment", segment),
        Picture("segment-dark", segment, scheme="dark"),
        Picture("segment-1024", segment, 1024, 800),
        Picture("segment-390", segment, 390, 844),
        Picture("person", person),
        Picture("person-390", person, 390, 844),
        Picture("data", "/data"),
        Picture("data-dark", "/data", scheme="dark"),
        Picture("data-1024", "/data", 1024, 800),
        Picture("data-390", "/data", 390, 844),
        Picture("data-imports", "/data?view=imports"),
        Picture("settings", "/settings", height=640),
        Picture("settings-dark", "/settings?view=workspace", scheme="dark"),
        Picture("settings-390", "/settings", 390, 844),
        Picture("settings-log", "/settings?view=log", height=640),
        Picture("sign-in", "/people", 1024, 640, signed_in=False),
    ]


@contextmanager
def product(folder: Path) -> Iterator[str]:
    """The product on a new database with the demo, until the block ends; its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**os.environ, "SEGCORE_DATA": str(folder), "SEGCORE_PORT": str(port), "SEGCORE_DEMO": "yes"}
    environment.pop("SEGCORE_DATABASE_URL", None)
    server = subprocess.Popen(
        [sys.executable, "-m", "segcore", "serve"], cwd=ROOT, env=environment, stdout=subprocess.DEVNULL
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 30
        while True:
            try:
                urllib.request.urlopen(f"{address}/healthz", timeout=5).close()
                break
            except OSError:
                if server.poll() is not None or time.monotonic() > until:
                    sys.exit("The product does not start.")
                time.sleep(0.1)
        yield address
    finally:
        server.terminate()
        server.wait(10)


def prepare(folder: Path) -> tuple[str, str, str]:
    """Two unsaved filters in the running workspace, and somebody who does a lot, by their ids; and agents who do not see all."""
    from segcore import bootstrap
    from segcore.model import LOCAL_OWNER
    from segcore.settings import Settings

    now = bootstrap.clock()
    services = bootstrap.start(Settings(database_url=f"sqlite:///{folder / 'segcore.db'}", data=folder / "drafts"))
    first, second = (services.drafts.keep(LOCAL_OWNER, rule, now=now).id for rule in (NON_US, IRISH))
    keen = {"all": [{"segment": "advocates", "operator": "in"}, {"segment": "high-value-customers", "operator": "in"}]}
    nora = services.agents.add(LOCAL_OWNER, name="Nora", email="nora@example.com", role="admin", now=now)
    services.sessions.set_password(LOCAL_OWNER, nora.id, secrets.token_urlsafe(24), now=now)
    for name, role in (("Omar", "editor"), ("Vic", "viewer")):
        agent = services.agents.add(nora, name=name, email=f"{name.lower()}@example.com", role=role, now=now)
        services.sessions.set_password(nora, agent.id, secrets.token_urlsafe(24), now=now)
    services.agents.add(nora, name="Petra", email="petra@example.com", role="editor", now=now)
    services.segments.set_visibility(nora, "trial-users", hidden_from=("Omar", "Vic"), now=now)
    services.segments.set_visibility(nora, "hot-prospects", hidden_from=("Omar",), now=now)
    services.segments.change(nora, "hot-prospects", expected_version=1, document=HOT, now=now)
    page = services.filters.page(LOCAL_OWNER, keen, now=now, sort="last_seen_at", limit=1)
    services.presence.close()
    services.database.close()
    return first, second, page.frame.item(0, "external_id")


def signed_in(folder: Path, address: str) -> dict[str, str]:
    """The cookie of an admin."""
    from segcore.door import COOKIE
    from tests import signing_in

    # Without a password the card says that nobody can sign in; and a new one ends the sessions of before.
    signing_in.set_password_in_folder(folder, "Nora", secrets.token_urlsafe(16))
    token = signing_in.token_of_folder(folder, name="Nora")
    return {"name": COOKIE, "value": token, "url": address}


def settle(page: Page) -> None:
    """Wait until the script has run, fonts are there and nothing is being drawn any more."""
    page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=30_000)
    page.locator("h1").first.wait_for(timeout=30_000)
    page.evaluate("document.fonts.ready")
    page.wait_for_function(
        """() => {
            const seen = document.body.innerHTML.length + [...document.querySelectorAll('*')]
                .reduce((sum, node) => sum + (node.shadowRoot ? node.shadowRoot.innerHTML.length : 0), 0);
            const still = window.__seen === seen; window.__seen = seen; return still;
        }""",
        polling=400,
        timeout=30_000,
    )


def take(browser: Browser, address: str, picture: Picture, cookie: dict[str, str]) -> None:
    """Make one picture."""
    context = browser.new_context(
        viewport={"width": picture.width, "height": picture.height},
        color_scheme="dark" if picture.scheme == "dark" else "light",
        reduced_motion="reduce",
        locale="en-IE",
        timezone_id="UTC",
    )
    if picture.signed_in:
        context.add_cookies([cookie])
    page = context.new_page()
    page.goto(address + picture.address)
    settle(page)
    picture.act(page)
    settle(page)
    page.screenshot(path=IMAGES / f"{picture.name}.png", animations="disabled", caret="hide")
    context.close()


def main(names: list[str]) -> None:
    """Make them all, or those named."""
    sys.path.insert(0, str(ROOT))
    IMAGES.mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix="segcore-pictures-"))
    failed = []
    try:
        with product(folder) as address, sync_playwright() as playwright:
            found = next((path for name in BROWSERS if (path := shutil.which(name))), None)
            browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
            ids = prepare(folder)
            cookie = signed_in(folder, address)
            for picture in pictures(*ids):
                if names and picture.name not in names:
                    continue
                try:
                    take(browser, address, picture, cookie)
                    sys.stdout.write(f"docs/images/{picture.name}.png\n")
                except Exception as error:  # noqa: BLE001 (the others are still worth making)
                    failed.append(f"{picture.name}: {str(error).splitlines()[0]}")
            browser.close()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    if failed:
        sys.exit("Not made:\n" + "\n".join(failed))


if __name__ == "__main__":
    main(sys.argv[1:])
