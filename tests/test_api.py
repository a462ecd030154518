"""What the process serves beside the pages: files to save and values to choose from, whatever is asked of it."""

import asyncio
import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

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


@pytest.fixture
def nobody(get: Get) -> Get:
    """Asks without a cookie."""
    return lambda address, **said: get(address, **{"cookie": "", **said})


@pytest.mark.parametrize("route", [route for route in api.routes() if "GET" in (route.methods or ())])
def test_a_route_asks_who_is_there_unless_it_is_one_of_two(nobody: Get, get: Get, route: Route) -> None:
    address = route.path.replace("{number:int}", "1")
    to_anybody = {"/healthz", "/fonts/inter.ttf"}
    assert nobody(address).status == (200 if address in to_anybody else 401)
    if address not in to_anybody:
        assert nobody(address).text == "Sign in first."
        assert get(address).status != 401


def test_what_is_not_visible_and_what_is_not_there_are_answered_alike(get: Get, services: Services) -> None:
    omar = signing_in.token(services.database, services.settings, name="omar", role="editor")
    services.segments.save(LOCAL_OWNER, name="Hush", document={"all": []}, hidden_from=("omar",), now=bootstrap.clock())
    hidden, missing = (get(f"/export?segment={key}", cookie=f"{COOKIE}={omar}") for key in ("hush", "no-such"))
    assert (hidden.status, hidden.body) == (missing.status, missing.body)
    assert hidden.status == 404
    assert hidden.headers == missing.headers
    assert get("/export?segment=hush").status == 200


def test_what_the_role_does_not_allow_is_refused_in_words(get: Get, services: Services) -> None:
    vera = signing_in.token(services.database, services.settings, name="vera", role="viewer")
    answer = get("/export", cookie=f"{COOKIE}={vera}")
    assert answer.status == 403
    assert "viewer" in answer.text


OURS = {"sec_fetch_site": "same-origin"}


@pytest.fixture
def ticket(services: Services, get: Get) -> str:
    """What the form gives after Ann's right password."""
    return services.sessions.ticket("ann", now=bootstrap.clock())


def test_a_ticket_becomes_a_cookie_once(nobody: Get, get: Get, ticket: str) -> None:
    made = nobody("/auth/claim", method="POST", x_ticket=ticket, **OURS)
    assert made.status == 204
    assert made.body == b""
    head, *flags = made.headers["set-cookie"].split("; ")
    assert {flag.split("=")[0].lower() for flag in flags} == {"httponly", "max-age", "path", "samesite"}
    assert {"SameSite=lax", "Path=/", "Max-Age=604800"} <= set(flags)
    assert made.headers["cache-control"] == "no-store"
    assert get("/values?attribute=country", cookie=head).status == 200
    again = nobody("/auth/claim", method="POST", x_ticket=ticket, **OURS)
    assert again.status == 403
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize(
    "said",
    [
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"sec_fetch_site": "none"},
        {"origin": "http://evil.test"},
        {"origin": "null"},
        {"origin": "http://127.0.0.1:9999"},
        {},
    ],
    ids=str,
)
def test_only_a_page_of_ours_may_claim(nobody: Get, ticket: str, said: dict[str, str]) -> None:
    assert nobody("/auth/claim", method="POST", x_ticket=ticket, **said).status == 403
    own = {"origin": "http://127.0.0.1:8501"}  # what a browser says to plain http
    assert nobody("/auth/claim", method="POST", x_ticket=ticket, **own).status == 204


@pytest.mark.parametrize("given", ["", "x", "x" * 5_000, "' or 1=1 --"])
def test_a_ticket_that_is_none_is_refused(nobody: Get, given: str) -> None:
    answer = nobody("/auth/claim", method="POST", x_ticket=given, **OURS)
    assert answer.status == 403
    assert answer.text == "That took too long. Sign in again."


def test_claiming_is_not_for_links(nobody: Get) -> None:
    assert nobody("/auth/claim", **OURS).status == 405


def test_whoever_signs_in_anew_leaves_the_session_before(get: Get, ticket: str, services: Services) -> None:
    before = signing_in.token(services.database, services.settings)
    made = get("/auth/claim", method="POST", cookie=f"{COOKIE}={before}", x_ticket=ticket, **OURS)
    assert made.status == 204
    assert services.sessions.seat(before, now=bootstrap.clock()) is None


def test_under_https_the_cookie_travels_encrypted_only(
    nobody: Get, ticket: str, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    public = replace(services.settings, public_url="https://segments.example.org")
    monkeypatch.setattr(bootstrap, "services", lambda: replace(services, settings=public))
    asked = {"host": "segments.example.org", "origin": "https://segments.example.org"}
    made = nobody("/auth/claim", method="POST", x_ticket=ticket, **asked)
    assert made.status == 204
    assert "Secure" in made.headers["set-cookie"]
    assert made.headers["strict-transport-security"] == "max-age=31536000"


HEADERS = {
    "x-frame-options": "SAMEORIGIN",
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
}


@pytest.mark.parametrize("address", ["/healthz", "/values", "/export?segment=no-such", "/nowhere", "/_stcore/metrics"])
def test_every_answer_has_the_headers(nobody: Get, get: Get, address: str) -> None:
    for answer in (get(address), nobody(address), get(address, host="evil.test")):
        assert HEADERS.items() <= answer.headers.items()
        policy = answer.headers["content-security-policy"]
        assert "frame-ancestors 'self'" in policy
        assert "default-src 'self'" in policy
        assert "evil.test" not in policy
        assert "unsafe-eval" not in policy
        script = next(part for part in policy.split("; ") if part.startswith("script-src"))
        assert "unsafe-inline" not in script


@pytest.mark.parametrize(
    "host",
    [
        "",
        "evil.test",
        "evil.test:8501",
        "127.0.0.1.evil.test",
        "127.0.0.1@evil.test",
        "localhost:x",
        "a b",
        "[::1",
        "::1",
    ],
)
def test_another_name_of_this_machine_is_not_answered(get: Get, host: str) -> None:
    assert get("/healthz", host=host).status == 400


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/agent/openapi.json", "/_stcore/script-health-check"])
def test_what_streamlit_would_tell_anybody_is_closed(get: Get, path: str) -> None:
    assert get(path).status == 404


@pytest.mark.parametrize("path", ["/_stcore/upload_file/session/file", "/media/0123.csv"])
def test_uploads_and_files_of_pages_are_for_who_is_signed_in(get: Get, nobody: Get, path: str) -> None:
    assert nobody(path, method="PUT").status == 401
    assert get(path, method="PUT").status == 404  # the door lets it through, and nothing is behind it here


@pytest.mark.parametrize(
    ("said", "opened"),
    [
        ({"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:8501"}, True),
        ({"host": "localhost:8501", "origin": "http://localhost:8501"}, True),
        ({"host": "segments.example.org", "origin": "https://segments.example.org"}, True),
        ({"host": "127.0.0.1:8501", "origin": "https://segments.example.org"}, True),  # a proxy that keeps no name
        ({"host": "127.0.0.1:8501"}, True),  # a program
        ({"host": "127.0.0.1:8501", "origin": "http://127.0.0.1:9999"}, False),
        ({"host": "127.0.0.1:8501", "origin": "http://localhost:8501"}, False),
        ({"host": "127.0.0.1:8501", "origin": "null"}, False),
        ({"host": "127.0.0.1:8501", "origin": "http://evil.test"}, False),
        ({"host": "127.0.0.1:8501", "origin": "http://segments.example.org.evil.test"}, False),
        ({"host": "segments.example.org", "origin": "https://segments.example.org:444"}, False),
        ({"host": "evil.test", "origin": "http://evil.test"}, False),
    ],
    ids=str,
)
def test_only_our_own_pages_open_connections(
    services: Services, monkeypatch: pytest.MonkeyPatch, said: dict[str, str], opened: bool
) -> None:
    public = replace(services.settings, public_url="https://segments.example.org")
    monkeypatch.setattr(bootstrap, "services", lambda: replace(services, settings=public))
    reached: list[str] = []

    async def inside(scope: Any, _: Any, __: Any) -> None:
        reached.append(scope["type"])

    async def send(message: Any) -> None:
        assert message["type"] == "websocket.close"

    headers = [(name.encode(), text.encode()) for name, text in said.items()]
    scope = {"type": "websocket", "scheme": "ws", "path": "/_stcore/stream", "query_string": b"", "headers": headers}
    with ThreadPoolExecutor(1) as thread:
        thread.submit(lambda: asyncio.run(Door(inside)(scope, None, send))).result()  # type: ignore[arg-type]
    assert bool(reached) == opened
