"""The drawer that makes a segment of the filter on screen: name, description, folder, who sees it, sentence and count."""

from datetime import datetime
from typing import Any

import streamlit as st

from segcore.model import Agent, NewSegments
from segcore.problems import SegcoreError
from segcore.ui import audience, frame, words
from segcore.ui.filter_state import FilterState

NEW_FOLDER = "\x00new"
NO_FOLDER = "\x00none"


def show(state: FilterState, agent: Agent, services: Any) -> None:
    """Open the drawer for this filter."""
    st.dialog("Save as segment", position="right", width="small")(_body)(state)


def _body(state: FilterState) -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    if not state.seen(agent, services):
        frame.note(frame.NOT_THERE)
        return
    preview = services.filters.preview(agent, state.document, entity=state.entity, now=now)
    if preview.count is None or preview.sentence is None:
        frame.note("Mend what is marked in the filter first.")
        return
    nouns = words.NOUNS[state.entity]
    same = services.segments.same(agent, state.document, entity=state.entity)
    with st.container(key="save-summary"):
        st.markdown(words.sentence(preview.sentence))
        frame.note(
            f"{words.counted(preview.count, nouns)}, {words.share_of(preview.count, preview.total, nouns)}, "
            f"as of {words.as_of(now, now, frame.zone())}"
        )
        if same is not None:
            st.markdown(f"The same {nouns[1]} as **{words.escape(same.name)}** right now, and the same filter.")
    folders = {folder.key: folder.name for folder in services.folders.all(agent, entity=state.entity)}
    name = st.text_input("Name", max_chars=200, placeholder="Trial users", key="save-name")
    description = st.text_area("Description", max_chars=2000, height=80, key="save-description")
    folder = st.selectbox(
        "Folder",
        [NO_FOLDER, *folders, NEW_FOLDER],
        format_func=lambda key: {NO_FOLDER: "No folder", NEW_FOLDER: "New folder…"}.get(key) or folders[key],
        key="save-folder",
    )
    new_folder = ""
    if folder == NEW_FOLDER:
        new_folder = st.text_input("Name of the new folder", max_chars=100, key="save-new-folder")
    wanted = audience.choose(agent, services, services.segments.start(agent), key="save")
    _blocked(state, wanted, agent, services, now)
    pressed = st.button("Save segment", type="primary", width="stretch", key="save-confirm", disabled=wanted is None)
    if not pressed or wanted is None:
        return
    try:
        saved = services.segments.save(
            agent,
            name=name,
            description=description,
            folder=None if folder in (NO_FOLDER, NEW_FOLDER) else folder,
            new_folder=new_folder if folder == NEW_FOLDER else None,
            document=state.document,
            entity=state.entity,
            hidden_from=wanted.hidden_from,
            visible_to=wanted.visible_to,
            now=now,
        )
    except SegcoreError as error:
        frame.trouble(error, key="save")
        return
    state.saved(saved)
    frame.tell(f"Saved {saved.name}: {words.counted(preview.count, nouns)}")
    st.rerun()


def _blocked(state: FilterState, wanted: NewSegments | None, agent: Agent, services: Any, now: datetime) -> None:
    """Who would not see it because of what it refers to."""
    if wanted is None:
        return
    found = services.segments.would_block(
        agent,
        state.document,
        entity=state.entity,
        hidden_from=wanted.hidden_from,
        visible_to=wanted.visible_to,
        now=now,
    )
    if found.names:
        frame.note(f"{audience.because(list(found.names))} Once it is saved, its Settings can show it on purpose.")
