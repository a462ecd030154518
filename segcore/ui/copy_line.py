"""A line that is there to be copied, with its button."""

from segcore.ui.component import Component

_LINE = Component("copy_line")


def show(text: str, *, label: str, key: str) -> None:
    """Draw it; `label` says what the text is."""
    _LINE.mount(key=key, data={"text": text, "label": label})
