"""What every page begins with: who is asking, the page's title and look, its head, and how trouble is told."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from segcore import bootstrap
from segcore.door import COOKIE
from segcore.model import Agent
from segcore.problems import InvalidRule, NotFound, SegcoreError
from segcore.services.sessions import Seat
from segcore.ui import nav, style, words

PRODUCT = "Segcore"
ICON = Path(__file__).parent / "assets" / "favicon.svg"
NOT_THERE = "This page does not exist, or is not visible to you."

ENDED = "frame.ended"  # in the tab's state: it showed pages until the session ended

_TOLD, _SITTING = "frame.told", "frame.sitting"
_ASSETS = Path(__file__).parent / "assets"
_TITLES = {
    "segments": "Segments",
    "people": "People",
    "companies": "Companies",
    "segment": "Segment",
    "person": "Person",
    "company": "Company",
    "data": "Data",
    "settings": "Settings",
}


def enter(page_key: str, title: str | None = None) -> tuple[Agent, Any]:
    """Begin a page: sets its title and look, and hands back the agent and the services.

    Every page calls it first: Streamlit can run a file of `pages/` by its address without the entry script, so what
    protects a page stands in the page.
    """
    from segcore.ui import foot, gate, seeing  # they are drawn with the pieces of this file

    sitting = guard()
    if sitting is None:
        gate.show()
    dress(title or _TITLES.get(page_key, page_key))
    foot.show(sitting)
    seeing.bar(sitting)
    show_told()
    return agent(), services()


def begin() -> None:
    """What comes before the menu is drawn, where an entry's icon would else be fetched from Google for the browser's tab."""
    st.set_page_config(
        page_icon=ICON,
        layout="wide",
        initial_sidebar_state=240,
        menu_items={"Get help": None, "Report a bug": None, "About": None},
    )


def dress(title: str) -> None:
    """The page's title, icon, style sheet and logo, by the theme that the browser shows."""
    begin()
    name_page(title)
    style.apply()
    st.logo(logo(), size="large")


def logo() -> Path:
    """The logo in the colours of the theme that the browser shows."""
    return _ASSETS / ("logo-dark.svg" if st.context.theme.type == "dark" else "logo-light.svg")


def cookie() -> str | None:
    """What the browser brought when it connected; tests put another one in its place."""
    return st.context.cookies.get(COOKIE)


def address() -> str:
    """Where the browser is, as far as can be told; a proxy before the server tells it."""
    return st.context.ip_address or "here"


def guard() -> Seat | None:
    """Who sits here, before anything of a page is drawn; None for nobody.

    What the tab holds belongs to one sign-in, and to whom it looked as: it is dropped when that changed.
    """
    found = _sitting()
    before, sits = st.session_state.get(_SITTING), _same(found)
    if before is not None and before != sits:
        told = st.session_state.get(_TOLD, [])
        st.session_state.clear()
        if found is None:
            st.session_state[ENDED] = True
        else:
            st.session_state[_TOLD] = told
    if found is not None:
        st.session_state[_SITTING] = sits
    return found


def seat() -> Seat:
    """Who sits here, read anew on every call. Where nobody does any more, the run ends here and begins again at the
    sign-in; in a callback or a fragment too."""
    found = _sitting()
    if found is None or st.session_state.get(_SITTING, _same(found)) != _same(found):
        st.rerun()
    return found


def agent() -> Agent:
    """Who counts, read anew on every call: pages, fragments, callbacks and routes never keep one."""
    return seat().agent


def _sitting() -> Seat | None:
    return services().sessions.seat(cookie(), now=now())


def _same(found: Seat | None) -> tuple[int, int | None] | None:
    return None if found is None else (found.session.id, found.agent.id)


def services() -> Any:
    """The services of this process."""
    return bootstrap.services()


def now() -> datetime:
    """The instant of this run; everything below takes it as an argument."""
    return datetime.now(UTC)


def zone() -> ZoneInfo:
    """The time zone of the workspace."""
    return ZoneInfo(services().presence.current().workspace.time_zone)


def tell(what: str | SegcoreError) -> None:
    """Say in a toast what was done or could not be, in this run or in the one that follows a rerun or another page."""
    text = f"{what.message} {what.hint}".strip() if isinstance(what, SegcoreError) else what
    st.session_state.setdefault(_TOLD, []).append(text)


def show_told() -> None:
    """Show what `tell` left; every page and fragment that can be told something calls it."""
    for text in st.session_state.pop(_TOLD, []):
        st.toast(words.escape(text))


def name_page(title: str) -> None:
    """Put an object's own name into the browser's title, once it is known: "Trial users · Segcore"."""
    st.set_page_config(page_title=f"{title} · {PRODUCT}")


def head(title: str, subtitle: str | None = None, *, crumbs: tuple[tuple[str, str], ...] = ()) -> Any:
    """The page's head with its one h1; hands back the container on the right, for `with frame.head(…): st.button(…)`.

    Crumbs are (text, address) pairs that lead here: (("Segments", "/"), ("Lifecycle", "/?folder=lifecycle")).
    """
    with st.container(key="page-head", horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        with st.container(key="page-title", gap=None, width="stretch"):
            if crumbs:
                links = "  /  ".join(f"[{words.escape(text)}]({address})" for text, address in crumbs)
                with st.container(key="page-crumbs"):
                    st.markdown(links)
            st.title(words.escape(title), anchor=False)
            if subtitle:
                with st.container(key="page-subtitle"):
                    st.markdown(words.escape(subtitle))
        return st.container(
            key="page-actions",
            horizontal=True,
            width="content",
            horizontal_alignment="right",
            vertical_alignment="center",
            gap="small",
        )


def views(labels: Mapping[str, str], *, key: str = "view") -> str:
    """The views of a page as one row of choices; the address keeps which one is on (`?view=`), the first is usual."""
    first = next(iter(labels))
    asked = st.query_params.get("view", first)
    st.session_state[key] = asked if asked in labels else first
    chosen = st.segmented_control(
        "View",
        list(labels),
        key=key,
        required=True,
        format_func=labels.__getitem__,
        label_visibility="collapsed",
        on_change=_keep_view,
        args=(key, first),
    )
    return str(chosen)


def _keep_view(key: str, first: str) -> None:
    chosen = st.session_state[key]
    if chosen == first:
        st.query_params.pop("view", None)
    else:
        st.query_params["view"] = chosen


def heading(text: str) -> None:
    """The title of a card, an h2."""
    st.header(words.escape(text), anchor=False)


def note(text: str) -> None:
    """A line in the muted colour; plain text, shown as it is."""
    st.caption(words.escape(text))


def not_there() -> None:
    """Say that a page's object does not exist or is hidden, in the one sentence for both, and end the run."""
    name_page("Not found")
    head("Nothing here", NOT_THERE)
    st.page_link(nav.page(nav.START), label="All segments")
    st.stop()


def trouble(error: Exception, *, what: str = "This part could not be shown.", key: str = "trouble") -> None:
    """A region that says what failed and offers to try again; never a traceback."""
    with st.container(key=f"region-{key}"):
        if isinstance(error, SegcoreError):
            text = words.escape(error.message)
            if error.hint:
                text += f"  \n{words.escape(error.hint)}"
        else:
            text = f"{words.escape(what)} What you had is kept."
        st.error(text)
        if isinstance(error, InvalidRule | NotFound):
            return  # trying again would answer the same
        st.button("Try again", key=f"again-{key}", icon=":material/refresh:")


@contextmanager
def region(what: str, key: str) -> Iterator[None]:
    """Draw a part of a page; what cannot be done is told in its place while the rest of the page stands.

    Bugs are not swallowed: they rise to the server's log, and the page shows its own error line.
    """
    try:
        yield
    except SegcoreError as error:
        trouble(error, what=what, key=key)
