"""How operators are answered for one value that is not missing, in plain Python.

Written apart from the columns, calendar included, so that each proves the other right. Where the columns turn an
operand into limits and compare, this asks of the value: what day was that, how old is it?
"""

import math
import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from segcore.rules.moment import Moment
from segcore.rules.text import fold
from segcore.rules.tree import Ago, Condition, Place

_INSTANT = re.compile(r"T|\s")


def always(value: Any, condition: Condition, moment: Moment) -> bool:
    return True


def filled(value: Any, condition: Condition, moment: Moment) -> bool:
    if isinstance(value, str):
        return bool(value.strip())
    return len(value) > 0 if isinstance(value, list | tuple) else True


def empty(value: Any, condition: Condition, moment: Moment) -> bool:
    return not filled(value, condition, moment)


def unknown(value: Any, condition: Condition, moment: Moment) -> bool:
    return False


# Text


def _form(condition: Condition) -> Callable[[str], str]:
    return (lambda text: unicodedata.normalize("NFC", text)) if condition.match_case else fold


def text_is(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    return bool(form(value) == form(str(condition.value)))


def is_any_of(value: Any, condition: Condition, moment: Moment) -> bool:
    wanted = condition.value if isinstance(condition.value, tuple) else ()
    if not isinstance(value, str):
        return any(value == each for each in wanted)
    form = _form(condition)
    return form(value) in {form(str(each)) for each in wanted}


def contains(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    return form(str(condition.value)) in form(value)


def contains_any(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    return any(form(str(each)) in form(value) for each in _each(condition))


def contains_all(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    return all(form(str(each)) in form(value) for each in _each(condition))


def contains_word(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    text, word = form(value), form(str(condition.value))
    at = text.find(word)
    while at >= 0:
        if not _of_word(text[at - 1 : at] if at else "") and not _of_word(text[at + len(word) : at + len(word) + 1]):
            return True
        at = text.find(word, at + 1)
    return False


def _of_word(character: str) -> bool:
    return bool(character) and (character == "_" or unicodedata.category(character)[0] in "LMN")


def starts_with(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    return form(value).startswith(form(str(condition.value)))


def ends_with(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    return form(value).endswith(form(str(condition.value)))


def matches_regex(value: Any, condition: Condition, moment: Moment) -> bool:
    # Never Python's `re`: its dialect is another one, and a hostile pattern would hang it.
    pattern = unicodedata.normalize("NFC", str(condition.value))
    flagged = pattern if condition.match_case else f"(?i){pattern}"
    return bool(pl.Series([unicodedata.normalize("NFC", value)]).str.contains(flagged)[0])


def domain_is_any_of(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    _, at, domain = form(value).rpartition("@")
    return bool(at) and domain in {form(str(each)) for each in _each(condition)}


def _each(condition: Condition) -> tuple[Any, ...]:
    return condition.value if isinstance(condition.value, tuple) else (condition.value,)


# Numbers: Python compares whole numbers with fractions exactly.


def eq(value: Any, condition: Condition, moment: Moment) -> bool:
    return bool(value == condition.value)


def gt(value: Any, condition: Condition, moment: Moment) -> bool:
    return bool(value > condition.value)


def gte(value: Any, condition: Condition, moment: Moment) -> bool:
    return bool(value >= condition.value)


def lt(value: Any, condition: Condition, moment: Moment) -> bool:
    return bool(value < condition.value)


def lte(value: Any, condition: Condition, moment: Moment) -> bool:
    return bool(value <= condition.value)


def between(value: Any, condition: Condition, moment: Moment) -> bool:
    low, high = _each(condition)
    if isinstance(value, date):
        return not _earlier(value, low, moment) and not _later(value, high, moment)
    return bool(low <= value <= high)


# Booleans


def is_true(value: Any, condition: Condition, moment: Moment) -> bool:
    return value is True


def is_false(value: Any, condition: Condition, moment: Moment) -> bool:
    return value is False


# Dates and instants. A datetime is a date too, so the instant is asked first.


def rolling(value: Any, condition: Condition, moment: Moment) -> bool:
    assert isinstance(condition.value, Ago)
    at = value if isinstance(value, datetime) else _midnight(value, moment.zone)
    age = _apart(moment.now, at)
    seconds = {"minutes": 60, "hours": 3600, "days": 86_400, "weeks": 604_800}[condition.value.unit]
    unit = seconds * 1_000_000
    limit = condition.value.amount * unit
    match condition.operator:
        case "less_than_ago":
            return age < limit and (age >= 0 or condition.include_future)
        case "at_most_ago":
            return age <= limit and (age >= 0 or condition.include_future)
        case "more_than_ago":
            return age > limit
        case "at_least_ago":
            return age >= limit
        case "exactly_ago":
            return limit <= age < limit + unit
        case "in_next":
            return 0 < -age <= limit
        case "more_than_from_now":
            return -age > limit
    raise KeyError(condition.operator)


def on(value: Any, condition: Condition, moment: Moment) -> bool:
    return local_day(value, moment.zone) == date.fromisoformat(str(condition.value))


def before(value: Any, condition: Condition, moment: Moment) -> bool:
    return _earlier(value, str(condition.value), moment)


def on_or_before(value: Any, condition: Condition, moment: Moment) -> bool:
    return not _later(value, str(condition.value), moment)


def after(value: Any, condition: Condition, moment: Moment) -> bool:
    return _later(value, str(condition.value), moment)


def on_or_after(value: Any, condition: Condition, moment: Moment) -> bool:
    return not _earlier(value, str(condition.value), moment)


def in_period(value: Any, condition: Condition, moment: Moment) -> bool:
    day, now = local_day(value, moment.zone), local_day(moment.now, moment.zone)
    match str(condition.value).split("_"):
        case ["today"]:
            return day == now
        case ["yesterday"]:
            return (now - day).days == 1
        case ["tomorrow"]:
            return (day - now).days == 1
        case [which, unit]:
            away = {"this": 0, "last": -1, "next": 1}[which]
            return _number(day, unit, moment.week_start) - _number(now, unit, moment.week_start) == away
    raise KeyError(condition.value)


def in_last_calendar_days(value: Any, condition: Condition, moment: Moment) -> bool:
    back = (local_day(moment.now, moment.zone) - local_day(value, moment.zone)).days
    return isinstance(condition.value, int) and 0 <= back < condition.value


def anniversary_within(value: Any, condition: Condition, moment: Moment) -> bool:
    assert isinstance(condition.value, Ago)
    day = _wall(value, moment.zone).date() if isinstance(value, datetime) else value
    now = local_day(moment.now, moment.zone)
    for year in (now.year, now.year + 1):
        try:
            again = date(year, day.month, day.day)
        except ValueError:  # 29 February in another year, or the end of the calendar
            if year > date.max.year:
                continue
            again = date(year, 3, 1)
        if 0 <= (again - now).days <= condition.value.amount:
            return True
    return False


def weekday_is(value: Any, condition: Condition, moment: Moment) -> bool:
    day = _wall(value, moment.zone).date() if isinstance(value, datetime) else value
    names = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
    return names[day.weekday()] in _each(condition)


def _number(day: date, unit: str, week_start: str) -> int:
    """Which week, month, quarter or year of all time a day lies in."""
    match unit:
        case "week":
            return (day.toordinal() - (1 if week_start == "monday" else 0)) // 7
        case "month":
            return day.year * 12 + day.month
        case "quarter":
            return day.year * 4 + (day.month - 1) // 3
        case "year":
            return day.year
    raise KeyError(unit)


def _earlier(value: Any, said: str, moment: Moment) -> bool:
    """Whether a value lies before a day or an instant."""
    if not _INSTANT.search(said):
        return local_day(value, moment.zone) < date.fromisoformat(said)
    at = value if isinstance(value, datetime) else _midnight(value, moment.zone)
    return at < datetime.fromisoformat(said)


def _later(value: Any, said: str, moment: Moment) -> bool:
    """Whether a value lies after a day or an instant."""
    if not _INSTANT.search(said):
        return local_day(value, moment.zone) > date.fromisoformat(said)
    at = value if isinstance(value, datetime) else _midnight(value, moment.zone)
    return at > datetime.fromisoformat(said)


def _apart(later: datetime, earlier: datetime) -> int:
    return (later - earlier) // timedelta(microseconds=1)


def local_day(value: date, zone: ZoneInfo) -> date:
    """The local day: the one whose midnight has come while the next day's has not."""
    if not isinstance(value, datetime):
        return value
    day = _wall(value, zone).date()
    # A clock that was put back over midnight shows yesterday again, but the day has begun.
    while day < date.max and _has_midnight(day + timedelta(1), zone) and value >= _midnight(day + timedelta(1), zone):
        day += timedelta(1)
    return day


@lru_cache(maxsize=4096)
def _midnight(day: date, zone: ZoneInfo) -> datetime:
    """The first instant of a local day; where the clocks skip midnight, the first after the gap."""
    midnight = datetime.combine(day, time(), zone)
    at = _utc(midnight)
    if _has_midnight(day, zone) or day in (date.min, date.max):
        return at
    # Walk back from a time that is surely after the gap.
    while _wall(at - timedelta(seconds=1), zone) >= datetime.combine(day, time()):
        at -= timedelta(seconds=1)
    return at


def _has_midnight(day: date, zone: ZoneInfo) -> bool:
    return _wall(_utc(datetime.combine(day, time(), zone)), zone) == datetime.combine(day, time())


def _utc(local: datetime) -> datetime:
    offset = local.utcoffset() or timedelta()
    try:
        return local.replace(tzinfo=UTC) - offset
    except OverflowError:
        return local.replace(tzinfo=UTC)


def _wall(at: datetime, zone: tzinfo) -> datetime:
    try:
        return at.astimezone(zone).replace(tzinfo=None, fold=0)
    except OverflowError:
        return at.replace(tzinfo=None)


# Locations


def within_km(value: Any, condition: Condition, moment: Moment) -> bool:
    place = condition.value
    assert isinstance(place, Place)
    # The angle between two directions from the middle of the globe: good near by and at the far side.
    a, b = _direction(value["latitude"], value["longitude"]), _direction(place.latitude, place.longitude)
    across = math.sqrt(sum(each * each for each in _cross(a, b)))
    along = sum(one * other for one, other in zip(a, b, strict=True))
    return math.atan2(across, along) * 6371.0088 <= place.km


def _direction(latitude: float, longitude: float) -> tuple[float, float, float]:
    north, east = math.radians(latitude), math.radians(longitude)
    return math.cos(north) * math.cos(east), math.cos(north) * math.sin(east), math.sin(north)


def _cross(a: tuple[float, float, float], b: tuple[float, float, float]) -> tuple[float, float, float]:
    return a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]


# Lists of text


def includes_any(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    return not {form(each) for each in value}.isdisjoint({form(str(each)) for each in _each(condition)})


def includes_all(value: Any, condition: Condition, moment: Moment) -> bool:
    form = _form(condition)
    return {form(str(each)) for each in _each(condition)} <= {form(each) for each in value}


def count_eq(value: Any, condition: Condition, moment: Moment) -> bool:
    return len(value) == condition.value


def count_gte(value: Any, condition: Condition, moment: Moment) -> bool:
    return isinstance(condition.value, int) and len(value) >= condition.value


def count_lte(value: Any, condition: Condition, moment: Moment) -> bool:
    return isinstance(condition.value, int) and len(value) <= condition.value
