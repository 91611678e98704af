"""A month in miniature: its charges, who closes it, and what the ERP booked."""

from decimal import Decimal

import psycopg

from ledgerline.operations.close.close import checklist, seal
from ledgerline.operations.requests.decide import approve, ask
from ledgerline.operations.requests.request import Action, Ask
from ledgerline.reconciliation import reconcile
from tests.integration.posting.stub_erp import Erp, StubPort, running
from tests.integration.posting.test_posting import post
from tests.integration.posting.warehouse import journal, publish

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


def charge(amount, day="2026-01-11", billed=True, posted=None, hold="", facility="MVH"):
    center = f"{facility}-6010"
    return (
        *(facility, True, center, "cardiovascular", Decimal(amount), billed, hold, day),
        posted or day,
    )


def unbilled(amount, center="MVH-6010", line="cardiovascular", facility="MVH"):
    """A charge on no claim, as the warehouse conforms it."""
    days = "2026-01-11", "2026-01-11"
    return facility, True, center, line, Decimal(amount), False, "unbilled", *days


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


def sealed(dsn):
    conform(dsn)
    publish(dsn, journal("100.00"))
    with running(Erp()) as port:
        post(dsn, port)
        agreed(dsn)
        even(dsn, port)
    seal(dsn, MONTH)
