"""Reading the nodes about what people did: event conditions, sequences, and their windows."""

from abc import abstractmethod

from segcore.attributes import Attribute, Kind
from segcore.rules import measure
from segcore.rules.catalogue.row import PERIODS
from segcore.rules.limits import Path, found, shown
from segcore.rules.measure import MEASURES, Measure
from segcore.rules.naming import KIND, Naming, Over, works_on
from segcore.rules.operands import Stop, after, amount, choice, instant_text
from segcore.rules.tree import Ago, Last, Performed, Period, Rule, Sequence, Span, Step, Window

EVENT = (
    "event",
    "where",
    "within",
    "measure",
    "of",
    "operator",
    "value",
    "match_case",
    "include_missing",
    "include_future",
)
SEQUENCE = ("sequence", "each_within", "within")
STEP = ("event", "where")
OF_AN_EVENT = Over(event=True)
WINDOWS = "“last” with an amount of time, “from” and “to” with instants, or “period” with a calendar word"


class Events(Naming):
    """The part of the walk that knows events."""

    conditions: int

    @abstractmethod
    def node(self, node: object, path: Path, depth: int, over: Over) -> Rule | None:
        """A node and what is under it."""

    def performed(self, node: dict[str, object], path: Path, depth: int) -> Performed | None:
        before = len(self.problems)
        self.keys(node, EVENT, "event condition", path)
        event = self.event(node.get("event"), (*path, "event"))
        where = self.where(node, path, depth)
        within = self.window(node, path)
        how = self.measure(node, path)
        of = self.of(node, how, path)
        attribute = measure.measured(how, of) if how else None
        # Before the schema is at hand a least or largest value may be of any kind, but never a text.
        operator, value = self.asked(node, attribute, path, texts=False)
        if len(self.problems) > before or operator is None or how is None:
            return None
        return Performed(
            event,
            operator.key,
            value,
            measure=how.key,
            of=str(node["of"]) if how.of else None,
            where=where,
            within=within,
            include_missing=node.get("include_missing") is not False,
            include_future=node.get("include_future") is True,
        )

    def event(self, name: object, here: Path) -> str:
        if name is None or name == "":
            self.problem(here, "Choose an event, or remove this condition.")
        elif not isinstance(name, str):
            self.problem(here, f"Expected the name of an event; found {found(name)}.")
        elif self.names is not None and name not in self.names.schema.events:
            near = self.near_name(name, self.names.schema.events)
            self.problem(here, f"No event is called “{shown(name)}”.", near)
        return str(name)

    def where(self, node: dict[str, object], path: Path, depth: int) -> Rule | None:
        if "where" not in node:
            return None
        return self.node(node["where"], (*path, "where"), depth, OF_AN_EVENT)

    def measure(self, node: dict[str, object], path: Path) -> Measure | None:
        key = node.get("measure", "count")
        if isinstance(key, str) and key in measure.BY_KEY:
            return measure.BY_KEY[key]
        words = tuple(each.key for each in MEASURES)
        near = self.near_name(key, {each.key: each.label for each in MEASURES}) if isinstance(key, str) else None
        message = f"Expected one of {', '.join(words[:-1])} or {words[-1]}; found {found(key)}."
        self.problem((*path, "measure"), message, near)
        return None

    def of(self, node: dict[str, object], how: Measure | None, path: Path) -> Attribute | None:
        here, key = (*path, "of"), node.get("of")
        if how is None:
            return self.property(key, here, OF_AN_EVENT) if isinstance(key, str) and key else None
        if not how.of:
            if "of" in node:
                self.problem(here, f"The measure “{how.key}” is not of a property; leave “of” out.")
            return None
        if key is None or key == "":
            self.problem(here, f"Choose the property whose “{how.key}” is asked, or remove this condition.")
            return None
        if not isinstance(key, str):
            self.problem(here, f"Expected the key of a property; found {found(key)}.")
            return None
        of = self.property(key, here, OF_AN_EVENT)
        if of is not None and of.kind not in how.of:
            better = "distinct" if of.kind is not Kind.LOCATION else "count"
            self.problem(
                here, f"“{of.key}” is {KIND[of.kind]}; “{how.key}” works on {works_on(how.of)}. Try “{better}”."
            )
        return of

    def sequence(self, node: dict[str, object], path: Path, depth: int) -> Sequence | None:
        before = len(self.problems)
        self.keys(node, SEQUENCE, "sequence", path)
        listed, steps = node["sequence"], []
        if not isinstance(listed, list | tuple):
            self.problem((*path, "sequence"), f"Expected a list of steps; found {found(listed)}.")
        elif not listed:
            self.problem((*path, "sequence"), "Choose the events, or remove this condition.")
        else:
            self.conditions += len(listed) - 1  # each step is a condition
            steps = [self.step(step, (*path, "sequence", at), depth) for at, step in enumerate(listed[:1000])]
        each_within = self.each_within(node, path)
        within = self.window(node, path)
        return Sequence(tuple(steps), each_within, within) if len(self.problems) == before else None

    def step(self, step: object, path: Path, depth: int) -> Step:
        if not isinstance(step, dict):
            self.problem(path, f"Expected a step (with “event”, and “where” if need be); found {found(step)}.")
            return Step("")
        self.keys(step, STEP, "step", path)
        return Step(self.event(step.get("event"), (*path, "event")), self.where(step, path, depth))

    def each_within(self, node: dict[str, object], path: Path) -> Ago | None:
        if "each_within" not in node:
            return None
        try:
            return amount(node["each_within"])
        except Stop as stop:
            self.stopped((*path, "each_within"), stop)
            return None

    def window(self, node: dict[str, object], path: Path) -> Window:
        """The window of a node; None where it is for all time."""
        if "within" not in node:
            return None
        here, window = (*path, "within"), node["within"]
        if not isinstance(window, dict):
            self.problem(here, f"Expected a window: {WINDOWS}; found {found(window)}.")
            return None
        keys = set(window)
        if keys == {"last"}:
            return self.last(window["last"], (*here, "last"))
        if keys == {"period"}:
            return self.period(window["period"], (*here, "period"))
        if keys and keys <= {"from", "to"}:
            return self.span(window, here)
        names = ", ".join(f"“{shown(key)}”" for key in list(window)[:5]) or "an empty object"
        near = next((n for key in list(window)[:5] if (n := self.near(key, ("last", "period", "from", "to")))), None)
        self.problem(here, f"Expected a window: {WINDOWS}; found {names}.", near if near not in keys else None)
        return None

    def last(self, value: object, here: Path) -> Window:
        try:
            return Last(amount(value))
        except Stop as stop:
            self.stopped(here, stop)
            return None

    def period(self, value: object, here: Path) -> Window:
        try:
            return Period(choice(value, PERIODS))
        except Stop as stop:
            self.stopped(here, stop)
            return None

    def span(self, window: dict[str, object], here: Path) -> Window:
        ends: dict[str, str] = {}
        for key in ("from", "to"):
            if key in window:
                try:
                    ends[key] = instant_text(window[key])
                except Stop as stop:
                    self.stopped((*here, key), stop)
        if len(ends) == 2 and after(ends["from"], ends["to"]):
            self.problem(here, "The first instant is after the second one.")
        return Span(ends.get("from"), ends.get("to"))
