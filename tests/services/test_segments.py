"""Segments: saved, counted at one instant, changed without lost updates, never deleted while they are used."""

import threading
from typing import Any

import pytest

from segcore import store
from segcore.attributes import Entity
from segcore.bootstrap import Services
from segcore.model import LOCAL_OWNER, Agent
from segcore.problems import Changed, InvalidRule, NotFound, SegcoreError
from tests.workspace import NOW, PEOPLE, forget_attribute, write

IRISH = {"all": [{"attribute": "country", "operator": "is", "value": "Ireland"}]}
PRO = {"all": [{"attribute": "plan", "operator": "is", "value": "Pro"}]}


def in_segment(key: str) -> dict[str, Any]:
    return {"all": [{"segment": key, "operator": "in"}]}


def counts(services: Services) -> dict[str, int | None]:
    overview = services.segments.overview(LOCAL_OWNER, now=NOW)
    return {row.segment.key: row.count for row in overview.segments}


def test_a_new_workspace_has_the_predefined_segments(people: Services) -> None:
    assert counts(people) == {"new": 1, "active": 2, "slipping-away": 1}


def test_the_predefined_come_back_neither_after_a_restart_nor_once_deleted(people: Services) -> None:
    people.segments.delete(LOCAL_OWNER, "new", now=NOW)
    people.segments.ensure_predefined(NOW)
    assert set(counts(people)) == {"active", "slipping-away"}


def test_a_saved_filter_is_counted_with_the_others(people: Services) -> None:
    saved = people.segments.save(LOCAL_OWNER, name=" New  Irish users ", document=IRISH, description="x", now=NOW)
    assert (saved.key, saved.name, saved.version, saved.author) == ("new-irish-users", "New Irish users", 1, "owner")
    assert counts(people)["new-irish-users"] == 3
    row = people.segments.counted(LOCAL_OWNER, "new-irish-users", now=NOW)
    assert str(row.sentence) == "People whose country is Ireland."
    assert row.total == len(PEOPLE)


def test_a_person_who_arrives_is_counted_at_the_next_call(people: Services) -> None:
    people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=NOW)
    assert counts(people)["irish"] == 3
    write(people.database, {"c-6": {"country": "IRELAND"}})
    assert counts(people)["irish"] == 4


def test_a_name_is_taken_once_whatever_its_case(people: Services) -> None:
    people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=NOW)
    with pytest.raises(SegcoreError, match="called IRISH already"):
        people.segments.save(LOCAL_OWNER, name="IRISH", document=PRO, now=NOW)
    with pytest.raises(SegcoreError, match="needs a name"):
        people.segments.save(LOCAL_OWNER, name="  ", document=PRO, now=NOW)


def test_a_filter_with_a_problem_cannot_be_saved_and_nothing_is_written(people: Services) -> None:
    with pytest.raises(InvalidRule) as caught:
        people.segments.save(
            LOCAL_OWNER, name="x", document={"all": [{"attribute": "contry", "operator": "is", "value": "x"}]}, now=NOW
        )
    assert caught.value.problems[0].suggestion == "country"
    assert "x" not in counts(people)


def test_a_key_is_never_given_again(people: Services) -> None:
    people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=NOW)
    people.segments.delete(LOCAL_OWNER, "irish", now=NOW)
    assert people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=NOW).key != "irish"


def test_the_loser_of_two_saves_is_told_by_whom(people: Services) -> None:
    saved = people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=NOW)
    nora = Agent(id=None, name="nora")
    people.segments.change(nora, saved.key, expected_version=1, document=PRO, now=NOW)
    with pytest.raises(Changed) as caught:
        people.segments.change(LOCAL_OWNER, saved.key, expected_version=1, name="Mine", now=NOW)
    assert caught.value.by == "nora"
    stored = people.segments.get(LOCAL_OWNER, saved.key)
    assert (stored.version, stored.name, stored.document) == (2, "Irish", PRO)


def test_two_saves_at_once_cannot_close_a_circle(people: Services) -> None:
    for name in ("a", "b"):
        people.segments.save(LOCAL_OWNER, name=name, document=IRISH, now=NOW)
    start = threading.Barrier(2)
    refused: list[str] = []

    def point(key: str, other: str) -> None:
        start.wait()
        try:
            people.segments.change(LOCAL_OWNER, key, expected_version=1, document=in_segment(other), now=NOW)
        except InvalidRule:
            refused.append(key)

    threads = [threading.Thread(target=point, args=pair) for pair in (("a", "b"), ("b", "a"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(refused) == 1


def test_a_segment_cannot_refer_to_itself(people: Services) -> None:
    people.segments.save(LOCAL_OWNER, name="a", document=IRISH, now=NOW)
    with pytest.raises(InvalidRule, match="itself"):
        people.segments.change(LOCAL_OWNER, "a", expected_version=1, document=in_segment("a"), now=NOW)


def test_what_is_used_cannot_be_deleted_and_the_error_names_its_users(people: Services) -> None:
    people.segments.save(LOCAL_OWNER, name="Base", document=IRISH, now=NOW)
    people.segments.save(LOCAL_OWNER, name="On top", document=in_segment("base"), now=NOW)
    assert [s.name for s in people.segments.used_by(LOCAL_OWNER, "base")] == ["On top"]
    with pytest.raises(SegcoreError, match=r"Used by 1: On top\."):
        people.segments.delete(LOCAL_OWNER, "base", now=NOW)
    people.segments.delete(LOCAL_OWNER, "on-top", now=NOW)
    people.segments.delete(LOCAL_OWNER, "base", now=NOW)
    with pytest.raises(NotFound):
        people.segments.get(LOCAL_OWNER, "base")


def test_what_only_hidden_ones_use_is_gone_for_all_but_admins_who_keep_it(people: Services) -> None:
    with people.database.write() as connection:
        position = store.log.append(connection, at=NOW, agent="owner", what="agent added", entity="agent")
        omar = store.agents.insert(connection, Agent(id=None, name="omar", role="editor"), position, NOW)
    base = people.segments.save(omar, name="Base", document=IRISH, now=NOW)
    secret = people.segments.save(
        LOCAL_OWNER, name="Secret", document=in_segment(base.key), hidden_from=("omar",), now=NOW
    )
    count = people.segments.counted(LOCAL_OWNER, secret.key, now=NOW).count
    people.segments.delete(omar, base.key, now=NOW)  # as if nothing used it
    with pytest.raises(NotFound):
        people.segments.get(omar, base.key)
    kept = people.segments.get(LOCAL_OWNER, base.key)
    assert (kept.author, kept.hidden_from, kept.visible_to) == (None, (), ())
    assert people.segments.counted(LOCAL_OWNER, secret.key, now=NOW).count == count
    assert people.segments.save(omar, name="Base", document=IRISH, now=NOW).name == "Base"
    entry = people.audit.entries(LOCAL_OWNER, search="kept for admins")[0]
    assert (entry.agent, entry.key) == ("omar", base.key)


def test_a_copy_has_the_same_filter_and_folder_and_a_name_of_its_own(people: Services) -> None:
    folder = people.folders.create(LOCAL_OWNER, "Lifecycle", now=NOW)
    people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, folder=folder.key, now=NOW)
    first = people.segments.duplicate(LOCAL_OWNER, "irish", now=NOW)
    second = people.segments.duplicate(LOCAL_OWNER, "irish", now=NOW)
    assert [first.name, second.name] == ["Irish (copy)", "Irish (copy 2)"]
    assert (first.folder, first.document) == (folder.key, IRISH)
    assert counts(people)[first.key] == counts(people)["irish"]


def test_a_deleted_folder_leaves_its_segments(people: Services) -> None:
    folder = people.folders.create(LOCAL_OWNER, "Lifecycle", now=NOW)
    people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, folder=folder.key, now=NOW)
    people.folders.delete(LOCAL_OWNER, folder.key, now=NOW)
    assert people.segments.get(LOCAL_OWNER, "irish").folder is None


def test_folders_are_made_renamed_and_told_apart(people: Services) -> None:
    folder = people.folders.create(LOCAL_OWNER, "Value", now=NOW)
    with pytest.raises(SegcoreError, match="called value already"):
        people.folders.create(LOCAL_OWNER, "value", now=NOW)
    assert people.folders.rename(LOCAL_OWNER, folder.key, "Worth", now=NOW).name == "Worth"
    people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=NOW)
    assert people.segments.move(LOCAL_OWNER, "irish", folder.key, now=NOW).folder == folder.key


def test_a_viewer_saves_nothing_and_an_editor_only_what_is_theirs(people: Services) -> None:
    viewer = Agent(id=1, name="vic", role="viewer")
    with people.database.write() as connection:
        position = store.log.append(connection, at=NOW, agent="owner", what="agent added", entity="agent")
        editor = store.agents.insert(connection, Agent(id=None, name="edna", role="editor"), position, NOW)
    with pytest.raises(SegcoreError, match="viewer"):
        people.segments.save(viewer, name="x", document=IRISH, now=NOW)
    own = people.segments.save(editor, name="Mine", document=IRISH, now=NOW)
    assert people.segments.change(editor, own.key, expected_version=1, description="d", now=NOW).description == "d"
    with pytest.raises(SegcoreError, match="editor"):
        people.segments.change(editor, "active", expected_version=1, description="d", now=NOW)


def test_who_is_in_what(people: Services) -> None:
    found = people.segments.members_of(LOCAL_OWNER, "c-1", entity=Entity.PERSON, now=NOW)
    assert [segment.key for segment in found] == ["new"]


def test_the_same_filter_is_recognised(people: Services) -> None:
    people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=NOW)
    same = people.segments.same(LOCAL_OWNER, IRISH, entity=Entity.PERSON)
    assert same is not None
    assert same.name == "Irish"
    assert people.segments.same(LOCAL_OWNER, PRO, entity=Entity.PERSON) is None


def test_a_segment_whose_attribute_is_gone_says_so_and_so_does_one_on_top(people: Services) -> None:
    people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=NOW)
    people.segments.save(LOCAL_OWNER, name="Top", document=in_segment("irish"), now=NOW)
    forget_attribute(people.database, "country")
    rows = {row.segment.key: row for row in people.segments.overview(LOCAL_OWNER, now=NOW).segments}
    assert rows["irish"].count is None
    assert "country" in (rows["irish"].problem or "")
    assert "Irish" in (rows["top"].problem or "")
    assert rows["active"].count == 2


def test_export_and_import_lose_nothing(people: Services) -> None:
    folder = people.folders.create(LOCAL_OWNER, "Lifecycle", now=NOW)
    people.segments.save(
        LOCAL_OWNER, name="Irish", document=IRISH, description="From Ireland", folder=folder.key, now=NOW
    )
    people.segments.save(LOCAL_OWNER, name="Top", document=in_segment("irish"), now=NOW)
    told = people.segments.export(LOCAL_OWNER)
    assert people.segments.load(LOCAL_OWNER, told, now=NOW) == {"created": 0, "updated": 0, "unchanged": 5}
    for key in ("top", "irish"):
        people.segments.delete(LOCAL_OWNER, key, now=NOW)
    moved = {
        "segments": [{**item, "key": f"{item['key']}-again"} for item in told["segments"] if item["key"] == "irish"]
    }
    assert people.segments.load(LOCAL_OWNER, moved, now=NOW)["created"] == 1
    again = people.segments.export(LOCAL_OWNER, ["irish-again"])["segments"][0]
    before = next(item for item in told["segments"] if item["key"] == "irish")
    assert again == {**before, "key": "irish-again"}


@pytest.mark.parametrize(
    ("item", "path"),
    [
        ({"key": "a", "name": "A"}, "segments[0].rule"),
        ({"key": "a", "name": "A", "rule": IRISH, "colour": "red"}, "segments[0].colour"),
        ({"key": "a", "name": "A", "rule": IRISH, "hidden_from": ["nobody"]}, "segments[0].hidden_from"),
        ({"key": "a", "name": "A", "rule": in_segment("b")}, "segments[0].rule.all[0].segment"),
        ({"key": "a", "name": "A", "rule": IRISH, "entity": "robot"}, "segments[0].entity"),
        ({"key": "new", "name": "A", "rule": {"all": []}, "entity": "company"}, "segments[0].entity"),
        ({"key": "a\r\nX: y", "name": "A", "rule": IRISH}, "segments[0].key"),
        ({"key": "a", "name": "A" * 201, "rule": IRISH}, "segments[0].name"),
        ({"key": "a", "name": "A", "rule": IRISH, "folder": "F" * 101}, "segments[0].folder"),
        ({"key": "good", "name": "A", "rule": IRISH}, "segments[1].key"),
    ],
)
def test_a_file_with_a_problem_is_refused_whole(people: Services, item: dict[str, Any], path: str) -> None:
    good = {"key": "good", "name": "Good", "rule": IRISH}
    with pytest.raises(InvalidRule) as caught:
        people.segments.load(LOCAL_OWNER, {"segments": [item, good]}, now=NOW)
    assert path in [problem.as_json()["path"] for problem in caught.value.problems]
    assert "good" not in counts(people)


def test_the_sentence_of_a_segment_says_how_many_have_no_value(people: Services) -> None:
    foreign = {"all": [{"attribute": "country", "operator": "is_not", "value": "Ireland"}]}
    people.segments.save(LOCAL_OWNER, name="Foreign", document=foreign, now=NOW)
    told = people.segments.counted(LOCAL_OWNER, "foreign", now=NOW).sentence
    assert str(told) == "People whose country is not Ireland (including 1 with no country)."


def test_moving_makes_no_version_and_overtakes_nobody(people: Services) -> None:
    folder = people.folders.create(LOCAL_OWNER, "Lifecycle", now=NOW)
    moved = people.segments.move(LOCAL_OWNER, "new", folder.key, now=NOW)
    assert (moved.folder, moved.version) == (folder.key, 1)
    assert people.segments.change(LOCAL_OWNER, "new", expected_version=1, document=IRISH, now=NOW).version == 2
    with pytest.raises(SegcoreError, match="folder"):
        people.segments.move(LOCAL_OWNER, "new", "no-such", now=NOW)


def test_a_new_folder_is_made_only_with_its_segment(people: Services) -> None:
    with pytest.raises(SegcoreError, match="already"):
        people.segments.save(LOCAL_OWNER, name="Active", document=IRISH, new_folder="Fresh", now=NOW)
    assert "Fresh" not in [folder.name for folder in people.folders.all(LOCAL_OWNER)]
    saved = people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, new_folder="Fresh", now=NOW)
    assert saved.folder == "fresh"
    with pytest.raises(SegcoreError, match="already"):
        people.segments.save(LOCAL_OWNER, name="Other", document=IRISH, new_folder="fresh", now=NOW)
    assert "other" not in counts(people)


def test_a_folder_holds_segments_of_its_own_kind(people: Services) -> None:
    folder = people.folders.create(LOCAL_OWNER, "Accounts", entity=Entity.COMPANY, now=NOW)
    people.segments.save(LOCAL_OWNER, name="Irish", document=IRISH, now=NOW)
    with pytest.raises(SegcoreError, match="holds segments of companies"):
        people.segments.move(LOCAL_OWNER, "irish", folder.key, now=NOW)
