"""Posting by files: batches out, acknowledgements back, nothing twice."""

import itertools
import json
import threading
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid, SourceMissing
from ledgerline.orchestration.sources import erp_port
from ledgerline.posting import Policy, drain, propose, release
from ledgerline.posting.document import content_sha256
from ledgerline.posting.file_job import FileErp, drop
from ledgerline.posting.file_job.adapter import AcknowledgementAwaited
from ledgerline.posting.port import Answer
from ledgerline.reconciliation import reconcile
from tests.integration.posting import warehouse
from tests.integration.posting.adapter_contract import (
    AdapterContract,
    held,
    journal,
    send,
    settle,
)
from tests.integration.posting.job_erp import JobErp
from tests.integration.posting.warehouse import publish, rows, states

pytestmark = pytest.mark.integration
POLICY = Policy(
    call_seconds=1,
    lease_seconds=3,
    quiet_seconds=0.2,
    backoff_seconds=0.05,
    backoff_limit_seconds=0.2,
    patience_seconds=20,
    poll_seconds=0.1,
)
DAY = "2026-01-11"


@dataclass
class Subject:
    erp: JobErp
    port: FileErp
    nowhere: FileErp
    days: object

    def let_work(self):
        self.port._drop.close_batch()
        self.erp.run()

    def let_tell(self):
        self.erp.tell()


@pytest.fixture
def subject(tmp_path):
    erp = JobErp(tmp_path)
    port = FileErp(erp.endpoint())
    port.check()
    nowhere = FileErp(JobErp(tmp_path / "gone").endpoint())
    start = date(2026, 1, 1)
    days = ((start + timedelta(days=n)).isoformat() for n in itertools.count())
    return Subject(erp, port, nowhere, days)


class TestFileErp(AdapterContract):
    """The file adapter keeps the contract of every adapter."""


@pytest.mark.parametrize("extra", [{}, {"adapter": "file"}])
def test_the_connection_chooses_the_adapter(tmp_path, extra):
    kind = "http" if extra else "fs"
    extra = {**extra, "path": str(tmp_path)}
    endpoint = Endpoint(conn_id="erp", conn_type=kind, extra=extra)
    assert isinstance(erp_port(endpoint), FileErp)


def test_a_connection_without_a_folder_is_named():
    with pytest.raises(ConfigurationInvalid, match="name its drop folder as path"):
        FileErp(Endpoint(conn_id="erp", conn_type="fs"))


def test_a_folder_that_is_gone_is_named(tmp_path):
    with pytest.raises(SourceMissing, match="create it"):
        FileErp(JobErp(tmp_path / "gone").endpoint()).check()


def in_one_batch(subject, *documents):
    for document in documents:
        assert send(subject.port, document).status == 202
    subject.port._drop.close_batch()


def test_a_batch_can_be_taken_in_part(subject):
    good, bad = journal("2026-01-11"), journal("2026-01-18", account="99999")
    in_one_batch(subject, good, bad)
    subject.erp.run()
    assert [batch["count"] for batch in subject.erp.batches] == [2]
    assert subject.port.find(good)[0].erp_document == "JOB1"
    assert subject.port.find(bad) == ()
    assert send(subject.port, bad, is_resend=True) == Answer(
        status=422, is_json=True, is_refusal=True, error_code="UNKNOWN_ACCOUNT"
    )
    assert send(subject.port, good, is_resend=True) == Answer(
        status=409,
        is_json=True,
        erp_document="JOB1",
        content_sha256=content_sha256(good),
    )
    assert subject.erp.run() == []


def test_a_full_batch_does_not_wait_to_be_asked_for(tmp_path):
    erp = JobErp(tmp_path)
    port = FileErp(erp.endpoint(batch_limit=2))
    port.check()
    for number in range(1, 6):
        send(port, journal(f"2026-01-0{number}"))
    erp.run()
    assert [batch["count"] for batch in erp.batches] == [2, 2]


@pytest.mark.parametrize("cut", [1, 40, "results"])
def test_an_acknowledgement_that_is_not_whole_says_nothing_yet(subject, cut):
    document = journal(DAY)
    in_one_batch(subject, document)
    (path,) = subject.erp.run()
    whole = path.read_text()
    short = json.dumps({**json.loads(whole), "results": []})
    path.write_text(short if cut == "results" else whole[:-cut])
    with pytest.raises(AcknowledgementAwaited):
        subject.port.find(document)
    path.write_text(whole)
    assert subject.port.find(document)[0].erp_document == "JOB1"


def test_an_acknowledgement_of_an_unknown_batch_is_not_believed(subject, caplog):
    document = journal(DAY)
    in_one_batch(subject, document)
    result = {
        "status": "accepted",
        "erp_document": "X1",
        "document": document.payload(),
    }
    subject.erp.acknowledge("LL-other", [result])
    with pytest.raises(AcknowledgementAwaited):
        subject.port.find(document)
    assert "ACKNOWLEDGEMENT_UNKNOWN: batch LL-other" in caplog.text
    assert held(subject, document) == []


def test_an_acknowledgement_that_came_twice_is_one(subject):
    document = journal(DAY)
    in_one_batch(subject, document)
    (path,) = subject.erp.run()
    path.with_name("again.json").write_text(path.read_text())
    assert len(subject.port.find(document)) == 1
    assert settle(subject, document, is_resend=True).erp_document == "JOB1"


def test_two_numbers_for_one_document_are_a_conflict(subject):
    document = journal(DAY)
    in_one_batch(subject, document)
    (path,) = subject.erp.run()
    other = path.read_text().replace("JOB1", "JOB2")
    path.with_name("other.json").write_text(other)
    assert len(subject.port.find(document)) == 2
    assert settle(subject, document, is_resend=True).state == "CONFLICT"


@pytest.mark.parametrize("place", ["sent", "jobs", "given"])
def test_a_process_that_dies_while_giving_a_batch_gives_it_once(
    subject, monkeypatch, place
):
    documents = [journal("2026-01-11"), journal("2026-01-18")]
    for document in documents:
        send(subject.port, document)
    write = drop._write_text
    passed = []

    def die(path: Path, text):
        write(path, text)
        if path.parent.name == place and not passed:
            passed.append(path)
            raise KeyboardInterrupt

    monkeypatch.setattr(drop, "_write_text", die)
    with pytest.raises(KeyboardInterrupt):
        subject.port._drop.close_batch()
    subject.erp.run()
    later = replace(documents[0], reference="LL|contract|MVH|2026-01-25|-|v1")
    for document in (*documents, later):
        assert settle(subject, document, is_resend=True).state == "POSTED"
    assert len(subject.erp.held) == 3
    assert [len(held(subject, document)) for document in documents] == [1, 1]


def drained(dsn, erp, **changes):
    """Drain while the ERP's job runs every now and then."""
    is_over = threading.Event()

    def work():
        while not is_over.wait(0.05):
            erp.run()

    job = threading.Thread(target=work)
    job.start()
    try:
        return drain(dsn, FileErp(erp.endpoint()), replace(POLICY, **changes))
    finally:
        is_over.set()
        job.join()


def test_published_rows_become_documents_that_reconcile(dsn, tmp_path):
    erp = JobErp(tmp_path)
    FileErp(erp.endpoint()).check()
    lines = [
        *warehouse.journal("100.10"),
        *warehouse.journal("7.05", "LGH"),
        *warehouse.journal("9.00", day="2026-01-18"),
    ]
    publish(dsn, lines, warehouse.stock("3"))
    propose(dsn)
    release(dsn)
    assert drained(dsn, erp).posted == 4
    assert drained(dsn, erp).posted == 0
    assert states(dsn) == {"POSTED": 4}
    assert reconcile(dsn, FileErp(erp.endpoint())).is_even


def test_what_the_job_rejects_is_rejected_with_its_reason(dsn, tmp_path):
    erp = JobErp(tmp_path)
    FileErp(erp.endpoint()).check()
    first, second = warehouse.journal("5.00")
    bad = (*second[:4], "99999", *second[5:])
    publish(dsn, [first, bad, *warehouse.journal("6.00", "LGH")])
    propose(dsn)
    release(dsn)
    report = drained(dsn, erp)
    assert (report.posted, report.rejected) == (1, 1)
    found = rows(dsn, "select last_error_code from post.entry where state = 'REJECTED'")
    assert found == [("UNKNOWN_ACCOUNT",)]


def test_an_acknowledgement_that_never_comes_is_given_up_and_never_sent_again(
    dsn, tmp_path
):
    publish(dsn, warehouse.journal("5.00"))
    propose(dsn)
    release(dsn)
    erp = JobErp(tmp_path)
    changes = {"age_limit_seconds": 0.5}
    report = drain(dsn, FileErp(erp.endpoint()), replace(POLICY, **changes))
    assert (report.posted, report.dead) == (0, 1)
    assert states(dsn) == {"DEAD": 1}
    assert len(list((tmp_path / "jobs").iterdir())) == 1
