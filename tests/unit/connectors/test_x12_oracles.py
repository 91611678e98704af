"""Amounts, codes and counts are those that oxedi and pyx12 find, in every sample."""

import csv

import pytest

from ledgerline.connectors.formats.record import Record, Refusal
from tests.unit.connectors.x12_oracles import (
    bodies,
    loops,
    money,
    ours_835,
    ours_837,
    oxedi_835,
    pyx12_835,
    pyx12_837,
)
from tests.unit.connectors.x12_text import (
    MESSAGES,
    SAMPLE_FOLDER,
    SAMPLES,
    message,
    read,
    recounted,
)

FILES = [*sorted(MESSAGES.glob("*.83[57]")), *SAMPLES]
NOT_BALANCED = (
    "The only line states 24,599.00 where its code belongs, and does not balance: "
    "refused by us, read as it stands by the other."
)
OTHER_COMPONENTS = (
    "Components stand between > and ISA16 declares another character: no code for "
    "anyone; pyx12 then leaves out the segment and what lies below it."
)
DIFFERENCES = {
    ("tertiary-payment.835", "oxedi"): (
        {"payments", "claims", "lines", "adjustments"},
        NOT_BALANCED,
    ),
    ("tertiary-payment.835", "pyx12"): (
        {"payments", "claims", "lines", "adjustments"},
        NOT_BALANCED,
    ),
    ("cob-contractural-adjustment.835", "pyx12"): (
        {"lines", "adjustments"},
        OTHER_COMPONENTS,
    ),
    ("secondary-payment.835", "pyx12"): ({"lines", "adjustments"}, OTHER_COMPONENTS),
    ("secondary-payment.835", "oxedi"): (
        {"lines"},
        "The second line has no readable code, and 220 where a revenue code belongs: "
        "we show it, oxedi has no place for it.",
    ),
    ("demo.cob.2ndary.example4.837", "pyx12"): ({"lines"}, OTHER_COMPONENTS),
    ("demo.example6.837", "pyx12"): ({"lines"}, OTHER_COMPONENTS),
    ("demo.example9.837", "pyx12"): ({"lines"}, OTHER_COMPONENTS),
    ("demo.example11.837", "pyx12"): ({"lines"}, OTHER_COMPONENTS),
    ("demo.example12.837", "pyx12"): ({"lines"}, OTHER_COMPONENTS),
    ("two_interchanges_with_other_delimiters.837", "pyx12"): (
        {"claims", "lines", "diagnoses"},
        "pyx12 reads the second interchange with the delimiters of the first.",
    ),
}
"""Of a file and a reader: the facts in which it differs from ours, and why."""
FORM = {b"ST*835": ours_835, b"ST*837": ours_837, b"ST|837": ours_837}
ORACLES = [
    ("oxedi", b"ST*835", oxedi_835),
    ("pyx12", b"ST*835", pyx12_835),
    ("pyx12", b"ST*837", pyx12_837),
    ("pyx12", b"ST|837", pyx12_837),
]
CASES = [
    pytest.param(path, name, begin, find, id=f"{path.name}-{name}")
    for path in FILES
    for name, begin, find in ORACLES
    if begin in path.read_bytes() and path.read_bytes().startswith(b"ISA")
]


@pytest.mark.parametrize(("path", "name", "begin", "find"), CASES)
def test_the_facts_are_those_of_another_reader(path, name, begin, find):
    text = path.read_bytes()
    ours, theirs = FORM[begin](text), find(text)
    differing = {fact for fact in theirs if theirs[fact] != ours[fact]}
    assert differing == DIFFERENCES.get((path.name, name), (set(), ""))[0]


@pytest.mark.skipif(not SAMPLES, reason="the public sample files are not here")
def test_every_explained_difference_is_of_a_file_that_there_is():
    names = {path.name for path in FILES}
    assert {name for name, _ in DIFFERENCES} <= names


EXPECTED = {
    "claims": {"*.837*": 25, "*.835": 9, "*.txt": 5, "*.27[67]": 18},
    "refused": {
        "blue_cross_nc_sample.txt": "SE (segment 32)",
        "tertiary-payment.835": "(segment 20)",
        "demo.270": "ST01 (segment 3)",
        "demo-single-line.270": "ST01 (segment 3)",
        "demo.271": "ST01 (segment 3)",
        "demo.834": "ST01 (segment 3)",
    },
}


@pytest.mark.skipif(not SAMPLES, reason="the public sample files are not here")
def test_every_sample_is_read_whole_or_refused_by_its_place():
    refused = {}
    for path in SAMPLES:
        items = read(path.read_bytes())
        assert items, path.name
        messages = [item.message for item in items if isinstance(item, Refusal)]
        if messages:
            (refused[path.name],) = messages
            assert not any(isinstance(item, Record) for item in items), path.name
    assert refused.keys() == EXPECTED["refused"].keys()
    for name, place in EXPECTED["refused"].items():
        assert place in refused[name]


@pytest.mark.skipif(not SAMPLES, reason="the public sample files are not here")
@pytest.mark.parametrize(("pattern", "count"), EXPECTED["claims"].items())
def test_every_claim_of_the_samples_is_read(pattern, count):
    found = [
        item
        for path in SAMPLES
        if path.match(pattern)
        for item in read(path.read_bytes())
        if isinstance(item, Record) and item.resource_type.endswith(".claim")
    ]
    assert len(found) == count


@pytest.mark.skipif(not SAMPLES, reason="the public sample files are not here")
def test_every_decision_of_another_payer_on_a_line_of_the_samples_is_kept():
    kept = 0
    for path in SAMPLES:
        text = path.read_bytes()
        said = sorted(
            segment.strip().decode().split("*")[2]
            for segment in text.split(b"~")
            if segment.strip().startswith(b"SVD*")
        )
        decisions = [
            decision
            for claim in bodies(text, "837.claim")
            for line in claim["lines"]
            for decision in line.get("decisions", ())
        ]
        assert sorted(decision["paid_amount"] for decision in decisions) == said
        for decision in decisions:
            assert text[decision["byte_offset"] :].startswith(b"SVD*")
        kept += len(decisions)
    assert kept == 7


LOST_TRIPLET = ("001-18604-358", "110")
"""CAS*PR*2*5.13**1*110: the expected rows have the first of the two adjustments."""


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=path.stem)
        for path in sorted(SAMPLE_FOLDER.glob("edi_835_parser/*.txt"))
    ],
)
def test_the_amounts_are_those_that_another_parser_expects(path):
    expected = path.parent / "expected_csv" / f"{path.stem}.csv"
    with expected.open() as stream:
        rows = list(csv.DictReader(stream))
    claims = bodies(recounted(path.read_bytes()), "835.claim")
    lines = [(claim, line) for claim in claims for line in claim["lines"]]
    assert len(lines) == len(rows)
    for row, (claim, line) in zip(rows, lines, strict=True):
        assert claim["account_number"] == row["marker"]
        assert line["procedure_code"] == row["code"]
        for name in ("charge_amount", "paid_amount", "allowed_amount"):
            assert money(line.get(name)) == money(row[name])
        assert line["service_date"] == row["start_date"].replace("-", "")
        assert claim["payment_date"] == row["transaction_date"].replace("-", "")
        ours = {
            (each["group_code"], each["reason_code"], money(each["amount"]))
            for each in line["adjustments"]
            if (claim["account_number"], each["amount"]) != LOST_TRIPLET
        }
        assert ours == adjusted(row)


def adjusted(row):
    return {
        (
            row[f"adj_{number}_group"],
            row[f"adj_{number}_code"],
            money(row[f"adj_{number}_amount"]),
        )
        for number in (0, 1)
        if row.get(f"adj_{number}_code")
    }


def test_an_acknowledgement_of_claims_is_read_as_pyx12_reads_it():
    text = message("claim_acknowledgement_with_a_rejected_claim.277")
    theirs = [
        (
            loop.get_value("TRN02"),
            loop.get_value("STC01-1"),
            loop.get_value("STC01-2"),
            money(loop.get_value("STC04")),
        )
        for loop in loops(text, "2200D")
    ]
    ours = [
        (
            claim["account_number"],
            claim["statuses"][0]["category_code"],
            claim["statuses"][0]["status_code"],
            money(claim["charge_amount"]),
        )
        for claim in bodies(text, "277CA.claim")
    ]
    assert ours == theirs
    assert len(ours) == 2


def test_an_acknowledgement_of_sets_is_read_as_pyx12_reads_it():
    text = message("acknowledgement_with_a_rejected_set.999")
    theirs = [
        (loop.get_value("AK202"), loop.get_value("IK501"))
        for loop in loops(text, "2000")
    ]
    ((group),) = bodies(text, "999.group")
    ours = [(each["set_control_number"], each["accept_code"]) for each in group["sets"]]
    assert ours == theirs
    assert len(ours) == 2
