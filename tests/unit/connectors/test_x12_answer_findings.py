"""Answers to claims that land with findings: what is odd in them hides no answer."""

import pytest

from tests.unit.connectors.test_x12_acknowledgements import (
    CLAIMS,
    GROUP,
    bodies,
    refusals,
)
from tests.unit.connectors.x12_text import changed, recounted


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [
        (b"AK9*P*2*2*1", b"AK9*P*two*2*1", "AK902"),
        (b"AK9*P*2*2*1", b"AK9*P*2*2*1.0", "AK904"),
        (b"IK3*CLM*22*", b"IK3*CLM*-1*", "IK302"),
        (b"IK4*2*", b"IK4*II*", "IK401"),
    ],
)
def test_a_count_that_is_none_hides_no_rejection(old, new, element):
    text = changed(GROUP, old, new)
    assert refusals(text) == []
    (body,) = bodies(text, "999.group")
    assert body["accept_code"] == "P"
    assert [answered["accept_code"] for answered in body["sets"]] == ["A", "R"]
    (found,) = body["findings"]
    assert (found["refusal_class"], found["element"]) == ("NUMBER_INVALID", element)
    assert text[found["byte_offset"] :].startswith(element[:3].encode())


@pytest.mark.parametrize(
    ("old", "new", "element"),
    [
        (b"STC*A2:20:PR*20260303", b"STC*A2:20:PR*20260333", "STC02"),
        (b"*WQ*5120.5~\nREF", b"*WQ*x~\nREF", "STC04"),
        (b"RD8*20260201-20260205", b"RD8*2026-20260205", "DTP03"),
        (b"RD8*20260201-20260205", b"RD8*20260205-20260201", "DTP03"),
        (b"D8*20260206~\nSVC", b"D8*20260230~\nSVC", "DTP03"),
        (b"SVC*HC:99213*100*", b"SVC*HC:99213*1OO*", "SVC02"),
        (b"DTP*050*D8*20260302", b"DTP*050*D8*20261302", "DTP03"),
        (b"QTY*QA*1~", b"QTY*QA*one~", "QTY02"),
        (b"AMT*YY*100~\nHL*4", b"AMT*YY*~\nHL*4", "AMT02"),
    ],
)
def test_what_a_status_does_not_hang_on_is_left_out_and_named(old, new, element):
    text = changed(CLAIMS, old, new)
    assert refusals(text) == []
    claims = bodies(text, "277CA.claim")
    assert [claim["statuses"][0]["category_code"] for claim in claims] == ["A2", "A3"]
    (found,) = [
        found
        for body in (*claims, *bodies(text, "277CA.transaction"))
        for found in body.get("findings", ())
    ]
    assert found["element"] == element
    assert text[found["byte_offset"] :].startswith(element[:3].encode())


def test_a_claim_whose_lines_alone_are_answered_is_understood():
    start = CLAIMS.index(b"STC*A3:21")
    text = CLAIMS[:start] + CLAIMS[CLAIMS.index(b"~\n", start) + 2 :]
    text = recounted(text)
    _, claim = bodies(text, "277CA.claim")
    assert refusals(text) == []
    assert claim["statuses"] == []
    assert claim["lines"][0]["statuses"][0]["status_code"] == "454"
    (finding,) = claim["findings"]
    assert (finding["refusal_class"], finding["element"]) == ("SEGMENT_INVALID", "STC")
    assert text[finding["byte_offset"] :].startswith(b"TRN*")
