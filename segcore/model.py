"""The nouns: values that rooms hand to each other. Frozen; a change is a new value."""

from dataclasses import dataclass
from datetime import datetime

from segcore.attributes import Entity
from segcore.rules.tree import Rule

# Characters of a segment's name and description, and of a folder's name.
NAME_LIMIT, DESCRIPTION_LIMIT, FOLDER_LIMIT = 200, 2_000, 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Agent:
    """Who acts. `id` is None for the local owner, who exists before anybody can sign in and is an admin."""

    id: int | None
    name: str
    email: str = ""
    role: str = "admin"  # admin, editor or viewer
    enabled: bool = True


LOCAL_OWNER = Agent(id=None, name="owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What holds for all of it: its name, and the calendar that calendar operators use."""

    name: str = "Segcore"
    time_zone: str = "UTC"
    week_start: str = "monday"


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """A place for segments; its position orders the overview."""

    key: str
    name: str
    entity: Entity = Entity.PERSON
    position: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Segment:
    """A saved filter. `version` counts its saves and guards against lost updates. `author` is None for what
    belongs to the workspace (predefined, imported by command line). `rule` is None where the stored document
    cannot be read any more; `document` holds it as it was stored."""

    key: str
    name: str
    entity: Entity
    rule: Rule | None
    document: dict[str, object]
    description: str = ""
    folder: str | None = None
    hidden_from: tuple[str, ...] = ()
    visible_to: tuple[str, ...] | None = None
    predefined: bool = False
    author: str | None = None
    version: int = 1
    created_at: datetime
    updated_at: datetime
    updated_by: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """An unsaved filter, kept so that reload, back and a colleague's link work."""

    id: str
    agent: int | None
    entity: Entity
    document: dict[str, object]
    segment: str | None = None  # the segment it edits
    base_version: int | None = None  # the version of that segment it began from
    updated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that a person did."""

    name: str
    at: datetime
    properties: dict[str, object]
    message_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One write, as the change log keeps it."""

    position: int
    at: datetime
    agent: str
    what: str  # "people imported", "segment saved" …
    entity: str  # the kind of thing: person, company, event, segment, folder, draft, attribute, agent, workspace
    key: str = ""
    amount: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """One file that was imported; read = created + updated + unchanged + rejected."""

    id: int | None = None
    at: datetime
    agent: str
    entity: str  # person, company or event
    file: str
    read: int
    created: int
    updated: int
    unchanged: int
    rejected: int
