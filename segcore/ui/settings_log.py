"""The log: who did what to which object, when, and what it was before and after."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from segcore.attributes import Entity
from segcore.model import LOCAL_OWNER, Agent, Entry
from segcore.problems import SegcoreError
from segcore.ui import frame, listing, words
from segcore.ui.listing import Change, Row

A_PAGE = 50
COMMAND_LINE = "Command line"  # where nobody says as whom it acts
LONGEST = 300
COLUMNS = (
    ("at", "When", 12),
    ("who", "Who", 14),
    ("what", "What", 18),
    ("object", "To what", 20),
    ("changes", "Before and after", 36),
)
LABELS = {
    "may_send": "May send",
    "hidden_from": "Hidden from",
    "visible_to": "Visible only to",
    "shown_to": "Shown on purpose to",
    "time_zone": "Time zone",
    "week_start": "First day of the week",
    "editors_edit_all": "Editors may edit all segments",
    "viewers_export": "Viewers may export",
    "email": "E-mail",
    "enabled": "May sign in",
    "document": "Filter",
    "rule": "Filter",
}
RULES = ("document", "rule")


def show(actions: Any) -> None:
    """The whole view. `actions` is the place beside the page's title."""
    with actions:
        st.text_input(
            "Search the log",
            key="q",
            placeholder="Search agent, what, object",
            icon=":material/search:",
            label_visibility="collapsed",
            bind="query-params",
            live=True,
            width=260,
            on_change=_go,
            args=(None,),
        )
        st.link_button("Export CSV", "/log.csv", icon=":material/download:")
    _body()


@st.fragment
def _body() -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    search = str(st.session_state.get("q") or "")
    before = _before()
    # One more than is shown tells whether there is an older page.
    found: list[Entry] = services.audit.entries(agent, search=search, before=before, limit=A_PAGE + 1)
    shown = found[:A_PAGE]
    listing.show(
        "Log",
        COLUMNS,
        [_row(entry, agent, services, now) for entry in shown],
        key="log-table",
        empty=f"Nothing in the log has “{search}”." if search.strip() else "Nothing has been done yet.",
        hint="" if search.strip() else "Every change to segments, agents, data and settings is noted here.",
    )
    with st.container(horizontal=True, key="log-pages"):
        if before is not None:
            st.button("Newest", key="log-newest", icon=":material/first_page:", on_click=_go, args=(None,))
        if len(found) > A_PAGE:
            st.button("Older", key="log-older", icon=":material/chevron_right:", on_click=_go, args=(shown[-1].id,))


def _before() -> int | None:
    asked = st.query_params.get("before", "")
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 19 else None


def _go(before: int | None) -> None:
    """A callback: the address keeps which page it is."""
    if before is None:
        st.query_params.pop("before", None)
    else:
        st.query_params["before"] = str(before)


def _row(entry: Entry, agent: Agent, services: Any, now: datetime) -> Row:
    name = entry.name or entry.key
    thing: dict[str, Any] = {"text": name, "below": entry.entity.capitalize() if name else ""}
    if entry.entity == "agent" and name == entry.agent:
        thing = {}  # oneself
    elif not name:
        thing = {"text": entry.entity.capitalize()}
    elif entry.entity == "segment" and entry.what != "segment deleted":
        thing["href"] = f"/segment?{urlencode({'segment': entry.key})}"
    told = changes(entry, agent, services, now)
    return Row(
        id=str(entry.id),
        label=entry.what,
        cells={
            "at": {"text": words.relative(entry.at, now), "title": words.exact(entry.at, frame.zone())},
            "who": {
                "text": entry.agent,
                "strong": True,
                "below": COMMAND_LINE if entry.agent == LOCAL_OWNER.name else "",
            },
            "what": entry.what[:1].upper() + entry.what[1:],
            "object": thing,
            "changes": {"changes": told} if told else {},
        },
    )


def changes(entry: Entry, agent: Agent, services: Any, now: datetime) -> list[Change]:
    """What was and what is, line by line; only what differs, where both are known."""
    before, after = entry.before or {}, entry.after or {}
    keys = [*before, *(key for key in after if key not in before)]
    entity = _entity(before, after)

    def told(values: Mapping[str, object], key: str) -> str | None:
        if key not in values:
            return None
        return _told(key, values[key], entity, agent, services, now)

    lines = []
    for key in keys:
        if key in before and key in after and before[key] == after[key]:
            continue
        if not (before and after) and not (before.get(key) or after.get(key)):
            continue  # of what is new or gone, only what it had
        if key == "enabled" and key not in before:
            continue  # nobody is added disabled
        label = LABELS.get(key, key.replace("_", " ").capitalize())
        lines.append(Change(label=label, before=told(before, key), after=told(after, key)))
    return lines


def _entity(*each: Mapping[str, object]) -> Entity:
    said = next((values["entity"] for values in each if "entity" in values), None)
    return Entity.COMPANY if said == Entity.COMPANY.value else Entity.PERSON


def _told(key: str, value: object, entity: Entity, agent: Agent, services: Any, now: datetime) -> str:
    """One value in words: a filter as its sentence where it can be read, a list with its members, else as it is."""
    if key in RULES and isinstance(value, dict):
        try:
            return str(services.filters.sentence(agent, value, entity=entity, now=now))
        except SegcoreError:  # it names what is gone by now
            return _cut(json.dumps(value, ensure_ascii=False))
    match value:
        case None:
            return "everyone" if key == "visible_to" else "nothing"
        case bool():
            return "yes" if value else "no"
        case int():
            return words.count(value)
        case list() | tuple():
            return words.listed([str(each) for each in value]) or ("nobody else" if key == "visible_to" else "nobody")
        case dict():
            return _cut(json.dumps(value, ensure_ascii=False))
        case _:
            return _cut(str(value)) or "nothing"


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST else text[: LONGEST - 1] + "…"
