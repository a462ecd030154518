"""One state of the data, in columns."""

from dataclasses import dataclass, field
from functools import cached_property

import polars as pl

from segcore.attributes import Entity, Schema
from segcore.engine.columns import Columns
from segcore.engine.crossing import Pairs
from segcore.engine.events import Events

BELONGING = {"person_id": pl.Int64, "company_id": pl.Int64, "rank": pl.Int64}


@dataclass(frozen=True)
class Snapshot:
    """All people, companies and events at one position of the change log, immutable.

    `belonging` holds SQL ids, in the order of person and rank.
    """

    position: int
    schema: Schema
    people: Columns
    companies: Columns
    belonging: pl.DataFrame = field(default_factory=lambda: pl.DataFrame(schema=BELONGING))
    events: Events = field(default_factory=Events)

    def of(self, entity: Entity) -> Columns:
        """The columns of people or of companies."""
        return self.people if entity is Entity.PERSON else self.companies

    @cached_property
    def pairs(self) -> Pairs:
        """Who belongs to which company, by rows."""
        return Pairs.of(self.belonging, self.people.ids, self.companies.ids)

    def height(self, entity: Entity) -> int:
        """How many people or companies there are."""
        return self.of(entity).height

    def missing(self, entity: Entity) -> dict[str, int]:
        """For each attribute how many have no value."""
        return {key: column.missing for key, column in self.of(entity).by_key.items()}

    @property
    def size(self) -> int:
        """Bytes held, about."""
        return self.people.size + self.companies.size + self.events.size + int(self.belonging.estimated_size())
