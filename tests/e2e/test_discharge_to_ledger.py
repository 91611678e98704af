"""A discharge goes to the ERP by itself, and the full run after it posts nothing.

The hospital then lives on: late charges come after a period was closed in the ERP, the
period is opened again, and service lines, ledger and ERP tie cell by cell all along.
"""

import csv
import datetime as dt
from collections import Counter
from contextlib import contextmanager
from decimal import Decimal

import pytest

from bench.discharges import Stack
from sandbox.erp.rpc import Rpc
from tests.e2e import books
from tests.e2e.late_bills import bill_late

pytestmark = [pytest.mark.e2e, pytest.mark.live]

JANUARY, FEBRUARY = "2026-01", "2026-02"
ACQUIRED = "NRC"
NOTHING_NEW = "New ERP documents in this run: 0"


@pytest.fixture(scope="module")
def discharged(new_hospital):
    """A hospital whose stack took two discharges to the ERP, and was stopped."""
    hospital = new_hospital("discharged", LEDGERLINE_INCREMENTS="1")
    stack = Stack(hospital.home, 0, hospital.environment)
    try:
        stack.start()
        stack.warm()
        assert stack.until(stack.is_quiet, 300)
    finally:
        stack.ledgerline("down")
    assert stack.ledgerline("prepare") == 0, "without Airflow's processes"
    return hospital, stack


@pytest.fixture(scope="module")
def full_run(discharged):
    """What was booked before a full run that follows, and Tryton's books after it."""
    hospital, _ = discharged
    before = booked_documents(hospital)
    return before, run(hospital, "0", NOTHING_NEW)


def test_a_discharge_is_posted_once_and_a_full_run_adds_nothing(discharged, full_run):
    hospital, stack = discharged
    posted = stack.posted(stack.accounts)
    assert sorted(posted) == stack.accounts
    by_events = hospital.rows(
        "select decision.run_id from ops.publication as publication "
        "inner join ops.gate_decision as decision using (decision_id) "
        "where starts_with(decision.run_id, 'asset_triggered') "
        "and strpos(decision.run_id, '/') > 0"
    )
    assert by_events, "the task of events published"
    before, _ = full_run
    assert set(before[1].values()) == {1}
    assert booked_documents(hospital) == before


def test_service_lines_and_unmapped_are_the_ledger_and_the_erp_all_along(
    discharged, full_run
):
    hospital, _ = discharged
    _, opened = full_run
    assert {origin == period for _, origin, period, _ in opened} == {True}

    with administrator(hospital) as rpc:
        january = rpc.find_id("account.period", [["name", "=", JANUARY]])
        rpc.call("account.period", "close", [january])
    late = bill(hospital, {"MVH": 0, ACQUIRED: 0}, 900000001)
    closed = run(hospital, "1")
    assert january_of(closed) == january_of(opened), "nothing enters a closed period"
    assert moved(opened, closed) == booked(late, FEBRUARY)

    with administrator(hospital) as rpc:
        reopen(rpc, january)
        book_labor(rpc, january, f"{ACQUIRED}-6010", Decimal("75.25"))
    expense = {
        (ACQUIRED, JANUARY, JANUARY, "60100"): Decimal("75.25"),
        ("", JANUARY, JANUARY, "21100"): Decimal("-75.25"),
    }
    later = bill(hospital, {"LGH": 0, ACQUIRED: 1}, 900000003)
    reopened = run(hospital, "1")
    assert moved(closed, reopened) == {**booked(later, JANUARY), **expense}

    documents = booked_documents(hospital)
    assert run(hospital, "0", NOTHING_NEW) == reopened
    assert booked_documents(hospital) == documents
    assert books.ledger(hospital) == reopened, "all three at one moment"


def booked_documents(hospital):
    """The documents of the ledger, and how often Tryton has each reference."""
    documents = hospital.rows("select erp_document from post.ledger order by 1")
    return documents, Counter(hospital.erp().references())


def run(hospital, increments, printed=""):
    """Run the chain; return Tryton's books when they tie with all that is told."""
    centers = facilities(hospital)
    before = books.erp(hospital, centers)
    hospital.extra["LEDGERLINE_INCREMENTS"] = increments
    done = hospital.run()
    assert done.returncode == 0, done.stdout[-3000:]
    assert "Reconciliation difference: 0.00" in done.stdout
    assert printed in done.stdout
    after = books.erp(hospital, centers)
    assert_tie(hospital, before, after)
    return after


def assert_tie(hospital, before, after):
    """Compare every cell; `before` is Tryton as the build of the run has read it."""
    assert books.ledger(hospital) == before
    ours = {cell: amount for cell, amount in books.outbox(hospital).items() if amount}
    asked, waiting = books.told(hospital)
    due = {cell: amount - waiting[cell] for cell, amount in asked.items()}
    due = {cell: amount for cell, amount in due.items() if amount}
    documents = {
        cell: amount
        for cell, amount in after.items()
        if cell[0] and cell[3] not in books.BOOKED_BY_OTHERS
    }
    assert documents == ours
    assert books.picked(documents, 0, 1, 3) == due
    assert {cell[0] for cell in due} >= {"MVH", "LGH", ACQUIRED}
    marts = assert_marts_tie(hospital, before, after)
    for month in {cell[2] for cell in after}:
        assert sum(amount for cell, amount in after.items() if cell[2] == month) == 0
    held = sum(map(abs, waiting.values())) / 2
    print(
        f"tie: 0.00 off in {len(after)} cells of facility, origin, period and account "
        f"in Tryton, {len(before)} in the warehouse's ledger, {len(due)} asked by "
        f"service lines and unmapped (nothing of {held:,.2f} that waits is booked), "
        f"{marts} of the marts"
    )


def assert_marts_tie(hospital, before, after):
    """The mart's months are the months that the books are about; return the cells."""
    compared = 0
    about, built = books.picked(after, 0, 1, 3), books.picked(before, 0, 1, 3)
    for facility, month, *measures in hospital.rows(books.MARTS):
        for (accounts, sign), measure in zip(books.IN_THE_MARTS, measures, strict=True):
            booked_amount = sum(
                about.get((facility, month, account), Decimal(0))
                for account in accounts
            )
            assert sign * booked_amount == measure, (facility, month, accounts)
            compared += 1
    expenses = books.cells(
        (tuple(cell), amount) for *cell, amount in hospital.rows(books.EXPENSES)
    )
    assert expenses == {
        cell: amount
        for cell, amount in built.items()
        if cell[0] and cell[2] in books.BOOKED_BY_OTHERS
    }
    return compared + len(expenses)


def facilities(hospital):
    """The facility of each cost center of the sandbox."""
    path = hospital.home / "sandbox" / "reference" / "cost_center.csv"
    with path.open(newline="", encoding="utf-8") as lines:
        rows = list(csv.DictReader(lines))
    return {row["cost_center_code"]: row["facility_code"] for row in rows}


@contextmanager
def administrator(hospital):
    """A session of Tryton's administrator, who closes and opens periods."""
    at = hospital.erp().base.removesuffix("/rest/model")
    origin, _, database = at.rpartition("/")
    password = hospital.home / "sandbox" / "erp" / "admin_password"
    with Rpc(origin, database, "admin", password.read_text()) as rpc:
        rpc.context.update(rpc.call("res.user", "get_preferences", True))
        yield rpc


def reopen(rpc, period):
    """Open a period and, as Tryton asks of the accountant, its journals."""
    rpc.call("account.period", "reopen", [period])
    journals = rpc.find("account.journal.period", [["period", "=", period]], ["id"])
    rpc.call("account.journal.period", "reopen", [row["id"] for row in journals])


def book_labor(rpc, period, center, amount):
    """Post a correction of January's payroll, as an accountant does in the ERP."""
    day = dt.date(2026, 1, 31)
    account = {
        code: rpc.find_id("account.account", [["code", "=", code]])
        for code in ("60100", "21100")
    }
    object_id = rpc.find_id("analytic_account.account", [["code", "=", center]])
    side = {"debit": amount, "credit": Decimal(0)}
    analytic = {**side, "account": object_id, "date": day}
    debit = {**side, "account": account["60100"]}
    credit = {"debit": Decimal(0), "credit": amount, "account": account["21100"]}
    move = rpc.create_one(
        "account.move",
        {
            "company": rpc.context["company"],
            "journal": rpc.find_id("account.journal", [["code", "=", "PAYROLL"]]),
            "period": period,
            "date": day,
            "description": "PAYROLL correction",
            "lines": [
                [
                    "create",
                    [{**debit, "analytic_lines": [["create", [analytic]]]}, credit],
                ]
            ],
        },
    )
    rpc.call("account.move", "post", [move])


def bill(hospital, claims, control):
    """Bill late charges of January for these facilities; return the amounts."""
    folder = hospital.home / "sandbox" / "billing"
    return {
        facility: bill_late(folder, facility, claim, control + n)
        for n, (facility, claim) in enumerate(claims.items())
    }


def booked(amounts, period):
    """What outpatient charges of January are in the books, in a period."""
    return {
        (facility, JANUARY, period, account): sign * amount
        for facility, amount in amounts.items()
        for account, sign in (("11200", 1), ("40200", -1))
    }


def january_of(cells):
    return {cell: amount for cell, amount in cells.items() if cell[2] == JANUARY}


def moved(before, after):
    """The cells that changed, and by how much."""
    return books.cells(
        [*after.items(), *((cell, -amount) for cell, amount in before.items())]
    )
