"""From companies to their people and back."""

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from segcore.engine.bits import Bits
from segcore.engine.derived import Measured
from segcore.engine.events import beginnings

Rows = NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Pairs:
    """Who belongs to which company, as rows of both, in the order of the people; of each person the first is the primary."""

    people: Rows
    companies: Rows
    heads: int  # how many people there are
    firms: int  # how many companies

    @classmethod
    def of(cls, belonging: pl.DataFrame, people: NDArray[np.int64], companies: NDArray[np.int64]) -> "Pairs":
        """From the SQL ids of a belonging, in the order of person and rank, and those of the rows."""
        who, where = (belonging.get_column(key).to_numpy() for key in ("person_id", "company_id"))
        there = np.isin(who, people) & np.isin(where, companies)
        rows = np.searchsorted(people, who[there]).astype(np.int32)
        firms = np.searchsorted(companies, where[there]).astype(np.int32)
        return cls(rows, firms, len(people), len(companies))

    @cached_property
    def token(self) -> bytes:
        """What is in it, so that the same pairs in a later snapshot are known as such."""
        digest = hashlib.sha256(f"{self.heads}:{self.firms}:".encode())
        digest.update(self.people.data)
        digest.update(self.companies.data)
        return digest.digest()

    def of_company(self, quantifier: str, matching: Bits) -> Bits:
        """The people of whose companies any, all or none match, or the primary one."""
        hits = matching.mask()[self.companies]
        match quantifier:
            case "any":
                return self._people(hits)
            case "all":
                return self._people(np.ones(len(hits), np.bool_)) & ~self._people(~hits)
            case "none":
                return ~self._people(hits)
            case "primary":
                first = beginnings(self.people)
                return Bits.of_rows(self.people[first[hits[first]]], self.heads)
        raise KeyError(quantifier)

    def of_people(self, matching: Bits) -> Measured:
        """For each company the number of its people that match."""
        found = np.bincount(self.companies[matching.mask()[self.people]], minlength=self.firms)
        # Every company has a number, so there is nobody to whom the value of all others would apply.
        return Measured(np.arange(self.firms), pl.Series(np.append(found, 0)))

    def belongs(self, person: int) -> bool:
        """Whether a person belongs to any company."""
        return bool(self.companies_of(person))

    def companies_of(self, person: int) -> list[int]:
        """The companies of one person, the primary one first."""
        return [int(row) for row in self.companies[self._of_person(person)]]

    def people_of(self, company: int) -> list[int]:
        """The people of one company."""
        return [int(row) for row in self.people[self.companies == company]]

    def _of_person(self, person: int) -> slice:
        low, high = np.searchsorted(self.people, np.array([person, person + 1], self.people.dtype))
        return slice(int(low), int(high))

    def _people(self, hits: NDArray[Any]) -> Bits:
        return Bits.of_rows(self.people[hits], self.heads)
