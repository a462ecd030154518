"""The small dialogs about segments and folders: rename, move, delete, new folder."""

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from segcore.attributes import Entity
from segcore.model import Folder, Segment
from segcore.problems import NotFound, SegcoreError
from segcore.ui import frame, nav, words

MOVED = "segments.moved"
NO_FOLDER = "No folder"


def explorer_of(segment: Segment) -> str:
    """The page on which a segment's filter is edited."""
    return "people" if segment.entity is Entity.PERSON else "companies"


@dataclass(frozen=True, slots=True)
class Moved:
    """The last move of this browser tab, to be taken back."""

    segment: str
    name: str
    before: str | None
    to: str


def move(segment: Segment, folder: str | None) -> None:
    """Move at once, and offer to take it back."""
    agent, services = frame.agent(), frame.services()
    if segment.folder == folder:
        return
    services.segments.move(agent, segment.key, folder, now=frame.now())
    names = {f.key: f.name for f in services.folders.all(agent)}
    to = names.get(folder, NO_FOLDER) if folder else NO_FOLDER
    st.session_state[MOVED] = Moved(segment.key, segment.name, segment.folder, to)
    st.rerun()


def move_back() -> None:
    """A callback: undo the last move."""
    moved: Moved | None = st.session_state.pop(MOVED, None)
    if moved is None:
        return
    try:
        frame.services().segments.move(frame.agent(), moved.segment, moved.before, now=frame.now())
    except SegcoreError as error:
        frame.tell(error)


def move_to_new_folder(segment: Segment) -> None:
    """Ask for a name, make the folder, and move there."""
    st.dialog("New folder", width="small")(_move_to_new_folder)(segment)


def _move_to_new_folder(segment: Segment) -> None:
    if there(segment.key) is None:
        return
    frame.agent()
    with st.form("move-new-folder", border=False):
        name = st.text_input("Name", max_chars=100, key="move-new-folder-name")
        pressed = st.form_submit_button("Make folder and move", type="primary")
    if pressed:
        _done(lambda: _make_and_move(segment, name), f"Moved {segment.name} to {name.strip()}")


def _make_and_move(segment: Segment, name: str) -> None:
    agent, services = frame.agent(), frame.services()
    folder = services.folders.create(agent, name, entity=segment.entity, now=frame.now())
    services.segments.move(agent, segment.key, folder.key, now=frame.now())


def choose_folder(segment: Segment) -> None:
    """Ask for the folder to move to."""
    st.dialog("Move to folder", width="small")(_choose_folder)(segment)


def _choose_folder(segment: Segment) -> None:
    if there(segment.key) is None:
        return
    folders = {f.key: f.name for f in frame.services().folders.all(frame.agent(), entity=segment.entity)}
    chosen = st.selectbox(
        "Folder",
        [None, *folders],
        index=[None, *folders].index(segment.folder) if segment.folder in folders else 0,
        format_func=lambda key: "No folder" if key is None else folders[key],
    )
    if st.button("Move", type="primary", disabled=chosen == segment.folder):
        move(segment, chosen)


def rename(segment: Segment) -> None:
    """Name and description of a segment; the key and every address stay."""
    st.dialog("Rename", width="small")(_rename)(segment)


def _rename(segment: Segment) -> None:
    current = there(segment.key)
    if current is None:
        return
    with st.form("rename-segment", border=False):
        name = st.text_input("Name", current.name, max_chars=200)
        description = st.text_area("Description", current.description, max_chars=2000, height=80)
        pressed = st.form_submit_button("Save", type="primary")
    if pressed:
        _done(
            lambda: frame.services().segments.change(
                frame.agent(),
                segment.key,
                expected_version=segment.version,
                name=name,
                description=description,
                now=frame.now(),
            ),
            f"Renamed to {name.strip()}" if name.strip() != segment.name else "Saved the description",
        )


def delete(segment: Segment) -> None:
    """Ask before a segment goes; refused while another one refers to it."""
    st.dialog("Delete this segment?", width="small")(_delete)(segment)


def _delete(segment: Segment) -> None:
    agent, services = frame.agent(), frame.services()
    if there(segment.key) is None:
        return
    used_by = services.segments.used_by(agent, segment.key)
    st.markdown(f"**{words.escape(segment.name)}** goes for good. The people in it stay as they are.")
    if used_by:
        names = words.listed([words.escape(other.name) for other in used_by])
        st.warning(f"Used by {words.count(len(used_by))}: {names}. Replace it there first.")
    with st.container(horizontal=True):
        if st.button("Delete segment", type="primary", disabled=bool(used_by), key="delete-confirm"):
            _done(
                lambda: services.segments.delete(agent, segment.key, now=frame.now()),
                f"Deleted {segment.name}",
                then=lambda: st.switch_page(nav.page("segments")),
            )
        if st.button("Keep it", key="delete-cancel"):
            st.rerun()


def new_folder() -> None:
    """A folder by its name."""
    st.dialog("New folder", width="small")(_new_folder)()


def _new_folder() -> None:
    frame.agent()
    frame.note("A folder holds segments, as a segment group does elsewhere.")
    with st.form("new-folder", border=False):
        name = st.text_input("Name", max_chars=100, key="new-folder-name")
        pressed = st.form_submit_button("Make folder", type="primary")
    if pressed:
        _done(
            lambda: frame.services().folders.create(frame.agent(), name, now=frame.now()),
            f"Made the folder {name.strip()}",
        )


def rename_folder(folder: Folder) -> None:
    """Another name for a folder."""
    st.dialog("Rename folder", width="small")(_rename_folder)(folder)


def _rename_folder(folder: Folder) -> None:
    if not _folder_there(folder):
        return
    frame.agent()
    with st.form("rename-folder", border=False):
        name = st.text_input("Name", folder.name, max_chars=100)
        pressed = st.form_submit_button("Save", type="primary")
    if pressed:
        _done(
            lambda: frame.services().folders.rename(frame.agent(), folder.key, name, now=frame.now()),
            f"Renamed to {name.strip()}",
        )


def delete_folder(folder: Folder) -> None:
    """Ask before a folder goes; its segments stay."""
    st.dialog("Delete this folder?", width="small")(_delete_folder)(folder)


def _delete_folder(folder: Folder) -> None:
    agent, services = frame.agent(), frame.services()
    if not _folder_there(folder):
        return
    held = sum(row.segment.folder == folder.key for row in services.segments.overview(agent, now=frame.now()).segments)
    moved = f", its {words.counted(held, ('segment moves', 'segments move'))} to No folder" if held else ""
    st.markdown(f"The folder **{words.escape(folder.name)}** goes{moved}.")
    with st.container(horizontal=True):
        if st.button("Delete folder", type="primary", key="delete-folder-confirm"):
            _done(
                lambda: services.folders.delete(agent, folder.key, now=frame.now()), f"Deleted the folder {folder.name}"
            )
        if st.button("Keep it", key="delete-folder-cancel"):
            st.rerun()


def there(key: str) -> Segment | None:
    """The segment as who asks sees it by now: a dialog outlives the run that opened it. Says so where it is gone."""
    try:
        return frame.services().segments.get(frame.agent(), key)
    except NotFound as gone:
        frame.note(gone.message)
        return None


def _folder_there(folder: Folder) -> bool:
    if any(each.key == folder.key for each in frame.services().folders.all(frame.agent())):
        return True
    frame.note(frame.NOT_THERE)
    return False


def _done(do: Callable[[], object], told: str, then: Callable[[], object] = st.rerun) -> None:
    """Do it, then close the dialog and say so; what cannot be done is told in the dialog, which stays open."""
    try:
        do()
    except SegcoreError as error:
        frame.trouble(error, key="dialog")
        return
    frame.tell(told)
    then()
