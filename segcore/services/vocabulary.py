"""What a filter can be made of: attributes, events, how many lack or did each. One value for as long as it holds."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from segcore.attributes import Entity, Schema, readable
from segcore.services.present import Present


@dataclass(frozen=True, slots=True)
class KnownEvent:
    """An event that was received or declared; `lately` is how many there were in the last 30 days."""

    name: str
    label: str
    lately: int
    properties: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Vocabulary:
    """Everything that the filter builder offers, but for segments, which each agent sees others of."""

    schema: Schema
    missing: Mapping[Entity, Mapping[str, int]]
    totals: Mapping[Entity, int]
    events: tuple[KnownEvent, ...]
    idle: int  # people who never did anything


def vocabulary(present: Present, now: datetime) -> Vocabulary:
    """The same value while neither the data nor the hour has changed, unless the number of idle people did."""
    evaluation = present.at(now)
    idle = evaluation.idle()
    hour = now.replace(minute=0, second=0, microsecond=0)
    name = ("vocabulary", present.snapshot.position, hour, idle)
    kept = present.engine.cache.get(name)
    if isinstance(kept, Vocabulary) and kept.schema is present.schema:
        return kept
    doings = evaluation.doings()
    labels = {**{key: key for key in doings}, **present.schema.events}
    events = []
    for key, label in labels.items():
        doing = doings.get(key)
        events.append(
            KnownEvent(key, label or readable(key), doing.lately if doing else 0, doing.properties if doing else ())
        )
    made = Vocabulary(
        schema=present.schema,
        missing={entity: present.snapshot.missing(entity) for entity in Entity},
        totals={entity: present.snapshot.height(entity) for entity in Entity},
        events=tuple(sorted(events, key=lambda event: -event.lately)),
        idle=idle,
    )
    present.engine.cache.put(
        name, made, 200 * (len(events) + len(present.schema.people) + len(present.schema.companies))
    )
    return made
