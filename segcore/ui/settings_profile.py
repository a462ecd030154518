"""One's own profile: who one is here, the password, the browsers one is signed in with, what new segments start with."""

from typing import Any

import streamlit as st

from segcore.access import Verb, may
from segcore.model import Agent, NewSegments
from segcore.problems import SegcoreError
from segcore.ui import audience, frame, settings_sessions, words

ROLES = {
    "admin": "Sees and changes everything, the settings included.",
    "editor": "Makes segments and imports data; changes what is their own.",
    "viewer": "Sees and filters, and changes nothing.",
}


def show() -> None:
    """The whole view; a fragment, so that a choice reruns only it."""
    _body()


@st.fragment
def _body() -> None:
    agent, services = frame.agent(), frame.services()
    frame.show_told()
    left, right = st.columns([1, 1], gap="medium")
    with left:
        _who(agent)
        if may(agent, Verb.CREATE):
            _new_segments(agent, services)
        elif agent.seen_by is not None and agent.role != "viewer":
            _new_segments_told(services.agents.starts_with(agent))
    with right:
        if agent.seen_by is None and agent.id is not None:
            _password()
        if agent.id is not None:
            with st.container(border=True, key="profile-sessions"):
                frame.heading("Where you are signed in")
                settings_sessions.own()


def _who(agent: Agent) -> None:
    with st.container(border=True, key="profile-who"):
        frame.heading(agent.name)
        rows = {"E-mail": agent.email or words.MISSING, "Role": agent.role.capitalize()}
        with st.container(gap="xxsmall"):
            for name, value in rows.items():
                with st.container(horizontal=True, gap="small", vertical_alignment="center"):
                    st.caption(name, width=64)
                    st.markdown(words.escape(value))
        told = [ROLES.get(agent.role, "")]
        if agent.role == "editor" and agent.may_send:
            told.append("May launch campaigns and automations.")
        if agent.role != "admin":
            told.append("An admin can change your role and your e-mail.")
        frame.note(" ".join(told))


def _password() -> None:
    with st.container(border=True, key="profile-password"):
        frame.heading("Change password")
        frame.note("At least 12 characters, and not easy to guess. Your other browsers are signed out.")
        with st.form("profile-password-form", border=False, clear_on_submit=True):
            old = st.text_input("Present password", type="password", autocomplete="current-password", max_chars=200)
            new = st.text_input("New password", type="password", autocomplete="new-password", max_chars=200)
            again = st.text_input("New password again", type="password", autocomplete="new-password", max_chars=200)
            pressed = st.form_submit_button("Change password")
        if pressed:
            _change_password(old, new, again)


def _change_password(old: str, new: str, again: str) -> None:
    try:
        if new != again:
            raise SegcoreError("The new password was not typed the same twice.", "Type it again in both fields.")
        frame.services().sessions.change_password(frame.seat(), old=old, new=new, now=frame.now())
    except SegcoreError as error:
        st.error(words.escape(f"{error.message} {error.hint}".strip()))
        return
    frame.tell("Your password is changed, and your other browsers are signed out")
    st.rerun()


def _new_segments(agent: Agent, services: Any) -> None:
    kept: NewSegments = services.agents.starts_with(agent)
    with st.container(border=True, key="profile-new-segments"):
        frame.heading("What your new segments start with")
        frame.note("Who sees a segment that you make. You can change it for each one. Admins see every segment.")
        wanted = audience.choose(agent, services, kept, key="profile-start", headed=True)
        if st.button("Save", key="profile-start-save", disabled=wanted is None or _same(wanted, kept)):
            try:
                services.agents.set_starts_with(agent, wanted, now=frame.now())
            except SegcoreError as error:
                frame.trouble(error, key="profile-start")
                return
            frame.tell("Kept for your new segments")
            st.rerun()


def _same(wanted: NewSegments, kept: NewSegments) -> bool:
    def sets(each: NewSegments) -> object:
        return set(each.hidden_from), None if each.visible_to is None else set(each.visible_to)

    return sets(wanted) == sets(kept)


def _new_segments_told(kept: NewSegments) -> None:
    """What it is, for an admin who looks and changes nothing."""
    with st.container(border=True, key="profile-new-segments"):
        frame.heading("What your new segments start with")
        names = words.listed(kept.hidden_from)
        match audience.start_of(kept):
            case audience.HIDDEN:
                frame.note(f"Hidden from {names}.")
            case audience.ONLY:
                frame.note(f"Only {words.listed([*(kept.visible_to or ()), 'you', 'admins'])} see them.")
            case audience.ME:
                frame.note("Only you and admins see them.")
            case _:
                frame.note("Everyone sees them.")
