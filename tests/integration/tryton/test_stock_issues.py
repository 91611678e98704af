"""Stock issues: moved once by item and lot, or not at all."""

import datetime as dt
from decimal import Decimal

import pytest

from ledgerline.connectors.tryton.documents import IssueLine, StockIssue
from ledgerline.connectors.tryton.errors import (
    DuplicateReference,
    ErpRejected,
    StockShort,
    UnknownCode,
)
from ledgerline.connectors.tryton.extract import on_hand

pytestmark = pytest.mark.integration

STORE = "MVH-6010-STO"


def take(item, quantity, lot=""):
    return IssueLine(item_code=item, quantity=Decimal(quantity), lot_number=lot)


def issue(reference, *lines):
    return StockIssue(
        reference=reference,
        date=dt.date(2026, 3, 29),
        from_location_code=STORE,
        to_location_code="CONSUMED",
        lines=lines,
    )


def held(client, item, lot="", location=STORE):
    return sum(
        row.quantity
        for row in on_hand(client)
        if (row.location_code, row.item_code, row.lot_number) == (location, item, lot)
    )


def test_an_issue_moves_the_stock_and_reads_back(stock_issues, client):
    before = held(client, "ITM00001"), held(client, "ITM00003", "LOT-A")

    receipt = stock_issues.issue(
        issue("LS:done", take("ITM00001", 3), take("ITM00003", 1, "LOT-A"))
    )

    found = stock_issues.find("LS:done")
    assert found.is_done
    assert (found.document_id, found.number) == (receipt.document_id, receipt.number)
    assert found.date == dt.date(2026, 3, 29)
    assert found.quantities() == {
        ("ITM00001", ""): Decimal(3),
        ("ITM00003", "LOT-A"): Decimal(1),
    }
    after = held(client, "ITM00001"), held(client, "ITM00003", "LOT-A")
    assert (before[0] - after[0], before[1] - after[1]) == (3, 1)


def test_a_second_issue_with_the_same_reference_is_recognised(stock_issues):
    stock_issues.issue(issue("LS:twice", take("ITM00001", 1)))

    with pytest.raises(DuplicateReference):
        stock_issues.issue(issue("LS:twice", take("ITM00001", 1)))

    assert len(list(stock_issues.sweep("LS:twice"))) == 1


def test_a_shortage_names_place_and_item_and_moves_nothing(stock_issues, client):
    before = held(client, "ITM00002")

    with pytest.raises(StockShort, match=f"{STORE} lacks 93 of item ITM00002"):
        stock_issues.issue(
            issue("LS:short", take("ITM00001", 1), take("ITM00002", 100))
        )

    assert before == 7
    assert held(client, "ITM00002") == before
    assert stock_issues.find("LS:short") is None


def test_a_shortage_leaves_the_reference_and_the_stock_free(stock_issues):
    with pytest.raises(StockShort):
        stock_issues.issue(issue("LS:later", take("ITM00002", 100)))

    assert stock_issues.issue(issue("LS:later", take("ITM00002", 1))).state == "done"


def test_a_lot_that_is_short_is_named(stock_issues):
    with pytest.raises(StockShort, match="item ITM00003 lot LOT-B"):
        stock_issues.issue(issue("LS:lot", take("ITM00003", 4, "LOT-B")))


def test_a_tracked_item_without_lot_is_refused_without_a_trace(stock_issues):
    with pytest.raises(ErpRejected, match="stock lot"):
        stock_issues.issue(issue("LS:nolot", take("ITM00003", 1)))

    assert stock_issues.find("LS:nolot") is None


@pytest.mark.parametrize(
    ("wanted", "named"),
    [
        (take("ITM99999", 1), "item 'ITM99999'"),
        (take("ITM00003", 1, "LOT-Z"), "LOT-Z"),
    ],
)
def test_an_unknown_item_or_lot_is_named(stock_issues, wanted, named):
    with pytest.raises(UnknownCode, match=named):
        stock_issues.issue(issue("LS:unknown", wanted))


def test_an_issue_of_nothing_is_never_sent(stock_issues):
    with pytest.raises(ErpRejected, match="positive quantities"):
        stock_issues.issue(issue("LS:none", take("ITM00001", 0)))


@pytest.mark.parametrize("steps", [(), ("wait",), ("wait", "assign_try")])
def test_an_interrupted_issue_can_be_found_and_finished(stock_issues, client, steps):
    reference = f"LS:interrupted-{len(steps)}"
    values = stock_issues._values(issue(reference, take("ITM00001", 1)))
    begun = client.create("stock.shipment.internal", values, ["id"])["id"]
    for step in steps:
        client.act("stock.shipment.internal", begun, step, ["id"])

    assert not stock_issues.find(reference).is_done
    receipt = stock_issues.finish(begun)

    assert receipt.state == "done"
    assert stock_issues.finish(begun) == receipt


def test_an_interrupted_tidying_does_not_block_the_reference(stock_issues, client):
    values = stock_issues._values(issue("LS:tidy", take("ITM00001", 1)))
    begun = client.create("stock.shipment.internal", values, ["id"])["id"]
    client.act("stock.shipment.internal", begun, "cancel", ["id"])

    assert stock_issues.find("LS:tidy") is None
    assert stock_issues.issue(issue("LS:tidy", take("ITM00001", 1))).state == "done"
