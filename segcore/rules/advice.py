"""What lint says beside a node, and the texts of a rule that nobody in the data has."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from segcore.attributes import Entity, Kind, Schema
from segcore.problems import written
from segcore.rules import tree
from segcore.rules.text import fold
from segcore.rules.tree import Condition, Path, Performed, Rule, walk_over

MOST_VALUES = 40  # values that are looked for in the data


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    """One remark beside a node. `about`: the node of which the claim is true for any data."""

    path: Path
    kind: str  # contradiction, empty_range, always, never, no_effect, any_of_negatives, unseen, same
    message: str
    suggestion: str | None = None
    fix: dict[str, Any] | None = None  # what the node would better be, as a document; an empty "all" takes it out
    claim: str = ""  # never, always or no_effect, of the node at `about`
    about: Path = ()

    def as_json(self) -> dict[str, Any]:
        """As the builder shows it, beside the problems."""
        told: dict[str, Any] = {"path": written(self.path), "level": "warning", "message": self.message}
        told["kind"] = self.kind
        for key in ("suggestion", "fix"):
            if (said := getattr(self, key)) is not None:
                told[key] = said
        return told


@dataclass(frozen=True, slots=True)
class Seen:
    """How often a text is in the data, and of texts that are, the one most like it with its count."""

    count: int
    nearest: tuple[str, int] | None = None


# Whose value (people, companies, or the event of that name), of which attribute, and the text.
Look = Callable[[Entity | str, str, str], Seen | None]


_LOOKED_UP = frozenset({"is", "is_not", "is_any_of", "is_none_of", "includes", "not_includes"}) | {
    "includes_any",
    "includes_all",
    "includes_none",
}


def unseen(rule: Rule, entity: Entity, seen: Look, schema: Schema) -> list[Advice]:
    """Texts that nobody has."""
    advice: list[Advice] = []
    asked = 0
    of_event: dict[Path, str] = {}
    for path, node, over in walk_over(rule, entity):
        match node:
            case Performed(event):
                of_event[(*path, "where")] = event
            case tree.Sequence(steps):
                of_event |= {(*path, "sequence", n, "where"): step.event for n, step in enumerate(steps)}
        if not isinstance(node, Condition) or node.operator not in _LOOKED_UP:
            continue
        attributes = schema.properties if over is None else schema.of(over)
        if attributes[node.attribute].kind not in (Kind.TEXT, Kind.LIST):
            continue
        whose: Entity | str = over or next(
            of_event[path[:end]] for end in range(len(path), -1, -1) if path[:end] in of_event
        )
        many = isinstance(node.value, tuple)
        for index, value in enumerate(node.value if isinstance(node.value, tuple) else (node.value,)):
            asked += 1
            if asked > MOST_VALUES:
                return advice
            found = seen(whose, node.attribute, str(value))
            if found is None or found.count:
                continue
            at: Path = (*path, "value", index) if many else (*path, "value")
            nobody = (
                {Entity.PERSON: "Nobody", Entity.COMPANY: "No company"}.get(over, "No event") if over else "No event"
            )
            message = f"{nobody} has the value {_short(str(value))}."
            if found.nearest is not None:
                message += f" Did you mean {_short(found.nearest[0])} ({found.nearest[1]:,})?"
            near = found.nearest[0] if found.nearest else None
            advice.append(Advice(path=at, kind="unseen", message=message, suggestion=near))
    return advice


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def like(text: str, values: Sequence[tuple[str, int]]) -> Seen:
    """How often a text is among values, and the one most like it: of two, the commoner."""
    wanted = fold(text)
    counts: dict[str, int] = {}
    names: dict[str, str] = {}
    for value, count in values:
        folded = fold(value)
        counts[folded] = counts.get(folded, 0) + count
        names.setdefault(folded, value)
    if wanted in counts:
        return Seen(counts[wanted])
    close = get_close_matches(wanted, list(counts), n=1, cutoff=0.6)
    return Seen(0, (names[close[0]], counts[close[0]]) if close else None)
