"""Agents who are signed in, for tests of whatever they do."""

from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent
from segcore.services.sessions import Seat
from tests.workspace import NOW

PASSWORD = "violet tractor umbrella"
OTHER = "seven quiet harbour lanterns"


def agent(services: Services, name: str, role: str = "editor", password: str | None = PASSWORD) -> Agent:
    """An agent with a password, or without one where it is None."""
    added = services.agents.add(LOCAL_OWNER, name=name, email=f"{name.lower()}@example.com", role=role, now=NOW)
    assert added.id is not None
    if password is not None:
        services.sessions.set_password(LOCAL_OWNER, added.id, password, now=NOW)
    return added


def token(services: Services, name: str) -> str:
    """The cookie of a new session of an agent."""
    found = services.sessions.claim(services.sessions.ticket(name, now=NOW), browser="Firefox", now=NOW)
    assert found is not None
    return found


def seat(services: Services, cookie: str) -> Seat:
    """Whose session that is at NOW."""
    found = services.sessions.seat(cookie, now=NOW)
    assert found is not None
    return found
