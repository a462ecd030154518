"""How long an import takes, and how much memory: a seeded CSV of people, imported into a new SQLite database, then again.

    python benchmarks/imports.py [--rows 1000000] [--columns 30] [--keep FOLDER]

Each import runs in a process of its own, so that its peak memory is its own.
"""

import argparse
import csv
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)
MISSING = 0.2
WORDS = ("alder", "birch", "cedar", "elm", "fir", "hazel", "juniper", "linden", "maple", "oak", "pine", "rowan")
COUNTRIES = ("Ireland", "United States", "France", "Germany", "Brazil", "Japan", "Kenya", "New Zealand")


def make(path: Path, rows: int, columns: int) -> None:
    """Write the file: every kind that is found by itself, a fifth of all values missing."""
    chance = random.Random(20261122)
    day = date(2019, 1, 1)
    makers = (
        ("text", lambda n: f"{chance.choice(WORDS)}.{chance.choice(WORDS)}{n}@example.org"),
        ("country", lambda n: chance.choice(COUNTRIES)),
        ("whole", lambda n: str(chance.randrange(0, 100_000))),
        ("amount", lambda n: f"{chance.randrange(0, 10_000_000) / 100:.2f}"),
        ("flag", lambda n: chance.choice(("true", "false"))),
        ("day", lambda n: (day + timedelta(days=chance.randrange(2_800))).isoformat()),
        (
            "instant",
            lambda n: (datetime(2019, 1, 1) + timedelta(seconds=chance.randrange(240_000_000))).isoformat() + "Z",
        ),
        ("tags", lambda n: json.dumps(chance.sample(WORDS, chance.randrange(4)))),
        ("note", lambda n: f"{chance.choice(WORDS)}, {chance.choice(WORDS)} and {chance.choice(WORDS)}"),
        ("plan", lambda n: chance.choice(("trial", "basic", "pro"))),
    )
    names = [f"{makers[place % len(makers)][0]}_{place}" for place in range(columns)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["customer_id", *names])
        for number in range(rows):
            values = (makers[place % len(makers)][1](number) for place in range(columns))
            writer.writerow([f"c-{number:07}", *("" if chance.random() < MISSING else value for value in values)])


def child(database: str, path: str) -> None:
    """Import once and print what it took."""
    from segcore.model import LOCAL_OWNER
    from segcore.services.imports import Imports
    from segcore.store.database import Database

    opened = Database(database)
    opened.migrate()
    imports = Imports(opened)
    began = time.perf_counter()
    plan = imports.plan(LOCAL_OWNER, "person", path, id="customer_id")
    looked = time.perf_counter()
    outcome = imports.run(LOCAL_OWNER, plan, now=NOW)
    ended = time.perf_counter()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    wal = Path(database.removeprefix("sqlite:///") + "-wal")
    print(
        json.dumps(
            {
                "look": looked - began,
                "write": ended - looked,
                "peak": peak,
                "wal": wal.stat().st_size / 2**20 if wal.exists() else 0,
                **outcome.counts(),
            }
        )
    )


def main() -> None:
    """Make, import, import again, print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--columns", type=int, default=30)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--child", nargs=2)
    chosen = parser.parse_args()
    if chosen.child:
        child(*chosen.child)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = chosen.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"people-{chosen.rows}x{chosen.columns}.csv"
        if not path.exists():
            make(path, chosen.rows, chosen.columns)
        print(f"{chosen.rows:,} rows × {chosen.columns} columns, {path.stat().st_size / 2**20:,.0f} MB")
        database = f"sqlite:///{made}/benchmark.db"
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        for what in ("first import", "again, unchanged"):
            began = time.perf_counter()
            command = [sys.executable, __file__, "--child", database, str(path)]
            told = subprocess.run(command, check=True, capture_output=True, text=True, env=environment)
            taken = json.loads(told.stdout)
            print(
                f"{what:17} {time.perf_counter() - began:6.1f} s in all: {taken['look']:.1f} s to look at it,"
                f" {taken['write']:.1f} s to write; peak {taken['peak']:,.0f} MB; log {taken['wal']:,.0f} MB;"
                f" {taken['created']:,} created, {taken['updated']:,} updated, {taken['unchanged']:,} unchanged"
            )


if __name__ == "__main__":
    main()
