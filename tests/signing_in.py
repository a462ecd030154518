"""How tests sign in without a form: an agent and a session straight through the services, and the token for the cookie."""

from datetime import UTC, datetime
from pathlib import Path

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
        agents.add(LOCAL_OWNER, name=name, email=f"{name}@example.com", role=role, now=now)
    made = sessions.claim(sessions.ticket(name, now=now), browser="tests", now=now)
    assert made is not None
    return made


def token_of_folder(folder: Path, *, name: str = "ann", role: str = "admin") -> str:
    """The same beside a running server, by the folder of its database and its key."""
    settings = Settings(database_url=f"sqlite:///{folder / 'segcore.db'}", data=folder)
    database = Database(settings.database_url)
    try:
        return token(database, settings, name=name, role=role)
    finally:
        database.close()
