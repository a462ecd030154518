"""What a segment or a folder has to satisfy before it is written, checked inside the writing transaction.

None of it tells an agent of what is hidden from them: names, keys, folders and circles are those that they see.
"""

import secrets
import string
from collections.abc import Mapping, Set
from dataclasses import replace

from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb, require
from segcore.attributes import Entity
from segcore.model import NAME_LIMIT, Agent, NewSegments, Segment
from segcore.problems import InvalidRule, NotFound, Problem, SegcoreError
from segcore.rules.tree import Rule, segments_in
from segcore.services.present import MISSING

NO_FOLDER = "This folder does not exist any more."
_SIGNS = string.ascii_lowercase + string.digits


def ending(agent: Agent) -> str:
    """What a key ends in, so that a taken key never betrays a name that is hidden; admins see all, and get plain keys."""
    return "" if agent.role == "admin" else "".join(secrets.choice(_SIGNS) for _ in range(4))


def stored(connection: Connection, agent: Agent, key: str, verb: Verb) -> Segment:
    """The segment as it is now, where the agent may do this to it."""
    segment = store.segments.get(connection, agent, key)
    if segment is None:
        raise NotFound(MISSING)
    require(agent, verb, segment)
    return segment


def bounded(text: str, limit: int, what: str) -> str:
    """The text without blanks around it, where it is not too long."""
    text = text.strip()
    if len(text) > limit:
        raise SegcoreError(f"The {what} has {len(text):,} characters; {limit:,} are the most.")
    return text


def name(connection: Connection, agent: Agent, name: str, entity: Entity, besides: str | None = None) -> str:
    """The name of a segment, where none that the agent may see is called so."""
    name = bounded(" ".join(name.split()), NAME_LIMIT, "name")
    if not name:
        raise SegcoreError("A segment needs a name.")
    others = [s for s in store.segments.all(connection, agent) if s.entity is entity and s.key != besides]
    if any(other.name.casefold() == name.casefold() for other in others):
        raise SegcoreError(f"There is a segment called {name} already.", "Choose another name.")
    return name


def references(connection: Connection, agent: Agent, rule: Rule, entity: Entity) -> None:
    """What was there when the filter was checked may have been deleted or hidden since."""
    if not (wanted := segments_in(rule)):
        return
    visible = {s.key: s.entity for s in store.segments.all(connection, agent)}
    gone = [key for key in sorted(wanted) if visible.get(key) is not entity]
    if gone:
        raise InvalidRule([Problem((), f"There is no segment “{key}”.") for key in gone])


def circle(connection: Connection, agent: Agent, key: str, rule: Rule) -> None:
    """Two saves at once cannot close a circle either. One that runs through what the agent does not see is not called
    one: all that is said is that the segment at which it begins cannot be used."""
    if not segments_in(rule):
        return
    seen = {s.key: s.rule for s in store.segments.all(connection, agent) if s.rule is not None and not s.concealed}
    if key in _reached(segments_in(rule), seen):
        raise InvalidRule([Problem((), "A segment cannot refer to itself, not even through another one.")])
    whole = {s.key: s.rule for s in store.segments.everything(connection) if s.rule is not None}
    closing = [first for first in sorted(segments_in(rule)) if key in _reached({first}, whole)]
    if closing:
        raise InvalidRule([Problem((), f"The segment “{first}” cannot be used here.") for first in closing])


def _reached(first: Set[str], rules: Mapping[str, Rule]) -> set[str]:
    """The segments that are reached from some of them, these included."""
    reached: set[str] = set()
    waiting = list(first)
    while waiting:
        if (key := waiting.pop()) not in reached:
            reached.add(key)
            waiting.extend(segments_in(rules[key]) if key in rules else ())
    return reached


def folder(connection: Connection, agent: Agent, key: str | None, entity: Entity) -> None:
    """Whether there is such a folder for the agent, and it holds segments of this kind."""
    if key is None:
        return
    found = store.folders.get(connection, agent, key)
    if found is None:
        raise SegcoreError(NO_FOLDER, "Choose another one.")
    if found.entity is not entity:
        held = "people" if found.entity is Entity.PERSON else "companies"
        raise SegcoreError(f"The folder {found.name} holds segments of {held}.", "Choose another one.")


def start(connection: Connection, agent: Agent) -> NewSegments:
    """Who sees the agent's new segments at first."""
    if agent.id is None:
        return NewSegments()
    wanted = store.agents.new_segments(connection, agent.id)
    return replace(wanted, hidden_from=tuple(name for name in wanted.hidden_from if name != agent.name))


def not_from_oneself(agent: Agent, hidden_from: tuple[str, ...]) -> None:
    """Whether the agent would still see the segment."""
    if agent.role != "admin" and agent.name in hidden_from:
        raise SegcoreError("You cannot hide a segment from yourself.", "Take your own name out of the list.")
