"""How two texts are compared: what folding is, and what is blank."""

import re
import unicodedata

# What `str.isspace` knows: Unicode's white space and the four ASCII separators. Engines trim by different
# sets, so they get this one as an argument.
BLANK = (
    "\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680"
    + "".join(map(chr, range(0x2000, 0x200B)))
    + "\u2028\u2029\u202f\u205f\u3000"
)

_SPECIAL = re.compile(r"[\\.+*?()|\[\]{}^$#&\-~]")


def normal(text: str) -> str:
    """The text in Unicode's composed form."""
    return text if text.isascii() else unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """The text as it is compared when case does not matter: "STRASSE" and "Straße" are both "strasse"."""
    return (
        text.lower() if text.isascii() else unicodedata.normalize("NFC", unicodedata.normalize("NFC", text).casefold())
    )


def blank(text: str) -> bool:
    """Whether nothing but white space is in the text."""
    return not text.strip(BLANK)


def escaped(text: str) -> str:
    """A pattern of Rust's `regex` that finds exactly this text."""
    return _SPECIAL.sub(r"\\\g<0>", text)
