"""Whether a rule holds for one row of plain Python values: it explains a person, and proves the columns right."""

import math
from collections.abc import Mapping
from dataclasses import replace

from segcore.attributes import Entity, Schema
from segcore.problems import InvalidRule, Problem
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY
from segcore.rules.tree import AllOf, AnyOf, Condition, InSegment, NoneOf, Rule

Row = Mapping[str, object]


def holds(
    rule: Rule, row: Row, schema: Schema, entity: Entity, moment: Moment, segments: Mapping[str, Rule] | None = None
) -> bool:
    """The rule's answer for a row; values by attribute key, a missing one absent, None or NaN."""
    match rule:
        case AllOf(rules):
            return all(holds(child, row, schema, entity, moment, segments) for child in rules)
        case AnyOf(rules):
            return any(holds(child, row, schema, entity, moment, segments) for child in rules)
        case NoneOf(rules):
            return not any(holds(child, row, schema, entity, moment, segments) for child in rules)
        case InSegment(key, operator):
            if segments is None or key not in segments:
                raise InvalidRule([Problem((), f"There is no segment “{key}”.")])
            inside = holds(segments[key], row, schema, entity, moment, segments)
            return inside if operator == "in" else not inside
        case Condition():
            if rule.attribute not in schema.of(entity):
                raise InvalidRule([Problem((), f"No attribute is called “{rule.attribute}”.")])
            return answer(rule, row.get(rule.attribute), moment)


def answer(condition: Condition, value: object, moment: Moment) -> bool:
    """The condition's answer on one value."""
    operator = BY_KEY[condition.operator]
    missing = value is None or (isinstance(value, float) and math.isnan(value))
    if operator.complement_of is not None:
        if missing and not condition.include_missing:
            return False
        return not answer(replace(condition, operator=operator.complement_of), value, moment)
    if missing:
        return operator.missing
    assert operator.holds is not None
    return operator.holds(value, condition, moment)
