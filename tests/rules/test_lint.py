"""Advice on rules: what DESIGN's list says is found, and what is claimed is true of any data, by both evaluators."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import reduce
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.rules import codec
from segcore.rules.interpret import Happened, Subject, holds
from segcore.rules.lint import Advice, Seen, canonical, like, lint
from segcore.rules.moment import Moment
from segcore.rules.operators import for_kind
from segcore.rules.tree import AllOf, AnyOf, Condition, NoneOf, Path, Rule
from tests.rules import strategies
from tests.rules.strategies import World, column_answers, condition_with, worlds

QUICK = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
NOW = Moment(datetime(2026, 11, 22, 4, 12, tzinfo=UTC), ZoneInfo("Europe/Dublin"))
ATTRIBUTES = (
    Attribute(key="country", kind=Kind.TEXT),
    Attribute(key="photos", kind=Kind.NUMBER),
    Attribute(key="app", kind=Kind.BOOLEAN),
    Attribute(key="seen", kind=Kind.DATETIME),
    Attribute(key="tags", kind=Kind.LIST),
)
SCHEMA = Schema(
    people={each.key: each for each in ATTRIBUTES},
    companies={"plan": Attribute(key="plan", kind=Kind.TEXT)},
    events={"purchase": "Purchase"},
    properties={
        "category": Attribute(key="category", kind=Kind.TEXT),
        "amount": Attribute(key="amount", kind=Kind.NUMBER, fractions=True),
    },
)
HERE = {"country": [("Ireland", 3390), ("Japan", 20)], "category": [("Home", 9)], "plan": [("Pro", 3)]}


def look(whose: Entity | str, key: str, text: str) -> Seen | None:
    return like(text, HERE[key]) if key in HERE else None


def advised(document: dict[str, object], entity: Entity = Entity.PERSON) -> list[Advice]:
    segments = {"trial": ("Trial users", codec.parse({"all": [TRIAL, FEW]}))}
    return lint(codec.parse(document), SCHEMA, entity, NOW, look, segments)


def on(operator: str, value: object = None, key: str = "country", **options: bool) -> dict[str, object]:
    return {"attribute": key, "operator": operator, **({} if value is None else {"value": value}), **options}


TRIAL = on("is", "Ireland")
FEW = on("lt", 3, "photos")
PURCHASE: dict[str, object] = {"event": "purchase", "operator": "gte", "value": 1}

DESIGNED = [
    (
        {"all": [on("is", "Irland")]},
        [("all[0].value", "Nobody has the value Irland. Did you mean Ireland (3,390)?", "Ireland")],
    ),
    (
        {"all": [on("is_any_of", ["Japan", "Germny"])]},
        [("all[0].value[1]", "Nobody has the value Germny.", None)],
    ),
    (
        {"all": [on("is", "Ireland"), on("is", "Japan")]},
        [("all[1]", "These two can never both hold, so nobody matches.", None)],
    ),
    (
        {"all": [on("gt", 80, "photos"), on("lt", 50, "photos")]},
        [("all[1]", "Nothing is more than 80 and less than 50, so nobody matches.", None)],
    ),
    (
        {"any": [on("is_not", "Ireland"), on("is_not", "Japan")]},
        [
            (
                "",
                "“is not Ireland or is not Japan” matches everyone. Did you mean is none of Ireland, Japan?",
                "Use “is none of”",
            )
        ],
    ),
    (
        {"all": [on("is", "Ireland"), on("is_known")]},
        [("all[1]", "Already said by the line above.", "Remove it")],
    ),
    (
        {"all": [FEW, TRIAL]},
        [("", "The same filter as Trial users.", None)],
    ),
]


@pytest.mark.parametrize(("document", "expected"), DESIGNED)
def test_the_list_of_the_design(document: dict[str, object], expected: list[tuple[str, str, str | None]]) -> None:
    told = [each.as_json() for each in advised(document)]
    assert [(each["path"], each["message"], each.get("suggestion")) for each in told] == expected
    assert {each["level"] for each in told} == {"warning"}


MORE: list[tuple[dict[str, object], list[str]]] = [
    ({"all": []}, []),
    ({"all": [on("is", "Ireland"), FEW]}, ["same"]),
    ({"all": [on("is", "Ireland"), on("gt", 3, "photos")]}, []),
    # "is not" holds for those without a country, so with "is known" it still takes somebody out.
    ({"all": [on("is_not", "Ireland"), on("is_known")]}, []),
    ({"all": [on("is_not", "Ireland", include_missing=False), on("is_known")]}, ["no_effect"]),
    ({"any": [on("is_not", "Ireland", include_missing=False), on("is_not", "Japan")]}, ["any_of_negatives"]),
    ({"any": [on("is_not", "Ireland"), on("is_not", "IRELAND")]}, ["no_effect"]),
    ({"any": [on("is", "Ireland"), on("is_not", "Ireland")]}, ["always"]),
    ({"any": [on("is", "Ireland"), on("is_not", "Ireland", include_missing=False)]}, []),
    ({"none": [on("is_known"), on("is_unknown")]}, ["always"]),
    ({"all": [on("is_true", key="app"), on("is_not_true", key="app")]}, ["contradiction"]),
    ({"all": [on("is_not_true", key="app"), on("is_not_false", key="app")]}, []),
    ({"any": [on("is_true", key="app"), on("is_false", key="app")]}, []),
    ({"all": [on("contains", "x"), on("is_empty")]}, ["contradiction"]),
    ({"all": [on("contains", "x"), on("not_contains", "x")]}, ["contradiction"]),
    ({"all": [on("matches_regex", "x*"), on("is_empty")]}, []),
    ({"all": [on("includes", "a", "tags"), on("count_eq", 0, "tags")]}, ["contradiction"]),
    ({"all": [on("count_gte", 0, "tags"), on("is_known", key="tags")]}, ["no_effect"]),
    ({"all": [on("less_than_ago", {"days": 7}, "seen"), on("less_than_ago", {"days": 30}, "seen")]}, ["no_effect"]),
    ({"all": [on("less_than_ago", {"days": 30}, "seen"), on("at_least_ago", {"days": 30}, "seen")]}, ["contradiction"]),
    ({"all": [on("at_most_ago", {"days": 30}, "seen"), on("at_least_ago", {"days": 30}, "seen")]}, []),
    ({"all": [on("in_period", "this_month", "seen"), on("in_period", "last_month", "seen")]}, ["contradiction"]),
    ({"all": [on("in_period", "today", "seen"), on("in_last_calendar_days", 3, "seen")]}, ["no_effect"]),
    ({"all": [on("after", "2026-01-01", "seen"), on("before", "2026-01-01", "seen")]}, ["contradiction"]),
    # Months and years cannot be compared, nor a fixed day with an age: nothing is claimed.
    ({"all": [on("in_period", "this_month", "seen"), on("in_period", "last_year", "seen")]}, []),
    ({"all": [on("before", "2020-01-01", "seen"), on("less_than_ago", {"days": 7}, "seen")]}, []),
    ({"all": [{**PURCHASE, "value": 0}]}, ["no_effect"]),
    ({"all": [{**PURCHASE, "operator": "lt", "value": 0}]}, ["never"]),
    ({"all": [{**PURCHASE, "operator": "gt", "value": 0}, {**PURCHASE, "operator": "lt", "value": 1}]}, ["empty_range"]),
    ({"all": [PURCHASE, {**PURCHASE, "within": {"last": {"days": 3}}}]}, []),
    ({"all": [{**PURCHASE, "where": on("is", "Hom", "category")}]}, ["unseen"]),
    ({"all": [{"company": "any", "rule": {"all": [on("is", "Pro", "plan"), on("is", "Free", "plan")]}}]}, ["contradiction", "unseen"]),
    ({"all": [{"segment": "trial", "operator": "in"}, {"segment": "trial", "operator": "not_in"}]}, ["contradiction"]),
    ({"all": [{"sample": {"salt": "A", "from": 0, "to": 10}}, {"sample": {"salt": "A", "from": 10, "to": 20}}]}, ["contradiction"]),
    ({"all": [{"sample": {"salt": "A", "from": 0, "to": 10}}, {"sample": {"salt": "B", "from": 10, "to": 20}}]}, []),
    ({"all": [on("between", [1, 5], "photos"), on("gte", 5, "photos"), on("ne", 5, "photos")]}, ["contradiction"]),
    ({"all": [{**PURCHASE, "within": {"from": "2026-01-01T00:00:00Z", "to": "2026-01-01T00:00:00Z"}}]}, ["empty_range"]),
    ({"all": [{"sample": {"salt": "A", "from": 5, "to": 5}}]}, ["never"]),
    ({"all": [{"event": "purchase", "measure": "sum", "of": "amount", "operator": "is_known"}]}, []),
    ({"all": [TRIAL, on("is", "Japan"), on("gt", 1, "photos"), on("gt", 0, "photos")]}, ["contradiction", "no_effect"]),
    ({"any": [on("is", "Ireland"), {"any": []}]}, ["no_effect", "never"]),
    ({"all": [TRIAL, {"all": [TRIAL]}]}, ["no_effect"]),
    ({"any": [{"all": [on("gt", 5, "photos"), on("lt", 5, "photos")]}, TRIAL]}, ["empty_range"]),
    ({"all": [on("is_none_of", ["Ireland", "Japan"]), on("is_not", "Japan")]}, ["no_effect"]),
]  # fmt: skip


@pytest.mark.parametrize(("document", "kinds"), MORE)
def test_what_is_advised_and_what_is_not(document: dict[str, object], kinds: list[str]) -> None:
    assert [each.kind for each in advised(document)] == kinds


def test_a_group_inside_a_choice_is_not_the_whole_filter() -> None:
    inner = {"all": [on("is", "Ireland"), on("is", "Japan")]}
    assert advised({"any": [inner, FEW]})[0].message == "These two can never both hold, so nobody matches this group."
    assert advised({"all": [inner, FEW]})[0].message == "These two can never both hold, so nobody matches."


def test_fixes_make_the_rule_that_was_meant() -> None:
    negatives = advised({"all": [FEW, {"any": [on("is_not", "Ireland"), on("is_not", "Japan"), FEW]}]})[0]
    assert negatives.path == ("all", 1)
    assert negatives.fix == {"any": [on("is_none_of", ["Ireland", "Japan"]), FEW]}
    assert advised({"all": [TRIAL, TRIAL]})[0].fix == {"all": []}


def test_a_line_further_away_is_named_by_its_number() -> None:
    told = advised({"all": [TRIAL, on("gt", 5, "photos"), on("is", "Japan")]})
    assert told[0].message == "This and line 1 can never both hold, so nobody matches."
    told = advised({"all": [on("is_known"), on("gt", 5, "photos"), TRIAL]})
    assert (told[0].path, told[0].message) == (("all", 0), "Already said by line 3 of this group.")


def test_rules_that_differ_in_brackets_and_order_only_are_the_same() -> None:
    def same(one: dict[str, object], other: dict[str, object]) -> bool:
        return canonical(codec.parse(one)) == canonical(codec.parse(other))

    assert same({"all": [TRIAL, FEW]}, {"all": [{"all": [FEW]}, {"any": [TRIAL]}, FEW]})
    assert same(on("is_any_of", ["a", "b"]), {"all": [on("is_any_of", ["b", "a"])]})
    assert not same({"all": [TRIAL, FEW]}, {"any": [TRIAL, FEW]})
    assert not same({"none": [TRIAL]}, {"all": [TRIAL]})
    assert not same(on("is_not", "a"), on("is_not", "a", include_missing=False))


def test_the_nearest_text_is_told_with_all_its_spellings_counted() -> None:
    values = [("Ireland", 5), ("IRELAND", 2), ("Iceland", 9)]
    assert like("ireland", values) == Seen(7)
    assert like("Irelnd", values) == Seen(0, ("Ireland", 7))
    assert like("Peru", values) == Seen(0)


# What is claimed is true


def without(rule: Rule, path: Path) -> Rule:
    """The rule with one child of a group left out."""
    assert isinstance(rule, AllOf | AnyOf | NoneOf)
    index = path[1]
    assert isinstance(index, int)
    if len(path) == 2:
        return type(rule)(rule.rules[:index] + rule.rules[index + 1 :])
    changed = without(rule.rules[index], path[2:])
    return type(rule)((*rule.rules[:index], changed, *rule.rules[index + 1 :]))


def node_at(rule: Rule, path: Path) -> Rule:
    return reduce(lambda node, index: node.rules[index], (step for step in path if isinstance(step, int)), rule)  # type: ignore[union-attr, return-value]


def check(advice: Advice, rule: Rule, answers: Sequence[object]) -> None:
    """The claim against the answers of both evaluators."""
    for ask in answers:
        assert callable(ask)
        match advice.claim:
            case "never":
                assert not any(ask(node_at(rule, advice.about))), advice
            case "always":
                assert all(ask(node_at(rule, advice.about))), advice
            case "no_effect":
                assert ask(without(rule, advice.path)) == ask(rule), advice


@st.composite
def close_rules(draw: st.DrawFn, world: World, depth: int = 2) -> Rule:
    """Groups of conditions on one attribute, so that they often have to do with each other."""
    attribute = draw(st.sampled_from(world.attributes[1:]))

    def leaf() -> Rule:
        condition = draw(condition_with(world, attribute, draw(st.sampled_from(for_kind(attribute.kind)))))
        return replace(condition, include_missing=True) if draw(st.booleans()) else condition

    denials = [each for each in for_kind(attribute.kind) if each.key in ("is_not", "ne", "is_none_of", "includes_none")]
    if denials and draw(st.integers(0, 3)) == 0:
        denial = condition_with(world, attribute, draw(st.sampled_from(denials)))
        return draw(st.sampled_from((AnyOf, NoneOf)))(tuple(draw(denial) for _ in range(draw(st.integers(2, 3)))))
    children: list[Rule] = [leaf() for _ in range(draw(st.integers(1, 4)))]
    if depth:
        children += [draw(close_rules(world, depth - 1)) for _ in range(draw(st.integers(0, 1)))]
    if draw(st.integers(0, 4)) == 0:
        turned = children[0]
        if isinstance(turned, Condition):
            children.append(turned)
    return draw(st.sampled_from((AllOf, AnyOf, NoneOf)))(tuple(children))


def test_claims_hold_for_hostile_values_by_columns_and_by_one_row() -> None:
    seen: Counter[str] = Counter()

    @settings(QUICK, max_examples=300)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        world = data.draw(worlds(rows=8))
        rule = data.draw(close_rules(world))

        def by_row(asked: Rule) -> list[bool]:
            return [
                holds(asked, row, strategies.SCHEMA, Entity.PERSON, world.moment, world.segments) for row in world.rows
            ]

        for advice in lint(rule, strategies.SCHEMA, Entity.PERSON, world.moment):
            seen[advice.kind] += 1
            check(advice, rule, (by_row, lambda asked: column_answers(asked, world)))

    law()
    assert set(seen) >= {"contradiction", "always", "no_effect", "any_of_negatives"}, seen
    assert seen.total() > 100, seen


def test_claims_hold_at_every_later_moment_too() -> None:
    """Ages and local days move with now: what can never hold today can not hold tomorrow."""
    attribute = next(each for each in strategies.ATTRIBUTES if each.key == "seen_at")

    @settings(QUICK, max_examples=200)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        world = data.draw(worlds(attribute=attribute, rows=8))
        rule = data.draw(close_rules(world, depth=0))
        advice = lint(rule, strategies.SCHEMA, Entity.PERSON, world.moment)
        later = replace(world.moment, now=world.moment.now + timedelta(days=data.draw(st.integers(0, 500))))

        def answers(asked: Rule) -> list[bool]:
            return [holds(asked, row, strategies.SCHEMA, Entity.PERSON, later, {}) for row in world.rows]

        for each in advice:
            check(each, rule, (answers,))

    law()


EVENTS = st.lists(
    st.builds(
        lambda days, category: Happened("purchase", NOW.now - timedelta(days=days), {"category": category}),
        st.integers(-2, 9),
        st.sampled_from(("Home", "Garden", None)),
    ),
    max_size=4,
)
COUNTS = st.builds(
    lambda operator, value, measure: {"event": "purchase", "operator": operator, "value": value, **measure},
    st.sampled_from(("eq", "ne", "gt", "gte", "lt", "lte")),
    st.integers(-1, 3) | st.sampled_from((0.5, 1.5)),
    st.sampled_from(({}, {"measure": "days"}, {"measure": "distinct", "of": "category"})),
)
BUCKETS = st.builds(
    lambda low, size: {"sample": {"salt": "A", "from": low, "to": min(100, low + size)}},
    st.sampled_from((0, 10, 50)),
    st.sampled_from((5, 10, 50, 100)),
)
PLANS = st.builds(
    lambda quantifier, plan: {"company": quantifier, "rule": on("is", plan, "plan")},
    st.sampled_from(("any", "none")),
    st.sampled_from(("Pro", "Free")),
)


@settings(QUICK, max_examples=300)
@given(
    st.sampled_from(("all", "any", "none")),
    st.lists(COUNTS | BUCKETS | PLANS, min_size=1, max_size=4),
    st.lists(EVENTS, min_size=1, max_size=4),
)
def test_claims_hold_for_events_companies_and_samples(
    word: str, children: list[dict[str, object]], people: list[list[Happened]]
) -> None:
    rule = codec.parse({word: children})
    subjects = [
        Subject(
            {}, events, [Subject({"plan": plan}) for plan in ("Pro", None)[: number % 3]], external_id=f"c-{number}"
        )
        for number, events in enumerate([*people, []])
    ]

    def answers(asked: Rule) -> list[bool]:
        return [holds(asked, subject, SCHEMA, Entity.PERSON, NOW) for subject in subjects]

    for advice in lint(rule, SCHEMA, Entity.PERSON, NOW):
        check(advice, rule, (answers,))


def test_a_thousand_conditions_are_looked_through_quickly() -> None:
    began = datetime.now(UTC)
    children = [on("gt", number, "photos") for number in range(500)] + [on("is_not", f"x{n}") for n in range(500)]
    assert advised({"all": children})
    assert datetime.now(UTC) - began < timedelta(seconds=5)
