"""From published rows to documents in the ERP, over a real database."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from ledgerline.operations.repository import documents
from ledgerline.posting import drain, propose, release
from ledgerline.store.engine import connect
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish, rows, states, stock

pytestmark = pytest.mark.integration


def post(dsn, port):
    propose(dsn)
    release(dsn)
    return drain(dsn, StubPort(port), POLICY)


def totals(erp):
    """What the ERP's effective journals hold by account, in cents."""
    sums = {}
    for row in erp.effective:
        for line in row["payload"]["lines"]:
            if "account_code" in line:
                account = line["account_code"]
                sums[account] = sums.get(account, 0) + line["amount_cents"]
    return sums


def test_published_rows_become_documents_once(dsn):
    publish(dsn, [*journal("100.10"), *journal("7.05", "LGH")], stock("3"))
    erp = Erp()
    with running(erp) as port:
        report = post(dsn, port)
        assert report.posted == 3
        again = propose(dsn)
        assert (again.proposed, again.cancelled) == (0, 0)
        assert post(dsn, port).posted == 0
    assert totals(erp) == {"11200": 10715, "40100": -10715}
    assert states(dsn) == {"POSTED": 3}
    found = rows(dsn, "select total_amount, erp_document from post.entry order by 1")
    assert [row[0] for row in found] == [
        Decimal("7.05"),
        Decimal("15.00"),
        Decimal("100.10"),
    ]
    ledger = rows(dsn, "select erp_document from post.ledger order by 1")
    assert sorted(d["erp_document"] for d in erp.effective) == [d for (d,) in ledger]


def test_a_report_names_the_first_and_last_document_by_their_numbers(dsn):
    days = [f"2026-01-{day:02}" for day in range(1, 12)]
    publish(dsn, [line for day in days for line in journal("1.00", day=day)])
    with running(Erp()) as port:
        assert post(dsn, port).posted == 11
    with connect(dsn) as connection:
        [found] = documents(connection, datetime(2026, 1, 1, tzinfo=UTC))
    assert found[4:6] == ("J0", "J10")


def test_an_unchanged_new_publication_proposes_nothing(dsn):
    lines = [*journal("100.10"), *journal("5.00", hold="unmapped_payer")]
    publish(dsn, lines)
    with running(Erp()) as port:
        post(dsn, port)
        publish(dsn, lines)
        report = propose(dsn)
    assert (report.proposed, report.cancelled) == (0, 0)
    assert states(dsn) == {"POSTED": 1, "HELD": 1}


def test_a_late_charge_posts_only_the_difference(dsn):
    publish(dsn, journal("100.00"))
    erp = Erp()
    with running(erp) as port:
        post(dsn, port)
        publish(dsn, journal("130.00"))
        assert post(dsn, port).posted == 1
        publish(dsn, journal("90.00"))
        assert post(dsn, port).posted == 1
    assert totals(erp) == {"11200": 9000, "40100": -9000}
    keys = rows(dsn, "select natural_key from post.entry order by version")
    stem = "patient_revenue|MVH|2026-01-11|-"
    assert [key for (key,) in keys] == [f"{stem}|v{n}" for n in (1, 2, 3)]


def test_rows_that_vanish_are_reversed(dsn):
    publish(dsn, journal("100.00"), stock("3", lot="L1"))
    erp = Erp()
    with running(erp) as port:
        post(dsn, port)
        publish(dsn)
        assert post(dsn, port).posted == 2
    assert totals(erp) == {"11200": 0, "40100": 0}
    back = erp.effective[-1]["payload"]
    assert (back["from_location"], back["to_location"]) == ("CONSUMED", "MVH-6010-STO")
    moved = rows(dsn, "select sum(quantity) from post.stock_line")
    assert moved == [(0,)]


def test_entries_that_were_never_released_are_replaced(dsn):
    publish(dsn, journal("100.00"))
    propose(dsn)
    publish(dsn, journal("120.00"))
    report = propose(dsn)
    assert (report.proposed, report.cancelled) == (1, 1)
    with running(Erp()) as port:
        release(dsn)
        assert drain(dsn, StubPort(port), POLICY).posted == 1
    assert states(dsn) == {"CANCELLED": 1, "POSTED": 1}


def test_rows_with_a_hold_class_stay_held_and_leave_when_mapped(dsn):
    publish(dsn, [*journal("100.00"), *journal("5.00", hold="unmapped_payer")])
    erp = Erp()
    with running(erp) as port:
        assert post(dsn, port).posted == 1
        publish(dsn, journal("105.00"))
        assert post(dsn, port).posted == 1
    assert totals(erp)["11200"] == 10500
    assert states(dsn) == {"CANCELLED": 1, "POSTED": 2}


def test_a_held_facility_waits_and_the_others_are_posted(dsn):
    lines = [*journal("100.00"), *journal("7.00", "LGH")]
    publish(dsn, lines, verdict="HOLD", held=["LGH"])
    erp = Erp()
    with running(erp) as port:
        assert post(dsn, port).posted == 1
        assert totals(erp)["11200"] == 10000
        publish(dsn, lines)
        assert post(dsn, port).posted == 1
    assert totals(erp)["11200"] == 10700


def test_a_refused_document_stops_its_order_key_and_nothing_else(dsn):
    publish(
        dsn,
        [
            *journal("1.00", day="2026-01-11"),
            *journal("2.00", day="2026-01-18"),
            *journal("3.00", "LGH"),
        ],
    )
    erp = Erp()
    erp.refused = {"MVH|2026-01-11"}
    with running(erp) as port:
        report = post(dsn, port)
        assert (report.posted, report.rejected, report.waiting) == (1, 1, 1)
        assert propose(dsn).proposed == 0
        erp.refused = set()
        publish(
            dsn,
            [
                *journal("1.00", day="2026-01-11"),
                *journal("2.00", day="2026-01-18"),
                *journal("3.00", "LGH"),
            ],
        )
        assert post(dsn, port).posted == 2
    assert totals(erp)["11200"] == 600
    assert states(dsn) == {"POSTED": 3, "REJECTED": 1}
    superseded = rows(
        dsn, "select count(*) from post.entry where supersedes is not null"
    )
    assert superseded == [(1,)]


def test_lines_that_do_not_balance_are_refused_and_nothing_is_written(dsn):
    from ledgerline.posting.proposal import EntryUnbalanced

    publish(dsn, [*journal("1.00"), *journal("2.00", "LGH")[:1]])
    with pytest.raises(EntryUnbalanced, match="LGH"):
        propose(dsn)
    assert states(dsn) == {}


def test_every_journal_entry_is_linked_to_its_facts(dsn):
    publish(dsn, [*journal("1.00"), *journal("2.00", "LGH")])
    propose(dsn)
    linked = rows(
        dsn, "select count(*) from post.entry_fact group by entry_id order by 1"
    )
    assert linked == [(2,), (2,)]
