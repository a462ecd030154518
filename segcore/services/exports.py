"""Rows as a CSV file: values as an import reads them again, text guarded against being run by a spreadsheet."""

import io
from collections.abc import Iterator, Sequence

import polars as pl

from segcore.attributes import Attribute, Kind

BATCH = 20_000

# A spreadsheet takes a cell for a formula where its first character, blanks and control characters aside, is one of
# these or a full-width twin of one (OWASP, CSV injection). Tab and carriage return themselves count as well.
FORMULA = r"^[\s\x00-\x1f\u{feff}]*[=+\-@＝＋－＠]|^[\t\r]"


def csv(frame: pl.DataFrame, attributes: Sequence[Attribute], *, guard: bool = True) -> Iterator[bytes]:
    """The file in parts, head first; `attributes` are those of the frame's columns, by key. Guarded cells begin with '."""
    kinds = {attribute.key: attribute.kind for attribute in attributes}
    text = [name for name in frame.columns if guard and kinds.get(name, Kind.TEXT) is Kind.TEXT]
    yield _lines(pl.DataFrame([frame.columns], schema=frame.columns, orient="row"), frame.columns if guard else [])
    for start in range(0, frame.height, BATCH):
        part = frame.slice(start, BATCH)
        yield _lines(part.select(_written(pl.col(name), kinds.get(name, Kind.TEXT)) for name in part.columns), text)


def _lines(frame: pl.DataFrame, guarded: Sequence[str]) -> bytes:
    """Numbers stay numbers, and so does a latitude below zero: only columns of text are guarded."""
    if guarded:
        text = pl.col(guarded)
        frame = frame.with_columns(
            pl.when(text.str.contains(FORMULA)).then(pl.lit("'") + text).otherwise(text).name.keep()
        )
    part = io.BytesIO()
    frame.write_csv(part, include_header=False, quote_style="necessary")
    return part.getvalue()


def _written(column: pl.Expr, kind: Kind) -> pl.Expr:
    match kind:
        case Kind.TEXT | Kind.NUMBER | Kind.BOOLEAN:
            return column
        case Kind.DATE:
            return column.dt.strftime("%Y-%m-%d")
        case Kind.DATETIME:
            return column.dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ")
        case Kind.LIST:
            # A JSON array survives elements that hold a semicolon; an empty list stays apart from a missing one.
            told = pl.struct(column.alias("v")).struct.json_encode().str.strip_prefix('{"v":').str.strip_suffix("}")
            return pl.when(column.is_not_null()).then(told)
        case Kind.LOCATION:
            latitude, longitude = column.struct.field("latitude"), column.struct.field("longitude")
            return latitude.cast(pl.String) + pl.lit(",") + longitude.cast(pl.String)
