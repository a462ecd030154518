"""Everything that is wrong with a rule, at once: its shape, the names in it, its operators, its values, its size."""

from collections.abc import Mapping

from segcore.attributes import Entity, Schema
from segcore.problems import InvalidRule, Problem
from segcore.rules.reading import Names, read_document
from segcore.rules.tree import Rule


def check(document: object, schema: Schema, entity: Entity, segments: Mapping[str, Entity]) -> list[Problem]:
    """The problems of a document, in the order of its nodes. `segments`: the keys that may be named → what they select."""
    return read_document(document, Names(schema, entity, segments))[1]


def read(document: object, schema: Schema, entity: Entity, segments: Mapping[str, Entity]) -> Rule:
    """The rule that a document holds; InvalidRule with every problem."""
    rule, problems = read_document(document, Names(schema, entity, segments))
    if rule is None:
        raise InvalidRule(problems)
    return rule
