"""Who may do what: one table, read by services, pages and docs. Who may *see* what is a predicate in `store/segments.py`."""

import sys
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from segcore.model import Agent, Segment
from segcore.problems import SegcoreError

ANY: Literal["any"] = "any"
OWN: Literal["own"] = "own"


class Verb(StrEnum):
    """What an agent can do, as the table of roles names it."""

    SEE = "see people, segments and reports"
    FILTER = "filter"
    EXPORT = "export what they see"
    CREATE = "create and duplicate segments and folders"
    EDIT = "edit, archive and delete a segment"
    HIDE = "set from whom a segment is hidden"
    WRITE = "write campaigns and automations"
    SEND = "launch campaigns and automations"
    IMPORT = "import data"
    DEFINE = "define attributes and delete people"
    SETTINGS = "change the settings and see the log"


@dataclass(frozen=True, slots=True)
class Switch:
    """What the settings can allow a role beyond the table; off at first."""

    key: str
    role: str
    verb: Verb
    label: str
    of_agent: bool = False  # switched for each agent, not for the workspace


EDITORS_EDIT_ALL = Switch("editors_edit_all", "editor", Verb.EDIT, "Editors may edit all segments")
VIEWERS_EXPORT = Switch("viewers_export", "viewer", Verb.EXPORT, "Viewers may export")
MAY_SEND = Switch("may_send", "editor", Verb.SEND, "May send", of_agent=True)
SWITCHES = (EDITORS_EDIT_ALL, VIEWERS_EXPORT, MAY_SEND)

ROLES = ("admin", "editor", "viewer")

TABLE: dict[str, dict[Verb, Literal["any", "own"]]] = {
    "admin": dict.fromkeys(Verb, ANY),
    "editor": {
        Verb.SEE: ANY,
        Verb.FILTER: ANY,
        Verb.EXPORT: ANY,
        Verb.CREATE: ANY,
        Verb.EDIT: OWN,
        Verb.HIDE: OWN,
        Verb.WRITE: ANY,
        Verb.IMPORT: ANY,
    },
    "viewer": {Verb.SEE: ANY, Verb.FILTER: ANY},
}

# Whoever looks at the workspace as somebody else sees it changes nothing.
LOOKING = frozenset({Verb.SEE, Verb.FILTER, Verb.EXPORT})


class NotAllowed(SegcoreError):
    """What the agent's role does not allow."""


def may(agent: Agent, verb: Verb, segment: Segment | None = None) -> bool:
    """Whether the agent may do this, to this segment where the verb is about one."""
    if not agent.enabled or (agent.seen_by is not None and verb not in LOOKING):
        return False
    if segment is not None and segment.concealed and verb in (Verb.CREATE, Verb.EDIT, Verb.HIDE):
        return False  # what one does not see whole one can neither copy nor change
    if any(switch.role == agent.role and switch.verb is verb and switch.key in agent.grants for switch in SWITCHES):
        return True
    scope = TABLE.get(agent.role, {}).get(verb)
    if scope == OWN:
        return segment is not None and segment.author is not None and segment.author == agent.name
    return scope == ANY


def require(agent: Agent, verb: Verb, segment: Segment | None = None) -> None:
    """Raise NotAllowed where the agent may not."""
    if may(agent, verb, segment):
        return
    require_own(agent)
    raise NotAllowed(f"Your role, {agent.role}, may not {verb.value}.", "An admin can do it, or change your role.")


def require_own(agent: Agent) -> None:
    """Raise NotAllowed for whoever looks as somebody else: how an agent likes things stays as it is."""
    if agent.seen_by is not None:
        raise NotAllowed(f"You see what {agent.name} sees, and change nothing meanwhile.", "Stop seeing as them first.")


def roles() -> str:
    """The table of roles as docs/agents.md has it, in Markdown: `python -m segcore.access` writes it."""
    lines = [f"| | {' | '.join(ROLES)} |", f"| --- {'| --- ' * len(ROLES)}|"]
    lines += [f"| {verb.value} | {' | '.join(_told(role, verb) for role in ROLES)} |" for verb in Verb]
    return "\n".join(lines) + "\n"


def allowed(role: str, verb: Verb, switched: Collection[str] = ()) -> str:
    """In one word what a role may with these switches of the workspace on: "yes", "any", "own", "no", or "if …" where each
    agent has a switch."""
    scope = TABLE[role].get(verb)
    for switch in SWITCHES:
        if switch.role == role and switch.verb is verb:
            if switch.of_agent:
                return f"if “{switch.label}”"
            scope = ANY if switch.key in switched else scope
    if scope is None:
        return "no"
    return scope if verb in (Verb.EDIT, Verb.HIDE) else "yes"


def _told(role: str, verb: Verb) -> str:
    told = {"yes": "✓", "no": "–"}.get(word := allowed(role, verb), word)
    switch = next((each for each in SWITCHES if each.role == role and each.verb is verb), None)
    if switch is None:
        return told
    return f"own; any with “{switch.label}”" if word == OWN else f"with “{switch.label}”"


if __name__ == "__main__":
    sys.stdout.buffer.write(roles().encode())
