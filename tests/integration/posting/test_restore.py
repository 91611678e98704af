"""A warehouse restored to before some postings adopts them from the ERP."""

import os
import secrets
import shutil
import subprocess
import sys
import time
from datetime import UTC, datetime

import psutil
import psycopg
import pytest

from ledgerline import settings as settings_of
from ledgerline.posting import drain, propose, release
from ledgerline.posting.port import Identity
from ledgerline.posting.restored.adopt import adopt
from ledgerline.reconciliation.reconcile import reconcile
from ledgerline.runtime import stack
from ledgerline.runtime.backup.store import Backups
from ledgerline.store.migrate import migrate
from tests.conftest import discard, free_port_base
from tests.hospital import ROOT
from tests.integration.posting.stub_erp import POLICY, Erp, StubPort, running
from tests.integration.posting.test_posting_faults import assert_exactly_once
from tests.integration.posting.warehouse import journal, publish, rows, stock

pytestmark = pytest.mark.integration
RTO_SECONDS = 60


@pytest.fixture
def home(tmp_path, monkeypatch):
    """A home whose PostgreSQL runs, with an empty warehouse and no sandbox."""
    for name in [each for each in os.environ if "AIRFLOW" in each]:
        monkeypatch.delenv(name)
    folder = tmp_path / f"home {secrets.token_hex(2)}"
    monkeypatch.setenv("LEDGERLINE_HOME", str(folder))
    monkeypatch.setenv("LEDGERLINE_PORT_BASE", str(free_port_base()))
    monkeypatch.setenv("LEDGERLINE_SANDBOX", "0")
    folder.mkdir()
    settings = settings_of.load()
    server = stack.start_postgres(settings)
    migrate(server.dsn("ledgerline"))
    yield settings
    discard(server)
    shutil.rmtree(Backups.of(settings, server.account).folder, ignore_errors=True)


def command(*words):
    """Run `ledgerline` as a person does; return what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "ledgerline.cli", *words],
        env=os.environ | {"PYTHONPATH": str(ROOT / "include")},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def days(first, last, more=0):
    """A journal and a stock issue a day; `more` is added to each amount."""
    lines, issues = [], []
    for number in range(first, last):
        day = f"2026-01-{1 + number:02}"
        lines += journal(f"{number + 1 + more}.37", ("MVH", "LGH")[number % 2], day)
        issues += stock(number + 1 + more, facility="MVH", day=day, lot="L1")
    return lines, issues


def post(dsn, port, lines, issues):
    """One run of post_to_erp: publish, adopt if need be, propose, release, send."""
    publish(dsn, lines, issues)
    report = adopt(dsn, port, POLICY)
    propose(dsn)
    release(dsn)
    drain(dsn, port, POLICY)
    return report


def now():
    """A moment, with some time on both sides."""
    time.sleep(1.2)
    moment = datetime.now(UTC)
    time.sleep(1.2)
    return moment


@pytest.mark.long
@pytest.mark.parametrize("identity", list(Identity))
def test_what_was_posted_since_is_adopted_and_nothing_is_posted_twice(home, identity):
    dsn = stack.embedded_postgres(home).dsn("ledgerline")
    erp = Erp(identity=identity)
    with running(erp) as number:
        port = StubPort(number, identity)
        post(dsn, port, *days(0, 6))
        code, told = command("backup")
        assert code == 0, told
        post(dsn, port, *days(0, 10))
        moment = now()
        for last, more in ((14, 0), (14, 1), (18, 1)):
            post(dsn, port, *days(0, last, more))
        before = len(erp.documents)
        began = time.monotonic()
        code, told = command("restore", "--at", moment.isoformat())
        seconds = time.monotonic() - began
        assert code == 0, told
        remembered = rows(dsn, "select count(*) from post.ledger")[0][0]
        assert remembered < before

        report = post(dsn, port, *days(0, 18, more=1))

        assert report.adopted == before - remembered
        assert len(erp.documents) == before
        assert_exactly_once(dsn, erp)
        compared = reconcile(dsn, port)
    assert compared.is_even
    assert compared.difference_amount == 0
    print(
        f"{identity}: RTO {seconds:.1f} s; {before} documents in the ERP, {remembered} "
        f"remembered, {report.adopted} adopted, 0 lost, 0 doubled, "
        f"{compared.difference_amount:.2f} off"
    )
    assert seconds <= RTO_SECONDS


@pytest.mark.long
def test_a_restore_that_cannot_be_made_changes_nothing(home):
    server = stack.embedded_postgres(home)
    code, told = command("restore")
    assert code == 1
    assert "there is no backup" in told
    first = now()
    for _ in range(3):
        code, told = command("backup")
        assert code == 0, told
    backups = Backups.of(home, server.account)
    assert len(backups.bases()) == 2
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("create table kept as select 42 as answer")
    oldest, newest = backups.bases()
    archived = [each.name for each in backups.wal.iterdir() if len(each.name) == 24]
    assert min(archived) == oldest.first_wal
    spoilt = newest.folder / "PG_VERSION"
    content = spoilt.read_bytes()
    for words, complaint in (
        (("--at", first.isoformat()), "no backup was complete at"),
        (("--at", "2999-01-01T00:00:00"), "is yet to come"),
        ((), "PG_VERSION is not as it was written"),
    ):
        spoilt.write_bytes(b"99\n")
        code, told = command("restore", *words)
        assert code == 1
        assert complaint in told
    spoilt.write_bytes(content)
    later = now()
    server.stop()
    for segment in backups.wal.glob("0*"):
        segment.unlink()
    code, told = command("restore", "--at", later.isoformat())
    assert code == 1
    assert "nothing was changed" in told
    server.start()
    with psycopg.connect(server.dsn()) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)


@pytest.mark.long
def test_what_a_crash_left_unarchived_comes_back(home):
    server = stack.embedded_postgres(home)
    code, told = command("backup")
    assert code == 0, told
    with psycopg.connect(server.dsn(), autocommit=True) as connection:
        connection.execute("create table kept as select 42 as answer")
    postmaster = psutil.Process(
        int((server.data / "postmaster.pid").read_text().split("\n", 1)[0])
    )
    children = postmaster.children(recursive=True)
    postmaster.kill()
    psutil.wait_procs([postmaster, *children], timeout=30)
    code, told = command("restore")
    assert code == 0, told
    with psycopg.connect(server.dsn()) as connection:
        assert connection.execute("select answer from kept").fetchone() == (42,)
        assert connection.execute("select pg_is_in_recovery()").fetchone() == (False,)
