"""Documents from files and standard input, read strictly: what is not said plainly is refused, never guessed."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import click
import yaml

from segcore.problems import InvalidRule, Problem, SegcoreError


def text_of(path: str) -> str:
    """A file's text, or standard input's; a file that is not there is a mistake of usage."""
    try:
        data = sys.stdin.buffer.read() if path == "-" else Path(path).read_bytes()
    except OSError as error:
        raise click.UsageError(f"{path}: {error.strerror}.") from None
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SegcoreError(f"{path} is not UTF-8.") from None


def loaded(text: str) -> object:
    """JSON, strictly: no NaN, no infinity, no key twice. Trouble is a problem at the root, like any other."""
    try:
        return json.loads(text, parse_constant=_refuse, object_pairs_hook=_once)
    except RecursionError:
        raise InvalidRule([Problem((), "This is nested too deeply.")]) from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise InvalidRule([Problem((), f"This is not JSON: {error.msg.lower()} at {where}.")]) from None
    except ValueError as error:
        raise InvalidRule([Problem((), f"This is not JSON: {error}")]) from None


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not a number here.")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    told = dict(pairs)
    if len(told) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key “{twice}” stands twice in one object.")
    return told


class _Loader(yaml.SafeLoader):
    """YAML as JSON means it: no key twice, and only what is true, false, null or a number in JSON is no text.

    What YAML makes of the rest would change rules: `on` is an operator, 010 a text, 12:30 and 2026-11-22 too.
    """


class _Dumper(yaml.SafeDumper):
    """Quotes whatever text either `_Loader` or another reader of YAML would take for something else."""


_JSON: tuple[tuple[str, str, str], ...] = (
    ("bool", r"true|false", "tf"),
    ("null", r"null|~|", "n~\0"),
    ("int", r"-?(0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][-+]?[0-9]+)?", "-0123456789"),
)
_Loader.yaml_implicit_resolvers = {}
for _name, _pattern, _first in _JSON:
    for _class in (_Loader, _Dumper):
        firsts = ["" if letter == "\0" else letter for letter in _first]
        _class.add_implicit_resolver(f"tag:yaml.org,2002:{_name}", re.compile(f"^(?:{_pattern})$"), firsts)


def _quoted(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    """Text with line ends of any kind goes between double quotes: PyYAML folds some of them elsewhere."""
    style = '"' if len(text.splitlines()) > 1 or not text.isprintable() else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _quoted)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen = set()
    for key, _ in node.value:
        if key.value in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key “{key.value}” stands twice", key.start_mark)
        seen.add(key.value)
    loader.flatten_mapping(node)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def as_yaml(document: object) -> str:
    """YAML that comes back as it was."""
    return yaml.dump(document, Dumper=_Dumper, allow_unicode=True, sort_keys=False, width=120)


def document_of(text: str) -> object:
    """JSON where it begins like JSON, else YAML: the latter would read some numbers of the former as text."""
    if text.lstrip().startswith(("{", "[")):
        return loaded(text)
    try:
        return yaml.load(text, _Loader)  # it only makes plain values
    except (yaml.YAMLError, RecursionError) as error:
        raise InvalidRule([Problem((), f"This is not YAML: {' '.join(str(error).split())}")]) from None
