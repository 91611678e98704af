"""Seconds from the acknowledgement of a discharge to its document in the ERP.

`python bench/discharges.py [EVENTS A_SECOND]` (60 1) makes a sandbox hospital with its
real Tryton (ten minutes; LEDGERLINE_BENCH_HOME keeps it for the next time), starts what
`ledgerline up` starts, and sends that many outpatient visits (A04, A03) over MLLP.
Their claims landed before and are held, because nobody knows the department that is to
have the revenue: the discharge frees it. Printed are the time until the document is
in the ERP, where it goes, and whether outbox, ledger and ERP agree when read back.
"""

from __future__ import annotations

import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT)]

import psycopg

from bench.events import exchange
from ledgerline import settings
from ledgerline.runtime.warehouse import role_dsn
from tests.conftest import free_port_base

GOAL = 10.0
COLD_SECONDS, WARM_SECONDS = 1500, 300
AT = "20260101100100+0000"
MESSAGE = (
    "MSH|^~\\&|EPICENTER|LGH|LEDGERLINE|NETWORK|{at}||ADT^{trigger}^ADT_A01|"
    "{trigger}{number}|P|2.5.1\r"
    "EVN|{trigger}|{at}||||{at}\r"
    "PID|1||M{number}^^^LGH^MR|||||F||||||||||{number}^^^LGH^AN\r"
    "PV1|1|O|PRIMCARE^^^LGH|||||||PRIMCARE|||||||||{number}^^^LGH^VN"
    "|||||||||||||||||||||||||{at}|{at}\r"
)
# What the account's charges came to: the first document that has them, and its way.
POSTED = """
with fact as (
    select
        split_part(charge.claim_id, '|', 2) as account,
        journal.journal_fact_id
    from conformed.fct_charge as charge
    inner join outbound.out_journal_fact as journal
        on journal.fact_name = 'fct_charge' and charge.charge_id = journal.fact_id
    where split_part(charge.claim_id, '|', 2) = any(%(accounts)s)
),

posted as (
    select distinct on (fact.account)
        fact.account, entry.publication_id, ledger.posted_at
    from fact
    inner join post.entry_fact as linked using (journal_fact_id)
    inner join post.entry as entry
        on linked.entry_id = entry.entry_id and entry.hold_class = ''
    inner join post.ledger as ledger on entry.entry_id = ledger.entry_id
    order by fact.account, ledger.posted_at
)

select
    posted.account,
    (
        select min(event.emitted_at) from ops.event as event
        where event.subject_id = posted.account
    ),
    (
        select min(result.checked_at) from ops.check_result as result
        where result.run_id = decision.run_id and result.engine = 'dbt'
    ),
    (
        select max(result.checked_at) from ops.check_result as result
        where result.run_id = decision.run_id and result.engine = 'dbt'
    ),
    (
        select max(result.checked_at) from ops.check_result as result
        where result.run_id = decision.run_id and result.engine = 'gx'
    ),
    decision.decided_at,
    publication.published_at,
    posted.posted_at
from posted
inner join ops.publication as publication using (publication_id)
inner join ops.gate_decision as decision using (decision_id)
"""
STEPS = (
    "waits for the build before; known as an event",
    "staging is built",
    "models are built",
    "suites are asked",
    "verdict",
    "published",
    "posted in the ERP",
)
OPEN_RUNS = "select count(*) from dag_run where state in ('queued', 'running')"


def claims(folder: Path, numbers: list[str], control: int) -> str:
    """Write claims like the first outpatient one, for these accounts."""
    first = min(folder.glob("LGH_837P_*.edi"))
    parts = [part.strip() for part in first.read_text().split("~") if part.strip()]
    opened = next(i for i, part in enumerate(parts) if part.startswith("HL*2*"))
    ended = next(i for i, part in enumerate(parts) if part.startswith("HL*3*"))
    head, claim = parts[:opened], parts[opened:ended]
    account = next(p for p in claim if p.startswith("CLM*")).split("*")[1]
    body = [
        re.sub(r"^(HL\*)2", rf"\g<1>{n + 2}", part.replace(account, number))
        for n, number in enumerate(numbers)
        for part in claim
    ]
    set_number = head[2].split("*")[2]
    group = head[1].split("*")[6]
    head[0] = "*".join([*head[0].split("*")[:13], f"{control:09d}", "0", "T", ":"])
    tail = [
        f"SE*{len(head) - 2 + len(body) + 1}*{set_number}",
        f"GE*1*{group}",
        f"IEA*1*{control:09d}",
    ]
    return "".join(f"{part}~\n" for part in (*head, *body, *tail))


class Stack:
    """A sandbox hospital that runs, and the accounts whose claims wait in it."""

    def __init__(self, home: Path, count: int, given: Mapping[str, str]) -> None:
        self.environment = {
            "LEDGERLINE_PORT_BASE": str(free_port_base()),
            **given,
            "LEDGERLINE_HOME": str(home),
            "LEDGERLINE_INCREMENTS": "1",
            "PYTHONPATH": str(ROOT / "include"),
        }
        self.settings = settings.load(self.environment)
        stamp = int(time.time())
        self.accounts = [f"B{stamp}N{n:04d}" for n in range(count + 2)]
        self.control = stamp % 1_000_000_000
        self.dsn = ""

    def ledgerline(self, *command: str) -> int:
        """Run a command of the product; return its exit code."""
        program = [sys.executable, "-m", "ledgerline.cli", *command]
        done = subprocess.run(
            program,
            env=self.environment,
            stdout=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            print(done.stdout[-2000:])
        return done.returncode

    def start(self) -> None:
        """Make the hospital with claims that wait, and start the long-running stack."""
        folder = self.settings.home / "sandbox" / "billing"
        if not folder.exists():
            assert self.ledgerline("prepare") == 0
        text = claims(folder, self.accounts, self.control)
        (folder / f"LGH_837P_{self.accounts[0]}.edi").write_text(text)
        assert self.ledgerline("run") == 0
        assert self.ledgerline("up") == 0
        self.dsn = role_dsn(self.settings, "owner")
        self.until(self.is_quiet, WARM_SECONDS)

    def until(self, is_so, seconds: float) -> bool:
        """Wait until something is so; return whether it came."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if is_so():
                return True
            time.sleep(1)
        return False

    def is_quiet(self) -> bool:
        """Tell whether no DAG of Airflow runs, and none is about to."""
        time.sleep(5)
        with psycopg.connect(self.dsn, dbname="airflow") as at:
            return at.execute(OPEN_RUNS).fetchone() == (0,)

    def posted(self, accounts: list[str]) -> dict[str, list[datetime]]:
        """Return when each account was at each step, once it is in the ERP."""
        with psycopg.connect(self.dsn) as connection:
            rows = connection.execute(POSTED, {"accounts": accounts}).fetchall()
        return {row[0]: list(row[1:]) for row in rows}

    def discharge(
        self, accounts: list[str], a_second: float, twice_every: int | None = None
    ) -> dict[str, float]:
        """Send visits at a rate; return when each discharge was acknowledged.

        Of so many visits, the discharge of the first is sent twice.
        """
        acknowledged = {}
        with socket.create_connection(("127.0.0.1", self.settings.mllp_port)) as plug:
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            began = time.time()
            for n, account in enumerate(accounts):
                time.sleep(max(began + n / a_second - time.time(), 0))
                again = ("A03",) if twice_every and n % twice_every == 0 else ()
                for trigger in ("A04", "A03", *again):
                    text = MESSAGE.format(at=AT, trigger=trigger, number=account)
                    exchange(plug, text)
                acknowledged[account] = time.time()
        return acknowledged

    def warm(self) -> None:
        """Let dbt make the plan of an increment, and a second one run it."""
        for account, seconds in zip(
            self.accounts[:2], (COLD_SECONDS, WARM_SECONDS), strict=True
        ):
            begun = next(iter(self.discharge([account], 1).values()))
            assert self.until(lambda a=account: self.posted([a]), seconds), account
            (steps,) = self.posted([account]).values()
            print(f"discharges: one by itself {steps[-1].timestamp() - begun:.1f} s")


def report(acknowledged: dict[str, float], posted: dict[str, list[datetime]]) -> int:
    """Print the waits and where they went; return 1 when a document is missing."""
    waits = sorted(posted[a][-1].timestamp() - acknowledged[a] for a in posted)
    lost = len(acknowledged) - len(posted)
    print(f"discharges: {len(acknowledged)} acknowledged, {lost} not posted")
    if not waits:
        return 1
    p95 = waits[min(int(len(waits) * 0.95), len(waits) - 1)]
    print(
        f"discharges: from acknowledgement to the ERP's document "
        f"{statistics.median(waits):.1f} s, p95 {p95:.1f} s, most {waits[-1]:.1f} s "
        f"(goal: p95 {GOAL:g} s); "
        f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores"
    )
    for n, step in enumerate(STEPS):
        spent = []
        for account, times in posted.items():
            before = times[n - 1].timestamp() if n else acknowledged[account]
            spent.append(times[n].timestamp() - before)
        print(f"  {step:<46} {statistics.median(spent):6.2f} s")
    return 1 if lost else 0


def main(count: int = 60, a_second: float = 1.0) -> int:
    """Start everything, measure, stop everything."""
    kept = os.environ.get("LEDGERLINE_BENCH_HOME")
    home = Path(kept or tempfile.mkdtemp(prefix="bench_discharges_"))
    home.chmod(0o755)
    stack = Stack(home, count, os.environ)
    try:
        stack.start()
        stack.warm()
        accounts = stack.accounts[2:]
        acknowledged = stack.discharge(accounts, a_second)
        stack.until(lambda: len(stack.posted(accounts)) == count, WARM_SECONDS)
        missed = report(acknowledged, stack.posted(accounts))
        differs = stack.ledgerline("reconcile")
        print(f"discharges: outbox, ledger and ERP {'differ' if differs else 'agree'}")
        return missed or differs
    finally:
        stack.ledgerline("down")


if __name__ == "__main__":
    given = sys.argv[1:3]
    sys.exit(
        main(*(kind(text) for kind, text in zip((int, float), given, strict=False)))
    )
