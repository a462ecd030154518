"""The demo workspace: believable at any instant, quick, into an empty database only, and out of it whole."""

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from segcore import bootstrap, demo, store
from segcore.attributes import Entity
from segcore.model import LOCAL_OWNER, Agent
from segcore.problems import SegcoreError
from segcore.services.demo import KINDS, PROPERTIES, Demo
from segcore.settings import Settings
from segcore.store.database import Database

NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)
DAY = 86_400_000_000
INSTANTS = [
    NOW,
    datetime(2027, 7, 4, 23, 59, tzinfo=UTC),
    datetime(2028, 2, 29, 12, tzinfo=UTC),
    datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC),
]


def micro(instant: datetime) -> int:
    return (instant - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)


@pytest.fixture(scope="module", params=INSTANTS, ids=str)
def drawn(request: pytest.FixtureRequest) -> tuple[datetime, demo.Drawn, dict[str, dict[str, Any]]]:
    """The demo at an instant, and its people by id."""
    made = demo.draw(demo.read(), request.param)
    people = dict(zip(made.people["external_id"], map(json.loads, made.people["document"]), strict=True))
    return request.param, made, people


@pytest.fixture
def services(tmp_path: Path) -> bootstrap.Services:
    url = f"sqlite:///{tmp_path / 'segcore.db'}"
    return bootstrap.start(Settings(database_url=url, data=tmp_path), now=NOW)


def test_it_has_the_promised_size(drawn: Any) -> None:
    _, made, people = drawn
    assert (made.people.height, made.companies.height, made.events.height) == (5_000, 300, 60_000)
    names = ["Contribution", "Invited", "Purchase", "Signed up", "email_clicked", "email_opened"]
    assert sorted(made.events["name"].unique()) == names
    assert made.companies["external_id"].n_unique() == 300
    assert len({person["email"] for person in people.values() if "email" in person}) > 4_900


def test_nobody_acts_before_signing_up_or_after_being_seen(drawn: Any) -> None:
    now, made, people = drawn
    for person, at in made.events.select("person", "at").iter_rows():
        assert people[person]["signed_up_at"] <= at <= people[person]["last_seen_at"] <= micro(now)
    year = micro(now) - 365 * DAY
    assert made.events["at"].min() >= year
    assert all(p["signed_up_at"] <= p["last_seen_at"] for p in people.values() if "last_seen_at" in p)


def test_what_is_told_of_people_agrees_with_what_they_did(drawn: Any) -> None:
    _, made, people = drawn
    spent: Counter[str] = Counter()
    for person, properties in (
        made.events.filter(pl.col("name") == "Purchase").select("person", "properties").iter_rows()
    ):
        spent[person] += round(json.loads(properties)["amount"] * 100)
    for id, person in people.items():
        if "total_spent" in person:
            assert round(person["total_spent"] * 100) == spent[id]
    signed_up = set(made.events.filter(pl.col("name") == "Signed up")["person"])
    assert all("signed_up_at" in people[person] for person in signed_up)


def test_it_looks_like_a_company(drawn: Any) -> None:
    now, made, people = drawn
    countries = Counter(person.get("country") for person in people.values())
    assert 0.25 < countries["United States"] / 5_000 < 0.38
    assert 0.05 < countries["Ireland"] / 5_000 < 0.12
    assert 0.02 < countries[None] / 5_000 < 0.06
    week, day = micro(now) - 7 * DAY, micro(now) - DAY
    fresh = [person for person in people.values() if person.get("signed_up_at", 0) > week]
    assert 2 <= sum(person.get("country") == "Ireland" for person in fresh) <= 25
    assert 1 <= sum(person["signed_up_at"] > day for person in fresh) <= 40
    trial = [p["signed_up_at"] for p in people.values() if p.get("plan") == "Free trial"]
    assert sum(at > micro(now) - 21 * DAY for at in trial) > len(trial) / 2
    active = sum(person.get("last_seen_at", 0) > micro(now) - 30 * DAY for person in people.values())
    assert 0.45 < active / 5_000 < 0.75
    weekdays = Counter((at // DAY + 3) % 7 for at in made.events.filter(pl.col("name") == "Signed up")["at"])
    assert max(weekdays[5], weekdays[6]) < min(weekdays[day] for day in range(5))
    assert all(p["email"].endswith(".example") for p in people.values() if "email" in p)


def test_members_of_a_company_are_on_its_plan_and_write_from_its_domain(drawn: Any) -> None:
    _, made, people = drawn
    companies = dict(zip(made.companies["external_id"], map(json.loads, made.companies["document"]), strict=True))
    for person, company in made.belonging.filter(pl.col("rank") == 0).select("person", "company").iter_rows():
        assert people[person]["plan"] == companies[company]["plan"]
        assert people[person]["signed_up_at"] >= companies[company]["created_at"]
        if "email" in people[person] and "website" in companies[company]:
            assert people[person]["email"].endswith("@" + companies[company]["website"])


def test_every_value_is_of_a_declared_attribute(drawn: Any) -> None:
    _, made, people = drawn
    standard = {"name", "email", "signed_up_at", "last_seen_at", "created_at"}
    assert {key for person in people.values() for key in person} <= set(KINDS[Entity.PERSON]) | standard
    assert {k for d in made.companies["document"] for k in json.loads(d)} <= set(KINDS[Entity.COMPANY]) | standard
    assert {key for told in made.events["properties"].unique() for key in json.loads(told)} == set(PROPERTIES)


def test_the_same_instant_gives_the_same_people() -> None:
    first, second = demo.draw(demo.read(), NOW), demo.draw(demo.read(), NOW)
    assert first.people.equals(second.people)
    assert first.events.equals(second.events)


def test_every_segment_has_members(services: bootstrap.Services) -> None:
    amounts = services.demo.fill(LOCAL_OWNER, now=NOW)
    assert (amounts.people, amounts.companies, amounts.events, amounts.segments) == (5_000, 300, 60_000, 11)
    assert services.demo.present()
    rows = services.segments.overview(LOCAL_OWNER, now=NOW).segments
    assert len(rows) == 14
    assert all(row.problem is None for row in rows)
    assert all(row.count for row in rows), {row.segment.key: row.count for row in rows}
    counts = {row.segment.key: row.count for row in rows}
    wheel = ("evaluators", "beginners", "regulars", "champions", "advocates")
    assert sum(counts[key] or 0 for key in wheel) == counts["active"]  # everybody in it once
    kinds = {event.name: event.count for event in services.attributes.events(LOCAL_OWNER, now=NOW)}
    assert sum(kinds.values()) == 60_000


def test_only_an_empty_workspace_is_filled(services: bootstrap.Services) -> None:
    services.demo.fill(LOCAL_OWNER, now=NOW)
    with pytest.raises(SegcoreError, match="empty"):
        services.demo.fill(LOCAL_OWNER, now=NOW)


def test_it_goes_out_whole_and_leaves_what_is_not_its_own(services: bootstrap.Services, tmp_path: Path) -> None:
    services.demo.fill(LOCAL_OWNER, now=NOW)
    file = tmp_path / "people.csv"
    file.write_text("id,plan,shoe_size\nmine,Gold,41\n", encoding="utf-8")
    services.imports.run(LOCAL_OWNER, services.imports.plan(LOCAL_OWNER, "person", file, id="id"), now=NOW)
    mine = {"all": [{"segment": "champions", "operator": "not_in"}, {"attribute": "badges", "operator": "is_known"}]}
    services.segments.save(LOCAL_OWNER, name="Mine", document=mine, now=NOW)
    amounts = services.demo.remove(LOCAL_OWNER, now=NOW)
    assert (amounts.people, amounts.events) == (5_000, 60_000)
    assert set(amounts.kept) == {"Champions", "Evaluators"}  # Mine needs the one, which needs the other
    assert not services.demo.present()
    assert services.filters.count(LOCAL_OWNER, {"all": []}, now=NOW).total == 1
    schema = services.filters.schema(LOCAL_OWNER)
    # Somebody has a plan; the kept segments ask for photos and badges; nobody has a country any more.
    assert {"plan", "shoe_size", "badges", "uploaded_photos"} <= set(schema.people)
    assert not {"country", "birthday"} & set(schema.people)
    assert not schema.events
    assert all(row.problem is None for row in services.segments.overview(LOCAL_OWNER, now=NOW).segments)
    with pytest.raises(SegcoreError, match="no demo"):
        services.demo.remove(LOCAL_OWNER, now=NOW)


def test_an_empty_workspace_is_as_new_after_it(services: bootstrap.Services) -> None:
    services.demo.fill(LOCAL_OWNER, now=NOW)
    services.demo.remove(LOCAL_OWNER, now=NOW)
    schema = services.filters.schema(LOCAL_OWNER)
    assert set(schema.people) == {"external_id", "name", "email", "signed_up_at", "last_seen_at"}
    assert set(schema.companies) == {"external_id", "name", "created_at"}
    assert not schema.properties
    assert [folder.name for folder in services.folders.all(LOCAL_OWNER)] == ["Predefined"]
    services.demo.fill(LOCAL_OWNER, now=NOW)
    assert all(row.count for row in services.segments.overview(LOCAL_OWNER, now=NOW).segments)


def test_an_editor_may_not_bring_it_in_or_out(services: bootstrap.Services) -> None:
    editor = Agent(id=7, name="Omar", role="editor")
    for act in (services.demo.fill, services.demo.remove):
        with pytest.raises(SegcoreError, match="role"):
            act(editor, now=NOW)


def test_both_databases_hold_it(database: Database) -> None:
    Demo(database).fill(LOCAL_OWNER, now=NOW)
    with database.read() as connection:
        assert [store.records.count(connection, entity) for entity in Entity] == [5_000, 300]
    Demo(database).remove(LOCAL_OWNER, now=NOW)
    with database.read() as connection:
        assert [store.records.count(connection, entity) for entity in Entity] == [0, 0]
        assert store.events.summary(connection, NOW) == []


def test_it_knows_its_own_from_whoever_has_an_id_that_begins_alike(
    services: bootstrap.Services, tmp_path: Path
) -> None:
    file = tmp_path / "people.csv"
    file.write_text("id,plan\ndemo-day-visitor,Gold\n", encoding="utf-8")
    services.demo.fill(LOCAL_OWNER, now=NOW)
    services.imports.run(LOCAL_OWNER, services.imports.plan(LOCAL_OWNER, "person", file, id="id"), now=NOW)
    assert services.demo.remove(LOCAL_OWNER, now=NOW).people == 5_000
    assert services.filters.members(LOCAL_OWNER, {"all": []}, now=NOW)["external_id"].to_list() == ["demo-day-visitor"]
    assert not services.demo.present()


def test_a_segment_of_ones_own_outlives_it_whatever_it_asks_about(services: bootstrap.Services) -> None:
    services.demo.fill(LOCAL_OWNER, now=NOW)
    large = {"attribute": "employees", "operator": "gt", "value": 100}
    bought = {"attribute": "category", "operator": "is", "value": "Prints"}
    spent = {"event": "Purchase", "measure": "sum", "of": "amount", "where": bought, "operator": "gt", "value": 10}
    mine = {"all": [{"company": "any", "rule": large}, spent]}
    services.segments.save(LOCAL_OWNER, name="Mine", document=mine, now=NOW)
    services.demo.remove(LOCAL_OWNER, now=NOW)
    assert services.segments.counted(LOCAL_OWNER, "mine", now=NOW).problem is None
    schema = services.filters.schema(LOCAL_OWNER)
    assert set(schema.events) == {"Purchase"}
    assert set(schema.properties) == {"amount", "category"}
    assert "employees" in schema.companies
    assert "industry" not in schema.companies
