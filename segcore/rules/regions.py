"""Which values a condition certainly lets through, and which it at most does: what lint reasons with.

Two conditions are compared only along one dimension (a number line, ages, local days back …), and whatever cannot be
compared there is taken for unknown, so nothing is ever claimed that some data could disprove.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

from segcore.attributes import Attribute, Kind
from segcore.rules import calendar
from segcore.rules.catalogue.row import WEEKDAYS
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Operand
from segcore.rules.text import fold
from segcore.rules.tree import Ago, Condition

INFINITY = float("inf")
# A cut lies just before (0) or just after (1) a value, so that open and closed ends are one thing.
Cut = tuple[int | float, int]
FIRST: Cut = (-INFINITY, 0)
LAST: Cut = (INFINITY, 1)
BLANK = "\0blank"  # stands for every blank text


@dataclass(frozen=True, slots=True)
class Spans:
    """Stretches of an ordered dimension, apart from each other and in order."""

    spans: tuple[tuple[Cut, Cut], ...]
    universe: tuple[tuple[Cut, Cut], ...] = ((FIRST, LAST),)

    def __and__(self, other: "Spans") -> "Spans":
        both = [(max(a, c), min(b, d)) for a, b in self.spans for c, d in other.spans]
        return replace(self, spans=tuple(sorted(span for span in both if span[0] < span[1])))

    def __invert__(self) -> "Spans":
        gaps, start = [], FIRST
        for low, high in self.spans:
            gaps.append((start, low))
            start = max(start, high)
        gaps.append((start, LAST))
        around = replace(self, spans=tuple(gap for gap in gaps if gap[0] < gap[1]))
        return around & replace(self, spans=self.universe)

    @property
    def empty(self) -> bool:
        return not self.spans


@dataclass(frozen=True, slots=True)
class Some:
    """These values, or all but these; of texts, folded."""

    members: frozenset[object]
    but: bool = False

    def __and__(self, other: "Some") -> "Some":
        if self.but and other.but:
            return Some(self.members | other.members, True)
        if self.but or other.but:
            kept, out = (other, self) if self.but else (self, other)
            return Some(kept.members - out.members)
        return Some(self.members & other.members)

    def __invert__(self) -> "Some":
        return Some(self.members, not self.but)

    @property
    def empty(self) -> bool:
        return not self.but and not self.members


Part = Spans | Some


def _both(one: Part, other: Part) -> Part:
    if isinstance(one, Spans) and isinstance(other, Spans):
        return one & other
    assert isinstance(one, Some)
    assert isinstance(other, Some)
    return one & other


@dataclass(frozen=True, slots=True)
class Region:
    """Some of the values of an attribute, with those who have none or without them."""

    missing: bool
    values: Part

    def __and__(self, other: "Region") -> "Region":
        return Region(self.missing and other.missing, _both(self.values, other.values))

    def __invert__(self) -> "Region":
        return Region(not self.missing, ~self.values)

    def __or__(self, other: "Region") -> "Region":
        return ~(~self & ~other)

    @property
    def empty(self) -> bool:
        return not self.missing and self.values.empty

    def within(self, other: "Region") -> bool:
        """Whether all of this lies in the other."""
        return (self & ~other).empty


@dataclass(frozen=True, slots=True)
class Asked:
    """What a leaf asks: a condition on an attribute, on what events come to, or on how many people match."""

    condition: Condition
    attribute: Attribute
    always: bool = False  # the value is never missing
    whole: bool = False  # and a whole number from 0 on


def dimension(asked: Asked) -> str | None:
    """Along what a condition's values lie; None where it only asks whether there are any, or cannot be compared."""
    operator, kind = BY_KEY[asked.condition.operator], asked.attribute.kind
    if operator.complement_of is not None:
        operator = BY_KEY[operator.complement_of]
    match kind:
        case Kind.TEXT:
            return "text"
        case Kind.NUMBER | Kind.BOOLEAN:
            return "number"
        case Kind.LIST:
            return "count"
        case Kind.DATE | Kind.DATETIME:
            match operator.operand:
                case Operand.AGO:
                    return "age"
                case Operand.PERIOD:
                    unit = str(asked.condition.value).rpartition("_")[2]
                    return unit if "_" in str(asked.condition.value) else "day"
                case Operand.DAYS:
                    return "day"
                case Operand.WEEKDAYS:
                    return "weekday"
                case Operand.DAY | Operand.WHEN | Operand.RANGE:
                    return "calendar"
    return None


def bounds(asked: Asked, along: str, moment: Moment) -> tuple[Region, Region]:
    """What a condition lets through for certain, and what it lets through at most."""
    condition = asked.condition
    operator = BY_KEY[condition.operator]
    if operator.complement_of is not None:
        positive = replace(condition, operator=operator.complement_of, include_missing=True)
        low, high = bounds(replace(asked, condition=positive), along, moment)
        low, high = ~high, ~low
        if asked.always or not condition.include_missing:
            low, high = replace(low, missing=False), replace(high, missing=False)
        return low, high
    everything, nothing = _everything(asked, along), ~_everything(asked, along)
    missing = not asked.always
    match operator.key:
        case "is_known":
            return Region(False, everything), Region(False, everything)
        case "is_unknown":
            return Region(missing, nothing), Region(missing, nothing)
        case "has_any_value" | "is_empty":
            filled = Region(False, _filled(asked, along) or everything)
            if operator.key == "has_any_value":
                return filled, filled
            empty = replace(~filled, missing=missing)
            return empty, empty
    part = _part(asked, moment) if dimension(asked) == along else None
    if part is not None:
        certain, most = part
        return Region(False, _both(certain, everything)), Region(False, _both(most, everything))
    return Region(False, nothing), Region(False, everything)


def _everything(asked: Asked, along: str) -> Part:
    if along == "text":
        return Some(frozenset(), True)
    return Spans(_universe(asked, along), _universe(asked, along))


def _universe(asked: Asked, along: str) -> tuple[tuple[Cut, Cut], ...]:
    if along == "count" or asked.whole:
        return (((0, 0), LAST),)
    if asked.attribute.kind is Kind.BOOLEAN:
        return _points((0, 1))
    return _points(range(7)) if along == "weekday" else ((FIRST, LAST),)


def _filled(asked: Asked, along: str) -> Part | None:
    """What is neither blank nor without elements; None where every value is."""
    if along == "text":
        return Some(frozenset({BLANK}), True)
    return Spans((((1, 0), LAST),), _universe(asked, along)) if along == "count" else None


def _points(values: Iterable[int | float]) -> tuple[tuple[Cut, Cut], ...]:
    return tuple(((value, 0), (value, 1)) for value in sorted(set(values)))


def _part(asked: Asked, moment: Moment) -> tuple[Part, Part] | None:
    """The values of a positive condition along its own dimension: for certain, and at most."""
    match asked.attribute.kind:
        case Kind.TEXT:
            return _texts(asked.condition)
        case Kind.LIST:
            return _lists(asked)
        case Kind.NUMBER | Kind.BOOLEAN:
            spans = _numbers(asked)
        case _:
            spans = _dates(asked, moment)
    if spans is None:
        return None
    exact = Spans(spans, _universe(asked, dimension(asked) or ""))
    return exact, exact


def _texts(condition: Condition) -> tuple[Part, Part] | None:
    value, nothing = condition.value, Some(frozenset())
    match condition.operator:
        case "is" | "is_any_of":
            members = value if isinstance(value, tuple) else (value,)
            exact = Some(frozenset(fold(str(each)) for each in members))
            return (nothing if condition.match_case else exact), exact
        case "matches_regex":
            return None
    # Whatever else texts are asked for has to be there, and is never blank.
    return nothing, Some(frozenset({BLANK}), True)


def _lists(asked: Asked) -> tuple[Part, Part] | None:
    condition, universe = asked.condition, (((0, 0), LAST),)
    value = condition.value
    match condition.operator, value:
        case "count_eq", int():
            exact = Spans((((value, 0), (value + 1, 0)),), universe)
        case "count_gte", int():
            exact = Spans((((value, 0), LAST),), universe)
        case "count_lte", int():
            exact = Spans((((0, 0), (value + 1, 0)),), universe)
        case _:
            return Spans((), universe), Spans((((1, 0), LAST),), universe)
    return exact, exact


def _numbers(asked: Asked) -> tuple[tuple[Cut, Cut], ...] | None:
    condition = asked.condition
    value = condition.value
    match condition.operator, value:
        case "is_true", _:
            return _points((1,))
        case "is_false", _:
            return _points((0,))
        case "eq", int() | float():
            spans = _points((value,))
        case "is_any_of", tuple():
            spans = _points(each for each in value if isinstance(each, int | float))
        case "gt", int() | float():
            spans = (((value, 1), LAST),)
        case "gte", int() | float():
            spans = (((value, 0), LAST),)
        case "lt", int() | float():
            spans = ((FIRST, (value, 0)),)
        case "lte", int() | float():
            spans = ((FIRST, (value, 1)),)
        case "between", (int() | float() as low, int() | float() as high):
            spans = (((low, 0), (high, 1)),)
        case _:
            return None
    if asked.whole:
        spans = tuple((_whole(low), _whole(high)) for low, high in spans)
    return tuple(span for span in spans if span[0] < span[1])


def _whole(cut: Cut) -> Cut:
    """The cut before the next whole number: between two of them nothing lies."""
    value, after = cut
    if value in (INFINITY, -INFINITY):
        return cut
    down = int(value // 1)
    return (down + 1, 0) if after or down < value else (down, 0)


def _dates(asked: Asked, moment: Moment) -> tuple[tuple[Cut, Cut], ...] | None:
    condition, value = asked.condition, asked.condition.value
    operator = BY_KEY[condition.operator]
    match operator.operand, value:
        case Operand.AGO, Ago():
            return _ages(condition, value)
        case Operand.DAYS, int():
            return (((0, 0), (value, 0)),)
        case Operand.PERIOD, str():
            away = {"today": 0, "yesterday": 1, "tomorrow": -1, "this": 0, "last": 1, "next": -1}[
                value.partition("_")[0]
            ]
            return (((away, 0), (away + 1, 0)),)
        case Operand.WEEKDAYS, tuple():
            return _points(WEEKDAYS.index(str(each)) for each in value)
        case ((Operand.DAY | Operand.WHEN | Operand.RANGE), _):
            window = _window(condition.operator, value, asked.attribute.kind, moment)
            low: Cut = FIRST if window.low is None else (window.low, 0)
            high: Cut = LAST if window.high is None else (window.high, 0)
            return ((low, high),) if low < high else ()
    return None


@lru_cache(maxsize=1024)
def _window(operator: str, value: object, kind: Kind, moment: Moment) -> calendar.Window:
    return calendar.window(operator, value, kind, moment)


def _ages(condition: Condition, ago: Ago) -> tuple[tuple[Cut, Cut], ...]:
    """Ages in microseconds, those to come below zero."""
    unit = calendar.UNIT[ago.unit]
    limit = ago.amount * unit
    start: Cut = FIRST if condition.include_future else (0, 0)
    return {
        "less_than_ago": ((start, (limit, 0)),),
        "at_most_ago": ((start, (limit + 1, 0)),),
        "more_than_ago": (((limit + 1, 0), LAST),),
        "at_least_ago": (((limit, 0), LAST),),
        "exactly_ago": (((limit, 0), (limit + unit, 0)),),
        "in_next": (((-limit, 0), (0, 0)),),
        "more_than_from_now": ((FIRST, (-limit, 0)),),
    }[condition.operator]
