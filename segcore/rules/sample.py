"""Samples for the columns: the limits of a bucket as whole numbers, so that no rounding moves anybody."""

from fractions import Fraction
from hashlib import sha256
from math import ceil

from segcore.rules.tree import Sample

WHOLE = 2**64


def ticket(salt: str, external_id: str) -> int:
    """The number, from 0 to 2^64 − 1, that decides in which bucket somebody is."""
    return int.from_bytes(sha256(f"{salt}:{external_id}".encode()).digest()[:8], "big")


def limits(sample: Sample) -> tuple[int, int]:
    """The tickets that are in: from the first (included) to the second (excluded), which may be 2^64."""
    return ceil(Fraction(sample.start) * WHOLE / 100), ceil(Fraction(sample.end) * WHOLE / 100)
