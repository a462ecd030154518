"""Browser components: plain JavaScript and CSS of one folder, mounted through Streamlit's components v2."""

from pathlib import Path
from typing import Any

import streamlit as st
from streamlit.components.v2.get_bidi_component_manager import get_bidi_component_manager

_FOLDER = Path(__file__).parent / "components"
SHARED = _FOLDER / "shared"


class Component:
    """One component, by the name of its folder; what `components/shared` holds stands before its own files."""

    def __init__(self, name: str) -> None:
        self.name = f"segcore_{name}"
        self._script = _together(SHARED / "returning.js", SHARED / "index.js", _FOLDER / name / "index.js")
        self._style = _together(SHARED / "style.css", _FOLDER / name / "style.css")
        self._manager: Any = None
        self._mount: Any = None

    def mount(self, *, key: str, data: dict[str, Any], **on_change: Any) -> Any:
        """Draw it; `on_<name>_change=` names each value that it can give back."""
        # A module is imported once, but every runtime (a test makes several) has a registry of its own.
        manager = get_bidi_component_manager()
        if manager is not self._manager:
            self._mount = st.components.v2.component(self.name, css=self._style, js=self._script)
            self._manager = manager
        return self._mount(key=key, data=data, **on_change)


def ignore() -> None:
    """A callback for values that are read after the component was drawn."""


def _together(*parts: Path) -> str:
    return "\n".join(part.read_text(encoding="utf-8") for part in parts)
