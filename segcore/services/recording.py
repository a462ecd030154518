"""What the audit log says of segments and folders: what each was before and after, in the transaction that wrote it."""

from datetime import datetime

from sqlalchemy import Connection

from segcore import store
from segcore.model import Agent, Entry, Folder, Segment


def segment(
    connection: Connection, agent: Agent, what: str, before: Segment | None, after: Segment | None, now: datetime
) -> None:
    """Note what was done to a segment; of one that was changed only what is another now."""
    whose = after or before
    assert whose is not None
    was, became = _told(before), _told(after)
    if was is not None and became is not None:
        differing = [name for name in {**was, **became} if was.get(name) != became.get(name)]
        was, became = ({name: told.get(name) for name in differing} for told in (was, became))
    store.audit.append(
        connection,
        Entry(
            at=now,
            agent=agent.name,
            what=what,
            entity="segment",
            key=whose.key,
            name=whose.name,
            before=was,
            after=became,
        ),
    )


def folder(
    connection: Connection, agent: Agent, what: str, before: Folder | None, after: Folder | None, now: datetime
) -> None:
    """Note what was done to a folder."""
    whose = after or before
    assert whose is not None
    was, became = (None if each is None else {"name": each.name} for each in (before, after))
    store.audit.append(
        connection,
        Entry(
            at=now,
            agent=agent.name,
            what=what,
            entity="folder",
            key=whose.key,
            name=whose.name,
            before=dict(was) if was is not None else None,
            after=dict(became) if became is not None else None,
        ),
    )


def _told(segment: Segment | None) -> dict[str, object] | None:
    if segment is None:
        return None
    return {
        "name": segment.name,
        "description": segment.description,
        "folder": segment.folder,
        "rule": segment.document,
        "hidden_from": list(segment.hidden_from),
        "visible_to": None if segment.visible_to is None else list(segment.visible_to),
        "shown_to": list(segment.shown_to),
    }
