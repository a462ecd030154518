"""The people, companies and events of the demo workspace, drawn from data/demo.yaml with a fixed seed, relative to an instant.

Everything hangs together as it would in a company: nobody does anything before signing up or after being last seen,
what they spent is the sum of their purchases, members of a company are on its plan, and names are of the country.
"""

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import yaml

RECIPE = Path(__file__).resolve().parents[2] / "data" / "demo.yaml"
ID_PREFIX = "demo-"  # how everything of the demo is known again

HOUR = 3_600_000_000  # microseconds
DAY = 24 * HOUR
EPOCH = date(1970, 1, 1)

Array = np.ndarray[Any, np.dtype[Any]]
Recipe = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the store takes: documents as stored, belonging and events by external id, instants in microseconds."""

    people: pl.DataFrame  # external_id, document
    companies: pl.DataFrame  # external_id, document
    belonging: pl.DataFrame  # person, company, rank
    events: pl.DataFrame  # person, name, at, properties


def read() -> Recipe:
    """The tracked recipe."""
    recipe: Recipe = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    return recipe


def draw(recipe: Recipe, now: datetime) -> Drawn:
    """The whole workspace as it stands at this instant; the same recipe and instant give the same one."""
    return _Draw(recipe, now).all()


class _Draw:
    """One drawing: columns of everyone, in the order in which they signed up."""

    def __init__(self, recipe: Recipe, now: datetime) -> None:
        self.recipe = recipe
        self.random = np.random.default_rng(recipe["seed"])
        self.now = (now.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        self.today = now.astimezone(UTC).date()
        self.n: int = recipe["people"] - recipe["contacts"]  # those who signed up
        self.countries: list[str] = list(recipe["countries"])
        self.offset = np.array([c["utc"] for c in recipe["countries"].values()]) * HOUR

    def all(self) -> Drawn:
        self.signed_up = self._growing(self.n)
        self._companies()
        self._countries()
        self._plans()
        self._presence()
        events = self._events()
        return Drawn(self._people(events), self._company_documents(), self._belonging(), events)

    # How the company grew

    def _growing(self, count: int) -> Array:
        """Instants from the first sign-up to now: ever more of them, fewer at night and on weekends."""
        hours = np.arange(self.now - self.recipe["days"] * DAY, self.now, HOUR)
        weight = np.exp2((hours - self.now) / (480 * DAY)) * self._rhythm(hours)
        return self._systematic(weight, hours, count)

    @staticmethod
    def _rhythm(at: Array) -> Array:
        """How awake the world is: working days, and the hours in which Europe and America overlap."""
        weekday = (at // DAY + 3) % 7  # 1970-01-01 was a Thursday
        hour = at % DAY / HOUR
        awake = 0.12 + np.exp(-(((hour - 15.0) / 5.5) ** 2))
        quiet: Array = awake * np.where(weekday < 5, 1.0, 0.45)
        return quiet

    def _systematic(self, weight: Array, hours: Array, count: int) -> Array:
        """`count` instants by weight, evenly drawn, so that even one day gets about its share."""
        steps = (np.arange(count) + self.random.random(count)) / count
        at = hours[np.searchsorted(np.cumsum(weight) / weight.sum(), steps)] + self.random.integers(0, HOUR, count)
        return np.sort(np.minimum(at, self.now - HOUR // 30))

    def _choose(self, weights: Any, count: int) -> Array:
        weights = np.asarray(weights, dtype=float)
        return self.random.choice(len(weights), size=count, p=weights / weights.sum())

    # Who works where

    def _companies(self) -> None:
        recipe, count = self.recipe, self.recipe["companies"]
        created = self._growing(count) - 2 * DAY
        founders = np.unique(np.searchsorted(self.signed_up, created))[:count]
        founders = np.union1d(founders, self.random.choice(self.n // 2, 0))
        while len(founders) < count:  # two companies met the same person: somebody else founded the second
            founders = np.union1d(founders, self.random.integers(0, self.n, count - len(founders)))
        self.founders = founders
        self.company_created = self.signed_up[founders] - self.random.integers(HOUR // 20, HOUR, count)
        size = self.random.pareto(1.25, count) + 0.35
        reach = np.cumsum(size)
        known = np.searchsorted(founders, np.arange(self.n), side="right")  # companies that existed then
        chosen = np.searchsorted(reach, self.random.random(self.n) * reach[known - 1])
        works = (self.random.random(self.n) < recipe["in_companies"]) & (known > 0)
        self.company = np.where(works, np.minimum(chosen, known - 1), -1)
        self.company[founders] = np.arange(count)
        self.second = np.full(self.n, -1)
        for person in np.flatnonzero((self.random.random(self.n) < recipe["two_companies"]) & (self.company >= 0)):
            other = int(self.random.integers(0, known[person]))
            self.second[person] = other if other != self.company[person] else -1
        industries = list(recipe["industries"].items())
        self.industry = self._choose([weight for _, (weight, _, _) in industries], count)
        median = np.array([employees for _, (_, employees, _) in industries])[self.industry]
        here = np.bincount(self.company[self.company >= 0], minlength=count)
        self.employees = np.maximum(np.round(median * self.random.lognormal(0, 0.9, count)), here + 1).astype(int)
        self.company_name, self.domain = self._company_names(industries)

    def _company_names(self, industries: list[tuple[str, Any]]) -> tuple[list[str], list[str]]:
        words = self.random.permutation(self.recipe["company_words"])
        names: list[str] = []
        for index, industry in enumerate(self.industry):
            ends = industries[industry][1][2]
            turn = index // len(words)
            names.append(f"{words[index % len(words)]} {ends[(index + turn) % len(ends)]}")
            step = 0
            while names.index(names[-1]) != index:
                step += 1
                names[-1] = f"{words[(index + 7 * step) % len(words)]} {ends[(index + step) % len(ends)]}"
        return names, [_plain(name).replace(" ", "") + ".example" for name in names]

    def _countries(self) -> None:
        shares = [country["share"] for country in self.recipe["countries"].values()]
        self.company_country = self._choose(shares, self.recipe["companies"])
        country = self._choose(shares, self.n)
        at_home = (self.company >= 0) & (self.random.random(self.n) < 0.82)
        country[at_home] = self.company_country[self.company[at_home]]
        # The welcome mail to new Irish people is the example of the guide, so some of the newest are Irish.
        country[self.n - np.array([4, 11, 19, 27, 38])] = self.countries.index("Ireland")
        self.country = country
        self.company_city = [self._city(index) for index in self.company_country]
        self.city: list[list[Any]] = []
        for person, index in enumerate(country):
            company = self.company[person]
            same = company >= 0 and self.company_country[company] == index and self.random.random() < 0.7
            self.city.append(self.company_city[company] if same else self._city(index))

    def _city(self, country: int) -> list[Any]:
        cities = self.recipe["countries"][self.countries[country]]["cities"]
        city: list[Any] = cities[int(self._choose([city[3] for city in cities], 1)[0])]
        return city

    # What they are on, and how much they are here

    def _plans(self) -> None:
        recipe = self.recipe
        self.plans = list(recipe["plans"])
        trial, shares = self.plans.index("Free trial"), np.array([plan["share"] for plan in recipe["plans"].values()])
        started = self.now - recipe["trial_days"] * DAY
        plan = self._choose(shares, recipe["companies"])
        large = (self.employees > 150) & (self.random.random(len(plan)) < 0.55)
        plan[large] = self.plans.index("Business")
        plan[(self.company_created > started) & (self.random.random(len(plan)) < 0.85)] = trial
        self.company_plan = plan
        own = self._choose(shares * np.array([1.3, 0.9, 0.25, 0]), self.n)
        own[(self.signed_up > started) & (self.random.random(self.n) < 0.8)] = trial
        self.lapsed = (self.company < 0) & (self.signed_up <= started) & (self.random.random(self.n) < recipe["lapsed_trials"])
        own[self.lapsed] = trial
        self.plan = np.where(self.company >= 0, plan[self.company], own)

    def _presence(self) -> None:
        """How keen everybody is (0 to 1), until when they came, and when they were last seen."""
        age = self.now - self.signed_up
        self.keen = self.random.beta(1.6, 2.2, self.n) * np.where(self.lapsed, 0.4, 1.0)
        leaves = 0.30 + 0.34 * np.minimum(age / (900 * DAY), 1) - 0.42 * self.keen
        gone = (self.random.random(self.n) < leaves) & (age > 3 * DAY) | self.lapsed
        stayed = np.where(gone, age * self.random.beta(1.1, 1.1, self.n), age)
        stayed = np.where(self.lapsed, np.minimum(stayed, 24 * DAY), stayed)
        pause = self.random.exponential(1, self.n) * (0.6 + 9 * (1 - self.keen) ** 2) * DAY
        until = self.signed_up + stayed - np.where(gone, 0, pause)
        self.until = np.maximum(until, self.signed_up + np.minimum(age, 6 * 60_000_000)).astype(np.int64)
        self.until = np.minimum(self.until, self.now - self.random.integers(30_000_000, HOUR, self.n))
        self.until = np.maximum(self.until, self.signed_up)

    def _within(self, person: Array, since: Array, until: Array) -> Array:
        """An instant for each between two, pulled to that person's waking hours, still between the two."""
        at = since + (self.random.random(len(person)) * (until - since)).astype(np.int64)
        local = (at + self.offset[self.country[person]]) % DAY
        awake = ((8.5 + 12 * self.random.beta(2, 2.2, len(person))) * HOUR).astype(np.int64)
        moved = at - local + awake
        weekend = (moved // DAY + 3) % 7 >= 5
        moved = np.where(weekend & (self.random.random(len(person)) < 0.6), moved - 2 * DAY, moved)
        return np.where((moved >= since) & (moved <= until), moved, at)

    # What they did

    def _events(self) -> pl.DataFrame:
        recipe = self.recipe
        year = self.now - recipe["event_days"] * DAY
        self.since = np.maximum(self.signed_up + 60_000_000, year)
        here = np.clip((self.until - self.since) / (365 * DAY), 0, None)  # years in which something may have happened
        parts = [
            self._part(np.flatnonzero(self.signed_up >= year), "Signed up", self.signed_up[self.signed_up >= year], None),
            self._purchases(here),
            self._simple(here * self.keen * np.where(self.company >= 0, 2.6, 0.8), "Invited", "via", "invitations"),
        ]
        opened = self._mail()
        parts += opened
        left = recipe["events"] - sum(part.height for part in parts)
        wanted = here * self.keen**1.7 * self.random.lognormal(0, 0.9, self.n)
        counts = np.bincount(self._choose(wanted + 1e-12 * (here > 0), left), minlength=self.n)
        parts.append(self._contributions(counts))
        events = pl.concat(parts).sort("at", "person", maintain_order=True)
        self.contributed = counts
        last = np.zeros(self.n, dtype=np.int64)
        np.maximum.at(last, events.get_column("person").to_numpy(), events.get_column("at").to_numpy())
        self.last_seen = np.maximum(self.until, last)
        self.spent = np.zeros(self.n)
        return events.with_columns(person=self._id(pl.col("person")))

    def _part(self, person: Array, name: str, at: Array, properties: list[str] | None) -> pl.DataFrame:
        told = pl.Series("properties", ["{}"] * len(person) if properties is None else properties, dtype=pl.String)
        return pl.DataFrame({"person": person.astype(np.int64), "at": at.astype(np.int64)}).select(
            "person", pl.lit(name).alias("name"), "at", told
        )

    def _people_times(self, mean: Array) -> Array:
        return np.repeat(np.arange(self.n), self.random.poisson(mean))

    def _simple(self, mean: Array, name: str, key: str, choices: str) -> pl.DataFrame:
        person = self._people_times(mean)
        words, weights = list(self.recipe[choices]), list(self.recipe[choices].values())
        told = [json.dumps({key: words[i]}) for i in self._choose(weights, len(person))]
        return self._part(person, name, self._within(person, self.since[person], self.until[person]), told)

    def _contributions(self, counts: Array) -> pl.DataFrame:
        person = np.repeat(np.arange(self.n), counts)
        words, weights = list(self.recipe["contributions"]), list(self.recipe["contributions"].values())
        told = [json.dumps({"kind": words[i]}) for i in self._choose(weights, len(person))]
        return self._part(person, "Contribution", self._within(person, self.since[person], self.until[person]), told)

    def _purchases(self, here: Array) -> pl.DataFrame:
        rates = np.array([plan["purchases"] for plan in self.recipe["plans"].values()])
        person = self._people_times(here * rates[self.plan] * self.random.gamma(0.9, 1.3, self.n))
        kinds = list(self.recipe["purchases"].items())
        kind = self._choose([weight for _, (weight, _, _) in kinds], len(person))
        typical, spread = np.array([[amount, spread] for _, (_, amount, spread) in kinds])[kind].T
        whole = np.maximum(np.round(typical * self.random.lognormal(0, spread)), 4)
        cents = self.random.choice([0, 50, 90, 95, 99], len(person), p=[0.3, 0.15, 0.2, 0.1, 0.25])
        self.bought, self.cents = person, (whole * 100 - 100 + cents).astype(np.int64)
        told = [
            json.dumps({"amount": cents / 100, "category": kinds[i][0]})
            for cents, i in zip(self.cents.tolist(), kind.tolist(), strict=True)
        ]
        return self._part(person, "Purchase", self._within(person, self.since[person], self.until[person]), told)

    def _mail(self) -> list[pl.DataFrame]:
        """Who opened which campaign and clicked in it; the keener, the likelier."""
        opened, clicked = [], []
        for name, day in self.recipe["campaigns"]:
            sent = self.signed_up + 2 * HOUR if day is None else np.full(self.n, self._latest(day))
            reads = self.random.random(self.n) < (0.30 + 0.62 * self.keen)
            at = sent + (self.random.exponential(9, self.n) * HOUR).astype(np.int64) + 120_000_000
            who = np.flatnonzero(reads & (at > self.since) & (at <= self.until))
            told = json.dumps({"campaign": name})
            for again in range(3):  # some come back to a mail
                opened.append(self._part(who, "email_opened", at[who], [told] * len(who)))
                click = who[self.random.random(len(who)) < 0.27 - 0.08 * again]
                later = at[click] + self.random.integers(8_000_000, 240_000_000, len(click))
                click, later = click[later <= self.until[click]], later[later <= self.until[click]]
                clicked.append(self._part(click, "email_clicked", later, [told] * len(click)))
                at = at + (self.random.exponential(30, self.n) * HOUR).astype(np.int64) + 300_000_000
                who = who[(self.random.random(len(who)) < 0.34) & (at[who] <= self.until[who])]
        return opened + clicked

    def _latest(self, day: str) -> int:
        """Nine in the morning of the last time that this day of the year came round."""
        month, number = (int(part) for part in day.split("-"))
        found = date(self.today.year, month, number)
        found = found if found < self.today else date(self.today.year - 1, month, number)
        return (found - EPOCH).days * DAY + 9 * HOUR

    # What is written down about them

    @staticmethod
    def _id(column: pl.Expr) -> pl.Expr:
        return pl.lit(f"{ID_PREFIX}p-") + (column + 1).cast(pl.String).str.zfill(4)

    def _people(self, events: pl.DataFrame) -> pl.DataFrame:
        from segcore.services.demo_people import documents

        return documents(self)

    def _belonging(self) -> pl.DataFrame:
        rows = [
            (f"{ID_PREFIX}p-{person + 1:04}", f"{ID_PREFIX}c-{company + 1:03}", rank)
            for rank, companies in enumerate((self.company, self.second))
            for person, company in enumerate(companies.tolist())
            if company >= 0
        ]
        return pl.DataFrame(rows, schema=["person", "company", "rank"], orient="row")

    def _company_documents(self) -> pl.DataFrame: ...
