"""People made up for the tests of the engine: every kind, hostile values, and as many distinct ones as are wanted."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from segcore.attributes import EXTERNAL_ID, ID, Attribute, Kind, dtype

ATTRIBUTES = {
    a.key: a
    for a in (
        ID,
        Attribute(key="name", kind=Kind.TEXT),
        Attribute(key="email", kind=Kind.TEXT),
        Attribute(key="country", kind=Kind.TEXT),
        Attribute(key="photos", kind=Kind.NUMBER),
        Attribute(key="spent", kind=Kind.NUMBER, fractions=True),
        Attribute(key="app", kind=Kind.BOOLEAN),
        Attribute(key="born", kind=Kind.DATE),
        Attribute(key="last_seen_at", kind=Kind.DATETIME),
        Attribute(key="tags", kind=Kind.LIST),
        Attribute(key="place", kind=Kind.LOCATION),
        Attribute(key="nothing", kind=Kind.TEXT, known=False),
    )
}

NOW = datetime(2026, 11, 22, 4, 12, tzinfo=UTC)
TEXTS = [
    "Ireland",
    "ireland",
    "Straße",
    "STRASSE",
    "İstanbul",
    "ﬁn",
    "e\u0301",
    "",
    " ",
    "a\x00b",
    "ΣΊΣΥΦΟΣ",
    "x" * 300,
]
NUMBERS = [0, -1, 2**53 + 1, 2**63 - 1, -(2**63) + 1, 7, 80]
FLOATS = [0.0, -0.0, 0.1, 1e308, -5.5, 2.0**53]
DAYS = [date(1900, 1, 1), date(2299, 12, 31), date(2026, 11, 22), date(2024, 2, 29)]
LISTS = [[], ["vip"], ["vip", "VIP"], ["Straße", ""], ["a", "b"], ["1:a"], ["ab"], ["a", "b", "c"]]


def person(rng: np.random.Generator, number: int) -> dict[str, Any]:
    """One of them as plain values; a fifth of everything is missing."""

    def one(values: list[Any]) -> Any:
        return values[rng.integers(len(values))]

    given = {
        "name": one(TEXTS) if rng.random() < 0.5 else f"Name {number}",
        "email": f"Person{number}@Example{number % 7}.com",
        "country": one(TEXTS),
        "photos": one(NUMBERS),
        "spent": one(FLOATS),
        "app": bool(rng.integers(2)),
        "born": one(DAYS),
        "last_seen_at": NOW - timedelta(microseconds=int(rng.integers(-(10**13), 10**14))),
        "tags": one(LISTS),
        "place": {"latitude": float(rng.integers(-90, 90)), "longitude": 0.5},
    }
    return {EXTERNAL_ID: f"P{number}", **{key: None if rng.random() < 0.2 else value for key, value in given.items()}}


def frame(rows: list[dict[str, Any]]) -> pl.DataFrame:
    """People as a frame of the columns' types."""
    return pl.DataFrame(
        [pl.Series(key, [row.get(key) for row in rows], dtype=dtype(a)) for key, a in ATTRIBUTES.items()]
    )


def people(seed: int, many: int) -> list[dict[str, Any]]:
    """So many of them, the same for the same seed."""
    rng = np.random.default_rng(seed)
    return [person(rng, number) for number in range(many)]
