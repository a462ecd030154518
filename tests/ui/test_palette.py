"""Charts and pages are drawn in the same colours."""

import tomllib
from itertools import pairwise
from pathlib import Path

import pytest

from segcore.ui import palette
from segcore.ui.style import INTER_ADDRESS, inter_font_file

ROOT = Path(__file__).resolve().parents[2]
CONFIG = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text(encoding="utf-8"))
THEMES = [("light", palette.LIGHT), ("dark", palette.DARK)]


def luminance(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize(("name", "colours"), THEMES)
def test_the_palette_is_the_theme(name, colours) -> None:
    theme = CONFIG["theme"][name]
    assert colours.primary == theme["primaryColor"]
    assert colours.paper == theme["backgroundColor"]
    assert colours.wash == theme["secondaryBackgroundColor"]
    assert colours.line == theme["borderColor"]
    assert colours.ink == theme["textColor"]
    assert colours.entered == theme["blueColor"]
    assert colours.left == theme["orangeColor"]
    assert (colours.any, colours.none) == (theme["violetColor"], theme["redColor"])
    assert palette.template(colours).layout.font.color == colours.ink


@pytest.mark.parametrize(("name", "colours"), THEMES)
def test_text_can_be_read_on_paper_and_on_wash(name, colours) -> None:
    texts = {
        key: value for key, value in CONFIG["theme"][name].items() if key.endswith("TextColor") or key == "textColor"
    }
    for key, text in texts.items():
        if key.startswith("dataframe"):
            continue
        assert contrast(text, colours.paper) >= 4.5, key
        assert contrast(text, colours.wash) >= 4.5, key


def test_no_base_is_set_so_that_the_browser_chooses() -> None:
    assert "base" not in CONFIG["theme"]


def test_headings_shrink_with_their_level() -> None:
    sizes = [float(size.removesuffix("rem")) for size in CONFIG["theme"]["headingFontSizes"]]
    assert all(larger >= smaller for larger, smaller in pairwise(sizes))


def test_the_font_is_the_one_that_the_theme_asks_for() -> None:
    (face,) = CONFIG["theme"]["fontFaces"]
    assert face["url"] == INTER_ADDRESS
    assert inter_font_file().read_bytes()[:4] == b"\x00\x01\x00\x00"
