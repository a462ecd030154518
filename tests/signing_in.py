"""How tests sign in without a form: an agent and a session straight through the services, and the token for the cookie."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from segcore.model import LOCAL_OWNER
from segcore.services.agents import Agents
from segcore.services.sessions import Sessions
from segcore.settings import Settings
from segcore.store.database import Database


def token(
    database: Database, settings: Settings, *, name: str = "ann", role: str = "admin", now: datetime | None = None
) -> str:
    """The token of a new session of this agent, who is made where there is none of the name."""
    now = now or datetime.now(UTC)
    agents, sessions = Agents(database), Sessions(database, settings.key())
    if name not in {agent.name for agent in agents.all(LOCAL_OWNER)}:
        agents.add(LOCAL_OWNER, name=name, email=f"{name.replace(' ', '.').lower()}@example.com", role=role, now=now)
    made = sessions.claim(sessions.ticket(name, now=now), browser="tests", now=now)
    assert made is not None
    return made


def token_of_folder(folder: Path, *, name: str = "ann", role: str = "admin") -> str:
    """The same beside a running server, by the folder of its database and its key."""
    with opened(folder) as (database, settings):
        return token(database, settings, name=name, role=role)


def change_in_folder(folder: Path, name: str, **wanted: Any) -> None:
    """What an admin changes of an agent, beside a running server."""
    with opened(folder) as (database, _):
        agents = Agents(database)
        agents.change(LOCAL_OWNER, _id(agents, name), **wanted, now=datetime.now(UTC))


def set_password_in_folder(folder: Path, name: str, password: str) -> None:
    """A password, beside a running server."""
    with opened(folder) as (database, settings):
        sessions = Sessions(database, settings.key())
        sessions.set_password(LOCAL_OWNER, _id(Agents(database), name), password, now=datetime.now(UTC))


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Database, Settings]]:
    """The database and the settings of a running server."""
    settings = Settings(database_url=f"sqlite:///{folder / 'segcore.db'}", data=folder)
    database = Database(settings.database_url)
    try:
        yield database, settings
    finally:
        database.close()


def _id(agents: Agents, name: str) -> int:
    (found,) = (agent.id for agent in agents.all(LOCAL_OWNER) if agent.name == name)
    assert found is not None
    return found
