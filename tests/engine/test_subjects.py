"""People and companies out of the columns, as the row interpreter takes them."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from segcore.attributes import ID, Attribute, Entity, Kind, Schema
from segcore.engine.columns import Coded, Columns, Plain
from segcore.engine.events import Events, Log
from segcore.engine.state import BELONGING, Snapshot
from segcore.engine.subjects import Subjects
from segcore.rules.calendar import microseconds
from segcore.rules.interpret import Happened
from tests.engine.world import NOW

AMOUNT = Attribute(key="amount", kind=Kind.NUMBER)
PLAN = Attribute(key="plan", kind=Kind.TEXT)
HOURS = (5, 3, 3, -1)  # before now; two at the same instant, and one to come


def log(done: list[tuple[int, int, int | None]]) -> Log:
    people, hours, amounts = zip(*done, strict=True)
    at = [microseconds(NOW - timedelta(hours=each)) for each in hours]
    return Log.of(np.array(people, np.int32), np.array(at), {"amount": pl.Series(amounts, dtype=pl.Int64)})


@pytest.fixture
def snapshot() -> Snapshot:
    people = Columns.of(
        {ID.key: ID, "plan": PLAN}, pl.DataFrame({ID.key: list("abcd"), "plan": ["Pro", None, "Pro", "x"]})
    )
    companies = Columns.of({ID.key: ID}, pl.DataFrame({ID.key: ["one", "two", "none"]}))
    pairs = [(0, 1, 0), (0, 0, 1), (2, 0, 0), (3, 0, 0)]  # person, company, rank
    belonging = pl.DataFrame(
        {
            "person_id": [int(people.ids[person]) for person, _, _ in pairs],
            "company_id": [int(companies.ids[company]) for _, company, _ in pairs],
            "rank": [rank for _, _, rank in pairs],
        }
    )
    events = {
        "buy": log([(0, hours, number) for number, hours in enumerate(HOURS)] + [(3, 1, None)]),
        "see": log([(0, 3, 9), (2, 8, 8)]),
    }
    schema = Schema(
        people={ID.key: ID, "plan": PLAN},
        companies={ID.key: ID},
        events=dict.fromkeys(events, ""),
        properties={"amount": AMOUNT},
    )
    belonging = belonging.select(name for name in BELONGING if name in belonging.columns)
    return Snapshot(1, schema, people, companies, belonging, Events(events))


def done(name: str, hours: int, **properties: int) -> Happened:
    return Happened(name, NOW - timedelta(hours=hours), properties)


def test_people_have_what_the_columns_say(snapshot: Snapshot) -> None:
    subjects = Subjects(snapshot)
    ann, bob, cay, dan = subjects.several(Entity.PERSON, [0, 1, 2, 3])
    assert [dict(each.values) for each in (ann, bob)] == [{ID.key: "a", "plan": "Pro"}, {ID.key: "b", "plan": None}]
    assert ann.values.get("nothing") is None
    assert [each.external_id for each in (ann, bob, cay, dan)] == list("abcd")
    # The oldest first; of one instant, name by name and as they came in.
    assert list(ann.events) == [
        done("buy", 5, amount=0),
        done("buy", 3, amount=1),
        done("buy", 3, amount=2),
        done("see", 3, amount=9),
        done("buy", -1, amount=3),
    ]
    assert list(bob.events) == []
    assert list(cay.events) == [done("see", 8, amount=8)]
    assert list(dan.events) == [done("buy", 1)]


def test_companies_and_people_lead_to_each_other_and_are_the_same_each_time(snapshot: Snapshot) -> None:
    subjects = Subjects(snapshot)
    ann, bob = subjects.several(Entity.PERSON, [0, 1])
    assert [each.external_id for each in ann.companies] == ["two", "one"]
    assert (ann.primary, bob.primary, list(bob.companies)) == (0, None, [])
    one, none = subjects.of(Entity.COMPANY, 0), subjects.of(Entity.COMPANY, 2)
    assert ann.companies[1] is one
    assert [each.external_id for each in one.people] == ["a", "c", "d"]
    assert one.people[0] is ann
    assert list(none.people) == []


def test_who_is_asked_for_together_is_read_together_and_only_what_is_asked_for(
    snapshot: Snapshot, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[int] = []
    for kind in (Plain, Coded):
        original = kind.series

        def counted(self: Plain | Coded, rows: object, original: object = original) -> pl.Series:
            read.append(0 if rows is None else len(rows))  # type: ignore[arg-type]
            return original(self, rows)  # type: ignore[operator]

        monkeypatch.setattr(kind, "series", counted)
    people = Subjects(snapshot).of(Entity.COMPANY, 0).people
    read.clear()
    assert [each.values["plan"] for each in people] == ["Pro", "Pro", "x"]
    assert read == [3, 3], "the names and the plans of three, no event"
