"""The two kinds of trouble that people are told about: what they typed, and what cannot be done."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any


def written(path: "tuple[str | int, ...]") -> str:
    """A path as it is printed everywhere: `all[2].value`; the root is the empty string."""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}" if text else step
    return text


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with a rule or a file, where it is, and where it helps what was probably meant."""

    path: tuple[str | int, ...]
    message: str
    suggestion: str | None = None

    def as_json(self) -> dict[str, Any]:
        """`{"path": "all[1].operator", "message", "suggestion"?}`, as every surface prints it."""
        told = {"path": written(self.path), "message": self.message}
        return told if self.suggestion is None else {**told, "suggestion": self.suggestion}


class SegcoreError(Exception):
    """Something that cannot be done; its text can be shown as it is, with a hint of what to do instead."""

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class NotFound(SegcoreError):
    """What does not exist, and in the same words what the agent may not see."""


class Changed(SegcoreError):
    """Somebody else saved in between; nothing of theirs or yours is lost."""

    def __init__(self, message: str, hint: str = "", *, by: str = "", at: datetime | None = None) -> None:
        super().__init__(message, hint)
        self.by = by
        self.at = at


class InvalidRule(SegcoreError):
    """A rule that cannot be saved or evaluated, with every problem at once."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        first = self.problems[0]
        where = written(first.path)
        super().__init__(f"{where}: {first.message}" if where else first.message)
