"""The names of a file's columns, which become the keys of attributes as they are."""

import re
from collections import Counter
from collections.abc import Sequence

from segcore.ingest.chunk import short
from segcore.ingest.records import LONGEST_KEY
from segcore.problems import SegcoreError

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")


def checked(names: Sequence[str], file: str) -> tuple[str, ...]:
    """The same names, where each names one column and can be a key."""
    unnamed = [str(place) for place, name in enumerate(names, 1) if not name.strip()]
    if unnamed:
        noun = "Column" if len(unnamed) == 1 else "Columns"
        raise SegcoreError(
            f"{noun} {_few(unnamed)} of “{file}” {'has' if len(unnamed) == 1 else 'have'} no name.",
            "Name every column in the first line.",
        )
    for name in names:
        wrong = refusal(name)
        if wrong:
            hint = "It may be UTF-16: --encoding utf-16" if "\x00" in name else "Rename it in the first line."
            raise SegcoreError(f"The column name {short(name)} {wrong}.", hint)
    repeated = [short(name) for name, times in Counter(names).items() if times > 1]
    if repeated:
        raise SegcoreError(
            f"“{file}” has more than one column named {_few(repeated)}.", "Rename or remove all but one."
        )
    return tuple(names)


def refusal(key: str) -> str | None:
    """Why a name cannot be a key."""
    if not key.strip():
        return "is blank"
    if _CONTROL.search(key):
        return "contains a control character"
    if len(key) > LONGEST_KEY:
        return f"has {len(key):,} characters; {LONGEST_KEY} are the most"
    return None


def _few(names: Sequence[str]) -> str:
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5} more"
