"""Instants as they are stored: whole microseconds since the epoch, UTC."""

from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


def stored(instant: datetime) -> int:
    """An aware instant as the database keeps it."""
    if instant.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return (instant - EPOCH) // _MICROSECOND


def read(microseconds: int) -> datetime:
    """A stored instant."""
    return EPOCH + timedelta(microseconds=microseconds)
