"""Segments, and the one predicate that says which of them an agent may see."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Table, and_, false, or_, select, true

from segcore.attributes import Entity
from segcore.model import Agent, Segment
from segcore.problems import Changed, InvalidRule, NotFound, SegcoreError
from segcore.rules import codec
from segcore.rules.tree import Rule
from segcore.store import instants, slugs, texts
from segcore.store.tables import agent as agents
from segcore.store.tables import folder, hidden_from, segment, segment_key
from segcore.store.tables import visible_to as shown_to


def visible_to(agent: Agent) -> ColumnElement[bool]:
    """What an agent may see: an admin everything; others what is not hidden from them, and where only some may see it, if they are among them."""
    if not agent.enabled:
        return false()
    if agent.role == "admin":
        return true()
    # Under names of their own, because queries that list the pairs use this predicate too.
    hiding, showing = hidden_from.alias("hiding"), shown_to.alias("showing")
    hidden = segment.c.id.in_(select(hiding.c.segment_id).where(hiding.c.agent_id == agent.id))
    shown = segment.c.id.in_(select(showing.c.segment_id).where(showing.c.agent_id == agent.id))
    if agent.id is None:  # nobody who could have been named
        return ~segment.c.restricted
    return and_(~hidden, or_(~segment.c.restricted, shown))


def all(connection: Connection, agent: Agent | None = None) -> list[Segment]:
    """The segments that an agent may see, in the order of the overview; without an agent every one, for evaluation only."""
    return _read(connection, true() if agent is None else visible_to(agent))


def get(connection: Connection, agent: Agent, key: str) -> Segment | None:
    """One segment; None both where there is none and where the agent may not see it."""
    if texts.trouble(key):
        return None
    return next(iter(_read(connection, and_(segment.c.key == key, visible_to(agent)))), None)


def ever(connection: Connection) -> bool:
    """Whether this workspace ever had a segment."""
    return connection.execute(select(segment_key.c.key).limit(1)).first() is not None


def key_for(connection: Connection, name: str) -> str:
    """A key made of the name, which no segment has or ever had."""
    wanted = slugs.slug(name, "segment")
    taken = connection.scalars(select(segment_key.c.key).where(segment_key.c.key.startswith(wanted, autoescape=True)))
    return slugs.free(wanted, set(taken))


def claim_key(connection: Connection, key: str) -> str:
    """The key, where no segment has or ever had it."""
    texts.key(key, "segment's key")
    if connection.execute(select(segment_key.c.key).where(segment_key.c.key == key)).first() is not None:
        raise SegcoreError(
            f"The key {key} belongs to another segment, or to one that was deleted.",
            "A key is never given twice, so that no address comes to mean something else. Choose another one.",
        )
    return key


def insert(connection: Connection, wanted: Segment, position: int) -> Segment:
    """Add a segment; its key is its own for ever."""
    connection.execute(segment_key.insert().values(key=claim_key(connection, wanted.key)))
    row = {**_row(wanted), "key": wanted.key, "predefined": wanted.predefined, "author": wanted.author}
    row |= {"version": wanted.version, "created_at": instants.stored(wanted.created_at), "position": position}
    connection.execute(segment.insert().values(row))
    _show(connection, wanted)
    return wanted


def update(connection: Connection, wanted: Segment, expected_version: int, position: int) -> Segment:
    """Save the next version of a segment, and give it back; raises Changed where the stored one is not the expected one."""
    row = {**_row(wanted), "version": expected_version + 1, "position": position}
    guard = and_(segment.c.key == wanted.key, segment.c.version == expected_version)
    if connection.execute(segment.update().where(guard).values(row)).rowcount != 1:
        _refuse(connection, wanted.key)
    _show(connection, wanted)
    return _read(connection, segment.c.key == wanted.key)[0]


def move(connection: Connection, key: str, folder: str | None, position: int) -> Segment:
    """Put a segment into a folder or into none, and give it back; its version stays."""
    row = {"folder": folder, "position": position}
    if connection.execute(segment.update().where(segment.c.key == key).values(row)).rowcount != 1:
        _refuse(connection, key)
    return _read(connection, segment.c.key == key)[0]


def delete(connection: Connection, key: str, position: int) -> None:
    """Delete a segment; its key is kept. The position is of its log entry, which is all that is left."""
    del position
    if connection.execute(segment.delete().where(segment.c.key == key)).rowcount != 1:
        _refuse(connection, key)


def _read(connection: Connection, where: ColumnElement[bool]) -> list[Segment]:
    rows = connection.execute(
        select(segment, folder.c.place)
        .outerjoin(folder, folder.c.key == segment.c.folder)
        .where(where)
        .order_by(segment.c.id)
    ).all()
    hidden = _names(connection, hidden_from, where)
    shown = _names(connection, shown_to, where)
    # Folders in their order, no folder last; what came with the workspace first, as it came, the rest by name.
    ordered = sorted(
        rows,
        key=lambda row: (
            (row.place is None, row.place, row.folder),
            not row.predefined,
            "" if row.predefined else row.name.casefold(),
        ),
    )
    return [_segment(row, hidden.get(row.id, ()), shown.get(row.id, ()) if row.restricted else None) for row in ordered]


def _names(connection: Connection, pairs: Table, where: ColumnElement[bool]) -> dict[int, tuple[str, ...]]:
    query = (
        select(pairs.c.segment_id, agents.c.name)
        .join(agents, agents.c.id == pairs.c.agent_id)
        .join(segment, segment.c.id == pairs.c.segment_id)
        .where(where)
        .order_by(agents.c.id)
    )
    names: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(query):
        names[row.segment_id] = (*names.get(row.segment_id, ()), row.name)
    return names


def _segment(row: Row[Any], hidden: tuple[str, ...], shown: tuple[str, ...] | None) -> Segment:
    return Segment(
        key=row.key,
        name=row.name,
        entity=Entity(row.entity),
        rule=_rule(row.rule),
        document=json.loads(row.rule),
        description=row.description,
        folder=row.folder,
        hidden_from=hidden,
        visible_to=shown,
        predefined=row.predefined,
        author=row.author,
        version=row.version,
        created_at=instants.read(row.created_at),
        updated_at=instants.read(row.updated_at),
        updated_by=row.updated_by,
    )


# Every action reads every segment, and their rules seldom change.
@lru_cache(maxsize=4_096)
def _rule(document: str) -> Rule | None:
    try:
        return codec.parse(json.loads(document))
    except InvalidRule:
        return None


def _row(wanted: Segment) -> dict[str, Any]:
    return {
        "name": texts.storable(wanted.name, "name"),
        "entity": wanted.entity.value,
        "description": texts.storable(wanted.description, "description"),
        "folder": wanted.folder,
        "restricted": wanted.visible_to is not None,
        "updated_at": instants.stored(wanted.updated_at),
        "updated_by": wanted.updated_by,
        "rule": texts.document(wanted.document, "filter"),
    }


def _show(connection: Connection, wanted: Segment) -> None:
    """Store from whom it is hidden and who alone may see it."""
    id = connection.execute(select(segment.c.id).where(segment.c.key == wanted.key)).scalar_one()
    for pairs, names in ((hidden_from, wanted.hidden_from), (shown_to, wanted.visible_to or ())):
        connection.execute(pairs.delete().where(pairs.c.segment_id == id))
        for agent_id in _agents(connection, names):
            connection.execute(pairs.insert().values(segment_id=id, agent_id=agent_id))


def _agents(connection: Connection, names: Iterable[str]) -> list[int]:
    known = dict(connection.execute(select(agents.c.name, agents.c.id)).all()) if names else {}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise SegcoreError(f"There is no agent {unknown[0]}.")
    return [known[name] for name in dict.fromkeys(names)]


def _refuse(connection: Connection, key: str) -> None:
    stored = connection.execute(select(segment).where(segment.c.key == key)).first()
    if stored is None:
        raise NotFound("This segment was deleted in the meantime.")
    by, at = stored.updated_by or "somebody", instants.read(stored.updated_at)
    raise Changed(
        f"“{stored.name}” was changed by {by} at {at:%H:%M} UTC on {at.day} {at:%b %Y}.",
        "Look at the new version, then save yours on top of it.",
        by=by,
        at=at,
    )
