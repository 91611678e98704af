"""Amounts, quantities, counts and dates of X12: exact, or refused."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerline.connectors.formats.x12.records import values
from ledgerline.connectors.formats.x12.records.values import Unreadable


@given(st.from_regex(r"-?(\d{1,12}(\.\d{0,10})?|\.\d{1,10})", fullmatch=True))
def test_an_amount_is_exact_or_has_mills(text):
    ascii_text = "".join(str(int(c)) if c.isdecimal() else c for c in text)
    exact = Decimal(ascii_text) * 100
    if ascii_text == text and exact == int(exact):
        assert values.amount(text) == exact
    else:
        with pytest.raises(Unreadable):
            values.amount(text)


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1,000", "1e5", "1_0", "+1", "NaN", "Infinity", "0x1", "1.2.3"),
        *(
            "..12",
            "--1",
            " 1",
            "1\n",
            "٣.00",
            "1." + "0" * 11,
            "9" * 13,
            "9" * 13 + ".00",
            "0" * 10 + "100.00",
            "9" * 99,
        ),
    ],
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(Unreadable) as caught:
        values.amount(text)
    assert caught.value.text == text


@given(st.dates())
def test_every_day_of_the_calendar_is_read_with_or_without_its_time(found):
    text = found.strftime("%Y%m%d").zfill(8)
    assert values.day(text) == text
    assert values.day(text + "2359") == text


@given(st.text(max_size=12))
def test_only_days_of_the_calendar_are_read(text):
    try:
        found = values.day(text)
    except Unreadable:
        return
    date(int(found[:4]), int(found[4:6]), int(found[6:]))


@pytest.mark.parametrize("text", ["1", "0012", "9999999999"])
def test_a_count_is_a_whole_number(text):
    assert values.whole(text) == int(text)


@pytest.mark.parametrize("text", ["-1", "1.0", "one", "²", "٣", "1" * 11])
def test_what_is_no_count_is_refused(text):
    with pytest.raises(Unreadable):
        values.whole(text)


@pytest.mark.parametrize("text", ["9" * 13, "1" + "0" * 12, "0" * 13])
def test_a_quantity_that_no_column_holds_is_refused(text):
    with pytest.raises(Unreadable):
        values.number(text)


def test_a_period_that_ends_before_it_begins_is_none():
    assert values.period("20260301-20260301") == ("20260301", "20260301")
    assert values.period("20260301-") == ("20260301", "20260301")
    with pytest.raises(Unreadable, match="ends before it begins"):
        values.period("20260302-20260301")
