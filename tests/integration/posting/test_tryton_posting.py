"""Posting into a real Tryton: journals, stock issues, interruptions, reconciliation."""

import dataclasses
import itertools
import json
import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from ledgerline.connectors.tryton import journals as tryton_journals
from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.errors import ErpAnswerLost
from ledgerline.connectors.tryton.extract import on_hand
from ledgerline.posting import drain, propose, release
from ledgerline.posting.tryton.adapter import TrytonErp
from ledgerline.posting.tryton.translation import erp_journal
from ledgerline.reconciliation import reconcile
from tests.conftest import free_port
from tests.integration.posting.adapter_contract import AdapterContract
from tests.integration.posting.tryton_policy import POLICY
from tests.integration.posting.warehouse import journal, publish, rows, states, stock
from tests.integration.tryton import sandbox_erp

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def erp(tmp_path_factory, postgres_server):
    running = sandbox_erp.new_erp(tmp_path_factory, postgres_server, "erp_posting")
    running.up()
    yield running
    running.run("erp-down")


@pytest.fixture
def port(erp):
    """The adapter. Each test posts on days of its own: the ERP remembers them all."""
    return TrytonErp(erp.endpoint())


_DAYS = (date(2026, 6, 1) + timedelta(days=number) for number in itertools.count())


@dataclasses.dataclass
class Subject:
    """What the contract asks of a real Tryton, which answers at once."""

    port: TrytonErp
    nowhere: TrytonErp
    days = map(date.isoformat, _DAYS)

    def let_work(self):
        pass

    def let_tell(self):
        pass


@pytest.fixture
def subject(erp, port):
    return Subject(port, TrytonErp(erp.endpoint(port=free_port())))


class TestTrytonErp(AdapterContract):
    """The Tryton adapter keeps the contract of every adapter."""


def send(dsn, port):
    propose(dsn)
    release(dsn)
    return drain(dsn, port, POLICY)


def effective(port, day):
    return [
        found
        for found in port.sweep("LL|")
        if found.is_effective and f"|{day}|" in found.document.reference
    ]


def on_day(report, day):
    """The breaks of one day: other tests' documents are foreign to this warehouse."""
    return [line for line in report.breaks if f"|{day}|" in line.key.subject]


def held_in_store(erp, item, lot=""):
    with TrytonClient(erp.endpoint()) as client:
        return sum(
            row.quantity
            for row in on_hand(client)
            if (row.location_code, row.item_code, row.lot_number)
            == ("MVH-6010-STO", item, lot)
        )


def test_a_published_day_ends_in_documents_that_reconcile(dsn, erp, port):
    day = "2026-01-11"
    before = held_in_store(erp, "ITM00001")
    issues = [*stock("3", day=day), *stock("2", "ITM00003", "LOT-A", day=day)]
    lines = [
        *journal("100.10", day=day),
        *journal("40.01", day=day, kind="late_charge"),
    ]
    publish(dsn, lines, issues)
    report = send(dsn, port)
    assert (report.posted, report.rejected) == (3, 0)
    assert before - held_in_store(erp, "ITM00001") == 3
    found = effective(port, day)
    numbers = rows(dsn, "select erp_document from post.entry order by 1")
    assert sorted(document.erp_document for document in found) == [
        n for (n,) in numbers
    ]
    reconciled = reconcile(dsn, port)
    assert reconciled.is_even, reconciled.breaks
    assert reconciled.difference_amount == 0
    assert send(dsn, port).posted == 0


def test_returned_goods_and_reversed_amounts_are_posted_back(dsn, erp, port):
    day = "2026-01-18"
    before = held_in_store(erp, "ITM00001"), held_in_store(erp, "ITM00003", "LOT-B")
    issues = [*stock("4", day=day), *stock("1", "ITM00003", "LOT-B", day=day)]
    publish(dsn, journal("50.00", day=day), issues)
    assert send(dsn, port).posted == 2
    publish(dsn, journal("20.00", day=day), stock("1", day=day))
    report = send(dsn, port)
    assert (report.posted, report.rejected) == (2, 0)
    after = held_in_store(erp, "ITM00001"), held_in_store(erp, "ITM00003", "LOT-B")
    assert (before[0] - after[0], before[1] - after[1]) == (1, 0)
    assert on_day(reconcile(dsn, port), day) == []


def test_a_shortage_is_a_rejection_and_moves_nothing(dsn, erp, port):
    day = "2026-01-25"
    before = held_in_store(erp, "ITM00002")
    publish(dsn, journal("5.00", day=day), stock("100", "ITM00002", day=day))
    report = send(dsn, port)
    assert (report.posted, report.rejected) == (1, 1)
    code = rows(dsn, "select last_error_code from post.entry where state = 'REJECTED'")
    assert code == [("ERP_STOCK_SHORT",)]
    assert held_in_store(erp, "ITM00002") == before
    assert {line.break_name for line in reconcile(dsn, port).breaks} >= {"NOT_POSTED"}
    publish(dsn, journal("5.00", day=day), stock("2", "ITM00002", day=day))
    assert send(dsn, port).posted == 1
    assert before - held_in_store(erp, "ITM00002") == 2


def test_an_account_that_the_erp_does_not_know_is_a_rejection(dsn, port):
    day = "2026-02-01"
    lines = [(*line[:4], "99999", *line[5:]) for line in journal("5.00", day=day)[1:]]
    publish(dsn, [journal("5.00", day=day)[0], *lines])
    report = send(dsn, port)
    assert (report.posted, report.rejected) == (0, 1)
    code = rows(dsn, "select last_error_code from post.entry")
    assert code == [("ERP_UNKNOWN_CODE",)]
    assert effective(port, day) == []


def test_a_draft_left_between_create_and_post_is_finished(dsn, port, monkeypatch):
    day = "2026-02-08"
    publish(dsn, journal("60.00", day=day))
    finish = tryton_journals.Journals._post_draft
    cuts = iter([True])

    def cut_once(self, document_id):
        if next(cuts, False):
            raise ErpAnswerLost("cut between create and post")
        return finish(self, document_id)

    monkeypatch.setattr(tryton_journals.Journals, "_post_draft", cut_once)
    assert send(dsn, port).posted == 1
    assert len(effective(port, day)) == 1
    assert on_day(reconcile(dsn, port), day) == []


def test_a_draft_with_other_content_is_replaced(dsn, port):
    day = "2026-02-15"
    publish(dsn, journal("70.00", day=day))
    propose(dsn)
    release(dsn)
    wanted = _document(dsn)
    changed = dataclasses.replace(
        wanted,
        lines=tuple(
            dataclasses.replace(line, amount_cents=line.amount_cents * 2)
            for line in wanted.lines
        ),
    )
    _leave_draft(port, changed)
    assert port.find(wanted)[0].is_effective is False
    assert port.post_journal(wanted, is_resend=True).status == 200
    (found,) = effective(port, day)
    assert found.document.total_cents == 7000
    # The entry was never sent by the outbox: the first try finds the document.
    assert drain(dsn, port, POLICY).posted == 1


def _document(dsn):
    from ledgerline.posting.document import from_payload

    ((payload,),) = rows(dsn, "select payload from post.entry")
    return from_payload(payload)


def _leave_draft(port, document):
    values = port._journals._values(erp_journal(document))
    port._client.create("account.move", values, ["id"])


def test_a_process_killed_between_create_and_post_doubles_nothing(dsn, erp, port):
    day = "2026-02-22"
    publish(dsn, [*journal("80.00", day=day), *journal("9.00", day=day, kind="late")])
    propose(dsn)
    release(dsn)
    endpoint = {**dataclasses.asdict(erp.endpoint())}
    killed = subprocess.run(
        [
            *(sys.executable, "-m", "tests.integration.posting.tryton_drain_process"),
            *(dsn, json.dumps(endpoint)),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'include'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert states(dsn) == {"SENDING": 2}, "attempts of a batch are written ahead"
    assert drain(dsn, port, POLICY).posted == 2
    assert sorted(found.document.total_cents for found in effective(port, day)) == [
        900,
        8000,
    ]
    assert on_day(reconcile(dsn, port), day) == []


def test_a_cost_object_removed_in_the_erp_is_found(dsn, erp, port):
    day = "2026-03-01"
    publish(dsn, journal("90.00", day=day))
    assert send(dsn, port).posted == 1
    ((number,),) = rows(dsn, "select erp_document from post.entry")
    with erp.administrator() as admin:
        model = "analytic_account.line"
        lines = admin.find(model, [["move_line.move.number", "=", number]], ["id"])
        admin.call(model, "delete", [line["id"] for line in lines])
    report = reconcile(dsn, port)
    assert [line.break_name for line in on_day(report, day)] == ["CONTENT_DIFFERS"]
    off = [line for line in report.breaks if line.key.scope == "cost_object"]
    assert Decimal("-90.00") in {line.difference for line in off}
