"""Keys made of names: what an address shows."""

import unicodedata
from collections.abc import Collection

LONGEST = 60


def slug(name: str, fallback: str) -> str:
    """Lower-case ASCII words joined by “-”; the fallback where a name has none ("Größte Kunden" → "grosste-kunden")."""
    plain = unicodedata.normalize("NFKD", name.casefold()).encode("ascii", "ignore").decode()
    words = "".join(character if character.isalnum() else " " for character in plain).split()
    return "-".join(words)[:LONGEST].strip("-") or fallback


def free(wanted: str, taken: Collection[str]) -> str:
    """The key itself, or with the first number behind it that nobody has."""
    if wanted not in taken:
        return wanted
    number = 2
    while f"{wanted}-{number}" in taken:
        number += 1
    return f"{wanted}-{number}"


def ended(slug: str, ending: str) -> str:
    """The slug with an ending, no longer than the longest."""
    return f"{slug[: LONGEST - len(ending) - 1].strip('-')}-{ending}" if ending else slug
