"""Files as real senders write them: what they say lands, what is not ours is told."""

import json

import pytest

from ledgerline.landing.land import land_billing, land_ehr
from tests.integration.landing.folder_source import (
    ENCOUNTER,
    MESSAGES,
    encounters,
    endpoint,
    numbers,
    rows,
)
from tests.unit.connectors.x12_text import changed, recounted

pytestmark = pytest.mark.integration
REMITTANCE = (
    MESSAGES / "remittance_balanced_with_provider_adjustment.835"
).read_bytes()


def sent_by(sender, text=REMITTANCE):
    return text.replace(b"*BIGPAYER ", b"*" + sender + b" ")


def wrapped(text, width=80):
    plain = text.replace(b"\n", b"")
    return b"\r\n".join(plain[at : at + width] for at in range(0, len(plain), width))


def test_a_remittance_in_lines_of_80_is_the_one_that_came_before(
    tmp_path, warehouse_dsn, connection
):
    (tmp_path / "lines.835").write_bytes(wrapped(sent_by(b"UNUSUAL1")))
    assert numbers(land_billing(warehouse_dsn, endpoint(tmp_path))) == (3, 3, 0, 0)
    (tmp_path / "plain.835").write_bytes(sent_by(b"UNUSUAL1"))
    assert numbers(land_billing(warehouse_dsn, endpoint(tmp_path))) == (6, 0, 0, 6)
    told = rows(
        connection,
        "select body ->> 'account_number' "
        "from raw_billing.record where resource_id like %s "
        "and resource_type = '835.claim' order by byte_offset",
        "UNUSUAL1|%",
    )
    assert [account for (account,) in told] == ["MVH0000001", "MVH0000002"]


def test_a_remittance_in_euros_is_one_quarantined_record_and_no_dollars(
    tmp_path, warehouse_dsn, connection
):
    text = recounted(changed(REMITTANCE, b"TRN*1", b"CUR*PR*EUR~\nTRN*1"))
    (tmp_path / "euro.835").write_bytes(sent_by(b"UNUSUAL2", text))
    report = land_billing(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (1, 0, 1, 0)
    assert report.by_class == {"CODE_INVALID": 1}


@pytest.mark.parametrize("others", [0, 1], ids=["straight", "staged"])
def test_of_a_history_its_newest_version_stands_though_it_comes_first(
    tmp_path, warehouse_dsn, connection, others
):
    name = f"history{others}"
    entries = [
        {"resource": ENCOUNTER | {"id": name, "status": status} | version}
        for status, version in (
            ("finished", {"meta": {"versionId": "2"}}),
            ("in-progress", {"meta": {"versionId": "1"}}),
        )
    ]
    entries += [{"resource": ENCOUNTER | {"id": "again"}}] * 2 * others
    bundle = {"resourceType": "Bundle", "type": "history", "entry": entries}
    (tmp_path / "history.json").write_text(json.dumps(bundle))
    land_ehr(warehouse_dsn, endpoint(tmp_path))
    current = rows(
        connection,
        "select body ->> 'status' from raw_ehr.current_record where resource_id = %s",
        name,
    )
    assert current == [("finished",)]


def test_what_lies_in_a_bundle_among_other_resources_lands(
    tmp_path, warehouse_dsn, connection
):
    inner = [
        ENCOUNTER | {"id": "within1"},
        ENCOUNTER | {"id": "within2", "status": "?"},
    ]
    entries = [{"resource": resource} for resource in inner]
    bundle = {"resourceType": "Bundle", "type": "searchset", "entry": entries}
    text = encounters("beside", 1) + json.dumps(bundle).encode() + b"\n"
    (tmp_path / "Encounter.ndjson").write_bytes(text)
    report = land_ehr(warehouse_dsn, endpoint(tmp_path))
    assert numbers(report) == (3, 2, 1, 0)
    assert report.by_type == {"Encounter": 2}
