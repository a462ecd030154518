"""One edited filter over a million people: count and first page, beside DuckDB and SQLite, in one run.

    python -m benchmarks.preview [people] [repetitions]

The three engines are asked in turn, repetition by repetition, over the same made-up people (seeded), and must give the
same counts and the same first page. Each is given its best form: DuckDB native tables with texts folded beforehand,
as plain texts and as enumerations, asked in three ways of which the quickest counts; SQLite a typed table. Ours is
timed with nothing kept from before (every condition and every order worked out again) and with the other conditions kept,
as while one is being edited.
"""

import gc
import itertools
import json
import random
import resource
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import polars as pl

from segcore.attributes import ID, Attribute, Entity, Kind, Schema
from segcore.engine.columns import Columns
from segcore.engine.evaluation import Engine
from segcore.engine.folding import folded
from segcore.engine.state import Snapshot
from segcore.rules.moment import Moment
from segcore.rules.tree import Ago, AllOf, AnyOf, Condition, NoneOf, Rule

NOW = datetime(2026, 11, 22, 4, 12, tzinfo=UTC)
SHOWN = ["external_id", "name", "email", "country", "plan", "photos", "signed_up_at", "last_seen_at"]
SIZE = 50

COUNTRIES = [
    "United States",
    "Ireland",
    "Germany",
    "France",
    "Spain",
    "Italy",
    "Côte d’Ivoire",
    "Österreich",
    "Japan",
    "Brazil",
]
CHOICES = {
    "country": COUNTRIES + [f"Country {i}" for i in range(180)],
    "plan": ["Free", "Trial", "Pro", "Business", "Enterprise"],
    "job_title": [f"{level} {job}" for level in ("Junior", "Senior", "Lead", "Head of") for job in (*"ABCDEFGHIJKLMNOPQR", "Engineer", "Designer")],
    "department": ["Engineering", "Marketing", "Sales", "Support", "Finance", "Design", "Legal", "People"],
    "city": [f"{prefix} {i}" for prefix in ("San", "Port", "New", "Bad", "Saint") for i in range(900)],
    "source": ["Ads", "Search", "Friend", "Conference", "Partner", "Blog"],
    "language": ["en", "de", "fr", "es", "it", "ja", "pt", "nl", "sv", "pl"],
    "browser": ["Chrome", "Firefox", "Safari", "Edge", "Opera"],
    "industry": [f"Industry {i}" for i in range(60)],
    "utm_campaign": [f"Campaign {i}" for i in range(700)],
}  # fmt: skip
NUMBERS = {"photos": 300, "logins": 2_000, "seats": 50, "age": 90, "projects": 120, "score": 1_000}
FRACTIONS = {"total_spent": 400.0, "monthly": 60.0}
LISTS = {"badges": ["vip", "beta", "early", "helper", "speaker", "author"], "groups": [f"Group {i}" for i in range(12)]}
BOOLEANS = ["app", "newsletter", "verified"]
DATES = ["birthday", "renewal"]
INSTANTS = ["signed_up_at", "last_seen_at"]


def attributes() -> dict[str, Attribute]:
    """Thirty of them, and the id."""
    kinds = {
        **dict.fromkeys(["name", "email", "company_name", *CHOICES], Kind.TEXT),
        **dict.fromkeys([*NUMBERS, *FRACTIONS], Kind.NUMBER),
        **dict.fromkeys(BOOLEANS, Kind.BOOLEAN),
        **dict.fromkeys(DATES, Kind.DATE),
        **dict.fromkeys(INSTANTS, Kind.DATETIME),
        **dict.fromkeys(LISTS, Kind.LIST),
    }
    known = [Attribute(key=key, kind=kind, fractions=key in FRACTIONS) for key, kind in kinds.items()]
    return {a.key: a for a in (ID, *known)}


def made_up(many: int, seed: int = 20261122) -> pl.DataFrame:
    """The people: a fifth of everything is missing, and few values are common while most are rare."""
    rng = np.random.default_rng(seed)

    def chosen(values: list[Any]) -> pl.Series:
        weights = 1 / np.arange(1, len(values) + 1)
        return pl.Series(values).gather(pl.Series(rng.choice(len(values), many, p=weights / weights.sum())))

    number = pl.Series(np.arange(many))
    first = chosen(
        ["Áine", "Maeve", "Liam", "Noor", "Yuki", "José", "Zoë", "Ada", "Grace", "Alan", "Linus", "Margaret"]
    )
    last = chosen([f"Surname{i}" for i in range(40_000)])
    domain = chosen(["gmail.com", "outlook.com", "acme.com", *[f"company{i}.com" for i in range(5_000)]])
    names = pl.DataFrame({"first": first, "last": last, "n": number, "domain": domain})
    columns: dict[str, pl.Series] = {
        "name": names.select(pl.format("{} {}", "first", "last")).to_series(),
        "email": names.select(pl.format("{}.{}@{}", pl.col("last").str.to_lowercase(), "n", "domain")).to_series(),
        "company_name": chosen([f"Company {i}" for i in range(30_000)]),
        **{key: chosen(values) for key, values in CHOICES.items()},
        **{key: pl.Series((rng.random(many) ** 2 * top).astype(np.int64)) for key, top in NUMBERS.items()},
        **{key: pl.Series(rng.exponential(mean, many).round(2)) for key, mean in FRACTIONS.items()},
        **{key: pl.Series(rng.random(many) < 0.4) for key in BOOLEANS},
        **{key: pl.Series(rng.integers(-5_000, 21_000, many).astype(np.int32)).cast(pl.Date) for key in DATES},
    }
    for key in INSTANTS:
        ago = (rng.random(many) ** 2 * 3 * 365 * 86_400 * 10**6).astype(np.int64)
        micros = round(NOW.timestamp() * 10**6) - ago
        columns[key] = pl.Series(micros).cast(pl.Datetime("us", "UTC"))
    for key, values in LISTS.items():
        member = rng.random((many, len(values))) < 0.2
        lists = [[value for bit, value in enumerate(values) if code >> bit & 1] for code in range(2 ** len(values))]
        codes = member @ (1 << np.arange(len(values)))
        columns[key] = pl.Series(lists, dtype=pl.List(pl.String)).gather(pl.Series(codes))
    frame = pl.DataFrame(columns).with_columns(
        pl.when(pl.Series(rng.random(many)) >= 0.2).then(pl.col(key)).alias(key) for key in columns
    )
    return frame.insert_column(0, pl.select(pl.format("u{}", number)).to_series().alias("external_id"))


def instant(**ago: int) -> int:
    """So long before now, in microseconds."""
    return round((NOW - timedelta(**ago)).timestamp() * 10**6)


# Each filter as our rule, and as SQL over the folded columns. `{list}` is replaced by the dialect's own test of an element.
FILTERS: dict[str, tuple[Rule, str]] = {
    "3 conditions: country, plan, signed up": (
        AllOf(
            (
                Condition("country", "is", "ireland"),
                Condition("plan", "is_any_of", ("Pro", "Business")),
                Condition("signed_up_at", "less_than_ago", Ago(365, "days")),
            )
        ),
        f"country = 'ireland' AND plan IN ('pro', 'business') AND signed_up_at > {instant(days=365)} AND signed_up_at <= {instant()}",
    ),
    "5 conditions: e-mail contains, numbers, negations": (
        AllOf(
            (
                Condition("email", "contains", "gmail"),
                Condition("country", "is_not", "United States"),
                Condition("total_spent", "gt", 100),
                Condition("photos", "between", (10, 250)),
                Condition("app", "is_not_true"),
            )
        ),
        "contains(email, 'gmail') AND NOT coalesce(country = 'united states', FALSE) AND total_spent > 100"
        " AND photos BETWEEN 10 AND 250 AND NOT coalesce(app, FALSE)",
    ),
    "5 conditions: any and none, title, list, last seen": (
        AllOf(
            (
                AnyOf((Condition("job_title", "contains", "Engineer"), Condition("badges", "includes", "vip"))),
                Condition("last_seen_at", "at_least_ago", Ago(30, "days")),
                NoneOf((Condition("city", "starts_with", "San "), Condition("company_name", "ends_with", "77"))),
            )
        ),
        "(contains(job_title, 'engineer') OR {list}) AND last_seen_at <= " + str(instant(days=30)) + " AND NOT"
        " (coalesce(starts_with(city, 'san '), FALSE) OR coalesce(ends_with(company_name, '77'), FALSE))",
    ),
}

Answer = tuple[int, list[str]]
Way = tuple[Callable[[], object], Callable[[], Answer]]

COLD, EDITED = "ours, nothing kept", "ours, one condition edited"
_edits = itertools.count()


def ours(snapshot: Snapshot, engine: Engine, rule: Rule, *, waterfall: bool = False) -> Answer:
    """Count, and the first page with the columns that are shown; with the waterfall also what each condition does."""
    evaluation = engine.at(snapshot, Moment(NOW), {})
    if waterfall:
        evaluation.waterfall(Entity.PERSON, rule)
    bits = evaluation.bits(Entity.PERSON, rule)
    rows = evaluation.page(Entity.PERSON, bits, sort="last_seen_at", descending=True, limit=SIZE)
    return bits.count(), evaluation.frame(Entity.PERSON, rows, SHOWN)["external_id"].to_list()


class DuckDB:
    """Two native tables, and three ways to ask."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.connection = duckdb.connect()
        micros = [pl.col(key).to_physical() for key in INSTANTS]
        given = frame.with_columns(micros).with_row_index("id")
        self.connection.register("given", given.to_arrow())
        self.connection.execute("CREATE TABLE texts AS SELECT * FROM given")
        few = [key for key in CHOICES if frame[key].n_unique() <= 5_000]
        for key in few:
            self.connection.execute(
                f"CREATE TYPE enum_{key} AS ENUM (SELECT DISTINCT {key} FROM given WHERE {key} IS NOT NULL)"
            )
        replaced = ", ".join(f"{key}::enum_{key} AS {key}" for key in few)
        self.connection.execute(f"CREATE TABLE enums AS SELECT * REPLACE ({replaced}) FROM given")
        self.connection.unregister("given")
        shown = ", ".join(SHOWN)
        order = f"ORDER BY last_seen_at DESC NULLS LAST, id LIMIT {SIZE}"
        self.ways: dict[str, Callable[[str], Answer]] = {}
        for table in ("texts", "enums"):
            self.ways[f"{table}, two queries"] = lambda where, table=table: (
                self._one(f"SELECT count(*) FROM {table} WHERE {where}"),
                self._ids(f"SELECT {shown} FROM {table} WHERE {where} {order}"),
            )
            self.ways[f"{table}, matches kept, then joined"] = lambda where, table=table: self._both(
                f"WITH m AS MATERIALIZED (SELECT id, last_seen_at FROM {table} WHERE {where}),"
                f" n AS (SELECT count(*) AS n FROM m), first AS (SELECT id FROM m {order})"
                f" SELECT n, {shown} FROM n LEFT JOIN (SELECT * FROM {table} JOIN first USING (id)) ON TRUE {order}"
            )
        self.ways["enums, count over"] = lambda where: self._both(
            f"SELECT count(*) OVER () AS n, {shown} FROM enums WHERE {where} {order}"
        )

    def ask(self, way: str, where: str) -> Answer:
        """Count and first page in one of the ways."""
        return self.ways[way](where.replace("{list}", "coalesce(list_contains(badges, 'vip'), FALSE)"))

    def _one(self, sql: str) -> int:
        found = self.connection.execute(sql).fetchone()
        assert found is not None
        return int(found[0])

    def _ids(self, sql: str) -> list[str]:
        return [row[0] for row in self.connection.execute(sql).fetchall()]

    def _both(self, sql: str) -> Answer:
        rows = self.connection.execute(sql).fetchall()
        return (rows[0][0] if rows else 0), [row[1] for row in rows]


class SQLite:
    """A typed table without indexes: which condition comes next nobody knows."""

    def __init__(self, frame: pl.DataFrame, file: Path) -> None:
        self.connection = sqlite3.connect(file)
        self.connection.executescript("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA cache_size=-2000000;")
        plain = frame.with_columns(
            *(pl.col(key).to_physical() for key in (*INSTANTS, *DATES)),
            # Elements of a made-up list hold neither quotes nor backslashes.
            *(
                pl.when(pl.col(key).is_not_null()).then(pl.format('["{}"]', pl.col(key).list.join('","'))).alias(key)
                for key in LISTS
            ),
        )
        kinds = {pl.String: "TEXT", pl.Float64: "REAL"}
        shape = ", ".join(f"{key} {kinds.get(dtype.base_type(), 'INTEGER')}" for key, dtype in plain.schema.items())
        self.connection.execute(f"CREATE TABLE people (id INTEGER PRIMARY KEY, {shape})")
        marks = ", ".join("?" * (1 + len(plain.columns)))
        for part in plain.with_row_index("id").iter_slices(50_000):
            self.connection.executemany(f"INSERT INTO people VALUES ({marks})", part.iter_rows())
        self.connection.commit()

    def ask(self, where: str) -> Answer:
        """Count and first page."""
        where = where.replace("{list}", "coalesce(EXISTS (SELECT 1 FROM json_each(badges) WHERE value = 'vip'), FALSE)")
        for ours, theirs in (
            ("contains(email, 'gmail')", "instr(email, 'gmail') > 0"),
            ("contains(job_title, 'engineer')", "coalesce(instr(job_title, 'engineer') > 0, FALSE)"),
            ("starts_with(city, 'san ')", "substr(city, 1, 4) = 'san '"),
            ("ends_with(company_name, '77')", "substr(company_name, -2) = '77'"),
        ):
            where = where.replace(ours, theirs)
        count = self.connection.execute(f"SELECT count(*) FROM people WHERE {where}").fetchone()[0]
        order = f"ORDER BY last_seen_at DESC NULLS LAST, id LIMIT {SIZE}"
        rows = self.connection.execute(f"SELECT {', '.join(SHOWN)} FROM people WHERE {where} {order}").fetchall()
        return count, [row[0] for row in rows]


def memory() -> dict[str, int]:
    """Resident memory in megabytes, of our own and of mapped files."""
    lines = Path("/proc/self/status").read_text().splitlines() if Path("/proc/self/status").exists() else []
    kept = {"RssAnon": "own", "RssFile": "mapped"}
    return {
        kept[name]: int(rest.split()[0]) // 1024
        for name, _, rest in (line.partition(":") for line in lines)
        if name in kept
    }


def ways(snapshot: Snapshot, engine: Engine, duck: DuckDB, lite: SQLite, rule: Rule, where: str) -> dict[str, Way]:
    """Every way to ask one filter: what is made ready beforehand, untimed, and what is timed."""

    def keep() -> None:
        ours(snapshot, engine, rule, waterfall=True)

    def edited() -> Rule:
        # A condition more that was not asked before, as while somebody types.
        assert isinstance(rule, AllOf)
        return AllOf((*rule.rules, Condition("logins", "gte", next(_edits))))

    return {
        COLD: (engine.cache.clear, lambda: ours(snapshot, engine, rule)),
        "ours, nothing kept, with the waterfall": (
            engine.cache.clear,
            lambda: ours(snapshot, engine, rule, waterfall=True),
        ),
        EDITED: (keep, lambda: ours(snapshot, engine, edited(), waterfall=True)),
        "ours, everything kept": (keep, lambda: ours(snapshot, engine, rule, waterfall=True)),
        **{f"DuckDB, {way}": (lambda: None, lambda way=way: duck.ask(way, where)) for way in duck.ways},
        "SQLite": (lambda: None, lambda: lite.ask(where)),
    }


def measured(several: dict[str, Way], repetitions: int) -> tuple[int, dict[str, float]]:
    """How many match, and the median of each way in milliseconds; they run in another order in each repetition."""
    times: dict[str, list[float]] = {label: [] for label in several}
    answers: dict[str, Answer] = {}
    order, shuffled = list(several), random.Random(1)
    for _ in range(repetitions):
        shuffled.shuffle(order)
        for label in order:
            ready, ask = several[label]
            ready()
            began = time.perf_counter()
            answer = ask()
            times[label].append((time.perf_counter() - began) * 1000)
            if label != EDITED:
                answers[label] = answer
    assert len({json.dumps(answer) for answer in answers.values()}) == 1, {
        k: (n, p[:3]) for k, (n, p) in answers.items()
    }
    return answers[COLD][0], {label: statistics.median(taken) for label, taken in times.items()}


def main(many: int, repetitions: int) -> None:
    """Make the people, load them, ask, and print."""
    began = time.perf_counter()
    schema = attributes()
    frame = made_up(many)
    gc.collect()
    before = memory()
    snapshot = Snapshot(1, Schema(people=schema), Columns.of(schema, frame), Columns.empty({}))
    gc.collect()
    held = f"{snapshot.size / 2**20:.0f} MB, {snapshot.size / many:.0f} bytes a person"
    print(
        f"{many:,} people × {len(schema) - 1} attributes; our columns: {held}; resident, in MB: {before} → {memory()}"
    )
    folds = {key: folded(column) for key, column in frame.to_dict().items() if key != "external_id"}
    # The others compare folded texts as ours does; that these are also what they show costs them nothing.
    frame = frame.with_columns(fold.alias(key) for key, fold in folds.items() if fold is not None)
    duck = DuckDB(frame)
    with tempfile.TemporaryDirectory() as folder:
        lite = SQLite(frame, Path(folder) / "people.db")
        del frame, folds
        gc.collect()
        print(f"data made and loaded in {time.perf_counter() - began:.0f} s\n")
        engine, lines, slower = Engine(), [], []
        for name, (rule, where) in FILTERS.items():
            count, medians = measured(ways(snapshot, engine, duck, lite, rule, where), repetitions)
            best = min((label for label in medians if label.startswith("DuckDB")), key=lambda label: medians[label])
            print(f"{name}: {count:,} people")
            for label, median in medians.items():
                ratio = median / medians[COLD]
                print(f"    {label:38} {median:9.2f} ms {ratio:8.2f} ×{'   ← its best' if label == best else ''}")
            cold, edit, theirs, slow = (medians[label] for label in (COLD, EDITED, best, "SQLite"))
            lines.append(
                f"| {name} | {cold:.1f} ms | {edit:.1f} ms | {theirs:.1f} ms | {slow:,.0f} ms | {theirs / cold:.1f} |"
            )
            if theirs <= cold:
                slower.append(name)
        print("\n| filter | ours, nothing kept | one condition edited | DuckDB’s best | SQLite | DuckDB ÷ ours |")
        print("| --- | --- | --- | --- | --- | --- |", *lines, sep="\n")
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
        print(f"\nkept answers {engine.cache.size / 2**20:.1f} MB; peak of the run, all engines, {peak} MB;", end=" ")
        print(f"{time.perf_counter() - began:.0f} s in all")
        lite.connection.close()
    assert not slower, f"DuckDB was faster on {slower}"


if __name__ == "__main__":
    main(int((sys.argv[1:2] or ["1000000"])[0]), int((sys.argv[2:3] or ["7"])[0]))
