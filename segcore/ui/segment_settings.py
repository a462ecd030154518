"""The settings of a segment: name, description, folder and who sees it for those who may change them; the key for all."""

from dataclasses import replace
from typing import Any

import streamlit as st

from segcore.access import Verb, may
from segcore.attributes import Entity
from segcore.model import DESCRIPTION_LIMIT, NAME_LIMIT, Agent, Segment
from segcore.problems import Changed, SegcoreError
from segcore.ui import audience, frame, words

NO_FOLDER = "No folder"
BEGUN, SAVE = "segment.called", "segment-called-save"


def show(segment: Segment, agent: Agent, services: Any) -> None:
    """The whole view."""
    hides = may(agent, Verb.HIDE, segment)
    if may(agent, Verb.EDIT, segment) or hides:
        left, right = st.columns(2, gap="small")
        with left:
            if may(agent, Verb.EDIT, segment):
                _called(segment, agent, services)
        with right:
            if hides:
                with st.container(border=True, key="segment-audience"):
                    frame.heading("Who sees it")
                    frame.note(audience.told(segment))
                    audience.form(segment, agent, services, key="settings", headed=True)
                audience.on_purpose(segment, agent, services)
    _known(segment, agent, services)


def _called(segment: Segment, agent: Agent, services: Any) -> None:
    folders = {folder.key: folder.name for folder in services.folders.all(agent, entity=segment.entity)}
    choices = [None, *folders]
    begun = _begun(segment)
    with st.container(border=True, key="segment-called"), st.form("segment-called-form", border=False):
        frame.heading("Name and folder")
        name = st.text_input("Name", begun.name, max_chars=NAME_LIMIT)
        description = st.text_area("Description", begun.description, max_chars=DESCRIPTION_LIMIT, height=80)
        folder = st.selectbox(
            "Folder",
            choices,
            index=choices.index(begun.folder) if begun.folder in folders else 0,
            format_func=lambda key: NO_FOLDER if key is None else folders[key],
        )
        pressed = st.form_submit_button("Save", key=SAVE)
    if not pressed:
        return
    try:
        if (name.strip(), description.strip()) != (begun.name, begun.description):
            services.segments.change(
                agent,
                segment.key,
                expected_version=begun.version,
                name=name,
                description=description,
                now=frame.now(),
            )
        if folder != begun.folder:
            services.segments.move(agent, segment.key, folder, now=frame.now())
    except Changed as error:
        # What was typed stays, and pressing again saves it on top of what is there now.
        st.session_state[BEGUN] = replace(begun, version=segment.version)
        st.error(words.escape(f"{error.message} {error.hint}"))
        return
    except SegcoreError as error:
        frame.trouble(error, key="segment-called")
        return
    st.session_state.pop(BEGUN, None)
    frame.tell(f"Saved {name.strip()}")
    st.rerun()


def _begun(segment: Segment) -> Segment:
    """The segment as it was when the form was drawn: another may have been saved by the time that it is sent."""
    begun: Segment | None = st.session_state.get(BEGUN)
    sending = bool(st.session_state.get(SAVE))
    if begun is None or begun.key != segment.key or not sending:
        begun = st.session_state[BEGUN] = segment
    return begun


def _known(segment: Segment, agent: Agent, services: Any) -> None:
    """What nobody changes, and the rest too for those who change nothing."""
    rows = {}
    if not may(agent, Verb.EDIT, segment):
        folders = {folder.key: folder.name for folder in services.folders.all(agent)}
        rows = {
            "Name": segment.name,
            "Description": segment.description or words.MISSING,
            "Folder": folders.get(segment.folder or "", NO_FOLDER),
        }
    rows |= {
        "Key": segment.key,
        "Of": "people" if segment.entity is Entity.PERSON else "companies",
        "Made": words.absolute(segment.created_at, frame.zone()) + _by(segment.author),
        "Last saved": words.absolute(segment.updated_at, frame.zone()) + _by(segment.updated_by),
    }
    with st.container(border=True, key="segment-settings"):
        for name, value in rows.items():
            left, right = st.columns([1, 4])
            left.caption(name)
            right.markdown(words.escape(value))
    frame.note("The key stands in addresses and in filters that refer to this segment, so it never changes.")


def _by(name: str | None) -> str:
    return f" by {name}" if name else ""
