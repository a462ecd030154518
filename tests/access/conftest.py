"""The workspace of these tests: made once, and copied where something is to be changed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.access import world as worlds
from tests.access.world import World


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The workspace as it was made. Whoever changes something does so in a copy."""
    world = worlds.make(tmp_path_factory.mktemp("planted"))
    yield world
    world.close()


@pytest.fixture
def copied(planted: World, tmp_path: Path) -> Iterator[World]:
    """A copy to do anything with."""
    world = worlds.again(planted, tmp_path / "copied")
    yield world
    world.close()
