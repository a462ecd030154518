"""What sets two filters apart: the conditions that only one of them has, each as a sentence."""

from collections.abc import Mapping
from dataclasses import dataclass

from segcore.attributes import Entity, Schema
from segcore.rules.describe import Sentence, sentence
from segcore.rules.moment import Moment
from segcore.rules.tree import AllOf, AnyOf, Rule


@dataclass(frozen=True, slots=True)
class Differences:
    """Both filters in words, and the conditions of each that the other has not."""

    one: Sentence
    other: Sentence
    only_one: tuple[Sentence, ...]
    only_other: tuple[Sentence, ...]


def differences(
    one: Rule, other: Rule, schema: Schema, entity: Entity, names: Mapping[str, str], moment: Moment
) -> Differences:
    """Conditions are those of the outermost group; where the groups ask differently, every one of them counts."""

    def told(rule: Rule) -> Sentence:
        return sentence(rule, schema, entity, names, moment)

    first, second = _conditions(one), _conditions(other)
    return Differences(
        one=told(one),
        other=told(other),
        only_one=tuple(told(rule) for rule in first if rule not in second),
        only_other=tuple(told(rule) for rule in second if rule not in first),
    )


def _conditions(rule: Rule) -> list[Rule]:
    """What holds together; an alternative or an exception is a condition of its own, and so is a rule without a group."""
    match rule:
        case AllOf(rules):
            return list(dict.fromkeys(rules))
        case AnyOf((only,)):
            return _conditions(only)
        case _:
            return [rule]
