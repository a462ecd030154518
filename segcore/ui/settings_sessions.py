"""Where somebody is signed in: the browsers, since when, last seen; each can be ended."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from segcore.model import Agent, Session
from segcore.problems import NotFound
from segcore.services.sessions import Seat
from segcore.ui import frame, listing, words
from segcore.ui.listing import Entry, Row

SIGN_INS = ("sign-in", "sign-ins")


def own() -> None:
    """One's own sign-ins, with a button that ends all but this one."""
    seat, services, now = frame.seat(), frame.services(), frame.now()
    agent = seat.agent
    if agent.id is None:
        return
    found: list[Session] = services.sessions.of_agent(agent, agent.id, now=now)
    acting = agent.seen_by is None
    done = _table(found, seat, now, acting=acting, key="profile-sessions-table")
    if done is not None:
        _end([int(done.row)])
        st.rerun()
    others = [session.id for session in found if session.id != seat.session.id]
    if acting and others and st.button("Sign out everywhere else", key="profile-sign-out-others"):
        _end(others)
        frame.tell(f"Signed out of {words.counted(len(others), ('other browser', 'other browsers'))}")
        st.rerun()


def show(other: Agent) -> None:
    """The drawer of another agent's sign-ins, for admins."""
    title = words.escape(f"Where {other.name} is signed in")
    st.dialog(title, position="right", width="small", on_dismiss="rerun")(_body)(other)


def _body(other: Agent) -> None:
    seat, services, now = frame.seat(), frame.services(), frame.now()
    if other.id is None:
        return
    place = st.empty()
    found: list[Session] = services.sessions.of_agent(seat.agent, other.id, now=now)
    with place.container():
        done = _table(found, seat, now, acting=True, key="agent-sessions")
        all_of_them = len(found) > 1 and st.button("End all of them", key="agent-sessions-all")
        if found:
            frame.note("Whoever sits there is signed out at the next thing they do.")
    ending = [session.id for session in found if all_of_them or (done is not None and str(session.id) == done.row)]
    if ending:
        _end(ending)
        left = services.sessions.of_agent(seat.agent, other.id, now=now)
        with place.container():
            _table(left, seat, now, acting=True, key="agent-sessions-left")


def _end(ids: Sequence[int]) -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    for id in ids:
        try:
            services.sessions.end_session(agent, id, now=now)
        except NotFound:  # it ended meanwhile, which is what was wanted
            continue


def _table(found: Sequence[Session], seat: Seat, now: datetime, *, acting: bool, key: str) -> Any:
    return listing.show(
        "Sign-ins",
        (("browser", "Browser", 44), ("seen", "Last seen", 28), ("since", "Signed in", 28)),
        [_row(session, seat, now, acting=acting) for session in found],
        key=key,
        empty="Signed in nowhere.",
        compact=True,
    )


def _row(session: Session, seat: Seat, now: datetime, *, acting: bool) -> Row:
    zone = frame.zone()
    browser = words.browser(session.browser)
    here = session.id == seat.session.id
    return Row(
        id=str(session.id),
        label=browser,
        cells={
            "browser": {"text": browser, "title": session.browser, "tags": ["this one"] if here else []},
            "seen": {"text": words.relative(session.seen_at, now), "title": words.exact(session.seen_at, zone)},
            "since": {
                "text": words.relative(session.created_at, now),
                "title": f"{words.exact(session.created_at, zone)}; ends at the latest {words.absolute(session.ends_at, zone)}",
            },
        },
        button=Entry(what="end", label="End") if acting and not here else None,
    )
