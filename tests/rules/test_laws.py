"""The laws of rules, over random rules and random data with hostile values."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.attributes import Attribute, Entity
from segcore.rules import codec, validate
from segcore.rules.interpret import holds
from segcore.rules.operators import Operator, for_kind
from segcore.rules.tree import AllOf, AnyOf, InSegment, NoneOf, Rule, walk
from tests.rules.strategies import (
    ATTRIBUTES,
    SCHEMA,
    World,
    column_answers,
    column_expression,
    condition_with,
    conditions,
    rules,
    worlds,
)

QUICK = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))


def row_answers(rule: Rule, world: World) -> list[bool]:
    return [holds(rule, row, SCHEMA, Entity.PERSON, world.moment, world.segments) for row in world.rows]


PAIRS = [
    pytest.param(attribute, operator, id=f"{attribute.key}-{operator.key}")
    for attribute in ATTRIBUTES[1:]
    for operator in for_kind(attribute.kind)
]


@pytest.mark.parametrize(("attribute", "operator"), PAIRS)
def test_columns_equal_the_row_interpreter_for_every_operator(attribute: Attribute, operator: Operator) -> None:
    @settings(QUICK, max_examples=20)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        world = data.draw(worlds(attribute=attribute))
        condition = data.draw(condition_with(world, attribute, operator))
        assert column_answers(condition, world) == row_answers(condition, world)

    law()


def test_columns_equal_the_row_interpreter_on_random_rules_a_third_of_the_answers_being_true() -> None:
    answers: Counter[bool] = Counter()

    @settings(QUICK, max_examples=250)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        world = data.draw(worlds())
        rule = data.draw(rules(world))
        found = column_answers(rule, world)
        assert found == row_answers(rule, world)
        answers.update(found)

    law()
    assert answers[True] * 3 >= answers.total() > 1_000, answers


@settings(QUICK, max_examples=60)
@given(st.data())
def test_none_is_the_complement_of_any_and_every_answer_is_true_or_false(data: st.DataObject) -> None:
    world = data.draw(worlds())
    children = tuple(data.draw(st.lists(rules(world, depth=1), max_size=3)))
    anyone, no_one = column_answers(AnyOf(children), world), column_answers(NoneOf(children), world)
    assert set(anyone + no_one) <= {True, False}
    assert no_one == [not answer for answer in anyone]
    assert row_answers(NoneOf(children), world) == [not answer for answer in row_answers(AnyOf(children), world)]


@settings(QUICK, max_examples=60)
@given(st.data())
def test_outside_a_segment_is_the_complement_of_inside(data: st.DataObject) -> None:
    world = data.draw(worlds())
    inside = row_answers(InSegment("first", "in"), world)
    assert row_answers(InSegment("first", "not_in"), world) == [not answer for answer in inside]
    assert inside == row_answers(world.segments["first"], world)


NEGATIVE = [
    pytest.param(attribute, operator, id=f"{attribute.key}-{operator.key}")
    for attribute in ATTRIBUTES[1:]
    for operator in for_kind(attribute.kind)
    if operator.negative
]


@pytest.mark.parametrize(("attribute", "operator"), NEGATIVE)
def test_a_negative_operator_is_exactly_not_its_positive_one(attribute: Attribute, operator: Operator) -> None:
    @settings(QUICK, max_examples=15)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        world = data.draw(worlds(attribute=attribute))
        negative = replace(data.draw(condition_with(world, attribute, operator)), include_missing=True)
        positive = replace(negative, operator=operator.complement_of or "")
        known = [row.get(attribute.key) is not None for row in world.frame.iter_rows(named=True)]
        for answers in (lambda rule: column_answers(rule, world), lambda rule: row_answers(rule, world)):
            yes, no = answers(positive), answers(negative)
            assert no == [not answer for answer in yes]
            assert not any(answer for answer, here in zip(yes, known, strict=True) if not here)
            assert all(answer for answer, here in zip(no, known, strict=True) if not here)
            without = answers(replace(negative, include_missing=False))
            assert without == [answer and here for answer, here in zip(no, known, strict=True)]

    law()


@settings(QUICK, max_examples=100)
@given(st.data())
def test_a_rule_survives_its_document(data: st.DataObject) -> None:
    world = data.draw(worlds(rows=2))
    rule = AllOf(tuple(data.draw(st.lists(rules(world), max_size=3))))
    document = codec.dump(rule)
    again = codec.loads(json.dumps(document))
    assert again == document
    assert codec.parse(again) == rule
    assert codec.dump(codec.parse(document)) == document
    # A drawn rule is a good one, unless it asks a fraction's attribute for a whole number past 2^53.
    problems = validate.check(document, SCHEMA, Entity.PERSON, dict.fromkeys(("first", "second"), Entity.PERSON))
    assert [each for each in problems if "2^53" not in each.message and "fractions" not in each.message] == []


@settings(QUICK, max_examples=40)
@given(st.data())
def test_every_node_is_walked_once(data: st.DataObject) -> None:
    world = data.draw(worlds(rows=1))
    rule = data.draw(rules(world))
    paths = [path for path, _ in walk(rule)]
    assert len(set(paths)) == len(paths)


@settings(QUICK, max_examples=40)
@given(st.data())
def test_a_table_without_rows_has_no_answers(data: st.DataObject) -> None:
    world = data.draw(worlds(rows=1))
    condition = data.draw(conditions(world))
    assert world.frame.clear().select(column_expression(condition, world)).height == 0
