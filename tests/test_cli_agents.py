"""The command line: who may sign in, and acting as one of them."""

import json
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

import segcore
from segcore import bootstrap
from segcore.bootstrap import Services
from segcore.cli import doctor
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


def test_who_may_see_a_segment_may_read_it_and_of_one_shown_on_purpose_its_total(team: Run) -> None:
    assert '"attribute": "last_seen_at"' in team("--as", "Omar", "segments", "show", "active").out
    product = opened()
    maeve = product.agents.acting("Maeve")
    document = {"any": [{"segment": "canary", "operator": "in"}]}
    key = product.segments.save(maeve, name="Shown", document=document, now=NOW).key
    product.segments.show_on_purpose(maeve, key, ["Omar"], now=NOW)
    product.database.close()
    said = team("--as", "Omar", "segments", "show", key)
    assert said.out == f"Shown ({key}, version 1)\n1 condition is not visible to you.\n2 of 4\n"
    told = team("--as", "Omar", "segments", "show", key, "--json").json
    assert (told["count"], "rule" in told, "name" in told) == (2, False, True)


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


@pytest.fixture
def findings(run: Run) -> Callable[[], dict[str, dict[str, str]]]:  # noqa: F811
    """What doctor says, by what was checked; of several findings the worst."""

    def examined() -> dict[str, dict[str, str]]:
        told = run("doctor", "--json")
        order = ["ok", "look", "mend"]
        found: dict[str, dict[str, str]] = {}
        for one in json.loads(told.out):
            if order.index(one["state"]) >= order.index(found.get(one["check"], one)["state"]):
                found[one["check"]] = one
        return found

    return examined


def test_doctor_looks_at_the_key_and_at_who_can_read_it(
    run: Run,  # noqa: F811
    findings: Callable[[], dict[str, dict[str, str]]],
) -> None:
    assert findings()["Key"]["state"] == "ok"
    run("segments", "list")
    settings = Settings.from_environment()
    key, database = settings.data / "secret.key", Path(settings.database_url.removeprefix("sqlite:///"))
    assert (findings()["Key"]["state"], findings()["File modes"]["state"]) == ("ok", "ok")
    for file in (key, database):
        file.chmod(0o644)
        assert (findings()["File modes"]["state"], str(file) in findings()["File modes"]["found"]) == ("mend", True)
        file.chmod(0o600)
    secret = key.read_text()
    key.write_text("changeme" * 8)
    assert findings()["Key"]["state"] == "mend"
    key.write_text(secret)
    assert secret.strip() not in json.dumps(findings())


def test_doctor_looks_at_the_way_passwords_come(
    findings: Callable[[], dict[str, dict[str, str]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    for address, url, state in (
        ("127.0.0.1", "", "ok"),
        ("0.0.0.0", "", "look"),
        ("127.0.0.1", "http://segments.example.org", "look"),
        ("127.0.0.1", "https://segments.example.org", "ok"),
    ):
        monkeypatch.setenv("SEGCORE_ADDRESS", address)
        monkeypatch.setenv("SEGCORE_PUBLIC_URL", url)
        assert findings()["Address"]["state"] == state, (address, url)


def test_doctor_looks_at_what_the_server_gives_away(
    findings: Callable[[], dict[str, dict[str, str]]], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    sound = (doctor.ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8")
    (tmp_path / ".streamlit").mkdir()
    (tmp_path / "requirements.txt").write_text("", encoding="utf-8")
    monkeypatch.setattr(doctor, "ROOT", tmp_path)
    for before, after in (
        ("", ""),
        ('showErrorDetails = "none"', 'showErrorDetails = "full"'),
        ("enableXsrfProtection = true", "enableXsrfProtection = false"),
        ("enableXsrfProtection = true\n", ""),
        ("maxUploadSize = 50", "maxUploadSize = 200"),
        ("maxUploadSize = 50\n", ""),
        ("enableAgentApi = false", "enableAgentApi = true"),
    ):
        assert before in sound
        (tmp_path / ".streamlit" / "config.toml").write_text(sound.replace(before, after) if before else sound)
        assert findings()["Configuration"]["state"] == ("mend" if before else "ok"), before


def test_a_server_says_where_it_is_and_how_the_first_admin_comes_in(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    monkeypatch.setenv("SEGCORE_DATA", str(tmp_path))
    monkeypatch.delenv("SEGCORE_DATABASE_URL", raising=False)
    monkeypatch.setenv("SEGCORE_DEMO", "no")
    product = opened()
    monkeypatch.setattr(bootstrap, "services", lambda: product)
    bootstrap.open_product()
    first = capsys.readouterr().out
    assert first.startswith("Segcore is at http://127.0.0.1:8501\n")
    bootstrap.open_product(9_000)
    said = capsys.readouterr().out
    assert said.startswith("Segcore is at http://127.0.0.1:9000\n")
    older, newer = (text.partition("/?link=")[2].split()[0] for text in (first, said))
    assert product.sessions.look(older, now=bootstrap.clock()) is None
    assert product.sessions.look(newer, now=bootstrap.clock()) is not None
    product.sessions.use(newer, password=PASSWORD, name="Maeve", now=bootstrap.clock())
    bootstrap.open_product()
    assert "link" not in capsys.readouterr().out
    bootstrap.close_product()
