"""The pages for those from whom something is hidden, for those who hide it, and for two who edit the same segment."""

from pathlib import Path
from typing import Any

import pytest
import time_machine
from streamlit.testing.v1 import AppTest

from segcore import bootstrap, store
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent, Folder, NewSegments, Segment
from segcore.settings import ROOT, Settings
from segcore.store.database import Database
from segcore.ui import frame
from tests import signing_in, workspace
from tests.ui.test_pages import texts
from tests.workspace import NOW

IRISH = {"all": [{"attribute": "country", "operator": "is", "value": "Ireland"}]}
PRO = {"all": [{"attribute": "plan", "operator": "is", "value": "Pro"}]}
NOTHING = "This page does not exist, or is not visible to you"


def within(key: str) -> dict[str, Any]:
    return {"segment": key, "operator": "in"}


class Desk:
    """A workspace with Nora and Omar, who are editors, and Vic, a viewer; and pages as one of them sees them."""

    def __init__(self, services: Services, monkeypatch: pytest.MonkeyPatch) -> None:
        self.services = services
        self._sign = monkeypatch
        workspace.write(services.database)
        self._tokens = {
            name: signing_in.token(services.database, services.settings, name=name, role=role, now=NOW)
            for name, role in (("Ann", "admin"), ("Nora", "editor"), ("Omar", "editor"), ("Vic", "viewer"))
        }

    def agent(self, name: str) -> Agent:
        with self.services.database.read() as connection:
            found = store.agents.get(connection, name)
        assert found is not None
        return found

    def sit(self, name: str) -> None:
        """Whatever runs next runs as this agent."""
        self._sign.setattr(frame, "cookie", lambda: self._tokens[name])

    def open(self, name: str, page: str = "segments", **query: str) -> AppTest:
        self.sit(name)
        app = AppTest.from_file(str(ROOT / "segcore/ui/main.py"), default_timeout=20)
        self.run(app)
        for key, value in query.items():
            app.query_params[key] = value
        if page != "segments":
            app.switch_page(f"../../pages/{page}.py")
        return self.run(app)

    def run(self, element: Any) -> AppTest:
        with time_machine.travel(NOW, tick=False):
            app: AppTest = element.run()
        assert not app.exception, app.exception
        return app


@pytest.fixture
def desk(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    services = bootstrap.assemble(Settings(database_url="", data=tmp_path), sqlite_database, now=NOW)
    monkeypatch.setattr(bootstrap, "services", lambda: services)
    monkeypatch.setattr(bootstrap, "clock", lambda: NOW)
    return Desk(services, monkeypatch)


@pytest.fixture
def shown(desk: Desk) -> str:
    """A segment of Nora's that is shown to Omar although it stands on one that is hidden from him."""
    segments = desk.services.segments
    segments.save(LOCAL_OWNER, name="Canary", document=IRISH, hidden_from=("Omar",), now=NOW)
    document = {"any": [within("canary"), *PRO["all"]]}
    key = segments.save(desk.agent("Nora"), name="Shown", document=document, now=NOW).key
    segments.show_on_purpose(desk.agent("Nora"), key, ["Omar"], now=NOW)
    return key


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


def options(app: AppTest) -> list[str]:
    return next((list(menu.options) for menu in app.get("menu_button")), [])


def told(app: AppTest) -> str:
    return texts(app).replace("\\", "")


def rows(app: AppTest) -> str:
    """What the browser gets of the table of segments."""
    return str(app.main) + "".join(str(element.proto) for element in app.get("bidi_component"))


def test_what_is_hidden_is_not_there(desk: Desk) -> None:
    desk.services.segments.save(LOCAL_OWNER, name="Canary", document=IRISH, hidden_from=("Omar",), now=NOW)
    desk.services.segments.save(LOCAL_OWNER, name="On it", document=within("canary"), now=NOW)
    assert "3 segments over 5 people" in told(desk.open("Omar"))
    assert "5 segments over 5 people" in told(desk.open("Ann"))
    for page, query in (
        ("segment", {"segment": "canary"}),
        ("segment", {"segment": "on-it", "view": "settings"}),
        ("people", {"segment": "canary"}),
    ):
        app = desk.open("Omar", page, **query)
        assert NOTHING in told(app)
        assert "Canary" not in told(app)
    assert "Canary" not in told(desk.open("Omar", "person", person="c-1", view="segments"))
    assert "Canary" not in str([box.options for box in desk.open("Omar", "people").selectbox])


def test_hiding_acts_on_what_is_open(desk: Desk) -> None:
    services = desk.services
    services.segments.save(LOCAL_OWNER, name="Canary", document=IRISH, now=NOW)
    open_there = [
        desk.open("Omar", "segment", segment="canary"),
        desk.open("Omar", "people", segment="canary"),
    ]
    draft = desk.open("Omar", "people", segment="canary")
    state = draft.session_state["people.filter"]
    draft.session_state["people-builder"] = {"draft": {"rev": state.rev, "seq": 1, "rule": PRO, "unfinished": 0}}
    desk.run(draft)
    services.segments.set_visibility(LOCAL_OWNER, "canary", hidden_from=("Omar",), now=NOW)
    desk.sit("Omar")
    for app in (*open_there, draft):
        desk.run(app)
        assert NOTHING in told(app)
        assert "Ireland" not in told(app)
    services.segments.set_visibility(LOCAL_OWNER, "canary", now=NOW)
    for app in (*open_there, draft):
        desk.run(app)
        assert NOTHING not in told(app)


def test_a_concealed_segment_shows_its_total_and_nothing_of_its_filter(desk: Desk, shown: str) -> None:
    app = desk.open("Omar", "segment", segment=shown)
    assert app.metric[0].value == "4"
    assert "1 condition is not visible to you." in told(app)
    assert "Canary" not in told(app)
    assert "Pro" not in told(app).replace("Profile", "")
    assert labels(app).isdisjoint({"Edit filter", "Save", "Save who sees it"})
    assert options(app) == []
    settings = desk.open("Omar", "segment", segment=shown, view="settings")
    assert "Key" in told(settings)
    assert not settings.radio
    filtered = desk.open("Omar", "people", segment=shown)
    assert filtered.session_state["people.filter"].document == {"all": [within(shown)]}
    assert "Save as segment" in labels(filtered)
    profile = desk.open("Omar", "person", person="c-1", view="segments")
    assert "1 condition is not visible to you" in told(profile)
    assert "Ireland" not in "".join(line for line in told(profile).splitlines() if "condition" in line)


def test_the_owner_shows_it_on_purpose_after_reading_who_will_see_how_many(desk: Desk) -> None:
    services = desk.services
    services.segments.save(LOCAL_OWNER, name="Canary", document=IRISH, hidden_from=("Omar", "Vic"), now=NOW)
    key = services.segments.save(desk.agent("Nora"), name="Top", document=within("canary"), now=NOW).key
    app = desk.open("Nora", "segment", segment=key, view="settings")
    assert "It refers to a segment that Omar and Vic may not see, so it is hidden from them too." in told(app)
    assert "2 agents will see these 3 people" in told(app)
    desk.run(app.multiselect(key="on-purpose-names").set_value(["Omar"]))
    assert "Omar will see these 3 people" in told(app)
    desk.run(app.button(key="on-purpose-show").click())
    assert services.segments.get(LOCAL_OWNER, key).shown_to == ("Omar",)
    assert "Shown on purpose to Omar." in told(app)
    assert "Vic will see these 3 people" in told(app)
    assert "1 condition is not visible to you." in told(desk.open("Omar", "segment", segment=key))
    assert NOTHING in told(desk.open("Vic", "segment", segment=key))
    desk.sit("Nora")
    desk.run(app.button(key="on-purpose-hide").click())
    assert services.segments.get(LOCAL_OWNER, key).shown_to == ()


def test_who_sees_it_is_chosen_in_the_settings(desk: Desk) -> None:
    services = desk.services
    key = services.segments.save(desk.agent("Nora"), name="Mine", document=IRISH, now=NOW).key
    app = desk.open("Nora", "segment", segment=key, view="settings")
    assert "Everyone sees it." in told(app)
    (choice,) = app.radio
    assert list(choice.options) == ["Everyone", "Hidden from…", "Only these", "Only me"]
    desk.run(choice.set_value("hidden"))
    (names,) = app.multiselect
    assert list(names.options) == ["Omar", "Vic"]
    assert app.button(key="settings-save").disabled
    desk.run(names.set_value(["Omar", "Vic"]))
    desk.run(app.button(key="settings-save").click())
    assert services.segments.get(LOCAL_OWNER, key).hidden_from == ("Omar", "Vic")
    assert "Hidden from Omar and Vic." in told(app)
    assert "hidden from 2 agents" in told(desk.open("Nora", "segment", segment=key))
    assert "hidden from 2 agents" in rows(desk.open("Nora"))
    again = desk.open("Nora", "segment", segment=key, view="settings")
    desk.run(again.radio[0].set_value("me"))
    desk.run(again.button(key="settings-save").click())
    assert services.segments.get(LOCAL_OWNER, key).visible_to == ()
    assert "only you and admins" in told(desk.open("Nora", "segment", segment=key))
    assert "only you and admins" in rows(desk.open("Nora"))
    assert NOTHING in told(desk.open("Omar", "segment", segment=key))


def test_who_may_not_set_it_is_shown_nothing_of_it(desk: Desk) -> None:
    services = desk.services
    key = services.segments.save(desk.agent("Nora"), name="Mine", document=IRISH, hidden_from=("Vic",), now=NOW).key
    app = desk.open("Omar", "segment", segment=key, view="settings")
    assert not app.radio
    assert "Vic" not in told(app)
    assert "hidden from" not in told(desk.open("Omar", "segment", segment=key))
    assert "hidden from" not in rows(desk.open("Omar"))
    assert options(app) == ["Duplicate", "Copy as JSON"]
    assert options(desk.open("Nora", "segment", segment=key)) == [
        "Duplicate",
        "Rename",
        "Move to folder",
        "Hidden from…",
        "Copy as JSON",
        "Delete",
    ]
    assert options(desk.open("Vic", "segment", segment="active")) == ["Copy as JSON"]


def test_a_new_segment_starts_with_what_its_author_likes(desk: Desk) -> None:
    with desk.services.database.write() as connection:
        store.agents.set_new_segments(connection, desk.agent("Nora").id or 0, NewSegments(hidden_from=("Omar",)), 1)
    app = desk.open("Nora", "people")
    state = app.session_state["people.filter"]
    app.session_state["people-builder"] = {"draft": {"rev": state.rev, "seq": 1, "rule": IRISH, "unfinished": 0}}
    desk.run(app)
    desk.run(app.button(key="people-save").click())
    assert app.radio[0].label == "Who sees it"
    assert app.radio[0].value == "hidden"
    assert app.multiselect[0].value == ["Omar"]


def test_saving_on_a_hidden_one_says_who_will_not_see_it(desk: Desk) -> None:
    desk.services.segments.save(LOCAL_OWNER, name="Canary", document=IRISH, hidden_from=("Omar",), now=NOW)
    app = desk.open("Nora", "people", segment="canary")
    state = app.session_state["people.filter"]
    rule = {"all": [within("canary")]}
    app.session_state["people-builder"] = {"draft": {"rev": state.rev, "seq": 1, "rule": rule, "unfinished": 0}}
    desk.run(app)
    desk.run(app.button(key="people-save").click())
    assert "It refers to a segment that Omar may not see, so it is hidden from Omar too." in told(app)


def edit(desk: Desk, app: AppTest, rule: dict[str, Any]) -> None:
    state = app.session_state["people.filter"]
    sent = {"draft": {"rev": state.rev, "seq": state.seq + 1, "rule": rule, "unfinished": 0}}
    app.session_state["people-builder"] = sent
    desk.run(app)


def test_the_loser_of_two_edits_sees_which_conditions_differ(desk: Desk) -> None:
    services = desk.services
    both = {"all": [*IRISH["all"], *PRO["all"]]}
    key = services.segments.save(desk.agent("Nora"), name="Mine", document=IRISH, now=NOW).key
    app = desk.open("Ann", "people", segment=key)
    edit(desk, app, both)
    japan = {"all": [*IRISH["all"], {"attribute": "country", "operator": "is_not", "value": "Japan"}]}
    services.segments.change(desk.agent("Nora"), key, expected_version=1, document=japan, now=NOW)
    desk.run(app)
    assert "Nora saved version 2 at 04:12. Your draft is kept." in told(app)
    lines = told(app).replace("**", "").splitlines()
    assert "People whose country is Ireland and whose plan is Pro." in lines
    assert "- People whose plan is Pro." in lines
    assert any(line.startswith("- People whose country is not Japan") for line in lines)
    assert "- People whose country is Ireland." not in lines
    assert services.segments.get(LOCAL_OWNER, key).version == 2


def test_the_name_that_somebody_else_changed_meanwhile_is_not_overwritten_unseen(desk: Desk) -> None:
    services = desk.services
    key = services.segments.save(desk.agent("Nora"), name="Mine", document=IRISH, now=NOW).key
    app = desk.open("Ann", "segment", segment=key, view="settings")
    services.segments.change(desk.agent("Nora"), key, expected_version=1, description="Theirs", now=NOW)
    name = next(field for field in app.text_input if field.label == "Name")
    name.set_value("Ours")
    desk.run(app.button(key="segment-called-save").click())
    assert "changed by Nora" in told(app)
    assert services.segments.get(LOCAL_OWNER, key).name == "Mine"


def test_the_name_and_the_folder_are_changed_in_the_settings(desk: Desk) -> None:
    services = desk.services
    folder = services.folders.create(LOCAL_OWNER, "Value", now=NOW).key
    key = services.segments.save(desk.agent("Nora"), name="Mine", document=IRISH, now=NOW).key
    app = desk.open("Nora", "segment", segment=key, view="settings")
    next(field for field in app.text_input if field.label == "Name").set_value("Ours")
    next(box for box in app.selectbox if box.label == "Folder").set_value(folder)
    desk.run(app.button(key="segment-called-save").click())
    stored = services.segments.get(LOCAL_OWNER, key)
    assert (stored.name, stored.folder) == ("Ours", folder)


def test_what_was_moved_is_not_named_once_it_is_hidden(desk: Desk) -> None:
    services = desk.services
    folder = services.folders.create(LOCAL_OWNER, "Value", now=NOW).key
    key = services.segments.save(desk.agent("Omar"), name="Canary", document=IRISH, now=NOW).key
    app = desk.open("Omar")
    app.session_state["segments-table"] = {"move": {"segment": key, "folder": folder}}
    desk.run(app)
    assert "Moved Canary to Value." in told(app)
    services.segments.set_visibility(LOCAL_OWNER, key, hidden_from=("Omar",), now=NOW)
    app.session_state["segments-table"] = {}
    desk.run(app)
    assert "Canary" not in told(app)


def dialog() -> None:
    """The body of a page that opens one dialog about what it knew before."""
    import importlib

    import streamlit as st

    module, name = st.session_state["dialog"]
    getattr(importlib.import_module(f"segcore.ui.{module}"), name)(st.session_state["about"])


def opened(desk: Desk, name: str, module: str, what: str, about: Segment | Folder) -> AppTest:
    desk.sit(name)
    app = AppTest.from_function(dialog, default_timeout=20)
    app.session_state["dialog"], app.session_state["about"] = (module, what), about
    return desk.run(app)


def drawn(app: AppTest) -> str:
    return told(app) + str([field.value for field in (*app.text_input, *app.text_area, *app.code)])


@pytest.mark.parametrize(
    ("module", "what", "betrayed"),
    [
        ("segment_actions", "rename", "Canary"),
        ("segment_actions", "delete", "Canary"),
        ("segment_actions", "choose_folder", "Folder"),
        ("segment_actions", "move_to_new_folder", "Make folder and move"),
        ("segment_page", "_json", "Ireland"),
        ("audience", "hide", "Canary"),
    ],
)
def test_a_dialog_about_what_is_hidden_meanwhile_says_nothing_of_it(
    desk: Desk, module: str, what: str, betrayed: str
) -> None:
    segment = desk.services.segments.save(desk.agent("Omar"), name="Canary", document=IRISH, now=NOW)

    def said() -> str:
        app = opened(desk, "Omar", module, what, segment)
        return drawn(app) + str([each.label for each in (*app.button, *app.selectbox)])

    assert betrayed in said()
    desk.services.segments.set_visibility(LOCAL_OWNER, segment.key, hidden_from=("Omar",), now=NOW)
    assert betrayed not in said()
    assert NOTHING in said()


@pytest.mark.parametrize("what", ["rename_folder", "delete_folder"])
def test_a_folder_of_which_all_is_hidden_meanwhile_is_not_spoken_of(desk: Desk, what: str) -> None:
    segments = desk.services.segments
    folder = desk.services.folders.create(LOCAL_OWNER, "Canary", now=NOW)
    key = segments.save(LOCAL_OWNER, name="In it", document=IRISH, folder=folder.key, now=NOW).key
    assert "Canary" in drawn(opened(desk, "Omar", "segment_actions", what, folder))
    segments.set_visibility(LOCAL_OWNER, key, hidden_from=("Omar",), now=NOW)
    assert "Canary" not in drawn(opened(desk, "Omar", "segment_actions", what, folder))


@pytest.mark.parametrize(("name", "all_of_it"), [("Omar", False), ("Ann", True)])
def test_forms_count_and_offer_what_is_seen(desk: Desk, name: str, all_of_it: bool) -> None:
    segments, folders = desk.services.segments, desk.services.folders
    mixed = folders.create(LOCAL_OWNER, "Mixed", now=NOW)
    closed = folders.create(LOCAL_OWNER, "Canary", now=NOW)
    own = segments.save(desk.agent("Omar"), name="Own", document=IRISH, folder=mixed.key, now=NOW)
    for called, folder in (("One", mixed), ("Two", mixed), ("Three", closed)):
        segments.save(LOCAL_OWNER, name=called, document=PRO, folder=folder.key, hidden_from=("Omar",), now=NOW)
    deleting = drawn(opened(desk, name, "segment_actions", "delete_folder", mixed))
    assert ("its 3 segments move" if all_of_it else "its 1 segment moves") in deleting
    for app in (
        opened(desk, name, "segment_actions", "choose_folder", own),
        desk.open(name, "segment", segment=own.key, view="settings"),
    ):
        offered = next(box.options for box in app.selectbox if box.label == "Folder")
        assert "Mixed" in offered
        assert ("Canary" in offered) is all_of_it
