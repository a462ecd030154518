"""Bringing a file in: what it is, which column is the id, the kinds that were found, a count of what would happen, the import."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from segcore.attributes import Kind
from segcore.model import Import
from segcore.problems import SegcoreError
from segcore.services.imports import Outcome
from segcore.ui import frame, words

WHATS = {"person": "People", "company": "Companies", "event": "Events"}
ENCODINGS = ("utf-8", "latin-1", "cp1252", "utf-16", "mac-roman", "shift-jis", "gb18030")
LIKELY_IDS = ("external_id", "id", "user_id", "customer_id", "customerid", "person_id", "company_id", "userid")
LIKELY_INSTANTS = ("at", "ts", "timestamp", "time", "date", "created_at", "occurred_at")
NONE = "\x00none"


def show() -> None:
    """The form; a fragment, so that choosing a kind reruns only it."""
    with st.container(border=True, key="import-form"):
        frame.heading("Import a file")
        _form()


@st.fragment
def _form() -> None:
    frame.agent()
    frame.show_told()
    what = st.segmented_control(
        "What is in the file",
        list(WHATS),
        default="person",
        required=True,
        format_func=WHATS.__getitem__,
        key="import-what",
    )
    limit = st.get_option("server.maxUploadSize")
    file = st.file_uploader(
        f"A CSV file with one line of column names, up to {limit} MB",
        type="csv",
        key=f"import-file-{st.session_state.get('import.round', 0)}",
        help="Larger ones, and .csv.gz, .parquet and .jsonl, come in by the command line: python -m segcore import",
    )
    if file is None:
        frame.note("Nothing is written before you have seen what was found in it.")
        return
    try:
        _ask(str(what), file)
    except SegcoreError as error:
        frame.trouble(error, key="import")


def _ask(what: str, file: Any) -> None:
    agent, services = frame.agent(), frame.services()
    content = file.getvalue()
    encoding_key = f"import-encoding-{file.file_id}"  # another file need not be in the same one
    encoding = st.session_state.get(encoding_key)
    try:
        columns = services.imports.columns(agent, content, name=file.name, encoding=encoding)
    except SegcoreError as error:
        if "--encoding" not in f"{error.message}{error.hint}":
            raise
        st.warning("This file is not UTF-8. Choose the encoding it was saved in; the first rows show whether it fits.")
        st.selectbox("Encoding", ENCODINGS, index=None, key=encoding_key, placeholder="Choose an encoding")
        return
    if encoding is not None:
        st.selectbox("Encoding", ENCODINGS, key=encoding_key)
    options = {**_roles(what, columns), "encoding": encoding, "name": file.name}
    if not _complete(what, options):
        return
    kinds_key = f"import-kinds-{file.file_id}-{what}"
    plan = _plan(what, content, options, {}, {})
    types, names = _columns(plan, kinds_key)
    if types or names:
        plan = _plan(what, content, options, types, names)
        _misfits(plan)
    _run(plan)


def _roles(what: str, columns: Sequence[str]) -> dict[str, Any]:
    """Which column is the id, and what else the kind of file needs."""

    def likely(names: Sequence[str]) -> int:
        lowered = [column.casefold() for column in columns]
        return next((lowered.index(name) for name in names if name in lowered), 0)

    left, middle, right = st.columns(3)
    if what != "event":
        chosen: dict[str, Any] = {
            "id": left.selectbox("ID column", columns, index=likely(LIKELY_IDS), key=f"import-id-{what}")
        }
        if what == "person":
            company = middle.selectbox(
                "Company column",
                [NONE, *columns],
                format_func=_or_no_column,
                key="import-company",
                help="IDs of companies; several in one cell are separated by ;",
            )
            chosen["company"] = None if company == NONE else company
        return chosen
    person = left.selectbox("Person column", columns, index=likely(LIKELY_IDS), key="import-person")
    at = middle.selectbox("Time column", columns, index=likely(LIKELY_INSTANTS), key="import-at")
    message = right.selectbox(
        "Message ID column",
        [NONE, *columns],
        format_func=_or_no_column,
        key="import-message",
        help="Repeats of one ID have one effect",
    )
    from_column = left.toggle("The event's name is in a column", key="import-named-by-column")
    event = column = None
    if from_column:
        column = middle.selectbox("Event column", columns, key="import-event-column")
    else:
        event = (
            middle.text_input("Name of the event", key="import-event", placeholder="Purchase", max_chars=200).strip()
            or None
        )
    return {
        "person": person,
        "at": at,
        "event": event,
        "event_column": column,
        "message_id": None if message == NONE else message,
    }


def _or_no_column(column: str) -> str:
    return "No column" if column == NONE else column


def _complete(what: str, options: Mapping[str, Any]) -> bool:
    if what == "event" and not (options["event"] or options["event_column"]):
        frame.note("Say what the event is called.")
        return False
    return True


def _plan(
    what: str, content: bytes, options: Mapping[str, Any], types: Mapping[str, Any], names: Mapping[str, Any]
) -> Any:
    with st.spinner("Reading the whole file…"):
        return frame.services().imports.plan(frame.agent(), what, content, types=types, names=names, **options)


def _columns(plan: Any, key: str) -> tuple[dict[str, str], dict[str, str]]:
    """What was found in each column, each kind and name changeable; gives back what was changed."""
    noun = "property" if plan.what == "event" else "attribute"
    shown = plan.attributes
    frame.note(
        f"{words.counted(plan.rows, ('row', 'rows'))}, {plan.encoding}. The kinds were found from all of them; "
        f"change what is not meant. A value that does not fit its kind keeps its row out, with the reason."
    )
    place = {column.name: index for index, column in enumerate(plan.columns)}
    table = pl.DataFrame(
        {
            "Column": [column.name for column in shown],
            noun.capitalize(): [column.key for column in shown],
            "Kind": [column.kind.value for column in shown],
            "Missing": [column.missing for column in shown],
            "Do not fit": [column.misfits for column in shown],
            "First rows": [
                " · ".join(row[place[column.name]] or words.MISSING for row in plan.first) for column in shown
            ],
        },
        schema={
            "Column": pl.String,
            noun.capitalize(): pl.String,
            "Kind": pl.String,
            "Missing": pl.Int64,
            "Do not fit": pl.Int64,
            "First rows": pl.String,
        },
    )
    edited = st.data_editor(
        table,
        key=key,
        hide_index=True,
        disabled=["Column", "Missing", "Do not fit", "First rows"],
        column_config={
            "Kind": st.column_config.SelectboxColumn(options=[kind.value for kind in Kind], required=True),
            noun.capitalize(): st.column_config.TextColumn(required=True, max_chars=200),
            "Missing": st.column_config.NumberColumn(format="localized"),
            "Do not fit": st.column_config.NumberColumn(format="localized"),
        },
    )
    types, names = {}, {}
    for column, row in zip(shown, edited.iter_rows(named=True), strict=True):
        if row["Kind"] != column.kind.value:
            types[column.name] = row["Kind"]
        if row[noun.capitalize()].strip() != column.key:
            names[column.name] = row[noun.capitalize()].strip()
    return types, names


def _misfits(plan: Any) -> None:
    """What the changed kinds would cost."""
    for column in plan.attributes:
        if column.misfits:
            st.warning(
                f"{words.counted(column.misfits, ('value', 'values'))} of {words.escape(column.key)} "
                f"would not fit as {column.kind.value}; each keeps its row out."
            )


def _run(plan: Any) -> None:
    agent, services = frame.agent(), frame.services()
    with st.container(horizontal=True, key="import-buttons"):
        imported = st.button("Import", type="primary", key="import-run")
        tried = st.button("Dry run", key="import-try", help="Counts what an import would do, and writes nothing")
    if not imported and not tried:
        return
    bar = st.progress(0.0, text="Reading the rows…")

    def progress(done: int, total: int) -> None:
        share = min(1.0, done / total) if total else 1.0
        bar.progress(share, text=f"{words.count(done)} of {words.counted(total, ('row', 'rows'))}")

    outcome: Outcome = services.imports.run(agent, plan, now=frame.now(), dry_run=tried, progress=progress)
    bar.empty()
    if tried:
        st.info(f"An import would come to: {words.escape(adds_up(outcome))}")
        if outcome.rejections:
            st.code("\n".join(outcome.rejections.splitlines()[:6]), language=None, wrap_lines=True)
        return
    st.session_state["import.round"] = st.session_state.get("import.round", 0) + 1
    frame.tell(f"Imported {outcome.file}: {adds_up(outcome)}")
    st.rerun()


def adds_up(done: Outcome | Import) -> str:
    """ "4,102 rows = 311 new + 3,780 updated + 4 unchanged + 7 rejected"."""
    what = done.what if isinstance(done, Outcome) else done.entity
    nouns = {"event": "of events", "person": "of people", "company": "of companies"}.get(str(what), "")
    return (
        f"{words.counted(done.read, ('row', 'rows'))} {nouns} = {words.count(done.created)} new + "
        f"{words.count(done.updated)} updated + {words.count(done.unchanged)} unchanged + {words.count(done.rejected)} rejected"
    )
