"""What is there now: snapshot, segments and workspace, read together so that every number on a page agrees."""

import threading
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from segcore import store
from segcore.attributes import Entity, Schema
from segcore.engine.evaluation import Engine, Evaluation
from segcore.engine.snapshot import Snapshot, Snapshots
from segcore.model import Agent, Segment, Workspace
from segcore.problems import InvalidRule, NotFound, Problem
from segcore.rules import validate
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY
from segcore.rules.tree import Condition, Path, Rule, segments_in, walk_over
from segcore.store.database import Database

# Writes that leave segments and workspace as they are.
BESIDES = frozenset({"draft", "view", "person", "company", "event", "import"})
MANY = 500

MISSING = "This page does not exist, or is not visible to you."


def not_visible(conditions: int) -> str:
    """What is said in place of the filter of a segment that is shown on purpose."""
    return f"{conditions} condition{' is' if conditions == 1 else 's are'} not visible to you"


@dataclass(frozen=True)
class Present:
    """One state of the workspace. `segments` holds all of them: evaluation needs those that an agent may not see."""

    position: int
    snapshot: Snapshot
    segments: Mapping[str, Segment]
    workspace: Workspace
    engine: Engine

    @property
    def schema(self) -> Schema:
        """What rules may name."""
        return self.snapshot.schema

    def moment(self, now: datetime) -> Moment:
        """The instant, in the calendar of the workspace."""
        return Moment(now, ZoneInfo(self.workspace.time_zone), self.workspace.week_start)

    @cached_property
    def broken(self) -> Mapping[str, tuple[Problem, ...]]:
        """What is wrong with each segment that cannot be evaluated, itself or through one that it refers to."""
        entities = {key: segment.entity for key, segment in self.segments.items()}
        found = {
            key: tuple(validate.check(segment.document, self.schema, segment.entity, entities))
            for key, segment in self.segments.items()
        }
        # What was probably meant may be a segment that whoever reads this may not see.
        broken = {
            key: tuple(replace(p, suggestion=None) for p in problems) for key, problems in found.items() if problems
        }
        spreading = True
        while spreading:
            spreading = False
            for key, segment in self.segments.items():
                if key in broken or segment.rule is None:
                    continue
                cause = next((other for other in sorted(segments_in(segment.rule)) if other in broken), None)
                if cause is not None:
                    name = self.segments[cause].name
                    broken[key] = (Problem((), f"Refers to the segment {name}, which cannot be counted."),)
                    spreading = True
        return broken

    @cached_property
    def rules(self) -> Mapping[str, tuple[Entity, Rule]]:
        """The rules of the segments that can be evaluated."""
        return {
            key: (segment.entity, segment.rule)
            for key, segment in self.segments.items()
            if segment.rule is not None and key not in self.broken
        }

    def at(self, now: datetime) -> Evaluation:
        """Everything evaluated at one instant."""
        return self.engine.at(self.snapshot, self.moment(now), self.rules)

    def missing(self, rule: Rule, entity: Entity) -> dict[Path, int]:
        """For each negative condition on an attribute how many have no value, where any have none: its sentence says so."""
        found = {}
        for path, node, over in walk_over(rule, entity):
            if over is not None and isinstance(node, Condition) and BY_KEY[node.operator].complement_of is not None:
                found[path] = self.snapshot.missing(over).get(node.attribute, 0)
        return {path: amount for path, amount in found.items() if amount}

    def read(self, document: object, entity: Entity, visible: Mapping[str, Segment]) -> Rule:
        """The rule of a document, checked against what the agent may name; raises InvalidRule with every problem."""
        rule = validate.read(document, self.schema, entity, {key: s.entity for key, s in visible.items()})
        unusable = sorted(key for key in segments_in(rule) if key in self.broken)
        if unusable:
            name = self.segments[unusable[0]].name
            raise InvalidRule([Problem((), f"The segment {name} cannot be counted until it is repaired.")])
        return rule


def _touched(connection: Connection, position: int) -> bool:
    """Whether anything but people, events and drafts was written since; too long a list counts as yes."""
    changes = store.log.since(connection, position, MANY)
    return len(changes) == MANY or any(change.entity not in BESIDES for change in changes)


class Presence:
    """Hands out the present state; reads the segments again only when the change log has moved."""

    def __init__(self, database: Database, snapshots: Snapshots, engine: Engine) -> None:
        self._database = database
        self._snapshots = snapshots
        self._engine = engine
        self._lock = threading.Lock()
        self._last: Present | None = None

    def current(self) -> Present:
        """The state at the newest position of the change log."""
        snapshot = self._snapshots.current()
        with self._lock:
            last = self._last
            if last is not None and last.position == snapshot.position and last.snapshot is snapshot:
                return last
            with self._database.read() as connection:
                if last is not None and not _touched(connection, last.position):
                    segments, workspace = last.segments, last.workspace
                else:
                    segments = {segment.key: segment for segment in store.segments.everything(connection)}
                    workspace = store.workspace.get(connection)
            present = Present(snapshot.position, snapshot, segments, workspace, self._engine)
            if last is not None and segments is last.segments and snapshot.schema == last.schema:
                # What is wrong with which segment stands as it did; most writes are drafts and people.
                present.__dict__.update({"broken": last.broken, "rules": last.rules})
            self._last = present
            return present

    def position(self) -> int:
        """The newest position of the change log."""
        with self._database.read() as connection:
            return store.log.position(connection)

    def close(self) -> None:
        """Finish what is being written to disk."""
        self._snapshots.close()

    def visible(self, agent: Agent) -> dict[str, Segment]:
        """The segments that the agent may see, by key, in the order of the overview."""
        with self._database.read() as connection:
            return {segment.key: segment for segment in store.segments.all(connection, agent)}

    def segment(self, agent: Agent, key: str) -> Segment:
        """One segment; what is hidden and what does not exist answer with the same words."""
        with self._database.read() as connection:
            segment = store.segments.get(connection, agent, key)
        if segment is None:
            raise NotFound(MISSING)
        return segment
