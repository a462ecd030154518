"""Advice on a rule that is right but probably not meant: what can never hold, always holds, changes nothing, was never seen.

Advice never blocks. What it claims holds for any data at this moment; where that is not certain, nothing is said.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import reduce
from itertools import combinations
from typing import Any

from segcore.attributes import Entity, Kind, Schema
from segcore.rules import codec, measure, reasons, tree
from segcore.rules.advice import Advice, Look, Seen, like, unseen
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Operand
from segcore.rules.regions import Asked, Region, bounds, dimension
from segcore.rules.tree import (
    AllOf,
    AnyOf,
    Condition,
    Group,
    InSegment,
    NoneOf,
    OfPeople,
    Path,
    Performed,
    Rule,
    Sample,
    Span,
    walk,
    walk_over,
    word,
)

__all__ = ["Advice", "Seen", "canonical", "like", "lint"]

MOST_COMPARED = 40  # conditions on one attribute in one group
_LIMITS = frozenset({"gt", "gte", "lt", "lte"})
_COUNTED = frozenset({"count", "days", "distinct"})


def lint(
    rule: Rule,
    schema: Schema,
    entity: Entity,
    moment: Moment,
    seen: Look | None = None,
    segments: Mapping[str, tuple[str, Rule]] | None = None,
) -> list[Advice]:
    """All advice on a rule. `segments`: key → name and rule of the visible segments of the same entity."""
    advice = _Linting(schema, moment).all(rule, entity)
    if seen is not None:
        advice += unseen(rule, entity, seen, schema)
    same = [name for name, other in (segments or {}).values() if canonical(other) == canonical(rule)]
    if same and canonical(rule) != AllOf():
        advice.append(Advice(path=(), kind="same", message=f"The same filter as {same[0]}."))
    return advice


def canonical(rule: Rule) -> Rule:
    """A rule without what makes no difference: brackets around one condition, the order and repetition of children."""
    match rule:
        case AllOf() | AnyOf():
            flat: list[Rule] = []
            for child in map(canonical, rule.rules):
                flat += child.rules if isinstance(child, type(rule)) else [child]
            kept = tuple(sorted(set(flat), key=repr))
            return kept[0] if len(kept) == 1 else type(rule)(kept)
        case NoneOf(rules):
            return NoneOf(tuple(sorted(set(map(canonical, rules)), key=repr)))
        case Condition(value=tuple() as value) if BY_KEY[rule.operator].operand in (Operand.MANY, Operand.DOMAINS):
            return replace(rule, value=tuple(sorted(set(value), key=repr)))
    return rule


@dataclass(frozen=True, slots=True)
class _Line:
    """One child of a group: where it stands, and what it asks where that can be reasoned about."""

    index: int
    path: Path
    rule: Rule
    about: object = None
    asked: Asked | None = None

    @property
    def positive(self) -> tuple[object, bool]:
        """What it says yes or no to."""
        match self.rule:
            case InSegment(key, operator):
                return InSegment(key), operator == "in"
            case Condition(operator=key) | Performed(operator=key) | OfPeople(operator=key):
                other = BY_KEY[key].complement_of
                if other is None:
                    return self.rule, True
                told = replace(self.rule, operator=other)
                return replace(told, include_missing=True), False
        return self.rule, True

    @property
    def complete(self) -> bool:
        """Whether a negative one holds those without a value."""
        return not isinstance(self.rule, Condition | Performed) or self.rule.include_missing


@dataclass(frozen=True, slots=True)
class _Linting:
    schema: Schema
    moment: Moment

    def all(self, rule: Rule, entity: Entity) -> list[Advice]:
        advice: list[Advice] = []
        whole = _decides(rule)
        for path, node, over in walk_over(rule, entity):
            if isinstance(node, AllOf | AnyOf | NoneOf):
                advice += self.group(node, path, over, path in whole, bare=not path)
            elif path == () or not isinstance(path[-1], int):
                # A node that stands alone, as a rule of its own.
                advice += self.alone(self.line(0, path, node, over), path in whole)
            match node:
                case Performed(within=Span(str() as start, end)) | tree.Sequence(within=Span(str() as start, end)):
                    if start == end:
                        said = "This window ends where it begins, so no event lies in it."
                        advice.append(Advice(path=path, kind="empty_range", message=said))
        return advice

    def line(self, index: int, path: Path, rule: Rule, over: Entity | None) -> _Line:
        inner = rule
        while isinstance(inner, AllOf | AnyOf) and len(inner.rules) == 1:
            inner = inner.rules[0]
        about, asked = self.asked(inner, over)
        return _Line(index, path, inner, about, asked)

    def asked(self, rule: Rule, over: Entity | None) -> tuple[object, Asked | None]:
        match rule:
            case Condition(key):
                attributes = self.schema.properties if over is None else self.schema.of(over)
                return key, Asked(rule, attributes[key])
            case Performed():
                attribute, condition = measure.asked(rule, self.schema)
                about = replace(rule, operator="", value=None, include_missing=True, include_future=False)
                # A sum may run out of numbers (infinity less infinity), and is missing then.
                counted = rule.measure in _COUNTED
                return about, Asked(condition, attribute, counted, counted)
            case OfPeople(inner, operator, value):
                return inner, Asked(Condition(measure.PEOPLE.key, operator, value), measure.PEOPLE, True, True)
            case Sample(salt):
                return salt, None
        return None, None

    def alone(self, line: _Line, whole: bool) -> list[Advice]:
        """A condition that holds for everyone or for no one."""
        if self.never(line):
            return [_advice(line, "never", f"This can never hold, so {_nobody(whole)}.", "never", line.path)]
        if self.always(line):
            return [_advice(line, "always", "This holds for everyone.", "always", line.path)]
        return []

    def group(self, group: Group, path: Path, over: Entity | None, whole: bool, bare: bool) -> list[Advice]:
        lines = [self.line(index, (*path, word(group), index), child, over) for index, child in enumerate(group.rules)]
        if not lines:
            if bare and isinstance(group, AllOf):
                return []  # no filter yet
            what = "nobody is in it" if isinstance(group, AnyOf) else "everyone is in it"
            claim = "never" if isinstance(group, AnyOf) else "always"
            return [Advice(path=path, kind=claim, message=f"This group is empty: {what}.", claim=claim, about=path)]
        advice: list[Advice] = []
        sides = {line.index: (self.never(line), self.always(line)) for line in lines}
        for line in lines:
            advice += self.single(group, line, *sides[line.index], path, whole)
        usual = [line for line in lines if not any(sides[line.index])]
        clash = self.clash(group, usual, path, over, whole)
        told = {each.path for each in clash}
        clashing = {line.about for line in usual if line.path in told} if path not in told else None
        if clashing is None:
            return advice + clash
        return advice + clash + self.repeated(group, [line for line in usual if line.about not in clashing])

    def single(self, group: Group, line: _Line, never: bool, always: bool, path: Path, whole: bool) -> Iterator[Advice]:
        match group:
            case AllOf() if never:
                yield _advice(line, "never", f"This can never hold, so {_nobody(whole)}.", "never", path)
            case AllOf() if always:
                yield _spare(line, "This holds for everyone, so it changes nothing.")
            case AnyOf() if always:
                yield _advice(line, "always", f"This holds for everyone, so {_everyone(whole)}.", "always", path)
            case AnyOf() if never:
                yield _spare(line, "This can never hold, so it adds nobody.")
            case NoneOf() if always:
                yield _advice(line, "never", f"This holds for everyone, so {_nobody(whole)}.", "never", path)
            case NoneOf() if never:
                yield _spare(line, "This can never hold, so it takes nobody out.")

    def clash(self, group: Group, lines: Sequence[_Line], path: Path, over: Entity | None, whole: bool) -> list[Advice]:
        """Children that together hold for no one (of all), or for everyone (of any, and so for no one of none)."""
        alike = self.alike(lines)
        if isinstance(group, AllOf):
            found = [
                self.apart(one, other, path, over, whole) for some in alike for one, other in combinations(some, 2)
            ]
            kept = [advice for advice in found if advice is not None]
            if not kept:
                several = (some for some in alike if len(some) > 2 and self.none_left(some))
                said = f"These conditions can never all hold, so {_nobody(whole)}."
                kept = [_advice(some[-1], "contradiction", said, "never", path) for some in several]
            return kept[:3]
        advice: list[Advice] = []
        for some in alike:
            made = self.negatives(group, some, path, whole)
            if made is None and self.covering(some):
                both = "One of these two" if len(some) == 2 else "One of these"
                what = _everyone(whole) if isinstance(group, AnyOf) else _nobody(whole)
                claim = "always" if isinstance(group, AnyOf) else "never"
                made = _advice(some[-1], "always", f"{both} always holds, so {what}.", claim, path)
            advice += [made] if made else []
        return advice

    def apart(self, one: _Line, other: _Line, path: Path, over: Entity | None, whole: bool) -> Advice | None:
        if not self.disjoint(one, other):
            return None
        if (
            one.asked
            and other.asked
            and {each.asked.condition.operator for each in (one, other) if each.asked} <= _LIMITS
        ):
            said = [
                reasons.needed(each.asked.condition, each.asked.attribute, True, self.moment)
                for each in (one, other)
                if each.asked
            ]
            message = f"Nothing is {said[0]} and {said[1]}, so {_nobody(whole)}."
            return _advice(other, "empty_range", message, "never", path)
        these = "These two" if other.index == one.index + 1 else f"This and line {one.index + 1}"
        return _advice(other, "contradiction", f"{these} can never both hold, so {_nobody(whole)}.", "never", path)

    def negatives(self, group: Group, some: Sequence[_Line], path: Path, whole: bool) -> Advice | None:
        """ "is not A or is not B", which lets everyone through who has a value."""
        told = [line for line in some if isinstance(line.rule, Condition) and not line.positive[1]]
        values: list[Any] = []
        for line in told:
            condition = line.rule
            assert isinstance(condition, Condition)
            if condition.operator not in ("is_not", "ne", "is_none_of", "not_includes", "includes_none"):
                return None
            values += condition.value if isinstance(condition.value, tuple) else (condition.value,)
        if len(told) < 2 or not self.covering(told, known=True):
            return None
        first = told[0].rule
        assert isinstance(first, Condition)
        everyone = self.covering(told)
        who = "everyone" if everyone else "everyone who has a value"
        attribute = told[0].asked.attribute if told[0].asked else None
        shown = [wording_of(line.rule) for line in told[:3]]
        operator = "includes_none" if attribute and attribute.kind is Kind.LIST else "is_none_of"
        meant = replace(first, operator=operator, value=tuple(dict.fromkeys(values)))
        others = [child for index, child in enumerate(group.rules) if index not in {line.index for line in told}]
        fixed = type(group)((meant, *others)) if others else AllOf((meant,))
        listed = ", ".join(map(str, values[:3])) + (" …" if len(values) > 3 else "")
        claims = ("always" if isinstance(group, AnyOf) else "never") if everyone else ""
        what = f"matches {who}" if isinstance(group, AnyOf) else f"takes out {who}"
        return Advice(
            path=path,
            kind="any_of_negatives",
            message=f"“{' or '.join(shown)}” {what}. Did you mean {BY_KEY[operator].label} {listed}?",
            suggestion=f"Use “{BY_KEY[operator].label}”" if isinstance(group, AnyOf) else None,
            fix=codec.dump(fixed) if isinstance(group, AnyOf) else None,
            claim=claims,
            about=path,
        )

    def repeated(self, group: Group, lines: Sequence[_Line]) -> list[Advice]:
        """Children that change nothing because of another one: of all the wider, of any and none the narrower."""
        advice: dict[int, Advice] = {}
        first: dict[Rule, _Line] = {}
        for line in lines:
            if line.rule in first:
                advice[line.index] = _spare(line, _already(group, first[line.rule], line))
            first.setdefault(line.rule, line)
        for some in self.alike(list(first.values())):
            for one, other in combinations(some, 2):
                if one.index in advice or other.index in advice:
                    continue
                up, down = self.within(one, other), self.within(other, one)
                if not isinstance(group, AllOf):
                    up, down = down, up
                # `up`: what the earlier says holds the later; the other way round the earlier one is spare.
                if up:
                    advice[other.index] = _spare(other, _already(group, one, other))
                elif down:
                    advice[one.index] = _spare(one, _already(group, other, one))
        return [advice[index] for index in sorted(advice)]

    # What is certain

    def alike(self, lines: Sequence[_Line]) -> list[list[_Line]]:
        """Lines about the same thing."""
        groups: dict[object, list[_Line]] = {}
        for line in lines:
            about = line.about if line.about is not None else line.positive[0]
            groups.setdefault((type(line.rule), about), []).append(line)
        return [some[:MOST_COMPARED] for some in groups.values() if len(some) > 1]

    def regions(self, line: _Line, along: str) -> tuple[Region, Region]:
        assert line.asked is not None
        return bounds(line.asked, along, self.moment)

    def alongs(self, lines: Sequence[_Line]) -> list[str]:
        if any(line.asked is None for line in lines):
            return []
        found = [dimension(line.asked) for line in lines if line.asked is not None]
        return list(dict.fromkeys([along for along in found if along is not None] or ["age"]))

    def never(self, line: _Line) -> bool:
        if isinstance(line.rule, AnyOf) and not line.rule.rules:
            return True
        if isinstance(line.rule, Sample):
            return line.rule.start == line.rule.end
        return any(self.regions(line, along)[1].empty for along in self.alongs([line]))

    def always(self, line: _Line) -> bool:
        if isinstance(line.rule, AllOf | NoneOf) and not line.rule.rules:
            return True
        if isinstance(line.rule, Sample):
            return line.rule.start <= 0 and line.rule.end >= 100
        return any(self._full([line], along) for along in self.alongs([line]))

    def _full(self, lines: Sequence[_Line], along: str, known: bool = False) -> bool:
        together = reduce(lambda a, b: a | b, (self.regions(line, along)[0] for line in lines))
        asked = lines[0].asked
        assert asked is not None
        anything = bounds(replace(asked, condition=Condition("", "is_known")), along, self.moment)[0]
        missing = not known and not asked.always
        return replace(anything, missing=missing).within(together)

    def disjoint(self, one: _Line, other: _Line) -> bool:
        if isinstance(one.rule, Sample) and isinstance(other.rule, Sample):
            return one.rule.end <= other.rule.start or other.rule.end <= one.rule.start
        (a, yes), (b, also) = one.positive, other.positive
        if a == b and yes is not also:
            return True
        return any(
            (self.regions(one, along)[1] & self.regions(other, along)[1]).empty for along in self.alongs([one, other])
        )

    def none_left(self, lines: Sequence[_Line]) -> bool:
        return any(
            reduce(lambda a, b: a & b, (self.regions(line, along)[1] for line in lines)).empty
            for along in self.alongs(lines)
        )

    def covering(self, lines: Sequence[_Line], known: bool = False) -> bool:
        for one, other in combinations(lines, 2):
            (a, yes), (b, also) = one.positive, other.positive
            if a == b and yes is not also and (one if also else other).complete:
                return True
        return any(self._full(lines, along, known) for along in self.alongs(lines))

    def within(self, one: _Line, other: _Line) -> bool:
        """Whether whoever the one holds for, the other holds for."""
        if isinstance(one.rule, Sample) and isinstance(other.rule, Sample):
            return other.rule.start <= one.rule.start and one.rule.end <= other.rule.end
        (a, yes), (b, also) = one.positive, other.positive
        if a == b and yes is also and (yes or other.complete or not one.complete):
            return True
        return any(
            self.regions(one, along)[1].within(self.regions(other, along)[0]) for along in self.alongs([one, other])
        )


def wording_of(rule: Rule) -> str:
    """ "is not United States", as the middle of a remark."""
    assert isinstance(rule, Condition)
    value = rule.value
    listed = ", ".join(map(str, value[:3])) if isinstance(value, tuple) else str(value)
    return f"{BY_KEY[rule.operator].label} {listed}"


def _decides(rule: Rule) -> set[Path]:
    """The groups outside of which there is nothing but `all`: whoever they leave out, nobody brings back."""
    found: set[Path] = set()
    for path, _ in walk(rule):
        if all(step == "all" or isinstance(step, int) for step in path):
            found.add(path)
    return found


def _nobody(whole: bool) -> str:
    return "nobody matches" if whole else "nobody matches this group"


def _everyone(whole: bool) -> str:
    return "everyone matches" if whole else "everyone matches this group"


def _advice(line: _Line, kind: str, message: str, claim: str, about: Path) -> Advice:
    return Advice(path=line.path, kind=kind, message=message, claim=claim, about=about)


def _spare(line: _Line, message: str) -> Advice:
    return Advice(
        path=line.path,
        kind="no_effect",
        message=message,
        suggestion="Remove it",
        fix=codec.dump(AllOf()),
        claim="no_effect",
        about=line.path,
    )


def _already(group: Group, by: _Line, line: _Line) -> str:
    away = line.index - by.index
    where = {1: "the line above", -1: "the line below"}.get(away, f"line {by.index + 1} of this group")
    return f"Already said by {where}." if isinstance(group, AllOf) else f"Already covered by {where}."
