"""Why a rule holds for one person or company or does not: every node with its answer, the actual value, and what would turn it.

Pure: the subject, the moment and the segments are arguments. The answers are those of the row interpreter.
"""

from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from segcore.attributes import EXTERNAL_ID, Attribute, Entity, Kind, Schema
from segcore.engine.explanation import Explanation, Flip, Reason
from segcore.engine.timeline import Timelines
from segcore.rules import calendar, interpret, measure, reasons, tree
from segcore.rules.describe import Sentence, Span
from segcore.rules.interpret import Subject
from segcore.rules.moment import Moment
from segcore.rules.operators import BY_KEY
from segcore.rules.resolved import resolved, resolved_window
from segcore.rules.tree import (
    AllOf,
    AnyOf,
    Condition,
    InSegment,
    NoneOf,
    OfCompany,
    OfPeople,
    Path,
    Performed,
    Rule,
    Sample,
    segments_in,
    word,
)

__all__ = ["Explanation", "Flip", "Reason", "explain"]

HIDDEN = "A condition that is not visible to you"
HIDDEN_NAME = "a segment that is not visible to you"
MOST_NODES = 5_000  # of segments inside segments; beyond that they are answered without their own conditions
MOST_DEEP = 100  # the length of a path, beyond which segments are answered without their own conditions
MOST_COMPANIES = 20
MOST_PIVOTAL = 1_500  # nodes, above which it is not worked out what alone would turn the answer


def explain(
    rule: Rule,
    subject: Subject,
    schema: Schema,
    entity: Entity,
    moment: Moment,
    segments: Mapping[str, Rule] | None = None,
    names: Mapping[str, str] | None = None,
    concealed: Mapping[str, str] | None = None,
) -> Explanation:
    """Why a rule holds or not. `names`: the segments that may be named, key → name; any other one stays hidden.
    `concealed`: those of them of which only the answer is told, key → what is said instead of the conditions."""
    segments = segments or {}
    names = dict.fromkeys(segments, "") | dict(names) if names is not None else {key: key for key in segments}
    asking = _Asking(schema, moment, segments, {key: name for key, name in names.items() if name}, concealed or {})
    root = asking.node(rule, (), subject, entity, ())
    root.holds = asking.answer(rule, subject, entity)
    hidden = not reached(rule, segments) <= asking.names.keys()
    return Explanation(
        external_id=subject.external_id,
        entity=entity,
        now=moment.now,
        holds=root.holds,
        root=asking.reason(root, root),
        flips=None if hidden else asking.flip(rule, subject, entity, root),
        hidden=hidden,
        truncated=asking.nodes > MOST_PIVOTAL,
    )


def reached(rule: Rule, segments: Mapping[str, Rule]) -> set[str]:
    """The segments that a rule stands on, directly or through others."""
    found: set[str] = set()
    waiting = [rule]
    while waiting:
        for key in segments_in(waiting.pop()) - found:
            found.add(key)
            waiting.append(segments[key])
    return found


@dataclass(slots=True, eq=False)
class _Node:
    """A node as a term over atoms: conditions asked of one subject, equal ones being one atom."""

    rule: Rule
    reason: Reason
    subject: Subject
    entity: Entity
    holds: bool | None
    how: str = "leaf"  # or all, any, none of the children
    children: "tuple[_Node, ...]" = ()
    shown: bool = True  # whether the children are drawn under it here
    atom: Hashable = None
    positive: bool = True  # the node is the atom, or its denial
    atoms: frozenset[Hashable] = frozenset()


@dataclass
class _Asking:
    schema: Schema
    moment: Moment
    segments: Mapping[str, Rule]
    names: Mapping[str, str]
    concealed: Mapping[str, str]
    nodes: int = 0
    inside: dict[Hashable, _Node] = field(default_factory=dict)
    turned: dict[Hashable, bool] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.answer = interpret.Asking(self.schema, self.moment, self.segments).answer

    @property
    def read(self) -> Moment:
        """The moment as limits are read, to the minute."""
        return replace(self.moment, now=reasons.to_the_minute(self.moment.now))

    def node(self, rule: Rule, path: Path, subject: Subject, entity: Entity, scope: Path) -> _Node:
        self.nodes += 1
        match rule:
            case AllOf(rules) | AnyOf(rules) | NoneOf(rules):
                how = word(rule)
                children = tuple(
                    self.node(child, (*path, how, index), subject, entity, scope) for index, child in enumerate(rules)
                )
                return self._made(rule, path, how, subject, entity, how=how, children=children)
            case InSegment() | OfPeople() | OfCompany() if not segments_in(rule) <= self.names.keys():
                reason = Reason(path=path, kind="hidden", holds=None, says=Sentence((Span(HIDDEN),)))
                return _Node(rule, reason, subject, entity, None)
            case InSegment(key, operator):
                return self._segment(rule, key, operator == "in", path, subject, entity, scope)
            case OfCompany():
                return self._company(rule, path, subject, entity, scope)
            case Condition(operator=key) if rule.include_missing and BY_KEY[key].complement_of is not None:
                # "Is not" is the denial of "is": both stand and fall with one answer.
                same = replace(rule, operator=BY_KEY[key].complement_of or key)
                return self._made(rule, path, "attribute", subject, entity, atom=(scope, same), positive=False)
            case _:
                kind = {Condition: "attribute", Performed: "event", tree.Sequence: "sequence", OfPeople: "people"}
                named = kind.get(type(rule), "sample")
                return self._made(rule, path, named, subject, entity, atom=(scope, rule))

    def _made(self, rule: Rule, path: Path, kind: str, subject: Subject, entity: Entity, **said: Any) -> _Node:
        names = dict.fromkeys(self.segments, HIDDEN_NAME) | dict(self.names)
        says = reasons.statement(rule, self.schema, entity, names, self.moment)
        node = _Node(rule, Reason(path=path, kind=kind, holds=None, says=says), subject, entity, None, **said)
        node.atoms = frozenset().union(*(child.atoms for child in node.children))
        if node.atom is not None:
            node.atoms |= {node.atom}
        node.holds = _answer(node, {}) if node.how != "leaf" else self._holds(node)
        return node

    def _holds(self, node: _Node) -> bool:
        return self.answer(node.rule, node.subject, node.entity)

    def _segment(
        self, rule: Rule, key: str, positive: bool, path: Path, subject: Subject, entity: Entity, scope: Path
    ) -> _Node:
        """A segment with its own conditions under it, the first time that it is met."""
        at = (key, scope)
        known = at in self.inside
        atom = ("segment", key, scope)
        if key in self.concealed:
            node = self._made(rule, path, "segment", subject, entity, atom=atom, positive=positive)
            node.reason = replace(node.reason, note=self.concealed[key])
            return node
        if not known and (self.nodes > MOST_NODES or len(path) > MOST_DEEP):
            return self._made(rule, path, "segment", subject, entity, atom=atom, positive=positive)
        if not known:
            self.inside[at] = self.node(self.segments[key], (*path, "segment"), subject, entity, scope)
        inner = self.inside[at]
        how = "all" if positive else "none"
        node = self._made(
            rule, path, "segment", subject, entity, how=how, children=(inner,), atom=atom, positive=positive
        )
        node.shown = not known
        node.holds = self._holds(node)  # whoever may see the segment may know who is in it
        return node

    def _company(self, rule: OfCompany, path: Path, subject: Subject, entity: Entity, scope: Path) -> _Node:
        """The companies of a person, each with the answers of its own."""
        companies = list(enumerate(subject.companies))
        if rule.quantifier == "primary":
            companies = [] if subject.primary is None else [companies[subject.primary]]
        if not companies or len(companies) > MOST_COMPANIES:
            return self._made(rule, path, "company", subject, entity, atom=(scope, rule))
        inside = []
        for index, company in companies:
            at = (*path, "rule") if len(companies) == 1 else (*path, "rule", index)
            inner = self.node(rule.rule, at, company, Entity.COMPANY, (*scope, "company", index))
            name = company.values.get("name") or company.values.get(EXTERNAL_ID) or company.external_id
            one = Reason(path=at, kind="one", holds=None, says=Sentence((Span(str(name), bold=True),)))
            inside.append(
                _Node(rule.rule, one, company, Entity.COMPANY, inner.holds, "all", (inner,), atoms=inner.atoms)
            )
        how = {"primary": "all"}.get(rule.quantifier, rule.quantifier)
        return self._made(rule, path, "company", subject, entity, how=how, children=tuple(inside), atom=(scope, rule))

    # What is said of each node

    def reason(self, node: _Node, root: _Node) -> Reason:
        """A node in words, with all under it."""
        children = tuple(self.reason(child, root) for child in node.children) if node.shown else ()
        if node.reason.kind == "hidden":
            return node.reason
        said = replace(node.reason, holds=node.holds, children=children, pivotal=self._pivotal(node, root))
        match node.rule:
            case Condition(key) if node.reason.kind == "attribute":
                return self._attribute(said, node, self.schema.of(node.entity)[key])
            case Performed():
                return self._performed(said, node, node.rule)
            case tree.Sequence():
                return replace(said, actual=self._sequence(node.rule, node.subject), bound=self._window(node.rule))
            case OfPeople(inner):
                asked = (self.answer(inner, person, Entity.PERSON) for person in node.subject.people)
                return replace(said, actual=reasons.people(sum(asked), len(node.subject.people)))
            case OfCompany() if not node.subject.companies:
                return replace(said, actual="belongs to no company")
            case OfCompany(quantifier) if not node.children and quantifier == "primary":
                return replace(said, actual="has no primary company")
            case OfCompany() if not node.children:
                return replace(said, actual=f"belongs to {len(node.subject.companies):,} companies")
            case Sample(salt):
                return replace(said, actual=reasons.bucket(float(interpret.bucket(salt, node.subject.external_id))))
        return said

    def _attribute(self, said: Reason, node: _Node, attribute: Attribute) -> Reason:
        condition = node.rule
        assert isinstance(condition, Condition)
        value = node.subject.values.get(condition.attribute)
        note = None
        if interpret.missing(value) and BY_KEY[condition.operator].complement_of is not None:
            note = (reasons.kept if condition.include_missing else reasons.left_out)(attribute, node.entity)
        return replace(
            said,
            subject=attribute.name,
            plural=attribute.kind is Kind.LIST,
            value=value,
            actual=reasons.actual(value, attribute, self.moment, condition),
            needed=reasons.needed(condition, attribute, not node.holds, self.moment),
            bound=resolved(condition, attribute, self.read),
            note=note,
        )

    def _performed(self, said: Reason, node: _Node, rule: Performed) -> Reason:
        attribute, condition = measure.asked(rule, self.schema)
        value = interpret.measured(rule, node.subject, self.schema, self.moment)
        events = interpret.happened(rule.event, rule.where, rule.within, node.subject, self.schema, self.moment)
        latest = f"the latest {reasons.happened(events[-1], self.schema, self.moment)}" if events else None
        return replace(
            said,
            subject=self.schema.events.get(rule.event) or rule.event,
            value=value,
            actual=reasons.came_to(value, attribute, rule, self.moment),
            needed=reasons.counted(condition, attribute, rule, not node.holds, self.moment),
            bound=self._window(rule) or resolved(condition, attribute, self.read),
            note=latest,
        )

    def _window(self, rule: Performed | tree.Sequence) -> str | None:
        return resolved_window(rule.within, self.read)

    def _sequence(self, rule: tree.Sequence, subject: Subject) -> str:
        reached = 0
        while reached < len(rule.steps) and interpret.in_order(
            replace(rule, steps=rule.steps[: reached + 1]), subject, self.schema, self.moment
        ):
            reached += 1
        return reasons.steps(reached, [self.schema.events.get(step.event) or step.event for step in rule.steps])

    # What would turn the answer

    def _pivotal(self, node: _Node, root: _Node) -> bool:
        atom = node.atom
        if atom is None or node.holds is None or self.nodes > MOST_PIVOTAL:
            return False
        if atom not in self.turned:
            then = _answer(root, {atom: node.holds is not node.positive})
            self.turned[atom] = then is not None and then is not root.holds
        return self.turned[atom]

    def flip(self, rule: Rule, subject: Subject, entity: Entity, root: _Node) -> Flip | None:
        """When time alone turns the answer, and the condition that does it."""
        timelines = Timelines(self.schema, self.moment, self.segments)
        turns = timelines.of(rule, subject, entity).turns
        if not turns:
            return None
        at = turns[0]
        moving = [node for node in _leaves(root) if at in timelines.of(node.rule, node.subject, node.entity).turns]
        # Of several that turn at the same instant, the first that would have done it alone.
        after = {
            node.atom: timelines.of(node.rule, node.subject, node.entity).at(at) is node.positive for node in moving
        }
        earlier = {
            node.atom: timelines.of(node.rule, node.subject, node.entity).at(at - 1) is node.positive
            for node in _leaves(root)
            if node.atom is not None
        }
        does = next(
            (node for node in moving if _answer(root, {**earlier, node.atom: after[node.atom]}) is not root.holds),
            moving[0] if moving else root,
        )
        return Flip(calendar.instant(at), does.reason.path, self._turning(does, at, timelines))

    def _turning(self, node: _Node, at: int, timelines: Timelines) -> str:
        to = timelines.of(node.rule, node.subject, node.entity).at(at)
        name, value = str(node.reason.says), None
        match node.rule:
            case Condition(key):
                value = node.subject.values.get(key)
                if BY_KEY[node.rule.operator].timed:
                    name = self.schema.of(node.entity)[key].name
            case Performed(within=tree.Last(amount)) | tree.Sequence(within=tree.Last(amount)):
                limit = amount.amount * calendar.UNIT[amount.unit]
                for event in node.subject.events:
                    if calendar.microseconds(event.at) + limit + 1 == at and event.name in _names(node.rule):
                        what = self.schema.events.get(event.name) or event.name
                        return reasons.passes(what, event, amount, self.moment)
        return reasons.turns(node.rule, name, value, to, at, self.moment)


def _names(rule: Rule) -> set[str]:
    """The events that a condition asks about."""
    match rule:
        case Performed(event):
            return {event}
        case tree.Sequence(steps):
            return {step.event for step in steps}
    return set()


def _answer(node: _Node, forced: Mapping[Hashable, bool], known: dict[int, bool | None] | None = None) -> bool | None:
    """The answer with some atoms answered otherwise; None where it hangs on what is hidden. A node may stand in many places."""
    if node.atom in forced and node.atom is not None:
        return forced[node.atom] is node.positive
    if node.how == "leaf" or (forced and node.holds is not None and node.atoms.isdisjoint(forced)):
        return node.holds
    known = {} if known is None else known
    if id(node) not in known:
        answers = [_answer(child, forced, known) for child in node.children]
        if node.how == "all":
            known[id(node)] = False if False in answers else None if None in answers else True
        else:
            anyone = True if True in answers else None if None in answers else False
            known[id(node)] = anyone if node.how == "any" or anyone is None else not anyone
    return known[id(node)]


def _leaves(node: _Node) -> Iterator[_Node]:
    """The conditions under a node that have none under them, each once."""
    seen: set[int] = set()
    waiting = [node]
    while waiting:
        one = waiting.pop()
        if id(one) not in seen:
            seen.add(id(one))
            if one.children:
                waiting.extend(reversed(one.children))
            else:
                yield one
