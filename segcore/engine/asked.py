"""What the condition at a place of a rule is asked of: the values that people, companies or events have."""

import polars as pl

from segcore.attributes import Entity
from segcore.engine.answers import Answers
from segcore.rules.tree import Condition, OfPeople, Path, Performed, Rule, Sequence, walk_over


def values(answers: Answers, entity: Entity, rule: Rule, path: Path) -> pl.Series:
    """The values, of events what they come to; of companies how many of their people match."""
    nodes = {at: (node, over) for at, node, over in walk_over(rule, entity)}
    match nodes[path]:
        case Condition(key), Entity() as over:
            return answers.column(over, key).series()
        case Condition(key), None:
            log = answers.snapshot.events.of(_event(nodes, path))
            return log.column(answers.snapshot.schema.properties[key]).series()
        case Performed() as node, _:
            return answers.behaviour.values(node)
        case OfPeople() as node, _:
            return answers.people_matching(node).values
    raise KeyError(path)


def instants(answers: Answers, entity: Entity, rule: Rule, path: Path) -> pl.Series:
    """When the events of the node at a path were."""
    node = next(node for at, node, _ in walk_over(rule, entity) if at == path)
    names = [node.event] if isinstance(node, Performed) else []
    if isinstance(node, Sequence):
        names = [step.event for step in node.steps]
    found = [pl.Series(answers.snapshot.events.of(name).at) for name in dict.fromkeys(names)]
    return pl.concat(found).cast(pl.Datetime("us", "UTC"))


def _event(nodes: dict[Path, tuple[Rule, Entity | None]], path: Path) -> str:
    """Whose properties the node at a path asks."""
    for end in range(len(path) - 1, -1, -1):
        match nodes.get(path[:end]), path[end:]:
            case (Performed(event), _), ("where", *_):
                return event
            case (Sequence(steps), _), ("sequence", int(index), *_):
                return steps[index].event
    raise KeyError(path)
