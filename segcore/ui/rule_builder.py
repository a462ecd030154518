"""The filter builder on a page: what it is told, and what it gives back."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.model import Segment, Workspace
from segcore.problems import Problem, written
from segcore.rules import operators

if TYPE_CHECKING:
    from segcore.services.filters import Preview

VALUES = "/values"

_FOLDER = Path(__file__).parent / "components" / "rule_builder"
# One ES module, in reading order; each file stands on those before it.
_SCRIPTS = (
    "dom",
    "words",
    "operands",
    "tree",
    "popover",
    "lists",
    "values",
    "tokens",
    "drag",
    "rows",
    "edits",
    "index",
)
_EXACT = 2**53 - 1  # past that, JavaScript's numbers are no longer whole numbers


@dataclass(frozen=True, slots=True)
class Draft:
    """What the builder sent last: the rule without unfinished conditions, how many of those there are, and of which
    filter (`rev`) it is the how manieth edit (`seq`). Untrusted: the rule is whatever the browser says."""

    rev: int
    seq: int
    rule: dict[str, Any]
    unfinished: int


class Counted(Protocol):
    """A segment with its number of members, as `services.segments` hands it out."""

    segment: Segment
    count: int | None


def show(
    *,
    key: str,
    rev: int,
    seq: int,
    entity: Entity,
    document: Mapping[str, Any],
    preview: "Preview",
    schema: Schema,
    missing: Mapping[str, int],
    segments: Iterable[Counted] = (),
    workspace: Workspace | None = None,
    now: datetime | None = None,
    readonly: bool = False,
) -> bool:
    """Draw the builder; true where Ctrl+Enter asks for saving. What it edited is read with `sent`, also before this call.

    `rev` is raised whenever Python loads another filter, `seq` is that of the draft which `preview` answers, and
    `document` is that draft, so that a builder which is drawn anew goes on from there.
    """
    del now  # the instant of the numbers is the page's to show
    zone = (workspace or Workspace()).time_zone
    result = mount(
        key, data(rev, seq, entity, document, preview, catalogue(schema, entity, missing, segments), zone, readonly)
    )
    return bool(result.save)


def sent(key: str) -> Draft | None:
    """What the builder of that key sent last, if it has the shape of a draft; the rule in it is still to be validated."""
    given = (st.session_state.get(key) or {}).get("draft")
    match given:
        case {"rev": int(rev), "seq": int(seq), "rule": dict(rule), "unfinished": int(unfinished)}:
            return Draft(rev, seq, _with_numbers(rule), unfinished)
    return None


def data(
    rev: int,
    seq: int,
    entity: Entity,
    document: Mapping[str, Any],
    preview: "Preview",
    names: dict[str, Any],
    zone: str,
    readonly: bool = False,
) -> dict[str, Any]:
    """What the component is told. Where the rule has problems there are no counts, and the old ones stay, dimmed."""
    counts = {
        path: {"own": c.own, "after": c.after, "without": c.without, "missing": c.missing, "future": c.future}
        for path, c in preview.counts.items()
    }
    sentence = preview.sentence
    return {
        "rev": rev,
        "seq": seq,
        "readonly": readonly,
        "entity": entity.value,
        "rule": _without_large_numbers(dict(document) or {"all": []}),
        "catalogue": names,
        "counts": None if preview.problems else counts,
        "total": preview.total,
        "count": preview.count,
        "resolved": dict(preview.resolved),
        "problems": [problem(each) for each in preview.problems],
        "sentence": [{"text": s.text, "bold": s.bold} for s in sentence.spans] if sentence else None,
        "zone": zone,
        "values": f"{VALUES}?entity={entity.value}",
    }


def problem(given: Problem, level: str = "error") -> dict[str, Any]:
    """A problem as the component shows it: an error stops saving, a warning does not."""
    told = {"path": written(given.path), "level": level, "message": given.message}
    return told if given.suggestion is None else {**told, "suggestion": given.suggestion}


def catalogue(
    schema: Schema, entity: Entity, missing: Mapping[str, int], segments: Iterable[Counted] = ()
) -> dict[str, Any]:
    """Everything a condition can be about: operators by kind, attributes with how many lack them, segments with counts."""
    return {
        **_operators(),
        "attributes": [_attribute(each, missing.get(each.key)) for each in schema.of(entity).values()],
        "events": [],
        "segments": [
            {"key": row.segment.key, "name": row.segment.name, "count": row.count, "folder": row.segment.folder}
            for row in segments
        ],
    }


def _attribute(attribute: Attribute, missing: int | None) -> dict[str, Any]:
    return {
        "key": attribute.key,
        "label": attribute.name,
        "kind": attribute.kind.value,
        "unit": attribute.unit,
        "missing": missing,
        "standard": attribute.standard,
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
        }
    kinds = {kind.value: [operator.key for operator in operators.for_kind(kind)] for kind in Kind}
    labels = {
        kind.value: {o.key: label for o in operators.for_kind(kind) if (label := operators.label(o, kind)) != o.label}
        for kind in Kind
    }
    return {"operators": listed, "kinds": kinds, "labels": {kind: own for kind, own in labels.items() if own}}


def _without_large_numbers(value: Any) -> Any:
    """Whole numbers that JavaScript cannot hold travel as {"integer": "9007199254740993"}."""
    match value:
        case bool():
            return value
        case int() if abs(value) > _EXACT:
            return {"integer": str(value)}
        case dict():
            return {key: _without_large_numbers(each) for key, each in value.items()}
        case list() | tuple():
            return [_without_large_numbers(each) for each in value]
    return value


def _with_numbers(value: Any) -> Any:
    match value:
        case {"integer": str(digits), **rest} if not rest and re.fullmatch(r"-?\d{1,20}", digits):
            return int(digits)
        case dict():
            return {key: _with_numbers(each) for key, each in value.items()}
        case list():
            return [_with_numbers(each) for each in value]
    return value


_mounted: dict[str, Any] = {}


def mount(key: str, told: dict[str, Any]) -> Any:
    """Put the component with exactly this data on the page."""
    # A module is imported once, but every runtime (a test makes several) has a registry of its own.
    manager = get_bidi_component_manager()
    if _mounted.get("manager") is not manager:
        style = (_FOLDER / "style.css").read_text(encoding="utf-8")
        _mounted.update(
            manager=manager, mount=st.components.v2.component("segcore_rule_builder", css=style, js=script())
        )
    return _mounted["mount"](key=key, data=told, on_draft_change=_later, on_save_change=_later)


@cache
def script() -> str:
    """The files of the component as one module, without indentation and whole lines of comment: it travels with every answer."""
    lines = [
        line.strip() for name in _SCRIPTS for line in (_FOLDER / f"{name}.js").read_text(encoding="utf-8").splitlines()
    ]
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _later() -> None:
    """A callback for values that are read after the component was drawn, or from the session state."""
