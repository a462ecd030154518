"""What every verb shares: the opened workspace, the instant, reading rules, printing answers and problems."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

import click

from segcore.access import Verb, require
from segcore.attributes import Entity
from segcore.cli.documents import loaded, text_of
from segcore.model import LOCAL_OWNER, Agent
from segcore.problems import InvalidRule, Problem, SegcoreError, written

if TYPE_CHECKING:
    from segcore.bootstrap import Services
    from segcore.settings import Settings


class Context:
    """The workspace that `--database` or the environment names, opened when it is first needed, and who acts in it."""

    def __init__(self, url: str | None, name: str | None = None) -> None:
        self.url = url
        self.name = name

    @cached_property
    def settings(self) -> "Settings":
        """What the environment says, and `--database` before it."""
        from segcore.settings import Settings

        return Settings.from_environment().at(self.url)

    @cached_property
    def services(self) -> "Services":
        """The verbs of the product."""
        from segcore import bootstrap  # it imports everything, which `--help` does not wait for

        return bootstrap.start(self.settings)

    @cached_property
    def agent(self) -> Agent:
        """Who acts: whoever runs the command line owns the database, and may act as any agent."""
        return LOCAL_OWNER if self.name is None else self.services.agents.acting(self.name)

    def owned(self) -> None:
        """Stop whoever is named by `--as` and may not change the settings: the installation is theirs alone who may."""
        if self.name is not None:
            require(self.agent, Verb.SETTINGS)

    def close(self) -> None:
        """Leave nothing half written."""
        if "services" in self.__dict__:
            self.services.presence.close()
            self.services.database.close()


class Instant(click.ParamType[datetime]):
    """An ISO 8601 instant with zone."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        """The instant, in UTC."""
        if isinstance(value, datetime):
            return value
        try:
            instant = datetime.fromisoformat(value)
        except ValueError:
            self.fail(f"“{value}” is not an instant such as 2026-11-22T04:12:09Z.", param, ctx)
        if instant.tzinfo is None:
            self.fail(f"“{value}” has no zone; write for example {instant.isoformat()}Z.", param, ctx)
        try:
            return instant.astimezone(UTC)
        except OverflowError:
            self.fail(f"“{value}” lies outside the years 1 to 9999.", param, ctx)


def clock() -> datetime:
    """Now, read once a run and handed on."""
    from segcore import bootstrap

    return bootstrap.clock()


Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
now_option = click.option("--now", type=Instant(), metavar="INSTANT", help="ISO 8601 with zone; the clock by default.")
entity_option = click.option(
    "--entity", type=click.Choice(["person", "company"]), help="What the rule selects [person]."
)
segment_option = click.option("--segment", "segment", metavar="KEY", help="A saved segment instead of a file.")
rule_argument = click.argument(
    "rule", required=False, metavar="[RULE.json | -]", type=click.Path(dir_okay=False, allow_dash=True)
)


def asked(context: Context, rule: str | None, segment: str | None, entity: str | None) -> tuple[object, Entity]:
    """The rule document that the arguments name, and what it selects."""
    if (rule is None) == (segment is None):
        raise click.UsageError("Give either a file with a rule (- is standard input) or --segment KEY.")
    if segment is not None:
        stored = context.services.segments.get(context.agent, segment)
        if entity is not None and stored.entity is not Entity(entity):
            raise click.UsageError(f"{segment} is a segment of {stored.entity.value}, not of {entity}.")
        return stored.document, stored.entity
    assert rule is not None
    return loaded(text_of(rule)), Entity(entity or "person")


def show(told: Any) -> None:
    """One JSON value on standard output."""
    click.echo(json.dumps(told, ensure_ascii=False))


def table(head: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """Aligned columns; whole numbers to the right."""
    cells = [[str(cell) for cell in row] for row in rows]
    if not cells:
        return
    right = [all(cell.replace("-", "0").isdigit() for cell in column) for column in zip(*cells, strict=True)]
    lines = [list(head), *cells]
    widths = [max(len(line[index]) for line in lines) for index in range(len(head))]
    for line in lines:
        parts = [c.rjust(w) if r else c.ljust(w) for c, w, r in zip(line, widths, right, strict=True)]
        click.echo("  ".join(parts).rstrip())


def problem_line(problem: Problem) -> str:
    """A problem as one line: `all[1].operator: what is wrong Did you mean …?`"""
    where = written(problem.path)
    message = " ".join(problem.message.split())
    meant = f" Did you mean {problem.suggestion}?" if problem.suggestion else ""
    return f"{where}: {message}{meant}" if where else message + meant


def report(trouble: SegcoreError, *, as_json: bool) -> None:
    """Problems on standard error, one a line; with --json as one array, still a line each."""
    problems = (
        trouble.problems
        if isinstance(trouble, InvalidRule)
        else (Problem((), " ".join(f"{trouble.message} {trouble.hint}".split())),)
    )
    if as_json:
        lines = [json.dumps(problem.as_json(), ensure_ascii=False) for problem in problems]
        click.echo("[" + ",\n ".join(lines) + "]", err=True)
    else:
        for problem in problems:
            click.echo(problem_line(problem), err=True)


def plural(count: int, one: str, many: str) -> str:
    """ "1 person", "48,210 people"."""
    return f"{count:,} {one if count == 1 else many}"


def pairs(values: Iterable[str], what: str) -> Mapping[str, str]:
    """`COLUMN=SOMETHING`, any number of times. The last = divides, because a column's name may hold one."""
    told: dict[str, str] = {}
    for value in values:
        column, divider, meaning = value.rpartition("=")
        if not divider or not column or not meaning:
            raise click.UsageError(f"“{value}” is not COLUMN={what}.")
        if column in told:
            raise click.UsageError(f"“{column}” is given twice.")
        told[column] = meaning
    return told
