"""What travels between a browser and the server, without a browser: one open socket, every byte of every answer kept.

`Server` runs the product itself on a port of its own; `Socket` talks to its pages as a browser does, in the protocol
of Streamlit; `get` and `post` ask its routes. Nothing is drawn, so a view takes as long as the server takes for it.
"""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from google.protobuf.message import Message
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.exceptions import WebSocketException
from websockets.sync.client import ClientConnection, connect

ROOT = Path(__file__).resolve().parents[2]
COOKIE = "segcore_session"
MEDIA = re.compile(rb"/media/[\w.\-]+")
MACHINERY = frozenset(
    {"id", "fragment_id", "form_id", "user_key", "js_content", "css_content", "page_script_hash", "element_id"}
)
RERUNS = ForwardMsg.FINISHED_EARLY_FOR_RERUN


def free_port() -> int:
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """The product in a process of its own. `launcher` is a script that stands in for `python -m segcore serve`."""

    folder: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    launcher: Path | None = None
    port: int = field(default_factory=free_port)
    process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> Path:
        """What it said."""
        return self.folder / f"server-{self.port}.log"

    def start(self, within: float = 60) -> "Server":
        """Start it and wait until it answers."""
        told = {"SEGCORE_DATA": str(self.folder), "SEGCORE_DATABASE_URL": "", "SEGCORE_PORT": str(self.port)}
        command = [str(self.launcher)] if self.launcher else ["-m", "segcore", "serve"]
        self.process = subprocess.Popen(
            [sys.executable, *command],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), **told, "SEGCORE_DEMO": "no", **self.environment},
            stdout=self.log.open("wb"),
            stderr=subprocess.STDOUT,
        )
        deadline = time.monotonic() + within
        while get(f"{self.address}/healthz").status != 200:
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"The server did not start:\n{self.log.read_text(errors='replace')}")
            time.sleep(0.1)
        return self

    def stop(self) -> None:
        """End it as Ctrl+C does."""
        if self.process is not None and self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(10)

    def __enter__(self) -> "Server":
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()
        log = self.log.read_text(errors="replace")
        assert "Traceback" not in log, log[-4000:]


@dataclass(frozen=True)
class Answer:
    """What a route said: status 0 where nobody answered."""

    status: int
    body: bytes
    head: Mapping[str, str] = field(default_factory=dict)

    def everything(self) -> bytes:
        """All that a reader of the connection sees."""
        lines = "".join(f"{name}: {value}\n" for name, value in self.head.items())
        return lines.encode() + self.body


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


_OPENER = urllib.request.build_opener(_Stay)


def ask(
    url: str,
    token: str | None = None,
    *,
    method: str = "GET",
    data: bytes | None = None,
    head: Mapping[str, str] | None = None,
    timeout: float = 30,
) -> Answer:
    """One request; redirections are answers too."""
    headers = {**({"Cookie": f"{COOKIE}={token}"} if token is not None else {}), **(head or {})}
    request = urllib.request.Request(url, data=data, headers=headers, method=method)
    try:
        with _OPENER.open(request, timeout=timeout) as response:
            return Answer(response.status, response.read(), dict(response.headers))
    except urllib.error.HTTPError as refused:
        return Answer(refused.code, refused.read(), dict(refused.headers))
    except OSError:
        return Answer(0, b"")


def get(url: str, token: str | None = None, **query: Any) -> Answer:
    """GET, with a query."""
    return ask(f"{url}?{urlencode(query, doseq=True)}" if query else url, token)


class Lost(AssertionError):
    """The server closed the connection, or did not end its answer in time."""


@dataclass
class Run:
    """One answer of the server: the bytes as they came, and the messages in them."""

    raw: bytes = b""
    messages: list[ForwardMsg] = field(default_factory=list)
    media: bytes = b""

    def everything(self) -> bytes:
        """All that whoever listens at the socket learns, with what the links of the answer lead to."""
        return self.raw + self.media

    def elements(self) -> list[Message]:
        """The elements drawn, in order."""
        return [m.delta.new_element for m in self.messages if m.WhichOneof("type") == "delta"]

    def find(self, kind: str) -> list[Any]:
        """The elements of one kind, for example `button` or `bidi_component`."""
        found = [getattr(e, kind) for e in self.elements() if e.WhichOneof("type") == kind]  # type: ignore[attr-defined]
        return found

    def component(self, name: str) -> Any:
        """The component of that name, such as `rule_builder`."""
        return next(c for c in self.find("bidi_component") if c.component_name == f"segcore_{name}")

    def told(self, name: str) -> Any:
        """What the component of that name was told."""
        return json.loads(self.component(name).json)

    def text(self) -> str:
        """Every text of the answer, in order, a line each."""
        return "\n".join(piece for message in self.messages for piece in texts(message))

    def words(self) -> list[str]:
        """What of it a person sees or a component is told: the page's title and what was drawn, without ids and scripts."""
        found = []
        for message in self.messages:
            match message.WhichOneof("type"):
                case "delta":
                    found += texts(message.delta, MACHINERY)
                case "page_config_changed":
                    found.append(message.page_config_changed.title)
                case "page_not_found" | "auth_redirect" | "session_event":
                    found.append(str(message))
        return [piece for piece in found if piece]

    def fragments(self) -> list[str]:
        """The fragments drawn, each once."""
        return list(dict.fromkeys(m.delta.fragment_id for m in self.messages if m.delta.fragment_id))

    def fragment_of(self, id: str) -> str:
        """The fragment in which the element with that id stands."""
        for message in self.messages:
            element = message.delta.new_element
            kind = element.WhichOneof("type")
            if kind is not None and getattr(getattr(element, kind), "id", None) == id:
                return str(message.delta.fragment_id)
        return ""


def texts(message: Message, besides: frozenset[str] = frozenset()) -> Iterator[str]:
    """Every text in a message of the protocol, whatever it is nested in, besides the fields of these names."""
    for descriptor, value in message.ListFields():
        if descriptor.name in besides:
            continue
        if descriptor.type == descriptor.TYPE_STRING:
            yield from value if not isinstance(value, str) else (value,)
        elif descriptor.type == descriptor.TYPE_MESSAGE:
            if isinstance(value, Message):
                yield from texts(value, besides)
            elif hasattr(value, "items"):
                for each in value.values():
                    yield from texts(each, besides) if isinstance(each, Message) else (str(each),)
            else:
                for each in value:
                    yield from texts(each, besides)


Watch = Callable[[ForwardMsg], None]


class Socket:
    """One open page of one browser, for as long as it is not closed."""

    def __init__(self, address: str, token: str | None = None, *, resume: str = "", timeout: float = 30) -> None:
        self.address = address
        self.timeout = timeout
        self.token = token
        self.session = ""
        self.query = ""  # of the address, as the browser keeps it
        protocols = ["streamlit", *(["none", resume] if resume else [])]
        cookie = {"Cookie": f"{COOKIE}={token}"} if token is not None else {}
        self._opened = connect(
            address.replace("http", "ws", 1) + "/_stcore/stream",
            subprotocols=protocols,  # type: ignore[arg-type]
            additional_headers=cookie,
            max_size=None,
            compression=None,
            open_timeout=timeout,
        )
        self._connection: ClientConnection = self._opened.__enter__()

    def view(self, page: str = "", *, media: bool = False, **query: str) -> Run:
        """Open a page as an address does. The start has the name ""."""
        message = BackMsg()
        message.rerun_script.page_name = page
        self.query = urlencode(query)
        return self.send(message, media=media)

    def act(
        self,
        element: str,
        *,
        page: str = "",
        fragment: str = "",
        press: bool = False,
        state: Any = None,
        event: tuple[str, Any] | None = None,
        texts: str | None = None,
        chosen: str | None = None,
        whole: list[str] | None = None,
        ticked: bool | None = None,
        watch: Watch | None = None,
    ) -> Run:
        """What a browser sends when a widget is used: a button pressed, a text typed, an option chosen, or what a
        component says, either its `state` or an `event` by name. `watch` is handed each message of the answer as it comes."""
        message = BackMsg()
        message.rerun_script.page_name = page
        message.rerun_script.fragment_id = fragment
        widget = message.rerun_script.widget_states.widgets.add()
        widget.id = element
        if press:
            widget.trigger_value = True
        if state is not None:
            widget.json_value = json.dumps(state)
        if event is not None:
            widget.id = f"$$STREAMLIT_INTERNAL_KEY_{element}__events"
            widget.json_trigger_value = json.dumps([{"event": event[0], "value": event[1]}])
        if texts is not None:
            widget.string_value = texts
        if chosen is not None:
            widget.string_trigger_value.data = chosen
        if ticked is not None:
            widget.bool_value = ticked
        if whole is not None:
            widget.string_array_value.data.extend(whole)
        return self.send(message, watch=watch)

    def send(self, message: BackMsg, *, media: bool = False, watch: Watch | None = None) -> Run:
        """Send a message and collect the answer until the script has ended, reruns of its own included."""
        message.rerun_script.query_string = self.query
        try:
            self._connection.send(message.SerializeToString())
            run = self._answer(watch)
        except (WebSocketException, TimeoutError, OSError) as error:
            raise Lost(f"{type(error).__name__} {error}") from error
        if media:
            for link in sorted(set(MEDIA.findall(run.raw))):
                run.media += get(self.address + link.decode(), self.token).everything()
        return run

    def _answer(self, watch: Watch | None) -> Run:
        run = Run()
        deadline = time.monotonic() + self.timeout
        begun = False
        while True:
            data = self._connection.recv(timeout=max(0.01, deadline - time.monotonic()))
            assert isinstance(data, bytes)
            run.raw += data
            told = ForwardMsg()
            told.ParseFromString(data)
            run.messages.append(told)
            if watch is not None:
                watch(told)
            match told.WhichOneof("type"):
                case "new_session":
                    begun = True
                    self.session = told.new_session.initialize.session_id or self.session
                case "page_info_changed":
                    self.query = told.page_info_changed.query_string
                case "script_finished" if begun and told.script_finished != RERUNS:
                    return run

    def close(self) -> None:
        """Leave."""
        self._opened.__exit__(None, None, None)

    def __enter__(self) -> "Socket":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
