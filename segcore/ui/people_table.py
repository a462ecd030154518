"""The result of a filter: count, search, export, and the rows of one page as a table that keys and screen readers can walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import streamlit as st

from segcore.ui.component import Component, ignore

_TABLE = Component("people_table")
SIZE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """What of the result is looked at: order, page and search."""

    sort: str
    descending: bool = False
    page: int = 1
    search: str = ""

    def offset(self, size: int = SIZE) -> int:
        """How many rows stand before this page."""
        return (self.page - 1) * size


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What the agent did in the table: the view asked for, a row opened, an action, the rows ticked."""

    view: View
    open: str | None = None
    action: str | None = None
    ticked: tuple[str, ...] = ()
    all_ticked: bool = False


def view(key: str, *, rev: int | str, default: View) -> View:
    """The view that the agent asked for last, to be read before the rows are fetched.

    Another `rev` (another filter) begins at its first page again; order and search stay.
    """
    asked = _state(key, "view")
    if not isinstance(asked, Mapping):
        return default
    page = asked.get("page")
    forgotten = st.session_state.get(f"{key}.forgotten", -1) >= asked.get("seq", 0)
    search = "" if forgotten else asked.get("search")
    return View(
        sort=asked["sort"] if isinstance(asked.get("sort"), str) else default.sort,
        descending=bool(asked.get("descending", default.descending)),
        page=page if isinstance(page, int) and page > 0 and asked.get("rev") == rev else 1,
        search=search[:200] if isinstance(search, str) else default.search,
    )


def show(data: Mapping[str, Any], *, key: str, view: View | None = None) -> Chosen:
    """Draw the table; `data` is what tests/browser/harness/tables.py shows in full, `view` what it was fetched for."""
    rev = data.get("rev")
    if view is None:
        view = View(sort=data["sort"], descending=data["descending"], page=data["page"], search=data.get("search", ""))
    asked, ticks = _state(key, "view"), _state(key, "ticked")
    seq = asked.get("seq", 0) if isinstance(asked, Mapping) else 0
    held = ticks if isinstance(ticks, Mapping) and ticks.get("rev") == rev else {}
    told = {
        **data,
        "sort": view.sort,
        "descending": view.descending,
        "page": view.page,
        "search": view.search,
        "seq": seq,
        "size": data.get("size", SIZE),
    }
    if held:
        told["ticked"] = {"ids": held.get("ids", []), "all": bool(held.get("all"))}
    result = _TABLE.mount(
        key=key,
        data=told,
        on_view_change=ignore,
        on_ticked_change=ignore,
        on_open_change=ignore,
        on_action_change=ignore,
    )
    ids = held.get("ids", []) if held else []
    return Chosen(
        view=view,
        open=result.open if isinstance(result.open, str) else None,
        action=result.action if isinstance(result.action, str) else None,
        ticked=tuple(one for one in ids if isinstance(one, str)),
        all_ticked=bool(held.get("all")) if held else False,
    )


def forget_search(key: str) -> None:
    """Clear the search from Python; the field follows with the next draw."""
    asked = _state(key, "view")
    st.session_state[f"{key}.forgotten"] = asked.get("seq", 0) if isinstance(asked, Mapping) else 0


def pages(count: int, size: int = SIZE) -> int:
    """How many pages that many rows fill; one page where there are none."""
    return max(1, -(-count // size))


def clamped(view: View, count: int, size: int = SIZE) -> View:
    """The view on the last page where the one asked for no longer exists."""
    last = pages(count, size)
    return (
        view if view.page <= last else View(sort=view.sort, descending=view.descending, page=last, search=view.search)
    )


def columns(attributes: Sequence[Any]) -> list[dict[str, str]]:
    """The heads of attributes, as `data["columns"]` wants them."""
    return [{"key": one.key, "label": one.name, "kind": str(one.kind), "unit": one.unit} for one in attributes]


def _state(key: str, name: str) -> Any:
    held = st.session_state.get(key)
    return held.get(name) if isinstance(held, Mapping) else None
