"""What a rule document may be at most, looked at before anything else so that a hostile one cannot hang or exhaust."""

import json
import math

from segcore.problems import Problem

MAX_CONDITIONS = 1_000  # and as many groups
MAX_DEPTH = 16  # groups inside each other
MAX_VALUES = 10_000
MAX_PATTERN = 256
MAX_WORD = 1_000  # what `contains_word` looks for becomes a pattern, which engines bound in size
MAX_BYTES = 1024 * 1024
MAX_NESTING = 64  # brackets of JSON inside each other: more than any rule within the limits needs
MAX_NODES = MAX_BYTES // 2 + 1  # no JSON of MAX_BYTES holds more
MAX_WHOLE = 2**63 - 1
MAX_PROBLEMS = 1_000

TOO_LARGE = Problem((), "The rule is larger than 1 MiB as JSON.")
TOO_DEEP = Problem((), f"The rule is nested too deeply: groups go at most {MAX_DEPTH} deep.")

Path = tuple[str | int, ...]


def scan(document: object) -> tuple[list[Problem], bool]:
    """What of the document is no JSON that can be stored, and whether it is small enough to look into."""
    problems: list[Problem] = []
    stack: list[tuple[object, Path]] = [(document, ())]
    nodes = length = 0
    while stack:
        value, path = stack.pop()
        nodes += 1
        if nodes > MAX_NODES or length > MAX_BYTES:
            return [TOO_LARGE], False
        if len(path) > MAX_NESTING:
            return [TOO_DEEP], False
        if isinstance(value, dict):
            for key in value:
                if not isinstance(key, str):
                    problems.append(Problem(path, f"A key of JSON is text; found {found(key)}."))
                    return problems, False
                length += len(key) + 4
                if message := unfit(key):
                    problems.append(Problem((*path, shown(key)), message))
            stack.extend((each, (*path, shown(key))) for key, each in reversed(value.items()))
        elif isinstance(value, list | tuple):
            stack.extend((each, (*path, index)) for index, each in reversed(list(enumerate(value))))
        elif isinstance(value, str):
            length += len(value) + 2
            if message := unfit(value):
                problems.append(Problem(path, message))
        elif isinstance(value, bool) or value is None:
            pass
        elif isinstance(value, int):
            if abs(value) > MAX_WHOLE:
                problems.append(Problem(path, f"A whole number is at most {MAX_WHOLE:,} either way."))
        elif isinstance(value, float):
            if not math.isfinite(value):
                problems.append(Problem(path, f"A number is finite; found {value}."))
        else:
            problems.append(Problem(path, f"Only JSON can be a rule; found {found(value)}."))
            return problems, False
        if len(problems) >= MAX_PROBLEMS:
            return problems, False
    # A character takes up to 12 bytes of JSON, so only what could be too large is written out to see.
    if 12 * length + 25 * nodes > MAX_BYTES and not problems:
        written = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        if len(written.encode()) > MAX_BYTES:
            return [TOO_LARGE], False
    return problems, True


def too_deep(text: str) -> bool:
    """Whether JSON text nests more brackets than any rule does, without parsing it."""
    depth = 0
    quoted = escaped = False
    for character in text:
        if quoted:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                quoted = False
        elif character == '"':
            quoted = True
        elif character in "[{":
            depth += 1
            if depth > MAX_NESTING:
                return True
        elif character in "]}":
            depth -= 1
    return False


def unfit(text: str) -> str | None:
    """Why a text cannot be stored, if it cannot."""
    if "\0" in text:
        return "The text holds the character NUL, which cannot be stored."
    if text.isascii():
        return None
    try:
        text.encode()
    except UnicodeEncodeError:
        return "The text holds half a character (a lone surrogate), which cannot be stored."
    return None


def shown(text: str, length: int = 60) -> str:
    """A text that came from outside, as a message can hold it."""
    kept = text if len(text) <= length else text[: length - 1] + "…"
    return kept.replace("\0", "\\0").encode("utf-8", "backslashreplace").decode()


def found(value: object) -> str:
    """What was found in place of what was expected."""
    match value:
        case None:
            return "nothing"
        case bool():
            return "true" if value else "false"
        case str():
            return f"“{shown(value)}”" if value.strip() else "blank text"
        case int():
            return str(value) if abs(value) <= MAX_WHOLE else "a very large number"
        case float():
            return str(value)
        case list() | tuple():
            return "an empty list" if not value else "a list"
        case dict():
            return "an object"
        case _:
            return f"a Python {type(value).__name__}"
