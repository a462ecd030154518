"""The page of one person: attributes on the left, what they did and which segments they are in on the right."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import streamlit as st

from segcore.attributes import EXTERNAL_ID, Attribute, Entity, readable
from segcore.model import Agent, Event
from segcore.problems import NotFound
from segcore.services.people import Profile
from segcore.ui import frame, reasons, words

STEP = 50


def show() -> None:
    """The person that the address names."""
    agent, services, now = frame.agent(), frame.services(), frame.now()
    external_id = st.query_params.get("person", "")
    try:
        profile = services.people.profile(agent, external_id, now=now)
    except NotFound:
        frame.not_there()
        return
    frame.name_page(profile.name)
    _body(external_id)


@st.fragment
def _body(external_id: str) -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    profile: Profile = services.people.profile(agent, external_id, now=now)
    _head(profile, now)
    left, right = st.columns([1, 2], gap="medium")
    with left:
        attributes_card(profile, now)
    with right:
        view = frame.views({"timeline": "Timeline", "segments": "Segments"})
        if view == "segments":
            reasons.segments_view(profile, Entity.PERSON, agent, services, now)
        else:
            _timeline(external_id, agent, services, now)


def _head(profile: Profile, now: datetime) -> None:
    seen = profile.values.get("last_seen_at")
    parts = [profile.values.get("email") if profile.values.get("name") else None]
    parts += [name for _, name in profile.companies[:3]]
    parts.append(f"last seen {words.relative(seen, now)}" if isinstance(seen, datetime) else None)
    with frame.head(profile.name, " · ".join(str(p) for p in parts if p) or None, crumbs=(("People", "/people"),)):
        pass


def attributes_card(profile: Profile, now: datetime) -> None:
    """Every attribute with its value, searchable; the unknown ones folded away."""
    with st.container(border=True, key="profile-attributes"):
        frame.heading("Attributes")
        search = st.text_input(
            "Search attributes",
            key="profile-search",
            placeholder="Search attributes",
            icon=":material/search:",
            label_visibility="collapsed",
            live=True,
        )
        wanted = search.strip().casefold()
        shown = [a for a in profile.attributes if wanted in a.name.casefold() or wanted in a.key.casefold()]
        known = [a for a in shown if profile.values.get(a.key) is not None]
        unknown = [a for a in shown if profile.values.get(a.key) is None]
        for attribute in sorted(known, key=lambda a: a.key != EXTERNAL_ID and not a.standard):
            _attribute(attribute, profile, now)
        if profile.companies:
            _line("Companies" if len(profile.companies) > 1 else "Company", ", ".join(n for _, n in profile.companies))
        if unknown:
            with st.expander(f"{words.count(len(unknown))} unknown"):
                for attribute in unknown:
                    _line(attribute.name, words.MISSING)
        if not shown:
            frame.note(f"No attribute is called “{search}”.")


def _attribute(attribute: Attribute, profile: Profile, now: datetime) -> None:
    cell = words.cell(profile.values.get(attribute.key), attribute, now, frame.zone())
    _line(attribute.name, cell["text"] if cell else words.MISSING, cell.get("title") if cell else None)


def _line(name: str, text: str, title: str | None = None) -> None:
    left, right = st.columns([2, 3], gap="small")
    left.caption(words.escape(name))
    right.markdown(words.escape(text) or words.MISSING, help=words.escape(title) if title else None)


def _timeline(external_id: str, agent: Agent, services: Any, now: datetime) -> None:
    """What they did by day, latest first, with a choice of kinds of event."""
    limit = st.session_state.get(f"person.limit.{external_id}", STEP)
    events: Sequence[Event] = services.people.events(agent, external_id, limit=limit + 1)
    if not events:
        with st.container(border=True, key="profile-no-events"):
            frame.heading("No events yet")
            frame.note("Events come with imports. This line brings a file of them in:")
            st.code(
                "python -m segcore import events orders.csv --person customer_id --at ordered_at --event Purchase",
                language=None,
                wrap_lines=True,
            )
        return
    kinds = sorted({event.name for event in events})
    chosen = st.pills(
        "Only",
        kinds,
        selection_mode="multi",
        key="profile-kinds",
        format_func=_event_name,
        label_visibility="collapsed",
    )
    day = ""
    for number, event in enumerate(events[:limit]):
        if chosen and event.name not in chosen:
            continue
        local = event.at.astimezone(frame.zone())
        if (heading := words.day(local.date())) != day:
            day = heading
            with st.container(key=f"profile-day-{number}"):
                frame.heading(day)
        _event(event, local, number)
    if len(events) > limit and st.button("Show earlier ones", key="profile-more"):
        st.session_state[f"person.limit.{external_id}"] = limit + STEP
        st.rerun(scope="fragment")


def _event_name(name: str) -> str:
    return words.escape(readable(name))


def _event(event: Event, local: datetime, number: int) -> None:
    carried = ", ".join(f"{name} {value}" for name, value in event.properties.items() if value is not None)
    with st.container(key=f"profile-event-{number}", horizontal=True, gap="small", vertical_alignment="center"):
        st.caption(f"{local:%H:%M}", width=48)
        st.markdown(f"**{_event_name(event.name)}**", width="content")
        if carried:
            st.caption(words.escape(carried), width="content")
