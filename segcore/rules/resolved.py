"""What the time limits of a rule come to at a given instant: the bounds of "ago", the days of calendar words."""

from datetime import date

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.rules import calendar, measure, wording
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Operand
from segcore.rules.tree import Ago, Condition, Last, Path, Performed, Period, Rule, Sequence, Window, walk_over


def resolutions(rule: Rule, schema: Schema, entity: Entity, moment: Moment) -> dict[Path, str]:
    """What each condition with a time limit comes to, by path; names that do not exist are passed over."""
    found: dict[Path, str] = {}
    for path, node, over in walk_over(rule, entity):
        text = None
        match node:
            case Condition(key):
                attribute = (schema.properties if over is None else schema.of(over)).get(key)
                text = resolved(node, attribute, moment) if attribute else None
            case Performed(of=of) if of is None or of in schema.properties:
                asked = _measured(node, schema, moment)
                text = "; ".join(filter(None, (resolved_window(node.within, moment), asked)))
            case Sequence():
                text = resolved_window(node.within, moment)
        if text:
            found[path] = text
    return found


def resolved_window(window: Window, moment: Moment) -> str | None:
    """The same of a window: "since 8 Nov 2026, 04:12"; None where it names its ends itself."""
    match window:
        case Last(amount):
            start = calendar.microseconds(moment.now) - amount.amount * calendar.UNIT[amount.unit]
            return f"since {wording.instant(calendar.instant(start), moment)}"
        case Period(word):
            first, after = calendar.period(word, moment)
            return _days(first, after - 1, moment.zone.key)
        case _:
            return None


def resolved(condition: Condition, attribute: Attribute, moment: Moment) -> str | None:
    """What a rolling or calendar condition comes to at this instant: "after 8 Nov 2026, 04:12", "1–31 Oct 2026, Europe/Dublin"."""
    operator = BY_KEY.get(condition.operator)
    if operator is None or attribute.kind not in operator.kinds:
        return None
    key, value, zone = operator.key, condition.value, moment.zone.key
    if isinstance(value, Ago) and operator.operand is Operand.AGO:
        return _rolling(key, value, condition.include_future, moment)
    match operator.operand:
        case Operand.PERIOD:
            first, after = calendar.period(str(value), moment)
            return _days(first, after - 1, zone)
        case Operand.DAYS if isinstance(value, int):
            today = calendar.today(moment)
            return _days(today - value + 1, today, zone)
        case Operand.WITHIN if isinstance(value, Ago):
            today = calendar.today(moment)
            return _days(today, today + value.amount, zone)
        case Operand.WEEKDAYS if attribute.kind is Kind.DATETIME:
            return zone
        case Operand.WHEN if attribute.kind is Kind.DATETIME and len(str(value)) == 10:
            # "After" a day and "on or before" it both turn when the next one begins.
            later = key in ("after", "on_or_before")
            limit = _beginning(str(value), moment, later=later)
            return f"{'from' if key in ('after', 'on_or_after') else 'until'} {limit}"
        case Operand.RANGE if attribute.kind is Kind.DATETIME and isinstance(value, tuple):
            days = [str(each) for each in value if len(str(each)) == 10]
            if len(days) < 2 or operator.negative:
                return zone if days else None
            opening, closing = days
            return f"from {_beginning(opening, moment, named=False)} until {_beginning(closing, moment, later=True)}"
        case Operand.DAY if attribute.kind is Kind.DATETIME:
            return zone
    return None


def _measured(performed: Performed, schema: Schema, moment: Moment) -> str | None:
    attribute, condition = measure.asked(performed, schema)
    return resolved(condition, attribute, moment)


def _beginning(day: str, moment: Moment, *, later: bool = False, named: bool = True) -> str:
    """When a day, or the one after it, begins in the zone of the workspace, which is named where the clock does not say it."""
    at = calendar.day_start(date.fromisoformat(day).toordinal() + later, moment.zone)
    told = wording.instant(calendar.instant(at), moment)
    return told if not named or moment.zone.key == "UTC" else f"{told}, {moment.zone.key}"


def _rolling(key: str, value: Ago, include_future: bool, moment: Moment) -> str:
    now = calendar.microseconds(moment.now)
    unit = calendar.UNIT[value.unit]

    def at(microseconds: int) -> str:
        return wording.instant(calendar.instant(microseconds), moment)

    back, ahead = at(now - value.amount * unit), at(now + value.amount * unit)
    match key:
        case "less_than_ago":
            return f"after {back}" + (", future included" if include_future else "")
        case "at_most_ago":
            return f"at or after {back}" + (", future included" if include_future else "")
        case "more_than_ago":
            return f"before {back}"
        case "at_least_ago":
            return f"at or before {back}"
        case "exactly_ago":
            return f"after {at(now - (value.amount + 1) * unit)}, until {back}"
        case "in_next":
            return f"until {ahead}"
        case _:
            return f"after {ahead}"


def _days(first: int, last: int, zone: str) -> str:
    def local(day: int) -> date:
        return date.fromordinal(min(max(day, calendar.FIRST), calendar.LAST))

    return f"{wording.days(local(first), local(last))}, {zone}"
