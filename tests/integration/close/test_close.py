"""A month is accrued, sealed, and late comers go to the next."""

from datetime import date
from decimal import Decimal

import pytest

from ledgerline.operations.close.close import CloseRefused, checklist, seal
from ledgerline.posting import propose, release
from ledgerline.reconciliation import reconcile
from tests.integration.close.month import (
    MONTH,
    agreed,
    booked,
    charge,
    conform,
    even,
    sealed,
    unbilled,
    unmet,
)
from tests.integration.posting.people import behind_the_rules
from tests.integration.posting.stub_erp import Erp, StubPort, running
from tests.integration.posting.test_posting import post, totals
from tests.integration.posting.warehouse import journal, publish, rows

pytestmark = pytest.mark.integration


def test_accruals_a_late_charge_and_the_reversal_agree_at_every_point(dsn):
    conform(dsn, charge("100.00"), charge("40.00", billed=False))
    publish(dsn, journal("100.00"))
    erp = Erp()
    with running(erp) as port:
        post(dsn, port)
        even(dsn, port)
        assert booked(erp) == {"2026-01": 10000}

        assert agreed(dsn).amount == Decimal("40.00")
        assert post(dsn, port).posted == 2
        even(dsn, port)
        assert booked(erp) == {"2026-01": 14000, "2026-02": -4000}
        seal(dsn, MONTH)

        publish(dsn, journal("147.50"))
        assert post(dsn, port).posted == 1
        even(dsn, port)
        assert booked(erp) == {"2026-01": 14000, "2026-02": 750}
        assert propose(dsn).proposed == 0
    assert totals(erp) == {"11200": 14750, "40100": -14750}
    late = rows(
        dsn,
        "select posting_date, origin_date from post.entry where posting_date <> "
        "origin_date",
    )
    assert late == [(date(2026, 2, 1), date(2026, 1, 11))]
    accrued = rows(
        dsn,
        "select document_kind, posting_date from post.entry "
        "where document_kind like 'accrual%%' order by 1",
    )
    assert accrued == [
        ("accrual", date(2026, 1, 31)),
        ("accrual_reversal", date(2026, 2, 1)),
    ]


def test_the_checklist_says_what_a_close_waits_for(dsn):
    conform(dsn, charge("100.00"), charge("40.00", billed=False))
    publish(dsn, journal("100.00"))
    with running(Erp()) as port:
        post(dsn, port)
        assert unmet(dsn) == ["close_approved", "accruals_posted", "reconciled"]
        agreed(dsn)
        items = {each.item: each for each in checklist(dsn, MONTH)}
        assert items["accruals_posted"].amount == Decimal("40.00")
        assert items["unbilled_accrued"].amount == Decimal("40.00")
        with pytest.raises(CloseRefused, match=r"accruals_posted \(finance\)"):
            seal(dsn, MONTH)
        post(dsn, port)
        assert unmet(dsn) == ["reconciled"]
        even(dsn, port)
        assert unmet(dsn) == []
        seal(dsn, MONTH)
    assert all(each.owner for each in checklist(dsn, MONTH))


def test_a_document_held_at_the_seal_goes_to_the_open_month(dsn):
    conform(dsn)
    publish(dsn, journal("100.00"), verdict="HOLD", held=["MVH"])
    with running(Erp()) as port:
        post(dsn, port)
        agreed(dsn)
        reconcile(dsn, StubPort(port))
        held = {each.item: each for each in checklist(dsn, MONTH)}["nothing_held"]
        assert (held.is_met, held.amount) == (False, Decimal("100.00"))
        seal(dsn, MONTH)
        publish(dsn, journal("100.00"))
        assert post(dsn, port).posted == 1
        even(dsn, port)
    found = rows(
        dsn,
        "select posting_date, origin_date from post.entry where state = 'POSTED'",
    )
    assert found == [(date(2026, 2, 1), date(2026, 1, 11))]


def test_a_late_comer_passes_every_sealed_month(dsn):
    sealed(dsn)
    with running(Erp()):
        agreed(dsn, "2026-02")
    behind_the_rules(dsn, "update ops.period_close set sealed_at = now()")
    publish(dsn, journal("130.00"))
    propose(dsn)
    found = rows(dsn, "select max(posting_date) from post.entry where state = 'HELD'")
    assert found == [(date(2026, 3, 1),)]
    assert release(dsn).released == 1


def test_late_charges_are_expected_as_earlier_months_had_them(dsn):
    conform(
        dsn,
        charge("300.00", day="2025-12-10", posted="2025-12-12"),
        charge("60.00", day="2025-12-20", posted="2026-01-09"),
        charge("1000.00"),
        charge("5.00", billed=False, hold="unmapped_payer"),
        charge("50.00", facility="LGH"),
    )
    found = rows(
        dsn,
        "select basis, facility_code, amount from ops.accruals_wanted(%s, %s)",
        [MONTH, "2026-02-05"],
    )
    assert found == [("late", "MVH", Decimal("200.00"))]
    later = rows(
        dsn,
        "select count(*) from ops.accruals_wanted(%s, %s)",
        [MONTH, "2026-02-15"],
    )
    assert later == [(0,)]


def test_charges_are_accrued_as_the_warehouse_holds_them(dsn):
    conform(
        dsn,
        unbilled("40.00"),
        unbilled("5.00", line="unmapped"),
        unbilled("6.00", center="unmapped"),
        unbilled("8.00", facility="unmapped"),
        charge("7.00", hold="unmapped_payer"),
    )
    found = rows(
        dsn,
        "select basis, cost_center_code, service_line_code, amount "
        "from ops.accruals_wanted(%s, %s)",
        [MONTH, "2026-02-05"],
    )
    assert found == [("unbilled", "MVH-6010", "cardiovascular", Decimal("40.00"))]
