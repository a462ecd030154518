"""How the count of a filter changes with one number or date in it: exact counts at other thresholds."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from segcore.access import Verb, require
from segcore.attributes import Attribute, Entity, Schema
from segcore.model import Agent
from segcore.problems import SegcoreError, written
from segcore.rules import measure, thresholds
from segcore.rules.replacing import replaced
from segcore.rules.thresholds import Threshold
from segcore.rules.tree import Condition, OfPeople, Path, Performed, Rule, Sequence, walk_over
from segcore.services.present import Presence

PATIENCE = 0.5  # seconds, after which those thresholds that are counted have to do
FEWEST = 8
NOTHING = Attribute(key="", kind=measure.PEOPLE.kind)


@dataclass(frozen=True, slots=True)
class Step:
    """With this threshold so many match."""

    value: Threshold
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Curve:
    """The whole filter's count at other thresholds of one part of one condition, in the order of the thresholds.

    `every`: between two steps nothing changes; else what lies between them was not counted.
    """

    part: str
    parts: tuple[str, ...]
    steps: tuple[Step, ...]
    current: int  # which step the filter has now
    every: bool
    total: int
    now: datetime
    milliseconds: int


class Curves:
    """What would be if a number or a date in a filter were another one."""

    def __init__(self, presence: Presence) -> None:
        self._presence = presence

    def curve(
        self,
        agent: Agent,
        document: object,
        path: str,
        *,
        part: str | None = None,
        entity: Entity = Entity.PERSON,
        now: datetime,
        patience: float = PATIENCE,
    ) -> Curve:
        """The counts for the node at a written path; `part` is value, low, high or window, the first one where not said."""
        require(agent, Verb.FILTER)
        began = time.perf_counter()
        present, visible = self._presence.current(), self._presence.visible(agent)
        rule = present.read(document, entity, visible)
        place, node, attribute = _at(rule, entity, path, present.schema)
        parts = thresholds.of_node(node, attribute)
        chosen = part if part is not None else next(iter(parts), "")
        if chosen not in parts:
            raise SegcoreError("There is no number or date in this condition that could be another one.")
        # None of these answers is likely to be asked for again, so they push out no others.
        evaluation = present.engine.aside().at(present.snapshot, present.moment(now), present.rules)
        evaluation.prepare([(entity, rule)])
        given = (evaluation.instants if chosen == thresholds.WINDOW else evaluation.asked)(entity, rule, place)
        offered, every = thresholds.offered(node, chosen, attribute or NOTHING, given, evaluation.moment)
        first = offered.index(thresholds.current(node, chosen))
        counts: dict[int, int] = {}
        for some in _runs(_refining(len(offered), first)):
            if len(counts) >= FEWEST and time.perf_counter() - began > patience:
                break
            rules = {n: replaced(rule, place, thresholds.changed(node, chosen, offered[n])) for n in some}
            evaluation.prepare((entity, each) for each in rules.values())
            counts |= {n: evaluation.bits(entity, each).count() for n, each in rules.items()}
        known = sorted(counts)
        return Curve(
            part=chosen,
            parts=parts,
            steps=tuple(Step(offered[n], counts[n]) for n in known),
            current=known.index(first),
            every=every and len(known) == len(offered),
            total=evaluation.total(entity),
            now=now,
            milliseconds=round((time.perf_counter() - began) * 1000),
        )


def _at(rule: Rule, entity: Entity, path: str, schema: Schema) -> tuple[Path, Rule, Attribute | None]:
    """The node at a written path, and what its operator is asked on."""
    for place, node, over in walk_over(rule, entity):
        if written(place) != path:
            continue
        match node:
            case Condition(key):
                return place, node, (schema.properties if over is None else schema.of(over))[key]
            case Performed():
                return place, node, measure.asked(node, schema)[0]
            case OfPeople():
                return place, node, measure.PEOPLE
            case Sequence():
                return place, node, None
    raise SegcoreError("There is no such condition in this filter.")


def _refining(many: int, first: int) -> Iterator[int]:
    """All places, the first one, the ends, then always the middle of what is still open."""
    seen = {first}
    yield first
    for end in (0, many - 1):
        if end not in seen:
            seen.add(end)
            yield end
    stretches = [(0, many - 1)]
    while stretches:
        low, high = stretches.pop(0)
        if high - low < 2:
            continue
        middle = (low + high) // 2
        if middle not in seen:
            yield middle
        stretches += [(low, middle), (middle, high)]


def _runs(places: Iterator[int]) -> Iterator[list[int]]:
    """One place, then two, then four, then eight at a time, so that a slow filter is noticed early and a quick one shares its work."""
    size, run = 1, list[int]()
    for place in places:
        run.append(place)
        if len(run) == size:
            yield run
            size, run = min(size * 2, 8), []
    if run:
        yield run
