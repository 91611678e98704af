"""The certificate of a requisition leads to its need and to the ERP's stock rows."""

import json

import psycopg
import pytest

from ledgerline.operations.certificate.certificate import (
    as_json,
    certificate,
    certify,
    verify_document,
)
from ledgerline.operations.repository import entry_sources
from ledgerline.posting import drain, propose, release
from tests.integration.operations.certified import CHECKED, LANDED
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import need, publish

pytestmark = pytest.mark.integration
NEEDS = """
    create schema if not exists published;
    create table published.marts__replenishment_need as
    select
        'MVH' as facility_code, 'MVH-6010-STO' as stock_location_code,
        'ITM00001' as item_code, date '2026-01-11' as demand_date,
        5.0 as on_hand_quantity, 2.0 as unissued_quantity, 0.0 as on_order_quantity,
        0.0 as requisitioned_quantity, 0.0 as refused_quantity,
        10.0 as reorder_quantity, 33.0 as level_quantity, 30.0 as needed_quantity,
        1 as published_from, null::bigint as published_to;
    create table published.conformed__fct_inventory_balance as
    select
        'S|I|' as inventory_balance_id, 'MVH-6010-STO' as stock_location_code,
        'ITM00001' as item_code, '' as lot_number, 5.0 as on_hand_quantity,
        25.00 as inventory_amount, date '2026-01-11' as balance_date, record_id,
        1 as published_from, null::bigint as published_to
    from raw_erp.record
"""


@pytest.fixture
def asked(dsn):
    """A requisition that was posted and certified."""
    landed = LANDED.replace("'billing'", "'erp'").replace("raw_billing", "raw_erp")
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(landed)
        connection.execute(CHECKED)
        connection.execute(NEEDS)
    publish(dsn, needs=need("30"))
    with running(Erp()) as port:
        propose(dsn)
        release(dsn)
        assert drain(dsn, StubPort(port), POLICY).posted == 1
    certify(dsn)
    return dsn


def test_it_names_the_need_and_the_stock_and_the_file_that_tells_of_it(asked):
    found = json.loads(as_json(certificate(asked, "R0")))
    counts = [found["evidence"][part]["count"] for part in ("facts", "lines")]
    assert counts == [2, 1]
    (file,) = found["inputs"]
    assert (file["zone"], file["name"], file["record_count"]) == ("erp", "a.837", 1)
    with psycopg.connect(asked) as connection:
        (source,) = entry_sources(connection, found["entry_id"])
    assert (source[0], str(source[1])) == ("fct_inventory_balance S|I|", "25.00")


@pytest.mark.parametrize(
    "change",
    [
        "update published.marts__replenishment_need set unissued_quantity = 3",
        "update published.conformed__fct_inventory_balance set on_hand_quantity = 6",
        "update raw_erp.record set content_sha256 = sha256('d')",
        "update post.requisition_line set quantity = 31",
    ],
)
def test_what_is_changed_behind_it_is_found(asked, change):
    assert [each.breaks for each in verify_document(asked, "R0")] == [()] * 3
    with psycopg.connect(asked, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")
        connection.execute(change)
    assert any(each.breaks for each in verify_document(asked, "R0"))
