"""A thousand segments over a million people, all in one pass, beside DuckDB, in one run.

    python -m benchmarks.segments [people] [segments] [repetitions]

Seeded segments of one to six conditions, about a third of all conditions distinct, over the people of `preview.py`;
equal counts are required. DuckDB gets its best form: one native table with texts folded beforehand and enumerations where
values are few, asked for twenty segments at a time as `count(*) FILTER`. Ours is timed cold (the snapshot is resident, no
condition was answered) and with the answers of all conditions kept. Medians, the two engines in turn.
"""

import gc
import random
import resource
import statistics
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass

import duckdb
import polars as pl

from benchmarks.preview import CHOICES, DATES, INSTANTS, LISTS, NOW, attributes, instant, made_up, memory
from segcore.attributes import Entity, Kind, Schema
from segcore.engine.columns import Columns
from segcore.engine.evaluation import Engine
from segcore.engine.folding import folded
from segcore.engine.state import Snapshot
from segcore.rules.moment import Moment
from segcore.rules.text import fold
from segcore.rules.tree import Ago, AllOf, AnyOf, Condition, NoneOf, Rule, walk

CHUNK = 20
KNOWN = (*CHOICES, *DATES, *INSTANTS, "total_spent", "monthly", "photos", "logins", "age", "score", "name", "email")
NEGATIVE = {"is_not": "is", "not_contains": "contains", "is_none_of": "is_any_of", "not_between": "between", "not_includes": "includes", "is_not_true": "is_true", "ne": "eq"}  # fmt: skip


@dataclass(frozen=True)
class Question:
    """A condition with its meaning in SQL; both are true or false for everybody."""

    condition: Condition
    sql: str


def question(rng: random.Random) -> Question:
    """A condition as people ask: countries, plans, lists, amounts, dates and sometimes a part of a text."""
    kind = rng.choices(("choice", "several", "number", "money", "flag", "ago", "day", "list", "part", "email", "known"), (22, 14, 16, 8, 5, 12, 4, 6, 5, 2, 1))[0]  # fmt: skip
    match kind:
        case "choice":
            key = rng.choice([key for key in CHOICES if key not in ("city", "job_title")])
            value = rng.choice(CHOICES[key][:300])
            return _asked(key, rng.choice(("is", "is", "is_not")), value, f"{key} = '{_text(value)}'")
        case "several":
            key = rng.choice(("country", "plan", "department", "source", "language", "industry"))
            values = tuple(rng.sample(CHOICES[key][:20], rng.randint(2, min(5, len(CHOICES[key])))))
            listed = ", ".join(f"'{_text(value)}'" for value in values)
            return _asked(key, rng.choice(("is_any_of", "is_any_of", "is_none_of")), values, f"{key} IN ({listed})")
        case "number":
            key, top = rng.choice((("photos", 300), ("logins", 2_000), ("age", 90), ("score", 1_000)))
            low = rng.randrange(top)
            if rng.random() < 0.5:
                return _asked(key, "gte", low, f"{key} >= {low}")
            high = low + top // 4
            return _asked(key, rng.choice(("between", "not_between")), (low, high), f"{key} BETWEEN {low} AND {high}")
        case "money":
            limit = rng.choice((50, 100, 250.5, 500, 1000, rng.randrange(1_500)))
            key, word = rng.choice(("total_spent", "monthly")), rng.choice(("gt", "lt"))
            return _asked(key, word, limit, f"{key} {'>' if word == 'gt' else '<'} {limit}")
        case "flag":
            key = rng.choice(("app", "newsletter", "verified"))
            operator = rng.choice(("is_true", "is_not_true", "is_known", "is_false"))
            words = {"is_known": f"{key} IS NOT NULL", "is_false": f"NOT {key}"}
            return _asked(key, operator, None, words.get(operator, key))
        case "ago":
            key, days = rng.choice(INSTANTS), rng.choice((1, 7, 14, 30, 60, 90, 180, 365, rng.randint(1, 700)))
            if rng.random() < 0.5:
                within = f"{key} > {instant(days=days)} AND {key} <= {instant()}"
                return _asked(key, "less_than_ago", Ago(days, "days"), within)
            return _asked(key, "at_least_ago", Ago(days, "days"), f"{key} <= {instant(days=days)}")
        case "day":
            key, day = rng.choice(DATES), f"{rng.randint(1985, 2025)}-0{rng.randint(1, 9)}-01"
            return _asked(key, rng.choice(("before", "on_or_after")), day, f"{key} {{}} DATE '{day}'")
        case "list":
            key, value = rng.choice([(key, value) for key in LISTS for value in LISTS[key]])
            return _asked(
                key, rng.choice(("includes", "not_includes")), value, f"list_contains({key}, '{_text(value)}')"
            )
        case "part":
            campaigns = [("utm_campaign", f"n {n}") for n in range(40)]
            titles = [("job_title", "engineer"), ("job_title", "lead"), ("city", "san"), ("city", "port")]
            key, value = rng.choice([*titles, ("company_name", "77"), *campaigns])
            operator = rng.choice(("contains", "not_contains"))
            return _asked(key, operator, value, f"contains({key}::VARCHAR, '{value}')")
        case "email":
            value = rng.choice(("gmail", "outlook", "acme", *(f"company{n}" for n in range(30))))
            return _asked("email", "contains", value, f"contains(email, '{value}')")
        case _:
            key = rng.choice(KNOWN)
            return Question(Condition(key, "is_known"), f"{key} IS NOT NULL")


def _asked(key: str, operator: str, value: object, sql: str) -> Question:
    sql = sql.replace("{}", {"before": "<", "on_or_after": ">="}.get(operator, ""))
    positive = f"coalesce({sql}, FALSE)"
    return Question(Condition(key, operator, value), f"NOT {positive}" if operator in NEGATIVE else positive)  # type: ignore[arg-type]


def _text(value: str) -> str:
    return fold(value).replace("'", "''")


def segments(many: int, seed: int = 20261122) -> list[tuple[Rule, str]]:
    """Rules and their SQL. Conditions come from a pool, so that about a third of all are distinct."""
    rng = random.Random(seed)
    pool: dict[Question, None] = {}

    def new() -> Question:
        while (made := question(rng)) in pool:
            pass
        pool[made] = None
        known.append(made)
        return made

    known: list[Question] = []

    def one() -> Question:
        if not pool or rng.random() < 0.29:
            return new()
        return known[min(int(rng.paretovariate(0.6)) - 1, len(known) - 1)] if rng.random() < 0.5 else rng.choice(known)

    found = []
    for _ in range(many):
        size = rng.choices((1, 2, 3, 4, 5, 6), (8, 22, 27, 20, 14, 9))[0]
        asked = [one() for _ in range(size)]
        conditions, sql = tuple(each.condition for each in asked), [each.sql for each in asked]
        shape = rng.random() if size > 1 else 0
        if shape < 0.6:
            found.append((AllOf(conditions), " AND ".join(f"({each})" for each in sql)))
        elif shape < 0.85:
            rest = " OR ".join(f"({each})" for each in sql[1:])
            found.append((AllOf((conditions[0], AnyOf(conditions[1:]))), f"({sql[0]}) AND ({rest})"))
        else:
            rest = " OR ".join(f"({each})" for each in sql[1:])
            found.append((AllOf((conditions[0], NoneOf(conditions[1:]))), f"({sql[0]}) AND NOT ({rest})"))
    return found


class DuckDB:
    """One native table; each row of an answer counts twenty segments."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.connection = duckdb.connect()
        given = frame.with_columns(pl.col(key).to_physical() for key in INSTANTS)
        self.connection.register("given", given.to_arrow())
        few = [key for key in CHOICES if frame[key].n_unique() <= 5_000]
        for key in few:
            self.connection.execute(
                f"CREATE TYPE enum_{key} AS ENUM (SELECT DISTINCT {key} FROM given WHERE {key} IS NOT NULL)"
            )
        replaced = ", ".join(f"{key}::enum_{key} AS {key}" for key in few)
        self.connection.execute(f"CREATE TABLE people AS SELECT * REPLACE ({replaced}) FROM given")
        self.connection.unregister("given")

    def ask(self, wheres: list[str]) -> list[int]:
        """How many people each is true for."""
        found: list[int] = []
        for at in range(0, len(wheres), CHUNK):
            counts = ", ".join(f"count(*) FILTER (WHERE {where})" for where in wheres[at : at + CHUNK])
            row = self.connection.execute(f"SELECT {counts} FROM people").fetchone()
            assert row is not None
            found.extend(row)
        return found


def ours(snapshot: Snapshot, engine: Engine, rules: list[Rule]) -> list[int]:
    """How many people each holds for; all conditions are answered in one pass."""
    evaluation = engine.at(snapshot, Moment(NOW), {})
    evaluation.prepare((Entity.PERSON, rule) for rule in rules)
    return [evaluation.bits(Entity.PERSON, rule).count() for rule in rules]


def main(many: int, how_many: int, repetitions: int) -> None:
    began = time.perf_counter()
    schema, frame = attributes(), made_up(many)
    snapshot = Snapshot(1, Schema(people=schema), Columns.of(schema, frame), Columns.empty({}))
    asked = segments(how_many)
    rules = [rule for rule, _ in asked]
    conditions = [node for rule in rules for _, node in walk(rule) if isinstance(node, Condition)]
    print(
        f"{many:,} people × {len(schema) - 1} attributes, columns {snapshot.size / 2**20:.0f} MB; {how_many:,} segments with "
        f"{len(conditions):,} conditions, {len(set(conditions)):,} of them distinct"
    )
    folds = {
        key: folded(frame[key])
        for key, a in schema.items()
        if a.kind in (Kind.TEXT, Kind.LIST) and key != "external_id"
    }
    frame = frame.with_columns(series.alias(key) for key, series in folds.items() if series is not None)
    duck = DuckDB(frame)
    del frame, folds
    gc.collect()
    print(f"data made and loaded in {time.perf_counter() - began:.0f} s; process {memory()}\n")
    times: dict[str, list[tuple[float, float]]] = {}

    def note(label: str, ask: Callable[[], list[int]]) -> list[int]:
        wall, cpu = time.perf_counter(), time.process_time()
        answer = ask()
        times.setdefault(label, []).append((time.perf_counter() - wall, time.process_time() - cpu))
        return answer

    for _ in range(repetitions):
        engine = Engine()
        cold = note("ours, cold", lambda engine=engine: ours(snapshot, engine, rules))  # type: ignore[misc]
        kept = note("ours, conditions kept", lambda engine=engine: ours(snapshot, engine, rules))  # type: ignore[misc]
        theirs = note("DuckDB, 20 segments a query", lambda: duck.ask([where for _, where in asked]))
        differing = [(asked[n], cold[n], theirs[n]) for n in range(how_many) if not cold[n] == kept[n] == theirs[n]]
        assert not differing, differing[:3]
    wall = {label: statistics.median(one for one, _ in taken) for label, taken in times.items()}
    cpu = {label: statistics.median(one for _, one in taken) for label, taken in times.items()}
    best = "DuckDB, 20 segments a query"
    print("| all counts equal | wall | CPU | DuckDB ÷ it (wall) | (CPU) |\n| --- | --- | --- | --- | --- |")
    for label in wall:
        print(
            f"| {label} | {wall[label] * 1000:,.0f} ms | {cpu[label] * 1000:,.0f} ms | {wall[best] / wall[label]:,.1f} | {cpu[best] / cpu[label]:,.1f} |"
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(
        f"\ncache {engine.cache.size / 2**20:.0f} MB; process {memory()}, peak of the whole run {peak:,} MB; {time.perf_counter() - began:.0f} s in all"
    )


if __name__ == "__main__":
    main(*(int(argument) for argument in (sys.argv[1:] + ["1000000", "1000", "5"][len(sys.argv) - 1 :])))
