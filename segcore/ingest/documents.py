"""Values of a file's columns as the JSON documents that are stored, and how a document takes them in."""

import json
from collections.abc import Sequence

import polars as pl

from segcore.attributes import Kind


def encoded(columns: Sequence[tuple[str, Kind, pl.Series]], rows: int) -> pl.Series:
    """One document a row of values as `columns` gives them, without the keys whose value is missing. The same values give the same text, always."""
    if not columns:
        return pl.repeat("{}", rows, eager=True).cast(pl.String)
    frame = pl.DataFrame([values.alias(str(place)) for place, (_, _, values) in enumerate(columns)])
    pairs = [_pair(pl.col(str(place)), key, kind, values.dtype) for place, (key, kind, values) in enumerate(columns)]
    inside = pl.concat_str(pairs, separator=",", ignore_nulls=True)
    return frame.select((pl.lit("{") + inside + pl.lit("}")).alias("document")).to_series()


def _pair(value: pl.Expr, key: str, kind: Kind, dtype: pl.DataType) -> pl.Expr:
    name = pl.lit(json.dumps(key, ensure_ascii=False) + ":")
    if kind in (Kind.LIST, Kind.LOCATION):
        return name + value
    if kind is Kind.TEXT:
        written = pl.struct(value.alias("v")).struct.json_encode().str.strip_prefix('{"v":').str.strip_suffix("}")
        return name + pl.when(value.is_not_null()).then(written)
    if dtype == pl.Float64:
        # A whole number reads the same whether or not its attribute has fractions by now.
        return name + pl.when(value == value.round()).then(
            value.cast(pl.Int64, strict=False).cast(pl.String)
        ).otherwise(value.cast(pl.String))
    if dtype == pl.Boolean:
        return name + pl.when(value).then(pl.lit("true")).when(~value).then(pl.lit("false"))
    return name + value.cast(pl.String)


def merged(stored: str, given: str, keys: Sequence[str]) -> str | None:
    """The stored document with the file's values for these keys, missing ones taken out; None where that changes nothing."""
    if stored == given:
        return None
    before, values = json.loads(stored), json.loads(given)
    if all(before.get(key) == values.get(key) for key in keys):
        return None
    after = {**{key: value for key, value in before.items() if key in values or key not in keys}, **values}
    return json.dumps(after, ensure_ascii=False, separators=(",", ":"))


def with_value(stored: str, key: str, value: object) -> str:
    """The stored document with one more value."""
    return json.dumps({**json.loads(stored), key: value}, ensure_ascii=False, separators=(",", ":"))
