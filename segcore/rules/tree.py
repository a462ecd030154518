"""The rule as a value: frozen nodes that hold exactly what the stored document says, values still as in JSON."""

from collections.abc import Iterator
from dataclasses import dataclass

Scalar = str | int | float | bool


@dataclass(frozen=True, slots=True)
class Ago:
    """An amount of time: `{"days": 7}`."""

    amount: int
    unit: str  # minutes, hours, days or weeks


Value = Scalar | tuple[Scalar, ...] | Ago | None


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


Group = AllOf | AnyOf | NoneOf
Leaf = Condition | InSegment
Rule = Condition | InSegment | AllOf | AnyOf | NoneOf

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
    """Every node with its path, parents first: `()`, `("all", 0)`, `("all", 0, "any", 1)` …"""
    yield path, rule
    if isinstance(rule, AllOf | AnyOf | NoneOf):
        for index, child in enumerate(rule.rules):
            yield from walk(child, (*path, word(rule), index))


def segments_in(rule: Rule) -> frozenset[str]:
    """The keys of the segments that a rule refers to directly."""
    return frozenset(node.segment for _, node in walk(rule) if isinstance(node, InSegment))
