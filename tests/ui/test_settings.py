"""The settings as Streamlit runs them: who sees which view, what each says, what is written, looking as somebody else."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from streamlit.testing.v1 import AppTest

from segcore import bootstrap
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent, Entry, NewSegments, Workspace
from segcore.services import passwords
from segcore.services.agents import Known
from segcore.settings import ROOT, Settings
from segcore.store.database import Database
from segcore.ui import frame, settings_agents, settings_log, settings_workspace
from tests import signing_in, workspace

PASSWORD, OTHER = "violet tractor umbrella", "seven quiet harbour lanterns"
IRISH = {"all": [{"attribute": "country", "operator": "is", "value": "Ireland"}]}
TODAY = {"all": [{"attribute": "signed_up_at", "operator": "in_period", "value": "today"}]}

Open = Callable[..., AppTest]


@pytest.fixture
def services(sqlite_database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Services:
    """A workspace with a few people and three agents besides who looks."""
    monkeypatch.setattr(passwords, "COST", 4)
    made = bootstrap.assemble(Settings(database_url="", data=tmp_path), sqlite_database, now=workspace.NOW)
    monkeypatch.setattr(bootstrap, "services", lambda: made)
    monkeypatch.setattr(bootstrap, "clock", lambda: workspace.NOW)
    workspace.write(made.database)
    return made


@pytest.fixture
def sign_in(services: Services, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Agent]:
    """`sign_in("omar", "editor")`: whoever opens a page from now on; with a password where one is given."""

    def as_somebody(name: str, role: str = "admin", password: str | None = None) -> Agent:
        token = signing_in.token(services.database, services.settings, name=name, role=role, now=workspace.NOW)
        agent = next(each for each in services.agents.all(LOCAL_OWNER) if each.name == name)
        if password is not None:
            services.sessions.set_password(LOCAL_OWNER, agent.id, password, now=workspace.NOW)
            token = signing_in.token(services.database, services.settings, name=name, role=role, now=workspace.NOW)
        monkeypatch.setattr(frame, "cookie", lambda: token)
        return agent

    return as_somebody


@pytest.fixture
def open_page(services: Services, sign_in: Callable[..., Agent]) -> Open:
    """Opens a page as a link does, as ann, an admin, unless somebody else is signed in by then."""
    sign_in("ann")

    def run(name: str = "settings", **query: str) -> AppTest:
        app = AppTest.from_file(str(ROOT / "segcore/ui/main.py"), default_timeout=20)
        again(app)
        for key, value in query.items():
            app.query_params[key] = value
        if name != "segments":
            app.switch_page(f"../../pages/{name}.py")
        return again(app)

    return run


def again(app: AppTest) -> AppTest:
    """What was set or pressed, done at the instant of the test data."""
    with time_machine.travel(workspace.NOW, tick=False):
        app.run()
    assert not app.exception, app.exception
    return app


def texts(app: AppTest) -> str:
    elements = (app.title, app.header, app.markdown, app.caption, app.error, app.warning, app.info)
    return "\n".join(str(each.value) for kind in elements for each in kind).replace("\\", "")


def labels(app: AppTest) -> set[str]:
    return {button.label for button in app.button}


# Agents


def known(name: str, role: str = "editor", **more: Any) -> Known:
    told = {"invited": False, "last_seen": None, "hidden": (), "enabled": True, "may_send": False} | more
    agent = Agent(id=len(name), name=name, role=role, enabled=told.pop("enabled"), may_send=told.pop("may_send"))
    return Known(agent=agent, **told)


def test_agents_are_summed_up_in_words() -> None:
    ann, omar = known("ann", "admin"), known("omar")
    assert settings_agents.summary([]) == "No agents."
    assert settings_agents.summary([ann]) == "1 agent: 1 admin."
    two = [ann, omar, replace(known("nora"), invited=True), known("dan", enabled=False)]
    assert settings_agents.summary(two) == (
        "3 agents: 1 admin and 2 editors. 1 has not set a password yet. 1 is disabled."
    )


@pytest.mark.parametrize(
    ("told", "state", "hidden", "below"),
    [
        (known("ann", "admin"), "Active", "Sees every segment", None),
        (known("omar"), "Active", "No segment", None),
        (known("omar", hidden=("A",)), "Active", "1 segment", "A"),
        (known("omar", hidden=("A", "B", "C", "D")), "Active", "4 segments", "A, B and 2 more"),
        (known("omar", invited=True), "Invited", "No segment", None),
        (known("omar", enabled=False, invited=True), "Disabled", "No segment", None),
    ],
)
def test_a_row_says_state_and_what_is_hidden(told: Known, state: str, hidden: str, below: str | None) -> None:
    row = settings_agents.row(told, LOCAL_OWNER, workspace.NOW)
    assert row.cells["state"] == state
    assert row.cells["hidden"]["text"] == hidden
    assert row.cells["hidden"].get("below") == below


def test_menus_offer_what_can_be_done_with_each() -> None:
    def offered(told: Known, asking: Agent = LOCAL_OWNER) -> list[str]:
        row = settings_agents.row(told, asking, workspace.NOW)
        return [entry["label"] for entry in row.menu if not isinstance(entry, str)]

    all_of = ["Role and e-mail", "Where they are signed in", "Make a reset link", "See as omar", "Disable"]
    assert offered(known("omar")) == all_of
    assert "Make an invitation link" in offered(known("omar", invited=True))
    assert offered(known("omar", enabled=False)) == ["Role and e-mail", "Enable"]
    assert "See as omar" not in offered(known("omar"), known("omar").agent), "one sees as oneself already"
    row = settings_agents.row(known("omar", may_send=True), known("omar").agent, workspace.NOW)
    assert row.cells["name"]["tags"] == ["you"]
    assert row.cells["role"]["tags"] == ["may send"]


def chosen(app: AppTest, table: str, row: object, what: str) -> AppTest:
    """As if an entry of a row's menu had been chosen in the browser."""
    app.session_state[table] = {"action": {"row": str(row), "what": what}}
    return again(app)


def test_the_last_admin_is_told_of_in_words(open_page: Open, services: Services) -> None:
    app = open_page()
    ann = services.agents.all(LOCAL_OWNER)[0]
    chosen(app, "agents-table", ann.id, "disable")
    assert "At least one admin has to stay." in texts(app)
    assert "Disable" not in labels(app)
    app = open_page()
    chosen(app, "agents-table", ann.id, "edit")
    assert app.radio(key="edit-agent-role").disabled


def test_what_a_browser_says_that_was_not_offered_is_not_done(open_page: Open, services: Services) -> None:
    app = open_page()
    ann = services.agents.all(LOCAL_OWNER)[0]
    for row, what in ((ann.id, "enable"), (ann.id, "see"), ("99", "disable"), (None, "edit"), (ann.id, ["edit"])):
        chosen(app, "agents-table", row, what)
    assert not app.warning
    app.session_state["agents-table"] = {"action": "edit"}
    again(app)


# Who sees what


@pytest.mark.parametrize("view", ["agents", "workspace", "log", "profile", "nonsense"])
@pytest.mark.parametrize("role", ["editor", "viewer"])
def test_who_is_no_admin_has_only_his_profile(
    open_page: Open, sign_in: Callable[..., Agent], role: str, view: str
) -> None:
    sign_in("omar", role)
    app = open_page(view=view)
    assert "Change password" in labels(app)
    assert not app.get("segmented_control")
    assert {"Add agent", "Save settings"}.isdisjoint(labels(app))
    assert "ann" not in texts(app)


def test_viewers_make_no_segments_so_nothing_says_what_these_start_with(
    open_page: Open, sign_in: Callable[..., Agent]
) -> None:
    sign_in("vera", "viewer")
    assert "What your new segments start with" not in texts(open_page())
    sign_in("omar", "editor")
    assert "What your new segments start with" in texts(open_page())


# Workspace


def test_the_settings_are_saved_and_say_what_they_change(open_page: Open, services: Services) -> None:
    services.segments.save(LOCAL_OWNER, name="Came today", document=TODAY, now=workspace.NOW)
    app = open_page(view="workspace")
    assert app.button(key="workspace-save").disabled
    app.selectbox(key="workspace-zone").set_value("America/Sao_Paulo")
    again(app)
    assert "1 segment uses calendar days; 1 would change now:" in texts(app)
    app.toggle(key="workspace-viewers-export").set_value(True)
    again(app)
    app.button(key="workspace-save").click()
    again(app)
    kept = services.workspace_settings.get(LOCAL_OWNER)
    assert (kept.time_zone, kept.viewers_export, kept.editors_edit_all) == ("America/Sao_Paulo", True, False)
    assert app.button(key="workspace-save").disabled
    assert "What this changes" not in texts(app)


@pytest.mark.parametrize(
    ("effects", "told"),
    [
        ([], "No segment uses calendar days, so no count changes."),
        ([("A", 1, 1)], "1 segment uses calendar days; none would change now."),
        ([("A", 1, 2), ("B", 3, 3)], "2 segments use calendar days; 1 would change now:"),
    ],
)
def test_what_a_calendar_changes_in_words(effects: list[tuple[str, int, int]], told: str) -> None:
    assert told in settings_workspace.effects_told(effects)


def test_zones_are_offered_by_name_with_their_distance() -> None:
    names = settings_workspace.zone_names("US/Pacific")
    assert names[0] == "UTC"
    assert {"Europe/Dublin", "Asia/Kolkata", "US/Pacific"} <= set(names)
    label = settings_workspace.zone_label
    assert label("Asia/Kolkata", workspace.NOW) == "Asia/Kolkata · UTC+05:30"
    assert label("America/St_Johns", workspace.NOW) == "America/St_Johns · UTC−03:30"
    assert label("Europe/Dublin", workspace.NOW) == "Europe/Dublin · UTC"
    assert label("UTC", workspace.NOW) == "UTC"


# The log


def told_of(services: Services, entry: Entry) -> list[tuple[str, str | None, str | None]]:
    changes = settings_log.changes(entry, LOCAL_OWNER, services, workspace.NOW)
    return [(change["label"], change["before"], change["after"]) for change in changes]


def entry(before: dict[str, object] | None, after: dict[str, object] | None) -> Entry:
    return Entry(at=workspace.NOW, agent="ann", what="changed", entity="segment", before=before, after=after)


def test_changes_are_told_line_by_line_and_filters_as_sentences(services: Services) -> None:
    was, became = {"rule": {"all": []}, "name": "A"}, {"rule": IRISH, "name": "A"}
    [(label, before, after)] = told_of(services, entry(was, became))
    assert (label, after) == ("Filter", "People whose country is Ireland.")
    assert before is not None
    assert "{" not in before
    gone = {"all": [{"attribute": "no_such", "operator": "is", "value": "x"}]}
    assert '"no_such"' in str(told_of(services, entry({"rule": gone}, {"rule": IRISH}))[0][1])
    assert told_of(services, entry({"hidden_from": []}, {"hidden_from": ["omar", "vera"]})) == [
        ("Hidden from", "nobody", "omar and vera")
    ]
    assert told_of(services, entry({"visible_to": None}, {"visible_to": []})) == [
        ("Visible only to", "everyone", "nobody else")
    ]
    assert told_of(services, entry({"may_send": False}, {"may_send": True})) == [("May send", "no", "yes")]
    assert told_of(services, entry(None, {"name": "A", "folder": None, "description": ""})) == [("Name", None, "A")]
    assert told_of(services, entry(None, None)) == []


def test_the_log_has_pages_and_a_search(open_page: Open, services: Services) -> None:
    for number in range(settings_log.A_PAGE + 5):
        services.segments.save(LOCAL_OWNER, name=f"Made {number}", document=IRISH, now=workspace.NOW)
    app = open_page(view="log")
    assert "Older" in labels(app)
    app.button(key="log-older").click()
    again(app)
    assert "before" in app.query_params
    assert "Newest" in labels(app)
    assert "Older" not in labels(app)
    assert "Newest" in labels(open_page(view="log", before="2"))
    for nonsense in ("x", "-1", "9" * 30, "²"):
        assert "Newest" not in labels(open_page(view="log", before=nonsense))


# One's own profile


def change_password(app: AppTest, old: str, new: str, repeated: str) -> AppTest:
    for label, value in (("Present password", old), ("New password", new), ("New password again", repeated)):
        next(field for field in app.text_input if field.label == label).set_value(value)
    next(b for b in app.button if b.label == "Change password").click()
    return again(app)


def test_a_password_is_changed_and_the_other_browsers_are_signed_out(
    open_page: Open, services: Services, sign_in: Callable[..., Agent]
) -> None:
    omar = sign_in("omar", "editor", PASSWORD)
    elsewhere = signing_in.token(services.database, services.settings, name="omar", role="editor", now=workspace.NOW)
    app = open_page()
    assert "not typed the same twice" in texts(change_password(app, PASSWORD, OTHER, OTHER + "x"))
    assert "old password is wrong" in texts(change_password(app, "wrong " + PASSWORD, OTHER, OTHER))
    assert "12 are the least" in texts(change_password(app, PASSWORD, "short", "short"))
    assert services.sessions.seat(elsewhere, now=workspace.NOW) is not None
    change_password(app, PASSWORD, OTHER, OTHER)
    assert not app.error
    assert services.sessions.seat(elsewhere, now=workspace.NOW) is None
    assert len(services.sessions.of_agent(omar, omar.id, now=workspace.NOW)) == 1


def test_one_signs_out_everywhere_else(open_page: Open, services: Services, sign_in: Callable[..., Agent]) -> None:
    omar = sign_in("omar", "editor", PASSWORD)
    assert "Sign out everywhere else" not in labels(open_page())
    for _ in range(2):
        signing_in.token(services.database, services.settings, name="omar", role="editor", now=workspace.NOW)
    app = open_page()
    app.button(key="profile-sign-out-others").click()
    again(app)
    assert len(services.sessions.of_agent(omar, omar.id, now=workspace.NOW)) == 1
    assert "Sign out everywhere else" not in labels(app)


def test_what_new_segments_start_with_is_chosen_and_kept(
    open_page: Open, services: Services, sign_in: Callable[..., Agent]
) -> None:
    sign_in("vera", "viewer")
    omar = sign_in("omar", "editor")
    app = open_page()
    assert app.button(key="profile-start-save").disabled
    app.radio[0].set_value("hidden")
    again(app)
    assert app.button(key="profile-start-save").disabled, "of nobody yet"
    assert "omar" not in app.multiselect[0].options
    app.multiselect[0].set_value(["vera"])
    again(app)
    app.button(key="profile-start-save").click()
    again(app)
    assert services.agents.starts_with(omar) == NewSegments(hidden_from=("vera",))
    assert app.button(key="profile-start-save").disabled
    app.radio[0].set_value("me")
    again(app)
    app.button(key="profile-start-save").click()
    again(app)
    assert services.agents.starts_with(omar) == NewSegments(visible_to=())
    assert open_page().radio[0].value == "me"


def test_signing_out_leads_to_the_sign_in(open_page: Open, services: Services, sign_in: Callable[..., Agent]) -> None:
    omar = sign_in("omar", "editor")
    app = open_page("segments")
    assert "omar" in texts(app) or any("omar" in link.label for link in app.get("page_link"))
    app.button(key="sign-out").click()
    again(app)
    assert [title.value for title in app.title] == ["Sign in"]
    assert services.sessions.of_agent(omar, omar.id, now=workspace.NOW) == []


# Looking as somebody else


def test_an_admin_looks_as_another_and_changes_nothing(
    open_page: Open, services: Services, sign_in: Callable[..., Agent]
) -> None:
    omar = sign_in("omar", "editor")
    ann = sign_in("ann")
    services.segments.save(ann, name="Secret", document=IRISH, hidden_from=("omar",), now=workspace.NOW)
    mine = services.segments.save(omar, name="Of Omar", document=IRISH, now=workspace.NOW)
    app = open_page()
    chosen(app, "agents-table", omar.id, "see")
    app = open_page("segments")
    assert "You see what **omar** sees." in texts(app)
    assert "4 segments over 5 people" in texts(app), "three predefined ones and his own"
    assert {"New segment", "New folder"}.isdisjoint(labels(app))
    assert "This page does not exist" in texts(open_page("segment", segment="secret"))
    app = open_page("segment", segment=mine.key)
    assert "Edit filter" not in labels(app)
    assert app.get("menu_button")[0].options == ["Copy as JSON"]
    assert {"Columns", "Save as segment"}.isdisjoint(labels(open_page("people")))
    app = open_page("settings", view="agents")
    assert {"Add agent", "Change password", "Save"}.isdisjoint(labels(app))
    assert "omar" in texts(app)
    app.button(key="seeing-stop").click()
    again(app)
    assert "You see what" not in texts(app)
    assert "5 segments" in texts(open_page("segments"))
    what = [(each.agent, each.what, each.name) for each in services.audit.entries(ann)][:2]
    assert what == [("ann", "seen as, ended", "omar"), ("ann", "seen as", "omar")]


def test_a_filter_that_is_tried_while_looking_is_kept_as_ones_own(
    open_page: Open, services: Services, sign_in: Callable[..., Agent]
) -> None:
    omar = sign_in("omar", "editor")
    ann = sign_in("ann")
    chosen(open_page(), "agents-table", omar.id, "see")
    app = open_page("people")
    rev = app.session_state["people.filter"].rev
    app.session_state["people-builder"] = {"draft": {"rev": rev, "seq": 1, "rule": IRISH, "unfinished": 0}}
    again(app)
    kept = app.query_params["draft"]
    draft = services.drafts.open(ann, kept if isinstance(kept, str) else kept[0])
    assert draft.agent == ann.id
    assert draft.document == IRISH


def test_the_seat_of_a_demoted_admin_looks_no_more(
    open_page: Open, services: Services, sign_in: Callable[..., Agent]
) -> None:
    omar = sign_in("omar", "editor")
    other = sign_in("bea")
    ann = sign_in("ann")
    chosen(open_page(), "agents-table", omar.id, "see")
    assert "You see what" in texts(open_page("segments"))
    services.agents.change(other, ann.id, role="viewer", now=workspace.NOW + timedelta(seconds=1))
    app = open_page()
    assert "You see what" not in texts(app)
    assert "Sees and filters, and changes nothing." in texts(app)


def test_the_name_of_the_workspace_needs_a_name(open_page: Open, services: Services) -> None:
    app = open_page(view="workspace")
    app.text_input(key="workspace-name").set_value("   ")
    again(app)
    assert app.button(key="workspace-save").disabled
    app.text_input(key="workspace-name").set_value("Acme")
    again(app)
    app.button(key="workspace-save").click()
    again(app)
    assert services.workspace_settings.get(LOCAL_OWNER) == Workspace(name="Acme")
