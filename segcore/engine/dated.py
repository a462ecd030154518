"""Who reached what since an instant: exact answers from instants kept in two bytes.

Two bytes hold the instant of an event to within some minutes of the years that a log spans: its mark. A limit falls into
the band of one mark. Whoever lies in a later band is in, whoever lies in an earlier one is out, whatever the instant;
only the few who have an event in the band itself are looked up. So a band answers every instant in it: the same
question a minute later costs next to nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.engine.bits import Bits

Instants = NDArray[np.int64]
Marks = NDArray[np.uint16]
Rows = NDArray[Any]
Mask = NDArray[np.bool_]
MOST = 2**16 - 1
# Where no more than one in so many rows has any, only theirs are looked at.
FEW = 4


def is_few(some: int | np.integer[Any], total: int) -> bool:
    """Whether it is quicker to deal with those few than with all."""
    return some * FEW <= total


@dataclass(frozen=True, slots=True)
class Scale:
    """How instants become marks: 0 is none, and what follows ascends with the instant."""

    base: int
    shift: int

    @classmethod
    def over(cls, at: Instants) -> "Scale":
        """The finest one that holds all these instants."""
        if not len(at):
            return cls(0, 0)
        low, high = int(at.min()), int(at.max())
        return cls(low, max((high - low).bit_length() - 16, 0))

    def marks(self, at: Instants) -> Marks:
        """The marks of instants."""
        marks = at - self.base
        marks >>= self.shift
        marks += 1
        # The latest of all may share a mark with those just before them.
        np.minimum(marks, MOST, out=marks)
        return marks.astype(np.uint16)

    def mark(self, start: int | None) -> int:
        """The mark of a limit, earlier than all instants or not; 0 where there is none."""
        if start is None or start <= self.base:
            return 0
        return min(((start - self.base) >> self.shift) + 1, MOST)


@dataclass(frozen=True, slots=True)
class Band:
    """Who is in for every limit with one mark, and those few rows for which it depends on the instant."""

    sure: Bits
    near: Rows
    holds: Callable[[int], Mask]  # which of the near ones are in, of an instant
    looked_up: int = 0  # events of theirs that are held for it

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self.sure.size + 64 * len(self.near) + 24 * self.looked_up

    def since(self, start: int | None) -> Bits:
        """Who is in since an instant of this band."""
        if start is None or not len(self.near):
            return self.sure
        return self.sure.replaced(self.near, self.holds(start))


@dataclass(frozen=True, eq=False)
class Dated:
    """The marks of so many rows' instants, or where few have one of those only.

    `near` names the rows that may have an instant with a mark, and `exact` their instants.
    """

    marks: Marks
    near: Callable[[int], Rows]
    exact: Callable[[Rows], Instants]
    total: int
    rows: Rows | None = None

    @classmethod
    def of(
        cls, rows: Rows, marks: Marks, near: Callable[[int], Rows], exact: Callable[[Rows], Instants], total: int
    ) -> "Dated":
        """An instant for some rows, ascending."""
        if is_few(len(rows), total):
            return cls(marks, near, exact, total, rows)
        everyone = np.zeros(total, np.uint16)
        everyone[rows] = marks
        return cls(everyone, near, exact, total)

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self.marks.nbytes + (0 if self.rows is None else self.rows.nbytes)

    def band(self, mark: int) -> Band:
        """Who has an instant in a later band than this mark's, and those who may have one in it."""
        inside = pl.Series(self.marks) > mark
        if self.rows is None:
            sure = Bits.of_column(inside)
        else:
            sure = Bits.of_rows(pl.Series(self.rows).filter(inside).to_numpy(), self.total)
        if mark == 0:
            return Band(sure, np.zeros(0, np.int64), lambda _: np.zeros(0, np.bool_))
        near = self.near(mark)
        at = self.exact(near)
        return Band(sure, near, lambda start: at >= start)
