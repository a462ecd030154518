"""What people did, in words: event conditions with their windows and where-parts, sequences, counts of people."""

from segcore.attributes import Attribute, Kind, Schema
from segcore.rules import measure, phrases, wording
from segcore.rules.moment import Moment
from segcore.rules.spans import Span, Spans, alternatives, bold, listed, values
from segcore.rules.tree import (
    AllOf,
    AnyOf,
    Condition,
    Last,
    NoneOf,
    Performed,
    Period,
    Rule,
    Sequence,
    Step,
    Value,
    Window,
)
from segcore.rules.tree import Span as Between

_LARGEST = {"min": ("smallest", "earliest"), "max": ("largest", "latest")}
_AMOUNTS = {
    "eq": "exactly {}",
    "ne": "a number other than {}",
    "gt": "more than {}",
    "gte": "at least {}",
    "lt": "fewer than {}",
    "lte": "at most {}",
    "between": "between {}",
    "not_between": "a number not between {}",
    "is_any_of": "exactly {}",
    "is_none_of": "a number other than {}",
}


def performed(rule: Performed, who: str, schema: Schema, moment: Moment, missing: int | None) -> Spans:
    """who did Purchase at least 2 times in the last 90 days, where the amount is at least 25"""
    of = schema.properties.get(rule.of) if rule.of is not None else None
    of = of or (Attribute(key=rule.of, kind=Kind.NUMBER, label=rule.of) if rule.of is not None else None)
    how = measure.BY_KEY[rule.measure]
    attribute = measure.measured(how, of) or Attribute(key=how.key, kind=Kind.NUMBER)
    condition = Condition(
        attribute.key,
        rule.operator,
        rule.value,
        include_missing=rule.include_missing,
        include_future=rule.include_future,
    )
    event, when = bold(schema.events.get(rule.event) or rule.event), window(rule.within, moment)
    where = after_where(rule.where, schema, moment)
    if rule.measure in ("count", "days", "distinct") and rule.operator in _AMOUNTS:
        if rule.measure != "distinct" and (rule.operator, rule.value) == ("eq", 0):
            return [Span(f"{who} did not "), event, *when, *where]
        if rule.measure == "count" and (rule.operator, rule.value) == ("gte", 1):
            return [Span(f"{who} did "), event, *when, *where]
        return [Span(f"{who} did "), event, *_counted(rule, of), *when, *where]
    said = phrases.asked([Span("whose "), *_figure(rule.measure, of), event, *when], condition, attribute, moment)
    return [*said, *phrases.without_value(condition, "none", missing), *where]


def _counted(rule: Performed, of: Attribute | None) -> Spans:
    """at least 2 times;  on at least 3 different days;  with at least 2 different values of category"""
    match rule.measure:
        case "count":
            return [Span(" "), *amount(rule.operator, rule.value, "time", "times")]
        case "days":
            return [Span(" on "), *amount(rule.operator, rule.value, "different day", "different days")]
        case _:
            said = amount(rule.operator, rule.value, "different value", "different values")
            return [Span(" with "), *said, Span(" of "), *([bold(phrases.name(None, of))] if of else [])]


def _figure(how: str, of: Attribute | None) -> Spans:
    """first; total amount over"""
    if of is None:
        words = {"first": "first ", "last": "last ", "days": "number of different days with "}
        return [Span(words.get(how, "number of "))]
    dates = of.kind in (Kind.DATE, Kind.DATETIME)
    words = {
        "sum": "total",
        "mean": "average",
        "distinct": "number of different values of",
        **{key: pair[dates] for key, pair in _LARGEST.items()},
    }
    return [Span(f"{words[how]} "), bold(phrases.name(None, of)), Span(" over ")]


def amount(operator: str, value: Value, noun: str, nouns: str) -> Spans:
    """at least 2 times; between 5 and 10 times; exactly 1, 3 or 5 times"""
    before = _AMOUNTS[operator].format("")
    several = value if isinstance(value, tuple) else (value,)
    numbers = [wording.number(each) if isinstance(each, int | float) else str(each) for each in several]
    if operator in ("between", "not_between") and len(numbers) == 2:
        said = [bold(numbers[0]), Span(" and "), bold(f"{numbers[1]} {nouns}")]
    elif len(several) == 1:
        said = [bold(f"{numbers[0]} {noun if several[0] == 1 else nouns}")]
    else:
        said = [*values(numbers, "or"), Span(f" {nouns}")]
    return [Span(before), *said]


def people(operator: str, value: Value) -> Spans:
    """with at least 5 people; with no people"""
    if (operator, value) == ("eq", 0):
        return [Span("with "), bold("no people")]
    if operator not in _AMOUNTS:
        known = operator in ("is_known", "has_any_value")
        return [Span(f"with {'a known' if known else 'an unknown'} number of people")]
    return [Span("with "), *amount(operator, value, "person", "people")]


def sequence(rule: Sequence, who: str, schema: Schema, moment: Moment) -> Spans:
    """who did Signed up, then Invited, each within 3 days"""
    said: Spans = []
    for index, step in enumerate(rule.steps):
        said += [Span(", then " if index else f"{who} did "), *_step(step, schema, moment)]
    if rule.each_within is not None and len(rule.steps) > 1:
        said += [Span(", each within "), bold(wording.ago(rule.each_within))]
    when = window(rule.within, moment)
    return [*said, Span(","), *when] if when and len(rule.steps) > 1 else [*said, *when]


def _step(step: Step, schema: Schema, moment: Moment) -> Spans:
    event = bold(schema.events.get(step.event) or step.event)
    said = properties(step.where, schema, moment)
    return [event, Span(" (where "), *said, Span(")")] if said else [event]


def window(within: Window, moment: Moment) -> Spans:
    """in the last 90 days;  this month;  from 1 Nov 2026, 00:00 UTC and before …"""
    match within:
        case Last(ago):
            return [Span(" in the last "), bold(wording.ago(ago))]
        case Period(word):
            return [Span(" "), bold(wording.period(word))]
        case Between(start, end):
            first = [Span(" from "), bold(wording.when(start, moment))] if start else []
            last = [Span(" and before " if start else " before "), bold(wording.when(end, moment))] if end else []
            return [*first, *last]
        case _:
            return []


def after_where(where: Rule | None, schema: Schema, moment: Moment) -> Spans:
    """, where the amount is at least 25"""
    said = properties(where, schema, moment)
    return [Span(", where "), *said] if said else []


def properties(where: Rule | None, schema: Schema, moment: Moment, inside: bool = False) -> Spans:
    """the amount is at least 25 and the category is Home or Garden"""
    match where:
        case Condition(key):
            of = schema.properties.get(key) or Attribute(key=key, kind=Kind.TEXT, label=key)
            said = phrases.asked([Span("the "), bold(phrases.name(None, of))], where, of, moment)
            return [*said, *phrases.without_value(where, phrases.no_value(None, of), None)]
        case AllOf(()) | NoneOf(()):
            return [Span("anything")] if inside else []
        case AnyOf(()):
            return [Span("nothing")]
        case AllOf((only,)) | AnyOf((only,)):
            return properties(only, schema, moment, inside)
        case AllOf(rules):
            said = listed([properties(each, schema, moment, inside=True) for each in rules], "and", [])
            return _bracketed(said) if inside else said
        case AnyOf(rules):
            said = alternatives([properties(each, schema, moment, inside=True) for each in rules])
            return _bracketed(said) if inside else said
        case NoneOf(rules):
            return [
                Span("not "),
                *_bracketed(alternatives([properties(each, schema, moment, inside=True) for each in rules])),
            ]
        case _:
            return []


def _bracketed(said: Spans) -> Spans:
    return [Span("("), *said, Span(")")]
