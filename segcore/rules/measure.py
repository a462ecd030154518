"""What a person's events come to: the measures, and a measured value as an attribute that an ordinary condition asks.

So events need no operators of their own: "at least 3 times" is `gte` on a number, "last time more than 30 days ago" is
`more_than_ago` on an instant.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from segcore.attributes import Attribute, Kind, Schema
from segcore.rules.tree import Condition, Performed

ORDERED = frozenset({Kind.NUMBER, Kind.DATE, Kind.DATETIME})
COUNTED = ORDERED | {Kind.TEXT, Kind.BOOLEAN, Kind.LIST}


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One way to make a number or an instant of events. `of` holds the kinds of property it takes; of none, it takes none."""

    key: str  # stored in saved rules, so never renamed
    label: str  # what the dropdown says
    kind: Kind | None  # of the result; None: that of the property
    of: frozenset[Kind] = frozenset()
    nothing: int | None = None  # what nothing comes to; None: the result is missing
    means: str


MEASURES: tuple[Measure, ...] = (
    Measure(key="count", label="times", kind=Kind.NUMBER, nothing=0, means="How many events there were."),
    Measure(
        key="sum",
        label="in total",
        kind=Kind.NUMBER,
        of=frozenset({Kind.NUMBER}),
        nothing=0,
        means="The property added up, newest event first.",
    ),
    Measure(
        key="mean",
        label="on average",
        kind=Kind.NUMBER,
        of=frozenset({Kind.NUMBER}),
        means="The sum divided by the number of events that have the property.",
    ),
    Measure(key="max", label="largest", kind=None, of=ORDERED, means="The largest or latest value of the property."),
    Measure(
        key="min", label="smallest", kind=None, of=ORDERED, means="The smallest or earliest value of the property."
    ),
    Measure(
        key="distinct",
        label="different values",
        kind=Kind.NUMBER,
        of=COUNTED,
        nothing=0,
        means="How many different values the property has; texts that differ in capital letters only are one, and the "
        "elements of lists are counted.",
    ),
    Measure(
        key="days",
        label="different days",
        kind=Kind.NUMBER,
        nothing=0,
        means="On how many calendar days of the workspace there were events.",
    ),
    Measure(key="first", label="first time", kind=Kind.DATETIME, means="When the oldest event was."),
    Measure(key="last", label="last time", kind=Kind.DATETIME, means="When the newest event was."),
)

BY_KEY: Mapping[str, Measure] = {measure.key: measure for measure in MEASURES}


def measured(measure: Measure, of: Attribute | None) -> Attribute | None:
    """The measured value as an attribute; None where it takes its kind from a property that is not known."""
    label = {"count": "number of times", "days": "number of different days", "distinct": "number of different values"}
    named = Attribute(key=measure.key, kind=measure.kind or Kind.NUMBER, label=label.get(measure.key, measure.label))
    if measure.key in ("sum", "mean"):
        return replace(named, fractions=True, unit=of.unit if of else "")
    if measure.kind is not None:
        return named
    if of is None or of.kind not in measure.of:
        return None
    return replace(named, kind=of.kind, unit=of.unit, fractions=of.fractions, large=of.large)


def asked(performed: Performed, schema: Schema) -> tuple[Attribute, Condition]:
    """The measured value as an attribute, and the condition on it; the rule was validated."""
    of = schema.properties[performed.of] if performed.of is not None else None
    attribute = measured(BY_KEY[performed.measure], of)
    assert attribute is not None
    condition = Condition(
        attribute.key,
        performed.operator,
        performed.value,
        include_missing=performed.include_missing,
        include_future=performed.include_future,
    )
    return attribute, condition


PEOPLE = Attribute(key="people", kind=Kind.NUMBER, label="number of people")
