"""X12 of every kind in the warehouse, and back out of it byte for byte."""

import pytest

from ledgerline.connectors.formats.x12 import parts
from ledgerline.landing.land import land_billing
from ledgerline.landing.repository import original_bytes, record_bytes
from tests.integration.landing.folder_source import (
    MESSAGES,
    endpoint,
    numbers,
    rows,
)
from tests.unit.connectors.x12_text import SAMPLES

pytestmark = pytest.mark.integration
FILES = sorted(MESSAGES.glob("*.[0-9][0-9][0-9]"))
LANDED = """
select record.record_id, record.resource_id, record.body::text
from raw_billing.record where batch_id = %s and resource_type like %s
order by record.byte_offset
"""


def delivered(folder, kind, name):
    """Put a file of its own control numbers into a folder."""
    (path,) = [path for path in FILES if path.name.startswith(name)]
    text = path.read_bytes().replace(b"*BIGPAYER ", b"*" + kind + b" ")
    (folder / path.name).write_bytes(text)
    return text


def test_what_came_of_a_submission_lands(tmp_path, warehouse_dsn, connection):
    delivered(tmp_path, b"PAYERONE", "acknowledgement_with_a_rejected_set")
    delivered(tmp_path, b"PAYERONE", "claim_acknowledgement")
    delivered(tmp_path, b"PAYERONE", "claim_status_of")
    delivered(tmp_path, b"PAYERONE", "claim_status_inquiry")
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (8, 8, 0, 0)
    assert report.by_type == {
        "TA1.interchange": 1,
        "999.group": 1,
        "277CA.claim": 2,
        "277CA.transaction": 1,
        "277.claim": 1,
        "277.transaction": 1,
        "276.claim": 1,
    }


def test_a_line_of_a_landed_claim_leads_to_its_bytes(
    tmp_path, warehouse_dsn, connection
):
    text = delivered(tmp_path, b"PAYERTWO", "remittance_balanced")
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    (first, _) = rows(connection, LANDED, report.batch_id, "835.claim")
    raw = record_bytes(connection, "raw_billing", first[0])
    assert raw == text[text.index(b"CLP*") : text.index(b"CLP*MVH0000002") - 1]
    found = rows(
        connection,
        """
        select (adjustment ->> 'byte_offset')::bigint, adjustment ->> 'amount'
        from raw_billing.record as record
        cross join jsonb_array_elements(record.body -> 'lines') as line
        cross join jsonb_array_elements(line -> 'adjustments') as adjustment
        where record.record_id = %s
        """,
        first[0],
    )
    assert len(found) == 4
    for offset, amount in found:
        segment = text[offset:].split(b"~")[0]
        assert segment.startswith(b"CAS*")
        assert amount.encode() in segment.split(b"*")


def test_a_landed_transaction_set_is_written_back_from_its_stored_bytes(
    tmp_path, warehouse_dsn, connection
):
    text = delivered(tmp_path, b"PAYERSIX", "claim_institutional")
    text = b"\xef\xbb\xbf" + text.replace(b"\n", b"\r\n")
    (tmp_path / "claim_institutional_with_drg.837").write_bytes(text)
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    ((_, resource_id, _),) = rows(connection, LANDED, report.batch_id, "837.claim")
    ((file_id,),) = rows(
        connection,
        "select file_id from raw_billing.file where batch_id = %s",
        report.batch_id,
    )

    def stored():
        return original_bytes(connection, "raw_billing", file_id)

    key = resource_id.rsplit("|", 2)[0]
    written = parts.written_back(stored, key)
    assert written == text[text.index(b"ST*") : text.index(b"GE*") - 2]
    whole = [
        parts.bytes_at(stored, part.byte_offset, part.byte_length)
        for part in parts.parts(stored)
    ]
    assert b"".join(whole) == text


@pytest.mark.skipif(not SAMPLES, reason="the public sample files are not here")
def test_no_public_sample_stops_a_landing(tmp_path, warehouse_dsn):
    for path in SAMPLES:
        folder = tmp_path / path.parent.name
        folder.mkdir(exist_ok=True)
        (folder / path.name).write_bytes(path.read_bytes())
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    print(report.by_type, report.by_class)
    assert report.by_class == {
        "UNSUPPORTED_TRANSACTION": 4,
        "UNBALANCED": 1,
        "COUNT_MISMATCH": 1,
        "DUPLICATE_CONFLICT": 18,
    }
    assert sum(report.by_type.values()) == report.landed
