"""A rule as one English sentence, and what the time limits in it come to at a given instant."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from segcore.attributes import STANDARD, Attribute, Entity, Kind, Schema
from segcore.rules import calendar, wording
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY, Operand, Operator, agreed
from segcore.rules.tree import Ago, AllOf, AnyOf, Condition, Group, InSegment, NoneOf, Path, Rule, word


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a sentence; names and values are bold."""

    text: str
    bold: bool = False


@dataclass(frozen=True, slots=True)
class Sentence:
    """What a rule says, in spans; as a string, in plain text."""

    spans: tuple[Span, ...]

    def __str__(self) -> str:
        return "".join(span.text for span in self.spans)


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


@dataclass(frozen=True, slots=True)
class _Verb:
    """A date that reads as what somebody did: said, denied, and as a thing."""

    said: tuple[str, str]
    denied: tuple[str, str]
    noun: str


_VERBS = {
    (Entity.PERSON, "signed_up_at"): _Verb(("", "signed up"), ("did not ", "sign up"), "sign-up date"),
    (Entity.PERSON, "last_seen_at"): _Verb(("were ", "last seen"), ("were not ", "last seen"), "last seen date"),
    (Entity.COMPANY, "created_at"): _Verb(("were ", "created"), ("were not ", "created"), "creation date"),
}
_LABELS = {(entity, each.key): each.label for entity, several in STANDARD.items() for each in several}


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


Spans = list[Span]


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
        return Sentence(tuple(_joined([*said, Span(".")])))

    def group(self, group: Group, path: Path) -> Spans:
        """The clauses of a group without brackets."""
        parts = [(child, (*path, word(group), index)) for index, child in enumerate(group.rules)]
        match group:
            case AllOf():
                # Exceptions come last, or what follows them would seem to belong to them.
                kept = [self.clause(child, at) for child, at in parts if not _exception(child)]
                except_ = [self.clause(child, at) for child, at in parts if _exception(child)]
                return _listed(kept, "and", except_)
            case AnyOf():
                return _alternatives([self.clause(child, at, alone=True) for child, at in parts])
            case NoneOf():
                return [
                    Span("except those "),
                    *_alternatives([self.clause(child, at, alone=True) for child, at in parts]),
                ]

    def clause(self, rule: Rule, path: Path, alone: bool = False) -> Spans:
        """A node inside a group; `alone`: not one of several that hold together, so an exception needs its subject."""
        match rule:
            case Condition():
                return self.condition(rule, path)
            case InSegment(key, operator):
                inside = "are in" if operator == "in" else "are not in"
                return [Span(f"{self.nouns.who} {inside} "), Span(self.names.get(key, key), bold=True)]
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
            case _:
                return [Span(f"{self.nouns.who} match")]

    def condition(self, condition: Condition, path: Path) -> Spans:
        operator = BY_KEY.get(condition.operator)
        attribute = self.schema.of(self.entity).get(condition.attribute) or Attribute(
            key=condition.attribute, kind=Kind.TEXT, label=condition.attribute
        )
        if operator is None:
            return [Span("whose "), Span(attribute.name, bold=True), Span(f" {condition.operator}")]
        verb = self.verb(attribute)
        if verb is not None and operator.verbal:
            auxiliary, name = verb.denied if operator.negative else verb.said
            said = [Span(f"{self.nouns.who} {auxiliary}"), Span(name, bold=True), Span(" ")]
            template = operator.verbal
        else:
            said = [Span("whose "), Span(self.name(attribute), bold=True), Span(" ")]
            template = agreed(operator.sentence, attribute.kind)
        said += self.filled(template, operator, condition, attribute)
        if condition.include_future:
            said.append(Span(" or in the future"))
        if condition.match_case:
            said.append(Span(" (matching case)"))
        if operator.negative:
            said += self.without_value(condition, attribute, self.missing.get(path))
        return said

    def verb(self, attribute: Attribute) -> _Verb | None:
        """How a standard date reads, unless it was given another name."""
        at = (self.entity, attribute.key)
        return _VERBS.get(at) if attribute.standard and attribute.label in ("", _LABELS.get(at)) else None

    def name(self, attribute: Attribute) -> str:
        """The attribute within a sentence; a "renewed_at" without a label of its own is its "renewed date"."""
        if verb := self.verb(attribute):
            return verb.noun
        name = wording.lowered(attribute.name)
        dated = attribute.kind in (Kind.DATE, Kind.DATETIME) and attribute.key.endswith("_at")
        return f"{name} date" if dated and not attribute.label and not name.endswith(("date", "time")) else name

    def filled(self, template: str, operator: Operator, condition: Condition, attribute: Attribute) -> Spans:
        """The template with its braces filled, bold: the value, or a word that stands for one."""
        before, _, rest = template.partition("{")
        inside, _, after = rest.partition("}")
        spans = [Span(before)]
        if inside == "value":
            spans += self.operand(operator, condition, attribute)
        elif inside:
            spans.append(Span(inside, bold=True))
        return [*spans, Span(after)]

    def operand(self, operator: Operator, condition: Condition, attribute: Attribute) -> Spans:
        value = condition.value
        match operator.operand, value:
            case Operand.AGO, Ago():
                return [Span(wording.ago(value), bold=True)]
            case Operand.WITHIN, Ago(amount=0):
                return [Span("today", bold=True)]
            case Operand.WITHIN, Ago(amount=1):
                return [Span("today or tomorrow", bold=True)]
            case Operand.WITHIN, Ago():
                return [Span("today or in the next "), Span(wording.ago(value), bold=True)]
            case Operand.DAYS, int():
                return [Span(wording.counted(value, "calendar day"), bold=True)]
            case Operand.PERIOD, _:
                return [Span(wording.period(str(value)), bold=True)]
            case Operand.WEEKDAYS, tuple():
                return _values([wording.weekday(str(each)) for each in value], "or")
            case Operand.RANGE, tuple():
                low, high = (wording.value(each, attribute, self.moment) for each in value)
                return [Span(low, bold=True), Span(" and "), Span(high, bold=True)]
            case Operand.COUNT, int():
                return [Span(wording.number(value), bold=True)]
            case _, tuple():
                joiner = "and" if operator.key in ("includes_all", "contains_all") else "or"
                return _values([wording.value(each, attribute, self.moment) for each in value], joiner)
            case _:
                return [Span(wording.value(value, attribute, self.moment), bold=True)]

    def without_value(self, condition: Condition, attribute: Attribute, count: int | None) -> Spans:
        """What becomes of those who have no value: it is never silent where it is known."""
        value = "" if attribute.kind in (Kind.TEXT, Kind.DATE, Kind.DATETIME) else "value for "
        name = value + self.name(attribute)
        if not condition.include_missing:
            return [
                Span(f" (leaving out {count:,} with no {name})" if count else f" (leaving out those with no {name})")
            ]
        return [Span(f" (including {count:,} with no {name})")] if count else []


def _exception(rule: Rule) -> bool:
    while isinstance(rule, AllOf | AnyOf) and len(rule.rules) == 1:
        rule = rule.rules[0]
    return isinstance(rule, NoneOf) and bool(rule.rules)


def _listed(clauses: list[Spans], joiner: str, exceptions: list[Spans]) -> Spans:
    """a and b; a, b, and c; exceptions after a comma."""
    spans: Spans = []
    for index, clause in enumerate(clauses):
        if index:
            last = index == len(clauses) - 1
            comma = "," if len(clauses) > 2 else ""
            spans.append(Span(f"{comma} {joiner} " if last else ", "))
        spans += clause
    for index, clause in enumerate(exceptions):
        if index or clauses:
            last = index == len(exceptions) - 1 and index > 0
            spans.append(Span(", and " if last else ", "))
        spans += clause
    return spans


def _alternatives(clauses: list[Spans]) -> Spans:
    spans: Spans = []
    for index, clause in enumerate(clauses):
        spans += [Span(" or "), *clause] if index else clause
    return spans


def _values(values: Iterable[str], joiner: str) -> Spans:
    """vip, beta or new; of many, the first few and how many more."""
    kept, more = wording.shown(values)
    spans: Spans = []
    for index, value in enumerate(kept):
        if index:
            spans.append(Span(f" {joiner} " if index == len(kept) - 1 and not more else ", "))
        spans.append(Span(value, bold=True))
    if more:
        spans.append(Span(f" {joiner} {more:,} others"))
    return spans


def _joined(spans: Spans) -> Spans:
    """Neighbours of the same weight as one span, empty ones gone."""
    result: Spans = []
    for span in spans:
        if result and result[-1].bold == span.bold:
            result[-1] = Span(result[-1].text + span.text, span.bold)
        elif span.text:
            result.append(span)
    return result


def resolved(condition: Condition, attribute: Attribute, moment: Moment) -> str | None:
    """What a rolling or calendar condition comes to at this instant: "after 8 Nov 2026, 04:12", "1–31 Oct 2026, Europe/Dublin"."""
    operator = BY_KEY.get(condition.operator)
    if operator is None or attribute.kind not in operator.kinds:
        return None
    key, value, zone = operator.key, condition.value, moment.zone.key
    if isinstance(value, Ago) and operator.operand is Operand.AGO:
        return _rolling(key, value, condition.include_future, moment)
    match operator.operand:
        case Operand.PERIOD:
            first, after = calendar.period(str(value), moment)
            return _days(first, after - 1, zone)
        case Operand.DAYS if isinstance(value, int):
            today = calendar.today(moment)
            return _days(today - value + 1, today, zone)
        case Operand.WITHIN if isinstance(value, Ago):
            today = calendar.today(moment)
            return _days(today, today + value.amount, zone)
        case Operand.WEEKDAYS if attribute.kind is Kind.DATETIME:
            return zone
        case Operand.DAY | Operand.WHEN | Operand.RANGE if attribute.kind is Kind.DATETIME:
            stated = value if isinstance(value, tuple) else (value,)
            return zone if any(len(str(each)) == 10 for each in stated) else None
    return None


def _rolling(key: str, value: Ago, include_future: bool, moment: Moment) -> str:
    now = calendar.microseconds(moment.now)
    unit = calendar.UNIT[value.unit]

    def at(microseconds: int) -> str:
        return wording.instant(calendar.instant(microseconds), moment)

    back, ahead = at(now - value.amount * unit), at(now + value.amount * unit)
    match key:
        case "less_than_ago":
            return f"after {back}" + (", future included" if include_future else "")
        case "at_most_ago":
            return f"at or after {back}" + (", future included" if include_future else "")
        case "more_than_ago":
            return f"before {back}"
        case "at_least_ago":
            return f"at or before {back}"
        case "exactly_ago":
            return f"after {at(now - (value.amount + 1) * unit)}, until {back}"
        case "in_next":
            return f"until {ahead}"
        case _:
            return f"after {ahead}"


def _days(first: int, last: int, zone: str) -> str:
    def local(day: int) -> date:
        return date.fromordinal(min(max(day, calendar.FIRST), calendar.LAST))

    return f"{wording.days(local(first), local(last))}, {zone}"
