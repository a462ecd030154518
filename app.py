"""What is run: the pages of `segcore/ui/main.py` and the HTTP routes in one process.

`make run`, `python -m segcore serve` and `streamlit run app.py` all start this. Pages are registered by `main.py`, which
does not lie beside `pages/`: a script beside it would let Streamlit run a page without the frame that guards it.
"""

import base64
import contextlib
import hashlib
import logging
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from segcore import api, bootstrap
from segcore.door import Door
from segcore.problems import SegcoreError
from segcore.settings import Settings
from segcore.ui import frame

log = logging.getLogger("segcore")

# Other sites of the same host may leave a browser with many cookies. The connection of a page takes a head as long as any
# other request does; it would hang at 8 kB.
os.environ.setdefault("WEBSOCKETS_MAX_LINE_LENGTH", "65536")


def scripts() -> list[str]:
    """The hashes of the scripts that Streamlit's own page holds, so that no other one is run from a page."""
    page = (Path(st.__file__).parent / "static" / "index.html").read_text(encoding="utf-8")
    inline = re.findall(r"<script>(.*?)</script>", page, re.DOTALL)
    return [f"sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}" for text in inline]


@contextlib.asynccontextmanager
async def life(_: st.App) -> AsyncIterator[None]:
    """Open the workspace, with the demo where it is new, and read the people before the first page asks for them."""
    await run_in_threadpool(bootstrap.open_product, st.get_option("server.port"))
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
    middleware=[Middleware(Door, scripts=scripts())],
    on_script_error=on_script_error,
)

if __name__ == "__main__":
    settings = Settings.from_environment()
    said: dict[str, object] = {"server.address": settings.address, "server.port": settings.port}
    if settings.public_url:
        # A proxy may ask under another name than browsers do, and Streamlit looks for itself.
        said["server.corsAllowedOrigins"] = [settings.public_url]
    with contextlib.suppress(KeyboardInterrupt):  # how Ctrl+C ends it, everything being closed by then
        app.run(config={**said, "logger.hideWelcomeMessage": True})
