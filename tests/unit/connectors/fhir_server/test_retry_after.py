"""How long a server asks us to wait."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledgerline.connectors.fhir_server.transport.retry_after import (
    FLOOR,
    seconds_to_wait,
)

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
LATER = NOW + timedelta(seconds=90)


@pytest.mark.parametrize(
    ("told", "wait"),
    [
        ("120", 120),
        ("0.5", 0.5),
        (" 7 ", 7),
        ("0", FLOOR),
        (format_datetime(LATER, usegmt=True), 90),
        (str(int(LATER.timestamp())), 90),
        (str(int(LATER.timestamp() * 1000)), 90),
        ("86400", 300),
        ("99999999999999999999", 300),
        ("Fri, 31 Dec 1999 23:59:59 GMT", FLOOR),
        (str(int(NOW.timestamp()) - 60), FLOOR),
        *(
            (nothing, None)
            for nothing in (None, "", "soon", "-5", "nan", "inf", "1 min")
        ),
    ],
)
def test_every_form_is_understood_and_capped(told, wait):
    assert seconds_to_wait(told, NOW, 300) == wait


@given(st.text(max_size=40), st.floats(min_value=1, max_value=1e6))
def test_no_text_waits_longer_than_the_cap_or_breaks(told, cap):
    wait = seconds_to_wait(told, NOW, cap)
    assert wait is None or FLOOR <= wait <= cap


@given(st.integers(min_value=-(10**25), max_value=10**25))
def test_no_number_waits_longer_than_the_cap(told):
    wait = seconds_to_wait(str(told), NOW, 300)
    assert wait is None or FLOOR <= wait <= 300
