"""The demo workspace, drawn from data/demo.yaml with a fixed seed, relative to an instant.

Everything hangs together as it would in a company: nobody does anything before signing up or after being last seen,
what people spent is the sum of their purchases, members of a company are on its plan, and names are of the country.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import polars as pl
import yaml

from segcore.attributes import Entity
from segcore.demo import documents
from segcore.demo.documents import belonging, companies, people
from segcore.demo.events import Events
from segcore.demo.population import Population

__all__ = ["RECIPE", "Drawn", "draw", "external_ids", "read"]

RECIPE = Path(__file__).resolve().parents[2] / "data" / "demo.yaml"


@dataclass(frozen=True, slots=True)
class Drawn:
    """What the store takes: documents as stored, belonging and events by external id, instants in microseconds."""

    people: pl.DataFrame  # external_id, document
    companies: pl.DataFrame  # external_id, document
    belonging: pl.DataFrame  # person, company, rank
    events: pl.DataFrame  # person, name, at, properties


def read() -> dict[str, Any]:
    """The tracked recipe."""
    recipe: dict[str, Any] = yaml.safe_load(RECIPE.read_text(encoding="utf-8"))
    return recipe


def external_ids(recipe: Mapping[str, Any], entity: Entity) -> list[str]:
    """The external ids of all that the recipe makes, by which they are known again."""
    return documents.external_ids(entity, recipe["people" if entity is Entity.PERSON else "companies"])


def draw(recipe: dict[str, Any], now: datetime) -> Drawn:
    """The whole workspace as it stands at this instant; the same recipe and instant give the same one."""
    population = Population(recipe, now)
    events = Events(population)
    return Drawn(people(population, events), companies(population), belonging(population), events.frame)
