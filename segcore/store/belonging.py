"""Which people belong to which companies, in the order in which they were given: the first is the primary one."""

from collections.abc import Iterator, Sequence

import polars as pl
from sqlalchemy import Connection, select

from segcore.store import frames
from segcore.store.tables import belonging, belonging_change, company

BELONGING = {"person_id": pl.Int64, "company_id": pl.Int64, "rank": pl.Int64}
COMPANIES = {"company_id": pl.Int64, "external_id": pl.String, "rank": pl.Int64}


def set_companies(connection: Connection, frame: pl.DataFrame, position: int) -> int:
    """Replace the companies of the people in the frame; how many people this changed.

    The frame has a row of person_id, company_id and rank for each, and for a person who has none one row without company_id.
    """
    people = frame["person_id"].unique().sort()
    wanted = frame.select(pl.col(name).cast(dtype) for name, dtype in BELONGING.items()).drop_nulls("company_id")
    stored = of_people(connection, people)
    differing = pl.concat(
        [wanted.join(stored, on=list(BELONGING), how="anti"), stored.join(wanted, on=list(BELONGING), how="anti")]
    )
    changed = differing["person_id"].unique()
    if changed.is_empty():
        return 0
    connection.execute(belonging.delete().where(belonging.c.person_id.in_(frames.among(connection, changed))))
    frames.fill(connection, belonging, wanted.filter(pl.col("person_id").is_in(changed.implode())))
    touch(connection, changed, position)
    return changed.len()


def touch(connection: Connection, people: pl.Series, position: int) -> None:
    """Note that the companies of these people changed."""
    connection.execute(
        belonging_change.delete().where(belonging_change.c.person_id.in_(frames.among(connection, people)))
    )
    stamped = pl.DataFrame({"person_id": people}).with_columns(position=pl.lit(position))
    frames.fill(connection, belonging_change, stamped)


def changed_since(connection: Connection, position: int, batch: int = frames.ROWS) -> Iterator[pl.DataFrame]:
    """All companies of each person whose companies changed after a position: person_id, company_id, rank; with −1 everybody's.

    They come in the order of person and rank; a person who has none any more has one row without company_id and rank.
    """
    query = select(belonging_change.c.person_id)
    if position >= 0:
        query = query.where(belonging_change.c.position > position)
    people = frames.read(connection, query, {"person_id": pl.Int64}).sort("person_id")
    for part in people.iter_slices(batch):
        found = part.join(
            of_people(connection, part["person_id"]), on="person_id", how="left", maintain_order="left_right"
        )
        yield found.drop_nulls("company_id") if position < 0 else found


def of_people(connection: Connection, people: Sequence[int] | pl.Series) -> pl.DataFrame:
    """The companies of these people: person_id, company_id, rank, in the order of person and rank."""
    given = frames.among(connection, pl.Series(people, dtype=pl.Int64))
    query = select(*(belonging.c[name] for name in BELONGING)).where(belonging.c.person_id.in_(given))
    return frames.read(connection, query, BELONGING).sort("person_id", "rank")


def of_person(connection: Connection, person_id: int) -> pl.DataFrame:
    """The companies of one person, the primary one first: company_id, external_id, rank."""
    query = (
        select(belonging.c.company_id, company.c.external_id, belonging.c.rank)
        .join(company, company.c.id == belonging.c.company_id)
        .where(belonging.c.person_id == person_id)
        .order_by(belonging.c.rank)
    )
    return frames.read(connection, query, COMPANIES)
