"""The predicate of visibility, taken out of one query at a time, to show that the matrix notices.

A site is a call that hands the asking agent to something that reads segments or folders. The mutant hands an admin in
its place, as if the agent had been forgotten there. Nothing of the product knows of this: the module is compiled from
a changed tree when it is imported, in a process of its own.

    SEGCORE_MUTANT=segcore/services/filters.py:128 python -m pytest -p tests.access.mutation …

runs tests over one mutant; as a script, `python tests/access/mutation.py` serves one.
"""

import ast
import importlib.machinery
import os
import runpy
import sys
from collections.abc import Iterator
from pathlib import Path
from types import CodeType
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
MUTANT = "SEGCORE_MUTANT"  # path:line[:column]
FOLDERS = ("segcore/store", "segcore/services", "segcore/ui", "segcore")

# Who reads by the agent: the predicate itself, what stands on it in the store, and the readers of the services.
READERS = frozenset(
    {
        "visible_to",
        "segments.visible_to",
        "visibility.unseen",
        "store.segments.all",
        "store.segments.keys",
        "store.segments.get",
        "store.folders.all",
        "store.folders.get",
        "presence.visible",
        "presence.segment",
        "_presence.visible",
        "_presence.segment",
        "services.presence.visible",
        "services.segments.get",
        "services.segments.overview",
        "services.folders.all",
        "services.drafts.open",
        "saving.stored",
        "saving.references",
        "saving.name",
        "saving.circle",
        "saving.folder",
        "of_segments",
        "of_document",
    }
)


def sites() -> list[str]:
    """Every place where an agent could be forgotten, as path:line:column."""
    found = []
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).glob("*.py")):
            tree = ast.parse(path.read_text(encoding="utf-8"))
            where = path.relative_to(ROOT).as_posix()
            found += [f"{where}:{call.lineno}:{call.col_offset}" for call in calls(tree)]
    return found


def described(site: str) -> str:
    """The call of a site, in the function where it stands."""
    where, line, column = site.split(":")
    tree = ast.parse((ROOT / where).read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]
    inside = [f for f in functions if f.lineno <= int(line) <= (f.end_lineno or 0)]
    call = next(c for c in calls(tree) if (c.lineno, c.col_offset) == (int(line), int(column)))
    return f"{inside[-1].name}: {ast.unparse(call)}"


def calls(tree: ast.AST) -> Iterator[ast.Call]:
    """The calls of readers that hand on an agent."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and reader(node.func) and _agent(node) is not None:
            yield node


def reader(function: ast.expr) -> bool:
    """Whether it reads by the agent."""
    name = ast.unparse(function)
    name = (
        name.removeprefix("self.").replace("frame.services()", "services").replace("bootstrap.services()", "services")
    )
    return name in READERS


def _agent(call: ast.Call) -> int | None:
    for index, argument in enumerate(call.args):
        if ast.unparse(argument) in ("agent", "frame.agent()"):
            return index
    return None


def mutated(source: str, line: int, column: int) -> ast.Module:
    """The module with an admin in the place of the agent at that call; names and entities that come after stay."""
    tree = ast.parse(source)
    call = next(c for c in calls(tree) if c.lineno == line and (column < 0 or c.col_offset == column))
    index = _agent(call)
    assert index is not None
    everybody = ast.parse("__import__('segcore.model', fromlist=['LOCAL_OWNER']).LOCAL_OWNER", mode="eval").body
    call.args[index] = everybody
    return ast.fix_missing_locations(tree)


def install(site: str) -> None:
    """From now on the module of the site is imported with its mutant."""
    where, line, *column = site.split(":")
    target = str(ROOT / where)
    original = importlib.machinery.SourceFileLoader.get_code

    def get_code(loader: Any, fullname: str) -> CodeType | None:
        if str(Path(loader.path).resolve()) != target:
            return original(loader, fullname)
        source = Path(target).read_text(encoding="utf-8")
        tree = mutated(source, int(line), int(column[0]) if column else -1)
        return compile(tree, target, "exec", dont_inherit=True)

    importlib.machinery.SourceFileLoader.mutant = site  # type: ignore[attr-defined]
    importlib.machinery.SourceFileLoader.get_code = get_code  # type: ignore[method-assign, assignment]


if os.environ.get(MUTANT) and not getattr(importlib.machinery.SourceFileLoader, "mutant", None):
    assert not any(name.startswith("segcore.") for name in sys.modules), "too late: it is imported already"
    install(os.environ[MUTANT])

if __name__ == "__main__":
    os.chdir(ROOT)
    sys.path.insert(0, str(ROOT))
    runpy.run_path(str(ROOT / "app.py"), run_name="__main__")
