"""Every verb of the command line, run as everybody: `--as NAME` sees what NAME sees in a browser, and no byte more."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import click
import pytest

from segcore.cli import main, segcore
from segcore.cli.frame import Context
from tests.access.world import (
    ADMIN,
    BY_WHAT,
    COUNT,
    DISABLED,
    FOLDER,
    HIDDEN,
    KEPT_FROM,
    KEY,
    MISSING,
    NAME,
    NAMES,
    OPEN,
    SHOWN,
    SUGGESTED,
    VALUE,
    WORDS,
    World,
    leaks,
    scan,
)

SECRET = BY_WHAT["secret"]
IN = '{"all": [{"segment": "{key}", "operator": "in"}]}'
ASKED = '{"id": 1, "rule": ' + IN + ', "ids": true}\n'
LOADED = '{"segments": [{"key": "carried", "name": "Carried", "rule": ' + IN + "}]}"


@dataclass(frozen=True)
class Verb:
    """A run of a verb. `{key}` stands for a segment, `{file}` for a file of what is given, `{person}` for who is in it."""

    arguments: tuple[str, ...]
    given: str = ""
    shows: frozenset[str] = frozenset()
    writes: bool = False

    @property
    def keyed(self) -> bool:
        """Whether it names a segment."""
        return "{key}" in " ".join(self.arguments) + self.given

    def __str__(self) -> str:
        return " ".join(self.arguments)


def verb(line: str, *shows: str, given: str = "", writes: bool = False) -> Verb:
    """A row."""
    return Verb(tuple(line.split()), given, frozenset(shows), writes)


ALL = (KEY, NAME, COUNT)
VERBS: dict[str, tuple[Verb, ...]] = {
    "count": (verb("count --segment {key}", COUNT), verb("count - --json", COUNT, given=IN)),
    "members": (verb("members --segment {key}"), verb("members - --format jsonl", given=IN)),
    "evaluate": (verb("evaluate -", COUNT, given=ASKED),),
    "explain": (verb("explain {person} --segment {key}", VALUE), verb("explain {person} - --json", VALUE, given=IN)),
    "segments list": (verb("segments list", *ALL), verb("segments list --json", *ALL)),
    "segments show": (verb("segments show {key}", NAME, COUNT, VALUE), verb("segments show {key} --json", VALUE)),
    "segments export": (
        verb("segments export {key}", NAME, WORDS, FOLDER, VALUE),
        verb("segments export --format json", KEY, NAME, WORDS, FOLDER, VALUE),
    ),
    "segments import": (verb("segments import -", given=LOADED, writes=True),),
    "segments delete": (verb("segments delete {key}", writes=True),),
    "import people": (verb("import people {csv} --id id", writes=True),),
    "import companies": (verb("import companies {csv} --id id", writes=True),),
    "import events": (verb("import events {csv} --person id --at plan --event one", writes=True),),
    "attributes": (verb("attributes"), verb("attributes --json")),
    "agents list": (verb("agents list --json"),),
    "agents add": (verb("agents add Novice --role viewer", writes=True),),
    "agents link": (verb("agents link Othkem", writes=True),),
    "agents disable": (verb("agents disable Othkem", writes=True),),
    "agents enable": (verb("agents enable Othkem", writes=True),),
    "demo": (verb("demo", writes=True), verb("demo --remove", writes=True)),
    "doctor": (verb("doctor --json"),),
}
# Verbs that answer nothing about the workspace, and why.
BESIDES = {"serve": "runs the pages and routes, which have tables of their own"}
ROWS = [row for rows in VERBS.values() for row in rows]


def leaves(command: click.Command, path: str = "") -> Iterator[str]:
    """Every verb, by its words."""
    if isinstance(command, click.Group):
        for name, each in command.commands.items():
            yield from leaves(each, f"{path} {name}".strip())
    else:
        yield path


@dataclass(frozen=True)
class Said:
    """How a run ended."""

    code: int
    said: bytes


Run = Callable[[str, Verb, str], Said]


class _Undone(Exception):
    """Ends a transaction without what it wrote."""


@pytest.fixture
def run(
    planted: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsysbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Runs a verb as somebody over the workspace, which stays as it is."""
    monkeypatch.setenv("SEGCORE_DATA", str(planted.folder))
    monkeypatch.setenv("SEGCORE_DATABASE_URL", "")
    # One workspace for all runs; it is opened and closed once.
    opened = cached_property(lambda self: planted.services)
    opened.__set_name__(Context, "services")
    monkeypatch.setattr(Context, "services", opened)
    monkeypatch.setattr(Context, "close", lambda self: None)
    csv = tmp_path / "people.csv"
    csv.write_text("id,plan\np-00001,Pro\n", encoding="utf-8")
    original = planted.services.database.write

    @contextmanager
    def write() -> Iterator[Any]:
        try:
            with original() as connection:
                yield connection
                raise _Undone
        except _Undone:
            pass

    def run(role: str, row: Verb, key: str) -> Said:
        person = "f-00001" if key == BY_WHAT["firm"].key else "p-00001"
        filled = [
            part.replace("{key}", key).replace("{csv}", str(csv)).replace("{person}", person) for part in row.arguments
        ]
        given = row.given.replace("{key}", key).encode()
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given), encoding="utf-8"))
        if row.writes:
            planted.services.database.__dict__["write"] = write
        try:
            with pytest.raises(SystemExit) as left:
                main(["--as", NAMES[role], *filled])
        finally:
            planted.services.database.__dict__.pop("write", None)
        out = capsysbinary.readouterr()
        return Said(int(left.value.code or 0), out.out + out.err)

    return run


def same_words(said: Said, key: str) -> tuple[int, bytes]:
    """What was said, without the key that the asking itself brought, and the time of day."""
    words = re.sub(SUGGESTED.pattern.encode(), b"SEEN", said.said.replace(key.encode(), b"KEY"))
    return said.code, re.sub(rb"\d{4}-\d\d-\d\dT[\d:.]+", b"", words)


def test_every_verb_has_a_row() -> None:
    assert set(leaves(segcore)) == set(VERBS) | set(BESIDES)


@pytest.mark.parametrize("row", ROWS, ids=str)
@pytest.mark.parametrize("role", KEPT_FROM)
def test_what_is_hidden_is_not_told(run: Run, role: str, row: Verb) -> None:
    missing = same_words(run(role, row, MISSING), MISSING)
    for planted in (*(each for each in HIDDEN if each.entity is SECRET.entity), SHOWN) if row.keyed else (SECRET,):
        said = run(role, row, planted.key)
        assert not leaks(said.said, role, besides={KEY} if row.keyed else ()), said.said
        if row.keyed and planted is not SHOWN:
            assert same_words(said, planted.key) == missing
    if row.shows and row.keyed:
        found = scan(run(role, row, OPEN.key).said, OPEN)
        assert row.shows <= found or run(role, row, OPEN.key).said.find(b"Your role, viewer") >= 0, found


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_the_scan_finds_what_an_admin_is_told(run: Run, row: Verb) -> None:
    said = run(ADMIN, row, SECRET.key)
    assert row.shows <= scan(said.said, SECRET), said.said
    if row.keyed:
        assert same_words(said, SECRET.key) != same_words(run(ADMIN, row, MISSING), MISSING)


@pytest.mark.parametrize("row", ROWS, ids=str)
def test_whoever_is_switched_off_or_unknown_is_told_nothing(run: Run, row: Verb) -> None:
    for key in (OPEN.key, SECRET.key):
        said = run(DISABLED, row, key)
        assert said.code == 1, said.said
        assert not leaks(said.said, DISABLED, besides={KEY}), said.said
