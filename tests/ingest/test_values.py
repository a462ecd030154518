"""What one value is: examples for every kind, and the law that a column reads as its values do."""

import json
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from segcore.attributes import Kind
from segcore.ingest import columns, documents, records
from segcore.ingest.chunk import Cells, Form
from segcore.ingest.records import Reading, Rejection, read

DUBLIN = ZoneInfo("Europe/Dublin")
NUMBER = Reading(kind=Kind.NUMBER)
FLOAT = Reading(kind=Kind.NUMBER, fractions=True)
DAY = 86_400_000_000
HOUR = 3_600_000_000


def microseconds(iso: str) -> int:
    from datetime import datetime

    from segcore.ingest.moments import stored

    return stored(datetime.fromisoformat(iso))


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("42", 42),
        ("-0", 0),
        ("-0.0", 0),
        ("5.0", 5),
        ("1e3", 1000),
        (" 7 ", 7),
        ("9223372036854775807", 2**63 - 1),
        ("-9223372036854775807", -(2**63 - 1)),
        ("9007199254740993", 2**53 + 1),
        ("9007199254740993.0", 2**53 + 1),
        ("NaN", None),
        ("nan", None),
        ("", None),
        ("   ", None),
    ],
)
def test_a_whole_number_is_exact(raw: str, value: int | None) -> None:
    assert read(NUMBER, raw) == value


@pytest.mark.parametrize(
    "raw",
    [
        *("１２", "٣", "1_000", "1,000", "1 2", "0x10", "+5", "5.", "007", "-01", "abc"),
        *("inf", "-Infinity", "1e400", "1e19", str(2**63), str(-(2**63)), str(2**70), "9" * 5000),
        *("9007199254740993.5", "9007199254740992.5"),  # fractions past what a float can hold
    ],
)
def test_what_python_would_call_a_number_is_not_always_one(raw: str) -> None:
    assert isinstance(read(NUMBER, raw), Rejection)
    assert isinstance(read(FLOAT, raw), Rejection)


def test_beside_fractions_no_whole_number_is_past_what_a_float_can_hold() -> None:
    assert read(FLOAT, "0.1") == 0.1
    assert read(FLOAT, str(2**53)) == float(2**53)
    assert read(FLOAT, str(2**53 + 1)) == Rejection(
        f"“{2**53 + 1}” is past ±9,007,199,254,740,992, and this attribute has fractions"
    )


@pytest.mark.parametrize(
    ("kind", "raw", "value"),
    [
        (Kind.TEXT, "  ", "  "),
        (Kind.TEXT, "", None),
        (Kind.TEXT, "007", "007"),
        (Kind.BOOLEAN, "YES", True),
        (Kind.BOOLEAN, "False", False),
        (Kind.BOOLEAN, "0", False),
        (Kind.BOOLEAN, " ", None),
        (Kind.DATE, "1970-01-02", 1),
        (Kind.DATE, "1900-01-01", -25567),
        (Kind.DATETIME, "1970-01-02", DAY - 0),
        (Kind.DATETIME, "1970-01-01T01:00:00+01:00", 0),
        (Kind.DATETIME, "1970-01-01 00:00:01.5Z", 1_500_000),
        (Kind.DATETIME, "1970-01-01T00:00:00.0000019Z", 1),
        (Kind.DATETIME, "1970-01-01 00:00:00 UTC", 0),
        (Kind.LIST, "a; b ;;c", ["a", "b", "c"]),
        (Kind.LIST, '["a;b", 1.50, true]', ["a;b", "1.50", "true"]),
        (Kind.LIST, "[]", []),
        (Kind.LOCATION, "53.34,-6.26", [53.34, -6.26]),
        (Kind.LOCATION, " -0 , 180 ", [0.0, 180.0]),
    ],
)
def test_values_come_out_as_they_are_stored(kind: Kind, raw: str, value: object) -> None:
    assert read(Reading(kind=kind), raw) == value


@pytest.mark.parametrize(
    ("kind", "raw"),
    [
        (Kind.TEXT, "a\x00b"),
        (Kind.BOOLEAN, "y"),
        (Kind.DATE, "2023-02-29"),
        (Kind.DATE, "0000-01-01"),
        (Kind.DATE, "03/04/2024"),
        (Kind.DATE, "2024-01-01T10:00:00Z"),
        (Kind.DATETIME, "2024-01-01T24:00"),
        (Kind.DATETIME, "2024-01-01T10:00:60Z"),
        (Kind.DATETIME, "10:00"),
        (Kind.LIST, "[null]"),
        (Kind.LIST, '[["a"]]'),
        (Kind.LOCATION, "91,0"),
        (Kind.LOCATION, "53.34"),
    ],
)
def test_what_does_not_fit_is_refused(kind: Kind, raw: str) -> None:
    assert isinstance(read(Reading(kind=kind), raw), Rejection)


def test_the_order_of_day_and_month_is_the_column_s() -> None:
    assert read(Reading(kind=Kind.DATE, order="day"), "01/02/1970") == 31
    assert read(Reading(kind=Kind.DATE, order="month"), "01/02/1970") == 1
    assert isinstance(read(Reading(kind=Kind.DATE, order="month"), "31/12/1970"), Rejection)


@pytest.mark.parametrize(
    ("raw", "instant"),
    [
        ("2026-07-01", "2026-06-30T23:00:00+00:00"),
        ("2026-07-01 12:00:00", "2026-07-01T11:00:00+00:00"),
        ("2026-07-01 12:00:00Z", "2026-07-01T12:00:00+00:00"),
        # The clocks go from 01:00 to 02:00: half past one is half an hour after one.
        ("2026-03-29 01:30:00", "2026-03-29T01:30:00+00:00"),
        # They go back from 02:00 to 01:00: of the two the first.
        ("2026-10-25 01:30:00", "2026-10-25T00:30:00+00:00"),
        # Further than Polars knows the rules.
        ("2150-07-01 12:00:00", "2150-07-01T11:00:00+00:00"),
    ],
)
def test_an_instant_without_zone_is_of_the_workspace(raw: str, instant: str) -> None:
    reading = Reading(kind=Kind.DATETIME, zone=DUBLIN)
    assert read(reading, raw) == microseconds(instant)
    assert columns.parse(Cells(pl.Series([raw])), reading).values.to_list() == [microseconds(instant)]


def test_json_tells_text_from_numbers() -> None:
    assert isinstance(read(NUMBER, "5", Form.STRING), Rejection)
    assert read(NUMBER, "5", Form.NUMBER) == 5
    assert read(Reading(kind=Kind.TEXT), "", Form.STRING) == ""
    assert isinstance(read(Reading(kind=Kind.DATE), "", Form.STRING), Rejection)
    assert isinstance(read(Reading(kind=Kind.BOOLEAN), "1", Form.NUMBER), Rejection)
    assert read(Reading(kind=Kind.LOCATION), '{"latitude": 1, "longitude": 2.5}', Form.OBJECT) == [1.0, 2.5]
    assert isinstance(read(Reading(kind=Kind.TEXT), "[]", Form.ARRAY), Rejection)


@pytest.mark.parametrize("raw", [None, "", "  ", "a\tb", "a\u200bb", "a\u202eb", "\ufeffa", "x" * 513])
def test_an_id_can_be_seen_and_has_an_end(raw: str | None) -> None:
    assert isinstance(records.identifier(raw), Rejection)
    assert columns.identifiers(Cells(pl.Series([raw], dtype=pl.String))).refused.to_list() == [True]


@pytest.mark.parametrize("raw", ["0", "007", " a ", "é", "x" * 512])
def test_an_id_stays_as_it_is_written(raw: str) -> None:
    assert records.identifier(raw) == raw
    assert columns.identifiers(Cells(pl.Series([raw]))).values.to_list() == [raw]


digits = st.text("0123456789", min_size=1, max_size=20)
numberish = st.one_of(
    st.integers(-(2**65), 2**65).map(str),
    st.floats().map(str),
    st.decimals(allow_nan=True, places=3).map(str),
    st.builds(lambda a, b, e: f"{a}.{b}e{e}", digits, digits, st.integers(-30, 30)),
    st.integers(2**53 - 3, 2**53 + 3).map(str),
    st.text("0123456789.-+eE_１ ", max_size=8),
)
dates = st.builds(
    lambda y, m, d, order, mark, clock: (
        f"{y:04}-{m:02}-{d:02}{clock}" if order == 0 else f"{d}{mark}{m:02}{mark}{y:04}{clock.replace('T', ' ')}"
    ),
    st.integers(0, 2400),
    st.integers(0, 14),
    st.integers(0, 33),
    st.integers(0, 1),
    st.sampled_from("/.-"),
    st.sampled_from(
        [
            "",
            "T00:00",
            " 9:05",
            "T23:59:59.999999Z",
            " 01:30:00",
            "T10:00:00+05:30",
            " 12:00-0330",
            "T25:00",
            " 02:30 UTC",
        ]
    ),
)
listish = st.one_of(
    st.lists(st.text(max_size=3)).map(json.dumps),
    st.lists(st.text(max_size=3)).map(lambda items: json.dumps(items, ensure_ascii=False)),
    st.lists(st.one_of(st.none(), st.integers(), st.booleans(), st.text(max_size=2))).map(json.dumps),
    st.text('[]", ab;', max_size=8),
)
places = st.builds(
    lambda a, b, c: f"{a}{c}{b}",
    st.integers(-200, 200),
    st.floats(-200, 200).map(lambda f: f"{f:.3f}"),
    st.sampled_from([",", ", ", ";"]),
)
words = st.one_of(
    st.sampled_from(["true", "FALSE", "Yes", "no", "1", "0", "y", "İ", "NaN", "inf", "", "  ", "\u00a0"]),
    st.text(max_size=5),
)
anything = st.one_of(st.none(), words, numberish, dates, listish, places)


HARD: list[str | None] = [
    *(
        "",
        " ",
        "0",
        "-0",
        "-0.0",
        "2.5",
        "0.1",
        ".5",
        "-1.25",
        "5.0",
        "007",
        "1e3",
        "1e16",
        "1e-400",
        "1e400",
        " 4 ",
        "NaN",
    ),
    *(
        str(2**53),
        str(2**53 + 1),
        str(2**63 - 1),
        str(-(2**63)),
        "9007199254740993.0",
        "123456789012345.5",
        "１２",
        "inf",
    ),
    *("1234567890123456.5", "0.00000000000000000001", "true", "No", "y", "2024-02-29", "2023-02-29", "0001-01-01"),
    *("9999-12-31T23:00:00-02:00", "0001-01-01T00:00:00+01:00", "31/12/2024", "12/31/2024", "1.2.2024", "1/2-2024"),
    *("2024-03-31 01:30:00", "2024-10-27 01:30:00", "2150-07-01 12:00:00", "2024-01-01T10:00-0330", "31/12/2024 9:05"),
    *("2024-02-29 10:00:00.1234567+05:30", "2024-01-01T24:00", "a;b; c;", "[]", '["a","b"]', '[", "]', '["a", ","]'),
    *("[1,2.50,true]", "[null]", "[a];b", '["\\ud800"]', '["\\u0000"]', "53.3,-6.2", "91,0", "(1, 2)", "[1,2]"),
    *('{"latitude":1,"longitude":2}', "a\x00b", "\u00a0", None),
]


@pytest.mark.parametrize("kind", list(Kind))
@pytest.mark.parametrize("form", list(Form))
def test_a_column_of_hard_values_reads_as_they_do(kind: Kind, form: Form) -> None:
    for fractions in (False, True):
        for order in (None, "day", "month"):
            for zone in ("UTC", "Europe/Dublin"):
                reading = Reading(kind=kind, fractions=fractions, order=order, zone=ZoneInfo(zone))  # type: ignore[arg-type]
                agree([(text, form) for text in HARD], reading, form)


@settings(max_examples=120, deadline=None)
@given(
    st.lists(st.tuples(anything, st.sampled_from(list(Form))), min_size=1, max_size=30),
    st.sampled_from(list(Kind)),
    st.booleans(),
    st.sampled_from([None, "day", "month"]),
    st.sampled_from(["UTC", "Europe/Dublin", "America/New_York"]),
    st.booleans(),
    st.booleans(),
)
@example([('[", "]', Form.FIELD)], Kind.LIST, False, None, "UTC", False, False)
def test_a_column_reads_as_its_values_do(
    cells: list[tuple[str | None, Form]],
    kind: Kind,
    fractions: bool,
    order: Any,
    zone: str,
    provisional: bool,
    one: bool,
) -> None:
    # Fields never stand beside values of JSON; and most columns are of one form.
    reading = Reading(kind=kind, fractions=fractions, order=order, zone=ZoneInfo(zone), provisional=provisional)
    forms = [Form.FIELD] * len(cells) if one else [form or Form.STRING for _, form in cells]
    mixed = Form.FIELD if one else pl.Series([int(form) for form in forms], dtype=pl.UInt8)
    agree([(text, form) for (text, _), form in zip(cells, forms, strict=True)], reading, mixed)


def agree(cells: list[tuple[str | None, Form]], reading: Reading, form: Any) -> None:
    parsed = columns.parse(Cells(pl.Series([text for text, _ in cells], dtype=pl.String), form), reading)
    as_json = reading.kind in (Kind.LIST, Kind.LOCATION)
    for (text, form_of), value, refused in zip(cells, parsed.values, parsed.refused, strict=True):
        alone = read(reading, text, form_of)
        if isinstance(alone, Rejection):
            assert (value, refused) == (None, True), (text, form_of)
        else:
            found = json.loads(value) if as_json and value is not None else value
            assert (found, type(found), refused) == (alone, type(alone), False), (text, form_of)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.none(), st.text()),
            st.one_of(st.none(), st.integers(-(2**63) + 1, 2**63 - 1)),
            st.one_of(st.none(), st.floats(-(2.0**53), 2.0**53)),
            st.one_of(st.none(), st.booleans()),
        )
    ),
    st.text(min_size=1, max_size=5),
)
def test_a_document_says_exactly_its_values(rows: list[tuple[Any, ...]], key: str) -> None:
    names = [key, "whole", "part", "flag"]
    kinds = (Kind.TEXT, Kind.NUMBER, Kind.NUMBER, Kind.BOOLEAN)
    types = (pl.String, pl.Int64, pl.Float64, pl.Boolean)
    given_columns = [
        (name, kind, pl.Series([row[place] for row in rows], dtype=dtype))
        for place, (name, kind, dtype) in enumerate(zip(names, kinds, types, strict=True))
    ]
    encoded = documents.encoded(given_columns, len(rows))
    assert len(encoded) == len(rows)
    for row, document in zip(rows, encoded, strict=True):
        expected = {name: value for name, value in zip(names, row, strict=True) if value is not None}
        assert json.loads(document) == expected


def test_a_merge_touches_the_keys_of_the_file_only() -> None:
    stored = '{"a":1,"b":"x","c":true}'
    assert documents.merged(stored, '{"a":1}', ["a"]) is None
    assert documents.merged(stored, '{"b":"x","a":1.0}', ["a", "b"]) is None
    assert json.loads(documents.merged(stored, '{"a":2}', ["a", "b"]) or "") == {"a": 2, "c": True}
