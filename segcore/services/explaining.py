"""Why somebody is in a filter or not, by what the asking agent may see."""

from datetime import datetime

from segcore.attributes import Entity
from segcore.engine.explain import Explanation, Reason, explain
from segcore.model import Agent
from segcore.problems import InvalidRule, NotFound, Problem
from segcore.rules.tree import Rule
from segcore.services.present import Presence, Present

__all__ = ["Explanation", "Reason", "of_document", "of_segment"]


def of_document(
    presence: Presence, agent: Agent, external_id: str, document: object, entity: Entity, now: datetime
) -> Explanation:
    """Of a rule that the agent wrote: it can name nothing that he may not see."""
    present, visible = presence.current(), presence.visible(agent)
    return _explained(presence, present, agent, external_id, present.read(document, entity, visible), entity, now)


def of_segment(presence: Presence, agent: Agent, external_id: str, key: str, now: datetime) -> Explanation:
    """Of a segment; what it uses that the agent may not see is left unsaid."""
    segment, present = presence.segment(agent, key), presence.current()
    if key not in present.rules:
        raise InvalidRule(present.broken.get(key) or [Problem((), f"{segment.name} cannot be counted.")])
    entity, rule = present.rules[key]
    return _explained(presence, present, agent, external_id, rule, entity, now)


def _explained(
    presence: Presence, present: Present, agent: Agent, external_id: str, rule: Rule, entity: Entity, now: datetime
) -> Explanation:
    subject = present.at(now).subject(entity, external_id)
    if subject is None:
        raise NotFound(f"There is no {entity.value} with the ID {external_id}.")
    rules = {key: rule for key, (_, rule) in present.rules.items()}
    names = {key: segment.name for key, segment in presence.visible(agent).items()}
    return explain(rule, subject, present.schema, entity, present.moment(now), rules, names)
