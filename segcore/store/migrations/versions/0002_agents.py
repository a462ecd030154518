"""Sign-in, roles and the audit log; who refers to whom, so that what stands on a hidden segment is hidden in SQL."""

import json
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "audit",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("entity", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_table(
        "failed_sign_in",
        sa.Column("id", Id, nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("name_hash", sa.Text(), nullable=False),
        sa.Column("address", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_failed_sign_in")),
    )
    op.create_index(op.f("ix_failed_sign_in_address"), "failed_sign_in", ["address"], unique=False)
    op.create_index(op.f("ix_failed_sign_in_at"), "failed_sign_in", ["at"], unique=False)
    op.create_index(op.f("ix_failed_sign_in_name_hash"), "failed_sign_in", ["name_hash"], unique=False)
    op.create_table(
        "once",
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("agent_id", Id, nullable=True),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_once_agent_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("token_hash", name=op.f("pk_once")),
    )
    op.create_index(op.f("ix_once_agent_id"), "once", ["agent_id"], unique=False)
    op.create_table(
        "session",
        sa.Column("id", Id, nullable=False),
        sa.Column("token_hash", sa.Text(), nullable=False),
        sa.Column("agent_id", Id, nullable=False),
        sa.Column("seeing_as", Id, nullable=True),
        sa.Column("created_at", sa.BigInteger(), nullable=False),
        sa.Column("seen_at", sa.BigInteger(), nullable=False),
        sa.Column("ends_at", sa.BigInteger(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["agent_id"], ["agent.id"], name=op.f("fk_session_agent_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["seeing_as"], ["agent.id"], name=op.f("fk_session_seeing_as"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_session_token_hash")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_session_agent_id"), "session", ["agent_id"], unique=False)
    op.create_table(
        "segment_reference",
        sa.Column("segment_id", Id, nullable=False),
        sa.Column("refers_to", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_segment_reference_segment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("segment_id", "refers_to", name=op.f("pk_segment_reference")),
    )
    op.create_index(op.f("ix_segment_reference_refers_to"), "segment_reference", ["refers_to"], unique=False)
    op.create_table(
        "segment_shown_to",
        sa.Column("segment_id", Id, nullable=False),
        sa.Column("agent_id", Id, nullable=False),
        sa.ForeignKeyConstraint(
            ["agent_id"], ["agent.id"], name=op.f("fk_segment_shown_to_agent_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["segment_id"], ["segment.id"], name=op.f("fk_segment_shown_to_segment_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("segment_id", "agent_id", name=op.f("pk_segment_shown_to")),
    )
    op.create_index(op.f("ix_segment_shown_to_agent_id"), "segment_shown_to", ["agent_id"], unique=False)
    op.add_column("agent", sa.Column("may_send", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("agent", sa.Column("password_hash", sa.Text(), nullable=True))
    op.add_column("agent", sa.Column("new_segments", sa.Text(), server_default="{}", nullable=False))
    op.add_column("workspace", sa.Column("editors_edit_all", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.add_column("workspace", sa.Column("viewers_export", sa.Boolean(), server_default=sa.false(), nullable=False))
    _refer()


def _refer() -> None:
    """The references of the segments that are there already."""
    connection = op.get_bind()
    segment = sa.table("segment", sa.column("id"), sa.column("rule"))
    reference = sa.table("segment_reference", sa.column("segment_id"), sa.column("refers_to"))
    for row in connection.execute(sa.select(segment.c.id, segment.c.rule)).all():
        for key in sorted(set(_segments_in(json.loads(row.rule)))):
            connection.execute(reference.insert().values(segment_id=row.id, refers_to=key))


def _segments_in(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        if isinstance(node.get("segment"), str):
            yield node["segment"]
        for part in node.values():
            yield from _segments_in(part)
    elif isinstance(node, list):
        for part in node:
            yield from _segments_in(part)
