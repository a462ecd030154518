"""A column of raw values at a time: strict patterns say what fits, casts only read what they let through.

What the patterns do not cover (lists, locations, numbers with large exponents) goes through `records`, each
distinct value once.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import polars as pl

from segcore.attributes import Kind
from segcore.ingest import moments, records
from segcore.ingest.chunk import Cells, Form
from segcore.ingest.records import EXACT, FORMS, Order, Reading, Rejection, Value

SPACE = " \t\r\n\v\f\u00a0"
UTC = ZoneInfo("UTC")
_WHOLE = r"^-?(?:0|[1-9][0-9]{0,17})$"
_PLAIN = r"^-?(?:0|[1-9][0-9]{0,14})?\.[0-9]+$|^-?(?:0|[1-9][0-9]{0,14})$"
_BARE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}[T ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9]Z?$"
_INSTANT = f"^({moments.ISO_DATE})(?:[Tt ]({moments.CLOCK})({moments.ZONE})?)?$"
_LOCAL = f"^{moments.LOCAL_DATE}(?:[Tt ]|$)"
_LOCAL_PARTS = r"^([0-9]{1,2})[/.-]([0-9]{1,2})[/.-]([0-9]{4})(.*)$"
# Polars knows no clock changes after 2099; what it would get wrong is read one by one.
_KNOWN_UNTIL = "2099"

# A JSON array of plain texts, written as everybody writes it; none begins with a comma, so `", "` stands only between two.
_ELEMENT = r'"(?:[^",\\\x00-\x1f][^"\\\x00-\x1f]*)?"'
_ARRAY = rf"^\[(?:{_ELEMENT}(?:, ?{_ELEMENT})*)?\]$"


@dataclass(frozen=True, slots=True)
class Parsed:
    """The values of a column as they are stored, null where missing or refused, and which cells are refused.

    Lists and locations are JSON text already: making Polars lists of them would only be undone.
    """

    values: pl.Series
    refused: pl.Series


@dataclass(frozen=True, slots=True)
class Numbers:
    """The numbers of a column before it is known how they are kept: whole ones exactly, the others as floats."""

    whole: pl.Series
    fractional: pl.Series
    refused: pl.Series


def parse(cells: Cells, reading: Reading) -> Parsed:
    """The values of a column, read as `records.read` would."""
    kind = reading.kind
    raw = present(cells, kind, provisional=reading.provisional)
    fits = cells.among(FORMS[kind])
    if not fits.all():
        misplaced = ~fits & raw.is_not_null()
        raw = raw.set(misplaced, None)
    else:
        misplaced = None
    match kind:
        case Kind.TEXT:
            parsed = _texts(raw)
        case Kind.NUMBER:
            parsed = _kept(numbers(raw), fractions=reading.fractions)
        case Kind.BOOLEAN:
            parsed = _booleans(raw, cells)
        case Kind.DATE:
            parsed = dates(raw, reading.order)
        case Kind.DATETIME:
            parsed = instants(raw, reading.order, reading.zone)
        case Kind.LIST:
            parsed = lists(raw, declared=True)
        case Kind.LOCATION:
            parsed = each(raw, records.location)
    return parsed if misplaced is None else Parsed(parsed.values, parsed.refused | misplaced)


def present(cells: Cells, kind: Kind, *, provisional: bool = False) -> pl.Series:
    """What is there: a blank field is missing, except in text, where only the empty one is."""
    if cells.form is not Form.FIELD:
        return cells.raw
    text = cells.raw if kind is Kind.TEXT and not provisional else cells.raw.str.strip_chars(SPACE)
    return text.set(text == "", None)


def identifiers(cells: Cells, noun: str = "id") -> Parsed:
    """The keys in a column, as `records.identifier` reads them."""
    raw = cells.raw
    refused = (
        raw.is_null()
        | ~cells.among(frozenset({Form.FIELD, Form.STRING, Form.NUMBER}))
        | (raw.str.strip_chars() == "").fill_null(True)
        | (raw.str.len_chars() > records.LONGEST_KEY).fill_null(False)
        | raw.str.contains(records.UNSEEN).fill_null(False)
    )
    return Parsed(raw.set(refused, None), refused)


def numbers(raw: pl.Series) -> Numbers:
    """Every number of a column, however it is written."""
    plain = raw.str.contains(_WHOLE)
    if plain.fill_null(True).all():
        whole = raw.cast(pl.Int64)
        return Numbers(whole, pl.repeat(None, len(raw), dtype=pl.Float64, eager=True), _nothing(raw))
    decimal = raw.str.contains(_PLAIN)
    # Fewer than 16 digits before the point stay below 2^53, where a float says exactly whether it is whole.
    value = raw.set(~decimal, None).cast(pl.Float64)
    integral = (value == value.round()).fill_null(False)
    whole = raw.set(~plain, None).cast(pl.Int64)
    whole = whole.zip_with(~(integral & whole.is_null()), value.set(~integral, None).cast(pl.Int64))
    fractional = value.set(integral, None)
    odd = ~plain & ~decimal
    refused = _nothing(raw)
    if odd.any():
        rows = odd.fill_null(False).arg_true()
        read = _read(raw.gather(rows), records.number)
        whole = whole.scatter(rows, [v if isinstance(v, int) else None for v in read])
        fractional = fractional.scatter(rows, [v if isinstance(v, float) else None for v in read])
        refused = refused.scatter(rows, [isinstance(v, Rejection) for v in read])
    return Numbers(whole, fractional, refused)


def _kept(found: Numbers, *, fractions: bool) -> Parsed:
    if not fractions:
        return Parsed(found.whole, found.refused | found.fractional.is_not_null())
    large = (found.whole.abs() > EXACT).fill_null(False)
    values = found.whole.set(large, None).cast(pl.Float64)
    return Parsed(values.zip_with(found.fractional.is_null(), found.fractional), found.refused | large)


def _texts(raw: pl.Series) -> Parsed:
    refused = raw.str.contains("\x00", literal=True).fill_null(False)
    return Parsed(raw.set(refused, None) if refused.any() else raw, refused)


def _booleans(raw: pl.Series, cells: Cells) -> Parsed:
    folded = raw.str.to_lowercase()
    digits = cells.among(frozenset({Form.FIELD}))
    true = folded.is_in(["true", "yes"]) | ((folded == "1") & digits)
    false = folded.is_in(["false", "no"]) | ((folded == "0") & digits)
    values = true.set(~true & ~false, None)
    return Parsed(values, raw.is_not_null() & values.is_null())


def dates(raw: pl.Series, order: Order | None) -> Parsed:
    """The dates of a column, as days."""
    iso = _ordered(raw, order)
    iso = iso.set(~iso.str.contains(f"^{moments.ISO_DATE}$"), None)
    days = iso.str.to_date("%Y-%m-%d", strict=False).cast(pl.Int32).cast(pl.Int64)
    days = days.set(days < moments.FIRST // moments.DAY, None)
    return Parsed(days, raw.is_not_null() & days.is_null())


def instants(raw: pl.Series, order: Order | None, zone: ZoneInfo) -> Parsed:
    """The instants of a column, as microseconds in UTC."""
    iso = _ordered(raw, order)
    if iso.str.contains(_BARE).fill_null(True).all():
        local = (iso.str.slice(0, 10) + "T" + iso.str.slice(11, 8)).str.to_datetime(
            "%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False
        )
        named = iso.str.ends_with("Z")
        instant = local.cast(pl.Int64)
    else:
        parts = iso.str.extract_groups(_INSTANT).struct.unnest()
        day, clock, name = (parts.to_series(index) for index in range(3))
        clock = clock.fill_null("00:00")
        clock = clock.zip_with(clock.str.len_bytes() > 4, "0" + clock)
        clock = clock.zip_with(clock.str.slice(1, 1) != ":", "0" + clock)
        second = clock.str.slice(6, 2).set(clock.str.len_bytes() == 5, "00")
        fraction = clock.str.slice(9, 6).str.pad_end(6, "0").cast(pl.Int64)
        local = (day + "T" + clock.str.slice(0, 5) + ":" + second).str.to_datetime(
            "%Y-%m-%dT%H:%M:%S", time_unit="us", strict=False
        )
        named = name.is_not_null()
        instant = local.cast(pl.Int64) + fraction - _minutes(name) * moments.MINUTE
    # chrono has a year 0.
    instant = instant.set(local.cast(pl.Int64) < moments.FIRST, None)
    if zone.key != "UTC" and not named.all():
        instant = instant.zip_with(named.fill_null(True), _placed(local, zone) + instant - local.cast(pl.Int64))
        late = (iso.str.slice(0, 4) > _KNOWN_UNTIL) & ~named
        skipped = instant.is_null() & local.is_not_null()
        rows = (late | skipped).fill_null(False).arg_true()
        if len(rows):
            singly = _read(raw.gather(rows), lambda text: _instant(text, order, zone))
            instant = instant.scatter(rows, [v if isinstance(v, int) else None for v in singly])
    instant = instant.set((instant < moments.FIRST) | (instant > moments.LAST), None)
    return Parsed(instant, raw.is_not_null() & instant.is_null())


def local(raw: pl.Series) -> pl.Series:
    """Which values write day and month in an order of their own."""
    return raw.str.contains(_LOCAL).fill_null(False)


def _instant(text: str, order: Order | None, zone: ZoneInfo) -> int | Rejection:
    found = moments.instant(text, order, zone)
    return Rejection(found) if isinstance(found, str) else found


def _ordered(raw: pl.Series, order: Order | None) -> pl.Series:
    """Dates with slashes, dots or dashes put into ISO order; null where it is not known what they mean."""
    written = local(raw)
    if not written.any():
        return raw
    if order is None:
        return raw.set(written, None)
    first, second, year, rest = raw.set(~written, None).str.extract_groups(_LOCAL_PARTS).struct.unnest().get_columns()
    day, month = (first, second) if order == "day" else (second, first)
    iso = year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2) + rest
    return raw.zip_with(~written, iso)


def _placed(local: pl.Series, zone: ZoneInfo) -> pl.Series:
    placed = local.dt.replace_time_zone(zone.key, ambiguous="earliest", non_existent="null")
    return placed.dt.convert_time_zone("UTC").cast(pl.Int64)


def _minutes(zone: pl.Series) -> pl.Series:
    """How far each written zone is ahead of UTC, in minutes; 0 for Z, UTC and none."""
    digits = zone.str.replace_all("[^0-9]", "").str.pad_end(4, "0").cast(pl.Int64).fill_null(0)
    minutes = digits // 100 * 60 + digits % 100
    return minutes.zip_with(~zone.str.contains("-", literal=True).fill_null(False), -minutes)


def lists(raw: pl.Series, *, declared: bool) -> Parsed:
    """The lists of a column, as `records.listed` reads them."""
    plain = raw.str.contains(_ARRAY)
    values = raw.str.replace_all('", "', '","', literal=True)
    if plain.fill_null(True).all():
        return Parsed(values, _nothing(raw))
    rows = (~plain).fill_null(False).arg_true()
    odd = each(raw.gather(rows), lambda text: records.listed(text, declared=declared))
    return Parsed(values.scatter(rows, odd.values), _nothing(raw).scatter(rows, odd.refused))


def each(raw: pl.Series, read: Callable[[str], Value | Rejection]) -> Parsed:
    """Values as JSON text, read one by one, each distinct one once."""

    def told(text: str) -> str | Rejection:
        value = read(text)
        return value if isinstance(value, Rejection) else json.dumps(value, ensure_ascii=False, separators=(",", ":"))

    found = _read(raw, told)
    refused = pl.Series([isinstance(value, Rejection) for value in found], dtype=pl.Boolean)
    return Parsed(pl.Series([None if isinstance(v, Rejection) else v for v in found], dtype=pl.String), refused)


def _read(raw: pl.Series, read: Callable[[str], Value | Rejection | None]) -> list[Value | Rejection | None]:
    table = {text: read(text) for text in raw.drop_nulls().unique()}
    return [None if text is None else table[text] for text in raw]


def _nothing(raw: pl.Series) -> pl.Series:
    return pl.repeat(False, len(raw), eager=True)
