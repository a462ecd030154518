"""What is hidden from an agent is nowhere: not in lists, counts, names, folders, reasons, refusals or files."""

from collections.abc import Callable
from typing import Any

import pytest

from segcore import store
from segcore.access import NotAllowed
from segcore.attributes import Entity
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent, NewSegments
from segcore.problems import InvalidRule, NotFound, SegcoreError
from segcore.services.present import MISSING
from tests.workspace import NOW, forget_attribute

IRISH = {"all": [{"attribute": "country", "operator": "is", "value": "Ireland"}]}
PRO = {"all": [{"attribute": "plan", "operator": "is", "value": "Pro"}]}


def within(*keys: str) -> dict[str, Any]:
    return {"all": [{"segment": key, "operator": "in"} for key in keys]}


def agent(services: Services, name: str, role: str = "editor") -> Agent:
    with services.database.write() as connection:
        position = store.log.append(connection, at=NOW, agent="owner", what="agent added", entity="agent")
        return store.agents.insert(connection, Agent(id=None, name=name, role=role), position, NOW)


@pytest.fixture
def omar(people: Services) -> Agent:
    return agent(people, "Omar")


@pytest.fixture
def nora(people: Services) -> Agent:
    return agent(people, "Nora")


@pytest.fixture
def shown(people: Services, omar: Agent, nora: Agent) -> str:
    """A segment of Nora's that stands on one hidden from Omar, and is shown to him on purpose; and a plain one."""
    people.segments.save(LOCAL_OWNER, name="Canary", document=IRISH, hidden_from=("Omar",), now=NOW)
    key = people.segments.save(nora, name="Shown", document={"any": [*within("canary")["all"], PRO]}, now=NOW).key
    people.segments.show_on_purpose(nora, key, ["Omar"], now=NOW)
    return key


def keys(services: Services, agent: Agent) -> list[str]:
    return [row.segment.key for row in services.segments.overview(agent, now=NOW).segments]


def test_a_concealed_segment_has_its_total_and_its_people_and_nothing_else(
    people: Services, omar: Agent, shown: str
) -> None:
    row = people.segments.counted(omar, shown, now=NOW)
    assert (row.count, row.problem, row.editable) == (4, None, False)
    assert str(row.sentence) == "1 condition is not visible to you."
    assert row.segment.document == within(shown)
    assert people.filters.members(omar, row.segment.document, now=NOW).height == 4
    assert people.filters.count(omar, within(shown), now=NOW).count == 4
    assert [s.name for s in people.segments.members_of(omar, "c-1", entity=Entity.PERSON, now=NOW)] == ["New", "Shown"]
    preview = people.filters.preview(omar, within(shown), now=NOW)
    assert set(preview.counts) <= {"", "all[0]"}
    assert str(preview.sentence) == "People who are in Shown."
    assert people.segments.used_by(omar, shown) == []
    assert all("Shown" not in filled.used_by for filled in people.attributes.all(omar))


def test_what_is_concealed_is_neither_copied_nor_changed_nor_exported(
    people: Services, omar: Agent, shown: str
) -> None:
    for refused in (
        lambda: people.segments.duplicate(omar, shown, now=NOW),
        lambda: people.segments.export(omar, [shown]),
    ):
        with pytest.raises(NotAllowed, match="1 condition is not visible to you, so Shown cannot be"):
            refused()
    for refused in (
        lambda: people.segments.change(omar, shown, expected_version=1, name="Mine", now=NOW),
        lambda: people.segments.move(omar, shown, None, now=NOW),
        lambda: people.segments.delete(omar, shown, now=NOW),
        lambda: people.segments.set_visibility(omar, shown, now=NOW),
        lambda: people.segments.show_on_purpose(omar, shown, [], now=NOW),
        lambda: people.segments.unshow(omar, shown, ["Omar"], now=NOW),
        lambda: people.segments.blocked(omar, shown, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            refused()
    assert shown not in [item["key"] for item in people.segments.export(omar)["segments"]]


def test_for_whom_it_would_be_hidden_is_told_to_its_owner_with_how_many_they_would_see(
    people: Services, omar: Agent, nora: Agent, shown: str
) -> None:
    vic = agent(people, "Vic", "viewer")
    people.segments.set_visibility(LOCAL_OWNER, "canary", hidden_from=("Omar", "Vic"), now=NOW)
    found = people.segments.blocked(nora, shown, now=NOW)
    assert (found.names, found.shown, found.count) == (("Vic",), ("Omar",), 4)
    assert shown not in keys(people, vic)
    people.segments.show_on_purpose(nora, shown, ["Vic"], now=NOW)
    assert shown in keys(people, vic)
    people.segments.unshow(nora, shown, ["Omar"], now=NOW)
    assert shown in keys(people, vic)
    assert shown not in keys(people, omar)
    would = people.segments.would_block(nora, within("canary"), now=NOW)
    assert (would.names, would.count) == (("Omar", "Vic"), 3)
    none = people.segments.would_block(nora, within("canary"), visible_to=(), now=NOW)
    assert (none.names, none.count) == ((), None)
    with pytest.raises(SegcoreError):
        people.segments.show_on_purpose(nora, shown, ["Nora"], now=NOW)


def test_a_filter_that_takes_up_more_is_shown_to_nobody_on_purpose(
    people: Services, omar: Agent, nora: Agent, shown: str
) -> None:
    people.segments.change(nora, shown, expected_version=1, name="Renamed", now=NOW)
    assert shown in keys(people, omar)
    people.segments.change(nora, shown, expected_version=2, document=within("canary", "active"), now=NOW)
    assert shown not in keys(people, omar)


def test_unhiding_shows_it_whole_again(people: Services, omar: Agent, shown: str) -> None:
    people.segments.set_visibility(LOCAL_OWNER, "canary", now=NOW)
    row = people.segments.counted(omar, shown, now=NOW)
    assert row.segment.concealed == 0
    assert "Canary" in str(row.sentence)
    assert "canary" in keys(people, omar)


def test_what_stands_on_what_is_shown_on_purpose_is_whole(people: Services, omar: Agent, shown: str) -> None:
    own = people.segments.save(omar, name="Mine", document={"all": [*within(shown)["all"], PRO]}, now=NOW)
    row = people.segments.counted(omar, own.key, now=NOW)
    assert (row.count, row.editable, row.segment.concealed) == (2, True, 0)
    reasons = people.filters.explain_segment(omar, "c-4", own.key, now=NOW)
    assert "Ireland" not in str(reasons.as_json())


def test_a_broken_one_names_nothing_that_is_hidden(people: Services, omar: Agent, shown: str) -> None:
    forget_attribute(people.database, "country")
    assert "Canary" in str(people.segments.counted(LOCAL_OWNER, shown, now=NOW).problem)
    row = people.segments.counted(omar, shown, now=NOW)
    assert (row.count, row.problem) == (None, "It cannot be counted right now.")
    with pytest.raises(InvalidRule) as refused:
        people.filters.explain_segment(omar, "c-1", shown, now=NOW)
    assert "anary" not in str(refused.value)
    with pytest.raises(InvalidRule, match="The segment Shown cannot be counted"):
        people.filters.count(omar, within(shown), now=NOW)


def test_what_was_probably_meant_is_never_a_hidden_one(people: Services, omar: Agent, nora: Agent) -> None:
    people.segments.save(LOCAL_OWNER, name="Canary", document=IRISH, hidden_from=("Omar",), now=NOW)
    (problem,) = people.filters.preview(omar, within("canari"), now=NOW).problems
    assert problem.suggestion is None
    hidden, absent = (people.filters.problems(omar, within(key))[0].message for key in ("canary", "canarz"))
    assert hidden.replace("canary", "") == absent.replace("canarz", "")
    assert people.filters.problems(LOCAL_OWNER, within("canari"))[0].suggestion == "canary"


def refusals(services: Services, agent: Agent, key: str) -> list[str]:
    """What every verb answers about a segment."""
    doing: list[Callable[[], object]] = [
        lambda: services.segments.get(agent, key),
        lambda: services.segments.counted(agent, key, now=NOW),
        lambda: services.segments.used_by(agent, key),
        lambda: services.segments.change(agent, key, expected_version=1, name="x", now=NOW),
        lambda: services.segments.move(agent, key, None, now=NOW),
        lambda: services.segments.duplicate(agent, key, now=NOW),
        lambda: services.segments.delete(agent, key, now=NOW),
        lambda: services.segments.set_visibility(agent, key, now=NOW),
        lambda: services.segments.blocked(agent, key, now=NOW),
        lambda: services.segments.show_on_purpose(agent, key, ["Nora"], now=NOW),
        lambda: services.segments.unshow(agent, key, ["Nora"], now=NOW),
        lambda: services.segments.export(agent, [key]),
        lambda: services.filters.explain_segment(agent, "c-1", key, now=NOW),
        lambda: services.filters.count(agent, within(key), now=NOW),
        lambda: services.filters.preview(agent, within(key), now=NOW).problems,
        lambda: services.filters.sentence(agent, within(key), now=NOW),
        lambda: services.filters.explain(agent, "c-1", within(key), now=NOW),
        lambda: services.segments.save(agent, name="x", document=within(key), now=NOW),
        lambda: services.views.columns(agent, entity=Entity.PERSON, segment=key),
        lambda: services.views.keep_columns(agent, ["country"], entity=Entity.PERSON, segment=key, now=NOW),
    ]
    told = []
    for do in doing:
        try:
            told.append(f"{do()}".replace(key, "KEY"))
        except SegcoreError as error:
            told.append(f"{type(error).__name__}: {error.message} {error.hint}".replace(key, "KEY"))
    return told


def test_hidden_and_missing_answer_alike(people: Services, omar: Agent) -> None:
    people.views.keep_columns(omar, ["plan"], entity=Entity.PERSON, now=NOW)
    people.segments.save(LOCAL_OWNER, name="Canary", document=IRISH, now=NOW)
    people.views.keep_columns(omar, ["country"], entity=Entity.PERSON, segment="canary", now=NOW)
    people.segments.save(LOCAL_OWNER, name="On it", document=within("canary"), now=NOW)
    people.segments.set_visibility(LOCAL_OWNER, "canary", hidden_from=("Omar",), now=NOW)
    missing = refusals(people, omar, "no-such")
    assert missing[0] == f"NotFound: {MISSING} "
    assert refusals(people, omar, "canary") == missing
    assert refusals(people, omar, "on-it") == missing


def test_a_name_that_only_a_hidden_one_has_is_free_and_its_key_tells_nothing(people: Services, omar: Agent) -> None:
    people.segments.save(LOCAL_OWNER, name="Canary", document=IRISH, hidden_from=("Omar",), now=NOW)
    first = people.segments.save(omar, name="Canary", document=PRO, now=NOW)
    other = people.segments.save(omar, name="Sparrow", document=IRISH, now=NOW)
    for segment, stem in ((first, "canary"), (other, "sparrow")):
        assert segment.key.startswith(f"{stem}-")
        assert len(segment.key) == len(stem) + 5
    assert people.segments.same(omar, PRO, entity=Entity.PERSON) == people.segments.get(omar, first.key)
    assert people.segments.same(omar, IRISH, entity=Entity.PERSON) == people.segments.get(omar, other.key)
    assert people.segments.save(LOCAL_OWNER, name="Plain", document=PRO, now=NOW).key == "plain"


def test_a_circle_through_what_is_hidden_is_not_called_one(people: Services, omar: Agent) -> None:
    mine = people.segments.save(omar, name="Mine", document=IRISH, now=NOW).key
    people.segments.save(LOCAL_OWNER, name="Canary", document=within(mine), hidden_from=("Omar",), now=NOW)
    people.segments.save(LOCAL_OWNER, name="Shown", document=within("canary"), now=NOW)
    with pytest.raises(InvalidRule) as hidden:
        people.segments.change(omar, mine, expected_version=1, document=within("shown"), now=NOW)
    assert hidden.value.problems[0].message == "There is no segment “shown”."
    people.segments.show_on_purpose(LOCAL_OWNER, "shown", ["Omar"], now=NOW)
    with pytest.raises(InvalidRule) as concealed:
        people.segments.change(omar, mine, expected_version=1, document=within("shown"), now=NOW)
    assert concealed.value.problems[0].message == "The segment “shown” cannot be used here."
    with pytest.raises(InvalidRule, match="refer to itself"):
        people.segments.change(LOCAL_OWNER, mine, expected_version=1, document=within("shown"), now=NOW)


def test_a_folder_of_which_all_is_hidden_does_not_exist(people: Services, omar: Agent) -> None:
    folder = people.folders.create(LOCAL_OWNER, "Canaries", now=NOW).key
    assert folder in [f.key for f in people.folders.all(omar)]
    people.segments.save(LOCAL_OWNER, name="C", document=IRISH, folder=folder, hidden_from=("Omar",), now=NOW)
    assert folder not in [f.key for f in people.folders.all(omar)]
    own = people.segments.save(omar, name="Mine", document=PRO, now=NOW).key
    for do in (
        lambda key: people.folders.rename(omar, key, "x", now=NOW),
        lambda key: people.folders.delete(omar, key, now=NOW),
        lambda key: people.segments.move(omar, own, key, now=NOW),
        lambda key: people.segments.save(omar, name="x", document=PRO, folder=key, now=NOW),
        lambda key: people.segments.change(omar, own, expected_version=1, folder=key, now=NOW),
    ):
        told = []
        for key in (folder, "no-such"):
            with pytest.raises(SegcoreError) as refused:
                do(key)
            told.append((type(refused.value), refused.value.message, refused.value.hint))
        assert told[0] == told[1]
    made = people.folders.create(omar, "Canaries", now=NOW)
    assert made.key.startswith("canaries-")
    assert len(made.key) == len("canaries-") + 4
    people.segments.save(LOCAL_OWNER, name="D", document=IRISH, folder=folder, now=NOW)
    assert folder in [f.key for f in people.folders.all(omar)]


def test_a_draft_opens_only_for_those_who_may_see_all_of_it(
    people: Services, omar: Agent, nora: Agent, shown: str
) -> None:
    parts = people.drafts.keep(nora, PRO, segment=shown, base_version=1, now=NOW)
    naming = people.drafts.keep(nora, within("canary"), now=NOW)
    for draft in (parts.id, naming.id, "no-such"):
        with pytest.raises(NotFound, match="does not exist, or is not visible"):
            people.drafts.open(omar, draft)
    assert people.drafts.open(nora, parts.id).segment == shown
    own = people.drafts.keep(omar, within(shown), now=NOW)
    assert people.drafts.open(omar, own.id).document == within(shown)


def test_new_segments_start_as_their_author_likes(people: Services, omar: Agent, nora: Agent) -> None:
    with people.database.write() as connection:
        assert nora.id is not None
        store.agents.set_new_segments(connection, nora.id, NewSegments(hidden_from=("Omar",)), 1)
    usual = people.segments.save(nora, name="Usual", document=IRISH, now=NOW)
    told = people.segments.save(nora, name="Told", document=IRISH, hidden_from=(), now=NOW)
    only = people.segments.save(nora, name="Only me", document=IRISH, visible_to=(), now=NOW)
    assert (usual.hidden_from, told.hidden_from, only.hidden_from) == (("Omar",), (), ())
    assert [key for key in keys(people, omar) if key in {usual.key, told.key, only.key}] == [told.key]
    assert {usual.key, told.key, only.key} <= set(keys(people, nora))
    assert only.key in keys(people, LOCAL_OWNER)
    with pytest.raises(SegcoreError, match="from yourself"):
        people.segments.set_visibility(nora, told.key, hidden_from=("Nora",), now=NOW)


def test_a_change_overwrites_neither_the_place_nor_from_whom_it_is_hidden(people: Services, nora: Agent) -> None:
    key = people.segments.save(nora, name="Mine", document=IRISH, now=NOW).key
    folder = people.folders.create(nora, "Value", now=NOW).key
    people.segments.move(nora, key, folder, now=NOW)
    people.segments.set_visibility(nora, key, visible_to=(), now=NOW)
    saved = people.segments.change(nora, key, expected_version=1, document=PRO, now=NOW)
    assert (saved.version, saved.folder, saved.visible_to) == (2, folder, ())
    with pytest.raises(SegcoreError, match="saved version 2"):
        people.segments.set_visibility(nora, key, expected_version=1, now=NOW)


def test_roles_are_those_of_the_table(people: Services, nora: Agent, omar: Agent) -> None:
    vic = agent(people, "Vic", "viewer")
    for who in (vic, nora):
        with pytest.raises(NotAllowed):
            people.segments.change(who, "active", expected_version=1, name="Mine", now=NOW)
        with pytest.raises(NotAllowed):
            people.segments.set_visibility(who, "active", hidden_from=("Omar",), now=NOW)
        with pytest.raises(NotAllowed):
            people.segments.load(who, {"segments": []}, now=NOW)
    for refused in (
        lambda: people.segments.save(vic, name="x", document=IRISH, now=NOW),
        lambda: people.segments.duplicate(vic, "active", now=NOW),
        lambda: people.folders.create(vic, "x", now=NOW),
        lambda: people.segments.export(vic),
        lambda: people.segments.would_block(vic, IRISH, now=NOW),
    ):
        with pytest.raises(NotAllowed):
            refused()
    with people.database.write() as connection:
        connection.exec_driver_sql("UPDATE workspace SET editors_edit_all = TRUE")
        allowed = store.agents.by_id(connection, nora.id or 0)
    if allowed is not None and allowed.grants:
        assert people.segments.change(allowed, "active", expected_version=1, name="Lively", now=NOW).name == "Lively"
        with pytest.raises(NotAllowed):
            people.segments.set_visibility(allowed, "active", hidden_from=("Omar",), now=NOW)


def test_every_write_is_in_the_audit_log(people: Services, nora: Agent, omar: Agent) -> None:
    folder = people.folders.create(nora, "Value", now=NOW)
    key = people.segments.save(nora, name="Mine", document=IRISH, now=NOW).key
    people.segments.change(nora, key, expected_version=1, document=PRO, now=NOW)
    people.segments.move(nora, key, folder.key, now=NOW)
    people.segments.set_visibility(nora, key, hidden_from=("Omar",), now=NOW)
    people.segments.delete(nora, key, now=NOW)
    people.folders.rename(nora, folder.key, "Worth", now=NOW)
    people.folders.delete(nora, folder.key, now=NOW)
    with people.database.read() as connection:
        told = [e for e in store.audit.page(connection) if e.agent == "Nora"][::-1]
    assert [(e.what, e.before, e.after) for e in told if e.what != "segment saved"] == [
        ("folder made", None, {"name": "Value"}),
        ("segment changed", {"rule": IRISH}, {"rule": PRO}),
        ("segment moved", {"folder": None}, {"folder": folder.key}),
        ("segment hidden", {"hidden_from": []}, {"hidden_from": ["Omar"]}),
        ("segment deleted", told[5].before, None),
        ("folder renamed", {"name": "Value"}, {"name": "Worth"}),
        ("folder deleted", {"name": "Worth"}, None),
    ]
    assert told[1].after is not None
    assert (told[1].what, told[1].after["name"], told[1].after["rule"]) == ("segment saved", "Mine", IRISH)


def test_a_file_keeps_from_whom_segments_are_hidden(people: Services, omar: Agent, nora: Agent) -> None:
    own = people.segments.save(nora, name="Mine", document=IRISH, hidden_from=("Omar",), now=NOW).key
    people.segments.save(LOCAL_OWNER, name="For two", document=PRO, visible_to=("Nora",), now=NOW)
    told = {item["key"]: item for item in people.segments.export(LOCAL_OWNER)["segments"]}
    assert (told[own]["hidden_from"], told["for-two"]["visible_to"]) == (["Omar"], ["Nora"])
    seen = {item["key"]: item for item in people.segments.export(nora)["segments"]}
    assert seen[own]["hidden_from"] == ["Omar"]
    assert "visible_to" not in seen["for-two"]  # it is not hers to set
    changed = {"segments": [{**told[own], "hidden_from": []}, told["for-two"]]}
    assert people.segments.load(LOCAL_OWNER, changed, now=NOW) == {"created": 0, "updated": 1, "unchanged": 1}
    assert own in keys(people, omar)
