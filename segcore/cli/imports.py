"""`import`: people, companies and events from files."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from segcore.attributes import Kind
from segcore.cli.frame import Context, clock, json_option, pairs, plural, show
from segcore.problems import SegcoreError

KINDS = [kind.value for kind in Kind]
Progress = Callable[[int, int], None]


@click.group("import")
def import_() -> None:
    """People, companies and events from .csv, .csv.gz, .parquet or .jsonl.

    Kinds are found from the whole file, and each can be declared. One bad value rejects its row; the others come in.
    Importing the same file again changes nothing.
    """


def common(command: Callable[..., Any]) -> Callable[..., Any]:
    """What every import takes."""
    options = (
        click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path)),
        click.option(
            "--type",
            "types",
            multiple=True,
            metavar="COLUMN=KIND",
            help=f"The kind of a column: {', '.join(KINDS)}. Any number of times.",
        ),
        click.option(
            "--name", "names", multiple=True, metavar="COLUMN=ATTRIBUTE", help="Another key than the column's name."
        ),
        click.option("--encoding", metavar="NAME", help="Where the file is not UTF-8, for example latin-1."),
        click.option("--dry-run", is_flag=True, help="Only count; nothing is written."),
        click.option(
            "--all-or-nothing", is_flag=True, help="Write nothing where any row is rejected; exit status 1 then."
        ),
        click.option(
            "--errors",
            type=click.Path(dir_okay=False, path_type=Path),
            help="Where rejected rows go, with line, column and reason.",
        ),
        json_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


@import_.command()
@common
@click.option("--id", "id_", required=True, metavar="COLUMN", help="The column that identifies a person.")
@click.option("--company", metavar="COLUMN", help="The ids of their companies, divided by ; and the primary one first.")
@click.pass_obj
def people(context: Context, /, id_: str, company: str | None, **common: Any) -> None:
    """Create and update people by their id."""
    _import(context, "person", {"id": id_, "company": company}, **common)


@import_.command()
@common
@click.option("--id", "id_", required=True, metavar="COLUMN", help="The column that identifies a company.")
@click.pass_obj
def companies(context: Context, /, id_: str, **common: Any) -> None:
    """Create and update companies by their id."""
    _import(context, "company", {"id": id_}, **common)


@import_.command()
@common
@click.option("--person", required=True, metavar="COLUMN", help="The id of the person who did it.")
@click.option("--at", required=True, metavar="COLUMN", help="When it was done.")
@click.option("--event", metavar="NAME", help="What was done, in every row.")
@click.option("--event-column", metavar="COLUMN", help="The column that says what was done.")
@click.option("--message-id", metavar="COLUMN", help="The column that tells repeats.")
@click.pass_obj
def events(
    context: Context,
    /,
    person: str,
    at: str,
    event: str | None,
    event_column: str | None,
    message_id: str | None,
    **common: Any,
) -> None:
    """Append what people did; the other columns are its properties, and people who do not exist yet are created."""
    if (event is None) == (event_column is None):
        raise click.UsageError("Give either --event NAME or --event-column COLUMN.")
    said = {"person": person, "at": at, "event": event, "event_column": event_column, "message_id": message_id}
    _import(context, "event", said, **common)


def _import(
    context: Context,
    what: str,
    said: dict[str, Any],
    *,
    file: Path,
    types: tuple[str, ...],
    names: tuple[str, ...],
    encoding: str | None,
    dry_run: bool,
    all_or_nothing: bool,
    errors: Path | None,
    as_json: bool,
) -> None:
    kinds = pairs(types, "KIND")
    for column, kind in kinds.items():
        if kind not in KINDS:
            raise click.UsageError(f"“{kind}” for “{column}” is not a kind; there are {', '.join(KINDS)}.")
    imports = context.services.imports
    with _progress(f"Looking at {file.name}") as seen:
        plan = imports.plan(
            context.agent,
            what,
            file,
            types=kinds,
            names=pairs(names, "ATTRIBUTE"),
            encoding=encoding,
            progress=seen,
            **said,
        )
    with _progress("Counting" if dry_run else "Importing") as seen:
        outcome = imports.run(
            context.agent,
            plan,
            now=clock(),
            dry_run=dry_run,
            progress=seen,
            errors=errors,
            all_or_nothing=all_or_nothing,
        )
    refused = outcome.dry_run and not dry_run
    counts = outcome.counts()
    if as_json:
        show(counts)
    else:
        told = " + ".join(f"{counts[name]:,} {name}" for name in ("created", "updated", "unchanged", "rejected"))
        click.echo(f"{counts['read']:,} read = {told}" + (" (nothing was written)" if outcome.dry_run else ""))
    if outcome.rejected and not as_json:
        kept = (
            f"The rejected rows are in {errors}."
            if errors
            else "--errors FILE keeps the rejected rows, each with its reason."
        )
        click.echo(kept, err=True)
    if refused:
        raise SegcoreError(f"{plural(outcome.rejected, 'row was', 'rows were')} rejected, so nothing was written.")


@contextmanager
def _progress(doing: str) -> Iterator[Progress | None]:
    """A bar on a terminal, nothing elsewhere."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn(doing), BarColumn(), MofNCompleteColumn(), TextColumn("rows"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(doing, total=None)
        yield lambda done, total: bar.update(task, completed=done, total=total or None)


COMMANDS = (import_,)
