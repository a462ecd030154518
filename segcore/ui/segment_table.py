"""The overview of segments: by folder, each with its sentence, count and share, and a menu of what can be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from segcore.ui.component import Component, ignore

_TABLE = Component("segment_table")
_ACTIONS = frozenset({"open", "edit", "duplicate", "move", "hide", "delete", "rename"})
_FOLDER_ACTIONS = frozenset({"rename", "delete"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """A segment to put into a folder; None takes it out of its folder."""

    segment: str
    folder: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """What to do with a segment (open, edit, duplicate, rename, hide, delete, or move, which asks for a new folder to put it
    into) or with a folder (rename, delete), by key."""

    key: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the agent chose in the table; at most one of the three in a run."""

    move: Move | None = None
    action: Action | None = None
    folder_action: Action | None = None


def show(data: Mapping[str, Any], *, key: str) -> Chosen:
    """Draw the table; `data` is what tests/browser/harness/tables.py shows in full. Keys that come back are untrusted."""
    result = _TABLE.mount(
        key=key, data=dict(data), on_move_change=ignore, on_action_change=ignore, on_folder_action_change=ignore
    )
    return Chosen(
        move=_move(result.move),
        action=_action(result.action, "segment", _ACTIONS),
        folder_action=_action(result.folder_action, "folder", _FOLDER_ACTIONS),
    )


def _move(value: object) -> Move | None:
    if not isinstance(value, Mapping) or not isinstance(value.get("segment"), str):
        return None
    folder = value.get("folder")
    return Move(segment=value["segment"], folder=folder) if folder is None or isinstance(folder, str) else None


def _action(value: object, noun: str, allowed: frozenset[str]) -> Action | None:
    if not isinstance(value, Mapping) or not isinstance(value.get(noun), str) or value.get("what") not in allowed:
        return None
    return Action(key=value[noun], what=value["what"])
