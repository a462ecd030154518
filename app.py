"""What is run: the pages of `segcore/ui/main.py` and the HTTP routes in one process, listening on this machine alone.

`make run`, `python -m segcore serve` and `streamlit run app.py` all start this. Pages are registered by `main.py`, which
does not lie beside `pages/`: a script beside it would let Streamlit run a page without the frame that guards it.
"""

import contextlib
import logging
from collections.abc import AsyncIterator

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware

from segcore import api, bootstrap
from segcore.problems import SegcoreError
from segcore.settings import Settings
from segcore.ui import frame

log = logging.getLogger("segcore")

# A page of another site could point a name of its own at this machine and read everything; it cannot send these names.
HOSTS = ["127.0.0.1", "localhost"]


@contextlib.asynccontextmanager
async def life(_: st.App) -> AsyncIterator[None]:
    """Open the workspace, with the demo where it is new, and read the people before the first page asks for them."""
    await run_in_threadpool(bootstrap.open_product)
    yield
    await run_in_threadpool(bootstrap.close_product)


def on_script_error(error: Exception) -> bool:
    """What happened goes to the log; the page says what failed in words, and offers to try again."""
    if not isinstance(error, SegcoreError):
        log.error("A page failed", exc_info=error)
    frame.trouble(error, what="This page could not be shown.", key="page")
    return True


app = st.App(
    "segcore/ui/main.py",
    lifespan=life,
    routes=api.routes(),
    middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HOSTS)],
    on_script_error=on_script_error,
)

if __name__ == "__main__":
    said = {"server.address": "127.0.0.1", "server.port": Settings.from_environment().port}
    with contextlib.suppress(KeyboardInterrupt):  # how Ctrl+C ends it, everything being closed by then
        app.run(config={**said, "logger.hideWelcomeMessage": True})
