"""Reading the value of a condition: for each kind of operand, what is expected and what was found."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache

import polars as pl
from polars.exceptions import PolarsError

from segcore.attributes import Attribute, Kind
from segcore.rules.catalogue.row import PERIODS, UNITS, WEEKDAYS, Operand, Operator
from segcore.rules.columns import pattern
from segcore.rules.limits import MAX_PATTERN, MAX_VALUES, MAX_WHOLE, MAX_WORD, found
from segcore.rules.text import blank
from segcore.rules.tree import Ago, Place, Scalar, Value

CHOOSE = "Choose a value, or remove this condition."
FRACTIONS_EXACT_TO = 2**53
MAX_AMOUNT = 1_000_000_000

_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_INSTANT = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-5][0-9])?"
)


@dataclass(frozen=True, slots=True)
class Wrong:
    """Something wrong with a value; `at` leads to it from the condition's `value`."""

    message: str
    at: tuple[str | int, ...] = ()
    suggestion: str | None = None


def read(operator: Operator, value: object, attribute: Attribute | None) -> tuple[Value, list[Wrong]]:
    """The operand as the tree holds it, and what is wrong with it. Without an attribute, only its shape is known."""
    kinds = operator.kinds
    if attribute is not None and attribute.kind in kinds:
        kinds = frozenset({attribute.kind})
    else:
        attribute = None
    if operator.operand is Operand.NONE:
        return None, [] if value is None else [Wrong(f"“{operator.label}” takes no value; found {found(value)}.")]
    if value is None or (isinstance(value, str) and blank(value)):
        return None, [Wrong(CHOOSE)]
    wrong: list[Wrong] = []
    result: Value = None
    try:
        result = _READERS[operator.operand](operator, value, kinds, attribute, wrong)
    except Stop as stop:
        wrong.append(stop.wrong)
    return result, wrong


class Stop(Exception):
    """The value has not the shape that any further check could use."""

    def __init__(self, message: str, suggestion: str | None = None) -> None:
        super().__init__(message)
        self.wrong = Wrong(message, suggestion=suggestion)


Kinds = frozenset[Kind]
Reader = Callable[[Operator, object, Kinds, Attribute | None, list[Wrong]], Value]


def _one(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    if op.key == "contains_word" and isinstance(value, str) and len(value) > MAX_WORD:
        raise Stop(f"A word has at most {MAX_WORD:,} characters; this one has {len(value):,}.")
    return _scalar(op, value, kinds, attribute)


def _scalar(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None) -> Scalar:
    """A text or a number, whichever the kinds ask for."""
    texts = bool(kinds & {Kind.TEXT, Kind.LIST})
    numbers = Kind.NUMBER in kinds
    if isinstance(value, str) and texts:
        if blank(value):
            raise Stop(CHOOSE)
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and numbers:
        _fits(value, attribute)
        return value
    expected = "a text or a number" if texts and numbers else "a text" if texts else "a number"
    suggestion = None
    if numbers and isinstance(value, str) and re.fullmatch(r"-?[0-9]{1,15}(\.[0-9]{1,15})?", value):
        suggestion = value
    raise Stop(f"Expected {expected}; found {found(value)}.", suggestion)


def _fits(value: float, attribute: Attribute | None) -> None:
    if isinstance(value, int) and attribute is not None and attribute.fractions and abs(value) > FRACTIONS_EXACT_TO:
        raise Stop(
            f"“{attribute.key}” has fractions, so a whole number past {FRACTIONS_EXACT_TO:,} cannot be compared exactly."
        )


def _elements(value: object) -> Iterator[tuple[int, object]]:
    """The elements of a list within the limit."""
    if not isinstance(value, list | tuple):
        raise Stop(f"Expected a list; found {found(value)}.")
    if not value:
        raise Stop(CHOOSE)
    if len(value) > MAX_VALUES:
        raise Stop(f"A list has at most {MAX_VALUES:,} values; this one has {len(value):,}.")
    yield from enumerate(value)


def _each(value: object, wrong: list[Wrong], read_one: Callable[[object], Scalar]) -> tuple[Scalar, ...]:
    result = []
    for index, each in _elements(value):
        try:
            result.append(read_one(each))
        except Stop as stop:
            wrong.append(Wrong(stop.wrong.message, (index,), stop.wrong.suggestion))
    return tuple(result)


def _many(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    if attribute is None and isinstance(value, list | tuple) and value:
        # Without a schema the first element says of which kind the list is.
        sort = {Kind.TEXT, Kind.LIST} if isinstance(value[0], str) else {Kind.NUMBER}
        kinds = kinds & sort or kinds
    return _each(value, wrong, lambda each: _scalar(op, each, kinds, attribute))


def _pair(value: object) -> tuple[object, object]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise Stop(f"Expected a list of two values, the lower and the upper end; found {found(value)}.")
    low, high = value
    return low, high


def _range(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    low, high = _pair(value)
    dates = isinstance(low, str) if attribute is None else attribute.kind is not Kind.NUMBER
    if not dates:
        numbers = _each((low, high), wrong, lambda each: _scalar(op, each, frozenset({Kind.NUMBER}), attribute))
        if not wrong and numbers[0] > numbers[1]:  # type: ignore[operator]
            raise Stop("The lower number is above the upper one.")
        return numbers
    texts = _each((low, high), wrong, when_text)
    if not wrong and after(str(texts[0]), str(texts[1])):
        raise Stop("The first date is after the second one.")
    return texts


def after(low: str, high: str) -> bool:
    """Whether one end lies after the other in every time zone."""
    first, second = _instant(low), _instant(high)
    if first is not None and second is not None:
        return first > second
    if first is None and second is None:
        return low > high
    # A day against an instant: only the workspace's zone knows, but zones are never more than a day apart.
    one = low[:10] if first is None else first.date().isoformat()
    other = high[:10] if second is None else second.date().isoformat()
    return (date.fromisoformat(one) - date.fromisoformat(other)).days > 1


def instant_text(value: object) -> str:
    """An instant with its zone, as text."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        raise Stop(f"Expected an instant such as 2026-11-01T09:30:00Z; found {found(value)}.", f"{value}T00:00:00Z")
    try:
        return str(when_text(value))
    except Stop as stop:
        message = stop.wrong.message.replace("a date such as 2026-11-01 or ", "")
        raise Stop(message, stop.wrong.suggestion) from None


def _instant(text: str) -> datetime | None:
    return None if len(text) == 10 else datetime.fromisoformat(text).astimezone(UTC)


def _when(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    return when_text(value)


def when_text(value: object) -> Scalar:
    """A date or an instant with its zone, as text."""
    if isinstance(value, str) and _DAY.fullmatch(value):
        return _day_text(value)
    if isinstance(value, str) and (match := _INSTANT.fullmatch(value)):
        if match[1] is None:
            raise Stop(f"An instant needs its time zone; found {found(value)}.", value + "Z")
        try:
            datetime.fromisoformat(value).astimezone(UTC)
        except (ValueError, OverflowError):
            raise Stop(f"There is no such instant as {found(value)}.") from None
        return value
    raise Stop(f"Expected a date such as 2026-11-01 or an instant such as 2026-11-01T09:30:00Z; found {found(value)}.")


def _day(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    if isinstance(value, str) and _DAY.fullmatch(value):
        return _day_text(value)
    suggestion = value[:10] if isinstance(value, str) and _INSTANT.fullmatch(value) else None
    raise Stop(f"Expected a date such as 2026-11-01; found {found(value)}.", suggestion)


def _day_text(value: str) -> str:
    try:
        date.fromisoformat(value)
    except ValueError:
        raise Stop(f"There is no such day as {found(value)}.") from None
    return value


def _pattern(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    if not isinstance(value, str):
        raise Stop(f"Expected a pattern as text; found {found(value)}.")
    if len(value) > MAX_PATTERN:
        raise Stop(f"A pattern has at most {MAX_PATTERN} characters; this one has {len(value):,}.")
    if trouble := _bad_pattern(value):
        raise Stop(trouble)
    return value


@lru_cache(maxsize=1024)
def _bad_pattern(value: str) -> str | None:
    """What the engine that will run the pattern says against it, with and without folding."""
    for match_case in (True, False):
        try:
            pl.Series([""]).str.contains(pattern(value, match_case))
        except PolarsError as error:
            said = str(error)
            if "size limit" in said:
                return "The pattern is too large when it is worked out; ask for fewer repetitions."
            reason = re.search(r"error: (?!regex)(.+)", said)
            return f"The pattern cannot be read: {reason[1].strip() if reason else 'its syntax is wrong'}."
    return None


def _domain(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    return _domain_text(value)


def _domains(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    return _each(value, wrong, _domain_text)


def _domain_text(value: object) -> Scalar:
    if not isinstance(value, str):
        raise Stop(f"Expected a text; found {found(value)}.")
    if blank(value):
        raise Stop(CHOOSE)
    if "@" in value:
        rest = value.rpartition("@")[2]
        raise Stop(f"A domain is only what comes after the @; found {found(value)}.", rest if not blank(rest) else None)
    return value


def _whole(value: object, least: int) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise Stop(f"Expected a whole number, {least} or more; found {found(value)}.")
    if value > MAX_AMOUNT:
        raise Stop(f"Expected a whole number of at most {MAX_AMOUNT:,}; found {found(value)}.")
    return value


def _ago(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    return amount(value, UNITS, 0 if op.key == "exactly_ago" else 1)


def _within(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    return amount(value, ("days",), 0)


def amount(value: object, units: tuple[str, ...] = UNITS, least: int = 1) -> Ago:
    """An amount of time in one unit."""
    expected = f'Expected an amount of {_or(units)} such as {{"days": 7}}'
    if not isinstance(value, dict):
        suggestion = None
        if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_WHOLE:
            suggestion = f'{{"days": {value}}}'
        raise Stop(f"{expected}; found {found(value)}.", suggestion)
    if len(value) != 1 or not set(value) <= set(units):
        names = ", ".join(found(key) for key in list(value)[:5]) or "an empty object"
        raise Stop(f"{expected}; found {names}.")
    ((unit, number),) = value.items()
    if number is None:
        raise Stop(CHOOSE)
    return Ago(_whole(number, least), unit)


def _days(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    return _whole(value, 1)


def _count(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    return _whole(value, 0)


def _period(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    return choice(value, PERIODS)


def _weekdays(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    return _each(value, wrong, lambda each: choice(each, WEEKDAYS))


def choice(value: object, words: tuple[str, ...]) -> str:
    """One of a few words."""
    if isinstance(value, str) and value in words:
        return value
    near = str(value).strip().lower().replace(" ", "_") if isinstance(value, str) and len(value) < 30 else ""
    raise Stop(f"Expected one of {_or(words)}; found {found(value)}.", near if near in words else None)


def _or(words: tuple[str, ...]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _place(op: Operator, value: object, kinds: Kinds, attribute: Attribute | None, wrong: list[Wrong]) -> Value:
    expected = 'Expected a place such as {"latitude": 53.35, "longitude": -6.26, "km": 25}'
    if not isinstance(value, dict):
        raise Stop(f"{expected}; found {found(value)}.")
    if set(value) != set(_CIRCLE):
        names = ", ".join(found(key) for key in list(value)[:5]) or "an empty object"
        raise Stop(f"{expected}; found {names}.")
    numbers = []
    for key, (low, high) in _CIRCLE.items():
        try:
            numbers.append(number(value[key], low, high))
        except Stop as stop:
            wrong.append(Wrong(stop.wrong.message, (key,), stop.wrong.suggestion))
    if not wrong and numbers[2] == 0:
        wrong.append(Wrong("Expected a distance of more than 0 km; found 0.", ("km",)))
    return None if wrong else Place(*numbers)


# Half the way around the globe is 20,015.115 km; a longer radius is everywhere, but no mistake.
_CIRCLE = {"latitude": (-90, 90), "longitude": (-180, 180), "km": (0, 1_000_000)}


def number(value: object, low: int, high: int) -> float:
    """A number between two others, both included."""
    if value is None:
        raise Stop(CHOOSE)
    if isinstance(value, bool) or not isinstance(value, int | float) or not low <= value <= high:
        raise Stop(f"Expected a number from {low:,} to {high:,}; found {found(value)}.")
    return value


_READERS: dict[Operand, Reader] = {
    Operand.ONE: _one,
    Operand.MANY: _many,
    Operand.RANGE: _range,
    Operand.PATTERN: _pattern,
    Operand.DOMAIN: _domain,
    Operand.DOMAINS: _domains,
    Operand.AGO: _ago,
    Operand.DAY: _day,
    Operand.WHEN: _when,
    Operand.PERIOD: _period,
    Operand.DAYS: _days,
    Operand.WITHIN: _within,
    Operand.WEEKDAYS: _weekdays,
    Operand.COUNT: _count,
    Operand.PLACE: _place,
}
