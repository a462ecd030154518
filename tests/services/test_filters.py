"""Filters: counts, pages, previews, values and files of the same people at the same instant."""

import csv
import io
import json
from datetime import timedelta
from typing import Any

import polars as pl
import pytest

from segcore.attributes import Attribute, Entity, Kind
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER
from segcore.problems import InvalidRule, NotFound
from segcore.services import exports
from segcore.services.filters import Question
from tests.workspace import NOW, PEOPLE, write


def condition(attribute: str, operator: str, value: object = None, **options: object) -> dict[str, Any]:
    told: dict[str, Any] = {"attribute": attribute, "operator": operator, **options}
    return told if value is None else {**told, "value": value}


IRISH = condition("country", "is", "Ireland")
NOT_IRISH = condition("country", "is_not", "Ireland")


def test_count_and_members_say_the_same_people(people: Services) -> None:
    count = people.filters.count(LOCAL_OWNER, IRISH, now=NOW)
    assert (count.count, count.total) == (3, len(PEOPLE))
    members = people.filters.members(LOCAL_OWNER, IRISH, now=NOW)
    assert members.columns[0] == "external_id"
    assert members["external_id"].to_list() == ["c-1", "c-2", "c-5"]


def test_a_preview_counts_each_condition(people: Services) -> None:
    rule = {"all": [NOT_IRISH, condition("signed_up_at", "less_than_ago", {"days": 30})]}
    preview = people.filters.preview(LOCAL_OWNER, rule, now=NOW)
    assert (preview.count, preview.total) == (1, 5)
    first, second = preview.counts["all[0]"], preview.counts["all[1]"]
    assert (first.own, first.after, first.missing, first.without) == (2, 2, 1, 3)
    assert (second.own, second.after, second.without) == (3, 1, 2)
    assert str(preview.sentence) == (
        "People whose country is not Ireland (including 1 with no country) and who signed up less than 30 days ago."
    )
    assert preview.resolved["all[1]"].startswith("after 23 Oct 2026")


def test_where_nobody_matches_each_condition_says_what_it_asks_for(people: Services) -> None:
    rule = {"all": [IRISH, {"any": [NOT_IRISH]}, condition("photos", "gt", 80)]}
    preview = people.filters.preview(LOCAL_OWNER, rule, now=NOW)
    assert preview.count == 0
    assert preview.said == ("“Country is Ireland”", "Condition 2", "“Photos is more than 80”")
    assert people.filters.preview(LOCAL_OWNER, IRISH, now=NOW).said == ()


def test_time_limits_are_told_to_the_minute(people: Services) -> None:
    at = NOW.replace(microsecond=123_456)
    rule = {"all": [condition("signed_up_at", "less_than_ago", {"days": 30})]}
    assert people.filters.preview(LOCAL_OWNER, rule, now=at).resolved == {"all[0]": "after 23 Oct 2026, 04:12 UTC"}


def test_a_preview_of_a_wrong_filter_has_problems_and_the_total(people: Services) -> None:
    preview = people.filters.preview(LOCAL_OWNER, {"all": [condition("contry", "is", "x")]}, now=NOW)
    assert preview.count is None
    assert preview.total == 5
    assert preview.problems[0].as_json()["path"] == "all[0].attribute"


def test_pages_are_sorted_with_missing_last_both_ways(people: Services) -> None:
    everyone: dict[str, Any] = {"all": []}
    newest = people.filters.page(LOCAL_OWNER, everyone, now=NOW, limit=3)
    assert newest.frame["external_id"].to_list() == ["c-2", "c-4", "c-3"]
    oldest = people.filters.page(LOCAL_OWNER, everyone, now=NOW, sort="last_seen_at", descending=False)
    assert oldest.frame["external_id"].to_list() == ["c-3", "c-4", "c-2", "c-1", "c-5"]
    second = people.filters.page(LOCAL_OWNER, everyone, now=NOW, limit=3, offset=3)
    assert second.frame["external_id"].to_list() == ["c-1", "c-5"]


def test_a_search_looks_in_name_mail_and_id_and_leaves_the_count(people: Services) -> None:
    for text, found in (("o'neill", ["c-2"]), ("ACME", ["c-1"]), ("c-5", ["c-5"]), ("nobody", [])):
        page = people.filters.page(LOCAL_OWNER, {"all": []}, now=NOW, search=text)
        assert (page.frame["external_id"].to_list(), page.found, page.count) == (found, len(found), 5)


def test_usual_columns_are_the_filled_ones_and_begin_with_a_name(people: Services) -> None:
    assert [a.key for a in people.filters.columns(LOCAL_OWNER)][:2] == ["name", "email"]


def test_a_table_without_any_standard_attribute_begins_with_the_id(services: Services) -> None:
    write(services.database, {"x": {"country": "Japan"}, "y": {"plan": "Pro"}})
    columns = [a.key for a in services.filters.columns(LOCAL_OWNER)]
    assert columns[0] == "external_id"
    assert "name" not in columns
    assert {"country", "plan"} <= set(columns)


def test_many_questions_are_answered_in_order_each_with_its_own_problems(people: Services) -> None:
    answers = people.filters.evaluate(
        LOCAL_OWNER,
        [
            Question(document=IRISH, ids=True),
            Question(document={"attribute": "nope", "operator": "is", "value": "x"}),
            Question(document=condition("signed_up_at", "less_than_ago", {"days": 1}), now=NOW + timedelta(days=2)),
            Question(document={"all": []}, entity=Entity.COMPANY),
        ],
        now=NOW,
    )
    assert [answer.count for answer in answers] == [3, None, 0, 0]
    assert answers[0].ids == ("c-1", "c-2", "c-5")
    assert answers[1].problems


def test_values_are_offered_with_their_counts(people: Services) -> None:
    values = people.filters.values(LOCAL_OWNER, "country", search="IRE", now=NOW)
    assert dict(values.values) == {"Ireland": 2, "ireland": 1}
    assert values.missing == 1


def test_a_draft_comes_back_by_its_address_until_it_is_discarded(people: Services) -> None:
    kept = people.drafts.keep(LOCAL_OWNER, {"all": [IRISH]}, now=NOW)
    again = people.drafts.keep(LOCAL_OWNER, {"all": [NOT_IRISH]}, id=kept.id, now=NOW)
    assert again.id == kept.id
    assert people.drafts.open(LOCAL_OWNER, kept.id).document == {"all": [NOT_IRISH]}
    people.drafts.discard(LOCAL_OWNER, kept.id, now=NOW)
    with pytest.raises(NotFound):
        people.drafts.open(LOCAL_OWNER, kept.id)


def test_a_profile_has_every_attribute_and_its_name(people: Services) -> None:
    profile = people.people.profile(LOCAL_OWNER, "c-4", now=NOW)
    assert profile.name == "Zanele Mensah"
    assert profile.values["last_seen_at"] == NOW - timedelta(days=29)
    assert people.people.profile(LOCAL_OWNER, "c-5", now=NOW).name == "c-5"
    with pytest.raises(NotFound):
        people.people.profile(LOCAL_OWNER, "c-99", now=NOW)


def test_an_export_has_the_rows_of_the_screen(people: Services) -> None:
    frame = people.filters.export(LOCAL_OWNER, IRISH, now=NOW, columns=["country", "photos"])
    assert frame.columns == ["external_id", "country", "photos"]
    assert frame.height == 3
    ticked = people.filters.export(LOCAL_OWNER, IRISH, now=NOW, columns=["country"], only=["c-1", "c-3"])
    assert ticked["external_id"].to_list() == ["c-1"]
    with pytest.raises(InvalidRule):
        people.filters.export(LOCAL_OWNER, condition("nope", "is", "x"), now=NOW)


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\t=1", " =1", "＝1", "\r1"])
def test_a_cell_that_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    frame = pl.DataFrame({"external_id": ["c"], "name": [text], "photos": [-5]})
    kinds = [
        Attribute(key="external_id", kind=Kind.TEXT),
        Attribute(key="name", kind=Kind.TEXT),
        Attribute(key="photos", kind=Kind.NUMBER),
    ]
    written = b"".join(exports.csv(frame, kinds)).decode()
    assert f"'{text}" in written
    assert written.rstrip("\n").endswith(",-5")  # numbers stay numbers
    assert f"'{text}" not in b"".join(exports.csv(frame, kinds, guard=False)).decode()


def test_a_latitude_below_zero_is_exported_as_it_is() -> None:
    where = pl.Series("where", [{"latitude": -33.8, "longitude": 151.2}])
    written = b"".join(exports.csv(where.to_frame(), [Attribute(key="where", kind=Kind.LOCATION)])).decode()
    assert written.splitlines()[1] == '"-33.8,151.2"'


def test_usual_columns_show_what_the_filter_asks_about(services: Services) -> None:
    write(services.database, {f"p-{n}": {"name": "x", **{f"a{k}": k for k in range(12)}} for n in range(3)}, extra=12)
    usual = [a.key for a in services.filters.page(LOCAL_OWNER, {"all": []}, now=NOW).attributes]
    assert "a11" not in usual
    asked = services.filters.page(LOCAL_OWNER, condition("a11", "eq", 11), now=NOW).attributes
    assert [a.key for a in asked][:2] == ["name", "a11"]
    assert len(asked) == len(usual)


def test_lists_are_written_as_json_whatever_is_in_them() -> None:
    frame = pl.DataFrame({"external_id": ["a", "b", "c"], "tags": [["x;y", 'q"\x01\\'], [], None]})
    kinds = [Attribute(key="external_id", kind=Kind.TEXT), Attribute(key="tags", kind=Kind.LIST)]
    rows = list(csv.reader(io.StringIO(b"".join(exports.csv(frame, kinds)).decode())))
    assert json.loads(rows[1][1]) == ["x;y", 'q"\x01\\']
    assert [row[1] for row in rows[2:]] == ["[]", ""]


def test_old_drafts_are_forgotten(people: Services) -> None:
    old = people.drafts.keep(LOCAL_OWNER, {"all": [IRISH]}, now=NOW - timedelta(days=91))
    recent = people.drafts.keep(LOCAL_OWNER, {"all": [IRISH]}, now=NOW)
    assert people.drafts.forget_old(now=NOW) == 1
    assert people.drafts.open(LOCAL_OWNER, recent.id)
    with pytest.raises(NotFound):
        people.drafts.open(LOCAL_OWNER, old.id)
