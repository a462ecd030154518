"""Who sees a segment: the choice, and how it is told. Admins see every segment, so they are never offered."""

from typing import Any, Literal
from zlib import crc32

import streamlit as st

from segcore.access import Verb, may
from segcore.model import Agent, NewSegments, Segment
from segcore.problems import SegcoreError
from segcore.services.agents import TAKEN, fold
from segcore.services.visibility import Blocked
from segcore.ui import frame, words

EVERYONE, HIDDEN, ONLY, ME = "everyone", "hidden", "only", "me"
LABELS = {EVERYONE: "Everyone", HIDDEN: "Hidden from…", ONLY: "Only these", ME: "Only me"}
AGENTS = ("agent", "agents")


def of(segment: Segment) -> NewSegments:
    """Who sees a segment."""
    return NewSegments(hidden_from=segment.hidden_from, visible_to=segment.visible_to)


def choose(
    agent: Agent, services: Any, kept: NewSegments, *, key: str, segment: Segment | None = None, headed: bool = False
) -> NewSegments | None:
    """Ask for it; None while no agent is chosen. `segment`: of which, where it is there already; `headed`: under a
    heading that says the same as the label."""
    others = services.segments.audience(agent)
    named = (*kept.hidden_from, *(kept.visible_to or ()))
    # Who was named and may not sign in any more stays named.
    options = list(dict.fromkeys([*others, *(name for name in named if name != agent.name)]))
    labels = dict(LABELS)
    if segment is not None and (owner := author(segment)) != agent.name:
        labels[ME] = "Only admins" if owner is None else f"Only {owner}"
    offered = [each for each in labels if options or each in (EVERYONE, ME)]
    # Begins anew with whatever is kept by now.
    key = f"{key}-{crc32(repr(kept).encode()):x}"
    start = start_of(kept)
    chosen = st.radio(
        "Who sees it",
        offered,
        index=offered.index(start) if start in offered else 0,
        format_func=labels.__getitem__,
        key=f"{key}-audience",
        help="Admins see every segment",
        label_visibility="collapsed" if headed else "visible",
    )
    if chosen not in (HIDDEN, ONLY):
        return NewSegments() if chosen == EVERYONE else NewSegments(visible_to=())
    before = kept.hidden_from if chosen == HIDDEN else kept.visible_to or ()
    names = st.multiselect(
        "Hidden from" if chosen == HIDDEN else "Only these agents",
        options,
        default=[name for name in before if name in options],
        placeholder="Choose agents",
        key=f"{key}-{chosen}",
    )
    if not names:
        frame.note("Choose at least one agent.")
        return None
    return NewSegments(hidden_from=tuple(names)) if chosen == HIDDEN else NewSegments(visible_to=tuple(names))


def start_of(kept: NewSegments) -> str:
    """Which of the four choices it is."""
    if kept.visible_to is not None:
        return ONLY if kept.visible_to else ME
    return HIDDEN if kept.hidden_from else EVERYONE


def author(segment: Segment) -> str | None:
    """The agent to whom it belongs; None for what the workspace, the demo or the command line made."""
    return None if segment.author is None or fold(segment.author) in TAKEN else segment.author


def mark(segment: Segment, agent: Agent) -> str | None:
    """What stands beside a segment's name for those who may change it: "hidden from 2 agents"; None where all see it."""
    if not may(agent, Verb.HIDE, segment):
        return None
    if segment.visible_to is not None:
        seeing = [name for name in dict.fromkeys((*segment.visible_to, author(segment))) if name is not None]
        others = [name for name in seeing if name not in (agent.name, *segment.hidden_from)]
        if agent.name in seeing:
            return f"only you, {words.counted(len(others), AGENTS)} and admins" if others else "only you and admins"
        return f"only {words.counted(len(others), AGENTS)} and admins" if others else "only admins"
    if segment.hidden_from:
        return f"hidden from {words.counted(len(segment.hidden_from), AGENTS)}"
    return None


def told(segment: Segment) -> str:
    """The same with names: "Hidden from Omar and Vic.", "Only Nora and admins see it."."""
    if segment.visible_to is not None:
        seeing = [name for name in dict.fromkeys((author(segment), *segment.visible_to)) if name is not None]
        return f"Only {words.listed([*seeing, 'admins'])} see it."
    if segment.hidden_from:
        return f"Hidden from {words.listed(segment.hidden_from)}."
    return "Everyone sees it."


def will_see(names: list[str], count: int, nouns: tuple[str, str]) -> str:
    """What showing it on purpose comes to: "2 agents will see these 412 people"."""
    who = names[0] if len(names) == 1 else words.counted(len(names), AGENTS)
    return f"{who} will see {'this' if count == 1 else 'these'} {words.counted(count, nouns)}"


def because(names: list[str]) -> str:
    """Why those do not see it although they are not named."""
    who = words.listed(names)
    return (
        f"It refers to a segment that {who} may not see, so it is hidden from {'them' if len(names) > 1 else who} too."
    )


def hide(segment: Segment) -> None:
    """Open the drawer in which a segment is hidden."""
    st.dialog("Hidden from…", position="right", width="small")(_hide)(segment.key)


def _hide(key: str) -> None:
    agent, services = frame.agent(), frame.services()
    try:
        segment = services.segments.get(agent, key)
    except SegcoreError as error:
        frame.trouble(error, key="hide")
        return
    st.markdown(f"**{words.escape(segment.name)}**")
    form(segment, agent, services, key="hide")


def form(segment: Segment, agent: Agent, services: Any, *, key: str, headed: bool = False) -> None:
    """Who sees a segment, to be changed by those who may."""
    kept = of(segment)
    wanted = choose(agent, services, kept, key=f"{key}-{segment.key}", segment=segment, headed=headed)
    kind: Literal["primary", "secondary"] = "secondary" if headed else "primary"  # the page has its primary button
    if not st.button("Save who sees it", type=kind, disabled=wanted is None or _same(wanted, kept), key=f"{key}-save"):
        return
    assert wanted is not None
    try:
        saved = services.segments.set_visibility(
            agent, segment.key, hidden_from=wanted.hidden_from, visible_to=wanted.visible_to, now=frame.now()
        )
    except SegcoreError as error:
        frame.trouble(error, key=key)
        return
    frame.tell(f"{saved.name}: {told(saved)[:1].lower()}{told(saved)[1:].rstrip('.')}")
    st.rerun()


def on_purpose(segment: Segment, agent: Agent, services: Any) -> None:
    """The box for a segment that is hidden from some because of what it refers to; nothing where there are none."""
    found: Blocked = services.segments.blocked(agent, segment.key, now=frame.now())
    if not found.names and not found.shown:
        return
    with st.container(border=True, key="segment-on-purpose"):
        frame.heading("Show on purpose")
        if found.names:
            frame.note(because(list(found.names)))
            _show(segment, found, agent, services)
        if found.shown:
            frame.note(f"Shown on purpose to {words.listed(found.shown)}.")
            st.button(
                "Hide it again",
                key="on-purpose-hide",
                on_click=_unshow,
                args=(segment.key, found.shown),
                help=f"From {words.listed(found.shown)}",
            )


def _show(segment: Segment, found: Blocked, agent: Agent, services: Any) -> None:
    if found.count is None:
        frame.note("It cannot be counted right now, so it cannot be shown to anybody on purpose.")
        return
    names = list(found.names)
    if len(names) > 1:
        names = st.multiselect("To whom", names, default=names, placeholder="Choose agents", key="on-purpose-names")
    if names:
        nouns = words.NOUNS[segment.entity]
        st.markdown(f"**{words.escape(will_see(names, found.count, nouns))}**")
        frame.note(
            "They see the total and who is in it. Of the filter they see how many conditions are not visible to them."
        )
    if st.button("Show on purpose", disabled=not names, key="on-purpose-show"):
        try:
            services.segments.show_on_purpose(agent, segment.key, names, now=frame.now())
        except SegcoreError as error:
            frame.trouble(error, key="on-purpose")
            return
        frame.tell(f"{segment.name} is shown to {words.listed(names)}")
        st.rerun()


def _unshow(key: str, names: tuple[str, ...]) -> None:
    """A callback: those to whom it was shown on purpose do not see it any more."""
    try:
        frame.services().segments.unshow(frame.agent(), key, names, now=frame.now())
    except SegcoreError as error:
        frame.tell(error)


def _same(wanted: NewSegments | None, kept: NewSegments) -> bool:
    def sets(each: NewSegments) -> object:
        return set(each.hidden_from), None if each.visible_to is None else set(each.visible_to)

    return wanted is not None and sets(wanted) == sets(kept)
