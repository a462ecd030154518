"""Every example of the catalogue, in both evaluators and through the stored document."""

from datetime import date, datetime

import polars as pl
import pytest

from segcore.attributes import Attribute, Entity, Kind, Schema, dtype, fold_column
from segcore.rules import codec, validate
from segcore.rules.compile import expression
from segcore.rules.interpret import answer
from segcore.rules.operators import BY_KEY, CATALOGUE, EXAMPLES_AT, Example, Operator
from segcore.rules.text import fold
from segcore.rules.tree import Condition


def kind_of(operator: Operator, example: Example) -> Kind:
    return example.kind or next(kind for kind in Kind if kind in operator.kinds)


def cell_of(kind: Kind, written: object) -> object:
    if isinstance(written, str) and kind is Kind.DATE:
        return date.fromisoformat(written)
    if isinstance(written, str) and kind is Kind.DATETIME:
        return datetime.fromisoformat(written)
    return written


def folded(cell: object) -> object:
    if isinstance(cell, str):
        return fold(cell)
    return [fold(each) for each in cell] if isinstance(cell, list) else None


def document_of(operator: Operator, example: Example) -> dict[str, object]:
    document = {"attribute": "a", "operator": operator.key, **dict(example.options)}
    return document if example.value is None else {**document, "value": example.value}


def table_of(attribute: Attribute, example: Example) -> pl.DataFrame:
    cell = cell_of(attribute.kind, example.cell)
    columns = {"a": pl.Series([cell], dtype=dtype(attribute))}
    if attribute.kind in (Kind.TEXT, Kind.LIST):
        columns[fold_column("a")] = pl.Series([folded(cell)], dtype=dtype(attribute))
    return pl.DataFrame(columns)


EXAMPLES = [
    pytest.param(operator, example, id=f"{operator.key}-{number}")
    for operator in CATALOGUE
    for number, example in enumerate(operator.examples)
]


@pytest.mark.parametrize(("operator", "example"), EXAMPLES)
def test_example_holds_in_columns_and_in_a_row(operator: Operator, example: Example) -> None:
    kind = kind_of(operator, example)
    attribute = Attribute(key="a", kind=kind)
    document = document_of(operator, example)
    schema = Schema(people={"a": attribute})
    assert validate.check(document, schema, Entity.PERSON, {}) == []
    condition = codec.parse(document)
    assert isinstance(condition, Condition)
    assert codec.dump(condition) == document

    column = table_of(attribute, example).select(expression(condition, attribute, EXAMPLES_AT)).to_series()
    assert column.to_list() == [example.verdict]
    assert answer(condition, cell_of(kind, example.cell), EXAMPLES_AT) is example.verdict


def test_every_operator_has_examples_of_both_verdicts_in_its_pair() -> None:
    for operator in CATALOGUE:
        pair = [each for each in CATALOGUE if each.key in (operator.key, operator.complement_of)]
        verdicts = {example.verdict for each in pair for example in each.examples}
        assert operator.examples, operator.key
        assert verdicts == {True, False} or operator.operand == "none", operator.key


def test_negative_operators_have_no_functions_of_their_own() -> None:
    for operator in CATALOGUE:
        if operator.complement_of is None:
            assert operator.expr is not None, operator.key
            assert operator.holds is not None, operator.key
        else:
            positive = BY_KEY[operator.complement_of]
            assert operator.expr is None, operator.key
            assert operator.holds is None, operator.key
            assert (positive.kinds, positive.operand) == (operator.kinds, operator.operand)
            assert positive.takes_match_case == operator.takes_match_case
            assert positive.timed == operator.timed
