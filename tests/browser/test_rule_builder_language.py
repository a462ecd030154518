"""The whole rule language in the filter builder: every line of the design's table, by keyboard alone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.rules import validate
from tests.browser.building import SCRIPT, Builder
from tests.browser.test_rule_builder import violations

pytestmark = pytest.mark.browser

TEXT, NUMBER, DATE = Kind.TEXT, Kind.NUMBER, Kind.DATE
SCHEMA = Schema(
    people={
        key: Attribute(key=key, kind=kind)
        for key, kind in (("country", TEXT), ("plan", TEXT), ("signed_up_at", Kind.DATETIME), ("place", Kind.LOCATION))
    },
    companies={key: Attribute(key=key, kind=TEXT) for key in ("name", "industry", "plan")},
    events=dict.fromkeys(("purchase", "email_opened", "invited", "signed_up"), ""),
    properties={
        key: Attribute(key=key, kind=kind)
        for key, kind in (("amount", NUMBER), ("category", TEXT), ("delivered_on", DATE), ("campaign", TEXT))
    },
)
PURCHASE: dict[str, Any] = {"event": "purchase", "operator": "gte", "value": 1}
INVITED = {"event": "invited", "operator": "eq", "value": 0}
AMOUNT = {"attribute": "amount", "operator": "gte", "value": 25}
HOME = {"attribute": "category", "operator": "is", "value": "Home"}
PRO = {"attribute": "plan", "operator": "is", "value": "Pro"}
IRELAND = {"attribute": "country", "operator": "is", "value": "Ireland"}


@pytest.fixture(scope="module")
def address(serve: Any) -> str:
    """The harness, running."""
    return str(serve(SCRIPT))


@pytest.fixture
def builder(page: Page, address: str) -> Builder:
    """An empty filter over people."""
    return Builder(page, address).open()


def meant(builder: Builder, *rules: dict[str, Any], entity: Entity = Entity.PERSON) -> None:
    """The server has exactly these conditions, and they are a valid rule."""
    document = {"all": list(rules)}
    builder.rule(document)
    segments = {"big-companies": Entity.COMPANY, "slipping-away": Entity.PERSON}
    assert validate.check(document, SCHEMA, entity, segments) == []


def in_the_last(builder: Builder, name: str, days: int) -> None:
    """The time of an event, from any token before it."""
    builder.go(f"Time of {name}")
    builder.press("Enter", "ArrowDown", "Enter")
    builder.type(str(days))


def test_did_purchase_at_least_twice_in_the_last_90_days(builder: Builder) -> None:
    builder.add("purchase")
    assert builder.focus() == "Number for Purchase"
    meant(builder, PURCHASE)
    builder.type("2")
    in_the_last(builder, "Purchase", 90)
    meant(builder, {**PURCHASE, "value": 2, "within": {"last": {"days": 90}}})
    line = builder.card.get_by_role("group", name="Condition 1: did Purchase at least 2 times in the last 90 days")
    expect(line).to_be_visible()


MEASURES: list[tuple[str, str, dict[str, Any]]] = [
    ("count", "times", {"operator": "gte", "value": 300}),
    ("sum", "in total", {"of": "amount", "operator": "gte", "value": 300}),
    ("mean", "on average", {"of": "amount", "operator": "gte", "value": 300}),
    ("max", "largest", {"of": "amount", "operator": "gte", "value": 300}),
    ("min", "smallest", {"of": "amount", "operator": "gte", "value": 300}),
    ("distinct", "different values", {"of": "amount", "operator": "gte", "value": 300}),
    ("days", "different days", {"operator": "gte", "value": 300}),
    ("first", "first time", {"operator": "less_than_ago", "value": {"days": 300}}),
    ("last", "last time", {"operator": "less_than_ago", "value": {"days": 300}}),
]


@pytest.mark.parametrize(("key", "label", "asked"), MEASURES, ids=[key for key, _, _ in MEASURES])
def test_every_measure(builder: Builder, key: str, label: str, asked: dict[str, Any]) -> None:
    builder.add("purchase")
    builder.go("Measure of Purchase")
    builder.choose(label)
    if "of" in asked and "not chosen yet" in builder.focus():
        builder.choose("amount")
    value = builder.card.get_by_label("for Purchase", exact=False).and_(builder.card.locator("input")).first
    value.focus()
    builder.press("Control+a")
    builder.type("300")
    named = {} if key == "count" else {"measure": key}
    meant(builder, {"event": "purchase", **named, **asked})


def test_the_largest_date_is_asked_as_a_date(builder: Builder) -> None:
    builder.add("purchase")
    builder.go("Measure of Purchase")
    builder.choose("largest")
    builder.choose("delivered")
    builder.type("30")
    asked = {"measure": "max", "of": "delivered_on", "operator": "less_than_ago", "value": {"days": 30}}
    meant(builder, {"event": "purchase", **asked})


WINDOWS: list[tuple[str, int, list[str], dict[str, Any]]] = [
    ("hours", 1, [], {"last": {"hours": 12}}),
    ("period", 2, ["last mon"], {"period": "last_month"}),
    ("between", 3, ["1 nov 2026", "30 nov 2026"], {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}),
    ("since", 4, ["1 jul 2026 14:30"], {"from": "2026-07-01T13:30:00Z"}),
    ("before", 5, ["1 jul 2026"], {"to": "2026-06-30T23:00:00Z"}),
]


@pytest.mark.parametrize(("kind", "down", "typed", "window"), WINDOWS, ids=[each[0] for each in WINDOWS])
def test_every_window(builder: Builder, kind: str, down: int, typed: list[str], window: dict[str, Any]) -> None:
    builder.add("purchase")
    builder.go("Time of Purchase")
    builder.press("Enter", *["ArrowDown"] * down, "Enter")
    for text in typed:
        builder.choose(text)
    if kind == "hours":
        builder.type("12")
        builder.press("Tab")
        builder.choose("h")
    meant(builder, {**PURCHASE, "within": window})
    if kind == "between":
        expect(builder.button("Last day for Purchase: 30 Nov 2026")).to_be_visible()
    builder.go("Time of Purchase", back=True)
    builder.press("Enter", "Home", "Enter")
    meant(builder, PURCHASE)


def test_where_with_a_group_in_it(builder: Builder) -> None:
    builder.add("purchase")
    builder.go("+ where for Purchase")
    builder.choose("amount")
    builder.type("25")
    meant(builder, {**PURCHASE, "where": {"all": [AMOUNT]}})
    builder.go("+ Group to where of Purchase")
    builder.press("Enter")
    assert builder.focus() == "+ Condition to the group, any of these"
    builder.choose("category")
    builder.choose("Home")
    meant(builder, {**PURCHASE, "where": {"all": [AMOUNT, {"any": [HOME]}]}})
    expect(builder.card.get_by_role("group", name="Condition 1: Amount")).to_contain_text("where")
    # The last property takes the "where" along.
    builder.press("Alt+Backspace")
    builder.go("match any of these", back=True)
    builder.press("Alt+Backspace")
    meant(builder, {**PURCHASE, "where": {"all": [AMOUNT]}})
    builder.press("Alt+Backspace")
    meant(builder, PURCHASE)
    assert builder.focus() == "Event: Purchase"
    builder.press("Control+z")
    meant(builder, {**PURCHASE, "where": {"all": [AMOUNT]}})


def test_where_any_of_these(builder: Builder) -> None:
    builder.add("purchase")
    builder.go("+ where for Purchase")
    builder.choose("amount")
    builder.type("25")
    builder.go("+ and to where of Purchase")
    builder.choose("category")
    builder.choose("Home")
    builder.go("match all of these")
    builder.choose("any")
    meant(builder, {**PURCHASE, "where": {"any": [AMOUNT, HOME]}})


def test_an_unfinished_property_is_told_and_left_out(builder: Builder) -> None:
    builder.add("purchase")
    builder.go("+ where for Purchase")
    builder.choose("amount")
    builder.rule({"all": [PURCHASE]}, unfinished=1)
    builder.press("Control+Enter")
    assert builder.focus() == "Number for Amount, in EUR"
    assert builder.told()["saves"] == 0


def test_did_not_says_who_never_did_anything(builder: Builder) -> None:
    builder.add("invited")
    builder.go("did Invited", back=True)
    builder.choose("did not")
    meant(builder, INVITED)
    expect(builder.card.get_by_text("Including 12,004 who never did anything")).to_be_visible()
    in_the_last(builder, "Invited", 90)
    not_lately = {**INVITED, "within": {"last": {"days": 90}}}
    meant(builder, not_lately)
    builder.go("Only people who signed up at least 90 days ago")
    builder.press("Enter")
    older = {"attribute": "signed_up_at", "operator": "at_least_ago", "value": {"days": 90}}
    meant(builder, not_lately, older)
    expect(builder.button("Only people who signed up")).to_have_count(0)


def test_turning_did_around_is_did_not(builder: Builder) -> None:
    builder.add("invited")
    builder.go("More for Invited")
    builder.press("Enter", "t", "Enter")
    meant(builder, INVITED)
    builder.go("More for Invited")
    builder.press("Enter", "t", "Enter")
    meant(builder, {"event": "invited", "operator": "gte", "value": 1})


def test_in_order_each_within_three_days(builder: Builder) -> None:
    builder.add("several in order")
    builder.rule({"all": []}, unfinished=1)
    builder.choose("joined")
    builder.choose("invited")
    steps: list[dict[str, Any]] = [{"event": "signed_up"}, {"event": "invited"}]
    meant(builder, {"sequence": steps})
    builder.go("Time between the steps", back=True)
    builder.press("Enter", "ArrowDown", "Enter")
    builder.type("3")
    builder.go("Time of the steps")
    builder.press("Enter", "ArrowDown", "Enter")
    builder.type("30")
    within = {"each_within": {"days": 3}, "within": {"last": {"days": 30}}}
    meant(builder, {"sequence": steps, **within})
    builder.go("+ Step")
    builder.press("Enter")
    builder.choose("purchase")
    builder.go("+ where for Purchase")
    builder.choose("amount")
    builder.type("25")
    meant(builder, {"sequence": [*steps, {"event": "purchase", "where": {"all": [AMOUNT]}}], **within})
    builder.go("Event of the step: Purchase", back=True)
    builder.press("Alt+ArrowUp")
    moved = [steps[0], {"event": "purchase", "where": {"all": [AMOUNT]}}, steps[1]]
    meant(builder, {"sequence": moved, **within})
    builder.press("Alt+Backspace")
    meant(builder, {"sequence": steps, **within})


@pytest.mark.parametrize(
    ("word", "key"), [("any", "any"), ("every", "all"), ("no", "none"), ("the primary", "primary")]
)
def test_company_any_every_no_and_primary(builder: Builder, word: str, key: str) -> None:
    builder.add("company plan")
    builder.rule({"all": []}, unfinished=1)
    builder.choose("Pro")
    if key != "any":
        builder.go("Which of their companies", back=True)
        builder.choose(word)
    meant(builder, {"company": key, "rule": {"all": [PRO]}})


def test_a_group_over_companies_nests_as_any_other(builder: Builder) -> None:
    builder.add("company that")
    assert builder.focus() == "+ Condition to the company"
    builder.rule({"all": []}, unfinished=1)
    builder.choose("industry")
    builder.choose("Retail")
    builder.go("+ Group to the company")
    builder.press("Enter")
    builder.choose("number of people")
    builder.choose("country")
    builder.choose("Irel")
    builder.go("Number for People", back=True)
    builder.press("Control+a")
    builder.type("5")
    retail = {"attribute": "industry", "operator": "is", "value": "Retail"}
    five = {"people": {"all": [IRELAND]}, "operator": "gte", "value": 5}
    meant(builder, {"company": "any", "rule": {"all": [retail, {"any": [five]}]}})
    expect(builder.card.get_by_role("group", name="Condition 1: Industry")).to_contain_text("companies")


def test_has_at_least_five_people_who(page: Page, address: str) -> None:
    builder = Builder(page, address).open("company")
    builder.add("number of people")
    assert builder.focus() == "+ Condition to the people"
    builder.choose("purchase")
    builder.go("+ Condition to the people")
    builder.choose("country")
    builder.choose("Irel")
    builder.go("Number for People", back=True)
    builder.press("Control+a")
    builder.type("5")
    meant(builder, {"people": {"all": [PURCHASE, IRELAND]}, "operator": "gte", "value": 5}, entity=Entity.COMPANY)


def test_segments_are_those_of_what_is_filtered(page: Page, address: str) -> None:
    builder = Builder(page, address).open("company")
    builder.add("big")
    meant(builder, {"segment": "big-companies", "operator": "in"}, entity=Entity.COMPANY)
    builder.add("slipping")
    expect(builder.popover).to_contain_text("Nothing is called “slipping”")


def test_within_25_km_of_a_city_of_the_data(builder: Builder) -> None:
    builder.add("place")
    builder.type("25")
    builder.press("Tab")
    builder.choose("dub")
    place = {"latitude": 53.34, "longitude": -6.26, "km": 25}
    meant(builder, {"attribute": "place", "operator": "within_km", "value": place})
    assert builder.focus() == "Place for Place: Dublin"


def test_a_stable_random_tenth(builder: Builder) -> None:
    builder.add("random")
    builder.type("10")
    meant(builder, {"sample": {"salt": "A", "from": 0, "to": 10}})
    builder.press("Tab")
    builder.choose("B")
    meant(builder, {"sample": {"salt": "B", "from": 0, "to": 10}})


def test_mail_is_an_event_with_its_campaign(builder: Builder) -> None:
    builder.add("e-mail opened")
    builder.go("+ where for E-mail opened")
    builder.choose("campaign")
    builder.choose("Spring")
    campaign = {"attribute": "campaign", "operator": "is", "value": "Spring offer"}
    meant(builder, {"event": "email_opened", "operator": "gte", "value": 1, "where": {"all": [campaign]}})


def test_the_picker_has_its_categories_with_hints(builder: Builder) -> None:
    builder.button("+ Condition").focus()
    builder.press("Enter", "Alt+ArrowRight", "Alt+ArrowRight")
    names = ["Everything", "Attributes", "Events", "Company", "Segments", "Location", "Sample"]
    expect(builder.popover.get_by_role("group", name="Categories").get_by_role("button")).to_have_text(names)
    expect(builder.popover.get_by_role("option").first).to_contain_text("34,769 in 30 days")


def test_a_stored_rule_of_the_whole_language_comes_back_as_it_was(open_page: Callable[..., Page], address: str) -> None:
    builder = Builder(open_page(), address).open("language")
    before = builder.told()["rule"]
    builder.add("mobile")
    # A single condition in a "where" gets a group around it; all else is written as it was read.
    step = before["all"][4]["sequence"][1]
    step["where"] = {"all": [step["where"]]}
    builder.rule({"all": [*before["all"], {"attribute": "mobile", "operator": "is_true"}]})


def test_conditions_do_not_move_to_where_something_else_is_asked(open_page: Callable[..., Page], address: str) -> None:
    builder = Builder(open_page(), address).open("language")
    before = builder.told()["rule"]
    builder.card.get_by_role("group", name="Condition 1: Amount").first.locator("[data-token=subject]").focus()
    builder.press("Alt+ArrowUp")
    builder.page.wait_for_timeout(300)
    assert builder.told()["rule"] == before
    builder.press("Alt+ArrowDown")
    amount, inner = before["all"][1]["where"]["all"]
    before["all"][1]["where"]["all"] = [{"any": [amount, *inner["any"]]}]
    before["all"][4]["sequence"][1]["where"] = {"all": [before["all"][4]["sequence"][1]["where"]]}
    builder.rule(before)


def test_what_may_only_be_read_has_no_controls(open_page: Callable[..., Page], address: str) -> None:
    builder = Builder(open_page(), address).open("readonly-language")
    expect(builder.card).to_contain_text("did in order")
    expect(builder.card.get_by_role("button")).to_have_text(["Fold to a sentence", "Copy the sentence", "Copy as JSON"])
    expect(builder.card.locator("input")).to_have_count(0)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(open_page: Callable[..., Page], address: str, scheme: str) -> None:
    builder = Builder(open_page(scheme=scheme, height=1600), address).open("language")
    found = violations(builder)
    builder.button("Time of Invited: in the last").click()
    found += violations(builder)
    builder.press("Escape")
    builder.button("Place for Place: Dublin").click()
    found += violations(builder)
    assert found == []


def test_a_phone_shows_everything_without_scrolling_sideways(open_page: Callable[..., Page], address: str) -> None:
    builder = Builder(open_page(width=390, height=844, has_touch=True), address).open("language")
    builder.button("Show the conditions").click()
    wide = """() => document.documentElement.scrollWidth > innerWidth + 1
        || [...document.querySelector("[data-testid=stBidiComponentIsolated]").shadowRoot.querySelectorAll(".card, .card *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.className).join()"""
    assert not builder.page.evaluate(wide)


def test_a_hundred_events_and_three_hundred_attributes_stay_quick(open_page: Callable[..., Page], address: str) -> None:
    builder = Builder(open_page(), address).open("big")
    builder.add("event number 57")
    meant_by = {"event": "event_57", "operator": "gte", "value": 1}
    builder.rule({"all": [meant_by]})


def test_advice_stands_beside_its_node_and_changes_it_with_one_click(page: Page, address: str) -> None:
    builder = Builder(page, address).open("advice")
    first, _, third = builder.told()["rule"]["all"]
    expect(builder.card.locator(".warning")).to_have_count(3)
    builder.button("Remove it").focus()
    builder.press("Enter")
    better = {"attribute": "plan", "operator": "is_none_of", "value": ["Pro", "Business"]}
    builder.button("Change it").focus()
    builder.press("Enter")
    builder.rule({"all": [first, better]})
    builder.button("Use Ireland").focus()
    builder.press("Enter")
    builder.rule({"all": [{**third, "value": "Ireland"}, better]})
    expect(builder.card.locator(".warning")).to_have_count(0)
