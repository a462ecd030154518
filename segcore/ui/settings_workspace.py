"""The workspace's own settings: its name, its calendar and what is allowed beyond the roles."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import streamlit as st

from segcore.access import EDITORS_EDIT_ALL, ROLES, SWITCHES, VIEWERS_EXPORT, Verb, allowed
from segcore.model import Workspace
from segcore.problems import SegcoreError
from segcore.ui import frame, listing, words
from segcore.ui.listing import Cell, Row

WEEK_STARTS = {"monday": "Monday", "sunday": "Sunday"}
SEGMENTS_USE = ("segment uses", "segments use")
Effects = Sequence[tuple[str, int, int]]


def show() -> None:
    """The whole view; a fragment, so that a choice reruns only it."""
    _body()


@st.fragment
def _body() -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    frame.show_told()
    kept: Workspace = services.workspace_settings.get(agent)
    left, right = st.columns(2, gap="medium")
    with left:
        wanted = _form(kept, now)
        if (wanted.time_zone, wanted.week_start) != (kept.time_zone, kept.week_start):
            _effects(wanted, now)
        unchanged = wanted == kept
        if st.button(
            "Save settings",
            type="primary",
            key="workspace-save",
            disabled=unchanged or not wanted.name,
            help="Nothing has changed" if unchanged else None,
        ):
            try:
                services.workspace_settings.change(agent, wanted, now=now)
            except SegcoreError as error:
                frame.trouble(error, key="workspace")
                return
            frame.tell("Saved the settings")
            st.rerun()
    with right, st.container(border=True, key="workspace-roles"):
        frame.heading("What each role may do")
        _roles(wanted)


def _form(kept: Workspace, now: datetime) -> Workspace:
    with st.container(border=True, key="workspace-calendar"):
        frame.heading("Name and calendar")
        name = st.text_input("Name of the workspace", kept.name, max_chars=100, key="workspace-name")
        zones = zone_names(kept.time_zone)
        zone = st.selectbox(
            "Time zone",
            zones,
            index=zones.index(kept.time_zone),
            format_func=lambda each: zone_label(each, now),
            key="workspace-zone",
            help="Type to search. It counts for calendar conditions, such as “this month”, and for the times on screen.",
        )
        week_start = st.selectbox(
            "First day of the week",
            list(WEEK_STARTS),
            index=list(WEEK_STARTS).index(kept.week_start),
            format_func=WEEK_STARTS.__getitem__,
            key="workspace-week-start",
        )
    with st.container(border=True, key="workspace-allowed"):
        frame.heading("Beyond the roles")
        with st.container(gap="xxsmall"):
            edit_all = st.toggle(EDITORS_EDIT_ALL.label, kept.editors_edit_all, key="workspace-editors-edit-all")
            frame.note("Off: an editor changes only what is their own. On: every segment they see.")
        with st.container(gap="xxsmall"):
            export = st.toggle(VIEWERS_EXPORT.label, kept.viewers_export, key="workspace-viewers-export")
            frame.note("Off: a viewer looks at lists. On: a viewer also takes them away as files.")
    return replace(
        kept,
        name=" ".join(name.split()),
        time_zone=zone,
        week_start=week_start,
        editors_edit_all=edit_all,
        viewers_export=export,
    )


def _roles(wanted: Workspace) -> None:
    """The table of roles with the switches as they are on screen."""
    switched = [switch.key for switch in SWITCHES if not switch.of_agent and getattr(wanted, switch.key)]
    listing.show(
        "What each role may do",
        (("verb", "May", 46), *((role, role.capitalize(), 18) for role in ROLES)),
        [
            Row(
                id=verb.name,
                label=verb.value,
                cells={"verb": _capital(verb.value), **{role: _cell(allowed(role, verb, switched)) for role in ROLES}},
            )
            for verb in Verb
        ],
        key="workspace-roles-table",
        empty="",
        compact=True,
    )


def _cell(word: str) -> Cell:
    return {"text": _capital(word), "muted": word == "no"}


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _effects(wanted: Workspace, now: datetime) -> None:
    """What the other calendar would change now, before it is saved."""
    with st.container(border=True, key="workspace-effects"):
        frame.heading("What this changes")
        effects: Effects = frame.services().workspace_settings.zone_effects(
            frame.agent(), wanted.time_zone, wanted.week_start, now=now
        )
        frame.note(effects_told(effects))
        changing = [each for each in effects if each[1] != each[2]]
        if changing:
            listing.show(
                "What would change",
                (("name", "Segment", 46), ("before", "Now", 18), ("after", "Then", 18), ("by", "Difference", 18)),
                [_row(*each) for each in changing],
                key="workspace-effects-table",
                empty="",
                compact=True,
            )


def _row(name: str, before: int, after: int) -> Row:
    cells: dict[str, Any] = {
        "name": {"text": name, "strong": True},
        "before": words.count(before),
        "after": words.count(after),
        "by": words.difference(after - before),
    }
    return Row(id=name, label=name, cells=cells)


def effects_told(effects: Effects) -> str:
    """How many segments the calendar concerns, and how many would change: "6 segments use calendar days; 3 would change now:"."""
    if not effects:
        return "No segment uses calendar days, so no count changes. Days and times on screen follow it."
    changing = sum(before != after for _, before, after in effects)
    using = words.counted(len(effects), SEGMENTS_USE)
    if not changing:
        return f"{using} calendar days; none would change now."
    return f"{using} calendar days; {words.count(changing)} would change now:"


def zone_names(kept: str) -> list[str]:
    """Every time zone by name, UTC first; without the names that are only kept for old programs."""
    names = {
        name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "SystemV/", "posix/"))
    }
    return ["UTC", *sorted({*names, kept} - {"UTC"})]


def zone_label(name: str, now: datetime) -> str:
    """A zone with how far it is from UTC now: "Europe/Dublin · UTC+01:00"."""
    offset = now.astimezone(ZoneInfo(name)).utcoffset() or timedelta(0)
    minutes = int(offset.total_seconds()) // 60
    sign = "+" if minutes >= 0 else words.MINUS
    if not minutes:
        return name if name == "UTC" else f"{name} · UTC"
    return f"{name} · UTC{sign}{abs(minutes) // 60:02d}:{abs(minutes) % 60:02d}"
