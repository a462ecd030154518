"""Between the stored JSON of a rule and its tree. Nothing is dropped: a key that is not known is a problem."""

import json

from segcore.problems import InvalidRule, Problem
from segcore.rules.limits import MAX_BYTES, TOO_DEEP, TOO_LARGE, shown, too_deep
from segcore.rules.operators import BY_KEY, Operand
from segcore.rules.reading import read_document
from segcore.rules.tree import (
    Ago,
    AllOf,
    AnyOf,
    Condition,
    InSegment,
    Last,
    NoneOf,
    OfCompany,
    OfPeople,
    Performed,
    Period,
    Place,
    Rule,
    Sample,
    Sequence,
    Span,
    Step,
    Value,
    Window,
)


def parse(document: object) -> Rule:
    """The rule that a document holds; InvalidRule with everything that is wrong with its shape."""
    rule, problems = read_document(document, None)
    if rule is None:
        raise InvalidRule(problems)
    return rule


def dump(rule: Rule) -> dict[str, object]:
    """The document of a rule; options are left out where they say what holds anyway."""
    match rule:
        case AllOf(rules):
            return {"all": [dump(child) for child in rules]}
        case AnyOf(rules):
            return {"any": [dump(child) for child in rules]}
        case NoneOf(rules):
            return {"none": [dump(child) for child in rules]}
        case InSegment(segment, operator):
            return {"segment": segment, "operator": operator}
        case Condition(attribute):
            return {"attribute": attribute, **_asked(rule), **_options(rule)}
        case Performed():
            return _performed(rule)
        case Sequence(steps, each_within, within):
            document: dict[str, object] = {"sequence": [_step(step) for step in steps]}
            if each_within is not None:
                document["each_within"] = _written(each_within)
            return {**document, **_window(within)}
        case OfCompany(quantifier, inner):
            return {"company": quantifier, "rule": dump(inner)}
        case OfPeople(inner):
            return {"people": dump(inner), **_asked(rule), **_options(rule)}
        case Sample(salt, start, end):
            return {"sample": {"salt": salt, "from": start, "to": end}}


def _performed(rule: Performed) -> dict[str, object]:
    document: dict[str, object] = {"event": rule.event}
    if rule.where is not None:
        document["where"] = dump(rule.where)
    document |= _window(rule.within)
    if rule.measure != "count":
        document["measure"] = rule.measure
    if rule.of is not None:
        document["of"] = rule.of
    return {**document, **_asked(rule), **_options(rule)}


def _step(step: Step) -> dict[str, object]:
    return {"event": step.event} if step.where is None else {"event": step.event, "where": dump(step.where)}


def _asked(rule: Condition | Performed | OfPeople) -> dict[str, object]:
    if BY_KEY[rule.operator].operand is Operand.NONE:
        return {"operator": rule.operator}
    return {"operator": rule.operator, "value": _written(rule.value)}


def _options(rule: Condition | Performed | OfPeople) -> dict[str, object]:
    options: dict[str, object] = {}
    if isinstance(rule, Condition) and rule.match_case:
        options["match_case"] = True
    if not rule.include_missing:
        options["include_missing"] = False
    if not isinstance(rule, OfPeople) and rule.include_future:
        options["include_future"] = True
    return options


def _window(window: Window) -> dict[str, object]:
    match window:
        case None:
            return {}
        case Last(amount):
            return {"within": {"last": _written(amount)}}
        case Period(word):
            return {"within": {"period": word}}
        case Span(start, end):
            ends = {"from": start, "to": end}
            return {"within": {key: text for key, text in ends.items() if text is not None}}


def _written(value: Value) -> object:
    match value:
        case Place(latitude, longitude, km):
            return {"latitude": latitude, "longitude": longitude, "km": km}
        case Ago(amount, unit):
            return {unit: amount}
        case tuple():
            return list(value)
        case _:
            return value


def loads(text: str | bytes) -> object:
    """The document in JSON text; unlike `json.loads` it refuses NaN, repeated keys, and what is too deep or too large."""
    if len(text) > MAX_BYTES:
        raise InvalidRule([TOO_LARGE])
    try:
        if isinstance(text, bytes):
            text = text.decode("utf-8-sig")
        elif len(text.encode("utf-8", "surrogatepass")) > MAX_BYTES:
            raise InvalidRule([TOO_LARGE])
        if too_deep(text):
            raise InvalidRule([TOO_DEEP])
        return json.loads(text, parse_constant=_constant, object_pairs_hook=_pairs, parse_int=_whole)
    except UnicodeDecodeError:
        raise InvalidRule([Problem((), "A rule is JSON in UTF-8; these bytes are not.")]) from None
    except json.JSONDecodeError as error:
        message = f"This is not JSON: {error.msg} in line {error.lineno}, column {error.colno}."
        raise InvalidRule([Problem((), message)]) from None


def _constant(name: str) -> object:
    raise InvalidRule([Problem((), f"A number is finite; found {name}.")])


def _whole(digits: str) -> int:
    # Python turns long digits into numbers slowly, and refuses past 4,300 of them in its own words.
    return int(digits) if len(digits) <= 40 else 10**40


def _pairs(pairs: list[tuple[str, object]]) -> dict[str, object]:
    document = dict(pairs)
    if len(document) < len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InvalidRule([Problem((), f"The key “{shown(key)}” is there twice in one object.")])
            seen.add(key)
    return document
