"""Requisitions: asked for once, followed through what a buyer makes of them."""

import datetime as dt
from decimal import Decimal

import pytest

from ledgerline.connectors.tryton.documents import Requisition, RequisitionLine
from ledgerline.connectors.tryton.errors import (
    DuplicateReference,
    ErpRejected,
    UnknownCode,
)
from ledgerline.connectors.tryton.masters import Masters
from ledgerline.connectors.tryton.requisitions import MODEL, Requisitions
from tests.integration.erp.memory import Memory
from tests.integration.tryton.buyer import Buyer
from tests.integration.tryton.test_extract import extract

pytestmark = pytest.mark.integration

STORE = "MVH-6010-STO"


@pytest.fixture
def requisitions(client):
    return Requisitions(client=client, masters=Masters(client=client))


@pytest.fixture
def buyer(admin):
    return Buyer(admin)


def need(item="ITM00001", quantity="30"):
    return RequisitionLine(item_code=item, quantity=Decimal(quantity))


def asking(reference, *lines):
    return Requisition(
        reference=reference,
        date=dt.date(2026, 3, 31),
        description="Requisition MVH 2026-03-31",
        store_code=STORE,
        lines=lines,
    )


def line_of(landed, reference):
    """The landed row of a requisition's line, and of its purchase request."""
    [line] = [
        row
        for row in landed.current["purchase.requisition.line"].values()
        if row["requisition"]["external_reference"] == reference
    ]
    origin = f"purchase.requisition.line,{line['id']}"
    requests = landed.current.get("purchase.request", {}).values()
    return line, [row for row in requests if row["origin"] == origin]


@pytest.fixture
def land(client):
    """Land what changed; keep what was landed before."""
    state = Memory()

    def landed():
        pages = extract(client, state)
        return state, [page.format.partition("/")[2] for page in pages]

    return landed


def test_a_requisition_waits_for_its_buyer_and_reads_back(requisitions):
    receipt = requisitions.submit(
        asking("LR:waits", need(), need("ITM00002", quantity="4"))
    )

    found = requisitions.find("LR:waits")
    assert (found.state, found.is_submitted) == ("waiting", True)
    assert (found.document_id, found.number) == (receipt.document_id, receipt.number)
    assert found.date == dt.date(2026, 3, 31)
    assert {line.item_code: line.quantity for line in found.lines} == {
        "ITM00001": 30,
        "ITM00002": 4,
    }


def test_a_second_one_with_the_same_reference_is_recognised(requisitions):
    requisitions.submit(asking("LR:twice", need()))

    with pytest.raises(DuplicateReference):
        requisitions.submit(asking("LR:twice", need()))

    assert len(list(requisitions.sweep("LR:twice"))) == 1


def test_an_item_that_is_not_bought_is_refused_without_a_trace(
    requisitions, admin, client
):
    [row] = admin.find("product.product", [["code", "=", "ITM00002"]], ["template"])
    template = [row["template"]]
    admin.call("product.template", "write", template, {"purchasable": False})
    try:
        with pytest.raises(ErpRejected):
            requisitions.submit(asking("LR:unbought", need("ITM00002")))
    finally:
        admin.call("product.template", "write", template, {"purchasable": True})

    assert requisitions.find("LR:unbought") is None
    requisitions.submit(asking("LR:unbought", need("ITM00002")))


def test_an_unknown_item_and_a_need_of_nothing_are_never_sent(requisitions):
    with pytest.raises(UnknownCode, match="item 'ITM99999'"):
        requisitions.submit(asking("LR:unknown", need("ITM99999")))
    with pytest.raises(ErpRejected, match="positive quantities"):
        requisitions.submit(asking("LR:none", need(quantity="0")))


def test_a_draft_that_was_left_behind_is_finished_or_discarded(requisitions, client):
    for reference in ("LR:finished", "LR:discarded"):
        values = requisitions._values(asking(reference, need()))
        client.create(MODEL, values, ["id"])
    finished, discarded = map(requisitions.find, ("LR:finished", "LR:discarded"))
    assert not finished.is_submitted

    receipt = requisitions.finish(finished.document_id)
    requisitions.discard(discarded.document_id)

    assert receipt.state == "waiting"
    assert requisitions.finish(finished.document_id) == receipt
    assert requisitions.find("LR:discarded") is None


@pytest.mark.parametrize("buttons", [("reject",), ("draft", "cancel")])
def test_a_buyer_who_says_no_leaves_it_there_and_it_is_landed(
    requisitions, buyer, land, buttons
):
    reference = f"LR:{buttons[-1]}"
    requisitions.submit(asking(reference, need()))
    land()

    buyer.press(reference, *buttons)

    landed, _ = land()
    line, requests = line_of(landed, reference)
    assert line["requisition"]["state"] in {"rejected", "cancelled"}
    assert requests == []
    assert requisitions.find(reference).is_submitted
    with pytest.raises(DuplicateReference):
        requisitions.submit(asking(reference, need()))


def test_an_order_that_a_buyer_makes_of_it_is_landed_with_its_way(
    requisitions, buyer, land
):
    requisitions.submit(asking("LR:ordered", need()))
    landed, _ = land()
    line, requests = line_of(landed, "LR:ordered")
    assert (Decimal(line["quantity"]), requests) == (30, [])

    order = buyer.order("LR:ordered")
    landed, kinds = land()
    line, [request] = line_of(landed, "LR:ordered")
    ordered = landed.current["purchase.line"][str(request["purchase_line"]["id"])]
    assert ordered["purchase"]["id"] == order
    assert landed.current["purchase.purchase"][str(order)]["state"] == "draft"
    assert kinds.index("purchase.request") < kinds.index("purchase.line")

    buyer.confirm(order)
    landed, _ = land()
    _, [request] = line_of(landed, "LR:ordered")
    assert request["state"] == "purchased"
    assert landed.current["purchase.purchase"][str(order)]["state"] == "processing"
