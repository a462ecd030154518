"""Why somebody is in a filter: by documents, by segments, and by what an agent may see."""

from datetime import timedelta

import pytest

from segcore import store
from segcore.attributes import Entity
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent
from segcore.problems import InvalidRule, NotFound
from tests import workspace

IRISH = {"attribute": "country", "operator": "is", "value": "Ireland"}
BUSY = {"attribute": "photos", "operator": "gt", "value": 80}


def test_a_filter_is_explained_with_actual_and_needed_values(people: Services) -> None:
    document = {"all": [IRISH, {"attribute": "last_seen_at", "operator": "less_than_ago", "value": {"days": 30}}]}
    found = people.filters.explain(LOCAL_OWNER, "c-2", document, now=workspace.NOW)
    assert found.holds
    assert [reason.actual for reason in found.root.children] == ["Ireland", "22 Nov 2026, 02:12 UTC (2 hours ago)"]
    assert found.flips is not None
    assert found.flips.at == workspace.NOW - timedelta(hours=2) + timedelta(days=30)
    assert found.flips.says == "Last seen passes 30 days"
    plain = found.as_json()["reason"]["children"]
    assert [each["value"] for each in plain] == ["Ireland", "2026-11-22T02:12:09Z"]
    other = people.filters.explain(LOCAL_OWNER, "c-3", {"all": [IRISH]}, now=workspace.NOW)
    assert [reason.told for reason in other.pivotal()] == ["Country is Japan, Ireland is needed"]


def test_a_segment_is_explained_by_its_key(people: Services) -> None:
    found = people.filters.explain_segment(LOCAL_OWNER, "c-3", "active", now=workspace.NOW)
    assert not found.holds
    assert found.flips is None
    assert found.root.pivotal


def test_nobody_and_nothing_are_told(people: Services) -> None:
    with pytest.raises(NotFound, match="no person with the ID c-9"):
        people.filters.explain(LOCAL_OWNER, "c-9", {"all": []}, now=workspace.NOW)
    with pytest.raises(NotFound):
        people.filters.explain_segment(LOCAL_OWNER, "c-1", "no-such", now=workspace.NOW)
    with pytest.raises(InvalidRule):
        people.filters.explain(LOCAL_OWNER, "c-1", {"all": [{"attribute": "contry"}]}, now=workspace.NOW)


def test_a_hidden_segment_does_not_betray_itself(people: Services) -> None:
    with people.database.write() as connection:
        position = store.log.append(connection, at=workspace.NOW, agent="owner", what="agent added", entity="agent")
        omar = store.agents.insert(connection, Agent(id=None, name="Omar", role="editor"), position, workspace.NOW)
    secret = {"any": [IRISH, {"attribute": "last_seen_at", "operator": "less_than_ago", "value": {"days": 30}}]}
    people.segments.save(LOCAL_OWNER, name="Secret", document=secret, hidden_from=(omar.name,), now=workspace.NOW)
    people.segments.save(
        LOCAL_OWNER,
        name="Shown",
        document={"any": [{"segment": "secret", "operator": "in"}, BUSY]},
        now=workspace.NOW,
    )
    full = people.filters.explain_segment(LOCAL_OWNER, "c-2", "shown", now=workspace.NOW)
    assert "Secret" in str([str(reason.says) for reason in full.root.walk()])
    for key in ("secret", "shown", "no-such"):
        with pytest.raises(NotFound, match="does not exist, or is not visible"):
            people.filters.explain_segment(omar, "c-2", key, now=workspace.NOW)


def test_of_a_segment_that_is_shown_on_purpose_only_the_answer_is_told(people: Services) -> None:
    with people.database.write() as connection:
        position = store.log.append(connection, at=workspace.NOW, agent="owner", what="agent added", entity="agent")
        omar = store.agents.insert(connection, Agent(id=None, name="Omar", role="editor"), position, workspace.NOW)
    people.segments.save(LOCAL_OWNER, name="Secret", document=IRISH, hidden_from=(omar.name,), now=workspace.NOW)
    standing = {"all": [{"segment": "secret", "operator": "in"}, BUSY]}
    people.segments.save(LOCAL_OWNER, name="Shown", document={"none": [standing]}, now=workspace.NOW)
    people.segments.show_on_purpose(LOCAL_OWNER, "shown", ["Omar"], now=workspace.NOW)
    for id, holds in (("c-1", True), ("c-5", False)):
        found = people.filters.explain_segment(omar, id, "shown", now=workspace.NOW)
        assert (found.holds, found.flips, found.pivotal()) == (holds, None, [])
        assert [(r.kind, str(r.says), r.holds) for r in found.root.walk()] == [
            ("hidden", "1 condition is not visible to you", holds)
        ]
        within = {"all": [{"segment": "shown", "operator": "in"}]}
        told = people.filters.explain(omar, id, within, now=workspace.NOW)
        (only,) = told.root.children
        assert (only.kind, str(only.says), only.note) == ("segment", "Is in Shown", "1 condition is not visible to you")
        assert (only.holds, only.children, told.flips) == (holds, (), None)
        for each in (found, told):
            assert "ecret" not in str(each.as_json())
            assert "Ireland" not in str(each.as_json())


def test_a_company_is_explained_too(people: Services) -> None:
    workspace.write(people.database, {"acme": {"country": "Ireland"}}, Entity.COMPANY)
    found = people.filters.explain(LOCAL_OWNER, "acme", {"all": [IRISH]}, entity=Entity.COMPANY, now=workspace.NOW)
    assert found.holds
    assert str(found.root.children[0].says) == "Country is Ireland"


def test_a_draft_comes_back_with_advice_from_data_and_segments(people: Services) -> None:
    preview = people.filters.preview(
        LOCAL_OWNER, {"all": [{**IRISH, "value": "Irland"}, BUSY, BUSY]}, now=workspace.NOW
    )
    assert preview.count == 0
    assert [(each.kind, each.suggestion) for each in preview.advice] == [
        ("no_effect", "Remove it"),
        ("unseen", "Ireland"),
    ]
    assert "Did you mean Ireland (3)?" in preview.advice[1].message
    active = people.segments.get(LOCAL_OWNER, "active").document
    same = people.filters.preview(LOCAL_OWNER, {"all": [active]}, now=workspace.NOW)
    assert [each.message for each in same.advice] == ["The same filter as Active."]
    edited = people.filters.preview(LOCAL_OWNER, {"all": [active]}, now=workspace.NOW, segment="active")
    assert edited.advice == ()
