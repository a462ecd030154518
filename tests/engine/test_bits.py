"""Sets of rows as packed bits obey the laws of sets."""

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from segcore.engine.bits import Bits


@st.composite
def pairs(draw: st.DrawFn) -> tuple[set[int], set[int], int]:
    length = draw(st.sampled_from([0, 1, 7, 8, 9, 63, 64, 65, 127, 200]))
    rows = st.sets(st.integers(0, length - 1)) if length else st.just(set())
    return draw(rows), draw(rows), length


@settings(deadline=None)
@given(pairs())
def test_bits_do_what_sets_do(drawn: tuple[set[int], set[int], int]) -> None:
    one, other, length = drawn
    a, b = Bits.of_rows(sorted(one), length), Bits.of_rows(sorted(other), length)
    assert set((a & b).rows()) == one & other
    assert set((a | b).rows()) == one | other
    assert set((~a).rows()) == set(range(length)) - one
    assert ~~a == a
    assert ~(a & b) == ~a | ~b
    assert a & ~a == Bits.none(length)
    assert a | ~a == Bits.everyone(length)
    assert [a[row] for row in range(length)] == [row in one for row in range(length)]
    assert (a == b) is (one == other)


@settings(deadline=None)
@given(pairs())
def test_counts_and_masks_agree_with_the_rows(drawn: tuple[set[int], set[int], int]) -> None:
    one, other, length = drawn
    for bits in (Bits.of_rows(sorted(one), length), ~Bits.of_rows(sorted(other), length)):
        assert bits.count() == len(bits.rows()) == bits.mask().sum()
        assert len(bits.mask()) == length
        assert Bits.of_mask(bits.mask()) == bits
        column = pl.Series(bits.mask())
        for start in (0, 1, 8):
            assert Bits.of_column(column[start:]) == Bits.of_mask(bits.mask()[start:])
        assert Bits.of_column(pl.concat([column, column], rechunk=False)).count() == 2 * bits.count()
        # What lies past the end is zero, or counts would be wrong after the next "not".
        assert not np.unpackbits(bits.packed, bitorder="little")[length:].any()


def test_sets_of_different_length_do_not_mix() -> None:
    with pytest.raises(ValueError, match="3 and 200"):
        Bits.everyone(3) & Bits.everyone(200)


def test_bits_cannot_be_changed() -> None:
    for bits in (Bits.none(9), Bits.everyone(9), Bits.of_rows([1], 9) & Bits.everyone(9)):
        with pytest.raises(ValueError, match="read-only"):
            bits.packed[0] = 1


def test_a_row_outside_is_refused() -> None:
    with pytest.raises(IndexError):
        Bits.everyone(3)[3]


@pytest.mark.parametrize("column", [pl.Series([True, None]), pl.Series([1, 0])])
def test_a_third_value_is_refused(column: pl.Series) -> None:
    with pytest.raises(ValueError, match="true and false only"):
        Bits.of_column(column)
