"""The pages, their addresses and their place in the menu."""

from pathlib import Path

import streamlit as st

from segcore.model import Agent

PAGES = Path(__file__).resolve().parents[2] / "pages"


def pages(agent: Agent | None = None) -> dict[str, list[st.Page]]:
    """Those of an agent by menu section, or all; pages of one object are reached by links only."""
    return {
        "": [
            _page("segments", "Segments", ":material/join_inner:", start=True),
            _page("people", "People", ":material/group:"),
            _page("companies", "Companies", ":material/apartment:"),
            _page("segment", "Segment", hidden=True),
            _page("person", "Person", hidden=True),
            _page("company", "Company", hidden=True),
        ],
        "Workspace": [
            _page("data", "Data", ":material/database:"),
            _page("settings", "Settings", ":material/settings:"),
        ],
    }


def page(name: str) -> st.Page:
    """The page of that file name, for links and `st.switch_page`."""
    return next(
        one for section in pages().values() for one in section if one.url_path == ("" if name == START else name)
    )


START = "segments"


def _page(name: str, title: str, icon: str | None = None, *, start: bool = False, hidden: bool = False) -> st.Page:
    return st.Page(
        PAGES / f"{name}.py",
        title=title,
        icon=icon,
        url_path=None if start else name,
        default=start,
        visibility="hidden" if hidden else "visible",
    )
