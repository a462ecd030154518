"""One raw value becomes a value of a kind, or a Rejection that says why not.

Values come out as they are stored: a date is whole days since 1970, an instant whole microseconds in UTC, a
location a latitude and a longitude. `columns` does the same for a column at a time and is proved equal to this.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

from segcore.attributes import Kind
from segcore.ingest import moments
from segcore.ingest.chunk import Form, short

Value: TypeAlias = str | int | float | bool | list[str] | list[float]
Order: TypeAlias = Literal["day", "month"]

WHOLE = 2**63 - 1
EXACT = 2**53
LONGEST_KEY = 512
WORDS: Mapping[str, bool] = {"true": True, "false": False, "yes": True, "no": False}
DIGITS: Mapping[str, bool] = {"1": True, "0": False}

NUMBER = r"-?(?:(?:0|[1-9][0-9]*)(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?"
_NUMBER = re.compile(NUMBER)
_DEGREES = re.compile(r"\s*\(?\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*,\s*(-?[0-9]{1,3}(?:\.[0-9]+)?)\s*\)?\s*")
# Control characters, and what has no width or turns the direction of writing: two keys must not look like one.
UNSEEN = r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]"
_UNSEEN = re.compile(UNSEEN)

# Which forms a kind can be read from; anything else is a conflict, whatever it spells.
FORMS: Mapping[Kind, frozenset[Form]] = {
    Kind.TEXT: frozenset({Form.FIELD, Form.STRING, Form.NUMBER, Form.BOOLEAN}),
    Kind.NUMBER: frozenset({Form.FIELD, Form.NUMBER}),
    Kind.BOOLEAN: frozenset({Form.FIELD, Form.STRING, Form.BOOLEAN}),
    Kind.DATE: frozenset({Form.FIELD, Form.STRING}),
    Kind.DATETIME: frozenset({Form.FIELD, Form.STRING}),
    Kind.LIST: frozenset({Form.FIELD, Form.ARRAY}),
    Kind.LOCATION: frozenset({Form.FIELD, Form.STRING, Form.ARRAY, Form.OBJECT}),
}
NOUNS: Mapping[Kind, str] = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date",
    Kind.DATETIME: "a date and time",
    Kind.LIST: "a list",
    Kind.LOCATION: "a location",
}
_FORM_NOUNS: Mapping[Form, str] = {
    Form.FIELD: "a field",
    Form.STRING: "a text in quotes",
    Form.NUMBER: "a number",
    Form.BOOLEAN: "true or false",
    Form.ARRAY: "a list",
    Form.OBJECT: "an object",
}


@dataclass(frozen=True, slots=True)
class Rejection:
    """Why a value cannot be what its attribute is."""

    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """How a column is read: its kind, and what the kind alone does not say.

    `fractions` says that numbers are kept as floats. `order` is how days and months written with slashes, dots or
    dashes are read; without one they are refused. `zone` is that of instants that name none. `provisional` is text
    for the time being, of which every value so far is missing.
    """

    kind: Kind
    fractions: bool = False
    order: Order | None = None
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    provisional: bool = False


def read(reading: Reading, raw: str | None, form: Form = Form.FIELD) -> Value | Rejection | None:
    """One value, None where it is missing, or why it does not fit."""
    kind = reading.kind
    if raw is None:
        return None
    if form is Form.FIELD:
        if kind is Kind.TEXT and not reading.provisional:
            return text(raw) if raw else None
        raw = raw.strip(" \t\r\n\v\f\u00a0")
        if not raw:
            return None
    if form not in FORMS[kind]:
        return Rejection(f"{short(raw)} is {_FORM_NOUNS[form]}, not {NOUNS[kind]}")
    match kind:
        case Kind.TEXT:
            return text(raw)
        case Kind.NUMBER:
            return _number(raw, fractions=reading.fractions)
        case Kind.BOOLEAN:
            words = {**WORDS, **DIGITS} if form is Form.FIELD else WORDS
            known = words.get(raw.lower())
            return Rejection(f"{short(raw)} is neither true nor false") if known is None else known
        case Kind.DATE:
            day = moments.date(raw, reading.order)
            return Rejection(day) if isinstance(day, str) else day
        case Kind.DATETIME:
            instant = moments.instant(raw, reading.order, reading.zone)
            return Rejection(instant) if isinstance(instant, str) else instant
        case Kind.LIST:
            return listed(raw, declared=True)
        case Kind.LOCATION:
            return location(raw)


def text(raw: str) -> str | Rejection:
    """Any text that both databases can keep."""
    return Rejection("contains a NUL character") if "\x00" in raw else raw


def number(raw: str) -> int | float | Rejection | None:
    """The number that a text spells, whole ones exactly; NaN is missing. Python's own reader would take "１２" and "1_000"."""
    if _NUMBER.fullmatch(raw) is None:
        return _no_number(raw)
    too_large = Rejection(f"{short(raw)} is past ±9,223,372,036,854,775,807")
    if not any(mark in raw for mark in ".eE"):
        if len(raw) > 20:
            return too_large
        whole = int(raw)
        return whole if abs(whole) <= WHOLE else too_large
    value = float(raw)
    if abs(value) < EXACT:
        return int(value) if value.is_integer() else value
    if abs(value) > 2 * float(WHOLE):
        return too_large
    exact = Fraction(raw)
    if exact.denominator != 1:
        return Rejection(f"{short(raw)} is past ±9,007,199,254,740,992, where fractions cannot be kept")
    return int(exact) if abs(exact) <= WHOLE else too_large


def _no_number(raw: str) -> Rejection | None:
    folded = raw.lower().lstrip("+-")
    if raw.lower() == "nan":
        return None
    if folded in ("inf", "infinity"):
        return Rejection(f"{short(raw)} is not a finite number")
    digits = folded.replace(".", "", 1)
    if digits.isascii() and digits.isdigit() and folded.startswith("0"):
        return Rejection(f"{short(raw)} has leading zeros, so it is not a number")
    return Rejection(f"{short(raw)} is not a number")


def _number(raw: str, *, fractions: bool) -> int | float | Rejection | None:
    value = number(raw)
    if value is None or isinstance(value, Rejection):
        return value
    if not fractions:
        if isinstance(value, float):
            return Rejection(
                f"{short(raw)} is not whole, and this attribute has whole numbers past 9,007,199,254,740,992"
            )
        return value
    if abs(value) > EXACT:
        return Rejection(f"{short(raw)} is past ±9,007,199,254,740,992, and this attribute has fractions")
    return float(value)


def listed(raw: str, *, declared: bool) -> list[str] | Rejection:
    """A JSON array of texts, numbers or truth values; where lists are declared, also values between semicolons."""
    if raw.startswith("["):
        try:
            items = _json(raw)
        except (ValueError, RecursionError):
            items = None
        if isinstance(items, list):
            return _elements(raw, items)
    if not declared:
        return Rejection(f"{short(raw)} is not a list")
    return _elements(raw, [element for item in raw.split(";") if (element := item.strip())])


def _elements(raw: str, items: list[object]) -> list[str] | Rejection:
    texts = []
    for item in items:
        if isinstance(item, bool):
            item = "true" if item else "false"
        if not isinstance(item, str):
            return Rejection(f"{short(raw)} has an element that is no text")
        if not item.isascii() and any("\ud800" <= character <= "\udfff" for character in item):
            return Rejection("contains half a character")
        if "\x00" in item:
            return Rejection("contains a NUL character")
        texts.append(item)
    return texts


def location(raw: str) -> list[float] | Rejection:
    """Degrees as `latitude,longitude`, as a JSON array of the two, or as an object that names them."""
    told = Rejection(f"{short(raw)} is not a location; latitude,longitude is expected")
    if raw[:1] in ("[", "{"):
        try:
            found = _json(raw)
        except (ValueError, RecursionError):
            return told
        if isinstance(found, dict) and found.keys() == {"latitude", "longitude"}:
            found = [found["latitude"], found["longitude"]]
        if not (isinstance(found, list) and len(found) == 2 and all(isinstance(degree, str) for degree in found)):
            return told
        raw = ",".join(found)
    parts = _DEGREES.fullmatch(raw)
    if parts is None:
        return told
    latitude, longitude = float(parts[1]) + 0.0, float(parts[2]) + 0.0
    if abs(latitude) > 90 or abs(longitude) > 180:
        return Rejection(f"{short(raw)} is outside ±90 degrees of latitude or ±180 of longitude")
    return [latitude, longitude]


def _json(raw: str) -> object:
    """JSON whose numbers stay as they were written."""
    return json.loads(raw, parse_int=str, parse_float=str, parse_constant=str)


def identifier(raw: str | None, form: Form = Form.FIELD, *, noun: str = "id") -> str | Rejection:
    """A text that names somebody or something: not blank, not endless, and nothing in it that cannot be seen."""
    if raw is None or not raw.strip():
        return Rejection(f"no {noun}")
    if form not in (Form.FIELD, Form.STRING, Form.NUMBER):
        return Rejection(
            f"{short(raw)} is {_FORM_NOUNS[form]}, not an {noun}"
            if noun[0] in "aeiou"
            else f"{short(raw)} is no {noun}"
        )
    if len(raw) > LONGEST_KEY:
        return Rejection(f"the {noun} has {len(raw):,} characters; {LONGEST_KEY} are the most")
    if _UNSEEN.search(raw):
        return Rejection(f"the {noun} contains a character that cannot be seen")
    return raw
