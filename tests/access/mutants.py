"""Runs the matrix over every mutant of `mutation.py` and says which test noticed it.

    python -m tests.access.mutants [--wire] [PART OF A SITE …]

Each mutant has a process of its own, forked before anything of the product is imported. With `--wire` pages and routes
are asked as well: about mutants in the pages, of which the services know nothing. What is known to change nothing that
anybody is told is listed with its reason; anything else that goes unnoticed ends it with status 1.
"""

import argparse
import contextlib
import importlib
import io
import os
import re
import sys
import tempfile
from pathlib import Path

import pytest

from tests.access import mutation

# What takes long to import, and holds nothing of the product.
HEAVY = ("polars", "numpy", "sqlalchemy", "alembic.command", "bcrypt", "starlette.routing", "websockets.sync.client")
HEAVY += ("streamlit", "streamlit.proto.ForwardMsg_pb2", "click", "yaml", "zxcvbn")
SERVICES = ("tests/access/test_services.py", "-k", "hidden_is_not_told")
ROUTES = ("tests/access/test_surfaces.py", "-k", "nobody_what_is_hidden")
# What is hidden while a dialog about it is open is asked about page by page.
PAGES = ("tests/ui/test_visibility.py", "tests/access/test_surfaces.py")
PAGES += ("-k", "test_visibility or (one_byte and editor)")

# Mutants that change nothing that anybody is told, by where they stand.
SAME = {
    "ui/overview.py _undo": "the name of what was moved in this very tab, where it was hidden since",
    "ui/segment_actions.py move: services": "the name of the folder that was chosen, which the service refuses where it is hidden",
    "ui/segment_page.py _head": "the name of the folder of a visible segment, which is visible",
    "ui/segment_settings.py _known": "the name of the folder of a visible segment, which is visible",
    "ui/filter_state.py segment_of": "whether the agent still sees what is on screen is asked before",
    "services/agents.py known": "only admins call it",
    "services/workspaces.py zone_effects": "only admins call it",
    "services/saving.py references": "asked again inside the transaction; the first look, in Present.read, refuses already",
    "services/segments.py counted: self._presence.visible": "names of what a visible filter refers to, which is visible",
    "services/segments.py save: saving.references": "the first look, in Present.read, refuses already",
    "services/segments.py change: saving.references": "the first look, in Present.read, refuses already",
    "services/segments.py change: saving.stored": "the first look, at the beginning of change, refuses already",
    "services/segments.py _told: store.folders.all": "names of the folders of visible segments, which are visible",
}


def main() -> None:
    """Run, print a line for each, and end with status 1 where one went unnoticed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*")
    parser.add_argument("--wire", action="store_true")
    chosen = parser.parse_args()
    for name in HEAVY:
        importlib.import_module(name)
    sites = [site for site in mutation.sites() if not chosen.parts or any(part in site for part in chosen.parts)]
    for tests in sorted({tests_of(site) for site in sites if chosen.wire or tests_of(site) == SERVICES}):
        if by := noticed("", tests):
            sys.exit(f"{by} fails without any mutant")
    unnoticed = []
    for site in sites:
        said = mutation.described(site)
        by = noticed(site, tests_of(site)) if chosen.wire or tests_of(site) == SERVICES else "not asked"
        known = next((why for where, why in SAME.items() if f"{site.split(':')[0]} {said}".find(where) >= 0), None)
        told = by or f"– nobody noticed: {known or 'why?'}"
        sys.stdout.write(f"{site:44} {said:60} {told}\n")
        sys.stdout.flush()
        unnoticed += [site] if by is None and known is None else []
    sys.stdout.write(f"{len(sites)} mutants, of {len(unnoticed)} nobody noticed anything\n")
    sys.exit(1 if unnoticed else 0)


def tests_of(site: str) -> tuple[str, ...]:
    """Who could notice it."""
    if site.startswith("segcore/ui/"):
        return PAGES
    return ROUTES if site.startswith("segcore/api") else SERVICES


def noticed(site: str, tests: tuple[str, ...]) -> str | None:
    """The first test that fails over a mutant, or over none."""
    with tempfile.NamedTemporaryFile("w+", suffix=".txt") as report:
        child = os.fork()
        if child == 0:
            code = 99
            with contextlib.suppress(BaseException):
                code = _run(site, tests, Path(report.name))
            os._exit(code)
        code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        said = Path(report.name).read_text(encoding="utf-8")
    if code == 0:
        return None
    found = re.search(r"^(?:FAILED|ERROR) tests/(\S+)", said, re.MULTILINE)
    return found[1] if found else f"status {code}: {said[-300:]}"


def _run(site: str, tests: tuple[str, ...], report: Path) -> int:
    if site:
        os.environ[mutation.MUTANT] = site  # for the servers that it starts
        mutation.install(site)
    with (
        report.open("w", encoding="utf-8") as said,
        contextlib.redirect_stdout(said),
        contextlib.redirect_stderr(io.StringIO()),
    ):
        return int(pytest.main(["-x", "-q", "-p", "no:cacheprovider", *tests]))


if __name__ == "__main__":
    main()
