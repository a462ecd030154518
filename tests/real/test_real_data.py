"""Published data through the command line: ids and kinds as expected, and rules whose ids equal SQL written by hand over the raw files.

The SQL never sees our tables: DuckDB reads the very files that were imported, every column as text.
"""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import duckdb
import pytest

ROOT = Path(__file__).resolve().parents[2]
DATA = Path(os.environ.get("SEGCORE_REAL_DATA", ""))

pytestmark = pytest.mark.skipif(
    not os.environ.get("SEGCORE_REAL_DATA") or not DATA.is_dir(),
    reason="SEGCORE_REAL_DATA does not name the folder of the published data sets",
)


@dataclass(frozen=True)
class Set:
    """A data set: its people, the instant at which it is asked, and what its columns must turn out to be."""

    file: str
    id: str
    people: int
    now: str
    kinds: dict[str, str]
    missing: dict[str, int]
    types: tuple[str, ...] = ()
    events: tuple[tuple[str, ...], ...] = field(default=())


TEXT_OF_TELCO = (
    "gender MultipleLines InternetService OnlineSecurity OnlineBackup DeviceProtection TechSupport StreamingTV"
    " StreamingMovies Contract PaymentMethod"
)

SETS = {
    "telco": Set(
        file="telco_customers",
        id="customerID",
        people=7_043,
        now="2026-01-01T00:00:00Z",
        kinds=dict.fromkeys(TEXT_OF_TELCO.split(), "text")
        | dict.fromkeys(["Partner", "Dependents", "PhoneService", "PaperlessBilling", "Churn"], "boolean")
        | dict.fromkeys(["SeniorCitizen", "tenure", "MonthlyCharges", "TotalCharges"], "number"),
        missing={"TotalCharges": 11},
    ),
    "bicycles": Set(
        file="bicycles_meta_users",
        id="user_id",
        people=2_550,
        now="2023-09-03T03:00:00Z",
        kinds={"created_at": "datetime", "last_access_at": "datetime", "location": "text", "has_website": "number"}
        | dict.fromkeys(["reputation", "views", "up_votes", "down_votes"], "number")
        | {"has_about": "boolean"},
        missing={"location": 1_052},
        types=("has_about=boolean",),
        events=(
            ("bicycles_meta_badges", "--event-column", "name"),
            ("bicycles_meta_posts", "--event-column", "kind"),
            ("bicycles_meta_comments", "--event", "Commented"),
        ),
    ),
    "retail": Set(
        file="online_retail_customers",
        id="customer_id",
        people=4_372,
        now="2011-12-10T00:00:00Z",
        kinds={"country": "text", "first_invoice_at": "datetime"},
        missing={"country": 0},
        events=(("online_retail_invoices", "--event-column", "kind"),),
    ),
}


def is_(attribute: str, operator: str, value: Any = None, **options: Any) -> dict[str, Any]:
    """A condition."""
    told = {"attribute": attribute, "operator": operator, **options}
    return told if value is None else {**told, "value": value}


# Set, rule, and the same question in SQL over the raw file.
RULES: tuple[tuple[str, dict[str, Any], str], ...] = (
    ("telco", is_("Contract", "is", "two year"), "Contract = 'Two year'"),
    (
        "telco",
        {"all": [is_("Churn", "is_true"), is_("tenure", "lt", 6), is_("InternetService", "is", "Fiber optic")]},
        "Churn = 'Yes' and tenure::int < 6 and InternetService = 'Fiber optic'",
    ),
    ("telco", is_("TotalCharges", "is_unknown"), "TotalCharges is null or TotalCharges = ''"),
    ("telco", is_("MonthlyCharges", "between", [70.35, 89.1]), "MonthlyCharges::decimal(9,2) between 70.35 and 89.10"),
    (
        "telco",
        is_("TotalCharges", "not_between", [100, 5000]),
        "not coalesce(TotalCharges::decimal(9,2) between 100 and 5000, false)",
    ),
    (
        "telco",
        is_("TotalCharges", "ne", 20.2, include_missing=False),
        "TotalCharges is not null and TotalCharges::decimal(9,2) <> 20.20",
    ),
    (
        "telco",
        {"any": [is_("PaymentMethod", "contains", "AUTOMATIC"), is_("PaymentMethod", "starts_with", "mailed")]},
        "PaymentMethod like '%automatic%' or PaymentMethod like 'Mailed%'",
    ),
    (
        "telco",
        {
            "none": [
                is_("StreamingTV", "is", "Yes"),
                is_("StreamingMovies", "is", "Yes"),
                is_("PhoneService", "is_false"),
            ]
        },
        "not (StreamingTV = 'Yes' or StreamingMovies = 'Yes' or PhoneService = 'No')",
    ),
    (
        "telco",
        {
            "all": [
                is_("MultipleLines", "is_none_of", ["No phone service", "No"]),
                {
                    "any": [
                        is_("Partner", "is_true"),
                        {"all": [is_("Dependents", "is_true"), is_("SeniorCitizen", "eq", 1)]},
                    ]
                },
                {"none": [is_("Churn", "is_true"), is_("tenure", "gte", 70)]},
            ]
        },
        "MultipleLines not in ('No phone service', 'No') and (Partner = 'Yes' or (Dependents = 'Yes' and SeniorCitizen = '1'))"
        " and Churn <> 'Yes' and tenure::int < 70",
    ),
    ("telco", is_("PaymentMethod", "contains_word", "check"), "regexp_matches(PaymentMethod, '\\bcheck\\b')"),
    (
        "telco",
        is_("external_id", "matches_regex", "^7[0-9]{3}-[A-D]"),
        "regexp_matches(customerID, '^7[0-9]{3}-[A-D]', 'i')",
    ),
    (
        "telco",
        is_("external_id", "matches_regex", "^.{5}[A-M]{5}$", match_case=True),
        "regexp_full_match(customerID, '.{5}[A-M]{5}')",
    ),
    ("telco", is_("tenure", "is_any_of", [0, 1, 72]), "tenure in ('0', '1', '72')"),
    ("bicycles", is_("location", "is_not", "germany"), "location is null or lower(location) <> 'germany'"),
    ("bicycles", is_("location", "is_not", "germany", include_missing=False), "lower(location) <> 'germany'"),
    (
        "bicycles",
        {"all": [is_("location", "contains_any", ["USA", "united states"]), is_("reputation", "gt", 500)]},
        "(location ilike '%usa%' or location ilike '%united states%') and reputation::int > 500",
    ),
    (
        "bicycles",
        is_("location", "contains", "ZÜRICH"),
        "location like '%Zürich%' or location like '%zürich%' or location like '%ZÜRICH%'",
    ),
    ("bicycles", is_("location", "ends_with", ", UK"), "location ilike '%, uk'"),
    (
        "bicycles",
        is_("last_access_at", "less_than_ago", {"days": 365}),
        "'2023-09-03 03:00:00'::timestamp - replace(last_access_at, 'Z', '')::timestamp < interval 365 day",
    ),
    (
        "bicycles",
        {"all": [is_("created_at", "at_least_ago", {"weeks": 520}), is_("last_access_at", "in_period", "this_year")]},
        "'2023-09-03 03:00:00'::timestamp - replace(created_at, 'Z', '')::timestamp >= interval 3640 day"
        " and last_access_at like '2023-%'",
    ),
    (
        "bicycles",
        is_("created_at", "between", ["2012-02-29", "2013-02-28"]),
        "left(created_at, 10) between '2012-02-29' and '2013-02-28'",
    ),
    ("bicycles", is_("created_at", "weekday_is", ["saturday", "sunday"]), "isodow(left(created_at, 10)::date) >= 6"),
    (
        "bicycles",
        {"all": [is_("has_about", "is_true"), is_("has_website", "eq", 0), is_("down_votes", "gte", 1)]},
        "has_about = '1' and has_website = '0' and down_votes::int >= 1",
    ),
    (
        "bicycles",
        is_("created_at", "before", "2010-08-25T19:39:26Z"),
        "created_at < '2010-08-25T19:39:26Z'",
    ),
    ("retail", is_("country", "is_none_of", ["United Kingdom", "eire"]), "country not in ('United Kingdom', 'EIRE')"),
    (
        "retail",
        {"all": [is_("country", "is", "Germany"), is_("first_invoice_at", "on_or_after", "2011-06-01")]},
        "country = 'Germany' and first_invoice_at >= '2011-06-01'",
    ),
    ("retail", is_("first_invoice_at", "on", "2010-12-01"), "first_invoice_at like '2010-12-01%'"),
    (
        "retail",
        is_("first_invoice_at", "in_period", "last_quarter"),
        "left(first_invoice_at, 7) in ('2011-07', '2011-08', '2011-09')",
    ),
    (
        "retail",
        is_("first_invoice_at", "anniversary_within", {"days": 7}),
        "substr(first_invoice_at, 6, 5) between '12-10' and '12-17'",
    ),
    (
        "retail",
        {"none": [is_("country", "is", "United Kingdom"), is_("first_invoice_at", "more_than_ago", {"days": 90})]},
        "not (country = 'United Kingdom' or '2011-12-10'::timestamp - replace(first_invoice_at, 'Z', '')::timestamp > interval 90 day)",
    ),
    ("retail", is_("country", "not_contains", "united"), "country not ilike '%united%'"),
)


@dataclass(frozen=True)
class Imported:
    """A data set in a database of its own, and what the import said."""

    set: Set
    url: str
    told: dict[str, int]


def segcore(url: str, *arguments: str, given: str | None = None) -> str:
    """Run the command line as a person would."""
    command = [sys.executable, "-m", "segcore", "--database", url, *arguments]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{arguments}: {done.stderr}"
    return done.stdout


def raw(name: str) -> Path:
    return DATA / f"{name}.csv.gz"


@pytest.fixture(scope="module", params=SETS)
def imported(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Imported:
    """Each of the three sets, imported once."""
    chosen = SETS[request.param]
    url = f"sqlite:///{tmp_path_factory.mktemp(request.param) / 'real.db'}"
    types = [part for declared in chosen.types for part in ("--type", declared)]
    told = segcore(url, "import", "people", str(raw(chosen.file)), "--id", chosen.id, *types, "--json")
    return Imported(chosen, url, json.loads(told))


@pytest.fixture(scope="module")
def asked() -> duckdb.DuckDBPyConnection:
    connection = duckdb.connect()
    for chosen in SETS.values():
        connection.execute(
            f"create view {chosen.file} as select * from read_csv('{raw(chosen.file)}', all_varchar = true, header = true)"
        )
    return connection


def name_of(imported: Imported) -> str:
    return next(name for name, chosen in SETS.items() if chosen is imported.set)


def test_everyone_comes_in_by_the_id_of_the_file(imported: Imported, asked: duckdb.DuckDBPyConnection) -> None:
    people = imported.set.people
    assert imported.told == {"read": people, "created": people, "updated": 0, "unchanged": 0, "rejected": 0}
    ids = segcore(imported.url, "members", "-", given='{"all": []}').splitlines()
    expected = asked.execute(f'select "{imported.set.id}" from {imported.set.file}').fetchall()
    assert ids == sorted(id for (id,) in expected)


def test_kinds_are_found_from_the_whole_file(imported: Imported) -> None:
    rows = json.loads(segcore(imported.url, "attributes", "--json"))
    people = {row["key"]: row for row in rows if row["entity"] == "person"}
    assert {key: people[key]["kind"] for key in imported.set.kinds} == imported.set.kinds
    assert {key: people[key]["missing"] for key in imported.set.missing} == imported.set.missing
    assert imported.set.id not in people


def test_an_import_that_is_repeated_changes_nothing(imported: Imported) -> None:
    types = [part for declared in imported.set.types for part in ("--type", declared)]
    chosen = imported.set
    told = json.loads(
        segcore(imported.url, "import", "people", str(raw(chosen.file)), "--id", chosen.id, *types, "--json")
    )
    assert told == {"read": chosen.people, "created": 0, "updated": 0, "unchanged": chosen.people, "rejected": 0}


def test_rules_choose_the_same_people_as_sql_over_the_raw_file(
    imported: Imported, asked: duckdb.DuckDBPyConnection
) -> None:
    chosen = imported.set
    mine = [(rule, sql) for name, rule, sql in RULES if name == name_of(imported)]
    lines = [json.dumps({"id": sql, "rule": rule, "now": chosen.now, "ids": True}) for rule, sql in mine]
    answers = [json.loads(line) for line in segcore(imported.url, "evaluate", "-", given="\n".join(lines)).splitlines()]
    assert [answer["id"] for answer in answers] == [sql for _, sql in mine]
    for (_, sql), answer in zip(mine, answers, strict=True):
        assert "problems" not in answer, answer
        rows = asked.execute(f'select "{chosen.id}" from {chosen.file} where {sql}').fetchall()
        expected = sorted(id for (id,) in rows)
        assert 0 < len(expected) < chosen.people, f"the question says nothing: {sql}"
        assert answer["ids"] == expected, sql
        assert answer["count"] == len(expected)


def test_count_and_members_say_the_same(imported: Imported) -> None:
    rule = next(rule for name, rule, _ in RULES if name == name_of(imported))
    given = json.dumps(rule)
    counted = json.loads(segcore(imported.url, "count", "-", "--now", imported.set.now, "--json", given=given))
    ids = segcore(imported.url, "members", "-", "--now", imported.set.now, given=given).splitlines()
    assert (counted["count"], counted["total"]) == (len(ids), imported.set.people)


def test_events_come_in_once(imported: Imported) -> None:
    if not imported.set.events:
        pytest.skip("this set has no events")
    for file, *options in imported.set.events:
        arguments = ("import", "events", str(raw(file)), "--person", imported.set.id, "--at", "ts", *options, "--json")
        rows = duckdb.execute(
            f"select count(*) from read_csv('{raw(file)}', all_varchar = true, header = true)"
        ).fetchall()[0][0]
        first, second = (json.loads(segcore(imported.url, *arguments)) for _ in range(2))
        assert (first["read"], first["created"], first["rejected"]) == (rows, rows, 0), file
        assert (second["read"], second["unchanged"], second["rejected"]) == (rows, rows, 0), file
    counted = json.loads(segcore(imported.url, "count", "-", "--json", given='{"all": []}'))
    assert counted["total"] == imported.set.people  # they are all by people who were there


def test_there_are_at_least_twenty_rules() -> None:
    assert len(RULES) >= 20
    assert {name for name, _, _ in RULES} == set(SETS)
