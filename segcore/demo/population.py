"""Who is there: when they signed up, where they live and work, what plan they are on, how keen they are."""

import unicodedata
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np

ID_PREFIX = "demo-"  # how everything of the demo is known again

HOUR = 3_600_000_000  # microseconds
DAY = 24 * HOUR
EPOCH = date(1970, 1, 1)
SPELLED = {
    ord(letter): spelled for letter, spelled in zip("ßüöäøı'’", ("ss", "ue", "oe", "ae", "o", "i", "", ""), strict=True)
}

Array = np.ndarray[Any, np.dtype[Any]]
City = list[Any]  # name, latitude, longitude, weight


class Population:
    """Columns of everyone who signed up, in that order, and of the companies, in the order in which they came.

    People who were only imported from a fair are not in the columns; `contacts` is their number.
    """

    def __init__(self, recipe: dict[str, Any], now: datetime) -> None:
        self.recipe = recipe
        self.random = np.random.default_rng(recipe["seed"])
        self.now = (now.astimezone(UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
        self.today = now.astimezone(UTC).date()
        self.contacts: int = recipe["contacts"]
        self.n: int = recipe["people"] - self.contacts
        self.countries = list(recipe["countries"])
        self.offset = np.array([country["utc"] for country in recipe["countries"].values()]) * HOUR
        self.signed_up = self._growing(self.n)
        self._employ()
        self._settle()
        self._subscribe()
        self._stay()

    def choose(self, weights: Any, count: int) -> Array:
        """`count` indices by weight."""
        weights = np.asarray(weights, dtype=float)
        chosen: Array = self.random.choice(len(weights), size=count, p=weights / weights.sum())
        return chosen

    def awake(self, person: Array, since: Array, until: Array) -> Array:
        """An instant for each between two, pulled to that person's waking hours and working days where that fits."""
        at = since + (self.random.random(len(person)) * (until - since)).astype(np.int64)
        local = (at + self.offset[self.country[person]]) % DAY
        moved = at - local + ((8.5 + 12 * self.random.beta(2, 2.2, len(person))) * HOUR).astype(np.int64)
        weekend = (moved // DAY + 3) % 7 >= 5
        moved = np.where(weekend & (self.random.random(len(person)) < 0.6), moved - 2 * DAY, moved)
        fitting: Array = np.where((moved >= since) & (moved <= until), moved, at)
        return fitting

    def _growing(self, count: int) -> Array:
        """Instants from the first sign-up to now: ever more of them, fewer at night and on weekends.

        They are drawn evenly along the weights, so that even a single day gets about its share.
        """
        hours = np.arange(self.now - self.recipe["days"] * DAY, self.now, HOUR)
        weekday, hour = (hours // DAY + 3) % 7, hours % DAY / HOUR  # 1970-01-01 was a Thursday
        awake = 0.12 + np.exp(-(((hour - 15.0) / 5.5) ** 2))  # when Europe or America work
        weight = np.cumsum(np.exp2((hours - self.now) / (480 * DAY)) * awake * np.where(weekday < 5, 1.0, 0.45))
        steps = (np.arange(count) + self.random.random(count)) / count
        at = hours[np.searchsorted(weight / weight[-1], steps)] + self.random.integers(0, HOUR, count)
        return np.sort(np.minimum(at, self.now - HOUR // 30))

    def _employ(self) -> None:
        """Companies, each founded by one person's sign-up; later people join those that exist by then."""
        recipe, count = self.recipe, self.recipe["companies"]
        founders = np.unique(np.searchsorted(self.signed_up, self._growing(count) - 2 * DAY))
        while len(founders) < count:  # two companies met the same person: somebody else founded the second
            founders = np.union1d(founders, self.random.integers(0, self.n, count - len(founders)))
        self.founders = founders
        self.company_created = self.signed_up[founders] - self.random.integers(HOUR // 20, HOUR, count)
        reach = np.cumsum(self.random.pareto(1.7, count) + 0.4)
        known = np.searchsorted(founders, np.arange(self.n), side="right")
        chosen = np.searchsorted(reach, self.random.random(self.n) * reach[known - 1])
        works = (self.random.random(self.n) < recipe["in_companies"]) & (known > 0)
        self.company = np.where(works, np.minimum(chosen, known - 1), -1)
        self.company[founders] = np.arange(count)
        self.second = np.full(self.n, -1)
        for person in np.flatnonzero((self.random.random(self.n) < recipe["two_companies"]) & (self.company >= 0)):
            other = int(self.random.integers(0, known[person]))
            self.second[person] = other if other != self.company[person] else -1
        industries = recipe["industries"].values()
        self.industry = self.choose([weight for weight, _, _ in industries], count)
        median = np.array([employees for _, employees, _ in industries])[self.industry]
        members = np.bincount(self.company[self.company >= 0], minlength=count)
        self.employees = np.maximum(np.round(median * self.random.lognormal(0, 0.9, count)), members + 1).astype(int)
        self.company_name = self._company_names()
        self.domain = [plain(name).replace(" ", "") + ".example" for name in self.company_name]

    def _company_names(self) -> list[str]:
        words, industries = (
            self.random.permutation(self.recipe["company_words"]),
            list(self.recipe["industries"].values()),
        )
        names: dict[str, None] = {}
        for index, industry in enumerate(self.industry):
            ends, step = industries[industry][2], index
            while (name := f"{words[step % len(words)]} {ends[(index + step // len(words)) % len(ends)]}") in names:
                step += 1
            names[name] = None
        return list(names)

    def _settle(self) -> None:
        """A country and a city for everyone; most live where their company is."""
        shares = [country["share"] for country in self.recipe["countries"].values()]
        self.company_country = self.choose(shares, self.recipe["companies"])
        self.country = self.choose(shares, self.n)
        at_home = (self.company >= 0) & (self.random.random(self.n) < 0.82)
        self.country[at_home] = self.company_country[self.company[at_home]]
        # "New Irish users" is the first example of the guide, so it must never be empty: some of the newest are Irish.
        self.country[self.n - np.array([4, 11, 19, 27, 38])] = self.countries.index("Ireland")
        self.company_city = [self._city(index) for index in self.company_country]
        near = self.random.random(self.n) < 0.7
        self.city: list[City] = []
        for person, country in enumerate(self.country):
            company = self.company[person]
            same = company >= 0 and self.company_country[company] == country and near[person]
            self.city.append(self.company_city[company] if same else self._city(country))

    def _city(self, country: int) -> City:
        cities: list[City] = self.recipe["countries"][self.countries[country]]["cities"]
        return cities[int(self.choose([city[3] for city in cities], 1)[0])]

    def _subscribe(self) -> None:
        """Members of a company are on its plan; who came lately is mostly still on trial."""
        recipe = self.recipe
        self.plans = list(recipe["plans"])
        trial, shares = self.plans.index("Free trial"), np.array([plan["share"] for plan in recipe["plans"].values()])
        started = self.now - recipe["trial_days"] * DAY
        plan = self.choose(shares, recipe["companies"])
        plan[(self.employees > 150) & (self.random.random(len(plan)) < 0.55)] = self.plans.index("Business")
        plan[(self.company_created > started) & (self.random.random(len(plan)) < 0.85)] = trial
        self.company_plan = plan
        own = self.choose(shares * np.array([1.3, 0.9, 0.25, 0]), self.n)
        alone = self.company < 0
        own[(self.signed_up > started) & (self.random.random(self.n) < 0.85)] = trial
        self.lapsed = alone & (self.signed_up <= started) & (self.random.random(self.n) < recipe["lapsed_trials"])
        own[self.lapsed] = trial
        self.plan = np.where(alone, own, plan[self.company])

    def _stay(self) -> None:
        """How keen everybody is (0 to 1), and until when they came."""
        age = self.now - self.signed_up
        self.keen = self.random.beta(1.6, 2.2, self.n) * np.where(self.lapsed, 0.4, 1.0)
        leaves = 0.44 + 0.34 * np.minimum(age / (900 * DAY), 1) - 0.42 * self.keen
        gone = ((self.random.random(self.n) < leaves) & (age > 3 * DAY)) | self.lapsed
        stayed = np.where(gone, age * self.random.beta(1.1, 1.1, self.n), age)
        stayed = np.where(self.lapsed, np.minimum(stayed, 24 * DAY), stayed)
        pause = self.random.exponential(1, self.n) * (0.6 + 9 * (1 - self.keen) ** 2) * DAY
        until = self.signed_up + stayed - np.where(gone, 0, pause)
        until = np.maximum(until, self.signed_up + np.minimum(age, self.random.integers(HOUR // 20, HOUR, self.n)))
        until = np.minimum(until.astype(np.int64), self.now - self.random.integers(30_000_000, HOUR // 2, self.n))
        self.until = np.maximum(until, self.signed_up)


def plain(text: str) -> str:
    """A name as an address spells it: "Ó Briain" → "o briain", "Großmann" → "grossmann"."""
    spelled = text.translate(SPELLED)
    folded = unicodedata.normalize("NFKD", spelled).encode("ascii", "ignore").decode("ascii")
    return folded.casefold()
