"""The command line: what it prints, on which stream, and with which exit status."""

import gzip
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.cli import main
from segcore.cli.documents import as_yaml, document_of

ROOT = Path(__file__).resolve().parents[1]

PEOPLE = """id,country,plan,photos,signed_up_at,tags,company
p-1,Ireland,Pro,81,2026-11-20T10:00:00Z,vip;beta,c-1;c-2
p-2,Ireland,Starter,3,2026-01-01T10:00:00Z,,c-2
p-3,Japan,Pro,0,2026-11-22T04:00:00Z,vip,
p-4,,Pro,12,,,c-1
"""
COMPANIES = "id,name,industry\nc-1,Acme,Retail\nc-2,Globex,Media\n"
EVENTS = "who,when,what,amount\np-1,2026-11-21T10:00:00Z,Purchase,19.99\np-9,2026-11-21T11:00:00Z,Invited,\n"
NOW = "2026-11-22T04:12:09Z"
IRISH = '{"attribute": "country", "operator": "is", "value": "ireland"}'


@dataclass(frozen=True)
class Said:
    """How a run ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]) -> Run:
    """Runs a verb on a database of the test's own."""
    monkeypatch.setenv("SEGCORE_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("SEGCORE_DATABASE_URL", f"sqlite:///{tmp_path / 'segcore.db'}")

    def run(*arguments: str | Path, given: str | bytes = "") -> Said:
        data = given.encode() if isinstance(given, str) else given
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(data), encoding="utf-8"))
        capsysbinary.readouterr()
        with pytest.raises(SystemExit) as left:
            main([str(argument) for argument in arguments])
        out, err = capsysbinary.readouterr()
        return Said(int(left.value.code or 0), out.decode(), err.decode())

    return run


@pytest.fixture
def filled(run: Run, tmp_path: Path) -> Run:
    """The same with four people and two companies in it, and a file of two events."""
    for name, text in (("people", PEOPLE), ("companies", COMPANIES), ("events", EVENTS)):
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    assert run("import", "companies", tmp_path / "companies.csv", "--id", "id").code == 0
    people = ("import", "people", tmp_path / "people.csv", "--id", "id", "--company", "company", "--type", "tags=list")
    assert run(*people, "--json").json["created"] == 4
    return run


def ids(run: Run, rule: str, *more: str) -> list[str]:
    said = run("members", "-", "--now", NOW, *more, given=rule)
    assert said.code == 0, said.err
    return said.out.split()


def test_an_import_accounts_for_every_row(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "people.csv.gz"
    file.write_bytes(gzip.compress(b"id,age\na,1\nb,2\nb,3\n,4\nc,x\n"))
    arguments = (
        "import",
        "people",
        file,
        "--id",
        "id",
        "--type",
        "age=number",
        "--errors",
        tmp_path / "bad.csv",
        "--json",
    )
    counts = run(*arguments).json
    assert counts["read"] == 5
    assert counts["read"] == sum(counts[name] for name in ("created", "updated", "unchanged", "rejected"))
    assert counts["rejected"] == 2
    assert list(counts) == ["read", "created", "updated", "unchanged", "rejected"]
    assert len((tmp_path / "bad.csv").read_text(encoding="utf-8").splitlines()) == 3


def test_an_import_reads_as_a_sum(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id\na\nb\n", encoding="utf-8")
    said = run("import", "people", tmp_path / "people.csv", "--id", "id")
    assert said.out == "2 read = 2 created + 0 updated + 0 unchanged + 0 rejected\n"
    assert run("import", "people", tmp_path / "people.csv", "--id", "id", "--json").json["unchanged"] == 2


def test_a_dry_run_writes_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id\na\n", encoding="utf-8")
    assert run("import", "people", tmp_path / "people.csv", "--id", "id", "--dry-run", "--json").json["created"] == 1
    assert run("count", "-", "--json", given='{"all": []}').json["total"] == 0


def test_all_or_nothing_writes_nothing_where_a_row_is_rejected(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,age\na,1\nb,x\n", encoding="utf-8")
    arguments = ("import", "people", tmp_path / "people.csv", "--id", "id", "--type", "age=number", "--all-or-nothing")
    said = run(*arguments)
    assert said.code == 1
    assert "nothing was written" in said.err
    assert run("count", "-", given='{"all": []}').out == "0 of 0\n"
    (tmp_path / "people.csv").write_text("id,age\na,1\nb,2\n", encoding="utf-8")
    assert run(*arguments, "--json").json["created"] == 2


def test_names_and_kinds_can_be_declared(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,a=b,zip\na,1,00123\n", encoding="utf-8")
    options = ("--name", "a=b=points", "--type", "a=b=text", "--name", "zip=postcode")
    assert run("import", "people", tmp_path / "people.csv", "--id", "id", *options).code == 0
    kinds = {row["key"]: row["kind"] for row in run("attributes", "--json").json if row["entity"] == "person"}
    assert kinds["points"] == "text"
    assert kinds["postcode"] == "text"


@pytest.mark.parametrize(
    "options",
    [
        ("--type", "age"),
        ("--type", "age=nombre"),
        ("--type", "age=number", "--type", "age=text"),
        ("--name", "=x"),
        ("--unheard-of",),
    ],
)
def test_a_mistake_of_usage_is_two(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    (tmp_path / "people.csv").write_text("id,age\na,1\n", encoding="utf-8")
    said = run("import", "people", tmp_path / "people.csv", "--id", "id", *options)
    assert said.code == 2
    assert said.err
    assert not said.out


def test_more_mistakes_of_usage(run: Run, tmp_path: Path) -> None:
    assert run("import", "people", tmp_path / "absent.csv", "--id", "id").code == 2
    assert run("count").code == 2
    assert run("count", "-", "--segment", "active", given=IRISH).code == 2
    assert run("count", tmp_path / "absent.json").code == 2
    assert run("count", "-", "--now", "2026-11-22T04:12:09", given=IRISH).code == 2
    assert run("count", "-", "--now", "yesterday", given=IRISH).code == 2
    assert run("members", "-", "--format", "xml", given=IRISH).code == 2
    assert run("nonsense").code == 2


def test_an_event_needs_one_name(run: Run, tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(EVENTS, encoding="utf-8")
    arguments = ("import", "events", tmp_path / "events.csv", "--person", "who", "--at", "when")
    assert run(*arguments).code == 2
    assert run(*arguments, "--event", "x", "--event-column", "what").code == 2


def test_a_column_that_is_not_there_is_one(run: Run, tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id,age\na,1\n", encoding="utf-8")
    said = run("import", "people", tmp_path / "people.csv", "--id", "number")
    assert said.code == 1
    assert "number" in said.err
    assert len(said.err.splitlines()) == 1


def test_events_create_people_who_are_not_there(filled: Run, tmp_path: Path) -> None:
    arguments = (
        "import",
        "events",
        tmp_path / "events.csv",
        "--person",
        "who",
        "--at",
        "when",
        "--event-column",
        "what",
        "--json",
    )
    assert filled(*arguments).json == {"read": 2, "created": 2, "updated": 0, "unchanged": 0, "rejected": 0}
    assert filled(*arguments).json["unchanged"] == 2
    assert "p-9" in ids(filled, '{"all": []}')
    kinds = {row["key"]: row["kind"] for row in filled("attributes", "--json").json if row["entity"] == "event"}
    assert kinds == {"amount": "number"}


def test_attributes_say_kind_and_missing(filled: Run) -> None:
    rows = {(row["entity"], row["key"]): row for row in filled("attributes", "--json").json}
    assert rows["person", "country"] == {"entity": "person", "key": "country", "kind": "text", "missing": 1}
    assert rows["person", "tags"]["kind"] == "list"
    assert rows["person", "signed_up_at"]["kind"] == "datetime"
    assert rows["company", "industry"]["missing"] == 0
    assert ("person", "external_id") not in rows
    assert ("person", "id") not in rows
    text = filled("attributes").out.splitlines()
    assert text[0].split() == ["entity", "key", "kind", "missing"]
    assert ["person", "country", "text", "1"] in [line.split() for line in text]


def test_count_says_of_how_many(filled: Run, tmp_path: Path) -> None:
    assert filled("count", "-", given=IRISH).out == "2 of 4\n"
    assert filled("count", "-", "--now", NOW, "--json", given=IRISH).json == {"count": 2, "total": 4, "now": NOW}
    file = tmp_path / "rule.json"
    file.write_text(IRISH, encoding="utf-8")
    assert filled("count", file).out == "2 of 4\n"
    media = '{"attribute": "industry", "operator": "is", "value": "media"}'
    assert filled("count", "-", "--entity", "company", given=media).out == "1 of 2\n"


def test_count_of_a_segment_at_an_instant(filled: Run) -> None:
    assert filled("count", "--segment", "new", "--now", NOW).out == "1 of 4\n"
    assert filled("count", "--segment", "new", "--now", "2026-11-20T12:00:00+00:00").out == "1 of 4\n"
    assert filled("count", "--segment", "new", "--now", "2026-12-24T12:00:00Z").out == "0 of 4\n"
    said = filled("count", "--segment", "nobody")
    assert (said.code, said.out) == (1, "")
    assert filled("count", "--segment", "new", "--entity", "company").code == 2


def test_members_as_ids_are_sorted_one_a_line(filled: Run) -> None:
    assert filled("members", "-", given='{"all": []}').out == "p-1\np-2\np-3\np-4\n"
    assert filled("members", "-", given='{"any": []}').out == ""
    assert filled("members", "-", "--json", given=IRISH).json["ids"] == ["p-1", "p-2"]


def test_members_as_csv_can_be_imported_again(filled: Run, tmp_path: Path) -> None:
    said = filled("members", "-", "--format", "csv", given='{"all": []}')
    assert said.out.splitlines()[0].startswith("external_id,")
    file = tmp_path / "again.csv"
    file.write_text(said.out, encoding="utf-8")
    counts = filled("import", "people", file, "--id", "external_id", "--type", "tags=list", "--json").json
    assert counts == {"read": 4, "created": 0, "updated": 0, "unchanged": 4, "rejected": 0}


def test_members_as_json_lines_hold_values(filled: Run) -> None:
    said = filled("members", "-", "--format", "jsonl", given=IRISH)
    first, second = (json.loads(line) for line in said.out.splitlines())
    assert first["external_id"] == "p-1"
    assert first["tags"] == ["vip", "beta"]
    assert first["signed_up_at"] == "2026-11-20T10:00:00Z"
    assert first["photos"] == 81
    assert "tags" not in second


def test_problems_go_to_standard_error_one_a_line(filled: Run) -> None:
    rule = json.dumps(
        {
            "all": [
                {"attribute": "contry", "operator": "is", "value": "x"},
                {"attribute": "photos", "operator": "contains", "value": "x"},
            ]
        }
    )
    said = filled("count", "-", given=rule)
    assert (said.code, said.out) == (1, "")
    lines = said.err.splitlines()
    assert len(lines) == 2
    assert lines[0].startswith("all[0].attribute: ")
    assert "country" in lines[0]
    assert lines[1].startswith("all[1].operator: ")
    told = json.loads(filled("count", "-", "--json", given=rule).err)
    assert [problem["path"] for problem in told] == ["all[0].attribute", "all[1].operator"]
    assert told[0]["suggestion"] == "country"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "[" * 100_000,
        '{"attribute": "photos", "operator": "gt", "value": NaN}',
        '{"attribute": "photos", "operator": "gt", "value": 1e400}',
        '{"all": [], "all": []}',
        '{"all": [], "name": "x"}',
        "null",
        "[]",
        '"all"',
    ],
)
def test_what_is_no_rule_is_one(filled: Run, text: str) -> None:
    said = filled("count", "-", given=text)
    assert (said.code, said.out) == (1, "")
    assert len(said.err.splitlines()) == 1


def test_a_rule_that_is_not_utf8_is_one(filled: Run) -> None:
    assert filled("count", "-", given=b"\xff\xfe{}").code == 1


def test_evaluate_answers_every_line_in_order(filled: Run) -> None:
    lines = [
        {"id": 1, "rule": json.loads(IRISH)},
        {"id": "b", "rule": {"attribute": "contry", "operator": "is", "value": "x"}},
        {"id": None, "rule": {"segment": "new", "operator": "in"}, "now": NOW, "ids": True},
        {"id": [4], "rule": {"all": []}, "entity": "company", "ids": True},
        {"id": 5},
        {"id": 6, "rule": {"all": []}, "idds": True},
        {"id": 7, "rule": {"all": []}, "now": "2026-11-22"},
        {"id": 8, "rule": {"all": []}, "entity": "robot"},
    ]
    given = "\n".join([*map(json.dumps, lines), "", "not json", "[]"])
    said = filled("evaluate", "-", given=given)
    assert said.code == 0
    answers = [json.loads(line) for line in said.out.splitlines()]
    assert answers[0] == {"id": 1, "count": 2}
    assert answers[1]["problems"][0]["path"] == "attribute"
    assert answers[2] == {"id": None, "count": 1, "ids": ["p-3"]}
    assert answers[3] == {"id": [4], "count": 2, "ids": ["c-1", "c-2"]}
    assert [answer["id"] for answer in answers] == [1, "b", None, [4], 5, 6, 7, 8, None, None]
    assert all(answer["problems"] for answer in answers[4:])


PURCHASE = {"event": "Purchase", "operator": "gte", "value": 1}
EVENT_RULES: tuple[tuple[dict[str, Any], str, list[str]], ...] = (
    (PURCHASE, NOW, ["p-1"]),
    (PURCHASE, "2026-11-21T09:59:59.999999Z", []),  # what comes after the instant has not happened
    ({"event": "Purchase", "operator": "eq", "value": 0}, NOW, ["p-2", "p-3", "p-4", "p-9"]),
    ({**PURCHASE, "where": {"attribute": "amount", "operator": "gt", "value": 20}}, NOW, []),
    ({**PURCHASE, "within": {"last": {"hours": 18}}}, "2026-11-22T04:00:00Z", ["p-1"]),
    ({**PURCHASE, "within": {"last": {"hours": 18}}}, "2026-11-22T04:00:00.000001Z", []),
    ({"event": "Purchase", "measure": "sum", "of": "amount", "operator": "between", "value": [19.99, 20]}, NOW, ["p-1"]),
    ({"event": "Invited", "measure": "last", "operator": "on", "value": "2026-11-21"}, NOW, ["p-9"]),
    ({"all": [PURCHASE, {"company": "any", "rule": {"attribute": "name", "operator": "is", "value": "acme"}}]}, NOW, ["p-1"]),
    ({"sequence": [{"event": "Purchase"}, {"event": "Invited"}], "each_within": {"days": 3}}, NOW, []),
)  # fmt: skip


@pytest.fixture
def busy(filled: Run, tmp_path: Path) -> Run:
    """The filled workspace once the events came in, and with them p-9."""
    arguments = ("--person", "who", "--at", "when", "--event-column", "what", "--json")
    assert filled("import", "events", tmp_path / "events.csv", *arguments).json["created"] == 2
    return filled


def test_rules_about_what_people_did(busy: Run) -> None:
    for rule, now, expected in EVENT_RULES:
        assert busy("members", "-", "--now", now, "--json", given=json.dumps(rule)).json["ids"] == expected, rule
    lines = [json.dumps({"id": rule, "rule": rule, "now": now, "ids": True}) for rule, now, _ in EVENT_RULES]
    answers = [json.loads(line) for line in busy("evaluate", "-", given="\n".join(lines)).out.splitlines()]
    assert answers == [{"id": rule, "count": len(ids), "ids": ids} for rule, _, ids in EVENT_RULES]
    acted = {"people": PURCHASE, "operator": "gte", "value": 1}
    assert busy("members", "-", "--entity", "company", "--now", NOW, given=json.dumps(acted)).out == "c-1\nc-2\n"


def test_a_segment_of_what_people_did_travels(busy: Run, tmp_path: Path) -> None:
    given = json.dumps({"segments": [{"key": "buyers", "name": "Buyers", "entity": "person", "rule": PURCHASE}]})
    assert busy("segments", "import", "-", given=given).code == 0
    assert busy("count", "--segment", "buyers", "--now", NOW).out == "1 of 5\n"
    assert "Purchase" in busy("segments", "show", "buyers").out
    assert json.loads(busy("segments", "export", "buyers", "--format", "json").out) == json.loads(given)


def test_events_that_never_came_are_problems_and_not_nobody(busy: Run) -> None:
    rule = {
        "all": [
            {**PURCHASE, "event": "Purchas"},
            {**PURCHASE, "where": {"attribute": "amont", "operator": "gt", "value": 20}},
            {**PURCHASE, "within": {"last": {"days": 0}}},
            {**PURCHASE, "measure": "sum"},
        ]
    }
    said = busy("count", "-", given=json.dumps(rule))
    assert (said.code, said.out) == (1, "")
    told = json.loads(busy("count", "-", "--json", given=json.dumps(rule)).err)
    assert [problem["path"] for problem in told] == [
        "all[0].event",
        "all[1].where.attribute",
        "all[2].within.last",
        "all[3].of",
    ]
    assert [problem.get("suggestion") for problem in told[:2]] == ["Purchase", "amount"]


def test_explain_prints_the_tree_with_actual_and_needed_values(filled: Run) -> None:
    said = filled("explain", "p-1", "-", "--now", NOW, given=IRISH)
    assert said.code == 0
    assert said.out.splitlines()[0] == f"p-1 matches as of {NOW}"
    assert "✓ Country is ireland · Ireland ← this alone turns the answer: anything but ireland" in said.out
    found = filled("explain", "p-2", "--segment", "new", "--now", NOW, "--json").json
    assert (found["id"], found["holds"], found["now"]) == ("p-2", False, NOW)
    assert found["reason"]["kind"] == "attribute"
    nobody = filled("explain", "p-99", "-", given=IRISH)
    assert (nobody.code, nobody.out) == (1, "")
    assert "p-99" in nobody.err
    assert filled("explain", "p-1").code == 2


def test_only_a_line_feed_ends_a_line_of_evaluate(filled: Run) -> None:
    rule = {"attribute": "country", "operator": "is_not", "value": "a\u2028b\x85c"}
    said = filled("evaluate", "-", given=json.dumps({"id": "\u2029", "rule": rule}, ensure_ascii=False) + "\r\n")
    assert [json.loads(line) for line in said.out.split("\n") if line] == [{"id": "\u2029", "count": 4}]


@pytest.mark.parametrize("instant", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_at_the_end_of_the_calendar_is_refused(filled: Run, instant: str) -> None:
    said = filled("count", "-", "--now", instant, given=IRISH)
    assert (said.code, said.out) == (2, "")
    line = json.dumps({"id": 1, "rule": json.loads(IRISH), "now": instant})
    answers = filled("evaluate", "-", given=f"{line}\n{json.dumps({'id': 2, 'rule': json.loads(IRISH)})}")
    assert answers.code == 0
    assert json.loads(answers.out.splitlines()[0])["problems"][0]["path"] == "now"
    assert json.loads(answers.out.splitlines()[1]) == {"id": 2, "count": 2}


def test_evaluate_of_nothing_says_nothing(filled: Run) -> None:
    said = filled("evaluate", "-", given="")
    assert (said.code, said.out) == (0, "")


HOSTILE = {
    "segments": [
        {
            "key": "odd-ones",
            "name": "Odd: “ones” yes",
            "entity": "person",
            "description": "no\n- yes: 1e5 # \u2028 x",
            "folder": "null",
            "rule": {
                "any": [
                    {"attribute": "country", "operator": "is", "value": "no"},
                    {
                        "attribute": "country",
                        "operator": "is_any_of",
                        "value": [
                            "2026-11-22",
                            "1e5",
                            "0o7",
                            "010",
                            "12:30",
                            "~",
                            "on",
                            "true",
                            "+1",
                            ".inf",
                            "İ\u0085ß",
                        ],
                    },
                    {"attribute": "photos", "operator": "gt", "value": 1e22},
                    {"attribute": "photos", "operator": "between", "value": [-0.1, 12]},
                    {"attribute": "signed_up_at", "operator": "on", "value": "2026-11-22"},
                    {"segment": "active", "operator": "not_in"},
                ]
            },
        }
    ]
}


WORDS = st.text(st.characters(exclude_categories=["Cs"])) | st.from_regex(r"[-+0-9.eE_:~a-z]{1,8}")
VALUES = st.recursive(
    WORDS | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.booleans() | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(WORDS, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None)
@given(VALUES)
def test_what_is_written_as_yaml_is_read_as_it_was(value: object) -> None:
    assert document_of(as_yaml({"segments": value})) == {"segments": value}


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_segments_travel_without_loss(filled: Run, form: str) -> None:
    given = json.dumps(HOSTILE)
    assert filled("segments", "import", "-", "--json", given=given).json == {"created": 1, "updated": 0, "unchanged": 0}
    out = filled("segments", "export", "odd-ones", "--format", form).out
    assert (yaml.safe_load(out) if form == "yaml" else json.loads(out)) == json.loads(given)
    assert filled("segments", "import", "-", "--json", given=out).json == {"created": 0, "updated": 0, "unchanged": 1}


def test_segments_export_everything_and_come_back_elsewhere(filled: Run, tmp_path: Path) -> None:
    out = filled("segments", "export").out
    elsewhere = ("--database", f"sqlite:///{tmp_path / 'other.db'}")
    assert filled(*elsewhere, "segments", "import", "-", "--json", given=out).json["unchanged"] == 3
    assert filled(*elsewhere, "segments", "export").out == out


@pytest.mark.parametrize(
    "text",
    [
        "segments: [",
        "segments: []\nsegments: []",
        "segments: 3",
        "- a",
        "segments: [{key: a, name: A}]",
        "segments: [{key: a, name: A, rule: {all: []}, colour: red}]",
        "segments: [{key: a, name: A, rule: {all: []}, hidden_from: [Nobody]}]",
        "segments: [{key: a, name: A, rule: {segment: a, operator: in}}]",
        "!!python/object/apply:os.system [true]",
    ],
)
def test_segments_that_are_wrong_are_one_and_none_is_kept(filled: Run, text: str) -> None:
    said = filled("segments", "import", "-", given=text)
    assert said.code == 1
    assert said.err
    assert len(filled("segments", "list", "--json").json) == 3


def test_yaml_days_stay_text(filled: Run) -> None:
    text = "segments: [{key: a, name: A, rule: {attribute: signed_up_at, operator: on, value: 2026-11-20}}]"
    assert filled("segments", "import", "-", given=text).code == 0
    assert filled("count", "--segment", "a").out == "1 of 4\n"


def test_segments_are_listed_shown_and_deleted(filled: Run) -> None:
    given = json.dumps({"segments": [{"key": "irish", "name": "Irish", "rule": json.loads(IRISH)}]})
    assert filled("segments", "import", "-", given=given).code == 0
    listed = {row["key"]: row for row in filled("segments", "list", "--json").json}
    assert (listed["irish"]["count"], listed["irish"]["total"]) == (2, 4)
    assert "Irish" in filled("segments", "list").out
    shown = filled("segments", "show", "irish")
    assert "2 of 4" in shown.out
    assert "ireland" in shown.out
    assert filled("segments", "show", "irish", "--json").json["rule"] == json.loads(IRISH)
    assert filled("segments", "delete", "irish").code == 0
    assert filled("segments", "delete", "irish").code == 1
    assert filled("segments", "show", "irish").code == 1


def test_a_segment_in_use_is_not_deleted(filled: Run) -> None:
    given = json.dumps(
        {"segments": [{"key": "away", "name": "Away", "rule": {"segment": "active", "operator": "not_in"}}]}
    )
    assert filled("segments", "import", "-", given=given).code == 0
    said = filled("segments", "delete", "active")
    assert said.code == 1
    assert "Away" in said.err


def test_a_database_that_cannot_be_meant_is_one(run: Run) -> None:
    for url in ("nonsense", "mysql://host/x", "sqlite://", "sqlite:////proc/nowhere/x.db"):
        said = run("--database", url, "attributes")
        assert said.code == 1, url
        assert len(said.err.splitlines()) == 1
        assert "Traceback" not in said.err


def test_doctor_is_content_with_a_sound_workspace(filled: Run) -> None:
    filled("count", "-", given=IRISH)
    said = filled("doctor", "--json")
    states = {finding["check"]: finding["state"] for finding in said.json}
    assert {"Python", "Packages", "Settings", "Data folder", "Database", "Snapshot", "Configuration", "Port"} <= set(
        states
    )
    assert "mend" not in states.values()
    assert said.code == 0


def test_doctor_says_what_to_mend(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"this is no database" * 100)
    said = run("--database", f"sqlite:///{broken}", "doctor")
    assert said.code == 1
    assert "✕ Database" in said.out
    monkeypatch.setenv("SEGCORE_PORT", "many")
    said = run("doctor")
    assert said.code == 1
    assert "SEGCORE_PORT" in said.out


def test_doctor_makes_nothing(run: Run, tmp_path: Path) -> None:
    assert run("doctor").code == 0
    assert not (tmp_path / "segcore.db").exists()


def test_a_reader_that_has_enough_gets_no_traceback(tmp_path: Path) -> None:
    (tmp_path / "people.csv").write_text("id\n" + "".join(f"person-{n:06}\n" for n in range(20_000)), encoding="utf-8")
    environment = {**os.environ, "SEGCORE_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)}
    environment.pop("SEGCORE_DATABASE_URL", None)
    segcore = f"'{sys.executable}' -m segcore"
    script = f"{segcore} import people people.csv --id id >/dev/null && echo '{{\"all\": []}}' | {segcore} members - | head -1"
    done = subprocess.run(
        ["sh", "-c", script], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.stdout == "person-000000\n"
    assert done.stderr == ""
