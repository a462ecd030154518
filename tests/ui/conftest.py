"""Pages are tested as an admin who is signed in; a test that signs somebody else in replaces `frame.cookie` again."""

import pytest

from segcore import bootstrap
from segcore.ui import frame
from tests import signing_in, workspace


@pytest.fixture(autouse=True)
def signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ann, an admin, made when the first page asks."""
    kept: list[str] = []

    def cookie() -> str:
        if not kept:
            services = bootstrap.services()
            kept.append(signing_in.token(services.database, services.settings, now=workspace.NOW))
        return kept[0]

    monkeypatch.setattr(frame, "cookie", cookie)
