"""The filter builder on a page: what it is told, and what it gives back."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager

from segcore.attributes import Entity
from segcore.model import Segment, Workspace
from segcore.problems import Problem, written
from segcore.rules.exact import for_browsers, from_browsers
from segcore.services.vocabulary import Vocabulary
from segcore.ui import builder_catalogue
from segcore.ui.component import SHARED

if TYPE_CHECKING:
    from segcore.services.filters import Preview

VALUES = "/values"
CURVE = "/curve"

_FOLDER = Path(__file__).parent / "components" / "rule_builder"
# One ES module, in reading order; each file stands on those before it.
_SCRIPTS = (
    "dom",
    "words",
    "operands",
    "windows",
    "catalogue",
    "shapes",
    "tree",
    "popover",
    "lists",
    "picker",
    "values",
    "tokens",
    "deeds",
    "curve",
    "drag",
    "notes",
    "rows",
    "focus",
    "edits",
    "index",
)


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
    vocabulary: Vocabulary,
    segments: Iterable[Counted] = (),
    workspace: Workspace | None = None,
    readonly: bool = False,
    begins: bool = False,
) -> bool:
    """Draw the builder; true where Ctrl+Enter asks for saving. What it edited is read with `sent`, also before this call.

    `rev` is raised whenever Python loads another filter, `seq` is that of the draft which `preview` answers, and
    `document` is that draft, so that a builder which is drawn anew goes on from there. `segments` are of both entities.
    An empty one that `begins` asks for its first condition at once.
    """
    zone = (workspace or Workspace()).time_zone
    names = builder_catalogue.catalogue(vocabulary, segments)
    told = data(rev, seq, entity, document, preview, names, zone, readonly)
    result = mount(key, {**told, "begins": True} if begins else told)
    return bool(result.save)


def sent(key: str) -> Draft | None:
    """What the builder of that key sent last, if it has the shape of a draft; the rule in it is still to be validated."""
    given = (st.session_state.get(key) or {}).get("draft")
    match given:
        case {"rev": int(rev), "seq": int(seq), "rule": dict(rule), "unfinished": int(unfinished)}:
            return Draft(rev, seq, from_browsers(rule), unfinished)
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
        "rule": for_browsers(dict(document) or {"all": []}),
        "catalogue": names,
        "counts": None if preview.problems else counts,
        "total": preview.total,
        "count": preview.count,
        "resolved": dict(preview.resolved),
        "problems": [*(problem(each) for each in preview.problems), *advice(preview)],
        "sentence": [{"text": s.text, "bold": s.bold} for s in sentence.spans] if sentence else None,
        "zone": zone,
        "values": VALUES,
        "curve": CURVE,
        "now": preview.now.isoformat(),
    }


def problem(given: Problem, level: str = "error") -> dict[str, Any]:
    """A problem as the component shows it: an error stops saving, a warning does not."""
    told = {"path": written(given.path), "level": level, "message": given.message}
    return told if given.suggestion is None else {**told, "suggestion": given.suggestion}


def advice(preview: "Preview") -> list[dict[str, Any]]:
    """What is worth a second look: beside its node, with what would be better where that is known."""
    return [for_browsers(given.as_json()) for given in getattr(preview, "advice", ())]


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
    files = [SHARED / "returning.js", *(_FOLDER / f"{name}.js" for name in _SCRIPTS)]
    lines = [line.strip() for file in files for line in file.read_text(encoding="utf-8").splitlines()]
    return "\n".join(line for line in lines if line and not line.startswith("//"))


def _later() -> None:
    """A callback for values that are read after the component was drawn, or from the session state."""
