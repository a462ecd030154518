"""Asking a condition of values, by columns and by one row at once."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import polars as pl

from segcore.attributes import Attribute, Entity, Kind, Schema, dtype, fold_column
from segcore.rules import codec, validate
from segcore.rules.compile import expression
from segcore.rules.interpret import answer
from segcore.rules.moment import Moment
from segcore.rules.text import fold
from segcore.rules.tree import Condition

NOW = datetime(2026, 11, 22, 4, 12, tzinfo=UTC)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def moment(now: str | datetime = NOW, zone: str = "UTC", week_start: str = "monday") -> Moment:
    return Moment(at(now) if isinstance(now, str) else now, ZoneInfo(zone), week_start)


def ask(
    kind: str,
    cells: Sequence[object],
    operator: str,
    value: object = None,
    when: Moment | None = None,
    *,
    fractions: bool = False,
    **options: bool,
) -> list[bool]:
    """The answers of a condition on cells; both evaluators are asked, and have to agree."""
    attribute = Attribute(key="a", kind=Kind(kind), fractions=fractions)
    document = {"attribute": "a", "operator": operator, **options}
    if value is not None:
        document["value"] = value
    assert validate.check(document, Schema(people={"a": attribute}), Entity.PERSON, {}) == []
    condition = codec.parse(document)
    assert isinstance(condition, Condition)
    moment_ = when or moment()
    read = [_cell(attribute.kind, cell) for cell in cells]
    columns = {"a": pl.Series(read, dtype=dtype(attribute))}
    if attribute.kind in (Kind.TEXT, Kind.LIST):
        columns[fold_column("a")] = pl.Series([_fold(cell) for cell in read], dtype=dtype(attribute))
    answers = pl.DataFrame(columns).select(expression(condition, attribute, moment_)).to_series().to_list()
    assert answers == [answer(condition, cell, moment_) for cell in read]
    return answers


def _cell(kind: Kind, cell: object) -> object:
    if isinstance(cell, str) and kind is Kind.DATE:
        return date.fromisoformat(cell)
    if isinstance(cell, str) and kind is Kind.DATETIME:
        return at(cell)
    return cell


def _fold(cell: object) -> object:
    if isinstance(cell, str):
        return fold(cell)
    return [fold(each) for each in cell] if isinstance(cell, list) else None
