"""A month is closed on two people's word: accrued, sealed, and late comers go on."""

import uuid
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from psycopg import errors

from ledgerline.operations.close.close import CloseRefused, checklist, seal
from ledgerline.operations.requests.decide import approve, ask, reject
from ledgerline.operations.requests.request import Action, Ask, RequestRefused
from ledgerline.operations.verify import verify
from ledgerline.posting import propose, release
from ledgerline.reconciliation import reconcile
from tests.integration.posting.people import behind_the_rules
from tests.integration.posting.stub_erp import Erp, StubPort, running
from tests.integration.posting.test_posting import post, totals
from tests.integration.posting.warehouse import journal, publish, rows

pytestmark = pytest.mark.integration
MONTH = "2026-01"
CHARGES = """
create table conformed.fct_charge (
    facility_code text, is_inpatient boolean, cost_center_code text,
    service_line_code text, charge_amount numeric(18, 2), is_billed boolean,
    hold_reason text, service_date date, posted_date date
)
"""
ACCOUNTS = """
insert into reference.posting_account (posting_role, account_code) values
('patient_receivable', '11200'), ('inpatient_revenue', '40100'),
('outpatient_revenue', '40200')
on conflict do nothing
"""


@pytest.fixture
def dsn(postgres_server, warehouse_template):
    name = f"close_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"create database {name} template {warehouse_template}")
    yield postgres_server.dsn(name)
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute(f"drop database {name} with (force)")


def charge(amount, day="2026-01-11", billed=True, posted=None, hold="", facility="MVH"):
    center = f"{facility}-6010"
    return (
        *(facility, True, center, "cardiovascular", Decimal(amount), billed, hold, day),
        posted or day,
    )


def conform(dsn, *charges):
    """Let the warehouse know these charges."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("drop table if exists conformed.fct_charge")
        connection.execute(CHARGES)
        connection.execute(ACCOUNTS)
        for each in charges:
            connection.execute(
                "insert into conformed.fct_charge "
                "values (%s, %s, %s, %s, %s, %s, %s, %s, %s)",
                each,
            )


def asked(dsn, month=MONTH, by="Ann"):
    wanted = Ask(
        action=Action.CLOSE_MONTH, subjects=(month,), by=by, reason="month end"
    )
    return ask(dsn, wanted)


def agreed(dsn, month=MONTH):
    return approve(dsn, asked(dsn, month), "Bo")


def unmet(dsn, month=MONTH):
    return [
        each.item
        for each in checklist(dsn, month)
        if each.is_required and not each.is_met
    ]


def booked(erp):
    """Cents on the receivable by the month that the ERP booked them in."""
    sums = {}
    for row in erp.effective:
        month = row["payload"]["posting_date"][:7]
        cents = [
            line["amount_cents"]
            for line in row["payload"]["lines"]
            if line["account_code"] == "11200"
        ]
        sums[month] = sums.get(month, 0) + sum(cents)
    return sums


def even(dsn, port):
    """Reconcile; warehouse, outbox, ledger and ERP agree to the cent."""
    report = reconcile(dsn, StubPort(port))
    assert report.is_even, report.breaks
    assert report.difference_amount == Decimal("0.00")
    assert report.in_flight_amount == Decimal("0.00")


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


def sealed(dsn):
    conform(dsn)
    publish(dsn, journal("100.00"))
    with running(Erp()) as port:
        post(dsn, port)
        agreed(dsn)
        even(dsn, port)
    seal(dsn, MONTH)


def test_nothing_goes_into_a_sealed_month_whoever_writes(dsn):
    sealed(dsn)
    copy = """
        insert into post.entry (
            entry_id, natural_key, document_kind, document_type, facility_code,
            posting_date, version, publication_id, data_hash, suite_hash, payload,
            payload_sha256, order_key
        )
        select gen_random_uuid(), 'k', document_kind, document_type, facility_code,
            posting_date, 9, publication_id, data_hash, suite_hash, payload,
            payload_sha256, order_key
        from post.entry limit 1
    """
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="PERIOD_CLOSED"),
    ):
        connection.execute(copy)


@pytest.mark.parametrize("state", ["READY", "CLAIMED"])
def test_what_waits_is_not_let_into_a_sealed_month(dsn, state):
    conform(dsn)
    publish(dsn, journal("100.00"))
    propose(dsn)
    if state == "CLAIMED":
        release(dsn)
    agreed(dsn)
    behind_the_rules(dsn, "update ops.period_close set sealed_at = now()")
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="PERIOD_CLOSED"),
    ):
        connection.execute(
            "update post.entry set state = %s, fence = fence + %s, worker = %s, "
            "lease_until = now() + interval '1 hour'",
            [state, int(state == "CLAIMED"), "w"],
        )


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


def test_a_seal_is_not_taken_back(dsn):
    sealed(dsn)
    for statement in (
        "update ops.period_close set sealed_at = null",
        "delete from ops.period_close",
    ):
        with (
            psycopg.connect(dsn, autocommit=True) as connection,
            pytest.raises(psycopg.Error),
        ):
            connection.execute(statement)
    with pytest.raises(CloseRefused, match="sealed"):
        seal(dsn, MONTH)


def test_of_100_wrongful_approvals_of_a_close_none_succeeds(dsn):
    conform(dsn, charge("40.00", billed=False))
    publish(dsn, journal("100.00"))
    refused = 0
    for turn in range(25):
        number = asked(dsn)
        for who in ("Ann", " aNN "):
            with pytest.raises(RequestRefused, match="another person"):
                approve(dsn, number, who)
            refused += 1
        with pytest.raises(RequestRefused, match="database role"):
            approve(dsn, number, "ledgerline_poster")
        refused += 1
        if turn % 2:
            publish(dsn, journal("100.00"))
            reason = "is not as it was"
        else:
            behind_the_rules(
                dsn,
                "update ops.request set requested_at = now() - interval '25 hours' "
                f"where request_id = {number}",
            )
            reason = "expired"
        with pytest.raises(RequestRefused, match=reason):
            approve(dsn, number, "Bo")
        refused += 1
        reject(dsn, number, "Ann")
    assert refused == 100
    assert rows(dsn, "select count(*) from ops.period_close") == [(0,)]
    assert rows(dsn, "select count(*) from post.accrual_line") == [(0,)]


@pytest.mark.parametrize(
    ("month", "reason"), [("2026-13", "one month"), ("2999-01", "not over")]
)
def test_what_cannot_be_closed_is_not_asked_for(dsn, month, reason):
    conform(dsn)
    publish(dsn, journal("100.00"))
    with pytest.raises(RequestRefused, match=reason):
        asked(dsn, month)


def test_a_month_is_closed_once(dsn):
    conform(dsn)
    publish(dsn, journal("100.00"))
    first, second = asked(dsn), asked(dsn)
    approve(dsn, first, "Bo")
    with pytest.raises(RequestRefused, match="not as it was"):
        approve(dsn, second, "Bo")
    with pytest.raises(RequestRefused, match="was approved"):
        asked(dsn)


def test_a_close_without_an_approved_request_is_refused(dsn):
    conform(dsn)
    publish(dsn, journal("100.00"))
    number = asked(dsn)
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="REQUEST_NEEDED"),
    ):
        connection.execute(
            "insert into ops.period_close (period, request_id) values (%s, %s)",
            [MONTH, number],
        )
    with pytest.raises(CloseRefused, match="nobody approved"):
        seal(dsn, MONTH)


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


def test_what_is_verified_includes_the_close(dsn):
    sealed(dsn)
    assert not [each for promise in verify(dsn) for each in promise.breaks]


def cockpit(dsn, columns, period=MONTH):
    with psycopg.connect(dsn) as connection:
        connection.execute("set role ledgerline_executive")
        statement = f"select {columns} from marts.close_cockpit where period = %s"
        return connection.execute(statement, [period]).fetchall()


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
