"""Places by name: the middle, on the globe, of those who have the same one."""

import polars as pl
import pytest

from segcore.attributes import Attribute, Kind, dtype
from segcore.engine.cache import Cache
from segcore.engine.columns import Columns
from segcore.engine.places import naming, places

CITY, HOME = Attribute(key="city", kind=Kind.TEXT), Attribute(key="home", kind=Kind.LOCATION)
Row = tuple[str | None, tuple[float, float] | None]


def found(*rows: Row, text: str = "", limit: int = 50) -> list[tuple[str, int, float, float]]:
    spots = [None if at is None else {"latitude": at[0], "longitude": at[1]} for _, at in rows]
    columns = Columns.of(
        {"city": CITY, "home": HOME},
        pl.DataFrame(
            {
                "id": range(1, len(rows) + 1),
                "city": pl.Series([name for name, _ in rows], dtype=pl.String),
                "home": pl.Series(spots, dtype=dtype(HOME)),
            }
        ),
    )
    _, several = places(columns.by_key["city"], columns.by_key["home"], text, limit, Cache())
    assert all(str(number) != "-0.0" for each in several for number in (each.latitude, each.longitude))
    return [(each.name, each.count, each.latitude, each.longitude) for each in several]


@pytest.mark.parametrize(
    ("one", "other", "middle"),
    [
        ((53.0, -6.0), (53.0, -6.0), (53.0, -6.0)),
        ((0.0, 10.0), (0.0, 20.0), (0.0, 15.0)),
        ((0.0, 179.0), (0.0, -179.0), (0.0, 180.0)),  # astride the date line
        ((89.0, 0.0), (89.0, 180.0), (90.0, 0.0)),  # over the pole
        ((-0.000001, -0.000001), (-0.000001, -0.000001), (0.0, 0.0)),
    ],
)
def test_the_middle_is_one_on_the_globe(
    one: tuple[float, float], other: tuple[float, float], middle: tuple[float, float]
) -> None:
    ((name, count, latitude, longitude),) = found(("Here", one), ("Here", other))
    assert (name, count, latitude) == ("Here", 2, pytest.approx(middle[0]))
    assert abs(middle[0]) == 90 or abs(longitude) == pytest.approx(abs(middle[1]))


def test_only_who_has_both_a_name_and_a_location_counts_and_blank_is_no_name() -> None:
    rows: list[Row] = [("Cork", (51.9, -8.5)), ("Cork", None), (None, (1, 1)), ("", (2, 2)), (" \u00a0", (3, 3))]
    assert found(*rows) == [("Cork", 1, 51.9, -8.5)]


def test_the_commonest_come_first_and_the_search_knows_no_case() -> None:
    rows: list[Row] = [("Straße", (1, 1)), ("Cork", (2, 2)), ("Cork", (2, 2)), ("STRASSE", (3, 3))]
    assert [name for name, *_ in found(*rows)] == ["Cork", "Straße", "STRASSE"]
    assert [name for name, *_ in found(*rows, text=" strasse ")] == ["Straße", "STRASSE"]
    assert [name for name, *_ in found(*rows, limit=1)] == ["Cork"]


@pytest.mark.parametrize(
    ("keys", "name"),
    [
        (("city", "home_city"), "home_city"),
        (("town", "city"), "city"),
        (("town", "address"), "town"),
        (("location_name",), "location_name"),
        (("country",), None),
    ],
)
def test_the_text_that_names_a_location_is_its_own_or_else_the_city(keys: tuple[str, ...], name: str | None) -> None:
    named = naming(HOME, {key: Attribute(key=key, kind=Kind.TEXT) for key in keys})
    assert (named and named.key) == name
    assert naming(HOME, {key: Attribute(key=key, kind=Kind.NUMBER) for key in keys}) is None
