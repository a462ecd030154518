"""The overview of segments: by folder, each with its sentence, count and share, and a menu of what can be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, TypedDict

from segcore.ui.component import Component, ignore

_TABLE = Component("segment_table")
_ACTIONS = frozenset({"open", "edit", "duplicate", "move", "delete", "rename"})
_FOLDER_ACTIONS = frozenset({"rename", "delete"})


class Move(TypedDict):
    """A segment to put into a folder; None takes it out of its folder."""

    segment: str
    folder: str | None


class Action(TypedDict):
    """What to do with a segment: open, edit, duplicate, rename, delete, or move, which asks for a new folder to put it into."""

    segment: str
    what: str


class FolderAction(TypedDict):
    """What to do with a folder: rename or delete."""

    folder: str
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the agent chose in the table; at most one of the three in a run."""

    move: Move | None = None
    action: Action | None = None
    folder_action: FolderAction | None = None


def show(data: Mapping[str, Any], *, key: str) -> Chosen:
    """Draw the table; `data` is what tests/browser/harness/tables.py shows in full. Keys that come back are untrusted."""
    result = _TABLE.mount(
        key=key, data=dict(data), on_move_change=ignore, on_action_change=ignore, on_folder_action_change=ignore
    )
    return Chosen(move=_move(result.move), action=_action(result.action), folder_action=_folder(result.folder_action))


def _move(value: object) -> Move | None:
    if not isinstance(value, Mapping) or not isinstance(value.get("segment"), str):
        return None
    folder = value.get("folder")
    return {"segment": value["segment"], "folder": folder} if folder is None or isinstance(folder, str) else None


def _action(value: object) -> Action | None:
    if not isinstance(value, Mapping) or not isinstance(value.get("segment"), str) or value.get("what") not in _ACTIONS:
        return None
    return {"segment": value["segment"], "what": value["what"]}


def _folder(value: object) -> FolderAction | None:
    if not isinstance(value, Mapping) or not isinstance(value.get("folder"), str):
        return None
    return {"folder": value["folder"], "what": value["what"]} if value.get("what") in _FOLDER_ACTIONS else None
