"""Who may do what: one table, read by services, pages and docs. Who may *see* what is a predicate in `store/segments.py`."""

from enum import StrEnum
from typing import Literal

from segcore.model import Agent, Segment
from segcore.problems import SegcoreError

ANY: Literal["any"] = "any"
OWN: Literal["own"] = "own"


class Verb(StrEnum):
    """What an agent can do, as the table of roles names it."""

    SEE = "see people and segments"
    FILTER = "filter"
    EXPORT = "export"
    CREATE = "create segments and folders"
    EDIT = "edit and delete a segment"
    HIDE = "set who sees a segment"
    IMPORT = "import"
    DEFINE = "define attributes, remove data"
    SETTINGS = "change settings"


TABLE: dict[str, dict[Verb, Literal["any", "own"]]] = {
    "admin": dict.fromkeys(Verb, ANY),
    "editor": {
        Verb.SEE: ANY,
        Verb.FILTER: ANY,
        Verb.EXPORT: ANY,
        Verb.CREATE: ANY,
        Verb.EDIT: OWN,
        Verb.HIDE: OWN,
        Verb.IMPORT: ANY,
    },
    "viewer": {Verb.SEE: ANY, Verb.FILTER: ANY},
}


class NotAllowed(SegcoreError):
    """What the agent's role does not allow."""


def may(agent: Agent, verb: Verb, segment: Segment | None = None) -> bool:
    """Whether the agent may do this, to this segment where the verb is about one."""
    if not agent.enabled:
        return False
    scope = TABLE.get(agent.role, {}).get(verb)
    if scope == OWN:
        return segment is not None and segment.author is not None and segment.author == agent.name
    return scope == ANY


def require(agent: Agent, verb: Verb, segment: Segment | None = None) -> None:
    """Raise NotAllowed where the agent may not."""
    if not may(agent, verb, segment):
        raise NotAllowed(f"Your role, {agent.role}, may not {verb.value}.", "An admin can do it, or change your role.")
