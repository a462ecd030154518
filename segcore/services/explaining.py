"""Why somebody is in a filter or not, by what the asking agent may see."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from segcore.attributes import Entity
from segcore.engine.evaluation import Evaluation
from segcore.engine.explain import Explanation, Reason, explain
from segcore.model import Agent, Segment
from segcore.problems import InvalidRule, NotFound, Problem
from segcore.rules.describe import Sentence, Span
from segcore.rules.tree import Rule
from segcore.services.present import MISSING, Presence, Present, not_visible

__all__ = ["Explanation", "Reason", "of_document", "of_segments"]


def of_document(
    presence: Presence, agent: Agent, external_id: str, document: object, entity: Entity, now: datetime
) -> Explanation:
    """Of a rule that the agent wrote: it can name nothing that he may not see."""
    present, visible = presence.current(), presence.visible(agent)
    rule = present.read(document, entity, visible)
    return _explained(present, present.at(now), visible, external_id, rule, entity)


def of_segments(
    presence: Presence, agent: Agent, external_id: str, keys: Iterable[str], now: datetime
) -> dict[str, Explanation]:
    """Of several segments at once; what they use that the agent may not see is left unsaid."""
    present, visible = presence.current(), presence.visible(agent)
    evaluation = present.at(now)
    found = {}
    for key in keys:
        if key not in visible:
            raise NotFound(MISSING)
        if key not in present.rules:
            nothing = [Problem((), f"{visible[key].name} cannot be counted.")]
            raise InvalidRule(nothing if visible[key].concealed else present.broken.get(key) or nothing)
        entity, rule = present.rules[key]
        if visible[key].concealed:
            found[key] = _concealed(evaluation, visible[key], external_id, rule)
            continue
        found[key] = _explained(present, evaluation, visible, external_id, rule, entity)
    return found


def _explained(
    present: Present,
    evaluation: Evaluation,
    visible: Mapping[str, Segment],
    external_id: str,
    rule: Rule,
    entity: Entity,
) -> Explanation:
    subject = evaluation.subject(entity, external_id)
    if subject is None:
        raise NotFound(f"There is no {entity.value} with the ID {external_id}.")
    rules = {key: rule for key, (_, rule) in present.rules.items()}
    names = {key: segment.name for key, segment in visible.items()}
    concealed = {key: not_visible(segment.concealed) for key, segment in visible.items() if segment.concealed}
    return explain(rule, subject, present.schema, entity, evaluation.moment, rules, names, concealed)


def _concealed(evaluation: Evaluation, segment: Segment, external_id: str, rule: Rule) -> Explanation:
    """Of a segment that is shown on purpose: whether somebody is in it, and no more."""
    row = evaluation.row_number(segment.entity, external_id)
    if row is None:
        raise NotFound(f"There is no {segment.entity.value} with the ID {external_id}.")
    holds = bool(evaluation.bits(segment.entity, rule)[row])
    says = Sentence((Span(not_visible(segment.concealed)),))
    return Explanation(
        external_id=external_id,
        entity=segment.entity,
        now=evaluation.moment.now,
        holds=holds,
        root=Reason(path=(), kind="hidden", holds=holds, says=says),
        hidden=True,
    )
