"""What every adapter must keep, whatever its ERP: inherit, and give it a `subject`.

A subject has a `port`, lets the ERP do its work (`let_work`, nothing for one that
answers at once) and tell its codes (`let_tell`, the same), says where nothing answers
(`nowhere`, a port) and gives `days`, each free of documents of other tests.
"""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ledgerline.canonical.errors import LedgerlineError
from ledgerline.posting.command import State, Work
from ledgerline.posting.document import (
    Journal,
    JournalLine,
    Requisition,
    RequisitionLine,
    StockLine,
    StockMove,
    content_sha256,
)
from ledgerline.posting.port import Kind, Policy
from ledgerline.posting.protocol import after_answer, after_read_back

ENTRY = "00000000-0000-0000-0000-000000000001"


def journal(day, cents=1234, account="40100"):
    """A document whose reference is in nobody's reconciliation."""
    lines = (
        JournalLine(account_code="11200", amount_cents=cents),
        JournalLine(
            account_code=account,
            cost_center_code="MVH-6010",
            service_line_code="cardiovascular",
            amount_cents=-cents,
        ),
    )
    return Journal(
        reference=f"CONTRACT|contract|MVH|{day}|-|v1",
        posting_date=date.fromisoformat(day),
        description="Contract",
        lines=lines,
    )


def stock_move(day, quantity="1"):
    line = StockLine(item_code="ITM00001", quantity=Decimal(quantity), unit="u")
    return StockMove(
        reference=f"CONTRACT|contract_stock|MVH|{day}|-|v1",
        posting_date=date.fromisoformat(day),
        store="MVH-6010-STO",
        from_location="MVH-6010-STO",
        to_location="CONSUMED",
        lines=(line,),
    )


def requisition(day, quantity="3"):
    line = RequisitionLine(item_code="ITM00001", quantity=Decimal(quantity), unit="u")
    return Requisition(
        reference=f"CONTRACT|contract_requisition|MVH|{day}|-|v1",
        posting_date=date.fromisoformat(day),
        description="Contract",
        store="MVH-6010-STO",
        lines=(line,),
    )


def work_on(document, attempts):
    return Work(
        entry_id=ENTRY,
        fence=1,
        state=State.SENDING,
        attempts=attempts,
        lease_until=0,
        age_seconds=0,
        content_sha256=content_sha256(document),
        document=document,
    )


def send(port, document, *, is_resend=False):
    post = port.post_journal
    if isinstance(document, StockMove):
        post = port.post_stock_issue
    elif isinstance(document, Requisition):
        post = port.post_requisition
    return post(document, is_resend=is_resend)


def settle(subject, document, *, is_resend=False):
    """Send and resolve the way the protocol does, until the entry is terminal."""
    policy = Policy.of(subject.port.profile)
    for attempt in range(1, 5):
        work = work_on(document, attempt)
        answer = send(subject.port, document, is_resend=is_resend)
        step = after_answer(answer, work, policy)
        if step.state is State.UNKNOWN:
            subject.let_work()
            step = after_read_back(read_back(subject, document), work, policy)
        if step.state in {State.POSTED, State.REJECTED, State.CONFLICT}:
            return step
        is_resend = True
    raise AssertionError(f"{document.reference} is still {step}")


def read_back(subject, document):
    try:
        return subject.port.find(document)
    except LedgerlineError:
        subject.let_work()
        return subject.port.find(document)


def held(subject, document):
    return [
        found
        for found in subject.port.sweep("CONTRACT|contract")
        if found.is_effective and found.document.reference == document.reference
    ]


class AdapterContract:
    """The tests; pytest collects them from each adapter's own class."""

    def test_it_declares_a_profile_that_is_safe_to_post_to(self, subject):
        profile = subject.port.profile
        policy = Policy.of(profile)
        assert profile.is_safe
        assert profile.request_seconds <= profile.call_seconds < policy.lease_seconds
        assert policy.quiet_seconds > profile.request_seconds

    def test_an_erp_that_answers_is_ready(self, subject):
        subject.port.check()

    def test_an_erp_that_is_not_there_is_said_so(self, subject):
        with pytest.raises(LedgerlineError):
            subject.nowhere.check()

    def test_what_it_tells_of_its_codes_is_what_it_takes(self, subject):
        subject.let_tell()
        codes = subject.port.master_data().codes
        assert {"11200", "40100"} <= codes[Kind.ACCOUNT]
        assert "99999" not in codes[Kind.ACCOUNT]
        assert "MVH-6010" in codes[Kind.COST_CENTER]
        assert "cardiovascular" in codes[Kind.SERVICE_LINE]
        assert "ITM00001" in codes[Kind.ITEM]
        assert {"MVH-6010-STO", "CONSUMED"} <= codes[Kind.LOCATION]

    def test_what_it_tells_of_its_periods_holds_the_days_it_takes(self, subject):
        subject.let_tell()
        day = date.fromisoformat(next(subject.days))
        periods = subject.port.master_data().periods
        (found,) = [each for each in periods if each.first_day <= day <= each.last_day]
        assert found.is_open

    @pytest.mark.parametrize("make", [journal, stock_move, requisition])
    def test_what_was_never_sent_is_not_found(self, subject, make):
        document = make(next(subject.days))
        assert tuple(subject.port.find(document)) == ()
        assert held(subject, document) == []

    @pytest.mark.parametrize("make", [journal, stock_move, requisition])
    def test_a_document_is_held_with_the_content_that_was_sent(self, subject, make):
        document = make(next(subject.days))
        step = settle(subject, document)
        assert step.state is State.POSTED
        (found,) = subject.port.find(document)
        assert found.erp_document == step.erp_document
        assert content_sha256(found.document) == content_sha256(document)
        assert held(subject, document) == [found]

    @pytest.mark.parametrize("is_resend", [True, False])
    @pytest.mark.parametrize("make", [journal, stock_move, requisition])
    def test_a_document_sent_again_is_the_same_one(self, subject, make, is_resend):
        document = make(next(subject.days))
        first = settle(subject, document)
        again = settle(subject, document, is_resend=is_resend)
        assert again.state is State.POSTED
        assert again.erp_document == first.erp_document
        assert len(held(subject, document)) == 1

    def test_another_content_under_a_reference_is_a_conflict(self, subject):
        document = journal(next(subject.days))
        settle(subject, document)
        other = replace(
            journal(document.posting_date.isoformat(), cents=999),
            reference=document.reference,
        )
        assert settle(subject, other).state is State.CONFLICT
        (found,) = held(subject, document)
        assert content_sha256(found.document) == content_sha256(document)

    def test_another_quantity_under_the_reference_of_a_requisition_is_a_conflict(
        self, subject
    ):
        document = requisition(next(subject.days))
        settle(subject, document)
        other = requisition(document.posting_date.isoformat(), quantity="4")
        assert settle(subject, other).state is State.CONFLICT
        (found,) = held(subject, document)
        assert content_sha256(found.document) == content_sha256(document)

    def test_an_item_that_the_erp_does_not_know_is_not_asked_for(self, subject):
        document = requisition(next(subject.days))
        line = replace(document.lines[0], item_code="ITM99999")
        step = settle(subject, replace(document, lines=(line,)))
        assert step.state is State.REJECTED
        assert held(subject, document) == []

    def test_an_account_that_the_erp_does_not_know_is_refused(self, subject):
        document = journal(next(subject.days), account="99999")
        step = settle(subject, document)
        assert step.state is State.REJECTED
        assert step.error_code
        assert held(subject, document) == []

    def test_a_refused_document_does_not_keep_the_next_one_out(self, subject):
        day = next(subject.days)
        settle(subject, journal(day, account="99999"))
        version = replace(journal(day), reference=f"CONTRACT|contract|MVH|{day}|-|v2")
        assert settle(subject, version).state is State.POSTED
