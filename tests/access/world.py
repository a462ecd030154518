"""A workspace made to be looked at by people who may not see all of it.

Nine thousand people and a few hundred companies, and segments in every state of visibility. Each segment carries words
of its own that stand nowhere else: in its key, name, description, folder and filter, and a number of members that
nothing else comes to. Where one of them turns up, it was told.
"""

import json
import os
import re
import secrets
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any

import bcrypt
import polars as pl

from segcore import bootstrap, store
from segcore.attributes import Attribute, Entity, Kind
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent
from segcore.settings import Settings
from segcore.store.tables import agent as agents

ANONYMOUS, VIEWER, EDITOR, ADMIN, DISABLED = ROLES = ("anonymous", "viewer", "editor", "admin", "disabled")
SHUT_OUT = (ANONYMOUS, DISABLED)  # they see nothing at all
KEPT_FROM = (VIEWER, EDITOR)  # from them the segments are hidden
SEEING = "seeing"  # an admin who looks as the viewer
NAMES = {VIEWER: "Vicvig", EDITOR: "Eddved", ADMIN: "Adaqua", DISABLED: "Disvox"}
OTHER = "Othkem"  # an editor who is one of "only these"

KEY, NAME, WORDS, FOLDER, VALUE, COUNT = PARTS = ("key", "name", "words", "folder", "value", "count")
MISSING = "kqneverkey"  # as long as the others, and nobody's

PEOPLE, COMPANIES = 9_000, 2_000


@dataclass(frozen=True)
class Planted:
    """A segment and the words by which it is known again. `shown`: to those from whom what it stands on is hidden."""

    what: str
    count: int
    entity: Entity = Entity.PERSON
    hidden_from: tuple[str, ...] = ()
    visible_to: tuple[str, ...] | None = None
    on: str | None = None  # what it refers to, or "own": a segment of the editor's own
    how: str = "all"  # all, none or company: how it refers to it
    shown: bool = False
    hides: frozenset[str] = frozenset(PARTS)  # what of it those who are kept from it must not see

    @property
    def key(self) -> str:
        """Its key."""
        return f"kq{self.what}key"

    def words(self) -> dict[str, str]:
        """What stands in its parts."""
        return {
            KEY: self.key,
            NAME: f"Nq{self.what}name",
            WORDS: f"Dq{self.what}words",
            FOLDER: f"Fq{self.what}folder",
            VALUE: f"rq{self.what}value",
        }

    def traces(self) -> dict[str, re.Pattern[bytes]]:
        """How each part is found again, as whatever it is written."""
        found = {part: re.compile(word.encode(), re.IGNORECASE) for part, word in self.words().items()}
        thousands, rest = divmod(self.count, 1000)
        number = rf"(?<![\w.\-])(?<!\d,){thousands},?{rest:03}(?!\w|[.,:\-]\d)"
        return {**found, COUNT: re.compile(number.encode())}


BOTH = (NAMES[VIEWER], NAMES[EDITOR])
SEEN_OPENLY = frozenset({VALUE})  # of what is shown on purpose only the inside stays hidden

PLANTED = (
    Planted("open", 8_219, hides=frozenset()),
    Planted("secret", 7_919, hidden_from=BOTH, on="open"),
    Planted("onlyme", 6_653, visible_to=()),
    Planted("onlythese", 5_903, visible_to=(OTHER,)),
    Planted("inside", 5_741, on="secret"),
    Planted("deep", 3_001, on="inside", how="none"),
    Planted("ofcompany", 2_713, on="firm", how="company"),
    Planted("shown", 4_447, on="secret", shown=True, hides=SEEN_OPENLY),
    Planted("firm", 1_327, entity=Entity.COMPANY, hidden_from=BOTH),
    # A circle that nobody but an admin sees would be closed by the editor's own segment referring to the last of these.
    Planted("sphere", 2_203, hidden_from=BOTH, on="own", how="none"),
    Planted("circled", 1_609, on="sphere", shown=True, hides=SEEN_OPENLY),
)
BY_WHAT = {planted.what: planted for planted in PLANTED}
LOOP = BY_WHAT["sphere"]
HIDDEN = tuple(planted for planted in PLANTED if planted.hides == frozenset(PARTS))
# What is meant by a key that is not there is guessed among those that are seen, by how alike they are.
SUGGESTED = re.compile("|".join(planted.key for planted in PLANTED if planted not in HIDDEN))
OPEN, SHOWN = BY_WHAT["open"], BY_WHAT["shown"]
OWN = {Entity.PERSON: "Own people", Entity.COMPANY: "Own companies"}  # segments of the editor
CSV = b"id,plan\np-00001,Pro\n,none\n"  # the second row is refused


def rule(planted: Planted, own: str = "") -> dict[str, Any]:
    """A filter that exactly `count` match, which names a value that nobody has. `own`: the key of the editor's segment."""
    conditions: list[dict[str, Any]] = [
        {"attribute": "plan", "operator": "is_not", "value": planted.words()[VALUE]},
    ]
    first = planted.count
    if planted.on is not None:
        below = BY_WHAT.get(planted.on)
        on: dict[str, Any] = {"segment": own if below is None else below.key, "operator": "in"}
        match planted.how:
            case "none":  # the last lots of those who are not in the other
                return {"all": [*conditions, {"none": [on]}, bound("lot", "gt", PEOPLE - planted.count)]}
            case "company":
                conditions.append({"company": "any", "rule": on})
                inside = (number for number in range(PEOPLE) if below and number % COMPANIES < below.count)
                first = next(islice(inside, planted.count - 1, None)) + 1
            case _:
                conditions.append(on)
                if below is LOOP:  # whose members are the last ones
                    return {"all": [*conditions, bound("lot", "gt", PEOPLE - planted.count)]}
    return {"all": [*conditions, bound("lot" if planted.entity is Entity.PERSON else "rank", "lt", first)]}


def bound(attribute: str, operator: str, amount: int) -> dict[str, Any]:
    """Those below or above so many thousandths of the attribute by which everybody is numbered. The limit lies between
    two of them, so that the amount itself does not stand in it."""
    return {"attribute": attribute, "operator": operator, "value": amount / 1000 - 0.0005}


def scan(told: bytes, planted: Planted, parts: Iterable[str] = PARTS) -> set[str]:
    """The parts of a segment that were told."""
    traces = _traces(planted)
    return {part for part in parts if traces[part].search(told)}


@cache
def _traces(planted: Planted) -> dict[str, re.Pattern[bytes]]:
    return planted.traces()


def leaks(told: bytes, role: str, *, besides: Iterable[str] = ()) -> list[str]:
    """What a role was told although it is hidden from it, in words. `besides`: parts that the asking itself told."""
    found = []
    for planted in PLANTED:
        hidden = (
            frozenset(PARTS) if role in SHUT_OUT else planted.hides if role in (*KEPT_FROM, SEEING) else frozenset()
        )
        found += [f"{part} of {planted.what}" for part in sorted(scan(told, planted, hidden - set(besides)))]
    return found


@dataclass
class World:
    """The workspace, its services, its agents and their tokens."""

    folder: Path
    services: Services
    agents: dict[str, Agent]
    tokens: dict[str, str | None]
    other: Agent  # one of "only these"
    drafts: dict[str, str]  # of an admin, about each planted segment, by its key
    open_draft: str  # of the admin, about nothing that is hidden
    imported: int  # the number of an import that refused a row
    folders: dict[str, str]  # the keys of the planted segments' folders, by the segments' keys
    own: dict[Entity, str]  # the keys of segments of the editor's own

    @property
    def rules(self) -> dict[str, dict[str, Any]]:
        """The planted filters."""
        return {planted.what: rule(planted, self.own[Entity.PERSON]) for planted in PLANTED}

    def token_of(self, agent: Agent) -> str | None:
        """An agent's token."""
        return self.tokens[next(role for role, name in NAMES.items() if name == agent.name)]

    @property
    def draft(self) -> str:
        """A draft about what is hidden."""
        return self.drafts[BY_WHAT["secret"].key]

    def name_of(self, key: str) -> str:
        """The name of a planted segment, or one that no segment has."""
        return key.replace("kq", "Nq").replace("key", "name")

    def folder_of(self, key: str) -> str:
        """The name of its folder, or one that no folder has."""
        return key.replace("kq", "Fq").replace("key", "folder")

    def folder_key(self, key: str) -> str:
        """The key of its folder, or one that no folder has."""
        return self.folders.get(key, "fqneverfolder")

    def close(self) -> None:
        """Leave."""
        self.services.presence.close()
        self.services.database.close()


def settings(folder: Path) -> Settings:
    """Those of a workspace in a folder."""
    return Settings.from_environment({"SEGCORE_DATA": str(folder), "SEGCORE_DEMO": "no"})


def make(folder: Path) -> World:
    """The workspace in an empty folder, with everybody signed in."""
    services = bootstrap.start(settings(folder))
    now = bootstrap.clock()
    populate(services)
    who = {role: enrol(services, name, "editor" if role == DISABLED else role) for role, name in NAMES.items()}
    other = enrol(services, OTHER, "editor")
    own: dict[Entity, str] = {}
    for entity in Entity:
        document = {"all": [bound("lot" if entity is Entity.PERSON else "rank", "lt", 90)]}
        saved = services.segments.save(who[EDITOR], name=OWN[entity], document=document, entity=entity, now=now)
        own[entity] = saved.key
    plant(services, own[Entity.PERSON])
    secret = BY_WHAT["secret"]
    drafts = {planted.key: drafted(services, planted, own[Entity.PERSON]) for planted in PLANTED}
    open_draft = services.drafts.keep(LOCAL_OWNER, {"all": [bound("lot", "lt", 100)]}, now=now)
    # What the audit log says of a change, so that there is something to find in it.
    services.segments.change(LOCAL_OWNER, secret.key, expected_version=1, name=secret.words()[NAME], now=now)
    plan = services.imports.plan(LOCAL_OWNER, "person", CSV, name="refused.csv", id="id")
    imported = services.imports.run(LOCAL_OWNER, plan, now=now).id
    with services.database.write() as connection:
        position = store.log.append(connection, at=now, agent="owner", what="columns chosen", entity="view")
        for planted in PLANTED:
            for one in who.values():
                store.columns.save(connection, one, planted.key, ["plan"], position)
    folders = {planted.key: _folder_key(services, planted) for planted in PLANTED}
    tokens: dict[str, str | None] = {role: sign_in(services, name) for role, name in NAMES.items()}
    tokens[SEEING] = looking(services, sign_in(services, NAMES[ADMIN]), who[VIEWER])
    # Switched off behind the product's back, so that only the check at each run can notice.
    with services.database.write() as connection:
        connection.execute(agents.update().where(agents.c.name == NAMES[DISABLED]).values(enabled=False))
        who = {role: found for role in who if (found := store.agents.get(connection, NAMES[role])) is not None}
    assert imported is not None
    return World(
        folder, services, who, {ANONYMOUS: None, **tokens}, other, drafts, open_draft.id, imported, folders, own
    )


def again(world: World, folder: Path) -> World:
    """A copy of the workspace in another folder, whose tokens are the same."""
    folder.mkdir(parents=True, exist_ok=True)
    with sqlite3.connect(world.folder / "segcore.db") as stored, sqlite3.connect(folder / "segcore.db") as copy:
        stored.backup(copy)
    shutil.copyfile(world.folder / "secret.key", folder / "secret.key")
    os.chmod(folder / "secret.key", 0o600)
    return replace(world, folder=folder, services=bootstrap.start(settings(folder)))


def _folder_key(services: Services, planted: Planted) -> str:
    stored = services.segments.get(LOCAL_OWNER, planted.key).folder
    assert stored is not None
    return stored


def populate(services: Services) -> None:
    """People and companies, numbered by an attribute in steps of a thousandth; everybody belongs to one company."""
    now = bootstrap.clock()
    signed_up = int((now - timedelta(days=40)).timestamp() * 1_000_000)
    with services.database.write() as connection:
        for entity in ("person", "company", "attribute"):
            position = store.log.append(connection, at=now, agent="owner", what="planted", entity=entity, amount=1)
        for entity, key in ((Entity.PERSON, "lot"), (Entity.COMPANY, "rank")):
            attributes = [
                Attribute(key=key, kind=Kind.NUMBER, fractions=True),
                Attribute(key="plan", kind=Kind.TEXT),
                Attribute(key="city", kind=Kind.TEXT),
                Attribute(key="place", kind=Kind.LOCATION),
            ]
            store.schema.save(connection, entity, attributes, position)
            store.schema.save_events(connection, {"purchase": ""}, position)
            store.schema.save_properties(connection, [Attribute(key="amount", kind=Kind.NUMBER)], position)
        for entity, key, amount, letter in (
            (Entity.PERSON, "lot", PEOPLE, "p"),
            (Entity.COMPANY, "rank", COMPANIES, "f"),
        ):
            documents = [
                {"name": f"{letter}{number:05}", "plan": "Pro", key: number / 1000, "signed_up_at": signed_up}
                for number in range(amount)
            ]
            if entity is Entity.COMPANY:
                for document in documents:
                    del document["signed_up_at"]
            frame = pl.DataFrame(
                {
                    "external_id": [f"{letter}-{number:05}" for number in range(amount)],
                    "document": [json.dumps(document) for document in documents],
                }
            )
            store.records.insert(connection, entity, frame, position, now)
        people = store.records.ids(connection, Entity.PERSON, [f"p-{n:05}" for n in range(PEOPLE)])
        firms = store.records.ids(connection, Entity.COMPANY, [f"f-{n:05}" for n in range(COMPANIES)])
        firm = firms.sort("external_id")["id"]
        belonging = people.sort("external_id").select(person_id="id").with_row_index("n")
        belonging = belonging.with_columns(
            company_id=firm.gather(belonging["n"] % COMPANIES), rank=pl.lit(0, dtype=pl.Int64)
        )
        store.belonging.set_companies(connection, belonging.drop("n"), position)
        store.events.append(connection, _events(people["id"][0], int(now.timestamp() * 1_000_000)), position)


def _events(person: int, at: int) -> pl.DataFrame:
    rows = [(person, "purchase", at - hours * 3_600_000_000, '{"amount": 12}', None) for hours in range(1, 4)]
    schema = {
        "person_id": pl.Int64,
        "name": pl.String,
        "at": pl.Int64,
        "properties": pl.String,
        "message_id": pl.String,
    }
    return pl.DataFrame(rows, schema=schema, orient="row")


def drafted(services: Services, planted: Planted, own: str) -> str:
    """A draft that changes a segment."""
    now, document = bootstrap.clock(), {"all": [{"segment": planted.key, "operator": "in"}, *rule(planted, own)["all"]]}
    kept = services.drafts.keep(LOCAL_OWNER, document, entity=planted.entity, segment=planted.key, now=now)
    return kept.id


def enrol(services: Services, name: str, role: str) -> Agent:
    """A new agent."""
    now = bootstrap.clock()
    return services.agents.add(LOCAL_OWNER, name=name, email=f"{name.lower()}@example.org", role=role, now=now)


def sign_in(services: Services, name: str) -> str:
    """A token, as the right password gives one."""
    now = bootstrap.clock()
    token = services.sessions.claim(services.sessions.ticket(name, now=now), browser="a test", now=now)
    assert token is not None
    return token


def chance() -> str:
    """Letters that nobody had before."""
    return "".join(secrets.choice("bcdfghjklmnpqrstvwxz") for _ in range(12))


def set_password(services: Services, agent: Agent, password: str) -> None:
    """A password, stored as cheaply as it can be: what is tested here is not how long a guess takes."""
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(4)).decode()
    with services.database.write() as connection:
        connection.execute(agents.update().where(agents.c.id == agent.id).values(password_hash=hashed))


def looking(services: Services, token: str, other: Agent) -> str:
    """The same token, looking as somebody else."""
    now = bootstrap.clock()
    seat = services.sessions.seat(token, now=now)
    assert seat is not None
    assert other.id is not None
    services.sessions.see_as(seat, other.id, now=now)
    return token


def plant(services: Services, own: str) -> None:
    """The segments. `own` is the key of the editor's."""
    now = bootstrap.clock()
    documents = [
        {
            "key": planted.key,
            "name": planted.words()[NAME],
            "description": planted.words()[WORDS],
            "folder": planted.words()[FOLDER],
            "entity": planted.entity.value,
            "rule": rule(planted, own),
            **({"hidden_from": list(planted.hidden_from)} if planted.hidden_from else {}),
            **({"visible_to": list(planted.visible_to)} if planted.visible_to is not None else {}),
        }
        for planted in PLANTED
    ]
    # Its name would be that of the first copy of the open one.
    copy = {"key": "copied", "name": f"{OPEN.words()[NAME]} (copy)", "visible_to": [], "rule": {"all": []}}
    services.segments.load(LOCAL_OWNER, {"segments": [*documents, copy]}, now=now)
    for planted in PLANTED:
        if planted.shown:
            services.segments.show_on_purpose(LOCAL_OWNER, planted.key, BOTH, now=now)


def everything(value: object) -> bytes:
    """All that a value says, frames and generators included, as bytes to be scanned."""
    return b"\n".join(_said(value))


def _said(value: object) -> Iterator[bytes]:
    match value:
        case bytes():
            yield value
        case pl.DataFrame():
            yield str(value.columns).encode()
            yield value.write_json().encode()
        case dict():
            for key, each in value.items():
                yield repr(key).encode()
                yield from _said(each)
        case list() | tuple() | set() | frozenset():
            for each in value:
                yield from _said(each)
        case Iterator():
            for each in value:
                yield from _said(each)
        case _ if hasattr(value, "__dataclass_fields__"):
            for name in value.__dataclass_fields__:
                yield from _said(getattr(value, name))
        case _:
            yield repr(value).encode()
