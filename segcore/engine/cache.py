"""Answers kept for the next question, the least lately used let go first when they would be too many or hold too many bytes."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

MEGABYTE = 2**20
# Of a million people fewer fit into the bytes; of a few thousand people what stands around an answer outweighs it.
MOST = 4_096


class Cache:
    """Safe to share between threads. Two of them may work out the same answer at once; it is kept once."""

    def __init__(self, limit: int = 256 * MEGABYTE) -> None:
        self.limit = limit
        self._lock = threading.Lock()
        self._kept: OrderedDict[Hashable, tuple[object, int]] = OrderedDict()
        self._size = 0

    def get(self, key: Hashable) -> object | None:
        """What was kept under this key."""
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def put(self, key: Hashable, value: object, size: int) -> None:
        """Keep an answer of so many bytes. One that would push out most others is not kept."""
        if size > self.limit // 4:
            return
        with self._lock:
            _, before = self._kept.pop(key, (None, 0))
            self._kept[key] = (value, size)
            self._size += size - before
            while self._size > self.limit or len(self._kept) > MOST:
                _, (_, gone) = self._kept.popitem(last=False)
                self._size -= gone

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._kept.clear()
            self._size = 0

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._size

    def __len__(self) -> int:
        return len(self._kept)


class Aside(Cache):
    """Reads what another cache keeps, and keeps what is new to itself: for many questions that nobody will ask again."""

    def __init__(self, kept: Cache, limit: int = 64 * MEGABYTE) -> None:
        super().__init__(limit)
        self._beside = kept

    def get(self, key: Hashable) -> object | None:
        """What was kept under this key, here or there."""
        found = super().get(key)
        return self._beside.get(key) if found is None else found
