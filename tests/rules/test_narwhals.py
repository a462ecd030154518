"""The columns speak only what narwhals speaks too, so that another engine is an adapter and not a second compiler."""

import narwhals as nw
import polars as pl
import pytest

from segcore.attributes import Attribute
from segcore.rules import codec, columns, compile
from segcore.rules.compile import expression
from segcore.rules.operators import EXAMPLES_AT, Example, Operator
from segcore.rules.tree import Condition
from tests.rules.test_examples import EXAMPLES, document_of, kind_of, table_of


@pytest.mark.parametrize(("operator", "example"), EXAMPLES)
def test_example_holds_through_narwhals(operator: Operator, example: Example, monkeypatch: pytest.MonkeyPatch) -> None:
    attribute = Attribute(key="a", kind=kind_of(operator, example))
    condition = codec.parse(document_of(operator, example))
    assert isinstance(condition, Condition)
    table = table_of(attribute, example)
    for module in (columns, compile):
        monkeypatch.setattr(module, "pl", nw)
    try:
        expr = expression(condition, attribute, EXAMPLES_AT)
    except (AttributeError, TypeError) as error:
        if not any(f"'{name}'" in str(error) for name in columns.BEYOND_NARWHALS):
            raise
        pytest.skip(f"listed in BEYOND_NARWHALS: {error}")
    answer = nw.from_native(table).select(answer=expr).to_native()
    assert answer.to_series().to_list() == [example.verdict]
    assert isinstance(answer, pl.DataFrame)
