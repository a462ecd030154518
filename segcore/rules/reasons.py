"""A condition asked of one person, in words: what they have, and what they would need for the other answer."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from segcore.attributes import Attribute, Entity, Schema
from segcore.rules import calendar, phrases, values, wording
from segcore.rules.columns import EARTH_KM
from segcore.rules.describe import Sentence, Span, sentence
from segcore.rules.interpret import Happened, missing
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Operand, agreed, opposite
from segcore.rules.tree import Ago, AllOf, AnyOf, Condition, NoneOf, Performed, Place, Rule

MOST_SHOWN = 120  # characters of a text that an answer repeats

_GROUPS = {AllOf: "All of these", AnyOf: "Any of these", NoneOf: "None of these"}
_OTHERWISE = {
    "gt": "lte",
    "gte": "lt",
    "lt": "gte",
    "lte": "gt",
    "less_than_ago": "at_least_ago",
    "at_least_ago": "less_than_ago",
    "more_than_ago": "at_most_ago",
    "at_most_ago": "more_than_ago",
    "before": "on_or_after",
    "on_or_after": "before",
    "after": "on_or_before",
    "on_or_before": "after",
}
# What follows an attribute's name, turned into what is needed.
_NEEDED = (
    ("is not between ", "a value not between "),
    ("is not within ", "a place not within "),
    ("is not ", "anything but "),
    ("do not include ", "a list that does not include "),
    ("does not contain ", "a text that does not contain "),
    ("does not start ", "a text that does not start "),
    ("does not end ", "a text that does not end "),
    ("does not match ", "a text that does not match "),
    ("contains ", "a text that contains "),
    ("starts ", "a text that starts "),
    ("ends ", "a text that ends "),
    ("matches ", "a text that matches "),
    ("has its anniversary ", "an anniversary "),
    ("has ", ""),
    ("have ", ""),
    ("include ", "a list that includes "),
    ("number ", "a list of "),
    ("is ", ""),
    ("are ", ""),
    ("was ", ""),
)


def statement(rule: Rule, schema: Schema, entity: Entity, names: Mapping[str, str], moment: Moment) -> Sentence:
    """A node as a statement about one person or company: "Country is Ireland", "Is in Trial users"."""
    if isinstance(rule, AllOf | AnyOf | NoneOf):
        return Sentence((Span(_GROUPS[type(rule)]),))
    spans = list(sentence(rule, schema, entity, names, moment).spans)
    first, last = spans[0], spans[-1]
    for lead in ("People ", "Companies ", "who ", "that ", "whose "):
        first = replace(first, text=first.text.removeprefix(lead))
    for plural, singular in (("were ", "was "), ("are ", "is "), ("have ", "has "), ("belong ", "belongs ")):
        if first.text.startswith(plural):
            first = replace(first, text=singular + first.text.removeprefix(plural))
    spans[0] = first
    spans[-1] = replace(spans[-1], text=(first if last is spans[0] else spans[-1]).text.removesuffix("."))
    spans = [span for span in spans if span.text]
    if spans:
        spans[0] = replace(spans[0], text=spans[0].text[:1].upper() + spans[0].text[1:])
    return Sentence(tuple(spans))


def actual(value: object, attribute: Attribute, moment: Moment, condition: Condition | None = None) -> str:
    """What somebody has, in words: "74", "12 Nov 2026, 09:12 (10 days ago)", "is unknown"."""
    if missing(value):
        return "unknown"
    place = condition.value if condition is not None else None
    match value:
        case bool():
            return "true" if value else "false"
        case int() | float():
            return wording.amount(value, attribute.unit)
        case datetime():
            return f"{wording.instant(to_the_minute(value), moment)} ({_passed(moment.now - value)})"
        case date():
            return f"{wording.day(value)} ({_days_from(value, moment)})"
        case {"latitude": float() | int() as latitude, "longitude": float() | int() as longitude}:
            at = wording.place(round(latitude, 4), round(longitude, 4))
            return f"{at} ({_distance(latitude, longitude, place)} away)" if isinstance(place, Place) else at
        case str():
            return _text(value)
        case list() | tuple():
            kept, more = wording.shown([_text(str(each)) for each in value])
            return f"{', '.join(kept)} and {more:,} others" if more else ", ".join(kept) or "an empty list"
    return str(value)


def needed(condition: Condition, attribute: Attribute, wanted: bool, moment: Moment) -> str:
    """What the value would have to be for the condition to answer as wanted: "more than 80", "anything but Japan"."""
    operator = BY_KEY[condition.operator]
    if not wanted:
        other = _OTHERWISE.get(operator.key)
        turned = BY_KEY[other] if other else opposite(operator)
        if turned is not None and attribute.kind in turned.kinds:
            return needed(replace(condition, operator=turned.key), attribute, True, moment)
        return f"not {needed(condition, attribute, True, moment)}"
    template = agreed(operator.sentence, attribute.kind)
    plain = replace(condition, include_missing=True)
    said = "".join(span.text for span in phrases.filled(template, operator, plain, attribute, moment)).strip()
    for lead, instead in _NEEDED:
        if said.startswith(lead):
            said = instead + said.removeprefix(lead)
            break
    return said + (" or in the future" if condition.include_future else "")


def counted(condition: Condition, attribute: Attribute, performed: Performed, wanted: bool, moment: Moment) -> str:
    """The same for what events come to: "at least 2 times"."""
    said = needed(condition, attribute, wanted, moment)
    noun = {"count": ("time", "times"), "days": ("different day", "different days")}.get(performed.measure)
    if noun is None or BY_KEY[condition.operator].operand not in (Operand.ONE, Operand.RANGE, Operand.MANY):
        return said
    said = said.replace("less than", "fewer than")
    return f"{said} {noun[0] if condition.value == 1 else noun[1]}"


def came_to(value: object, attribute: Attribute, performed: Performed, moment: Moment) -> str:
    """What events come to, in words: "3 times", "€25.00", "never"."""
    if isinstance(value, int | float) and performed.measure == "count":
        return wording.counted(int(value), "time") if value else "never"
    if isinstance(value, int | float) and performed.measure == "days":
        return f"on {wording.counted(int(value), 'different day')}" if value else "never"
    if missing(value) and performed.of is None:
        return "never"
    return actual(value, attribute, moment)


def happened(event: Happened, schema: Schema, moment: Moment) -> str:
    """An event with what it carries: "on 3 Nov 2026, 12:00: amount €25, campaign Spring offer"."""
    carried = [
        f"{wording.lowered(schema.properties[key].name)} {actual(value, schema.properties[key], moment)}"
        for key, value in event.properties.items()
        if key in schema.properties and not missing(value)
    ][:4]
    said = f"on {wording.instant(to_the_minute(event.at), moment)}"
    return f"{said}: {', '.join(carried)}" if carried else said


def to_the_minute(at: datetime) -> datetime:
    """As instants are read; the exact one is among the plain values."""
    return at.replace(second=0, microsecond=0)


def left_out(attribute: Attribute, entity: Entity) -> str:
    """Why a missing value fails a negative condition that was told so."""
    many = "people" if entity is Entity.PERSON else "companies"
    return f"{many} with {phrases.no_value(entity, attribute)} are left out"


def kept(attribute: Attribute, entity: Entity) -> str:
    """Why a missing value passes a negative condition."""
    many = "people" if entity is Entity.PERSON else "companies"
    return f"{many} with {phrases.no_value(entity, attribute)} are included"


def turns(rule: Rule, name: str, value: object, to: bool, at: int, moment: Moment) -> str:
    """What time does to a condition at an instant: "Last seen passes 30 days"."""
    said = _date_turns(rule, name, value, at, to, moment) if isinstance(rule, Condition) else None
    return said or f"“{name}” {'becomes true' if to else 'stops being true'}"


def passes(what: str, event: Happened, amount: Ago, moment: Moment) -> str:
    """ "Purchase of 14 Nov 2026, 17:40 passes 90 days" """
    return f"{what} of {wording.instant(to_the_minute(event.at), moment)} passes {wording.ago(amount)}"


def _date_turns(rule: Condition, name: str, value: object, at: int, to: bool, moment: Moment) -> str | None:
    operator, amount = BY_KEY[rule.operator], rule.value
    if not isinstance(value, date):
        return None
    if operator.operand is Operand.AGO and isinstance(amount, Ago):
        moved = _instant(value, moment)
        unit = wording.ago(amount)
        if at == moved:
            return f"{name} comes"
        return f"{name} passes {unit}" if at > moved else f"{name} is {unit} away"
    match operator.operand:
        case Operand.PERIOD:
            word = wording.period(str(amount))
            return f"{name} comes to lie in {word}" if to else f"{name} no longer lies in {word}"
        case Operand.DAYS if isinstance(amount, int):
            days = wording.counted(amount, "calendar day")
            return f"{name} comes to lie in the last {days}" if to else f"{name} passes {days}"
        case Operand.WITHIN:
            return f"the anniversary of {name} {'comes near' if to else 'is over'}"
    return None


def _instant(value: date, moment: Moment) -> int:
    if isinstance(value, datetime):
        return calendar.microseconds(value)
    return calendar.day_start(value.toordinal(), moment.zone)


def _text(text: str) -> str:
    kept = text if len(text) <= MOST_SHOWN else text[: MOST_SHOWN - 1] + "…"
    return kept if kept.strip() and kept == kept.strip() else f"“{kept}”"


def _passed(age: timedelta) -> str:
    ahead, age = age < timedelta(), abs(age)
    minutes = int(age.total_seconds()) // 60
    for amount, noun in (
        _long(minutes // 1440),
        (minutes // 1440, "day"),
        (minutes // 60, "hour"),
        (minutes, "minute"),
    ):
        if amount:
            said = wording.counted(amount, noun)
            return f"in {said}" if ahead else f"{said} ago"
    return "in a moment" if ahead else "just now"


def _long(days: int) -> tuple[int, str]:
    """Two years and more are told in years."""
    return (int(days / 365.2425), "year") if days > 730 else (0, "year")


def _days_from(value: date, moment: Moment) -> str:
    days = (values.local_day(moment.now, moment.zone) - value).days
    if days == 0:
        return "today"
    years, noun = _long(abs(days))
    said = wording.counted(years, noun) if years else wording.counted(abs(days), "day")
    return f"{said} ago" if days > 0 else f"in {said}"


def _distance(latitude: float, longitude: float, place: Place) -> str:
    north, east = math.radians(latitude), math.radians(longitude)
    to_north, to_east = math.radians(place.latitude), math.radians(place.longitude)
    across = math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    apart = 2 * math.asin(min(1.0, math.sqrt(math.sin((to_north - north) / 2) ** 2 + across)))
    return f"{wording.number(round(apart * EARTH_KM, 1))} km"


def steps(reached: int, names: Sequence[str]) -> str:
    """How far somebody got in a sequence."""
    if reached == len(names):
        return "all steps were done in this order"
    after = f" after {names[reached - 1]}" if reached else ""
    return f"{wording.counted(reached, 'step')} of {len(names)} done; no {names[reached]}{after} that fits"


def bucket(number: float) -> str:
    """Where a sample puts somebody."""
    return f"bucket {wording.number(round(number, 4))} of 100"


def people(number: int, total: int) -> str:
    """How many of a company's people match."""
    return f"{number:,} of {wording.counted(total, 'person', 'people')}"
