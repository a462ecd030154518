"""Places by name: the middle of those who have the same city beside their location."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import Attribute, Kind
from segcore.engine.cache import Cache
from segcore.engine.columns import Column
from segcore.rules.text import BLANK, fold

NAMES = ("city", "town", "place", "location_name", "address")
DECIMALS = 4  # some ten metres


@dataclass(frozen=True, slots=True)
class Somewhere:
    """A name, how many have it together with a location, and the middle of those locations."""

    name: str
    count: int
    latitude: float
    longitude: float


def naming(location: Attribute, attributes: Mapping[str, Attribute]) -> Attribute | None:
    """The text attribute that says where a location is: its own name or city, else a city or town."""
    wanted = [f"{location.key}_name", f"{location.key}_city", f"{location.key.removesuffix('_location')}_city", *NAMES]
    found = (attributes.get(key) for key in wanted)
    return next((each for each in found if each is not None and each.kind is Kind.TEXT), None)


def places(names: Column, locations: Column, text: str, limit: int, cache: Cache) -> tuple[int, list[Somewhere]]:
    """How many different names there are, and the commonest of those that contain the text."""
    key = ("places", names.token, locations.token)
    kept = cache.get(key)
    if not isinstance(kept, pl.DataFrame):
        kept = _middles(names, locations)
        cache.put(key, kept, int(kept.estimated_size()))
    found = kept
    if wanted := fold(text.strip()):
        found = kept.filter(pl.col("fold").str.contains(wanted, literal=True))
    rows = found.head(limit).select("name", "count", "latitude", "longitude").iter_rows()
    return kept.height, [Somewhere(*row) for row in rows]


def _middles(names: Column, locations: Column) -> pl.DataFrame:
    points = locations.series()
    frame = pl.DataFrame(
        {
            "name": names.series(),
            "fold": names.folds(),
            "latitude": points.struct.field("latitude"),
            "longitude": points.struct.field("longitude"),
        }
    ).drop_nulls()
    # A blank text names no place.
    frame = frame.filter(pl.col("name").str.contains(f"[^{BLANK}]"))
    # On the globe rather than on the map, so that the middle of two places astride the date line is not in Africa.
    latitude, longitude = (frame.get_column(each).to_numpy() * np.pi / 180 for each in ("latitude", "longitude"))
    on_globe = frame.select("name", "fold").with_columns(
        x=pl.Series(np.cos(latitude) * np.cos(longitude)),
        y=pl.Series(np.cos(latitude) * np.sin(longitude)),
        z=pl.Series(np.sin(latitude)),
    )
    grouped = (
        on_globe.group_by("name", maintain_order=True)
        .agg(pl.col("fold").first(), pl.len().alias("count"), pl.col("x", "y", "z").mean())
        .sort("count", descending=True, maintain_order=True)
    )
    x, y, z = (grouped.get_column(each).to_numpy() for each in "xyz")
    return grouped.select(
        "name",
        "fold",
        pl.col("count").cast(pl.Int64),
        pl.Series("latitude", _degrees(z, np.hypot(x, y))),
        pl.Series("longitude", _degrees(y, x)),
    )


def _degrees(opposite: NDArray[np.float64], adjacent: NDArray[np.float64]) -> NDArray[np.float64]:
    rounded = np.round(np.arctan2(opposite, adjacent) * 180 / np.pi, DECIMALS)
    return rounded + 0.0  # −0 reads as a mistake
