"""What the builder and the list say: the same words as the sentence, and the right number of them."""

from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.services.vocabulary import Vocabulary
from segcore.ui import builder_catalogue, table_data
from segcore.ui.people_table import View


def test_who_has_no_value_is_called_as_in_the_sentence() -> None:
    attributes = (
        Attribute(key="country", kind=Kind.TEXT, label="Country"),
        Attribute(key="photos", kind=Kind.NUMBER, label="Uploaded photos"),
        Attribute(key="signed_up_at", kind=Kind.DATETIME, label="Signed up", standard=True),
    )
    found = builder_catalogue.catalogue(vocabulary(attributes))["attributes"]["person"]
    told = {each["key"]: each.get("without") for each in found}
    assert told["country"] is None  # as most are: "no country"
    assert told["photos"] == "no value for uploaded photos"
    assert told["signed_up_at"] == "no sign-up date"


def vocabulary(attributes: tuple[Attribute, ...]) -> Any:
    """A vocabulary of these attributes of people."""
    schema = Schema(people={each.key: each for each in attributes})
    return Vocabulary(schema=schema, missing={entity: {} for entity in Entity}, totals={}, events=(), idle=0)


@pytest.mark.parametrize(
    ("entity", "total", "said"),
    [
        (Entity.PERSON, 412, "Plan is Gold removes all 412 people."),
        (Entity.PERSON, 1, "Plan is Gold removes the last 1 person."),
        (Entity.COMPANY, 7, "Plan is Gold removes all 7 companies."),
    ],
)
def test_nobody_is_explained_by_the_condition_that_takes_the_last(entity: Entity, total: int, said: str) -> None:
    preview: Any = SimpleNamespace(
        total=total,
        count=0,
        counts={"all[0]": SimpleNamespace(after=0)},
        said={0: "Plan is Gold"},
        now=datetime.now(UTC),
    )
    told = table_data.nobody(entity, preview, View(sort="name", descending=False))
    assert told["text"] == said
