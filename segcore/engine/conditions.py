"""Conditions answered over columns: each distinct one once, and kept for as long as its column lives."""

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import Attribute
from segcore.engine.bits import Bits
from segcore.engine.cache import Cache
from segcore.engine.columns import Coded, Codes, Column, Columns, Plain, Rows, table
from segcore.rules.compile import depends_on_time, expression
from segcore.rules.moment import Moment
from segcore.rules.tree import Condition

# Comparing all codes with one is so quick that for few of them it beats looking each code up.
FEW = 4
LONG = 200_000


@dataclass(frozen=True, slots=True)
class Conditions:
    """What conditions are answered over. Every attribute that they name must exist."""

    columns: Columns
    attributes: Mapping[str, Attribute]
    moment: Moment
    cache: Cache

    def answers(self, conditions: Iterable[Condition]) -> dict[Condition, Bits]:
        """Who each condition holds for."""
        found: dict[Condition, Bits] = {}
        missing: dict[Condition, Hashable] = {}
        for condition in conditions:
            key = self._key(condition)
            kept = self.cache.get(key)
            if isinstance(kept, Bits):
                found[condition] = kept
            else:
                missing[condition] = key
        for condition, bits in self._answered(missing):
            self.cache.put(missing[condition], bits, bits.size)
            found[condition] = bits
        return found

    def is_first_scan(self, condition: Condition) -> bool:
        """Whether texts would have to be read one by one, and nobody asked for that before; whoever asks next did.

        Such a condition costs twenty times a comparison. Where few rows are left by others, it is asked of those only,
        the first time; what is asked again is worth answering for everybody, and keeping.
        """
        column = self.columns.by_key.get(condition.attribute)
        if not isinstance(column, Plain) or column.folded is None or len(column) < LONG:
            return False
        key = self._key(condition)
        if self.cache.get(key) is not None or self.cache.get(("asked", key)) is not None:
            return False
        self.cache.put(("asked", key), True, 64)
        return True

    def among(self, condition: Condition, rows: Rows) -> Rows:
        """Those of some rows that a condition holds for."""
        column = self.columns.by_key[condition.attribute].take(rows)
        (holds,) = _select(table(condition.attribute, column), {condition: self._expression(condition)})
        left: Rows = rows[holds.to_numpy()]
        return left

    def _answered(self, conditions: Iterable[Condition]) -> Iterable[tuple[Condition, Bits]]:
        plain: dict[str, Column] = {}
        asked: dict[str, dict[Condition, pl.Expr]] = {}
        for condition in conditions:
            asked.setdefault(condition.attribute, {})[condition] = self._expression(condition)
        for attribute, several in asked.items():
            column = self.columns.by_key[attribute]
            if not isinstance(column, Coded):
                plain[attribute] = column
                continue
            for condition, holds in zip(several, _select(table(attribute, column), several), strict=True):
                yield condition, spread(holds.to_numpy(), column.codes)
        if plain:
            # All in one go, so that they share the processors.
            frame = pl.concat([table(attribute, column) for attribute, column in plain.items()], how="horizontal")
            several = {condition: expr for attribute in plain for condition, expr in asked[attribute].items()}
            for condition, holds in zip(several, _select(frame, several), strict=True):
                yield condition, Bits.of_column(holds)

    def _expression(self, condition: Condition) -> pl.Expr:
        return expression(condition, self.attributes[condition.attribute], self.moment)

    def _key(self, condition: Condition) -> Hashable:
        """What an answer depends on: the column as it is, and the condition in its calendar or all that it comes to now."""
        token = self.columns.by_key[condition.attribute].token
        if depends_on_time(condition):
            # The literals of the expression are all that an instant comes to: "this month" is the same all day.
            return token, self._expression(condition).meta.serialize()
        return token, condition, self.moment.zone.key, self.moment.week_start


def _select(frame: pl.DataFrame, several: Mapping[Condition, pl.Expr]) -> list[pl.Series]:
    found = evaluated(frame, [expr.alias(str(number)) for number, expr in enumerate(several.values())]).get_columns()
    for condition, answer in zip(several, found, strict=True):
        # Every leaf is true or false; a third value here would widen an audience silently further up.
        if answer.null_count() or answer.dtype != pl.Boolean:
            raise AssertionError(f"a condition answered neither true nor false: {condition}")
    return found


def evaluated(frame: pl.DataFrame, exprs: list[pl.Expr]) -> pl.DataFrame:
    """Expressions over a frame. Polars runs each on one processor; a long frame is cut, so that a single one uses them all."""
    names = [expr.meta.output_name() for expr in exprs]
    # `with_columns` gives a column as long as the frame also where an expression is the same for every row.
    if frame.height < LONG:
        return frame.with_columns(exprs).select(names)
    step = -(-frame.height // pl.thread_pool_size())
    parts = [frame.slice(at, step).lazy().with_columns(exprs).select(names) for at in range(0, frame.height, step)]
    return pl.concat(pl.collect_all(parts), rechunk=False)


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
