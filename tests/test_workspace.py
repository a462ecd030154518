"""`segcore.open`: what a notebook does."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

import segcore
from segcore.model import Agent
from segcore.problems import InvalidRule, SegcoreError
from segcore.workspace import Workspace

NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)
TRIAL = {"all": [{"attribute": "plan", "operator": "is", "value": "trial"}]}


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A workspace with three people of two companies."""
    monkeypatch.setenv("SEGCORE_DATA", str(tmp_path / "data"))
    people = "customer_id,plan,age,company\nc-1,trial,30,acme\nc-2,Pro,,acme;globex\nc-3,Trial,61,\n"
    (tmp_path / "people.csv").write_text(people, encoding="utf-8")
    (tmp_path / "companies.csv").write_text("id,name\nacme,Acme\nglobex,Globex\n", encoding="utf-8")
    (tmp_path / "events.csv").write_text("who,at,amount\nc-1,2026-11-21T00:00:00Z,3\n", encoding="utf-8")
    opened = segcore.open(f"sqlite:///{tmp_path / 'crm.db'}")
    opened.import_companies(tmp_path / "companies.csv", id="id")
    outcome = opened.import_people(
        tmp_path / "people.csv", id="customer_id", company="company", types={"age": "number"}
    )
    assert (outcome.read, outcome.created) == (3, 3)
    return opened


def test_explain(workspace: Workspace) -> None:
    found = workspace.explain("c-2", TRIAL, now=NOW)
    assert not found.holds
    assert [reason.told for reason in found.pivotal()] == ["Plan is Pro, trial is needed"]
    assert found.as_json()["reason"]["children"][0]["needed"] == "trial"
    workspace.segments.save("Trial users", TRIAL)
    assert workspace.explain("c-1", "trial-users").holds


def test_count_and_members(workspace: Workspace) -> None:
    assert workspace.count(TRIAL) == 2
    members = workspace.members(TRIAL)
    assert members.columns[0] == "external_id"
    assert members["external_id"].to_list() == ["c-1", "c-3"]
    assert members["age"].to_list() == [30, 61]
    assert workspace.members(TRIAL, columns=["plan"]).columns == ["external_id", "plan"]
    assert workspace.count({"all": []}, entity="company") == 2


def test_evaluate_answers_many_at_once(workspace: Workspace) -> None:
    wrong = {"attribute": "plam", "operator": "is", "value": "x"}
    first, second = workspace.evaluate([TRIAL, wrong], ids=True, now=NOW)
    assert (first.count, first.ids) == (2, ("c-1", "c-3"))
    assert second.problems[0].suggestion == "plan"
    with pytest.raises(InvalidRule):
        workspace.count(wrong)


def test_the_instant_is_an_argument(workspace: Workspace, tmp_path: Path) -> None:
    workspace.import_events(tmp_path / "events.csv", person="who", at="at", event="Purchase", now=NOW)
    assert workspace.segments.count("active", now=NOW) == 1
    assert workspace.segments.count("active", now=NOW + timedelta(days=60)) == 0
    with pytest.raises(SegcoreError, match="zone"):
        workspace.count(TRIAL, now=datetime(2026, 11, 22))  # noqa: DTZ001 (that is the mistake)


def test_segments_are_saved_changed_and_carried(workspace: Workspace) -> None:
    saved = workspace.segments.save("Trial users", TRIAL, description="Still deciding.")
    assert saved.key == "trial-users"
    assert workspace.segments.members("trial-users")["external_id"].to_list() == ["c-1", "c-3"]
    changed = workspace.segments.change("trial-users", {"all": []})
    assert changed.version == 2
    assert workspace.segments.count("trial-users") == 3
    assert {segment.key for segment in workspace.segments.all()} == {"new", "active", "slipping-away", "trial-users"}
    told = workspace.segments.export(["trial-users"])
    assert workspace.segments.load(told) == {"created": 0, "updated": 0, "unchanged": 1}
    workspace.segments.delete("trial-users")
    with pytest.raises(SegcoreError):
        workspace.segments.get("trial-users")


def test_attributes_are_a_frame(workspace: Workspace) -> None:
    frame = workspace.attributes()
    assert frame.columns == ["entity", "key", "kind", "missing", "total"]
    age = frame.filter((pl.col("entity") == "person") & (pl.col("key") == "age")).row(0, named=True)
    assert (age["kind"], age["missing"], age["total"]) == ("number", 1, 3)


def test_an_import_of_what_is_not_there_says_so(workspace: Workspace, tmp_path: Path) -> None:
    with pytest.raises(SegcoreError, match="no file"):
        workspace.import_people(tmp_path / "absent.csv", id="id")


def test_the_agent_is_passed_on(workspace: Workspace, tmp_path: Path) -> None:
    viewer = segcore.open(f"sqlite:///{tmp_path / 'crm.db'}", agent=Agent(id=None, name="Omar", role="viewer"))
    assert viewer.count(TRIAL) == 2
    with pytest.raises(SegcoreError, match="role"):
        viewer.segments.save("Mine", TRIAL)


def test_two_databases_do_not_disturb_each_other(workspace: Workspace, tmp_path: Path) -> None:
    with segcore.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        other.import_people(tmp_path / "companies.csv", id="id")
        assert other.count({"all": []}) == 2
        assert workspace.count({"all": []}) == 3
    workspace.close()
    with segcore.open(f"sqlite:///{tmp_path / 'other.db'}") as other:
        assert other.count({"all": []}) == 2
