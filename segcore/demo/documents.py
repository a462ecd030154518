"""What is written down about people and companies, as stored documents; what is not known is left out."""

import json
from datetime import date
from typing import Any

import polars as pl

from segcore.attributes import Entity
from segcore.demo.events import Events
from segcore.demo.population import DAY, EPOCH, ID_PREFIX, Population, plain


def people(population: Population, events: Events) -> pl.DataFrame:
    """`external_id` and `document` of everyone, contacts of a fair last."""
    return _frame(Entity.PERSON, _People(population, events).documents())


def companies(population: Population) -> pl.DataFrame:
    """`external_id` and `document` of every company."""
    random, recipe = population.random, population.recipe
    industries = list(recipe["industries"])
    documents = []
    for index, name in enumerate(population.company_name):
        plan = population.plans[population.company_plan[index]]
        city, latitude, longitude, _ = population.company_city[index]
        employees = int(population.employees[index])
        known = random.random(4)
        document: dict[str, Any] = {
            "name": name,
            "created_at": int(population.company_created[index]),
            "plan": plan,
            "industry": industries[population.industry[index]],
            "employees": employees if known[0] < 0.93 else None,
            "annual_revenue": round(employees * 1000 * float(random.lognormal(4.3, 0.5)), 2)
            if known[1] < 0.7
            else None,
            "country": population.countries[population.company_country[index]],
            "city": city,
            "location": [latitude, longitude],
            "website": population.domain[index] if known[2] < 0.9 else None,
            "contract_ends_on": None
            if plan == "Free trial"
            else _renewal(population, int(population.company_created[index])),
            "tags": _tags(plan, employees, float(known[3])),
        }
        documents.append(document)
    return _frame(Entity.COMPANY, documents)


def belonging(population: Population) -> pl.DataFrame:
    """Who belongs to which company; rank 0 is the primary one."""
    rows = [
        (f"{ID_PREFIX}p-{person + 1:04}", f"{ID_PREFIX}c-{company + 1:03}", rank)
        for rank, chosen in enumerate((population.company, population.second))
        for person, company in enumerate(chosen.tolist())
        if company >= 0
    ]
    return pl.DataFrame(rows, schema={"person": pl.String, "company": pl.String, "rank": pl.Int64}, orient="row")


class _People:
    """Writes one document after another, from the same source of chance."""

    def __init__(self, population: Population, events: Events) -> None:
        self.all, self.events, self.recipe, self.random = population, events, population.recipe, population.random
        self.taken: set[str] = set()
        self.departments = list(self.recipe["departments"].items())
        self.roles = list(self.recipe["roles"])

    def documents(self) -> list[dict[str, Any]]:
        """Everyone who signed up, then the contacts."""
        everyone, random, n = self.all, self.random, self.all.n
        department = everyone.choose([weight for _, (weight, _) in self.departments], n)
        role = everyone.choose(list(self.recipe["roles"].values()), n)
        role[everyone.founders] = self.roles.index("Team admin")
        factor = [plan["photos"] for plan in self.recipe["plans"].values()]
        mobile = [plan["mobile"] for plan in self.recipe["plans"].values()]
        months = (everyone.until - everyone.signed_up) / (30 * DAY)
        known = random.random((n, 8))
        noise = random.lognormal(0, 0.8, n)
        documents = []
        for index in range(n):
            plan = int(everyone.plan[index])
            country = everyone.countries[everyone.country[index]]
            name, address = self._called(country, index)
            chance = known[index]
            # Photos pile up with time, ever more slowly.
            photos = int(
                (chance[3] > 0.09)
                * 27
                * factor[plan]
                * everyone.keen[index]
                * (months[index] + 0.08) ** 0.62
                * noise[index]
            )
            own, titles = self.departments[department[index]][0], self.departments[department[index]][1][1]
            told_department = own if chance[0] < 0.91 else None
            city, latitude, longitude, _ = everyone.city[index]
            told_country = country if chance[1] < 0.96 else None
            document: dict[str, Any] = {
                "name": name,
                "email": address if chance[2] < 0.992 else None,
                "signed_up_at": int(everyone.signed_up[index]),
                "last_seen_at": int(self.events.last_seen[index]),
                "country": told_country,
                "plan": everyone.plans[plan],
                "uploaded_photos": photos if chance[3] < 0.985 else None,
                "total_spent": round(float(self.events.spent[index]), 2),
                "downloaded_mobile_app": bool(random.random() < mobile[plan]) if chance[4] < 0.97 else None,
                "job_title": titles[int(random.integers(len(titles)))] if chance[5] < 0.88 else None,
                "department": told_department,
                "primary_role": self.roles[role[index]],
                "badges": self._badges(index, photos),
                "groups": self._groups(own, city),
                "city": city if told_country and chance[6] < 0.93 else None,
                "location": self._near(latitude, longitude) if told_country and chance[6] < 0.9 else None,
                "birthday": self._birthday() if chance[7] < 0.62 else None,
                "contract_ends_on": self._contract(index, plan),
            }
            documents.append(document)
        return documents + [self._contact() for _ in range(everyone.contacts)]

    def _called(self, country: str, person: int) -> tuple[str, str]:
        """A name of the country, and an address at the company or at one of the mail providers."""
        names = self.recipe["countries"][country]
        given, family = self._pick(names["given"]), self._pick(names["family"])
        company = -1 if person < 0 else int(self.all.company[person])
        domain = self._pick(self.recipe["personal_domains"]) if company < 0 else self.all.domain[company]
        local = f"{plain(given)}.{plain(family)}".replace(" ", "")
        address, number = f"{local}@{domain}", 2
        while address in self.taken:
            address, number = f"{local}{number}@{domain}", number + 1
        self.taken.add(address)
        return f"{given} {family}", address

    def _pick(self, names: list[str]) -> str:
        return names[int(self.random.integers(len(names)))]

    def _badges(self, person: int, photos: int) -> list[str] | None:
        contributed = int(self.events.contributed[person])
        age = self.all.now - int(self.all.signed_up[person])
        earned = {
            "First photo": photos >= 1,
            "Storyteller": photos >= 80,
            "Verified buyer": self.events.purchases[person] > 0,
            "Helpful": contributed >= 9,
            "Top contributor": contributed >= 24,
            "Early adopter": age > 900 * DAY,
            "Beta tester": self.random.random() < 0.04,
        }
        badges = [badge for badge, has in earned.items() if has]
        # Some never opened their badges, so nothing was ever recorded.
        return badges if badges or self.random.random() < 0.4 else None

    def _groups(self, department: str, city: str) -> list[str] | None:
        joined = []
        for group, needs in self.recipe["groups"].items():
            fits = needs.get("department", department) == department and needs.get("city", city) == city
            if self.random.random() < needs["share"] and fits:
                joined.append(group)
        return joined if joined or self.random.random() < 0.5 else None

    def _near(self, latitude: float, longitude: float) -> list[float]:
        """Within some kilometres of the middle of the city."""
        north, east = self.random.normal(0, 0.045, 2)
        return [round(latitude + float(north), 4), round(longitude + float(east) * 1.4, 4)]

    def _birthday(self) -> int:
        years = 21 + 44 * float(self.random.beta(1.7, 2.4))
        return (self.all.today - EPOCH).days - int(years * 365.25) - int(self.random.integers(0, 365))

    def _contract(self, person: int, plan: int) -> int | None:
        if self.all.plans[plan] == "Free trial":
            return None
        company = int(self.all.company[person])
        began = int(self.all.signed_up[person] if company < 0 else self.all.company_created[company])
        return _renewal(self.all, began)

    def _contact(self) -> dict[str, Any]:
        """Somebody whose card was taken at a fair: no sign-up, no plan, never seen."""
        country = self.all.countries[
            int(self.all.choose([c["share"] for c in self.recipe["countries"].values()], 1)[0])
        ]
        name, address = self._called(country, -1)
        department, (_, titles) = self.departments[int(self.random.integers(len(self.departments)))]
        return {
            "name": name,
            "email": address,
            "country": country if self.random.random() < 0.6 else None,
            "job_title": self._pick(titles),
            "department": department,
            "groups": ["Fair visitors"],
        }


def _renewal(population: Population, began: int) -> int:
    """The next anniversary of a contract, as days since 1970."""
    start = date.fromordinal(EPOCH.toordinal() + began // DAY)
    year = population.today.year
    for candidate in (year, year + 1):
        day = date(candidate, start.month, min(start.day, 28))
        if day >= population.today and day > start:
            return (day - EPOCH).days
    return (date(year + 2, start.month, min(start.day, 28)) - EPOCH).days


def _tags(plan: str, employees: int, chance: float) -> list[str] | None:
    tags = [
        tag
        for tag, has in {"Key customer": plan == "Business" and employees > 120, "Pilot": chance < 0.07}.items()
        if has
    ]
    return tags or ([] if chance < 0.4 else None)


def external_ids(entity: Entity, count: int) -> list[str]:
    """Those of the first so many people or companies."""
    if entity is Entity.PERSON:
        return [f"{ID_PREFIX}p-{number:04}" for number in range(1, count + 1)]
    return [f"{ID_PREFIX}c-{number:03}" for number in range(1, count + 1)]


def _frame(entity: Entity, documents: list[dict[str, Any]]) -> pl.DataFrame:
    ids = external_ids(entity, len(documents))
    kept = ({key: value for key, value in document.items() if value is not None} for document in documents)
    return pl.DataFrame({"external_id": ids, "document": [json.dumps(d, ensure_ascii=False) for d in kept]})
