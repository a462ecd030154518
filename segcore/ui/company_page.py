"""The page of one company: attributes on the left, its people and its segments on the right."""

from datetime import datetime
from typing import Any

import streamlit as st

from segcore.attributes import Entity
from segcore.problems import NotFound
from segcore.services.filters import Page
from segcore.services.people import Profile, of_company
from segcore.ui import frame, profile_page, reasons, record_drawer, table_data
from segcore.ui.people_table import View


def show() -> None:
    """The company that the address names."""
    agent, services, now = frame.agent(), frame.services(), frame.now()
    external_id = st.query_params.get("company", "")
    try:
        profile = services.people.profile(agent, external_id, entity=Entity.COMPANY, now=now)
    except NotFound:
        frame.not_there()
        return
    frame.name_page(profile.name)
    _body(external_id)


@st.fragment
def _body(external_id: str) -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    profile: Profile = services.people.profile(agent, external_id, entity=Entity.COMPANY, now=now)
    industry = profile.values.get("industry")
    with frame.head(
        profile.name, industry if isinstance(industry, str) else None, crumbs=(("Companies", "/companies"),)
    ):
        pass
    left, right = st.columns([1, 2], gap="medium")
    with left:
        profile_page.attributes_card(profile, now)
    with right:
        view = frame.views({"people": "People", "segments": "Segments"})
        if view == "segments":
            reasons.segments_view(profile, Entity.COMPANY, agent, services, now)
        else:
            _people(external_id, now)


def _people(external_id: str, now: datetime) -> None:
    """Those who belong to the company, as the same list as everywhere."""
    document = of_company(external_id)
    done = table_data.shown(
        "company-people",
        entity=Entity.PERSON,
        document=document,
        rev=external_id,
        source={"company": external_id},
        segment=None,
        now=now,
        empty=_nobody,
    )
    if done.open:
        record_drawer.show(Entity.PERSON, done.open, document)


def _nobody(page: Page, view: View) -> dict[str, Any]:
    if view.search and page.count:
        return {"title": "Nobody here by that name", "text": "Search for another name, e-mail or ID."}
    return {"title": "Nobody yet", "text": "People come to a company by an import with a company column."}
