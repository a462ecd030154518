"""Columns and the row interpreter agree on random documents of the whole language."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcore.attributes import EXTERNAL_ID, Entity
from segcore.engine.evaluation import Engine
from segcore.rules import codec
from segcore.rules.interpret import holds
from segcore.rules.tree import NoneOf, walk
from tests.engine.whole import SEGMENTS, performed, rules, sequences, wholes

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example, HealthCheck.filter_too_much]


def law(data: st.DataObject) -> None:
    world = data.draw(wholes())
    entity = data.draw(st.sampled_from([Entity.PERSON, Entity.PERSON, Entity.PERSON, Entity.COMPANY]))
    one = st.one_of(performed(world), sequences(world)) if entity is Entity.PERSON else rules(world, entity)
    rule = data.draw(st.one_of(one, rules(world, entity)))
    assert codec.parse(codec.dump(rule)) == rule
    wanted = [
        holds(rule, subject, world.schema, entity, world.moment, world.segments) for subject in world.subjects(entity)
    ]
    segments = {key: (SEGMENTS[key], each) for key, each in world.segments.items()}
    snapshot = world.snapshot(data.draw(st.integers(1, 3)))
    evaluation = Engine().at(snapshot, world.moment, segments)
    assert evaluation.bits(entity, rule).mask().tolist() == wanted
    assert evaluation.bits(entity, NoneOf((rule,))).mask().tolist() == [not each for each in wanted]
    counts = evaluation.waterfall(entity, rule)
    assert list(counts) == [path for path, _ in walk(rule)]
    assert counts[()].own == sum(wanted)
    row = data.draw(st.integers(0, len(wanted) - 1))
    given_id = snapshot.of(entity).by_key[EXTERNAL_ID].series()[row]
    subject = evaluation.subject(entity, given_id)
    assert subject is not None
    assert holds(rule, subject, world.schema, entity, world.moment, world.segments) == wanted[row]


@settings(max_examples=500, deadline=None, suppress_health_check=QUIET)
@given(st.data())
def test_columns_equal_the_row_interpreter_on_the_whole_language(data: st.DataObject) -> None:
    law(data)


@pytest.mark.long
@settings(max_examples=20_000, deadline=None, suppress_health_check=QUIET)
@given(st.data())
def test_columns_equal_the_row_interpreter_on_twenty_thousand_documents(data: st.DataObject) -> None:
    law(data)
