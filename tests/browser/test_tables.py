"""The two tables by mouse, keyboard and touch, in every state, on made-up rows."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Locator, Page, expect

from segcore.ui.style import TEST_IDS

pytestmark = pytest.mark.browser
HARNESS = Path(__file__).parent / "harness" / "tables.py"
# Streamlit's own list in the sidebar: DESIGN.md 1.5 names them as known.
KNOWN = {"list", "listitem"}


@pytest.fixture(scope="module")
def address(serve: Callable[..., str]) -> str:
    return serve(HARNESS)


@pytest.fixture
def visit(address: str, open_page: Callable[..., Page]) -> Callable[..., Page]:
    """`visit("people", width=390)` opens a state of the harness, ready to be used; no request may leave this machine."""

    def go(show: str, **more: object) -> Page:
        page = open_page(**more)
        page.on("request", lambda request: outside.append(request.url) if _leaves(request.url, address) else None)
        page.on("pageerror", lambda error: broken.append(str(error)))
        page.goto(f"{address}/?show={show}")
        expect(page.locator(".st-key-page-head")).to_be_visible(timeout=20_000)
        if show not in ("trouble", "missing"):
            expect(page.locator(".st-key-told")).to_be_visible(timeout=20_000)
            expect(page.locator(".body > *").first).to_be_visible()
        return page

    outside: list[str] = []
    broken: list[str] = []
    yield go
    assert outside == []
    assert broken == []


def _leaves(url: str, address: str) -> bool:
    return not url.startswith((address, address.replace("http", "ws"), "data:", "blob:"))


def told(page: Page, text: str) -> None:
    """What Python was handed."""
    expect(page.locator(".st-key-told")).to_contain_text(text, timeout=10_000)


def names(page: Page) -> list[str]:
    return page.locator("td.first button").all_text_contents()


def focused(page: Page) -> str:
    """The accessible words of the element in focus, inside shadow roots too."""
    return page.evaluate(
        "() => { let e = document.activeElement; while (e && e.shadowRoot && e.shadowRoot.activeElement)"
        " e = e.shadowRoot.activeElement; return e ? (e.getAttribute('aria-label') || e.textContent.trim()) : '' }"
    )


def sideways(page: Page) -> int:
    """How far the page scrolls sideways."""
    return page.evaluate(
        "() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth }"
    )


# People


def test_the_result_bar_says_how_many_of_whom_and_as_of_when(visit) -> None:
    page = visit("people")
    bar = page.locator(".result")
    expect(bar).to_have_text(re.compile(r"^940 people\s*· 1\.9% of 48,210\s*· as of 04:12:09 today\s*· 17 ms$"))
    expect(bar.get_by_title("22 Nov 2026, 04:12:09 UTC")).to_be_visible()
    expect(page.get_by_text("1–50 of 940 people")).to_be_visible()
    export = page.get_by_role("link", name="Export")
    assert export.get_attribute("href") == "/export?entity=person"
    assert export.get_attribute("download") is not None


def test_a_head_sorts_and_says_so(visit) -> None:
    page = visit("people")
    head = page.get_by_role("columnheader", name="Uploaded photos")
    assert head.get_attribute("aria-sort") == "none"
    assert page.get_by_role("columnheader", name="Last seen").get_attribute("aria-sort") == "descending"
    head.get_by_role("button").click()
    told(page, "sort=uploaded_photos descending=True page=1")
    expect(head).to_have_attribute("aria-sort", "descending")
    assert focused(page) == "Uploaded photos"
    head.get_by_role("button").click()
    told(page, "sort=uploaded_photos descending=False")
    expect(head).to_have_attribute("aria-sort", "ascending")
    page.get_by_role("columnheader", name="Name").get_by_role("button").click()
    told(page, "sort=name descending=False")
    assert names(page) == sorted(names(page))


def test_pages_turn_and_are_named(visit) -> None:
    page = visit("people")
    before = names(page)
    pages = page.get_by_role("navigation", name="Pages")
    pages.get_by_role("button", name="Next page").click()
    told(page, "page=2")
    expect(pages.get_by_role("button", name="Page 2", exact=True)).to_have_attribute("aria-current", "page")
    expect(page.get_by_text("51–100 of 940 people")).to_be_visible()
    assert names(page) != before
    pages.get_by_role("button", name="Page 19").click()
    expect(page.get_by_text("901–940 of 940 people")).to_be_visible()
    expect(pages.get_by_role("button", name="Next page")).to_be_disabled()


def test_search_follows_the_typing_and_keeps_the_field(visit) -> None:
    page = visit("people")
    page.get_by_role("button", name="Next page").click()
    told(page, "page=2")
    field = page.get_by_role("searchbox", name="Search in these people")
    field.press_sequentially("zanele", delay=60)
    told(page, "page=1 search=zanele")
    expect(page.get_by_text("1–50 of 94 people")).to_be_visible()
    expect(field).to_be_focused()
    expect(field).to_have_value("zanele")
    expect(page.locator(".big")).to_have_text("940")


def test_ticks_take_the_place_of_the_bar_and_survive_other_pages(visit) -> None:
    page = visit("people")
    boxes = page.locator("tbody").get_by_role("checkbox")
    boxes.nth(0).check()
    boxes.nth(2).check()
    told(page, "ticked=['c-0', 'c-2'] all=False")
    ticks = page.get_by_role("group", name="Ticked rows")
    expect(ticks).to_contain_text("2 ticked")
    expect(page.locator(".result")).to_be_hidden()
    page.get_by_role("button", name="Next page").click()
    told(page, "page=2")
    expect(ticks).to_contain_text("2 ticked")
    page.get_by_role("checkbox", name="Tick all rows of this page").check()
    expect(ticks).to_contain_text("52 ticked")
    ticks.get_by_role("button", name="Select all 940").click()
    told(page, "ticked=[] all=True")
    expect(ticks).to_contain_text("940 ticked")
    ticks.get_by_role("button", name="Clear").click()
    told(page, "ticked=[] all=False")
    expect(page.locator(".result")).to_be_visible()


def test_ticked_rows_are_exported_by_their_ids(visit) -> None:
    page = visit("people")
    page.locator("tbody").get_by_role("checkbox").nth(1).check()
    told(page, "ticked=['c-1']")
    export = page.get_by_role("link", name="Export")
    assert export.get_attribute("href") == "/export?entity=person&only=c-1"
    page.get_by_role("button", name="Select all 940").click()
    told(page, "all=True")
    assert export.get_attribute("href") == "/export?entity=person"


def test_the_keyboard_walks_opens_and_ticks(visit) -> None:
    page = visit("people")
    listed = names(page)
    page.get_by_role("searchbox").focus()
    page.keyboard.press("ArrowDown")
    assert focused(page) == listed[0]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert focused(page) == listed[2]
    page.keyboard.press("Enter")
    told(page, "open=c-2 ")
    assert focused(page) == listed[2]
    page.keyboard.press("ArrowLeft")
    assert focused(page) == f"Tick {listed[2]}"
    page.keyboard.press("Space")
    told(page, "ticked=['c-2']")
    page.keyboard.press("ArrowUp")
    assert focused(page) == f"Tick {listed[1]}"
    page.keyboard.press("End")
    assert focused(page) == f"Tick {listed[49]}"
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    assert focused(page) == "Page 2"  # the first page has nothing before it


def test_a_click_on_a_name_opens_that_person(visit) -> None:
    page = visit("people")
    page.get_by_role("button", name=names(page)[3], exact=True).first.click()
    told(page, "open=c-3 ")


def test_nobody_is_explained_with_a_way_out(visit) -> None:
    page = visit("empty")
    expect(page.get_by_role("heading", name="Nobody matches", level=2)).to_be_visible()
    expect(page.locator(".result")).to_contain_text("0 people")
    expect(page.get_by_role("table")).to_have_count(0)
    page.get_by_role("button", name="Drop that condition").click()
    told(page, "action=drop:0")


def test_missing_zero_and_false_are_each_shown_as_what_they_are(visit) -> None:
    page = visit("people")
    rows = page.locator("tbody tr")
    zero = rows.nth(0).get_by_role("cell")
    assert zero.nth(7).inner_text() == "0"
    assert zero.nth(8).inner_text() == "€\u00a00.00"
    missing = rows.nth(3).get_by_role("cell").nth(3)
    assert missing.inner_text() == "–"
    expect(missing.get_by_label("no country")).to_be_visible()
    assert rows.nth(1).get_by_role("cell").nth(9).inner_text() == "false"


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_hostile_values_stay_text_and_the_page_keeps_its_width(visit, width) -> None:
    page = visit("hostile", width=width)
    button = page.get_by_role("button", name="<b>bold</b><img src=x onerror=\"document.title='run'\">")
    expect(button).to_be_visible()
    expect(page.locator("td.first img, td.first b")).to_have_count(0)
    assert page.title() == "Tables · Segcore"
    assert sideways(page) == 0
    # A blank name leaves the button something to be called by.
    expect(page.get_by_role("button", name="c-4", exact=True)).to_be_visible()
    for cell in page.locator("tbody tr:nth-child(-n+6) td").all():
        assert (cell.bounding_box() or {"width": 0})["width"] < 420


def test_a_phone_gets_cards_with_a_name_and_two_attributes(visit) -> None:
    page = visit("people", width=390, height=844)
    card = page.locator("tbody tr").first
    expect(card.get_by_text("E-mail")).to_be_visible()
    expect(card.get_by_text("Japan")).to_be_visible()
    expect(card.get_by_text("Signed up")).to_be_hidden()
    # The last card is laid out as the first one.
    ticks = [page.locator("tbody tr").nth(n).get_by_role("checkbox").bounding_box() for n in (0, -1)]
    assert ticks[0]
    assert ticks[1]
    assert ticks[0]["x"] == ticks[1]["x"]
    assert sideways(page) == 0
    page.get_by_label("Sort by").select_option("name")
    told(page, "sort=name")
    page.get_by_role("button", name=re.compile("turn around")).click()
    told(page, "sort=name descending=False")


def test_touch_targets_are_as_large_as_a_finger(visit) -> None:
    page = visit("people", width=390, height=844, has_touch=True, is_mobile=True)
    for target in (
        page.locator("td.first button").first,
        page.locator("td.tick label").first,
        page.get_by_role("searchbox"),
    ):
        assert (target.bounding_box() or {"height": 0})["height"] >= 43.5
    page = visit("segments", width=390, height=844, has_touch=True, is_mobile=True)
    for target in (
        page.get_by_role("button", name="More for Active"),
        page.get_by_role("button", name=re.compile("Lifecycle 3")),
    ):
        assert (target.bounding_box() or {"height": 0})["height"] >= 43.5


# Segments


def row(page: Page, name: str) -> Locator:
    return page.get_by_role("row").filter(has=page.get_by_role("link", name=name, exact=True))


def test_a_row_says_what_it_is_how_many_and_what_share(visit) -> None:
    page = visit("segments")
    trial = row(page, "Trial users")
    expect(trial).to_contain_text("hidden from 2 agents")
    expect(trial).to_contain_text("People whose plan is Free trial and who signed up less than 14 days ago.")
    expect(trial).to_contain_text("1,179")
    expect(trial).to_contain_text("2.4%")
    bar = trial.locator(".fill").bounding_box()
    track = trial.locator(".track").bounding_box()
    assert bar
    assert track
    assert bar["width"] / track["width"] == pytest.approx(1179 / 48210, abs=0.01)
    expect(row(page, "Nobody yet")).to_contain_text("0.0%")
    broken = row(page, "Top tier")
    expect(broken).to_contain_text("Refers to the attribute plan_tier, which no longer exists.")
    broken.get_by_role("button", name="Repair").click()
    told(page, "action=Action(key='broken', what='edit')")


def test_a_name_opens_and_is_a_real_link(visit) -> None:
    page = visit("segments")
    link = page.get_by_role("link", name="Trial users")
    assert link.get_attribute("href") == "/segment?segment=trial-users"
    link.click()
    told(page, "action=Action(key='trial-users', what='open')")


def test_folds_are_kept_over_a_reload(visit) -> None:
    page = visit("segments")
    fold = page.get_by_role("button", name="Lifecycle 3 segments")
    assert fold.get_attribute("aria-expanded") == "true"
    fold.click()
    expect(fold).to_have_attribute("aria-expanded", "false")
    expect(page.get_by_role("link", name="Trial users")).to_have_count(0)
    assert focused(page).startswith("Lifecycle")
    page.reload()
    expect(page.get_by_role("button", name="Lifecycle 3 segments")).to_have_attribute(
        "aria-expanded", "false", timeout=20_000
    )
    expect(page.get_by_role("link", name="Active", exact=True)).to_be_visible()


def test_heads_sort_within_folders_and_a_third_click_takes_it_back(visit) -> None:
    page = visit("segments")
    arranged = page.locator("a.name").all_text_contents()
    head = page.get_by_role("columnheader", name="People, share of everyone")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "descending")
    assert page.locator("a.name").all_text_contents()[:6] == [
        "Active", "Slipping away", "New", "Loyal customers", "Hot prospects", "Trial users",
    ]  # fmt: skip
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "ascending")
    head.get_by_role("button").click()
    expect(head).to_have_attribute("aria-sort", "none")
    assert page.locator("a.name").all_text_contents() == arranged


@pytest.mark.parametrize(
    ("entry", "what"),
    [("Open", "open"), ("Edit filter", "edit"), ("Duplicate", "duplicate"), ("Rename", "rename"), ("Delete", "delete")],
)
def test_the_menu_of_a_row_says_what_to_do(visit, entry, what) -> None:
    page = visit("segments")
    page.get_by_role("button", name="More for Active").click()
    page.get_by_role("menuitem", name=entry, exact=True).click()
    told(page, f"action=Action(key='active', what='{what}')")
    expect(page.get_by_role("menu")).to_have_count(0)
    assert focused(page) == "More for Active"


def test_the_menu_is_walked_by_keys_and_gives_focus_back(visit) -> None:
    page = visit("segments")
    dots = page.get_by_role("button", name="More for Active")
    dots.focus()
    page.keyboard.press("Enter")
    assert focused(page) == "Open"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Edit filter"
    page.keyboard.press("End")
    assert focused(page) == "Delete"
    page.keyboard.press("ArrowDown")
    assert focused(page) == "Open"
    page.keyboard.press("m")
    assert focused(page) == "Move to folder"
    page.keyboard.press("Escape")
    expect(page.get_by_role("menu")).to_have_count(0)
    assert focused(page) == "More for Active"


def test_a_segment_moves_by_menu_and_by_key(visit) -> None:
    page = visit("segments")
    page.get_by_role("button", name="More for Active").click()
    page.get_by_role("menuitem", name="Move to folder").click()
    here = page.get_by_role("menuitemradio", name="Predefined")
    assert here.get_attribute("aria-checked") == "true"
    page.get_by_role("menuitemradio", name="Value").click()
    told(page, "move=Move(segment='active', folder='value')")
    page.get_by_role("link", name="Trial users").focus()
    page.keyboard.press("Alt+ArrowRight")
    expect(page.get_by_role("menu", name="Move Trial users to")).to_be_visible()
    page.keyboard.press("n")
    assert focused(page) == "No folder"
    page.keyboard.press("Enter")
    told(page, "move=Move(segment='trial-users', folder=None)")


def test_a_folder_is_renamed_and_deleted_from_its_menu(visit) -> None:
    page = visit("segments")
    for entry, what in (("Rename", "rename"), ("Delete folder", "delete")):
        page.get_by_role("button", name="More for the folder Value").click()
        page.get_by_role("menuitem", name=entry, exact=True).click()
        told(page, f"folder_action=Action(key='value', what='{what}')")
    expect(page.get_by_role("button", name="More for the folder No folder")).to_have_count(0)


def test_what_may_not_be_changed_offers_no_change(visit) -> None:
    page = visit("segments")
    page.get_by_role("button", name="More for Nobody yet").click()
    assert page.get_by_role("menuitem").all_text_contents() == ["Open", "Duplicate", "Copy link"]


def test_the_link_is_copied_with_its_host(visit, address) -> None:
    page = visit("segments", permissions=["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="More for Active").click()
    page.get_by_role("menuitem", name="Copy link").click()
    expect(page.locator(".said")).to_have_text("Link copied")
    assert page.evaluate("navigator.clipboard.readText()") == f"{address}/segment?segment=active"


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_hostile_names_keep_the_overview_in_shape(visit, width) -> None:
    page = visit("segments-hostile", width=width)
    expect(page.get_by_role("link", name=re.compile("^<b>bold"))).to_be_visible()
    expect(page.locator("td img")).to_have_count(0)
    assert page.title() == "Tables · Segcore"
    assert sideways(page) == 0


# Frame


def test_text_from_data_is_never_read_as_markdown(visit) -> None:
    page = visit("trouble")
    main = page.get_by_test_id("stMainBlockContainer")
    for literal in (
        "<b>bold</b><img src=x onerror=\"document.title='run'\">",
        "“<b>x</b>” cannot be counted.",
        "Choose *another* name.",
        "$a^2$",
        "~~struck~~ [link](",
        "`code` <b>b</b> 1. x # y --- ==m==",
    ):
        expect(main).to_contain_text(literal)
    assert main.locator("a, b, img, em, strong, code, del, .katex, mark").count() == 0
    shown = main.inner_text().replace("\u2060", "")
    assert ":smile: :material/home: :red[red]" in shown
    assert "www.x.example a@x.example https://x.example" in shown
    assert "secret" not in shown
    expect(page.get_by_role("button", name="Try again")).to_have_count(2)


def test_what_does_not_exist_and_what_is_hidden_look_the_same(visit) -> None:
    page = visit("missing")
    expect(page.get_by_text("This page does not exist, or is not visible to you.")).to_be_visible()
    expect(page).to_have_title("Not found · Segcore")


def test_every_test_id_of_the_style_sheet_still_exists(visit) -> None:
    segments, trouble = visit("segments"), visit("trouble")
    trouble.get_by_role("button", name="Open the drawer").click()
    expect(trouble.get_by_role("dialog").get_by_role("heading", name="Inside", level=2)).to_be_visible()
    for test_id in TEST_IDS.values():
        found = segments.get_by_test_id(test_id).count() + trouble.get_by_test_id(test_id).count()
        assert found > 0, f"Streamlit has no {test_id} any more"


def test_the_font_is_served_by_the_app(visit, address) -> None:
    page = visit("people")
    assert page.evaluate("document.fonts.ready.then(() => document.fonts.check('14px Inter'))")
    loaded = page.evaluate(
        "[...document.fonts].filter((f) => f.family.includes('Inter') && f.status === 'loaded').length"
    )
    assert loaded > 0


# The plain table of the settings


def test_a_plain_table_gives_back_what_its_menu_and_its_buttons_offer(visit) -> None:
    page = visit("listing")
    table = page.get_by_role("table", name="Agents")
    expect(table.get_by_role("columnheader")).to_have_count(4)
    expect(table).to_contain_text("<b>bold</b>")
    page.get_by_role("button", name="More for Priya Haddad").press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    told(page, "Action(row='0', what='bin') None")
    page.get_by_role("button", name="End: Firefox").click()
    told(page, "None Action(row='7', what='end')")
    expect(page.get_by_text("Nothing has been done yet.")).to_be_visible()


def test_a_line_is_copied_and_says_so(visit) -> None:
    page = visit("listing", permissions=["clipboard-read", "clipboard-write"])
    expect(page.get_by_label("Link for Omar")).to_have_value("http://127.0.0.1/?link=abc")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "http://127.0.0.1/?link=abc"


@pytest.mark.parametrize("width", [1440, 1024, 390])
def test_a_plain_table_keeps_its_shape(visit, width) -> None:
    page = visit("listing", width=width)
    assert sideways(page) <= 1
    head = page.get_by_role("table", name="Agents").locator("thead")
    assert (head.bounding_box()["width"] > 2) is (width > 700), "cards on a phone"


LOOKS = [
    *[(show, scheme, 1440) for show in ("people", "segments", "listing", "trouble") for scheme in ("light", "dark")],
    *[(show, "light", 1440) for show in ("empty", "segments-hostile", "missing")],
    *[(show, "dark", 390) for show in ("people", "segments")],
]


@pytest.mark.parametrize(("show", "scheme", "width"), LOOKS)
def test_axe_finds_nothing(visit, show, scheme, width) -> None:
    page = visit(show, scheme=scheme, width=width)
    page.wait_for_timeout(300)
    found = Axe().run(page).response["violations"]
    told_of = [(one["id"], [node["target"] for node in one["nodes"]][:3]) for one in found if one["id"] not in KNOWN]
    assert told_of == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_in_ticks_and_menus(visit, scheme) -> None:
    page = visit("people", scheme=scheme)
    page.locator("tbody").get_by_role("checkbox").nth(1).check()
    told(page, "ticked=['c-1']")
    assert [one["id"] for one in Axe().run(page).response["violations"] if one["id"] not in KNOWN] == []
    page = visit("segments", scheme=scheme)
    page.get_by_role("button", name="More for Active").click()
    page.get_by_role("menuitem", name="Move to folder").click()
    assert [one["id"] for one in Axe().run(page).response["violations"] if one["id"] not in KNOWN] == []
