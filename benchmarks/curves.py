"""How the count changes with one threshold, over a million people with ten million events and a hundred thousand companies.

    python -m benchmarks.curves [people] [events] [repetitions]

Each line: the milliseconds of a whole curve, median and slowest, those of all processors, and at how many thresholds it counted. Nothing
is kept from one repetition to the next but what the page itself has just counted: the filter as it stands.
"""

import statistics
import sys
import time
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import polars as pl

from benchmarks import events, preview
from segcore.attributes import ID, Attribute, Entity, Kind
from segcore.engine.columns import Columns
from segcore.engine.evaluation import Engine
from segcore.engine.state import Snapshot
from segcore.model import LOCAL_OWNER, Workspace
from segcore.services.curves import Curves
from segcore.services.present import Presence, Present

COMPANIES = 100_000
PLAN = {"attribute": "plan", "operator": "is_any_of", "value": ["Pro", "Business"]}
TITLE = {"attribute": "email", "operator": "contains", "value": "gmail"}
PURCHASE: dict[str, Any] = {"event": "purchase", "operator": "gte", "value": 2, "within": {"last": {"days": 90}}}
WHERE = {"all": [{"attribute": "amount", "operator": "gte", "value": 25}]}
# The rule, the path of the condition, and the part of it.
ASKED: dict[str, tuple[dict[str, Any], str, str]] = {
    "a whole number": ({"all": [PLAN, {"attribute": "photos", "operator": "gt", "value": 80}]}, "all[1]", "value"),
    "a fraction, beside a text that is searched": (
        {"all": [TITLE, {"attribute": "total_spent", "operator": "lt", "value": 80.5}]}, "all[1]", "value"),
    "the lower end of a range": (
        {"all": [PLAN, {"attribute": "score", "operator": "between", "value": [100, 500]}]}, "all[1]", "low"),
    "days ago": (
        {"all": [PLAN, {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 14}}]}, "all[1]", "value"),
    "a calendar date": (
        {"all": [{"any": [PLAN, {"attribute": "birthday", "operator": "before", "value": "1990-01-01"}]}]}, "all[0].any[1]", "value"),
    "times in the last 90 days": ({"all": [PLAN, PURCHASE]}, "all[1]", "value"),
    "the 90 days of it": ({"all": [PLAN, PURCHASE]}, "all[1]", "window"),
    "times, ever": ({"all": [PLAN, {"event": "page_viewed", "operator": "gte", "value": 2}]}, "all[1]", "value"),
    "in total": (
        {"all": [PLAN, {**PURCHASE, "measure": "sum", "of": "amount", "value": 100}]}, "all[1]", "value"),
    "on average": (
        {"all": [PLAN, {**PURCHASE, "measure": "mean", "of": "amount", "value": 100}]}, "all[1]", "value"),
    "last time": (
        {"all": [{"event": "purchase", "measure": "last", "operator": "more_than_ago", "value": {"days": 30}}]}, "all[0]", "value"),
    "a property of the event": ({"all": [PLAN, {**PURCHASE, "where": WHERE}]}, "all[1].where.all[0]", "value"),
    "of their company": (
        {"all": [{"company": "any", "rule": {"all": [{"attribute": "employees", "operator": "gt", "value": 50}]}}]},
        "all[0].rule.all[0]", "value"),
}  # fmt: skip


def main(people: int, many: int, repetitions: int) -> None:
    """Make them, ask, print."""
    schema = {**preview.attributes()}
    frame = preview.made_up(people)
    did = events.snapshot(events.events(many, people), people)
    rng = np.random.default_rng(7)
    employees = Attribute(key="employees", kind=Kind.NUMBER)
    firms = pl.DataFrame(
        {
            ID.key: [f"f{number}" for number in range(COMPANIES)],
            "employees": (rng.random(COMPANIES) ** 3 * 5_000).astype(np.int64),
        }
    )
    belonging = pl.DataFrame(
        {
            "person_id": np.arange(people),
            "company_id": rng.integers(0, COMPANIES, people),
            "rank": np.zeros(people, int),
        }
    )
    columns, of_firms = Columns.of(schema, frame), Columns.of({ID.key: ID, "employees": employees}, firms)
    whole = Snapshot(
        1,
        replace(did.schema, people=schema, companies={ID.key: ID, "employees": employees}),
        replace(columns, ids=np.arange(people)),
        replace(of_firms, ids=np.arange(COMPANIES)),
        belonging,
        did.events,
    )
    engine = Engine()
    present = Present(1, whole, {}, Workspace(time_zone="Europe/Dublin"), engine)
    presence = cast(Presence, SimpleNamespace(current=lambda: present, visible=lambda agent: {}))
    curves = Curves(presence)
    print(f"{people:,} people, {many:,} events")
    for name, (document, path, part) in ASKED.items():
        took, busy, steps = [], [], 0
        for number in range(repetitions):
            engine.cache.clear()
            now = preview.NOW + timedelta(minutes=number)
            present.at(now).waterfall(Entity.PERSON, present.read(document, Entity.PERSON, {}))
            began, worked = time.perf_counter(), time.process_time()
            curve = curves.curve(LOCAL_OWNER, document, path, part=part, now=now)
            took.append((time.perf_counter() - began) * 1000)
            busy.append((time.process_time() - worked) * 1000)
            steps = len(curve.steps)
        print(
            f"{name:45} {statistics.median(took):6.0f} {max(took):6.0f} ms"
            f"  CPU {statistics.median(busy):5.0f} ms  {steps} thresholds"
        )


if __name__ == "__main__":
    given = [int(each.replace("_", "")) for each in sys.argv[1:]]
    main(*(given + [1_000_000, 10_000_000, 5][len(given) :]))
