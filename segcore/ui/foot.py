"""The foot of the sidebar: who is signed in, and the way out."""

import streamlit as st

from segcore.services.sessions import Seat
from segcore.ui import frame, nav, words


def show(seat: Seat) -> None:
    """Draw it; whoever looks as somebody else is still who signed in."""
    agent = seat.signed_in
    with st.sidebar, st.container(key="sidebar-foot", gap=None):
        st.page_link(
            nav.page("settings"),
            label=f"**{words.escape(agent.name)}**",
            icon=":material/account_circle:",
            query_params={"view": "profile"},
        )
        with st.container(key="sidebar-foot-line", horizontal=True, vertical_alignment="center"):
            st.caption(words.escape(agent.role.capitalize()))
            st.button("Sign out", key="sign-out", type="tertiary", on_click=_sign_out)


def _sign_out() -> None:
    """A callback: the session ends, and the page that follows is the sign-in."""
    frame.services().sessions.end(frame.seat(), now=frame.now())
