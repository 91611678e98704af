"""Journal entries: posted once, read back whole, refused without a trace."""

import datetime as dt
from decimal import Decimal

import pytest

from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.documents import Journal, JournalLine, line_totals
from ledgerline.connectors.tryton.errors import (
    DuplicateReference,
    ErpRejected,
    ErpUnreachable,
    PeriodNotOpen,
    UnknownCode,
)
from ledgerline.connectors.tryton.extract import account_balances
from tests.conftest import free_port

pytestmark = pytest.mark.integration


def line(account, amount, cost_center="", service_line=""):
    return JournalLine(
        account_code=account,
        amount=Decimal(amount),
        cost_center_code=cost_center,
        service_line_code=service_line,
    )


REVENUE = (
    line("11200", "150.10"),
    line("40100", "-100.05", "MVH-6010", "cardiovascular"),
    line("40100", "-50.05", "LGH-6030", "emergency"),
)


def journal(reference, lines=REVENUE, date=dt.date(2026, 3, 29)):
    return Journal(
        reference=reference, date=date, description="Revenue", lines=tuple(lines)
    )


def test_a_posted_journal_reads_back_as_it_was_sent(journals):
    sent = journal("LL:sent")

    receipt = journals.post(sent)

    found = journals.find("LL:sent")
    assert found.is_posted
    assert (found.document_id, found.number) == (receipt.document_id, receipt.number)
    assert (found.date, found.period) == (sent.date, "2026-03")
    assert found.totals() == line_totals(sent.lines)
    assert found.debit_amount == Decimal("150.10")


def test_a_second_document_with_the_same_reference_is_recognised(journals):
    first = journals.post(journal("LL:twice"))

    with pytest.raises(DuplicateReference):
        journals.post(journal("LL:twice"))

    assert [found.document_id for found in journals.sweep("LL:twice")] == [
        first.document_id
    ]


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ((line("11200", "10.00"), line("40100", "-9.99")), "0.01 out of balance"),
        ((line("11200", "0.005"), line("40100", "-0.005")), "whole cents"),
        ((), "no lines"),
    ],
)
def test_a_journal_that_is_wrong_in_itself_is_never_sent(journals, lines, complaint):
    with pytest.raises(ErpRejected, match=complaint):
        journals.post(journal("LL:wrong", lines))

    assert journals.find("LL:wrong") is None


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ((line("99999", "1.00"), line("11200", "-1.00")), "account '99999'"),
        (
            (line("11200", "1.00"), line("40100", "-1.00", "MVH-9999")),
            "cost center 'MVH-9999'",
        ),
        (
            (line("11200", "1.00"), line("40100", "-1.00", "", "astrology")),
            "service line 'astrology'",
        ),
    ],
)
def test_an_unknown_code_is_named(journals, lines, named):
    with pytest.raises(UnknownCode, match=named):
        journals.post(journal("LL:unknown", lines))

    assert journals.find("LL:unknown") is None


def test_a_date_without_a_period_is_refused(journals):
    with pytest.raises(PeriodNotOpen, match="2027-01-01"):
        journals.post(journal("LL:future", date=dt.date(2027, 1, 1)))


def test_a_closed_period_is_refused(journals, admin):
    december = admin.find_id("account.period", [["name", "=", "2026-12"]])
    admin.call("account.period", "close", [december])
    try:
        with pytest.raises(PeriodNotOpen, match="closed period 2026-12"):
            journals.post(journal("LL:closed", date=dt.date(2026, 12, 31)))
    finally:
        admin.call("account.period", "reopen", [december])

    assert journals.find("LL:closed") is None


def test_a_reopened_period_whose_journal_is_still_closed_is_refused(journals, admin):
    november = admin.find_id("account.period", [["name", "=", "2026-11"]])
    day = dt.date(2026, 11, 30)
    journals.post(journal("LL:before", date=day))
    admin.call("account.period", "close", [november])
    admin.call("account.period", "reopen", [november])
    closed = admin.find_id(
        "account.journal.period",
        [["period", "=", november], ["journal.code", "=", "LEDGERLINE"]],
    )
    try:
        with pytest.raises(PeriodNotOpen, match=r"journal 'LEDGERLINE'.*2026-11"):
            journals.post(journal("LL:journal", date=day))
        assert state_on(journals, day) == "closed"
    finally:
        admin.call("account.journal.period", "reopen", [closed])

    assert state_on(journals, day) == "open"
    assert journals.find("LL:journal") is None


def state_on(journals, day):
    """The state of a day's period, as the ERP's periods are told."""
    (period,) = [
        each
        for each in journals.masters.periods()
        if each["start_date"] <= day <= each["end_date"]
    ]
    return period["state"]


def test_a_draft_of_an_interrupted_post_can_be_found_and_finished(journals, client):
    values = journals._values(journal("LL:interrupted"))
    client.create("account.move", values, ["id"])

    draft = journals.find("LL:interrupted")
    assert not draft.is_posted
    assert draft.totals() == line_totals(REVENUE)
    receipt = journals.finish(draft.document_id)

    assert receipt.state == "posted"
    assert journals.finish(draft.document_id) == receipt


def test_a_draft_that_the_erp_will_not_post_is_discarded(journals, client):
    values = journals._values(journal("LL:refused"))
    values["lines"] = [["create", values["lines"][0][1][:1]]]
    draft = client.create("account.move", values, ["id"])

    with pytest.raises(ErpRejected, match="balance"):
        journals.finish(draft["id"])

    assert journals.find("LL:refused") is None


def test_a_draft_counts_in_no_balance(journals, client):
    def receivable():
        return [b for b in account_balances(client) if b.account_code == "11200"]

    before = receivable()
    draft = client.create("account.move", journals._values(journal("LL:draft")), ["id"])

    assert receivable() == before
    journals.discard(draft["id"])
    assert journals.find("LL:draft") is None


def test_an_analytic_line_deleted_after_posting_shows_on_read_back(journals, client):
    receipt = journals.post(journal("LL:analytic"))
    victim = client.read(
        "analytic_account.line",
        [
            ["move_line.move", "=", receipt.document_id],
            ["account.code", "=", "MVH-6010"],
        ],
        ["id"],
    )
    client.delete("analytic_account.line", victim[0]["id"])

    totals = journals.find("LL:analytic").totals()

    assert totals != line_totals(REVENUE)
    assert totals["40100", "", "cardiovascular"] == Decimal("-100.05")


def test_a_posted_journal_cannot_be_discarded(journals):
    receipt = journals.post(journal("LL:kept"))

    with pytest.raises(ErpRejected, match="cannot modify posted move"):
        journals.discard(receipt.document_id)


def test_a_sweep_takes_the_prefix_literally(journals):
    journals.post(journal("L_:mine"))
    journals.post(journal("LX:other"))

    assert [found.reference for found in journals.sweep("L_:")] == ["L_:mine"]


def test_sixty_lines_are_posted_and_read_back(journals):
    lines = [line("11200", "5900.00")] + [
        line("40100", "-100.00", "MVH-6010", "cardiovascular") for _ in range(59)
    ]

    journals.post(journal("LL:sixty", lines))

    assert journals.find("LL:sixty").totals() == line_totals(tuple(lines))


def test_an_erp_that_is_down_got_nothing(erp, journals):
    with TrytonClient(erp.endpoint(port=free_port())) as nobody:
        nobody._company = journals.client.company
        with pytest.raises(ErpUnreachable, match="does not answer"):
            nobody.create("account.move", {}, ["id"])
