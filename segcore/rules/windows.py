"""The window of an event condition as two limits in microseconds, for the columns."""

from datetime import datetime

from segcore.rules import calendar
from segcore.rules.moment import Moment
from segcore.rules.tree import Last, Period, Span, Window


def bounds(window: Window, moment: Moment) -> tuple[int | None, int]:
    """The first microsecond that counts (None: there is none) and the first that does not; events after now never count."""
    end = calendar.microseconds(moment.now) + 1
    match window:
        case None:
            return None, end
        case Last(amount):
            return end - 1 - amount.amount * calendar.UNIT[amount.unit], end
        case Span(start, stop):
            return None if start is None else _at(start), end if stop is None else min(end, _at(stop))
        case Period(word):
            first, after = calendar.period(word, moment)
            return calendar.day_start(first, moment.zone), min(end, calendar.day_start(after, moment.zone))


def _at(text: str) -> int:
    at = calendar.parse(text)
    assert isinstance(at, datetime)
    return calendar.microseconds(at)


def timed(window: Window) -> bool:
    """Whether the window itself moves with now; without it, only events stamped after now make a difference."""
    return isinstance(window, Last | Period)
