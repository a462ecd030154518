"""Passwords are set by links that work once: the first admin's, an invitation, a reset. Nobody ever has a default password.

A token is 256 bits of chance, and only its HMAC under the workspace's key is stored, so a copy of the database opens nothing
and a token is found by one lookup.
"""

import hmac
import secrets
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Literal

from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb, require
from segcore.model import Agent
from segcore.problems import NotFound, SegcoreError
from segcore.services import passwords
from segcore.services.agents import named
from segcore.services.audit import of_agent
from segcore.store.database import Database
from segcore.store.once import INVITE, RESET, SETUP, TICKET

TICKET_LASTS, LINK_LASTS = timedelta(seconds=30), timedelta(days=3)
LINKS = frozenset({SETUP, INVITE, RESET})
LONGEST_TOKEN = 200

Kind = Literal["setup", "invite", "reset"]


@dataclass(frozen=True, slots=True)
class Link:
    """What a link is for; without an agent it makes the first admin."""

    kind: Kind
    agent: Agent | None


class Secrets:
    """Makes tokens, and the hashes by which they are found again."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def token(self) -> str:
        """256 bits of chance."""
        return secrets.token_urlsafe(32)

    def hash(self, text: str, purpose: str = "token") -> str:
        """What is stored in place of a token, a typed name or an address."""
        said = f"{purpose}:{text}".encode("utf-8", "surrogatepass")
        return hmac.new(self._key, said, sha256).hexdigest()


class Links:
    """One-time links, and what is done with them."""

    def __init__(self, database: Database, key: bytes) -> None:
        self._database = database
        self._secrets = Secrets(key)

    def setup_link(self, *, now: datetime) -> str | None:
        """The token with which whoever runs the server makes the first admin; None where an admin can sign in. The one
        before stops working."""
        with self._database.read() as connection:
            if _settled(connection):
                return None
        with self._database.write() as connection:
            if _settled(connection):
                return None
            store.once.withdraw(connection, {SETUP}, None)
            return self._keep(connection, SETUP, None, now + LINK_LASTS)

    def link(self, agent: Agent, agent_id: int, *, now: datetime) -> str:
        """The token with which an agent sets a password, the first or another one; earlier ones stop working."""
        require(agent, Verb.SETTINGS)
        with self._database.write() as connection:
            whom = store.agents.by_id(connection, agent_id)
            if whom is None:
                raise NotFound("This agent does not exist.")
            if not whom.enabled:
                raise SegcoreError(f"{whom.name} is disabled.", "Enable the agent first.")
            kind = INVITE if store.agents.password_hash(connection, agent_id) is None else RESET
            store.once.withdraw(connection, {INVITE, RESET}, agent_id)
            what = "invited" if kind == INVITE else "reset link made"
            store.audit.append(connection, of_agent(whom, agent.name, what, now))
            return self._keep(connection, kind, agent_id, now + LINK_LASTS)

    def look(self, token: str | None, *, now: datetime) -> Link | None:
        """What a link is for; None where it does not work, or not any more."""
        token_hash = self._hash_of(token)
        if token_hash is None:
            return None
        with self._database.read() as connection:
            return _link(connection, store.once.get(connection, token_hash, now))

    def use(self, token: str, *, password: str, name: str = "", email: str = "", now: datetime) -> str:
        """Set the password and give a ticket to sign in with. It ends all sessions of the agent; the first admin is made
        with this name and e-mail."""
        link = self.look(token, now=now)
        if link is None:
            raise _over()
        wanted = link.agent or named(Agent(id=None, name=name, email=email, role="admin"))
        # Before the transaction, because it takes a quarter of a second and nobody else could write meanwhile.
        hashed = passwords.hashed(passwords.check(password, about=(wanted.name, wanted.email)))
        with self._database.write() as connection:
            taken = store.once.take(connection, self._secrets.hash(token), now)
            still = _link(connection, taken)
            if still is None or still.kind != link.kind:
                raise _over()
            what = "first admin made" if link.kind == SETUP else "password set"
            position = store.log.append(connection, at=now, agent=wanted.name, what=what, entity="agent", amount=1)
            agent = still.agent or store.agents.insert(connection, wanted, position, now)
            assert agent.id is not None
            store.agents.set_password(connection, agent.id, hashed, position)
            _end_everything(connection, agent.id)
            store.audit.append(connection, of_agent(agent, agent.name, what, now))
            return self._keep(connection, TICKET, agent.id, now + TICKET_LASTS)

    def set_password(self, agent: Agent, agent_id: int, password: str, *, now: datetime) -> None:
        """Set it for somebody, for whoever runs the command line; it ends all sessions of the agent."""
        require(agent, Verb.SETTINGS)
        with self._database.read() as connection:
            whom = store.agents.by_id(connection, agent_id)
        if whom is None:
            raise NotFound("This agent does not exist.")
        hashed = passwords.hashed(passwords.check(password, about=(whom.name, whom.email)))
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="password set", entity="agent", amount=1
            )
            store.agents.set_password(connection, agent_id, hashed, position)
            _end_everything(connection, agent_id)
            store.audit.append(connection, of_agent(whom, agent.name, "password set", now))

    def _keep(self, connection: Connection, kind: str, agent_id: int | None, ends_at: datetime) -> str:
        token = self._secrets.token()
        store.once.add(connection, self._secrets.hash(token), kind, agent_id, ends_at)
        return token

    def _hash_of(self, token: object) -> str | None:
        """The hash of what may be a token; None for what never is one."""
        return self._secrets.hash(token) if isinstance(token, str) and 0 < len(token) <= LONGEST_TOKEN else None


def _settled(connection: Connection) -> bool:
    """Whether an admin can sign in."""
    return any(agent.role == "admin" for agent, _ in store.agents.credentials(connection))


def _link(connection: Connection, found: store.once.Once | None) -> Link | None:
    if found is None or found.kind not in LINKS:
        return None
    if found.kind == SETUP:
        return None if _settled(connection) else Link("setup", None)
    agent = None if found.agent_id is None else store.agents.by_id(connection, found.agent_id)
    if agent is None or not agent.enabled:
        return None
    return Link("invite" if found.kind == INVITE else "reset", agent)


def _end_everything(connection: Connection, agent_id: int) -> None:
    store.sessions.end_of_agent(connection, agent_id)
    store.once.withdraw(connection, _of(TICKET, INVITE, RESET), agent_id)


def _of(*kinds: str) -> Collection[str]:
    return kinds


def _over() -> SegcoreError:
    return SegcoreError("This link does not work any more.", "Ask an admin for a new one.")
