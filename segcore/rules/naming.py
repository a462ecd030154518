"""What a node of a document names, looked up with everything that can be wrong: keys, attributes, operators, options."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.problems import Problem
from segcore.rules.limits import Path, found, shown
from segcore.rules.operands import Stop, read
from segcore.rules.operators import BY_KEY, Operator, for_kind, instead, label, options
from segcore.rules.tree import Value

KIND = {
    Kind.TEXT: "a text",
    Kind.NUMBER: "a number",
    Kind.BOOLEAN: "true or false",
    Kind.DATE: "a date",
    Kind.DATETIME: "a date with time",
    Kind.LIST: "a list",
    Kind.LOCATION: "a location",
}
WORKS_ON = {
    **KIND,
    Kind.TEXT: "text",
    Kind.NUMBER: "numbers",
    Kind.DATE: "dates",
    Kind.LIST: "lists",
    Kind.LOCATION: "locations",
}
OPTIONS = {
    "match_case": "text and lists of text",
    "include_missing": "negative operators such as “is not”",
    "include_future": "“less than … ago” and “at most … ago”",
}
MANY = {Entity.PERSON: "people", Entity.COMPANY: "companies"}
OTHER = {Entity.PERSON: Entity.COMPANY, Entity.COMPANY: Entity.PERSON}


@dataclass(frozen=True, slots=True)
class Names:
    """What a rule may name."""

    schema: Schema
    entity: Entity
    segments: Mapping[str, Entity]


@dataclass(frozen=True, slots=True)
class Over:
    """What a node is asked of: people, companies, the events of one name, or, while only the shape is read, either entity."""

    entity: Entity | None = None
    event: bool = False


def works_on(kinds: Iterable[Kind]) -> str:
    """Kinds as the end of "… works on": "text and lists"; a date and a date with time are both dates."""
    kinds = set(kinds)
    plain = kinds - {Kind.DATETIME} if Kind.DATE in kinds else kinds
    words = [WORKS_ON[kind] for kind in Kind if kind in plain]
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} and {words[-1]}"


@dataclass
class Naming:
    """The names at hand (None: only the shape is read), and the problems so far."""

    names: Names | None
    problems: list[Problem] = field(default_factory=list)
    nearest: dict[tuple[Over, str], str | None] = field(default_factory=dict)

    def problem(self, path: Path, message: str, suggestion: str | None = None) -> None:
        self.problems.append(Problem(path, message, suggestion))

    def stopped(self, path: Path, stop: Stop) -> None:
        """The problem of an operand that could not be read, at the place of the operand."""
        self.problem((*path, *stop.wrong.at), stop.wrong.message, stop.wrong.suggestion)

    def near(self, key: str, words: Iterable[str]) -> str | None:
        """The word that was probably meant; long or many strange keys are not worth the search."""
        if len(key) > 100 or len(self.problems) > 200:
            return None
        close = get_close_matches(key.casefold(), list(words), n=1, cutoff=0.6)
        return close[0] if close else None

    def near_name(self, key: str, names: Mapping[str, str]) -> str | None:
        """The same among keys that have names for people, by either."""
        spellings = {spelling.casefold(): name for name, told in names.items() for spelling in (told, name)}
        near = self.near(key, spellings)
        return None if near is None else spellings[near]

    def keys(self, node: Mapping[str, object], known: tuple[str, ...], what: str, path: Path) -> None:
        article = "An" if what[0] in "aeiou" else "A"
        for key in node:
            if key not in known:
                near = self.near(key, tuple(word for word in known if word not in node))
                self.problem((*path, shown(key)), f"{article} {what} has no “{shown(key)}”.", near)

    def attribute(self, key: object, path: Path, over: Over) -> Attribute | None:
        """The attribute or property that is asked; None where there is none, or where no schema is at hand."""
        here = (*path, "attribute")
        what = "a property" if over.event else "an attribute"
        if key is None or key == "":
            self.problem(here, f"Choose {what}, or remove this condition.")
        elif not isinstance(key, str):
            self.problem(here, f"Expected the key of {what}; found {found(key)}.")
        elif over.event:
            return self.property(key, here, over)
        elif self.names is not None and over.entity is not None:
            schema, entity = self.names.schema, over.entity
            if key in schema.of(entity):
                return schema.of(entity)[key]
            if key in schema.of(OTHER[entity]):
                self.problem(
                    here, f"“{shown(key)}” is an attribute of {MANY[OTHER[entity]]}; this rule is over {MANY[entity]}."
                )
                return None
            near = self._near_attribute(key, over, schema.of(entity))
            self.problem(here, f"No attribute of {MANY[entity]} is called “{shown(key)}”.", near)
        return None

    def property(self, key: str, here: Path, over: Over) -> Attribute | None:
        """The property of events that is asked; None where there is none, or where no schema is at hand."""
        if self.names is None:
            return None
        properties = self.names.schema.properties
        if key not in properties:
            near = self._near_attribute(key, over, properties)
            self.problem(here, f"No property of events is called “{shown(key)}”.", near)
        return properties.get(key)

    def _near_attribute(self, key: str, over: Over, attributes: Mapping[str, Attribute]) -> str | None:
        at = (over, key)
        if at not in self.nearest and len(self.nearest) < 100 and len(key) <= 100:
            self.nearest[at] = self.near_name(key, {each.key: each.name for each in attributes.values()})
        return self.nearest.get(at)

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
            self.problem(
                here,
                f"“{attribute.key}” is {KIND[attribute.kind]}; “{operator.label}” works on {works_on(operator.kinds)}. "
                f"Try “{label(better, attribute.kind)}”.",
                better.key,
            )
        return operator

    def asked(
        self, node: Mapping[str, object], attribute: Attribute | None, path: Path, texts: bool = True
    ) -> tuple[Operator | None, Value]:
        """The operator of a node with its value and options."""
        operator = self.operator(node.get("operator"), attribute, path)
        if operator is None:
            return None, None
        value, wrong = read(operator, node.get("value"), attribute)
        for each in wrong:
            self.problem((*path, "value", *each.at), each.message, each.suggestion)
        fitting = options(operator, None if attribute is None else attribute.kind)
        self.options(node, operator, fitting if texts else fitting - {"match_case"}, path)
        return operator, value

    def options(self, node: Mapping[str, object], operator: Operator, fitting: frozenset[str], path: Path) -> None:
        for key, where in OPTIONS.items():
            if key not in node:
                continue
            if not isinstance(node[key], bool):
                self.problem((*path, key), f"Expected true or false; found {found(node[key])}.")
            elif key not in fitting:
                self.problem((*path, key), f"“{key}” goes with {where}, not with “{operator.label}”.")
