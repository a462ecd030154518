"""What the data has to say before anybody asks: how often each event happened lately, who never did anything."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from segcore.engine.cache import Cache
from segcore.engine.events import Events
from segcore.rules.calendar import microseconds

LATELY = timedelta(days=30)
_LATER_THAN_ANY = np.iinfo(np.int64).max


@dataclass(frozen=True, slots=True)
class Doing:
    """One kind of event: how many there were in the last 30 days, and which properties it carries."""

    lately: int
    properties: tuple[str, ...]


def doings(events: Events, now: datetime, cache: Cache) -> Mapping[str, Doing]:
    """Every event that happened, by name. The counts are those of the full hour, so that they stand still while one works."""
    until = now.replace(minute=0, second=0, microsecond=0)
    end, start = microseconds(until), microseconds(until - LATELY)
    found = {}
    for name, log in events.by_name.items():
        kept = cache.get(("lately", log.token, end))
        if not isinstance(kept, int):
            kept = int(np.count_nonzero((log.at >= start) & (log.at <= end)))
            cache.put(("lately", log.token, end), kept, 64)
        found[name] = Doing(kept, tuple(log.by_key))
    return found


def idle(events: Events, total: int, now: datetime, cache: Cache) -> int:
    """How many of so many people never did anything until now."""
    name = ("first of all", tuple(log.token for log in events.by_name.values()), total)
    first = cache.get(name)
    if not isinstance(first, np.ndarray):
        first = np.full(total, _LATER_THAN_ANY, np.int64)
        for log in events.by_name.values():
            oldest = log.at[log.starts + log.counts - 1]
            first[log.who] = np.minimum(first[log.who], oldest)
        cache.put(name, first, first.nbytes)
    return int(np.count_nonzero(first > microseconds(now)))
