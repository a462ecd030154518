"""The one style sheet over Streamlit's own elements, and the font it is set in.

Streamlit's test ids are internals of Streamlit: every one that we lean on stands in `TEST_IDS`, and a browser test
fails when one of them no longer matches anything.
"""

from pathlib import Path

import fontpkg_inter
import streamlit as st

INTER_ADDRESS = "/fonts/inter.ttf"  # what `[[theme.fontFaces]]` in .streamlit/config.toml asks for

TEST_IDS = {
    "main": "stMainBlockContainer",
    "header": "stHeader",
    "sidebar": "stSidebar",
    "sidebar_head": "stSidebarHeader",
    "sidebar_whole": "stSidebarContent",
    "sidebar_below": "stSidebarUserContent",
    "menu_line": "stSidebarNavSeparator",
    "menu": "stSidebarNav",
    "menu_link": "stSidebarNavLink",
    "menu_section": "stNavSectionHeader",
    "logo": "stSidebarLogo",
    "markdown": "stMarkdownContainer",
    "caption": "stCaptionContainer",
    "heading": "stHeading",
    "dialog": "stDialog",
    "toast": "stToastContainer",
    "wrapper": "stLayoutWrapper",
    "app_menu": "stMainMenu",
}


def inter_font_file() -> Path:
    """The variable Inter that the app serves at `INTER_ADDRESS`."""
    return Path(fontpkg_inter.ROOT) / "files" / "Inter[opsz,wght].ttf"


def apply() -> None:
    """Put the style sheet into the page; no text from data ever goes through here."""
    st.html(f"<style>{_sheet(dark=st.context.theme.type == 'dark')}</style>")


def _sheet(*, dark: bool) -> str:
    text = _SHEET + (_DARK if dark else _LIGHT)
    for name, test_id in TEST_IDS.items():
        text = text.replace(f"[{name}]", f'[data-testid="{test_id}"]')
    return text


_LIGHT = """
:root { --seg-muted: #626B67; --seg-soft: #4C5552; --seg-chosen: #DFE6E1; --seg-tint: #E3EEEB; --seg-paper: #FFFFFF; --seg-wash: #F5F6F4; --seg-note: #FBF0D6; --seg-on-primary: #FFFFFF; --seg-primary: #0B6B5D; }
"""

# White on the dark theme's primary fails contrast; this covers menu and download buttons too.
_DARK = """
:root { --seg-muted: #A3ABA7; --seg-soft: #BAC2BE; --seg-chosen: #36413D; --seg-tint: #1B2F2A; --seg-paper: #121816; --seg-wash: #1B2320; --seg-note: #342E12; --seg-on-primary: #08110E; --seg-primary: #4FBFA9; }
[dialog] { background: rgb(0 0 0 / 55%); }
button[kind^="primary"], a[kind^="primary"],
button[kind^="primary"] p, a[kind^="primary"] p,
button[kind^="primary"] span, a[kind^="primary"] span { color: var(--seg-on-primary) !important; }
button[kind^="primary"]:disabled p, button[kind^="primary"]:disabled span { color: var(--seg-muted) !important; }
"""

_SHEET = """
/* Toasts stand at the foot, or they would cover the page's own buttons; the head is looked through but for its menu. */
[toast] { top: auto !important; bottom: 24px !important; }
[header] { pointer-events: none; }
[header] [app_menu] { pointer-events: auto; }
/* the page */
[main] { max-width: 1416px; padding: 2.4rem 2rem 3rem; }
[header] { background: transparent; pointer-events: none; height: 2.6rem; min-height: 2.6rem; }
[header] button, [header] a, [header] img { pointer-events: auto; }
/* where the sidebar is closed, its logo stands up here, and the page goes under it */
[header]:has(img) { background: var(--seg-paper); pointer-events: auto; height: 2.35rem; min-height: 2.35rem; }
[main] h1 { padding: 0; line-height: 1.25; letter-spacing: -0.012em; overflow-wrap: anywhere; }
[main] h2, [main] h3 { padding: 0; line-height: 1.35; overflow-wrap: anywhere; }
[main] [markdown] p { overflow-wrap: anywhere; }
[caption], [caption] p { color: var(--seg-muted) !important; opacity: 1 !important; }
[main] [heading] { scroll-margin-top: 3rem; }

/* the head of a page */
.st-key-page-head { row-gap: 0.75rem; column-gap: 1.5rem; min-height: 2.7rem; margin-bottom: 0.25rem; }
.st-key-page-title { min-width: min(16rem, 100%); gap: 0.1rem; }
.st-key-page-title [markdown] { margin-bottom: 0; }
.st-key-page-subtitle p { color: var(--seg-muted); font-size: 0.95rem; margin: 0; line-height: 1.45; }
.st-key-page-crumbs p { color: var(--seg-muted); font-size: 0.9rem; margin: 0 0 0.35rem; }
.st-key-page-crumbs a { color: var(--seg-muted); }
.st-key-page-crumbs a:hover { color: inherit; text-decoration: underline; }
.st-key-page-actions { max-width: 100%; }

/* dialogs and drawers */
[dialog] h2:not([slot="title"]) { font-size: 1rem; padding: 0; line-height: 1.35; }
[dialog] :is([markdown] p, [slot="title"]) { overflow-wrap: anywhere; }

/* why somebody is in a filter: a list of its own marks, actual values muted on a line below */
:is([class*="st-key-reasons-"], [class*="st-key-profile-segment-"]) :is(ul, li) { list-style: none; margin: 0; }
:is([class*="st-key-reasons-"], [class*="st-key-profile-segment-"]) ul { padding-left: 0; }
:is([class*="st-key-reasons-"], [class*="st-key-profile-segment-"]) li { padding: 0.15rem 0 0.15rem 1.4rem; line-height: 1.45; overflow-wrap: anywhere; }
:is([class*="st-key-reasons-"], [class*="st-key-profile-segment-"]) li > strong:first-child,
:is([class*="st-key-reasons-"], [class*="st-key-profile-segment-"]) li > p > strong:first-child { display: inline-block; width: 1.1rem; margin-left: -1.4rem; }
:is([class*="st-key-reasons-"], [class*="st-key-profile-segment-"]) li li { border-left: 2px solid rgb(128 136 132 / 30%); padding-left: 2.1rem; }
:is([class*="st-key-reasons-"], [class*="st-key-profile-segment-"]) em { color: var(--seg-muted); font-style: normal; font-size: 0.95em; }

:is([class*="st-key-reasons-"], [class*="st-key-profile-segment-"]) [markdown] > ul { padding-block: 0.1rem 0.35rem; }

/* segments by name: the head of what is said of them, and beside each other as chips */
:is([class*="st-key-profile-segment-"], .st-key-profile-not-in, .st-key-segment-ask) .stPageLink a { padding-inline: 0; background: none; }
:is([class*="st-key-profile-segment-"], .st-key-profile-not-in, .st-key-segment-ask) .stPageLink a p { font-weight: 600; }
:is([class*="st-key-profile-segment-"], .st-key-profile-not-in, .st-key-segment-ask) .stPageLink a:hover p { text-decoration: underline; text-underline-offset: 3px; }
.st-key-drawer-profile .stPageLink a { border: 1px solid var(--st-border-color, rgb(128 136 132 / 35%)); border-radius: 8px; padding: 0.35rem 0.8rem; width: fit-content; }
.st-key-drawer-profile .stPageLink a:hover { border-color: var(--seg-primary); background: none; }
[dialog] a:focus-visible { outline: 2px solid var(--st-primary-color, currentColor); outline-offset: 2px; }
.st-key-drawer-segments { gap: 0.4rem; padding-top: 0.35rem; }
:is(.st-key-profile-attributes, .st-key-profile-not-in, .st-key-segment-ask) h2 { padding-bottom: 0.4rem; }
.st-key-drawer-segments .stPageLink a { background: var(--seg-wash); padding: 0.1rem 0.55rem; border-radius: 6px; }
.st-key-drawer-segments .stPageLink a:hover { background: var(--seg-chosen); }

/* buttons and links read at the size of the tables */
body :is(.stButton, .stDownloadButton, .stMenuButton, .stPopover, .stPageLink, .stLinkButton, .stFormSubmitButton) p { font-size: 0.93rem; }

/* the sidebar; Streamlit forgets its first width about every second time */
@media (min-width: 641px) {
  [sidebar][data-collapsed="false"] { width: 240px !important; min-width: 240px; max-width: 240px; }
}
[sidebar_head] { padding: 0.85rem 1rem 0 0.15rem; height: auto; margin-bottom: 1.2rem; }
[logo] { height: 26px; max-height: 26px; margin: 0; }
[menu] { padding-inline: 0; }
[menu] ul { padding-inline: 0; margin-inline: 0; gap: 0.1rem; }
[menu_link] { padding: 0.25rem 0.7rem; gap: 0.55rem; min-height: 1.85rem; border-radius: 6px; line-height: 1.3; margin: 0; }
[menu_link] p { font-size: 0.94rem; }
[menu_link][aria-current="page"] { background: var(--seg-chosen); }
[menu_link]:not([aria-current="page"]) :is(span, p) { color: var(--seg-soft); }
[menu_section] { padding: 0.9rem 0 0.3rem; margin: 0; font-size: 0.9rem; color: var(--seg-muted); opacity: 1; }
[menu_section] p { font-size: 0.9rem; font-weight: 450; }

/* the foot of the sidebar: who is signed in, and the way out */
[sidebar_whole] { display: flex; flex-direction: column; }
[sidebar_below] { margin-top: auto; padding: 0.6rem 0 0.9rem; border-top: 1px solid var(--st-border-color, rgb(128 136 132 / 25%)); }
[menu_line] { display: none; }
.st-key-sidebar-foot .stPageLink a { padding: 0.2rem 0.7rem; gap: 0.55rem; border-radius: 6px; background: none; }
.st-key-sidebar-foot .stPageLink a:hover { background: var(--seg-chosen); }
.st-key-sidebar-foot-line { padding: 0 0.7rem; }
.st-key-sidebar-foot-line [caption] p { padding-left: 1.65rem; }

/* whose eyes these are, while an admin looks as somebody else */
[wrapper]:has(> .st-key-seeing-as) { position: sticky; top: 2.1rem; z-index: 90; }
[wrapper]:has(> .st-key-seeing-as)::before { content: ""; position: absolute; inset: -2.5rem 0 0; background: var(--seg-paper); z-index: -1; }
.st-key-seeing-as { padding: 0.35rem 0.5rem 0.35rem 0.9rem; border-radius: 8px; background: var(--seg-note); justify-content: space-between; flex-wrap: nowrap; }
.st-key-seeing-as .stMarkdown p { margin: 0; }
.st-key-seeing-as [markdown] { margin-bottom: 0; }

/* cards of the settings: room between a heading and what follows it */
.st-key-settings h2 { padding-bottom: 0.35rem; }

/* the sign-in: a card in the middle; the library's form has a frame, a second heading and a plain button of its own */
.st-key-gate { padding-top: clamp(0rem, 12vh, 8rem); }
.st-key-gate-card { background: var(--st-background-color, transparent); padding: 1.6rem 1.6rem 1rem; max-width: 100%; }
.st-key-gate-card .stForm { border: 0; padding: 0; }
.st-key-gate-card .stForm .stHeading { display: none; }
.st-key-gate-card .stFormSubmitButton button { background: var(--seg-primary); border-color: var(--seg-primary); color: var(--seg-on-primary); margin-top: 0.4rem; }
.st-key-gate-card .stFormSubmitButton button :is(p, span) { color: var(--seg-on-primary); }
.st-key-gate-card h1 { padding-bottom: 0.4rem; }

/* focus, chosen things, motion, touch */
[main] :is(button, a, [role="tab"], [role="radio"], summary):focus-visible,
[sidebar] :is(button, a):focus-visible { outline: 2px solid var(--st-primary, currentColor); outline-offset: 2px; box-shadow: none; }
.stMultiSelect [data-tag] { background: var(--seg-tint); color: inherit; }
.stMultiSelect [data-tag] :is(span, button) { color: inherit; }
@media (prefers-reduced-motion: reduce) {
  *, *::before, *::after { animation-duration: 0.01ms !important; transition-duration: 0.01ms !important; }
}
@media (pointer: coarse) {
  [menu_link] { min-height: 44px; }
  [main] :is(.stButton, .stLinkButton, .stDownloadButton) :is(button, a) { min-height: 44px; }
}
@media (max-width: 640px) {
  .st-key-profile-attributes .stHorizontalBlock { flex-wrap: nowrap; }
  .st-key-profile-attributes .stColumn { min-width: 0 !important; }
  [main] { padding: 2.6rem 1rem 2rem; }
  .st-key-page-actions { justify-content: flex-start; }
}
"""
