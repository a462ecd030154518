"""A set of people or companies as packed bits: one bit a row, in row order."""

import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

Packed = NDArray[np.uint8]

FEW = 8
WORD = 8  # bytes; packed arrays are padded to whole words, so that counting runs over 64 bits at a time


@dataclass(frozen=True, slots=True, eq=False)
class Bits:
    """Which rows belong: bit i (least significant first) of `packed` is row i. Every bit past `length` is zero."""

    packed: Packed
    length: int

    @classmethod
    def none(cls, length: int) -> "Bits":
        """No row."""
        return cls(_locked(np.zeros(_bytes(length), np.uint8)), length)

    @classmethod
    def everyone(cls, length: int) -> "Bits":
        """Every row."""
        return ~cls.none(length)

    @classmethod
    def of_mask(cls, mask: NDArray[np.bool_]) -> "Bits":
        """The rows at which a mask is true."""
        packed = np.packbits(mask, bitorder="little")
        room = _bytes(len(mask)) - len(packed)
        return cls(_locked(np.pad(packed, (0, room)) if room else packed), len(mask))

    @classmethod
    def of_column(cls, column: pl.Series) -> "Bits":
        """The rows at which a column of booleans without missing values is true. Its own bits are taken as they lie."""
        if column.null_count() or column.dtype != pl.Boolean:
            raise ValueError("a set of rows is made of true and false only")
        length, whole = len(column), -(-len(column) // 8)
        array = column.rechunk().to_arrow()
        held = array.buffers()[1] if length and not array.offset else None
        if held is None:
            return cls.of_mask(column.to_numpy())
        packed = np.zeros(_bytes(length), np.uint8)
        packed[:whole] = np.frombuffer(held, np.uint8, whole)
        if length % 8:
            packed[whole - 1] &= (1 << length % 8) - 1
        return cls(_locked(packed), length)

    @classmethod
    def of_rows(cls, rows: "NDArray[Any] | list[int]", length: int) -> "Bits":
        """The rows with these numbers."""
        mask = np.zeros(length, np.bool_)
        mask[rows] = True
        return cls.of_mask(mask)

    def count(self) -> int:
        """How many rows."""
        return int(np.bitwise_count(self.packed.view(np.uint64)).sum())

    def mask(self) -> NDArray[np.bool_]:
        """One boolean a row."""
        return np.unpackbits(self.packed, count=self.length, bitorder="little").view(np.bool_)

    def rows(self) -> NDArray[np.int64]:
        """The numbers of the rows, ascending."""
        words = self.packed.view(np.uint64)
        some = np.flatnonzero(words)
        if len(some) * FEW > len(words):
            return np.flatnonzero(self.mask())
        # Where few words hold any row, only those are taken apart.
        word, bit = np.nonzero(np.unpackbits(words[some].view(np.uint8), bitorder="little").reshape(-1, 8 * WORD))
        rows: NDArray[np.int64] = some[word] * (8 * WORD) + bit
        return rows

    @property
    def digest(self) -> bytes:
        """A name for exactly these rows."""
        return hashlib.sha256(self.packed.data).digest() + self.length.to_bytes(8, "big")

    @property
    def size(self) -> int:
        """Bytes held."""
        return self.packed.nbytes

    def replaced(self, rows: NDArray[Any], holds: NDArray[np.bool_]) -> "Bits":
        """The same, but for a few rows, each named once, which belong as told."""
        packed = self.packed.copy()
        byte, bit = rows >> 3, np.left_shift(1, rows & 7).astype(np.uint8)
        np.bitwise_and.at(packed, byte, ~bit)
        np.bitwise_or.at(packed, byte[holds], bit[holds])
        return Bits(_locked(packed), self.length)

    def __getitem__(self, row: int) -> bool:
        """Whether one row belongs."""
        if not 0 <= row < self.length:
            raise IndexError(row)
        return bool(self.packed[row >> 3] >> (row & 7) & 1)

    def __and__(self, other: "Bits") -> "Bits":
        return Bits(_locked(self.packed & self._fit(other).packed), self.length)

    def __or__(self, other: "Bits") -> "Bits":
        return Bits(_locked(self.packed | self._fit(other).packed), self.length)

    def __invert__(self) -> "Bits":
        packed = ~self.packed
        whole, rest = divmod(self.length, 8)
        packed[whole + (rest > 0) :] = 0
        if rest:
            packed[whole] &= (1 << rest) - 1
        return Bits(_locked(packed), self.length)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Bits):
            return NotImplemented
        return self.length == other.length and bool(np.array_equal(self.packed, other.packed))

    __hash__ = None  # type: ignore[assignment]

    def _fit(self, other: "Bits") -> "Bits":
        # numpy would broadcast a set of one word over all of the other's.
        if self.length != other.length:
            raise ValueError(f"sets of {self.length} and {other.length} rows do not go together")
        return other


def _bytes(length: int) -> int:
    return -(-length // (8 * WORD)) * WORD


def _locked(packed: Packed) -> Packed:
    packed.flags.writeable = False
    return packed
