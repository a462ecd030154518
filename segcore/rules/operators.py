"""The operator table: one list that the builder, the validator, both evaluators, the sentence and the docs read."""

from collections.abc import Mapping
from functools import cache

from segcore.attributes import Kind
from segcore.rules.catalogue import dates, places, plain, text
from segcore.rules.catalogue.row import (
    EXAMPLES_AT,
    PERIODS,
    UNITS,
    WEEKDAYS,
    Example,
    Operand,
    Operator,
    Question,
)

__all__ = [
    "BY_KEY",
    "CATALOGUE",
    "EXAMPLES_AT",
    "PERIODS",
    "UNITS",
    "WEEKDAYS",
    "Example",
    "Operand",
    "Operator",
    "Question",
    "for_kind",
    "instead",
    "label",
    "opposite",
    "options",
]

# The order is that of every dropdown.
CATALOGUE: tuple[Operator, ...] = (
    *plain.BOOLEANS,
    *text.EQUALITY,
    *plain.EQUALITY,
    *text.ANY_OF,
    *text.TEXTS,
    *plain.ORDER,
    *dates.ROLLING,
    *dates.DAYS,
    *plain.BETWEEN,
    *dates.CALENDAR,
    *plain.LISTS,
    *places.LOCATIONS,
    *plain.PRESENCE,
)

BY_KEY: Mapping[str, Operator] = {operator.key: operator for operator in CATALOGUE}

_PLURAL = {"is": "are", "has": "have", "was": "were", "does": "do"}

# What somebody probably wanted who asked an operator of a kind that does not have it: the same idea there.
_ALIKE: tuple[tuple[str, ...], ...] = (
    ("is", "eq", "is_true", "on", "includes"),
    ("is_not", "ne", "is_not_true", "not_on", "not_includes"),
    ("is_any_of", "includes_any", "domain_is_any_of"),
    ("is_none_of", "includes_none"),
    ("contains_any", "includes_any"),
    ("contains_all", "includes_all"),
    ("contains", "contains_word", "includes", "between"),
    ("not_contains", "not_includes", "not_between"),
    ("gt", "after", "count_gte"),
    ("gte", "on_or_after", "count_gte"),
    ("lt", "before", "count_lte"),
    ("lte", "on_or_before", "count_lte"),
    ("count_eq", "eq"),
    ("less_than_ago", "in_period", "between"),
    ("within_km", "between"),
    ("outside_km", "not_between"),
)


@cache
def for_kind(kind: Kind) -> tuple[Operator, ...]:
    """The operators of a kind, in the order of the dropdown."""
    return tuple(operator for operator in CATALOGUE if kind in operator.kinds)


def label(operator: Operator, kind: Kind) -> str:
    """What the dropdown says for an attribute of this kind: "is empty", but of a list "are empty"."""
    return agreed(operator.label, kind)


def agreed(words: str, kind: Kind) -> str:
    """Words about an attribute, in the plural where it is a list."""
    first, space, rest = words.partition(" ")
    return _PLURAL.get(first, first) + space + rest if kind is Kind.LIST else words


def options(operator: Operator, kind: Kind | None) -> frozenset[str]:
    """The options that a condition may carry with this operator, on an attribute of this kind."""
    texts = kind is None or kind in (Kind.TEXT, Kind.LIST)
    taken = {
        "match_case": operator.takes_match_case and texts,
        "include_missing": operator.negative,
        "include_future": operator.takes_future,
    }
    return frozenset(option for option, fits in taken.items() if fits)


def opposite(operator: Operator) -> Operator | None:
    """What "Turn around" makes of it: is and is not, is known and is unknown; None where there is no such operator."""
    if operator.complement_of is not None:
        return BY_KEY[operator.complement_of]
    if operator.opposite is not None:
        return BY_KEY[operator.opposite]
    return next((each for each in CATALOGUE if each.complement_of == operator.key), None)


def instead(operator: Operator, kind: Kind) -> Operator:
    """The operator of a kind that comes nearest to one that the kind does not have."""
    offered = {each.key: each for each in for_kind(kind)}
    for family in _ALIKE:
        if operator.key in family:
            for key in family:
                if key in offered:
                    return offered[key]
    usual = {Kind.NUMBER: "between", Kind.TEXT: "contains", Kind.DATE: "on_or_after", Kind.DATETIME: "on_or_after"}
    return offered.get(usual.get(kind, ""), for_kind(kind)[0])
