"""Explanations: the answers are the interpreter's, what is called pivotal turns the answer, and time turns it when it is said."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.attributes import EXTERNAL_ID, ID, Attribute, Entity, Kind, Schema
from segcore.engine.explain import Explanation, explain
from segcore.problems import SegcoreError
from segcore.rules import codec
from segcore.rules.interpret import Happened, Subject, holds
from segcore.rules.moment import Moment
from segcore.rules.tree import AllOf, AnyOf, Condition, InSegment, NoneOf, OfCompany, OfPeople, Rule, Sample

QUICK = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
MICROSECOND = timedelta(microseconds=1)

PEOPLE = (
    ID,
    Attribute(key="country", kind=Kind.TEXT),
    Attribute(key="photos", kind=Kind.NUMBER, label="Uploaded photos"),
    Attribute(key="seen", kind=Kind.DATETIME, label="Last seen"),
    Attribute(key="birthday", kind=Kind.DATE),
)
COMPANIES = (ID, Attribute(key="plan", kind=Kind.TEXT), Attribute(key="renewal", kind=Kind.DATE))
PROPERTIES = (Attribute(key="amount", kind=Kind.NUMBER), Attribute(key="due", kind=Kind.DATE))
SCHEMA = Schema(
    people={each.key: each for each in PEOPLE},
    companies={each.key: each for each in COMPANIES},
    events={"purchase": "Purchase", "click": "Click"},
    properties={each.key: each for each in PROPERTIES},
)


@dataclass(frozen=True)
class World:
    """Somebody at a moment, and two segments."""

    subject: Subject
    moment: Moment
    segments: Mapping[str, Rule]

    def holds(self, rule: Rule, at: datetime | None = None) -> bool:
        moment = replace(self.moment, now=at) if at is not None else self.moment
        return holds(rule, self.subject, SCHEMA, Entity.PERSON, moment, self.segments)

    def explain(self, rule: Rule) -> Explanation:
        return explain(rule, self.subject, SCHEMA, Entity.PERSON, self.moment, self.segments)


def near(now: datetime) -> st.SearchStrategy[datetime]:
    """Instants around now, by whole units so that limits are met exactly."""
    steps = st.sampled_from([HOUR, timedelta(days=1), timedelta(days=7), timedelta(days=30), timedelta(days=365)])
    by = st.sampled_from([timedelta(), MICROSECOND, -MICROSECOND, HOUR])
    return st.builds(lambda step, times, extra: now + step * times + extra, steps, st.integers(-3, 2), by)


@st.composite
def subjects(draw: st.DrawFn, now: datetime, nested: bool = True) -> Subject:
    values: dict[str, object] = {EXTERNAL_ID: draw(st.sampled_from(("c-1", "c-2", "c-3")))}
    some = {
        "country": st.sampled_from(("Ireland", "Japan", "")),
        "photos": st.integers(-1, 3),
        "seen": near(now),
        "birthday": near(now).map(lambda at: at.date()) | st.just(date(1980, 2, 29)),
    }
    for key, strategy in some.items():
        if draw(st.integers(0, 3)):
            values[key] = draw(strategy)
    events = draw(
        st.lists(
            st.builds(
                lambda name, at, amount, due: Happened(name, at, {"amount": amount, "due": due}),
                st.sampled_from(("purchase", "click")),
                near(now),
                st.none() | st.integers(-2, 3),
                st.none() | near(now).map(lambda at: at.date()),
            ),
            max_size=5,
        )
    )
    companies: list[Subject] = []
    if nested:
        for number in range(draw(st.integers(0, 2))):
            plan = draw(st.sampled_from(("Pro", "Free", None)))
            renewal = draw(near(now)).date()
            people = draw(st.lists(subjects(now, nested=False), max_size=2))
            companies.append(Subject({"plan": plan, "renewal": renewal}, people=people, external_id=f"k-{number}"))
    primary = draw(st.integers(0, len(companies) - 1)) if companies and draw(st.booleans()) else None
    return Subject(values, events, companies, primary, external_id=str(values[EXTERNAL_ID]))


AGO = st.builds(lambda unit, n: {unit: n}, st.sampled_from(("hours", "days", "weeks")), st.sampled_from((1, 2, 7, 30)))
ROLLING = (
    "less_than_ago",
    "at_most_ago",
    "more_than_ago",
    "at_least_ago",
    "exactly_ago",
    "in_next",
    "more_than_from_now",
)
PERIODS = ("today", "yesterday", "tomorrow", "this_week", "last_month", "next_quarter", "this_year", "next_week")


@st.composite
def dated(draw: st.DrawFn, key: str) -> dict[str, object]:
    """A condition that time answers anew."""
    operator = draw(st.sampled_from((*ROLLING, "in_period", "in_last_calendar_days", "anniversary_within")))
    value: object = draw(AGO)
    if operator == "in_period":
        value = draw(st.sampled_from(PERIODS))
    elif operator == "in_last_calendar_days":
        value = draw(st.sampled_from((1, 3, 400)))
    elif operator == "anniversary_within":
        value = {"days": draw(st.sampled_from((0, 7, 200, 364)))}
    return {"attribute": key, "operator": operator, "value": value}


@st.composite
def windows(draw: st.DrawFn) -> dict[str, object]:
    shape = draw(st.integers(0, 3))
    if shape == 0:
        return {}
    if shape == 1:
        return {"within": {"last": draw(AGO)}}
    if shape == 2:
        return {"within": {"period": draw(st.sampled_from(PERIODS))}}
    return {"within": {"from": "2026-10-01T00:00:00Z"}}


@st.composite
def leaves(draw: st.DrawFn, over: str = "person") -> dict[str, object]:
    if over == "company":
        return (
            draw(dated("renewal")) if draw(st.booleans()) else {"attribute": "plan", "operator": "is", "value": "Pro"}
        )
    shape = draw(st.integers(0, 9))
    if shape <= 2:
        return draw(dated(draw(st.sampled_from(("seen", "birthday")))))
    if shape == 3:
        operator = draw(st.sampled_from(("is", "is_not")))
        told: dict[str, object] = {"attribute": "country", "operator": operator, "value": "Ireland"}
        return {**told, "include_missing": False} if operator == "is_not" and draw(st.booleans()) else told
    if shape == 4:
        return {"attribute": "photos", "operator": draw(st.sampled_from(("gt", "lte", "is_known"))), "value": 1}
    if shape == 5:
        return {"sample": {"salt": "A", "from": 0, "to": 50}}
    window = draw(windows())
    event = draw(st.sampled_from(("purchase", "click")))
    if shape == 6:
        second = draw(st.sampled_from(("purchase", "click")))
        return {"sequence": [{"event": event}, {"event": second}], "each_within": draw(AGO), **window}
    asked: dict[str, object] = {"event": event, **window}
    if draw(st.booleans()):
        asked["where"] = draw(dated("due"))
    measure = draw(st.sampled_from(("count", "last", "max", "sum")))
    if measure == "count":
        return {**asked, "operator": draw(st.sampled_from(("gte", "eq", "lt"))), "value": draw(st.integers(0, 2))}
    if measure == "sum":
        return {**asked, "measure": "sum", "of": "amount", "operator": "gt", "value": 0}
    rest = {key: value for key, value in draw(dated("x")).items() if key != "attribute"}
    return {**asked, "measure": measure, **({"of": "due"} if measure == "max" else {}), **rest}


@st.composite
def documents(draw: st.DrawFn, depth: int = 2, segments: bool = True, over: str = "person") -> dict[str, object]:
    shape = draw(st.integers(0, 6)) if depth else 6
    if shape <= 2:
        children = draw(st.lists(documents(depth - 1, segments, over), min_size=1, max_size=3))
        return {("all", "any", "none")[shape]: children}
    if shape == 3 and segments and over == "person":
        return {"segment": draw(st.sampled_from(("one", "two"))), "operator": draw(st.sampled_from(("in", "not_in")))}
    if shape == 4 and over == "person":
        quantifier = draw(st.sampled_from(("any", "all", "none", "primary")))
        return {"company": quantifier, "rule": draw(documents(depth - 1, False, "company"))}
    if shape == 5 and over == "company":
        return {"people": draw(documents(0, False)), "operator": "gte", "value": draw(st.integers(0, 2))}
    leaf = draw(leaves(over))
    return (
        {key: value for key, value in leaf.items() if not (key == "value" and leaf["operator"] == "is_known")}
        if ("operator" in leaf)
        else leaf
    )


@st.composite
def worlds(draw: st.DrawFn) -> World:
    zone = draw(st.sampled_from(("UTC", "Europe/Dublin", "America/Sao_Paulo", "Asia/Kathmandu")))
    now = draw(
        st.sampled_from((NOW, datetime(2024, 2, 28, 23, 59, 59, 999999, UTC), datetime(2026, 3, 29, 1, 0, tzinfo=UTC)))
    )
    moment = Moment(now, ZoneInfo(zone), draw(st.sampled_from(("monday", "sunday"))))
    segments = {key: codec.parse(draw(documents(1, segments=False))) for key in ("one", "two")}
    return World(draw(subjects(now)), moment, segments)


RULES = documents().map(codec.parse)


@settings(QUICK, max_examples=300)
@given(worlds(), RULES)
def test_every_node_answers_as_the_interpreter_does(world: World, rule: Rule) -> None:
    found = world.explain(rule)
    assert found.holds is found.root.holds is world.holds(rule)
    for reason in found.root.walk():
        assert str(reason.says)
        if reason.kind in ("attribute", "event"):
            assert reason.actual
            assert reason.needed


@settings(QUICK, max_examples=300)
@given(worlds(), RULES)
def test_time_turns_the_answer_at_the_instant_that_is_told_and_not_before(world: World, rule: Rule) -> None:
    found, now = world.explain(rule), world.moment.now
    answer = world.holds(rule)
    if found.flips is not None:
        assert found.flips.at > now
        assert world.holds(rule, found.flips.at - MICROSECOND) is answer
        assert world.holds(rule, found.flips.at) is not answer
        assert found.flips.says
    # Nothing turns it earlier, wherever one looks; nor at all where no instant is told.
    for days in (
        0.001,
        0.04,
        0.5,
        1,
        2,
        3,
        6.9,
        7,
        8,
        14,
        20,
        29,
        30,
        31,
        45,
        60,
        89,
        120,
        200,
        300,
        364,
        366,
        500,
        800,
    ):
        later = now + timedelta(days=days)
        if found.flips is None or later < found.flips.at:
            assert world.holds(rule, later) is answer, later


@settings(QUICK, max_examples=200)
@given(worlds(), RULES)
def test_a_pivotal_condition_answered_otherwise_turns_the_answer(world: World, rule: Rule) -> None:
    """Wherever the condition stands, in groups and segments, it is put the other way round, and nothing else is."""
    found = world.explain(rule)
    leaves_here = {leaf for reason, leaf in _conditions(found, rule, world) if reason.pivotal}
    others = {leaf for reason, leaf in _conditions(found, rule, world) if not reason.pivotal}
    for leaf in leaves_here | others:
        segments = {key: _turned(segment, leaf, world) for key, segment in world.segments.items()}
        then = replace(world, segments=segments).holds(_turned(rule, leaf, world))
        assert (then is not found.holds) is (leaf in leaves_here), leaf


def _conditions(found: Explanation, rule: Rule, world: World) -> list[tuple[object, Condition]]:
    """The reasons of conditions on people outside companies, with the positive condition that each is about."""
    at: dict[tuple[object, ...], Rule] = {}

    def note(node: Rule, path: tuple[object, ...]) -> None:
        at[path] = node
        match node:
            case AllOf(rules):
                for index, child in enumerate(rules):
                    note(child, (*path, "all", index))
            case AnyOf(rules):
                for index, child in enumerate(rules):
                    note(child, (*path, "any", index))
            case NoneOf(rules):
                for index, child in enumerate(rules):
                    note(child, (*path, "none", index))
            case InSegment(key):
                note(world.segments[key], (*path, "segment"))

    note(rule, ())
    return [
        (reason, _positive(node)) for reason in found.root.walk() if isinstance(node := at.get(reason.path), Condition)
    ]


def _positive(condition: Condition) -> Condition:
    return (
        replace(condition, operator="is")
        if condition == replace(condition, operator="is_not") and (condition.include_missing)
        else condition
    )


def _turned(rule: Rule, leaf: Condition, world: World) -> Rule:
    match rule:
        case AllOf(rules):
            return AllOf(tuple(_turned(child, leaf, world) for child in rules))
        case AnyOf(rules):
            return AnyOf(tuple(_turned(child, leaf, world) for child in rules))
        case NoneOf(rules):
            return NoneOf(tuple(_turned(child, leaf, world) for child in rules))
        case Condition() if _positive(rule) == leaf:
            return AnyOf() if world.holds(rule) else AllOf()
    return rule


def told(document: dict[str, object], subject: Subject, **options: object) -> Explanation:
    rule = codec.parse(document)
    return explain(rule, subject, SCHEMA, Entity.PERSON, Moment(NOW, ZoneInfo("Europe/Dublin")), **options)  # type: ignore[arg-type]


PHOTOS = {"attribute": "photos", "operator": "gt", "value": 80}
SEEN = {"attribute": "seen", "operator": "less_than_ago", "value": {"days": 30}}


def test_the_actual_value_stands_beside_the_needed_one() -> None:
    found = told({"all": [PHOTOS, SEEN]}, Subject({"photos": 74, "seen": NOW - timedelta(days=28)}))
    assert [reason.told for reason in found.pivotal()] == ["Uploaded photos is 74, more than 80 is needed"]


def test_who_is_in_stays_until_a_limit_passes() -> None:
    found = told({"all": [SEEN]}, Subject({"seen": NOW - timedelta(days=28)}))
    assert found.flips is not None
    assert (found.flips.at, found.flips.says) == (NOW + timedelta(days=2), "Last seen passes 30 days")


def test_a_missing_country_is_told_as_left_out_or_kept() -> None:
    away: dict[str, object] = {"attribute": "country", "operator": "is_not", "value": "United States"}
    kept = told(away, Subject({})).root
    assert kept.told == "Country is unknown; people with no country are included"
    left = told({**away, "include_missing": False}, Subject({})).root
    assert left.told == "Country is unknown; people with no country are left out"


def test_an_event_leaves_its_window_one_microsecond_after_the_last_instant_inside() -> None:
    bought = Subject({}, [Happened("purchase", NOW - timedelta(days=3), {"amount": 25})])
    found = told({"event": "purchase", "operator": "gte", "value": 1, "within": {"last": {"days": 7}}}, bought)
    assert found.flips is not None
    assert found.flips.at == NOW + timedelta(days=4) + MICROSECOND
    assert found.flips.says == "Purchase of 19 Nov 2026, 04:12 passes 7 days"
    assert found.root.actual == "1 time"
    assert found.root.note == "the latest on 19 Nov 2026, 04:12: amount 25"


def test_an_event_of_the_future_counts_from_its_instant_on() -> None:
    later = Subject({}, [Happened("purchase", NOW + HOUR, {})])
    found = told({"event": "purchase", "operator": "gte", "value": 1}, later)
    assert not found.holds
    assert found.flips is not None
    assert found.flips.at == NOW + HOUR


def test_an_anniversary_far_away_is_found_across_leap_years() -> None:
    rule = {
        "all": [
            {"attribute": "birthday", "operator": "anniversary_within", "value": {"days": 0}},
            {"attribute": "seen", "operator": "more_than_ago", "value": {"weeks": 1040}},
        ]
    }
    found = told(rule, Subject({"birthday": date(1980, 2, 29), "seen": NOW}))
    assert found.flips is not None
    assert found.flips.at == datetime(2047, 3, 1, tzinfo=UTC)


def test_a_hidden_segment_leaves_its_own_answer_and_the_future_unsaid() -> None:
    subject = Subject({"photos": 81, "seen": NOW - timedelta(days=28)})
    segments = {"secret": codec.parse(SEEN), "open": codec.parse({"segment": "secret", "operator": "in"})}
    rule: dict[str, object] = {
        "any": [
            PHOTOS,
            {"all": [{"segment": "secret", "operator": "in"}, PHOTOS]},
            {"segment": "open", "operator": "in"},
        ]
    }
    found = told(rule, subject, segments=segments, names={"open": "Open"})
    told_all = str(found.as_json())
    assert found.holds
    assert found.flips is None
    assert "secret" not in told_all
    assert "30 days" not in told_all
    assert found.root.children[1].holds is None
    assert found.root.children[1].children[0].holds is None
    company = {"company": "any", "rule": {"segment": "secret", "operator": "in"}}
    assert told(company, subject, segments=segments, names={}).root.kind == "hidden"


def test_a_segment_that_is_used_twice_is_unfolded_once() -> None:
    segments = {"one": codec.parse({"all": [PHOTOS]})}
    inside: dict[str, object] = {"segment": "one", "operator": "in"}
    found = told({"all": [inside, inside]}, Subject({"photos": 3}), segments=segments, names={"one": "One"})
    assert [len(child.children) for child in found.root.children] == [1, 0]
    assert all(child.pivotal for child in found.root.children)


DEEP: dict[str, Callable[[dict[str, object]], dict[str, object]]] = {
    "plain": lambda inside: inside,
    "in groups": lambda inside: {"all": [{"none": [{"none": [inside]}]}]},
    "twice": lambda inside: {"any": [inside, {"all": [inside]}]},
    "of the company's people": lambda inside: {
        "company": "any",
        "rule": {"people": inside, "operator": "gte", "value": 1},
    },
}


@pytest.mark.parametrize("around", DEEP)
def test_segments_are_explained_however_deep_they_stand_on_each_other(around: str) -> None:
    """A thousand below each other, and twice as many ways at every level: neither a stack nor a clock runs out."""
    segments: dict[str, Rule] = {"s0": codec.parse(SEEN)}
    for level in range(1, 1_001):
        segments[f"s{level}"] = codec.parse(DEEP[around]({"segment": f"s{level - 1}", "operator": "in"}))
    staff: list[Subject] = []
    firm = Subject({}, people=staff, external_id="f")
    staff += [Subject({"seen": NOW - timedelta(days=28)}, companies=[firm], primary=0) for _ in range(3)]
    found = told({"segment": "s1000", "operator": "in"}, staff[0], segments=segments)
    assert found.holds
    assert found.flips is not None
    assert found.flips.at == NOW + timedelta(days=2)
    assert found.root.pivotal
    assert len(list(found.root.walk())) < 300
    assert found.as_json()["holds"]


def test_rules_that_cross_over_and_back_are_explained_at_once() -> None:
    rule: dict[str, object] = PHOTOS
    for _ in range(8):
        rule = {"company": "any", "rule": {"people": rule, "operator": "gte", "value": 30}}
    staff: list[Subject] = []
    firm = Subject({}, people=staff, external_id="f")
    staff += [Subject({"photos": 81 + each % 2}, companies=[firm], primary=0) for each in range(30)]
    assert told(rule, staff[0]).holds
    staff[7] = Subject({"photos": 80}, companies=[firm], primary=0)
    assert not told(rule, staff[0]).holds


@pytest.mark.parametrize(("quantifier", "wanted"), [("any", True), ("all", False), ("none", False), ("primary", False)])
def test_one_rule_is_answered_for_each_company_by_itself(quantifier: str, wanted: bool) -> None:
    """By its own values and by its own people, also where a segment asks."""
    firms = [
        Subject({"plan": plan}, people=[Subject({"photos": photos})], external_id=plan)
        for plan, photos in (("Free", 3), ("Pro", 81))
    ]
    someone = Subject({}, companies=firms, primary=0)
    segments = {"pro": codec.parse({"attribute": "plan", "operator": "is", "value": "Pro"})}
    for rule in (
        {"attribute": "plan", "operator": "is", "value": "Pro"},
        {"people": PHOTOS, "operator": "gte", "value": 1},
        {"segment": "pro", "operator": "in"},
    ):
        found = told({"company": quantifier, "rule": rule}, someone, segments=segments)
        assert found.holds is wanted
        assert [one.holds for one in found.root.children] == ([False] if quantifier == "primary" else [False, True])


@pytest.mark.parametrize("length", [1, 2, 40])
def test_a_circle_of_segments_is_an_error_and_no_hang(length: int) -> None:
    """None can be saved; whoever makes one in the database by hand is told."""
    segments = {
        f"s{at}": codec.parse({"all": [{"segment": f"s{(at + 1) % length}", "operator": "in"}]}) for at in range(length)
    }
    with pytest.raises(SegcoreError, match="circle"):
        told({"segment": "s0", "operator": "in"}, Subject({}), segments=segments)


@pytest.mark.parametrize("quantifier", ["any", "all", "none", "primary"])
def test_someone_without_a_company_is_explained(quantifier: str) -> None:
    rule = {"company": quantifier, "rule": {"attribute": "plan", "operator": "is", "value": "Pro"}}
    found = told(rule, Subject({}))
    assert found.holds is (quantifier == "none")
    assert found.root.actual == "belongs to no company"


def test_nodes_without_children_are_shown_with_what_they_came_to() -> None:
    assert isinstance(codec.parse({"sample": {"salt": "A", "from": 0, "to": 10}}), Sample)
    found = told({"sample": {"salt": "A", "from": 0, "to": 10}}, Subject({}, external_id="c-42"))
    assert found.root.actual == "bucket 77.4625 of 100"
    people = OfPeople(codec.parse(PHOTOS), "gte", 1)
    company = Subject({}, people=[Subject({"photos": 81}), Subject({})])
    moment = Moment(NOW)
    assert explain(people, company, SCHEMA, Entity.COMPANY, moment).root.actual == "1 of 2 people"
    nested = OfCompany("any", people)
    assert explain(nested, Subject({}, companies=[company]), SCHEMA, Entity.PERSON, moment).holds
