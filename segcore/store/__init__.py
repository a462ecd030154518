"""All SQL: one file per noun, plain functions that take a connection and values; whoever calls owns the transaction."""

from segcore.store import (
    agents,
    belonging,
    columns,
    demo,
    drafts,
    events,
    folders,
    health,
    imports,
    log,
    records,
    schema,
    segments,
    workspace,
)

__all__ = [
    "agents",
    "belonging",
    "columns",
    "demo",
    "drafts",
    "events",
    "folders",
    "health",
    "imports",
    "log",
    "records",
    "schema",
    "segments",
    "workspace",
]
