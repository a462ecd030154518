"""The page of one segment: what it says, how many are in it, who they are, and what can be done with it."""

import json
from datetime import datetime
from functools import partial
from typing import Any

import streamlit as st

from segcore.access import Verb, may
from segcore.attributes import Entity
from segcore.model import Agent, Segment
from segcore.problems import NotFound
from segcore.services.filters import Page
from segcore.services.segments import Counted
from segcore.ui import (
    audience,
    frame,
    nav,
    reasons,
    record_drawer,
    segment_actions,
    segment_settings,
    table_data,
    words,
)
from segcore.ui.people_table import View

TABLE = "segment-table"


def show() -> None:
    """The segment that the address names."""
    key = st.query_params.get("segment", "")
    try:
        counted = frame.services().segments.counted(frame.agent(), key, now=frame.now())
    except NotFound:
        frame.not_there()
        return
    frame.name_page(counted.segment.name)
    _body(key)


@st.fragment
def _body(key: str) -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    frame.show_told()
    try:
        counted: Counted = services.segments.counted(agent, key, now=now)
    except NotFound:  # hidden or deleted while the page was open
        frame.not_there()
        return
    segment = counted.segment
    _head(counted, agent, services)
    views = {"used-by": "Used by", "settings": "Settings"}
    if counted.problem is not None or counted.sentence is None:
        _broken(counted)
    else:
        left, right = st.columns([1, 3], gap="small")
        with left:
            _numbers(counted)
        with right, st.container(border=True, key="segment-sentence", height="stretch"):
            st.markdown(words.sentence(counted.sentence))
            st.caption(_below_sentence(segment, agent, now))
        one, many = words.NOUNS[segment.entity]
        counts = {"people": f"{many.capitalize()} {words.count(counted.count or 0)}", "why": f"Ask about a {one}"}
        views = {**counts, **views}
    view = frame.views(views)
    match view:
        case "why":
            reasons.ask(segment, agent, services, now)
        case "used-by":
            _used_by(segment, agent, services)
        case "settings":
            segment_settings.show(segment, agent, services)
        case _:
            _members(segment, now)


def _head(counted: Counted, agent: Agent, services: Any) -> None:
    segment = counted.segment
    folders = {folder.key: folder.name for folder in services.folders.all(agent)}
    crumbs = [("Segments", "/")]
    if segment.folder in folders:
        crumbs.append((folders[segment.folder], f"/?folder={segment.folder}"))
    with frame.head(segment.name, segment.description or None, crumbs=tuple(crumbs)):
        if counted.editable and st.button("Edit filter", icon=":material/tune:", type="primary", key="segment-edit"):
            st.switch_page(nav.page(segment_actions.explorer_of(segment)), query_params={"segment": segment.key})
        options = []
        if may(agent, Verb.CREATE, segment):
            options.append("Duplicate")
        if counted.editable:
            options += ["Rename", "Move to folder"]
        if may(agent, Verb.HIDE, segment):
            options.append("Hidden from…")
        if not segment.concealed:
            options.append("Copy as JSON")
        if counted.editable:
            options.append("Delete")
        chosen = None
        if options:
            chosen = st.menu_button("More", options, icon=":material/more_horiz:", key="segment-more")
    match chosen:
        case "Duplicate":
            copy = services.segments.duplicate(agent, segment.key, now=frame.now())
            frame.tell(f"Made {copy.name}")
            st.switch_page(nav.page("segment"), query_params={"segment": copy.key})
        case "Rename":
            segment_actions.rename(segment)
        case "Move to folder":
            segment_actions.choose_folder(segment)
        case "Hidden from…":
            audience.hide(segment)
        case "Copy as JSON":
            _json(segment)
        case "Delete":
            segment_actions.delete(segment)


def _below_sentence(segment: Segment, agent: Agent, now: datetime) -> str:
    """Which version it is, as of when, and from whom it is hidden for those who may set it."""
    told = f"Version {segment.version} · computed {words.as_of(now, now, frame.zone())}"
    mark = audience.mark(segment, agent)
    return words.escape(told if mark is None else f"{told} · {mark}")


def _broken(counted: Counted) -> None:
    with st.container(border=True, key="segment-broken"):
        st.warning(words.escape(counted.problem or ""))
        if counted.segment.concealed:
            st.markdown(words.sentence(counted.sentence) if counted.sentence is not None else "")
            return
        frame.note("Nothing is counted, and nobody is in it, until the filter is mended. Its name and filter are kept.")
        if counted.editable and st.button("Repair", type="primary", key="segment-repair"):
            st.switch_page(
                nav.page(segment_actions.explorer_of(counted.segment)), query_params={"segment": counted.segment.key}
            )
        st.code(json.dumps(counted.segment.document, indent=2, ensure_ascii=False), language=None, wrap_lines=True)


def _numbers(counted: Counted) -> None:
    """People now with the bar of their share; entered, left and leaving join with history."""
    nouns = words.NOUNS[counted.segment.entity]
    amount = counted.count or 0
    with st.container(border=True, key="segment-now", height="stretch"):
        st.metric(f"{nouns[1].capitalize()} now", words.count(amount))
        share = amount / counted.total if counted.total else 0.0
        st.progress(share, text=words.escape(words.share_of(amount, counted.total, nouns)))


def _members(segment: Segment, now: Any) -> None:
    done = table_data.shown(
        f"{TABLE}-{segment.key}",
        entity=segment.entity,
        document=segment.document,
        rev=str(segment.version),
        source={"segment": segment.key},
        segment=segment.key,
        now=now,
        empty=partial(_nobody, entity=segment.entity),
    )
    if done.open:
        record_drawer.show(segment.entity, done.open, segment.document, segment.key)


def _nobody(page: Page, view: View, entity: Entity) -> dict[str, Any]:
    company = entity is Entity.COMPANY
    if view.search and page.count:
        sought = "name or ID" if company else "name, e-mail or ID"
        title = "No company here by that name" if company else "Nobody here by that name"
        return {"title": title, "text": f"Search for another {sought}."}
    return {
        "title": "No company right now" if company else "Nobody right now",
        "text": f"{words.NOUNS[entity][1].capitalize()} enter by themselves as soon as they match.",
    }


def _used_by(segment: Segment, agent: Agent, services: Any) -> None:
    users = services.segments.used_by(agent, segment.key)
    if not users:
        frame.note("No other segment refers to this one.")
    for user in users:
        st.page_link(nav.page("segment"), label=words.escape(user.name), query_params={"segment": user.key})
    if users:
        frame.note("It cannot be deleted while these use it. Replace it there first.")


def _json(segment: Segment) -> None:
    def body() -> None:
        current = segment_actions.there(segment.key)
        if current is None:
            return
        frame.note("The rule, as the command line and the API take it.")
        st.code(json.dumps(current.document, indent=2, ensure_ascii=False), language=None, wrap_lines=True)

    st.dialog("Copy as JSON", width="medium")(body)()
