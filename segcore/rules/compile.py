"""From one condition to one Polars expression that is true or false for every row, never null."""

from dataclasses import replace

import polars as pl

from segcore.attributes import Attribute
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Question
from segcore.rules.tree import Condition


def expression(condition: Condition, attribute: Attribute, moment: Moment) -> pl.Expr:
    """The condition over the columns `key` and `fold_column(key)`."""
    operator = BY_KEY[condition.operator]
    positive = BY_KEY[operator.complement_of] if operator.complement_of else operator
    assert positive.expr is not None
    asked = replace(condition, operator=positive.key)
    answer = positive.expr(Question(attribute, asked, moment)).fill_null(False)
    if not operator.negative:
        return answer
    if condition.include_missing:
        return ~answer
    return ~answer & ~pl.col(attribute.key).is_null()


def depends_on_time(condition: Condition) -> bool:
    """Whether the answer can change while the data does not."""
    return BY_KEY[condition.operator].timed
