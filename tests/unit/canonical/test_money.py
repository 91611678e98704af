from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerline.canonical.money import AmountScale, allocate, cents


def test_hundred_dollars_over_three_equal_parts_lose_no_cent():
    assert allocate(10000, {"a": 1, "b": 1, "c": 1}) == {
        "a": 3334,
        "b": 3333,
        "c": 3333,
    }


def test_a_zero_basis_allocates_nothing():
    assert allocate(100, {"a": 0}) == {}


@given(
    st.integers(-(10**12), 10**12),
    st.dictionaries(st.text(), st.integers(-5, 10**9), min_size=1),
)
def test_allocation_conserves_every_cent(total, weights):
    shares = allocate(total, weights)
    has_basis = any(weight > 0 for weight in weights.values())
    assert sum(shares.values()) == (total if has_basis else 0)


def test_cents_are_exact():
    assert cents(Decimal("19.99")) == 1999


@pytest.mark.parametrize("text", ["1.005", "NaN", "Infinity"])
def test_an_amount_that_is_not_whole_cents_is_refused(text):
    with pytest.raises(AmountScale):
        cents(Decimal(text))
