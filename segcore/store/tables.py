"""Every table. Instants are microseconds since the epoch, UTC; documents are JSON text, so that both databases keep them as they were written.

A column named `position` is the place in the change log of the last write that touched the row.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from segcore.attributes import Entity

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the type is spelled INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


def _record(name: str) -> Table:
    """People and companies: one shape. The long document stands last, so that the other columns are read without it."""
    return Table(
        name,
        metadata,
        Column("id", Id, primary_key=True),
        Column("external_id", Text, nullable=False, unique=True),
        Column("position", BigInteger, nullable=False, index=True),
        Column("created_at", BigInteger, nullable=False),
        Column("updated_at", BigInteger, nullable=False),
        Column("document", Text, nullable=False),
        sqlite_autoincrement=True,  # the id of somebody who was deleted is never given again
    )


person = _record("person")
company = _record("company")
RECORDS = {Entity.PERSON: person, Entity.COMPANY: company}

# What was deleted, so that a snapshot can drop it; it holds nothing about whoever it was.
deleted = Table(
    "deleted",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("record_id", BigInteger, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False, index=True),
)

belonging = Table(
    "belonging",
    metadata,
    Column("person_id", Id, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("company_id", Id, ForeignKey("company.id", ondelete="CASCADE"), primary_key=True, index=True),
    Column("rank", Integer, nullable=False),  # 0 is the primary company
)

# When a person's companies last changed; kept apart because a person may have none left.
belonging_change = Table(
    "belonging_change",
    metadata,
    Column("person_id", Id, ForeignKey("person.id", ondelete="CASCADE"), primary_key=True),
    Column("position", BigInteger, nullable=False, index=True),
)

event = Table(
    "event",
    metadata,
    Column("id", Id, primary_key=True),
    Column("person_id", Id, ForeignKey("person.id", ondelete="CASCADE"), nullable=False),
    Column("name", Text, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("message_id", Text, unique=True),
    Column("properties", Text, nullable=False),
    Index("ix_event_person_id_at", "person_id", "at"),
    Index("ix_event_name_at", "name", "at"),
    sqlite_autoincrement=True,
)


def _described() -> tuple[Column[object], ...]:
    """What is known about an attribute or a property besides its key."""
    columns = (
        Column("kind", Text, nullable=False),
        Column("label", Text, nullable=False),
        Column("description", Text, nullable=False),
        Column("unit", Text, nullable=False),
        Column("standard", Boolean, nullable=False),
        Column("known", Boolean, nullable=False),
        Column("fractions", Boolean, nullable=False),
        Column("large", Boolean, nullable=False),
        Column("ordinal", Integer, nullable=False),
        Column("position", BigInteger, nullable=False),
    )
    return columns  # type: ignore[return-value]


attribute = Table(
    "attribute",
    metadata,
    Column("entity", Text, primary_key=True),
    Column("key", Text, primary_key=True),
    *_described(),
)

event_name = Table(
    "event_name",
    metadata,
    Column("name", Text, primary_key=True),
    Column("label", Text, nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("position", BigInteger, nullable=False),
)

event_property = Table("event_property", metadata, Column("key", Text, primary_key=True), *_described())

agent = Table(
    "agent",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False, unique=True),
    Column("name_folded", Text, nullable=False, unique=True),  # "Maeve" and "maeve" would be taken for one another
    Column("email", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("may_send", Boolean, nullable=False, server_default=false()),
    Column("password_hash", Text),  # NULL until a password is set by a one-time link
    Column("new_segments", Text, nullable=False, server_default="{}"),  # who sees the segments he makes, at first
    Column("created_at", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    sqlite_autoincrement=True,
)

folder = Table(
    "folder",
    metadata,
    Column("key", Text, primary_key=True),
    Column("name", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("place", Integer, nullable=False),  # the order in the overview
    Column("position", BigInteger, nullable=False),
)

# Every key that a segment ever had: what is shared by address must never come to mean something else.
segment_key = Table("segment_key", metadata, Column("key", Text, primary_key=True))

segment = Table(
    "segment",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", Text, ForeignKey("segment_key.key"), nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("folder", Text, ForeignKey("folder.key", ondelete="SET NULL"), index=True),
    Column("predefined", Boolean, nullable=False),
    # True where only the agents of `segment_visible_to` may see it; there may be none of them.
    Column("restricted", Boolean, nullable=False),
    Column("author", Text),
    Column("version", Integer, nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("updated_at", BigInteger, nullable=False),
    Column("updated_by", Text),
    Column("position", BigInteger, nullable=False),
    Column("rule", Text, nullable=False),
    sqlite_autoincrement=True,
)


def _seen(name: str) -> Table:
    """Pairs of a segment and an agent."""
    return Table(
        name,
        metadata,
        Column("segment_id", Id, ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True),
        Column("agent_id", Id, ForeignKey("agent.id", ondelete="CASCADE"), primary_key=True, index=True),
    )


hidden_from = _seen("segment_hidden_from")
visible_to = _seen("segment_visible_to")

shown_to = _seen("segment_shown_to")

# Which segment refers to which, so that what is hidden hides what stands on it, in SQL. Kept with every save of a rule.
segment_reference = Table(
    "segment_reference",
    metadata,
    Column("segment_id", Id, ForeignKey("segment.id", ondelete="CASCADE"), primary_key=True),
    Column("refers_to", Text, primary_key=True, index=True),  # a key; whoever it belonged to may be gone
)

# One sign-in in one browser; gone when it is ended. Times are those of the product's clock.
session = Table(
    "session",
    metadata,
    Column("id", Id, primary_key=True),
    Column("token_hash", Text, nullable=False, unique=True),
    Column("agent_id", Id, ForeignKey("agent.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("seeing_as", Id, ForeignKey("agent.id", ondelete="SET NULL")),
    Column("created_at", BigInteger, nullable=False),
    Column("seen_at", BigInteger, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
    Column("browser", Text, nullable=False),
    sqlite_autoincrement=True,
)

# What is good for one use and a short time: a ticket between the form and the cookie, a link to set a password.
once = Table(
    "once",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("kind", Text, nullable=False),  # ticket, setup, invite or reset
    Column("agent_id", Id, ForeignKey("agent.id", ondelete="CASCADE"), index=True),  # NULL: the first admin to come
    Column("ends_at", BigInteger, nullable=False),
)

# Wrong passwords, for as long as they count.
failed_sign_in = Table(
    "failed_sign_in",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("name_hash", Text, nullable=False, index=True),  # a hash, because people type passwords there by mistake
    Column("address", Text, nullable=False, index=True),
)

audit = Table(
    "audit",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False, index=True),
    Column("agent", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("before", Text),
    Column("after", Text),
    sqlite_autoincrement=True,
)

draft = Table(
    "draft",
    metadata,
    Column("id", Text, primary_key=True),
    Column("agent_id", Id, ForeignKey("agent.id", ondelete="CASCADE"), index=True),  # NULL: the local owner
    Column("entity", Text, nullable=False),
    Column("segment", Text),
    Column("base_version", Integer),
    Column("updated_at", BigInteger, nullable=False, index=True),
    Column("position", BigInteger, nullable=False),
    Column("document", Text, nullable=False),
)

change = Table(
    "change",
    metadata,
    Column("position", BigInteger, primary_key=True, autoincrement=False),
    Column("at", BigInteger, nullable=False),
    Column("agent", Text, nullable=False),
    Column("what", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("amount", BigInteger, nullable=False),
)

# One row. Every writer holds it until it commits, so positions are in the order of commits.
log_head = Table(
    "log_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("position", BigInteger, nullable=False),
)

workspace = Table(
    "workspace",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("week_start", Text, nullable=False),
    Column("editors_edit_all", Boolean, nullable=False, server_default=false()),
    Column("viewers_export", Boolean, nullable=False, server_default=false()),
    Column("position", BigInteger, nullable=False),
)

imported = Table(
    "import",
    metadata,
    Column("id", Id, primary_key=True),
    Column("at", BigInteger, nullable=False),
    Column("agent", Text, nullable=False),
    Column("entity", Text, nullable=False),
    Column("file", Text, nullable=False),
    Column("read", BigInteger, nullable=False),
    Column("created", BigInteger, nullable=False),
    Column("updated", BigInteger, nullable=False),
    Column("unchanged", BigInteger, nullable=False),
    Column("rejected", BigInteger, nullable=False),
    Column("position", BigInteger, nullable=False),
    Column("rejections", Text, nullable=False),  # the file of rejected rows, cut where it is long
    sqlite_autoincrement=True,
)

chosen_columns = Table(
    "chosen_columns",
    metadata,
    Column("id", Id, primary_key=True),
    Column("agent_id", BigInteger, nullable=False),  # 0: the local owner, who has no row
    Column("view", Text, nullable=False),  # a segment's key, or the name of a table without one
    Column("columns", Text, nullable=False),
    Column("position", BigInteger, nullable=False),
    UniqueConstraint("agent_id", "view"),
)
