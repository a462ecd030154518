"""Whatever a browser brings instead of a good cookie leads to the sign-in form, and to 401 at every route, without a traceback."""

import base64
import json
import secrets
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import jwt
import pytest
from sqlalchemy import select

from segcore.model import LOCAL_OWNER
from segcore.services.agents import Agents
from segcore.services.sessions import Sessions
from segcore.store import tables
from tests import signing_in
from tests.access.wire import COOKIE, Answer, Server, Socket, ask

ROUTES = ("/values?attribute=id", "/export", "/export?segment=active", "/imports/1/rejected.csv", "/media/x.csv")


@dataclass
class Doors:
    """A running server, a token that opens it, and what does not, by what it is."""

    server: Server
    good: str
    bad: dict[str, str]


@pytest.fixture(scope="module")
def doors(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Doors]:
    with Server(tmp_path_factory.mktemp("cookies")) as server:
        good = signing_in.token_of_folder(server.folder, name="ann")
        yield Doors(server, good, {value: what for what, value in bad(server, good).items()} | OTHERS)


def bad(server: Server, good: str) -> dict[str, str]:
    """Values of our cookie."""
    now = datetime.now(UTC)
    with signing_in.opened(server.folder) as (database, settings):
        sessions, agents = Sessions(database, settings.key()), Agents(database)

        def token(name: str, at: datetime = now) -> str:
            return signing_in.token(database, settings, name=name, role="viewer", now=at)

        def id_of(name: str) -> int:
            return next(agent.id or 0 for agent in agents.all(LOCAL_OWNER) if agent.name == name)

        idle, old = token("dora", now - timedelta(hours=13)), token("eve", now - timedelta(days=8))
        signed_out, ended, disabled = token("bob"), token("fay"), token("cem")
        seat = sessions.seat(signed_out, now=now)
        assert seat is not None
        sessions.end(seat, now=now)
        sessions.end_all(LOCAL_OWNER, id_of("fay"), now=now)
        agents.change(LOCAL_OWNER, id_of("cem"), enabled=False, now=now)
        token("gus")
        ticket, link = sessions.ticket("ann", now=now), sessions.link(LOCAL_OWNER, id_of("ann"), now=now)
        with database.read() as connection:
            stored = connection.scalars(select(tables.session.c.token_hash)).all()
            once = connection.scalars(select(tables.once.c.token_hash)).all()
        key = settings.key().decode()
    claims = {"username": "ann", "exp_date": (now + timedelta(days=9)).timestamp()}
    head = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).decode().rstrip("=")
    body = base64.urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")
    return {
        "empty": "",
        "a word": "ann",
        "garbage": "%%%%$$$$####",
        "a random token": secrets.token_urlsafe(32),
        "good, cut": good[:-1],
        "good, longer": good + "A",
        "good, in capitals": good.upper(),
        "good, reversed": good[::-1],
        "good, one letter else": ("B" if good[0] == "A" else "A") + good[1:],
        "good, twice": good + good,
        "good, between dots": f".{good}.",
        "good, as a percentage": quote(f"/{good}"),
        "hash of a live session": stored[0],
        "hash of another session": stored[-1],
        "hash of a ticket": once[0],
        "the key": key,
        "a ticket": ticket,
        "a link": link,
        "a session that was signed out": signed_out,
        "a session that an admin ended": ended,
        "a session of a disabled agent": disabled,
        "a session idle too long": idle,
        "a session past its days": old,
        "jwt without a signature": f"{head}.{body}.",
        "jwt without a signature, cut": f"{head}.{body}",
        "jwt of the library's default key": jwt.encode(claims, "some_key", algorithm="HS256"),
        "jwt of the library's example key": jwt.encode(claims, "random_signature_key", algorithm="HS256"),
        "jwt of our key": jwt.encode(claims, key, algorithm="HS256"),
        "jwt that is over": jwt.encode({**claims, "exp": 1}, "some_key", algorithm="HS256"),
        "jwt of nobody": jwt.encode({"exp_date": 1e18}, "some_key", algorithm="HS256"),
        "jwt of a list": f"{head}.W10.",
        "jwt of three dots": "...",
        "signed by streamlit": "2|1:0|10:1795337078|15:segcore_session|8:YW5u|" + "0" * 64,
        "10 kB": "x" * 10_000,
        "40 kB": "x" * 40_000,
        "letters of everywhere": "ünïcödé-ß-ÿ".encode().decode("latin-1"),
        "a broken character": "\xff\xfe\xed\xa0\x80",
        "sql": "' OR '1'='1",
        "sql, stacked": "x'); DROP TABLE session; --",
        "like": "%",
        "a template": "{{7*7}}${7*7}<%= 7 %>",
        "markup": "<script>alert(1)</script>",
        "a path": "../../secret.key",
        "json": '{"agent": 1, "role": "admin"}',
        "a pickle": base64.b64encode(b"cos\nsystem\n(S'true'\ntR.").decode(),
        "none": "None",
        "zero": "0",
        "minus one": "-1",
        "true": "true",
        "quotes": '"""""',
        "backslashes": "\\\\000\\\\",
        "format": "%s%n%x",
    }


# Behind a value that is none: cookies of other names, and heads that are none of a cookie.
OTHERS = {
    "x; some_cookie_name=" + jwt.encode({"username": "ann", "exp_date": 1e18}, "some_key"): "the library's",
    "x; unused=eyJhbGciOiJub25lIn0.e30.": "the library's, of no algorithm",
    "x; _streamlit_user=" + "x" * 200: "streamlit's",
    "x; SEGCORE_SESSION=y; segcore_sessions=y; =z": "names like ours",
    f"x; {COOKIE}": "ours without a value",
    f"x; {COOKIE}=y; {COOKIE}=z": "ours three times",
    "x;;;;====;;;;": "signs alone",
}


def socket_says(server: Server, cookie: str) -> str:
    """What a page says to a browser with this cookie."""
    with Socket(server.address, cookie) as page:
        return page.view("people", segment="active").text()


def is_form(text: str) -> bool:
    return all(word in text for word in ("Username", "Password", "Forgot password")) and "Filter of" not in text


def refused(answer: Answer) -> bool:
    return answer.status == 401 and answer.body == b"Sign in first."


def test_the_corpus_is_long_enough_and_the_good_one_opens(doors: Doors) -> None:
    assert len(doors.bad) >= 40
    assert len(set(doors.bad)) == len(doors.bad)
    said = socket_says(doors.server, doors.good)
    assert not is_form(said)
    assert "Filter of Active" in said
    assert ask(f"{doors.server.address}/export?segment=active", doors.good).status == 200


def test_every_bad_cookie_leads_to_the_form(doors: Doors) -> None:
    wrong = {what: said for cookie, what in doors.bad.items() if not is_form(said := socket_says(doors.server, cookie))}
    assert wrong == {}
    assert "Traceback" not in doors.server.log.read_text()


def test_every_bad_cookie_is_refused_by_every_route(doors: Doors) -> None:
    wrong = []
    for cookie, what in doors.bad.items():
        answers = {route: ask(doors.server.address + route, cookie) for route in ROUTES}
        answers["upload"] = ask(f"{doors.server.address}/_stcore/upload_file/a/b", cookie, method="PUT", data=b"x")
        wrong += [(what, where, answer.status) for where, answer in answers.items() if not refused(answer)]
    assert wrong == []
    assert "Traceback" not in doors.server.log.read_text()


@pytest.mark.parametrize("raw", [b"\0", b"a\0b", b"a\x01\x1f\x7f", b"x" * 100_000], ids=range(4))
def test_what_is_no_head_at_all_is_refused_by_the_server(doors: Doors, raw: bytes) -> None:
    for path, more in (
        ("/values?attribute=id", b""),
        (
            "/_stcore/stream",
            b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            b"Sec-WebSocket-Key: MDEyMzQ1Njc4OWFiY2RlZg==\r\n",
        ),
    ):
        with socket.create_connection(("127.0.0.1", doors.server.port), timeout=5) as connection:
            head = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{doors.server.port}\r\n".encode()
            connection.sendall(head + more + b"Cookie: " + COOKIE.encode() + b"=" + raw + b"\r\n\r\n")
            try:
                answer = connection.recv(1_000)
            except TimeoutError:
                answer = b""  # it waits for a head that can be read
        assert answer[:12] in (b"HTTP/1.1 400", b"HTTP/1.1 401", b"HTTP/1.1 431", b""), answer
        assert b"Traceback" not in answer
    assert "Traceback" not in doors.server.log.read_text()
