"""How far a month is, and what does not agree, by owner, age and cause."""

from decimal import Decimal

import psycopg
import pytest

from ledgerline.operations.close import repository
from ledgerline.operations.close.close import seal
from ledgerline.reconciliation import reconcile
from ledgerline.store.engine import connect
from tests.integration.close.month import (
    MONTH,
    agreed,
    charge,
    conform,
    even,
    unmet,
)
from tests.integration.posting.people import behind_the_rules
from tests.integration.posting.stub_erp import Erp, StubPort, running
from tests.integration.posting.test_posting import post
from tests.integration.posting.warehouse import journal, publish, rows

pytestmark = pytest.mark.integration


def cockpit(dsn, columns, period=MONTH):
    with psycopg.connect(dsn) as connection:
        connection.execute("set role ledgerline_executive")
        statement = f"select {columns} from marts.close_cockpit where period = %s"
        return connection.execute(statement, [period]).fetchall()


def months(dsn):
    with connect(dsn) as connection:
        return repository.months(connection)


def test_the_cockpit_tells_what_agrees_what_waits_and_when_it_closes(dsn):
    conform(dsn, charge("40.00", billed=False))
    publish(dsn, [*journal("100.00"), *journal("25.00", hold="unmapped_payer")])
    shown = (
        "close_state, compared_amount, reconciled_rate, open_exception_count, "
        "held_amount, accrued_amount, late_amount, forecast_close_date"
    )
    with running(Erp()) as port:
        post(dsn, port)
        even(dsn, port)
        ((state, compared, rate, waiting, held, *_, forecast),) = cockpit(dsn, shown)
        assert (state, compared, rate) == ("open", Decimal(600), 1)
        assert (waiting, held) == (1, Decimal("25.00"))
        assert cockpit(dsn, "current_date + 1") == [(forecast,)]
        agreed(dsn)
        post(dsn, port)
        even(dsn, port)
        seal(dsn, MONTH)
        publish(dsn, journal("130.00"))
        post(dsn, port)
        even(dsn, port)
    ((state, _, rate, waiting, held, accrued, late, forecast),) = cockpit(dsn, shown)
    assert (state, rate, waiting, held) == ("sealed", 1, 0, 0)
    assert (accrued, late) == (Decimal("40.00"), Decimal("30.00"))
    closed, following = months(dsn)
    assert (closed.period, closed.close_state) == (MONTH, "sealed")
    assert (closed.accrued_amount, closed.late_amount) == (accrued, late)
    assert closed.sealed_at is not None
    assert (following.period, following.close_state) == ("2026-02", "open")
    assert cockpit(dsn, "current_date") == [(forecast,)]


def test_what_is_not_proposed_lowers_the_rate(dsn):
    publish(dsn, journal("100.00"))
    with running(Erp()) as port:
        post(dsn, port)
        publish(dsn, journal("125.00"))
        reconcile(dsn, StubPort(port))
    ((rate, off, count),) = cockpit(
        dsn, "reconciled_rate, unreconciled_amount, open_exception_count"
    )
    assert (off, count) == (Decimal("50.00"), 2)
    assert rate == 1 - round(Decimal(50) / Decimal(650), 6)
    (month,) = months(dsn)
    assert month.unreconciled_amount == off
    assert month.reconciled_rate == Decimal("0.9230"), "never rounded up"


def test_a_break_has_an_owner_an_age_and_a_probable_cause(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    with running(erp) as port:
        post(dsn, port)
        even(dsn, port)
        erp.documents.clear()
        reconcile(dsn, StubPort(port))
        behind_the_rules(
            dsn,
            "update ops.reconciliation_run set finished_at = finished_at "
            "- interval '3 days' where run_id = 2",
        )
        reconcile(dsn, StubPort(port))
    found = rows(
        dsn,
        "select break_name, owner, age_days_count, probable_cause, next_step "
        "from marts.reconciliation_break where account_code = '11200' "
        "and scope = 'account'",
    )
    ((name, owner, age, cause, step),) = found
    assert (name, owner, age) == ("ERP_DIFFERS", "finance", 3)
    assert "ERP_MISSING LL|patient_revenue|MVH|2026-01-11|-|v1" in cause
    assert step


def test_a_rejected_document_is_named_as_the_cause(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    erp.refused = {"|v1"}
    with running(erp) as port:
        post(dsn, port)
        reconcile(dsn, StubPort(port))
    causes = rows(
        dsn,
        "select probable_cause from marts.reconciliation_break "
        "where scope = 'account' and break_name = 'NOT_POSTED'",
    )
    assert len(causes) == 2
    assert all("1 documents are REJECTED" in cause for (cause,) in causes)
    assert "nothing_stuck" in unmet(dsn)
