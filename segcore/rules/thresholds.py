"""The numbers and dates in a condition that could as well be others, and which others are worth counting."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import polars as pl

from segcore.attributes import Attribute, Kind
from segcore.rules import calendar, operands
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Operand, Operator
from segcore.rules.tree import Ago, Condition, Last, OfPeople, Performed, Rule, Sequence

MOST = 60
SAMPLED = 200_000  # of more values than these, every so manieth says how they are spread

VALUE, LOW, HIGH, WINDOW = "value", "low", "high", "window"

# A number is asked for exactly only where it is a whole one: hardly anybody has spent exactly €25.37.
EXACTLY = frozenset({"eq", "ne", "count_eq"})
_NUMBERS = EXACTLY | {"gt", "gte", "lt", "lte"}
_AHEAD = frozenset({"in_next", "more_than_from_now"})
# How near an anniversary is says little about how anniversaries are spread over the year.
_NEAR = (0, 1, 2, 3, 5, 7, 10, 14, 21, 30, 45, 60, 75, 90, 120, 150, 180, 210, 240, 270, 300, 330, 365)

Threshold = int | float | str


def parts(operator: Operator) -> tuple[str, ...]:
    """Which parts of an operator's value are thresholds."""
    match operator.operand:
        case Operand.ONE if operator.key in _NUMBERS:
            return (VALUE,)
        case Operand.RANGE:
            return (LOW, HIGH)
        case Operand.AGO if operator.key != "exactly_ago":
            return (VALUE,)
        case Operand.WHEN | Operand.DAYS | Operand.WITHIN | Operand.COUNT:
            return (VALUE,)
    return ()


def of_node(node: Rule, attribute: Attribute | None) -> tuple[str, ...]:
    """Which parts of a node are thresholds; the attribute is what its operator is asked on."""
    found: tuple[str, ...] = ()
    if isinstance(node, Condition | Performed | OfPeople) and attribute is not None:
        operator = BY_KEY[node.operator]
        if operator.key not in EXACTLY or attribute.kind is not Kind.NUMBER or not attribute.fractions:
            found = parts(operator)
    if isinstance(node, Performed | Sequence) and isinstance(node.within, Last):
        found = (*found, WINDOW)
    return found


def current(node: Rule, part: str) -> Threshold:
    """What a part of a node is now: an amount of time is the number of its units."""
    value = node.within.amount if part == WINDOW else node.value  # type: ignore[union-attr]
    if isinstance(value, tuple):
        value = value[0 if part == LOW else 1]
    if isinstance(value, Ago):
        value = value.amount
    assert isinstance(value, int | float | str)
    return value


def changed(node: Rule, part: str, threshold: Threshold) -> Rule:
    """The same node with another threshold."""
    if part == WINDOW:
        assert isinstance(node, Performed | Sequence)
        assert isinstance(node.within, Last)
        assert isinstance(threshold, int)
        return replace(node, within=Last(replace(node.within.amount, amount=threshold)))
    assert isinstance(node, Condition | Performed | OfPeople)
    match node.value:
        case Ago():
            assert isinstance(threshold, int)
            return replace(node, value=replace(node.value, amount=threshold))
        case (low, high):
            return replace(node, value=(threshold, high) if part == LOW else (low, threshold))
    return replace(node, value=threshold)


def offered(
    node: Rule, part: str, attribute: Attribute, given: pl.Series, moment: Moment
) -> tuple[list[Threshold], bool]:
    """At most sixty thresholds in order, the current one among them; and whether they are all at which anything changes.

    `given` are the values that people have, for a window the instants of the events.
    """
    now = current(node, part)
    known, every = _spread(_in_order(node, part, _comparable(node, part, attribute, given, moment)))
    wanted = [each for each in _written(known) if _fits(node, part, each)]
    if now not in wanted:
        if len(wanted) >= MOST:
            wanted.pop(len(wanted) // 2)
        wanted.append(now)
    return sorted(wanted, key=lambda each: _order(each, moment)), every


def _order(threshold: Threshold, moment: Moment) -> float:
    if not isinstance(threshold, str):
        return threshold
    at = calendar.parse(threshold)
    if isinstance(at, date) and len(threshold) == 10:
        return calendar.day_start(at.toordinal(), moment.zone)
    return calendar.microseconds(at)  # type: ignore[arg-type]


def _in_order(node: Rule, part: str, known: pl.Series) -> pl.Series:
    """Those at which the ends of a range stay in order, about: of days and instants `_fits` knows."""
    if part not in (LOW, HIGH) or not isinstance(node, Condition | Performed | OfPeople):
        return known
    other = current(node, HIGH if part == LOW else LOW)
    end = date.fromisoformat(other[:10]) if isinstance(other, str) else other
    return known.filter(known <= end if part == LOW else known >= end)


def _fits(node: Rule, part: str, threshold: Threshold) -> bool:
    """Whether the ends of a range stay in order."""
    if part not in (LOW, HIGH) or not isinstance(node, Condition | Performed | OfPeople):
        return True
    assert isinstance(node.value, tuple)
    low, high = (threshold, node.value[1]) if part == LOW else (node.value[0], threshold)
    if isinstance(low, str):
        return not operands.after(low, str(high))
    return low <= high  # type: ignore[operator]


def _comparable(node: Rule, part: str, attribute: Attribute, given: pl.Series, moment: Moment) -> pl.Series:
    """What people have, in the measure of the threshold: numbers as they are, amounts of time, days."""
    given = given.drop_nulls()
    if len(given) > SAMPLED:
        few = given.gather_every(-(-len(given) // SAMPLED))
        # Of few different values all are wanted, the rare ones too.
        given = given.unique() if few.n_unique() <= MOST else few
    if part == WINDOW:
        assert isinstance(node, Performed | Sequence)
        assert isinstance(node.within, Last)
        return _amounts(given, node.within.amount.unit, moment, ahead=False)
    assert isinstance(node, Condition | Performed | OfPeople)
    operator = BY_KEY[node.operator]
    match operator.operand:
        case Operand.COUNT:
            return given.list.len().cast(pl.Int64)
        case Operand.WITHIN:
            return pl.Series(_NEAR, dtype=pl.Int64)
        case Operand.AGO:
            assert isinstance(node.value, Ago)
            return _amounts(given, node.value.unit, moment, ahead=operator.key in _AHEAD)
        case Operand.DAYS:
            back = calendar.today(moment) - calendar.EPOCH - _days(given, moment).to_physical().cast(pl.Int64) + 1
            return back.filter(back >= 1)
    if attribute.kind is Kind.NUMBER:
        return given.round(3) if given.dtype.is_float() else given  # averages are not told to the last digit
    return _days(given, moment)


def _amounts(given: pl.Series, unit: str, moment: Moment, *, ahead: bool) -> pl.Series:
    """How many units of time back (or ahead) each instant is begun to be, at least one."""
    if given.dtype == pl.Date:
        given = given.cast(pl.Datetime("us"))
    at = given.to_physical().cast(pl.Int64)
    away = (at - calendar.microseconds(moment.now)) if ahead else (calendar.microseconds(moment.now) - at)
    amounts = away // calendar.UNIT[unit] + 1
    return amounts.filter((away >= 0) & (amounts <= operands.MAX_AMOUNT))


def _days(given: pl.Series, moment: Moment) -> pl.Series:
    """The local days of instants."""
    if given.dtype == pl.Date:
        return given
    return given.dt.convert_time_zone(moment.zone.key).dt.date()


def _spread(known: pl.Series) -> tuple[pl.Series, bool]:
    """All different values where they are few, else as many people between each two as there can be."""
    distinct = known.unique().sort()
    if len(distinct) <= MOST:
        return distinct, True
    ordered = known.sort()
    found = _evenly(ordered, MOST * 2 // 3)
    # Where most have the same value the others get their share.
    return pl.concat([found, _evenly(distinct, MOST - len(found))]).unique().sort(), False


def _evenly(ordered: pl.Series, many: int) -> pl.Series:
    last = len(ordered) - 1
    return ordered.gather([round(place * last / (many - 1)) for place in range(many)]).unique()


def _written(known: pl.Series) -> Iterable[Threshold]:
    for each in known.to_list():
        if isinstance(each, date):
            yield each.isoformat()
        else:
            yield int(each) if isinstance(each, float) and each.is_integer() and abs(each) < 1e15 else each
