"""What the process serves beside the pages: files to save and values to choose from, whatever is asked of it."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from segcore import api, bootstrap
from segcore.bootstrap import Services
from segcore.door import COOKIE, Door
from segcore.model import LOCAL_OWNER
from segcore.problems import SegcoreError
from segcore.settings import Settings
from segcore.store.database import Database
from tests import signing_in, workspace


@pytest.fixture
def services(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """A workspace with a few people behind the routes."""
    services = bootstrap.assemble(Settings(database_url="", data=tmp_path), sqlite_database, now=workspace.NOW)
    workspace.write(services.database)
    monkeypatch.setattr(bootstrap, "services", lambda: services)
    return services


@dataclass
class Answer:
    """What a route answered."""

    status: int = 0
    headers: dict[str, str] = field(default_factory=dict)
    body: bytes = b""

    @property
    def text(self) -> str:
        return self.body.decode()


Get = Callable[..., Answer]


@pytest.fixture
def get(services: Services) -> Get:
    """Asks as the browser of an admin who is signed in does; what the product does not answer rises."""
    app = Starlette(routes=api.routes(), middleware=[Middleware(Door)])
    signed_in = {"cookie": f"{COOKIE}={signing_in.token(services.database, services.settings)}"}

    def get(address: str, *, method: str = "GET", sent: str = "", **said: str) -> Answer:
        path, _, query = address.partition("?")
        head = {"host": "127.0.0.1:8501", **signed_in, **{name.replace("_", "-"): text for name, text in said.items()}}
        headers = [(name.encode(), text.encode("latin-1")) for name, text in head.items() if text]
        scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "headers": headers}
        answer = Answer()
        waiting = [{"type": "http.request", "body": sent.encode(), "more_body": False}] if method == "POST" else []

        async def receive() -> dict[str, Any]:
            if waiting:
                return waiting.pop()
            await asyncio.sleep(60)
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            if message["type"] == "http.response.start":
                answer.status = message["status"]
                answer.headers = {name.decode(): value.decode() for name, value in message["headers"]}
            else:
                answer.body += message.get("body", b"")

        # In a thread of its own: where a browser is driven in the same process, this one has a loop that runs already.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(lambda: asyncio.run(app(scope, receive, send))).result()
        return answer

    return get


def test_a_key_from_elsewhere_never_breaks_the_name_of_a_file(get: Get, services: Services) -> None:
    for key in ('a"; filename="x.exe', "größte/../kunden", "שלום"):
        item = {"key": key, "name": key, "rule": {"all": []}}
        services.segments.load(LOCAL_OWNER, {"segments": [item]}, now=workspace.NOW)
        answer = get("/export?" + urlencode({"segment": key, "now": "2026-11-22T04:12:09Z"}))
        assert answer.status == 200
        name = answer.headers["content-disposition"].removeprefix('attachment; filename="').removesuffix('"')
        assert name.endswith("-2026-11-22-041209.csv")
        assert not set(name) & set('"/;\\\r\n ')


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/export?now=0001-01-01T00:00:00%2B14:00", 400),
        ("/export?now=9999-12-31T23:59:59-12:00", 400),
        ("/export?now=2026-11-22", 400),
        ("/export?entity=robot", 400),
        ("/export?segment=no-such", 404),
        ("/export?draft=%00", 404),
        ("/export?" + "&only=c-1" * 1_001, 400),
        ("/imports/99999999999999999999/rejected.csv", 404),
        ("/imports/7/rejected.csv", 404),
        ("/values?attribute=no-such", 400),
        ("/values?attribute=country&q=%00", 200),
    ],
)
def test_what_cannot_be_meant_is_told_in_words(get: Get, address: str, status: int) -> None:
    answer = get(address)
    assert answer.status == status
    assert "Error" not in answer.text


def test_health_says_when_the_database_does_not_answer(
    get: Get, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert json.loads(get("/healthz").text)["status"] == "ok"

    def down() -> int:
        raise SegcoreError("The database cannot be reached.")

    monkeypatch.setattr(type(services.presence), "position", lambda _: down())
    assert get("/healthz").status == 503


def test_the_log_is_a_file_for_admins_and_nothing_for_others(get: Get, services: Services) -> None:
    services.segments.save(LOCAL_OWNER, name="=1+1", document={"all": []}, now=workspace.NOW)
    told = get("/log.csv")
    assert (told.status, told.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    head, newest = told.text.splitlines()[:2]
    assert head == "at,agent,what,entity,key,name,before,after"
    assert newest.startswith("2026-11-22T04:12:09Z,owner,segment")
    assert ",'=1+1," in newest, "a spreadsheet would run it"
    viewer = f"{COOKIE}={signing_in.token(services.database, services.settings, name='vera', role='viewer')}"
    gone, missing = get("/log.csv", cookie=viewer), get("/export?segment=no-such", cookie=viewer)
    assert (gone.status, gone.text) == (404, missing.text)
    assert get("/log.csv", cookie="").status == 401


PHOTOS = {"attribute": "photos", "operator": "gt", "value": 80}
OURS = {"sec_fetch_site": "same-origin"}


def test_a_curve_is_counted_for_a_page_of_ours(get: Get) -> None:
    asked = {
        "entity": "person",
        "rule": {"all": [PHOTOS]},
        "path": "all[0]",
        "part": "value",
        "now": "2026-11-22T04:12:09Z",
    }
    answer = get("/curve", method="POST", sent=json.dumps(asked), **OURS)
    assert (answer.status, answer.headers["cache-control"]) == (200, "no-store")
    assert json.loads(answer.text) == {
        "part": "value",
        "parts": ["value"],
        "steps": [{"value": 80, "count": 1}, {"value": 81, "count": 0}],
        "current": 0,
        "every": True,
        "total": 5,
    }


def test_a_curve_speaks_of_numbers_that_browsers_cannot_hold(get: Get) -> None:
    large = {"integer": "9007199254740993"}
    asked = {"rule": {"all": [{**PHOTOS, "value": large}]}, "path": "all[0]"}
    told = json.loads(get("/curve", method="POST", sent=json.dumps(asked), **OURS).text)
    assert told["steps"][told["current"]] == {"value": large, "count": 0}


@pytest.mark.parametrize(
    ("sent", "said", "status"),
    [
        (json.dumps({"rule": {"all": [PHOTOS]}, "path": "all[0]"}), {"sec_fetch_site": "cross-site"}, 403),
        (json.dumps({"rule": {"all": [PHOTOS]}, "path": "all[0]"}), {"origin": "https://elsewhere.example"}, 403),
        (json.dumps({"rule": {"all": [PHOTOS]}, "path": "all[0]"}), {}, 403),
        (json.dumps({"rule": {"all": [PHOTOS]}, "path": "all[0]"}), {**OURS, "cookie": ""}, 401),
        (json.dumps({"rule": {"all": [PHOTOS]}, "path": "all[7]"}), OURS, 400),
        (json.dumps({"rule": {"all": [PHOTOS]}, "path": "all[0]", "part": "window"}), OURS, 400),
        (json.dumps({"rule": {"all": [PHOTOS]}, "path": "all[0]", "now": "soon"}), OURS, 400),
        (json.dumps({"rule": {"all": [PHOTOS]}, "path": "all[0]", "entity": "robot"}), OURS, 400),
        (json.dumps({"rule": {"all": [{"segment": "gone", "operator": "in"}]}, "path": "all[0]"}), OURS, 400),
        (json.dumps({"rule": [], "path": "all[0]"}), OURS, 400),
        ("{", OURS, 400),
        ("", OURS, 400),
        ("[" * 100_000, OURS, 400),
        (" " * 2_000_000, OURS, 400),
    ],
)
def test_a_curve_that_cannot_be_counted_is_refused_in_words(
    get: Get, sent: str, said: dict[str, str], status: int
) -> None:
    answer = get("/curve", method="POST", sent=sent, **said)
    assert answer.status == status
    assert "gone" not in answer.text
    assert "Error" not in answer.text


def test_a_curve_is_not_asked_for_by_an_address(get: Get) -> None:
    assert get("/curve?path=all[0]").status == 405
