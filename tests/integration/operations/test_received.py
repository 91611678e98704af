"""Trace of a claim and of a place in an X12 file, down to the segments as received."""

import psycopg
import pytest

from ledgerline.landing.land import land_billing
from ledgerline.operations.raw_bytes import BytesForbidden, Reader
from ledgerline.operations.received import repository
from ledgerline.operations.received.show import NothingToTrace, print_received
from ledgerline.operations.trace import print_trace
from tests.integration.landing.folder_source import MESSAGES, endpoint
from tests.integration.operations.test_exceptions import role_dsn

pytestmark = pytest.mark.integration
CLAIM = "1999999984|MVH0000009"
NAME = "claim_institutional_with_drg.837"
TEXT = (MESSAGES / NAME).read_bytes()
AT = TEXT.index(b"SV2*0278")


@pytest.fixture(scope="module")
def landed(warehouse_dsn, tmp_path_factory):
    folder = tmp_path_factory.mktemp("x12")
    (folder / NAME).write_bytes(TEXT)
    answer = "claim_acknowledgement_with_a_rejected_claim.277"
    (folder / answer).write_bytes((MESSAGES / answer).read_bytes())
    land_billing(warehouse_dsn, endpoint(folder))
    return warehouse_dsn


def owner(dsn):
    return Reader(dsn=dsn, role="owner", by="steward")


def test_a_claim_is_traced_to_every_record_without_its_values(landed, capsys):
    assert not print_trace(landed, CLAIM)
    print_received(landed, CLAIM)
    shown = capsys.readouterr().out
    assert "837.claim" in shown
    assert "277CA.claim" in shown
    assert "claim_institutional" in shown
    assert f"{TEXT.index(b'CLM*'):,}" in shown
    assert "CLM*" not in shown
    assert "DOE" not in shown


def test_a_claim_is_found_without_reading_every_record(landed):
    with psycopg.connect(landed) as connection:
        connection.execute("set enable_seqscan = off")
        plan = connection.execute(f"explain {repository._OF_CLAIM}", [CLAIM]).fetchall()
    assert any("record_of_claim" in line for (line,) in plan)


def test_the_segments_of_a_claim_are_shown_as_received_and_leave_a_trace(
    landed, capsys
):
    print_received(landed, CLAIM, owner(landed))
    shown = capsys.readouterr().out
    claim = TEXT[TEXT.index(b"CLM*") : TEXT.index(b"~\nSE*") + 1]
    assert claim.decode() in shown
    with psycopg.connect(landed) as connection:
        events = connection.execute(
            "select subject, detail ->> 'by' from audit.event "
            "where action = 'bytes_shown'"
        ).fetchall()
    assert events == [("raw_billing.file", "steward")] * 2


def test_a_place_leads_to_its_whole_transaction_set(landed, capsys):
    print_received(landed, f"{NAME}@{AT}")
    shown = capsys.readouterr().out
    assert "Transaction set MERCYVALLEY|BIGPAYER|260302|000000801|81|837|0001" in shown
    assert "837.claim" in shown
    assert "DOE" not in shown
    print_received(landed, f"{NAME}@{AT}", owner(landed))
    whole = TEXT[TEXT.index(b"ST*") : TEXT.index(b"GE*") - 1]
    assert whole.decode() in capsys.readouterr().out


@pytest.mark.parametrize("role", ["analyst", "executive", "poster"])
def test_other_roles_see_no_segments(landed, role, capsys):
    reader = Reader(dsn=role_dsn(landed, role), role=role, by="someone")
    for identifier in (CLAIM, f"{NAME}@{AT}"):
        with pytest.raises(BytesForbidden, match=role):
            print_received(landed, identifier, reader)
    assert "CLM*" not in capsys.readouterr().out


@pytest.mark.parametrize("identifier", ["nobody|1", f"{NAME}@999999", "no_file.837@0"])
def test_what_is_not_there_is_said_so(landed, identifier):
    with pytest.raises(NothingToTrace):
        print_received(landed, identifier)
