"""How operators are answered over columns: Polars expressions that are null where the cell is missing.

Only what the expression namespace of narwhals also has is used, but for what `BEYOND_NARWHALS` lists. Everything
that depends on now, on a zone or on folding is worked out here in Python, so that engines compare plain literals.
"""

import math
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache, reduce
from operator import and_, or_
from zoneinfo import ZoneInfo

import polars as pl

from segcore.attributes import Kind, fold_column
from segcore.rules import calendar
from segcore.rules.catalogue.row import WEEKDAYS, Question
from segcore.rules.text import BLANK, escaped, fold, normal
from segcore.rules.tree import Ago, Place

# What an adapter for another engine has to bring itself, and why there is no way around it.
BEYOND_NARWHALS = {
    "is_elementwise": "the raw text is kept as it was sent, and `match_case` lifts the folding only: Python composes it",
    "eval": "one pass over a list's elements, however many values are asked for",
    "contains_any": "one pass over a text, however many values are asked for",
    "element": "goes with `eval`",
    "all_horizontal": "narwhals wants to be told about nulls, Polars cannot be",
}

FEW = 8  # up to so many values, separate comparisons beat one pass
LARGEST = 2**63 - 1
EARTH_KM = 6371.0088  # the mean radius


def exact(q: Question) -> pl.Expr:
    """The attribute's own column."""
    return pl.col(q.attribute.key)


def never(q: Question) -> pl.Expr:
    """False in every row, without becoming a single value."""
    return exact(q).is_null() & pl.lit(False)


def known(q: Question) -> pl.Expr:
    """True where there is a value."""
    return ~exact(q).is_null()


def unknown(q: Question) -> pl.Expr:
    """True where there is none."""
    return exact(q).is_null()


def filled(q: Question) -> pl.Expr:
    """True where there is something to read: no blank text, no list without elements."""
    match q.attribute.kind:
        case Kind.TEXT:
            return exact(q).str.contains(f"[^{BLANK}]")
        case Kind.LIST:
            return exact(q).list.len() > 0
        case _:
            return known(q)


def empty(q: Question) -> pl.Expr:
    """True where the value is missing or empty."""
    return ~filled(q).fill_null(False)


# Text


def _text(q: Question) -> pl.Expr:
    return _composed(exact(q)) if q.condition.match_case else pl.col(fold_column(q.attribute.key))


def _composed(text: pl.Expr) -> pl.Expr:
    return text.map_batches(_normalised, return_dtype=pl.String, is_elementwise=True)


def _normalised(text: pl.Series) -> pl.Series:
    """The texts in Unicode's composed form. ASCII has no other, and an engine takes long to find that out."""
    wide = (text.str.len_bytes() != text.str.len_chars()).fill_null(False)
    if not wide.any():
        return text
    # Each wide text is replaced by its turn among the composed ones, which are put behind the rest.
    turn = pl.when(wide).then(wide.cast(pl.Int64).cum_sum() + (len(text) - 1)).otherwise(pl.int_range(len(text)))
    return pl.concat([text, text.filter(wide).str.normalize("NFC")]).gather(pl.select(turn).to_series())


def said(q: Question, value: object) -> str:
    """The operand in the form of the compared column."""
    return normal(str(value)) if q.condition.match_case else fold(str(value))


def _values(q: Question) -> list[str]:
    value = q.condition.value
    return list(dict.fromkeys(said(q, each) for each in value)) if isinstance(value, tuple) else [said(q, value)]


def text_is(q: Question) -> pl.Expr:
    return _text(q) == said(q, q.condition.value)


def is_any_of(q: Question) -> pl.Expr:
    return _text(q).is_in(_values(q)) if q.attribute.kind is Kind.TEXT else number_is_any_of(q)


def contains(q: Question) -> pl.Expr:
    return _text(q).str.contains(said(q, q.condition.value), literal=True)


def contains_any(q: Question) -> pl.Expr:
    values = _values(q)
    if len(values) > FEW:
        return _text(q).str.contains_any(values)
    return reduce(or_, [_text(q).str.contains(value, literal=True) for value in values])


def contains_all(q: Question) -> pl.Expr:
    return _every([_text(q).str.contains(value, literal=True) for value in _values(q)])


def _every(answers: list[pl.Expr]) -> pl.Expr:
    # A long chain of & takes seconds to plan.
    return reduce(and_, answers) if len(answers) <= FEW else pl.all_horizontal(answers)


def contains_word(q: Question) -> pl.Expr:
    edge = r"[^\p{L}\p{M}\p{N}_]"
    return _text(q).str.contains(f"(?:^|{edge}){escaped(said(q, q.condition.value))}(?:{edge}|$)")


def starts_with(q: Question) -> pl.Expr:
    return _text(q).str.starts_with(said(q, q.condition.value))


def ends_with(q: Question) -> pl.Expr:
    return _text(q).str.ends_with(said(q, q.condition.value))


def pattern(value: str, match_case: bool) -> str:
    """The operand as Rust's `regex` gets it: composed, never folded."""
    return normal(value) if match_case else "(?i)" + normal(value)


def matches_regex(q: Question) -> pl.Expr:
    return _composed(exact(q)).str.contains(pattern(str(q.condition.value), q.condition.match_case))


def domain_is(q: Question) -> pl.Expr:
    # A domain holds no @, so to end with "@acme.com" is to have exactly that after the last one.
    return _text(q).str.ends_with("@" + said(q, q.condition.value))


def domain_is_any_of(q: Question) -> pl.Expr:
    domains = ["@" + value for value in _values(q)]
    if len(domains) <= FEW:
        return reduce(or_, [_text(q).str.ends_with(domain) for domain in domains])
    return _text(q).str.replace(r"(?s)^.*@", "@").is_in(domains)


# Numbers. A bound is brought to the column's type first, so that whole numbers stay exact.


def _at_least(q: Question, value: object, strict: bool) -> pl.Expr:
    assert isinstance(value, int | float)
    if q.attribute.fractions:
        near = _nearest(value)
        return exact(q) > near if near < value or (strict and near == value) else exact(q) >= near
    bound = math.floor(value) + 1 if strict else math.ceil(value)
    if bound > LARGEST:
        return never(q)
    return exact(q) >= max(bound, -LARGEST)


def _at_most(q: Question, value: object, strict: bool) -> pl.Expr:
    assert isinstance(value, int | float)
    if q.attribute.fractions:
        near = _nearest(value)
        return exact(q) < near if near > value or (strict and near == value) else exact(q) <= near
    bound = math.ceil(value) - 1 if strict else math.floor(value)
    if bound < -LARGEST:
        return never(q)
    return exact(q) <= min(bound, LARGEST)


def _nearest(value: float) -> float:
    try:
        return float(value)
    except OverflowError:
        return math.inf if value > 0 else -math.inf


def gt(q: Question) -> pl.Expr:
    return _at_least(q, q.condition.value, strict=True)


def gte(q: Question) -> pl.Expr:
    return _at_least(q, q.condition.value, strict=False)


def lt(q: Question) -> pl.Expr:
    return _at_most(q, q.condition.value, strict=True)


def lte(q: Question) -> pl.Expr:
    return _at_most(q, q.condition.value, strict=False)


def _numbers(q: Question, values: Iterable[object]) -> list[float]:
    """Those operands that the column's type can hold; no cell equals the others."""
    numbers = [value for value in values if isinstance(value, int | float)]
    if q.attribute.fractions:
        return [float(value) for value in numbers if _nearest(value) == value]
    return [int(value) for value in numbers if value == math.floor(value) and abs(value) <= LARGEST]


def eq(q: Question) -> pl.Expr:
    values = _numbers(q, (q.condition.value,))
    return exact(q) == values[0] if values else never(q)


def number_is_any_of(q: Question) -> pl.Expr:
    assert isinstance(q.condition.value, tuple)
    values = _numbers(q, q.condition.value)
    return exact(q).is_in(values) if values else never(q)


def between(q: Question) -> pl.Expr:
    if q.attribute.kind is not Kind.NUMBER:
        return in_window(q)
    assert isinstance(q.condition.value, tuple)
    low, high = q.condition.value
    return _at_least(q, low, strict=False) & _at_most(q, high, strict=False)


# Booleans


def is_true(q: Question) -> pl.Expr:
    return exact(q)


def is_false(q: Question) -> pl.Expr:
    return ~exact(q)


# Dates


def in_window(q: Question) -> pl.Expr:
    """Every date operator but two: between two literals."""
    condition, kind = q.condition, q.attribute.kind
    window = calendar.window(condition.operator, condition.value, kind, q.moment, condition.include_future)
    first, last = (
        (calendar.FIRST, calendar.LAST) if kind is Kind.DATE else (calendar.FIRST_INSTANT, calendar.LAST_INSTANT)
    )
    literal: Callable[[int], date] = date.fromordinal if kind is Kind.DATE else calendar.instant
    low = window.low if window.low is not None and window.low > first else None
    high = window.high if window.high is not None and window.high <= last else None
    start = first if low is None else low
    if start > last or (window.high is not None and window.high <= start):
        return never(q)
    answer = None if low is None else exact(q) >= literal(low)
    if high is not None:
        below = exact(q) < literal(high)
        answer = below if answer is None else answer & below
    return known(q) if answer is None else answer


def weekday_is(q: Question) -> pl.Expr:
    value = q.condition.value
    assert isinstance(value, tuple)
    return _local(q).dt.weekday().is_in(sorted({WEEKDAYS.index(str(day)) + 1 for day in value}))


def anniversary_within(q: Question) -> pl.Expr:
    assert isinstance(q.condition.value, Ago)
    codes = calendar.anniversaries(q.condition.value.amount, q.moment)
    if codes is None:
        return known(q)
    local = _local(q)
    return (local.dt.month().cast(pl.Int32) * 100 + local.dt.day().cast(pl.Int32)).is_in(sorted(codes))


def _local(q: Question) -> pl.Expr:
    """The column on the clocks of the workspace's zone; its month, day and weekday are asked for."""
    column, zone = exact(q), q.moment.zone
    if q.attribute.kind is Kind.DATE or zone.key == "UTC":
        return column
    if shifts := _far_years(zone):
        # Engines know the clock changes up to 2099. A later instant is read in a year of the same calendar.
        shift = column.dt.year().replace_strict(list(shifts), list(shifts.values()), default=timedelta())
        column = column - shift
    return column.dt.convert_time_zone(zone.key)


@lru_cache(maxsize=16)
def _far_years(zone: ZoneInfo) -> dict[int, timedelta]:
    """For every year from 2100, how far back the nearest year with the same weekdays lies; nothing without summer time."""
    offsets = {datetime(2150, month, 15, tzinfo=UTC).astimezone(zone).utcoffset() for month in range(1, 13)}
    if len(offsets) == 1:
        return {}
    alike = {(date(year, 1, 1).weekday(), date(year, 12, 31).timetuple().tm_yday): year for year in range(2072, 2100)}
    return {
        year: date(year, 1, 1) - date(alike[date(year, 1, 1).weekday(), date(year, 12, 31).timetuple().tm_yday], 1, 1)
        for year in range(2100, date.max.year + 1)
    }


# Locations


def within_km(q: Question) -> pl.Expr:
    """The haversine, compared as the square of a sine: no arc sine, and no division, needed."""
    place = q.condition.value
    assert isinstance(place, Place)
    half = place.km / (2 * EARTH_KM)
    if half >= math.pi / 2:
        return known(q)
    latitude, longitude = exact(q).struct.field("latitude"), exact(q).struct.field("longitude")
    radian = math.pi / 180
    north = ((latitude - place.latitude) * (radian * 0.5)).sin()
    east = ((longitude - place.longitude) * (radian * 0.5)).sin()
    shrink = (latitude * radian).cos() * math.cos(place.latitude * radian)
    return (north * north + shrink * east * east) <= math.sin(half) ** 2


# Lists of text


def includes(q: Question) -> pl.Expr:
    if q.condition.match_case:
        return includes_any(q)
    return _text_list(q).list.contains(said(q, q.condition.value))


def includes_any(q: Question) -> pl.Expr:
    values = _values(q)
    if q.condition.match_case:
        return exact(q).list.eval(_composed(pl.element()).is_in(values)).list.any()
    if len(values) > FEW:
        return _text_list(q).list.eval(pl.element().is_in(values)).list.any()
    return reduce(or_, [_text_list(q).list.contains(value) for value in values])


def includes_all(q: Question) -> pl.Expr:
    column = exact(q).list.eval(_composed(pl.element())) if q.condition.match_case else _text_list(q)
    return _every([column.list.contains(value) for value in _values(q)])


def _text_list(q: Question) -> pl.Expr:
    return pl.col(fold_column(q.attribute.key))


def _length(q: Question) -> pl.Expr:
    return exact(q).list.len().cast(pl.Int64)


def _count(q: Question) -> int:
    assert isinstance(q.condition.value, int)
    return q.condition.value


def count_eq(q: Question) -> pl.Expr:
    return _length(q) == _count(q)


def count_gte(q: Question) -> pl.Expr:
    return _length(q) >= _count(q)


def count_lte(q: Question) -> pl.Expr:
    return _length(q) <= _count(q)
