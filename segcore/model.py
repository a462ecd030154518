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
    may_send: bool = False
    # What the workspace's settings allow beyond the role, by the keys of `access.SWITCHES`; read with the agent.
    grants: frozenset[str] = frozenset()
    # The admin who looks at the workspace as this agent would see it, and changes nothing meanwhile.
    seen_by: str | None = None


LOCAL_OWNER = Agent(id=None, name="owner")


@dataclass(frozen=True, slots=True, kw_only=True)
class Workspace:
    """What holds for all of it: its name, and the calendar that calendar operators use."""

    name: str = "Segcore"
    time_zone: str = "UTC"
    week_start: str = "monday"
    editors_edit_all: bool = False
    viewers_export: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NewSegments:
    """What an agent's new segments start with: seen by everybody, not by some, or by some only (none: only me)."""

    hidden_from: tuple[str, ...] = ()
    visible_to: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One sign-in in one browser. Only a hash of its token is stored."""

    id: int
    agent: int
    created_at: datetime
    seen_at: datetime
    ends_at: datetime  # whatever is done until then
    browser: str = ""
    seeing_as: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One line of the audit log: who did what to which object, with what it was before and after (None: nothing)."""

    id: int | None = None
    at: datetime
    agent: str
    what: str  # "segment changed", "agent disabled" …
    entity: str  # segment, folder, agent, workspace, attribute, person, company, event
    key: str = ""
    name: str = ""
    before: dict[str, object] | None = None
    after: dict[str, object] | None = None


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
    # Agents to whom it is shown on purpose although they may not see all that it refers to.
    shown_to: tuple[str, ...] = ()
    # How many of its conditions the asking agent may not see. Then `rule` and `document` say only "is in this segment".
    concealed: int = 0
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
