"""The command line: who may sign in, and acting as one of them."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

import segcore
from segcore import bootstrap
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER
from segcore.problems import SegcoreError
from segcore.services import passwords
from segcore.settings import Settings
from tests.test_cli import Run, filled, run  # noqa: F401  (fixtures)

PASSWORD = "violet tractor umbrella"
NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)


@pytest.fixture(autouse=True)
def quick_hashes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "COST", 4)


def opened() -> Services:
    return bootstrap.start(Settings.from_environment())


def test_an_agent_is_added_with_a_link_that_sets_the_password_once(run: Run) -> None:  # noqa: F811
    said = run("agents", "add", "Maeve", "--email", "maeve@example.com", "--role", "admin")
    assert said.code == 0
    address, _, token = said.out.splitlines()[-1].partition("/?link=")
    assert address == "http://127.0.0.1:8501"
    assert run("agents", "list").out.splitlines()[1].split() == ["Maeve", "maeve@example.com", "admin", "invited"]
    product = opened()
    ticket = product.sessions.use(token, password=PASSWORD, now=bootstrap.clock())
    assert product.sessions.claim(ticket, now=bootstrap.clock()) is not None
    assert product.sessions.look(token, now=bootstrap.clock()) is None
    product.database.close()
    told = run("agents", "link", "MAEVE", "--json").json
    assert told["name"] == "Maeve"
    assert told["link"].startswith("http://127.0.0.1:8501/?link=")


def test_a_link_begins_with_the_public_address(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:  # noqa: F811
    monkeypatch.setenv("SEGCORE_PUBLIC_URL", "https://segments.example.org/")
    said = run("agents", "add", "Maeve", "--role", "viewer", "--json").json
    assert said["link"].startswith("https://segments.example.org/?link=")
    assert (said["name"], said["role"], said["enabled"]) == ("Maeve", "viewer", True)


def test_a_password_comes_by_standard_input_and_a_weak_one_adds_nobody(run: Run) -> None:  # noqa: F811
    weak = run("agents", "add", "Maeve", "--role", "admin", "--password-stdin", given="maeve\n")
    assert weak.code == 1
    assert "12 are the least" in weak.err
    assert run("agents", "list", "--json").json == []
    added = run("agents", "add", "Maeve", "--role", "admin", "--password-stdin", given=f"{PASSWORD}\n")
    assert (added.code, added.out) == (0, "Added Maeve, admin, with the password given.\n")
    assert [one["password"] for one in run("agents", "list", "--json").json] == [True]
    product = opened()
    assert passwords.matches(PASSWORD, product.sessions.credentials()["usernames"]["maeve"]["password"])
    assert product.sessions.setup_link(now=NOW) is None, "whoever can sign in as admin needs no set-up"
    product.database.close()


def test_agents_are_disabled_and_enabled_by_name_and_the_last_admin_stays(run: Run) -> None:  # noqa: F811
    run("agents", "add", "Maeve", "--role", "admin")
    run("agents", "add", "Omar", "--role", "viewer")
    assert run("agents", "disable", "omar").out == "Omar may no longer sign in.\n"
    assert [one["enabled"] for one in run("agents", "list", "--json").json] == [True, False]
    assert "disabled" in run("agents", "list").out
    assert run("agents", "link", "omar").code == 1
    assert run("agents", "enable", "Omar", "--json").json["enabled"] is True
    last = run("agents", "disable", "Maeve")
    assert (last.code, last.err.split(".")[0]) == (1, "At least one admin has to stay")
    for verb in ("disable", "enable", "link"):
        assert run("agents", verb, "nobody").code == 1
    assert run("agents", "add", "Omar", "--role", "root").code == 2


@pytest.fixture
def team(filled: Run) -> Run:  # noqa: F811
    """People, two agents, and a segment that is hidden from one of them."""
    filled("agents", "add", "Maeve", "--role", "editor")
    filled("agents", "add", "Omar", "--role", "viewer")
    product = opened()
    rule = {"all": [{"attribute": "country", "operator": "is", "value": "Ireland"}]}
    product.segments.save(LOCAL_OWNER, name="Canary", document=rule, hidden_from=("Omar",), now=NOW)
    product.database.close()
    return filled


def test_what_is_hidden_answers_as_what_does_not_exist(team: Run) -> None:
    assert "canary" in team("--as", "Maeve", "segments", "list").out
    assert "anary" not in team("--as", "Omar", "segments", "list").out
    assert "anary" not in team("--as", "Omar", "segments", "list", "--json").out
    for verb in (
        ("segments", "show"),
        ("count", "--segment"),
        ("explain", "p-1", "--segment"),
        ("segments", "delete"),
    ):
        hidden = team("--as", "Omar", *verb, "canary")
        missing = team("--as", "Omar", *verb, "nothing")
        assert (hidden.code, hidden.out) == (1, "")
        assert hidden.err.replace("canary", "nothing") == missing.err
    assert team("count", "--segment", "canary").out == "2 of 4\n"


def test_a_role_is_a_role_on_the_command_line_too(team: Run, tmp_path: Path) -> None:
    rule = tmp_path / "rule.json"
    rule.write_text(json.dumps({"attribute": "country", "operator": "is", "value": "Japan"}))
    assert team("--as", "omar", "count", rule).out == "1 of 4\n"
    for forbidden in (
        ("members", rule),
        ("segments", "export"),
        ("import", "companies", tmp_path / "companies.csv", "--id", "id"),
        ("demo",),
        ("demo", "--remove"),
        ("agents", "list"),
        ("agents", "add", "Eve", "--role", "admin"),
        ("agents", "link", "Omar"),
        ("agents", "enable", "Omar"),
        ("agents", "disable", "Maeve"),
        ("segments", "delete", "active"),
        ("serve",),
        ("doctor",),
    ):
        said = team("--as", "omar", *forbidden)
        assert said.code == 1, forbidden
        assert said.out == "", forbidden
        assert "Your role, viewer" in said.err, forbidden


def test_nobody_acts_as_an_agent_who_is_not_there_or_disabled(team: Run) -> None:
    team("agents", "disable", "Omar")
    for name, told in (("nobody", "There is no agent called nobody."), ("omar", "Omar is disabled."), ("", "no agent")):
        for verb in (("segments", "list"), ("attributes",), ("agents", "list"), ("serve",), ("doctor",)):
            said = team("--as", name, *verb)
            assert (said.code, said.out) == (1, ""), (name, verb)
            assert told in said.err, (name, verb)


def test_python_acts_as_an_agent_by_name(team: Run) -> None:
    url = os.environ["SEGCORE_DATABASE_URL"]
    with segcore.open(url) as owner, segcore.open(url, "maeve") as maeve, segcore.open(url, agent="Omar") as omar:
        rule = {"segment": "canary", "operator": "in"}
        assert owner.count(rule) == maeve.count(rule) == 2
        with pytest.raises(SegcoreError):
            omar.count(rule)
    with pytest.raises(SegcoreError, match="no agent called nobody"):
        segcore.open(url, "nobody")
