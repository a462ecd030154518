"""Text on its way into the database: what one of the two databases would refuse or cut is refused before both."""

import json
from collections.abc import Mapping, Sequence

from segcore.problems import SegcoreError

# PostgreSQL cannot index a key much past 2,600 bytes, and a character takes up to four.
LONGEST_KEY = 512


def trouble(text: str) -> str | None:
    """What keeps a text from being stored, in words; None where nothing does. Nothing stored is found by such a text."""
    if "\x00" in text:
        return "a NUL character"
    # A lone surrogate is half a character; str.isascii is the quick way out.
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        return "half a character"
    return None


def storable(text: str, noun: str) -> str:
    """The same text, where it can be stored."""
    found = trouble(text)
    if found is not None:
        raise SegcoreError(f"The {noun} contains {found}, which cannot be stored.", "Delete it and try again.")
    return text


def key(text: str, noun: str) -> str:
    """The same text, where it can be stored and told apart by an index."""
    if not text.strip():
        raise SegcoreError(f"The {noun} is blank.")
    if len(text) > LONGEST_KEY:
        raise SegcoreError(f"The {noun} has {len(text)} characters; {LONGEST_KEY} are the most.")
    return storable(text, noun)


def document(value: object, noun: str) -> str:
    """A JSON document as it is stored; every text in it is checked."""
    _check(value, noun)
    try:
        return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    except ValueError:
        raise SegcoreError(f"The {noun} contains a number that is not finite.") from None


def _check(value: object, noun: str) -> None:
    # By a list of what waits, because somebody's document may be deeper than Python's stack.
    waiting = [value]
    while waiting:
        match waiting.pop():
            case str() as text:
                storable(text, noun)
            case Mapping() as pairs:
                waiting.extend(pairs.keys())
                waiting.extend(pairs.values())
            case Sequence() as items:
                waiting.extend(items)
