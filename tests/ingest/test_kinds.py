"""The kind of a column, found from the whole file."""

import pytest

from segcore.attributes import Attribute, Kind, Schema
from segcore.ingest.files import Source
from segcore.ingest.plan import Options, Plan, Role, plan
from segcore.problems import SegcoreError


def looked(content: bytes, schema: Schema | None = None, name: str = "", **options: object) -> Plan:
    source = Source.of(content, name)
    return plan("person", source, Options(id="id", **options), schema or Schema(), "UTC")  # type: ignore[arg-type]


def column(values: list[str], kind: Kind | None = None, schema: Schema | None = None, **options: object):
    content = "id,x\n" + "".join(f'{n},"{value}"\n' for n, value in enumerate(v.replace('"', '""') for v in values))
    types = {"x": kind} if kind else {}
    return looked(content.encode(), schema, types=types, **options).columns[1]


@pytest.mark.parametrize(
    ("values", "kind", "missing"),
    [
        (["true", "NO", "Yes", "", " "], Kind.BOOLEAN, 2),
        (["1", "0", ""], Kind.NUMBER, 1),
        (["1", "0", "yes"], Kind.TEXT, 0),
        (["1", "2.5", "NaN", " ", ""], Kind.NUMBER, 3),
        (["1", "007"], Kind.TEXT, 0),
        (["1", "１２"], Kind.TEXT, 0),
        (["1", "1_000"], Kind.TEXT, 0),
        (["1", "inf"], Kind.TEXT, 0),
        (["1", str(2**63)], Kind.TEXT, 0),
        (["1", str(2**63 - 1)], Kind.NUMBER, 0),
        (["NaN"], Kind.TEXT, 0),
        (["2024-02-29", ""], Kind.DATE, 1),
        (["2024-02-29", "2023-02-29"], Kind.TEXT, 0),
        (["2024-02-29", "2024-02-29T10:00:00Z"], Kind.DATETIME, 0),
        (["31/12/2024", "01/02/2024"], Kind.DATE, 0),
        (["31/12/2024 10:00", "01.02.2024"], Kind.DATETIME, 0),
        (["12/31/2024", "01/02/2024"], Kind.DATE, 0),
        (["12/31/2024", "31/12/2024"], Kind.TEXT, 0),
        (["01/02/2024"], Kind.TEXT, 0),
        (["2024-12-31", "31/12/2024"], Kind.TEXT, 0),
        (['["a"]', "[]", ""], Kind.LIST, 1),
        (["a;b"], Kind.TEXT, 0),
        (["53.3,-6.2"], Kind.TEXT, 0),
        (["a", " ", ""], Kind.TEXT, 1),
        (["+353 1", "+353 2"], Kind.TEXT, 0),
    ],
)
def test_every_value_of_the_file_decides(values: list[str], kind: Kind, missing: int) -> None:
    found = column(values)
    assert (found.kind, found.missing, found.misfits, found.known) == (kind, missing, 0, True)


def test_the_last_of_many_rows_decides_too() -> None:
    assert column(["1"] * 60_000 + ["x"]).kind is Kind.TEXT
    assert column(["2024-01-01"] * 60_000 + ["2024-01-01T00:00:00Z"]).kind is Kind.DATETIME
    assert column(["01/02/2024"] * 60_000 + ["13/02/2024"]).order == "day"


def test_a_column_without_values_is_text_for_the_time_being() -> None:
    found = column(["", "  ", ""])
    assert (found.kind, found.known, found.missing) == (Kind.TEXT, False, 3)


def test_day_or_month_first_has_to_be_said_where_the_file_does_not() -> None:
    assert column(["01/02/2024"]).note == "could be day-first or month-first"
    assert column(["01/02/2024", "2024-01-01"], Kind.DATE).misfits == 1
    assert column(["01/02/2024"], Kind.DATE, orders={"x": "day"}).misfits == 0
    # What one value needs and none forbids is the order of the column; only what is no date at all is refused.
    found = column(["01/02/2024", "31/02/2024", "13/02/2024", "x"], Kind.DATE)
    assert (found.order, found.misfits) == ("day", 2)


@pytest.mark.parametrize(
    ("kind", "values", "misfits"),
    [
        (Kind.NUMBER, ["1", "007", "x", ""], 2),
        (Kind.BOOLEAN, ["1", "yes", "y"], 1),
        (Kind.LIST, ["a;b", "[null]", ""], 1),
        (Kind.LOCATION, ["53.3,-6.2", "95,0"], 1),
        (Kind.DATETIME, ["2024-01-01", "10:00"], 1),
        (Kind.TEXT, ["1", "2"], 0),
    ],
)
def test_a_chosen_kind_says_what_would_not_fit(kind: Kind, values: list[str], misfits: int) -> None:
    found = column(values, kind)
    assert (found.kind, found.declared, found.misfits) == (kind, True, misfits)


def known(kind: Kind, **flags: bool) -> Schema:
    return Schema(people={"x": Attribute(key="x", kind=kind, **flags)})


def test_a_known_kind_wins_over_what_the_file_looks_like() -> None:
    found = column(["1", "2"], schema=known(Kind.TEXT))
    assert (found.kind, found.settled) == (Kind.TEXT, True)
    found = column(["1", "x", "y"], schema=known(Kind.NUMBER))
    assert (found.kind, found.misfits) == (Kind.NUMBER, 2)
    found = column(["1"], schema=known(Kind.TEXT, known=False))
    assert (found.kind, found.settled) == (Kind.NUMBER, False)


def test_a_known_kind_cannot_be_chosen_again() -> None:
    with pytest.raises(SegcoreError, match="of the kind number already"):
        column(["1"], Kind.TEXT, known(Kind.NUMBER))
    assert column(["1"], Kind.NUMBER, known(Kind.NUMBER)).misfits == 0


def test_of_fractions_and_numbers_past_2_53_the_first_stays() -> None:
    large = str(2**53 + 1)
    first_large = column([large, "0.5"])
    assert (first_large.kind, first_large.large, first_large.fractions, first_large.misfits) == (
        Kind.NUMBER,
        True,
        False,
        1,
    )
    first_fraction = column(["1", "0.5", large])
    assert (first_fraction.large, first_fraction.fractions, first_fraction.misfits) == (False, True, 1)
    assert column(["0.5"], schema=known(Kind.NUMBER, large=True)).misfits == 1
    assert column([large], schema=known(Kind.NUMBER, fractions=True)).misfits == 1


def test_columns_are_renamed_and_left_out() -> None:
    plan = looked(b"id,a,b,c\n1,2,3,4\n", names={"a": "age", "b": None})
    assert [(column.role, column.key) for column in plan.columns] == [
        (Role.ID, "id"),
        (Role.ATTRIBUTE, "age"),
        (Role.LEFT_OUT, "b"),
        (Role.ATTRIBUTE, "c"),
    ]
    assert plan.first == (("1", "2", "3", "4"),)


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"names": {"a": "b"}}, "cannot both be “b”"),
        ({"names": {"a": "external_id"}}, "external_id is the id itself"),
        ({"names": {"a": "x\x1ffold"}}, "control character"),
        ({"names": {"q": "b"}}, "no column “q”"),
        ({"types": {"id": Kind.TEXT}}, "“id” is the id column"),
        ({"company": "id"}, "two things at once"),
    ],
)
def test_what_cannot_be_meant_is_told_before_anything_is_read(options: dict[str, object], told: str) -> None:
    with pytest.raises(SegcoreError, match=told):
        looked(b"id,a,b\n1,2,3\n", **options)
