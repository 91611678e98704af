"""Warehouse, outbox, ledger and ERP agree, or the break has a name."""

from decimal import Decimal

import psycopg
import pytest

from ledgerline.posting import drain, propose, release
from ledgerline.reconciliation import reconcile
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish, rows, stock

pytestmark = pytest.mark.integration


@pytest.fixture
def posted(dsn):
    """Two journals and a stock issue in the ERP; yields the ERP and its port."""
    publish(dsn, [*journal("100.10"), *journal("7.05", "LGH")], stock("3", lot="L1"))
    erp = Erp()
    with running(erp) as port:
        propose(dsn)
        release(dsn)
        drain(dsn, StubPort(port), POLICY)
        yield erp, StubPort(port)


def breaks(report):
    return {
        (line.break_name, line.system_pair, line.key.scope) for line in report.breaks
    }


def test_what_was_posted_reconciles_to_zero(dsn, posted):
    _, port = posted
    report = reconcile(dsn, port)
    assert report.is_even
    assert report.difference_amount == 0
    shown = rows(
        dsn,
        "select facility_code, period, account_code, system_pair, left_amount, "
        "right_amount, difference_amount, currency from marts.reconciliation "
        "where facility_code = 'MVH' and account_code = '11200' order by system_pair",
    )
    amount = Decimal("100.10")
    pairs = ("ledger:erp", "outbox:ledger", "warehouse:outbox")
    assert shown == [
        ("MVH", "2026-01", "11200", pair, amount, amount, Decimal("0.00"), "USD")
        for pair in pairs
    ]
    scopes = rows(
        dsn, "select scope, count(*) from ops.reconciliation_line group by 1 order by 1"
    )
    assert scopes == [("account", 12), ("cost_object", 12), ("stock", 3)]


def test_held_entries_are_in_flight_and_no_break(dsn, posted):
    _, port = posted
    lines = [*journal("100.10"), *journal("9.05", "LGH")]
    publish(dsn, lines, stock("3", lot="L1"), verdict="HOLD", held=["LGH"])
    propose(dsn)
    release(dsn)
    report = reconcile(dsn, port)
    assert report.is_even
    assert report.in_flight_amount == Decimal("4.00")


def test_a_publication_that_was_not_proposed_is_a_break(dsn, posted):
    _, port = posted
    publish(dsn, [*journal("101.10"), *journal("7.05", "LGH")], stock("4", lot="L1"))
    report = reconcile(dsn, port)
    assert report.difference_amount == Decimal("2.00")
    assert breaks(report) == {
        ("NOT_PROPOSED", "warehouse:outbox", scope)
        for scope in ("account", "cost_object", "stock")
    }


def test_a_document_deleted_in_the_erp_is_missing(dsn, posted):
    erp, port = posted
    erp.documents = [d for d in erp.documents if "LGH" not in d["payload"]["reference"]]
    report = reconcile(dsn, port)
    assert ("ERP_MISSING", "ledger:erp", "document") in breaks(report)
    assert report.difference_amount == Decimal("14.10")


def test_a_document_with_our_prefix_that_we_did_not_send_is_unexpected(dsn, posted):
    erp, port = posted
    payload = dict(erp.documents[0]["payload"])
    payload["reference"] = payload["reference"].replace("v1", "v9")
    erp.commit(payload)
    report = reconcile(dsn, port)
    assert ("ERP_UNEXPECTED", "ledger:erp", "document") in breaks(report)


@pytest.mark.parametrize("scope", ["cost_object", "document"])
def test_a_cost_object_changed_in_the_erp_is_found(dsn, posted, scope):
    erp, port = posted
    journals = [d for d in erp.documents if "account_code" in d["payload"]["lines"][0]]
    journals[0]["payload"]["lines"][1]["service_line_code"] = "vascular"
    report = reconcile(dsn, port)
    assert report.difference_amount == 0
    assert scope in {line.key.scope for line in report.breaks}


def test_a_quantity_changed_in_the_erp_is_found(dsn, posted):
    erp, port = posted
    (issue,) = [d for d in erp.documents if "item_code" in d["payload"]["lines"][0]]
    issue["payload"]["lines"][0]["quantity"] = "2.0000"
    assert breaks(reconcile(dsn, port)) == {
        ("ERP_DIFFERS", "ledger:erp", "stock"),
        ("CONTENT_DIFFERS", "ledger:erp", "document"),
    }


def test_readers_see_the_newest_run_only(dsn, posted):
    _, port = posted
    reconcile(dsn, port)
    reconcile(dsn, port)
    ((count,),) = rows(dsn, "select count(*) from marts.reconciliation")
    assert count == 12
    with psycopg.connect(dsn) as connection:
        connection.execute("set role ledgerline_executive")
        connection.execute("select * from marts.reconciliation")
