"""The page of all segments: one table by folder, counted together at one instant."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

import streamlit as st

from segcore.access import Verb, may
from segcore.attributes import Entity
from segcore.model import Agent, Folder, Segment
from segcore.problems import SegcoreError
from segcore.services.segments import Counted, Overview
from segcore.ui import audience, explorer, frame, nav, segment_actions, segment_table, words
from segcore.ui.segment_table import Chosen

TABLE = "segments-table"


def show() -> None:
    """Everything of the page; a fragment, so that moving a row reruns only it."""
    _body()


@st.fragment
def _body() -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    frame.show_told()
    overview = services.segments.overview(agent, now=now)
    folders = services.folders.all(agent)
    only = next((folder for folder in folders if folder.key == st.query_params.get("folder")), None)
    amount = len(overview.segments)
    people = words.counted(overview.total, words.NOUNS[Entity.PERSON])
    subtitle = (
        f"{words.counted(amount, ('segment', 'segments'))} over {people} · "
        f"counted together at {words.as_of(now, now, frame.zone())}"
    )
    with frame.head("Segments", subtitle):
        search = st.text_input(
            "Search name or filter",
            key="q",
            placeholder="Search name or filter",
            icon=":material/search:",
            label_visibility="collapsed",
            bind="query-params",
            live=True,
            width=240,
        )
        if may(agent, Verb.CREATE):
            if st.button("New folder", icon=":material/create_new_folder:", key="segments-new-folder"):
                segment_actions.new_folder()
            if st.button("New segment", icon=":material/add:", type="primary", key="segments-new"):
                st.session_state[explorer.BEGINS] = True
                st.switch_page(nav.page("people"))
    if overview.total == 0 and overview.companies == 0:
        _nobody(agent, services)
    shown = [row for row in overview.segments if matches(row, search)]
    if only is not None:
        shown = [row for row in shown if row.segment.folder == only.key]
        folders = [only]
        with st.container(horizontal=True, vertical_alignment="center", key="segments-only"):
            frame.note(f"Only the folder {only.name}.")
            st.button("All segments", type="tertiary", key="segments-all", on_click=_all_folders)
    if not amount:
        frame.note("No segments yet. A segment is a saved filter that keeps itself up to date.")
        return
    if not shown and search.strip():
        frame.note(f"No segment has “{search}” in its name, description or filter.")
        return
    _undo(agent, services)
    done = segment_table.show(_told(shown, folders, agent, bool(search)), key=TABLE)
    try:
        _do(done, overview, agent, services)
    except SegcoreError as error:
        frame.trouble(error, key="segments")


def matches(row: Counted, search: str) -> bool:
    """Whether name, description or sentence has the text that is looked for."""
    wanted = search.strip().casefold()
    told = f"{row.segment.name}\n{row.segment.description}\n{row.sentence or ''}"
    return wanted in told.casefold()


def _all_folders() -> None:
    st.query_params.pop("folder", None)


def _undo(agent: Agent, services: Any) -> None:
    """What was moved last, and the way back."""
    moved: segment_actions.Moved | None = st.session_state.get(segment_actions.MOVED)
    if moved is None:
        return
    if moved.segment not in services.presence.visible(agent):
        del st.session_state[segment_actions.MOVED]  # hidden or deleted since
        return
    with st.container(horizontal=True, vertical_alignment="center", key="segments-moved"):
        frame.note(f"Moved {moved.name} to {moved.to}.")
        st.button(
            "Undo", type="tertiary", icon=":material/undo:", key="segments-undo", on_click=segment_actions.move_back
        )


def _nobody(agent: Agent, services: Any) -> None:
    """An empty workspace: the ways in."""
    with st.container(border=True, key="segments-nobody"):
        frame.heading("Nobody here yet")
        frame.note("Segments count the people of the workspace. Bring yours in, or look around with made-up ones.")
        with st.container(horizontal=True):
            if st.button("Import people", type="secondary", key="segments-import"):
                st.switch_page(nav.page("data"), query_params={"view": "imports"})
            if may(agent, Verb.DEFINE) and st.button("Load the demo workspace", key="segments-demo"):
                with st.spinner("Making 5,000 people…"):
                    services.demo.fill(agent, now=frame.now())
                st.rerun()


def _told(rows: Sequence[Counted], folders: Sequence[Folder], agent: Agent, searching: bool) -> dict[str, Any]:
    """The rows by folder as the browser's table takes them; empty folders are shown too, unless a search is on."""
    held: dict[str | None, list[Counted]] = {folder.key: [] for folder in folders}
    for row in rows:
        held.setdefault(row.segment.folder if row.segment.folder in held else None, []).append(row)
    names = {folder.key: folder.name for folder in folders}
    order = [*names, *([None] if None in held else [])]
    return {
        "rev": 0,
        "may_edit": may(agent, Verb.CREATE),
        "folders": [
            {
                "key": key,
                "name": names[key] if key is not None else "No folder",
                "segments": [_row(row, agent) for row in held[key]],
            }
            for key in order
            if held[key] or not searching
        ],
    }


def _row(row: Counted, agent: Agent) -> dict[str, Any]:
    segment = row.segment
    nouns = words.NOUNS[segment.entity]
    return {
        "key": segment.key,
        "name": segment.name,
        "description": segment.description,
        "sentence": [{"text": s.text, "bold": s.bold} for s in row.sentence.spans] if row.sentence else [],
        "count": row.count,
        "total": row.total,
        "share": words.share(row.count, row.total) if row.count is not None else None,
        "share_title": words.share_of(row.count, row.total, nouns) if row.count is not None else None,
        "noun": list(nouns),
        "entity": segment.entity.value,
        "mark": audience.mark(segment, agent),
        "problem": row.problem,
        "href": f"/segment?{urlencode({'segment': segment.key})}",
        "editable": row.editable,
        "may_duplicate": may(agent, Verb.CREATE, segment),
        "may_hide": may(agent, Verb.HIDE, segment),
    }


def _do(done: Chosen, overview: Overview, agent: Agent, services: Any) -> None:
    """What was pressed in the table."""
    by_key = {row.segment.key: row.segment for row in overview.segments}
    if done.move and done.move.segment in by_key:
        segment_actions.move(by_key[done.move.segment], done.move.folder)
    elif done.action and done.action.key in by_key:
        _act(by_key[done.action.key], done.action.what, agent, services)
    elif done.folder_action:
        folder = next((f for f in services.folders.all(agent) if f.key == done.folder_action.key), None)
        if folder is not None and done.folder_action.what == "rename":
            segment_actions.rename_folder(folder)
        elif folder is not None and done.folder_action.what == "delete":
            segment_actions.delete_folder(folder)


def _act(segment: Segment, what: str, agent: Agent, services: Any) -> None:
    match what:
        case "open":
            st.switch_page(nav.page("segment"), query_params={"segment": segment.key})
        case "edit":
            st.switch_page(nav.page(segment_actions.explorer_of(segment)), query_params={"segment": segment.key})
        case "duplicate":
            copy = services.segments.duplicate(agent, segment.key, now=frame.now())
            frame.tell(f"Made {copy.name}")
            st.switch_page(nav.page("segment"), query_params={"segment": copy.key})
        case "move":
            segment_actions.move_to_new_folder(segment)
        case "rename":
            segment_actions.rename(segment)
        case "hide":
            audience.hide(segment)
        case "delete":
            segment_actions.delete(segment)
