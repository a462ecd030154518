"""The attributes, events and event properties that exist. A kind, once known, stays."""

from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import Connection, Row, Table, func, insert, select, update

from segcore.attributes import EXTERNAL_ID, ID, Attribute, Entity, Kind, Schema
from segcore.problems import SegcoreError
from segcore.store import texts
from segcore.store.tables import attribute, event_name, event_property


def load(connection: Connection) -> Schema:
    """Everything that a rule may name; `external_id` comes first in both entities."""
    of: dict[Entity, dict[str, Attribute]] = {entity: {EXTERNAL_ID: ID} for entity in Entity}
    for row in connection.execute(select(attribute).order_by(attribute.c.ordinal)):
        of[Entity(row.entity)][row.key] = _attribute(row)
    names = connection.execute(select(event_name.c.name, event_name.c.label).order_by(event_name.c.ordinal))
    properties = connection.execute(select(event_property).order_by(event_property.c.ordinal))
    return Schema(
        people=of[Entity.PERSON],
        companies=of[Entity.COMPANY],
        events={row.name: row.label for row in names},
        properties={row.key: _attribute(row) for row in properties},
    )


def save(connection: Connection, entity: Entity, attributes: Iterable[Attribute], position: int) -> None:
    """Declare attributes, or change what is known about them; new ones come last."""
    given = [wanted for wanted in attributes if wanted != ID]
    if any(wanted.key == EXTERNAL_ID for wanted in given):
        raise SegcoreError(f"“{EXTERNAL_ID}” is the name of the identifier; an attribute cannot have it.")
    _save(connection, attribute, {"entity": entity.value}, given, position)


def save_properties(connection: Connection, properties: Iterable[Attribute], position: int) -> None:
    """Declare properties of events, or change what is known about them; a name has one kind over all events."""
    _save(connection, event_property, {}, properties, position)


def save_events(connection: Connection, names: Iterable[str] | Mapping[str, str], position: int) -> None:
    """Declare events, or with a mapping give them their labels; those known already keep their place."""
    known = dict(connection.execute(select(event_name.c.name, event_name.c.label)).all())
    ordinal = _next(connection, event_name)
    labels = names if isinstance(names, Mapping) else dict.fromkeys(names)
    for name, label in labels.items():
        if name not in known:
            row = {"name": texts.key(name, "event's name"), "ordinal": ordinal, "position": position}
            connection.execute(insert(event_name).values(label=texts.storable(label or "", "label"), **row))
            ordinal += 1
        elif label is not None and label != known[name]:
            changed = {"label": texts.storable(label, "label"), "position": position}
            connection.execute(update(event_name).where(event_name.c.name == name).values(changed))


def _save(
    connection: Connection, table: Table, of: Mapping[str, str], attributes: Iterable[Attribute], position: int
) -> None:
    mine = [table.c[name] == value for name, value in of.items()]
    known = {row.key: _attribute(row) for row in connection.execute(select(table).where(*mine))}
    ordinal = _next(connection, table)
    for wanted in attributes:
        before = known.get(wanted.key)
        row = _row(wanted if before is None else _merged(before, wanted))
        if before is None:
            identity = {**of, "key": texts.key(wanted.key, "attribute's key")}
            connection.execute(insert(table).values({**identity, **row, "ordinal": ordinal, "position": position}))
            ordinal += 1
        elif row != _row(before):
            changed = update(table).where(*mine, table.c.key == wanted.key)
            connection.execute(changed.values({**row, "position": position}))


def _merged(before: Attribute, wanted: Attribute) -> Attribute:
    """What holds after a save; somebody else may have imported since `wanted` was planned."""
    if before.known and wanted.known and wanted.kind is not before.kind:
        raise SegcoreError(
            f"“{before.key}” is of the kind {before.kind.value}; it cannot become {wanted.kind.value}.",
            "A kind is fixed by the first values. Import the column under another name.",
        )
    kind = wanted.kind if wanted.known else before.kind
    fractions, large = before.fractions or wanted.fractions, before.large or wanted.large
    if fractions and large:
        raise SegcoreError(
            f"“{before.key}” has whole numbers past 2^53, which cannot stand beside fractions.",
            "Import one of them under another name.",
        )
    return Attribute(
        key=before.key,
        kind=kind,
        label=wanted.label,
        description=wanted.description,
        unit=wanted.unit,
        standard=before.standard,
        known=before.known or wanted.known,
        fractions=fractions,
        large=large,
    )


def _row(wanted: Attribute) -> dict[str, Any]:
    return {
        "kind": wanted.kind.value,
        "label": texts.storable(wanted.label, "label"),
        "description": texts.storable(wanted.description, "description"),
        "unit": texts.storable(wanted.unit, "unit"),
        "standard": wanted.standard,
        "known": wanted.known,
        "fractions": wanted.fractions,
        "large": wanted.large,
    }


def _attribute(row: Row[Any]) -> Attribute:
    return Attribute(
        key=row.key,
        kind=Kind(row.kind),
        label=row.label,
        description=row.description,
        unit=row.unit,
        standard=row.standard,
        known=row.known,
        fractions=row.fractions,
        large=row.large,
    )


def _next(connection: Connection, table: Table) -> int:
    highest: int | None = connection.scalar(select(func.max(table.c.ordinal)))
    return 0 if highest is None else highest + 1
