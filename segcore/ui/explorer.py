"""Everyone or every company, narrowed by a filter: segment bar, builder, count, table. A fragment, so that an edit reruns only it."""

from datetime import datetime

import streamlit as st

from segcore.access import Verb, may
from segcore.attributes import Entity
from segcore.model import Agent, Segment
from segcore.problems import SegcoreError
from segcore.services.filters import Preview
from segcore.services.segments import Counted
from segcore.ui import (
    changed_strip,
    columns_drawer,
    frame,
    nav,
    people_table,
    record_drawer,
    rule_builder,
    save_drawer,
    table_data,
    words,
)
from segcore.ui.filter_state import FilterState

EVERYONE = "\x00everyone"
BEGINS = "explorer.begins"  # said by who opens the page for a new segment
COUNTED_IN_BAR = 60  # beyond that many segments, the pills show names without counts


def show(entity: Entity) -> None:
    """The whole page for one entity; the address names a draft or a segment, or neither."""
    state = FilterState.of(entity)
    if not state.follow_address(frame.agent(), frame.services()):
        frame.not_there()
    state.begins = bool(st.session_state.pop(BEGINS, False)) and state.empty
    _body(entity)


@st.fragment
def _body(entity: Entity) -> None:
    agent, services, now = frame.agent(), frame.services(), frame.now()
    state = FilterState.of(entity)
    if not state.follow_address(agent, services):
        frame.not_there()
    frame.show_told()
    state.take_draft(agent, services, now)
    preview = services.filters.preview(agent, state.document, entity=entity, now=now, segment=state.segment)
    state.problems = bool(preview.problems)
    segment = state.segment_of(agent, services)
    overtaken = segment is not None and state.overtaken(segment)
    _head(entity, agent, state, segment, overtaken)
    overview = services.segments.overview(agent, now=now)
    mine = [row for row in overview.segments if row.segment.entity is entity]
    total = overview.total if entity is Entity.PERSON else overview.companies
    _segment_bar(entity, state, mine, total)
    changed_strip.show(state, segment, agent, services, now)
    saves = rule_builder.show(
        key=state.builder_key,
        rev=state.rev,
        seq=state.seq,
        entity=entity,
        document=state.document,
        preview=preview,
        vocabulary=services.filters.vocabulary(agent, now=now),
        segments=[row for row in overview.segments if row.problem is None and row.segment.key != state.segment],
        workspace=services.presence.current().workspace,
        begins=state.begins,
    )
    _table(entity, state, preview, now)
    if saves and state.can_save and not overtaken:
        if segment is None or not may(agent, Verb.EDIT, segment):
            save_drawer.show(state, agent, services)
        elif state.edited(segment):
            _save_version(entity)
            st.rerun(scope="fragment")


def _head(entity: Entity, agent: Agent, state: FilterState, segment: Segment | None, overtaken: bool) -> None:
    title = "People" if entity is Entity.PERSON else "Companies"
    editing = segment is not None and may(agent, Verb.EDIT, segment)
    unfinished = "Finish or remove the dashed condition first" if state.unfinished else None
    if state.problems:
        unfinished = "Mend what is marked in the filter first"
    with frame.head(title, subtitle=f"Filter of {segment.name}" if segment is not None else None):
        if agent.seen_by is None and st.button(
            "Columns", key=f"{state.name}-columns", icon=":material/view_column:", type="tertiary"
        ):
            columns_drawer.show(state)
        if not may(agent, Verb.CREATE):
            return
        if editing and segment is not None:
            if state.edited(segment) and not overtaken:
                st.button("Discard", key=f"{state.name}-discard", type="tertiary", on_click=state.discard)
            if st.button(
                "Save as new segment", key=f"{state.name}-save-new", disabled=bool(unfinished), help=unfinished
            ):
                save_drawer.show(state, agent, frame.services())
            nothing = None if state.edited(segment) else "Nothing has changed since this version"
            if overtaken:
                nothing = f"Version {segment.version} was saved in between: compare first"
            st.button(
                f"Save version {segment.version + 1}",
                key=f"{state.name}-save-version",
                type="primary",
                icon=":material/bookmark_add:",
                disabled=bool(unfinished or nothing),
                help=unfinished or nothing,
                on_click=_save_version,
                args=(entity,),
            )
        elif st.button(
            "Save as segment",
            key=f"{state.name}-save",
            type="primary",
            icon=":material/bookmark_add:",
            disabled=bool(unfinished),
            help=unfinished,
        ):
            save_drawer.show(state, agent, frame.services())


def _save_version(entity: Entity) -> None:
    """A callback: runs before the page, so the page already shows what was saved."""
    agent, services, state = frame.agent(), frame.services(), FilterState.of(entity)
    segment = state.segment_of(agent, services)
    if segment is None or state.overtaken(segment):
        return  # what the page shows next says so
    try:
        saved = services.segments.change(
            agent,
            segment.key,
            expected_version=state.base_version or segment.version,
            document=state.document,
            now=frame.now(),
        )
    except SegcoreError as error:
        frame.tell(error)
        return
    state.saved(saved)
    frame.tell(f"Saved version {saved.version} of {saved.name}")


def _segment_bar(entity: Entity, state: FilterState, rows: list[Counted], total: int) -> None:
    """Everyone and the predefined segments as pills with counts; the others behind "More segments…"."""
    by_key = {row.segment.key: row for row in rows}
    pills = [EVERYONE, *(row.segment.key for row in rows if row.segment.predefined)]
    others = [row.segment.key for row in rows if not row.segment.predefined]
    everyone = "Everyone" if entity is Entity.PERSON else "All companies"

    def named(key: str) -> str:
        if key == EVERYONE:
            return f"{everyone} {words.count(total)}"
        row = by_key[key]
        counted = "" if row.count is None or len(rows) > COUNTED_IN_BAR else f" {words.count(row.count)}"
        return words.escape(row.segment.name) + counted

    def listed(key: str) -> str:
        row = by_key[key]
        return row.segment.name if row.count is None else f"{row.segment.name} · {words.count(row.count)}"

    pill_key, more_key = f"{state.name}-pills", f"{state.name}-more"
    chosen = state.segment if state.segment in by_key else None
    st.session_state[pill_key] = chosen if chosen in pills else (EVERYONE if state.empty and chosen is None else None)
    st.session_state[more_key] = chosen if chosen in others else None
    with st.container(key=f"{state.name}-bar", horizontal=True, vertical_alignment="center", gap="small"):
        st.pills(
            "Segment",
            pills,
            key=pill_key,
            format_func=named,
            label_visibility="collapsed",
            on_change=_choose,
            args=(entity, pill_key),
        )
        if others:
            st.selectbox(
                "More segments",
                others,
                key=more_key,
                index=None,
                placeholder="More segments…",
                format_func=listed,
                label_visibility="collapsed",
                width=240,
                on_change=_choose,
                args=(entity, more_key),
            )


def _choose(entity: Entity, key: str) -> None:
    """A callback: load the filter of the chosen segment, or an empty one."""
    chosen = st.session_state.get(key)
    state = FilterState.of(entity)
    try:
        state.load_segment(frame.agent(), frame.services(), None if chosen in (None, EVERYONE) else chosen)
    except SegcoreError as error:  # deleted while the page was open
        frame.tell(error)


def _table(entity: Entity, state: FilterState, preview: Preview, now: datetime) -> None:
    if preview.count is None:
        frame.note("The list comes back as soon as what is marked in the filter is mended.")
        return
    source = {"draft": state.draft} if state.draft else {"segment": state.segment} if state.segment else {}
    done = table_data.shown(
        state.table_key,
        entity=entity,
        document=state.document,
        rev=state.table_rev,
        source=source,
        segment=state.segment,
        now=now,
        milliseconds=preview.milliseconds,
        empty=lambda _, view: table_data.nobody(entity, preview, view),
    )
    if done.open:
        record_drawer.show(entity, done.open, state.document, begun=state.segment)
    elif done.action == "import":
        st.switch_page(nav.page("data"), query_params={"view": "imports"})
    elif done.action == "clear_search":
        people_table.forget_search(state.table_key)
        st.rerun(scope="fragment")
    elif done.action and done.action.startswith("drop:"):
        state.drop(int(done.action.removeprefix("drop:")), frame.agent(), frame.services(), now)
        st.rerun(scope="fragment")
