"""From whom segments are hidden: by name, by being kept for some, and by what they refer to."""

import json
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from sqlalchemy import CTE, Connection, Select, Table, and_, or_, select

from segcore.model import Agent, Segment
from segcore.problems import SegcoreError
from segcore.store.tables import agent as agents
from segcore.store.tables import hidden_from, segment, segment_reference, shown_to, visible_to


def hidden(agent: Agent) -> CTE:
    """The segments (id, key) that an agent who is no admin may not see.

    Those hidden from them; those kept for others, their own excepted; and whatever refers to one of these, unless it is
    shown to them on purpose: then the walk ends there, because what refers to it says no more than they see of it.
    """
    return _hidden(agent.id, agent.name)


# Statements are values: writing one anew costs more than running it. What it answers is read every time.
@lru_cache(maxsize=256)
def _hidden(id: int | None, name: str) -> CTE:
    # Under names of their own, because queries that list the same pairs use this too.
    one, other = segment.alias("hidden_one"), segment.alias("hidden_other")
    hiding, keeping = hidden_from.alias("hiding"), visible_to.alias("keeping")
    showing, reference = shown_to.alias("showing"), segment_reference.alias("reference")
    by_name = one.c.id.in_(select(hiding.c.segment_id).where(hiding.c.agent_id == id))
    kept = one.c.id.in_(select(keeping.c.segment_id).where(keeping.c.agent_id == id))
    of_others = and_(one.c.restricted, ~kept, or_(one.c.author.is_(None), one.c.author != name))
    found = select(one.c.id, one.c.key).where(or_(by_name, of_others)).cte("hidden", recursive=True)
    shown = select(showing.c.segment_id).where(showing.c.agent_id == id)
    through: Select[Any] = (
        select(other.c.id, other.c.key)
        .join(reference, reference.c.segment_id == other.c.id)
        .join(found, found.c.key == reference.c.refers_to)
        .where(other.c.id.not_in(shown))
    )
    return found.union(through)


def unseen(connection: Connection, agent: Agent) -> dict[int, frozenset[str]]:
    """For each segment that is shown to the agent on purpose, the keys in its filter that they may not see."""
    if agent.role == "admin":
        return {}
    found: dict[int, frozenset[str]] = {}
    for row in connection.execute(_unseen(agent.id, agent.name)):
        found[row.segment_id] = found.get(row.segment_id, frozenset()) | {row.refers_to}
    return found


@lru_cache(maxsize=256)
def _unseen(id: int | None, name: str) -> Select[Any]:
    beyond = _hidden(id, name)
    return (
        select(segment_reference.c.segment_id, segment_reference.c.refers_to)
        .join(shown_to, shown_to.c.segment_id == segment_reference.c.segment_id)
        .join(beyond, beyond.c.key == segment_reference.c.refers_to)
        .where(shown_to.c.agent_id == id)
    )


def named(connection: Connection, pairs: Table, ids: Iterable[int]) -> dict[int, tuple[str, ...]]:
    """The names of the agents that pairs hold, by the id of the segment."""
    query = (
        select(pairs.c.segment_id, agents.c.name)
        .join(agents, agents.c.id == pairs.c.agent_id)
        .where(pairs.c.segment_id.in_(list(ids)))
        .order_by(agents.c.id)
    )
    names: dict[int, tuple[str, ...]] = {}
    for row in connection.execute(query):
        names[row.segment_id] = (*names.get(row.segment_id, ()), row.name)
    return names


def pair(connection: Connection, pairs: Table, id: int, names: Iterable[str]) -> None:
    """Store which agents a segment is paired with; raises SegcoreError where there is no agent of a name."""
    wanted = list(dict.fromkeys(names))
    known = dict(connection.execute(select(agents.c.name, agents.c.id)).all()) if wanted else {}
    unknown = [name for name in wanted if name not in known]
    if unknown:
        raise SegcoreError(f"There is no agent {unknown[0]}.")
    connection.execute(pairs.delete().where(pairs.c.segment_id == id))
    for name in wanted:
        connection.execute(pairs.insert().values(segment_id=id, agent_id=known[name]))


def refer(connection: Connection, id: int, document: object) -> None:
    """Keep what a filter refers to. Where it now refers to more, it is shown to nobody on purpose any longer."""
    wanted = set(references(document))
    mine = segment_reference.c.segment_id == id
    before = set(connection.scalars(select(segment_reference.c.refers_to).where(mine)))
    if wanted - before:
        connection.execute(shown_to.delete().where(shown_to.c.segment_id == id))
    connection.execute(segment_reference.delete().where(mine))
    for key in sorted(wanted):
        connection.execute(segment_reference.insert().values(segment_id=id, refers_to=key))


def references(document: object) -> list[str]:
    """The keys that a document names as segments, one for each condition, even where it cannot be read as a rule."""
    found, waiting = [], [document]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if isinstance(part.get("segment"), str):
                found.append(part["segment"])
            waiting.extend(part.values())
        elif isinstance(part, list | tuple):
            waiting.extend(part)
    return found


def concealing(document: str, beyond: frozenset[str]) -> int:
    """How many conditions of a stored filter name what is not to be seen."""
    return sum(key in beyond for key in references(json.loads(document)))


def direct(wanted: Segment, agent: Agent) -> bool:
    """Whether an agent may see a segment for all that is said of itself, whatever it refers to."""
    if agent.name in wanted.hidden_from:
        return False
    return wanted.visible_to is None or agent.name in wanted.visible_to or wanted.author == agent.name
