"""The page of what the workspace knows: attributes, events, imports."""

from collections.abc import Sequence
from typing import Any

import polars as pl
import streamlit as st

from segcore.access import Verb, may
from segcore.attributes import Entity, readable
from segcore.model import Agent
from segcore.services.attributes import Filled
from segcore.ui import frame, import_form, words

KINDS = {
    "text": "Text",
    "number": "Number",
    "boolean": "Yes or no",
    "date": "Date",
    "datetime": "Date and time",
    "list": "List",
    "location": "Location",
}


def show() -> None:
    """The view that the address names."""
    agent, services = frame.agent(), frame.services()
    with frame.head("Data", "What is known of people and companies, and where it came from"):
        pass
    view = frame.views({"attributes": "Attributes", "events": "Events", "imports": "Imports"})
    match view:
        case "events":
            _events(agent, services)
        case "imports":
            _imports(agent, services)
        case _:
            _attributes(agent, services)


def _attributes(agent: Agent, services: Any) -> None:
    rows: Sequence[Filled] = services.attributes.all(agent)
    for entity in Entity:
        nouns = words.NOUNS[entity]
        mine = [row for row in rows if row.entity is entity]
        total = mine[0].total if mine else 0
        frame.heading(f"{nouns[1].capitalize()}: {words.counted(len(mine), ('attribute', 'attributes'))}")
        frame.note(f"Of {words.counted(total, nouns)}." if total else f"No {nouns[1]} yet.")
        table = pl.DataFrame(
            {
                "Name": [row.attribute.name for row in mine],
                "Key": [row.attribute.key for row in mine],
                "Kind": [KINDS[row.attribute.kind.value] for row in mine],
                "Filled": [(row.total - row.missing) / row.total if row.total else 0.0 for row in mine],
                "Missing": [row.missing for row in mine],
                "Used by": [words.listed(list(row.used_by)) or words.MISSING for row in mine],
            },
            schema={
                "Name": pl.String,
                "Key": pl.String,
                "Kind": pl.String,
                "Filled": pl.Float64,
                "Missing": pl.Int64,
                "Used by": pl.String,
            },
        )
        st.dataframe(
            table,
            hide_index=True,
            key=f"data-{entity.value}",
            column_config={
                "Filled": st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
                "Missing": st.column_config.NumberColumn(format="localized"),
            },
        )


def _events(agent: Agent, services: Any) -> None:
    kinds = services.attributes.events(agent, now=frame.now())
    if not kinds:
        with st.container(border=True, key="data-no-events"):
            frame.heading("No events yet")
            frame.note("Events are what people did: signed up, bought, opened a mail. They come with imports.")
        return
    now = frame.now()
    st.dataframe(
        pl.DataFrame(
            {
                "Event": [readable(kind.name) for kind in kinds],
                "In 30 days": [kind.recent for kind in kinds],
                "Ever": [kind.count for kind in kinds],
                "Last": [words.relative(kind.last_at, now) if kind.last_at else words.MISSING for kind in kinds],
            }
        ),
        hide_index=True,
        key="data-events",
        column_config={
            "In 30 days": st.column_config.NumberColumn(format="localized"),
            "Ever": st.column_config.NumberColumn(format="localized"),
        },
    )


def _imports(agent: Agent, services: Any) -> None:
    if may(agent, Verb.IMPORT):
        import_form.show()
    history = services.imports.history(agent)
    frame.heading("Earlier imports")
    if not history:
        frame.note("No imports yet. A CSV file above, or the command line, brings people, companies and events in.")
    now = frame.now()
    for done in history:
        with st.container(border=True, key=f"import-{done.id}"):
            left, right = st.columns([4, 1], vertical_alignment="center")
            left.markdown(f"**{words.escape(done.file)}**")
            left.caption(words.escape(import_form.adds_up(done)))
            right.caption(words.relative(done.at, now), help=words.exact(done.at, frame.zone()))
            if done.rejected:
                right.link_button("Rejected rows", f"/imports/{done.id}/rejected.csv", icon=":material/download:")
    if may(agent, Verb.DEFINE) and services.demo.present():
        _demo(agent, services)


def _demo(agent: Agent, services: Any) -> None:
    with st.container(border=True, key="data-demo"):
        frame.heading("Demo workspace")
        frame.note("The people, companies and segments of the demo are made up. Remove them before your own come in.")
        if st.button("Remove the demo", key="data-demo-remove"):
            st.dialog("Remove the demo?", width="small")(_remove_demo)()


def _remove_demo() -> None:
    frame.agent()
    st.markdown("Everybody and everything that the demo brought goes. What you imported or saved yourself stays.")
    with st.container(horizontal=True):
        if st.button("Remove the demo", type="primary", key="data-demo-confirm"):
            frame.services().demo.remove(frame.agent(), now=frame.now())
            frame.tell("The demo is gone")
            st.rerun()
        if st.button("Keep it", key="data-demo-keep"):
            st.rerun()
