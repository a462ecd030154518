"""The table of what can be looked at over a connection: pages with their views, what can be done on them, and routes.

A page, a view, a name in an address, a component or a route without a row here fails `test_surfaces.py`. In addresses
and events `{key}`, `{folder}` and the like stand for a segment that is asked about by name; such a row has to answer
about one that is hidden as it answers about one that does not exist.
"""

import ast
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.access.wire import Run, Socket
from tests.access.world import COUNT, FOLDER, KEY, NAME, VALUE, WORDS, World

ROOT = Path(__file__).resolve().parents[2]
ALL = frozenset({KEY, NAME, WORDS, FOLDER, VALUE, COUNT})
Step = Callable[[Socket, Run, "Place"], Run | None]


@dataclass(frozen=True)
class View:
    """One view of a page, and what is done on it before it is looked at. `shows`: what of a hidden segment an admin sees."""

    page: str
    query: tuple[tuple[str, str], ...] = ()
    steps: tuple[Step, ...] = ()
    shows: frozenset[str] = frozenset()
    brings: frozenset[str] = frozenset()
    what: str = ""
    writes: bool = False  # whoever may do it does it at once, so an admin does not

    @property
    def keyed(self) -> bool:
        """Whether it names a segment."""
        return bool(self.brings)

    def __str__(self) -> str:
        query = "&".join(f"{name}={value}" for name, value in self.query)
        return f"/{self.page}{'?' if query else ''}{query}{' ' if self.what else ''}{self.what}"


@dataclass(frozen=True)
class Place:
    """What stands in the places of a row: a segment, its folder, a draft about it."""

    view: View
    key: str
    name: str
    folder: str
    draft: str
    agent: str = ""  # the id of another agent
    person: str = "p-00001"
    company: str = "f-00001"

    def fill(self, value: Any) -> Any:
        """The value with its places filled."""
        match value:
            case str():
                for name in ("key", "name", "folder", "draft", "agent", "person", "company"):
                    value = value.replace("{" + name + "}", getattr(self, name))
                return value
            case dict():
                return {self.fill(key): self.fill(each) for key, each in value.items()}
            case list():
                return [self.fill(each) for each in value]
        return value

    @property
    def query(self) -> dict[str, str]:
        """Of the address."""
        return {name: self.fill(value) for name, value in self.view.query}


def look(socket: Socket, place: Place) -> Run:
    """Open the view and do what is to be done; what cannot be done, because it is not drawn, is left out."""
    run = socket.view(place.view.page, media=True, **place.query)
    total = run
    for step in place.view.steps:
        done = step(socket, run, place)
        if done is not None:
            total = Run(total.raw + done.raw, [*total.messages, *done.messages], total.media + done.media)
            run = done
    return total


def press(label: str) -> Step:
    """Press the button of that label."""

    def step(socket: Socket, run: Run, place: Place) -> Run | None:
        found = next((b for b in run.find("button") if b.label == label or b.label.startswith(label + " ")), None)
        if found is None or found.disabled:
            return None
        return socket.act(found.id, page=place.view.page, fragment=run.fragment_of(found.id), press=True)

    return step


def menu(option: str) -> Step:
    """Choose from the menu "More"."""

    def step(socket: Socket, run: Run, place: Place) -> Run | None:
        found = next(iter(run.find("menu_button")), None)
        if found is None or option not in found.options:
            return None
        return socket.act(found.id, page=place.view.page, fragment=run.fragment_of(found.id), chosen=option)

    return step


def write(label: str, text: str) -> Step:
    """Type into the field of that label."""

    def step(socket: Socket, run: Run, place: Place) -> Run | None:
        found = next((t for t in run.find("text_input") if t.label == label), None)
        if found is None:
            return None
        typed = place.fill(text)
        return socket.act(found.id, page=place.view.page, fragment=run.fragment_of(found.id), texts=typed)

    return step


def choose(label: str, option: str) -> Step:
    """Choose from a list what a browser was not offered, too."""

    def step(socket: Socket, run: Run, place: Place) -> Run | None:
        found = next((s for s in run.find("selectbox") if s.label == label), None)
        if found is None:
            return None
        wanted = place.fill(option)
        return socket.act(found.id, page=place.view.page, fragment=run.fragment_of(found.id), texts=wanted)

    return step


def event(component: str, name: str, value: Any) -> Step:
    """Say what the component would say, or never would."""

    def step(socket: Socket, run: Run, place: Place) -> Run | None:
        found = next((c for c in run.find("bidi_component") if c.component_name == f"segcore_{component}"), None)
        if found is None:
            return None
        return socket.act(
            found.id,
            page=place.view.page,
            fragment=run.fragment_of(found.id),
            event=(name, place.fill(value)),
        )

    return step


def draft(rule: dict[str, Any]) -> Step:
    """What the filter builder sends when a condition is edited."""

    def step(socket: Socket, run: Run, place: Place) -> Run | None:
        found = next((c for c in run.find("bidi_component") if c.component_name == "segcore_rule_builder"), None)
        if found is None:
            return None
        told = run.told("rule_builder")
        sent = {"rev": told["rev"], "seq": told["seq"] + 1, "rule": place.fill(rule), "unfinished": 0}
        fragment = run.fragment_of(found.id)
        return socket.act(found.id, page=place.view.page, fragment=fragment, state={"draft": sent})

    return step


def view(page: str, *shows: str, steps: tuple[Step, ...] = (), what: str = "", **query: str) -> View:
    """A row about nothing in particular."""
    return View(page, tuple(query.items()), steps, frozenset(shows), what=what)


def about(
    page: str, *shows: str, steps: tuple[Step, ...] = (), what: str = "", brings: tuple[str, ...] = (KEY,), **query: str
) -> View:
    """A row about a segment that is asked for by key or name."""
    return View(page, tuple(query.items()), steps, frozenset(shows), frozenset(brings), what)


IN = {"all": [{"segment": "{key}", "operator": "in"}]}
OPEN_PERSON = event("people_table", "open", "{person}")

VIEWS: tuple[View, ...] = (
    view("", *ALL),
    about("", FOLDER, brings=(FOLDER, KEY), folder="{folder}"),
    about("", COUNT, brings=(NAME,), q="{name}"),
    view("", FOLDER, steps=(press("New folder"),), what="new folder"),
    *(
        about("", steps=(event("segment_table", "action", {"segment": "{key}", "what": what}),), what=what)
        for what in ("open", "edit", "move", "delete", "rename")
    ),
    replace(
        about(
            "", steps=(event("segment_table", "move", {"segment": "{key}", "folder": "predefined"}),), what="dragged"
        ),
        writes=True,
    ),
    *(
        about(
            "",
            steps=(event("segment_table", "folder_action", {"folder": "{folder}", "what": what}),),
            what=f"{what} folder",
            brings=(FOLDER, KEY),
        )
        for what in ("rename", "delete")
    ),
    view("people", NAME, KEY, COUNT, FOLDER),
    about("people", VALUE, COUNT, segment="{key}"),
    about("people", VALUE, COUNT, draft="{draft}"),
    about("people", COUNT, steps=(draft(IN),), what="draft about a segment"),
    about("people", COUNT, steps=(choose("More segments", "{key}"),), what="choose a segment"),
    view("people", FOLDER, steps=(press("Save as segment"),), what="save drawer"),
    view("people", steps=(press("Columns"),), what="columns drawer"),
    view("people", NAME, KEY, steps=(OPEN_PERSON,), what="person drawer"),
    view("people", steps=(event("people_table", "action", "drop:0"),), what="action of the table"),
    view("companies", KEY, NAME),
    about("companies", segment="{key}"),
    about("segment", NAME, WORDS, VALUE, COUNT, segment="{key}"),
    about("segment", NAME, VALUE, steps=(write("Find a person", "{person}"),), segment="{key}", view="why"),
    about("segment", NAME, segment="{key}", view="used-by"),
    about("segment", NAME, FOLDER, segment="{key}", view="settings"),
    about("segment", VALUE, steps=(OPEN_PERSON,), what="person drawer", segment="{key}"),
    *(about("segment", NAME, steps=(menu(each),), what=each, segment="{key}") for each in ("Rename", "Move to folder")),
    about("segment", VALUE, steps=(menu("Copy as JSON"),), what="Copy as JSON", segment="{key}"),
    about("segment", NAME, steps=(menu("Delete"),), what="Delete", segment="{key}"),
    view("segment", KEY, segment="kqopenkey", view="used-by"),
    view("person", person="{person}"),
    view("person", NAME, KEY, VALUE, person="{person}", view="segments"),
    about(
        "person",
        NAME,
        steps=(choose("Segment they are not in", "{key}"),),
        what="a segment they are not in",
        person="p-08999",
        view="segments",
    ),
    view("company", company="{company}"),
    view("company", company="{company}", view="segments"),
    view("company", NAME, steps=(OPEN_PERSON,), what="person drawer", company="{company}"),
    view("data", NAME),
    view("data", view="events"),
    view("data", view="imports"),
    view("settings", view="agents"),
    *(
        view(
            "settings", steps=(event("listing", "action", {"row": "{agent}", "what": what}),), what=what, view="agents"
        )
        for what in ("edit", "sessions", "link", "disable")
    ),
    view("settings", steps=(press("Add agent"),), what="add", view="agents"),
    view("settings", view="workspace"),
    view("settings", NAME, view="log"),
    view("settings", view="log", before="2"),
    view("settings", NAME, view="log", q="Nqsecretname"),
    view("settings", view="profile"),
)

# The labels of each page's views, as an admin is offered them, by the names that stand in addresses.
LABELS = {
    "segment": ("people", "why", "used-by", "settings"),
    "person": ("timeline", "segments"),
    "company": ("people", "segments"),
    "data": ("attributes", "events", "imports"),
    "settings": ("agents", "workspace", "log", "profile"),
}

# What an address may say beside the page, and where a row says it.
NAMES = {"view", "segment", "draft", "folder", "q", "person", "company", "link", "before"}

# Components, and the rows that speak for them; those that only look have no word back.
COMPONENTS = {"segment_table", "people_table", "rule_builder", "listing"}
TICKETS = {"claim"}  # it stands only on the card of the sign-in, and says that the ticket was too old


@dataclass(frozen=True)
class Route:
    """One way to call a route. `anybody`: who has not signed in is answered too."""

    path: str
    query: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    shows: frozenset[str] = frozenset()
    keyed: bool = False
    anybody: bool = False
    status: int = 200  # for an admin
    sent: str = ""  # what a page of ours sends along

    def __str__(self) -> str:
        return f"{self.method} {self.path}?{'&'.join('='.join(pair) for pair in self.query)}"


def route(path: str, *shows: str, status: int = 200, anybody: bool = False, method: str = "GET", **query: str) -> Route:
    """A row."""
    keyed = "{" in path + "".join(query.values())
    return Route(path, tuple(query.items()), method, frozenset(shows), keyed, anybody, status)


def sent(address: str, *shows: str, keyed: bool = False, **said: Any) -> Route:
    """A row of what a page of ours sends."""
    return Route(address, (), "POST", frozenset(shows), keyed, sent=json.dumps(said))


BOUGHT = {"event": "purchase", "operator": "gte", "value": 1}

ROUTES: dict[str, tuple[Route, ...]] = {
    "/healthz": (route("/healthz", anybody=True),),
    "/fonts/inter.ttf": (route("/fonts/inter.ttf", anybody=True),),
    "/auth/claim": (route("/auth/claim", anybody=True, method="POST", status=403),),
    "/values": (
        route("/values", entity="person", attribute="plan"),
        route("/values", entity="company", attribute="plan"),
        route("/values", entity="event", event="purchase", attribute="amount"),
        route("/values", entity="person", attribute="plan", q="rqsecret"),
    ),
    "/curve": (
        sent("/curve", rule={"all": [BOUGHT]}, path="all[0]"),
        sent("/curve", keyed=True, rule={"all": [BOUGHT, *IN["all"]]}, path="all[0]"),
    ),
    "/export": (
        route("/export", entity="person", column="name"),
        route("/export", KEY, entity="person", column="name", segment="{key}"),
        route("/export", entity="person", column="name", draft="{draft}"),
        route("/export", entity="person", column="name", company="f-00001"),
    ),
    "/imports/{number:int}/rejected.csv": (
        route("/imports/1/rejected.csv"),
        route("/imports/99/rejected.csv", status=404),
    ),
    "/log.csv": (route("/log.csv", KEY, NAME),),
}

# What Streamlit serves itself, and what who is not signed in gets there.
OWN = (
    ("GET", "/media/0123456789abcdef.csv", 401),
    ("PUT", "/_stcore/upload_file/one/two", 401),
    ("GET", "/_stcore/metrics", 404),
    ("POST", "/_stcore/agent/run", 404),
)


def place(world: World, view: View, key: str, *, draft: str | None = None) -> Place:
    """The row about one segment."""
    return Place(
        view,
        key,
        world.name_of(key),
        world.folder_key(key),
        draft or world.drafts.get(key, "never"),
        str(world.other.id),
    )


def address_names() -> set[str]:
    """The names in addresses that pages read, wherever they do."""
    found = set()
    for path in [*ROOT.glob("segcore/ui/*.py"), *ROOT.glob("pages/*.py")]:
        text = path.read_text(encoding="utf-8")
        found |= set(re.findall(r"query_params(?:\.get\(|\.pop\(|\[)\s*\"([\w-]+)\"", text))
        found |= set(_bound(text))
        assert not re.search(r"query_params(?:\.get\(|\.pop\(|\[)\s*[^\"\s\w]", text), path
    return found


def _bound(text: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call):
            told = {word.arg: word.value for word in node.keywords}
            bind, key = told.get("bind"), told.get("key")
            if isinstance(bind, ast.Constant) and bind.value == "query-params":
                assert isinstance(key, ast.Constant), ast.unparse(node)
                yield str(key.value)


def components() -> set[str]:
    """The browser components that have a word back."""
    found = set()
    for path in ROOT.glob("segcore/ui/components/*/*.js"):
        if re.search(r"set(State|Trigger)Value", path.read_text(encoding="utf-8")):
            found.add(path.parent.name)
    return found
