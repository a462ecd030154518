"""Every page, view, dialog and route over a real connection, by everybody: what is hidden is not in one byte of the answer.

One server, and one socket for each role that stays open. Where a row names a segment, one that is hidden has to answer
with the very words, and the status, of one that does not exist; and the same scan, of what an admin gets, has to find
what the row says that an admin sees, so that a scan which sees nothing cannot pass.
"""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from segcore import api
from segcore.ui import nav
from tests.access import mutation, surfaces
from tests.access.surfaces import LABELS, NAMES, ROUTES, VIEWS, Place, View, look, place
from tests.access.wire import Run, Server, Socket, ask, get
from tests.access.world import (
    ADMIN,
    ANONYMOUS,
    BY_WHAT,
    COUNT,
    EDITOR,
    HIDDEN,
    KEPT_FROM,
    MISSING,
    OPEN,
    SEEING,
    SHOWN,
    SHUT_OUT,
    SUGGESTED,
    VIEWER,
    Planted,
    World,
    leaks,
    scan,
)

SECRET, FIRM = BY_WHAT["secret"], BY_WHAT["firm"]
# Which one each of them asks about by key: one hidden by name, one by what it stands on, one that is kept for its author.
ASKED = {VIEWER: SECRET, EDITOR: BY_WHAT["inside"], SEEING: BY_WHAT["onlyme"]}


@pytest.fixture(scope="module")
def server(planted: World) -> Iterator[Server]:
    """The product over the workspace."""
    mutant = Path(mutation.__file__) if os.environ.get(mutation.MUTANT) else None
    with Server(planted.folder, launcher=mutant) as running:
        yield running


def told(run: Run) -> bytes:
    """All that was sent, once as it came and once as the texts in it, where no byte of the protocol touches a number."""
    return run.everything() + b"\n" + run.text().encode()


def same_words(run: Run, at: Place) -> list[str]:
    """What a person is shown, without what the asking itself brought, and without the time of day."""
    found = []
    for piece in run.words():
        for mine, its in ((at.key, "KEY"), (at.name, "NAME"), (at.folder, "FOLDER"), (at.draft, "DRAFT")):
            piece = piece.replace(mine, its)
        piece = SUGGESTED.sub("SEEN", piece)
        piece = re.sub(
            r"\d\d(\\*:|%3A)\d\d(\\*:|%3A)\d\d(\.\d+)?|\"(ms|rev|seq)\": \"?[\d.]+|\b[0-9a-f]{16}\b", "", piece
        )
        found.append(piece)
    return found


def target(view: View, role: str = "") -> Planted:
    """What a row is about."""
    return FIRM if view.page == "companies" else ASKED.get(role, SECRET)


def walk(server: Server, planted: World, role: str, views: tuple[View, ...] = VIEWS) -> list[str]:
    """What a role is told that it must not be, over all views."""
    found = []
    with Socket(server.address, planted.tokens[role]) as socket:
        for view in views:
            if found and mutation.MUTANT in os.environ:
                break  # one is enough
            at = place(planted, view, target(view, role).key)
            hidden = look(socket, at)
            found += [f"{view}: {leak}" for leak in leaks(told(hidden), role, besides=view.brings)]
            if view.keyed and role != SEEING:
                never = place(planted, view, MISSING)
                missing = look(socket, never)
                mine, its = same_words(hidden, at), same_words(missing, never)
                if mine != its:
                    found.append(f"{view}: {set(mine) - set(its)} is told, of what is missing {set(its) - set(mine)}")
    return found


@pytest.mark.parametrize("role", [*KEPT_FROM, SEEING])
def test_what_is_hidden_is_not_in_one_byte(server: Server, planted: World, role: str) -> None:
    assert walk(server, planted, role) == []


@pytest.mark.long
@pytest.mark.parametrize("hidden", HIDDEN, ids=lambda planted: planted.what)
@pytest.mark.parametrize("role", [*KEPT_FROM, SEEING])
def test_every_hidden_segment_is_hidden_on_every_surface(
    server: Server, planted: World, role: str, hidden: Planted
) -> None:
    found = []
    with Socket(server.address, planted.tokens[role]) as socket:
        for view in VIEWS:
            run = look(socket, place(planted, view, hidden.key))
            found += [f"{view}: {leak}" for leak in leaks(told(run), role, besides=view.brings)]
    assert found == []


def test_the_scan_finds_what_an_admin_sees(server: Server, planted: World) -> None:
    blind = []
    with Socket(server.address, planted.tokens[ADMIN]) as socket:
        for view in VIEWS:
            if view.writes:
                continue
            run = look(socket, place(planted, view, target(view).key))
            missed = view.shows - scan(told(run), target(view))
            blind += [f"{view}: {part}" for part in sorted(missed)]
    assert blind == []


@pytest.mark.parametrize("role", KEPT_FROM)
def test_what_may_be_seen_is_seen(server: Server, planted: World, role: str) -> None:
    """The same views about segments that are open, or shown on purpose: a page that shows nothing would leak nothing."""
    with Socket(server.address, planted.tokens[role]) as socket:
        for view in VIEWS:
            if view.page == "segment" and view.keyed and not view.steps:
                run = look(socket, place(planted, view, OPEN.key))
                assert view.shows <= scan(told(run), OPEN), str(view)
                assert not leaks(told(run), role), str(view)
                run = look(socket, place(planted, view, SHOWN.key))
                assert view.shows - {"value"} <= scan(told(run), SHOWN), str(view)
                assert not leaks(told(run), role), (str(view), leaks(told(run), role))


@pytest.mark.parametrize("role", SHUT_OUT)
def test_who_is_not_signed_in_gets_the_sign_in_and_nothing_else(server: Server, planted: World, role: str) -> None:
    addresses = {(view.page, place(planted, view, SECRET.key)): None for view in VIEWS}
    seen = set()
    with Socket(server.address, planted.tokens[role]) as socket:
        for page, at in addresses:
            run = socket.view(page, media=True, **at.query)
            assert leaks(told(run), role, besides=at.view.brings) == []
            assert "p00001" not in run.text()
            assert "f00001" not in run.text()
            seen.add(frozenset(run.words()))
    assert all("Sign in" in words for words in seen)
    one, *others = seen
    assert not others, [other ^ one for other in others]


def test_every_page_and_every_view_has_a_row(server: Server, planted: World) -> None:
    rows = {view.page: {dict(each.query).get("view") for each in VIEWS if each.page == view.page} for view in VIEWS}
    with Socket(server.address, planted.tokens[ADMIN]) as socket:
        menu = next(m.navigation for m in socket.view().messages if m.WhichOneof("type") == "navigation")
        files = {path.stem for path in surfaces.ROOT.glob("pages/*.py")}
        assert {page.url_pathname or nav.START for page in menu.app_pages} == files
        assert set(rows) == (files - {nav.START}) | {""}
        for page, views in rows.items():
            at = next(place(planted, view, SECRET.key) for view in VIEWS if view.page == page and not view.steps)
            run = socket.view(page, **at.query)
            offered = next((len(group.options) for group in run.find("button_group") if group.label == "View"), 0)
            first, *others = LABELS.get(page, (None,))
            assert offered == len(LABELS.get(page, ())), f"{page} offers {offered} views"
            assert views & {None, first}
            assert set(others) <= views, f"{page} has no row for {set(others) - views}"


def test_every_name_in_an_address_and_every_component_has_a_row() -> None:
    assert surfaces.address_names() == NAMES
    said = {name for view in VIEWS for name, _ in view.query} | {"link"}
    assert said == NAMES
    assert surfaces.components() == surfaces.COMPONENTS | surfaces.TICKETS


def test_every_route_has_a_row() -> None:
    assert {route.path for route in api.routes()} == set(ROUTES)


ROWS = [row for rows in ROUTES.values() for row in rows]


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_a_route_tells_nobody_what_is_hidden(server: Server, planted: World, row: surfaces.Route) -> None:
    besides = {COUNT} if row.path.startswith("/fonts") else set()  # by chance some number stands in it

    def asked(role: str, key: str) -> tuple[int, bytes]:
        draft = planted.drafts.get(key, "never")
        query = {name: value.replace("{key}", key).replace("{draft}", draft) for name, value in row.query}
        body = row.sent.replace("{key}", key).encode()
        head = {"sec-fetch-site": "same-origin", "content-type": "application/json"} if body else {}
        answer = (
            get(server.address + row.path, planted.tokens[role], **query)
            if row.method == "GET"
            else ask(server.address + row.path, planted.tokens[role], method=row.method, data=body, head=head)
        )
        return answer.status, re.sub(rb"\d{4}-\d\d-\d\d-\d{6}|[A-Z][a-z]{2}, .*GMT", b"", answer.everything())

    for role in (*KEPT_FROM, SEEING):
        for hidden in (SECRET, BY_WHAT["inside"], BY_WHAT["onlyme"]):
            status, said = asked(role, hidden.key)
            assert leaks(said, role, besides=besides) == []
            if row.keyed:
                assert (status, said) == asked(role, MISSING)
    status, said = asked(ADMIN, SECRET.key)
    assert status == row.status, said
    assert row.shows <= scan(said, SECRET)
    for role in SHUT_OUT:
        status, said = asked(role, SECRET.key)
        assert leaks(said, role, besides=besides) == []
        if not row.anybody:
            assert (status, said) == asked(ANONYMOUS, MISSING)
            assert status == 401


@pytest.mark.parametrize("role", SHUT_OUT)
def test_what_streamlit_serves_itself_is_shut(server: Server, planted: World, role: str) -> None:
    for method, path, status in surfaces.OWN:
        answer = ask(server.address + path, planted.tokens[role], method=method, data=b"x" if method != "GET" else None)
        assert answer.status == status, f"{method} {path}"
