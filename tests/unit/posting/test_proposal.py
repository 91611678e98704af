"""How differences become documents."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from ledgerline.posting.document import (
    JournalLine,
    NotReversible,
    content_sha256,
    facility_of,
    from_payload,
    reversal_of,
)
from ledgerline.posting.proposal import (
    EntryUnbalanced,
    Group,
    JournalDifference,
    RequisitionDifference,
    StockDifference,
    new_entries,
    split_balanced,
)

GROUP = Group(
    document_kind="patient_revenue",
    facility_code="MVH",
    posting_date=date(2026, 1, 11),
    hold_class="",
)
ISSUES = replace(GROUP, document_kind="stock_issue", store="MVH-6010-STO")


def difference(account, amount, group=GROUP, cost_center="", service_line=""):
    return JournalDifference(
        group=group,
        account_code=account,
        cost_center_code=cost_center,
        service_line_code=service_line,
        amount=Decimal(amount),
    )


def stock(quantity, item="ITM00001", lot=""):
    return StockDifference(
        group=ISSUES,
        item_code=item,
        lot_number=lot,
        unit="u",
        quantity=Decimal(quantity),
        amount=Decimal(quantity) * 2,
    )


def wanted(quantity, item="ITM00001", store="MVH-6010-STO"):
    return RequisitionDifference(
        group=replace(GROUP, document_kind="requisition", store=store),
        item_code=item,
        unit="u",
        quantity=Decimal(quantity),
    )


def requisitions(*rows, open_dates=None):
    return list(
        new_entries([], [], "CONSUMED", {}, open_dates or {}, requisitions=rows)
    )


def test_a_store_has_one_requisition_with_a_line_an_item():
    first, second = requisitions(
        wanted("30"), wanted("4", item="I2"), wanted("1", store="S2")
    )
    assert first.natural_key == "requisition|MVH|2026-01-11|-|MVH-6010-STO|v1"
    assert first.group.order_key == "MVH|requisition|MVH-6010-STO"
    assert [(li.item_code, li.quantity) for li in first.document.lines] == [
        ("ITM00001", 30),
        ("I2", 4),
    ]
    assert first.document.total_cents == 0
    assert second.document.store == "S2"
    assert from_payload(first.document.payload()) == first.document
    assert content_sha256(first.document) == first.payload_sha256


def test_a_requisition_keeps_its_day_and_has_no_opposite():
    day = GROUP.posting_date
    (entry,) = requisitions(wanted("30"), open_dates={day: date(2026, 2, 1)})
    assert entry.document.posting_date == day
    with pytest.raises(NotReversible, match="reject or cancel it"):
        reversal_of(entry.document, "LL|r", day)


def test_a_requisition_is_another_one_with_another_quantity():
    (entry,) = requisitions(wanted("30"))
    (other,) = requisitions(wanted("31"))
    assert entry.payload_sha256 != other.payload_sha256


def test_a_journal_has_one_entry_a_group_and_the_next_version():
    journal = [difference("11200", "10.01"), difference("40100", "-10.01")]
    (entry,) = new_entries(journal, [], "CONSUMED", {GROUP.stem: 3})
    assert entry.natural_key == "patient_revenue|MVH|2026-01-11|-|v4"
    assert entry.document.reference == f"LL|{entry.natural_key}"
    assert entry.document.total_cents == 1001


def test_the_same_key_always_has_the_same_id():
    journal = [difference("11200", "1.00"), difference("40100", "-1.00")]
    first, second = (
        next(iter(new_entries(journal, [], "CONSUMED", {}))) for _ in range(2)
    )
    assert first.entry_id == second.entry_id


def test_returned_goods_go_back_to_the_store_in_a_document_of_their_own():
    issue, back = new_entries([], [stock("3"), stock("-2", lot="L1")], "CONSUMED", {})
    assert (issue.document.from_location, issue.document.to_location) == (
        "MVH-6010-STO",
        "CONSUMED",
    )
    assert (back.document.from_location, back.document.to_location) == (
        "CONSUMED",
        "MVH-6010-STO",
    )
    assert back.document.lines[0].quantity == 2
    assert back.document.total_cents == 400
    assert [entry.version for entry in (issue, back)] == [1, 2]


def test_a_group_that_does_not_balance_is_refused():
    with pytest.raises(EntryUnbalanced, match=r"off by 0\.01"):
        list(new_entries([difference("11200", "0.01")], [], "CONSUMED", {}))


def test_held_entries_do_not_stand_in_the_way_of_clean_ones():
    held = replace(GROUP, hold_class="unmapped_payer")
    assert held.order_key != GROUP.order_key
    assert held.stem == "patient_revenue|MVH|2026-01-11|unmapped_payer"


def long_entry(count):
    lines = [
        JournalLine(account_code="40100", cost_center_code=f"C{n}", amount_cents=-n)
        for n in range(1, count)
    ]
    total = -sum(line.amount_cents for line in lines)
    return [JournalLine(account_code="11200", amount_cents=total), *lines]


def test_a_long_entry_is_cut_into_balanced_parts():
    lines = long_entry(1001)
    parts = split_balanced(lines, limit=300)
    assert [len(part) for part in parts] == [300, 300, 300, 104]
    assert all(sum(line.amount_cents for line in part) == 0 for part in parts)
    control = [li for part in parts for li in part if li.account_code == "11200"]
    assert sum(line.amount_cents for line in control) == lines[0].amount_cents


def test_an_entry_without_a_single_control_line_stays_whole():
    lines = [*long_entry(10), JournalLine(account_code="10100", amount_cents=0)]
    assert split_balanced(lines, limit=5) == [tuple(lines)]


def test_a_document_survives_its_payload():
    journal = [difference("11200", "1.00"), difference("40100", "-1.00")]
    for entry in new_entries(journal, [stock("1.5", lot="L1")], "CONSUMED", {}):
        assert from_payload(entry.document.payload()) == entry.document
        assert content_sha256(entry.document) == entry.payload_sha256


def test_equal_content_has_an_equal_hash_whatever_the_order_of_lines():
    journal = [difference("11200", "1.00"), difference("40100", "-1.00")]
    (entry,) = new_entries(journal, [], "CONSUMED", {})
    turned = replace(entry.document, lines=entry.document.lines[::-1])
    changed = replace(
        entry.document,
        lines=tuple(
            replace(line, service_line_code="spine") for line in entry.document.lines
        ),
    )
    assert content_sha256(turned) == entry.payload_sha256
    assert content_sha256(changed) != entry.payload_sha256


@pytest.mark.parametrize(
    ("reference", "facility"),
    [("LL|k|MVH|2026-01-11|-|v1", "MVH"), ("X|k|MVH", ""), ("LL|", "")],
)
def test_a_reference_names_its_facility(reference, facility):
    assert facility_of(reference) == facility
