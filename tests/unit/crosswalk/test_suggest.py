"""Suggestions: the best meaning first, with the reason."""

import pytest

from ledgerline.crosswalk.published import Candidate
from ledgerline.crosswalk.worklist.similarity import code_text, similarity
from ledgerline.crosswalk.worklist.suggest import SHOWN, Known, Unmapped, suggest

PAYERS = [
    Candidate(code="unmapped", name="Unmapped"),
    Candidate(code="BCBS", name="Blue Cross Blue Shield"),
    Candidate(code="EMPLOYER", name="Employer group plans"),
    Candidate(code="CHIP", name="Children's Health Insurance Program"),
]
PROVIDERS = [
    Candidate(code="DR-1", name="Ann Lee", identifier="2000000001"),
    Candidate(code="DR-2", name="Bo Kim", identifier="2000000002"),
]


def best(code, name, candidates=PAYERS, known=()):
    unmapped = Unmapped(
        code_set="x",
        source_system="billing",
        facility_code="NRC",
        native_code=code,
        native_name=name,
    )
    found = suggest(unmapped, candidates, known)
    return [(each.canonical_code, each.score, each.reason) for each in found]


@pytest.mark.parametrize(
    ("code", "name", "expected"),
    [
        ("bcbs", "", ("BCBS", 0.98, "same code")),
        ("N7", "SHIELD BLUE CROSS BLUE", ("BCBS", 0.95, "same name")),
        ("N7", "GROUP HEALTH PLAN", ("EMPLOYER", 0.55, "similar name")),
        ("N7", "CHILDRENS HEALTH INS PROGRAM", ("CHIP", 0.76, "similar name")),
    ],
)
def test_the_best_meaning_comes_first_with_its_reason(code, name, expected):
    assert best(code, name)[0] == expected


def test_an_identifier_says_more_than_a_name():
    found = best("2000000002", "Ann Lee", PROVIDERS)
    assert found[0] == ("DR-2", 1.0, "same identifier")
    assert found[1] == ("DR-1", 0.95, "same name")


def test_a_name_says_more_than_the_same_code_elsewhere():
    known = [
        Known(
            facility_code="MVH",
            native_code="60054",
            native_name="EMPLOYER PLANS",
            canonical_code="EMPLOYER",
        )
    ]
    assert best("60054", "BLUE CROSS SHIELD", known=known)[0][0] == "BCBS"
    assert best("60054", "", known=known) == [("EMPLOYER", 0.6, "same code at MVH")]


def test_what_another_facility_calls_it_counts():
    known = [
        Known(
            facility_code="MVH",
            native_code="00700",
            native_name="ANTHEM",
            canonical_code="BCBS",
        )
    ]
    found = best("N7", "Anthem", known=known)
    assert found == [("BCBS", 0.93, "named like 00700 at MVH")]


def test_nothing_is_suggested_without_grounds_or_as_unmapped():
    assert best("N7", "") == []
    assert best("unmapped", "Unmapped") == []
    assert best("N7", "XYZ") == []


def test_at_most_three_are_suggested():
    many = [Candidate(code=f"C{n}", name=f"Blue plan {n}") for n in range(9)]
    assert len(best("N7", "Blue plan", many)) == SHOWN


def test_likeness_is_symmetric_and_blind_to_case_order_and_marks():
    assert similarity("Dept. of Cardiology", "CARDIOLOGY") == 1
    assert similarity("a b", "") == 0
    pairs = [("Blue plans", "Blue Cross"), ("State Medicaid", "Medical assistance")]
    for left, right in pairs:
        assert similarity(left, right) == similarity(right, left)
        assert 0 < similarity(left, right) < 1


def test_leading_zeros_and_marks_do_not_tell_codes_apart():
    assert code_text("00-700") == code_text("700")
