"""Those who sign in: who there is, who may what, and what their new segments start with."""

import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import Connection

from segcore import store
from segcore.access import ROLES, Verb, require
from segcore.model import LOCAL_OWNER, Agent, NewSegments
from segcore.problems import NotFound, SegcoreError
from segcore.services.audit import changed, of_agent
from segcore.store.agents import fold
from segcore.store.database import Database

LONGEST_NAME, LONGEST_EMAIL = 60, 254
# Whoever had one of these names would own what the command line, the product or the demo wrote.
TAKEN = frozenset({fold(LOCAL_OWNER.name), "segcore", "demo workspace"})

GONE = "This agent does not exist."
LAST = "At least one admin has to stay."


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An agent as the settings show them: whether a password is yet to be set, when last seen, and the names of the
    segments that they do not see."""

    agent: Agent
    invited: bool
    last_seen: datetime | None
    hidden: tuple[str, ...]


class Agents:
    """Adding, changing and disabling them; only admins may, and the last of them stays."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self, agent: Agent) -> list[Agent]:
        """Every agent, for admins."""
        require(agent, Verb.SETTINGS)
        with self._database.read() as connection:
            return store.agents.all(connection)

    def names(self, agent: Agent) -> list[str]:
        """The names of those who may sign in, to choose from."""
        require(agent, Verb.SEE)
        with self._database.read() as connection:
            return [other.name for other in store.agents.all(connection) if other.enabled]

    def invited(self, agent: Agent) -> frozenset[int]:
        """The ids of those who have set no password yet, for admins."""
        require(agent, Verb.SETTINGS)
        with self._database.read() as connection:
            return store.agents.without_password(connection)

    def known(self, agent: Agent) -> list[Known]:
        """Every agent with what the settings tell of them, for admins."""
        require(agent, Verb.SETTINGS)
        with self._database.read() as connection:
            invited = store.agents.without_password(connection)
            sessions, noted = store.sessions.last_seen(connection), store.audit.last_by_agent(connection)
            every = {segment.key: segment.name for segment in store.segments.all(connection, agent)}
            found = []
            for other in store.agents.all(connection):
                seen = store.segments.keys(connection, replace(other, enabled=True))  # as soon as they come back
                times = [at for at in (sessions.get(other.id or 0), noted.get(other.name)) if at is not None]
                found.append(
                    Known(
                        agent=other,
                        invited=other.id in invited,
                        last_seen=max(times, default=None),
                        hidden=tuple(name for key, name in every.items() if key not in seen),
                    )
                )
            return found

    def called(self, agent: Agent, name: str) -> Agent:
        """The agent of this name, whatever its case, for admins."""
        require(agent, Verb.SETTINGS)
        with self._database.read() as connection:
            found = store.agents.get(connection, name)
        if found is None:
            raise NotFound(f"There is no agent called {name}.", "`agents list` names them.")
        return found

    def acting(self, name: str) -> Agent:
        """The agent as whom the command line or Python acts, which belongs to whoever owns the database."""
        with self._database.read() as connection:
            found = store.agents.get(connection, name)
        if found is None:
            raise NotFound(f"There is no agent called {name}.", "`agents list` names them.")
        if not found.enabled:
            raise SegcoreError(f"{found.name} is disabled.", "An admin can enable the agent again.")
        return found

    def add(self, agent: Agent, *, name: str, email: str = "", role: str, now: datetime) -> Agent:
        """A new agent, who sets a password by a one-time link."""
        require(agent, Verb.SETTINGS)
        wanted = named(Agent(id=None, name=name, email=email, role=_role(role)))
        with self._database.write() as connection:
            position = store.log.append(
                connection, at=now, agent=agent.name, what="agent added", entity="agent", amount=1
            )
            added = store.agents.insert(connection, wanted, position, now)
            store.audit.append(connection, of_agent(added, agent.name, "agent added", now, after=_told(added)))
            return added

    def change(
        self,
        agent: Agent,
        id: int,
        *,
        role: str | None = None,
        email: str | None = None,
        may_send: bool | None = None,
        enabled: bool | None = None,
        now: datetime,
    ) -> Agent:
        """Another role, address, switch; disabling ends the sessions and takes back the links of the agent."""
        require(agent, Verb.SETTINGS)
        with self._database.write() as connection:
            stored = _stored(connection, id)
            wanted = replace(
                stored,
                role=stored.role if role is None else _role(role),
                email=stored.email if email is None else _email(email),
                may_send=stored.may_send if may_send is None else may_send,
                enabled=stored.enabled if enabled is None else enabled,
            )
            if wanted == stored:
                return stored
            _keep_an_admin(connection, wanted)
            what = _what(stored, wanted)
            position = store.log.append(connection, at=now, agent=agent.name, what=what, entity="agent", amount=1)
            store.agents.update(connection, wanted, position)
            if stored.enabled and not wanted.enabled:
                store.sessions.end_of_agent(connection, id)
                store.once.withdraw(connection, {store.once.TICKET, store.once.INVITE, store.once.RESET}, id)
            before, after = changed(_told(stored), _told(wanted))
            store.audit.append(connection, of_agent(wanted, agent.name, what, now, before=before, after=after))
            return _stored(connection, id)

    def starts_with(self, agent: Agent) -> NewSegments:
        """Who sees the segments that the agent makes, at first."""
        require(agent, Verb.SEE)
        if agent.id is None:
            return NewSegments()
        with self._database.read() as connection:
            return store.agents.new_segments(connection, agent.id)

    def set_starts_with(self, agent: Agent, wanted: NewSegments, *, now: datetime) -> NewSegments:
        """Another start for the agent's own new segments."""
        require(agent, Verb.CREATE)
        if agent.id is None:
            raise SegcoreError("The command line has no start of its own for new segments.", "Add `--as NAME`.")
        with self._database.write() as connection:
            kept = NewSegments(
                hidden_from=_existing(connection, wanted.hidden_from),
                visible_to=None if wanted.visible_to is None else _existing(connection, wanted.visible_to),
            )
            before = store.agents.new_segments(connection, agent.id)
            if kept == before:
                return kept
            what = "start of new segments changed"
            position = store.log.append(connection, at=now, agent=agent.name, what=what, entity="agent", amount=1)
            store.agents.set_new_segments(connection, agent.id, kept, position)
            entry = of_agent(agent, agent.name, what, now, before=_start(before), after=_start(kept))
            store.audit.append(connection, entry)
            return kept


def named(wanted: Agent) -> Agent:
    """The same with name and address as they are kept, or what to mend."""
    return replace(wanted, name=_name(wanted.name), email=_email(wanted.email))


def _name(name: str) -> str:
    name = " ".join(unicodedata.normalize("NFKC", name).split())
    if not name:
        raise SegcoreError("An agent needs a name.")
    if len(name) > LONGEST_NAME:
        raise SegcoreError(f"The name has {len(name)} characters; {LONGEST_NAME} are the most.")
    if not name.isprintable():
        raise SegcoreError("The name holds a character that cannot be seen.", "Leave it out.")
    if fold(name) in TAKEN:
        raise SegcoreError(f"The name {name} is taken by the product itself.", "Choose another name.")
    return name


def _email(email: str) -> str:
    email = unicodedata.normalize("NFC", email).strip()
    if not email:
        return ""
    before, at, host = email.rpartition("@")
    if not (before and at and host) or len(email) > LONGEST_EMAIL or not email.isprintable() or " " in email:
        raise SegcoreError("This is not an e-mail address.", "It looks like name@example.com.")
    return email


def _role(role: str) -> str:
    if role not in ROLES:
        raise SegcoreError(f"“{role}” is no role.", f"The roles are {', '.join(ROLES)}.")
    return role


def _stored(connection: Connection, id: int) -> Agent:
    found = store.agents.by_id(connection, id)
    if found is None:
        raise NotFound(GONE)
    return found


def _keep_an_admin(connection: Connection, wanted: Agent) -> None:
    """At least one has to stay, and where somebody has a password, one who does: else nobody could sign in as admin."""
    if wanted.role == "admin" and wanted.enabled:
        return
    admins = {one.id for one in store.agents.all(connection) if one.role == "admin" and one.enabled}
    ready = admins - store.agents.without_password(connection)
    if wanted.id in admins and (admins == {wanted.id} or ready == {wanted.id}):
        raise SegcoreError(LAST, "Make somebody else an admin first, who has signed in once.")


def _existing(connection: Connection, names: tuple[str, ...]) -> tuple[str, ...]:
    found = []
    for name in names:
        other = store.agents.get(connection, name)
        if other is None:
            raise NotFound(f"There is no agent called {name}.")
        found.append(other.name)
    return tuple(dict.fromkeys(found))


def _what(stored: Agent, wanted: Agent) -> str:
    if stored.enabled != wanted.enabled:
        return "agent enabled" if wanted.enabled else "agent disabled"
    return "role changed" if stored.role != wanted.role else "agent changed"


def _told(agent: Agent) -> dict[str, object]:
    return {"role": agent.role, "email": agent.email, "may_send": agent.may_send, "enabled": agent.enabled}


def _start(wanted: NewSegments) -> dict[str, object]:
    visible = None if wanted.visible_to is None else list(wanted.visible_to)
    return {"hidden_from": list(wanted.hidden_from), "visible_to": visible}
