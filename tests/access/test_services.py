"""Every public method of every service, called by everybody about everything: what is hidden answers as what is not there."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from segcore import bootstrap
from segcore.attributes import Entity
from segcore.problems import SegcoreError
from tests.access import verbs
from tests.access.verbs import Asking, Row
from tests.access.world import (
    ADMIN,
    BY_WHAT,
    DISABLED,
    HIDDEN,
    KEPT_FROM,
    MISSING,
    OPEN,
    SHOWN,
    SUGGESTED,
    World,
    everything,
    leaks,
    scan,
)

NOW = bootstrap.clock()
SECRET = BY_WHAT["secret"]
ROWS = [(name, number, row) for name, rows in verbs.METHODS.items() for number, row in enumerate(rows)]
IDS = [f"{name}-{number}" if number else name for name, number, _ in ROWS]


class _Undone(Exception):
    """Ends a transaction without what it wrote."""


@pytest.fixture(scope="module")
def rehearsed(planted: World) -> Iterator[World]:
    """The workspace, in which nothing that is written stays where the row says that it writes."""
    original = planted.services.database.write

    @contextmanager
    def write() -> Iterator[Any]:
        try:
            with original() as connection:
                yield connection
                if _rehearsing:
                    raise _Undone
        except _Undone:
            pass

    planted.services.database.__dict__["write"] = write
    yield planted
    del planted.services.database.__dict__["write"]


_rehearsing: list[bool] = []


def called(world: World, role: str, row: Row, key: str, entity: Entity) -> tuple[str, bytes]:
    """How a call ends, in words, and all that it said."""
    asking = Asking(world, world.services, world.agents[role], key, entity, NOW)
    if row.writes:
        _rehearsing.append(True)
    try:
        said = everything(row.call(asking))
        return "answered", said
    except SegcoreError as refused:
        problems = everything(getattr(refused, "problems", ()))
        return type(refused).__name__, f"{refused.message} {refused.hint}".encode() + problems
    finally:
        _rehearsing.clear()


def same_words(said: bytes, key: str) -> bytes:
    """What was said, without the words that the asking itself brought, and without what is drawn by chance."""
    stem = key.removeprefix("kq").removesuffix("key").encode()
    said = re.sub(rb"(?i)([a-z])q" + stem + rb"(key|name|folder)", rb"\1q\2", said)
    said = re.sub(rb"(?<=-)[a-z0-9]{4}(?=')", b"----", said)  # the end of a new key
    said = re.sub(SUGGESTED.pattern.encode(), b"SEEN", said)
    return re.sub(rb"milliseconds.*|'[0-9a-f]{16}'", b"", said)


def test_every_public_method_has_a_row() -> None:
    found = verbs.methods()
    known = set(verbs.METHODS) | set(verbs.BELOW)
    assert set(found) == known, f"without a row: {set(found) - known}; gone: {known - set(found)}"
    assert not set(verbs.METHODS) & set(verbs.BELOW)


def test_what_takes_no_agent_is_listed_with_its_reason() -> None:
    found = verbs.methods()
    assert {name for name, method in found.items() if not verbs.takes_agent(method)} == set(verbs.BELOW)


@pytest.mark.parametrize(("name", "number", "row"), ROWS, ids=IDS)
def test_what_is_hidden_is_not_told(rehearsed: World, name: str, number: int, row: Row) -> None:
    about = (*HIDDEN, SHOWN) if row.keyed else (SECRET,)
    for role in KEPT_FROM:
        for planted in about:
            how, said = called(rehearsed, role, row, planted.key, planted.entity)
            assert not leaks(said, role, besides=row.brings), (role, planted.what, how, said[:800])
            assert not row.never or row.never not in said, said
            if row.keyed and planted is not SHOWN:
                missing = called(rehearsed, role, row, MISSING, planted.entity)
                assert (how, same_words(said, planted.key)) == (missing[0], same_words(missing[1], MISSING))


@pytest.mark.parametrize(("name", "number", "row"), ROWS, ids=IDS)
def test_the_scan_finds_what_an_admin_is_told(rehearsed: World, name: str, number: int, row: Row) -> None:
    for planted in HIDDEN if row.keyed else (SECRET,):
        how, said = called(rehearsed, ADMIN, row, planted.key, planted.entity)
        found = scan(said, planted)
        assert row.shows <= found, f"an admin is not told {set(row.shows - found)}: {how} {said[:800]!r}"
        if row.keyed:
            missing = called(rehearsed, ADMIN, row, MISSING, planted.entity)
            assert (how, same_words(said, planted.key)) != (missing[0], same_words(missing[1], MISSING))


@pytest.mark.parametrize(("name", "number", "row"), ROWS, ids=IDS)
def test_whoever_is_switched_off_is_told_nothing(rehearsed: World, name: str, number: int, row: Row) -> None:
    for planted in (OPEN, SECRET) if row.keyed else (SECRET,):
        how, said = called(rehearsed, DISABLED, row, planted.key, planted.entity)
        assert how in ("NotAllowed", "NotFound") or name in NOTHING, f"{how} {said[:800]!r}"
        assert not leaks(said, DISABLED, besides=row.brings), said[:800]


# What somebody who is switched off may call, because it touches only what is theirs.
NOTHING = {"presence.visible", "drafts.discard", *(name for name in verbs.METHODS if name.startswith("sessions."))}
