"""Dates and instants as people write them: ISO 8601, or day and month with slashes, dots or dashes.

A local time that the clocks skip is moved forward by what they skip, and one that happens twice is the first of
the two: what Python's `fold=0` says, and what Polars says where it knows the zone's rules.
"""

import re
from datetime import UTC, datetime, timedelta
from datetime import date as calendar_date
from typing import Literal
from zoneinfo import ZoneInfo

from segcore.ingest.chunk import short

ISO_DATE = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
LOCAL_DATE = r"(?:[0-9]{1,2}/[0-9]{1,2}/|[0-9]{1,2}\.[0-9]{1,2}\.|[0-9]{1,2}-[0-9]{1,2}-)[0-9]{4}"
ZONE = r" ?(?:Z|z|UTC|[+-](?:[01][0-9]|2[0-3])(?::?[0-5][0-9])?)"
CLOCK = r"(?:[01]?[0-9]|2[0-3]):[0-5][0-9](?::[0-5][0-9](?:\.[0-9]{1,9})?)?"

_DATE = re.compile(f"({ISO_DATE})|({LOCAL_DATE})")
_INSTANT = re.compile(f"(?:({ISO_DATE})|({LOCAL_DATE}))(?:[Tt ]({CLOCK})({ZONE})?)?")
_DIGITS = re.compile(r"[0-9]+")
_EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001  local times are counted from it, before their zone is known
_MICROSECOND = timedelta(microseconds=1)
FIRST = (datetime(1, 1, 1) - _EPOCH) // _MICROSECOND  # noqa: DTZ001
LAST = (datetime(9999, 12, 31, 23, 59, 59, 999999) - _EPOCH) // _MICROSECOND  # noqa: DTZ001
MINUTE = 60_000_000
DAY = 1_440 * MINUTE

_UNORDERED = "could be day-first or month-first"


def date(raw: str, order: Literal["day", "month"] | None) -> int | str:
    """Days since 1970, or why it is no date."""
    found = _DATE.fullmatch(raw)
    if found is None:
        if _INSTANT.fullmatch(raw):
            return f"{short(raw)} has a time of day, and a date is expected"
        return f"{short(raw)} is not a date"
    day = _day(found[1], found[2], order)
    if isinstance(day, str):
        return f"{short(raw)} {day}"
    return (day - calendar_date(1970, 1, 1)).days


def instant(raw: str, order: Literal["day", "month"] | None, zone: ZoneInfo) -> int | str:
    """Microseconds since 1970 in UTC, or why it is no instant. A date alone is its midnight, and without zone the time is of `zone`."""
    found = _INSTANT.fullmatch(raw)
    if found is None:
        return f"{short(raw)} is not a date and time"
    day = _day(found[1], found[2], order)
    if isinstance(day, str):
        return f"{short(raw)} {day}"
    local = datetime(day.year, day.month, day.day)  # noqa: DTZ001
    if found[3]:
        hour, minute, second, fraction = [*_DIGITS.findall(found[3]), "0", "0"][:4]
        # What is finer than a microsecond is cut, not rounded: rounding could reach the next day.
        local = local.replace(
            hour=int(hour), minute=int(minute), second=int(second), microsecond=int(fraction[:6].ljust(6, "0"))
        )
    microseconds = (local - _EPOCH) // _MICROSECOND
    microseconds -= _offset(found[4]) * MINUTE if found[4] else shift(local, zone)
    return microseconds if FIRST <= microseconds <= LAST else f"{short(raw)} is outside the years 1 to 9999"


def shift(local: datetime, zone: ZoneInfo) -> int:
    """How far a local time of this zone is ahead of UTC, in microseconds."""
    offset = local.replace(tzinfo=zone).utcoffset()
    return (offset or timedelta()) // _MICROSECOND


def stored(moment: datetime) -> int:
    """An aware instant as it is stored."""
    return (moment.astimezone(UTC).replace(tzinfo=None) - _EPOCH) // _MICROSECOND


def _day(iso: str | None, local: str | None, order: Literal["day", "month"] | None) -> calendar_date | str:
    if iso:
        year, month, day = (int(part) for part in _DIGITS.findall(iso))
    else:
        first, second, year = (int(part) for part in _DIGITS.findall(local or ""))
        if order is None:
            return _UNORDERED
        day, month = (first, second) if order == "day" else (second, first)
    try:
        return calendar_date(year, month, day)
    except ValueError:
        return "is not in the calendar"


def _offset(zone: str) -> int:
    """Minutes ahead of UTC."""
    digits = "".join(_DIGITS.findall(zone)).ljust(4, "0")
    minutes = int(digits[:2]) * 60 + int(digits[2:])
    return -minutes if "-" in zone else minutes
