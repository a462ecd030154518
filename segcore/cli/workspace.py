"""`attributes`, `demo`, `serve`, `doctor`: the workspace itself."""

import os
import sys

import click

from segcore.cli import doctor as checks
from segcore.cli.frame import Context, clock, json_option, plural, show, table
from segcore.problems import SegcoreError
from segcore.settings import ROOT


@click.command()
@json_option
@click.pass_obj
def attributes(context: Context, as_json: bool) -> None:
    """The schema: what people, companies and events have, of which kind, and how many lack a value."""
    services = context.services
    rows: list[dict[str, object]] = [
        {"entity": a.entity.value, "key": a.attribute.key, "kind": a.attribute.kind.value, "missing": a.missing}
        for a in services.attributes.all(context.agent)
        if a.attribute.key != "external_id"
    ]
    properties = services.filters.schema(context.agent).properties.values()
    rows += [{"entity": "event", "key": p.key, "kind": p.kind.value, "missing": None} for p in properties]
    if as_json:
        show(rows)
    else:
        table(
            ("entity", "key", "kind", "missing"),
            [(r["entity"], r["key"], r["kind"], "–" if r["missing"] is None else r["missing"]) for r in rows],
        )


@click.command()
@click.option("--remove", is_flag=True, help="Take the demo out again, whole.")
@json_option
@click.pass_obj
def demo(context: Context, remove: bool, as_json: bool) -> None:
    """Fill an empty database with the demo workspace: 5,000 people of an invented company."""
    act = context.services.demo.remove if remove else context.services.demo.fill
    told = act(context.agent, now=clock())
    if as_json:
        show({"people": told.people, "companies": told.companies, "events": told.events, "segments": told.segments})
        return
    amounts = (
        plural(told.people, "person", "people"),
        plural(told.companies, "company", "companies"),
        plural(told.events, "event", "events"),
        plural(told.segments, "segment", "segments"),
    )
    click.echo(("Removed " if remove else "Filled with ") + ", ".join(amounts))
    if told.kept:
        click.echo(f"Kept because other segments refer to them: {', '.join(told.kept)}")


@click.command()
@click.option("--port", type=click.IntRange(1, 65_535), help="Instead of SEGCORE_PORT.")
@click.pass_obj
def serve(context: Context, port: int | None) -> None:
    """Run the product: pages and HTTP interface in one process."""
    context.owned()
    settings = context.settings
    port = port or settings.port
    if not checks.port_free(port, settings.address):
        raise SegcoreError(f"Port {port} is taken.", "Name another one by SEGCORE_PORT or --port.")
    settings.key()  # a weak one keeps it from starting, in one sentence
    told = {"SEGCORE_PORT": str(port), "SEGCORE_DATABASE_URL": _absolute(settings.database_url)}
    environment = {**os.environ, **told, "SEGCORE_DATA": str(settings.data.absolute())}
    click.echo("Segcore is starting. Ctrl+C stops it.")
    context.close()
    sys.stdout.flush()
    os.chdir(ROOT)  # where .streamlit/config.toml lies
    # In place of this process, so that a signal reaches the server itself.
    os.execve(sys.executable, [sys.executable, "app.py"], environment)


def _absolute(url: str) -> str:
    """The same file of SQLite from any folder."""
    path = url.removeprefix("sqlite:///")
    return url if path == url else f"sqlite:///{os.path.abspath(path)}"


@click.command()
@json_option
@click.pass_obj
def doctor(context: Context, as_json: bool) -> None:
    """Check the installation and say what to mend."""
    context.owned()
    findings = checks.examine(context)
    if as_json:
        show([{"check": f.check, "state": f.state, "found": f.found, "mend": f.mend} for f in findings])
    else:
        for finding in findings:
            click.echo(f"{checks.SIGNS[finding.state]} {finding.check}: {finding.found}")
            if finding.mend:
                click.echo(f"    {finding.mend}")
    if any(finding.state == "mend" for finding in findings):
        sys.exit(1)


COMMANDS = (attributes, demo, serve, doctor)
