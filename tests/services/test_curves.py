"""How the count changes with one threshold: exactly what counting each of the filters gives."""

from types import SimpleNamespace
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.attributes import Entity
from segcore.bootstrap import Services
from segcore.engine.cache import Aside, Cache
from segcore.engine.evaluation import Engine
from segcore.model import LOCAL_OWNER
from segcore.problems import InvalidRule, SegcoreError, written
from segcore.rules import codec, measure, thresholds, validate
from segcore.rules.exact import for_browsers, from_browsers
from segcore.rules.interpret import holds
from segcore.rules.replacing import replaced
from segcore.rules.thresholds import changed, current
from segcore.rules.tree import Condition, OfPeople, Path, Performed, Rule, walk, walk_over
from segcore.services.curves import Curves
from segcore.services.present import Presence
from tests.engine.whole import SEGMENTS, Whole, performed, rules, sequences, wholes
from tests.workspace import NOW, ago, write

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much]
PHOTOS: dict[str, Any] = {"attribute": "photos", "operator": "gt", "value": 80}
IRISH = {"attribute": "country", "operator": "is", "value": "Ireland"}
NEW = {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 7}}


def curves(world: Whole) -> Curves:
    """The service over a made-up world, whose rules are valid."""
    here = {key: (SEGMENTS[key], rule) for key, rule in world.segments.items()}
    present = SimpleNamespace(
        read=lambda document, entity, visible: codec.parse(document),
        engine=Engine(),
        snapshot=world.snapshot(),
        moment=lambda now: world.moment,
        rules=here,
        schema=world.schema,
    )
    return Curves(cast(Presence, SimpleNamespace(current=lambda: present, visible=lambda agent: {})))


def asked(world: Whole, rule: Rule, entity: Entity) -> list[tuple[Path, Rule, tuple[str, ...]]]:
    """The nodes of a rule that have thresholds."""
    found: list[tuple[Path, Rule, tuple[str, ...]]] = []
    for path, node, over in walk_over(rule, entity):
        attribute = None
        match node:
            case Condition(key):
                attribute = (world.schema.properties if over is None else world.schema.of(over))[key]
            case Performed():
                attribute = measure.asked(node, world.schema)[0]
            case OfPeople():
                attribute = measure.PEOPLE
        if parts := thresholds.of_node(node, attribute):
            found.append((path, node, parts))
    return found


def law(data: st.DataObject) -> None:
    world = data.draw(wholes())
    entity = data.draw(st.sampled_from([Entity.PERSON, Entity.PERSON, Entity.COMPANY]))
    one = st.one_of(performed(world), sequences(world)) if entity is Entity.PERSON else rules(world, entity)
    rule = data.draw(st.one_of(one, rules(world, entity)))
    subjects = world.subjects(entity)
    known = asked(world, rule, entity)
    if not known:
        return
    path, node, parts = data.draw(st.sampled_from(known))
    part = data.draw(st.sampled_from(parts))
    curve = curves(world).curve(
        LOCAL_OWNER, codec.dump(rule), written(path), part=part, entity=entity, now=world.moment.now, patience=60
    )
    assert 1 <= len(curve.steps) <= thresholds.MOST
    assert curve.steps[curve.current].value == current(node, part)
    assert len({step.value for step in curve.steps}) == len(curve.steps)
    for step in data.draw(st.lists(st.sampled_from(curve.steps), min_size=1, max_size=6)):
        other = replaced(rule, path, changed(node, part, step.value))
        assert validate.check(codec.dump(other), world.schema, entity, SEGMENTS) == []
        told = [holds(other, each, world.schema, entity, world.moment, world.segments) for each in subjects]
        assert step.count == sum(told)


@settings(max_examples=100, deadline=None, suppress_health_check=QUIET)
@given(st.data())
def test_every_step_counts_what_the_filter_with_that_threshold_matches(data: st.DataObject) -> None:
    law(data)


@pytest.mark.long
@settings(max_examples=5_000, deadline=None, suppress_health_check=QUIET)
@given(st.data())
def test_every_step_of_five_thousand_filters(data: st.DataObject) -> None:
    law(data)


@settings(max_examples=50, deadline=None, suppress_health_check=QUIET)
@given(st.data())
def test_a_node_that_takes_its_own_place_changes_nothing(data: st.DataObject) -> None:
    world = data.draw(wholes())
    rule = data.draw(rules(world))
    for path, node in walk(rule):
        assert replaced(rule, path, node) == rule


@pytest.fixture
def many(sqlite_services: Services) -> Services:
    """Three hundred people; every third has photos, one more each, and they signed up a day after the other."""
    people: dict[str, dict[str, Any]] = {
        f"m-{n:03}": {"signed_up_at": ago(days=n, hours=1), "country": "Ireland" if n % 2 else "Japan"}
        | ({"photos": n} if n % 3 == 0 else {})
        for n in range(300)
    }
    write(sqlite_services.database, people)
    return sqlite_services


def count(services: Services, document: dict[str, Any]) -> int:
    return services.filters.count(LOCAL_OWNER, document, now=NOW).count


def test_at_most_sixty_thresholds_and_the_current_one_is_among_them(many: Services) -> None:
    rule = {"all": [IRISH, {"none": [{**PHOTOS, "value": 81.5}]}]}
    curve = many.curves.curve(LOCAL_OWNER, rule, "all[1].none[0]", now=NOW, patience=60)
    assert 50 <= len(curve.steps) <= 60
    assert not curve.every
    assert curve.steps[curve.current].value == 81.5
    assert [step.value for step in curve.steps] == sorted(step.value for step in curve.steps)
    for step in curve.steps:
        assert step.count == count(many, {"all": [IRISH, {"none": [{**PHOTOS, "value": step.value}]}]})
    assert curve.total == 300


def test_few_values_are_all_counted(people: Services) -> None:
    curve = people.curves.curve(LOCAL_OWNER, {"all": [PHOTOS]}, "all[0]", now=NOW)
    assert [(step.value, step.count) for step in curve.steps] == [(80, 1), (81, 0)]
    assert curve.every
    assert (curve.part, curve.parts, curve.current) == ("value", ("value",), 0)


def test_amounts_of_time_are_counted_in_their_unit(people: Services) -> None:
    curve = people.curves.curve(LOCAL_OWNER, {"all": [NEW]}, "all[0]", now=NOW)
    assert [(step.value, step.count) for step in curve.steps] == [(1, 1), (4, 2), (7, 2), (11, 3), (401, 4)]
    hours = {**NEW, "value": {"hours": 4}}
    curve = people.curves.curve(LOCAL_OWNER, {"all": [hours]}, "all[0]", now=NOW)
    assert [step.value for step in curve.steps] == [4, 73, 241, 9601]


def test_calendar_dates_are_days_of_the_workspace(people: Services) -> None:
    rule = {"all": [{"attribute": "signed_up_at", "operator": "on_or_after", "value": "2026-11-01"}]}
    curve = people.curves.curve(LOCAL_OWNER, rule, "all[0]", now=NOW)
    assert [(step.value, step.count) for step in curve.steps] == [
        ("2025-10-18", 4),
        ("2026-11-01", 3),
        ("2026-11-12", 3),
        ("2026-11-19", 2),
        ("2026-11-22", 1),
    ]


def test_the_ends_of_a_range_stay_in_order(many: Services) -> None:
    rule = {"all": [{"attribute": "photos", "operator": "between", "value": [30, 60]}]}
    low = many.curves.curve(LOCAL_OWNER, rule, "all[0]", part="low", now=NOW, patience=60)
    high = many.curves.curve(LOCAL_OWNER, rule, "all[0]", part="high", now=NOW, patience=60)
    assert low.parts == ("low", "high")
    assert [step.value for step in low.steps] == list(range(0, 61, 3))
    assert high.steps[0].value == 30
    assert high.steps[0].count == 1


def test_who_has_no_time_gets_some_exact_steps(many: Services) -> None:
    curve = many.curves.curve(LOCAL_OWNER, {"all": [PHOTOS]}, "all[0]", now=NOW, patience=0)
    assert len(curve.steps) == 15
    assert not curve.every
    for step in curve.steps:
        assert step.count == count(many, {"all": [{**PHOTOS, "value": step.value}]})


@pytest.mark.parametrize(
    ("rule", "path", "part"),
    [
        ({"all": [IRISH]}, "all[0]", None),
        ({"all": [IRISH]}, "all[1]", None),
        ({"all": [IRISH]}, "", None),
        ({"all": [PHOTOS]}, "all[0]", "low"),
        ({"all": [PHOTOS]}, "all[0]", "window"),
        ({"all": [{**NEW, "operator": "exactly_ago"}]}, "all[0]", None),
        ({"all": [{"attribute": "signed_up_at", "operator": "in_period", "value": "today"}]}, "all[0]", None),
    ],
)
def test_what_has_no_threshold_is_refused(people: Services, rule: dict[str, Any], path: str, part: str | None) -> None:
    with pytest.raises(SegcoreError):
        people.curves.curve(LOCAL_OWNER, rule, path, part=part, now=NOW)


def test_a_wrong_filter_is_refused(people: Services) -> None:
    with pytest.raises(InvalidRule):
        people.curves.curve(LOCAL_OWNER, {"all": [{**PHOTOS, "attribute": "fotos"}]}, "all[0]", now=NOW)


def test_a_curve_keeps_nothing_for_others() -> None:
    kept = Cache()
    kept.put("here", 1, 8)
    aside = Aside(kept)
    aside.put("new", 2, 8)
    assert (aside.get("here"), aside.get("new"), aside.get("never")) == (1, 2, None)
    assert kept.get("new") is None


def test_whole_numbers_past_what_browsers_hold_come_back() -> None:
    rule = {"all": [{"attribute": "photos", "operator": "gt", "value": -(2**60)}, {"value": [2**53, True, 1.5, "x"]}]}
    told = for_browsers(rule)
    assert told["all"][0]["value"] == {"integer": str(-(2**60))}
    assert from_browsers(told) == rule
