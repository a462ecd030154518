"""Whole numbers on their way to a browser and back, where a number is exact up to 2^53 only."""

import re
from typing import Any

EXACT = 2**53 - 1


def for_browsers(value: Any) -> Any:
    """Whole numbers that JavaScript cannot hold travel as {"integer": "9007199254740993"}."""
    match value:
        case bool():
            return value
        case int() if abs(value) > EXACT:
            return {"integer": str(value)}
        case dict():
            return {key: for_browsers(each) for key, each in value.items()}
        case list() | tuple():
            return [for_browsers(each) for each in value]
    return value


def from_browsers(value: Any) -> Any:
    """The same document with numbers again."""
    match value:
        case {"integer": str(digits), **rest} if not rest and re.fullmatch(r"-?\d{1,20}", digits):
            return int(digits)
        case dict():
            return {key: from_browsers(each) for key, each in value.items()}
        case list():
            return [from_browsers(each) for each in value]
    return value
