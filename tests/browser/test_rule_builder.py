"""The filter builder in a real browser: every condition by keyboard, and what it sends."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.rules import operators, validate
from segcore.rules.operators import Operand, Operator
from tests.browser.building import SCRIPT, Builder

pytestmark = pytest.mark.browser

ATTRIBUTES = {
    Kind.TEXT: ("country", "Country"),
    Kind.NUMBER: ("uploaded_photos", "Uploaded photos"),
    Kind.BOOLEAN: ("mobile", "Downloaded mobile app"),
    Kind.DATE: ("born_on", "Born"),
    Kind.DATETIME: ("signed_up_at", "Signed up"),
    Kind.LIST: ("tags", "Tags"),
    Kind.LOCATION: ("place", "Place"),
}
SCHEMA = Schema(people={key: Attribute(key=key, kind=kind, label=label) for kind, (key, label) in ATTRIBUTES.items()})
EVERYONE: dict[str, Any] = {"all": []}


@pytest.fixture(scope="module")
def address(serve: Any) -> str:
    """The harness, running."""
    return str(serve(SCRIPT))


@pytest.fixture(scope="module")
def shared(browser: Browser, address: str) -> Iterator[Builder]:
    """One page for all that begin with an empty filter."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    yield Builder(page, address).open()
    context.close()
    assert errors == []


@pytest.fixture
def builder(shared: Builder) -> Iterator[Builder]:
    """The shared page, emptied again by keyboard."""
    yield shared
    shared.press("Escape")
    while (rows := shared.card.locator(".rows > .row, .rows > .group > .head")).count():
        rows.first.locator("[data-token]").first.focus()
        shared.press("Alt+Backspace")


def plain(operator: Operator, kind: Kind) -> str:
    """An operator as the list shows it."""
    return operators.label(operator, kind)


def fill(builder: Builder, operand: Operand, kind: Kind, key: str) -> Any:
    """Type a value by keyboard, from the first empty token on; gives the value that is meant."""
    press, write = builder.press, builder.type
    match operand:
        case Operand.NONE:
            return None
        case Operand.ONE if kind is Kind.NUMBER:
            write("12.5")
            return 12.5
        case Operand.ONE:
            press("Enter")
            write("vip" if kind is Kind.LIST else "Irel")
            press("Enter")
            if kind is Kind.LIST:
                return "vip"
            return "Ireland" if key in ("is", "is_not") else "Irel"
        case Operand.MANY:
            wanted = {Kind.NUMBER: [1, -2.5], Kind.LIST: ["vip", "beta"]}.get(kind, ["Ireland", "Spain"])
            press("Enter")
            for value in wanted:
                write(str(value))
                press("Enter")
            press("Escape")
            return wanted
        case Operand.RANGE if kind is Kind.NUMBER:
            write("10")
            press("Tab")
            write("20")
            return [10, 20]
        case Operand.RANGE:
            for text in ("1 nov 2026", "2026-11-30"):
                press("Enter")
                write(text)
                press("Enter")
            return ["2026-11-01", "2026-11-30"]
        case Operand.PATTERN | Operand.DOMAIN | Operand.DOMAINS:
            text = "^A.*z$" if operand is Operand.PATTERN else "acme.com"
            press("Enter")
            write(text)
            press("Enter")
            if operand is not Operand.DOMAINS:
                return text
            press("Escape")
            return [text]
        case Operand.AGO:
            write("14")
            press("Tab", "Enter", "w", "Enter")
            return {"weeks": 14}
        case Operand.DAY:
            press("Enter")
            write("1 nov 2026")
            press("Enter")
            return "2026-11-01"
        case Operand.WHEN:
            press("Enter")
            write("1 jul 2026 14:30" if kind is Kind.DATETIME else "1 jul 2026")
            press("Enter")
            return "2026-07-01T13:30:00Z" if kind is Kind.DATETIME else "2026-07-01"
        case Operand.PERIOD:
            press("Enter")
            write("last mon")
            press("Enter")
            return "last_month"
        case Operand.DAYS:
            write("7")
            return 7
        case Operand.WITHIN:
            write("30")
            return {"days": 30}
        case Operand.WEEKDAYS:
            press("Enter", "m", "Space", "w", "Enter", "Escape")
            return ["monday", "wednesday"]
        case Operand.COUNT:
            write("2")
            return 2
        case Operand.PLACE:
            write("25")
            press("Tab", "Enter")
            write("53.35, -6.26")
            press("Enter")
            return {"latitude": 53.35, "longitude": -6.26, "km": 25}


CASES = [
    pytest.param(kind, operator, id=f"{kind.value}-{operator.key}")
    for kind in ATTRIBUTES
    for operator in operators.for_kind(kind)
]


@pytest.mark.parametrize(("kind", "operator"), CASES)
def test_every_condition_is_made_by_keyboard(builder: Builder, kind: Kind, operator: Operator) -> None:
    key, label = ATTRIBUTES[kind]
    builder.add(label)
    builder.operate(label, plain(operator, kind))
    value = fill(builder, operator.operand, kind, operator.key)
    meant: dict[str, Any] = {"attribute": key, "operator": operator.key}
    if operator.operand is not Operand.NONE:
        meant["value"] = value
    builder.rule({"all": [meant]})
    assert validate.check({"all": [meant]}, SCHEMA, Entity.PERSON, {}) == []


def test_plus_condition_enter_plan_enter_enter_pro_enter(builder: Builder) -> None:
    builder.card.get_by_role("button", name="+ Condition").focus()
    builder.press("Enter")
    builder.type("plan")
    builder.press("Enter", "Enter")
    builder.type("Pro")
    builder.press("Enter")
    builder.rule({"all": [{"attribute": "plan", "operator": "is", "value": "Pro"}]})
    assert builder.focus() == "Value for Plan: Pro"


def test_a_segment_is_in_and_turned_around_not_in(builder: Builder) -> None:
    builder.add("slipping")
    assert builder.focus() == "Operator for Slipping away: is in"
    builder.rule({"all": [{"segment": "slipping-away", "operator": "in"}]})
    builder.button("More for Slipping away").focus()
    builder.press("Enter", "t", "Enter")
    builder.rule({"all": [{"segment": "slipping-away", "operator": "not_in"}]})


def test_free_text_counts_as_typed(builder: Builder) -> None:
    builder.add("country")
    builder.press("Enter")
    builder.type("Atlantis")
    builder.press("Enter")
    builder.rule({"all": [{"attribute": "country", "operator": "is", "value": "Atlantis"}]})


def test_match_case_is_in_the_foot_of_the_operators(builder: Builder) -> None:
    condition = {"attribute": "country", "operator": "is", "value": "Spain"}
    builder.add("country")
    builder.press("Enter")
    builder.type("Spain")
    builder.press("Enter", "Shift+Tab", "Enter", "Tab")
    assert builder.focus() == "Match case"
    builder.press("Space")
    builder.rule({"all": [{**condition, "match_case": True}]})
    expect(builder.card.get_by_text("matching case")).to_be_visible()
    builder.press("Space", "Escape")
    assert builder.focus() == "Operator for Country: is"
    builder.rule({"all": [condition]})


def test_escape_gives_the_focus_back_to_the_token(builder: Builder) -> None:
    builder.add("country")
    for name in ("Value for Country", "Operator for Country", "Attribute: Country", "More for Country"):
        builder.button(name).focus()
        builder.press("Enter")
        expect(builder.popover).to_be_visible()
        builder.press("Escape")
        expect(builder.popover).to_be_hidden()
        assert builder.focus().startswith(name)


def test_unfinished_conditions_are_dashed_and_left_out(builder: Builder) -> None:
    builder.add("plan")
    builder.rule(EVERYONE, unfinished=1)
    token = builder.button("Value for Plan: not chosen yet")
    assert token.evaluate("e => getComputedStyle(e).borderStyle") == "dashed"
    expect(builder.card.get_by_text("1 unfinished condition is not counted")).to_be_visible()
    expect(builder.card.get_by_text("Choose a value, or remove this condition.")).to_be_visible()
    saves = builder.told()["saves"]
    builder.press("Control+Enter")
    builder.page.wait_for_timeout(300)
    assert builder.told()["saves"] == saves
    assert builder.focus() == "Value for Plan: not chosen yet"


def test_control_enter_saves_what_was_just_typed(builder: Builder) -> None:
    builder.add("photos")
    builder.type("80")
    saves = builder.told()["saves"]
    builder.press("Control+Enter")
    builder.rule({"all": [{"attribute": "uploaded_photos", "operator": "gte", "value": 80}]})
    expect(builder.page.locator(".st-key-sent")).to_contain_text(f'"saves": {saves + 1}')


def test_undo_and_redo_take_a_burst_of_typing_as_one_step(builder: Builder) -> None:
    def photos(value: int) -> dict[str, Any]:
        return {"all": [{"attribute": "uploaded_photos", "operator": "gte", "value": value}]}

    builder.add("photos")
    builder.type("80")
    builder.rule(photos(80))
    builder.press("Tab")
    builder.press("Control+z")
    builder.rule(EVERYONE, unfinished=1)
    builder.press("Control+z")
    builder.rule(EVERYONE)
    builder.press("Control+Shift+z", "Control+Shift+z")
    builder.rule(photos(80))
    builder.button("Undo").click()
    builder.rule(EVERYONE, unfinished=1)
    builder.button("Redo").click()
    builder.rule(photos(80))


def test_pasted_lists_are_split_at_commas_semicolons_and_lines(builder: Builder) -> None:
    for pasted in ("a.com, b.com,c.com", "a.com;b.com; c.com", "a.com\nb.com\r\nc.com\n"):
        builder.add("e-mail")
        builder.operate("E-mail", "has a domain among")
        builder.press("Enter")
        paste(builder, pasted)
        builder.press("Escape")
        meant = {"attribute": "email", "operator": "domain_is_any_of", "value": ["a.com", "b.com", "c.com"]}
        builder.rule({"all": [meant]})
        builder.press("Alt+Backspace")
        builder.rule(EVERYONE)


def test_pasted_numbers_are_read_and_what_is_none_is_told(builder: Builder) -> None:
    builder.add("photos")
    builder.operate("Uploaded photos", "is any of")
    builder.press("Enter")
    paste(builder, "1\n1,234\nsome\n9007199254740993")
    expect(builder.popover).to_contain_text("3 added; not numbers: some")
    builder.press("Escape")
    meant = {"attribute": "uploaded_photos", "operator": "is_any_of", "value": [1, 1234, 9007199254740993]}
    builder.rule({"all": [meant]})


def paste(builder: Builder, text: str) -> None:
    """Paste, as the clipboard would."""
    builder.popover.get_by_role("combobox").evaluate(
        """(field, text) => {
            const clipboardData = new DataTransfer();
            clipboardData.setData("text/plain", text);
            field.dispatchEvent(new ClipboardEvent("paste", {clipboardData, bubbles: true, cancelable: true}));
        }""",
        text,
    )


def test_groups_nest_and_conditions_move_in_and_out(builder: Builder) -> None:
    plan = {"attribute": "plan", "operator": "is", "value": "Pro"}
    spain = {"attribute": "country", "operator": "is", "value": "Spain"}
    for name, value in (("plan", "Pro"), ("country", "Spain")):
        builder.add(name)
        builder.press("Enter")
        builder.type(value)
        builder.press("Enter")
    builder.rule({"all": [plan, spain]})
    builder.press("Alt+ArrowUp")
    builder.rule({"all": [spain, plan]})
    assert builder.focus() == "Value for Country: Spain"
    builder.button("More for Plan").focus()
    builder.press("Enter", "p", "Enter")
    builder.rule({"all": [spain, {"any": [plan]}]})
    assert builder.focus() == "match any of these"
    builder.press("Enter", "n", "Enter")
    builder.rule({"all": [spain, {"none": [plan]}]})
    builder.button("Value for Country").focus()
    builder.press("Alt+ArrowDown")
    builder.rule({"all": [{"none": [spain, plan]}]})
    builder.press("Alt+ArrowUp")
    builder.rule({"all": [spain, {"none": [plan]}]})
    builder.button("More for the group, none of these").focus()
    builder.press("Enter", "u", "Enter")
    builder.rule({"all": [spain, plan]})
    builder.press("Alt+Backspace")
    builder.rule({"all": [spain]})
    assert builder.focus() == "Attribute: Country"


def test_a_line_is_dragged_into_a_group_and_out_again(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open("design")
    before = builder.told()["rule"]["all"]
    tags, group = builder.card.get_by_role("group", name="Condition 3: Tags"), before[3]
    tags.hover()
    last = builder.card.get_by_role("group", name="Condition 2: Uploaded photos")
    tags.locator(".grip").drag_to(last, target_position={"x": 300, "y": 34})
    inside = {"any": [*group["any"], before[2]]}
    builder.rule({"all": [*before[:2], inside, before[4]]})
    assert builder.focus() == "Attribute: Tags"
    moved = builder.card.get_by_role("group", name="Condition 3: Tags")
    moved.hover()
    top = builder.card.get_by_role("group", name="Condition 1: Country")
    moved.locator(".grip").drag_to(top, target_position={"x": 300, "y": 3})
    builder.rule({"all": [before[2], *before[:2], group, before[4]]})
    builder.press("Control+z", "Control+z")
    builder.rule({"all": before})


def test_turning_around_is_exactly_the_others(builder: Builder) -> None:
    builder.add("photos")
    builder.type("80")
    more = {"attribute": "uploaded_photos", "operator": "gte", "value": 80}
    builder.rule({"all": [more]})
    builder.button("More for Uploaded photos").focus()
    builder.press("Enter", "t", "Enter")
    builder.rule({"all": [{"none": [more]}]})
    builder.button("More for Uploaded photos").focus()
    builder.press("Enter", "t", "Enter")
    builder.rule({"all": [more]})


def test_duplicate_copies_a_condition_below_itself(builder: Builder) -> None:
    builder.add("mobile")
    true = {"attribute": "mobile", "operator": "is_true"}
    builder.button("More for Downloaded mobile app").focus()
    builder.press("Enter", "d", "Enter")
    builder.rule({"all": [true, true]})


def test_an_empty_group_is_unfinished_rather_than_no_one(builder: Builder) -> None:
    builder.card.get_by_role("button", name="+ Group").focus()
    builder.press("Enter")
    builder.rule(EVERYONE, unfinished=1)
    assert builder.focus() == "+ Condition to the group, any of these"
    builder.press("Enter")
    builder.type("mobile")
    builder.press("Enter")
    builder.rule({"all": [{"any": [{"attribute": "mobile", "operator": "is_true"}]}]})


def test_a_range_upside_down_is_not_counted_and_can_be_swapped(builder: Builder) -> None:
    builder.add("photos")
    builder.operate("Uploaded photos", "is between")
    builder.type("20")
    builder.press("Tab")
    builder.type("10")
    builder.rule(EVERYONE, unfinished=1)
    builder.button("Swap").click()
    builder.rule({"all": [{"attribute": "uploaded_photos", "operator": "between", "value": [10, 20]}]})


def test_notes_switch_missing_and_future_values(builder: Builder) -> None:
    builder.add("country")
    builder.operate("Country", "is not")
    builder.press("Enter")
    builder.type("United States")
    builder.press("Enter")
    condition = {"attribute": "country", "operator": "is_not", "value": "United States"}
    expect(builder.card.locator(".note")).to_contain_text("Including 214 with no country")
    keep = builder.card.get_by_role("switch", name="Keep those with no country")
    keep.focus()
    builder.press("Space")
    builder.rule({"all": [{**condition, "include_missing": False}]})
    expect(builder.card.get_by_text("214 with no country are left out")).to_be_visible()
    expect(keep).to_have_attribute("aria-checked", "false")
    assert builder.focus() == "Keep those with no country"
    builder.press("Space")
    builder.rule({"all": [condition]})
    builder.press("Alt+Backspace")
    builder.add("signed")
    builder.type("14")
    expect(builder.card.get_by_text("3 people have a future date; they do not count")).to_be_visible()
    builder.card.get_by_role("switch", name="Count future dates of Signed up").click()
    ago = {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 14}}
    builder.rule({"all": [{**ago, "include_future": True}]})


def test_alt_and_arrows_choose_the_category(builder: Builder) -> None:
    builder.card.get_by_role("button", name="+ Condition").focus()
    builder.press("Enter", *["Alt+ArrowRight"] * 4)
    pressed = builder.popover.get_by_role("button", name="Segments")
    expect(pressed).to_have_attribute("aria-pressed", "true")
    expect(builder.popover.get_by_role("option")).to_have_count(3)


def test_an_answer_while_typing_takes_neither_focus_nor_text(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open(slow="0.7")
    builder.add("photos")
    builder.type("1")
    builder.page.wait_for_timeout(450)  # sent; the answer is still on its way
    builder.type("2")
    builder.page.wait_for_timeout(500)  # the answer to "1" arrives
    assert builder.focus() == "Number for Uploaded photos"
    expect(builder.card.get_by_label("Number for Uploaded photos")).to_have_value("12")
    expect(builder.card).to_have_class("card waiting")
    builder.rule({"all": [{"attribute": "uploaded_photos", "operator": "gte", "value": 12}]})
    expect(builder.card).to_have_class("card")
    expect(builder.card.get_by_label("Number for Uploaded photos")).to_have_value("12")


def test_another_filter_replaces_the_tree_only_when_rev_changes(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open("design")
    builder.add("mobile")
    expect(builder.button("Attribute: Downloaded mobile app")).to_be_visible()
    builder.page.get_by_role("button", name="Load another").click()
    expect(builder.button("Value for Plan: Pro")).to_be_visible()
    expect(builder.button("Attribute: Country")).to_have_count(0)
    expect(builder.button("Undo")).to_be_disabled()


def test_the_waterfall_says_what_is_left_and_what_it_takes_away(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open("design")
    bar = builder.card.get_by_role("group", name="Condition 1: Country").get_by_role("img")
    expect(bar).to_have_attribute(
        "aria-label", "33,361 people left after this line; it takes away 14,849. Without this condition: 990 (+305)"
    )
    inner = builder.card.get_by_role("group", name="Condition 1: Plan")
    expect(inner).to_contain_text("alone")
    inner.get_by_role("img").hover()
    expect(builder.page.locator(".tip")).to_contain_text("match this alone, of 48,210")


def test_counts_are_announced_politely(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open()
    live = builder.page.locator(".live")
    expect(live).to_have_attribute("aria-live", "polite")
    builder.add("mobile")
    counted = builder.card.locator(".rows .count").first
    expect(counted).not_to_be_empty()
    expect(live).to_have_text(f"{counted.inner_text()} people")


def test_problems_stand_beside_their_condition_with_what_helps(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open("problems")
    first = builder.card.get_by_role("group", name="Condition 1: contry")
    expect(first).to_contain_text("No attribute is called contry.")
    last = builder.card.get_by_role("group", name="Condition 7: is in gone")
    expect(last).to_contain_text("There is no segment with the key gone.")
    expect(builder.card.get_by_text("1–31 Oct 2026, Europe/Dublin")).to_be_visible()
    expect(builder.card.get_by_text("A date without time counts from midnight, Europe/Dublin")).to_be_visible()
    first.get_by_role("button", name="Use Country").click()
    expect(builder.button("Attribute: Country")).to_have_count(2)


def test_names_and_values_run_nothing_and_hold_their_shape(open_page: Any, address: str) -> None:
    builder = Builder(open_page(width=1024), address).open("hostile")
    page = builder.page
    expect(builder.card).to_contain_text("<img src=x")
    builder.button("Value for Name").click()
    expect(builder.popover.get_by_role("option").first).to_be_visible()
    assert page.title() == "Builder"
    assert page.locator(".builder img, .builder b, .builder script").count() == 0
    assert builder.card.evaluate("e => e.scrollWidth <= e.clientWidth + 1")
    exact = page.locator("input[aria-label='Number for Uploaded photos']")
    expect(exact).to_have_value("9007199254740993")
    builder.press("Escape")
    builder.add("mobile")
    page.wait_for_timeout(400)
    assert builder.told()["rule"]["all"][2]["value"] == 9007199254740993


def test_many_attributes_and_values_are_no_trouble(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open("big")
    builder.card.get_by_role("button", name="+ Condition").focus()
    builder.press("Enter")
    builder.type("number 29")
    expect(builder.popover.get_by_role("option").first).to_have_text("Attribute number 29")
    builder.press("Escape")
    builder.add("ten thousand")
    builder.operate("Ten thousand values", "is any of")
    builder.press("Enter")
    paste(builder, "\n".join(f"value {n}" for n in range(10_000)))
    expect(builder.popover).to_contain_text("10,000 added")
    builder.press("Escape")
    expect(builder.button("Values for Ten thousand values: value 0, value 1 or 9,998 more")).to_be_visible()


@pytest.mark.parametrize("show", ["design", "hostile", "problems", "deep", "empty"])
def test_a_phone_shows_everything_without_scrolling_sideways(open_page: Any, address: str, show: str) -> None:
    page = open_page(width=390, height=844, has_touch=True)
    builder = Builder(page, address).open(show)
    if show != "empty":
        expect(builder.card.locator(".sentence")).to_be_visible() if show == "design" else None
        builder.button("Show the conditions").click()
    wide = """() => document.documentElement.scrollWidth > innerWidth + 1
        || [...document.querySelector("[data-testid=stBidiComponentIsolated]").shadowRoot.querySelectorAll(".card, .card *")]
            .filter(e => e.getBoundingClientRect().right > innerWidth).map(e => e.className).join()"""
    assert not page.evaluate(wide)
    builder.card.get_by_role("button", name="+ Condition", exact=True).click()
    box = builder.popover.bounding_box()
    assert box is not None
    assert (round(box["x"]), round(box["width"]), round(box["y"] + box["height"])) == (0, 390, 844)


def test_what_may_only_be_read_has_no_controls(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open("readonly")
    expect(builder.card).to_contain_text("United States")
    expect(builder.card.get_by_role("button")).to_have_text(["Fold to a sentence", "Copy the sentence", "Copy as JSON"])
    expect(builder.card.get_by_role("switch")).to_have_count(0)
    expect(builder.card.locator("input")).to_have_count(0)


def test_folding_shows_the_sentence(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open("design")
    builder.button("Fold to a sentence").click()
    expect(builder.card.locator(".sentence")).to_contain_text("People whose country is not United States")
    expect(builder.button("+ Condition", exact=True)).to_have_count(0)
    builder.button("Show the conditions").click()
    expect(builder.button("+ Condition", exact=True)).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("show", ["design", "problems", "hostile", "deep"])
def test_axe_finds_nothing(open_page: Any, address: str, show: str, scheme: str) -> None:
    builder = Builder(open_page(scheme=scheme), address).open(show)
    if show == "design":
        builder.add("plan")
        found = violations(builder)
        builder.press("Enter")
        expect(builder.popover.get_by_role("option").first).to_be_visible()
        found += violations(builder)
        builder.press("Escape")
        builder.button("Operator for Country").click()
        found += violations(builder)
        builder.press("Escape")
        builder.card.get_by_role("button", name="+ Condition", exact=True).click()
        found += violations(builder)
    else:
        found = violations(builder)
    assert found == []


def violations(builder: Builder) -> list[str]:
    """What axe says about the component, as it is now."""
    results = Axe().run(builder.page, context={"include": [".stBidiComponent"]})
    return [
        f"{each['id']}: {node['target']} {node['any'][0]['message'] if node['any'] else ''}"
        for each in results.response["violations"]
        for node in each["nodes"]
    ]


def test_pasted_addresses_are_split_at_all_three_and_names_with_commas_are_kept(builder: Builder) -> None:
    builder.add("e-mail")
    builder.operate("E-mail", "is any of")
    builder.press("Enter")
    paste(builder, "a@x.com, b@x.com;c@x.com\nd@x.com")
    builder.press("Escape")
    wanted = ["a@x.com", "b@x.com", "c@x.com", "d@x.com"]
    builder.rule({"all": [{"attribute": "email", "operator": "is_any_of", "value": wanted}]})
    builder.press("Alt+Backspace")
    builder.add("name")
    builder.operate("Name", "is any of")
    builder.press("Enter")
    paste(builder, "Byrne, Aoife; Ruiz, Mei")
    builder.press("Escape")
    builder.rule({"all": [{"attribute": "name", "operator": "is_any_of", "value": ["Byrne, Aoife", "Ruiz, Mei"]}]})


def test_a_number_says_its_unit(builder: Builder) -> None:
    builder.add("lifetime")
    assert builder.focus() == "Number for Lifetime value, in EUR"
    expect(builder.card.locator(".row")).to_contain_text("EUR")


def test_the_sentence_and_the_rule_are_copied(open_page: Any, address: str) -> None:
    page = open_page(permissions=["clipboard-read", "clipboard-write"])
    builder = Builder(page, address).open("hostile")
    builder.button("Copy as JSON").click()
    expect(builder.button("Copied")).to_be_focused()
    assert json.loads(page.evaluate("navigator.clipboard.readText()")) == builder.told()["rule"]
    builder.button("Copy the sentence").click()
    expect(builder.card.locator(".copies")).to_contain_text("Copied")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == builder.card.locator(".sentence").inner_text()
    assert copied.startswith("People whose country is not United States")


def test_without_a_clipboard_it_is_copied_all_the_same(open_page: Any, address: str) -> None:
    page = open_page(permissions=["clipboard-read"])
    builder = Builder(page, address).open("design")
    page.evaluate("() => { navigator.clipboard.writeText = () => Promise.reject(new Error('no')); }")
    builder.button("Copy the sentence").click()
    expect(builder.card.locator(".copies")).to_contain_text("Copied")
    assert page.evaluate("navigator.clipboard.readText()").startswith("People whose country")


def test_the_sentence_is_there_without_folding_and_goes_with_the_last_condition(builder: Builder) -> None:
    sentence = builder.card.locator(".sentence")
    expect(sentence).to_be_hidden()
    builder.add("mobile")
    expect(sentence).to_be_visible()
    expect(builder.button("Copy the sentence")).to_be_visible()
    builder.press("Alt+Backspace")
    expect(sentence).to_be_hidden()
    expect(builder.button("Copy the sentence")).to_be_hidden()


def test_undo_keeps_the_keyboard_where_what_had_the_focus_goes(builder: Builder) -> None:
    builder.add("mobile")
    builder.rule({"all": [{"attribute": "mobile", "operator": "is_true"}]})
    builder.go("Copy the sentence")
    builder.press("Control+z")
    builder.rule({"all": []})
    builder.page.wait_for_timeout(200)
    builder.press("Control+Shift+z")
    builder.rule({"all": [{"attribute": "mobile", "operator": "is_true"}]})


def test_one_day_is_one_calendar_day(builder: Builder) -> None:
    builder.add("signed")
    builder.operate("Signed up", "calendar days")
    builder.type("1")
    row = builder.card.locator(".rows > .row")
    expect(row).to_contain_text(re.compile("in the last.*calendar day$"))
    builder.type("2")
    expect(row).to_contain_text(re.compile("in the last.*calendar days$"))


def test_a_note_keeps_its_words_on_one_line_where_there_is_room(open_page: Any, address: str) -> None:
    builder = Builder(open_page(width=390), address).open("problems")
    builder.button("Show the conditions").click()
    texts = builder.card.locator(".note > span, .problem > span")
    for text in texts.all():
        needed = text.evaluate(
            "e => { const r = document.createRange(); r.selectNodeContents(e); return r.getClientRects().length; }"
        )
        free = text.evaluate("e => e.parentElement.parentElement.clientWidth - e.parentElement.offsetWidth")
        assert needed == 1 or free < 20, (text.inner_text(), needed, free)


def test_a_group_says_what_would_be_without_it(open_page: Any, address: str) -> None:
    builder = Builder(open_page(), address).open("design")
    group = builder.card.get_by_role("group", name="Group 4: any of these")
    group.locator(".head").get_by_role("img").hover()
    expect(builder.page.locator(".tip")).to_contain_text("Without this group: ")
