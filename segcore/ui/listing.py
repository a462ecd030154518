"""A plain table of things, each with a menu or one button: agents, sign-ins, the log. Cards on a phone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypedDict

from segcore.ui.component import Component, ignore

_TABLE = Component("listing")


class Change(TypedDict):
    """Something that was, and what it is now; None for nothing."""

    label: str
    before: str | None
    after: str | None


class Cell(TypedDict, total=False):
    """What a cell shows: a text with a line below it and tags beside it, or changes."""

    text: str
    title: str
    below: str
    tags: Sequence[str]
    strong: bool
    muted: bool
    href: str
    changes: Sequence[Change]


class Entry(TypedDict, total=False):
    """One line of a row's menu; `what` comes back."""

    what: str
    label: str
    icon: str
    danger: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One thing. `label` names it where only its menu is read out; `menu` may have "-" for a line between entries."""

    id: str
    label: str
    cells: Mapping[str, Cell | str]
    menu: Sequence[Entry | str] = ()
    button: Entry | None = None
    quiet: bool = False  # in the muted colour


@dataclass(frozen=True, slots=True)
class Action:
    """What was chosen of a row's menu."""

    row: str
    what: str


def show(
    label: str,
    columns: Sequence[tuple[str, str, int]],
    rows: Sequence[Row],
    *,
    key: str,
    empty: str,
    hint: str = "",
    compact: bool = False,
) -> Action | None:
    """Draw the table; `columns` are key, heading and share of the width in per cent; a compact one stays a
    table where it is narrow. Gives back what was pressed in this run."""
    data: dict[str, Any] = {
        "label": label,
        "columns": [{"key": name, "label": heading, "width": width} for name, heading, width in columns],
        "rows": [
            {
                "id": row.id,
                "label": row.label,
                "cells": dict(row.cells),
                "menu": list(row.menu),
                "button": row.button,
                "quiet": row.quiet,
            }
            for row in rows
        ],
        "empty": {"title": empty, "text": hint},
        "compact": compact,
    }
    result = _TABLE.mount(key=key, data=data, on_action_change=ignore)
    return _action(result.action, rows)


def _action(value: object, rows: Sequence[Row]) -> Action | None:
    """Untrusted: only what this very table offers."""
    if not isinstance(value, Mapping):
        return None
    row = next((row for row in rows if row.id == value.get("row")), None)
    if row is None:
        return None
    offered = [entry for entry in (*row.menu, row.button) if isinstance(entry, Mapping)]
    what = next((entry["what"] for entry in offered if entry["what"] == value.get("what")), None)
    return None if what is None else Action(row.id, what)
