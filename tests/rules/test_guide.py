"""The guide for people who do not program says what the product says, and what the rules answer."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from segcore.attributes import Entity
from segcore.rules import codec, validate
from segcore.rules.describe import sentence
from tests.rules.asking import ask, moment
from tests.rules.test_sentence_whole import AMOUNT, CATEGORY, NAMES, NINETY, PRO, SCHEMA, SEGMENTS, event

GUIDE = (Path(__file__).resolve().parents[2] / "docs" / "what-a-rule-means.md").read_text(encoding="utf-8")
IRISH = {"attribute": "country", "operator": "is", "value": "Ireland"}
DUBLIN = {"latitude": 53.35, "longitude": -6.26, "km": 25}

SAID: list[tuple[dict[str, object], Entity]] = [
    ({"all": [IRISH, event(value=2, **NINETY), {"segment": "employees", "operator": "not_in"}]}, Entity.PERSON),
    ({**IRISH, "operator": "is_not", "include_missing": False}, Entity.PERSON),
    (event(value=2, **NINETY, where={"all": [AMOUNT, CATEGORY]}), Entity.PERSON),
    (event("eq", 0, **NINETY), Entity.PERSON),
    (event("gt", 500, measure="sum", of="amount", within={"period": "this_month"}), Entity.PERSON),
    (event("more_than_ago", {"days": 30}, measure="last"), Entity.PERSON),
    ({"sequence": [{"event": "signed_up"}, {"event": "invited"}], "each_within": {"days": 3}}, Entity.PERSON),
    ({"company": "any", "rule": PRO}, Entity.PERSON),
    ({"people": event(within={"last": {"days": 30}}), "operator": "gte", "value": 5}, Entity.COMPANY),
    ({"attribute": "place", "operator": "within_km", "value": DUBLIN}, Entity.PERSON),
    ({"sample": {"salt": "A", "from": 0, "to": 10}}, Entity.PERSON),
]


def test_every_sentence_of_the_guide_is_one_of_the_product() -> None:
    quoted = re.findall(r"^> (.+)$", GUIDE, re.MULTILINE)
    told = []
    for document, entity in SAID:
        rule = validate.read(document, SCHEMA, entity, {**SEGMENTS, "employees": Entity.PERSON})
        assert codec.dump(rule) == document
        told.append(str(sentence(rule, SCHEMA, entity, {**NAMES, "employees": "Employees"}, moment())))
    assert quoted == told


def table(title: str) -> list[list[str]]:
    """The cells of the first table under a title, without its head."""
    lines = GUIDE.split(f"## {title}")[1].split("\n## ")[0].splitlines()
    rows = [line for line in lines if line.startswith("|")]
    return [[cell.strip(" *") for cell in row.strip("|").split("|")] for row in rows[2:]]


def yes(answers: list[bool]) -> list[str]:
    return ["yes" if answer else "no" for answer in answers]


def test_the_table_of_missing_values_is_true() -> None:
    rows = table("When a value is missing")
    cells = [None if row[0] == "nothing known" else row[0] for row in rows]
    asked = (("is", {}), ("is_not", {}), ("is_not", {"include_missing": False}))
    for column, (operator, options) in enumerate(asked, 1):
        assert yes(ask("text", cells, operator, "Ireland", **options)) == [row[column] for row in rows]
    assert yes(ask("text", cells, "is_unknown")) == [row[4] for row in rows]


@pytest.mark.parametrize(
    ("column", "operator", "value"),
    [(2, "less_than_ago", {"days": 1}), (3, "in_period", "today"), (4, "in_period", "yesterday")],
)
def test_the_table_of_time_is_true(column: int, operator: str, value: object) -> None:
    rows = table("Time")
    days = {"Sunday": 22, "Saturday": 21}
    cells = [
        datetime(2026, 11, days[row[0].split()[0]], *map(int, row[0].split()[1].split(":")), tzinfo=UTC) for row in rows
    ]
    assert yes(ask("datetime", cells, operator, value)) == [row[column] for row in rows]


def test_what_the_guide_says_of_words_and_lists_is_true() -> None:
    assert ask("text", ["gold-member", "marigold"], "contains_word", "gold") == [True, False]
    assert ask("text", ["ireland", "IRELAND"], "is", "Ireland") == [True, True]
    assert ask("list", [["vip", "beta"], ["beta"], [], None, ["vip 2026"]], "not_includes", "vip") == [
        *(False, True, True, True, True)
    ]
    assert ask("datetime", [None], "less_than_ago", {"days": 30}) == ask(
        "datetime", [None], "at_least_ago", {"days": 30}
    )
