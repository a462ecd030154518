"""The tickets that a sample draws: a number for each person or company, from the salt and the external id alone."""

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.engine.bits import Bits
from segcore.engine.cache import Cache
from segcore.engine.columns import Column
from segcore.rules.sample import limits, ticket
from segcore.rules.tree import Sample

Tickets = NDArray[np.uint64]


def bits(sample: Sample, ids: Column, cache: Cache) -> Bits:
    """Those whose bucket lies in the sample."""
    first, after = limits(sample)
    name = ("sample", sample, ids.token)
    kept = cache.get(name)
    if isinstance(kept, Bits):
        return kept
    tickets = _tickets(sample.salt, ids, cache)
    # 2^64 does not fit into a ticket: as a limit it lets everybody in, or nobody.
    inside = np.full(len(tickets), first < 2**64, np.bool_)
    if 0 < first < 2**64:
        inside &= tickets >= np.uint64(first)
    if after < 2**64:
        inside &= tickets < np.uint64(max(after, 0))
    found = Bits.of_mask(inside)
    cache.put(name, found, found.size)
    return found


def _tickets(salt: str, ids: Column, cache: Cache) -> Tickets:
    """Hashed once; when people have come at the end since, only theirs are."""
    name = ("tickets", salt)
    texts = ids.series()
    kept = cache.get(name)
    known, before = (pl.Series(texts.name, [], dtype=pl.String), np.zeros(0, np.uint64))
    if isinstance(kept, tuple):
        token, held, tickets = kept
        if token == ids.token:
            return np.asarray(tickets)
        if len(held) <= len(texts) and held.equals(texts.head(len(held))):
            known, before = held, tickets
    new = texts.slice(len(known)).to_list()
    fresh = np.fromiter((ticket(salt, external_id) for external_id in new), np.uint64, len(new))
    found = np.concatenate((before, fresh))
    # The texts are the column's own; what is added are eight bytes each.
    cache.put(name, (ids.token, texts, found), found.nbytes)
    return found
