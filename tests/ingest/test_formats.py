"""Files that are no plain CSV: packed, JSON lines, Parquet, and what only pretends."""

import gzip
import json
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from segcore.attributes import Kind, Schema
from segcore.ingest.chunk import Chunk
from segcore.ingest.files import Source
from segcore.ingest.plan import Options, Plan, opened, plan
from segcore.ingest.rows import Sieve
from segcore.problems import SegcoreError


def looked(path: Path, **options: object) -> Plan:
    return plan("person", Source.of(path), Options(id="id", **options), Schema(), "Europe/Dublin")  # type: ignore[arg-type]


def kinds(found: Plan) -> dict[str, Kind]:
    return {column.key: column.kind for column in found.attributes}


def stored(found: Plan) -> tuple[list[dict[str, object]], list[tuple[int, str, str]]]:
    documents, rejected = [], []
    for chunk in found.reader().chunks(1000):
        sifted = Sieve(found).sift(chunk)
        documents += [json.loads(document) for document in sifted.accepted["document"]]
        rejected += [(row.line, row.column, row.reason) for row in sifted.rejected]
    return documents, rejected


def written(tmp_path: Path, *lines: object) -> Path:
    path = tmp_path / "people.jsonl"
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines), encoding="utf-8")
    return path


def test_json_lines_keep_what_json_knows(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"id": 1, "text": "", "digits": "5", "n": 5, "f": 0.5, "yes": True, "day": "2024-01-02", "tags": ["a", 1.50]},
        "",
        {"id": "2", "n": 9007199254740993, "later": "x", "text": None},
        '{"id": "3", "f": NaN}',
    )
    found = looked(path)
    assert kinds(found) == {
        "text": Kind.TEXT,
        "digits": Kind.TEXT,
        "n": Kind.NUMBER,
        "f": Kind.NUMBER,
        "yes": Kind.BOOLEAN,
        "day": Kind.DATE,
        "tags": Kind.LIST,
        "later": Kind.TEXT,
    }
    documents, rejected = stored(found)
    assert not rejected
    assert documents[0] == {
        "text": "",
        "digits": "5",
        "n": 5,
        "f": 0.5,
        "yes": True,
        "day": 19724,
        "tags": ["a", "1.5"],
    }
    assert documents[1:] == [{"n": 9007199254740993, "later": "x"}, {}]


def test_a_line_that_is_no_object_is_refused_with_its_number(tmp_path: Path) -> None:
    path = written(
        tmp_path,
        {"id": 1, "a": "x"},
        "[1]",
        "{broken",
        '{"id": 2, "a": "\\ud800"}',
        '{"id": 3, "a": 1, "a": 2}',
        '{"id": 4, "a\\u0000": 1}',
        "[" * 100_000,
        '{"id": 5, "a": "' + "x" * 70_000 + '"}',
        '{"id": 6, "a": "' + "x" * 1_100_000 + '"}',
        '{"id": 7, "a": "a\\u0000b"}',
        '{"id": 8, "a": 1e400}',
        '{"id": null, "a": "x"}',
        {"id": 9, "a": {"b": 1}},
        {"id": 10, "a": "last"},
    )
    documents, rejected = stored(looked(path, types={"a": Kind.TEXT}))
    assert [document.get("a") for document in documents] == ["x", "1e400", "last"]
    assert {line: reason for line, _, reason in rejected} == {
        2: "the line is not a JSON object",
        3: "the line is not JSON",
        4: "contains half a character",
        5: "names “a” more than once",
        6: "the name “a�” contains a control character",
        7: "the line is nested too deeply",
        8: "the value is longer than 64 kB",
        9: "the line is longer than 1 MB",
        10: "contains a NUL character",
        12: "no id",
        13: '“{"b": "1"}” is an object, not a text',
    }


def test_infinity_is_no_number_in_json_either(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"id": 1, "a": 1}, '{"id": 2, "a": Infinity}', '{"id": 3, "a": 1e400}', '{"id": 4, "a": "5"}'
    )
    _, rejected = stored(looked(path, types={"a": Kind.NUMBER}))
    assert [(line, reason) for line, _, reason in rejected] == [
        (2, "“Infinity” is not a finite number"),
        (3, "“1e400” is past ±9,223,372,036,854,775,807"),
        (4, "“5” is a text in quotes, not a number"),
    ]


def test_an_empty_file_of_json_lines_is_refused(tmp_path: Path) -> None:
    for content in ("", "\n\n", "[1]\n"):
        path = tmp_path / "people.jsonl"
        path.write_text(content)
        with pytest.raises(SegcoreError):
            looked(path)


def test_parquet_brings_its_types(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    instant = datetime(2026, 7, 1, 12, 0, 0, 1, tzinfo=UTC)
    pl.DataFrame(
        {
            "id": [1, 2, 3],
            "text": ["", "007", None],
            "whole": [2**63 - 1, None, -5],
            "part": [0.1, float("nan"), 3.0],
            "money": [Decimal("1.50"), None, Decimal("2.00")],
            "flag": [True, None, False],
            "day": [date(1900, 1, 1), None, date(2299, 12, 31)],
            "at": [instant, None, instant],
            "local": [datetime(2026, 7, 1, 12), None, datetime(2026, 1, 1, 12)],  # noqa: DTZ001
            "tags": [["a", 'b"'], [], None],
            "numbers": [[1, 2], None, []],
        },
        schema_overrides={"at": pl.Datetime("us", "UTC")},
    ).write_parquet(path)
    found = looked(path)
    documents, rejected = stored(found)
    assert not rejected
    noon = 1_782_903_600_000_000  # 12:00 in Dublin in July
    assert documents[0] == {
        "text": "",
        "whole": 2**63 - 1,
        "part": 0.1,
        "money": 1.5,
        "flag": True,
        "day": -25567,
        "at": noon + 3_600_000_001,
        "local": noon,
        "tags": ["a", 'b"'],
        "numbers": ["1", "2"],
    }
    assert documents[1] == {"text": "007", "tags": []}
    assert kinds(found)["local"] is Kind.DATETIME


def test_parquet_tells_what_it_cannot_bring(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pl.DataFrame(
        {
            "id": [1, 2],
            "big": [2**64 - 1, 1],
            "long": ["x" * 70_000, "y"],
            "raw": [b"z", None],
            "huge": [float("inf"), 0.5],
        }
    ).write_parquet(path)
    found = looked(path, names={"raw": None}, types={"big": Kind.NUMBER, "huge": Kind.NUMBER})
    documents, rejected = stored(found)
    assert [(line, column) for line, column, _ in rejected] == [(1, "long")]
    assert documents == [{"big": 1, "long": "y", "huge": 0.5}]
    assert looked(path).columns[3].misfits == 0


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    pl.DataFrame({"id": [1]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20] + b"x" * 20)
    with pytest.raises(SegcoreError, match="cannot be read as Parquet"):
        looked(path)


def test_packed_csv_is_read_and_a_damaged_one_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv.gz"
    packed = gzip.compress(b"id,a\n" + b"".join(b"%d,%d\n" % (n, n) for n in range(50_000)))
    path.write_bytes(packed)
    assert looked(path).rows == 50_000
    for damaged in (packed[: len(packed) // 2], packed[:-8] + b"\x00" * 8, packed[:200] + b"\xff" * 50 + packed[250:]):
        path.write_bytes(damaged)
        with pytest.raises(SegcoreError, match="damaged"):
            looked(path)


@pytest.mark.parametrize(
    "start", [b"\x1f\x8b", b"PK\x03\x04", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"PAR1", b"\xd0\xcf\x11\xe0"]
)
def test_the_web_takes_csv_and_no_archive(start: bytes, tmp_path: Path) -> None:
    with pytest.raises(SegcoreError, match="only CSV"):
        opened(Source.of(start + b"id\n1\n", "people.csv"))
    path = tmp_path / "people.csv"
    path.write_bytes(start + b"id\n1\n")
    with pytest.raises(SegcoreError):
        opened(Source.of(path))
    with pytest.raises(SegcoreError, match="only CSV"):
        opened(Source.of(path, upload=True))


def test_what_cannot_be_opened_is_told(tmp_path: Path) -> None:
    (tmp_path / "people.xlsx").write_bytes(b"x")
    (tmp_path / "folder.csv").mkdir()
    for name in ("people.xlsx", "folder.csv", "absent.csv"):
        with pytest.raises(SegcoreError):
            opened(Source.of(tmp_path / name))


def test_a_file_that_changed_since_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("id,a\n1,2\n")
    found = looked(path)
    path.write_text("id,a\n1,200\n")
    with pytest.raises(SegcoreError, match="changed since"):
        found.reader()


def test_a_chunk_answers_for_a_column_it_does_not_have() -> None:
    chunk = Chunk(pl.Series([1, 2]), {})
    assert chunk.of("x").raw.to_list() == [None, None]
