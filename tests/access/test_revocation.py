"""What is taken from somebody is taken at the next run of a page that is open, and at the next request: 100 of 100."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest

from segcore import bootstrap
from segcore.model import LOCAL_OWNER, Agent
from segcore.services.sessions import Seat
from tests.access import world as worlds
from tests.access.wire import Run, Server, Socket, get
from tests.access.world import COUNT, KEY, NAME, OPEN, VALUE, World, scan

# Twenty times each, so a hundred in all; two of them every day.
NUMBERS = [number if number < 2 else pytest.param(number, marks=pytest.mark.long) for number in range(20)]
OLD, NEW = "an old pass phrase of ours", "another pass phrase altogether"


@dataclass
class Sitting:
    """An agent with an open page."""

    server: Server
    world: World
    agent: Agent
    token: str
    socket: Socket = field(init=False)

    def __post_init__(self) -> None:
        self.socket = Socket(self.server.address, self.token)

    @property
    def seat(self) -> Seat:
        seat = self.world.services.sessions.seat(self.token, now=bootstrap.clock())
        assert seat is not None
        return seat

    def route(self) -> int:
        """What the export of an open segment says."""
        return get(f"{self.server.address}/export", self.token, entity="person", column="name", segment=OPEN.key).status


Sit = Callable[[str], Sitting]


@pytest.fixture
def sit(server: Server, world: World) -> Iterator[Sit]:
    """Adds an agent of a role and opens a page of theirs."""
    sitting: list[Sitting] = []

    def sit(role: str) -> Sitting:
        name = f"Tmp{worlds.chance()}"
        agent = worlds.enrol(world.services, name, role)
        one = Sitting(server, world, agent, worlds.sign_in(world.services, name))
        sitting.append(one)
        return one

    yield sit
    for one in sitting:
        one.socket.close()


def shows(run: Run) -> bool:
    """Whether the segment is on the page."""
    return bool(scan(run.everything() + run.text().encode(), OPEN, (KEY, NAME, COUNT)))


def shut(run: Run) -> bool:
    """Whether the sign-in is drawn, and nothing of the page."""
    return not shows(run) and any("Sign in" in piece for piece in run.words())


def press(one: Sitting, before: Run, label: str) -> Run:
    """A button that was drawn before, pressed in the fragment in which it stands."""
    button = next(b for b in before.find("button") if b.label == label)
    return one.socket.act(button.id, fragment=before.fragment_of(button.id), press=True)


@pytest.mark.parametrize("number", NUMBERS)
def test_who_is_disabled_is_out(sit: Sit, world: World, number: int) -> None:
    one = sit("editor")
    before = one.socket.view()
    assert shows(before)
    assert one.route() == 200
    world.services.agents.change(LOCAL_OWNER, one.agent.id, enabled=False, now=bootstrap.clock())
    assert shut(press(one, before, "New folder") if number % 2 else one.socket.view())
    assert one.route() == 401


@pytest.mark.parametrize("number", NUMBERS)
def test_who_signs_out_is_out_in_every_tab(sit: Sit, world: World, number: int) -> None:
    one = sit("editor")
    before = one.socket.view()
    with Socket(one.server.address, one.token) as tab:
        assert shows(tab.view())
        if number % 2:
            press(one, before, "Sign out")
        else:
            world.services.sessions.end(one.seat, now=bootstrap.clock())
        assert shut(tab.view())
    assert shut(one.socket.view())
    assert one.route() == 401


@pytest.mark.parametrize("number", NUMBERS)
def test_a_role_that_is_taken_counts_no_more(sit: Sit, world: World, number: int) -> None:
    one = sit("editor")
    before = one.socket.view()
    assert one.route() == 200
    world.services.agents.change(LOCAL_OWNER, one.agent.id, role="viewer", now=bootstrap.clock())
    after = press(one, before, "New folder") if number % 2 else one.socket.view()
    assert shows(after)  # what viewers see, they see
    assert "New folder" not in {button.label for button in after.find("button")}
    assert "Make folder" not in after.text()
    assert one.route() == 403  # may not export
    made = {folder.name for folder in world.services.folders.all(LOCAL_OWNER)}
    assert not any(name.startswith("Revoked") for name in made)


@pytest.mark.parametrize("number", NUMBERS)
def test_what_is_hidden_from_now_on_is_not_shown_any_more(sit: Sit, world: World, number: int) -> None:
    one = sit("viewer" if number % 2 else "editor")
    page, query = ("segment", {"segment": OPEN.key}) if number % 4 < 2 else ("", {})
    before = one.socket.view(page, **query)
    assert shows(before)
    world.services.segments.set_visibility(LOCAL_OWNER, OPEN.key, hidden_from=(one.agent.name,), now=bootstrap.clock())
    try:
        after = one.socket.view(page, **query)
        assert not scan(after.everything() + after.text().encode(), OPEN, (NAME, COUNT))
        assert one.route() == 404
    finally:
        world.services.segments.set_visibility(LOCAL_OWNER, OPEN.key, now=bootstrap.clock())
    assert shows(one.socket.view(page, **query))


def test_a_filter_on_screen_goes_with_the_segment_that_it_came_from(sit: Sit, world: World) -> None:
    """The page holds a copy of the filter; a press that reruns only its fragment must not go on counting with it."""
    one = sit("editor")
    before = one.socket.view("people", segment=OPEN.key)
    assert scan(before.everything() + before.text().encode(), OPEN) >= {NAME, COUNT, VALUE}
    button = next(b for b in before.find("button") if b.label == "Columns")
    world.services.segments.set_visibility(LOCAL_OWNER, OPEN.key, hidden_from=(one.agent.name,), now=bootstrap.clock())
    try:
        fragment = before.fragment_of(button.id)
        after = one.socket.act(button.id, page="people", fragment=fragment, press=True)
        assert scan(after.everything() + after.text().encode(), OPEN) <= {KEY}
    finally:
        world.services.segments.set_visibility(LOCAL_OWNER, OPEN.key, now=bootstrap.clock())


@pytest.mark.parametrize("number", NUMBERS)
def test_another_password_ends_the_other_sessions(sit: Sit, world: World, number: int) -> None:
    one = sit("editor")
    assert shows(one.socket.view())
    sessions, now = world.services.sessions, bootstrap.clock()
    if number % 2:  # by the agent, in another browser
        worlds.set_password(world.services, one.agent, OLD)
        other = worlds.sign_in(world.services, one.agent.name)
        seat = sessions.seat(other, now=now)
        assert seat is not None
        one.socket.close()
        one.token = worlds.sign_in(world.services, one.agent.name)
        one.socket = Socket(one.server.address, one.token)
        assert shows(one.socket.view())
        sessions.change_password(seat, old=OLD, new=NEW, now=now)
        assert sessions.seat(other, now=now) is not None
    else:  # by a link of an admin's
        assert one.agent.id is not None
        sessions.use(sessions.link(LOCAL_OWNER, one.agent.id, now=now), password=NEW, now=now)
    assert shut(one.socket.view())
    assert one.route() == 401


def test_a_page_that_is_open_stays_where_nothing_was_taken(sit: Sit) -> None:
    one = sit("editor")
    for _ in range(3):
        assert shows(one.socket.view())
        assert one.route() == 200


def test_who_takes_up_the_connection_of_somebody_else_finds_nothing_of_theirs(server: Server, world: World) -> None:
    """A browser that lost its connection asks for its old page again, by then perhaps with another agent's cookie."""
    secret = worlds.BY_WHAT["secret"]
    with Socket(server.address, world.tokens[worlds.ADMIN]) as admin:
        assert scan(admin.view("people", segment=secret.key).everything(), secret)
        session = admin.session
    with Socket(server.address, world.tokens[worlds.VIEWER], resume=session) as viewer:
        run = viewer.view("people")
        assert viewer.session == session  # it was taken up, not begun anew
        assert worlds.leaks(run.everything() + run.text().encode(), worlds.VIEWER) == []
    with Socket(server.address, None, resume=session) as nobody:
        assert shut(nobody.view("people"))
