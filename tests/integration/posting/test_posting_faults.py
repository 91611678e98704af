"""Nothing is lost and nothing is doubled: faults, kills and races over real parts."""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.posting import drain, propose, release
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.warehouse import journal, publish, rows, states, stock

pytestmark = pytest.mark.integration
ROOT = Path(__file__).resolve().parents[3]
LABELS = (
    *("claimed", "written_ahead", "answered", "in_posted_transaction", "moved"),
    "read_back",
)


def propose_days(dsn, days):
    """A journal and a stock issue a day, over three facilities."""
    lines, issues = [], []
    for number in range(days):
        day = f"2026-{1 + number // 28:02}-{1 + number % 28:02}"
        facility = ("MVH", "LGH", "NRC")[number % 3]
        lines += journal(f"{number + 1}.37", facility, day)
        issues += stock(number + 1, facility=facility, day=day, lot="L1")
    publish(dsn, lines, issues)
    propose(dsn)
    release(dsn)


def assert_exactly_once(dsn, erp):
    """Outbox = ledger = ERP: by reference, number, content and order."""
    entries = rows(
        dsn,
        "select 'LL|' || natural_key, erp_document, payload_sha256, state "
        "from post.entry order by order_key, order_sequence",
    )
    assert {state for *_, state in entries} == {"POSTED"}
    held = [(d["payload"]["reference"], d["erp_document"]) for d in erp.effective]
    assert sorted(held) == sorted((key, number) for key, number, *_ in entries)
    hashes = {d["payload"]["reference"]: erp._shown(d)["sha"] for d in erp.effective}
    assert hashes == {key: sha for key, _, sha, _ in entries}
    ledger = rows(dsn, "select sum(amount_cents), count(*) from post.ledger")
    proposed = rows(dsn, "select sum(total_amount_cents), count(*) from post.entry")
    assert ledger == proposed
    unresolved = rows(dsn, "select count(*) from post.attempt where ended_at is null")
    assert unresolved == [(0,)]
    assert rows(dsn, "select * from audit.broken_event()") == []


@pytest.mark.parametrize("seed", [1, 2])
def test_a_bad_network_loses_and_doubles_nothing(dsn, seed):
    propose_days(dsn, 30)
    erp = Erp(seed=seed, fault_rate=0.35)
    with running(erp) as port, ThreadPoolExecutor(2) as pool:
        workers = [pool.submit(drain, dsn, StubPort(port), POLICY) for _ in range(2)]
        for worker in workers:
            try:
                worker.result()
            except SourceUnavailable:
                continue
        erp.fault_rate = 0
        drain(dsn, StubPort(port), POLICY)
    print(f"seed {seed}: {sum(erp.hits.values())} faults {erp.hits}")
    assert sum(erp.hits.values()) >= 12
    assert_exactly_once(dsn, erp)


@pytest.mark.parametrize("label", LABELS)
def test_a_drain_that_is_killed_is_finished_by_the_next(dsn, label):
    propose_days(dsn, 3)
    # The first answer is lost, so that there is something to read back.
    faults = ("drop_after",) if label == "read_back" else ("slow_after",)
    erp = Erp(fault_rate=1.0 if label == "read_back" else 0.0, faults=faults)
    with running(erp) as port:
        killed = run_until_killed(dsn, port, label, number=1)
        assert killed.returncode == -signal.SIGKILL, killed.stderr
        erp.fault_rate = 0.0
        second = run_until_killed(dsn, port, label, number=2)
        assert second.returncode in {0, -signal.SIGKILL}, second.stderr
        drain(dsn, StubPort(port), POLICY)
    assert_exactly_once(dsn, erp)


def run_until_killed(dsn, port, label, number):
    return subprocess.run(
        [
            *(sys.executable, "-m", "tests.integration.posting.drain_process"),
            *(dsn, str(port), label, str(number)),
        ],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": f"{ROOT / 'include'}:{ROOT}"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_killed_database_session_leaves_everything_recoverable(dsn):
    propose_days(dsn, 6)
    erp = Erp()
    original = erp.commit

    def commit_and_cut(payload, **options):
        answer = original(payload, **options)
        if len(erp.documents) == 3:
            with psycopg.connect(dsn, autocommit=True) as admin:
                admin.execute(
                    "select pg_terminate_backend(pid) from pg_stat_activity "
                    "where datname = current_database() and pid <> pg_backend_pid()"
                )
        return answer

    erp.commit = commit_and_cut
    with running(erp) as port:
        with pytest.raises(SourceUnavailable, match="run the same again"):
            drain(dsn, StubPort(port), POLICY)
        erp.commit = original
        drain(dsn, StubPort(port), POLICY)
    assert_exactly_once(dsn, erp)


def test_another_document_under_our_reference_is_a_conflict(dsn):
    publish(dsn, journal("5.00"))
    propose(dsn)
    release(dsn)
    ((payload,),) = rows(dsn, "select payload from post.entry")
    payload["lines"][0]["amount_cents"] = 700
    payload["lines"][1]["amount_cents"] = -700
    erp = Erp()
    erp.commit(payload)
    with running(erp) as port:
        report = drain(dsn, StubPort(port), POLICY)
    assert (report.posted, report.conflicts) == (0, 1)
    assert states(dsn) == {"CONFLICT": 1}
    assert rows(dsn, "select count(*) from post.ledger") == [(0,)]


def test_a_document_that_never_gets_through_dies_alone(dsn):
    publish(dsn, [*journal("5.00"), *journal("6.00", "LGH")])
    propose(dsn)
    release(dsn)
    erp = Erp()
    original = erp.commit
    erp.commit = lambda payload, **options: (
        (503, {}) if "MVH" in payload["reference"] else original(payload, **options)
    )
    policy = type(POLICY)(**{**vars(POLICY), "attempt_limit": 3})
    with running(erp) as port:
        report = drain(dsn, StubPort(port), policy)
    assert (report.posted, report.dead) == (1, 1)
    assert states(dsn) == {"POSTED": 1, "DEAD": 1}


def test_an_erp_that_is_down_costs_no_attempt(dsn):
    propose_days(dsn, 1)
    with running(Erp()) as port:
        pass
    with pytest.raises(SourceUnavailable):
        drain(dsn, StubPort(port), POLICY)
    assert states(dsn) == {"READY": 2}
