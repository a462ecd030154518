"""Segcore finds people and companies by rules, and keeps them as segments. In Python it begins with `segcore.open`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segcore.model import Agent
    from segcore.workspace import Workspace

__all__ = ["open"]


def open(url: str, agent: "Agent | None" = None) -> "Workspace":
    """The workspace of a database, `sqlite:///crm.db` or PostgreSQL; without an agent as its local owner."""
    from segcore.workspace import Workspace  # importing a part of Segcore need not import all of it

    return Workspace(url, agent)
