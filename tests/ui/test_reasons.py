"""Why somebody is in a segment or not, on the pages: as Streamlit runs them."""

from collections.abc import Callable
from datetime import timedelta

import time_machine
from streamlit.testing.v1 import AppTest

from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER
from segcore.ui import reasons
from tests import workspace
from tests.ui.test_pages import IRISH, open_page, services, texts

__all__ = ["open_page", "services"]  # fixtures

PROSPECTS = {"all": [{"attribute": "photos", "operator": "gt", "value": 90}]}


def plain(app: AppTest) -> str:
    return texts(app).replace("\\", "").replace("*", "").replace(":primary[✓]", "✓")


def rerun(app: AppTest) -> AppTest:
    with time_machine.travel(workspace.NOW, tick=False):
        app.run()
    assert not app.exception, app.exception
    return app


def test_the_profile_says_why_and_until_when(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    told = plain(open_page("person", person="c-2", view="segments"))
    assert "✓ Was last seen less than 30 days ago" in told
    assert "22 Nov 2026, 02:12 UTC (2 hours ago)" in told
    assert "Stays until 22 Dec 2026, 02:12, when last seen passes 30 days." in told


def test_the_profile_says_what_is_missing_for_any_other_segment(
    open_page: Callable[..., AppTest], services: Services
) -> None:
    workspace.write(services.database)
    services.segments.save(LOCAL_OWNER, name="Hot prospects", document=PROSPECTS, now=workspace.NOW)
    app = open_page("person", person="c-5", view="segments")
    offered = app.selectbox("profile-not-in-segment").options
    assert "Hot prospects" in offered
    app.selectbox("profile-not-in-segment").set_value("hot-prospects")
    told = plain(rerun(app))
    assert "c-5 is not in Hot prospects." in told
    assert "Photos is 81, more than 90 is needed." in told
    assert "✕ Photos is more than 90" in told


def test_only_what_stands_against_it_is_counted_as_not_met(
    open_page: Callable[..., AppTest], services: Services
) -> None:
    """What a denied segment or "none of these" asks may be unmet, and is no obstacle."""
    workspace.write(services.database)
    services.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=workspace.NOW)
    many = {"attribute": "photos", "operator": "gt", "value": 900}
    named = {"attribute": "name", "operator": "is", "value": "Nobody"}
    never = {"none": [{"attribute": "name", "operator": "is", "value": "Nobody else"}]}
    document = {"all": [many, named, never, {"segment": "irish", "operator": "not_in"}]}
    services.segments.save(LOCAL_OWNER, name="Far away", document=document, now=workspace.NOW)
    app = open_page("segment", segment="far-away", view="why")
    app.text_input("segment-ask-far-away").set_value("ruiz")
    assert "No single change would do it: 2 conditions are not met." in plain(rerun(app))


def test_a_segment_can_be_asked_about_anybody(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    services.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=workspace.NOW)
    app = open_page("segment", segment="irish", view="why")
    app.text_input("segment-ask-irish").set_value("ruiz")
    told = plain(rerun(app))
    assert "Mei Ruiz is not in Irish." in told
    assert "Country is Japan, Ireland is needed." in told
    app.text_input("segment-ask-irish").set_value("aoife@acme.example")
    assert "Aoife Byrne is in Irish." in plain(rerun(app))
    app.text_input("segment-ask-irish").set_value("c-4")
    assert "Country is unknown, Ireland is needed." in plain(rerun(app))
    app.text_input("segment-ask-irish").set_value("nobody at all")
    assert "Nobody is found by “nobody at all”." in plain(rerun(app))


def test_people_of_one_name_are_told_apart() -> None:
    mai = {"c-1": ("Mai Lim", "mai@acme.example"), "c-2": ("Mai Lim", "mai@home.example"), "c-3": ("Ann", "")}
    assert list(reasons.told_apart(mai).values()) == ["Mai Lim · mai@acme.example", "Mai Lim · mai@home.example", "Ann"]
    same = {"c-1": ("Mai Lim", "mai@acme.example"), "c-2": ("Mai Lim", "mai@acme.example"), "c-3": ("Mai Lim", "")}
    assert list(reasons.told_apart(same).values()) == ["Mai Lim · c-1", "Mai Lim · c-2", "Mai Lim · c-3"]


def test_the_drawer_says_why_somebody_is_in_the_list(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    away = {"attribute": "country", "operator": "is_not", "value": "United States", "include_missing": False}
    late = {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 14}}
    services.segments.save(LOCAL_OWNER, name="New here", document={"all": [away, late]}, now=workspace.NOW)

    def page() -> None:
        import streamlit as st

        from segcore.attributes import Entity
        from segcore.ui import reasons
        from tests.ui import test_reasons

        reasons.in_filter(*test_reasons.asked, Entity.PERSON, st.session_state["who"], {"all": []}, "new-here")

    global asked
    asked = (LOCAL_OWNER, services)
    app = AppTest.from_function(page, default_timeout=20)
    app.session_state["who"] = "c-2"
    told = plain(rerun(app))
    assert "In this filter because" in told
    assert f"Stays until {(workspace.NOW + timedelta(days=11)).day} Dec 2026" in told
    app.session_state["who"] = "c-4"
    told = plain(rerun(app))
    assert "Not in this filter because" in told
    assert "Country is unknown; people with no country are left out." in told


asked: tuple[object, ...] = ()
