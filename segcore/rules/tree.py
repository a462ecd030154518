"""The rule as a value: frozen nodes that hold exactly what the stored document says, values still as in JSON."""

from collections.abc import Iterator
from dataclasses import dataclass

from segcore.attributes import Entity

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Ago:
    """An amount of time: `{"days": 7}`."""

    amount: int
    unit: str  # minutes, hours, days or weeks


@dataclass(frozen=True, slots=True)
class Place:
    """A circle on the globe: `{"latitude": 53.35, "longitude": -6.26, "km": 25}`."""

    latitude: int | float
    longitude: int | float
    km: int | float


Value = Scalar | tuple[Scalar, ...] | Ago | Place | None


@dataclass(frozen=True, slots=True)
class Last:
    """The window from an amount of time ago to now, both included: `{"last": {"days": 30}}`."""

    amount: Ago


@dataclass(frozen=True, slots=True)
class Span:
    """The window from one instant (included) to another (excluded), texts as stored; None is no end."""

    start: str | None = None
    end: str | None = None


@dataclass(frozen=True, slots=True)
class Period:
    """The window of a calendar word: `{"period": "this_month"}`."""

    word: str


Window = Last | Span | Period | None


@dataclass(frozen=True, slots=True)
class Condition:
    """The operator's answer on one attribute."""

    attribute: str
    operator: str
    value: Value = None
    match_case: bool = False
    include_missing: bool = True
    include_future: bool = False


@dataclass(frozen=True, slots=True)
class InSegment:
    """Membership of another segment at the same instant; the operator is `in` or `not_in`."""

    segment: str
    operator: str = "in"


@dataclass(frozen=True, slots=True)
class AllOf:
    """Every child holds; of nothing, everyone."""

    rules: "tuple[Rule, ...]" = ()


@dataclass(frozen=True, slots=True)
class AnyOf:
    """At least one child holds; of nothing, no one."""

    rules: "tuple[Rule, ...]" = ()


@dataclass(frozen=True, slots=True)
class NoneOf:
    """No child holds."""

    rules: "tuple[Rule, ...]" = ()


@dataclass(frozen=True, slots=True)
class Performed:
    """The operator's answer on what a person's events of one name come to: how many, how much, when first …"""

    event: str
    operator: str
    value: Value = None
    measure: str = "count"
    of: str | None = None
    where: "Rule | None" = None
    within: Window = None
    include_missing: bool = True
    include_future: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One event of a sequence."""

    event: str
    where: "Rule | None" = None


@dataclass(frozen=True, slots=True)
class Sequence:
    """The steps were done in this order, each strictly later than the one before it, by at most `each_within`."""

    steps: tuple[Step, ...]
    each_within: Ago | None = None
    within: Window = None


@dataclass(frozen=True, slots=True)
class OfCompany:
    """Any, all, none of a person's companies, or the primary one, match a rule over companies."""

    quantifier: str  # any, all, none or primary
    rule: "Rule"


@dataclass(frozen=True, slots=True)
class OfPeople:
    """The operator's answer on how many of a company's people match a rule over people."""

    rule: "Rule"
    operator: str
    value: Value = None
    include_missing: bool = True  # allowed like everywhere, and without effect: a number of people is never missing


@dataclass(frozen=True, slots=True)
class Sample:
    """A stable share: the bucket of salt and ID, in [0, 100), lies from `start` (included) to `end` (excluded)."""

    salt: str
    start: int | float
    end: int | float


Group = AllOf | AnyOf | NoneOf
Leaf = Condition | Performed | Sequence | OfCompany | OfPeople | InSegment | Sample
Rule = Condition | Performed | Sequence | OfCompany | OfPeople | InSegment | Sample | AllOf | AnyOf | NoneOf

Path = tuple[str | int, ...]

EVERYONE = AllOf()


def word(group: Group) -> str:
    """The word by which a group is stored: all, any or none."""
    match group:
        case AllOf():
            return "all"
        case AnyOf():
            return "any"
        case NoneOf():
            return "none"


def walk(rule: Rule, path: Path = ()) -> Iterator[tuple[Path, Rule]]:
    """Every node with its path, parents first: `()`, `("all", 0)`, `("all", 0, "where")`, `("all", 1, "rule", "any", 0)` …"""
    return ((at, node) for at, node, _ in walk_over(rule, Entity.PERSON, path))


def walk_over(rule: Rule, over: Entity | None, path: Path = ()) -> Iterator[tuple[Path, Rule, Entity | None]]:
    """Every node with its path and what it is asked of: people, companies, or events (None)."""
    yield path, rule, over
    match rule:
        case AllOf(rules) | AnyOf(rules) | NoneOf(rules):
            for index, child in enumerate(rules):
                yield from walk_over(child, over, (*path, word(rule), index))
        case Performed(where=where) if where is not None:
            yield from walk_over(where, None, (*path, "where"))
        case Sequence(steps):
            for index, step in enumerate(steps):
                if step.where is not None:
                    yield from walk_over(step.where, None, (*path, "sequence", index, "where"))
        case OfCompany(_, inner):
            yield from walk_over(inner, Entity.COMPANY, (*path, "rule"))
        case OfPeople(inner):
            yield from walk_over(inner, Entity.PERSON, (*path, "people"))


def conditions_on(rule: Rule, over: Entity, of: Entity) -> Iterator[tuple[Path, Condition]]:
    """The conditions on attributes of people, or of companies, wherever they stand in a rule."""
    return ((path, node) for path, node, asked in walk_over(rule, over) if isinstance(node, Condition) and asked is of)


def segments_in(rule: Rule) -> frozenset[str]:
    """The keys of the segments that a rule refers to directly."""
    return frozenset(node.segment for _, node in walk(rule) if isinstance(node, InSegment))
