"""The workspace of these tests: made once, and copied where something is to be changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.access import world as worlds
from tests.access.wire import Server
from tests.access.world import World


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The workspace as it was made. Whoever changes something does so in a copy."""
    world = worlds.make(tmp_path_factory.mktemp("planted"))
    yield world
    world.close()


@pytest.fixture(scope="module")
def world(planted: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A copy for all tests of a file, in which much is changed."""
    made = worlds.again(planted, tmp_path_factory.mktemp("changing") / "copy")
    yield made
    made.close()


@pytest.fixture(scope="module")
def server(world: World) -> Iterator[Server]:
    """The product over that copy, in another process than the one that changes it."""
    with Server(world.folder) as running:
        yield running


@pytest.fixture
def copied(planted: World, tmp_path: Path) -> Iterator[World]:
    """A copy to do anything with."""
    world = worlds.again(planted, tmp_path / "copied")
    yield world
    world.close()
