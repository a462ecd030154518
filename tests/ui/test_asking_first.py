"""Fragments and dialogs run again by themselves, without the page's own guard: each asks who is there before anything else."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from segcore.settings import ROOT

SOURCES = sorted([*ROOT.glob("segcore/ui/*.py"), *ROOT.glob("pages/*.py")])
# The last three ask `frame.agent` themselves whether what a dialog is about is still there.
ASKING = {"frame.agent", "frame.seat", "frame.enter", "there", "segment_actions.there", "_folder_there"}


def named(node: ast.AST) -> str:
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ast.unparse(node)


def drawn_alone(tree: ast.Module) -> Iterator[str]:
    """The functions that are fragments or the bodies of dialogs."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            if any(named(each) in ("st.fragment", "st.dialog") for each in node.decorator_list):
                yield node.name
        elif (isinstance(node, ast.Call) and named(node) == "st.fragment") or makes_dialog(node):
            yield from (each.id for each in node.args if isinstance(each, ast.Name))


def makes_dialog(node: ast.AST) -> bool:
    """`st.dialog("Title", …)(body)`."""
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Call) and named(node.func) == "st.dialog"


def asks_first(function: ast.FunctionDef) -> bool:
    body = function.body[1:] if ast.get_docstring(function) is not None else function.body
    return any(isinstance(node, ast.Call) and named(node) in ASKING for node in ast.walk(body[0]))


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.stem)
def test_what_runs_alone_asks_first(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = {node.name: node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
    assert [name for name in drawn_alone(tree) if not asks_first(functions[name])] == []


def test_every_page_begins_with_its_guard() -> None:
    for path in ROOT.glob("pages/*.py"):
        body = [node for node in ast.parse(path.read_text(encoding="utf-8")).body[1:] if isinstance(node, ast.Expr)]
        assert named(body[0].value) == "frame.enter", path.name
        assert ast.unparse(body[0]) == f"frame.enter('{path.stem}')", path.name
