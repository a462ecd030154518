"""A hundred event conditions over ten million events of a million people, beside DuckDB, in one run.

    python -m benchmarks.events [people] [events] [repetitions]

The same made-up events (seeded) for both, and the same counts are required. DuckDB has
instants as whole numbers and words as enumerations, and is asked in three ways: condition by
condition over one table as events arrive, the same over a table a name in the order of people, and there all conditions
of a name as filtered aggregates in one pass. Ours is timed cold (the snapshot is resident,
nothing was answered or derived), warm (a minute later: what was derived is there, every window has moved), again (the
same instant) and a day later. CPU seconds of all threads, medians, the two engines in turn.
"""

import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import numpy as np
import polars as pl

from segcore.attributes import ID, Attribute, Entity, Kind, Schema
from segcore.engine.columns import Columns
from segcore.engine.evaluation import Engine
from segcore.engine.events import Events, Log
from segcore.engine.state import Snapshot
from segcore.rules.moment import Moment
from segcore.rules.tree import Ago, AllOf, Condition, Last, Performed

NOW = datetime(2026, 11, 22, 4, 12, tzinfo=UTC)
NAMES = ("page_viewed", "app_opened", "email_opened", "purchase", "email_clicked", "invited", "searched", "shared", "refunded", "upgraded")  # fmt: skip
CATEGORIES = ("books", "music", "games", "garden", "kitchen", "shoes", "travel", "tools")
YEARS = 2
DAY = 86_400_000_000
PROPERTIES = (Attribute(key="amount", kind=Kind.NUMBER, fractions=True), Attribute(key="category", kind=Kind.TEXT))


def micros(at: datetime) -> int:
    """Microseconds since 1970."""
    return round(at.timestamp()) * 10**6


@dataclass(frozen=True)
class Asked:
    """A condition as our node and as SQL: which events, what is made of them, when it holds, and whether it holds for nothing."""

    node: Performed
    days: int | None  # the window
    where: str
    figure: str
    holds: str
    nothing: bool

    def window(self, now: datetime) -> str:
        """The events that count, in SQL."""
        since = f" AND stamp >= {micros(now) - self.days * DAY}" if self.days else ""
        return f"stamp <= {micros(now)}{since} AND {self.where}"

    def holding(self, now: datetime) -> str:
        """The test of the figure, in SQL."""
        for days in (30, 90, 7):
            self_ago = f"{{now-{days}}}"
            if self_ago in self.holds:
                return self.holds.replace(self_ago, str(micros(now) - days * DAY))
        return self.holds


def events(many: int, people: int, seed: int = 20261122) -> dict[str, pl.DataFrame]:
    """By name: person, at, amount and category in the order of arrival. Few people do most, and names differ in size."""
    rng = np.random.default_rng(seed)
    weights = 1 / np.arange(1, len(NAMES) + 1) ** 0.7
    keen = rng.permutation(people)
    made = {}
    for name, share in zip(NAMES, weights / weights.sum(), strict=True):
        size = int(many * share)
        person = keen[(rng.random(size) ** 1.8 * people).astype(np.int64)]
        at = micros(NOW) - (rng.random(size) ** 1.3 * YEARS * 365 * DAY).astype(np.int64)
        amount = np.where(rng.random(size) < 0.1, np.nan, np.round(rng.exponential(60, size), 2))
        frame = pl.DataFrame(
            {
                "person": person.astype(np.int32),
                "at": at,
                "amount": pl.Series(amount).fill_nan(None),
                "category": pl.Series(CATEGORIES).gather(pl.Series(rng.integers(0, len(CATEGORIES), size))),
            }
        )
        made[name] = frame.sort("at", maintain_order=True)
    return made


def questions(seed: int = 3) -> list[Asked]:
    """A hundred of them, as people ask: most are "so often lately", some "not lately", "so long ago", "so much", and a few of some kind of event only."""
    rng = random.Random(seed)
    found = []

    def ago(days: int) -> Last:
        return Last(Ago(days, "days"))

    def last_days() -> int:
        return rng.choice((7, 14, 30, 60, 90, 180, 365))

    for _ in range(44):
        name, days, n = rng.choice(NAMES), last_days(), rng.choice((1, 1, 2, 3, 5, 10))
        found.append(Asked(Performed(name, "gte", n, within=ago(days)), days, "TRUE", "count(*)", f">= {n}", False))
    for _ in range(14):
        name, days = rng.choice(NAMES), last_days()
        found.append(Asked(Performed(name, "eq", 0, within=ago(days)), days, "TRUE", "count(*)", "= 0", True))
    for _ in range(8):
        name, days, low = rng.choice(NAMES), last_days(), rng.choice((1, 2, 3))
        node = Performed(name, "between", (low, low + 2), within=ago(days))
        found.append(Asked(node, days, "TRUE", "count(*)", f"BETWEEN {low} AND {low + 2}", False))
    for how, function in (("last", "max"), ("first", "min")):
        for _ in range(7):
            name, days = rng.choice(NAMES), rng.choice((30, 90, 7))
            node = Performed(name, "more_than_ago", Ago(days, "days"), measure=how)
            found.append(Asked(node, None, "TRUE", f"{function}(stamp)", f"< {{now-{days}}}", False))
    for _ in range(14):
        name, days, limit = rng.choice(NAMES), last_days(), rng.choice((50.005, 100.005, 250.005, 500.005))
        node = Performed(name, "gt", limit, measure="sum", of="amount", within=ago(days))
        found.append(Asked(node, days, "TRUE", "coalesce(sum(amount), 0)", f"> {limit}", False))
    for _ in range(6):
        name, days, word, n = rng.choice(NAMES), last_days(), rng.choice(CATEGORIES), rng.choice((1, 2, 3))
        node = Performed(name, "gte", n, where=Condition("category", "is", word), within=ago(days))
        found.append(Asked(node, days, f"category = '{word}'", "count(*)", f">= {n}", False))
    assert len(found) == 100
    return found


class DuckDB:
    """A table a name."""

    def __init__(self, made: dict[str, pl.DataFrame], total: int) -> None:
        self.total = total
        self.connection = duckdb.connect()
        self.connection.execute(f"CREATE TYPE category AS ENUM ({', '.join(repr(word) for word in CATEGORIES)})")
        for name, frame in made.items():
            self.connection.register("given", frame.rename({"at": "stamp"}).to_arrow())
            replaced = "SELECT * REPLACE (category::category AS category) FROM given ORDER BY person, stamp DESC"
            self.connection.execute(f"CREATE TABLE {name} AS {replaced}")
            self.connection.execute(
                f"CREATE TABLE IF NOT EXISTS arrived AS SELECT '{name}' AS name, * FROM given LIMIT 0;"
                f"INSERT INTO arrived SELECT '{name}', * FROM given"
            )
            self.connection.unregister("given")
        names = ", ".join(repr(name) for name in made)
        self.connection.execute(f"CREATE TYPE name AS ENUM ({names})")
        self.connection.execute(
            "CREATE TABLE events AS SELECT * REPLACE (name::name AS name, category::category AS category)"
            " FROM arrived ORDER BY stamp; DROP TABLE arrived"
        )
        self.ways: dict[str, Callable[[list[Asked], datetime], list[int]]] = {
            "one table as events arrive, one by one": self.as_they_arrive,
            "a table a name, one by one": self.one_by_one,
            "all of a name in one pass": self.by_name,
        }

    def as_they_arrive(self, asked: list[Asked], now: datetime) -> list[int]:
        """A query a condition, over all events in the order of time."""
        return [
            self._counts(
                f"SELECT count(*) FILTER (figure {one.holding(now)}), count(*) FROM (SELECT {one.figure} AS figure"
                f" FROM events WHERE name = '{one.node.event}' AND {one.window(now)} GROUP BY person)",
                [one],
            )[0]
            for one in asked
        ]

    def one_by_one(self, asked: list[Asked], now: datetime) -> list[int]:
        """A query a condition."""
        return [
            self._counts(
                f"SELECT count(*) FILTER (figure {one.holding(now)}), count(*) FROM"
                f" (SELECT {one.figure} AS figure FROM {one.node.event} WHERE {one.window(now)} GROUP BY person)",
                [one],
            )[0]
            for one in asked
        ]

    def by_name(self, asked: list[Asked], now: datetime) -> list[int]:
        """A query a name."""
        found: dict[int, int] = {}
        for name in NAMES:
            here = [(number, one) for number, one in enumerate(asked) if one.node.event == name]
            figures = ", ".join(f"{_filtered(one, now)} AS f{number}" for number, one in here)
            counts = ", ".join(f"count(*) FILTER (f{number} {one.holding(now)})" for number, one in here)
            if here:
                sql = f"SELECT {counts}, count(*) FROM (SELECT {figures} FROM {name} GROUP BY person)"
                numbers = self._counts(sql, [one for _, one in here])
                found |= {number: count for (number, _), count in zip(here, numbers, strict=True)}
        return [found[number] for number in range(len(asked))]

    def _counts(self, sql: str, asked: list[Asked]) -> list[int]:
        """The counts; who is in no group has done nothing, which is what some ask for."""
        row = self.connection.execute(sql).fetchone()
        assert row is not None
        return [
            int(count) + (self.total - int(row[-1]) if one.nothing else 0)
            for count, one in zip(row[:-1], asked, strict=True)
        ]


def _filtered(one: Asked, now: datetime) -> str:
    """A figure of the events of one condition only, while others look at the same rows."""
    condition = one.window(now)
    if one.figure.startswith("coalesce"):
        return f"coalesce(sum(amount) FILTER ({condition}), 0)"
    return f"{one.figure} FILTER ({condition})"


def snapshot(made: dict[str, pl.DataFrame], people: int) -> Snapshot:
    """The events in columns."""
    logs = {
        name: Log.of(
            frame["person"].to_numpy(), frame["at"].to_numpy(), {key: frame[key] for key in ("amount", "category")}
        )
        for name, frame in made.items()
    }
    ids = pl.select(pl.format("u{}", pl.int_range(people)).alias(ID.key))
    schema = Schema(
        people={ID.key: ID}, events=dict.fromkeys(NAMES, ""), properties={each.key: each for each in PROPERTIES}
    )
    return Snapshot(1, schema, Columns.of({ID.key: ID}, ids), Columns.empty({}), events=Events(logs))


def forgotten(before: Snapshot) -> Snapshot:
    """The same columns without anything that was derived of them; what lies where is made when a snapshot is loaded."""
    logs = {name: Log(log.people, log.at, by_key=log.by_key).ready() for name, log in before.events.by_name.items()}
    return Snapshot(1, before.schema, before.people, before.companies, before.belonging, Events(logs))


def ours(here: Snapshot, engine: Engine, asked: list[Asked], now: datetime) -> list[int]:
    """How many people each condition holds for."""
    evaluation = engine.at(here, Moment(now), {})
    return [evaluation.bits(Entity.PERSON, AllOf((one.node,))).count() for one in asked]


def memory() -> str:
    """Resident memory of the process."""
    file = Path("/proc/self/status")
    lines = file.read_text().splitlines() if file.exists() else []
    kept = [line.split()[1] for line in lines if line.startswith("VmRSS")]
    return f"{int(kept[0]) // 1024:,} MB" if kept else "?"


def timed(ask: Callable[[], list[int]]) -> tuple[float, float, list[int]]:
    """CPU and wall seconds."""
    wall, cpu = time.perf_counter(), time.process_time()
    answer = ask()
    return time.process_time() - cpu, time.perf_counter() - wall, answer


def main(people: int, many: int, repetitions: int) -> None:
    began = time.perf_counter()
    made = events(many, people)
    before = memory()
    here = snapshot(made, people)
    total = here.events.count
    print(
        f"{total:,} events of {people:,} people, {len(NAMES)} names; columns {here.events.size / 2**20:.0f} MB "
        f"({here.events.size / total:.1f} bytes an event); process {before} → {memory()}"
    )
    asked = questions()
    duck = DuckDB(made, people)
    del made
    print(f"data made and loaded in {time.perf_counter() - began:.0f} s; process {memory()}\n")
    later, tomorrow = NOW + timedelta(minutes=1), NOW + timedelta(days=1)
    times: dict[str, list[tuple[float, float]]] = {}

    def note(label: str, ask: Callable[[], list[int]]) -> list[int]:
        cpu, wall, answer = timed(ask)
        times.setdefault(label, []).append((cpu, wall))
        return answer

    for _ in range(repetitions):
        engine, fresh = Engine(), forgotten(here)
        cold = note("ours, cold", lambda engine=engine, fresh=fresh: ours(fresh, engine, asked, NOW))  # type: ignore[misc]
        warm = note("ours, warm: a minute later", lambda engine=engine, fresh=fresh: ours(fresh, engine, asked, later))  # type: ignore[misc]
        note("ours, again: the same instant", lambda engine=engine, fresh=fresh: ours(fresh, engine, asked, later))  # type: ignore[misc]
        note("ours, a day later", lambda engine=engine, fresh=fresh: ours(fresh, engine, asked, tomorrow))  # type: ignore[misc]
        for way, ask in duck.ways.items():
            theirs = note(f"DuckDB, {way}", lambda ask=ask: ask(asked, NOW))  # type: ignore[misc]
            assert theirs == cold, [(one.node, a, b) for one, a, b in zip(asked, cold, theirs, strict=True) if a != b][
                :3
            ]
        assert duck.by_name(asked, later) == warm
    cpu = {label: statistics.median(one for one, _ in taken) for label, taken in times.items()}
    wall = {label: statistics.median(one for _, one in taken) for label, taken in times.items()}
    ways = [label for label in cpu if label.startswith("DuckDB")]
    print(f"| {len(asked)} conditions, counts equal | CPU | wall | {' | '.join(f'{way} ÷ it' for way in ways)} |")
    print(f"| --- | --- | --- | {' | '.join('---' for _ in ways)} |")
    for label in cpu:
        ratios = " | ".join(f"{cpu[way] / cpu[label]:,.1f}" for way in ways)
        print(f"| {label} | {cpu[label] * 1000:,.0f} ms | {wall[label] * 1000:,.0f} ms | {ratios} |")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"\ncache {engine.cache.size / 2**20:.0f} MB; process {memory()}, peak of the whole run {peak:,} MB; {time.perf_counter() - began:.0f} s in all"
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] + ["1000000", "10000000", "5"][len(sys.argv) - 1 :])))
