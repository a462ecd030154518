"""Advice on a filter, with the data and the segments that the agent may see."""

from collections.abc import Mapping

from segcore.attributes import Entity, Kind
from segcore.engine.evaluation import Evaluation
from segcore.model import Segment
from segcore.rules.advice import Advice, Seen, like
from segcore.rules.lint import lint
from segcore.rules.tree import Condition, Performed, Rule

MOST_LIKE = 1_000  # of the commonest values, those among which the meant one is looked for


def advice(
    rule: Rule, entity: Entity, evaluation: Evaluation, visible: Mapping[str, Segment], skip: str | None = None
) -> tuple[Advice, ...]:
    """What is worth a second look; never a reason not to save."""
    schema = evaluation.schema

    def seen(whose: Entity | str, key: str, text: str) -> Seen | None:
        if isinstance(whose, Entity):
            kind = schema.of(whose)[key].kind
            asked: Rule = Condition(key, "includes" if kind is Kind.LIST else "is", text)
            count = evaluation.bits(whose, asked).count()
        else:
            kind = schema.properties[key].kind
            where = Condition(key, "includes" if kind is Kind.LIST else "is", text)
            count = evaluation.bits(Entity.PERSON, Performed(whose, "gte", 1, where=where)).count()
        if count:
            return Seen(count)
        if isinstance(whose, Entity):
            values = evaluation.values(whose, key, "", MOST_LIKE).values
        else:
            values = evaluation.property_values(whose, key, "", MOST_LIKE).values
        return like(text, [(str(value), times) for value, times in values])

    others = {
        key: (segment.name, segment.rule)
        for key, segment in visible.items()
        if segment.entity is entity and segment.rule is not None and key != skip
    }
    return tuple(lint(rule, schema, entity, evaluation.moment, seen, others))
