"""Between the stored JSON of a rule and its tree. Nothing is dropped: a key that is not known is a problem."""

import json

from segcore.problems import InvalidRule, Problem
from segcore.rules.limits import MAX_BYTES, TOO_DEEP, TOO_LARGE, shown, too_deep
from segcore.rules.operators import BY_KEY, Operand
from segcore.rules.reading import read_document
from segcore.rules.tree import Ago, AllOf, AnyOf, Condition, InSegment, NoneOf, Rule, Value


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
        case Condition():
            document: dict[str, object] = {"attribute": rule.attribute, "operator": rule.operator}
            if BY_KEY[rule.operator].operand is not Operand.NONE:
                document["value"] = _written(rule.value)
            if rule.match_case:
                document["match_case"] = True
            if not rule.include_missing:
                document["include_missing"] = False
            if rule.include_future:
                document["include_future"] = True
            return document


def _written(value: Value) -> object:
    match value:
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
