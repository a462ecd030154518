"""How numbers, instants and values are written everywhere on screen. Pure: the instant and the zone are arguments."""

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo

from segcore.attributes import Attribute, Entity, Kind
from segcore.rules.describe import Sentence

MINUS = "\u2212"
SPACE = "\u00a0"  # between a number and its unit, so that a line never breaks there
MISSING = "–"

NOUNS: Mapping[Entity, tuple[str, str]] = {
    Entity.PERSON: ("person", "people"),
    Entity.COMPANY: ("company", "companies"),
}

# Units that are money, and the sign that stands before the number. Other units stand behind it.
MONEY: Mapping[str, str] = {
    "EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥", "CHF": "CHF", "SEK": "SEK", "NOK": "NOK", "DKK": "DKK",
    "PLN": "PLN", "CZK": "CZK", "AUD": "A$", "CAD": "CA$", "NZD": "NZ$", "INR": "₹", "BRL": "R$", "CNY": "CN¥",
    "€": "€", "$": "$", "£": "£", "¥": "¥", "₹": "₹",
}  # fmt: skip
WITHOUT_CENTS = frozenset({"JPY", "¥"})


class Cell(TypedDict, total=False):
    """What one cell of a table shows, and where it helps what its tooltip says."""

    text: str
    title: str


def count(amount: int) -> str:
    """An exact count with separators: 48,210."""
    return f"{amount:,}".replace("-", MINUS)


def difference(amount: int) -> str:
    """A change with its sign: +34, −212, ±0."""
    return "±0" if amount == 0 else f"+{count(amount)}" if amount > 0 else count(amount)


def share(part: int, whole: int) -> str:
    """Part of a whole with one decimal: "2.4%", "<0.1%" above zero, never "100.0%" when short of all."""
    if whole <= 0 or part <= 0:
        return "0.0%"
    if part >= whole:
        return "100.0%"
    # Whole thousandths, rounded half up in integers: 0.05% of a large whole must not depend on binary fractions.
    thousandths = (2000 * part + whole) // (2 * whole)
    if thousandths == 0:
        return "<0.1%"
    if thousandths >= 1000:
        return ">99.9%"
    return f"{thousandths // 10}.{thousandths % 10}%"


def plural(amount: int, noun: Sequence[str]) -> str:
    """The form of (singular, plural) that agrees with the amount."""
    return noun[0] if amount == 1 else noun[1]


def counted(amount: int, noun: Sequence[str]) -> str:
    """A count with its noun: "1 person", "48,210 people"."""
    return f"{count(amount)} {plural(amount, noun)}"


def share_of(part: int, whole: int, noun: Sequence[str]) -> str:
    """A share that says of what: "2.4% of 48,210 people"."""
    return f"{share(part, whole)} of {counted(whole, noun)}"


def number(value: float, unit: str = "") -> str:
    """A number with its unit: "€ 307.12" with two decimals for money, else at most three."""
    sign = MONEY.get(unit) or MONEY.get(unit.upper())
    if sign is not None:
        decimals = 0 if unit.upper() in WITHOUT_CENTS else 2
        written = f"{abs(value):,.{decimals}f}"
        minus = MINUS if value < 0 and written.strip("0.,") else ""
        return f"{minus}{sign}{SPACE}{written}"
    written = f"{value:,}" if isinstance(value, int) else f"{value:,.3f}".rstrip("0").rstrip(".")
    if value != 0 and not written.strip("-0.,"):
        written = f"{value:.3g}"  # too small for three decimals, and not zero
    written = "0" if written == "-0" else written.replace("-", MINUS)
    if not unit:
        return written
    return f"{written}%" if unit == "%" else f"{written}{SPACE}{unit}"


def relative(at: datetime, now: datetime) -> str:
    """How long ago an instant is, in one unit: "just now", "47 min ago", "2 y ago"; "in 3 d" when it is to come."""
    seconds = int((now - at).total_seconds())
    amount = _duration(abs(seconds))
    if amount is None:
        return "just now" if seconds >= 0 else "in a moment"
    return f"{amount} ago" if seconds > 0 else f"in {amount}"


def _duration(seconds: int) -> str | None:
    days = seconds // 86_400
    if seconds < 60:
        return None
    if seconds < 3_600:
        return f"{seconds // 60} min"
    if days < 1:
        return f"{seconds // 3_600} h"
    if days <= 60:
        return f"{days} d"
    months = int(days / 30.436875)
    return f"{months} mo" if months < 24 else f"{int(days / 365.2425)} y"


def day(on: date) -> str:
    """A calendar day: "22 Nov 2026"."""
    return f"{on.day} {_MONTHS[on.month - 1]} {on.year}"


def absolute(at: datetime, zone: ZoneInfo) -> str:
    """An instant to the minute in the workspace's zone: "22 Nov 2026, 04:12"."""
    local = _local(at, zone)
    return f"{day(local.date())}, {local:%H:%M}"


def exact(at: datetime, zone: ZoneInfo) -> str:
    """An instant to the second with its zone, as tooltips and exports say it: "22 Nov 2026, 04:12:09 Europe/Dublin"."""
    local = _local(at, zone)
    return f"{day(local.date())}, {local:%H:%M:%S} {zone.key}"


def as_of(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """The instant of an evaluation: "04:12:09 today", "04:12:09 yesterday", else with its date."""
    local, today = _local(at, zone), _local(now, zone).date()
    clock = f"{local:%H:%M:%S}"
    if local.date() == today:
        return f"{clock} today"
    if local.date() == today - timedelta(days=1):
        return f"{clock} yesterday"
    return f"{clock} on {day(local.date())}"


def clock(at: datetime, now: datetime, zone: ZoneInfo) -> str:
    """An instant to the minute: "04:12", "04:12 yesterday", else with its date."""
    local, today = _local(at, zone), _local(now, zone).date()
    if local.date() == today:
        return f"{local:%H:%M}"
    if local.date() == today - timedelta(days=1):
        return f"{local:%H:%M} yesterday"
    return f"{local:%H:%M} on {day(local.date())}"


def between(first: date, last: date) -> str:
    """A range of days with an en dash: "1–31 Oct 2026", "28 Sep – 4 Oct 2026"."""
    if first == last:
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        return f"{first.day}–{day(last)}"
    if first.year == last.year:
        return f"{first.day} {_MONTHS[first.month - 1]} – {day(last)}"
    return f"{day(first)} – {day(last)}"


def listed(values: Sequence[str], joiner: str = "and") -> str:
    """Words in a row: "A", "A and B", "A, B and C"."""
    if len(values) < 2:
        return "".join(values)
    return f"{', '.join(values[:-1])} {joiner} {values[-1]}"


def browser(told: str) -> str:
    """A browser by what it says of itself: "Firefox on Windows"; what says nothing known, as it is."""
    program = next((name for mark, name in _PROGRAMS.items() if mark in told), None)
    system = next((name for mark, name in _SYSTEMS.items() if mark in told), None)
    if program is None:
        return told[:60] or "Unknown browser"
    return program if system is None else f"{program} on {system}"


def cell(value: object, attribute: Attribute, now: datetime, zone: ZoneInfo) -> Cell | None:
    """A value as a table shows it; None where it is missing."""
    if value is None or value != value:  # NaN is the one value that differs from itself
        return None
    match attribute.kind:
        case Kind.BOOLEAN:
            return {"text": "true" if value else "false"}
        case Kind.NUMBER if isinstance(value, int | float):
            return {"text": number(value, attribute.unit)}
        case Kind.DATETIME if isinstance(value, datetime):
            at = value if value.tzinfo else value.replace(tzinfo=UTC)
            return {"text": relative(at, now), "title": exact(at, zone)}
        case Kind.DATE if isinstance(value, date):
            return {"text": day(value)}
        case Kind.LIST if isinstance(value, Sequence) and not isinstance(value, str):
            words = [str(one) for one in value]
            return _text(", ".join(words)) if words else {"text": "", "title": "An empty list"}
        case Kind.LOCATION if isinstance(value, Mapping):
            latitude, longitude = value.get("latitude"), value.get("longitude")
            if not isinstance(latitude, int | float) or not isinstance(longitude, int | float):
                return None
            return {"text": f"{number(round(latitude, 3))}, {number(round(longitude, 3))}"}
        case _:
            return _text(str(value))


def plain(value: object, attribute: Attribute, now: datetime, zone: ZoneInfo) -> str:
    """A value in running text, with "–" where it is missing."""
    shown = cell(value, attribute, now, zone)
    return MISSING if shown is None else shown["text"]


def sentence(told: Sentence) -> str:
    """A filter's sentence as Markdown, names and values bold."""
    return "".join(
        _strong(span.text) if span.bold and span.text.strip() else escape_part(span.text) for span in told.spans
    )


def escape(text: str) -> str:
    """Text from data, so that Streamlit's Markdown shows it as it is: no emphasis, links, colours, icons or formulas."""
    return escape_part(" ".join(text.split()))


def escape_part(text: str) -> str:
    """As `escape`, for a piece of a sentence whose blanks at the ends count."""
    # A colon or at sign as an entity would still be read after decoding, so an invisible joiner takes a name or
    # a link apart, and nothing else: ":smile:", ":material/home:", "https://…", "www.…" and addresses.
    flat = re.sub(r"\s+", " ", text)
    joined = re.sub(r"(?<!\d:)(?<=:)(?=[\w/+*-]+:)|(?<=\w)(?=://)|(?<=@)(?=\w)|(?<=[wW]{3})(?=\.)", "\u2060", flat)
    return re.sub(r"([\\`*_{}\[\]()#+\-.!|~<>$:&^=\"'])", r"\\\1", joined)


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# In the order in which they are looked for: most browsers claim to be some others as well.
_PROGRAMS = {
    "Edg": "Edge",
    "OPR/": "Opera",
    "Firefox/": "Firefox",
    "FxiOS/": "Firefox",
    "CriOS/": "Chrome",
    "Chrom": "Chrome",
}
_PROGRAMS |= {"Safari/": "Safari"}
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "iPad": "iPad",
    "Mac OS": "Mac",
    "CrOS": "ChromeOS",
}
_SYSTEMS |= {"Linux": "Linux"}
_LONGEST = 300  # characters of one value that a table sends; the whole value is on the profile


def _strong(text: str) -> str:
    # Asterisks beside a blank are not read as emphasis, so blanks stay outside.
    lead, tail = len(text) - len(text.lstrip()), len(text.rstrip())
    return f"{' ' * bool(lead)}**{escape(text)}**{' ' * (tail < len(text))}"


def _text(text: str) -> Cell:
    shown = text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
    return {"text": shown} if shown.strip() else {"text": shown, "title": "Blank text"}


def _local(at: datetime, zone: ZoneInfo) -> datetime:
    return at.astimezone(zone)
