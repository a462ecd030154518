"""The drawers and dialogs about one agent: add, change, make a link, disable."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import streamlit as st

from segcore.access import ROLES
from segcore.model import Agent
from segcore.problems import SegcoreError
from segcore.services.links import LINK_LASTS
from segcore.ui import copy_line, frame, words
from segcore.ui.settings_profile import ROLES as MEANT

LINK = "settings.link"  # (agent's name, address, good until): shown once, and gone when the drawer is closed
LAST_ADMIN = "At least one admin has to stay."


def add() -> None:
    """Open the drawer in which an agent is added."""
    st.session_state.pop(LINK, None)
    _drawer("Add agent")(_add)()


def _add() -> None:
    place = st.empty()
    if LINK not in st.session_state:
        with place.container():
            _add_form()
    if LINK in st.session_state:
        with place.container():
            _link_shown()


def _add_form() -> None:
    with st.form("add-agent", border=False):
        name = st.text_input("Name", max_chars=60, key="add-agent-name", help="They sign in with it.")
        email = st.text_input("E-mail", max_chars=254, key="add-agent-email")
        role = _role_input("editor", key="add-agent-role")
        pressed = st.form_submit_button("Add and make the link", type="primary", width="stretch")
    if not pressed:
        return
    try:
        added = frame.services().agents.add(frame.agent(), name=name, email=email, role=role, now=frame.now())
        _make(added, frame.now())
    except SegcoreError as error:
        _wrong(error)


def edit(other: Agent) -> None:
    """Open the drawer in which role, e-mail and sending are changed."""
    _drawer(other.name)(_edit)(other)


def _edit(other: Agent) -> None:
    last = _last_admin(other)
    with st.form("edit-agent", border=False):
        email = st.text_input("E-mail", other.email, max_chars=254, key="edit-agent-email")
        role = _role_input(other.role, key="edit-agent-role", disabled=last)
        if last:
            frame.note(LAST_ADMIN)
        may_send = st.toggle(
            "May send",
            other.may_send,
            key="edit-agent-may-send",
            help="Launch campaigns and automations. It counts for editors: admins always may, viewers never.",
        )
        pressed = st.form_submit_button("Save", type="primary", width="stretch")
    if not pressed:
        return
    try:
        frame.services().agents.change(
            frame.agent(),
            other.id,
            role=None if role == other.role else role,
            email=None if email == other.email else email,
            may_send=None if may_send == other.may_send else may_send,
            now=frame.now(),
        )
    except SegcoreError as error:
        _wrong(error)
        return
    frame.tell(f"Saved {other.name}")
    st.rerun()


def make_link(other: Agent, *, invited: bool) -> None:
    """Ask before a link is made: it makes an older one useless."""
    st.session_state.pop(LINK, None)
    _drawer(f"{'Invitation' if invited else 'Reset'} link for {other.name}")(_make_link)(other, invited)


def _make_link(other: Agent, invited: bool) -> None:
    place = st.empty()
    if LINK not in st.session_state:
        with place.container():
            _ask_for_link(other, invited)
    if LINK in st.session_state:
        with place.container():
            _link_shown()


def _ask_for_link(other: Agent, invited: bool) -> None:
    if invited:
        st.markdown(f"With it **{words.escape(other.name)}** sets a password and signs in.")
    else:
        st.markdown(
            f"With it **{words.escape(other.name)}** sets a new password. Until then the present one works; "
            "when it is set, every browser is signed out."
        )
    frame.note("A link that was made before stops working.")
    if st.button("Make the link", type="primary", width="stretch", key="agent-link-make"):
        try:
            _make(other, frame.now())
        except SegcoreError as error:
            _wrong(error)


def disable(other: Agent) -> None:
    """Ask before an agent is shut out."""
    st.dialog(words.escape(f"Disable {other.name}?"), width="small")(_disable)(other)


def _disable(other: Agent) -> None:
    frame.agent()
    last = _last_admin(other)
    if last:
        st.warning(LAST_ADMIN)
        frame.note("Make somebody else an admin first.")
    else:
        st.markdown(
            f"**{words.escape(other.name)}** is signed out everywhere at the next thing they do, and cannot sign in. "
            "What they made stays, with their name."
        )
    with st.container(horizontal=True):
        if not last and st.button("Disable", type="primary", key="agent-disable"):
            try:
                frame.services().agents.change(frame.agent(), other.id, enabled=False, now=frame.now())
            except SegcoreError as error:
                _wrong(error)
                return
            frame.tell(f"{other.name} is disabled and signed out")
            st.rerun()
        if st.button("Keep", key="agent-keep"):
            st.rerun()


def _make(other: Agent, now: datetime) -> None:
    services = frame.services()
    token = services.sessions.link(frame.agent(), other.id, now=now)
    st.session_state[LINK] = (other.name, _address(token), now + LINK_LASTS)


def _address(token: str) -> str:
    """Where the link leads: to the public address, or to the one at which this very page is open."""
    here = urlsplit(st.context.url or "")
    settings = frame.services().settings
    base = settings.public_url or (f"{here.scheme}://{here.netloc}" if here.netloc else settings.url)
    return f"{base}/?{urlencode({'link': token})}"


def _link_shown() -> None:
    name, address, until = st.session_state[LINK]
    st.markdown(f"Hand this link to **{words.escape(name)}**. It is shown only now.")
    copy_line.show(address, label=f"Link for {name}", key="agent-link-line")
    frame.note(f"Good once, until {words.absolute(until, frame.zone())}.")
    if st.button("Done", width="stretch", key="agent-link-done"):
        st.session_state.pop(LINK, None)
        st.rerun()


def _wrong(error: SegcoreError) -> None:
    """What is to be mended, in the drawer itself, which stays open."""
    st.error(words.escape(f"{error.message} {error.hint}".strip()))


def _forget_link() -> None:
    """A callback: the drawer was closed."""
    st.session_state.pop(LINK, None)


def _drawer(title: str) -> Any:
    return st.dialog(words.escape(title), position="right", width="small", on_dismiss=_forget_link)


def _role_input(role: str, *, key: str, disabled: bool = False) -> str:
    return str(
        st.radio(
            "Role",
            ROLES,
            index=ROLES.index(role) if role in ROLES else len(ROLES) - 1,
            format_func=str.capitalize,
            captions=[MEANT[each] for each in ROLES],
            key=key,
            disabled=disabled,
        )
    )


def _last_admin(other: Agent) -> bool:
    """Whether nobody else is an admin, or none who can sign in; the service asks again when it comes to it."""
    known = frame.services().agents.known(frame.agent())
    admins = [each for each in known if each.agent.enabled and each.agent.role == "admin"]
    ready = [each for each in admins if not each.invited]
    return any([each.agent.id for each in those] == [other.id] for those in (admins, ready))
