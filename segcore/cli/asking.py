"""`count`, `members`, `evaluate`: what a rule or a saved segment answers."""

import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

import click
import polars as pl

from segcore.attributes import EXTERNAL_ID, ID, Entity
from segcore.cli.documents import loaded, text_of
from segcore.cli.frame import (
    Context,
    Instant,
    asked,
    clock,
    entity_option,
    json_option,
    now_option,
    rule_argument,
    segment_option,
    show,
)
from segcore.problems import InvalidRule, Problem

BATCH = 5_000
ASKED = {"id", "rule", "entity", "now", "ids"}


@click.command()
@rule_argument
@segment_option
@entity_option
@now_option
@json_option
@click.pass_obj
def count(
    context: Context, rule: str | None, segment: str | None, entity: str | None, now: datetime | None, as_json: bool
) -> None:
    """How many match, and of how many."""
    document, selected = asked(context, rule, segment, entity)
    found = context.services.filters.count(context.agent, document, entity=selected, now=now or clock())
    if as_json:
        show({"count": found.count, "total": found.total, "now": _instant(found.now)})
    else:
        click.echo(f"{found.count} of {found.total}")


@click.command()
@rule_argument
@segment_option
@entity_option
@now_option
@click.option("--format", "form", type=click.Choice(["ids", "csv", "jsonl"]), default="ids", show_default=True)
@json_option
@click.pass_obj
def members(
    context: Context,
    rule: str | None,
    segment: str | None,
    entity: str | None,
    now: datetime | None,
    form: str,
    as_json: bool,
) -> None:
    """Those that match, sorted by external id: their ids, or everything that is known of them."""
    document, selected = asked(context, rule, segment, entity)
    filters, now = context.services.filters, now or clock()
    if as_json or form == "ids":
        frame = filters.members(context.agent, document, entity=selected, now=now, columns=[])
        ids = frame.get_column(EXTERNAL_ID).to_list()
        if as_json:
            show({"count": len(ids), "now": _instant(now), "ids": ids})
        elif ids:
            click.echo("\n".join(ids))
        return
    frame = filters.members(context.agent, document, entity=selected, now=now)
    if form == "csv":
        from segcore.services import exports

        attributes = [ID, *filters.schema(context.agent).of(selected).values()]
        # A machine reads this, and an import must read the very same values, so no cell is guarded.
        for part in exports.csv(frame, attributes, guard=False):
            click.echo(part, nl=False)
    else:
        for line in _json_lines(frame):
            click.echo(line)


@click.command()
@click.argument("file", metavar="FILE.jsonl | -", type=click.Path(dir_okay=False, allow_dash=True))
@now_option
@json_option
@click.pass_obj
def evaluate(context: Context, file: str, now: datetime | None, as_json: bool) -> None:
    """Many rules in one run, a JSON object a line in, and in the same order one a line out.

    In: {"id": any, "rule": …, "entity"?: …, "now"?: …, "ids"?: true}.
    Out: {"id", "count", "ids"?} or {"id", "problems"}.
    """
    from segcore.services.filters import Question

    asked_at = now or clock()
    # Only a line feed ends a line: JSON lets other separators stand in a text as they are.
    lines = [line for line in text_of(file).split("\n") if line.strip()]
    read = [_question(line, Question) for line in lines]
    questions = [question for _, question, problems in read if not problems]
    answers = iter(context.services.filters.evaluate(context.agent, questions, now=asked_at))
    for name, _, problems in read:
        answer = None if problems else next(answers)
        if answer is not None and answer.count is not None:
            told: dict[str, Any] = {"id": name, "count": answer.count}
            show(told if answer.ids is None else {**told, "ids": list(answer.ids)})
        else:
            wrong = problems or (answer.problems if answer is not None else ())
            show({"id": name, "problems": [problem.as_json() for problem in wrong]})


@click.command()
@click.argument("external_id")
@rule_argument
@segment_option
@entity_option
@now_option
@json_option
@click.pass_obj
def explain(
    context: Context,
    external_id: str,
    rule: str | None,
    segment: str | None,
    entity: str | None,
    now: datetime | None,
    as_json: bool,
) -> None:
    """Why somebody matches or does not: the rule as a tree, with true or false and the actual value at each node."""
    document, selected = asked(context, rule, segment, entity)
    filters, at = context.services.filters, now or clock()
    if segment is not None:
        found = filters.explain_segment(context.agent, external_id, segment, now=at)
    else:
        found = filters.explain(context.agent, external_id, document, entity=selected, now=at)
    if as_json:
        show(found.as_json())
        return
    click.echo(f"{external_id} {'matches' if found.holds else 'does not match'} as of {_instant(found.now)}")
    if found.flips is not None:
        then = "stops matching" if found.holds else "matches"
        click.echo(f"By time alone, {then} at {_instant(found.flips.at)}: {found.flips.says}")
    for depth, reason in found.root.lines():
        click.echo("  " * depth + _reason(reason))


def _reason(reason: Any) -> str:
    """One node: "✕ Uploaded photos is more than 80 · 74 ← alone turns the answer: more than 80"."""
    said = f"{ {True: '✓', False: '✕', None: '?'}[reason.holds] } {reason.says}"
    for more in (reason.actual, reason.note, reason.bound):
        said += f" · {more}" if more else ""
    if reason.pivotal:
        said += " ← this alone turns the answer" + (f": {reason.needed}" if reason.needed else "")
    return said


def _question(line: str, question: type) -> tuple[Any, Any, tuple[Problem, ...]]:
    """A line's id, what it asks, and what is wrong with it."""
    try:
        told = loaded(line)
    except InvalidRule as trouble:
        return None, None, trouble.problems
    if not isinstance(told, dict):
        return None, None, (Problem((), "A line is an object with id and rule."),)
    problems = [Problem((key,), f"“{key}” is not known here.") for key in told if key not in ASKED]
    if "rule" not in told:
        problems.append(Problem((), "The line has no rule."))
    if told.get("entity", "person") not in ("person", "company"):
        problems.append(Problem(("entity",), "The entity is person or company."))
    if not isinstance(told.get("ids", False), bool):
        problems.append(Problem(("ids",), "“ids” is true or false."))
    instant = None
    if "now" in told:
        try:
            instant = Instant().convert(told["now"], None, None)
        except (click.BadParameter, TypeError):
            problems.append(Problem(("now",), "“now” is an instant with zone, such as 2026-11-22T04:12:09Z."))
    if problems:
        return told.get("id"), None, tuple(problems)
    entity = Entity(told.get("entity", "person"))
    asking = question(document=told["rule"], entity=entity, now=instant, ids=told.get("ids", False))
    return told.get("id"), asking, ()


def _json_lines(frame: pl.DataFrame) -> Iterator[str]:
    """Everything known of each, a JSON object a line; what is missing is left out."""
    for part in frame.iter_slices(BATCH):
        for row in part.iter_rows(named=True):
            told = {key: _plain(value) for key, value in row.items() if value is not None}
            yield json.dumps(told, ensure_ascii=False)


def _plain(value: Any) -> Any:
    match value:
        case datetime():
            return _instant(value)
        case date():
            return value.isoformat()
        case {"latitude": latitude, "longitude": longitude}:
            return None if latitude is None else [latitude, longitude]
        case _:
            return value


def _instant(instant: datetime) -> str:
    return instant.isoformat().replace("+00:00", "Z")


COMMANDS = (count, members, evaluate, explain)
