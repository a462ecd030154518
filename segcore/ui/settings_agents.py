"""Who signs in: a table of agents, and what an admin can do with each."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from segcore.access import ROLES
from segcore.model import Agent
from segcore.problems import SegcoreError
from segcore.services.agents import Known
from segcore.ui import agent_drawers, frame, listing, seeing, settings_sessions, words
from segcore.ui.listing import Cell, Entry, Row

COLUMNS = (
    ("name", "Name", 27),
    ("role", "Role", 17),
    ("state", "State", 14),
    ("seen", "Last seen", 14),
    ("hidden", "Hidden from them", 28),
)
AGENTS, NAMED = ("agent", "agents"), 2


def show(actions: Any) -> None:
    """The whole view. `actions` is the place beside the page's title."""
    with actions:
        if st.button("Add agent", icon=":material/person_add:", type="primary", key="agents-add"):
            agent_drawers.add()
    _body()


@st.fragment
def _body() -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    frame.show_told()
    known: list[Known] = services.agents.known(agent)
    frame.note(summary(known))
    done = listing.show(
        "Agents",
        COLUMNS,
        [row(each, agent, now) for each in known],
        key="agents-table",
        empty="No agents yet.",
        hint="Add the people who work here. Each gets a link with which they set a password.",
    )
    chosen = next((each for each in known if done is not None and str(each.agent.id) == done.row), None)
    if done is None or chosen is None:
        return
    try:
        _do(done.what, chosen, services, now)
    except SegcoreError as error:
        frame.trouble(error, key="agents")


def _do(what: str, chosen: Known, services: Any, now: datetime) -> None:
    match what:
        case "edit":
            agent_drawers.edit(chosen.agent)
        case "sessions":
            settings_sessions.show(chosen.agent)
        case "link":
            agent_drawers.make_link(chosen.agent, invited=chosen.invited)
        case "see":
            seeing.start(chosen.agent)
        case "disable":
            agent_drawers.disable(chosen.agent)
        case "enable":
            services.agents.change(frame.agent(), chosen.agent.id, enabled=True, now=now)
            frame.tell(f"{chosen.agent.name} may sign in again")
            st.rerun()


def summary(known: Sequence[Known]) -> str:
    """How many there are, of which role, and who has not come yet: "4 agents: 2 admins, 1 editor and 1 viewer. 1 is invited."."""
    able = [each for each in known if each.agent.enabled]
    roles = Counter(each.agent.role for each in able)
    told = words.listed([words.counted(roles[role], (role, f"{role}s")) for role in ROLES if roles[role]])
    parts = [f"{words.counted(len(able), AGENTS)}: {told}." if able else "No agents."]
    invited = sum(each.invited for each in able)
    if invited:
        parts.append(f"{words.count(invited)} {'has' if invited == 1 else 'have'} not set a password yet.")
    disabled = len(known) - len(able)
    if disabled:
        parts.append(f"{words.count(disabled)} {'is' if disabled == 1 else 'are'} disabled.")
    return " ".join(parts)


def row(known: Known, asking: Agent, now: datetime) -> Row:
    """An agent as the table shows it."""
    agent = known.agent
    mine = agent.id == asking.id
    seen: Cell | str = ""
    if known.last_seen is not None:
        seen = {"text": words.relative(known.last_seen, now), "title": words.exact(known.last_seen, frame.zone())}
    return Row(
        id=str(agent.id),
        label=agent.name,
        quiet=not agent.enabled,
        cells={
            "name": {"text": agent.name, "strong": True, "below": agent.email, "tags": ["you"] if mine else []},
            "role": {"text": agent.role.capitalize(), "tags": ["may send"] if _sends(agent) else []},
            "state": state(known),
            "seen": seen or {"text": "Never", "muted": True},
            "hidden": _hidden(known),
        },
        menu=_menu(known, mine=mine),
    )


def state(known: Known) -> str:
    """Disabled, invited or active."""
    if not known.agent.enabled:
        return "Disabled"
    return "Invited" if known.invited else "Active"


def _sends(agent: Agent) -> bool:
    """Admins launch anyway, and viewers never: it is told of editors only."""
    return agent.role == "editor" and agent.may_send


def _hidden(known: Known) -> Cell:
    """How many segments are hidden from them, and which; the first two in the row, all of them in the tooltip."""
    if known.agent.role == "admin":
        return {"text": "Sees every segment", "muted": True}
    if not known.hidden:
        return {"text": "No segment", "muted": True}
    first = [*known.hidden[:NAMED]]
    rest = len(known.hidden) - len(first)
    named = words.listed([*first, f"{rest} more"] if rest else first)
    return {
        "text": words.counted(len(known.hidden), ("segment", "segments")),
        "below": named,
        "title": words.listed(list(known.hidden)),
    }


def _menu(known: Known, *, mine: bool) -> list[Entry | str]:
    agent = known.agent
    entries: list[Entry | str] = [Entry(what="edit", label="Role and e-mail", icon="rename")]
    if agent.enabled:
        entries.append(Entry(what="sessions", label="Where they are signed in", icon="open"))
        label = "Make an invitation link" if known.invited else "Make a reset link"
        entries.append(Entry(what="link", label=label, icon="link"))
        if not mine:
            entries.append(Entry(what="see", label=f"See as {agent.name}", icon="people"))
    entries.append("-")
    if agent.enabled:
        entries.append(Entry(what="disable", label="Disable", icon="close", danger=True))
    else:
        entries.append(Entry(what="enable", label="Enable", icon="check"))
    return entries
