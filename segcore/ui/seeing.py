"""Looking at the workspace as another agent sees it: the bar on top of every page, how it begins and how it ends.

It stands in the session's row, so pages, fragments and routes obey it alike. What the tab held of pages is dropped at
both ends (`frame.guard`): filters and ticks of one of the two are not the other's.
"""

import streamlit as st

from segcore.model import Agent
from segcore.problems import SegcoreError
from segcore.services.sessions import Seat
from segcore.ui import frame, nav, words


def start(other: Agent) -> None:
    """See what this agent sees, from the page of all segments on."""
    try:
        frame.services().sessions.see_as(frame.seat(), other.id, now=frame.now())
    except SegcoreError as error:
        frame.tell(error)
        st.rerun()
    st.switch_page(nav.page(nav.START))


def bar(seat: Seat) -> None:
    """Says whose eyes these are, and offers to stop; nothing where they are one's own."""
    if seat.agent.seen_by is None:
        return
    with st.container(key="seeing-as", horizontal=True, vertical_alignment="center", gap="small"):
        st.markdown(f":material/visibility: You see what **{words.escape(seat.agent.name)}** sees.")
        st.button("Stop", key="seeing-stop", on_click=_stop)


def _stop() -> None:
    """A callback: the page that follows is one's own again."""
    frame.services().sessions.stop_seeing(frame.seat(), now=frame.now())
