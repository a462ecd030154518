"""Agents, the workspace's settings and the audit log."""

import csv
import io
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest

from segcore.access import NotAllowed
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent, Entry, NewSegments, Workspace
from segcore.problems import NotFound, SegcoreError
from segcore.services.agents import LAST
from segcore.store import audit as log
from tests.services.signing import agent
from tests.workspace import NOW


def test_only_admins_see_and_change_agents(services: Services) -> None:
    omar, maeve = agent(services, "Omar"), agent(services, "Maeve", "admin")
    assert omar.id is not None
    assert [one.name for one in services.agents.all(maeve)] == ["Omar", "Maeve"]
    for forbidden in (
        lambda: services.agents.all(omar),
        lambda: services.agents.invited(omar),
        lambda: services.agents.add(omar, name="Eve", email="", role="admin", now=NOW),
        lambda: services.agents.change(omar, omar.id, role="admin", now=NOW),
        lambda: services.agents.all(replace(maeve, seen_by="Nora")),
        lambda: services.audit.entries(omar),
        lambda: services.audit.export(omar),
        lambda: services.workspace_settings.change(omar, Workspace(), now=NOW),
        lambda: services.workspace_settings.zone_effects(omar, "UTC", "monday", now=NOW),
    ):
        with pytest.raises(NotAllowed):
            forbidden()
    services.agents.change(maeve, omar.id, enabled=False, now=NOW)
    assert services.agents.names(maeve) == ["Maeve"]


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("", "needs a name"),
        (" \t ", "needs a name"),
        ("x" * 61, "60 are the most"),
        ("Mae\u200bve", "cannot be seen"),
        ("Mae\u202eve", "cannot be seen"),
        ("Mae\x00ve", "cannot be seen"),
        ("Mae\ud800ve", "cannot be seen"),
        ("MAEVE", "already"),
        ("Ｍａｅｖｅ", "already"),
        ("Owner", "taken by the product"),
        ("demo  workspace", "taken by the product"),
        ("SEGCORE", "taken by the product"),
    ],
)
def test_names_that_could_be_taken_for_another_are_refused(services: Services, name: str, told: str) -> None:
    agent(services, "Maeve")
    with pytest.raises(SegcoreError, match=told):
        services.agents.add(LOCAL_OWNER, name=name, email="", role="editor", now=NOW)


@pytest.mark.parametrize("email", ["x", "@x.io", "a@", "a b@x.io", "a@x.io\nBcc: b@x.io", "a" * 250 + "@x.io"])
def test_what_is_no_address_is_refused(services: Services, email: str) -> None:
    with pytest.raises(SegcoreError, match="not an e-mail address"):
        services.agents.add(LOCAL_OWNER, name="Maeve", email=email, role="editor", now=NOW)
    assert services.agents.add(LOCAL_OWNER, name="Tom", email="o'neil@x.io", role="editor", now=NOW).email


def test_a_role_is_one_of_three(services: Services) -> None:
    with pytest.raises(SegcoreError, match="“root” is no role"):
        services.agents.add(LOCAL_OWNER, name="Maeve", email="", role="root", now=NOW)


def test_the_last_admin_stays(services: Services) -> None:
    maeve = agent(services, "Maeve", "admin")
    assert maeve.id is not None
    for last in (
        lambda: services.agents.change(maeve, maeve.id, role="viewer", now=NOW),
        lambda: services.agents.change(maeve, maeve.id, enabled=False, now=NOW),
    ):
        with pytest.raises(SegcoreError, match=LAST):
            last()
    nora = agent(services, "Nora", "admin", password=None)
    assert nora.id is not None
    with pytest.raises(SegcoreError, match=LAST):  # nobody could sign in as admin before she does
        services.agents.change(maeve, maeve.id, role="viewer", now=NOW)
    services.agents.change(maeve, nora.id, enabled=False, now=NOW)
    agent(services, "Ada", "admin")
    assert services.agents.change(maeve, maeve.id, role="viewer", now=NOW).role == "viewer"


def test_two_admins_who_step_down_at_once_leave_one(services: Services) -> None:
    both = [agent(services, "Maeve", "admin"), agent(services, "Nora", "admin")]
    for _ in range(5):
        ready = threading.Barrier(2)

        def step_down(admin: Agent, ready: threading.Barrier = ready) -> bool:
            assert admin.id is not None
            ready.wait()
            try:
                services.agents.change(admin, admin.id, role="viewer", now=NOW)
            except SegcoreError:
                return False
            return True

        with ThreadPoolExecutor(2) as threads:
            assert sum(threads.map(step_down, both)) == 1
        assert [one.role for one in services.agents.all(LOCAL_OWNER)].count("admin") == 1
        for admin in both:
            assert admin.id is not None
            services.agents.change(LOCAL_OWNER, admin.id, role="admin", now=NOW)


def test_new_segments_start_as_their_author_says(services: Services) -> None:
    maeve, omar = agent(services, "Maeve"), agent(services, "Omar", "viewer")
    assert services.agents.starts_with(maeve) == NewSegments()
    wanted = NewSegments(hidden_from=("omar", "Omar"), visible_to=())
    kept = services.agents.set_starts_with(maeve, wanted, now=NOW)
    assert kept == NewSegments(hidden_from=("Omar",), visible_to=()) == services.agents.starts_with(maeve)
    with pytest.raises(NotFound):
        services.agents.set_starts_with(maeve, NewSegments(hidden_from=("nobody",)), now=NOW)
    with pytest.raises(NotAllowed):
        services.agents.set_starts_with(omar, NewSegments(), now=NOW)
    assert services.agents.starts_with(LOCAL_OWNER) == NewSegments()


def test_the_command_line_acts_as_whoever_is_named(services: Services) -> None:
    omar = agent(services, "Omar")
    assert omar.id is not None
    assert services.agents.acting("OMAR") == omar
    with pytest.raises(NotFound, match="no agent called Eve"):
        services.agents.acting("Eve")
    services.agents.change(LOCAL_OWNER, omar.id, enabled=False, now=NOW)
    with pytest.raises(SegcoreError, match="disabled"):
        services.agents.acting("Omar")


# The workspace


def test_the_settings_of_the_workspace_are_kept_and_checked(services: Services) -> None:
    wanted = Workspace(name=" Acme  Ltd ", time_zone="Europe/Dublin", week_start="sunday", editors_edit_all=True)
    services.workspace_settings.change(LOCAL_OWNER, wanted, now=NOW)
    assert services.workspace_settings.get(LOCAL_OWNER) == replace(wanted, name="Acme Ltd")
    for wrong in ({"name": " "}, {"name": "x" * 101}, {"time_zone": "Mars/Olympus"}, {"week_start": "friday"}):
        with pytest.raises(SegcoreError):
            services.workspace_settings.change(LOCAL_OWNER, replace(wanted, **wrong), now=NOW)
    [entry] = services.audit.entries(LOCAL_OWNER, search="settings")
    assert entry.before == {
        "name": "Segcore",
        "time_zone": "UTC",
        "week_start": "monday",
        "editors_edit_all": False,
    }
    assert entry.after == {
        "name": "Acme Ltd",
        "time_zone": "Europe/Dublin",
        "week_start": "sunday",
        "editors_edit_all": True,
    }


def test_another_zone_says_beforehand_whom_it_moves(people: Services) -> None:
    today = {"all": [{"attribute": "signed_up_at", "operator": "in_period", "value": "today"}]}
    rolling = {"all": [{"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 4}}]}
    inside = {"all": [{"segment": "today", "operator": "in"}]}
    for name, document in (("Today", today), ("Lately", rolling), ("Inside", inside)):
        people.segments.save(LOCAL_OWNER, name=name, document=document, now=NOW)
    effects = people.workspace_settings.zone_effects(LOCAL_OWNER, "America/Los_Angeles", "monday", now=NOW)
    # It is 04:12 in UTC and the evening before in California, where c-1 signed up three hours ago as well.
    assert {effect[0] for effect in effects} == {"Today", "Inside"}
    assert all(before == 1 for _, before, _ in effects)
    assert people.workspace_settings.get(LOCAL_OWNER).time_zone == "UTC", "asking changes nothing"


# The log


def test_the_log_says_who_did_what_and_what_it_was_before(services: Services) -> None:
    maeve = agent(services, "Maeve", "admin")
    omar = agent(services, "Omar")
    assert omar.id is not None
    services.agents.change(maeve, omar.id, role="viewer", may_send=True, now=NOW)
    entry = services.audit.entries(maeve)[0]
    assert (entry.agent, entry.what, entry.entity, entry.name) == ("Maeve", "role changed", "agent", "Omar")
    assert (entry.before, entry.after) == ({"role": "editor", "may_send": False}, {"role": "viewer", "may_send": True})


def test_the_log_is_read_in_pages_and_searched(services: Services) -> None:
    with services.database.write() as connection:
        for number in range(250):
            name = f"Segment {number}" if number % 50 else "Grüße"
            log.append(connection, Entry(at=NOW, agent="Maeve", what="segment saved", entity="segment", name=name))
    first = services.audit.entries(LOCAL_OWNER, limit=100)
    assert [entry.name for entry in first[:2]] == ["Segment 249", "Segment 248"]
    second = services.audit.entries(LOCAL_OWNER, before=first[-1].id, limit=100)
    assert second[0].name == "Segment 149"
    assert len(services.audit.entries(LOCAL_OWNER, search="maeve GRÜSSE", limit=3)) == 3
    assert len(services.audit.entries(LOCAL_OWNER, search="grüße")) == 5
    assert services.audit.entries(LOCAL_OWNER, search="grüße nobody") == []


def test_the_log_is_exported_whole_and_runs_no_formula(services: Services) -> None:
    with services.database.write() as connection:
        for number in range(2_005):
            name = "=cmd()" if number == 7 else str(number)
            log.append(
                connection,
                Entry(at=NOW, agent="Maeve", what="segment saved", entity="segment", name=name, after={"a": "ü"}),
            )
    before = len(services.audit.entries(LOCAL_OWNER, limit=10_000))
    rows = list(csv.DictReader(io.StringIO(b"".join(services.audit.export(LOCAL_OWNER)).decode())))
    assert len(rows) == before
    assert rows[-8]["name"] == "'=cmd()"
    assert rows[0]["after"] == '{"a": "ü"}'
    assert rows[0]["at"] == "2026-11-22T04:12:09Z"


def test_imports_and_the_demo_are_in_the_log(services: Services) -> None:
    maeve = agent(services, "Maeve", "admin")
    services.demo.fill(maeve, now=NOW)
    services.demo.remove(maeve, now=NOW)
    plan = services.imports.plan(maeve, "person", b"id,plan\np-1,Pro\np-1,\n", name="people.csv", id="id")
    services.imports.run(maeve, plan, now=NOW, dry_run=True)
    services.imports.run(maeve, plan, now=NOW)
    entries = services.audit.entries(maeve, limit=4)
    told = [(entry.what, entry.entity, entry.name) for entry in entries]
    assert told == [
        ("file imported", "person", "people.csv"),
        ("import begun", "person", "people.csv"),
        ("demo removed", "workspace", "Demo workspace"),
        ("demo filled", "workspace", "Demo workspace"),
    ]
    assert entries[0].after is not None
    assert entries[0].after["read"] == 2
    assert entries[2].before == {"people": 5_000, "companies": 300, "events": 60_000} | {
        name: (entries[2].before or {})[name] for name in ("segments", "kept")
    }
