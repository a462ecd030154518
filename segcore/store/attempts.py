"""Wrong passwords, by hash of the name that was typed and by hash of the address, for as long as they count."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, delete, func, insert, select

from segcore.store import instants
from segcore.store.tables import failed_sign_in


class Failed(NamedTuple):
    """How many there were, and when the last one was."""

    amount: int
    last: datetime | None


def add(connection: Connection, *, at: datetime, name_hash: str, address_hash: str) -> None:
    """Count one."""
    connection.execute(insert(failed_sign_in).values(at=instants.stored(at), name_hash=name_hash, address=address_hash))


def of_name(connection: Connection, name_hash: str, since: datetime) -> Failed:
    """Those for one name after an instant."""
    return _failed(connection, failed_sign_in.c.name_hash == name_hash, since)


def of_address(connection: Connection, address_hash: str, since: datetime) -> Failed:
    """Those from one address after an instant."""
    return _failed(connection, failed_sign_in.c.address == address_hash, since)


def clear(connection: Connection, name_hash: str) -> None:
    """Forget those for a name: whoever it is knew the password."""
    connection.execute(delete(failed_sign_in).where(failed_sign_in.c.name_hash == name_hash))


def forget(connection: Connection, before: datetime) -> int:
    """Delete those up to an instant; how many."""
    return connection.execute(delete(failed_sign_in).where(failed_sign_in.c.at <= instants.stored(before))).rowcount


def _failed(connection: Connection, whose: ColumnElement[bool], since: datetime) -> Failed:
    row = connection.execute(
        select(func.count(), func.max(failed_sign_in.c.at)).where(whose, failed_sign_in.c.at > instants.stored(since))
    ).one()
    amount, last = row
    return Failed(amount, None if last is None else instants.read(last))
