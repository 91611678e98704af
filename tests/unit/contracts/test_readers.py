"""What our own readers make of messages is what the contracts say, no more, no less."""

from dataclasses import replace
from pathlib import Path

import pytest

from ledgerline.connectors.formats import hl7v2, x12
from ledgerline.connectors.formats.record import Record
from ledgerline.contracts import find
from ledgerline.contracts.check import Checker

MESSAGES = Path(__file__).parents[2] / "messages"
SAMPLES = [
    *((path, hl7v2.read, "ehr") for path in sorted(MESSAGES.glob("*.hl7"))),
    *(
        (path, x12.read, "billing")
        for path in sorted(MESSAGES.glob("*.[0-9][0-9][0-9]"))
    ),
]


@pytest.mark.parametrize(
    ("path", "read", "zone"), [pytest.param(*each, id=each[0].stem) for each in SAMPLES]
)
def test_a_record_of_our_readers_is_exactly_as_agreed(path, read, zone):
    content = [path.read_bytes()]
    records = [item for item in read(lambda: content) if isinstance(item, Record)]
    assert records
    for record in records:
        contract = find(zone, record.resource_type)
        assert contract is not None, record.resource_type
        assert contract.is_checked_when_read
        checker = Checker(replace(contract, is_checked_when_read=False))
        assert checker.breach(record.body) == ""
        assert list(checker.additions(record.body)) == []


def test_a_body_of_a_message_has_no_part_that_its_contract_lacks():
    from ledgerline.connectors.formats.hl7v2.message import Body

    parts = set(Body.__struct_fields__)
    named = {
        each.name
        for kind in ("ADT", "DFT", "SIU", "ORM", "OMS", "RDE", "RDS", "RAS")
        for each in find("ehr", kind).properties
    }
    assert parts == named
