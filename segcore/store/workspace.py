"""The workspace's own settings: one row, absent until somebody saves it."""

from sqlalchemy import Connection, select

from segcore.model import Workspace
from segcore.store import texts
from segcore.store.tables import workspace


def get(connection: Connection) -> Workspace:
    """What holds for the whole workspace; what RULES.md says of a new one until it is saved."""
    row = connection.execute(select(workspace)).first()
    if row is None:
        return Workspace()
    return Workspace(
        name=row.name,
        time_zone=row.time_zone,
        week_start=row.week_start,
        editors_edit_all=row.editors_edit_all,
        viewers_export=row.viewers_export,
    )


def saved(connection: Connection) -> bool:
    """Whether these settings were ever saved; a new workspace has none."""
    return connection.execute(select(workspace.c.id)).first() is not None


def save(connection: Connection, wanted: Workspace, position: int) -> None:
    """Replace the settings."""
    row = {
        "name": texts.key(wanted.name, "workspace's name"),
        "time_zone": wanted.time_zone,
        "week_start": wanted.week_start,
        "editors_edit_all": wanted.editors_edit_all,
        "viewers_export": wanted.viewers_export,
        "position": position,
    }
    if connection.execute(workspace.update().values(row)).rowcount == 0:
        connection.execute(workspace.insert().values(id=1, **row))
