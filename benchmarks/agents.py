"""Signed-in agents who edit filters at once, each over a connection of its own, on the demo data.

    python -m benchmarks.agents [--agents 20] [--every 5] [--minutes 10]

Every agent has the page of people open and changes a number of a filter every few seconds, as the filter builder sends
it. An edit is timed from its sending until the new count of that very edit has arrived. Prints, for each minute, the
edits, their median and 95th percentile, what went wrong, and the memory of the server; then the same of the whole, and
how much the memory grew after the first tenth of the time. The load comes from this machine and takes its part of it.
"""

import argparse
import json
import math
import random
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from google.protobuf.message import Message

from benchmarks.product import resident
from segcore import bootstrap
from segcore.model import LOCAL_OWNER
from segcore.settings import Settings
from tests.access.wire import Lost, Run, Server, Socket

PAGE = "people"


@dataclass
class Figures:
    """What happened so far: (when it was sent, seconds until its count was there), and what went wrong."""

    began: float = 0.0
    edits: list[tuple[float, float]] = field(default_factory=list)
    errors: list[tuple[float, str]] = field(default_factory=list)


def main() -> None:
    """Make the workspace, serve it, let agents in, print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--agents", type=int, default=20)
    parser.add_argument("--every", type=float, default=5.0, help="seconds between two edits of an agent")
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--port", type=int)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        tokens = enrol(Path(folder), chosen.agents)
        server = Server(Path(folder), **({"port": chosen.port} if chosen.port else {})).start()
        try:
            measure(server, tokens, chosen.every, chosen.minutes * 60)
        finally:
            server.stop()
        log = server.log.read_text(errors="replace")
        if "Traceback" in log:
            raise SystemExit(f"The server's log has a traceback:\n{log[-4000:]}")


def enrol(folder: Path, amount: int) -> list[str]:
    """Fill a new workspace with the demo and sign agents in; their tokens."""
    services = bootstrap.start(Settings.from_environment({"SEGCORE_DATA": str(folder)}))
    now = bootstrap.clock()
    services.demo.fill(LOCAL_OWNER, now=now)
    tokens = []
    for number in range(amount):
        agent = services.agents.add(LOCAL_OWNER, name=f"Agent {number + 1}", email="", role="editor", now=now)
        token = services.sessions.claim(services.sessions.ticket(agent.name, now=now), now=now)
        assert token is not None
        tokens.append(token)
    services.presence.close()
    services.database.close()
    return tokens


def measure(server: Server, tokens: list[str], every: float, seconds: float) -> None:
    """Let every agent edit for so long, and print each minute."""
    figures = Figures()
    agents = [Agent(server, token, number, figures) for number, token in enumerate(tokens)]
    for agent in agents:
        agent.open()
    assert server.process is not None
    print(f"{len(agents)} agents have the page open: {resident(server.process.pid):,.0f} MB")
    figures.began = time.perf_counter()
    until = figures.began + seconds
    threads = [
        threading.Thread(target=agent.edit_until, args=(until, every, every * agent.number / len(agents)))
        for agent in agents
    ]
    for thread in threads:
        thread.start()
    memory: list[tuple[float, float]] = []
    shown = figures.began
    while any(thread.is_alive() for thread in threads):
        time.sleep(min(5, every))
        at = time.perf_counter()
        memory.append((at, resident(server.process.pid)))
        if at - shown >= 60:
            told(figures, shown, at, memory[-1][1])
            shown = at
    for thread in threads:
        thread.join()
    warm = [amount for at, amount in memory if at >= figures.began + seconds / 10]
    print("the whole:")
    told(figures, figures.began, math.inf, memory[-1][1])
    print(f"  memory after warming up {warm[0]:,.0f} MB, at the end {warm[-1]:,.0f} MB, most {max(warm):,.0f} MB")
    for _, error in figures.errors[:10]:
        print(f"  {error}")


def told(figures: Figures, since: float, until: float, memory: float) -> None:
    """A line about what was sent between two instants."""
    taken = sorted(seconds for at, seconds in figures.edits if since <= at < until)
    errors = sum(since <= at < until for at, _ in figures.errors)
    minute = "" if until == math.inf else f"{(until - figures.began) / 60:4.1f} min "
    if not taken:
        print(f"  {minute}no edit came back, {errors} errors, {memory:,.0f} MB", flush=True)
        return
    late = taken[min(len(taken) - 1, math.ceil(0.95 * len(taken)) - 1)]
    print(
        f"  {minute}{len(taken):5} edits: median {statistics.median(taken):.3f} s, p95 {late:.3f} s, slowest {taken[-1]:.3f} s, "
        f"{errors} errors, {memory:,.0f} MB",
        flush=True,
    )


class Agent:
    """One of them, with one page open."""

    def __init__(self, server: Server, token: str, number: int, figures: Figures) -> None:
        self.number = number
        self._figures = figures
        self._chance = random.Random(number)
        self._socket = Socket(server.address, token, timeout=60)
        self._builder = self._fragment = ""
        self._rev = self._seq = 0

    def open(self) -> None:
        """Show everyone."""
        page = self._socket.view(PAGE)
        builder = page.component("rule_builder")
        self._builder, self._fragment = builder.id, page.fragment_of(builder.id)
        self._rev = page.told("rule_builder")["rev"]

    def edit_until(self, until: float, every: float, wait: float) -> None:
        """An edit every so many seconds, the first after a wait of its own."""
        due = time.perf_counter() + wait
        while due < until:
            time.sleep(max(0.0, due - time.perf_counter()))
            at = time.perf_counter()
            try:
                self._edit(at)
            except Lost as lost:
                self._figures.errors.append((at, f"agent {self.number + 1}: {lost}"))
                return
            due = max(due + every, time.perf_counter())
        self._socket.close()

    def _edit(self, at: float) -> None:
        self._seq += 1
        draft = {"rev": self._rev, "seq": self._seq, "rule": self._rule(), "unfinished": 0}
        arrived: list[tuple[float, Any]] = []
        watch = self._watch(arrived.append)
        run: Run = self._socket.act(
            self._builder, page=PAGE, fragment=self._fragment, state={"draft": draft}, watch=watch
        )
        wrong = [element.message for element in run.find("exception")]
        if not arrived or arrived[0][1] is None or wrong:
            self._figures.errors.append(
                (at, f"agent {self.number + 1}: no count, {wrong or [piece[:200] for piece in run.words()[-3:]]}")
            )
            return
        self._figures.edits.append((at, arrived[0][0] - at))

    def _watch(self, found: Callable[[tuple[float, Any]], None]) -> Callable[[Message], None]:
        def watch(message: Any) -> None:
            element = message.delta.new_element
            if element.WhichOneof("type") == "bidi_component" and element.bidi_component.id == self._builder:
                told = json.loads(element.bidi_component.json)
                if told["seq"] == self._seq:
                    found((time.perf_counter(), told["count"]))

        return watch

    def _rule(self) -> dict[str, Any]:
        """One of three filters, with other numbers each time."""
        draw = self._chance.randint
        photos = {"attribute": "uploaded_photos", "operator": "gt", "value": draw(0, 120)}
        seen = {"attribute": "last_seen_at", "operator": "less_than_ago", "value": {"days": draw(1, 200)}}
        bought: dict[str, Any] = {
            "event": "Purchase",
            "operator": "gte",
            "value": draw(1, 5),
            "within": {"last": {"days": draw(5, 300)}},
        }
        return [{"all": [photos]}, {"all": [photos, seen]}, {"any": [seen, {"all": [bought, photos]}]}][draw(0, 2)]


if __name__ == "__main__":
    main()
