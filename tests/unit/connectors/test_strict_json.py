"""Strict JSON: what is ambiguous or lossy is refused, what is innocent is kept."""

import json
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledgerline.connectors.formats import strict_json
from ledgerline.connectors.formats.record import RecordRefused

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text("abcdé", max_size=3), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, deadline=None)
@given(
    value=VALUES,
    indent=st.sampled_from([None, 2]),
    is_ascii=st.booleans(),
)
def test_any_json_that_is_written_by_others_is_read(value, indent, is_ascii):
    text = json.dumps(value, indent=indent, ensure_ascii=is_ascii).encode()
    assert strict_json.decode(text) == value


@settings(max_examples=300, deadline=None)
@given(
    members=st.dictionaries(st.text("abc", min_size=1, max_size=2), VALUES, min_size=1),
    separator=st.sampled_from([",", ", ", "\n , "]),
)
def test_a_key_that_comes_twice_is_always_found(members, separator):
    pairs = [
        f"{json.dumps(key)}: {json.dumps(value)}" for key, value in members.items()
    ]
    pairs.append(pairs[0])
    for text in (
        "{" + separator.join(pairs) + "}",
        '[{"deep": {' + separator.join(pairs) + "}}]",
    ):
        with pytest.raises(RecordRefused) as caught:
            strict_json.decode(text.encode())
        assert caught.value.refusal_class == "JSON_AMBIGUOUS"


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data):
    for text in (data, b'{"a":' + data + b"}", b'"' + data + b'"'):
        with suppress(RecordRefused):
            strict_json.decode(text)


@pytest.mark.parametrize(
    ("text", "refusal_class"),
    [
        (b'{"a": NaN}', "NUMBER_INVALID"),
        (b'{"a": -Infinity}', "NUMBER_INVALID"),
        (b'{"a": 1e400}', "NUMBER_INVALID"),
        (b'{"a": 1e-20000}', "NUMBER_INVALID"),
        (b'{"a": ' + b"1" * 60 + b"}", "NUMBER_INVALID"),
        (b'{"a": "x\\u0000"}', "ENCODING"),
        (b'{"a\\u0000": 1}', "ENCODING"),
        (b'{"a": "x\x00"}', "ENCODING"),
        (b'{"a": "\\udc00"}', "ENCODING"),
        (b'{"a": "\xed\xa0\x80"}', "ENCODING"),
        (b'{"a": "\xff"}', "ENCODING"),
        (b"{'a': 1}", "PARSE"),
        (b'{"a": 1,}', "PARSE"),
        (b"", "PARSE"),
    ],
)
def test_each_fault_has_its_class(text, refusal_class):
    with pytest.raises(RecordRefused) as caught:
        strict_json.decode(text)
    assert caught.value.refusal_class == refusal_class
