"""The whole language over random people, companies and events: laws, and what is stored, said and checked of each rule."""

import json
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from segcore.attributes import Entity
from segcore.rules import calendar, codec, sample, tree, validate, windows
from segcore.rules.describe import resolutions, sentence
from segcore.rules.interpret import bucket, happened
from segcore.rules.measure import MEASURES
from segcore.rules.operators import BY_KEY
from segcore.rules.tree import AllOf, AnyOf, NoneOf, OfCompany, OfPeople, Performed, Sample, walk, walk_over
from tests.rules import universe as whole
from tests.rules.universe import SCHEMA, SEGMENTS, universes

QUICK = settings(deadline=None, database=None, suppress_health_check=list(HealthCheck))
ENTITIES = st.sampled_from((Entity.PERSON, Entity.PERSON, Entity.COMPANY))


@settings(QUICK, max_examples=150)
@given(st.data())
def test_a_rule_of_the_whole_language_survives_its_document(data: st.DataObject) -> None:
    universe, entity = data.draw(universes(people=3, companies=2)), data.draw(ENTITIES)
    rule = data.draw(whole.rules(universe, entity))
    document = codec.dump(rule)
    again = codec.loads(json.dumps(document))
    assert codec.parse(again) == rule
    assert codec.dump(validate.read(again, SCHEMA, entity, SEGMENTS)) == document
    assert len({path for path, _ in walk(rule)}) == len(list(walk(rule)))


@settings(QUICK, max_examples=60)
@given(st.data())
def test_every_rule_has_a_sentence_and_every_limit_comes_to_something(data: st.DataObject) -> None:
    universe, entity = data.draw(universes(people=3, companies=2)), data.draw(ENTITIES)
    rule = data.draw(whole.rules(universe, entity))
    names = {"first": "First", "second": "Second", "big": "Big"}
    told = str(sentence(rule, SCHEMA, entity, names, universe.moment))
    assert told.startswith(("People ", "Companies ", "Everyone", "All companies", "No one", "No companies"))
    assert told.endswith(".")
    assert set(resolutions(rule, SCHEMA, entity, universe.moment)) <= {path for path, _ in walk(rule)}


@settings(QUICK, max_examples=150)
@given(st.data())
def test_both_evaluators_agree_right_at_the_limits(data: st.DataObject) -> None:
    universe, entity = data.draw(universes()), data.draw(ENTITIES)
    rule = data.draw(whole.rules(universe, entity))
    assert universe.by_columns(rule, entity) == universe.answers(rule, entity)


def test_a_third_of_random_answers_is_true_and_a_third_false() -> None:
    answers: Counter[bool] = Counter()

    @settings(QUICK, max_examples=100)
    @given(st.data())
    def law(data: st.DataObject) -> None:
        universe, entity = data.draw(universes()), data.draw(ENTITIES)
        answers.update(universe.answers(data.draw(whole.rules(universe, entity)), entity))

    law()
    assert answers.total() > 300
    assert min(answers[True], answers[False]) * 4 >= answers.total(), answers


@settings(QUICK, max_examples=60)
@given(st.data())
def test_none_is_the_complement_of_any_for_every_node(data: st.DataObject) -> None:
    universe, entity = data.draw(universes()), data.draw(ENTITIES)
    rule = data.draw(whole.rules(universe, entity, depth=2))
    yes = universe.answers(AnyOf((rule,)), entity)
    assert universe.answers(NoneOf((rule,)), entity) == [not each for each in yes]
    assert universe.answers(AllOf((rule,)), entity) == yes == universe.answers(rule, entity)


@settings(QUICK, max_examples=60)
@given(st.data())
def test_a_negative_operator_on_events_is_exactly_not_its_positive_one(data: st.DataObject) -> None:
    universe = data.draw(universes())
    rule = data.draw(whole.performed(universe).filter(lambda rule: BY_KEY[rule.operator].negative))
    positive = replace(rule, operator=BY_KEY[rule.operator].complement_of or "", include_missing=True)
    yes = universe.answers(positive, Entity.PERSON)
    assert universe.answers(replace(rule, include_missing=True), Entity.PERSON) == [not each for each in yes]
    known = universe.answers(replace(rule, operator="is_known", value=None, include_missing=True), Entity.PERSON)
    without = universe.answers(replace(rule, include_missing=False), Entity.PERSON)
    assert without == [here and not each for each, here in zip(yes, known, strict=True)]


@settings(QUICK, max_examples=60)
@given(st.data())
def test_no_company_is_the_complement_of_any_company(data: st.DataObject) -> None:
    universe = data.draw(universes())
    inner = data.draw(whole.rules(universe, Entity.COMPANY, depth=1))
    ask = {word: universe.answers(OfCompany(word, inner), Entity.PERSON) for word in ("any", "all", "none", "primary")}
    assert ask["none"] == [not each for each in ask["any"]]
    for person, any_, all_, primary in zip(universe.people, ask["any"], ask["all"], ask["primary"], strict=True):
        assert any_ or not (all_ or primary)
        assert person.companies or not any_


@settings(QUICK, max_examples=60)
@given(st.data())
def test_the_bounds_of_columns_hold_the_events_that_a_row_counts(data: st.DataObject) -> None:
    universe = data.draw(universes())
    within = data.draw(whole.windows(universe))
    start, end = windows.bounds(within, universe.moment)
    for person in universe.people:
        for name in whole.EVENTS:
            counted = happened(name, None, within, person, SCHEMA, universe.moment)
            ours = [each for each in person.events if each.name == name]
            at = [calendar.microseconds(each.at) for each in ours]
            inside = [
                each for each, when in zip(ours, at, strict=True) if (start is None or start <= when) and when < end
            ]
            assert sorted(inside, key=lambda each: each.at) == counted


@settings(QUICK, max_examples=60)
@given(st.data())
def test_the_tickets_of_columns_are_the_buckets_of_rows(data: st.DataObject) -> None:
    universe, entity = data.draw(universes(people=4)), data.draw(ENTITIES)
    rule = data.draw(whole.samples(universe, entity))
    low, high = sample.limits(rule)
    tickets = [sample.ticket(rule.salt, each.external_id) for each in universe.of(entity)]
    assert [low <= ticket < high for ticket in tickets] == universe.answers(rule, entity)
    assert all(0 <= bucket(rule.salt, each.external_id) < 100 for each in universe.of(entity))


def test_every_node_measure_and_window_is_drawn() -> None:
    seen: set[object] = set()

    def look(data: st.DataObject) -> None:
        universe, entity = data.draw(universes(people=2, companies=1)), data.draw(ENTITIES)
        for _, node, over in walk_over(data.draw(whole.rules(universe, entity)), entity):
            seen.add((type(node), over))
            if isinstance(node, Performed):
                seen.update({node.measure, type(node.within), node.where is None})
            if isinstance(node, OfCompany):
                seen.add(node.quantifier)

    events = {(tree.Condition, None), (AnyOf, None), (Performed, Entity.PERSON), (tree.Sequence, Entity.PERSON)}
    crossing = {(OfCompany, Entity.PERSON), (OfPeople, Entity.COMPANY)}
    both = {(Sample, each) for each in Entity} | {(tree.InSegment, each) for each in Entity}
    kinds = {tree.Last, tree.Period, tree.Span, type(None), True, False}
    measures = {each.key for each in MEASURES}
    wanted = events | crossing | both | kinds | measures | {"any", "all", "none", "primary"}
    for number in range(10):
        if not wanted <= seen:
            seed(number)(settings(QUICK, max_examples=150)(given(st.data())(look)))()
    assert wanted <= seen


@pytest.mark.long
@settings(QUICK, max_examples=20_000)
@given(st.data())
def test_very_many_rules_survive_their_documents(data: st.DataObject) -> None:
    universe, entity = data.draw(universes(people=2, companies=1)), data.draw(ENTITIES)
    rule = data.draw(whole.rules(universe, entity))
    assert validate.read(codec.loads(json.dumps(codec.dump(rule))), SCHEMA, entity, SEGMENTS) == rule
    assert universe.by_columns(rule, entity) == universe.answers(rule, entity)
