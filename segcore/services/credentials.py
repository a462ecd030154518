"""What streamlit-authenticator is given to check passwords with, so that it takes as long for names that nobody has."""

from collections.abc import Mapping
from typing import Any

from segcore.services import passwords
from segcore.store.agents import fold


class Credentials(dict[str, Any]):
    """`{"usernames": {folded name: agent}}`, to be handed to `Authenticate` as it is, not wrapped.

    The library (0.4.2, `models/authentication_model.py`) answers False at once where `username not in
    self.credentials["usernames"]`, which tells by the clock who exists. It also puts a plain dict of its own in that
    place when it starts. Both go through this dict, so the names in it are always `Names`, where nobody is missing.
    """

    def __init__(self, agents: Mapping[str, Mapping[str, Any]]) -> None:
        super().__init__()
        self["usernames"] = {name: dict(agent) for name, agent in agents.items()}

    def __setitem__(self, key: str, value: Any) -> None:
        super().__setitem__(key, Names(value) if key == "usernames" else value)


class Names(dict[str, dict[str, Any]]):
    """Agents by folded name. Whoever is not there is somebody whose password nobody knows: one bcrypt check as for anybody.

    Only looking up pretends: counting and listing tell who is there.
    """

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str)

    def __getitem__(self, name: str) -> dict[str, Any]:
        return self.get(name)

    def get(self, name: str, default: Any = None) -> dict[str, Any]:
        """The agent of a name in any case, or nobody."""
        found = super().get(fold(name))
        return found if found is not None else _nobody()


def _nobody() -> dict[str, Any]:
    return {
        "name": "",
        "email": "",
        "password": passwords.nobodys(),
        "roles": [],
        "failed_login_attempts": 0,
        "logged_in": False,
    }
