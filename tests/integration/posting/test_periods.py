"""What belongs into a closed period adjusts the open one, and says what it is about."""

from datetime import date
from decimal import Decimal

import psycopg
import pytest
from psycopg import errors

from ledgerline.posting import drain, propose, release
from ledgerline.reconciliation import reconcile
from tests.integration.posting.people import agree
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.test_posting import post, totals
from tests.integration.posting.warehouse import journal, publish, rows, states, stock

pytestmark = pytest.mark.integration
KEY = "patient_revenue|MVH|2026-01-11|-"
JANUARY, FEBRUARY = date(2026, 1, 11), date(2026, 2, 1)


def tell(dsn, first, last, state):
    """Let the mirror say what the ERP said of a period."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute(
            "insert into post.erp_period values (%s, %s, %s) "
            "on conflict (first_day) do update set is_open = excluded.is_open",
            [first, last, state == "open"],
        )


def close_january(dsn):
    tell(dsn, "2026-01-01", "2026-01-31", "closed")
    tell(dsn, "2026-02-01", "2026-02-28", "open")
    tell(dsn, "2026-03-01", "2026-03-31", "open")


def dates(dsn):
    return rows(
        dsn,
        "select right(natural_key, 2), posting_date, origin_date from post.entry "
        "where state <> 'CANCELLED' and document_type = 'journal' "
        "order by order_sequence",
    )


def test_a_late_charge_of_a_closed_period_is_booked_in_the_open_one(dsn):
    tell(dsn, "2026-01-01", "2026-01-31", "open")
    publish(dsn, journal("100.00"), stock("3"))
    erp = Erp()
    with running(erp) as port:
        post(dsn, port)
        close_january(dsn)
        publish(dsn, journal("130.00"), stock("4"))
        assert post(dsn, port).posted == 2
        report = reconcile(dsn, StubPort(port))
        assert propose(dsn).proposed == 0
    assert dates(dsn) == [("v1", JANUARY, JANUARY), ("v2", FEBRUARY, JANUARY)]
    assert totals(erp) == {"11200": 13000, "40100": -13000}
    booked = [row["payload"]["posting_date"] for row in erp.effective]
    assert booked == ["2026-01-11", "2026-01-11", "2026-02-01", "2026-02-01"]
    assert report.is_even
    assert report.difference_amount == 0
    shown = rows(
        dsn,
        "select system_pair, period, left_amount, right_amount "
        "from marts.reconciliation where account_code = '11200' order by 1, 2",
    )
    assert shown == [
        ("ledger:erp", "2026-01", Decimal("100.00"), Decimal("100.00")),
        ("ledger:erp", "2026-02", Decimal("30.00"), Decimal("30.00")),
        ("outbox:ledger", "2026-01", Decimal("130.00"), Decimal("130.00")),
        ("warehouse:outbox", "2026-01", Decimal("130.00"), Decimal("130.00")),
    ]


def test_an_adjustment_leads_to_the_facts_that_it_is_about(dsn):
    close_january(dsn)
    publish(dsn, journal("100.00"))
    propose(dsn)
    assert rows(dsn, "select count(*) from post.entry_fact") == [(2,)]


def test_an_entry_whose_period_closes_while_it_waits_is_dated_anew(dsn):
    publish(dsn, journal("100.00"))
    propose(dsn)
    close_january(dsn)
    assert release(dsn).released == 0
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="PERIOD_CLOSED"),
    ):
        connection.execute("update post.entry set state = 'READY'")
    report = propose(dsn)
    assert (report.proposed, report.cancelled) == (1, 1)
    assert dates(dsn) == [("v2", FEBRUARY, JANUARY)]
    assert release(dsn).released == 1


def test_a_document_that_the_erp_rejected_for_its_period_is_superseded(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    erp.refused = {"|v1"}
    with running(erp) as port:
        post(dsn, port)
        assert states(dsn) == {"REJECTED": 1}
        close_january(dsn)
        publish(dsn, journal("100.00"))
        assert post(dsn, port).posted == 1
    assert dates(dsn) == [("v1", JANUARY, JANUARY), ("v2", FEBRUARY, JANUARY)]
    chain = rows(
        dsn,
        "select later.natural_key, earlier.natural_key from post.entry as later "
        "join post.entry as earlier on later.supersedes = earlier.entry_id",
    )
    assert chain == [(f"{KEY}|v2", f"{KEY}|v1")]


def test_a_reversal_of_a_closed_period_is_booked_in_the_open_one(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    with running(erp) as port:
        post(dsn, port)
        close_january(dsn)
        agree(dsn, "compensate", f"{KEY}|v1")
        publish(dsn)
        assert post(dsn, port).posted == 1
        assert reconcile(dsn, StubPort(port)).is_even
    assert dates(dsn) == [("v1", JANUARY, JANUARY), ("v2", FEBRUARY, JANUARY)]
    assert totals(erp) == {"11200": 0, "40100": 0}


def test_a_reopened_period_takes_its_own_documents_again(dsn):
    tell(dsn, "2026-01-01", "2026-01-31", "open")
    close_january(dsn)
    tell(dsn, "2026-01-01", "2026-01-31", "open")
    publish(dsn, journal("100.00"))
    propose(dsn)
    assert dates(dsn) == [("v1", JANUARY, JANUARY)]


@pytest.mark.parametrize("told", ["nothing", "all closed"])
def test_without_an_open_period_the_date_stays_and_the_erp_decides(dsn, told):
    if told == "all closed":
        tell(dsn, "2026-01-01", "2026-01-31", "closed")
    publish(dsn, journal("100.00"))
    propose(dsn)
    assert dates(dsn) == [("v1", JANUARY, JANUARY)]
    with running(Erp()) as port:
        release(dsn)
        assert drain(dsn, StubPort(port), POLICY).posted == 1


def test_no_entry_is_dated_otherwise_by_hand(dsn):
    publish(dsn, journal("100.00"))
    propose(dsn)
    copy = """
        insert into post.entry (
            entry_id, natural_key, document_kind, document_type, facility_code,
            posting_date, origin_date, version, publication_id, data_hash, suite_hash,
            payload, payload_sha256, order_key
        )
        select gen_random_uuid(), 'k', document_kind, document_type, facility_code,
            '2026-03-01', posting_date, 9, publication_id, data_hash, suite_hash,
            payload, payload_sha256, order_key
        from post.entry
    """
    close_january(dsn)
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="ENTRY_PERIOD"),
    ):
        connection.execute(copy)
