"""The command line: each verb reads its arguments, calls one service, prints.

Exit status: 0 done, 1 the input was wrong (problems on standard error, one a line), 2 usage.
"""

import sys

import click

from segcore.cli import agents, asking, imports, segments, workspace
from segcore.cli.frame import Context, report
from segcore.problems import SegcoreError


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--database", "url", metavar="URL", help="The workspace; instead of SEGCORE_DATABASE_URL.")
@click.option("--as", "name", metavar="NAME", help="Act as this agent, who sees and may do less; else as the owner.")
@click.pass_context
def segcore(context: click.Context, url: str | None, name: str | None) -> None:
    """Segcore: find people and companies by rules, and keep them as segments."""
    context.obj = Context(url, name)
    context.call_on_close(context.obj.close)


for command in (
    *imports.COMMANDS,
    *asking.COMMANDS,
    *segments.COMMANDS,
    *agents.COMMANDS,
    *workspace.COMMANDS,
):
    segcore.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run one verb and leave with its exit status."""
    try:
        segcore.main(arguments, prog_name="segcore", standalone_mode=True)
    except SegcoreError as trouble:
        report(trouble, as_json="--json" in (sys.argv[1:] if arguments is None else arguments))
        sys.exit(1)
    except BrokenPipeError:
        # Whoever read our output has enough; the rest must not end in a traceback.
        sys.stdout = None
        sys.exit(0)
