"""Which rules another calendar may change; held against what it does change."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.rules import codec, compile, validate
from segcore.rules.by_days import asks_for_days
from segcore.rules.moment import Moment
from segcore.rules.tree import Condition

KINDS = {"at": Kind.DATETIME, "born": Kind.DATE, "plan": Kind.TEXT, "photos": Kind.NUMBER}
ATTRIBUTES = {key: Attribute(key=key, kind=kind) for key, kind in KINDS.items()}
SCHEMA = Schema(people=ATTRIBUTES, companies=ATTRIBUTES, properties=ATTRIBUTES, events={"Purchase": "Purchase"})


def asks(document: dict[str, object]) -> bool:
    return asks_for_days(validate.read(document, SCHEMA, Entity.PERSON, {}), Entity.PERSON, SCHEMA)


@pytest.mark.parametrize(
    ("operator", "value", "of_instants", "of_dates"),
    [
        ("in_period", "this_month", True, True),
        ("in_last_calendar_days", 3, True, True),
        ("on", "2026-11-22", True, False),
        ("not_on", "2026-11-22", True, False),
        ("before", "2026-11-22", True, False),
        ("before", "2026-11-22T04:12:09Z", False, True),
        ("less_than_ago", {"days": 7}, False, True),
        ("exactly_ago", {"days": 7}, False, True),
        ("anniversary_within", {"days": 7}, True, True),
        ("weekday_is", ["monday"], True, False),
        ("is_unknown", None, False, False),
    ],
)
def test_conditions_on_instants_and_on_dates(operator: str, value: object, of_instants: bool, of_dates: bool) -> None:
    for key, expected in (("at", of_instants), ("born", of_dates)):
        document = {"attribute": key, "operator": operator} | ({} if value is None else {"value": value})
        assert asks(document) is expected, key
        rule = codec.parse(document)
        assert isinstance(rule, Condition)
        now = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)
        forms = {
            compile.expression(rule, ATTRIBUTES[key], Moment(now, ZoneInfo(zone))).meta.serialize()
            for zone in ("UTC", "Pacific/Kiritimati")
        }
        assert (len(forms) > 1) <= expected, "what changes with the zone has to be named"


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        ({"all": []}, False),
        ({"attribute": "plan", "operator": "is", "value": "Pro"}, False),
        ({"event": "Purchase", "operator": "gte", "value": 1}, False),
        ({"event": "Purchase", "operator": "gte", "value": 1, "within": {"period": "this_week"}}, True),
        ({"event": "Purchase", "operator": "gte", "value": 1, "within": {"last": {"days": 7}}}, False),
        ({"event": "Purchase", "measure": "days", "operator": "gte", "value": 2}, True),
        ({"event": "Purchase", "measure": "last", "operator": "on", "value": "2026-11-22"}, True),
        ({"sequence": [{"event": "Purchase"}, {"event": "Purchase"}], "within": {"period": "today"}}, True),
        ({"company": "any", "rule": {"attribute": "at", "operator": "in_period", "value": "today"}}, True),
        ({"none": [{"attribute": "at", "operator": "in_period", "value": "today"}]}, True),
        (
            {
                "event": "Purchase",
                "operator": "gte",
                "value": 1,
                "where": {"attribute": "at", "operator": "in_period", "value": "today"},
            },
            True,
        ),
    ],
)
def test_rules_of_every_kind(document: dict[str, object], expected: bool) -> None:
    assert asks(document) is expected
