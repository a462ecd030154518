"""The page about operators, written from the table: `python -m segcore.rules.docs > docs/operators.md` renews it."""

import json
import sys

from segcore.attributes import Kind
from segcore.rules.measure import MEASURES
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
    Kind.LOCATION: "Locations",
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
    Operand.PLACE: '`{"latitude", "longitude", "km"}`',
}


_MEASURES = """
## Measures of events

`{"event": name, "measure": measure, "of": property, "operator": operator, "value": value}`, with `"where"` (a rule over the
event's properties) and `"within"` (a window) if need be. The measured value is asked like an attribute of its kind, with
the operators above. Events stamped after now never count; a missing property is skipped.

| measure | reads | of | comes to | of nothing | means |
| --- | --- | --- | --- | --- | --- |"""

_WINDOWS = """
## Windows

| window | means |
| --- | --- |
| none | All time up to now. |
| `{"last": {"days": 30}}` | From exactly 30 days of 24 hours ago up to now, both included; minutes, hours, days or weeks. |
| `{"from": "2026-11-01T00:00:00Z", "to": "2026-12-01T00:00:00Z"}` | From the first instant (included) to the second (excluded); either may be left out. |
| `{"period": "this_month"}` | The days of a calendar word in the workspace's time zone: `today`, `yesterday`, `tomorrow`, or `this_`, `last_`, `next_` with `week`, `month`, `quarter`, `year`. |
"""

_NODES = """
## Every kind of condition

| condition | holds for |
| --- | --- |
| `{"all": […]}` `{"any": […]}` `{"none": […]}` | every one of the conditions · at least one · none. `all` of nothing is everyone, `any` of nothing no one |
| `{"attribute": key, "operator", "value"}` | those whose attribute answers the operator |
| `{"event": name, "operator", "value"}` with `measure`, `of`, `where`, `within` | people whose events come to what is asked; `count` `gte` 1 is "did", `count` `eq` 0 is "did not" |
| `{"sequence": [{"event": name, "where"}, …]}` with `each_within`, `within` | people who did the steps in this order, each strictly later than the one before it, by at most `each_within` |
| `{"company": "any", "rule": …}` | people of whose companies any one (`all`: every one, and there is one; `none`: no one; `primary`: the primary one) matches a rule over companies |
| `{"people": rule over people, "operator", "value"}` | companies by the number of their people who match |
| `{"segment": key, "operator": "in"}` or `"not_in"` | members of a segment at the same instant |
| `{"sample": {"salt": "A", "from": 0, "to": 10}}` | a stable random share: the first 8 bytes of SHA-256 of `salt:external_id` as a number, brought to [0, 100) |
"""


def _measures() -> str:
    lines = []
    for each in MEASURES:
        of = ", ".join(kind.value for kind in Kind if kind in each.of) or "–"
        kind = each.kind.value if each.kind else "the property's kind"
        nothing = "missing" if each.nothing is None else str(each.nothing)
        lines.append(f"| `{each.key}` | {each.label} | {of} | {kind} | {nothing} | {each.means} |")
    return "\n".join(lines)


def page() -> str:
    """The whole page as Markdown."""
    shared = [operator for operator in CATALOGUE if operator.kinds == frozenset(Kind)]
    parts = [_HEAD, "## Every kind\n", _table(shared, None)]
    for kind, title in _TITLES.items():
        own = [operator for operator in for_kind(kind) if operator not in shared]
        parts += [f"\n## {title}\n", _table(own, kind)]
    parts += [_MEASURES, _measures(), _WINDOWS, _NODES]
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
