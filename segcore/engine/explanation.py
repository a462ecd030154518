"""What an explanation holds: every node of a rule with its answer, and the instant at which time alone turns the whole."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from segcore.attributes import Entity
from segcore.problems import written
from segcore.rules import interpret
from segcore.rules.describe import Sentence
from segcore.rules.tree import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One node of a rule, asked of one person. `holds` is None where the agent may not know."""

    path: Path
    kind: str  # all, any, none, attribute, event, sequence, company, people, segment, sample, hidden, one (of the companies)
    holds: bool | None
    says: Sentence
    subject: str = ""  # what the value is of: "Uploaded photos"
    plural: bool = False
    actual: str | None = None
    value: object = None  # the same as a plain value
    needed: str | None = None  # what the value would have to be for the other answer
    bound: str | None = None  # what a time limit comes to
    note: str | None = None
    pivotal: bool = False  # alone, answered otherwise, it turns the whole answer
    children: "tuple[Reason, ...]" = ()

    def walk(self) -> "Iterator[Reason]":
        """Itself and all under it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()

    def lines(self, depth: int = 0) -> "Iterator[tuple[int, Reason]]":
        """The same with how deep each lies."""
        yield depth, self
        for child in self.children:
            yield from child.lines(depth + 1)

    @property
    def told(self) -> str:
        """The actual value beside the needed one: "Uploaded photos is 74, more than 80 is needed"."""
        if self.actual is None:
            return str(self.says)
        if self.kind != "attribute":
            said = f"{self.says}: {self.actual}"
            return f"{said}; {self.needed} is needed" if self.needed else said
        said = f"{self.subject} {'are' if self.plural else 'is'} {self.actual}"
        if self.note:
            return f"{said}; {self.note}"
        return f"{said}{';' if self.plural else ','} {self.needed} is needed" if self.needed else said

    def as_json(self) -> dict[str, Any]:
        """As the command line and Python hand it out; what has no meaning for a node is left out."""
        told: dict[str, Any] = {"path": written(self.path), "kind": self.kind, "holds": self.holds}
        told["says"] = str(self.says)
        if self.kind in ("attribute", "event"):
            told["value"] = _plain(self.value)
        for key in ("actual", "needed", "bound", "note"):
            if (said := getattr(self, key)) is not None:
                told[key] = said
        if self.pivotal:
            told["pivotal"] = True
        return {**told, "children": [child.as_json() for child in self.children]} if self.children else told


@dataclass(frozen=True, slots=True)
class Flip:
    """The instant at which time alone turns the whole answer: unchanged one microsecond before, changed at it."""

    at: datetime
    path: Path
    says: str  # "Last seen passes 30 days"


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """Whether a rule holds for somebody at an instant, why, and until when if nothing but time passes."""

    external_id: str
    entity: Entity
    now: datetime
    holds: bool
    root: Reason
    flips: Flip | None = None
    hidden: bool = False  # some of it the agent may not see; of what is to come nothing is told then
    truncated: bool = False

    def pivotal(self) -> list[Reason]:
        """The conditions that alone, answered otherwise, turn the answer."""
        return [reason for reason in self.root.walk() if reason.pivotal]

    def as_json(self) -> dict[str, Any]:
        """As the command line and Python hand it out."""
        flips = None
        if self.flips is not None:
            flips = {"at": _iso(self.flips.at), "path": written(self.flips.path), "says": self.flips.says}
        return {
            "id": self.external_id,
            "entity": self.entity.value,
            "now": _iso(self.now),
            "holds": self.holds,
            "flips": flips,
            "reason": self.root.as_json(),
        }


def _plain(value: object) -> object:
    """A value as JSON has it."""
    if interpret.missing(value):
        return None
    if isinstance(value, datetime):
        return _iso(value)
    return value.isoformat() if isinstance(value, date) else value


def _iso(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
