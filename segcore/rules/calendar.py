"""Days, periods and rolling limits of a workspace's zone, as half-open windows of whole numbers.

A day is its proleptic ordinal (1 January of year 1 is 1), an instant its microseconds since 1970 UTC, and both may
lie outside what Python's dates hold: whoever makes a literal of them clamps. So no arithmetic here can overflow.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from segcore.attributes import Kind
from segcore.rules.moment import Moment
from segcore.rules.tree import Ago

SECOND = 1_000_000
DAY = 86_400 * SECOND
UNIT = {"minutes": 60 * SECOND, "hours": 3_600 * SECOND, "days": DAY, "weeks": 7 * DAY}

EPOCH = date(1970, 1, 1).toordinal()
FIRST, LAST = date.min.toordinal(), date.max.toordinal()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
FIRST_INSTANT = (datetime.min.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND
LAST_INSTANT = (datetime.max.replace(tzinfo=UTC) - _EPOCH) // _MICROSECOND


@dataclass(frozen=True, slots=True)
class Window:
    """From `low` (included) to `high` (excluded); None is no end. Ordinals for dates, microseconds for instants."""

    low: int | None = None
    high: int | None = None


def microseconds(instant: datetime) -> int:
    """An aware instant as microseconds since 1970 UTC."""
    return (instant - _EPOCH) // _MICROSECOND


def instant(at: int) -> datetime:
    """Microseconds since 1970 as an instant, at the nearest one that a datetime can hold."""
    return _EPOCH + timedelta(microseconds=min(max(at, FIRST_INSTANT), LAST_INSTANT))


def parse(text: str) -> date | datetime:
    """A stored date or instant; the document was validated, so anything else is a bug."""
    if len(text) == 10:
        return date.fromisoformat(text)
    return datetime.fromisoformat(text).astimezone(UTC)


@lru_cache(maxsize=4096)
def day_start(day: int, zone: ZoneInfo) -> int:
    """The instant at which a local day begins: its first midnight, or where the clocks leap over midnight, the leap."""
    naive = (day - EPOCH) * DAY
    if not FIRST + 1 < day < LAST - 1:
        return naive
    midnight = datetime.fromordinal(day).replace(tzinfo=zone)
    offset = midnight.utcoffset() or timedelta()
    start = naive - offset // _MICROSECOND
    if _local_day(start, zone) == day and _local_day(start - 1, zone) < day:
        return start
    # Midnight does not exist: the day begins at the first instant that is not an earlier day any more.
    before, after = start - 2 * DAY, start
    while after - before > 1:
        middle = (before + after) // 2
        if _local_day(middle, zone) < day:
            before = middle
        else:
            after = middle
    return after


def _local_day(at: int, zone: ZoneInfo) -> int:
    return instant(at).astimezone(zone).toordinal()


def first_day_from(at: int, zone: ZoneInfo) -> int:
    """The first day that begins at this instant or later."""
    day = EPOCH + at // DAY - 2
    while day_start(day, zone) < at:
        day += 1
    return day


def today(moment: Moment) -> int:
    """The local day that `now` lies in."""
    return first_day_from(microseconds(moment.now) + 1, moment.zone) - 1


def rolling(operator: str, ago: Ago, now: datetime, include_future: bool = False) -> Window:
    """The instants for which a rolling operator holds (RULES.md, section 4.3)."""
    at, unit = microseconds(now), UNIT[ago.unit]
    limit = ago.amount * unit
    match operator:
        case "less_than_ago":
            return Window(at - limit + 1, None if include_future else at + 1)
        case "at_most_ago":
            return Window(at - limit, None if include_future else at + 1)
        case "more_than_ago":
            return Window(None, at - limit)
        case "at_least_ago":
            return Window(None, at - limit + 1)
        case "exactly_ago":
            return Window(at - limit - unit + 1, at - limit + 1)
        case "in_next":
            return Window(at + 1, at + limit + 1)
        case "more_than_from_now":
            return Window(at + limit + 1, None)
    raise KeyError(operator)


def period(word: str, moment: Moment) -> tuple[int, int]:
    """The first day of a calendar word and the day after its last one."""
    day = today(moment)
    if word in ("today", "yesterday", "tomorrow"):
        first = day + {"today": 0, "yesterday": -1, "tomorrow": 1}[word]
        return first, first + 1
    which, unit = word.split("_")
    step = {"this": 0, "last": -1, "next": 1}[which]
    if unit == "week":
        first = day - (day - 1) % 7 if moment.week_start == "monday" else day - day % 7
        return first + 7 * step, first + 7 * step + 7
    months = {"month": 1, "quarter": 3, "year": 12}[unit]
    local = date.fromordinal(min(max(day, FIRST), LAST))
    number = (local.year * 12 + local.month - 1) // months + step
    return month_start(number * months), month_start((number + 1) * months)


def month_start(number: int) -> int:
    """The first day of a month, counted from January of year 0; past the calendar's ends, the day beyond its end."""
    year, month = divmod(number, 12)
    if year > date.max.year:
        return LAST + 1
    return date(year, month + 1, 1).toordinal() if year >= 1 else FIRST


def window(operator: str, value: object, kind: Kind, moment: Moment, include_future: bool = False) -> Window:
    """What a date operator asks for, in the units of the column: ordinals for dates, microseconds for datetimes."""
    zone = moment.zone

    def from_day(day: int) -> int:
        return day if kind is Kind.DATE else day_start(day, zone)

    def from_instant(at: int | None) -> int | None:
        return at if at is None or kind is Kind.DATETIME else first_day_from(at, zone)

    def begin(text: str) -> int | None:
        at = parse(text)
        return from_instant(microseconds(at)) if isinstance(at, datetime) else from_day(at.toordinal())

    def end(text: str) -> int | None:
        at = parse(text)
        return from_instant(microseconds(at) + 1) if isinstance(at, datetime) else from_day(at.toordinal() + 1)

    if isinstance(value, Ago):
        asked = rolling(operator, value, moment.now, include_future)
        return Window(from_instant(asked.low), from_instant(asked.high))
    if operator == "in_period":
        first, after = period(str(value), moment)
        return Window(from_day(first), from_day(after))
    if operator == "in_last_calendar_days" and isinstance(value, int):
        day = today(moment)
        return Window(from_day(day - value + 1), from_day(day + 1))
    if operator == "between" and isinstance(value, tuple):
        low, high = map(str, value)
        return Window(begin(low), end(high))
    text = str(value)
    match operator:
        case "on":
            return Window(begin(text), end(text))
        case "before":
            return Window(None, begin(text))
        case "on_or_before":
            return Window(None, end(text))
        case "after":
            return Window(end(text), None)
        case "on_or_after":
            return Window(begin(text), None)
    raise KeyError(operator)


def anniversaries(days: int, moment: Moment) -> frozenset[int] | None:
    """Month × 100 + day of every birthday-like date that falls on today or in the next days; None is all of them.

    No day comes after the calendar's last one.
    """
    first = today(moment)
    if days >= 366 and first + 366 <= LAST:
        return None
    codes = set()
    for day in range(max(first, FIRST), min(first + days, LAST) + 1):
        local = date.fromordinal(day)
        codes.add(local.month * 100 + local.day)
        leap = local.year % 4 == 0 and (local.year % 100 != 0 or local.year % 400 == 0)
        if (local.month, local.day) == (3, 1) and not leap:
            codes.add(229)
    return frozenset(codes)
