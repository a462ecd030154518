"""The tables on their own, fed with made-up rows: what `data` holds in full, and every state that a table can be in.

The address chooses: `?show=people|segments|listing|empty|nobody|hostile|trouble|missing`.
"""

import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from segcore.attributes import Attribute, Kind  # noqa: E402
from segcore.model import Agent, Session  # noqa: E402
from segcore.problems import SegcoreError  # noqa: E402
from segcore.services.sessions import Seat  # noqa: E402
from segcore.ui import copy_line, foot, frame, listing, nav, people_table, segment_table, words  # noqa: E402

NOW = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)
ZONE = ZoneInfo("UTC")
NOUN = ["person", "people"]
ATTRIBUTES = (
    Attribute(key="name", kind=Kind.TEXT, label="Name"),
    Attribute(key="email", kind=Kind.TEXT, label="E-mail"),
    Attribute(key="country", kind=Kind.TEXT),
    Attribute(key="plan", kind=Kind.TEXT),
    Attribute(key="signed_up_at", kind=Kind.DATETIME),
    Attribute(key="last_seen_at", kind=Kind.DATETIME),
    Attribute(key="uploaded_photos", kind=Kind.NUMBER),
    Attribute(key="total_spent", kind=Kind.NUMBER, label="Lifetime value", unit="EUR"),
    Attribute(key="mobile", kind=Kind.BOOLEAN, label="Downloaded mobile app"),
    Attribute(key="groups", kind=Kind.LIST),
)
FIRST = ("Priya", "Zanele", "Mei", "Leila", "Chloe", "Sofia", "Omar", "Nora", "Tomás", "Aoife")
LAST = ("Haddad", "Mensah", "Ruiz", "Brown", "Rao", "O'Neill", "Okafor", "Lindqvist", "Álvarez", "Byrne")
PLACES = ("Japan", "United Kingdom", "South Africa", None, "France", "Ireland", "United States")
FIRMS = ("solaris", "northwind", "bluefern")
HOSTILE = (
    "<b>bold</b><img src=x onerror=\"document.title='run'\">",
    "Anneliese von der Hohenstauffenberg-Wittgenstein " * 4,
    "מרים אבן־שושן",
    "فاطمة الزهراء",
    "   ",
    "=HYPERLINK(\"http://x\")",
)  # fmt: skip


def person(n: int) -> dict[str, object]:
    """One made-up person; the same one for the same number."""
    first, last, firm = FIRST[n % 10], LAST[(n // 3) % 10], FIRMS[n % 3]
    return {
        "external_id": f"c-{n}",
        "name": f"{first} {last}",
        "email": f"{first}.{last}@{firm}.example".casefold().replace("'", ""),
        "country": PLACES[n % 7],
        "plan": ("Pro", "Business", "Free trial")[n % 3],
        "signed_up_at": NOW - timedelta(days=(n * 37) % 900 + 1),
        "last_seen_at": NOW - timedelta(minutes=10 + n * n * 7),
        "uploaded_photos": (n * 53) % 130,
        "total_spent": None if n % 5 == 4 else (n * 7137 % 80_000) / 100,
        "mobile": n % 2 == 0,
        "groups": ["Beta", "Newsletter"][: n % 3],
    }


def people(count: int, *, hostile: bool = False) -> None:
    """The table of that many people, sorted and searched here as the server would."""
    default = people_table.View(sort="last_seen_at", descending=True)
    view = people_table.view("people", rev=1, default=default)
    rows = [person(n) for n in range(count)]
    for n, name in enumerate(HOSTILE if hostile else ()):
        rows[n] = {**rows[n], "name": None if n == 4 else name, "email": name}
    wanted = view.search.casefold()
    found = [row for row in rows if wanted in str(row["name"] or row["external_id"]).casefold()]
    known = sorted(
        (row for row in found if row[view.sort] is not None), key=lambda row: row[view.sort], reverse=view.descending
    )
    found = known + [row for row in found if row[view.sort] is None]
    view = people_table.clamped(view, len(found))
    page = found[view.offset() : view.offset() + people_table.SIZE]
    empty = None
    if not found:
        empty = {
            "title": "Nobody matches",
            "text": "Signed up less than 7 days ago removes the last 412 people.",
            "action": {"label": "Drop that condition", "value": "drop:0"},
        }
    data = {
        "rev": 1,
        "columns": people_table.columns(ATTRIBUTES),
        "rows": [
            {"id": row["external_id"], "cells": [words.cell(row[one.key], one, NOW, ZONE) for one in ATTRIBUTES]}
            for row in page
        ],
        "pages": people_table.pages(len(found)),
        "count": count,
        "found": len(found),
        "total": 48_210,
        "share": words.share(count, 48_210),
        "as_of": words.as_of(NOW, NOW, ZONE),
        "as_of_title": words.exact(NOW, ZONE),
        "ms": 17,
        "export": "/export?entity=person",
        "noun": NOUN,
        "dimmed": False,
        "empty": empty,
    }
    chosen = people_table.show(data, key="people", view=view)
    told(
        f"open={chosen.open} action={chosen.action} ticked={list(chosen.ticked)} all={chosen.all_ticked} "
        f"sort={chosen.view.sort} descending={chosen.view.descending} page={chosen.view.page} search={chosen.view.search}"
    )


def segment(key: str, name: str, sentence: str, count: int | None, **more: object) -> dict[str, object]:
    """One row of the overview; words between asterisks are bold."""
    spans = [{"text": text, "bold": n % 2 == 1} for n, text in enumerate(sentence.split("*")) if text]
    return {
        "key": key,
        "name": name,
        "sentence": spans,
        "description": "",
        "count": count,
        "total": 48_210,
        "share": None if count is None else words.share(count, 48_210),
        "noun": NOUN,
        "entity": "person",
        "mark": None,
        "problem": None,
        "href": f"/segment?segment={key}",
        "editable": True,
        **more,
    }


def overview(*, hostile: bool = False) -> None:
    """The overview of the pictures."""
    folders = [
        {"key": "predefined", "name": "Predefined", "segments": [
            segment("new", "New", "People who *signed up* less than *1 day* ago.", 51),
            segment("active", "Active", "People who were *last seen* less than *30 days* ago.", 27_791),
            segment("slipping-away", "Slipping away", "People who were *last seen* at least *30 days* ago.", 20_419),
        ]},
        {"key": "lifecycle", "name": "Lifecycle", "segments": [
            segment("trial-users", "Trial users", "People whose *plan* is *Free trial* and who *signed up* less than *14 days* ago.", 1_179, mark="hidden from 2 agents"),
            segment("hot-prospects", "Hot prospects", "People whose *plan* is *Starter* and whose number of *uploaded photos* is more than *80*.", 4_751),
            segment("loyal", "Loyal customers", "People who *signed up* at least *365 days* ago.", 20_164),
        ]},
        {"key": "value", "name": "Value", "segments": [
            segment("high-value", "High-value customers", "People whose *total spent* is at least *€ 300* or whose *plan* is *Business*.", 6_002),
            segment("non-us", "Non-US customers", "People whose *country* is not *United States* (including 214 with no country).", 33_383),
            segment("broken", "Top tier", "", None, problem="Refers to the attribute plan_tier, which no longer exists."),
        ]},
        {"key": None, "name": "No folder", "segments": [
            segment("no-app", "No mobile app", "People whose *downloaded mobile app* is *false*.", 12),
            segment("nobody", "Nobody yet", "People whose *plan* is *Enterprise*.", 0, editable=False),
        ]},
    ]  # fmt: skip
    if hostile:
        for n, name in enumerate(HOSTILE):
            folders[n % 3]["segments"].append(
                segment(f"h{n}", name.strip() or "-", f"People whose *name* is *{name}*.", n)
            )
        folders[1]["name"] = HOSTILE[1]
        folders.append({"key": "empty", "name": HOSTILE[0], "segments": []})
    chosen = segment_table.show({"rev": 1, "may_edit": True, "folders": folders}, key="segments")
    told(f"move={chosen.move} action={chosen.action} folder_action={chosen.folder_action}")


def agents() -> None:
    """A plain table with every kind of cell, a compact one with buttons, an empty one, and a line to copy."""
    cells = {
        "name": {"text": HOSTILE[0], "strong": True, "below": HOSTILE[2], "tags": ["you"]},
        "seen": {"text": "3 min ago", "title": "22 Nov 2026, 04:09:09 UTC"},
        "changes": {"changes": [{"label": "Name", "before": HOSTILE[1], "after": HOSTILE[3]}]},
    }
    menu: list[listing.Entry | str] = [
        listing.Entry(what="open", label="Open", icon="open"),
        "-",
        listing.Entry(what="bin", label="Throw away", icon="bin", danger=True),
    ]
    rows = [listing.Row(id=str(n), label=f"{FIRST[n]} {LAST[n]}", cells=cells, menu=menu) for n in range(2)]
    rows.append(
        listing.Row(id="2", label="Nobody", cells={"name": {"text": "Home", "href": "/"}, "seen": ""}, quiet=True)
    )
    columns = (("name", "Name", 40), ("seen", "Last seen", 20), ("changes", "Before and after", 40))
    done = listing.show("Agents", columns, rows, key="listing", empty="")
    ends = listing.Entry(what="end", label="End")
    small = [listing.Row(id="7", label="Firefox", cells={"name": "Firefox on Linux", "seen": "just now"}, button=ends)]
    ended = listing.show("Sign-ins", columns[:2], small, key="small", empty="", compact=True)
    listing.show("Nothing", columns, [], key="none", empty="Nothing has been done yet.", hint="It will be.")
    copy_line.show("http://127.0.0.1/?link=abc", label="Link for Omar", key="line")
    told(f"{done} {ended}")


def told(text: str) -> None:
    """What came back, for the tests to read."""
    with st.container(key="told"):
        st.text(text)


frame.begin()
st.navigation(nav.pages())  # the menu is drawn; the page is this script's own
shown = st.query_params.get("show", "people")
frame.dress("Tables")
ANN = Agent(id=1, name=HOSTILE[0] if shown == "trouble" else "Ann")
foot.show(Seat(agent=ANN, session=Session(id=1, agent=1, created_at=NOW, seen_at=NOW, ends_at=NOW), signed_in=ANN))
if shown in ("segments", "segments-hostile"):
    with frame.head("Segments", "10 segments over 48,210 people · counted together at 04:12:09 today"):
        st.text_input(
            "Search",
            placeholder="Search name or filter",
            icon=":material/search:",
            label_visibility="collapsed",
            width=220,
        )
        st.button("New folder", icon=":material/create_new_folder:")
        st.button("New segment", icon=":material/add:", type="primary")
    overview(hostile=shown.endswith("hostile"))
elif shown == "trouble":
    frame.head("Trouble", HOSTILE[0])
    frame.trouble(SegcoreError("“<b>x</b>” cannot be counted.", "Choose *another* name."), key="one")
    frame.trouble(RuntimeError("secret"), what="The list could not be shown.", key="two")
    frame.heading("*Card* :smile: :material/home: :red[red] $a^2$")
    frame.note(
        "~~struck~~ [link](http://x.example) www.x.example a@x.example https://x.example `code` <b>b</b> 1. x # y --- ==m=="
    )
    if st.button("Open the drawer"):
        st.toast("Saved Trial users: 1,179 people")
        st.dialog("A " + HOSTILE[1], position="right", width="small")(lambda: frame.heading("Inside"))()
elif shown == "listing":
    frame.head("Listing")
    agents()
elif shown == "missing":
    frame.not_there()
else:
    with frame.head("People"):
        st.button("Columns", icon=":material/view_column:", type="tertiary")
        st.button("Save as segment", icon=":material/bookmark_add:", type="primary")
    people({"empty": 0, "nobody": 0}.get(shown, 940), hostile=shown == "hostile")
