"""What the docs promise is there, and what is there is in the docs."""

import re
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from segcore import access
from segcore.attributes import Attribute, Entity, Kind, Schema
from segcore.cli import segcore
from segcore.rules import codec, describe, validate
from segcore.rules import docs as operators
from segcore.rules.operators import CATALOGUE, EXAMPLES_AT
from segcore.settings import SETTINGS

ROOT = Path(__file__).resolve().parents[1]
PAGES = sorted([*ROOT.glob("docs/*.md"), *ROOT.glob("*.md")])


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def verbs(group: click.Group, path: str = "") -> Iterator[tuple[str, click.Command]]:
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from verbs(command, f"{path}{name} ")
        else:
            yield path + name, command


def test_every_setting_is_told() -> None:
    told = read("docs/settings.md")
    for setting in SETTINGS:
        assert f"| `{setting.name}` | `{setting.default}` | {setting.does} |" in told, (
            f"docs/settings.md is stale: {setting.name}"
        )


def test_every_verb_and_option_is_told() -> None:
    told = read("docs/command-line.md")
    for name, command in verbs(segcore):
        assert name.split()[0] in told
        assert name.split()[-1] in told, name
        for option in command.params:
            for spelled in option.opts if isinstance(option, click.Option) else ():
                assert spelled in told, f"{name} {spelled}"


def test_every_benchmark_is_told_by_its_command() -> None:
    told = set(re.findall(r"-m benchmarks\.(\w+)", read("docs/benchmarks.md")))
    assert told == {path.stem for path in (ROOT / "benchmarks").glob("*.py")}


def test_every_kind_is_told() -> None:
    told = read("docs/command-line.md") + read("docs/importing.md")
    assert all(kind.value in told for kind in Kind)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_map_names_every_room() -> None:
    told = read("ARCHITECTURE.md")
    rooms = {path.stem for path in ROOT.glob("segcore/*") if not path.name.startswith("__")}
    assert not {room for room in rooms if f"`{room}`" not in told}


def test_the_page_of_operators_is_written_from_the_table() -> None:
    assert read("docs/operators.md") == operators.page(), "python -m segcore.rules.docs > docs/operators.md"
    assert all(f"`{operator.key}`" in operators.page() for operator in CATALOGUE)


def test_the_table_of_roles_is_written_from_the_table() -> None:
    assert access.roles() in read("docs/agents.md"), "python -m segcore.access"


def test_the_sentence_of_the_guide_to_rules_is_what_the_rule_reads_as() -> None:
    told = read("docs/rules.md")
    document = told.split("```json\n")[1].split("```")[0]
    keys = {"country": Kind.TEXT, "signed_up_at": Kind.DATETIME, "plan": Kind.TEXT, "uploaded_photos": Kind.NUMBER}
    people = {key: Attribute(key=key, kind=kind, standard=key == "signed_up_at") for key, kind in keys.items()}
    rule = validate.read(codec.loads(document), Schema(people=people), Entity.PERSON, {"employees": Entity.PERSON})
    names = {"employees": "Employees"}
    sentence = describe.sentence(rule, Schema(people=people), Entity.PERSON, names, EXAMPLES_AT)
    assert f"*{sentence}*" in told.replace("\n", " ")
