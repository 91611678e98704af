"""X12 transaction sets in the warehouse: balanced, unique by key, first one stands."""

import pytest

from ledgerline.landing.land import land_billing
from tests.integration.landing.folder_source import (
    MESSAGES,
    endpoint,
    numbers,
    rows,
)

pytestmark = pytest.mark.integration


def test_a_remittance_that_does_not_balance_is_one_quarantined_record(
    tmp_path, warehouse_dsn, connection
):
    text = (MESSAGES / "remittance_balanced_with_provider_adjustment.835").read_bytes()
    (tmp_path / "good.835").write_bytes(text)
    (tmp_path / "bad.835").write_bytes(
        text.replace(b"BPR*I*150.00", b"BPR*I*250.00").replace(
            b"000000701", b"000000702"
        )
    )
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (4, 3, 1, 0)
    assert report.by_class == {"UNBALANCED": 1}
    assert rows(
        connection,
        "select sum((body->>'paid_amount')::numeric) from raw_billing.record "
        "where resource_type = '835.claim'",
    ) == [(180,)]


def test_a_transaction_set_is_a_duplicate_or_a_conflict_by_its_content(
    tmp_path, warehouse_dsn, connection
):
    text = (MESSAGES / "claim_institutional_with_drg.837").read_bytes()
    (tmp_path / "1.837").write_bytes(text)
    (tmp_path / "2_other_line_ends.837").write_bytes(text.replace(b"\n", b"\r\n"))
    (tmp_path / "3_other_patient.837").write_bytes(text.replace(b"DOE*JANE", b"ROE*JO"))
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (3, 1, 1, 1)
    assert report.by_class == {"DUPLICATE_CONFLICT": 1}
    assert rows(
        connection,
        "select resource_type, locator, owner from ops.quarantined_record "
        "where batch_id = %s",
        report.batch_id,
    ) == [
        (
            "837 transaction",
            f"3_other_patient.837@{text.index(b'ST*')}",
            "revenue_cycle",
        )
    ]


def test_a_payer_file_that_comes_twice_under_two_names_pays_once(
    tmp_path, warehouse_dsn, connection
):
    text = (MESSAGES / "remittance_balanced_with_provider_adjustment.835").read_bytes()
    text = text.replace(b"000000701", b"000000703").replace(b"MVH000", b"TWICE")
    (tmp_path / "monday.835").write_bytes(text)
    (tmp_path / "monday_again.835").write_bytes(text)
    assert numbers(land_billing(warehouse_dsn, endpoint(tmp_path))) == (6, 3, 0, 3)
    (tmp_path / "tuesday.835").write_bytes(text.replace(b"~\n", b"~\r\n"))
    assert numbers(land_billing(warehouse_dsn, endpoint(tmp_path))) == (9, 0, 0, 9)
    assert rows(
        connection,
        "select sum((body->>'paid_amount')::numeric) from raw_billing.record "
        "where resource_type = '835.claim' and body->>'account_number' ^@ 'TWICE'",
    ) == [(180,)]


def test_a_conflicting_set_inside_one_file_leaves_the_first(tmp_path, warehouse_dsn):
    text = (MESSAGES / "claim_institutional_with_drg.837").read_bytes()
    text = text.replace(b"000000801", b"000000855")
    (tmp_path / "x.837").write_bytes(text + text.replace(b"5120.50", b"5120.51"))
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (2, 1, 1, 0)


def test_an_identifier_too_long_for_an_index_is_refused(tmp_path, warehouse_dsn):
    text = (MESSAGES / "claim_institutional_with_drg.837").read_bytes()
    text = text.replace(b"000000801", b"000000899")
    (tmp_path / "long.837").write_bytes(text.replace(b"MVH0000009", b"9" * 5000))
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    assert report.by_class == {"RESOURCE_LIMIT": 1}
    text = text.replace(b"*0001", b"*" + b"1" * 5000)
    (tmp_path / "long.837").write_bytes(text)
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    assert report.by_class == {"RESOURCE_LIMIT": 1}
