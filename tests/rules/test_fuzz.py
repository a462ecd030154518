"""Whatever a document holds: it answers, or it is refused with a path and in words; never a traceback, never a hang."""

import time
from functools import cache
from itertools import islice

import pytest
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st

from segcore.attributes import Entity
from segcore.problems import InvalidRule, written
from segcore.rules import codec, validate
from segcore.rules.describe import resolutions, sentence
from tests.rules import universe as whole
from tests.rules.fuzzing import broken
from tests.rules.universe import SCHEMA, SEGMENTS, Universe, universes


@cache
def drawn() -> list[tuple[Universe, Entity, dict[str, object]]]:
    """Good rules with the people they were drawn for, always the same."""
    found: list[tuple[Universe, Entity, dict[str, object]]] = []

    @seed(0)
    @settings(
        max_examples=120,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(st.data())
    def collect(data: st.DataObject) -> None:
        universe, entity = data.draw(universes(people=3, companies=2)), data.draw(st.sampled_from(Entity))
        found.append((universe, entity, codec.dump(data.draw(whole.rules(universe, entity)))))

    collect()
    return found


def answered(document: object, entity: Entity, universe: Universe) -> bool:
    """Whether a document is a rule; everything that is done with a rule, or with its problems, is done."""
    problems = validate.check(document, SCHEMA, entity, SEGMENTS)
    if problems:
        for problem in problems:
            written(problem.path).encode()
            assert problem.message.encode()
            assert len(problem.message) < 2_000
            assert len(problem.path) <= 80
        with pytest.raises(InvalidRule):
            validate.read(document, SCHEMA, entity, SEGMENTS)
        return False
    rule = validate.read(document, SCHEMA, entity, SEGMENTS)
    assert validate.read(codec.dump(rule), SCHEMA, entity, SEGMENTS) == rule
    assert str(sentence(rule, SCHEMA, entity, {}, universe.moment)).encode()
    resolutions(rule, SCHEMA, entity, universe.moment)
    assert universe.answers(rule, entity) == universe.by_columns(rule, entity)
    return True


def fuzz(number: int, start: int) -> int:
    """How many of so many broken documents were rules all the same."""
    good = drawn()
    rules, slowest = 0, 0.0
    for index, document in enumerate(islice(broken(start, [each for _, _, each in good]), number)):
        universe, entity, _ = good[index % len(good)]
        began = time.perf_counter()
        rules += answered(document, entity, universe)
        slowest = max(slowest, time.perf_counter() - began)
    assert slowest < 2, slowest
    return rules


def test_broken_documents_answer_or_are_refused_with_a_path() -> None:
    rules = fuzz(600, 1)
    assert 5 < rules < 400  # some breaks leave a rule, most do not


def test_good_documents_answer() -> None:
    assert all(answered(document, entity, universe) for universe, entity, document in drawn())


@pytest.mark.long
def test_a_hundred_thousand_broken_documents_answer_or_are_refused_with_a_path() -> None:
    fuzz(100_000, 2)
