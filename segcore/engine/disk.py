"""A snapshot as Arrow files, so that a start reads columns from disk instead of documents from SQL.

Beside them lies one small file, `snapshot.json`, that says which files belong together and what their SHA-256 is:
neither Arrow nor the disk notices a flipped bit. It is put in place last, in one step. The files are mapped, not
read: pages that no condition touches stay on disk.
"""

import hashlib
import json
import logging
import os
import secrets
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pyarrow as pa

from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.engine.columns import Coded, Column, Columns, Plain
from segcore.engine.events import Events, Log
from segcore.engine.state import BELONGING, Snapshot

log = logging.getLogger(__name__)

FORMAT = 2
CARD = "snapshot.json"
ABANDONED_SECONDS = 3_600


class Damaged(Exception):
    """What is on disk cannot be trusted, or was written by another version."""


@dataclass(frozen=True, slots=True)
class Stored:
    """A snapshot from disk, and the entry of the change log that it stands at, by which its database is recognised."""

    snapshot: Snapshot
    stamp: str


def write(folder: Path, snapshot: Snapshot, stamp: str) -> None:
    """Put a snapshot on disk in place of the one before; whoever reads meanwhile gets one or the other."""
    before = _files(folder)
    card: dict[str, Any] = {
        "format": FORMAT,
        "position": snapshot.position,
        "stamp": stamp,
        "schema": _schema(snapshot.schema),
        "files": {},
        "columns": {},
    }
    events, card["events"] = _logs(snapshot.events)
    frames = {"belonging": snapshot.belonging, "event": events}
    for entity in Entity:
        rows, words, card["columns"][entity.value] = _frames(snapshot.of(entity))
        frames |= {entity.value: rows, f"{entity.value}-words": words}
    for name, frame in frames.items():
        card["files"][name] = _put(folder, name, snapshot.position, frame)
    content = json.dumps(card, ensure_ascii=False).encode()
    text = hashlib.sha256(content).hexdigest().encode() + b"\n" + content
    _replace(folder / CARD, lambda file: file.write_bytes(text))
    keep = {entry["file"] for entry in card["files"].values()}
    for file in folder.glob("snapshot-*"):
        # Those of a process that is writing right now are not ours to remove.
        if file.name not in keep and (file.name in before or time.time() - file.stat().st_mtime > ABANDONED_SECONDS):
            file.unlink(missing_ok=True)


def read(folder: Path) -> Stored | None:
    """The snapshot on disk; None where there is none. What is damaged is removed, and said so in the log."""
    try:
        return _read(folder)
    except FileNotFoundError as error:
        if Path(error.filename or "").name != CARD:
            log.warning("The snapshot on disk is not complete (%s); it is read from the database again.", error)
    except (Damaged, OSError, ValueError, KeyError, TypeError, pa.ArrowException) as error:
        log.warning("The snapshot on disk cannot be used (%s); it is read from the database again.", error)
        remove(folder)
    return None


def remove(folder: Path) -> None:
    """Forget what is on disk."""
    gone = [folder / name for name in _files(folder)]
    for file in (folder / CARD, *gone):
        with suppress(OSError):
            file.unlink(missing_ok=True)


def _read(folder: Path) -> Stored:
    card = _card(folder)
    if card["format"] != FORMAT:
        raise Damaged(f"format {card['format']}, not {FORMAT}")
    frames = {name: _get(folder, entry) for name, entry in card["files"].items()}
    attributes = {
        entity: {a["key"]: Attribute(**{**a, "kind": Kind(a["kind"])}) for a in card["schema"][entity.value]}
        for entity in Entity
    }
    columns = {
        entity: _columns(frames[entity.value], frames[f"{entity.value}-words"], card["columns"][entity.value])
        for entity in Entity
    }
    belonging = frames["belonging"]
    if belonging.schema != pl.Schema(BELONGING):
        raise Damaged("another shape of belongings")
    events = _events(frames["event"], card["events"])
    schema = Schema(people=attributes[Entity.PERSON], companies=attributes[Entity.COMPANY])
    people, companies = columns[Entity.PERSON], columns[Entity.COMPANY]
    return Stored(Snapshot(card["position"], schema, people, companies, belonging, events), card["stamp"])


def _card(folder: Path) -> dict[str, Any]:
    digest, _, content = (folder / CARD).read_bytes().partition(b"\n")
    if hashlib.sha256(content).hexdigest().encode() != digest:
        raise Damaged(f"{CARD} was changed")
    card: dict[str, Any] = json.loads(content)
    return card


def _files(folder: Path) -> set[str]:
    """The names of the files in use; none where that cannot be read."""
    try:
        return {entry["file"] for entry in _card(folder)["files"].values()}
    except (Damaged, OSError, ValueError, KeyError, TypeError, AttributeError):
        # Whatever they are called, they are of no use without the card.
        return {file.name for file in folder.glob("snapshot-*.arrow")}


def _schema(schema: Schema) -> Mapping[str, list[dict[str, Any]]]:
    return {entity.value: [asdict(attribute) for attribute in schema.of(entity).values()] for entity in Entity}


def _frames(columns: Columns) -> tuple[pl.DataFrame, pl.DataFrame, list[dict[str, Any]]]:
    """The rows, the dictionaries (one row: a list for each coded column), and how each column is kept."""
    rows, words, kept = _held(columns.by_key)
    return pl.DataFrame([pl.Series("id", columns.ids), *rows]), pl.DataFrame(words), kept


def _held(by_key: Mapping[str, Column]) -> tuple[list[pl.Series], list[pl.Series], list[dict[str, Any]]]:
    """What columns hold for each row, what they hold once as lists, and how each is kept."""
    rows, words, kept = list[pl.Series](), list[pl.Series](), []
    for number, (key, column) in enumerate(by_key.items()):
        assert isinstance(column, Coded | Plain)
        coded = isinstance(column, Coded)
        into = words if coded else rows
        held = [column.values.alias(f"v{number}")]
        own = column.folded is not None and column.folded is not column.values
        if own and column.folded is not None:
            held.append(column.folded.alias(f"f{number}"))
        into.extend(one.implode() if coded else one for one in held)
        if isinstance(column, Coded):
            rows.append(pl.Series(f"v{number}", column.codes))
        folds = "none" if column.folded is None else "own" if own else "same"
        kept.append({"key": key, "coded": coded, "folds": folds})
    return rows, words, kept


def _columns(rows: pl.DataFrame, words: pl.DataFrame, kept: list[dict[str, Any]]) -> Columns:
    ids = rows.get_column("id").to_numpy().astype(np.int64, copy=False)
    return Columns(ids, _by_key(rows, words, kept))


def _by_key(rows: pl.DataFrame, words: pl.DataFrame, kept: list[dict[str, Any]]) -> dict[str, Column]:
    by_key: dict[str, Column] = {}
    for number, how in enumerate(kept):

        def held(name: str, coded: bool = how["coded"]) -> pl.Series:
            return _listed(words.get_column(name)) if coded else rows.get_column(name)

        values = held(f"v{number}")
        folds = {"none": None, "same": values}[how["folds"]] if how["folds"] != "own" else held(f"f{number}")
        if how["coded"]:
            by_key[how["key"]] = Coded(rows.get_column(f"v{number}").to_numpy(), values, folds)
        else:
            by_key[how["key"]] = Plain(values, folds)
    return by_key


def _logs(events: Events) -> tuple[pl.DataFrame, dict[str, Any]]:
    """One row, in it a list for each array of each event name: lists are read without being copied; and how each is kept."""
    lists = [pl.Series("nothing", [0])]
    names = []
    for number, (name, log) in enumerate(events.by_name.items()):
        rows, words, kept = _held(log.by_key)
        arrays = [pl.Series("people", log.people), pl.Series("at", log.at), *rows]
        lists.extend(array.implode().alias(f"{number} rows {array.name}") for array in arrays)
        lists.extend(word.alias(f"{number} words {word.name}") for word in words)
        names.append({"name": name, "columns": kept})
    return pl.DataFrame(lists), {"names": names, "last_id": events.last_id}


def _events(frame: pl.DataFrame, card: Mapping[str, Any]) -> Events:
    logs = {}
    for number, entry in enumerate(card["names"]):
        rows = pl.DataFrame([_listed(series) for series in _under(frame, f"{number} rows ")])
        words = pl.DataFrame(_under(frame, f"{number} words "))
        people, at = rows.get_column("people").to_numpy(), rows.get_column("at").to_numpy()
        logs[entry["name"]] = Log(people, at, by_key=_by_key(rows, words, entry["columns"]))
    return Events(logs, card["last_id"])


def _under(frame: pl.DataFrame, prefix: str) -> list[pl.Series]:
    named = [series for series in frame.get_columns() if series.name.startswith(prefix)]
    return [series.alias(series.name.removeprefix(prefix)) for series in named]


def _listed(series: pl.Series) -> pl.Series:
    """The elements of a column of one list."""
    return series.explode(empty_as_null=False)


def _put(folder: Path, name: str, position: int, frame: pl.DataFrame) -> dict[str, Any]:
    file = folder / f"snapshot-{name}-{position}-{secrets.token_hex(4)}.arrow"
    _replace(file, lambda at: frame.write_ipc(at, compression="uncompressed", record_batch_size=max(frame.height, 1)))
    return {"file": file.name, "rows": frame.height, "bytes": file.stat().st_size, "sha256": _sha256(file)}


def _get(folder: Path, entry: Mapping[str, Any]) -> pl.DataFrame:
    file = folder / entry["file"]
    if file.parent != folder or file.stat().st_size != entry["bytes"] or _sha256(file) != entry["sha256"]:
        raise Damaged(f"{file.name} was changed")
    with pa.memory_map(str(file)) as source:
        frame = pl.from_arrow(pa.ipc.open_file(source).read_all(), rechunk=False)
    assert isinstance(frame, pl.DataFrame)
    if frame.height != entry["rows"]:
        raise Damaged(f"{file.name} has {frame.height} rows, not {entry['rows']}")
    return frame


def _sha256(file: Path) -> str:
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()


def _replace(file: Path, fill: Callable[[Path], object]) -> None:
    """Write a file that is there whole or not at all, readable by its owner only: it holds personal data."""
    unfinished = file.with_name(f"{file.name}.{secrets.token_hex(4)}.tmp")
    try:
        os.close(os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
        fill(unfinished)
        with unfinished.open("rb") as written:
            os.fsync(written.fileno())
        unfinished.replace(file)
        _sync(file.parent)
    finally:
        unfinished.unlink(missing_ok=True)


def _sync(folder: Path) -> None:
    """Make the renaming itself last; not every system lets a folder be opened for that."""
    if hasattr(os, "O_DIRECTORY"):
        opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
