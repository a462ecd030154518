"""The whole product by those from whom segments are hidden: every widget of every view used, about every hidden segment.

What is pressed and chosen here changes the workspace, so it is a copy. The dialogs that open are used as well. Beside it:
whether what is hidden takes as long to refuse as what is not there.
"""

import contextlib
import statistics
import time
from collections.abc import Callable
from typing import Any

import pytest

from segcore import bootstrap
from segcore.problems import SegcoreError
from tests.access.surfaces import VIEWS, View, look, place
from tests.access.test_surfaces import told
from tests.access.wire import Lost, Run, Server, Socket, get
from tests.access.world import (
    BY_WHAT,
    EDITOR,
    KEPT_FROM,
    MISSING,
    NAME,
    SEEING,
    World,
    leaks,
)

pytestmark = pytest.mark.long
ENDING = ("Sign out", "Stop")  # whoever presses these is somebody else from then on
Use = tuple[str, str, dict[str, Any]]  # what it is, its id, what is sent


def uses(run: Run) -> list[Use]:
    """Everything that can be used of what is drawn, each once."""
    found: list[Use] = []
    for element in run.elements():
        kind = element.WhichOneof("type")
        widget = getattr(element, kind) if kind else None
        if widget is None or getattr(widget, "disabled", False):
            continue
        match kind:
            case "button" if widget.label not in ENDING:
                found.append((f"press {widget.label}", widget.id, {"press": True}))
            case "menu_button":
                found += [(f"choose {option}", widget.id, {"chosen": option}) for option in widget.options]
            case "selectbox":
                found += [(f"choose {option}", widget.id, {"texts": option}) for option in widget.options[:6]]
            case "multiselect" | "button_group":
                options = [getattr(option, "content", option) for option in widget.options]
                found += [(f"choose {option}", widget.id, {"whole": [option]}) for option in options[:4]]
            case "text_input" | "text_area":
                found.append((f"write into {widget.label}", widget.id, {"texts": "Nqsecretname"}))
            case "checkbox":
                found.append((f"tick {widget.label}", widget.id, {"ticked": True}))
    return list({use[:2]: use for use in found}.values())


@pytest.mark.parametrize("view", [view for view in VIEWS if not view.steps], ids=str)
@pytest.mark.parametrize("role", [*KEPT_FROM, SEEING])
def test_whatever_is_used_tells_nothing(server: Server, world: World, role: str, view: View) -> None:
    found: list[str] = []
    besides = {NAME, *view.brings}  # the name is what is written into the fields
    for key in (BY_WHAT["secret"].key, BY_WHAT["open"].key, BY_WHAT["shown"].key) if view.brings else (MISSING,):
        at = place(world, view, key)
        with Socket(server.address, world.tokens[role]) as socket:
            first = look(socket, at)
        found += leaks(told(first), role, besides=besides)
        for what, id, sent in uses(first):
            with Socket(server.address, world.tokens[role]) as socket:
                drawn = look(socket, at)
                if id not in {use[1] for use in uses(drawn)}:
                    continue  # used up by what was done before
                opened = socket.act(id, page=view.page, fragment=drawn.fragment_of(id), **sent)
                found += [f"{what}: {leak}" for leak in leaks(told(opened), role, besides=besides)]
                known = {use[1] for use in uses(drawn)}
                for then, inner, sending in uses(opened):
                    if inner in known:
                        continue
                    try:
                        run = socket.act(inner, page=view.page, fragment=opened.fragment_of(inner), **sending)
                    except Lost:  # what it stood in is gone already
                        break
                    found += [f"{what}, {then}: {leak}" for leak in leaks(told(run), role, besides=besides)]
    assert found == []


def medians(one: Callable[[], object], other: Callable[[], object], times: int) -> tuple[float, float]:
    """How long two of them take, asked in turn, so that what else the machine does falls on both."""
    taken: tuple[list[float], list[float]] = ([], [])
    for number in range(times):
        for which, asked in enumerate((one, other) if number % 2 else (other, one)):
            began = time.perf_counter()
            with contextlib.suppress(SegcoreError):
                asked()
            taken[which if number % 2 else 1 - which].append(time.perf_counter() - began)
    return statistics.median(taken[0]), statistics.median(taken[1])


@pytest.mark.parametrize("what", ["get", "counted", "count", "export", "page"])
def test_what_is_hidden_takes_as_long_as_what_is_missing(server: Server, world: World, what: str) -> None:
    services, agent, now = world.services, world.agents[EDITOR], bootstrap.clock()
    document = {key: {"all": [{"segment": key, "operator": "in"}]} for key in (BY_WHAT["secret"].key, MISSING)}

    def asked(key: str) -> object:
        match what:
            case "get":
                return services.segments.get(agent, key)
            case "counted":
                return services.segments.counted(agent, key, now=now)
            case "count":
                return services.filters.count(agent, document[key], now=now)
            case "export":
                return get(f"{server.address}/export", world.tokens[EDITOR], segment=key)
        with Socket(server.address, world.tokens[EDITOR]) as socket:
            return socket.view("segment", segment=key)

    times = {"page": 40, "export": 100}.get(what, 400)
    for _ in range(3):
        hidden, missing = medians(lambda: asked(BY_WHAT["secret"].key), lambda: asked(MISSING), times)
        if abs(hidden - missing) <= 0.2 * missing:
            return
    pytest.fail(f"hidden {hidden * 1000:.2f} ms, missing {missing * 1000:.2f} ms")
