"""What a password has to be, and its hash."""

import unicodedata
from collections.abc import Iterable
from functools import cache

import bcrypt
from zxcvbn import zxcvbn

from segcore.problems import SegcoreError

SHORTEST = 12  # characters
LONGEST = 72  # bytes: bcrypt reads no more
SCORE = 3  # of zxcvbn, which knows what is guessed first
COST = 12


def trimmed(password: str) -> str:
    """As the form of sign-in hands it on: without spaces around it."""
    return password.strip()


def check(password: str, *, about: Iterable[str] = ()) -> str:
    """The password as it is kept from now on, or what to mend; `about` is what others know of whoever it belongs to."""
    password, known = trimmed(password), [text for text in about if text]
    if len(password) < SHORTEST:
        raise SegcoreError(f"The password has {len(password)} characters; {SHORTEST} are the least.", "Add some words.")
    if not _plain(password):
        raise SegcoreError("The password holds a character that cannot be typed everywhere.", "Leave it out.")
    if len(password.encode()) > LONGEST:
        raise SegcoreError(f"The password is longer than {LONGEST} bytes.", "Leave some of it out.")
    folded = password.casefold()
    if any(folded in (text.casefold(), text.casefold()[::-1]) for text in known):
        raise SegcoreError("The password is your name or e-mail address.", "Choose another one.")
    if zxcvbn(password, user_inputs=[*_parts(known), "segcore"])["score"] < SCORE:
        raise SegcoreError(
            "The password is easy to guess.", "Three or four words that do not belong together make a good one."
        )
    return password


def hashed(password: str) -> str:
    """What is stored of it."""
    return bcrypt.hashpw(password.encode(), bcrypt.gensalt(COST)).decode()


def matches(password: str, stored: str | None) -> bool:
    """Whether it is the one; takes as long where there is none."""
    try:
        found = bcrypt.checkpw(trimmed(password).encode(), (stored or nobodys()).encode())
    except ValueError:  # longer than bcrypt reads, or half a character: nobody's password
        return False
    return found and stored is not None


def nobodys() -> str:
    """The hash of what nobody knows, to compare with where there is no agent of a name: that takes as long."""
    return _nobodys(COST)


@cache
def _nobodys(cost: int) -> str:
    return bcrypt.hashpw(bcrypt.gensalt(), bcrypt.gensalt(cost)).decode()


def _parts(known: Iterable[str]) -> set[str]:
    """Names and addresses whole, their words, and the words run together; also without accents."""
    found: set[str] = set()
    for text in known:
        for spelled in (text, unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode()):
            words = "".join(character if character.isalnum() else " " for character in spelled.casefold()).split()
            found |= {spelled.casefold(), "".join(words), *(word for word in words if len(word) > 2)}
    return found


def _plain(password: str) -> bool:
    return all(unicodedata.category(character) not in ("Cc", "Cs", "Cn", "Co") for character in password)
