"""The table of the services: for every public method how it is called, about a segment where it can be about one.

A method without a row here fails `test_services.py`. `shows` is what an admin must be told of a hidden segment that the
call is about, so that a call which says nothing to anybody cannot pass for one that keeps a secret.
"""

from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import datetime
from inspect import getmembers, isfunction, signature
from typing import Any

from segcore.attributes import Entity
from segcore.bootstrap import Services
from segcore.model import Agent, NewSegments, Workspace
from segcore.problems import SegcoreError
from segcore.services.filters import Question
from segcore.services.sessions import Seat
from tests.access.world import COUNT, CSV, FOLDER, KEY, NAME, VALUE, WORDS, World

PERSON, FIRM = "p-00001", "f-00001"
PASSWORD = "correct horse battery staple"


@dataclass(frozen=True)
class Asking:
    """Who asks about which segment."""

    world: World
    services: Services
    agent: Agent
    key: str
    entity: Entity
    now: datetime

    @property
    def document(self) -> dict[str, Any]:
        """Those who are in it."""
        return {"all": [{"segment": self.key, "operator": "in"}]}

    @property
    def name(self) -> str:
        """Its name."""
        return self.world.name_of(self.key)

    @property
    def folder(self) -> str:
        """The key of its folder."""
        return self.world.folder_key(self.key)

    @property
    def own(self) -> str:
        """A segment of the editor's own, of the same kind."""
        return self.world.own[self.entity]

    @property
    def narrowed(self) -> dict[str, Any]:
        """Those of them below a number."""
        number = {"attribute": "lot" if self.entity is Entity.PERSON else "rank", "operator": "lt", "value": 0.0105}
        return {"all": [*self.document["all"], number]}

    @property
    def seat(self) -> Seat:
        """Where the agent sits, if they still do."""
        seat = self.services.sessions.seat(self.world.token_of(self.agent), now=self.now)
        if seat is None:
            raise SegcoreError("Nobody sits there.")
        return seat

    @property
    def id(self) -> int:
        """That of the agent."""
        assert self.agent.id is not None
        return self.agent.id

    @property
    def external_id(self) -> str:
        """Somebody who is in every segment of that kind."""
        return PERSON if self.entity is Entity.PERSON else FIRM


Call = Callable[[Asking], object]


@dataclass(frozen=True)
class Row:
    """One way to call a method."""

    call: Call
    keyed: bool = False  # it names the segment: hidden has to answer as missing does
    writes: bool = False
    shows: frozenset[str] = frozenset()
    brings: frozenset[str] = frozenset()  # what the asking itself says of the segment
    never: bytes = b""  # what would tell those who may not know


def keyed(call: Call, *shows: str, writes: bool = False) -> Row:
    """A call about one segment."""
    return Row(call, keyed=True, writes=writes, shows=frozenset(shows), brings=frozenset({KEY}))


def taken(call: Call) -> Row:
    """A call that brings the name of something that is hidden, for something new."""
    return Row(call, keyed=True, writes=True, brings=frozenset({KEY, NAME, FOLDER}))


def placed(call: Call) -> Row:
    """A call that brings the folder of something that is hidden, for something of one's own."""
    return Row(call, keyed=True, writes=True, brings=frozenset({KEY, FOLDER}))


def plain(call: Call, *shows: str, writes: bool = False) -> Row:
    """A call about none, or about all."""
    return Row(call, writes=writes, shows=frozenset(shows))


ALL = (KEY, NAME, WORDS, VALUE, COUNT)

METHODS: dict[str, tuple[Row, ...]] = {
    "presence.visible": (plain(lambda a: a.services.presence.visible(a.agent), KEY, NAME, WORDS, VALUE),),
    "presence.segment": (keyed(lambda a: a.services.presence.segment(a.agent, a.key), NAME, WORDS, VALUE),),
    "filters.schema": (plain(lambda a: a.services.filters.schema(a.agent)),),
    "filters.count": (
        keyed(lambda a: a.services.filters.count(a.agent, a.document, entity=a.entity, now=a.now), COUNT),
        keyed(
            lambda a: a.services.filters.count(a.agent, {"none": [{"any": [a.document]}]}, entity=a.entity, now=a.now)
        ),
    ),
    "filters.members": (
        keyed(lambda a: a.services.filters.members(a.agent, a.document, entity=a.entity, now=a.now, columns=[])),
    ),
    "filters.evaluate": (
        keyed(
            lambda a: a.services.filters.evaluate(
                a.agent, [Question(document=a.document, entity=a.entity, ids=True)], now=a.now
            ),
            COUNT,
        ),
    ),
    "filters.preview": (
        keyed(lambda a: a.services.filters.preview(a.agent, a.document, entity=a.entity, now=a.now), COUNT, NAME),
        keyed(
            lambda a: a.services.filters.preview(
                a.agent, {"any": [a.document, {"segment": a.key, "operator": "not_in"}]}, entity=a.entity, now=a.now
            ),
            COUNT,
            NAME,
        ),
    ),
    "filters.page": (
        keyed(lambda a: a.services.filters.page(a.agent, a.document, entity=a.entity, now=a.now, columns=[]), COUNT),
    ),
    "filters.export": (
        keyed(lambda a: a.services.filters.export(a.agent, a.document, entity=a.entity, now=a.now, columns=["name"])),
    ),
    "filters.columns": (plain(lambda a: a.services.filters.columns(a.agent, entity=a.entity)),),
    "filters.missing": (plain(lambda a: a.services.filters.missing(a.agent)),),
    "filters.values": (plain(lambda a: a.services.filters.values(a.agent, "plan", now=a.now)),),
    "filters.property_values": (
        plain(lambda a: a.services.filters.property_values(a.agent, "purchase", "amount", now=a.now)),
    ),
    "filters.places": (plain(lambda a: a.services.filters.places(a.agent, "place", now=a.now)),),
    "curves.curve": (
        keyed(lambda a: a.services.curves.curve(a.agent, a.narrowed, "all[1]", entity=a.entity, now=a.now)),
    ),
    "filters.vocabulary": (plain(lambda a: a.services.filters.vocabulary(a.agent, now=a.now)),),
    "filters.explain": (
        keyed(
            lambda a: a.services.filters.explain(a.agent, a.external_id, a.document, entity=a.entity, now=a.now),
            NAME,
            VALUE,
        ),
    ),
    "filters.explain_segment": (
        keyed(lambda a: a.services.filters.explain_segment(a.agent, a.external_id, a.key, now=a.now), VALUE),
    ),
    "filters.explain_segments": (
        keyed(lambda a: a.services.filters.explain_segments(a.agent, a.external_id, [a.key], now=a.now), VALUE),
    ),
    "filters.sentence": (
        keyed(lambda a: str(a.services.filters.sentence(a.agent, a.document, entity=a.entity, now=a.now)), NAME),
    ),
    "filters.compare": (
        keyed(lambda a: a.services.filters.compare(a.agent, a.document, {"all": []}, entity=a.entity, now=a.now), NAME),
    ),
    "filters.problems": (keyed(lambda a: a.services.filters.problems(a.agent, a.document, entity=a.entity)),),
    "people.profile": (plain(lambda a: a.services.people.profile(a.agent, PERSON, now=a.now)),),
    "people.events": (plain(lambda a: a.services.people.events(a.agent, PERSON)),),
    "segments.overview": (plain(lambda a: a.services.segments.overview(a.agent, now=a.now), *ALL),),
    "segments.counted": (
        keyed(lambda a: a.services.segments.counted(a.agent, a.key, now=a.now), NAME, WORDS, VALUE, COUNT),
    ),
    "segments.get": (keyed(lambda a: a.services.segments.get(a.agent, a.key), NAME, WORDS, VALUE),),
    "segments.members_of": (
        plain(lambda a: a.services.segments.members_of(a.agent, PERSON, entity=Entity.PERSON, now=a.now), KEY, NAME),
        plain(lambda a: a.services.segments.members_of(a.agent, FIRM, entity=Entity.COMPANY, now=a.now)),
    ),
    "segments.same": (
        plain(lambda a: a.services.segments.same(a.agent, a.document, entity=a.entity)),
        plain(lambda a: a.services.segments.same(a.agent, a.world.rules["secret"], entity=Entity.PERSON), NAME),
    ),
    "segments.save": (
        keyed(
            lambda a: a.services.segments.save(a.agent, name="Novel", document=a.document, entity=a.entity, now=a.now),
            writes=True,
        ),
        taken(
            lambda a: a.services.segments.save(a.agent, name=a.name, document={"all": []}, entity=a.entity, now=a.now)
        ),
        placed(
            lambda a: a.services.segments.save(
                a.agent, name="Novel", document={"all": []}, entity=a.entity, folder=a.folder, now=a.now
            )
        ),
    ),
    "segments.change": (
        keyed(
            lambda a: a.services.segments.change(a.agent, a.key, expected_version=1, name="Other", now=a.now),
            writes=True,
        ),
        keyed(
            lambda a: a.services.segments.change(a.agent, a.own, expected_version=1, document=a.document, now=a.now),
            writes=True,
        ),
        taken(lambda a: a.services.segments.change(a.agent, a.own, expected_version=1, name=a.name, now=a.now)),
        placed(lambda a: a.services.segments.change(a.agent, a.own, expected_version=1, folder=a.folder, now=a.now)),
        Row(  # it closes a circle through what is hidden
            lambda a: a.services.segments.change(
                a.agent,
                a.world.own[Entity.PERSON],
                expected_version=1,
                document={"segment": "kqcircledkey", "operator": "in"},
                now=a.now,
            ),
            writes=True,
            never=b"itself",
        ),
    ),
    "segments.move": (
        keyed(lambda a: a.services.segments.move(a.agent, a.key, None, now=a.now), writes=True),
        placed(lambda a: a.services.segments.move(a.agent, a.own, a.folder, now=a.now)),
    ),
    "segments.duplicate": (
        keyed(lambda a: a.services.segments.duplicate(a.agent, a.key, now=a.now), writes=True),
        Row(lambda a: a.services.segments.duplicate(a.agent, "kqopenkey", now=a.now), writes=True, never=b"copy 2"),
    ),
    "segments.delete": (
        keyed(lambda a: a.services.segments.delete(a.agent, a.key, now=a.now), writes=True),
        # One that is hidden uses it.
        plain(lambda a: a.services.segments.delete(a.agent, a.world.own[Entity.PERSON], now=a.now), writes=True),
    ),
    "segments.used_by": (
        keyed(lambda a: a.services.segments.used_by(a.agent, a.key)),
        plain(lambda a: a.services.segments.used_by(a.agent, "kqopenkey"), KEY),
    ),
    "segments.export": (
        keyed(lambda a: a.services.segments.export(a.agent, [a.key]), NAME, WORDS, FOLDER, VALUE),
        plain(lambda a: a.services.segments.export(a.agent), KEY, NAME, WORDS, FOLDER, VALUE),
    ),
    "segments.document": (keyed(lambda a: a.services.segments.document(a.agent, a.key), NAME, WORDS, FOLDER, VALUE),),
    "segments.load": (
        keyed(
            lambda a: a.services.segments.load(
                a.agent, {"segments": [{"key": "loaded", "name": "Loaded", "rule": a.document}]}, now=a.now
            ),
            writes=True,
        ),
    ),
    "segments.set_visibility": (
        keyed(lambda a: a.services.segments.set_visibility(a.agent, a.key, hidden_from=(), now=a.now), writes=True),
    ),
    "segments.blocked": (keyed(lambda a: a.services.segments.blocked(a.agent, a.key, now=a.now)),),
    "segments.would_block": (
        keyed(lambda a: a.services.segments.would_block(a.agent, a.document, entity=a.entity, now=a.now)),
    ),
    "segments.unshow": (keyed(lambda a: a.services.segments.unshow(a.agent, a.key, (), now=a.now), writes=True),),
    "segments.audience": (plain(lambda a: a.services.segments.audience(a.agent)),),
    "segments.start": (plain(lambda a: a.services.segments.start(a.agent)),),
    "segments.show_on_purpose": (
        keyed(lambda a: a.services.segments.show_on_purpose(a.agent, a.key, (), now=a.now), writes=True),
    ),
    "folders.all": (plain(lambda a: a.services.folders.all(a.agent), FOLDER),),
    "folders.create": (
        taken(lambda a: a.services.folders.create(a.agent, a.world.folder_of(a.key), entity=a.entity, now=a.now)),
    ),
    "folders.rename": (
        keyed(
            lambda a: a.services.folders.rename(a.agent, a.world.folder_key(a.key), "Another", now=a.now), writes=True
        ),
    ),
    "folders.delete": (
        keyed(lambda a: a.services.folders.delete(a.agent, a.world.folder_key(a.key), now=a.now), writes=True),
    ),
    "drafts.keep": (
        plain(lambda a: a.services.drafts.keep(a.agent, {"all": []}, now=a.now).document, writes=True),
        # A draft of one's own opens again; it must not tell whether what it refers to is there.
        keyed(
            lambda a: (
                a.services.drafts.open(
                    a.agent, a.services.drafts.keep(a.agent, a.document, entity=a.entity, now=a.now).id
                ).document
            )
        ),
        keyed(
            lambda a: (
                a.services.drafts.open(
                    a.agent, a.services.drafts.keep(a.agent, {"all": []}, entity=a.entity, segment=a.key, now=a.now).id
                ).document
            )
        ),
    ),
    "drafts.open": (
        plain(lambda a: a.services.drafts.open(a.agent, a.world.open_draft)),
        plain(lambda a: a.services.drafts.open(a.agent, a.world.draft), KEY),
    ),
    "drafts.seen": (
        keyed(lambda a: a.services.drafts.seen(a.agent, a.document)),
        keyed(lambda a: a.services.drafts.seen(a.agent, {"all": []}, segment=a.key)),
    ),
    "drafts.discard": (plain(lambda a: a.services.drafts.discard(a.agent, a.world.draft, now=a.now), writes=True),),
    # Columns were chosen for each of them before it was hidden.
    "views.columns": (keyed(lambda a: a.services.views.columns(a.agent, entity=a.entity, segment=a.key)),),
    "views.keep_columns": (
        keyed(
            lambda a: a.services.views.keep_columns(a.agent, ["plan"], entity=a.entity, segment=a.key, now=a.now),
            writes=True,
        ),
    ),
    "attributes.all": (plain(lambda a: a.services.attributes.all(a.agent), NAME),),
    "attributes.events": (plain(lambda a: a.services.attributes.events(a.agent, now=a.now)),),
    "imports.columns": (plain(lambda a: a.services.imports.columns(a.agent, CSV, name="a.csv")),),
    "imports.plan": (plain(lambda a: a.services.imports.plan(a.agent, "person", CSV, name="a.csv", id="id").rows),),
    "imports.run": (plain(lambda a: _imported(a), writes=True),),
    "imports.history": (plain(lambda a: a.services.imports.history(a.agent)),),
    "imports.rejections": (plain(lambda a: a.services.imports.rejections(a.agent, a.world.imported)),),
    "demo.fill": (plain(lambda a: a.services.demo.fill(a.agent, now=a.now), writes=True),),
    "demo.remove": (plain(lambda a: a.services.demo.remove(a.agent, now=a.now), writes=True),),
    "sessions.end": (plain(lambda a: a.services.sessions.end(a.seat, now=a.now), writes=True),),
    "sessions.of_agent": (plain(lambda a: a.services.sessions.of_agent(a.agent, a.id, now=a.now)),),
    "sessions.end_session": (
        plain(lambda a: a.services.sessions.end_session(a.agent, a.seat.session.id, now=a.now), writes=True),
    ),
    "sessions.end_all": (plain(lambda a: a.services.sessions.end_all(a.agent, a.id, now=a.now), writes=True),),
    "sessions.see_as": (plain(lambda a: a.services.sessions.see_as(a.seat, a.world.other.id, now=a.now), writes=True),),
    "sessions.stop_seeing": (plain(lambda a: a.services.sessions.stop_seeing(a.seat, now=a.now), writes=True),),
    "sessions.change_password": (
        plain(lambda a: a.services.sessions.change_password(a.seat, old="wrong", new=PASSWORD, now=a.now), writes=True),
    ),
    "sessions.link": (plain(lambda a: a.services.sessions.link(a.agent, a.world.other.id, now=a.now), writes=True),),
    "sessions.set_password": (
        plain(lambda a: a.services.sessions.set_password(a.agent, a.world.other.id, PASSWORD, now=a.now), writes=True),
    ),
    "agents.all": (plain(lambda a: a.services.agents.all(a.agent)),),
    "agents.known": (plain(lambda a: a.services.agents.known(a.agent)),),
    "agents.called": (plain(lambda a: a.services.agents.called(a.agent, a.world.other.name)),),
    "agents.names": (plain(lambda a: a.services.agents.names(a.agent)),),
    "agents.invited": (plain(lambda a: a.services.agents.invited(a.agent)),),
    "agents.add": (
        plain(lambda a: a.services.agents.add(a.agent, name="Novice", email="", role="viewer", now=a.now), writes=True),
    ),
    "agents.change": (
        plain(lambda a: a.services.agents.change(a.agent, a.world.other.id, role="viewer", now=a.now), writes=True),
    ),
    "agents.starts_with": (plain(lambda a: a.services.agents.starts_with(a.agent)),),
    "agents.set_starts_with": (
        plain(lambda a: a.services.agents.set_starts_with(a.agent, NewSegments(), now=a.now), writes=True),
    ),
    "workspace_settings.get": (plain(lambda a: a.services.workspace_settings.get(a.agent)),),
    "workspace_settings.change": (
        plain(lambda a: a.services.workspace_settings.change(a.agent, Workspace(name="Other"), now=a.now), writes=True),
    ),
    "workspace_settings.zone_effects": (
        plain(lambda a: a.services.workspace_settings.zone_effects(a.agent, "Asia/Tokyo", "sunday", now=a.now)),
    ),
    "audit.entries": (plain(lambda a: a.services.audit.entries(a.agent, limit=1000), KEY, NAME),),
    "audit.export": (plain(lambda a: a.services.audit.export(a.agent), KEY, NAME),),
}

# Methods that take no agent, and why none of what they hand out travels.
BELOW = {
    "presence.current": "every segment, for evaluation; whoever asks looks up what is visible beside it",
    "presence.position": "a number that moves with every write",
    "presence.close": "closes",
    "segments.ensure_predefined": "writes what every workspace has",
    "drafts.forget_old": "answers a number",
    "demo.present": "yes or no",
    "sessions.seat": "turns a token into who that is",
    "sessions.credentials": "hashes for the sign-in form, which reads them in the server",
    "sessions.locked": "yes or no",
    "sessions.failed": "counts",
    "sessions.ticket": "handed to whoever gave the right password",
    "sessions.claim": "a ticket for a token",
    "sessions.clean": "deletes what ran out",
    "sessions.setup_link": "printed to whoever runs the server",
    "sessions.look": "what a one-time link is for, to whoever holds it",
    "sessions.use": "sets the password of whoever holds a one-time link",
    "agents.acting": "turns `--as NAME` into an agent, for whoever owns the database",
}


def methods() -> dict[str, Callable[..., object]]:
    """Every public method of every service, by "field.method"."""
    found = {}
    for field in fields(Services):
        kind = field.type if isinstance(field.type, type) else None
        if kind is not None and kind.__module__.startswith("segcore.services."):
            found |= {
                f"{field.name}.{name}": method
                for name, method in getmembers(kind, isfunction)
                if not name.startswith("_")
            }
    return found


def takes_agent(method: Callable[..., object]) -> bool:
    """Whether it asks who calls."""
    return list(signature(method).parameters)[1:2] in (["agent"], ["seat"])


def _imported(asking: Asking) -> object:
    imports = asking.services.imports
    plan = imports.plan(asking.agent, "person", CSV, name="a.csv", id="id")
    return imports.run(asking.agent, plan, now=asking.now).counts()
