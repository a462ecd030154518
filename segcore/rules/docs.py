"""The page about operators, written from the table: `python -m segcore.rules.docs > docs/operators.md` renews it."""

import json
import sys

from segcore.attributes import Kind
from segcore.rules.operators import BY_KEY, CATALOGUE, EXAMPLES_AT, Example, Operand, Operator, for_kind, label, options

_HEAD = f"""# Operators

<!-- Written by `python -m segcore.rules.docs > docs/operators.md` from the operator table; a change here is lost. -->

Every condition on an attribute is `{{"attribute": key, "operator": operator, "value": value}}`. An operator marked * is
negative: it is exactly "not" of the one it names, so it also holds for those who have no value, unless the condition
says `"include_missing": false`. No other operator holds for a missing value, but for `is_unknown` and `is_empty`.

Text is compared without regard to capital letters (by Unicode's full case folding: "STRASSE" is "Straße") unless the
condition says `"match_case": true`. The examples with dates are of {EXAMPLES_AT.now:%Y-%m-%d %H:%M} UTC in a workspace
of {EXAMPLES_AT.zone.key}; a "–" is a missing value.
"""

_TITLES = {
    Kind.TEXT: "Text",
    Kind.NUMBER: "Numbers",
    Kind.BOOLEAN: "True or false",
    Kind.DATE: "Dates, with and without time",
    Kind.LIST: "Lists of text",
}

_VALUES = {
    Operand.NONE: "none",
    Operand.ONE: "one value",
    Operand.MANY: "a list of values",
    Operand.RANGE: "`[low, high]`",
    Operand.PATTERN: "a pattern of Rust's `regex`, at most 256 characters",
    Operand.DOMAIN: "a domain",
    Operand.DOMAINS: "a list of domains",
    Operand.AGO: '`{"days": n}`, or minutes, hours, weeks',
    Operand.DAY: "a date",
    Operand.WHEN: "a date, or an instant with its zone",
    Operand.PERIOD: "`today`, `yesterday`, `tomorrow`, or `this_`, `last_`, `next_` with `week`, `month`, `quarter`, `year`",
    Operand.DAYS: "a number of days, 1 or more",
    Operand.WITHIN: '`{"days": n}`, 0 or more',
    Operand.WEEKDAYS: "a list of `monday` … `sunday`",
    Operand.COUNT: "a number, 0 or more",
}


def page() -> str:
    """The whole page as Markdown."""
    shared = [operator for operator in CATALOGUE if operator.kinds == frozenset(Kind)]
    parts = [_HEAD, "## Every kind\n", _table(shared, None)]
    for kind, title in _TITLES.items():
        own = [operator for operator in for_kind(kind) if operator not in shared]
        parts += [f"\n## {title}\n", _table(own, kind)]
    return "\n".join(parts) + "\n"


def _table(operators: list[Operator], kind: Kind | None) -> str:
    lines = ["| operator | reads | value | means | examples |", "| --- | --- | --- | --- | --- |"]
    lines += [_row(operator, kind) for operator in operators]
    return "\n".join(lines)


def _row(operator: Operator, kind: Kind | None) -> str:
    star = "*" if operator.negative else ""
    reads = label(operator, kind or Kind.TEXT)
    cells = [
        f"`{operator.key}`{star}",
        reads,
        _VALUES[operator.operand],
        _meaning(operator, kind),
        _examples(operator, kind),
    ]
    return "| " + " | ".join(cells) + " |"


def _meaning(operator: Operator, kind: Kind | None) -> str:
    told = [f"Not `{operator.complement_of}`."] if operator.complement_of else []
    told += [operator.help] if operator.help else []
    if "include_future" in options(operator, kind):
        told.append("Takes `include_future`.")
    return " ".join(told)


def _examples(operator: Operator, kind: Kind | None) -> str:
    dates = {Kind.DATE, Kind.DATETIME}
    told = []
    for example in operator.examples:
        own = example.kind or next(each for each in Kind if each in operator.kinds)
        if kind is None or own is kind or {own, kind} <= dates:
            told.append(_example(example))
    if not told and operator.complement_of:
        return f"as of `{BY_KEY[operator.complement_of].key}`, the other way round"
    return "<br>".join(told)


def _example(example: Example) -> str:
    verdict = "✓" if example.verdict else "✕"
    asked = "" if example.value is None else f" with {_written(example.value)}"
    also = "".join(f", `{option}: {json.dumps(value)}`" for option, value in example.options)
    return f"{verdict} {'–' if example.cell is None else _written(example.cell)}{asked}{also}"


def _written(value: object) -> str:
    """A value as JSON within a table; long lists are cut."""
    if isinstance(value, list) and len(value) > 4:
        return f"a list of {len(value)}"
    return f"`{json.dumps(value, ensure_ascii=_invisible(value))}`".replace("|", "\\|")


def _invisible(value: object) -> bool:
    return isinstance(value, str) and not value.strip()


if __name__ == "__main__":
    sys.stdout.buffer.write(page().encode())
