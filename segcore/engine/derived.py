"""Derived columns: a number or an instant worked out for each person that has one, and ordinary conditions asked of it."""

import math
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.attributes import Attribute
from segcore.engine.bits import Bits
from segcore.engine.cache import Cache
from segcore.engine.conditions import evaluated
from segcore.rules.compile import depends_on_time, expression
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY
from segcore.rules.tree import Condition, Value

_tokens = count(1)

Over = Callable[[int | float, bool], Bits]  # who is above a limit; strictly, or at it too

MOST_LIMITS = 4  # a condition of more comparisons than these is asked of the column itself


@dataclass(frozen=True, eq=False)
class Measured:
    """A value for some rows, and last of all the one that every other row has. The token changes with the content."""

    rows: NDArray[Any]
    values: pl.Series
    token: int = field(default_factory=lambda: next(_tokens))

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self.rows.nbytes + int(self.values.estimated_size())

    def missing(self, total: int) -> int:
        """How many of so many rows have no value."""
        return total - len(self.rows) if self.values[-1] is None else 0


def ask(
    measured: Measured, attribute: Attribute, condition: Condition, moment: Moment, total: int, cache: Cache
) -> Bits:
    """The rows, of so many, for which a condition on the measured value holds."""
    expr = expression(condition, attribute, moment)
    answer: Hashable = expr.meta.serialize() if depends_on_time(condition) else (condition, moment.zone.key)
    name = ("measured", measured.token, answer, moment.week_start, total)
    kept = cache.get(name)
    if isinstance(kept, Bits):
        return kept
    (holds,) = evaluated(pl.DataFrame([measured.values.alias(attribute.key)]), [expr.alias("holds")]).get_columns()
    if holds.null_count() or holds.dtype != pl.Boolean:
        raise AssertionError(f"a condition answered neither true nor false: {condition}")
    known = holds.to_numpy()
    mask = np.full(total, known[-1], np.bool_)
    mask[measured.rows] = known[:-1]
    bits = Bits.of_mask(mask)
    cache.put(name, bits, bits.size)
    return bits


def compared(condition: Condition, over: Over) -> Bits | None:
    """A condition on a number that nobody lacks, put together from "is above"; None where it is not made of few of them."""
    operator = BY_KEY[condition.operator]
    positive = _positive(operator.complement_of or operator.key, condition.value, over)
    return ~positive if positive is not None and operator.complement_of else positive


def _positive(operator: str, value: Value, over: Over) -> Bits | None:
    match operator, value:
        case "gt" | "gte", int() | float():
            return over(value, operator == "gt")
        case "lt" | "lte", int() | float():
            return ~over(value, operator == "lte")
        case "eq", int() | float():
            return over(value, False) & ~over(value, True)
        case "between", (int() | float() as low, int() | float() as high):
            return over(low, False) & ~over(high, True)
        case "is_any_of", tuple() as values if 0 < len(values) <= MOST_LIMITS // 2:
            found: Bits | None = None
            for each in values:
                one = _positive("eq", each, over)
                if one is None:
                    return None
                found = one if found is None else found | one
            return found
    return None


def whole_limit(value: int | float, strict: bool) -> int:
    """The least whole number that is above a limit."""
    return math.floor(value) + 1 if strict else math.ceil(value)
