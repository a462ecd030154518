"""The card at which people sign in, make the first admin or choose a password; it stands in the place of any page."""

import contextlib
from typing import Any, NoReturn

import streamlit as st

from segcore.problems import SegcoreError
from segcore.services.links import TICKET_LASTS, Link
from segcore.ui import frame, password_form, style, words
from segcore.ui.component import Component

WRONG = "Wrong username or password, or the account is locked. Try again in a few minutes."
ENDED = "You were signed out."
DEAD = "This link does not work any more. A link works once and for three days; an admin can send you a new one."
NOBODY = "Nobody can sign in yet. Open the link that the server printed when it started."
FORGOT = "Ask an admin of this workspace: they can send you a link with which you choose a new one."

_TITLES = {"setup": "Create the first admin", "invite": "Choose a password", "reset": "Choose a password"}
_LATE = "Signing in took too long. Try again."
_CLAIM = Component("claim")

# Kept for the tab, because a run may come at any time: what the last try came to, and a ticket on its way to the cookie.
_TOLD, _TICKET = "gate.told", "gate.ticket"


def show() -> NoReturn:
    """Draw the card and end the run. The address stays, so that whoever signs in is where they wanted to be."""
    link, ticket = _link(), _on_its_way()
    title = "Sign in" if link is None else _TITLES[link.kind]
    frame.name_page(title)
    style.apply()
    with (
        st.container(key="gate", horizontal_alignment="center"),
        st.container(key="gate-card", border=True, width=360),
    ):
        st.image(frame.logo(), width=112, alt=frame.PRODUCT)
        st.title(title, anchor=False)
        place = st.empty()
        if ticket is None:
            with place.container():
                ticket = _sign_in() if link is None else _by_link(link)
        if ticket is not None:
            st.session_state[_TICKET] = (ticket, frame.now())
            place.empty()
            with place.container():
                frame.note("Signing in…")
                _CLAIM.mount(key="gate-claim", data={"ticket": ticket}, on_refused_change=_claim_refused)
    st.stop()


def asked_for() -> bool:
    """Whether the address brings a link that works, which comes before the page even for who is signed in."""
    token = st.query_params.get("link")
    if token is None:
        return False
    if frame.services().sessions.look(token, now=frame.now()) is not None:
        return True
    del st.query_params["link"]
    frame.tell(DEAD)
    return False


def _link() -> Link | None:
    token = st.query_params.get("link")
    return None if token is None else frame.services().sessions.look(token, now=frame.now())


def _on_its_way() -> str | None:
    ticket, at = st.session_state.get(_TICKET, (None, frame.now()))
    return ticket if frame.now() - at < TICKET_LASTS else None


def _claim_refused() -> None:
    st.session_state.pop(_TICKET, None)
    st.session_state[_TOLD] = _LATE


def _sign_in() -> str | None:
    """The form of a name and a password; a ticket where they are right."""
    sessions = frame.services().sessions
    credentials = sessions.credentials()
    said = st.empty()  # above the form, though it is known after it
    tried = password_form.ask(credentials)
    ticket = None
    if tried.name is not None:
        with contextlib.suppress(SegcoreError):  # disabled in this very moment
            ticket = sessions.ticket(tried.name, now=frame.now())
    if tried.wrong or tried.name is not None:
        st.session_state[_TOLD] = WRONG if ticket is None else ""
    if told := st.session_state.get(_TOLD):
        said.error(told)
    elif "link" in st.query_params:
        said.warning(DEAD)
    elif not credentials["usernames"]:
        said.info(NOBODY)
    elif st.session_state.get(frame.ENDED):
        said.info(ENDED)
    with st.popover("Forgot password", type="tertiary", key="gate-forgot"):
        frame.note(FORGOT)
    return ticket


def _by_link(link: Link) -> str | None:
    """The form that a link leads to; a ticket once it was used."""
    given: dict[str, Any] = {}
    with st.form("gate-link", border=False):
        if link.kind == "setup":
            frame.note("This workspace has no admin yet. Admins add everybody else.")
            given["name"] = st.text_input("Username", max_chars=100, autocomplete="username")
            given["email"] = st.text_input("E-mail", max_chars=200, autocomplete="email")
        elif link.agent is not None:
            frame.note(f"You will sign in as {link.agent.name}.")
        password = st.text_input("Password", type="password", max_chars=200, autocomplete="new-password")
        frame.note("At least 12 characters. A few words that do not belong together make a good one.")
        label = "Create admin" if link.kind == "setup" else "Save password"
        sent = st.form_submit_button(label, type="primary")
    ticket = None
    if sent:
        st.session_state[_TOLD] = ""
        try:
            sessions, token = frame.services().sessions, st.query_params["link"]
            ticket = sessions.use(token, password=password, **given, now=frame.now())
        except SegcoreError as error:
            st.session_state[_TOLD] = f"{error.message} {error.hint}".strip()
    if told := st.session_state.get(_TOLD):
        st.error(words.escape(told))
    return ticket
