"""Every page over an empty workspace and over one with people, run as Streamlit runs it."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from streamlit.testing.v1 import AppTest

from segcore import bootstrap
from segcore.attributes import Entity
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent
from segcore.settings import ROOT, Settings
from segcore.store.database import Database
from tests import workspace

IRISH = {"all": [{"attribute": "country", "operator": "is", "value": "Ireland"}]}


@pytest.fixture
def services(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """An empty workspace behind the pages, at the instant of the test data."""
    services = bootstrap.assemble(Settings(database_url="", data=tmp_path), sqlite_database, now=workspace.NOW)
    monkeypatch.setattr(bootstrap, "services", lambda: services)
    monkeypatch.setattr(bootstrap, "clock", lambda: workspace.NOW)
    return services


@pytest.fixture
def open_page(services: Services) -> Callable[..., AppTest]:
    """Opens a page by its name and its address's parameters, as a link does."""

    def run(name: str = "segments", **query: str) -> AppTest:
        with time_machine.travel(workspace.NOW, tick=False):
            app = AppTest.from_file(str(ROOT / "segcore/ui/main.py"), default_timeout=20)
            app.run()
            for key, value in query.items():
                app.query_params[key] = value
            if name != "segments":
                app.switch_page(f"../../pages/{name}.py")
            app.run()
        assert not app.exception, app.exception
        return app

    return run


def texts(app: AppTest) -> str:
    """Everything that Streamlit's own elements say."""
    elements = [
        *app.title,
        *app.header,
        *app.subheader,
        *app.markdown,
        *app.caption,
        *app.error,
        *app.warning,
        *app.info,
    ]
    return "\n".join(str(element.value) for element in elements)


def buttons(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_an_empty_workspace_offers_the_ways_in(open_page: Callable[..., AppTest]) -> None:
    app = open_page()
    assert "3 segments over 0 people" in texts(app)
    assert {"Import people", "Load the demo workspace", "New folder", "New segment"} <= set(buttons(app))


def test_the_overview_counts_everyone_at_one_instant(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    app = open_page()
    assert r"3 segments over 5 people · counted together at 04\:12\:09 today" in texts(app)
    assert "Import people" not in buttons(app)


def test_people_begins_with_everyone_and_one_primary_button(
    open_page: Callable[..., AppTest], services: Services
) -> None:
    workspace.write(services.database)
    app = open_page("people")
    assert [title.value for title in app.title] == ["People"]
    assert "Save as segment" in buttons(app)
    assert app.pills[0].value == "\x00everyone"


def test_people_shows_the_filter_of_the_segment_in_the_address(
    open_page: Callable[..., AppTest], services: Services
) -> None:
    workspace.write(services.database)
    app = open_page("people", segment="active")
    assert "Filter of Active" in texts(app)
    assert "Save version 2" in buttons(app)
    assert app.session_state["people.filter"].document["all"][0]["attribute"] == "last_seen_at"


def test_an_edit_in_the_builder_is_kept_as_a_draft(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    app = open_page("people")
    state = app.session_state["people.filter"]
    app.session_state["people-builder"] = {"draft": {"rev": state.rev, "seq": 1, "rule": IRISH, "unfinished": 0}}
    app.run()
    kept = app.query_params["draft"]
    draft = kept if isinstance(kept, str) else kept[0]
    assert services.drafts.open(LOCAL_OWNER, draft).document == IRISH
    again = open_page("people", draft=draft)
    assert again.session_state["people.filter"].document == IRISH


def test_an_answer_to_an_older_filter_is_not_taken(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    app = open_page("people", segment="active")
    rev = app.session_state["people.filter"].rev
    app.session_state["people-builder"] = {"draft": {"rev": rev - 1, "seq": 9, "rule": IRISH, "unfinished": 0}}
    app.run()
    assert app.session_state["people.filter"].document != IRISH


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("segment", {"segment": "no-such"}),
        ("segment", {}),
        ("person", {"person": "no-such"}),
        ("people", {"draft": "no-such"}),
        ("people", {"segment": "no-such"}),
    ],
)
def test_what_does_not_exist_is_told_in_one_sentence(
    open_page: Callable[..., AppTest], page: str, query: dict[str, str]
) -> None:
    assert "This page does not exist, or is not visible to you" in texts(open_page(page, **query))


def test_a_segment_says_what_it_is_and_how_many(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    app = open_page("segment", segment="slipping-away")
    assert [title.value for title in app.title] == ["Slipping away"]
    assert "People who were **last seen** at least **30 days** ago" in texts(app)
    assert app.metric[0].value == "1"


def test_a_segment_that_cannot_be_counted_says_why(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    services.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=workspace.NOW)
    workspace.forget_attribute(services.database, "country")
    app = open_page("segment", segment="irish")
    assert "country" in app.warning[0].value
    assert "Repair" in buttons(app)


def test_a_profile_has_attributes_events_and_segments(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    app = open_page("person", person="c-4")
    assert [title.value for title in app.title] == ["Zanele Mensah"]
    assert "No events yet" in texts(app)
    assert "29 d ago" in texts(app)
    app = open_page("person", person="c-4", view="segments")
    assert "In 1 segment as of" in texts(app)


@pytest.mark.parametrize(
    ("view", "told"),
    [("attributes", "People: 8 attributes"), ("events", "No events yet"), ("imports", "No imports yet")],
)
def test_data_has_a_view_for_each(open_page: Callable[..., AppTest], services: Services, view: str, told: str) -> None:
    workspace.write(services.database)
    app = open_page("data", view=view)
    assert told in texts(app).replace("\\", "")


def test_a_person_without_any_standard_attribute_has_a_profile(
    open_page: Callable[..., AppTest], services: Services
) -> None:
    workspace.write(services.database, {"x-1": {"country": "Japan"}})
    assert [title.value for title in open_page("person", person="x-1").title] == [r"x\-1"]


def test_companies_are_filtered_as_people_are(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    workspace.write(services.database, {"acme": {"name": "Acme"}}, Entity.COMPANY)
    app = open_page("companies")
    assert [title.value for title in app.title] == ["Companies"]
    assert app.pills[0].options == ["All companies 1"]
    assert "Save as segment" in buttons(app)


def test_a_company_has_its_attributes_and_its_segments(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    workspace.write(services.database, {"acme": {"name": "Acme", "country": "Ireland"}}, Entity.COMPANY)
    services.segments.save(LOCAL_OWNER, name="Irish ones", document=IRISH, entity=Entity.COMPANY, now=workspace.NOW)
    app = open_page("company", company="acme")
    assert [title.value for title in app.title] == ["Acme"]
    assert "Ireland" in texts(app)
    assert "In 1 segment as of" in texts(open_page("company", company="acme", view="segments"))
    assert "does not exist" in texts(open_page("company", company="no-such"))


def sent(app: AppTest, rule: dict[str, object], seq: int = 1) -> None:
    """What the builder of the page of people gives back after an edit."""
    rev = app.session_state["people.filter"].rev
    app.session_state["people-builder"] = {"draft": {"rev": rev, "seq": seq, "rule": rule, "unfinished": 0}}
    with time_machine.travel(workspace.NOW, tick=False):
        app.run()
    assert not app.exception, app.exception


def pressed(app: AppTest, key: str) -> None:
    with time_machine.travel(workspace.NOW, tick=False):
        app.button(key=key).click().run()
    assert not app.exception, app.exception


def test_who_was_overtaken_is_told_keeps_the_draft_and_can_save_on_top(
    open_page: Callable[..., AppTest], services: Services
) -> None:
    workspace.write(services.database)
    app = open_page("people", segment="active")
    sent(app, IRISH)
    theirs = {"all": [{"attribute": "country", "operator": "is", "value": "Japan"}]}
    nora = Agent(id=None, name="Nora")
    services.segments.change(nora, "active", expected_version=1, document=theirs, now=workspace.NOW)
    with time_machine.travel(workspace.NOW, tick=False):
        app.run()
    assert "Nora saved version 2 at 04:12. Your draft is kept." in texts(app).replace("\\", "")
    assert "Japan" in texts(app)
    assert "Ireland" in texts(app)
    assert app.button(key="people-save-version").disabled
    pressed(app, "people-keep-mine")
    assert "Your draft is kept" not in texts(app)
    pressed(app, "people-save-version")
    saved = services.segments.get(LOCAL_OWNER, "active")
    assert (saved.version, saved.document) == (3, IRISH)


def test_who_was_overtaken_can_look_at_the_new_version_instead(
    open_page: Callable[..., AppTest], services: Services
) -> None:
    workspace.write(services.database)
    app = open_page("people", segment="active")
    sent(app, IRISH)
    theirs = {"all": [{"attribute": "country", "operator": "is", "value": "Japan"}]}
    services.segments.change(LOCAL_OWNER, "active", expected_version=1, document=theirs, now=workspace.NOW)
    sent(app, IRISH, seq=2)
    pressed(app, "people-take-theirs")
    assert app.session_state["people.filter"].document == theirs
    assert "saved version" not in texts(app)


def test_another_name_overtakes_nobody(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    app = open_page("people", segment="active")
    sent(app, IRISH)
    services.segments.change(LOCAL_OWNER, "active", expected_version=1, name="Lively", now=workspace.NOW)
    pressed(app, "people-save-version")
    saved = services.segments.get(LOCAL_OWNER, "active")
    assert (saved.name, saved.version, saved.document) == ("Lively", 3, IRISH)


def test_who_saved_the_same_filter_overtakes_nobody(open_page: Callable[..., AppTest], services: Services) -> None:
    workspace.write(services.database)
    app = open_page("people", segment="active")
    sent(app, IRISH)
    services.segments.change(LOCAL_OWNER, "active", expected_version=1, document=IRISH, now=workspace.NOW)
    sent(app, IRISH, seq=2)
    assert "saved version" not in texts(app)
    assert app.session_state["people.filter"].base_version == 2


def test_two_tabs_with_one_draft_do_not_write_over_each_other(
    open_page: Callable[..., AppTest], services: Services
) -> None:
    workspace.write(services.database)
    first = open_page("people")
    sent(first, IRISH)
    kept = first.query_params["draft"]
    draft = kept if isinstance(kept, str) else kept[0]
    second = open_page("people", draft=draft)
    document = {"all": [{"attribute": "country", "operator": "is", "value": "Japan"}]}
    later = workspace.NOW + timedelta(minutes=1)
    (ann,) = services.agents.all(LOCAL_OWNER)
    services.drafts.keep(ann, document, id=draft, now=later)  # as the first tab does
    sent(second, {"all": [{"attribute": "plan", "operator": "is", "value": "Pro"}]})
    other = second.query_params["draft"]
    assert (other if isinstance(other, str) else other[0]) != draft
    assert services.drafts.open(LOCAL_OWNER, draft).document == document
