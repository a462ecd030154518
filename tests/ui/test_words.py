"""Numbers, instants and values as DESIGN.md 1.3 writes them."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcore.attributes import Attribute, Kind
from segcore.rules.describe import Sentence, Span
from segcore.ui import words

NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)
DUBLIN = ZoneInfo("Europe/Dublin")
UTC_ZONE = ZoneInfo("UTC")
PEOPLE = ("person", "people")


@pytest.mark.parametrize(("amount", "written"), [(0, "0"), (940, "940"), (48_210, "48,210"), (-1_204, "−1,204")])
def test_counts_are_exact_with_separators(amount, written) -> None:
    assert words.count(amount) == written


@pytest.mark.parametrize(("amount", "written"), [(34, "+34"), (-212, "−212"), (0, "±0"), (1_204, "+1,204")])
def test_differences_have_a_sign(amount, written) -> None:
    assert words.difference(amount) == written


@pytest.mark.parametrize(
    ("part", "whole", "written"),
    [
        (1_179, 48_210, "2.4%"),
        (940, 48_210, "1.9%"),
        (0, 48_210, "0.0%"),
        (0, 0, "0.0%"),
        (1, 48_210, "<0.1%"),
        (24, 48_210, "<0.1%"),
        (25, 48_210, "0.1%"),
        (1, 2_000, "0.1%"),
        (48_210, 48_210, "100.0%"),
        (48_209, 48_210, ">99.9%"),
        (9_995, 10_000, ">99.9%"),
        (9_994, 10_000, "99.9%"),
        (1, 2, "50.0%"),
    ],
)
def test_shares_have_one_decimal_and_never_pretend(part, whole, written) -> None:
    assert words.share(part, whole) == written


@given(st.integers(1, 10**9), st.data())
def test_a_share_short_of_all_never_says_all(whole, data) -> None:
    part = data.draw(st.integers(0, whole))
    written = words.share(part, whole)
    assert (written == "100.0%") == (part == whole)
    assert (written == "0.0%") == (part == 0)


def test_nouns_agree_with_their_number() -> None:
    assert words.counted(1, PEOPLE) == "1 person"
    assert words.counted(0, PEOPLE) == "0 people"
    assert words.share_of(1_179, 48_210, PEOPLE) == "2.4% of 48,210 people"
    assert words.share_of(1, 1, ("company", "companies")) == "100.0% of 1 company"


@pytest.mark.parametrize(
    ("value", "unit", "written"),
    [
        (307.12, "EUR", "€\u00a0307.12"),
        (307, "EUR", "€\u00a0307.00"),
        (-7.155, "€", "−€\u00a07.16"),
        (-0.001, "USD", "$\u00a00.00"),
        (1_234_567, "USD", "$\u00a01,234,567.00"),
        (1_200, "JPY", "¥\u00a01,200"),
        (12.5, "chf", "CHF\u00a012.50"),
        (118, "", "118"),
        (2**53 + 1, "", "9,007,199,254,740,993"),
        (0.1 + 0.2, "", "0.3"),
        (80.0, "", "80"),
        (-0.0, "", "0"),
        (-2.5, "", "−2.5"),
        (0.0001234, "", "0.000123"),
        (12, "kg", "12\u00a0kg"),
        (37.5, "%", "37.5%"),
    ],
)
def test_numbers_carry_their_unit(value, unit, written) -> None:
    assert words.number(value, unit) == written


@pytest.mark.parametrize(
    ("ago", "written"),
    [
        ({"seconds": 0}, "just now"),
        ({"seconds": 59}, "just now"),
        ({"seconds": 60}, "1 min ago"),
        ({"minutes": 47}, "47 min ago"),
        ({"minutes": 60}, "1 h ago"),
        ({"hours": 23, "minutes": 59}, "23 h ago"),
        ({"days": 1}, "1 d ago"),
        ({"days": 60}, "60 d ago"),
        ({"days": 61}, "2 mo ago"),
        ({"days": 213}, "6 mo ago"),
        ({"days": 730}, "23 mo ago"),
        ({"days": 731}, "2 y ago"),
        ({"days": 3_000}, "8 y ago"),
        ({"days": -3}, "in 3 d"),
        ({"seconds": -5}, "in a moment"),
    ],
)
def test_how_long_ago(ago, written) -> None:
    assert words.relative(NOW - timedelta(**ago), NOW) == written


def test_instants_are_told_in_the_workspaces_zone() -> None:
    summer = datetime(2026, 7, 1, 23, 30, 5, tzinfo=UTC)
    assert words.absolute(summer, DUBLIN) == "2 Jul 2026, 00:30"
    assert words.exact(summer, DUBLIN) == "2 Jul 2026, 00:30:05 Europe/Dublin"
    assert words.exact(NOW, UTC_ZONE) == "22 Nov 2026, 04:12:09 UTC"


def test_as_of_says_the_day_by_the_zone() -> None:
    assert words.as_of(NOW, NOW, UTC_ZONE) == "04:12:09 today"
    assert words.as_of(NOW - timedelta(hours=5), NOW, UTC_ZONE) == "23:12:09 yesterday"
    assert words.as_of(NOW - timedelta(hours=5), NOW, ZoneInfo("America/New_York")) == "18:12:09 today"
    assert words.as_of(NOW - timedelta(days=3), NOW, UTC_ZONE) == "04:12:09 on 19 Nov 2026"


def test_ranges_of_days_have_an_en_dash() -> None:
    assert words.between(date(2026, 10, 1), date(2026, 10, 31)) == "1–31 Oct 2026"
    assert words.between(date(2026, 9, 28), date(2026, 10, 4)) == "28 Sep – 4 Oct 2026"
    assert words.between(date(2025, 12, 30), date(2026, 1, 2)) == "30 Dec 2025 – 2 Jan 2026"
    assert words.between(date(2026, 1, 2), date(2026, 1, 2)) == "2 Jan 2026"


def test_words_in_a_row() -> None:
    assert words.listed([]) == ""
    assert words.listed(["A"]) == "A"
    assert words.listed(["A", "B", "C"], "or") == "A, B or C"


def attribute(kind: Kind, unit: str = "") -> Attribute:
    return Attribute(key="x", kind=kind, unit=unit)


@pytest.mark.parametrize(
    ("kind", "value", "shown"),
    [
        (Kind.TEXT, "Ireland", {"text": "Ireland"}),
        (Kind.TEXT, "<b>", {"text": "<b>"}),
        (Kind.TEXT, "  ", {"text": "  ", "title": "Blank text"}),
        (Kind.TEXT, "x" * 400, {"text": "x" * 299 + "…"}),
        (Kind.NUMBER, 0, {"text": "0"}),
        (Kind.BOOLEAN, False, {"text": "false"}),
        (Kind.BOOLEAN, True, {"text": "true"}),
        (Kind.DATE, date(2024, 3, 1), {"text": "1 Mar 2024"}),
        (Kind.DATETIME, NOW - timedelta(hours=2), {"text": "2 h ago", "title": "22 Nov 2026, 02:12:09 UTC"}),
        (Kind.LIST, ["A", "B"], {"text": "A, B"}),
        (Kind.LIST, [], {"text": "", "title": "An empty list"}),
        (Kind.LOCATION, {"latitude": 53.3498, "longitude": -6.2603}, {"text": "53.35, −6.26"}),
        (Kind.LOCATION, {"latitude": None, "longitude": None}, None),
        *[(kind, None, None) for kind in Kind],
        (Kind.NUMBER, float("nan"), None),
    ],
)
def test_cells(kind, value, shown) -> None:
    assert words.cell(value, attribute(kind), NOW, UTC_ZONE) == shown


def test_a_cell_without_zone_is_read_as_utc() -> None:
    assert words.cell(NOW.replace(tzinfo=None), attribute(Kind.DATETIME), NOW, UTC_ZONE) == {
        "text": "just now",
        "title": "22 Nov 2026, 04:12:09 UTC",
    }


def test_missing_in_running_text_is_a_dash() -> None:
    assert words.plain(None, attribute(Kind.TEXT), NOW, UTC_ZONE) == "–"
    assert words.plain(3, attribute(Kind.NUMBER, "EUR"), NOW, UTC_ZONE) == "€\u00a03.00"


@given(st.text())
def test_escaping_keeps_every_visible_character(text) -> None:
    escaped = words.escape(text)
    assert "\n" not in escaped
    bare = escaped.replace("\u2060", "")
    out, at = [], 0
    while at < len(bare):
        at += bare[at] == "\\"
        out.append(bare[at])
        at += 1
    assert "".join(out) == " ".join(text.replace("\u2060", "").split())


def test_a_sentence_is_bold_where_its_spans_are_and_blanks_stay_outside() -> None:
    told = Sentence(
        (Span("People whose ", False), Span("plan", True), Span(" is", False), Span(" *Pro* ", True), Span(".", False))
    )
    assert words.sentence(told) == r"People whose **plan** is **\*Pro\*** \."


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0 Safari/537.36", "Chrome on Linux"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0", "Edge on Windows"),
        ("Mozilla/5.0 (Macintosh; Intel Mac OS X 14_5) AppleWebKit/605.1 Version/19 Safari/605.1", "Safari on Mac"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) AppleWebKit/605 FxiOS/140 Safari/605", "Firefox on iPhone"),
        ("Mozilla/5.0 (Android 16; Mobile; rv:145.0) Gecko/145.0 Firefox/145.0", "Firefox on Android"),
        ("curl/8.5", "curl/8.5"),
        ("x" * 200, "x" * 60),
        ("", "Unknown browser"),
    ],
)  # fmt: skip
def test_browsers_are_named(told: str, name: str) -> None:
    assert words.browser(told) == name
