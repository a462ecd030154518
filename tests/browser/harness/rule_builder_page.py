"""The filter builder on its own, answered with made-up numbers. The address chooses: `?show=design|empty|hostile|…`.

What the builder sent is printed under it, for the tests to read.
"""

import json
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]
if str(ROOT) not in sys.path:
    sys.path.insert(0, str(ROOT))

import streamlit as st  # noqa: E402

from segcore.attributes import ID, Attribute, Entity, Kind, Schema  # noqa: E402
from segcore.model import Workspace  # noqa: E402
from segcore.problems import Problem  # noqa: E402
from segcore.rules.advice import Advice  # noqa: E402
from segcore.services.vocabulary import KnownEvent, Vocabulary  # noqa: E402
from segcore.ui import rule_builder  # noqa: E402

TOTAL = 48_210
ATTRIBUTES = (
    ID,
    Attribute(key="name", kind=Kind.TEXT, label="Name", standard=True),
    Attribute(key="email", kind=Kind.TEXT, label="E-mail", standard=True),
    Attribute(key="signed_up_at", kind=Kind.DATETIME, label="Signed up", standard=True),
    Attribute(key="last_seen_at", kind=Kind.DATETIME, label="Last seen", standard=True),
    Attribute(key="country", kind=Kind.TEXT, label="Country"),
    Attribute(key="plan", kind=Kind.TEXT, label="Plan"),
    Attribute(key="uploaded_photos", kind=Kind.NUMBER, label="Uploaded photos"),
    Attribute(key="total_spent", kind=Kind.NUMBER, label="Lifetime value", unit="EUR", fractions=True),
    Attribute(key="mobile", kind=Kind.BOOLEAN, label="Downloaded mobile app"),
    Attribute(key="born_on", kind=Kind.DATE, label="Born"),
    Attribute(key="tags", kind=Kind.LIST, label="Tags"),
    Attribute(key="place", kind=Kind.LOCATION, label="Place"),
    Attribute(key="many", kind=Kind.TEXT, label="Ten thousand values"),
)
COMPANY = (
    ID,
    Attribute(key="name", kind=Kind.TEXT, label="Name", standard=True),
    Attribute(key="industry", kind=Kind.TEXT, label="Industry"),
    Attribute(key="plan", kind=Kind.TEXT, label="Plan"),
    Attribute(key="employees", kind=Kind.NUMBER, label="Employees"),
)
EVENTS = (
    ("purchase", "Purchase"),
    ("email_opened", "E-mail opened"),
    ("invited", "Invited"),
    ("signed_up", "Joined"),
)
PROPERTIES = (
    Attribute(key="amount", kind=Kind.NUMBER, label="Amount", unit="EUR", fractions=True),
    Attribute(key="category", kind=Kind.TEXT, label="Category"),
    Attribute(key="delivered_on", kind=Kind.DATE, label="Delivered"),
    Attribute(key="campaign", kind=Kind.TEXT, label="Campaign"),
    Attribute(key="via", kind=Kind.TEXT, label="Via"),
)
CARRIED = {"purchase": ("amount", "category", "delivered_on"), "email_opened": ("campaign",)}
MISSING = {
    "country": 214,
    "plan": 0,
    "name": 3,
    "email": 12,
    "signed_up_at": 0,
    "last_seen_at": 31,
    "mobile": 0,
    "born_on": 9021,
}
HOSTILE = "<b>bold</b><img src=x onerror=\"document.title='run'\">"

DESIGN = {"all": [
    {"attribute": "country", "operator": "is_not", "value": "United States"},
    {"attribute": "signed_up_at", "operator": "less_than_ago", "value": {"days": 400}},
    {"attribute": "tags", "operator": "includes_any", "value": ["vip", "beta"]},
    {"any": [
        {"attribute": "plan", "operator": "is_any_of", "value": ["Pro", "Business"]},
        {"attribute": "uploaded_photos", "operator": "gt", "value": 80},
    ]},
    {"segment": "slipping-away", "operator": "not_in"},
]}  # fmt: skip
LANGUAGE = {"all": [
    {"attribute": "country", "operator": "is_not", "value": "United States"},
    {"event": "purchase", "operator": "gte", "value": 2, "within": {"last": {"days": 90}}, "where": {"all": [
        {"attribute": "amount", "operator": "gte", "value": 25},
        {"any": [
            {"attribute": "category", "operator": "is_any_of", "value": ["Home", "Garden"]},
            {"attribute": "delivered_on", "operator": "in_period", "value": "last_month"},
        ]},
    ]}},
    {"event": "purchase", "measure": "sum", "of": "amount", "operator": "gt", "value": 300},
    {"event": "invited", "operator": "eq", "value": 0, "within": {"last": {"days": 90}}},
    {"sequence": [{"event": "signed_up"}, {"event": "purchase", "where": {"attribute": "amount", "operator": "gt", "value": 5}}],
     "each_within": {"days": 3}},
    {"company": "any", "rule": {"any": [
        {"attribute": "plan", "operator": "is", "value": "Pro"},
        {"people": {"all": []}, "operator": "gte", "value": 5},
    ]}},
    {"any": [
        {"sample": {"salt": "A", "from": 0, "to": 10}},
        {"event": "email_opened", "measure": "last", "operator": "less_than_ago", "value": {"days": 30},
         "within": {"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}},
        {"attribute": "place", "operator": "within_km", "value": {"latitude": 53.34, "longitude": -6.26, "km": 25}},
    ]},
]}  # fmt: skip
DEEP = {"all": [{"attribute": "plan", "operator": "is", "value": "Pro"}]}
for _level in range(15):
    _word = ("any", "none", "all")[_level % 3]
    DEEP = {_word if _level < 14 else "all": [{"attribute": "country", "operator": "is", "value": "Spain"}, DEEP]}
RULES: dict[str, Any] = {
    "design": DESIGN,
    "readonly": DESIGN,
    "company": {"all": []},
    "language": LANGUAGE,
    "readonly-language": LANGUAGE,
    "deep": DEEP,
    "problems": {"all": [
        {"attribute": "contry", "operator": "is", "value": "Ireland"},
        {"attribute": "country", "operator": "is", "value": "Irland"},
        {"attribute": "signed_up_at", "operator": "in_period", "value": "last_month"},
        {"attribute": "last_seen_at", "operator": "less_than_ago", "value": {"days": 30}},
        {"attribute": "born_on", "operator": "more_than_ago", "value": {"weeks": 1000}},
        {"attribute": "uploaded_photos", "operator": "between", "value": [20, 10]},
        {"segment": "gone", "operator": "in"},
    ]},
    "advice": {"all": [
        {"attribute": "country", "operator": "is", "value": "Irland"},
        {"any": [
            {"attribute": "plan", "operator": "is_not", "value": "Pro"},
            {"attribute": "plan", "operator": "is_not", "value": "Business"},
        ]},
        {"attribute": "country", "operator": "is", "value": "Irland"},
    ]},
    "hostile": {"all": [
        {"attribute": "name", "operator": "is", "value": HOSTILE},
        {"attribute": "hostile", "operator": "is_any_of", "value": ["x" * 200, "مها الشريف", "<script>alert(1)</script>"]},
        {"attribute": "uploaded_photos", "operator": "eq", "value": 9007199254740993},
        {"attribute": "arabic", "operator": "contains", "value": "السلام عليكم"},
        {"segment": "hostile", "operator": "in"},
    ]},
}  # fmt: skip


@dataclass
class Row:
    """A segment as the overview hands it out."""

    segment: Any
    count: int | None


@dataclass
class Named:
    """What the builder wants to know of a segment."""

    key: str
    name: str
    entity: Entity = Entity.PERSON
    folder: str | None = None


@dataclass
class Counts:
    """What the engine tells of one node."""

    own: int
    after: int | None = None
    without: int | None = None
    missing: int | None = None
    future: int | None = None


@dataclass
class Answer:
    """What the page gets from services.filters.preview."""

    total: int
    count: int | None
    now: datetime = datetime(2026, 11, 22, 4, 12, 9, tzinfo=UTC)
    counts: dict[str, Counts] = field(default_factory=dict)
    resolved: dict[str, str] = field(default_factory=dict)
    sentence: Any = None
    problems: tuple[Any, ...] = ()
    advice: tuple[Advice, ...] = ()


@dataclass
class Span:
    """A piece of a sentence."""

    text: str
    bold: bool


@dataclass
class Sentence:
    """A sentence in pieces."""

    spans: tuple[Span, ...]


def share(node: Any) -> float:
    """A made-up but stable part of everyone that a node matches."""
    fixed = {"United States": 0.692, "400": 0.55}
    text = json.dumps(node, sort_keys=True)
    for word, part in fixed.items():
        if word in text:
            return part
    return 0.25 + sha256(text.encode()).digest()[0] / 512


def answer(rule: dict[str, Any], show: str) -> Answer:
    """Numbers in the shape of the real ones."""
    counts: dict[str, Counts] = {}
    resolved: dict[str, str] = {}

    def visit(node: dict[str, Any], path: str) -> None:
        for way in ("where", "rule", "people"):
            if way in node:
                visit(node[way], f"{path}.{way}")
        for index, step in enumerate(node.get("sequence", [])):
            if "where" in step:
                visit(step["where"], f"{path}.sequence[{index}].where")
        if "last" in node.get("within", {}):
            resolved[path] = "since 24 Aug 2026, 04:12"
        if "period" in node.get("within", {}):
            resolved[path] = "1–31 Oct 2026, Europe/Dublin"
        word = next((w for w in ("all", "any", "none") if w in node), None)
        counts[path] = Counts(round(TOTAL * share(node)))
        if word is None:
            operator = str(node.get("operator", ""))
            if operator.startswith("is_not") or operator.startswith("not_") or "none" in operator:
                counts[path].missing = (
                    0 if node.get("include_missing") is False else MISSING.get(node.get("attribute", ""), 0)
                )
            if operator in ("less_than_ago", "at_most_ago"):
                counts[path].future = 3
                resolved[path] = "after 8 Nov 2026, 04:12"
            if operator == "in_period":
                resolved[path] = "1–31 Oct 2026, Europe/Dublin"
            return
        for index, child in enumerate(node[word]):
            visit(child, f"{path}{'.' if path else ''}{word}[{index}]")

    visit(rule, "")
    left = TOTAL
    parts = [share(each) for each in rule.get("all", [])]
    for index, part in enumerate(parts):
        left = round(left * part)
        counts[f"all[{index}]"].after = left
    for index in range(len(parts)):
        counts[f"all[{index}]"].without = round(left / parts[index])
    count = left if "all" in rule else counts[""].own
    counts[""].after = count
    spans = (
        Span("People whose ", False),
        Span("country", True),
        Span(" is not ", False),
        Span("United States", True),
        Span(" (including 214 with no country), and so on.", False),
    )
    problems: tuple[Problem, ...] = ()
    if show == "problems" and '"contry"' in json.dumps(rule):
        problems = (
            Problem(("all", 0, "attribute"), "No attribute is called contry.", "country"),
            Problem(("all", 6, "segment"), "There is no segment with the key gone."),
        )
        return Answer(TOTAL, None, problems=problems, resolved=resolved)
    advice: tuple[Advice, ...] = ()
    if show == "advice" and "Irland" in json.dumps(rule):
        better = {"attribute": "plan", "operator": "is_none_of", "value": ["Pro", "Business"]}
        advice = (
            Advice(
                path=("all", 0, "value"), kind="unseen", message="Nobody has the value Irland.", suggestion="Ireland"
            ),
            Advice(path=("all", 1), kind="any_of_negatives", message="This matches everyone.", fix=better),
            Advice(path=("all", 2), kind="no_effect", message="Already said by the line above.", fix={"all": []}),
        )
    return Answer(TOTAL, count, counts=counts, resolved=resolved, sentence=Sentence(spans), advice=advice)


def page(show: str) -> None:
    """One builder, its answers, and what it sent."""
    more: tuple[Attribute, ...] = ()
    if show == "hostile":
        more = (
            Attribute(key="hostile", kind=Kind.TEXT, label=HOSTILE + "w" * 160),
            Attribute(key="arabic", kind=Kind.TEXT, label="اسم العميل الكامل"),
        )
    if show == "big":
        more = tuple(
            Attribute(key=f"attribute_{n}", kind=list(Kind)[n % 6], label=f"Attribute number {n}") for n in range(300)
        )
    events = EVENTS + (tuple((f"event_{n}", f"Event number {n}") for n in range(100)) if show == "big" else ())
    schema = Schema(
        people={a.key: a for a in (*ATTRIBUTES, *more)},
        companies={a.key: a for a in COMPANY},
        events=dict(events),
        properties={a.key: a for a in PROPERTIES},
    )
    vocabulary = Vocabulary(
        schema=schema,
        missing={Entity.PERSON: MISSING, Entity.COMPANY: {"name": 0, "industry": 12}},
        totals={Entity.PERSON: TOTAL, Entity.COMPANY: 812},
        events=tuple(
            KnownEvent(name, label, 34_769 - 1000 * n, CARRIED.get(name, ("via",)))
            for n, (name, label) in enumerate(events)
        ),
        idle=12_004,
    )
    segments = [
        Row(Named("new", "New"), 51),
        Row(Named("active", "Active"), 27_791),
        Row(Named("slipping-away", "Slipping away"), 20_419),
        Row(Named("big-companies", "Big companies", Entity.COMPANY), 61),
    ]
    if show == "hostile":
        segments.append(Row(Named("hostile", HOSTILE), 1))
    state = st.session_state.setdefault("state", {"rule": RULES.get(show, {"all": []}), "seq": 0, "rev": 1, "saves": 0})

    @st.fragment
    def body() -> None:
        sent = rule_builder.sent("builder")
        if sent is not None and sent.rev == state["rev"] and sent.seq > state["seq"]:
            state.update(rule=sent.rule, seq=sent.seq, unfinished=sent.unfinished)
        time.sleep(float(st.query_params.get("slow", "0")))
        saves = rule_builder.show(
            key="builder",
            rev=state["rev"],
            seq=state["seq"],
            entity=Entity.COMPANY if show == "company" else Entity.PERSON,
            document=state["rule"],
            preview=answer(state["rule"], show),
            vocabulary=vocabulary,
            segments=segments,
            workspace=Workspace(time_zone="Europe/Dublin"),
            readonly=show.startswith("readonly"),
        )
        state["saves"] += int(saves)
        told = {
            "rule": state["rule"],
            "seq": state["seq"],
            "unfinished": state.get("unfinished", 0),
            "saves": state["saves"],
        }
        with st.container(key="sent"):
            st.text(json.dumps(told, ensure_ascii=False))
        if st.button("Load another", key="load"):
            state.update(
                rule={"all": [{"attribute": "plan", "operator": "is", "value": "Pro"}]}, rev=state["rev"] + 1, seq=0
            )
            st.rerun(scope="fragment")

    body()


st.set_page_config(layout="wide", page_title="Builder")
st.html("<style>[data-testid=stMainBlockContainer]{padding:4rem 1.8rem 2rem}</style>")
page(st.query_params.get("show", "empty"))
