"""How the count changes with one number or date: the line, the list and the table, by keyboard, pointer and finger."""

import json
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.building import SCRIPT, Builder
from tests.browser.test_rule_builder import violations

pytestmark = pytest.mark.browser

PHOTOS: dict[str, Any] = {"attribute": "uploaded_photos", "operator": "gte", "value": 80}


@pytest.fixture(scope="module")
def address(serve: Any) -> str:
    """The harness, running."""
    return str(serve(SCRIPT))


@pytest.fixture
def builder(page: Page, address: str) -> Builder:
    """An empty filter over people."""
    return Builder(page, address).open()


def photos(builder: Builder) -> None:
    """Uploaded photos is at least 80."""
    builder.add("photos")
    builder.type("80")
    builder.rule({"all": [PHOTOS]})


def curve(builder: Builder, name: str, last: bool = False) -> None:
    """Open it from the menu of a line, by keyboard."""
    menus = builder.button(f"More for {name}")
    (menus.last if last else menus.first).focus()
    builder.press("Enter", "h", "Enter")
    expect(builder.popover).to_contain_text(f"How the count changes with {name}")


def test_the_line_is_walked_and_a_step_is_set_by_keyboard(builder: Builder) -> None:
    photos(builder)
    curve(builder, "Uploaded photos")
    line = builder.popover.get_by_role("slider", name="How the count changes with Uploaded photos")
    expect(line).to_be_focused()
    expect(line).to_have_attribute("aria-valuetext", "at least 80: 930 people, as it is now")
    builder.press("ArrowRight")
    expect(line).to_have_attribute("aria-valuetext", "at least 100: 920 people, 10 fewer than now")
    expect(builder.popover.locator(".curve-said")).to_contain_text("at least 100: 920 people")
    builder.press("Home")
    expect(line).to_have_attribute("aria-valuetext", "at least 0: 1,000 people, 70 more than now")
    builder.press("ArrowRight", "Enter")
    expect(builder.popover).to_be_hidden()
    builder.rule({"all": [{**PHOTOS, "value": 1}]})
    assert builder.focus() == "More for Uploaded photos"
    builder.press("Control+z")
    builder.rule({"all": [PHOTOS]})


def test_escape_leaves_the_value_as_it_is(builder: Builder) -> None:
    photos(builder)
    curve(builder, "Uploaded photos")
    builder.press("ArrowLeft", "ArrowLeft", "Escape")
    expect(builder.popover).to_be_hidden()
    assert builder.focus() == "More for Uploaded photos"
    builder.rule({"all": [PHOTOS]})


def test_a_click_on_the_line_sets_the_threshold_under_the_pointer(builder: Builder) -> None:
    photos(builder)
    builder.card.get_by_role("group", name="Condition 1: Uploaded photos").hover()
    builder.card.get_by_role("button", name="How the count changes with Uploaded photos").click()
    line = builder.popover.get_by_role("slider")
    expect(line).to_be_focused()
    box = line.bounding_box()
    assert box is not None
    builder.page.mouse.move(box["x"] + box["width"] - 2, box["y"] + 40)
    expect(builder.popover.locator(".curve-said")).to_contain_text("at least 500: 900 people")
    builder.page.mouse.click(box["x"] + box["width"] - 2, box["y"] + 40)
    builder.rule({"all": [{**PHOTOS, "value": 500}]})


def test_the_same_as_a_table(builder: Builder) -> None:
    photos(builder)
    curve(builder, "Uploaded photos")
    builder.popover.get_by_role("button", name="Show as table").click()
    table = builder.popover.get_by_role("table", name="How the count changes with Uploaded photos")
    expect(table.get_by_role("columnheader")).to_have_text(["At least …", "People", "Against now"])
    expect(table.get_by_role("row")).to_have_count(12)
    expect(table.get_by_role("row", name="at least 80: 930 people 930 now")).to_have_attribute("aria-current", "true")
    assert builder.focus() == "at least 80: 930 people"
    builder.press("ArrowDown")
    assert builder.focus() == "at least 100: 920 people"
    builder.press("Home", "Enter")
    builder.rule({"all": [{**PHOTOS, "value": 0}]})


def test_few_thresholds_are_a_list_and_so_is_what_is_asked_for_exactly(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open("company")
    builder.add("Number of people")
    builder.go("Operator for People", back=True)
    curve(builder, "People")
    expect(builder.popover.get_by_role("table")).to_be_visible()
    expect(builder.popover.get_by_role("slider")).to_have_count(0)
    expect(builder.popover.get_by_role("button", name="Show as")).to_have_count(0)
    assert builder.focus() == "at least 1 person: 1,000 companies"
    builder.press("ArrowDown", "Enter")
    builder.rule({"all": [{"people": {"all": []}, "operator": "gte", "value": 2}]})


def test_each_end_of_a_range_and_the_time_of_an_event_have_their_own(builder: Builder) -> None:
    builder.add("photos")
    builder.operate("Uploaded photos", "is between")
    builder.type("10")
    builder.press("Tab")
    builder.type("40")
    between = {"attribute": "uploaded_photos", "operator": "between", "value": [10, 40]}
    builder.rule({"all": [between]})
    curve(builder, "Uploaded photos")
    said = builder.popover.locator(".curve-said")
    expect(said).to_contain_text("between 10 and 40: 970 people")
    builder.popover.get_by_role("button", name="Upper end").click()
    expect(said).to_contain_text("between 10 and 40: 950 people")
    builder.press("Tab", "ArrowRight", "Enter")
    builder.rule({"all": [{**between, "value": [10, 60]}]})
    builder.press("Alt+Backspace")
    builder.add("purchase")
    builder.go("Time of Purchase")
    builder.press("Enter", "ArrowDown", "Enter")
    builder.type("90")
    bought = {"event": "purchase", "operator": "gte", "value": 1, "within": {"last": {"days": 90}}}
    builder.rule({"all": [bought]})
    curve(builder, "Purchase")
    expect(said).to_contain_text("at least 1 time:")
    builder.popover.get_by_role("button", name="Time", exact=True).click()
    expect(said).to_contain_text("in the last 90 days")
    builder.press("Tab", "ArrowRight", "Enter")
    builder.rule({"all": [{**bought, "within": {"last": {"days": 100}}}]})


def test_dates_roll_and_stand_in_the_calendar(builder: Builder) -> None:
    builder.add("signed")
    builder.type("14")
    ago = {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 14}}
    builder.rule({"all": [ago]})
    curve(builder, "Signed up")
    said = builder.popover.locator(".curve-said")
    expect(said).to_contain_text("less than 14 days ago: 960 people")
    builder.press("ArrowRight", "Enter")
    builder.rule({"all": [{**ago, "value": {"days": 20}}]})
    builder.operate("Signed up", "on or after")
    builder.press("Enter")
    builder.type("1 oct 2026")
    builder.press("Enter")
    after = {"attribute": "signed_up_at", "operator": "on_or_after", "value": "2026-10-01"}
    builder.rule({"all": [after]})
    curve(builder, "Signed up")
    expect(said).to_contain_text("on or after 1 Oct 2026: 910 people")
    builder.press("ArrowLeft", "Enter")
    builder.rule({"all": [{**after, "value": "2026-09-01"}]})


def test_it_asks_about_the_whole_filter_as_it_is_written_now(builder: Builder) -> None:
    asked: list[Any] = []

    def note(route: Route) -> None:
        asked.append((route.request.method, json.loads(route.request.post_data or "{}")))
        route.continue_()

    builder.page.route("**/curve", note)
    builder.add("mobile")
    builder.add("plan")
    builder.press("Escape")
    builder.add("photos")
    builder.type("9007199254740993")
    large = {"integer": "9007199254740993"}
    builder.rule(
        {"all": [{"attribute": "mobile", "operator": "is_true"}, {**PHOTOS, "value": 2**53 + 1}]}, unfinished=1
    )
    curve(builder, "Uploaded photos")
    expect(builder.popover.locator(".curve-said")).to_contain_text("at least 9,007,199,254,740,993")
    rule = {"all": [{"attribute": "mobile", "operator": "is_true"}, {**PHOTOS, "value": large}]}
    told = {"entity": "person", "rule": rule, "path": "all[1]", "part": "value", "now": "2026-11-22T04:12:09+00:00"}
    assert asked == [("POST", told)]


@pytest.mark.parametrize(
    ("name", "operator", "keys"),
    [("country", None, "Spain"), ("mobile", None, None), ("signed", "in …", "last month"), ("lifetime", "is…", "25.5")],
)
def test_it_is_not_offered_where_it_makes_no_sense(
    builder: Builder, name: str, operator: str | None, keys: str | None
) -> None:
    builder.add(name)
    if name == "signed":
        builder.operate("Signed up", "in today")
    menu = builder.card.locator("[data-token=menu]")
    menu.focus()
    builder.press("Enter")
    expect(builder.popover.get_by_role("menuitem").first).to_be_visible()
    expect(builder.popover.get_by_role("menuitem", name="How the count changes")).to_have_count(0)


def test_a_server_that_fails_is_told_and_asked_again(builder: Builder) -> None:
    failing = [True]

    def answer(route: Route) -> None:
        route.fulfill(status=500) if failing else route.continue_()

    builder.page.route("**/curve", answer)
    photos(builder)
    curve(builder, "Uploaded photos")
    expect(builder.popover).to_contain_text("The counts could not be loaded.")
    assert builder.focus() == "Try again"
    failing.clear()
    builder.press("Enter")
    expect(builder.popover.get_by_role("slider")).to_be_focused()


def test_on_a_phone_it_is_a_sheet_and_a_finger_looks_before_it_sets(open_page: Any, address: str) -> None:
    page = open_page(width=390, height=844, has_touch=True)
    builder = Builder(page, address).open("design")
    builder.button("Show the conditions").tap()
    builder.button("More for Uploaded photos").tap()
    builder.popover.get_by_role("menuitem", name="How the count changes").tap()
    line = builder.popover.get_by_role("slider")
    expect(line).to_be_visible()
    box = builder.popover.bounding_box()
    assert box is not None
    assert (round(box["x"]), round(box["width"]), round(box["y"] + box["height"])) == (0, 390, 844)
    drawn = line.bounding_box()
    assert drawn is not None
    page.touchscreen.tap(drawn["x"] + drawn["width"] - 2, drawn["y"] + 60)
    expect(builder.popover.locator(".curve-said")).to_contain_text("more than 500: 900 people")
    before = builder.told()["rule"]
    builder.popover.get_by_role("button", name="Set to 500").tap()
    wanted = json.loads(json.dumps(before).replace('"operator": "gt", "value": 80', '"operator": "gt", "value": 500'))
    builder.rule(wanted)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Any, address: str, scheme: str) -> None:
    builder = Builder(open_page(scheme=scheme), address).open("design")
    curve(builder, "Uploaded photos")
    expect(builder.popover.get_by_role("slider")).to_be_focused()
    assert violations(builder) == []
    builder.popover.get_by_role("button", name="Show as table").click()
    assert violations(builder) == []
