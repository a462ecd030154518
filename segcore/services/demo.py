"""The demo workspace: filling an empty database with it, and taking it out whole."""

from collections.abc import Mapping, Sized
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import polars as pl
from sqlalchemy import Connection

from segcore import demo, store
from segcore.access import Verb, require
from segcore.attributes import STANDARD, Attribute, Entity, Kind
from segcore.model import Agent, Entry, Segment
from segcore.problems import SegcoreError
from segcore.rules import codec
from segcore.rules.tree import Condition, Performed, Sequence, segments_in, walk_over
from segcore.store.database import Database

AUTHOR = "Demo workspace"  # of the segments that came with it

KINDS: Mapping[Entity, Mapping[str, Kind]] = {
    Entity.PERSON: {
        "country": Kind.TEXT,
        "plan": Kind.TEXT,
        "uploaded_photos": Kind.NUMBER,
        "total_spent": Kind.NUMBER,
        "downloaded_mobile_app": Kind.BOOLEAN,
        "job_title": Kind.TEXT,
        "department": Kind.TEXT,
        "primary_role": Kind.TEXT,
        "badges": Kind.LIST,
        "groups": Kind.LIST,
        "city": Kind.TEXT,
        "location": Kind.LOCATION,
        "birthday": Kind.DATE,
        "contract_ends_on": Kind.DATE,
    },
    Entity.COMPANY: {
        "plan": Kind.TEXT,
        "industry": Kind.TEXT,
        "employees": Kind.NUMBER,
        "annual_revenue": Kind.NUMBER,
        "country": Kind.TEXT,
        "city": Kind.TEXT,
        "location": Kind.LOCATION,
        "website": Kind.TEXT,
        "contract_ends_on": Kind.DATE,
        "tags": Kind.LIST,
    },
}
PROPERTIES = {"amount": Kind.NUMBER, "category": Kind.TEXT, "via": Kind.TEXT, "kind": Kind.TEXT, "campaign": Kind.TEXT}
FRACTIONS = frozenset({"total_spent", "annual_revenue", "amount"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Amounts:
    """How much was put in or taken out; `kept` names the segments that stay because others refer to them."""

    people: int
    companies: int
    events: int
    segments: int
    kept: tuple[str, ...] = ()


class Demo:
    """Made of data/demo.yaml; known again by its ids and by the author of its segments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def present(self) -> bool:
        """Whether some of it is in the workspace."""
        with self._database.read() as connection:
            recipe = demo.read()
            return any(not _ids(connection, entity, recipe).is_empty() for entity in Entity)

    def fill(self, agent: Agent, *, now: datetime) -> Amounts:
        """Put the demo into a workspace without people and companies."""
        require(agent, Verb.DEFINE)
        recipe = demo.read()
        drawn = demo.draw(recipe, now)
        with self._database.write() as connection:
            if any(store.records.count(connection, entity) for entity in Entity):
                raise SegcoreError(
                    "The demo workspace only goes into an empty one, so that it never mixes with your people.",
                    "Name a new database, for example with --database sqlite:///demo.db.",
                )
            position = _noted(connection, agent, "demo filled", now, drawn.people, drawn.companies, drawn.events)
            _declare(connection, recipe, position)
            _insert(connection, drawn, position, now)
            filled = Amounts(
                people=drawn.people.height,
                companies=drawn.companies.height,
                events=drawn.events.height,
                segments=_save_segments(connection, recipe, position, now),
            )
            store.audit.append(connection, _entry(agent, "demo filled", now, after=filled))
        return filled

    def remove(self, agent: Agent, *, now: datetime) -> Amounts:
        """Take out its people, companies, events and segments, and the attributes that nobody else has. A segment of
        the demo stays where one of the workspace's own refers to it."""
        require(agent, Verb.DEFINE)
        recipe = demo.read()
        with self._database.write() as connection:
            people = _ids(connection, Entity.PERSON, recipe)
            companies = _ids(connection, Entity.COMPANY, recipe)
            if people.is_empty() and companies.is_empty():
                raise SegcoreError("There is no demo workspace here to remove.")
            events = store.demo.events_of(connection, people)
            position = _noted(connection, agent, "demo removed", now, people, companies, range(events))
            store.records.delete(connection, Entity.PERSON, people, position)
            store.records.delete(connection, Entity.COMPANY, companies, position)
            removed, kept = _delete_segments(connection, recipe, position)
            _withdraw(connection, recipe)
            gone = Amounts(
                people=len(people),
                companies=len(companies),
                events=events,
                segments=removed,
                kept=tuple(s.name for s in kept),
            )
            store.audit.append(connection, _entry(agent, "demo removed", now, before=gone))
        return gone


def _noted(connection: Connection, agent: Agent, what: str, now: datetime, *touched: Sized) -> int:
    """An entry of the log for each kind of thing that is touched: whoever keeps some of it in memory looks for its kind."""
    amounts = dict(zip(("person", "company", "event"), map(len, touched), strict=True))
    position = 0
    for entity in ("attribute", *amounts, "folder", "segment"):
        position = store.log.append(
            connection, at=now, agent=agent.name, what=what, entity=entity, amount=amounts.get(entity, 0)
        )
    return position


def _entry(
    agent: Agent, what: str, now: datetime, *, before: Amounts | None = None, after: Amounts | None = None
) -> Entry:
    told = (None if each is None else {**asdict(each), "kept": list(each.kept)} for each in (before, after))
    was, became = told
    return Entry(at=now, agent=agent.name, what=what, entity="workspace", name=AUTHOR, before=was, after=became)


def _ids(connection: Connection, entity: Entity, recipe: Mapping[str, Any]) -> pl.Series:
    """The ids of those of the demo who are there; somebody else's whose id only begins alike is not among them."""
    return store.records.ids(connection, entity, demo.external_ids(recipe, entity))["id"]


def _declare(connection: Connection, recipe: Mapping[str, Any], position: int) -> None:
    for entity, kinds in KINDS.items():
        store.schema.save(connection, entity, [_attribute(recipe, key, kind) for key, kind in kinds.items()], position)
    store.schema.save_events(connection, recipe["event_labels"], position)
    store.schema.save_properties(
        connection, [_attribute(recipe, key, kind) for key, kind in PROPERTIES.items()], position
    )


def _attribute(recipe: Mapping[str, Any], key: str, kind: Kind) -> Attribute:
    label, unit = recipe["labels"].get(key, ""), recipe["units"].get(key, "")
    return Attribute(key=key, kind=kind, label=label, unit=unit, fractions=key in FRACTIONS)


def _insert(connection: Connection, drawn: demo.Drawn, position: int, now: datetime) -> None:
    store.records.insert(connection, Entity.PERSON, drawn.people, position, now)
    store.records.insert(connection, Entity.COMPANY, drawn.companies, position, now)
    people = store.records.ids(connection, Entity.PERSON, drawn.people["external_id"])
    companies = store.records.ids(connection, Entity.COMPANY, drawn.companies["external_id"])
    person = people.select(person="external_id", person_id="id")
    company = companies.select(company="external_id", company_id="id")
    belonging = drawn.belonging.join(person, on="person").join(company, on="company")
    store.belonging.set_companies(connection, belonging.select("person_id", "company_id", "rank"), position)
    events = drawn.events.join(person, on="person", maintain_order="left").with_columns(
        message_id=pl.lit(None, dtype=pl.String)
    )
    store.events.append(connection, events.select("person_id", "name", "at", "properties", "message_id"), position)


def _save_segments(connection: Connection, recipe: Mapping[str, Any], position: int, now: datetime) -> int:
    """Its folders and segments. A key that was once taken is another one here, and references follow."""
    folders = {
        folder.name: folder.key for folder in store.folders.everything(connection) if folder.entity is Entity.PERSON
    }
    places = {
        key: folders[name] if name in folders else store.folders.insert(connection, name, Entity.PERSON, position).key
        for key, name in recipe["folders"]
    }
    keys = {segment.key: segment.key for segment in store.segments.everything(connection) if segment.predefined}
    saved = 0
    for wanted in recipe["segments"]:
        if not segments_in(codec.parse(wanted["rule"])) <= set(keys):
            continue  # a predefined segment that it needs was deleted
        document = _referring(wanted["rule"], keys)
        keys[wanted["key"]] = store.segments.key_for(connection, wanted["name"])
        segment = Segment(
            key=keys[wanted["key"]],
            name=wanted["name"],
            description=wanted["description"],
            entity=Entity.PERSON,
            document=document,
            rule=codec.parse(document),
            folder=places[wanted["folder"]],
            author=AUTHOR,
            created_at=now,
            updated_at=now,
            updated_by=AUTHOR,
        )
        store.segments.insert(connection, segment, position)
        saved += 1
    return saved


def _referring(document: Any, keys: Mapping[str, str]) -> Any:
    """The same document with the keys of segments exchanged."""
    if isinstance(document, list):
        return [_referring(part, keys) for part in document]
    if isinstance(document, dict):
        return {
            name: keys[part] if name == "segment" and isinstance(part, str) else _referring(part, keys)
            for name, part in document.items()
        }
    return document


def _delete_segments(connection: Connection, recipe: Mapping[str, Any], position: int) -> tuple[int, list[Segment]]:
    every = store.segments.everything(connection)
    going = {segment.key: segment for segment in every if segment.author == AUTHOR}
    kept: list[Segment] = []
    waiting = [segment for segment in every if segment.key not in going]
    while waiting:  # what stays keeps what it refers to, and so on
        segment = waiting.pop()
        for key in segments_in(segment.rule) if segment.rule is not None else ():
            if (needed := going.pop(key, None)) is not None:
                kept.append(needed)
                waiting.append(needed)
    for key in going:
        store.segments.delete(connection, key, position)
    names = {name for _, name in recipe["folders"]}
    used = {segment.folder for segment in store.segments.everything(connection)}
    for folder in store.folders.everything(connection):
        if folder.name in names and folder.key not in used:
            store.folders.delete(connection, folder.key, position)
    return len(going), kept


def _withdraw(connection: Connection, recipe: Mapping[str, Any]) -> None:
    """Take what nobody has and no segment asks for out of the schema, so that an import may give it another kind."""
    asked: dict[Entity | None, set[str]] = {None: set(), **{entity: set() for entity in Entity}}
    events: set[str] = set()
    for segment in store.segments.everything(connection):
        for _, node, over in walk_over(segment.rule, segment.entity) if segment.rule is not None else ():
            match node:
                case Condition(attribute=key):
                    asked[over].add(key)
                case Performed(event=name, of=key):
                    events.add(name)
                    asked[None] |= {key} if key is not None else set()
                case Sequence(steps):
                    events |= {step.event for step in steps}
    for entity, kinds in KINDS.items():
        standard = {attribute.key for attribute in STANDARD[entity]}
        store.demo.drop_attributes(connection, entity, [k for k in kinds if k not in asked[entity] | standard])
    names = [name for name in recipe["event_labels"] if name not in events]
    store.demo.drop_events(connection, names, [key for key in PROPERTIES if key not in asked[None]])
