"""One walk over a document: the rule it holds, and everything that is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.problems import Problem
from segcore.rules.limits import MAX_CONDITIONS, MAX_DEPTH, MAX_PROBLEMS, Path, found, scan, shown
from segcore.rules.operands import read
from segcore.rules.operators import BY_KEY, Operator, for_kind, instead, label, options
from segcore.rules.tree import AllOf, AnyOf, Condition, InSegment, NoneOf, Rule

GROUPS: dict[str, type[AllOf] | type[AnyOf] | type[NoneOf]] = {"all": AllOf, "any": AnyOf, "none": NoneOf}
CONDITION = ("attribute", "operator", "value", "match_case", "include_missing", "include_future")
SEGMENT = ("segment", "operator")
EXPECTED = (
    "Expected a condition (with “attribute” and “operator”), a segment (with “segment” and “operator”) "
    "or a group (“all”, “any” or “none” with a list)"
)
KIND = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date",
    Kind.DATETIME: "a date with time",
    Kind.LIST: "a list",
    Kind.LOCATION: "a location",
}
WORKS_ON = {**KIND, Kind.TEXT: "text", Kind.NUMBER: "numbers", Kind.DATE: "dates", Kind.LIST: "lists"}
OPTIONS = {
    "match_case": "text and lists of text",
    "include_missing": "negative operators such as “is not”",
    "include_future": "“less than … ago” and “at most … ago”",
}
MANY = {Entity.PERSON: "people", Entity.COMPANY: "companies"}


@dataclass(frozen=True, slots=True)
class Names:
    """What a rule may name."""

    schema: Schema
    entity: Entity
    segments: Mapping[str, Entity]


def read_document(document: object, names: Names | None) -> tuple[Rule | None, list[Problem]]:
    """The rule, None where there is any problem, and all problems. Without names, only the shape is checked."""
    problems, small = scan(document)
    if not small:
        return None, problems
    walk = _Walk(names)
    rule = walk.node(document, (), 0)
    for what, count in (("conditions", walk.conditions), ("groups", walk.groups)):
        if count > MAX_CONDITIONS:
            here = f"; this one has {count:,}" if what == "conditions" else ""
            return None, [Problem((), f"A rule has at most {MAX_CONDITIONS:,} {what}{here}.")]
    # What JSON cannot hold is told once, not again as a value of the wrong type.
    told = {problem.path for problem in problems}
    problems += [problem for problem in walk.problems if problem.path not in told]
    return (None, problems[:MAX_PROBLEMS]) if problems else (rule, [])


class _Walk:
    def __init__(self, names: Names | None) -> None:
        self.names = names
        self.problems: list[Problem] = []
        self.conditions = self.groups = 0
        self.nearest: dict[str, str | None] = {}

    def problem(self, path: Path, message: str, suggestion: str | None = None) -> None:
        self.problems.append(Problem(path, message, suggestion))

    def node(self, node: object, path: Path, depth: int) -> Rule | None:
        """A node and what is under it; `depth` is the number of groups around it, which bounds the recursion."""
        words = [word for word in GROUPS if word in node] if isinstance(node, dict) else []
        if words and isinstance(node, dict):
            self.groups += 1
            return self.group(words, node, path, depth) if self.groups <= MAX_CONDITIONS else None
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            return None
        if not isinstance(node, dict):
            self.problem(path, f"{EXPECTED}; found {found(node)}.")
            return None
        if "attribute" in node or ("operator" in node and "segment" not in node):
            return self.condition(node, path)
        if "segment" in node:
            return self.segment(node, path)
        keys = ", ".join(f"“{shown(key)}”" for key in list(node)[:5]) or "an empty object"
        near = None
        for key in list(node)[:5]:
            near = near or self.near(key, (*GROUPS, "attribute", "segment"))
        self.problem(path, f"{EXPECTED}; found {keys}.", near)
        return None

    def group(self, words: list[str], node: dict[str, object], path: Path, depth: int) -> Rule | None:
        if len(words) > 1:
            self.problem(path, f"A group is one of “all”, “any” or “none”; found “{'” and “'.join(words)}”.")
        for key in node:
            if key not in GROUPS:
                self.problem((*path, shown(key)), f"A group holds nothing but its list; found “{shown(key)}”.")
        if depth == MAX_DEPTH:
            self.problem(path, f"Groups go at most {MAX_DEPTH} deep.")
            return None
        children: list[Rule] = []
        for word in words:
            listed = node[word]
            if not isinstance(listed, list | tuple):
                self.problem((*path, word), f"Expected a list of conditions; found {found(listed)}.")
                continue
            for index, child in enumerate(listed):
                read_child = self.node(child, (*path, word, index), depth + 1)
                if read_child is not None:
                    children.append(read_child)
        return GROUPS[words[0]](tuple(children))

    def condition(self, node: dict[str, object], path: Path) -> Condition | None:
        before = len(self.problems)
        self.keys(node, CONDITION, "condition", path)
        attribute = self.attribute(node.get("attribute"), path)
        operator = self.operator(node.get("operator"), attribute, path)
        value = None
        if operator is not None:
            value, wrong = read(operator, node.get("value"), attribute)
            for each in wrong:
                self.problem((*path, "value", *each.at), each.message, each.suggestion)
            self.options(node, operator, attribute, path)
        if len(self.problems) > before or operator is None:
            return None
        return Condition(
            str(node["attribute"]),
            operator.key,
            value,
            match_case=node.get("match_case") is True,
            include_missing=node.get("include_missing") is not False,
            include_future=node.get("include_future") is True,
        )

    def keys(self, node: dict[str, object], known: tuple[str, ...], what: str, path: Path) -> None:
        for key in node:
            if key not in known:
                near = self.near(key, tuple(word for word in known if word not in node))
                self.problem((*path, shown(key)), f"A {what} has no “{shown(key)}”.", near)

    def attribute(self, key: object, path: Path) -> Attribute | None:
        """The attribute that is asked; None where there is none, or where no schema is at hand."""
        here = (*path, "attribute")
        if key is None or key == "":
            self.problem(here, "Choose an attribute, or remove this condition.")
        elif not isinstance(key, str):
            self.problem(here, f"Expected the key of an attribute; found {found(key)}.")
        elif self.names is not None:
            schema, entity = self.names.schema, self.names.entity
            if key in schema.of(entity):
                return schema.of(entity)[key]
            other = Entity.COMPANY if entity is Entity.PERSON else Entity.PERSON
            if key in schema.of(other):
                self.problem(
                    here, f"“{shown(key)}” is an attribute of {MANY[other]}; this rule is over {MANY[entity]}."
                )
                return None
            if key not in self.nearest and len(self.nearest) < 100 and len(key) <= 100:
                self.nearest[key] = schema.nearest(entity, key)
            self.problem(here, f"No attribute of {MANY[entity]} is called “{shown(key)}”.", self.nearest.get(key))
        return None

    def operator(self, key: object, attribute: Attribute | None, path: Path) -> Operator | None:
        here = (*path, "operator")
        if key is None or key == "":
            self.problem(here, "Choose an operator, or remove this condition.")
            return None
        if not isinstance(key, str):
            self.problem(here, f"Expected the key of an operator; found {found(key)}.")
            return None
        operator = BY_KEY.get(key)
        if operator is None:
            offered = BY_KEY.values() if attribute is None else for_kind(attribute.kind)
            spellings = {spelling: each.key for each in reversed(list(offered)) for spelling in (each.label, each.key)}
            near = self.near(key, tuple(spellings))
            self.problem(here, f"No operator is called “{shown(key)}”.", spellings[near] if near else None)
            return None
        if attribute is not None and attribute.kind not in operator.kinds:
            better = instead(operator, attribute.kind)
            kinds = " and ".join(dict.fromkeys(WORKS_ON[kind] for kind in Kind if kind in operator.kinds))
            kinds = "dates" if operator.kinds == {Kind.DATE, Kind.DATETIME} else kinds
            self.problem(
                here,
                f"“{attribute.key}” is {KIND[attribute.kind]}; “{operator.label}” works on {kinds}. "
                f"Try “{label(better, attribute.kind)}”.",
                better.key,
            )
        return operator

    def options(self, node: dict[str, object], operator: Operator, attribute: Attribute | None, path: Path) -> None:
        fitting = options(operator, None if attribute is None else attribute.kind)
        for key, where in OPTIONS.items():
            if key not in node:
                continue
            if not isinstance(node[key], bool):
                self.problem((*path, key), f"Expected true or false; found {found(node[key])}.")
            elif key not in fitting:
                self.problem((*path, key), f"“{key}” goes with {where}, not with “{operator.label}”.")

    def segment(self, node: dict[str, object], path: Path) -> InSegment | None:
        before = len(self.problems)
        self.keys(node, SEGMENT, "segment condition", path)
        key, operator = node["segment"], node.get("operator")
        here = (*path, "segment")
        if key is None or key == "":
            self.problem(here, "Choose a segment, or remove this condition.")
        elif not isinstance(key, str):
            self.problem(here, f"Expected the key of a segment; found {found(key)}.")
        elif self.names is not None:
            entity = self.names.segments.get(key)
            if entity is None:
                fitting = tuple(name for name, of in self.names.segments.items() if of is self.names.entity)
                self.problem(here, f"There is no segment “{shown(key)}”.", self.near(key, fitting))
            elif entity is not self.names.entity:
                self.problem(
                    here,
                    f"“{shown(key)}” is a segment of {MANY[entity]}; this rule is over {MANY[self.names.entity]}.",
                )
        if operator not in ("in", "not_in"):
            what = "nothing" if operator is None else found(operator)
            self.problem((*path, "operator"), f"Expected “in” or “not_in”; found {what}.")
        if len(self.problems) > before:
            return None
        return InSegment(str(key), str(operator))

    def near(self, key: str, words: tuple[str, ...]) -> str | None:
        """The word that was probably meant; long or many strange keys are not worth the search."""
        if len(key) > 100 or len(self.problems) > 200:
            return None
        close = get_close_matches(key.casefold(), words, n=1, cutoff=0.6)
        return close[0] if close else None
