"""What a person or a company can have: kinds, attributes, and the schema that holds them."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from enum import StrEnum

import polars as pl

EXTERNAL_ID = "external_id"


class Entity(StrEnum):
    """What a rule selects."""

    PERSON = "person"
    COMPANY = "company"


class Kind(StrEnum):
    """What the values of an attribute or property are."""

    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATETIME = "datetime"
    LIST = "list"
    LOCATION = "location"


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribute:
    """One thing that a person, a company or an event can carry.

    `known` is false while every value so far was missing and no kind was declared: the kind is then
    text for the time being, and the first values decide it. `fractions` says that a number attribute
    has a value that is not whole; its values are then floats, and whole numbers past 2^53 are refused.
    `large` says that it has a whole number past 2^53, and then fractions are refused.
    """

    key: str
    kind: Kind
    label: str = ""
    description: str = ""
    unit: str = ""
    standard: bool = False
    known: bool = True
    fractions: bool = False
    large: bool = False

    @property
    def name(self) -> str:
        """What people read: the label, or the key made readable ("signed_up_at" → "Signed up")."""
        return self.label or readable(self.key)


ID = Attribute(key=EXTERNAL_ID, kind=Kind.TEXT, label="ID", standard=True)

STANDARD: Mapping[Entity, tuple[Attribute, ...]] = {
    Entity.PERSON: (
        Attribute(key="name", kind=Kind.TEXT, label="Name", standard=True),
        Attribute(key="email", kind=Kind.TEXT, label="E-mail", standard=True),
        Attribute(key="signed_up_at", kind=Kind.DATETIME, label="Signed up", standard=True),
        Attribute(key="last_seen_at", kind=Kind.DATETIME, label="Last seen", standard=True),
    ),
    Entity.COMPANY: (
        Attribute(key="name", kind=Kind.TEXT, label="Name", standard=True),
        Attribute(key="created_at", kind=Kind.DATETIME, label="Created", standard=True),
    ),
}


@dataclass(frozen=True, slots=True)
class Schema:
    """Everything a rule may name, in the order in which it became known. `external_id` is in both entities."""

    people: Mapping[str, Attribute] = field(default_factory=dict)
    companies: Mapping[str, Attribute] = field(default_factory=dict)
    events: Mapping[str, str] = field(default_factory=dict)  # name → label
    properties: Mapping[str, Attribute] = field(default_factory=dict)  # one kind a name, over all events

    def of(self, entity: Entity) -> Mapping[str, Attribute]:
        """The attributes of people or of companies, by key."""
        return self.people if entity is Entity.PERSON else self.companies

    def nearest(self, entity: Entity, key: str) -> str | None:
        """The existing key that `key` was probably meant to be, by spelling of keys and of labels."""
        attributes = self.of(entity)
        spellings = {name: a.key for a in attributes.values() for name in (a.key.casefold(), a.name.casefold())}
        found = get_close_matches(key.casefold(), list(spellings), n=1, cutoff=0.6)
        return spellings[found[0]] if found else None


def readable(key: str) -> str:
    """A key as people read it: "uploaded_photos" → "Uploaded photos", "signed_up_at" → "Signed up", "email" → "E-mail"."""
    words = key.removesuffix("_at").replace("_", " ").strip() or key
    words = re.sub(r"\bemail\b", "e-mail", words)
    return words[:1].upper() + words[1:]


def dtype(attribute: Attribute) -> pl.DataType:
    """The Polars type of an attribute's column. Instants are UTC microseconds; a location is a latitude and a longitude."""
    match attribute.kind:
        case Kind.TEXT:
            return pl.String()
        case Kind.NUMBER:
            return pl.Float64() if attribute.fractions else pl.Int64()
        case Kind.BOOLEAN:
            return pl.Boolean()
        case Kind.DATE:
            return pl.Date()
        case Kind.DATETIME:
            return pl.Datetime("us", "UTC")
        case Kind.LIST:
            return pl.List(pl.String())
        case Kind.LOCATION:
            return pl.Struct({"latitude": pl.Float64(), "longitude": pl.Float64()})


def fold_column(key: str) -> str:
    """The name of the column that holds the folded text of an attribute, beside its own."""
    return key + "\x1ffold"
