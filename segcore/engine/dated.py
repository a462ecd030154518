"""An instant a person, kept in two bytes, and asked who has it at or after another instant.

Two bytes hold the instant to within some minutes of the years that a log spans. Whoever lies in the same minutes as
the limit is looked up in the log, so the answer is exact; all others, which is nearly everybody, are decided by the
two bytes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from segcore.engine.bits import Bits

Instants = NDArray[np.int64]
Rows = NDArray[Any]
MOST = 2**16 - 1


@dataclass(frozen=True, slots=True)
class Scale:
    """How instants become two bytes: 0 is none, and what follows ascends with the instant."""

    base: int
    shift: int

    @classmethod
    def over(cls, at: Instants) -> "Scale":
        """The finest one that holds all these instants."""
        low, high = int(at.min()), int(at.max())
        return cls(low, max((high - low).bit_length() - 16, 0))

    def marks(self, at: Instants) -> NDArray[np.uint16]:
        """The two bytes of instants."""
        # The latest of all may share a mark with those just before them.
        marks: NDArray[np.int64] = np.minimum(((at - self.base) >> self.shift) + 1, MOST)
        return marks.astype(np.uint16)


@dataclass(frozen=True, eq=False)
class Dated:
    """Two bytes a row, and the exact instants of those rows that are asked for."""

    marks: NDArray[np.uint16]
    scale: Scale
    exact: Callable[[Rows], Instants]

    def since(self, start: int | None) -> Bits:
        """The rows whose instant is not before the start; with None all that have one."""
        if start is None or start <= self.scale.base:
            return Bits.of_mask(self.marks > 0)
        limit = ((start - self.scale.base) >> self.scale.shift) + 1
        limit = min(limit, MOST)
        inside = self.marks > np.uint16(limit)
        near = np.flatnonzero(self.marks == np.uint16(limit))
        inside[near] = self.exact(near) >= start
        return Bits.of_mask(inside)
