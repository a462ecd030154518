"""Who comes in, before any page or route: the cookie, the names of this server, whose page may connect, the headers of every answer."""

import re
from collections.abc import Iterable
from urllib.parse import urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from segcore import bootstrap
from segcore.services.sessions import Seat

COOKIE = "segcore_session"
SIGN_IN = "Sign in first."

_HOST = re.compile(r"(?:\[([0-9a-f:.]+)\]|([0-9a-z._-]+))(?::[0-9]{1,5})?")

# What Streamlit would give to or take from whoever asks: files of others' pages, uploads into memory, its own figures.
_SIGNED_IN = ("/media/", "/_stcore/upload_file")
_CLOSED = ("/_stcore/metrics", "/_stcore/agent", "/_stcore/script-health-check")


def seat_of(connection: HTTPConnection) -> Seat | None:
    """Who sits at the other end, by the cookie; None for nobody. It asks the database, so never on the event loop."""
    return bootstrap.services().sessions.seat(connection.cookies.get(COOKIE), now=bootstrap.clock())


def secure(connection: HTTPConnection) -> bool:
    """Whether people come by https, to this process or to the proxy before it."""
    return connection.url.scheme in ("https", "wss") or bootstrap.services().settings.secure


def from_our_page(connection: HTTPConnection) -> bool:
    """Whether a page of this very server asks. Browsers say so, and no page can say it for them."""
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        return site == "same-origin"
    return _own_origin(connection, connection.headers.get("origin"))  # what browsers say to plain http


class Door:
    """Stands before pages and routes. It reads no body and keeps none, so that files stream through it."""

    def __init__(self, app: ASGIApp, *, scripts: Iterable[str] = ()) -> None:
        """`scripts`: hashes of the scripts that stand in Streamlit's own page, as a content security policy names them."""
        self._app = app
        self._scripts = " ".join(f"'{script}'" for script in scripts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse, or let through with the headers on."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        connection = HTTPConnection(scope)
        host = _host(connection)
        sending = self._with_headers(connection, host, send) if scope["type"] == "http" else send
        if (refusal := await _refusal(connection, host)) is None:
            await self._app(scope, receive, sending)
        elif scope["type"] == "http":
            await refusal(scope, receive, sending)
        else:
            await send({"type": "websocket.close", "code": 1008, "reason": ""})

    def _with_headers(self, connection: HTTPConnection, host: str | None, send: Send) -> Send:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers(connection, host).items():
                    headers[name] = value
            await send(message)

        return sending

    def _headers(self, connection: HTTPConnection, host: str | None) -> dict[str, str]:
        # Not every browser takes 'self' for the page's own WebSocket.
        socket = " ws://{0} wss://{0}".format(connection.headers["host"]) if host is not None else ""
        policy = {
            "default-src": "'self'",
            # Components are modules made in the page, with addresses that begin with blob:.
            "script-src": f"'self' blob: {self._scripts}".strip(),
            "style-src": "'self' 'unsafe-inline'",
            "img-src": "'self' data: blob:",
            "font-src": "'self' data:",
            "connect-src": f"'self'{socket}",
            "worker-src": "'self' blob:",
            "frame-src": "'self'",
            "object-src": "'none'",
            "base-uri": "'self'",
            "form-action": "'self'",
            "frame-ancestors": "'self'",
        }
        headers = {
            "Content-Security-Policy": "; ".join(f"{name} {value}" for name, value in policy.items()),
            "X-Frame-Options": "SAMEORIGIN",
            "X-Content-Type-Options": "nosniff",
            "Referrer-Policy": "same-origin",
            "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
            "Cross-Origin-Opener-Policy": "same-origin",
            "Cross-Origin-Resource-Policy": "same-origin",
        }
        if secure(connection):
            headers["Strict-Transport-Security"] = "max-age=31536000"
        return headers


async def _refusal(connection: HTTPConnection, host: str | None) -> PlainTextResponse | None:
    if host is None:
        return PlainTextResponse("This server does not go by that name.", status_code=400)
    if connection.scope["type"] == "websocket":
        # Another site's page would bring the cookie of whoever looks at it. Only programs send no origin.
        origin = connection.headers.get("origin")
        ours = origin is None or _own_origin(connection, origin)
        return None if ours else PlainTextResponse("Another site may not connect.", status_code=403)
    path = connection.scope["path"]
    if path.startswith(_CLOSED):
        return PlainTextResponse("Not found", status_code=404)
    if path.startswith(_SIGNED_IN) and await run_in_threadpool(seat_of, connection) is None:
        return PlainTextResponse(SIGN_IN, status_code=401)
    return None


def _host(connection: HTTPConnection) -> str | None:
    """The name by which this server was asked, where it is one of its names."""
    asked = _HOST.fullmatch(connection.headers.get("host", "").lower())
    name = "" if asked is None else asked[1] or asked[2]
    return name if name in bootstrap.services().settings.hosts else None


def _own_origin(connection: HTTPConnection, origin: str | None) -> bool:
    """Whether an origin is the public address, or the very name and port that was asked."""
    if not origin:
        return False
    said, public = urlsplit(origin.lower()), urlsplit(bootstrap.services().settings.url)
    if (said.scheme, said.netloc) == (public.scheme, public.netloc):
        return True
    return said.scheme in ("http", "https") and said.netloc == connection.headers.get("host", "").lower()
