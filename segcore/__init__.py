"""Segcore finds people and companies by rules, and keeps them as segments. In Python it begins with `segcore.open`."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segcore.model import Agent
    from segcore.workspace import Workspace

__all__ = ["open"]


def open(url: str, agent: "Agent | str | None" = None) -> "Workspace":
    """The workspace of a database, `sqlite:///crm.db` or PostgreSQL, as an agent of that name sees it; without one as its
    local owner."""
    from segcore.workspace import Workspace  # importing a part of Segcore need not import all of it

    return Workspace(url, agent)
