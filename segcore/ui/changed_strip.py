"""What stands above a filter whose segment somebody else saved in between: who and when, both filters, the two ways on."""

from datetime import datetime
from typing import Any

import streamlit as st

from segcore.attributes import Entity
from segcore.model import Agent, Segment
from segcore.problems import InvalidRule, SegcoreError
from segcore.ui import frame, words
from segcore.ui.filter_state import FilterState


def show(state: FilterState, segment: Segment | None, agent: Agent, services: Any, now: datetime) -> bool:
    """Tell it where it is so; true while the agent has not chosen."""
    if segment is None or not state.overtaken(segment):
        return False
    by, at = segment.updated_by or "Somebody", words.clock(segment.updated_at, now, frame.zone())
    kept = "Your draft is kept." if state.draft else "Below is the filter as it was before."
    with st.container(border=True, key=f"{state.name}-changed"):
        st.markdown(f"{words.escape(by)} saved version {segment.version} at {words.escape(at)}. {kept}")
        with st.expander("Compare", key=f"{state.name}-compare"):
            _compare(state, segment, agent, services, now)
        with st.container(horizontal=True):
            st.button(
                f"Show version {segment.version}",
                key=f"{state.name}-take-theirs",
                on_click=_take_theirs,
                args=(state.entity,),
                help="Your draft is left" if state.draft else None,
            )
            if state.draft:
                st.button(
                    "Keep my draft on top of it",
                    key=f"{state.name}-keep-mine",
                    on_click=_keep_mine,
                    args=(state.entity,),
                    help=f"Saving then makes version {segment.version + 1} of what is below",
                )
    return True


def _take_theirs(entity: Entity) -> None:
    """A callback: the stored version takes the place of what is on screen."""
    try:
        FilterState.of(entity).load_segment(frame.agent(), frame.services(), FilterState.of(entity).segment)
    except SegcoreError as error:
        frame.tell(error)


def _keep_mine(entity: Entity) -> None:
    """A callback: the draft goes on from the stored version, which was seen."""
    agent, services, state = frame.agent(), frame.services(), FilterState.of(entity)
    segment = state.segment_of(agent, services)
    if segment is not None:
        state.rebase(segment, agent, services, frame.now())


def _compare(state: FilterState, segment: Segment, agent: Agent, services: Any, now: datetime) -> None:
    """Both filters as sentences, and the conditions that only one of them has."""
    theirs, mine = f"Version {segment.version}", "Your draft" if state.draft else "As it was"
    try:
        found = services.filters.compare(agent, segment.document, state.document, entity=state.entity, now=now)
    except InvalidRule:
        for title, document in ((theirs, segment.document), (mine, state.document)):
            frame.note(title)
            st.markdown(_sentence(document, state.entity, agent, services, now))
        return
    sides = ((theirs, found.one, found.only_one), (mine, found.other, found.only_other))
    for column, (title, told, only) in zip(st.columns(2), sides, strict=True):
        with column:
            frame.note(title)
            st.markdown(words.sentence(told))
            if only:
                frame.note(f"Only {'in ' if title != 'As it was' else ''}{title[:1].lower()}{title[1:]}")
                st.markdown("\n".join(f"- {words.sentence(each)}" for each in only))


def _sentence(document: dict[str, Any], entity: Entity, agent: Agent, services: Any, now: datetime) -> str:
    try:
        return words.sentence(services.filters.sentence(agent, document, entity=entity, now=now))
    except InvalidRule:
        return "It cannot be read as it is."
