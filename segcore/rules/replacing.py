"""Another node in the place of one: the rest of the rule stays the very same value."""

from dataclasses import replace

from segcore.rules.tree import AllOf, AnyOf, NoneOf, OfCompany, OfPeople, Path, Performed, Rule, Sequence


def replaced(rule: Rule, path: Path, node: Rule) -> Rule:
    """The rule with another node at a path, which must be one that `tree.walk` gives."""
    match rule, path:
        case _, ():
            return node
        case AllOf(rules) | AnyOf(rules) | NoneOf(rules), (_, int(index), *rest):
            child = replaced(rules[index], tuple(rest), node)
            return replace(rule, rules=(*rules[:index], child, *rules[index + 1 :]))
        case Performed(where=where), ("where", *rest) if where is not None:
            return replace(rule, where=replaced(where, tuple(rest), node))
        case Sequence(steps), ("sequence", int(index), "where", *rest) if (where := steps[index].where) is not None:
            step = replace(steps[index], where=replaced(where, tuple(rest), node))
            return replace(rule, steps=(*steps[:index], step, *steps[index + 1 :]))
        case OfCompany(_, inner), ("rule", *rest):
            return replace(rule, rule=replaced(inner, tuple(rest), node))
        case OfPeople(inner), ("people", *rest):
            return replace(rule, rule=replaced(inner, tuple(rest), node))
    raise KeyError(path)
