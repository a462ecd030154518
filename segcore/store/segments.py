"""Segments, and the one predicate that says which of them an agent may see."""

import json
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, false, select, true

from segcore.attributes import Entity
from segcore.model import Agent, Segment
from segcore.problems import Changed, InvalidRule, NotFound, SegcoreError
from segcore.rules import codec
from segcore.rules.tree import Rule
from segcore.store import instants, slugs, tables, texts, visibility
from segcore.store.tables import folder, segment, segment_key, segment_reference


def visible_to(agent: Agent) -> ColumnElement[bool]:
    """What an agent may see: an admin everything; others what is neither hidden from them, nor kept for others, nor
    stands on such a segment, unless it is shown to them on purpose."""
    if not agent.enabled:
        return false()
    if agent.role == "admin":
        return true()
    return segment.c.key.not_in(select(visibility.hidden(agent).c.key))


def everything(connection: Connection) -> list[Segment]:
    """Every segment whoever may see it, for evaluation and for what keeps the whole in order; nothing of it is told."""
    return _read(connection, true())


def all(connection: Connection, agent: Agent) -> list[Segment]:
    """The segments that an agent may see, in the order of the overview."""
    return _read(connection, visible_to(agent), agent)


def keys(connection: Connection, agent: Agent) -> set[str]:
    """The keys of the segments that an agent may see."""
    return set(connection.scalars(select(segment.c.key).where(visible_to(agent))))


def get(connection: Connection, agent: Agent, key: str) -> Segment | None:
    """One segment; None both where there is none and where the agent may not see it."""
    if texts.trouble(key):
        return None
    return next(iter(_read(connection, and_(segment.c.key == key, visible_to(agent)), agent)), None)


def ever(connection: Connection) -> bool:
    """Whether this workspace ever had a segment."""
    return connection.execute(select(segment_key.c.key).limit(1)).first() is not None


def key_for(connection: Connection, name: str, ending: str = "") -> str:
    """A key made of the name, which no segment has or ever had. With an `ending` drawn at random it does not tell
    whether the name alone was taken by one that the agent may not see."""
    wanted = slugs.ended(slugs.slug(name, "segment"), ending)
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
    row |= {"restricted": wanted.visible_to is not None}
    row |= {"version": wanted.version, "created_at": instants.stored(wanted.created_at), "position": position}
    connection.execute(segment.insert().values(row))
    id = _id(connection, wanted.key)
    visibility.pair(connection, tables.hidden_from, id, wanted.hidden_from)
    visibility.pair(connection, tables.visible_to, id, wanted.visible_to or ())
    visibility.refer(connection, id, wanted.document)
    return wanted


def update(connection: Connection, wanted: Segment, expected_version: int, position: int) -> Segment:
    """Save the next version of a segment, and give it back; raises Changed where the stored one is not the expected one.

    From whom it is hidden stays as it was. Where its filter refers to more than before, it is shown to nobody on purpose.
    """
    row = {**_row(wanted), "version": expected_version + 1, "position": position}
    guard = and_(segment.c.key == wanted.key, segment.c.version == expected_version)
    if connection.execute(segment.update().where(guard).values(row)).rowcount != 1:
        _refuse(connection, wanted.key)
    visibility.refer(connection, _id(connection, wanted.key), wanted.document)
    return _one(connection, wanted.key)


def set_visibility(
    connection: Connection, key: str, hidden_from: tuple[str, ...], visible_to: tuple[str, ...] | None, position: int
) -> Segment:
    """From whom a segment is hidden, and who alone may see it (None: whoever it is not hidden from); its version stays."""
    row = {"restricted": visible_to is not None, "position": position}
    if connection.execute(segment.update().where(segment.c.key == key).values(row)).rowcount != 1:
        _refuse(connection, key)
    id = _id(connection, key)
    visibility.pair(connection, tables.hidden_from, id, hidden_from)
    visibility.pair(connection, tables.visible_to, id, visible_to or ())
    return _one(connection, key)


def set_shown_to(connection: Connection, key: str, names: tuple[str, ...], position: int) -> Segment:
    """To whom a segment is shown although they may not see all that it refers to."""
    if connection.execute(segment.update().where(segment.c.key == key).values(position=position)).rowcount != 1:
        _refuse(connection, key)
    visibility.pair(connection, tables.shown_to, _id(connection, key), names)
    return _one(connection, key)


def keep_for_admins(connection: Connection, key: str, position: int) -> Segment:
    """Take a segment from its author and from everybody else: it belongs to the workspace, and admins alone see it."""
    connection.execute(segment.update().where(segment.c.key == key).values(author=None))
    set_shown_to(connection, key, (), position)
    return set_visibility(connection, key, (), (), position)


def move(connection: Connection, key: str, folder: str | None, position: int) -> Segment:
    """Put a segment into a folder or into none, and give it back; its version stays."""
    row = {"folder": folder, "position": position}
    if connection.execute(segment.update().where(segment.c.key == key).values(row)).rowcount != 1:
        _refuse(connection, key)
    return _one(connection, key)


def referring(connection: Connection, key: str) -> set[str]:
    """The keys of the segments whose filters refer to this one, whoever may see them."""
    query = select(segment.c.key).join(segment_reference, segment_reference.c.segment_id == segment.c.id)
    return set(connection.scalars(query.where(segment_reference.c.refers_to == key)))


def delete(connection: Connection, key: str, position: int) -> None:
    """Delete a segment; its key is kept. The position is of its log entry, which is all that is left."""
    del position
    if connection.execute(segment.delete().where(segment.c.key == key)).rowcount != 1:
        _refuse(connection, key)


def _read(connection: Connection, where: ColumnElement[bool], agent: Agent | None = None) -> list[Segment]:
    """Segments in the order of the overview; what the agent may not see of one that is shown to them on purpose stays out."""
    rows = connection.execute(
        select(segment, folder.c.place).outerjoin(folder, folder.c.key == segment.c.folder).where(where)
    ).all()
    unseen = visibility.unseen(connection, agent) if agent is not None and rows else {}
    ids = [row.id for row in rows]
    hidden = visibility.named(connection, tables.hidden_from, ids)
    kept = visibility.named(connection, tables.visible_to, ids)
    shown = visibility.named(connection, tables.shown_to, ids)
    # Folders in their order, no folder last; what came with the workspace first, as it came, the rest by name.
    ordered = sorted(
        rows,
        key=lambda row: (
            (row.place is None, row.place, row.folder),
            not row.predefined,
            "" if row.predefined else row.name.casefold(),
            row.id,
        ),
    )
    return [
        _segment(row, hidden.get(row.id, ()), kept.get(row.id, ()), shown.get(row.id, ()), unseen.get(row.id))
        for row in ordered
    ]


def _one(connection: Connection, key: str) -> Segment:
    return _read(connection, segment.c.key == key)[0]


def _id(connection: Connection, key: str) -> int:
    id: int = connection.execute(select(segment.c.id).where(segment.c.key == key)).scalar_one()
    return id


def _segment(
    row: Row[Any],
    hidden: tuple[str, ...],
    visible: tuple[str, ...],
    shown: tuple[str, ...],
    unseen: frozenset[str] | None,
) -> Segment:
    document = row.rule if unseen is None else _in_itself(row.key)
    return Segment(
        key=row.key,
        name=row.name,
        entity=Entity(row.entity),
        rule=_rule(document),
        document=json.loads(document),
        description=row.description,
        folder=row.folder,
        hidden_from=hidden,
        visible_to=visible if row.restricted else None,
        shown_to=shown,
        concealed=0 if unseen is None else visibility.concealing(row.rule, unseen),
        predefined=row.predefined,
        author=row.author,
        version=row.version,
        created_at=instants.read(row.created_at),
        updated_at=instants.read(row.updated_at),
        updated_by=row.updated_by,
    )


def _in_itself(key: str) -> str:
    """All that is told of the filter of a concealed segment: whoever is in it."""
    return json.dumps({"all": [{"segment": key, "operator": "in"}]})


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
        "updated_at": instants.stored(wanted.updated_at),
        "updated_by": wanted.updated_by,
        "rule": texts.document(wanted.document, "filter"),
    }


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
