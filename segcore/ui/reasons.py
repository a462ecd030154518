"""Why somebody is in a filter or not: each condition with ✓ or ✕ and the actual value, what would turn it, until when."""

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any

import streamlit as st

from segcore.attributes import Entity
from segcore.model import Agent, Segment
from segcore.problems import NotFound, SegcoreError
from segcore.services.explaining import Explanation, Reason
from segcore.services.people import Profile
from segcore.ui import frame, nav, words

MOST_LINES = 300
MOST_FOUND = 8
_MARKS = {True: "**:primary[✓]**", False: "**✕**", None: "**·**"}


def card(explanation: Explanation, *, key: str) -> None:
    """What alone would turn the answer, every condition, and until when."""
    with st.container(key=f"reasons-{key}", gap="small"):
        if not explanation.holds:
            for line in turning(explanation):
                st.markdown(line)
        tree(explanation)
        said = until(explanation)
        if said:
            st.markdown(said, help=_exactly(explanation))


def tree(explanation: Explanation) -> None:
    """The conditions as a list; groups and segments inside it as lists of their own."""
    root = explanation.root
    lines = [(depth - 1, each) for depth, each in root.lines() if depth] if root.kind == "all" else list(root.lines())
    if not lines:
        frame.note("This filter has no conditions: everyone is in it.")
        return
    written = [_line(depth, reason) for depth, reason in lines[:MOST_LINES]]
    st.markdown("\n".join(written))
    if len(lines) > MOST_LINES:
        frame.note(f"And {words.count(len(lines) - MOST_LINES)} more lines.")


def _line(depth: int, reason: Reason) -> str:
    indent = "    " * depth
    said = f"{indent}- {_MARKS[reason.holds]} {words.sentence(reason.says)}"
    more = [f"_{words.escape(text)}_" for text in (_actual(reason), reason.note, reason.bound) if text]
    return f"{said}  \n{indent}  {' · '.join(more)}" if more else said


def _actual(reason: Reason) -> str | None:
    """The actual value; a word alone would not say whose it is."""
    if reason.actual is None or reason.kind != "attribute":
        return reason.actual
    return f"is {reason.actual}" if reason.actual == "unknown" else reason.actual


def turning(explanation: Explanation) -> list[str]:
    """Each condition that alone, answered otherwise, would turn the answer, with the value it would need."""
    leaves = [reason for reason in explanation.pivotal() if not _inside(reason)]
    told = list(dict.fromkeys(_needed(reason) for reason in leaves))
    if not told and not explanation.hidden and not explanation.truncated:
        failing = len(set(_unmet(explanation.root)))
        return [f"No single change would do it: {words.count(failing)} conditions are not met."] if failing > 1 else []
    return told[:10]


def _unmet(reason: Reason, wanted: bool = True) -> Iterator[str]:
    """The conditions that stand against the answer: what is in "none of these", or in a segment that they are not to be
    in, may well be unmet without doing so."""
    if reason.holds in (wanted, None):
        return
    inner = reason.children if reason.kind in ("all", "any", "none", "segment") else ()
    if not inner:
        yield str(reason.says)
    for child in inner:
        denied = reason.kind == "none" or (reason.kind == "segment" and child.holds is not reason.holds)
        yield from _unmet(child, wanted is not denied)


def _inside(reason: Reason) -> bool:
    """Whether a condition has others under it that say more."""
    return any(child.pivotal for each in reason.children for child in each.walk())


def _needed(reason: Reason) -> str:
    if reason.kind == "attribute" and reason.actual is not None:
        said = f"{words.escape(reason.subject)} {'are' if reason.plural else 'is'} **{words.escape(reason.actual)}**"
        if reason.note:
            return f"{said}; {words.escape(reason.note)}."
        between = ";" if reason.plural else ","
        return f"{said}{between} **{words.escape(reason.needed or '')}** is needed."
    said = words.sentence(reason.says)
    if reason.actual is None:
        return f"{said}: {'yes' if reason.holds else 'no'}."
    said = f"{said}: **{words.escape(reason.actual)}**"
    return f"{said}, **{words.escape(reason.needed)}** is needed." if reason.needed else f"{said}."


def until(explanation: Explanation) -> str | None:
    """ "Stays until 24 Nov 2026, 09:12, when last seen passes 30 days." """
    if explanation.hidden:
        return "Part of this filter is not visible to you, so until when is not told."
    if explanation.flips is None:
        them = "it" if explanation.entity is Entity.COMPANY else "them"
        return f"Stays until something about {them} changes; time alone does not end it." if explanation.holds else None
    at = f"**{words.escape(words.absolute(explanation.flips.at, frame.zone()))}**"
    what = explanation.flips.says
    what = words.escape(what if what[1:2].isupper() else what[:1].lower() + what[1:])
    if explanation.holds:
        return f"Stays until {at}, when {what}."
    return f"Comes in by time alone on {at}, when {what}."


def _exactly(explanation: Explanation) -> str | None:
    if explanation.flips is None:
        return None
    at = explanation.flips.at.astimezone(frame.zone())
    return words.escape(f"{words.day(at.date())}, {at:%H:%M:%S.%f} {frame.zone().key}, if nothing else changes")


def in_filter(
    agent: Agent, services: Any, entity: Entity, external_id: str, document: dict[str, Any], segment: str | None
) -> None:
    """The part of the drawer that says why they are in the list; nothing where the filter asks nothing."""
    try:
        if segment is not None:
            found = services.filters.explain_segment(agent, external_id, segment, now=frame.now())
        else:
            found = services.filters.explain(agent, external_id, document, entity=entity, now=frame.now())
    except SegcoreError:
        return  # the filter is being mended, or they are gone: the page says so
    if found.root.kind == "all" and not found.root.children:
        return
    frame.heading("In this filter because" if found.holds else "Not in this filter because")
    card(found, key="drawer")


def segments_view(profile: Profile, entity: Entity, agent: Agent, services: Any, now: datetime) -> None:
    """The segments they are in with why and until when, and any other one with what is missing."""
    member_of = services.segments.members_of(agent, profile.external_id, entity=entity, now=now)
    others = [
        segment
        for segment in services.presence.visible(agent).values()
        if segment.entity is entity and segment.key not in {each.key for each in member_of}
    ]
    if member_of:
        counted = words.counted(len(member_of), ("segment", "segments"))
        frame.note(f"In {counted} as of {words.as_of(now, now, frame.zone())}.")
    else:
        frame.note("In no segment right now.")
    found = services.filters.explain_segments(agent, profile.external_id, [each.key for each in member_of], now=now)
    for segment in member_of:
        _member(segment, found[segment.key])
    if others:
        _not_in(others, profile, agent, services, now)


def _member(segment: Segment, found: Explanation) -> None:
    with st.container(border=True, key=f"profile-segment-{segment.key}", gap="small"):
        st.page_link(nav.page("segment"), label=words.escape(segment.name), query_params={"segment": segment.key})
        tree(found)
        said = until(found)
        if said:
            st.markdown(said, help=_exactly(found))


def _not_in(others: list[Segment], profile: Profile, agent: Agent, services: Any, now: datetime) -> None:
    """Any segment that they are not in, and why."""
    by_key = {segment.key: segment for segment in others}
    with st.container(border=True, key="profile-not-in", gap="small"):
        frame.heading("Not in")
        if st.session_state.get("profile-not-in-segment") not in by_key:
            st.session_state.pop("profile-not-in-segment", None)
        chosen = st.selectbox(
            "Segment they are not in",
            list(by_key),
            index=None,
            placeholder="Choose a segment to see what is missing",
            format_func=lambda key: by_key[key].name,
            key="profile-not-in-segment",
            label_visibility="collapsed",
        )
        if chosen is None:
            return
        with frame.region("Why they are not in it could not be worked out.", "not-in"):
            found = services.filters.explain_segment(agent, profile.external_id, chosen, now=now)
            _headline(found, profile.name, by_key[chosen].name)
            card(found, key="not-in")
            st.page_link(
                nav.page("segment"), label=f"Open {words.escape(by_key[chosen].name)}", query_params={"segment": chosen}
            )


def _headline(found: Explanation, name: str, segment: str) -> None:
    inside = "is in" if found.holds else "is not in"
    st.markdown(f"**{words.escape(name)}** {inside} **{words.escape(segment)}**.")


def ask(segment: Segment, agent: Agent, services: Any, now: datetime) -> None:
    """Anybody can be asked why they are in a segment or not: by name, e-mail or ID."""
    nouns = words.NOUNS[segment.entity]
    with st.container(border=True, key="segment-ask", gap="small"):
        frame.heading(f"Why is this {nouns[0]} here, or not here?")
        sought = st.text_input(
            f"Find a {nouns[0]}",
            key=f"segment-ask-{segment.key}",
            placeholder="Name, e-mail or ID" if segment.entity is Entity.PERSON else "Name or ID",
            icon=":material/search:",
            label_visibility="collapsed",
            live=True,
        ).strip()
        if not sought:
            frame.note(f"Find any {nouns[0]} by name, e-mail or ID: members and everybody else.")
            return
        found = _found(sought, segment.entity, agent, services, now)
        if not found:
            nobody = "Nobody" if segment.entity is Entity.PERSON else "No company"
            frame.note(f"{nobody} is found by “{sought}”.")
            return
        chosen = next(iter(found))
        if len(found) > 1:
            chosen = st.pills(
                f"Which {nouns[0]}",
                list(found),
                default=chosen,
                required=True,
                format_func=lambda key: words.escape(found[key]),
                key=f"segment-ask-which-{segment.key}-{sought}",
                label_visibility="collapsed",
            )
        explanation = services.filters.explain_segment(agent, chosen, segment.key, now=now)
        _headline(explanation, found[chosen], segment.name)
        card(explanation, key="ask")
        st.page_link(
            nav.page(segment.entity.value),
            label=f"Open the profile of {words.escape(found[chosen])}",
            query_params={segment.entity.value: chosen},
        )


def _found(sought: str, entity: Entity, agent: Agent, services: Any, now: datetime) -> dict[str, str]:
    """External id → name of those who could be meant: the one of that id first."""
    named: dict[str, tuple[str, str]] = {}
    with suppress(NotFound):
        profile = services.people.profile(agent, sought, entity=entity, now=now)
        named[sought] = profile.name, str(profile.values.get("email") or "")
    page = services.filters.page(
        agent, {"all": []}, entity=entity, now=now, columns=["name", "email"], search=sought, limit=MOST_FOUND
    )
    for row in page.frame.iter_rows(named=True):
        told = row.get("name") or row.get("email") or row["external_id"]
        named.setdefault(row["external_id"], (str(told), str(row.get("email") or "")))
    return told_apart(dict(list(named.items())[:MOST_FOUND]))


def told_apart(named: Mapping[str, tuple[str, str]]) -> dict[str, str]:
    """External id → name; those of one name have their e-mail or ID with it, or nobody knew which of them is which."""
    names = Counter(name for name, _ in named.values())
    mails = Counter(named.values())
    return {
        key: name if names[name] == 1 else f"{name} · {mail if mail and mails[name, mail] == 1 else key}"
        for key, (name, mail) in named.items()
    }
