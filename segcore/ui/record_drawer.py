"""The drawer about one person or company of the list: who it is, why they are in the filter and until when, their segments."""

from typing import Any

import streamlit as st

from segcore.attributes import Entity
from segcore.problems import NotFound
from segcore.ui import frame, nav, reasons, words


def show(
    entity: Entity,
    external_id: str,
    document: dict[str, Any],
    segment: str | None = None,
    begun: str | None = None,
) -> None:
    """Open the drawer; says so where they were removed in the meantime. `segment`: whose members the list shows, as
    saved; `begun`: from which one the filter was begun, which may be hidden while the drawer is open."""
    agent, services, now = frame.agent(), frame.services(), frame.now()
    try:
        profile = services.people.profile(agent, external_id, entity=entity, now=now)
    except NotFound:
        frame.tell("They are not in the workspace any more")
        return
    st.dialog(words.escape(profile.name), position="right", width="small")(_body)(
        entity, external_id, document, segment, begun
    )


def _body(entity: Entity, external_id: str, document: dict[str, Any], segment: str | None, begun: str | None) -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    profile = services.people.profile(agent, external_id, entity=entity, now=now)
    line = [
        str(profile.values[key]) for key in ("email", "plan", "country") if isinstance(profile.values.get(key), str)
    ]
    if line:
        st.markdown(" · ".join(words.escape(text) for text in line))
    if profile.companies:
        frame.note(", ".join(name for _, name in profile.companies))
    # A link, not a switch of pages: that one would leave an address without the filter behind, for Back to find.
    with st.container(key="drawer-profile"):
        st.page_link(
            nav.page(entity.value),
            label="Open profile",
            icon=":material/open_in_full:",
            query_params={entity.value: external_id},
        )
    if services.drafts.seen(agent, document, segment=begun):
        reasons.in_filter(agent, services, entity, external_id, document, segment)
    member_of = services.segments.members_of(agent, external_id, entity=entity, now=now)
    frame.heading("Segments")
    if not member_of:
        frame.note("In no segment right now.")
    with st.container(key="drawer-segments", horizontal=True, gap="small"):
        for each in member_of:
            st.page_link(nav.page("segment"), label=words.escape(each.name), query_params={"segment": each.key})
