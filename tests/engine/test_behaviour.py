"""Limits that are met exactly, ties, events of the future and amounts below zero: event conditions in columns."""

from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from segcore.attributes import ID, Attribute, Entity, Kind, Schema
from segcore.engine import measures
from segcore.engine.columns import Columns
from segcore.engine.dated import Dated, Scale
from segcore.engine.evaluation import Engine, Evaluation
from segcore.engine.events import MANY, Events, Log
from segcore.engine.state import Snapshot
from segcore.rules.calendar import microseconds
from segcore.rules.moment import Moment
from segcore.rules.tree import Ago, Last, Performed, Rule, Sequence, Step
from tests.engine.world import NOW

AMOUNT = Attribute(key="amount", kind=Kind.NUMBER, fractions=True)
SCHEMA = Schema(people={ID.key: ID}, events={"buy": "", "see": ""}, properties={"amount": AMOUNT})
DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
Done = dict[int, list[tuple[timedelta, float | None]]]  # by person: how long before now, and the amount


def log(done: Done) -> Log:
    rows = [(person, microseconds(NOW - ago), amount) for person, several in done.items() for ago, amount in several]
    people, at, amounts = zip(*rows, strict=True)
    return Log.of(np.array(people, np.int32), np.array(at), {"amount": pl.Series(amounts, dtype=pl.Float64)})


def asked(buy: Done, see: Done | None = None, engine: Engine | None = None) -> Evaluation:
    people = Columns.of(SCHEMA.people, pl.DataFrame({ID.key: [f"p{n}" for n in range(6)]}))
    events = Events({"buy": log(buy), **({"see": log(see)} if see else {})})
    here = Snapshot(1, SCHEMA, people, Columns.empty({}), events=events)
    return (engine or Engine()).at(here, Moment(NOW), {})


def who(evaluation: Evaluation, rule: Rule) -> list[int]:
    return evaluation.bits(Entity.PERSON, rule).rows().tolist()


def test_a_window_holds_both_its_ends_and_no_microsecond_more() -> None:
    far = (900 * DAY, None)  # so that two bytes an instant are some minutes wide
    bought: Done = {
        0: [(7 * DAY, None), far],
        1: [(7 * DAY + TICK, None)],
        2: [(timedelta(), None)],
        3: [(-TICK, None)],
    }
    evaluation = asked(bought)
    week = Last(Ago(7, "days"))
    assert who(evaluation, Performed("buy", "gte", 1, within=week)) == [0, 2]
    assert who(evaluation, Performed("buy", "eq", 0, within=week)) == [1, 3, 4, 5]
    assert who(evaluation, Performed("buy", "gte", 2)) == [0]
    assert who(evaluation, Performed("buy", "eq", 0)) == [3, 4, 5]
    assert who(evaluation, Performed("buy", "at_least_ago", Ago(7, "days"), measure="last")) == [0, 1]
    assert who(evaluation, Performed("buy", "more_than_ago", Ago(7, "days"), measure="last")) == [1]
    assert who(evaluation, Performed("buy", "more_than_ago", Ago(7, "days"), measure="first")) == [0, 1]


def test_events_of_the_future_push_no_other_one_out() -> None:
    evaluation = asked({0: [(-DAY, 5.0), (DAY, 1.0)], 1: [(-DAY, 5.0)]})
    assert who(evaluation, Performed("buy", "gte", 1, within=Last(Ago(2, "days")))) == [0]
    assert who(evaluation, Performed("buy", "gte", 5, measure="sum", of="amount")) == []
    assert who(evaluation, Performed("buy", "is_known", measure="last")) == [0]


@pytest.mark.parametrize(
    ("operator", "value", "holding"),
    [
        ("gt", 30, [2]),
        ("gte", 30, [0, 1, 2]),
        ("lt", 30, [3, 4, 5]),
        ("lte", 30, [0, 1, 3, 4, 5]),
        ("eq", 30, [0, 1]),
        ("ne", 30, [2, 3, 4, 5]),
        ("between", (0, 30), [0, 1, 3, 4, 5]),
        ("gt", 0, [0, 1, 2]),
        ("gte", 0, [0, 1, 2, 3, 4, 5]),
        ("is_any_of", (30, 31), [0, 1, 2]),
    ],
)
def test_a_sum_meets_its_limit_exactly(operator: str, value: object, holding: list[int]) -> None:
    evaluation = asked(
        {
            0: [(DAY, 10.0), (DAY, 20.0)],
            1: [(7 * DAY, 30.0), (8 * DAY, 5.0)],
            2: [(DAY, 31.0), (9 * DAY, 1.0)],
            3: [(8 * DAY, 99.0)],
            4: [(DAY, None)],
        }
    )
    rule = Performed("buy", operator, value, measure="sum", of="amount", within=Last(Ago(7, "days")))  # type: ignore[arg-type]
    assert who(evaluation, rule) == holding


def test_amounts_below_zero_take_from_a_sum() -> None:
    evaluation = asked({0: [(DAY, -10.0), (2 * DAY, 20.0)], 1: [(DAY, 15.0)]})
    for days, holding in ((1, [1]), (2, [0, 1])):
        node = Performed("buy", "gte", 10, measure="sum", of="amount", within=Last(Ago(days, "days")))
        assert who(evaluation, node) == holding


def test_another_window_asks_no_more_of_the_log(monkeypatch: pytest.MonkeyPatch) -> None:
    derived: list[int] = []
    original = measures.nth
    monkeypatch.setattr(measures, "nth", lambda stretch, n, total: (derived.append(n), original(stretch, n, total))[1])
    evaluation = asked({0: [(DAY, None), (20 * DAY, None)], 1: [(40 * DAY, None)]})
    for days in range(1, 60):
        found = who(evaluation, Performed("buy", "gte", 2, within=Last(Ago(days, "days"))))
        assert found == ([0] if days >= 20 else [])
    assert derived == [2]


@pytest.mark.parametrize("seed", range(4))
def test_what_is_kept_for_a_minute_answers_every_instant_in_it(seed: int) -> None:
    rng = np.random.default_rng(seed)
    # Nine years of events make a band some minutes wide; half of these lie within one of it around the windows' start.
    near = [7 * DAY + timedelta(seconds=int(each)) for each in rng.integers(-9_000, 9_000, 60)]
    spread = [timedelta(seconds=int(each)) for each in rng.integers(0, 9 * 365 * 86_400, 60)]
    when = [*near, *spread, near[0], near[1]]
    done: Done = {person: [] for person in range(6)}
    for ago in when:
        amount = None if rng.random() < 0.2 else round(float(rng.normal(5, 10)), 2)
        done[int(rng.integers(6))].append((ago, amount))
    done = {person: several for person, several in done.items() if several}
    people = Columns.of(SCHEMA.people, pl.DataFrame({ID.key: [f"p{n}" for n in range(6)]}))
    here = Snapshot(1, SCHEMA, people, Columns.empty({}), events=Events({"buy": log(done)}))
    week = Last(Ago(7, "days"))
    rules = [Performed("buy", "gte", n, within=week) for n in (1, 2, 5)]
    rules += [Performed("buy", "gt", limit, measure="sum", of="amount", within=week) for limit in (-5.5, 0, 20.25)]
    engine = Engine()
    for seconds in sorted({0, 1, *rng.integers(0, 9_000, 60).tolist()}):
        moment = Moment(NOW + timedelta(seconds=seconds))
        for rule in rules:
            kept, anew = engine.at(here, moment, {}), Engine().at(here, moment, {})
            start = microseconds(moment.now - 7 * DAY)
            counted = {
                person: [
                    amount for ago, amount in several if start <= microseconds(NOW - ago) <= microseconds(moment.now)
                ]
                for person, several in ((person, sorted(done.get(person, ()))) for person in range(6))
            }
            assert rule.measure in ("count", "sum")
            value = rule.value
            assert isinstance(value, int | float)
            expected = [
                person
                for person, several in counted.items()
                if (len(several) >= value if rule.measure == "count" else _total(several) > value)
            ]
            assert who(kept, rule) == who(anew, rule) == expected


def _total(amounts: list[float | None]) -> float:
    total = 0.0
    for amount in amounts:
        total += amount or 0.0
    return total


def test_steps_are_strictly_later_and_at_most_so_long_apart() -> None:
    evaluation = asked(
        {0: [(3 * DAY, None)], 1: [(3 * DAY, None)], 2: [(3 * DAY, None)], 3: [(3 * DAY, None), (9 * DAY, None)]},
        {0: [(2 * DAY, None)], 1: [(2 * DAY - TICK, None)], 2: [(3 * DAY, None)], 3: [(8 * DAY, None)]},
    )
    steps = (Step("buy"), Step("see"))
    assert who(evaluation, Sequence(steps)) == [0, 1, 3]
    assert who(evaluation, Sequence(steps, each_within=Ago(1, "days"))) == [0, 3]
    assert who(evaluation, Sequence(steps, within=Last(Ago(3, "days")))) == [0, 1]
    assert who(evaluation, Sequence((Step("buy"), Step("buy")))) == [3]
    assert who(evaluation, Sequence((Step("see"),))) == [0, 1, 2, 3]


@pytest.mark.parametrize("span", [1, 2**15, 2**40, 2**53])
def test_two_bytes_never_decide_what_they_cannot_tell_apart(span: int) -> None:
    rng = np.random.default_rng(span)
    at = np.unique(rng.integers(-span, span + 1, 300))
    scale = Scale.over(at)
    marks = scale.marks(at)
    everybody = Dated(marks, lambda mark: np.flatnonzero(marks == mark), lambda rows: at[rows], len(at))
    rows = np.arange(len(at)) * 5
    few = Dated.of(rows, marks, lambda mark: rows[marks == mark], lambda rows: at[rows // 5], len(at) * 5)
    assert few.rows is not None
    for limit in (*at[:40].tolist(), int(at[0]) - 1, int(at[-1]) + 1, *(at[-40:] + 1).tolist(), 10**17, -(10**17)):
        mark = scale.mark(limit)
        assert everybody.band(mark).since(limit).mask().tolist() == (at >= limit).tolist()
        assert few.band(mark).since(limit).rows().tolist() == rows[at >= limit].tolist()
    assert everybody.band(scale.mark(None)).since(None).count() == len(at)


@pytest.mark.parametrize("share", [0.9, 0.1], ids=["most have some", "few have any"])
def test_many_people_are_answered_as_one_by_one(share: float) -> None:
    rng = np.random.default_rng(7)
    total, keen = 2 * measures.SO_MANY + 99, MANY + 45  # more than are added up together; more than a byte counts
    able = np.flatnonzero(rng.random(total - 500) < share)
    edges = [0, measures.SO_MANY - 1, measures.SO_MANY, total - 501]
    whose = np.concatenate([rng.choice(able, len(able) * 2), np.repeat([5, total - 502], keen), np.repeat(edges, 3)])
    ago = rng.integers(0, 900 * 86_400, len(whose)) * 10**6
    amounts = np.where(rng.random(len(whose)) < 0.2, np.nan, np.round(rng.normal(3, 10, len(whose)), 2))
    bought = Log.of(
        whose.astype(np.int32), microseconds(NOW) - ago, {"amount": pl.Series(amounts).fill_nan(None)}
    ).ready()
    people = Columns.of(SCHEMA.people, pl.DataFrame({ID.key: [f"p{n}" for n in range(total)]}))
    evaluation = Engine().at(
        Snapshot(1, SCHEMA, people, Columns.empty({}), events=Events({"buy": bought})), Moment(NOW), {}
    )
    for days in (1, 90, 890):
        inside = ago <= days * 86_400 * 10**6
        within = Last(Ago(days, "days"))
        many = np.bincount(whose[inside], minlength=total)
        for n in (1, 2, 3, MANY - 1, MANY, MANY + 1, keen, keen + 1):
            found = who(evaluation, Performed("buy", "gte", n, within=within))
            assert found == np.flatnonzero(many >= n).tolist(), (days, n)
        latest_first = np.lexsort((ago, whose))
        sums = np.zeros(total)
        for place in latest_first[inside[latest_first] & ~np.isnan(amounts[latest_first])]:
            sums[whose[place]] += amounts[place]
        for limit in (0, 7.5, -3.25):
            rule = Performed("buy", "gt", limit, measure="sum", of="amount", within=within)
            assert who(evaluation, rule) == np.flatnonzero(sums > limit).tolist(), (days, limit)
        oldest = np.zeros(total, np.int64)
        np.maximum.at(oldest, whose, ago)
        rule = Performed("buy", "more_than_ago", Ago(days, "days"), measure="first")
        assert who(evaluation, rule) == np.flatnonzero(oldest > days * 86_400 * 10**6).tolist()


def test_more_events_a_person_than_a_byte_counts() -> None:
    evaluation = asked({person: [(n * DAY, None) for n in range(MANY + person)] for person in range(6)})
    for n in (MANY - 1, MANY, MANY + 1, MANY + 4, MANY + 6):
        assert who(evaluation, Performed("buy", "gte", n)) == [person for person in range(6) if MANY + person >= n]
