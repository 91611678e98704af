"""Tryton's answers as text: the fast way gives what the plain way gives."""

import datetime as dt
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerline.connectors.tryton import codec

TEXT = st.text(st.characters(codec="utf-8"), max_size=12)
TIMES = st.datetimes(timezones=st.just(dt.UTC))
SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53), 2**53),
    st.decimals(allow_nan=False, allow_infinity=False),
    st.dates(),
    TIMES,
    TEXT,
    st.sampled_from(['{"__class__": "Decimal", "decimal": "1"}', "__class__", '\\"']),
)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3)
    ),
    max_leaves=12,
)


def sent(value, **how):
    """The value as Tryton writes it."""
    return json.dumps(json.loads(codec.encode(value)), **how).encode()


@given(value=VALUES)
def test_text_is_read_as_values_are(value):
    for how in ({}, {"ensure_ascii": False}, {"separators": (",", ":")}):
        content = sent(value, **how)
        assert codec.decode_text(content) == codec.as_text(codec.decode(content))


@given(value=VALUES)
def test_values_survive_the_way_to_tryton_and_back(value):
    assert codec.decode(sent(value)) == value


def test_a_tag_written_in_another_way_is_read_all_the_same():
    content = b'[{"a": {"decimal": "1.50", "__class__": "Decimal"}}]'
    assert codec.decode_text(content) == [{"a": "1.50"}]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"[5.0]", "5.0"),
        (b"[0.1]", "0.1"),
        (b"[1e-07]", "1e-07"),
        (b"[12345678901234.567]", "12345678901234.567"),
    ],
)
def test_a_float_stays_as_it_is_written(content, text):
    [found] = codec.decode_text(content)
    assert found == text
    assert float(found) == json.loads(content)[0]
