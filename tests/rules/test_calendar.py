"""Time, line by line: rolling limits to the microsecond, and the calendar of the workspace's zone."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from segcore.attributes import Kind
from segcore.rules import calendar, values
from tests.rules.asking import ask, at, moment
from tests.rules.strategies import ZONES

MICRO = timedelta(microseconds=1)


def around(instant: str) -> list[datetime]:
    """Right before, at, and right after."""
    middle = at(instant)
    return [middle - MICRO, middle, middle + MICRO]


# Rolling: age in days of 24 hours, exact


@pytest.mark.parametrize(
    ("operator", "instant", "expected"),
    [
        ("less_than_ago", "2026-11-15T04:12:00Z", [False, False, True]),
        ("less_than_ago", "2026-11-22T04:12:00Z", [True, True, False]),
        ("at_most_ago", "2026-11-15T04:12:00Z", [False, True, True]),
        ("at_most_ago", "2026-11-22T04:12:00Z", [True, True, False]),
        ("more_than_ago", "2026-11-15T04:12:00Z", [True, False, False]),
        ("at_least_ago", "2026-11-15T04:12:00Z", [True, True, False]),
        ("exactly_ago", "2026-11-15T04:12:00Z", [True, True, False]),
        ("exactly_ago", "2026-11-14T04:12:00Z", [False, False, True]),
        ("in_next", "2026-11-22T04:12:00Z", [False, False, True]),
        ("in_next", "2026-11-29T04:12:00Z", [True, True, False]),
        ("more_than_from_now", "2026-11-29T04:12:00Z", [False, False, True]),
    ],
)
def test_rolling_limits_are_exact(operator: str, instant: str, expected: list[bool]) -> None:
    for zone in ("UTC", "Pacific/Apia"):  # a zone makes no difference
        assert ask("datetime", around(instant), operator, {"days": 7}, moment(zone=zone)) == expected
    if operator != "exactly_ago":
        assert ask("datetime", around(instant), operator, {"hours": 168}) == expected
        assert ask("datetime", around(instant), operator, {"minutes": 10_080}) == expected
        assert ask("datetime", around(instant), operator, {"weeks": 1}) == expected


def test_exactly_ago_spans_one_of_its_own_unit() -> None:
    ages = [timedelta(minutes=59), timedelta(hours=1), timedelta(hours=2) - MICRO, timedelta(hours=2)]
    cells = [moment().now - age for age in ages]
    assert ask("datetime", cells, "exactly_ago", {"hours": 1}) == [False, True, True, False]
    assert ask("datetime", cells, "exactly_ago", {"hours": 0}) == [True, False, False, False]
    assert ask("datetime", [moment().now + MICRO, moment().now], "exactly_ago", {"weeks": 0}) == [False, True]


def test_future_values_count_only_when_asked_for() -> None:
    cells = [moment().now + MICRO, moment().now + timedelta(9_999), moment().now - timedelta(8), None]
    for operator in ("less_than_ago", "at_most_ago"):
        assert ask("datetime", cells, operator, {"days": 7}) == [False] * 4
        assert ask("datetime", cells, operator, {"days": 7}, include_future=True) == [True, True, False, False]


def test_days_are_24_hours_where_the_clocks_change() -> None:
    # 48 hours before 12:00 on 26 October is 13:00 summer time on the 24th.
    when = moment("2026-10-26T12:00:00Z", "Europe/Dublin")
    cells = ["2026-10-24T12:00:00Z", "2026-10-24T12:00:00.000001Z"]
    assert ask("datetime", cells, "less_than_ago", {"days": 2}, when) == [False, True]


def test_a_date_counts_as_its_local_midnight() -> None:
    # 1 August begins at 23:00 UTC the day before in Dublin, at 04:00 UTC in New York.
    for zone, begins in (("Europe/Dublin", "2026-07-31T23:00:00Z"), ("America/New_York", "2026-08-01T04:00:00Z")):
        for by, expected in ((timedelta(), True), (MICRO, True), (-MICRO, False)):
            when = moment(at(begins) + timedelta(hours=1) + by, zone)
            assert ask("date", ["2026-08-01", None], "at_least_ago", {"hours": 1}, when) == [expected, False]
            assert ask("date", ["2026-08-01"], "less_than_ago", {"hours": 1}, when) == [not expected]
        when = moment(at(begins) - MICRO, zone)
        assert ask("date", ["2026-08-01", "2026-07-31", "2026-08-02"], "in_next", {"hours": 1}, when) == [
            True,
            False,
            False,
        ]


def test_amounts_past_the_calendar_end_it() -> None:
    cells = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", None]
    most = {"weeks": 1_000_000_000}
    assert ask("datetime", cells, "less_than_ago", most) == [True, False, False]
    assert ask("datetime", cells, "less_than_ago", most, include_future=True) == [True, True, False]
    assert ask("datetime", cells, "more_than_ago", most) == [False, False, False]
    assert ask("datetime", cells, "in_next", most) == [False, True, False]
    assert ask("datetime", cells, "more_than_from_now", most) == [False, False, False]
    for zone in ("Pacific/Apia", "America/New_York"):
        days = ["0001-01-01", "9999-12-31", None]
        assert ask("date", days, "less_than_ago", most, moment(zone=zone)) == [True, False, False]
        assert ask("date", days, "in_last_calendar_days", 1_000_000_000, moment(zone=zone)) == [True, False, False]
        assert ask("datetime", cells, "on_or_after", "0001-01-01", moment(zone=zone))[1:] == [True, False]
        assert ask("datetime", cells, "on_or_before", "9999-12-31", moment(zone=zone))[::2] == [True, False]
    late = moment("9999-12-31T23:00:00Z")
    assert ask("date", ["9999-12-31", "9999-01-01"], "in_period", "next_year", late) == [False, False]
    assert ask("date", ["9999-12-31", "9999-01-01"], "in_period", "this_year", late) == [True, True]
    for days in (9, 400):
        assert ask("date", ["1980-12-31", "1980-01-01"], "anniversary_within", {"days": days}, late) == [True, False]


# Calendar: [00:00, next 00:00) on local clocks


@pytest.mark.parametrize(
    ("zone", "day", "begins", "ends"),
    [
        ("UTC", "2026-08-01", "2026-08-01T00:00:00Z", "2026-08-02T00:00:00Z"),
        ("Europe/Dublin", "2026-03-29", "2026-03-29T00:00:00Z", "2026-03-29T23:00:00Z"),  # 23 hours
        ("Europe/Dublin", "2026-10-25", "2026-10-24T23:00:00Z", "2026-10-26T00:00:00Z"),  # 25 hours
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00:00Z", "2018-11-05T02:00:00Z"),  # no midnight
        ("America/Sao_Paulo", "2019-02-16", "2019-02-16T02:00:00Z", "2019-02-17T03:00:00Z"),  # 23:00 twice
        ("Asia/Beirut", "2024-03-31", "2024-03-30T22:00:00Z", "2024-03-31T21:00:00Z"),  # no midnight
        ("Africa/Cairo", "2024-04-26", "2024-04-25T22:00:00Z", "2024-04-26T21:00:00Z"),  # no midnight
        ("Africa/Cairo", "2024-10-31", "2024-10-30T21:00:00Z", "2024-10-31T22:00:00Z"),  # 23:00 twice
        ("America/Havana", "2026-11-01", "2026-11-01T04:00:00Z", "2026-11-02T05:00:00Z"),  # midnight twice
        ("Australia/Lord_Howe", "2026-04-05", "2026-04-04T13:00:00Z", "2026-04-05T13:30:00Z"),  # 24.5 hours
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00:00Z", "2011-12-30T10:00:00Z"),
        (
            "Pacific/Apia",
            "2011-12-31",
            "2011-12-30T10:00:00Z",
            "2011-12-31T10:00:00Z",
        ),  # the day after a day that was not
        ("America/Toronto", "1919-03-31", "1919-03-31T04:30:00Z", "1919-04-01T04:00:00Z"),  # 23:30 to 0:30
        ("America/St_Johns", "2006-10-29", "2006-10-29T02:30:00Z", "2006-10-30T03:30:00Z"),  # back from 0:01 to 23:01
        ("Europe/Dublin", "2299-07-31", "2299-07-30T23:00:00Z", "2299-07-31T23:00:00Z"),
    ],
)
def test_a_day_is_what_local_clocks_say(zone: str, day: str, begins: str, ends: str) -> None:
    cells = [*around(begins), *around(ends)]
    inside = [False, True, True, True, False, False]
    when = moment(zone=zone)
    assert ask("datetime", cells, "on", day, when) == inside
    assert ask("datetime", cells, "not_on", day, when) == [not each for each in inside]
    assert ask("datetime", cells, "between", [day, day], when) == inside
    assert ask("datetime", cells, "before", day, when) == [True, False, False, False, False, False]
    assert ask("datetime", cells, "on_or_after", day, when) == [False, True, True, True, True, True]
    assert ask("datetime", cells, "on_or_before", day, when) == [True, True, True, True, False, False]
    assert ask("datetime", cells, "after", day, when) == [False, False, False, False, True, True]
    # The same day seen from within it.
    for now in around(begins)[1:] + around(ends)[:1]:
        within = moment(now, zone)
        assert ask("datetime", cells, "in_period", "today", within) == inside
        assert ask("datetime", cells, "in_last_calendar_days", 1, within) == inside
        assert ask("date", [day], "in_period", "today", within) == [True]


def test_a_day_that_was_skipped_has_no_instants_but_may_be_a_date() -> None:
    when = moment(zone="Pacific/Apia")
    assert ask("datetime", around("2011-12-30T10:00:00Z"), "on", "2011-12-30", when) == [False] * 3
    assert ask("date", ["2011-12-29", "2011-12-30", "2011-12-31"], "on", "2011-12-30", when) == [False, True, False]


def test_an_hour_that_was_repeated_past_midnight_belongs_to_the_new_day() -> None:
    # At 0:01 on 29 October 2006 St John's went back to 23:01 on the 28th; midnight had been at 2:30 UTC.
    when = moment("2006-10-29T02:45:00Z", "America/St_Johns")
    cells = ["2006-10-29T02:29:00Z", "2006-10-29T02:30:30Z", "2006-10-29T02:45:00Z", "2006-10-29T03:30:00Z"]
    assert ask("datetime", cells, "on", "2006-10-29", when) == [False, True, True, True]
    assert ask("datetime", cells, "in_period", "today", when) == [False, True, True, True]
    assert ask("datetime", cells, "before", "2006-10-29", when) == [True, False, False, False]


@pytest.mark.parametrize("zone", ZONES)
def test_the_start_of_every_day_is_found_by_both_evaluators(zone: str) -> None:
    clocks = ZoneInfo(zone)
    for first, step, count in (
        (date(1915, 1, 1), 1, 1_600),
        (date(2004, 1, 1), 1, 3_000),
        (date(2020, 1, 1), 97, 1_050),
    ):
        for number in range(count):
            day = first + timedelta(number * step)
            start = calendar.day_start(day.toordinal(), clocks)
            assert calendar.instant(start) == values._midnight(day, clocks), day
            assert start <= calendar.day_start(day.toordinal() + 1, clocks)


def test_dates_are_compared_with_instants_by_their_local_midnight() -> None:
    when = moment(zone="Europe/Dublin")  # 1 August begins at 23:00 UTC
    days = ["2026-07-31", "2026-08-01", "2026-08-02"]
    assert ask("date", days, "before", "2026-07-31T23:00:00Z", when) == [True, False, False]
    assert ask("date", days, "on_or_before", "2026-07-31T23:00:00Z", when) == [True, True, False]
    assert ask("date", days, "after", "2026-07-31T23:00:00Z", when) == [False, False, True]
    assert ask("date", days, "on_or_after", "2026-07-31T23:00:00Z", when) == [False, True, True]
    assert ask("date", days, "between", ["2026-07-31T23:00:00Z", "2026-08-01"], when) == [False, True, False]


def test_instants_are_compared_exactly_whatever_their_offset() -> None:
    cells = around("2026-08-01T12:00:00Z")
    for written in (
        "2026-08-01T12:00:00Z",
        "2026-08-01T14:00:00+02:00",
        "2026-08-01 12:00Z",
        "2026-08-01T12:00:00.000Z",
    ):
        assert ask("datetime", cells, "before", written) == [True, False, False]
        assert ask("datetime", cells, "on_or_before", written) == [True, True, False]
        assert ask("datetime", cells, "after", written) == [False, False, True]
        assert ask("datetime", cells, "on_or_after", written) == [False, True, True]
        assert ask("datetime", cells, "between", [written, written]) == [False, True, False]


def test_weeks_start_on_monday_unless_the_workspace_says_sunday() -> None:
    days = ["2026-11-14", "2026-11-15", "2026-11-16", "2026-11-21", "2026-11-22", "2026-11-23", "2026-11-29"]
    monday, sunday = moment("2026-11-18T12:00:00Z"), moment("2026-11-18T12:00:00Z", week_start="sunday")
    assert ask("date", days, "in_period", "this_week", monday) == [False, False, True, True, True, False, False]
    assert ask("date", days, "in_period", "this_week", sunday) == [False, True, True, True, False, False, False]
    assert ask("date", days, "in_period", "next_week", monday) == [False, False, False, False, False, True, True]
    assert ask("date", days, "in_period", "next_week", sunday) == [False, False, False, False, True, True, False]
    assert ask("date", days, "in_period", "last_week", monday) == [True, True, False, False, False, False, False]
    on_sunday = moment("2026-11-22T12:00:00Z", week_start="sunday")
    assert ask("date", days, "in_period", "this_week", on_sunday) == [False, False, False, False, True, True, False]
    on_sunday = moment("2026-11-22T12:00:00Z")
    assert ask("date", days, "in_period", "this_week", on_sunday) == [False, False, True, True, True, False, False]


@pytest.mark.parametrize(
    ("word", "first", "last"),
    [
        ("today", "2026-01-31", "2026-01-31"),
        ("yesterday", "2026-01-30", "2026-01-30"),
        ("tomorrow", "2026-02-01", "2026-02-01"),
        ("this_month", "2026-01-01", "2026-01-31"),
        ("last_month", "2025-12-01", "2025-12-31"),
        ("next_month", "2026-02-01", "2026-02-28"),
        ("this_quarter", "2026-01-01", "2026-03-31"),
        ("last_quarter", "2025-10-01", "2025-12-31"),
        ("next_quarter", "2026-04-01", "2026-06-30"),
        ("this_year", "2026-01-01", "2026-12-31"),
        ("last_year", "2025-01-01", "2025-12-31"),
        ("next_year", "2027-01-01", "2027-12-31"),
    ],
)
def test_periods_are_whole(word: str, first: str, last: str) -> None:
    when = moment("2026-01-31T12:00:00Z", "America/New_York")
    low, high = date.fromisoformat(first), date.fromisoformat(last)
    cells = [low - timedelta(1), low, high, high + timedelta(1)]
    assert ask("date", cells, "in_period", word, when) == [False, True, True, False]
    begins, ends = (datetime(day.year, day.month, day.day, tzinfo=when.zone).astimezone(UTC) for day in (low, cells[3]))
    assert ask("datetime", [begins - MICRO, begins, ends - MICRO, ends], "in_period", word, when) == [
        False,
        True,
        True,
        False,
    ]


def test_today_is_the_workspaces_day() -> None:
    # 23:30 UTC on 31 July is 1 August in Dublin and still 31 July in New York.
    now = "2026-07-31T23:30:00Z"
    assert ask("date", ["2026-07-31", "2026-08-01"], "in_period", "today", moment(now, "Europe/Dublin")) == [
        False,
        True,
    ]
    assert ask("date", ["2026-07-31", "2026-08-01"], "in_period", "today", moment(now, "America/New_York")) == [
        True,
        False,
    ]


def test_the_last_calendar_days_begin_with_today() -> None:
    when = moment("2026-11-22T12:00:00Z")
    days = ["2026-11-19", "2026-11-20", "2026-11-21", "2026-11-22", "2026-11-23"]
    assert ask("date", days, "in_last_calendar_days", 1, when) == [False, False, False, True, False]
    assert ask("date", days, "in_last_calendar_days", 3, when) == [False, True, True, True, False]
    later_today = ["2026-11-22T23:59:59.999999Z", "2026-11-23T00:00:00Z"]
    assert ask("datetime", later_today, "in_last_calendar_days", 1, when) == [True, False]


def test_an_anniversary_of_29_february_falls_on_1_march_in_other_years() -> None:
    leap = ["2000-02-29", "1996-02-28", "1996-03-01"]
    for now, expected in (
        ("2027-02-28T12:00:00Z", [False, True, False]),
        ("2027-03-01T12:00:00Z", [True, False, True]),
        ("2028-02-28T12:00:00Z", [False, True, False]),
        ("2028-02-29T12:00:00Z", [True, False, False]),
        ("2028-03-01T12:00:00Z", [False, False, True]),
        ("2100-03-01T12:00:00Z", [True, False, True]),  # a year by four that is no leap year
    ):
        assert ask("date", leap, "anniversary_within", {"days": 0}, moment(now)) == expected, now


def test_anniversaries_run_over_the_end_of_the_year() -> None:
    when = moment("2026-12-30T12:00:00Z")
    days = ["1980-12-29", "1980-12-30", "1980-01-01", "1980-01-06", "1980-01-07", None]
    assert ask("date", days, "anniversary_within", {"days": 7}, when) == [False, True, True, True, False, False]
    assert ask("date", days, "anniversary_within", {"days": 366}, when) == [True] * 5 + [False]
    # The year does not matter, not even one to come.
    assert ask("date", ["2026-12-31", "2031-12-31"], "anniversary_within", {"days": 1}, when) == [True, True]


def test_an_instants_anniversary_and_weekday_are_those_of_local_clocks() -> None:
    dublin = moment("2026-08-01T12:00:00Z", "Europe/Dublin")
    cells = ["1990-07-31T22:59:59Z", "1990-07-31T23:00:00Z"]
    assert ask("datetime", cells, "anniversary_within", {"days": 0}, dublin) == [False, True]
    saturday = ["2026-07-31T22:59:59Z", "2026-07-31T23:00:00Z", "2026-08-01T22:59:59Z", "2026-08-01T23:00:00Z", None]
    assert ask("datetime", saturday, "weekday_is", ["saturday"], dublin) == [False, True, True, False, False]
    assert ask("datetime", saturday, "weekday_is", ["friday", "sunday"], dublin) == [True, False, False, True, False]


@pytest.mark.parametrize("zone", ZONES)
def test_weekdays_are_right_past_the_tables_of_the_engine(zone: str) -> None:
    start = datetime(2096, 2, 27, 12, 30, tzinfo=UTC)
    cells = [start + timedelta(days=11 * number, minutes=37 * number) for number in range(2_500)]
    when = moment(zone=zone)
    answers = ask("datetime", cells, "weekday_is", ["monday", "thursday"], when)
    assert answers == [cell.astimezone(when.zone).weekday() in (0, 3) for cell in cells]
    ask("datetime", cells, "anniversary_within", {"days": 40}, when)


def test_weekdays_of_dates() -> None:
    days = [f"2026-11-{day}" for day in range(16, 23)]
    for index, name in enumerate(("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")):
        assert ask("date", days, "weekday_is", [name]) == [day == index for day in range(7)]


def test_windows_are_resolved_before_the_columns_are_asked() -> None:
    window = calendar.window("on", "2026-10-25", Kind.DATETIME, moment(zone="Europe/Dublin"))
    assert window.low is not None
    assert window.high is not None
    assert window.high - window.low == 25 * 3_600 * 1_000_000
