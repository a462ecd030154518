"""`segments`: the saved filters, listed, shown, carried out and in as YAML or JSON, deleted."""

import json
from typing import Any

import click

from segcore.cli.documents import as_yaml, document_of, text_of
from segcore.cli.frame import (
    Context,
    clock,
    json_option,
    now_option,
    plural,
    show,
    table,
)


@click.group()
def segments() -> None:
    """Segments as YAML or JSON, lossless both ways."""


@segments.command("list")
@now_option
@json_option
@click.pass_obj
def list_(context: Context, now: Any, as_json: bool) -> None:
    """Every segment with its count and its share of everyone."""
    overview = context.services.segments.overview(context.agent, now=now or clock())
    if as_json:
        show(
            [
                {
                    "key": row.segment.key,
                    "name": row.segment.name,
                    "entity": row.segment.entity.value,
                    "folder": row.segment.folder,
                    "count": row.count,
                    "total": row.total,
                    "problem": row.problem,
                }
                for row in overview.segments
            ]
        )
        return
    rows = [
        (
            row.segment.key,
            row.segment.name,
            row.segment.folder or "",
            "–" if row.count is None else row.count,
            row.total,
            row.problem or "",
        )
        for row in overview.segments
    ]
    table(("key", "name", "folder", "count", "of", ""), rows)


@segments.command("show")
@click.argument("key")
@now_option
@json_option
@click.pass_obj
def show_(context: Context, key: str, now: Any, as_json: bool) -> None:
    """One segment: its sentence, its count, its rule."""
    row = context.services.segments.counted(context.agent, key, now=now or clock())
    # Of what is shown on purpose only the total is told.
    told = {"key": key, "name": row.segment.name}
    if not row.segment.concealed:
        told = context.services.segments.document(context.agent, key)
    sentence = None if row.sentence is None else str(row.sentence)
    if as_json:
        show({**told, "sentence": sentence, "count": row.count, "total": row.total, "version": row.segment.version})
        return
    click.echo(f"{row.segment.name} ({key}, version {row.segment.version})")
    click.echo(row.problem or sentence or "")
    if row.count is not None:
        click.echo(f"{row.count} of {row.total}")
    if "rule" in told:
        click.echo(json.dumps(told["rule"], ensure_ascii=False, indent=2))


@segments.command()
@click.argument("keys", nargs=-1, metavar="[KEY …]")
@click.option("--format", "form", type=click.Choice(["yaml", "json"]), default="yaml", show_default=True)
@json_option
@click.pass_obj
def export(context: Context, keys: tuple[str, ...], form: str, as_json: bool) -> None:
    """The segments as `segments import` reads them; all of them where none is named."""
    told = context.services.segments.export(context.agent, keys or None)
    if as_json or form == "json":
        click.echo(json.dumps(told, ensure_ascii=False, indent=2))
    else:
        click.echo(as_yaml(told), nl=False)


@segments.command("import")
@click.argument("file", metavar="FILE | -", type=click.Path(dir_okay=False, allow_dash=True))
@json_option
@click.pass_obj
def import_(context: Context, file: str, as_json: bool) -> None:
    """Create and change segments as a file says, all of them or none."""
    outcome = context.services.segments.load(context.agent, document_of(text_of(file)), now=clock())
    if as_json:
        show(outcome)
    else:
        click.echo(", ".join(f"{count:,} {what}" for what, count in outcome.items()))


@segments.command()
@click.argument("key")
@json_option
@click.pass_obj
def delete(context: Context, key: str, as_json: bool) -> None:
    """Delete a segment that no other refers to."""
    context.services.segments.delete(context.agent, key, now=clock())
    if as_json:
        show({"deleted": key})
    else:
        click.echo(f"Deleted {plural(1, 'segment', 'segments')}: {key}")


COMMANDS = (segments,)
