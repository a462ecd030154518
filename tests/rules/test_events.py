"""Events and sequences: what RULES.md says of them, line by line."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from segcore.attributes import Kind
from segcore.rules.operators import for_kind
from tests.rules.asking import at, moment
from tests.rules.behaving import did, event, who

DUBLIN = moment(zone="Europe/Dublin")


# "Did" is count gte 1; "did not" is count eq 0 and holds for people with no events.


def test_did_and_did_not() -> None:
    people = {"a": [did("2026-11-01T00:00Z")], "b": [did("2026-11-01T00:00Z", "visit")], "c": []}
    assert who(event("gte", 1), people) == "a"
    assert who(event("eq", 0), people) == "bc"
    assert who({"none": [event("gte", 1)]}, people) == "bc"


def test_every_event_counts_also_the_same_twice_and_two_at_one_instant() -> None:
    twice = [did("2026-11-01T00:00Z", amount=5), did("2026-11-01T00:00Z", amount=5)]
    people = {"a": twice, "b": twice[:1], "c": [*twice, did("2026-11-02T00:00Z")]}
    assert who(event("gte", 2), people) == "ac"
    assert who(event("eq", 2), people) == "a"
    assert who(event("gt", 2), people) == "c"
    assert who(event("lt", 2), people) == "b"
    assert who(event("lte", 2), people) == "ab"
    assert who(event("ne", 2), people) == "bc"
    assert who(event("between", [1, 2]), people) == "ab"
    assert who(event("not_between", [1, 2]), people) == "c"
    assert who(event("is_any_of", [1, 3]), people) == "bc"
    assert who(event("gt", 5, measure="sum", of="amount"), people) == "ac"


def test_events_after_now_never_count_and_one_at_now_does() -> None:
    people = {
        "a": [did("2026-11-22T04:12:00Z")],
        "b": [did("2026-11-22T04:12:00.000001Z")],
        "c": [did("2027-01-01T00:00Z"), did("2020-01-01T00:00Z")],
    }
    assert who(event("gte", 1), people) == "ac"
    assert who(event("eq", 1), people) == "ac"
    assert who(event("gte", 1, within={"last": {"days": 1}}), people) == "a"
    assert who(event("gte", 1, within={"from": "2026-11-22T00:00:00Z", "to": "2028-01-01T00:00:00Z"}), people) == "a"
    assert who(event("gte", 1, within={"from": "2026-11-23T00:00:00Z"}), people) == ""
    assert who(event("gte", 1, within={"period": "today"}), people) == "a"
    assert who(event("gte", 1, within={"period": "next_year"}), people) == ""
    assert who(event("on_or_after", "2026-01-01", measure="last"), people) == "a"
    steps = {"sequence": [{"event": "purchase"}, {"event": "purchase"}]}
    assert who(steps, people) == ""


# Windows


@pytest.mark.parametrize(
    ("unit", "edge", "outside"),
    [
        ("minutes", "2026-11-22T04:05:00Z", "2026-11-22T04:04:59.999999Z"),
        ("hours", "2026-11-21T21:12:00Z", "2026-11-21T21:11:59.999999Z"),
        ("days", "2026-11-15T04:12:00Z", "2026-11-15T04:11:59.999999Z"),
        ("weeks", "2026-10-04T04:12:00Z", "2026-10-04T04:11:59.999999Z"),
    ],
)
def test_the_last_seven_of_a_unit_hold_both_ends(unit: str, edge: str, outside: str) -> None:
    people = {"a": [did(edge)], "b": [did(outside)], "c": [did("2026-11-22T04:12:00Z")]}
    # In Dublin the clocks changed on 25 October: a day of a window has 24 hours all the same.
    for when in (moment(), DUBLIN):
        assert who(event(within={"last": {unit: 7}}), people, when) == "ac"


def test_windows_may_reach_beyond_every_calendar() -> None:
    people = {"a": [did("1900-01-01T00:00Z", amount=2.0)], "b": [did("2026-11-22T00:00Z", "visit")], "c": []}
    for unit in ("minutes", "hours", "days", "weeks"):
        ever = {"within": {"last": {unit: 1_000_000_000}}}
        assert who(event(**ever), people) == "a"
        assert who(event("gt", 1, **ever, measure="sum", of="amount"), people) == "a"
        assert who(event("eq", 1, **ever, measure="days"), people) == "a"
        assert who({"sequence": [{"event": "visit"}], **ever}, people) == "b"
    wide = {"from": "0001-01-02T00:00:00Z", "to": "9999-12-31T23:59:59Z"}
    assert who(event(within=wide), people) == "a"
    assert who(event(within={"from": "9999-01-01T00:00:00Z"}), people) == ""
    assert who(event("lt", 1, within={"to": "0001-01-02T00:00:00Z"}), people) == "abc"
    both = {"sequence": [{"event": "purchase"}, {"event": "visit"}], "each_within": {"weeks": 1_000_000_000}}
    assert who(both, {"a": [*people["a"], *people["b"]], "b": people["b"]}) == "a"


def test_a_window_from_and_to_holds_its_beginning_but_not_its_end() -> None:
    people = {
        "a": [did("2026-10-31T23:59:59.999999Z")],
        "b": [did("2026-11-01T00:00:00Z")],
        "c": [did("2026-11-09T23:59:59.999999Z")],
        "d": [did("2026-11-10T00:00:00Z")],
    }
    start, end = "2026-11-01T00:00:00Z", "2026-11-10T01:00:00+01:00"
    assert who(event(within={"from": start, "to": end}), people) == "bc"
    assert who(event(within={"from": start}), people) == "bcd"
    assert who(event(within={"to": end}), people) == "abc"
    assert who(event(within={"from": start, "to": start}), people) == ""


def test_a_window_of_a_calendar_word_is_in_the_workspaces_zone() -> None:
    people = {
        "a": [did("2026-09-30T22:59:59.999999Z")],
        "b": [did("2026-09-30T23:00:00Z")],  # 1 October in Dublin, in summer time
        "c": [did("2026-10-31T23:59:59.999999Z")],  # still October, in winter time
        "d": [did("2026-11-01T00:00:00Z")],
    }
    assert who(event(within={"period": "last_month"}), people, DUBLIN) == "bc"
    assert who(event(within={"period": "last_month"}), people) == "c"
    assert who(event(within={"period": "this_month"}), people, DUBLIN) == "d"


def test_today_is_25_hours_long_where_the_clocks_go_back() -> None:
    when = moment("2026-10-25T23:30:00Z", "Europe/Dublin")
    people = {
        "a": [did("2026-10-24T22:59:59.999999Z")],
        "b": [did("2026-10-24T23:00:00Z")],
        "c": [did("2026-10-25T23:29:59Z")],
    }
    assert who(event(within={"period": "today"}), people, when) == "bc"
    spring = moment("2026-03-29T22:30:00Z", "Europe/Dublin")
    people = {"a": [did("2026-03-28T23:59:59Z")], "b": [did("2026-03-29T00:00:00Z")], "c": [did("2026-03-29T22:30Z")]}
    assert who(event(within={"period": "today"}), people, spring) == "bc"
    assert who(event(within={"period": "yesterday"}), people, spring) == "a"


def test_weeks_of_windows_begin_as_the_workspace_says() -> None:
    people = {"a": [did("2026-11-21T12:00Z")], "b": [did("2026-11-15T12:00Z")], "c": [did("2026-11-22T01:00Z")]}
    week = event(within={"period": "this_week"})
    assert who(week, people) == "ac"
    assert who(week, people, moment(week_start="sunday")) == "c"


def test_a_leap_day_belongs_to_its_month() -> None:
    people = {"a": [did("2028-02-29T23:59:59Z")], "b": [did("2028-03-01T00:00:00Z")]}
    assert who(event(within={"period": "last_month"}), people, moment("2028-03-15T00:00Z")) == "a"
    assert who(event(within={"last": {"days": 1}}), people, moment("2028-03-01T12:00Z")) == "ab"


# Where


def test_where_asks_the_properties_of_each_event() -> None:
    people = {
        "a": [did("2026-11-01T00:00Z", amount=30.0, category="Home"), did("2026-11-02T00:00Z", amount=1.0)],
        "b": [did("2026-11-01T00:00Z", amount=30.0, category="Toys"), did("2026-11-01T00:00Z", category="HOME")],
        "c": [did("2026-11-01T00:00Z", amount=25.0, category="garden")],
        "d": [did("2026-11-01T00:00Z")],
    }
    large = {"attribute": "amount", "operator": "gte", "value": 25}
    home = {"attribute": "category", "operator": "is_any_of", "value": ["Home", "Garden"]}
    assert who(event(where=large), people) == "abc"
    assert who(event(where={"all": [large, home]}), people) == "ac"  # both of one event
    assert who(event(where={"any": [large, home]}, value=2), people) == "b"
    assert who(event(where={"none": [large, home]}), people) == "ad"
    assert who(event("eq", 0, where={"all": [large, home]}), people) == "bd"
    assert who(event(where={"all": []}), people) == "abcd"
    assert who(event(where={"any": []}), people) == ""


def test_a_negative_operator_in_where_holds_for_events_without_the_property() -> None:
    people = {"a": [did("2026-11-01T00:00Z")], "b": [did("2026-11-01T00:00Z", category="Home")]}
    not_home: dict[str, object] = {"attribute": "category", "operator": "is_not", "value": "Home"}
    assert who(event(where=not_home), people) == "a"
    assert who(event(where={**not_home, "include_missing": False}), people) == ""
    assert who(event(where={"attribute": "category", "operator": "is_unknown"}), people) == "a"


def test_where_knows_time_lists_and_places() -> None:
    dublin = {"latitude": 53.35, "longitude": -6.26}
    people = {
        "a": [did("2026-11-01T00:00Z", until=at("2026-11-25T00:00Z"), labels=["VIP"], spot=dublin)],
        "b": [did("2026-11-01T00:00Z", until=at("2026-12-25T00:00Z"), labels=[], spot={**dublin, "latitude": 52.0})],
    }
    for where in (
        {"attribute": "until", "operator": "in_next", "value": {"days": 7}},
        {"attribute": "until", "operator": "in_period", "value": "this_month"},
        {"attribute": "labels", "operator": "includes", "value": "vip"},
        {"attribute": "spot", "operator": "within_km", "value": {**dublin, "km": 5}},
    ):
        assert who(event(where=where), people) == "a"


# Measures


def test_sum_of_nothing_is_0_and_missing_values_are_skipped() -> None:
    people = {
        "a": [did("2026-11-01T00:00Z", amount=20.0), did("2026-11-02T00:00Z"), did("2026-11-03T00:00Z", amount=5.5)],
        "b": [did("2026-11-01T00:00Z", amount=30.0), did("2026-11-02T00:00Z", amount=-10.0)],
        "c": [did("2026-11-01T00:00Z", amount=math.nan), did("2026-11-01T00:00Z", amount=None)],
        "d": [],
    }
    total = {"measure": "sum", "of": "amount"}
    assert who(event("eq", 25.5, **total), people) == "a"
    assert who(event("eq", 20, **total), people) == "b"  # negative amounts are taken off
    assert who(event("eq", 0, **total), people) == "cd"
    assert who(event("lt", 100, **total), people) == "abcd"
    assert who(event("is_known", None, **total), people) == "abcd"
    assert who(event("gte", 25.5, **total, within={"last": {"days": 20}}), people) == ""
    assert who(event("gt", 0, **total, where={"attribute": "amount", "operator": "lt", "value": 0}), people) == ""


def test_mean_min_and_max_of_nothing_are_missing() -> None:
    people = {
        "a": [did("2026-11-01T00:00Z", amount=20.0), did("2026-11-02T00:00Z"), did("2026-11-03T00:00Z", amount=5.0)],
        "b": [did("2026-11-02T00:00Z", amount=-10.0)],
        "c": [did("2026-11-01T00:00Z")],
        "d": [],
    }
    for how, value in (("mean", 12.5), ("min", 5), ("max", 20)):
        asked = {"measure": how, "of": "amount"}
        assert who(event("eq", value, **asked), people) == "a", how
        assert who(event("lt", 1_000, **asked), people) == "ab", how
        assert who(event("ne", value, **asked), people) == "bcd", how
        assert who(event("ne", value, **asked, include_missing=False), people) == "b", how
        assert who(event("is_unknown", None, **asked), people) == "cd", how
        assert who(event("is_empty", None, **asked), people) == "cd", how


def test_whole_numbers_stay_exact_at_the_smallest_and_largest() -> None:
    people = {"a": [did("2026-11-01T00:00Z", quantity=2**53 + 1)], "b": [did("2026-11-01T00:00Z", quantity=2**53)]}
    assert who(event("eq", 2**53 + 1, measure="max", of="quantity"), people) == "a"
    assert who(event("eq", 2**53, measure="min", of="quantity"), people) == "b"


def test_dates_have_an_earliest_and_a_latest() -> None:
    people = {
        "a": [did("2026-11-01T00:00Z", until=at("2026-11-20T00:00Z"), day=at("2026-11-20T00:00Z").date())],
        "b": [
            did("2026-11-01T00:00Z", until=at("2026-12-20T00:00Z"), day=at("2026-12-20T00:00Z").date()),
            did("2026-11-01T00:00Z", until=at("2026-11-20T00:00Z"), day=at("2026-11-20T00:00Z").date()),
        ],
        "c": [did("2026-11-01T00:00Z")],
    }
    for of in ("until", "day"):
        assert who(event("in_next", {"days": 90}, measure="max", of=of), people) == "b"
        assert who(event("less_than_ago", {"days": 3}, measure="min", of=of), people) == "ab"
        assert who(event("is_unknown", None, measure="min", of=of), people) == "c"


def test_different_values_are_told_apart_as_conditions_do() -> None:
    people = {
        "a": [did("2026-11-01T00:00Z", category="Straße"), did("2026-11-01T00:00Z", category="STRASSE")],
        "b": [did("2026-11-01T00:00Z", category="Home"), did("2026-11-01T00:00Z", category="Garden")],
        "c": [did("2026-11-01T00:00Z"), did("2026-11-01T00:00Z", category=None)],
        "d": [],
    }
    different = {"measure": "distinct", "of": "category"}
    assert who(event("eq", 2, **different), people) == "b"
    assert who(event("eq", 1, **different), people) == "a"
    assert who(event("eq", 0, **different), people) == "cd"


def test_of_lists_the_elements_are_the_different_values() -> None:
    people = {
        "a": [did("2026-11-01T00:00Z", labels=["x", "y"]), did("2026-11-01T00:00Z", labels=["Y", "z"])],
        "b": [did("2026-11-01T00:00Z", labels=[])],
    }
    assert who(event("eq", 3, measure="distinct", of="labels"), people) == "a"
    assert who(event("eq", 0, measure="distinct", of="labels"), people) == "b"


def test_different_numbers_and_truths() -> None:
    people = {
        "a": [did("2026-11-01T00:00Z", amount=0.0, gift=True), did("2026-11-01T00:00Z", amount=-0.0, gift=True)],
        "b": [did("2026-11-01T00:00Z", amount=0.0, gift=True), did("2026-11-01T00:00Z", amount=1.0, gift=False)],
    }
    assert who(event("eq", 2, measure="distinct", of="amount"), people) == "b"
    assert who(event("eq", 2, measure="distinct", of="gift"), people) == "b"


def test_days_are_those_of_the_workspaces_calendar() -> None:
    people = {
        "a": [did("2026-07-01T22:30:00Z"), did("2026-07-01T23:30:00Z")],  # 23:30 and 0:30 in Dublin
        "b": [did("2026-07-01T23:30:00Z"), did("2026-07-02T00:30:00Z")],  # one day in Dublin, two in UTC
        "c": [did("2026-10-24T23:00:00Z"), did("2026-10-25T23:59:59Z")],  # a day of 25 hours
    }
    assert who(event("eq", 2, measure="days"), people, DUBLIN) == "a"
    assert who(event("eq", 1, measure="days"), people, DUBLIN) == "bc"
    assert who(event("eq", 2, measure="days"), people) == "bc"
    assert who(event("eq", 0, "visit", measure="days"), people) == "abc"


def test_first_and_last_are_instants_asked_with_date_operators() -> None:
    people = {
        "a": [did("2026-11-20T12:00Z"), did("2026-01-01T12:00Z")],
        "b": [did("2026-11-15T04:12:00Z")],
        "c": [],
    }
    assert who(event("less_than_ago", {"days": 7}, measure="last"), people) == "a"
    assert who(event("at_most_ago", {"days": 7}, measure="last"), people) == "ab"
    assert who(event("less_than_ago", {"days": 7}, measure="first"), people) == ""
    assert who(event("on", "2026-01-01", measure="first"), people) == "a"
    assert who(event("in_period", "this_month", measure="first"), people) == "b"
    assert who(event("weekday_is", ["friday"], measure="last"), people) == "a"
    assert who(event("is_unknown", None, measure="first"), people) == "c"
    assert who(event("not_on", "2026-01-01", measure="first"), people) == "bc"
    assert who(event("not_on", "2026-01-01", measure="first", include_missing=False), people) == "b"
    assert who(event("before", "2026-11-01", measure="first", within={"last": {"days": 30}}), people) == ""


def test_a_sum_adds_the_newest_event_first() -> None:
    """In another order the same fractions come to another number; both evaluators add in this one."""
    newest_first = [1.0, 1.0, 1e16]
    assert ((1.0 + 1.0) + 1e16, (1e16 + 1.0) + 1.0) == (1e16 + 2, 1e16)
    events = [did(f"2026-11-0{9 - day}T00:00Z", amount=value) for day, value in enumerate(newest_first)]
    total = event("eq", 1e16 + 2, measure="sum", of="amount")
    assert who(total, {"a": events, "b": events[::-1]}) == "ab"  # the order of arrival does not matter …
    at_once = [did("2026-11-01T00:00Z", amount=value) for value in reversed(newest_first)]
    assert who(total, {"a": at_once, "b": at_once[::-1]}) == "a"  # … but of events at one instant


# Every measure with every operator: what each person's events come to stands here, and the operators are told once more.

MANY = {
    "a": [
        did("2026-11-01T00:00Z", amount=10.0, category="Home", until=at("2026-11-30T00:00Z"), day=date(2026, 11, 30)),
        did("2026-11-01T12:00Z", amount=20.0, category="HOME", until=at("2026-11-21T00:00Z"), day=date(2026, 11, 21)),
        did("2026-11-20T04:12Z"),
    ],
    "b": [did("2026-11-15T04:12Z", amount=30.0, category="Garden", until=at("2026-11-29T04:12Z"), day=date(2025, 11, 22))],
    "c": [did("2026-11-15T04:12Z", "visit", amount=99.0)],
    "d": [did("2026-10-01T00:00Z"), did("2027-01-01T00:00Z", amount=99.0, category="Toys")],
}  # fmt: skip
COME_TO: dict[tuple[str, str | None], tuple[object, object, object, object]] = {
    ("count", None): (3, 1, 0, 1),
    ("sum", "amount"): (30, 30, 0, 0),
    ("mean", "amount"): (15, 30, None, None),
    ("min", "amount"): (10, 30, None, None),
    ("max", "amount"): (20, 30, None, None),
    ("distinct", "category"): (1, 1, 0, 0),
    ("days", None): (2, 1, 0, 1),
    ("first", None): (at("2026-11-01T00:00Z"), at("2026-11-15T04:12Z"), None, at("2026-10-01T00:00Z")),
    ("last", None): (at("2026-11-20T04:12Z"), at("2026-11-15T04:12Z"), None, at("2026-10-01T00:00Z")),
    ("min", "until"): (at("2026-11-21T00:00Z"), at("2026-11-29T04:12Z"), None, None),
    ("max", "until"): (at("2026-11-30T00:00Z"), at("2026-11-29T04:12Z"), None, None),
    ("min", "day"): (date(2026, 11, 21), date(2025, 11, 22), None, None),
    ("max", "day"): (date(2026, 11, 30), date(2025, 11, 22), None, None),
}
NUMBERS: dict[str, tuple[list[object], Callable[[Any, Any], bool]]] = {
    "eq": ([0, 1, 30, 2.5], lambda it, value: it == value),
    "gt": ([-1, 0, 1, 14.5, 20], lambda it, value: it > value),
    "gte": ([0, 1, 0.5, 30, 31], lambda it, value: it >= value),
    "lt": ([0, 1, 15, 30, 30.5], lambda it, value: it < value),
    "lte": ([-1, 0, 1, 15, 30], lambda it, value: it <= value),
    "between": ([[0, 1], [1, 30], [0.5, 2.5], [-2, -1]], lambda it, value: value[0] <= it <= value[1]),
    "is_any_of": ([[1], [0, 30], [2.5, 15, 3], [0, 1, 2, 3, 4]], lambda it, value: it in value),
}
DAY, NOW = timedelta(1), moment().now


def instant(it: date) -> datetime:
    return it if isinstance(it, datetime) else datetime(it.year, it.month, it.day, tzinfo=UTC)


def age(it: date) -> timedelta:
    return NOW - instant(it)


DATES: dict[str, tuple[list[object], Callable[[Any, Any], bool]]] = {
    "less_than_ago": ([{"days": 7}, {"days": 8}], lambda it, value: not age(it) < 0 * DAY and age(it) < value["days"] * DAY),
    "at_most_ago": ([{"days": 7}, {"days": 6}], lambda it, value: not age(it) < 0 * DAY and age(it) <= value["days"] * DAY),
    "more_than_ago": ([{"days": 7}, {"days": 2}], lambda it, value: age(it) > value["days"] * DAY),
    "at_least_ago": ([{"days": 7}, {"days": 2}], lambda it, value: age(it) >= value["days"] * DAY),
    "exactly_ago": ([{"days": 7}, {"days": 2}, {"days": 1}], lambda it, value: age(it) // DAY == value["days"]),
    "in_next": ([{"days": 7}, {"days": 8}], lambda it, value: 0 * DAY < -age(it) <= value["days"] * DAY),
    "more_than_from_now": ([{"days": 7}, {"days": 6}], lambda it, value: -age(it) > value["days"] * DAY),
    "on": (["2026-11-15", "2026-11-30"], lambda it, value: str(it)[:10] == value),
    "before": (["2026-11-15", "2026-11-20T04:12:00Z"], lambda it, value: instant(it) < limit(value)),
    "on_or_before": (["2026-11-15", "2026-11-20T04:12:00Z"], lambda it, value: instant(it) < beyond(value)),
    "after": (["2026-11-15", "2026-11-20T04:12:00Z"], lambda it, value: instant(it) >= beyond(value)),
    "on_or_after": (["2026-11-15", "2026-11-20T04:12:00Z"], lambda it, value: instant(it) >= limit(value)),
    "between": (
        [["2026-11-01", "2026-11-15"], ["2026-11-15T04:12:00Z", "2026-11-29"]],
        lambda it, value: limit(value[0]) <= instant(it) < beyond(value[1]),
    ),
    "in_period": (["this_month", "last_month", "this_week"], lambda it, value: {
        "this_month": str(it)[:7] == "2026-11", "last_month": str(it)[:7] == "2026-10",
        "this_week": "2026-11-16" <= str(it)[:10] <= "2026-11-22",
    }[value]),
    "in_last_calendar_days": ([2, 8], lambda it, value: 0 * DAY <= (NOW.date() - instant(it).date()) < value * DAY),
    "anniversary_within": ([{"days": 0}, {"days": 8}], lambda it, value: 22 <= it.day <= 22 + value["days"] and it.month == 11),
    "weekday_is": ([["sunday"], ["friday", "monday"]], lambda it, value: f"{it:%A}".lower() in value),
}  # fmt: skip
NOT_OF = {"ne": "eq", "not_between": "between", "is_none_of": "is_any_of", "not_on": "on"}
PRESENCE = {"is_known": True, "has_any_value": True, "is_unknown": False, "is_empty": False}


def limit(value: str) -> datetime:
    return at(value if "T" in value else f"{value}T00:00Z")


def beyond(value: str) -> datetime:
    return limit(value) + (timedelta(microseconds=1) if "T" in value else DAY)


@pytest.mark.parametrize(("how", "of"), COME_TO)
def test_every_measure_is_asked_with_every_operator(how: str, of: str | None) -> None:
    values = dict(zip("abcd", COME_TO[how, of], strict=True))
    kind = (
        Kind.NUMBER
        if isinstance(values["b"], int)
        else Kind.DATETIME
        if isinstance(values["b"], datetime)
        else Kind.DATE
    )
    known = NUMBERS if kind is Kind.NUMBER else DATES
    measured = {"measure": how} if of is None else {"measure": how, "of": of}

    def letters(answers: Callable[[object], bool]) -> str:
        return "".join(letter for letter, value in values.items() if answers(value))

    for operator in for_kind(kind):
        if (presence := PRESENCE.get(operator.key)) is not None:
            assert who(event(operator.key, None, **measured), MANY) == letters(
                lambda it, is_=presence: (it is not None) is is_
            )
            continue
        operands, holds = known[NOT_OF.get(operator.key, operator.key)]
        for operand in operands:
            yes = letters(lambda it, holds=holds, operand=operand: it is not None and holds(it, operand))
            no = "".join(letter for letter in "abcd" if letter not in yes)
            some = "".join(letter for letter in no if values[letter] is not None)
            said = f"{operator.key} {operand}"
            assert who(event(operator.key, operand, **measured), MANY) == (no if operator.negative else yes), said
            if operator.negative:
                assert who(event(operator.key, operand, **measured, include_missing=False), MANY) == some, said


# Sequences


def steps(*names: str, **more: object) -> dict[str, object]:
    return {"sequence": [{"event": name} for name in names], **more}


def test_each_step_is_strictly_later_than_the_one_before() -> None:
    people = {
        "a": [did("2026-11-01T00:00:00Z", "visit"), did("2026-11-01T00:00:00.000001Z", "purchase")],
        "b": [did("2026-11-01T00:00:00Z", "visit"), did("2026-11-01T00:00:00Z", "purchase")],
        "c": [did("2026-11-02T00:00:00Z", "visit"), did("2026-11-01T00:00:00Z", "purchase")],
        "d": [did("2026-11-02T00:00:00Z", "visit")],
    }
    assert who(steps("visit", "purchase"), people) == "a"
    assert who(steps("visit"), people) == "abcd"
    assert who(steps("purchase", "visit"), people) == "c"


def test_the_same_event_twice_needs_two_instants() -> None:
    people = {
        "a": [did("2026-11-01T00:00Z"), did("2026-11-02T00:00Z")],
        "b": [did("2026-11-01T00:00Z"), did("2026-11-01T00:00Z")],
        "c": [did("2026-11-01T00:00Z")],
    }
    assert who(steps("purchase", "purchase"), people) == "a"
    assert who(steps("purchase", "purchase", "purchase"), people) == ""


def test_each_within_is_inclusive_and_between_neighbours() -> None:
    people = {
        "a": [did("2026-11-01T00:00:00Z", "visit"), did("2026-11-04T00:00:00Z")],
        "b": [did("2026-11-01T00:00:00Z", "visit"), did("2026-11-04T00:00:00.000001Z")],
        "c": [
            did(f"2026-11-0{day}T00:00:00Z", name) for day, name in ((1, "signed_up"), (4, "visit"), (7, "purchase"))
        ],
    }
    three = {"each_within": {"days": 3}}
    assert who(steps("visit", "purchase", **three), people) == "ac"
    assert who(steps("signed_up", "visit", "purchase", **three), people) == "c"
    assert who(steps("signed_up", "purchase", **three), people) == ""
    assert who(steps("visit", "purchase", each_within={"hours": 72}), people) == "ac"
    assert who(steps("visit", "purchase", each_within={"hours": 71}), people) == ""


def test_a_later_start_may_be_the_right_one() -> None:
    """The first visit is too early for the purchase, the second is not; and the other way round for three steps."""
    people = {
        "a": [did("2026-11-01T00:00Z", "visit"), did("2026-11-05T00:00Z", "visit"), did("2026-11-06T00:00Z")],
        "b": [
            *(did(f"2026-11-0{day}T00:00Z", "visit") for day in (1, 3)),
            did("2026-11-02T00:00Z", "signed_up"),
            did("2026-11-05T00:00Z", "signed_up"),
            did("2026-11-04T00:00Z"),
        ],
    }
    assert who(steps("visit", "purchase", each_within={"days": 2}), people) == "ab"
    assert who(steps("visit", "signed_up", "purchase", each_within={"days": 2}), people) == "b"
    assert who(steps("visit", "signed_up", "purchase", each_within={"days": 1}), people) == ""


def test_steps_have_conditions_of_their_own() -> None:
    people = {
        "a": [did("2026-11-01T00:00Z", amount=5.0), did("2026-11-02T00:00Z", amount=50.0)],
        "b": [did("2026-11-01T00:00Z", amount=50.0), did("2026-11-02T00:00Z", amount=5.0)],
    }
    small = {"event": "purchase", "where": {"attribute": "amount", "operator": "lt", "value": 10}}
    large = {"event": "purchase", "where": {"none": [{"attribute": "amount", "operator": "lt", "value": 10}]}}
    assert who({"sequence": [small, large]}, people) == "a"
    assert who({"sequence": [large, small]}, people) == "b"
    assert who({"sequence": [small, small]}, people) == ""


def test_all_steps_lie_in_the_window() -> None:
    people = {
        "a": [did("2026-10-01T00:00Z", "visit"), did("2026-11-20T00:00Z")],
        "b": [did("2026-11-19T00:00Z", "visit"), did("2026-11-20T00:00Z")],
    }
    assert who(steps("visit", "purchase"), people) == "ab"
    assert who(steps("visit", "purchase", within={"last": {"days": 7}}), people) == "b"
    assert who(steps("visit", "purchase", within={"period": "this_month"}), people) == "b"
    assert who(steps("visit", "purchase", within={"to": "2026-11-20T00:00:00Z"}), people) == ""


def test_sequences_are_of_any_length() -> None:
    many = [did(f"2026-11-01T00:{minute:02}Z", "visit" if minute % 2 else "purchase") for minute in range(60)]
    names = ["visit" if minute % 2 else "purchase" for minute in range(60)]
    assert who(steps(*names, each_within={"minutes": 1}), {"a": many, "b": many[:-1], "c": many[1:]}) == "a"
    assert who({"none": [steps(*names)]}, {"a": many, "b": many[:-1]}) == "b"
