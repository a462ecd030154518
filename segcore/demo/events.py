"""What they did in the last year, and what follows from it: what each spent, contributed, and when each was last seen."""

import json
from datetime import date

import numpy as np
import polars as pl

from segcore.demo.population import DAY, EPOCH, HOUR, ID_PREFIX, Array, Population


class Events:
    """`frame` has every event; the columns beside it have one value for each person of the population."""

    def __init__(self, population: Population) -> None:
        self._all = population
        self._random, self._recipe = population.random, population.recipe
        year = population.now - self._recipe["event_days"] * DAY
        self._since = np.maximum(population.signed_up + 60_000_000, year)
        self._until = np.maximum(population.until, self._since)
        here = np.clip(
            (population.until - self._since) / (365 * DAY), 0, None
        )  # of the year in which things may happen
        recent = np.flatnonzero(population.signed_up >= year)
        parts = [
            _part(recent, "Signed up", population.signed_up[recent], ["{}"] * len(recent)),
            self._purchases(here),
            self._invitations(here),
            *self._mail(),
        ]
        left = self._recipe["events"] - sum(part.height for part in parts)
        parts.append(self._contributions(here, left))
        events = pl.concat(parts).sort("at", "person", maintain_order=True)
        last = np.zeros(population.n, dtype=np.int64)
        np.maximum.at(last, events.get_column("person").to_numpy(), events.get_column("at").to_numpy())
        self.last_seen = np.maximum(population.until, last)
        name = pl.format(ID_PREFIX + "p-{}", (pl.col("person") + 1).cast(pl.String).str.zfill(4))
        self.frame = events.with_columns(person=name)

    def _purchases(self, here: Array) -> pl.DataFrame:
        everyone, random = self._all, self._random
        rates = np.array([plan["purchases"] for plan in self._recipe["plans"].values()])
        person = self._times(here * rates[everyone.plan] * random.gamma(0.9, 1.3, everyone.n))
        kinds, goods = list(self._recipe["purchases"]), list(self._recipe["purchases"].values())
        kind = everyone.choose([weight for weight, _, _ in goods], len(person))
        typical, spread = np.array([[amount, spread] for _, amount, spread in goods])[kind].T
        whole = np.maximum(np.round(typical * random.lognormal(0, spread)), 4)
        cents = (
            whole * 100 - 100 + random.choice([0, 50, 90, 95, 99], len(person), p=[0.3, 0.15, 0.2, 0.1, 0.25])
        ).astype(int)
        self.spent = np.bincount(person, weights=cents, minlength=everyone.n) / 100  # sums of whole cents are exact
        self.purchases = np.bincount(person, minlength=everyone.n)
        told = [
            json.dumps({"amount": amount / 100, "category": kinds[index]})
            for amount, index in zip(cents.tolist(), kind.tolist(), strict=True)
        ]
        return self._sometime(person, "Purchase", told)

    def _invitations(self, here: Array) -> pl.DataFrame:
        person = self._times(here * self._all.keen * np.where(self._all.company >= 0, 2.6, 0.8))
        return self._sometime(person, "Invited", self._words("via", "invitations", len(person)))

    def _contributions(self, here: Array, count: int) -> pl.DataFrame:
        """Few give most, as in every community."""
        keen = (here + 0.004) * self._all.keen**1.7 * self._random.lognormal(0, 0.9, self._all.n)
        self.contributed = np.bincount(self._all.choose(keen, count), minlength=self._all.n)
        person = np.repeat(np.arange(self._all.n), self.contributed)
        return self._sometime(person, "Contribution", self._words("kind", "contributions", count))

    def _mail(self) -> list[pl.DataFrame]:
        """Who opened which campaign and clicked in it: the keener, the likelier."""
        everyone, random, until = self._all, self._random, self._until
        parts = []
        for name, day in self._recipe["campaigns"]:
            sent = everyone.signed_up + 2 * HOUR if day is None else np.full(everyone.n, self._latest(day))
            at = sent + (random.exponential(9, everyone.n) * HOUR).astype(np.int64) + 120_000_000
            reads = random.random(everyone.n) < 0.26 + 0.56 * everyone.keen
            who = np.flatnonzero(reads & (sent >= everyone.signed_up) & (at > self._since) & (at <= until))
            told = json.dumps({"campaign": name})
            for again in range(3):  # some come back to a mail
                parts.append(_part(who, "email_opened", at[who], [told] * len(who)))
                clicks = who[random.random(len(who)) < 0.27 - 0.08 * again]
                later = at[clicks] + random.integers(8_000_000, 240_000_000, len(clicks))
                fits = later <= until[clicks]
                parts.append(_part(clicks[fits], "email_clicked", later[fits], [told] * int(fits.sum())))
                at = at + (random.exponential(30, everyone.n) * HOUR).astype(np.int64) + 300_000_000
                who = who[(random.random(len(who)) < 0.24) & (at[who] <= until[who])]
        return parts

    def _latest(self, day: str) -> int:
        """Nine in the morning of the last time that this day of the year came round."""
        month, number = (int(part) for part in day.split("-"))
        found = date(self._all.today.year, month, number)
        found = found if found < self._all.today else date(found.year - 1, month, number)
        return (found - EPOCH).days * DAY + 9 * HOUR

    def _times(self, mean: Array) -> Array:
        """Everyone as often as they did something, on average `mean` times."""
        return np.repeat(np.arange(self._all.n), self._random.poisson(mean))

    def _words(self, key: str, choices: str, count: int) -> list[str]:
        words = [json.dumps({key: word}) for word in self._recipe[choices]]
        return [words[index] for index in self._all.choose(list(self._recipe[choices].values()), count)]

    def _sometime(self, person: Array, name: str, told: list[str]) -> pl.DataFrame:
        return _part(person, name, self._all.awake(person, self._since[person], self._until[person]), told)


def _part(person: Array, name: str, at: Array, told: list[str]) -> pl.DataFrame:
    columns = {"person": person.astype(np.int64), "at": at.astype(np.int64)}
    properties = pl.Series("properties", told, dtype=pl.String)
    return pl.DataFrame(columns).select("person", pl.lit(name).alias("name"), "at", properties)
