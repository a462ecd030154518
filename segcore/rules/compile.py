"""From one condition to one Polars expression that is true or false for every row, never null."""

from dataclasses import replace

import polars as pl

from segcore.attributes import Attribute, Kind
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Operand, Question
from segcore.rules.tree import Condition

_CALENDAR = {Operand.DAY, Operand.PERIOD, Operand.DAYS, Operand.WITHIN, Operand.WEEKDAYS}


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


def depends_on_calendar(condition: Condition, attribute: Attribute) -> bool:
    """Whether the answer can change with the workspace's zone or its first day of the week."""
    operand = BY_KEY[condition.operator].operand
    if attribute.kind is Kind.DATETIME:
        return operand in _CALENDAR or operand in (Operand.WHEN, Operand.RANGE)
    # A date counts as its local midnight wherever it is compared with an instant.
    return attribute.kind is Kind.DATE and operand in {*_CALENDAR, Operand.WHEN, Operand.RANGE, Operand.AGO}
