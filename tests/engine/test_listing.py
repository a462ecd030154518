"""Pages, searches and values are those of a plain sort, scan and count."""

from collections import Counter
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.attributes import Entity
from segcore.engine import listing
from segcore.engine.bits import Bits
from segcore.engine.columns import Columns
from segcore.engine.evaluation import Engine, Evaluation
from segcore.engine.state import BELONGING, Snapshot
from segcore.problems import NotFound
from segcore.rules.text import fold
from tests.engine.test_evaluation import ATTRIBUTES, COMPANIES, MOMENT, PEOPLE, PERSON, SCHEMA, SNAPSHOT
from tests.engine.world import frame

import polars as pl  # isort: skip

ENGINE = Engine()
EVERYONE = Bits.everyone(len(PEOPLE))


@pytest.fixture(params=["coded", "plain"])
def evaluation(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Evaluation:
    """Over columns that are kept in either way."""
    if request.param == "coded":
        return at(SNAPSHOT)
    monkeypatch.setattr("segcore.engine.columns.MOST_CODES", 0)
    return at(replace(SNAPSHOT, people=Columns.of(ATTRIBUTES, frame(PEOPLE))))


def at(snapshot: Snapshot, engine: Engine | None = None) -> Evaluation:
    return (engine or Engine()).at(snapshot, MOMENT, {})


def sorting(value: Any) -> Any:
    match value:
        case str():
            return fold(value)
        case list():
            return "\x1f".join(fold(text) for text in value)
        case {"latitude": latitude}:
            return latitude
        case _:
            return value


def ordered(rows: list[int], key: str, descending: bool) -> list[int]:
    """By hand: missing last either way, ties in row order."""
    present = [row for row in rows if PEOPLE[row].get(key) is not None]
    # Python's sort keeps ties in their order, in either direction.
    present.sort(key=lambda row: sorting(PEOPLE[row][key]), reverse=descending)
    return present + [row for row in rows if PEOPLE[row].get(key) is None]


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(list(ATTRIBUTES)),
    st.booleans(),
    st.one_of(st.just(set(range(400))), st.sets(st.integers(0, 399))),
    st.integers(0, 420),
    st.sampled_from([1, 7, 50, 1_000]),
)
def test_pages_are_pieces_of_the_sorted_rows(
    key: str, descending: bool, rows: set[int], offset: int, limit: int
) -> None:
    bits = Bits.of_rows(sorted(rows), 400)
    expected = ordered(sorted(rows), key, descending)[offset : offset + limit]
    # The first asks without a kept order, the shared engine mostly with one.
    for engine in (Engine(), ENGINE):
        page = at(SNAPSHOT, engine).page(PERSON, bits, sort=key, descending=descending, offset=offset, limit=limit)
        assert page.tolist() == expected


@pytest.mark.parametrize("descending", [True, False])
@pytest.mark.parametrize("key", list(ATTRIBUTES))
def test_every_column_sorts_alike_with_and_without_a_kept_order(
    evaluation: Evaluation, key: str, descending: bool
) -> None:
    expected = ordered(list(range(400)), key, descending)
    for offset in (0, 0, 100, 350):
        page = evaluation.page(PERSON, EVERYONE, sort=key, descending=descending, offset=offset, limit=60)
        assert page.tolist() == expected[offset : offset + 60]


def test_the_first_sort_is_last_seen_first() -> None:
    assert at(SNAPSHOT).page(PERSON, EVERYONE).tolist() == ordered(list(range(400)), "last_seen_at", True)[:50]
    assert at(SNAPSHOT).page(Entity.COMPANY, Bits.everyone(5)).tolist() == [4, 3, 2, 1, 0]


def test_a_kept_order_is_not_used_after_the_column_changed() -> None:
    engine = Engine()
    for _ in range(3):
        first = at(SNAPSHOT, engine).page(PERSON, EVERYONE, sort="photos", limit=1)
    assert first[0] != 200
    written = frame([{**PEOPLE[200], "photos": 2**63 - 1}, {**PEOPLE[first[0]], "photos": 1}])
    ids = np.array([201, first[0] + 1])
    order = np.argsort(ids)
    people = SNAPSHOT.people.changed(ids[order], written[order])
    rows = [{**row} for row in PEOPLE]
    rows[200]["photos"], rows[first[0]]["photos"] = 2**63 - 1, 1
    best = max((i for i, row in enumerate(rows) if row["photos"] is not None), key=lambda i: (rows[i]["photos"], -i))
    assert at(replace(SNAPSHOT, people=people), engine).page(PERSON, EVERYONE, sort="photos", limit=1)[0] == best


@pytest.mark.parametrize(
    "text", ["NAME 1", "strasse", "STRASSE", "@example3.com", "fin", "i", ".", "%", "[", "nobody has this"]
)
def test_a_search_finds_the_text_itself_in_any_case(evaluation: Evaluation, text: str) -> None:
    keys = ["name", "email", "external_id"]
    some = Bits.of_rows(list(range(0, 400, 9)), 400)
    for bits in (EVERYONE, some, EVERYONE):
        found = evaluation.search(PERSON, bits, text, keys).rows().tolist()
        assert found == [row for row in bits.rows() if any(fold(text) in fold(PEOPLE[row][key] or "") for key in keys)]


def test_an_empty_search_finds_everybody() -> None:
    assert at(SNAPSHOT).search(PERSON, EVERYONE, "", ["name"]) == EVERYONE


@pytest.mark.parametrize("key", [key for key in ATTRIBUTES if key != "place"])
def test_values_are_counted(evaluation: Evaluation, key: str) -> None:
    counted: Counter[Any] = Counter()
    for row in PEOPLE:
        value = row.get(key)
        counted.update(set(value) if isinstance(value, list) else [] if value is None else [value])
    values = evaluation.values(PERSON, key, limit=10_000)
    assert dict(values.values) == dict(counted)
    assert len(values.values) == values.total_distinct == len(counted)
    assert [count for _, count in values.values] == sorted(counted.values(), reverse=True)
    assert values.missing == sum(row.get(key) is None for row in PEOPLE)
    assert evaluation.values(PERSON, key, limit=2).values == values.values[:2]
    # A second question is answered from what was kept.
    assert evaluation.values(PERSON, key, limit=10_000) == values


def test_values_are_searched_by_their_folds(evaluation: Evaluation) -> None:
    found = evaluation.values(PERSON, "country", "STRASSE")
    assert {value for value, _ in found.values} == {"Straße", "STRASSE"}
    assert found.total_distinct == evaluation.values(PERSON, "country").total_distinct
    assert {value for value, _ in evaluation.values(PERSON, "tags", "vi").values} == {"vip", "VIP"}
    assert {value for value, _ in evaluation.values(PERSON, "photos", "80").values} == {80, 2**63 - 1, -(2**63) + 1} & {
        v for v in [80, 2**63 - 1, -(2**63) + 1] if "80" in str(v)
    }
    assert [value for value, _ in evaluation.values(PERSON, "app", "TR").values] == [True]


def test_places_have_no_list_of_values(evaluation: Evaluation) -> None:
    assert evaluation.values(PERSON, "place").values == ()


def test_a_frame_has_the_rows_asked_for_in_their_order(evaluation: Evaluation) -> None:
    rows = np.array([9, 3, 300])
    taken = evaluation.frame(PERSON, rows, ["photos", "external_id", "tags"])
    assert taken.columns == ["external_id", "photos", "tags"]
    assert taken.rows() == [tuple(PEOPLE[row][key] for key in taken.columns) for row in rows]
    assert evaluation.frame(PERSON, rows).equals(frame([PEOPLE[row] for row in rows]))
    assert evaluation.frame(PERSON, np.zeros(0, np.int64), []).columns == ["external_id"]


def test_one_person_as_plain_values(evaluation: Evaluation) -> None:
    assert evaluation.row(PERSON, "P77") == {key: PEOPLE[77].get(key) for key in ATTRIBUTES}
    assert evaluation.row_number(PERSON, "P77") == 77
    assert evaluation.row(PERSON, "p77") is None


def test_the_companies_of_a_person_come_with_the_primary_one_first() -> None:
    belonging = pl.DataFrame([(3, 5, 0), (3, 1, 1)], schema=BELONGING, orient="row")
    evaluation = at(replace(SNAPSHOT, belonging=belonging))
    names = COMPANIES.by_key["name"].series()
    assert evaluation.companies_of("P2") == [("P4", names[4] or "P4"), ("P0", names[0] or "P0")]
    assert evaluation.companies_of("P3") == []
    assert evaluation.companies_of("nobody") == []


def test_an_unknown_column_is_named() -> None:
    with pytest.raises(NotFound, match="photoz"):
        at(SNAPSHOT).page(PERSON, EVERYONE, sort="photoz")
    with pytest.raises(NotFound, match="photoz"):
        at(SNAPSHOT).values(PERSON, "photoz")


def test_nobody_at_all() -> None:
    empty = Snapshot(0, SCHEMA, Columns.empty(ATTRIBUTES), Columns.empty(SCHEMA.companies))
    evaluation = at(empty)
    nobody = Bits.everyone(0)
    assert evaluation.page(PERSON, nobody).tolist() == []
    assert evaluation.search(PERSON, nobody, "x", ["name"]).count() == 0
    assert evaluation.values(PERSON, "country").values == ()
    assert evaluation.frame(PERSON, np.zeros(0, np.int64)).height == 0
    assert evaluation.row(PERSON, "x") is None
    assert listing.FEW > 0
