"""One condition in words: the attribute, the operator's sentence, the value, and what becomes of those without one."""

from dataclasses import dataclass

from segcore.attributes import STANDARD, Attribute, Entity, Kind
from segcore.rules import wording
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Operand, Operator, agreed
from segcore.rules.spans import Span, Spans, bold, values
from segcore.rules.tree import Ago, Condition, Place


@dataclass(frozen=True, slots=True)
class Verb:
    """A date that reads as what somebody did: said, denied, and as a thing."""

    said: tuple[str, str]
    denied: tuple[str, str]
    noun: str


_VERBS = {
    (Entity.PERSON, "signed_up_at"): Verb(("", "signed up"), ("did not ", "sign up"), "sign-up date"),
    (Entity.PERSON, "last_seen_at"): Verb(("were ", "last seen"), ("were not ", "last seen"), "last seen date"),
    (Entity.COMPANY, "created_at"): Verb(("were ", "created"), ("were not ", "created"), "creation date"),
}
_LABELS = {(entity, each.key): each.label for entity, several in STANDARD.items() for each in several}


def verb(entity: Entity | None, attribute: Attribute) -> Verb | None:
    """How a standard date reads, unless it was given another name."""
    if entity is None:
        return None
    at = (entity, attribute.key)
    return _VERBS.get(at) if attribute.standard and attribute.label in ("", _LABELS.get(at)) else None


def name(entity: Entity | None, attribute: Attribute) -> str:
    """The attribute within a sentence; a "renewed_at" without a label of its own is its "renewed date"."""
    if spoken := verb(entity, attribute):
        return spoken.noun
    lowered = wording.lowered(attribute.name)
    dated = attribute.kind in (Kind.DATE, Kind.DATETIME) and attribute.key.endswith("_at")
    return f"{lowered} date" if dated and not attribute.label and not lowered.endswith(("date", "time")) else lowered


def asked(subject: Spans, condition: Condition, attribute: Attribute, moment: Moment) -> Spans:
    """A subject and what is said of it: "whose country" + "is Ireland"."""
    operator = BY_KEY.get(condition.operator)
    if operator is None:
        return [*subject, Span(f" {condition.operator}")]
    template = agreed(operator.sentence, attribute.kind)
    return [*subject, Span(" "), *filled(template, operator, condition, attribute, moment), *options(condition)]


def options(condition: Condition) -> Spans:
    """What an option changes, said after the value."""
    said = [Span(" or in the future")] if condition.include_future else []
    return [*said, Span(" (matching case)")] if condition.match_case else said


def filled(template: str, operator: Operator, condition: Condition, attribute: Attribute, moment: Moment) -> Spans:
    """The template with its braces filled, bold: the value, or a word that stands for one."""
    before, _, rest = template.partition("{")
    inside, _, after = rest.partition("}")
    spans = [Span(before)]
    if inside == "value":
        spans += operand(operator, condition, attribute, moment)
    elif inside:
        spans.append(bold(inside))
    return [*spans, Span(after)]


def operand(operator: Operator, condition: Condition, attribute: Attribute, moment: Moment) -> Spans:
    """The value of a condition."""
    value = condition.value
    match operator.operand, value:
        case Operand.AGO, Ago():
            return [bold(wording.ago(value))]
        case Operand.WITHIN, Ago(amount=0):
            return [bold("today")]
        case Operand.WITHIN, Ago(amount=1):
            return [bold("today or tomorrow")]
        case Operand.WITHIN, Ago():
            return [Span("today or in the next "), bold(wording.ago(value))]
        case Operand.DAYS, int():
            return [bold(wording.counted(value, "calendar day"))]
        case Operand.PERIOD, _:
            return [bold(wording.period(str(value)))]
        case Operand.WEEKDAYS, tuple():
            return values([wording.weekday(str(each)) for each in value], "or")
        case Operand.RANGE, tuple():
            low, high = (wording.value(each, attribute, moment) for each in value)
            return [bold(low), Span(" and "), bold(high)]
        case Operand.COUNT, int():
            return [bold(wording.number(value))]
        case Operand.PLACE, Place(latitude, longitude, km):
            return [bold(f"{wording.number(km)} km"), Span(" of "), bold(wording.place(latitude, longitude))]
        case _, tuple():
            joiner = "and" if operator.key in ("includes_all", "contains_all") else "or"
            return values([wording.value(each, attribute, moment) for each in value], joiner)
        case _:
            return [bold(wording.value(value, attribute, moment))]


def without_value(condition: Condition, what: str, count: int | None) -> Spans:
    """What becomes of those who have no value: it is never silent where it is known."""
    operator = BY_KEY.get(condition.operator)
    if operator is None or not operator.negative:
        return []
    if not condition.include_missing:
        return [Span(f" (leaving out {count:,} with {what})" if count else f" (leaving out those with {what})")]
    return [Span(f" (including {count:,} with {what})")] if count else []


def no_value(entity: Entity | None, attribute: Attribute) -> str:
    """no country; no value for uploaded photos"""
    value = "" if attribute.kind in (Kind.TEXT, Kind.DATE, Kind.DATETIME) else "value for "
    return f"no {value}{name(entity, attribute)}"
