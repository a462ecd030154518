"""The drawer about one person or company of the list: who it is, what the filter asks about them, their segments."""

from typing import Any

import streamlit as st

from segcore.attributes import Entity
from segcore.problems import InvalidRule, NotFound
from segcore.rules import codec
from segcore.rules.tree import Condition, walk
from segcore.services.people import Profile
from segcore.ui import frame, nav, words


def show(entity: Entity, external_id: str, document: dict[str, Any]) -> None:
    """Open the drawer; says so where they were removed in the meantime."""
    agent, services, now = frame.agent(), frame.services(), frame.now()
    try:
        profile = services.people.profile(agent, external_id, entity=entity, now=now)
    except NotFound:
        frame.tell("They are not in the workspace any more")
        return
    st.dialog(words.escape(profile.name), position="right", width="small")(_body)(entity, external_id, document)


def _body(entity: Entity, external_id: str, document: dict[str, Any]) -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    profile = services.people.profile(agent, external_id, entity=entity, now=now)
    zone = frame.zone()
    line = [
        str(profile.values[key]) for key in ("email", "plan", "country") if isinstance(profile.values.get(key), str)
    ]
    if line:
        st.markdown(" · ".join(words.escape(text) for text in line))
    if profile.companies:
        frame.note(", ".join(name for _, name in profile.companies))
    if st.button("Open profile", icon=":material/open_in_full:", key="drawer-profile"):
        st.switch_page(nav.page(entity.value), query_params={entity.value: external_id})
    asked = _asked(document, profile)
    if asked:
        frame.heading("What this filter looks at")
        with st.container(key="drawer-asked", gap="xxsmall"):
            for attribute in asked:
                _line(attribute, profile, now, zone)
    member_of = services.segments.members_of(agent, external_id, entity=entity, now=now)
    frame.heading("Segments")
    if not member_of:
        frame.note("In no segment right now.")
    with st.container(key="drawer-segments", horizontal=True, gap="small"):
        for segment in member_of:
            st.page_link(nav.page("segment"), label=words.escape(segment.name), query_params={"segment": segment.key})


def _asked(document: dict[str, Any], profile: Profile) -> list[Any]:
    """The attributes that the filter asks about, in its order, each once."""
    try:
        rule = codec.parse(document)
    except InvalidRule:
        return []
    known = {attribute.key: attribute for attribute in profile.attributes}
    keys = dict.fromkeys(node.attribute for _, node in walk(rule) if isinstance(node, Condition))
    return [known[key] for key in keys if key in known]


def _line(attribute: Any, profile: Profile, now: Any, zone: Any) -> None:
    value = profile.values.get(attribute.key)
    cell = words.cell(value, attribute, now, zone)
    told = f"**{words.escape(cell['text'])}**" if cell else "is unknown"
    st.markdown(
        f"{words.escape(attribute.name)}: {told}",
        help=words.escape(cell["title"]) if cell and "title" in cell else None,
    )
