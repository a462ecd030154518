"""One walk over a document: the rule it holds, and everything that is wrong with it."""

from segcore.attributes import Entity
from segcore.problems import Problem
from segcore.rules.limits import MAX_CONDITIONS, MAX_DEPTH, MAX_PROBLEMS, Path, found, scan, shown
from segcore.rules.measure import PEOPLE
from segcore.rules.naming import MANY, Names, Over
from segcore.rules.operands import CHOOSE, Stop, number
from segcore.rules.reading_events import Events
from segcore.rules.text import blank
from segcore.rules.tree import AllOf, AnyOf, Condition, InSegment, NoneOf, OfCompany, OfPeople, Rule, Sample

__all__ = ["Names", "read_document"]

GROUPS: dict[str, type[AllOf] | type[AnyOf] | type[NoneOf]] = {"all": AllOf, "any": AnyOf, "none": NoneOf}
LEAVES = ("attribute", "event", "sequence", "company", "people", "segment", "sample")
CONDITION = ("attribute", "operator", "value", "match_case", "include_missing", "include_future")
SEGMENT = ("segment", "operator")
COMPANY = ("company", "rule")
PEOPLE_KEYS = ("people", "operator", "value", "match_case", "include_missing", "include_future")
SAMPLE = ("salt", "from", "to")
QUANTIFIERS = ("any", "all", "none", "primary")
HISTORY = ("for_at_least", "entered_within", "left_within")
EXPECTED = (
    "Expected a condition (with “attribute”, “event”, “sequence”, “company”, “people”, “segment” or “sample”) "
    "or a group (“all”, “any” or “none” with a list)"
)
IN_WHERE = (
    "“where” asks the properties of the event: conditions with “attribute” and “operator”, and groups of them; found "
)


def read_document(document: object, names: Names | None) -> tuple[Rule | None, list[Problem]]:
    """The rule, None where there is any problem, and all problems. Without names, only the shape is checked."""
    problems, small = scan(document)
    if not small:
        return None, problems
    walk = _Walk(names)
    rule = walk.node(document, (), 0, Over(names.entity if names else None))
    for what, count in (("conditions", walk.conditions), ("groups", walk.groups)):
        if count > MAX_CONDITIONS:
            here = f"; this one has {count:,}" if what == "conditions" else ""
            return None, [Problem((), f"A rule has at most {MAX_CONDITIONS:,} {what}{here}.")]
    # What JSON cannot hold is told once, not again as a value of the wrong type.
    told = {problem.path for problem in problems}
    problems += [problem for problem in walk.problems if problem.path not in told]
    return (None, problems[:MAX_PROBLEMS]) if problems else (rule, [])


class _Walk(Events):
    def __init__(self, names: Names | None) -> None:
        super().__init__(names)
        self.conditions = self.groups = 0

    def node(self, node: object, path: Path, depth: int, over: Over) -> Rule | None:
        """A node and what is under it; `depth` is the number of groups and crossings around it, which bounds the recursion."""
        words = [word for word in GROUPS if word in node] if isinstance(node, dict) else []
        if words and isinstance(node, dict):
            self.groups += 1
            return self.group(words, node, path, depth, over) if self.groups <= MAX_CONDITIONS else None
        self.conditions += 1
        if self.conditions > MAX_CONDITIONS:
            return None
        if not isinstance(node, dict):
            self.problem(path, f"{EXPECTED}; found {found(node)}.")
            return None
        kind = next((key for key in LEAVES if key in node), "attribute" if "operator" in node else None)
        if over.event and kind not in ("attribute", None):
            self.problem(path, f"{IN_WHERE}“{kind}”.")
            return None
        return self.leaf(kind, node, path, depth, over)

    def leaf(self, kind: str | None, node: dict[str, object], path: Path, depth: int, over: Over) -> Rule | None:
        match kind:
            case "attribute":
                return self.condition(node, path, over)
            case "event" if self.of_people(path, "Events", over):
                return self.performed(node, path, depth)
            case "sequence" if self.of_people(path, "Sequences of events", over):
                return self.sequence(node, path, depth)
            case "company":
                return self.company(node, path, depth, over)
            case "people":
                return self.people(node, path, depth, over)
            case "segment":
                return self.segment(node, path, over)
            case "sample":
                return self.sample(node, path)
            case None:
                keys = ", ".join(f"“{shown(key)}”" for key in list(node)[:5]) or "an empty object"
                near = None
                for key in list(node)[:5]:
                    near = near or self.near(key, (*GROUPS, *LEAVES))
                self.problem(path, f"{EXPECTED}; found {keys}.", near)
        return None

    def of_people(self, path: Path, what: str, over: Over) -> bool:
        """Whether something that people do is asked of people."""
        if over.entity is Entity.COMPANY:
            hint = "count the people who did with “people”"
            self.problem(path, f"{what} are of people; this rule is over companies. Here, {hint}.", "people")
        return over.entity is not Entity.COMPANY

    def group(self, words: list[str], node: dict[str, object], path: Path, depth: int, over: Over) -> Rule | None:
        if len(words) > 1:
            self.problem(path, f"A group is one of “all”, “any” or “none”; found “{'” and “'.join(words)}”.")
        for key in node:
            if key not in GROUPS:
                self.problem((*path, shown(key)), f"A group holds nothing but its list; found “{shown(key)}”.")
        if self.at_bottom(path, depth):
            return None
        children: list[Rule] = []
        for word in words:
            listed = node[word]
            if not isinstance(listed, list | tuple):
                self.problem((*path, word), f"Expected a list of conditions; found {found(listed)}.")
                continue
            for index, child in enumerate(listed):
                read_child = self.node(child, (*path, word, index), depth + 1, over)
                if read_child is not None:
                    children.append(read_child)
        return GROUPS[words[0]](tuple(children))

    def at_bottom(self, path: Path, depth: int) -> bool:
        if depth == MAX_DEPTH:
            self.problem(path, f"Groups go at most {MAX_DEPTH} deep.")
        return depth == MAX_DEPTH

    def condition(self, node: dict[str, object], path: Path, over: Over) -> Condition | None:
        before = len(self.problems)
        self.keys(node, CONDITION, "condition", path)
        attribute = self.attribute(node.get("attribute"), path, over)
        operator, value = self.asked(node, attribute, path)
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

    def company(self, node: dict[str, object], path: Path, depth: int, over: Over) -> OfCompany | None:
        before = len(self.problems)
        self.keys(node, COMPANY, "company condition", path)
        if over.entity is Entity.COMPANY:
            self.problem(path, "“company” asks the companies of a person; this rule is over companies.")
            return None
        quantifier = node["company"]
        if not isinstance(quantifier, str) or quantifier not in QUANTIFIERS:
            near = self.near(quantifier, QUANTIFIERS) if isinstance(quantifier, str) else None
            what = f"Expected one of any, all, none or primary; found {found(quantifier)}."
            self.problem((*path, "company"), what, near)
        if "rule" not in node:
            self.problem((*path, "rule"), "Expected a rule over companies; found nothing.")
        if (len(self.problems) > before and "rule" not in node) or self.at_bottom(path, depth):
            return None
        rule = self.node(node["rule"], (*path, "rule"), depth + 1, Over(Entity.COMPANY))
        return OfCompany(str(quantifier), rule) if rule is not None and len(self.problems) == before else None

    def people(self, node: dict[str, object], path: Path, depth: int, over: Over) -> OfPeople | None:
        before = len(self.problems)
        self.keys(node, PEOPLE_KEYS, "people condition", path)
        if over.entity is Entity.PERSON:
            self.problem(path, "“people” counts the people of a company; this rule is over people.")
            return None
        operator, value = self.asked(node, PEOPLE, path)
        if self.at_bottom(path, depth):
            return None
        rule = self.node(node["people"], (*path, "people"), depth + 1, Over(Entity.PERSON))
        if len(self.problems) > before or rule is None or operator is None:
            return None
        return OfPeople(rule, operator.key, value, include_missing=node.get("include_missing") is not False)

    def segment(self, node: dict[str, object], path: Path, over: Over) -> InSegment | None:
        before = len(self.problems)
        self.keys(node, (*SEGMENT, *HISTORY), "segment condition", path)
        for word in HISTORY:
            if word in node:
                self.problem(
                    (*path, word),
                    f"“{word}” needs the history of who was in a segment when, which is not kept yet; "
                    "only “in” and “not_in” at the present instant can be asked.",
                )
        self.named_segment(node["segment"], (*path, "segment"), over)
        operator = node.get("operator")
        if operator not in ("in", "not_in") and not ("operator" not in node and len(self.problems) > before):
            what = "nothing" if operator is None else found(operator)
            self.problem((*path, "operator"), f"Expected “in” or “not_in”; found {what}.")
        if len(self.problems) > before:
            return None
        return InSegment(str(node["segment"]), str(operator))

    def named_segment(self, key: object, here: Path, over: Over) -> None:
        if key is None or key == "":
            self.problem(here, "Choose a segment, or remove this condition.")
        elif not isinstance(key, str):
            self.problem(here, f"Expected the key of a segment; found {found(key)}.")
        elif self.names is not None and over.entity is not None:
            entity = self.names.segments.get(key)
            if entity is None:
                fitting = tuple(name for name, of in self.names.segments.items() if of is over.entity)
                self.problem(here, f"There is no segment “{shown(key)}”.", self.near(key, fitting))
            elif entity is not over.entity:
                self.problem(
                    here, f"“{shown(key)}” is a segment of {MANY[entity]}; this rule is over {MANY[over.entity]}."
                )

    def sample(self, node: dict[str, object], path: Path) -> Sample | None:
        before = len(self.problems)
        here, sample = (*path, "sample"), node["sample"]
        self.keys(node, ("sample",), "sample condition", path)
        if not isinstance(sample, dict):
            self.problem(here, f"Expected a sample (with “salt”, “from” and “to”); found {found(sample)}.")
            return None
        self.keys(sample, SAMPLE, "sample", here)
        salt = sample.get("salt")
        if salt is None or (isinstance(salt, str) and blank(salt)):
            self.problem((*here, "salt"), CHOOSE)
        elif not isinstance(salt, str):
            self.problem((*here, "salt"), f"Expected a text; found {found(salt)}.")
        ends = []
        for key in ("from", "to"):
            try:
                ends.append(number(sample.get(key), 0, 100))
            except Stop as stop:
                self.stopped((*here, key), stop)
        if len(ends) == 2 and ends[0] > ends[1]:
            self.problem(here, "The lower number is above the upper one.")
        return Sample(str(salt), *ends) if len(self.problems) == before else None
