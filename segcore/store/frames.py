"""Polars frames in and out of SQL, many rows at a time; what differs between the two databases is here."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import polars as pl
from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    Connection,
    Executable,
    Insert,
    MetaData,
    Select,
    Table,
    Text,
    Update,
    bindparam,
    cast,
    func,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite

Types = Mapping[str, pl.DataType | type[pl.DataType]]

# So many rows go through Python at a time: enough to be quick, few enough to be small.
ROWS = 50_000


def read(connection: Connection, query: Executable, types: Types) -> pl.DataFrame:
    """The whole answer of a query."""
    parts = list(_parts(connection, query, types))
    return pl.concat(parts) if parts else pl.DataFrame(schema=dict(types))


def _parts(connection: Connection, query: Executable, types: Types) -> Iterator[pl.DataFrame]:
    result = connection.execute(query)
    # The driver's own tuples: a row object of SQLAlchemy for each would take three times as long.
    cursor = result.cursor
    assert cursor is not None
    while rows := cursor.fetchmany(ROWS):
        yield frame(rows, types)
    result.close()


def frame(rows: Sequence[Any], types: Types) -> pl.DataFrame:
    """Rows of the driver as a frame."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(types)
    return pl.DataFrame(
        [
            pl.Series(name, list(values), dtype=dtype)
            for (name, dtype), values in zip(types.items(), columns, strict=True)
        ]
    )


def among(connection: Connection, values: pl.Series) -> Select[Any]:
    """The given texts or whole numbers as a query of one column, however many they are: they travel as one parameter."""
    if connection.dialect.name == "sqlite":
        given = func.json_each(json.dumps(values.to_list(), ensure_ascii=False)).table_valued("value")
        return select(given.c.value)
    kind = Text() if values.dtype == pl.String else BigInteger()
    array = cast(bindparam(None, values.to_list(), type_=ARRAY(kind)), ARRAY(kind))
    return select(func.unnest(array).table_valued("value").render_derived().c.value)


def fill(connection: Connection, table: Table, rows: pl.DataFrame) -> None:
    """Insert a frame whose columns are columns of the table."""
    if rows.is_empty():
        return
    if connection.dialect.name == "sqlite":
        statement = table.insert().values({name: bindparam(name) for name in rows.columns})
        _many(connection, statement, rows)
    else:
        _copy(connection, table, rows)


def update(connection: Connection, table: Table, rows: pl.DataFrame) -> None:
    """Change the rows of a table whose `id` is in the frame; the frame's other columns are the new values."""
    if rows.is_empty():
        return
    changed = [name for name in rows.columns if name != "id"]
    if connection.dialect.name == "sqlite":
        statement = (
            table.update().where(table.c.id == bindparam("id_")).values({name: bindparam(name) for name in changed})
        )
        _many(connection, statement, rows.rename({"id": "id_"}))
    else:
        incoming = temporary(connection, table, rows)
        statement = table.update().where(table.c.id == incoming.c.id)
        connection.execute(statement.values({name: incoming.c[name] for name in changed}))


def temporary(connection: Connection, table: Table, rows: pl.DataFrame) -> Table:
    """A table that lasts as long as the transaction, with the frame in it; its columns have the types of those of `table`."""
    name = f"incoming_{table.name}"
    columns = [Column(column, table.c[column].type if column in table.c else BigInteger()) for column in rows.columns]
    incoming = Table(name, MetaData(), *columns, prefixes=["TEMPORARY"], postgresql_on_commit="DROP")
    incoming.drop(connection, checkfirst=True)
    incoming.create(connection)
    fill(connection, incoming, rows)
    return incoming


def _many(connection: Connection, statement: Insert | Update, rows: pl.DataFrame) -> int:
    """Run a statement for every row, its parameters named after columns, and count the rows it wrote.

    It goes straight to the driver, in about half of Core's time.
    """
    compiled = statement.compile(dialect=connection.dialect)
    assert compiled.positiontup is not None
    ordered = rows.select(compiled.positiontup)
    text = str(compiled)
    return sum(connection.exec_driver_sql(text, part.rows()).rowcount for part in ordered.iter_slices(ROWS))


def _copy(connection: Connection, table: Table, rows: pl.DataFrame) -> None:
    quote = connection.dialect.identifier_preparer.quote
    columns = ", ".join(quote(name) for name in rows.columns)
    driver: Any = connection.connection.driver_connection
    with (
        driver.cursor() as cursor,
        cursor.copy(f"COPY {quote(table.name)} ({columns}) FROM STDIN (FORMAT csv)") as copy,
    ):
        for part in rows.iter_slices(ROWS):
            # Quotes around every text tell the empty text from the missing one.
            copy.write(part.write_csv(include_header=False, quote_style="non_numeric"))


def fill_new(connection: Connection, table: Table, rows: pl.DataFrame, key: str) -> int:
    """Insert those rows of a frame whose `key` is missing or new, in their order; how many those were."""
    if rows.is_empty():
        return 0
    names = rows.columns
    if connection.dialect.name == "sqlite":
        insert = sqlite.insert(table).values({name: bindparam(name) for name in names})
        return _many(connection, insert.on_conflict_do_nothing(index_elements=[key]), rows)
    incoming = temporary(connection, table, rows.with_row_index("ordinal_"))
    chosen = select(*(incoming.c[name] for name in names)).order_by(incoming.c.ordinal_)
    copied = postgresql.insert(table).from_select(names, chosen).on_conflict_do_nothing(index_elements=[key])
    return connection.execute(copied, execution_options={"preserve_rowcount": True}).rowcount
