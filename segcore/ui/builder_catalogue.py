"""What the filter builder offers, as its component is told: operators, attributes, events with their properties, segments."""

from collections.abc import Iterable
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from segcore.attributes import Attribute, Entity, Kind
from segcore.rules import operators, phrases, thresholds, wording
from segcore.rules.measure import MEASURES
from segcore.services.vocabulary import Vocabulary

if TYPE_CHECKING:
    from segcore.ui.rule_builder import Counted


def catalogue(vocabulary: Vocabulary, segments: "Iterable[Counted]" = ()) -> dict[str, Any]:
    """Everything a condition can be about. All but the segments stays the same for as long as the vocabulary does."""
    listed: dict[str, list[dict[str, Any]]] = {entity.value: [] for entity in Entity}
    for row in segments:
        segment = row.segment
        listed[segment.entity.value].append(
            {"key": segment.key, "name": segment.name, "count": row.count, "folder": segment.folder}
        )
    return {**_known(vocabulary), "segments": listed}


@lru_cache(maxsize=4)
def _known(vocabulary: Vocabulary) -> dict[str, Any]:
    schema = vocabulary.schema
    return {
        **_operators(),
        "attributes": {
            entity.value: [
                _attribute(entity, each, vocabulary.missing[entity].get(each.key))
                for each in schema.of(entity).values()
            ]
            for entity in Entity
        },
        "properties": [_attribute(None, each, None) for each in schema.properties.values()],
        "events": [
            {"name": each.name, "label": each.label, "count": each.lately, "properties": each.properties}
            for each in vocabulary.events
        ],
        "totals": {entity.value: total for entity, total in vocabulary.totals.items()},
        "idle": vocabulary.idle,
    }


def _attribute(entity: Entity | None, attribute: Attribute, missing: int | None) -> dict[str, Any]:
    without = phrases.no_value(entity, attribute)
    return {
        "key": attribute.key,
        "label": attribute.name,
        "kind": attribute.kind.value,
        "unit": attribute.unit,
        "missing": missing,
        "standard": attribute.standard,
        "fractions": attribute.fractions,
        # Only where it is not said as most are: "no country".
        **({} if without == f"no {wording.lowered(attribute.name)}" else {"without": without}),
    }


@cache
def _operators() -> dict[str, Any]:
    listed = {}
    for operator in operators.CATALOGUE:
        opposite = operators.opposite(operator)
        listed[operator.key] = {
            "label": operator.label,
            "operand": operator.operand.value,
            "negative": operator.negative,
            "complement": opposite.key if opposite else None,
            "match_case": operator.takes_match_case,
            "include_future": operator.takes_future,
            "thresholds": thresholds.parts(operator),
        }
    kinds = {kind.value: [operator.key for operator in operators.for_kind(kind)] for kind in Kind}
    labels = {
        kind.value: {o.key: label for o in operators.for_kind(kind) if (label := operators.label(o, kind)) != o.label}
        for kind in Kind
    }
    measures = [
        {
            "key": measure.key,
            "label": measure.label,
            "kind": measure.kind.value if measure.kind else None,
            "of": sorted(kind.value for kind in measure.of),
            "nothing": measure.nothing,
        }
        for measure in MEASURES
    ]
    return {
        "operators": listed,
        "kinds": kinds,
        "labels": {kind: own for kind, own in labels.items() if own},
        "measures": measures,
    }
