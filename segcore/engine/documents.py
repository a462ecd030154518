"""Stored JSON documents as typed columns."""

from collections.abc import Mapping, Sequence

import polars as pl

from segcore.attributes import EXTERNAL_ID, Attribute, Kind, dtype

# What a kind is in the document, where that is not its type in a column.
STORED: Mapping[Kind, pl.DataType] = {
    Kind.DATE: pl.Int32(),
    Kind.DATETIME: pl.Int64(),
    Kind.LOCATION: pl.List(pl.Float64),
}


def decode(frame: pl.DataFrame, attributes: Mapping[str, Attribute]) -> pl.DataFrame:
    """The attributes of rows of external_id and document; a key that the document lacks is missing."""
    wanted = [attribute for key, attribute in attributes.items() if key != EXTERNAL_ID]
    return pl.DataFrame([frame.get_column(EXTERNAL_ID), *fields(frame.get_column("document"), wanted)])


def fields(documents: pl.Series, attributes: Sequence[Attribute]) -> list[pl.Series]:
    """The values of JSON objects, a column for each attribute."""
    if not attributes:
        return []
    shape = pl.Struct({attribute.key: STORED.get(attribute.kind, dtype(attribute)) for attribute in attributes})
    found = documents.str.json_decode(shape).struct.unnest()
    return [_typed(found.get_column(attribute.key), attribute) for attribute in attributes]


def _typed(values: pl.Series, attribute: Attribute) -> pl.Series:
    match attribute.kind:
        case Kind.LOCATION:
            place = values.to_frame("at").select(
                pl.when(pl.col("at").list.len() == 2).then(
                    pl.struct(
                        latitude=pl.col("at").list.get(0, null_on_oob=True),
                        longitude=pl.col("at").list.get(1, null_on_oob=True),
                    )
                )
            )
            return place.to_series().alias(attribute.key)
        case Kind.NUMBER if attribute.fractions:
            # Polars orders NaN above every number, so it must not reach a comparison.
            return values.fill_nan(None)
        case _:
            return values.cast(dtype(attribute))
