"""The drawer in which the columns of the table are chosen and ordered."""

import streamlit as st

from segcore.ui import frame
from segcore.ui.filter_state import FilterState


def show(state: FilterState) -> None:
    """Open the drawer."""
    st.dialog("Columns", position="right", width="small")(_body)(state)


def _body(state: FilterState) -> None:
    agent, services = frame.agent(), frame.services()
    attributes = services.filters.schema(agent).of(state.entity)
    kept = services.views.columns(agent, entity=state.entity, segment=state.segment)
    shown = [a.key for a in services.filters.columns(agent, kept, entity=state.entity)]
    frame.note("In the order in which they are chosen. Exports have the same columns.")
    chosen = st.multiselect(
        "Columns of the table",
        list(attributes),
        default=shown,
        format_func=lambda key: attributes[key].name,
        key="columns-chosen",
    )
    left, right = st.columns(2)
    if left.button("Use these", type="primary", width="stretch", disabled=not chosen):
        services.views.keep_columns(agent, chosen, entity=state.entity, segment=state.segment, now=frame.now())
        st.rerun()
    if right.button("Usual columns", width="stretch"):
        services.views.keep_columns(agent, None, entity=state.entity, segment=state.segment, now=frame.now())
        st.rerun()
