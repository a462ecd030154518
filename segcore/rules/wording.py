"""How values, amounts, dates and lists of them are written in English."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal

from segcore.attributes import Attribute, Kind
from segcore.rules import calendar
from segcore.rules.catalogue.row import WEEKDAYS
from segcore.rules.moment import Moment
from segcore.rules.tree import Ago

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
CURRENCIES = frozenset("€$£¥₹₩₺₽₴₪₫฿")
MOST_VALUES = 8  # a longer list is cut to the first five, and says how many it leaves out
SHOWN_VALUES = 5


def lowered(name: str) -> str:
    """A name within a sentence: "Country" is "country", but "ID" and "MRR" stay."""
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]


def number(value: float) -> str:
    """A number with separators, in full and without an exponent where it has no more than 15 digits: 48,210.5."""
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int):
        return f"{value:,}".replace("-", "−")
    if 1e-6 <= abs(value) < 1e15:
        return f"{Decimal(repr(value)):,f}".replace("-", "−")
    return repr(value).replace("-", "−")


def amount(value: float, unit: str) -> str:
    """A number with the unit of its attribute: €25.00, 80 km."""
    if unit in CURRENCIES and unit:
        sign = "−" if value < 0 else ""
        size = abs(value)
        return f"{sign}{unit}{number(size) if size == int(size) else f'{size:,.2f}'}"
    return f"{number(value)} {unit}" if unit else number(value)


def ago(value: Ago) -> str:
    """1 day, 30 days."""
    return counted(value.amount, value.unit.removesuffix("s"))


def counted(amount: int, noun: str, nouns: str = "") -> str:
    """1 person, 2 people."""
    return f"{amount:,} {noun if amount == 1 else nouns or noun + 's'}"


def day(value: date) -> str:
    """1 Nov 2026"""
    return f"{value.day} {MONTHS[value.month - 1]} {value.year}"


def days(first: date, last: date) -> str:
    """1–31 Oct 2026, or 28 Sep – 4 Oct 2026, or one day."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{first.day} {MONTHS[first.month - 1]} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def instant(at: datetime, moment: Moment) -> str:
    """22 Nov 2026, 04:12 on the workspace's clocks; seconds where there are any; UTC is said."""
    try:
        local = at.astimezone(moment.zone)
        utc = moment.zone.key == "UTC"
    except OverflowError:
        local, utc = at.astimezone(UTC), True
    text = f"{local:%H:%M}"
    if local.microsecond:
        text = f"{local:%H:%M:%S.%f}".rstrip("0")
    elif local.second:
        text = f"{local:%H:%M:%S}"
    return f"{day(local)}, {text}{' UTC' if utc else ''}"


def when(text: str, moment: Moment) -> str:
    """A stored date or instant as it is read."""
    at = calendar.parse(text)
    return instant(at, moment) if isinstance(at, datetime) else day(at)


def period(word: str) -> str:
    """this_month → this month"""
    return word.replace("_", " ")


def weekday(word: str) -> str:
    """monday → Monday"""
    return word.capitalize() if word in WEEKDAYS else word


def value(each: object, attribute: Attribute, moment: Moment) -> str:
    """One operand, by the kind of its attribute. White space at its ends would not be seen, so it gets quotes."""
    if isinstance(each, bool):
        return "true" if each else "false"
    if isinstance(each, int | float):
        return amount(each, attribute.unit)
    text = str(each)
    if attribute.kind in (Kind.DATE, Kind.DATETIME) and text[:1].isdigit():
        return when(text, moment)
    return f"“{text}”" if text != text.strip() else text


def shown(values: Iterable[str]) -> tuple[list[str], int]:
    """As many of the values as a sentence bears, and how many are left out."""
    kept = list(values)
    return (kept, 0) if len(kept) <= MOST_VALUES else (kept[:SHOWN_VALUES], len(kept) - SHOWN_VALUES)


def place(latitude: float, longitude: float) -> str:
    """53.35, −6.26"""
    return f"{number(latitude)}, {number(longitude)}"


def share(start: float, end: float) -> str:
    """How much of everyone a sample holds: 10%, 0.1%."""
    return f"{number(float(Decimal(repr(end)) - Decimal(repr(start))))}%"
