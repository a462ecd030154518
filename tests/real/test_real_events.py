"""Questions about what people did in published data, through the command line, equal to SQL written by hand over the raw files.

The SQL never sees our tables: DuckDB reads the very files that were imported.
"""

import csv
import gzip
import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

import segcore as product
from tests.real.event_questions import QUESTIONS, SEGMENTS, Question

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SEGCORE_REAL_DATA", ""))

pytestmark = pytest.mark.skipif(
    not os.environ.get("SEGCORE_REAL_DATA") or not DATA.is_dir(),
    reason="SEGCORE_REAL_DATA does not name the folder of the published data sets",
)


@dataclass(frozen=True)
class Set:
    """A data set: people and events, each file with its view and the options of its import."""

    zone: str
    people: tuple[str, str]
    id: str
    events: dict[str, tuple[str, ...]]

    @property
    def views(self) -> dict[str, str]:
        return {file.rpartition("_")[2]: file for file in (self.people[0], *self.events)}


SETS = {
    "bicycles": Set(
        zone="America/New_York",
        people=("bicycles_meta_users", "has_about=boolean"),
        id="user_id",
        events={
            "bicycles_meta_badges": ("--event", "badge", "--type", "tag_based=boolean"),
            "bicycles_meta_posts": ("--event-column", "kind"),
            "bicycles_meta_comments": ("--event", "comment"),
        },
    ),
    "retail": Set(
        zone="UTC",
        people=("online_retail_customers", "country=text"),
        id="customer_id",
        events={"online_retail_invoices": ("--event-column", "kind")},
    ),
}
MICROSECOND = timedelta(microseconds=1)
TOTAL = {"bicycles": 2_550, "retail": 4_372}
ASKED = [
    pytest.param(name, question, id=f"{name}: {question.words}") for name in QUESTIONS for question in QUESTIONS[name]
]


def raw(name: str) -> Path:
    return DATA / f"{name}.csv.gz"


def segcore(url: str, *arguments: str, given: str | None = None, zone: str = "UTC") -> str:
    """Run the command line as a person would."""
    command = [sys.executable, "-m", "segcore", "--database", url, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "SEGCORE_TIME_ZONE": zone}
    done = subprocess.run(command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def with_people(chosen: Set, folder: Path) -> str:
    """A workspace with a set's people; its zone is kept from here on."""
    url = f"sqlite:///{folder / 'real.db'}"
    file, kind = chosen.people
    segcore(url, "import", "people", str(raw(file)), "--id", chosen.id, "--type", kind, zone=chosen.zone)
    return url


def with_events(url: str, chosen: Set, file: Path, options: tuple[str, ...]) -> dict[str, int]:
    told = segcore(url, "import", "events", str(file), "--person", chosen.id, "--at", "ts", *options, "--json")
    counts: dict[str, int] = json.loads(told)
    return counts


def with_segments(url: str, name: str) -> None:
    documents = [{"key": key, "name": called, "rule": rule} for key, (called, rule) in SEGMENTS[name].items()]
    segcore(url, "segments", "import", "-", given=json.dumps({"segments": documents}))


def answered(url: str, questions: tuple[Question, ...]) -> dict[str, Any]:
    """What the command line answers to all questions in one run, by their words."""
    lines = [json.dumps({"id": each.words, "rule": each.rule, "now": each.now, "ids": True}) for each in questions]
    said = [json.loads(line) for line in segcore(url, "evaluate", "-", given="\n".join(lines)).splitlines()]
    assert [answer["id"] for answer in said] == [each.words for each in questions]
    return {answer["id"]: answer for answer in said}


@pytest.fixture(scope="module")
def workspaces(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The sets, each imported once."""
    found = {}
    for name, chosen in SETS.items():
        found[name] = url = with_people(chosen, tmp_path_factory.mktemp(name))
        for file, options in chosen.events.items():
            counts = with_events(url, chosen, raw(file), options)
            assert counts["created"] == counts["read"] > 0, file
        with_segments(url, name)
    return found


@pytest.fixture(scope="module")
def answers(workspaces: dict[str, str]) -> dict[str, dict[str, Any]]:
    """Everything asked of each set."""
    return {name: answered(url, QUESTIONS[name]) for name, url in workspaces.items()}


@pytest.fixture(scope="module")
def sql() -> dict[str, duckdb.DuckDBPyConnection]:
    """The raw files by set, every column as text; of events besides the instant and the local day."""
    found = {}
    for name, chosen in SETS.items():
        found[name] = connection = duckdb.connect()
        for view, file in chosen.views.items():
            more = ""
            if file in chosen.events:
                more = (
                    ", strptime(ts, '%Y-%m-%dT%H:%M:%SZ') as stamp,"
                    f" ((stamp at time zone 'UTC') at time zone '{chosen.zone}')::date as day"
                )
            rows = f"read_csv('{raw(file)}', all_varchar = true, header = true)"
            connection.execute(f"create view {view} as select *{more} from {rows}")
    return found


@pytest.mark.parametrize(("name", "question"), ASKED)
def test_the_same_people_as_sql_over_the_raw_files(
    name: str, question: Question, answers: dict[str, Any], sql: dict[str, duckdb.DuckDBPyConnection]
) -> None:
    answer = answers[name][question.words]
    assert "problems" not in answer, answer
    expected = sorted(id for (id,) in sql[name].execute(question.sql).fetchall())
    assert 0 < len(expected) < TOTAL[name], "the question says nothing"
    assert answer["ids"] == expected
    assert answer["count"] == len(expected)


@pytest.mark.parametrize("name", SETS)
def test_one_person_is_explained_as_the_list_has_it(
    name: str, workspaces: dict[str, str], answers: dict[str, Any]
) -> None:
    """Asked of a few who match and a few who do not; and where time alone turns an answer, it turns exactly then."""
    rng, turned = random.Random(7), 0
    with product.open(workspaces[name]) as workspace:
        everyone = set(workspace.members({"all": []}, columns=[]).to_series())
        for question in QUESTIONS[name]:
            inside = answers[name][question.words]["ids"]
            for ids, holds in ((inside, True), (sorted(everyone.difference(inside)), False)):
                for person in rng.sample(ids, min(3, len(ids))):
                    found = workspace.explain(person, question.rule, now=datetime.fromisoformat(question.now))
                    assert found.holds is holds, (question.words, person)
                    if found.flips is not None:
                        turned += 1
                        before = workspace.explain(person, question.rule, now=found.flips.at - MICROSECOND)
                        after = workspace.explain(person, question.rule, now=found.flips.at)
                        assert (before.holds, after.holds) == (holds, not holds), (question.words, person)
    assert turned


def test_events_that_come_in_parts_and_again_answer_the_same(answers: dict[str, Any], tmp_path: Path) -> None:
    """Asked between the parts too, so that what is kept in memory's copy on disk is refreshed and not made anew."""
    chosen, file = SETS["retail"], "online_retail_invoices"
    with gzip.open(raw(file), "rt", encoding="utf-8", newline="") as opened:
        header, *rows = csv.reader(opened)
    url = with_people(chosen, tmp_path)
    # The later half comes first, and the halves share some rows.
    for number, half in enumerate((rows[len(rows) // 2 - 500 :], rows[: len(rows) // 2])):
        part = tmp_path / f"part-{number}.csv"
        with part.open("w", encoding="utf-8", newline="") as written:
            csv.writer(written).writerows([header, *half])
        counts = with_events(url, chosen, part, chosen.events[file])
        assert counts["created"] == counts["read"] - counts["unchanged"] > 0
        if not number:
            with_segments(url, "retail")
            first = answered(url, QUESTIONS["retail"])
            assert first != answers["retail"]
    assert answered(url, QUESTIONS["retail"]) == answers["retail"]


def test_there_are_enough_questions_and_each_is_its_own() -> None:
    words = [question.words for questions in QUESTIONS.values() for question in questions]
    assert len(words) == len(set(words)) >= 25
