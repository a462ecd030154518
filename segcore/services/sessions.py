"""Who is signed in: tokens in cookies, tickets between the form and the cookie, throttling, and looking as another agent.

Nothing of a session is remembered by the server: role, switches, and whether it still stands, are read at every `seat`.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from segcore import store
from segcore.access import Verb, require
from segcore.model import Agent, Session
from segcore.problems import NotFound, SegcoreError
from segcore.services import passwords
from segcore.services.audit import of_agent
from segcore.services.credentials import Credentials
from segcore.services.links import TICKET_LASTS, Links

IDLE, ABSOLUTE = timedelta(hours=12), timedelta(days=7)
SEEN_EVERY = timedelta(minutes=1)

# Wrong passwords count this long. From the fifth for a name, or the twentieth from an address, the next try waits, twice as
# long each time. What is tried while it waits is neither checked nor counted, so nobody can be locked out for ever.
WINDOW = timedelta(minutes=15)
OF_NAME, OF_ADDRESS = 5, 20
FIRST_WAIT = timedelta(seconds=30)

REFUSED = "Wrong username or password, or the account is locked."
LONGEST_BROWSER = 200


@dataclass(frozen=True, slots=True)
class Seat:
    """Who acts in a browser. `agent` is who counts: while looking as somebody else, the other one with `seen_by` set."""

    agent: Agent
    session: Session
    signed_in: Agent


class Sessions(Links):
    """Sign-in, sign-out and everything between them; how a password comes to be is in `links.py`."""

    IDLE, ABSOLUTE = IDLE, ABSOLUTE

    def seat(self, token: str | None, *, now: datetime) -> Seat | None:
        """Whose session this is, with role and switches as they are now; None for anything that is not a good token."""
        token_hash = self._hash_of(token)
        if token_hash is None:
            return None
        with self._database.read() as connection:
            session = store.sessions.by_hash(connection, token_hash)
            if session is None or not alive(session, now):
                return None
            agent = store.agents.by_id(connection, session.agent)
            if agent is None or not agent.enabled:
                return None
            other = None if session.seeing_as is None else store.agents.by_id(connection, session.seeing_as)
        if now - session.seen_at >= SEEN_EVERY:
            self._touch(session, now)
        if other is None or not other.enabled or agent.role != "admin":
            return Seat(agent, replace(session, seeing_as=None), agent)
        return Seat(replace(other, seen_by=agent.name), session, agent)

    def credentials(self) -> Credentials:
        """A fresh `{"usernames": {folded name: …}}` of those who may sign in, to be handed to streamlit-authenticator
        as it is: `Authenticate(sessions.credentials(), …, auto_hash=False)`. It checks a password against nobody's hash where a
        name is unknown, so that it takes as long (see `credentials.py`)."""
        with self._database.read() as connection:
            known = store.agents.credentials(connection)
        passwords.nobodys()  # made now, not while the first unknown name is checked
        return Credentials(
            {
                store.agents.fold(agent.name): {
                    "name": agent.name,
                    "email": agent.email,
                    "password": hashed,
                    "roles": [agent.role],
                    "failed_login_attempts": 0,
                    "logged_in": False,
                }
                for agent, hashed in known
            }
        )

    def locked(self, name: str, address: str, *, now: datetime) -> bool:
        """Whether a try for this name or from this address has to wait; a name that nobody has is treated alike."""
        with self._database.read() as connection:
            return self._locked(connection, *self._who(name, address), now)

    def failed(self, name: str, address: str, *, now: datetime) -> None:
        """Count a wrong password."""
        name_hash, address_hash = self._who(name, address)
        with self._database.read() as connection:
            if self._locked(connection, name_hash, address_hash, now):
                return  # whoever goes on trying makes nobody wait who writes
        with self._database.write() as connection:
            store.attempts.forget(connection, now - WINDOW)
            if not self._locked(connection, name_hash, address_hash, now):
                store.attempts.add(connection, at=now, name_hash=name_hash, address_hash=address_hash)

    def ticket(self, name: str, *, now: datetime) -> str:
        """What the form hands to the route that sets the cookie, after a right password; good once and for half a minute."""
        with self._database.write() as connection:
            agent = store.agents.get(connection, name)
            if agent is None or agent.id is None or not agent.enabled:
                raise SegcoreError(REFUSED, "Try again in a few minutes.")
            return self._keep(connection, store.once.TICKET, agent.id, now + TICKET_LASTS)

    def claim(self, ticket: str, *, browser: str = "", now: datetime) -> str | None:
        """The token for the cookie, for the first who brings the ticket in time."""
        ticket_hash = self._hash_of(ticket)
        if ticket_hash is None:
            return None
        with self._database.read() as connection:  # what is no ticket makes nobody wait who writes
            found = store.once.get(connection, ticket_hash, now)
        if found is None or found.kind != store.once.TICKET:
            return None
        token = self._secrets.token()
        with self._database.write() as connection:
            taken = store.once.take(connection, ticket_hash, now)
            agent = None if taken is None or taken.agent_id is None else store.agents.by_id(connection, taken.agent_id)
            if agent is None or agent.id is None or not agent.enabled:
                return None
            self._clean(connection, now)
            store.attempts.clear(connection, self._secrets.hash(store.agents.fold(agent.name), "name"))
            store.sessions.add(
                connection,
                self._secrets.hash(token),
                agent.id,
                at=now,
                ends_at=now + ABSOLUTE,
                browser=_printable(browser),
            )
            store.audit.append(connection, of_agent(agent, agent.name, "signed in", now))
        return token

    def end(self, seat: Seat, *, now: datetime) -> None:
        """Sign out in this browser."""
        with self._database.write() as connection:
            if store.sessions.end(connection, seat.session.id):
                store.audit.append(connection, of_agent(seat.signed_in, seat.signed_in.name, "signed out", now))

    def of_agent(self, agent: Agent, id: int, *, now: datetime) -> list[Session]:
        """Where an agent is signed in: one's own, and for admins anybody's."""
        require(agent, Verb.SEE if agent.id == id else Verb.SETTINGS)
        with self._database.read() as connection:
            return [session for session in store.sessions.of_agent(connection, id) if alive(session, now)]

    def end_session(self, agent: Agent, session_id: int, *, now: datetime) -> None:
        """End one session, one's own, and for admins anybody's."""
        with self._database.write() as connection:
            session = store.sessions.by_id(connection, session_id)
            whose = None if session is None else store.agents.by_id(connection, session.agent)
            if agent.seen_by is not None or (whose is not None and whose.id != agent.id and agent.role == "admin"):
                require(agent, Verb.SETTINGS)
            elif whose is None or whose.id != agent.id:
                raise NotFound("This session has ended already.")
            if whose is None:
                raise NotFound("This session has ended already.")
            store.sessions.end(connection, session_id)
            store.audit.append(connection, of_agent(whose, agent.name, "session ended", now))

    def end_all(self, agent: Agent, agent_id: int, *, now: datetime) -> int:
        """End every session of an agent, one's own, and for admins anybody's; how many there were."""
        if agent.id != agent_id or agent.seen_by is not None:
            require(agent, Verb.SETTINGS)
        with self._database.write() as connection:
            whose = store.agents.by_id(connection, agent_id)
            if whose is None:
                raise NotFound("This agent does not exist.")
            amount = store.sessions.end_of_agent(connection, agent_id)
            store.once.withdraw(connection, {store.once.TICKET}, agent_id)
            store.audit.append(
                connection, of_agent(whose, agent.name, "sessions ended", now, after={"sessions": amount})
            )
            return amount

    def see_as(self, seat: Seat, agent_id: int, *, now: datetime) -> None:
        """Look at the workspace as another agent would see it, and change nothing meanwhile; for admins."""
        require(seat.signed_in, Verb.SETTINGS)
        with self._database.write() as connection:
            other = store.agents.by_id(connection, agent_id)
            if other is None:
                raise NotFound("This agent does not exist.")
            if not other.enabled:
                raise SegcoreError(f"{other.name} cannot sign in, and so sees nothing.", "Enable the agent first.")
            if other.id == seat.signed_in.id:
                raise SegcoreError("You see the workspace as yourself already.")
            if not store.sessions.see_as(connection, seat.session.id, agent_id):
                raise NotFound("This session has ended already.")
            store.audit.append(connection, of_agent(other, seat.signed_in.name, "seen as", now))

    def stop_seeing(self, seat: Seat, *, now: datetime) -> None:
        """Be oneself again."""
        with self._database.write() as connection:
            session = store.sessions.by_id(connection, seat.session.id)
            if session is None or session.seeing_as is None:
                return
            store.sessions.see_as(connection, session.id, None)
            other = store.agents.by_id(connection, session.seeing_as)
            if other is not None:
                store.audit.append(connection, of_agent(other, seat.signed_in.name, "seen as, ended", now))

    def change_password(self, seat: Seat, *, old: str, new: str, now: datetime) -> None:
        """Another password for whoever is signed in; it ends the other sessions. Wrong old ones are throttled as at sign-in."""
        agent, here = seat.signed_in, f"session {seat.session.id}"
        if seat.agent.seen_by is not None:
            require(seat.agent, Verb.SETTINGS)
        assert agent.id is not None
        with self._database.read() as connection:
            stored = store.agents.password_hash(connection, agent.id)
        if self.locked(agent.name, here, now=now) or not passwords.matches(old, stored):
            self.failed(agent.name, here, now=now)
            raise SegcoreError("The old password is wrong, or the account is locked.", "Try again in a few minutes.")
        hashed = passwords.hashed(passwords.check(new, about=(agent.name, agent.email)))
        with self._database.write() as connection:
            if store.agents.password_hash(connection, agent.id) != stored:
                raise SegcoreError("The password was changed in between.", "Sign in again.")
            what = "password changed"
            position = store.log.append(connection, at=now, agent=agent.name, what=what, entity="agent", amount=1)
            store.agents.set_password(connection, agent.id, hashed, position)
            store.sessions.end_of_agent(connection, agent.id, but=seat.session.id)
            store.once.withdraw(connection, {store.once.TICKET, store.once.INVITE, store.once.RESET}, agent.id)
            store.audit.append(connection, of_agent(agent, agent.name, what, now))

    def clean(self, *, now: datetime) -> None:
        """Delete what ran out: sessions, tickets, links and wrong passwords that count no more."""
        with self._database.write() as connection:
            self._clean(connection, now)

    def _clean(self, connection: Connection, now: datetime) -> None:
        store.sessions.forget(connection, ended_before=now, unseen_since=now - IDLE)
        store.once.forget(connection, now)
        store.attempts.forget(connection, now - WINDOW)

    def _touch(self, session: Session, now: datetime) -> None:
        """Note that it was seen; the page does not wait for those who write, an import perhaps."""
        try:
            with self._database.write(wait=False) as connection:
                store.sessions.touch(connection, session.id, now)
        except SegcoreError:
            return  # the next action notes it

    def _who(self, name: str, address: str) -> tuple[str, str]:
        return self._secrets.hash(store.agents.fold(name), "name"), self._secrets.hash(address, "address")

    def _locked(self, connection: Connection, name_hash: str, address_hash: str, now: datetime) -> bool:
        since = now - WINDOW
        for failed, free in (
            (store.attempts.of_name(connection, name_hash, since), OF_NAME),
            (store.attempts.of_address(connection, address_hash, since), OF_ADDRESS),
        ):
            if failed.last is not None and failed.amount >= free:
                wait = min(FIRST_WAIT * 2 ** min(failed.amount - free, 10), WINDOW)
                if now < failed.last + wait:
                    return True
        return False


def alive(session: Session, now: datetime) -> bool:
    """Whether it has neither ended nor been left alone for too long."""
    return now < session.ends_at and now - session.seen_at < IDLE


def _printable(browser: str) -> str:
    return "".join(character for character in browser if character.isprintable())[:LONGEST_BROWSER]
