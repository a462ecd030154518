"""From whom a segment is hidden: set by name, followed through what it refers to, and shown on purpose."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb
from segcore.model import Agent, Segment
from segcore.problems import Changed, SegcoreError
from segcore.rules.tree import segments_in
from segcore.services import recording, saving
from segcore.store.database import Database


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocked:
    """From whom a segment is hidden only because of what it refers to, and to whom of them it is shown on purpose.

    `count`: how many are in it, None where it cannot be counted.
    """

    names: tuple[str, ...]
    shown: tuple[str, ...] = ()
    count: int | None = None


def blocked(connection: Connection, segment: Segment) -> Blocked:
    """Of a segment that is stored, or would be, without its count."""
    refers = segments_in(segment.rule) if segment.rule is not None else frozenset()
    refers &= {other.key for other in store.segments.everything(connection)} if refers else frozenset()
    names = [
        agent.name
        for agent in (store.agents.all(connection) if refers else ())
        if agent.enabled
        and agent.role != "admin"
        and store.visibility.direct(segment, agent)
        and not refers <= store.segments.keys(connection, agent)
    ]
    shown = tuple(name for name in names if name in segment.shown_to)
    return Blocked(names=tuple(name for name in names if name not in shown), shown=shown)


def change(
    database: Database,
    agent: Agent,
    key: str,
    hidden_from: tuple[str, ...],
    visible_to: tuple[str, ...] | None,
    expected_version: int | None,
    now: datetime,
) -> Segment:
    """Another list of those from whom it is hidden, or who alone may see it."""
    with database.write() as connection:
        before = saving.stored(connection, agent, key, Verb.HIDE)
        if expected_version is not None and before.version != expected_version:
            by = before.updated_by or "somebody"
            raise Changed(f"{by} saved version {before.version} of {before.name} in between.", "Look at it first.")
        saving.not_from_oneself(agent, hidden_from)
        position = _log(connection, agent, key, now)
        after = store.segments.set_visibility(connection, key, hidden_from, visible_to, position)
        recording.segment(connection, agent, "segment hidden" if hidden_from else "segment shown", before, after, now)
        return after


def show(database: Database, agent: Agent, key: str, names: tuple[str, ...], now: datetime) -> Segment:
    """Show it on purpose to those from whom it is hidden because of what it refers to."""
    with database.write() as connection:
        before = saving.stored(connection, agent, key, Verb.HIDE)
        known = blocked(connection, before)
        needless = [name for name in names if name not in (*known.names, *known.shown)]
        if needless:
            raise SegcoreError(f"It is not because of what it refers to that {needless[0]} sees it or does not.")
        return _shown(connection, agent, before, (*before.shown_to, *names), "segment shown on purpose", now)


def unshow(database: Database, agent: Agent, key: str, names: tuple[str, ...], now: datetime) -> Segment:
    """Hide it again from those to whom it was shown on purpose."""
    with database.write() as connection:
        before = saving.stored(connection, agent, key, Verb.HIDE)
        kept = tuple(name for name in before.shown_to if name not in names)
        return _shown(connection, agent, before, kept, "segment no longer shown on purpose", now)


def _shown(
    connection: Connection, agent: Agent, before: Segment, names: tuple[str, ...], what: str, now: datetime
) -> Segment:
    after = store.segments.set_shown_to(
        connection, before.key, tuple(dict.fromkeys(names)), _log(connection, agent, before.key, now)
    )
    recording.segment(connection, agent, what, before, after, now)
    return after


def _log(connection: Connection, agent: Agent, key: str, now: datetime) -> int:
    return store.log.append(
        connection, at=now, agent=agent.name, what="segment's visibility changed", entity="segment", key=key, amount=1
    )
