"""Balances side by side, and documents held against entries both ways."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ledgerline.posting.command import State
from ledgerline.posting.document import (
    Journal,
    JournalLine,
    Requisition,
    RequisitionLine,
    StockLine,
    StockMove,
    content_sha256,
)
from ledgerline.posting.port import FoundDocument
from ledgerline.reconciliation.comparison import (
    LEDGER_ERP,
    EntryMark,
    Key,
    balance_of,
    compare,
    sweep,
)

ACCOUNT = Key(
    scope="account", facility_code="MVH", period="2026-01", account_code="11200"
)
JOURNAL = Journal(
    reference="LL|patient_revenue|MVH|2026-01-11|-|v1",
    posting_date=date(2026, 1, 11),
    lines=(
        JournalLine(account_code="11200", amount_cents=1001),
        JournalLine(
            account_code="40100",
            cost_center_code="MVH-6010",
            service_line_code="spine",
            amount_cents=-1001,
        ),
    ),
)
MARK = EntryMark(
    reference=JOURNAL.reference,
    state=State.POSTED,
    erp_document="J1",
    content_sha256=content_sha256(JOURNAL),
    total_cents=1001,
    is_recent=False,
)
FOUND = FoundDocument(erp_document="J1", is_effective=True, document=JOURNAL)


@pytest.mark.parametrize(
    ("left", "right", "in_flight", "name"),
    [
        ("5.00", "5.00", "0", ""),
        ("5.00", "3.00", "2.00", ""),
        ("5.00", "3.00", "0", "ERP_DIFFERS"),
        ("5.00", "5.00", "2.00", "ERP_DIFFERS"),
    ],
)
def test_a_difference_is_explained_or_named(left, right, in_flight, name):
    (line,) = compare(
        LEDGER_ERP,
        {ACCOUNT: Decimal(left)},
        {ACCOUNT: Decimal(right)},
        {ACCOUNT: Decimal(in_flight)},
    )
    assert line.break_name == name
    assert bool(line.difference) is bool(name)


def test_an_account_that_only_one_side_knows_is_compared():
    (line,) = compare(LEDGER_ERP, {}, {ACCOUNT: Decimal(1)}, {})
    assert (line.left, line.right, line.difference) == (0, 1, -1)


def test_balances_are_by_account_and_by_cost_object():
    balance = balance_of([JOURNAL, JOURNAL], "CONSUMED")
    assert balance[ACCOUNT] == Decimal("20.02")
    spine = replace(
        ACCOUNT, scope="cost_object", account_code="40100", subject="MVH-6010|spine"
    )
    assert balance[spine] == Decimal("-20.02")


def test_goods_that_came_back_count_against_those_that_were_issued():
    issue = StockMove(
        reference="LL|stock_issue|MVH|2026-01-11|-|MVH-6010-STO|v1",
        posting_date=date(2026, 1, 11),
        from_location="MVH-6010-STO",
        to_location="CONSUMED",
        lines=(
            StockLine(item_code="I", lot_number="L", quantity=Decimal(3), unit="u"),
        ),
    )
    back = replace(
        issue,
        from_location="CONSUMED",
        to_location="MVH-6010-STO",
        lines=(replace(issue.lines[0], quantity=Decimal(1)),),
    )
    ((key, quantity),) = balance_of([issue, back], "CONSUMED").items()
    assert (key.subject, quantity) == ("MVH-6010-STO|I|L", Decimal(2))


def test_what_was_asked_for_is_compared_by_item_in_no_period():
    line = RequisitionLine(item_code="I", quantity=Decimal(3), unit="u")
    first = Requisition(
        reference="LL|requisition|MVH|2026-01-11|-|MVH-6010-STO|v1",
        posting_date=date(2026, 1, 11),
        lines=(line,),
    )
    later = replace(first, posting_date=date(2026, 2, 1))
    ((key, quantity),) = balance_of([first, later], "CONSUMED").items()
    assert (key.scope, key.facility_code, key.period) == ("requisition", "MVH", "")
    assert (key.subject, quantity) == ("I", Decimal(6))


OTHER = replace(
    FOUND, document=replace(JOURNAL, posting_date=date(2026, 1, 12)), erp_document="J1"
)


@pytest.mark.parametrize(
    ("mark", "documents", "name"),
    [
        (MARK, [FOUND], None),
        (MARK, [], "ERP_MISSING"),
        (MARK, [replace(FOUND, is_effective=False)], "ERP_MISSING"),
        (replace(MARK, is_recent=True), [], None),
        (MARK, [FOUND, FOUND], "ERP_DOUBLED"),
        (MARK, [replace(FOUND, erp_document="J2")], "NUMBER_DIFFERS"),
        (MARK, [OTHER], "CONTENT_DIFFERS"),
        (None, [FOUND], "ERP_UNEXPECTED"),
        (replace(MARK, state=State.HELD), [FOUND], "ERP_UNEXPECTED"),
        (replace(MARK, state=State.REJECTED), [FOUND], "ERP_UNEXPECTED"),
        (replace(MARK, state=State.UNKNOWN), [FOUND], None),
        (replace(MARK, state=State.SENDING), [FOUND], None),
        (replace(MARK, state=State.READY), [], None),
    ],
)
def test_entries_and_documents_are_held_against_each_other(mark, documents, name):
    entries = {} if mark is None else {mark.reference: mark}
    lines = list(sweep(entries, documents))
    assert [line.break_name for line in lines] == ([name] if name else [])
