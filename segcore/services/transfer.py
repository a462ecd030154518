"""Segments carried between workspaces: the exported form, and its way back in, without loss both ways."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb, may
from segcore.attributes import Entity
from segcore.model import DESCRIPTION_LIMIT, FOLDER_LIMIT, NAME_LIMIT, Agent, Segment
from segcore.problems import InvalidRule, Problem
from segcore.rules import codec, validate
from segcore.rules.tree import Rule, segments_in
from segcore.services import recording
from segcore.services.present import Presence
from segcore.store.database import Database

FIELDS = {"key", "name", "entity", "description", "folder", "hidden_from", "visible_to", "rule"}
REQUIRED = ("key", "name", "rule")
LIMITS = {"name": NAME_LIMIT, "description": DESCRIPTION_LIMIT, "folder": FOLDER_LIMIT}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Read:
    """One segment of the file, read."""

    key: str
    name: str
    entity: Entity
    description: str
    folder: str | None
    hidden_from: tuple[str, ...]
    visible_to: tuple[str, ...] | None
    document: dict[str, Any]
    rule: Rule


def exported(agent: Agent, segment: Segment, folders: Mapping[str, str]) -> dict[str, Any]:
    """A segment as a file holds it: folders by name, agents by name, only what is set. From whom it is hidden is told
    to those who may set it."""
    told: dict[str, Any] = {"key": segment.key, "name": segment.name, "entity": segment.entity.value}
    if segment.description:
        told["description"] = segment.description
    if segment.folder is not None:
        told["folder"] = folders[segment.folder]
    if segment.hidden_from and may(agent, Verb.HIDE, segment):
        told["hidden_from"] = list(segment.hidden_from)
    if segment.visible_to is not None and may(agent, Verb.HIDE, segment):
        told["visible_to"] = list(segment.visible_to)
    return {**told, "rule": segment.document}


def load(database: Database, presence: Presence, agent: Agent, documents: object, now: datetime) -> dict[str, int]:
    """Create, change or leave as they are the segments of a file: all of them, or none where one has a problem."""
    present = presence.current()
    with database.write() as connection:
        stored = {segment.key: segment for segment in store.segments.everything(connection)}
        agents = {known.name for known in store.agents.all(connection)}
        problems: list[Problem] = []
        items = _items(documents, problems)
        entities = {key: segment.entity for key, segment in stored.items()}
        entities |= {str(item["key"]): _entity(item) for item in items.values() if "key" in item}
        read = []
        for index, item in items.items():
            path = ("segments", index)
            found = _shape(item, path, agents)
            found += _known(item, index, items, stored)
            if "rule" in item:
                checked = validate.check(item["rule"], present.schema, _entity(item), entities)
                found += [Problem((*path, "rule", *p.path), p.message, p.suggestion) for p in checked]
            problems += found
            if not found:
                read.append(_read(item))
        problems += _cycles(read, stored)
        if problems:
            raise InvalidRule(problems)
        return _write(connection, agent, read, stored, now)


def _items(documents: object, problems: list[Problem]) -> dict[int, dict[str, Any]]:
    if not isinstance(documents, dict) or not isinstance(documents.get("segments"), list):
        problems.append(Problem((), 'The file needs to be {"segments": [...]}.'))
        return {}
    items = {}
    for index, item in enumerate(documents["segments"]):
        if isinstance(item, dict):
            items[index] = item
        else:
            problems.append(Problem(("segments", index), "A segment is an object with key, name and rule."))
    return items


def _entity(item: Mapping[str, Any]) -> Entity:
    return Entity.COMPANY if item.get("entity") == "company" else Entity.PERSON


def _shape(item: Mapping[str, Any], path: tuple[str | int, ...], agents: set[str]) -> list[Problem]:
    found = [Problem((*path, key), f"“{key}” is not known here.") for key in item if key not in FIELDS]
    found += [Problem((*path, key), f"A segment needs a {key}.") for key in REQUIRED if key not in item]
    for key in ("key", "name"):
        if key in item and (not isinstance(item[key], str) or not item[key].strip()):
            found.append(Problem((*path, key), f"The {key} needs to be text."))
    if isinstance(item.get("key"), str) and not (item["key"].isprintable() and item["key"] == item["key"].strip()):
        found.append(
            Problem((*path, "key"), "A key has no blanks at its ends, and no line breaks or other invisible signs.")
        )
    for key, limit in LIMITS.items():
        if isinstance(item.get(key), str) and len(item[key]) > limit:
            found.append(Problem((*path, key), f"The {key} has {len(item[key]):,} characters; {limit:,} are the most."))
    if item.get("entity", "person") not in ("person", "company"):
        found.append(Problem((*path, "entity"), "The entity is person or company."))
    for key in ("description", "folder"):
        if not isinstance(item.get(key, ""), str):
            found.append(Problem((*path, key), f"The {key} needs to be text."))
    for key in ("hidden_from", "visible_to"):
        names = item.get(key, [])
        if not isinstance(names, list) or not all(isinstance(name, str) for name in names):
            found.append(Problem((*path, key), f"“{key}” is a list of names."))
        else:
            found += [Problem((*path, key), f"There is no agent {name}.") for name in names if name not in agents]
    return found


def _known(
    item: Mapping[str, Any], index: int, items: Mapping[int, Mapping[str, Any]], stored: Mapping[str, Segment]
) -> list[Problem]:
    """What is wrong with a segment beside the others of the file and of the workspace."""
    key, path = item.get("key"), ("segments", index)
    if not isinstance(key, str):
        return []
    found = []
    if next(first for first, other in items.items() if other.get("key") == key) != index:
        found.append(Problem((*path, "key"), f"The key {key} stands twice in the file."))
    if key in stored and stored[key].entity is not _entity(item):
        noun = "companies" if stored[key].entity is Entity.COMPANY else "people"
        message = f"The segment {key} is one of {noun} here; filters that refer to it would break. Choose another key."
        found.append(Problem((*path, "entity"), message))
    return found


def _read(item: Mapping[str, Any]) -> _Read:
    rule = codec.parse(item["rule"])
    return _Read(
        key=item["key"],
        name=" ".join(item["name"].split()),
        entity=_entity(item),
        description=item.get("description", ""),
        folder=item.get("folder"),
        hidden_from=tuple(item.get("hidden_from", ())),
        visible_to=tuple(item["visible_to"]) if "visible_to" in item else None,
        document=codec.dump(rule),
        rule=rule,
    )


def _cycles(read: list[_Read], stored: Mapping[str, Segment]) -> list[Problem]:
    refers = {key: segments_in(s.rule) for key, s in stored.items() if s.rule is not None}
    refers |= {item.key: segments_in(item.rule) for item in read}
    problems = []
    for item in read:
        seen: set[str] = set()
        waiting = list(refers[item.key])
        while waiting:
            other = waiting.pop()
            if other == item.key:
                problems.append(Problem((), f"The segment {item.key} refers to itself, perhaps through another one."))
                break
            if other not in seen:
                seen.add(other)
                waiting.extend(refers.get(other, ()))
    return problems


def _write(
    connection: Connection, agent: Agent, read: list[_Read], stored: Mapping[str, Segment], now: datetime
) -> dict[str, int]:
    outcome = {"created": 0, "updated": 0, "unchanged": 0}
    changed = []
    folders = {(f.entity, f.name.casefold()): f.key for f in store.folders.everything(connection)}
    position = store.log.append(
        connection, at=now, agent=agent.name, what="segments imported", entity="segment", amount=len(read)
    )
    for item in read:
        folder = None
        if item.folder is not None:
            place = (item.entity, item.folder.casefold())
            if place not in folders:
                made = store.folders.insert(connection, item.folder, item.entity, position)
                recording.folder(connection, agent, "folder made", None, made, now)
                folders[place] = made.key
            folder = folders[place]
        before = stored.get(item.key)
        wanted: dict[str, Any] = {
            "name": item.name,
            "description": item.description,
            "document": item.document,
            "rule": item.rule,
            "folder": folder,
            "hidden_from": item.hidden_from,
            "visible_to": item.visible_to,
        }
        if before is None:
            store.segments.claim_key(connection, item.key)
            segment = Segment(key=item.key, entity=item.entity, created_at=now, updated_at=now, **wanted)
            store.segments.insert(connection, segment, position)
            recording.segment(connection, agent, "segment imported", None, segment, now)
            outcome["created"] += 1
        elif all(getattr(before, name) == value for name, value in wanted.items()) and before.entity is item.entity:
            outcome["unchanged"] += 1
        else:
            changed.append(
                (before, replace(before, updated_at=now, updated_by=agent.name, entity=item.entity, **wanted))
            )
    for before, after in changed:
        saved = store.segments.update(connection, after, before.version, position)
        if (after.hidden_from, after.visible_to) != (before.hidden_from, before.visible_to):
            saved = store.segments.set_visibility(connection, after.key, after.hidden_from, after.visible_to, position)
        recording.segment(connection, agent, "segment imported", before, saved, now)
        outcome["updated"] += 1
    return outcome
