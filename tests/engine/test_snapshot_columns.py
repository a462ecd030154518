"""Columns give back what was put in, however it was put in, and change their tokens only with their content."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest

from segcore.attributes import Attribute, Kind, dtype
from segcore.engine import columns as engine_columns
from segcore.engine.columns import Coded, Columns, Plain, find
from segcore.engine.folding import LISTS, folded
from segcore.rules.text import fold
from tests.engine.world import ATTRIBUTES, TEXTS, frame, people, person


def read(columns: Columns) -> pl.DataFrame:
    return pl.DataFrame([column.series().alias(key) for key, column in columns.by_key.items()])


def assert_sound(columns: Columns) -> None:
    """What holds of any columns, whatever became of them."""
    for key, column in columns.by_key.items():
        values = column.series()
        assert len(column) == columns.height
        assert values.dtype == dtype(ATTRIBUTES[key])
        assert column.missing == values.null_count()
        if values.dtype == pl.String:
            assert column.folds().to_list() == [None if v is None else fold(v) for v in values]
        if values.dtype == LISTS:
            assert column.folds().to_list() == [None if v is None else [fold(e) for e in v] for v in values]


@pytest.fixture(params=["coded", "plain"])
def kept(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Both ways of keeping a column, whatever the number of distinct values."""
    if request.param == "plain":
        monkeypatch.setattr(engine_columns, "MOST_CODES", 0)
    return str(request.param)


def test_columns_give_back_what_was_put_in(kept: str) -> None:
    given = frame(people(1, 500))
    columns = Columns.of(ATTRIBUTES, given)
    assert read(columns).equals(given)
    assert_sound(columns)
    assert isinstance(columns.by_key["country"], Coded if kept == "coded" else Plain)


def test_random_changes_end_where_a_rebuild_ends(kept: str) -> None:
    rng = np.random.default_rng(7)
    rows = dict(enumerate(people(2, 300), start=1))
    columns = Columns.of(ATTRIBUTES, frame(list(rows.values())))
    for step in range(40):
        ids = rng.choice(len(rows) + 5, size=int(rng.integers(1, 20)), replace=False) + 1
        written = {int(i): person(rng, int(i)) for i in np.sort(ids)}
        before, held = columns, read(columns)
        columns = columns.changed(np.array(list(written), np.int64), frame(list(written.values())))
        rows.update(written)
        if step % 10 == 9:
            gone = [int(i) for i in rng.choice(sorted(rows), size=3, replace=False)]
            columns = columns.without(np.array(gone, np.int64))
            for i in gone:
                del rows[i]
        assert read(before).equals(held), "an older snapshot changed"
        assert columns.ids.tolist() == sorted(rows)
        assert read(columns).equals(frame([rows[i] for i in sorted(rows)]))
        assert_sound(columns)
    assert read(columns.settled()).equals(read(columns))


def test_only_columns_whose_values_changed_get_a_new_token(kept: str) -> None:
    rows = people(3, 50)
    columns = Columns.of(ATTRIBUTES, frame(rows))
    changed = columns.changed(np.array([5]), frame([{**rows[4], "photos": 12345, "country": "Peru"}]))
    differing = {key for key in columns.by_key if columns.by_key[key].token != changed.by_key[key].token}
    assert differing == {"photos", "country"}
    assert all(columns.by_key[key] is changed.by_key[key] for key in columns.by_key.keys() - differing)


def test_new_rows_change_every_token() -> None:
    columns = Columns.of(ATTRIBUTES, frame(people(3, 50)))
    longer = columns.changed(np.array([51]), frame([{"external_id": "new"}]))
    assert all(columns.by_key[key].token != longer.by_key[key].token for key in columns.by_key)


def test_lists_that_read_alike_are_told_apart() -> None:
    lists = [["a", "b"], ["ab"], ["a1:b"], ["1:a"], [], [""], None, ["", ""], ["a", "b"]]
    columns = Columns.of({"tags": ATTRIBUTES["tags"]}, pl.DataFrame({"tags": pl.Series(lists, dtype=LISTS)}))
    assert columns.by_key["tags"].series().to_list() == lists


def test_dictionaries_grow_past_one_byte_and_past_two() -> None:
    attributes = {"t": Attribute(key="t", kind=Kind.TEXT)}
    columns = Columns.of(attributes, pl.DataFrame({"t": ["a"] * 300}))
    for many, width in ((200, 1), (300, 2)):
        values = [f"Value {i}" for i in range(many)]
        columns = columns.changed(np.arange(1, many + 1), pl.DataFrame({"t": values}))
        column = columns.by_key["t"]
        assert isinstance(column, Coded)
        assert column.codes.itemsize == width
        assert column.series(np.arange(many)).to_list() == values
    values = [f"Value {i}" for i in range(70_000)]
    columns = columns.changed(np.arange(1, 70_001), pl.DataFrame({"t": values}))
    assert isinstance(columns.by_key["t"], Plain)
    assert columns.by_key["t"].series().to_list() == values
    assert columns.by_key["t"].folds().to_list() == [v.lower() for v in values]


def test_appending_one_at_a_time_keeps_few_pieces() -> None:
    attributes = {"n": ATTRIBUTES["photos"]}
    columns = Columns.of(attributes, pl.DataFrame({"n": range(2_000)}))
    for i in range(2_000, 2_300):
        columns = columns.changed(np.array([i + 1]), pl.DataFrame({"n": [i]}))
    column = columns.by_key["n"]
    assert column.series().to_list() == list(range(2_300))
    assert column.series().n_chunks() <= engine_columns.MOST_CHUNKS


def test_a_schema_that_grows_adds_missing_columns_and_keeps_the_others() -> None:
    columns = Columns.of(ATTRIBUTES, frame(people(4, 30)))
    grown = {
        **ATTRIBUTES,
        "photos": replace(ATTRIBUTES["spent"], key="photos"),
        "nothing": Attribute(key="nothing", kind=Kind.NUMBER),
        "new": Attribute(key="new", kind=Kind.DATE),
    }
    shaped = columns.shaped(grown)
    assert shaped is not None
    assert shaped.by_key["photos"].series().dtype == pl.Float64
    assert shaped.by_key["nothing"].series().dtype == pl.Int64
    assert shaped.by_key["new"].missing == 30
    assert shaped.by_key["name"] is columns.by_key["name"]
    assert columns.shaped(ATTRIBUTES) is columns
    assert columns.shaped({**ATTRIBUTES, "photos": Attribute(key="photos", kind=Kind.TEXT)}) is None


def test_finding_one_row_by_its_id(kept: str) -> None:
    columns = Columns.of(ATTRIBUTES, frame(people(5, 100)))
    assert find(columns.by_key["external_id"], "P42") == 42
    assert find(columns.by_key["external_id"], "p42") is None


@pytest.mark.parametrize("texts", [["abc", "x", None], ["ABC", None], TEXTS, [None], []])
def test_folds_are_those_of_the_rules(texts: list[str | None]) -> None:
    series = pl.Series(texts, dtype=pl.String)
    result = folded(series)
    assert result is not None
    assert result.to_list() == [None if t is None else fold(t) for t in texts]
    assert (result is series) is (result.to_list() == texts)
    present = [t for t in texts if t is not None]
    lists = folded(pl.Series([present, [], None], dtype=LISTS))
    assert lists is not None
    assert lists.to_list() == [[fold(t) for t in present], [], None]
