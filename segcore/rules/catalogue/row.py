"""What a row of the operator table says, and the question that an operator answers."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from segcore.attributes import Attribute, Kind
from segcore.rules.moment import Moment
from segcore.rules.tree import Condition

TEXT = frozenset({Kind.TEXT})
NUMBER = frozenset({Kind.NUMBER})
BOOLEAN = frozenset({Kind.BOOLEAN})
DATES = frozenset({Kind.DATE, Kind.DATETIME})
LIST = frozenset({Kind.LIST})
LOCATION = frozenset({Kind.LOCATION})
EVERY = frozenset(Kind)


class Operand(StrEnum):
    """What an operator is asked with: its validation, and the widget that asks for it."""

    NONE = "none"  # nothing
    ONE = "one"  # one value of the attribute's kind (one element, for a list)
    MANY = "many"  # a list of such values
    RANGE = "range"  # [low, high]: numbers, or dates and instants
    PATTERN = "pattern"  # a regular expression
    DOMAIN = "domain"  # what comes after the @
    DOMAINS = "domains"  # a list of those
    AGO = "ago"  # {"days": 7}: minutes, hours, days or weeks
    DAY = "day"  # a date
    WHEN = "when"  # a date or an instant
    PERIOD = "period"  # a calendar word: this_month
    DAYS = "days"  # a whole number of days, 1 or more
    WITHIN = "within"  # {"days": 7}, days only, 0 or more
    WEEKDAYS = "weekdays"  # a list of weekdays
    COUNT = "count"  # a whole number, 0 or more
    PLACE = "place"  # {"latitude", "longitude", "km"}


WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = ("minutes", "hours", "days", "weeks")
PERIODS = (
    "today",
    "yesterday",
    "tomorrow",
    *(f"{which}_{unit}" for unit in ("week", "month", "quarter", "year") for which in ("this", "last", "next")),
)


@dataclass(frozen=True, slots=True)
class Question:
    """A condition with all that an answer depends on besides the data."""

    attribute: Attribute
    condition: Condition
    moment: Moment


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A cell, an operand as in the stored document, and the verdict; the docs show it and the tests run it."""

    cell: Any
    value: Any = None
    verdict: bool
    kind: Kind | None = None  # None: the first of the operator's kinds
    options: tuple[tuple[str, bool], ...] = ()


EXAMPLES_AT = Moment(datetime(2026, 11, 22, 4, 12, tzinfo=UTC), ZoneInfo("Europe/Dublin"))

Columns = Callable[[Question], pl.Expr]
Holds = Callable[[Any, Condition, Moment], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operator:
    """One operator. A negative one has no functions of its own: it is the positive one, negated."""

    key: str  # stored in saved rules, so never renamed
    label: str  # what the dropdown says; "…" stands where the value goes, at the end where there is none
    kinds: frozenset[Kind]
    operand: Operand
    sentence: str  # what follows the attribute's name; {value} is the operand
    verbal: str = ""  # the same after a verb ("signed up …"), for dates
    expr: Columns | None = None  # a column; null where the cell is missing
    holds: Holds | None = None  # one value that is not missing; written apart from `expr`, and proved equal to it
    examples: tuple[Example, ...] = ()
    complement_of: str | None = None
    opposite: str | None = None  # what "Turn around" makes of an operator that is not part of a complement pair
    missing: bool = False  # the answer on a missing value, for which `holds` is not asked
    takes_match_case: bool = False
    takes_future: bool = False
    timed: bool = False  # the answer depends on now
    help: str = ""

    @property
    def negative(self) -> bool:
        """Whether the operator is exactly "not" of another one."""
        return self.complement_of is not None
