"""The form of streamlit-authenticator and its bcrypt check, without its cookie, counting wrong passwords in the database."""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

import streamlit as st
from streamlit_authenticator.controllers import AuthenticationController
from streamlit_authenticator.views import Authenticate

from segcore.ui import frame

LONGEST = 72  # bytes of a password that bcrypt reads; it raises on more
FIELDS = {"Form name": "Sign in", "Username": "Username", "Password": "Password", "Login": "Sign in"}

# Where the library keeps what it knows. It outlives a sign-out, so we ask it nothing and leave nothing there.
_KEPT = ("authentication_status", "username", "name", "email", "roles", "logout")


class Tried(NamedTuple):
    """What was sent in this run: a name with its password, or something wrong; else neither."""

    name: str | None
    wrong: bool


def ask(credentials: dict[str, Any]) -> Tried:
    """Draw the form, and check what was sent."""
    _forget()
    check = _Check(credentials)
    _Form(check).login(key="gate-form", fields=FIELDS)
    _forget()
    return check.tried


def _forget() -> None:
    for key in _KEPT:
        st.session_state.pop(key, None)


class _Check(AuthenticationController):
    """Lets the library compare, unless there were too many wrong ones."""

    def __init__(self, credentials: dict[str, Any]) -> None:
        super().__init__(credentials, auto_hash=False, secret_key=secrets.token_hex(32))
        self.tried = Tried(None, wrong=False)

    def login(self, username: str | None = None, password: str | None = None, *_: Any, **__: Any) -> bool:
        name, password = (username or "").strip(), (password or "").strip()
        sessions, address = frame.services().sessions, frame.address()
        with _one_at_a_time(name.casefold(), address):
            good = (
                bool(name and password)
                and len(password.encode()) <= LONGEST
                and not sessions.locked(name, address, now=frame.now())
                and self.authentication_model.check_credentials(name, password) is True
            )
            if name and not good:
                sessions.failed(name, address, now=frame.now())
        self.tried = Tried(name if good else None, wrong=not good)
        return good


class _NoCookie:
    """In the place of the library's cookie, which JavaScript can read and which nobody can take back."""

    def get_cookie(self) -> None:
        return None

    def set_cookie(self) -> None:
        return None


class _Form(Authenticate):
    """Its form alone. The library's own beginning would draw a frame that reads every cookie of the page."""

    def __init__(self, check: _Check) -> None:
        self.path, self.attrs, self.secret_key = None, {"login_sleep_time": 0}, ""
        self.cookie_controller = _NoCookie()
        self.authentication_controller = check


_NAMES, _ADDRESSES = ([threading.Lock() for _ in range(64)] for _ in range(2))


@contextmanager
def _one_at_a_time(name: str, address: str) -> Iterator[None]:
    """Else a hundred tries that begin together are all let through before the first is counted."""
    with _NAMES[hash(name) % 64], _ADDRESSES[hash(address) % 64]:
        yield
