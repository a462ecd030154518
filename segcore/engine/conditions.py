"""Conditions answered over columns: each distinct one once, and kept for as long as its column lives."""

from collections.abc import Hashable, Iterable, Mapping

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import Attribute
from segcore.engine.bits import Bits
from segcore.engine.cache import Cache
from segcore.engine.columns import Coded, Codes, Column, Columns, table
from segcore.rules.compile import depends_on_time, expression
from segcore.rules.moment import Moment
from segcore.rules.tree import Condition

# Comparing all codes with one is so quick that for few of them it beats looking each code up.
FEW = 4
LONG = 200_000


def answers(
    conditions: Iterable[Condition],
    columns: Columns,
    attributes: Mapping[str, Attribute],
    moment: Moment,
    cache: Cache,
) -> dict[Condition, Bits]:
    """Who each condition holds for. Every attribute named must exist."""
    found: dict[Condition, Bits] = {}
    asked: dict[str, list[tuple[Condition, Hashable, pl.Expr]]] = {}
    for condition in conditions:
        column = columns.by_key[condition.attribute]
        expr = None
        key: Hashable
        if depends_on_time(condition):
            # The literals of the expression are all that an instant comes to: "this month" is the same all day.
            expr = expression(condition, attributes[condition.attribute], moment)
            key = (column.token, expr.meta.serialize())
        else:
            key = (column.token, condition, moment.zone.key, moment.week_start)
        kept = cache.get(key)
        if isinstance(kept, Bits):
            found[condition] = kept
            continue
        if expr is None:
            expr = expression(condition, attributes[condition.attribute], moment)
        asked.setdefault(condition.attribute, []).append((condition, key, expr))

    for condition, key, bits in _answered(asked, columns):
        cache.put(key, bits, bits.size)
        found[condition] = bits
    return found


def _answered(
    asked: Mapping[str, list[tuple[Condition, Hashable, pl.Expr]]], columns: Columns
) -> Iterable[tuple[Condition, Hashable, Bits]]:
    plain: dict[str, Column] = {}
    for attribute, several in asked.items():
        column = columns.by_key[attribute]
        if not isinstance(column, Coded):
            plain[attribute] = column
            continue
        for (condition, key, _), holds in zip(several, _select(table(attribute, column), several), strict=True):
            yield condition, key, spread(holds.to_numpy(), column.codes)
    if plain:
        # All in one go, so that they share the processors.
        frame = pl.concat([table(attribute, column) for attribute, column in plain.items()], how="horizontal")
        several = [one for attribute in plain for one in asked[attribute]]
        for (condition, key, _), holds in zip(several, _select(frame, several), strict=True):
            yield condition, key, Bits.of_column(holds)


def _select(frame: pl.DataFrame, several: list[tuple[Condition, Hashable, pl.Expr]]) -> list[pl.Series]:
    result = evaluated(frame, [expr.alias(str(number)) for number, (_, _, expr) in enumerate(several)])
    for answer in result.get_columns():
        # Every leaf is true or false; a third value here would widen an audience silently further up.
        if answer.null_count() or answer.dtype != pl.Boolean:
            raise AssertionError(f"a condition answered neither true nor false: {several[int(answer.name)][0]}")
    return result.get_columns()


def evaluated(frame: pl.DataFrame, exprs: list[pl.Expr]) -> pl.DataFrame:
    """Expressions over a frame. Polars runs each on one processor; a long frame is cut, so that a single one uses them all."""
    pieces = pl.thread_pool_size() if frame.height >= LONG else 1
    step = max(-(-frame.height // pieces), 1)
    # `with_columns` gives a column as long as the frame also where an expression is the same for every row.
    parts = [frame.slice(at, step).lazy().with_columns(exprs) for at in range(0, max(frame.height, 1), step)]
    names = [expr.meta.output_name() for expr in exprs]
    return pl.concat(pl.collect_all([part.select(names) for part in parts]), rechunk=False)


def spread(holds: NDArray[np.bool_], codes: Codes) -> Bits:
    """The rows whose code holds."""
    yes = np.flatnonzero(holds)
    no = len(holds) - len(yes)
    if not len(yes):
        return Bits.none(len(codes))
    if not no:
        return Bits.everyone(len(codes))
    if len(yes) <= FEW:
        return Bits.of_mask(_any_of(codes, yes))
    if no <= FEW:
        return ~Bits.of_mask(_any_of(codes, np.flatnonzero(~holds)))
    # Without the check of bounds: codes are always below the length of their dictionary.
    return Bits.of_mask(holds.take(codes, mode="clip"))


def _any_of(codes: Codes, wanted: NDArray[np.int64]) -> NDArray[np.bool_]:
    mask: NDArray[np.bool_] = codes == codes.dtype.type(wanted[0])
    for code in wanted[1:]:
        mask |= codes == codes.dtype.type(code)
    return mask
