"""Reads Parquet: each column has its type already; values are written out so that one parser reads all formats."""

from collections.abc import Iterator
from pathlib import Path

import polars as pl

from segcore.ingest.chunk import COLUMNS, Cells, Chunk, Form, limited, within
from segcore.ingest.files import Source
from segcore.ingest.headers import checked
from segcore.problems import SegcoreError


class ParquetReader:
    """A Parquet file. Its lines are numbered like rows, the first being 1."""

    encoding = ""

    def __init__(self, source: Source) -> None:
        self._source = source
        self._path = source.path or Path(source.name)
        try:
            schema = pl.scan_parquet(self._path, glob=False).collect_schema()
        except (pl.exceptions.PolarsError, OSError):
            raise self._damaged() from None
        if len(schema) > COLUMNS:
            raise SegcoreError(f"“{source.name}” has {len(schema):,} columns; {COLUMNS:,} are the most.")
        self.columns = checked(schema.names(), source.name)

    def chunks(self, rows: int) -> Iterator[Chunk]:
        """The rows, some at a time."""
        rows = within(rows, len(self.columns))
        before = 0
        try:
            batches = pl.scan_parquet(self._path, glob=False).collect_batches(chunk_size=rows, maintain_order=True)
            for batch in batches:
                for part in batch.iter_slices(rows):
                    yield _chunk(part, before)
                    before += part.height
        except (pl.exceptions.PolarsError, OSError):
            raise self._damaged() from None
        if not before:
            yield _chunk(pl.DataFrame(schema=dict.fromkeys(self.columns, pl.String)), 0)

    def _damaged(self) -> SegcoreError:
        return SegcoreError(f"“{self._source.name}” cannot be read as Parquet.", "Fetch or make it again.")


def _chunk(frame: pl.DataFrame, before: int) -> Chunk:
    lines = pl.int_range(before + 1, before + 1 + frame.height, dtype=pl.Int64, eager=True)
    cells = {name: written(frame[name]) for name in frame.columns}
    return limited(lines, cells, ())


def written(column: pl.Series) -> Cells:
    """A typed column as text, and what it was."""
    match column.dtype:
        case pl.String() | pl.Categorical() | pl.Enum():
            return Cells(column.cast(pl.String), Form.STRING)
        case pl.Null():
            return Cells(column.cast(pl.String), Form.STRING)
        case pl.Float32() | pl.Float64():
            return Cells(column.fill_nan(None).cast(pl.String), Form.NUMBER)
        case dtype if dtype.is_numeric():
            return Cells(column.cast(pl.String), Form.NUMBER)
        case pl.Boolean():
            return Cells(column.cast(pl.String), Form.BOOLEAN)
        case pl.Date():
            return Cells(column.dt.strftime("%Y-%m-%d"), Form.STRING)
        case pl.Datetime(time_zone=zone):
            moment = column if zone is None else column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            text = moment.dt.cast_time_unit("us").dt.strftime("%Y-%m-%dT%H:%M:%S%.6f")
            return Cells(text if zone is None else text + "Z", Form.STRING)
        case pl.List() | pl.Array():
            return Cells(_json(column), Form.ARRAY)
        case pl.Struct():
            return Cells(_json(column), Form.OBJECT)
        case dtype:
            # Durations, times of day, bytes: no kind of ours; the column can be left out.
            name = pl.repeat(f"({str(dtype).split('(')[0].lower()})", len(column), eager=True)
            return Cells(name.set(column.is_null(), None), Form.OBJECT)


def _json(column: pl.Series) -> pl.Series:
    text = pl.DataFrame([column.alias("v")]).select(pl.struct("v").struct.json_encode()).to_series()
    text = text.str.strip_prefix('{"v":').str.strip_suffix("}")
    return text.set(column.is_null(), None)
