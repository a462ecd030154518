"""Whether a rule asks for calendar days, so that another time zone or first day of the week may change its answer."""

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.rules import measure
from segcore.rules.catalogue.row import Operand
from segcore.rules.operators import BY_KEY
from segcore.rules.tree import Condition, Performed, Period, Rule, Sequence, walk_over

# Asked of an instant, each of these means days; of a date without time only those that are counted from today.
OF_INSTANTS = frozenset(
    {Operand.DAY, Operand.WHEN, Operand.RANGE, Operand.PERIOD, Operand.DAYS, Operand.WITHIN, Operand.WEEKDAYS}
)
OF_DATES = frozenset({Operand.AGO, Operand.PERIOD, Operand.DAYS, Operand.WITHIN})


def asks_for_days(rule: Rule, over: Entity, schema: Schema) -> bool:
    """Of the rule itself; the segments that it refers to are asked on their own. The rule was validated."""
    return any(_node(node, asked, schema) for _, node, asked in walk_over(rule, over))


def _node(node: Rule, over: Entity | None, schema: Schema) -> bool:
    match node:
        case Condition(attribute=key):
            known = schema.properties if over is None else schema.of(over)
            return key in known and _condition(node, known[key])
        case Performed(measure=key, within=window):
            attribute, condition = measure.asked(node, schema)
            return isinstance(window, Period) or key == "days" or _condition(condition, attribute)
        case Sequence(within=window):
            return isinstance(window, Period)
        case _:
            return False


def _condition(condition: Condition, attribute: Attribute) -> bool:
    operand = BY_KEY[condition.operator].operand
    values = condition.value if isinstance(condition.value, tuple) else (condition.value,)
    match attribute.kind:
        case Kind.DATETIME if operand in (Operand.WHEN, Operand.RANGE):
            return any(_is_day(value) for value in values)
        case Kind.DATETIME:
            return operand in OF_INSTANTS
        case Kind.DATE if operand in (Operand.WHEN, Operand.RANGE):
            return not all(_is_day(value) for value in values)  # the date counts from midnight
        case Kind.DATE:
            return operand in OF_DATES
        case _:
            return False


def _is_day(value: object) -> bool:
    return isinstance(value, str) and len(value) == len("2026-11-22")
