"""A requisition is asked for once, with no money, no period and no opposite."""

from datetime import date
from decimal import Decimal

import psycopg
import pytest
from psycopg import errors

from ledgerline.operations.verify import verify
from ledgerline.posting import propose
from ledgerline.posting.document import NotReversible
from ledgerline.reconciliation import reconcile
from tests.integration.posting.people import agree
from tests.integration.posting.stub_erp import Erp, StubPort, running
from tests.integration.posting.test_master_data import CODES, held
from tests.integration.posting.test_master_data import post as post_mirrored
from tests.integration.posting.test_periods import close_january
from tests.integration.posting.test_posting import post
from tests.integration.posting.warehouse import need, publish, rows, states

pytestmark = pytest.mark.integration
KEY = "requisition|MVH|2026-01-11|-|MVH-6010-STO"


def asked(erp):
    """What the ERP holds: reference, item and quantity of every line."""
    return [
        (row["payload"]["reference"], line["item_code"], Decimal(line["quantity"]))
        for row in erp.effective
        for line in row["payload"]["lines"]
    ]


def test_what_a_store_needs_is_asked_for_once_in_one_document(dsn):
    publish(dsn, needs=[*need("30"), *need("4", item="ITM00002")])
    erp = Erp()
    with running(erp) as port:
        assert post(dsn, port).posted == 1
        assert propose(dsn).proposed == 0
        publish(dsn, needs=[*need("30"), *need("4", item="ITM00002")])
        assert post(dsn, port).posted == 0
        report = reconcile(dsn, StubPort(port))
    reference = f"LL|{KEY}|v1"
    assert asked(erp) == [(reference, "ITM00001", 30), (reference, "ITM00002", 4)]
    assert rows(
        dsn, "select document_kind, state, total_amount, erp_document from post.entry"
    ) == [("requisition", "POSTED", Decimal("0.00"), "R0")]
    assert report.is_even
    assert rows(
        dsn,
        "select system_pair, subject, left_amount, right_amount "
        "from ops.reconciliation_line where scope = 'requisition' order by 1, 2",
    ) == [
        (pair, item, quantity, quantity)
        for pair in ("ledger:erp", "outbox:ledger", "warehouse:outbox")
        for item, quantity in (("ITM00001", 30), ("ITM00002", 4))
    ]
    assert [each for promise in verify(dsn) for each in promise.breaks] == []


def test_a_further_need_is_asked_for_beyond_what_was_whatever_its_day(dsn):
    publish(dsn, needs=need("30"))
    erp = Erp()
    with running(erp) as port:
        post(dsn, port)
        publish(dsn, needs=need("50", day="2026-01-18"))
        assert post(dsn, port).posted == 1
        assert reconcile(dsn, StubPort(port)).is_even
    assert [(ref[-24:], quantity) for ref, _, quantity in asked(erp)] == [
        (f"{day}|-|MVH-6010-STO|v1"[-24:], quantity)
        for day, quantity in (("2026-01-11", 30), ("2026-01-18", 20))
    ]


def test_what_was_asked_for_too_much_is_not_taken_back(dsn):
    publish(dsn, needs=need("30"))
    with running(Erp()) as port:
        post(dsn, port)
        publish(dsn, needs=need("10"))
        assert propose(dsn).proposed == 0
        publish(dsn)
        assert propose(dsn).proposed == 0


def test_no_period_is_closed_to_a_requisition(dsn):
    close_january(dsn)
    publish(dsn, needs=need("30"))
    with running(Erp()) as port:
        assert post(dsn, port).posted == 1
    assert rows(dsn, "select posting_date, origin_date from post.entry") == [
        (date(2026, 1, 11), date(2026, 1, 11))
    ]


def test_a_refused_requisition_is_asked_for_again_by_the_next_publication(dsn):
    publish(dsn, needs=need("30"))
    erp = Erp()
    erp.refused.add("|v1")
    with running(erp) as port:
        assert post(dsn, port).rejected == 1
        publish(dsn, needs=need("30"))
        assert post(dsn, port).posted == 1
    assert asked(erp) == [(f"LL|{KEY}|v2", "ITM00001", 30)]


@pytest.mark.parametrize(
    ("kind", "code"), [("item", "ITM00001"), ("location", "MVH-6010-STO")]
)
def test_a_code_that_the_erp_lacks_holds_a_requisition(dsn, kind, code):
    erp = Erp()
    erp.masters = {each: list(codes) for each, codes in CODES.items()}
    erp.masters[kind].remove(code)
    publish(dsn, needs=need("30"))
    with running(erp) as port:
        assert post_mirrored(dsn, port).held == 1
        [(category, owner, _)] = held(dsn)
        assert (category, owner) == ("MASTER_DATA", "supply_chain")
        erp.masters[kind].append(code)
        assert post_mirrored(dsn, port).posted == 1


def test_a_requisition_has_no_opposite(dsn):
    publish(dsn, needs=need("30"))
    with running(Erp()) as port:
        post(dsn, port)
    with pytest.raises(NotReversible, match="have its buyer reject"):
        agree(dsn, "compensate", f"{KEY}|v1")
    assert states(dsn) == {"POSTED": 1}


def test_the_lines_of_a_requisition_come_from_its_payload_only(dsn):
    publish(dsn, needs=need("30"))
    propose(dsn)
    with (
        psycopg.connect(dsn, autocommit=True) as connection,
        pytest.raises(errors.CheckViolation, match="ENTRY_LINE"),
    ):
        connection.execute(
            "insert into post.requisition_line select entry_id, 2, 'S', 'I', 1, 'u' "
            "from post.entry"
        )
