"""Torture: real processes and a real PostgreSQL are killed while they post.

`python -m tests.integration.posting.torture POSTINGS [PROFILE …]` is the long form.
"""

import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from ledgerline.canonical.errors import LedgerlineError
from ledgerline.posting import propose, release
from ledgerline.posting.port import Identity
from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.store.migrate import migrate
from tests.conftest import free_port
from tests.integration.posting.stub_erp import FAULTS, Erp, running
from tests.integration.posting.warehouse import journal, publish, rows, states

ROOT = Path(__file__).resolve().parents[3]
FACILITIES = ("MVH", "LGH", "NRC")
DAYS = 7


@dataclass(kw_only=True)
class Torture:
    """One profile's run over a PostgreSQL of its own."""

    server: EmbeddedPostgres
    dsn: str
    identity: Identity
    postings: int
    kills: int
    database_kills: int
    fault_rate: float
    seed: int = 1
    workers: int = 2
    killed: int = 0
    database_killed: int = 0
    running: list = field(default_factory=list)

    def run(self):
        """Post everything under faults and kills; return the ERP and its faults."""
        propose_many(self.dsn, self.postings)
        may_double = self.identity is not Identity.NONE
        faults = FAULTS if may_double else tuple(f for f in FAULTS if f != "twice")
        erp = Erp(self.seed, self.fault_rate, faults, self.identity)
        with running(erp) as port:
            self.running = [self._worker(port) for _ in range(self.workers)]
            try:
                self._disturb(erp, port)
            finally:
                for process in self.running:
                    process.kill()
                    process.wait()
        return erp

    def _worker(self, port):
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.integration.posting.torture_drain"),
                *(self.dsn, str(port), self.identity.value),
            ],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": f"{ROOT / 'include'}:{ROOT}"},
        )

    def _disturb(self, erp, port):
        """Kill at equal steps of the work, until every worker has come to its end."""
        luck = random.Random(self.seed)
        worker_kills = set(steps(self.postings, self.kills))
        database_kills = set(steps(self.postings, self.database_kills))
        while any(process.poll() is None for process in self.running):
            time.sleep(0.02)
            done = len(erp.documents)
            if due := {step for step in worker_kills if step <= done}:
                worker_kills -= due
                for _ in due:
                    self._kill_worker(luck.randrange(self.workers), port)
            if due := {step for step in database_kills if step <= done}:
                database_kills -= due
                self._kill_database()

    def _kill_worker(self, which, port):
        process = self.running[which]
        process.kill()
        self.killed += process.wait() == -signal.SIGKILL
        self.running[which] = self._worker(port)

    def _kill_database(self):
        pid = int((self.server.data / "postmaster.pid").read_text().split("\n")[0])
        os.kill(pid, signal.SIGKILL)
        self.database_killed += 1
        for _ in range(60):
            time.sleep(0.5)
            try:
                return self.server.start()
            except LedgerlineError:
                continue
        raise AssertionError("PostgreSQL does not come back")


def steps(total, count):
    return [total * number // (count + 1) for number in range(1, count + 1)]


def propose_many(dsn, postings):
    lines = []
    for number in range(postings):
        kind = f"kind_{number // (DAYS * len(FACILITIES))}"
        facility = FACILITIES[number % len(FACILITIES)]
        day = f"2026-01-{1 + number // len(FACILITIES) % DAYS:02}"
        amount = f"{number + 1}.37"
        lines += journal(amount, facility, day, kind)
    publish(dsn, lines)
    # What stood behind an entry is not sent, and linking it takes longer than sending.
    with psycopg.connect(dsn) as connection:
        connection.execute("truncate outbound.out_journal_fact")
    propose(dsn)
    release(dsn)


def faults_of(dsn, erp):
    """What is lost, doubled, wrong or out of order, as counts."""
    entries = rows(
        dsn,
        "select 'LL|' || natural_key, erp_document, payload_sha256, order_key, "
        "total_amount_cents from post.entry where state = 'POSTED' "
        "order by order_sequence",
    )
    held = {}
    for document in erp.effective:
        held.setdefault(document["payload"]["reference"], []).append(document)
    arrived = {id(document): at for at, document in enumerate(erp.documents)}
    newest, late = {}, 0
    for reference, _, _, key, _ in entries:
        at = arrived[id(held[reference][0])] if reference in held else -1
        late += at < newest.get(key, -1)
        newest[key] = max(at, newest.get(key, -1))
    ledger = rows(dsn, "select coalesce(sum(amount_cents), 0) from post.ledger")
    proposed = rows(dsn, "select sum(total_amount_cents), count(*) from post.entry")
    in_erp = sum(
        max(line["amount_cents"], 0)
        for document in erp.effective
        for line in document["payload"]["lines"]
    )
    return {
        "lost": proposed[0][1] - len(held.keys() & {entry[0] for entry in entries}),
        "doubled": len(erp.effective) - len(held),
        "wrong": sum(
            (number, sha)
            != (held[key][0]["erp_document"], Erp._shown(held[key][0])["sha"])
            for key, number, sha, *_ in entries
            if key in held
        ),
        "out of order": late,
        "cents off": abs(int(ledger[0][0]) - int(proposed[0][0]))
        + abs(in_erp - int(proposed[0][0])),
        "broken audit events": len(rows(dsn, "select * from audit.broken_event()")),
    }


def torture(folder, identity, postings, **options):
    """Run one profile over a PostgreSQL of its own; return its figures and faults."""
    server = EmbeddedPostgres(folder, free_port(), "torture")
    with ExitStack() as stack:
        server.start()
        stack.callback(server.stop)
        server.create_database("torture")
        dsn = server.dsn("torture")
        migrate(dsn)
        run = Torture(
            server=server, dsn=dsn, identity=identity, postings=postings, **options
        )
        began = time.monotonic()
        erp = run.run()
        figures = {
            "profile": identity.value,
            "postings": states(dsn).get("POSTED", 0),
            "HTTP faults": sum(erp.hits.values()),
            "SIGKILLs": run.killed,
            "PostgreSQL kills": run.database_killed,
            "seconds": round(time.monotonic() - began),
        }
        return figures, faults_of(dsn, erp)


def main():
    postings = int(sys.argv[1])
    options = {
        "kills": 25,
        "database_kills": 3,
        "fault_rate": max(0.03, 300 / postings),
    }
    for profile in sys.argv[2:] or list(Identity):
        with tempfile.TemporaryDirectory(prefix="torture_") as folder:
            found = torture(Path(folder), Identity(profile), postings, **options)
        print(*found, flush=True)
        if any(found[1].values()):
            sys.exit(1)


if __name__ == "__main__":
    main()
