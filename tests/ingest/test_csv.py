"""CSV that is well, odd or hostile: every row is accounted for, and nothing longer than a row is held."""

import csv
import gzip
import io
import random
import tracemalloc
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.attributes import Kind, Schema
from segcore.ingest.chunk import Chunk
from segcore.ingest.csv import CsvReader
from segcore.ingest.files import Source
from segcore.ingest.plan import Options, plan
from segcore.ingest.rows import Sieve
from segcore.problems import SegcoreError


def chunks(content: bytes, encoding: str | None = None, rows: int = 1000) -> list[Chunk]:
    return list(CsvReader(Source.of(content), encoding).chunks(rows))


def rows(content: bytes, encoding: str | None = None) -> list[tuple[str | None, ...]]:
    read = []
    for chunk in chunks(content, encoding):
        assert not chunk.unreadable, chunk.unreadable
        read += list(zip(*(cells.raw for cells in chunk.cells.values()), strict=True))
    return read


def refused(content: bytes) -> list[tuple[int, str, str]]:
    return [(row.line, row.column, row.reason) for chunk in chunks(content) for row in chunk.unreadable]


def lines(content: bytes) -> list[int]:
    return [line for chunk in chunks(content) for line in chunk.lines]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_lines_end_as_they_like(ending: str) -> None:
    content = ending.join(["id,name", "1,Ann", "", '2,"two', 'lines"', "3,Cy"]).encode()
    assert rows(content) == [("1", "Ann"), ("2", f"two{ending}lines"), ("3", "Cy")]
    assert lines(content) == [2, 4, 6]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32"])
def test_a_mark_says_what_the_encoding_is(encoding: str) -> None:
    mark = "\ufeff" if encoding in ("utf-16-le", "utf-16-be") else ""
    content = f"{mark}id,naïve\n1,Ünal İ ß 文".encode(encoding)
    reader = CsvReader(Source.of(content))
    assert reader.columns == ("id", "naïve")
    assert rows(content) == [("1", "Ünal İ ß 文")]


def test_what_is_not_utf_8_is_refused_until_somebody_says_what_it_is() -> None:
    content = "id,name\n1,Séamus\n".encode("latin-1")
    with pytest.raises(SegcoreError, match="--encoding NAME"):
        rows(content)
    assert rows(content, "latin-1") == [("1", "Séamus")]


def test_a_bad_byte_late_in_the_file_refuses_it_too() -> None:
    with pytest.raises(SegcoreError, match="--encoding NAME"):
        rows(b"id\n" + b"1\n" * 100_000 + b"\xff\n")


@pytest.mark.parametrize("name", ["no-such-thing", "base64", "rot13", "", "undefined"])
def test_only_encodings_of_text_are_known(name: str) -> None:
    with pytest.raises(SegcoreError):
        rows(b"id\n1\n", name)


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "is empty"),
        (b"\n\n\n", "is empty"),
        (b"id,name,id,name\n1,2,3,4\n", "more than one column named “id”, “name”"),
        (b"id,,x,\n1,2,3,4\n", "Columns 2, 4 of “upload.csv” have no name"),
        (b"id, \n1,2\n", "Column 2 of “upload.csv” has no name"),
        (b'id,"a\nb"\n1,2\n', "control character"),
        (b"id,a\x00b\n1,2\n", "control character"),
        (b'id,"name\n1,2\n', "quote that is not closed"),
        (b"id," + b"n" * 513 + b"\n1,2\n", "512 are the most"),
        (b",".join(b"c%d" % n for n in range(2_001)) + b"\n", "2,001 columns"),
        (b"x" * 1_100_000, "header of “upload.csv” is longer"),
    ],
)
def test_a_header_that_cannot_name_columns_refuses_the_file(content: bytes, told: str) -> None:
    with pytest.raises(SegcoreError, match=told):
        chunks(content)


def test_a_header_alone_has_no_rows() -> None:
    assert rows(b"id,name\n") == []
    assert rows(b"id,name") == []


def test_rows_of_another_length_are_refused_with_their_line() -> None:
    assert refused(b"a,b\n1,2\n3\n4,5,6\n7,8\n") == [
        (3, "", "the row has 1 field, the header has 2"),
        (4, "", "the row has 3 fields, the header has 2"),
    ]


def test_a_nul_refuses_its_row() -> None:
    assert refused(b"a,b\n1,x\x00y\n2,z\n") == [(2, "b", "contains a NUL character")]


def test_a_stray_quote_refuses_its_row_and_no_other() -> None:
    content = b'a,b\n1,"He said "hi" there"\n2,5" pipe\n3,"ok"\n'
    assert refused(content) == [(2, "", "a quote inside a quoted field is not doubled")]
    assert lines(content) == [3, 4]


def test_a_quote_that_is_never_closed_says_what_it_swallowed() -> None:
    content = b'a,b\n1,x\n2,"open\n3,y\n4,z\n'
    assert refused(content) == [(3, "", "a quote opened in this row is never closed, so nothing up to line 5 was read")]
    assert lines(content) == [2]


def test_cells_and_rows_have_a_limit() -> None:
    content = b"a,b\n1," + b"x" * 65_536 + b"\n2," + b"x" * 65_537 + b"\n3," + "é".encode() * 40_000 + b"\n4,y\n"
    assert refused(content) == [
        (3, "b", "the value is longer than 64 kB"),
        (4, "b", "the value is longer than 64 kB"),
    ]
    assert lines(content) == [2, 5]


@pytest.mark.parametrize(
    "huge",
    [b"x" * 3_000_000, b'"' + b"x\n" * 1_500_000 + b'"', b'"' + b'""' * 1_500_000 + b'"', b'"a",' * 700_000],
    ids=["one line", "many lines", "quotes", "cells"],
)
def test_a_row_past_the_limit_is_skipped_to_its_end(huge: bytes) -> None:
    content = b"a,b\n1,x\n2," + huge + b"\n3,y\n4," + huge + b"\r\n5," + b"z" * 999_998 + b"\n6,y\n"
    told = "the row is longer than 1 MB"
    ends = huge.count(b"\n")
    assert refused(content) == [(3, "", told), (5 + ends, "", told), (6 + 2 * ends, "", told)]
    assert [chunk.cells["a"].raw.to_list() for chunk in chunks(content)] == [["1", "3", "6"]]
    assert lines(content) == [2, 4 + ends, 7 + 2 * ends]


def test_a_huge_cell_does_not_fill_memory(tmp_path: Path) -> None:
    path = tmp_path / "huge.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(b"id,name\n1,a\n2,")
        for _ in range(64):
            file.write(b"x" * 2**20)
        file.write(b'\n3,b\n4,"')
        for _ in range(64):
            file.write(b"x\n" * 2**19)
    tracemalloc.start()
    try:
        found = list(CsvReader(Source.of(path)).chunks(1000))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 30 * 2**20
    assert [chunk.cells["id"].raw.to_list() for chunk in found] == [["1", "3"]]
    told = [row.reason for row in found[0].unreadable]
    assert told[0] == "the row is longer than 1 MB"
    assert "never closed" in told[1]


@pytest.mark.parametrize("mark", [";", "\t"])
def test_other_countries_separators_are_seen_in_the_header(mark: str) -> None:
    assert rows(f"id{mark}name\n1{mark}a,b\n".encode()) == [("1", "a,b")]


def test_chunks_are_as_long_as_asked() -> None:
    content = b"a\n" + b"".join(b"%d\n" % n for n in range(25))
    assert [len(chunk.lines) for chunk in chunks(content, rows=10)] == [10, 10, 5]


cell = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(cell, cell, cell), max_size=12), st.sampled_from(["\n", "\r\n", "\r"]), st.booleans())
def test_what_was_written_is_read(table: list[tuple[str, str, str]], ending: str, quoted: bool) -> None:
    text = io.StringIO(newline="")
    # Python's writer quotes only the line end that it was given, but readers take any for one.
    bare = any("\r" in value or "\n" in value for row in table for value in row)
    quoted = quoted or bare
    writer = csv.writer(text, lineterminator=ending, quoting=csv.QUOTE_ALL if quoted else csv.QUOTE_MINIMAL)
    writer.writerow(["a", "b", "c"])
    writer.writerows(table)
    assert rows(text.getvalue().encode()) == table


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(cell, cell), max_size=8),
    st.lists(
        st.tuples(
            st.integers(0, 400), st.sampled_from([b'"', b"\n", b"\r", b",", b"\x00", b"\xff", b"\xef\xbb\xbf", b"a"])
        )
    ),
    st.one_of(st.none(), st.sampled_from(["latin-1", "utf-16", "utf-7"])),
)
def test_a_damaged_file_is_refused_in_words_or_read(
    table: list[tuple[str, str]], damage: list[tuple[int, bytes]], encoding: str | None
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text).writerows([("a", "b"), *table])
    content = bytearray(text.getvalue().encode())
    for place, put in damage:
        content[place : place + 1] = put
    try:
        found = list(CsvReader(Source.of(bytes(content)), encoding).chunks(3))
    except SegcoreError:
        return
    for chunk in found:
        assert all(len(cells.raw) == len(chunk.lines) for cells in chunk.cells.values())
        places = [*chunk.lines, *(row.line for row in chunk.unreadable)]
        assert len(set(places)) == len(places)


@pytest.mark.long
def test_a_hundred_thousand_damaged_files_are_refused_in_words_or_add_up() -> None:
    chance = random.Random(20261122)
    marks = [
        b'"',
        b"\n",
        b"\r",
        b",",
        b";",
        b"\x00",
        b"\xff",
        b"\xc3",
        b"\xef\xbb\xbf",
        b"\xff\xfe",
        b"0",
        b"e",
        b"-",
        b"[",
        b" ",
    ]
    values = [
        "",
        "1",
        "007",
        "1e400",
        "2024-02-30",
        "31/12/2024",
        "true",
        "a;b",
        '["a"]',
        "53.3,-6.2",
        "é\u202e",
        "NaN",
        "x" * 50,
    ]
    kinds = [None, *Kind]
    read = 0
    for _ in range(100_000):
        text = io.StringIO(newline="")
        rows = [[chance.choice(values) for _ in range(3)] for _ in range(chance.randrange(6))]
        csv.writer(text, lineterminator=chance.choice(["\n", "\r\n", "\r"])).writerows([["id", "a", "b"], *rows])
        content = bytearray(text.getvalue().encode())
        for _ in range(chance.randrange(5)):
            place = chance.randrange(len(content) + 1)
            content[place : place + chance.randrange(3)] = chance.choice(marks)
        kind = chance.choice(kinds)
        options = Options(id="id", types={} if kind is None else {"a": kind})
        try:
            found = plan("person", Source.of(bytes(content)), options, Schema(), "Europe/Dublin")
            sifted = [Sieve(found).sift(chunk) for chunk in found.reader().chunks(3)]
        except SegcoreError:
            continue
        assert sum(len(one.rejected) + one.accepted.height for one in sifted) == found.rows
        read += found.rows
    assert read > 100_000
