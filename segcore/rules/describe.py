"""A rule as one English sentence, and what the time limits in it come to at a given instant."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.rules import deeds, phrases, wording
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY
from segcore.rules.resolved import resolutions, resolved, resolved_window
from segcore.rules.spans import Sentence, Span, Spans, alternatives, bold, joined, listed
from segcore.rules.tree import (
    AllOf,
    AnyOf,
    Condition,
    Group,
    InSegment,
    NoneOf,
    OfCompany,
    OfPeople,
    Path,
    Performed,
    Rule,
    Sample,
    Sequence,
    word,
)

__all__ = ["Sentence", "Span", "resolutions", "resolved", "resolved_window", "sentence"]


@dataclass(frozen=True, slots=True)
class _Nouns:
    many: str
    everyone: str
    none: str
    who: str


_NOUNS = {
    Entity.PERSON: _Nouns("people", "everyone", "no one", "who"),
    Entity.COMPANY: _Nouns("companies", "all companies", "no companies", "that"),
}

# How a person's companies are spoken of: what matches of them, and where any company does.
_OF_COMPANY = {
    "any": ("who belong to ", "any of the companies", "who belong to any company"),
    "all": ("who belong ", "only to companies", "who belong to any company"),
    "none": ("who belong to ", "none of the companies", "who belong to no company"),
    "primary": ("whose ", "primary company", "who have a primary company"),
}


def sentence(
    rule: Rule,
    schema: Schema,
    entity: Entity,
    names: Mapping[str, str],
    moment: Moment,
    missing: Mapping[Path, int] | None = None,
) -> Sentence:
    """The sentence of a rule. `names`: segment key → name. `missing`: how many have no value, by negative condition."""
    return _Writer(schema, entity, names, moment, missing or {}).whole(rule)


@dataclass(frozen=True, slots=True)
class _Writer:
    schema: Schema
    entity: Entity
    names: Mapping[str, str]
    moment: Moment
    missing: Mapping[Path, int]

    @property
    def nouns(self) -> _Nouns:
        return _NOUNS[self.entity]

    def whole(self, rule: Rule) -> Sentence:
        match rule:
            case AllOf(()) | NoneOf(()):
                said = [Span(self.nouns.everyone)]
            case AnyOf(()):
                said = [Span(self.nouns.none)]
            case NoneOf():
                said = [Span(f"{self.nouns.everyone} "), *self.group(rule, ())]
            case AllOf(rules) if all(isinstance(child, NoneOf) and child.rules for child in rules):
                said = [Span(f"{self.nouns.everyone} "), *self.group(rule, ())]
            case AllOf() | AnyOf():
                said = [Span(f"{self.nouns.many} "), *self.group(rule, ())]
            case _:
                said = [Span(f"{self.nouns.many} "), *self.clause(rule, ())]
        first = said[0]
        said[0] = Span(first.text[:1].upper() + first.text[1:], first.bold)
        return Sentence(tuple(joined([*said, Span(".")])))

    def group(self, group: Group, path: Path) -> Spans:
        """The clauses of a group without brackets."""
        parts = [(child, (*path, word(group), index)) for index, child in enumerate(group.rules)]
        match group:
            case AllOf():
                # Exceptions come last, or what follows them would seem to belong to them.
                kept = [self.clause(child, at) for child, at in parts if not _exception(child)]
                except_ = [self.clause(child, at) for child, at in parts if _exception(child)]
                return listed(kept, "and", except_)
            case AnyOf():
                return alternatives([self.clause(child, at, alone=True) for child, at in parts])
            case NoneOf():
                return [
                    Span("except those "),
                    *alternatives([self.clause(child, at, alone=True) for child, at in parts]),
                ]

    def clause(self, rule: Rule, path: Path, alone: bool = False) -> Spans:
        """A node inside a group; `alone`: not one of several that hold together, so an exception needs its subject."""
        match rule:
            case Condition():
                return self.condition(rule, path)
            case Performed():
                return deeds.performed(rule, self.nouns.who, self.schema, self.moment, self.missing.get(path))
            case Sequence():
                return deeds.sequence(rule, self.nouns.who, self.schema, self.moment)
            case OfCompany():
                return self.of_company(rule, path)
            case OfPeople(inner, operator, value):
                return [*deeds.people(operator, value), *self.nested(Entity.PERSON, inner, (*path, "people"))]
            case Sample():
                return self.sample(rule)
            case InSegment(key, operator):
                inside = "are in" if operator == "in" else "are not in"
                return [Span(f"{self.nouns.who} {inside} "), bold(self.names.get(key, key))]
            case AllOf(()) | NoneOf(()):
                return [Span(f"({self.nouns.everyone})")]
            case AnyOf(()):
                return [Span(f"({self.nouns.none})")]
            case AllOf((only,)) | AnyOf((only,)):
                return self.clause(only, (*path, word(rule), 0), alone)
            case NoneOf():
                said = self.group(rule, path)
                return [Span(f"({self.nouns.everyone} "), *said, Span(")")] if alone else said
            case AllOf() | AnyOf():
                return [Span("("), *self.group(rule, path), Span(")")]

    def condition(self, condition: Condition, path: Path) -> Spans:
        operator = BY_KEY.get(condition.operator)
        attribute = self.schema.of(self.entity).get(condition.attribute) or Attribute(
            key=condition.attribute, kind=Kind.TEXT, label=condition.attribute
        )
        verb = phrases.verb(self.entity, attribute)
        if verb is not None and operator is not None and operator.verbal:
            auxiliary, name = verb.denied if operator.negative else verb.said
            said = [Span(f"{self.nouns.who} {auxiliary}"), bold(name), Span(" ")]
            said += phrases.filled(operator.verbal, operator, condition, attribute, self.moment)
            said += phrases.options(condition)
        else:
            name = phrases.name(self.entity, attribute)
            said = phrases.asked([Span("whose "), bold(name)], condition, attribute, self.moment)
        no_value = phrases.no_value(self.entity, attribute)
        return [*said, *phrases.without_value(condition, no_value, self.missing.get(path))]

    def of_company(self, rule: OfCompany, path: Path) -> Spans:
        before, which, any_company = _OF_COMPANY[rule.quantifier]
        if isinstance(rule.rule, AllOf | NoneOf) and not rule.rule.rules:
            return [Span(any_company)]
        said = [Span(before), bold(which)]
        if rule.quantifier == "primary":
            said.append(Span(" is one of the companies"))
        return [*said, *self.nested(Entity.COMPANY, rule.rule, (*path, "rule"))]

    def nested(self, entity: Entity, rule: Rule, path: Path) -> Spans:
        """The clauses of a rule over the other entity, in brackets where they are several."""
        if isinstance(rule, AllOf | NoneOf) and not rule.rules:
            return []
        return [Span(" "), *replace(self, entity=entity).clause(rule, path)]

    def sample(self, sample: Sample) -> Spans:
        share = wording.share(sample.start, sample.end)
        said = [Span(f"{self.nouns.who} are in a stable random "), bold(share), Span(" (sample "), bold(sample.salt)]
        if sample.start:
            said += [Span(f", from {wording.number(sample.start)} to {wording.number(sample.end)}")]
        return [*said, Span(")")]


def _exception(rule: Rule) -> bool:
    while isinstance(rule, AllOf | AnyOf) and len(rule.rules) == 1:
        rule = rule.rules[0]
    return isinstance(rule, NoneOf) and bool(rule.rules)
