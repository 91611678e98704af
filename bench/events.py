"""Seconds from the acknowledgement of a discharge to the steps that are expected of it.

`python bench/events.py [A_SECOND SECONDS]` (50 20) sends admissions and discharges over
eight MLLP connections on loopback at that rate of discharges, every tenth of them
twice, to a listener with an embedded PostgreSQL. Another process is woken as Airflow's
triggerer is, and does what the task of `handle_events` does: it lands, folds and hands
over. Airflow's own share, and the build, are not in it. Every discharge must be one
event with steps.
"""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT)]

import psycopg

from bench.mllp import END, start
from ledgerline.connectors.mllp.framing import framed
from ledgerline.events.fold import fold_visits
from ledgerline.events.workflow.handle import handle_events
from ledgerline.events.workflow.wake_up import work_waits
from ledgerline.landing.inbox.source import InboxSource, has_mail
from ledgerline.landing.land import land
from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.store.migrate import migrate

PATIENCE = 60.0
CONNECTIONS = 8
STEPS = """
select event.subject_id, min(step.expected_at)
from ops.event as event
inner join ops.expected_step as step using (event_id)
where event.kind = 'encounter_completed'
group by event.subject_id
"""
MESSAGE = (
    "MSH|^~\\&|ADT|MVH|LEDGERLINE|NET|{at}||ADT^{trigger}^ADT_A01|{trigger}{number}|P|"
    "2.5.1\rEVN|{trigger}|{at}\r"
    "PID|1||{number}^^^MVH^MR|||||F||||||||||V{number}^^^MVH^AN\r"
    "PV1|1|I|ICU^{number}^A^MVH||||||||||||||||V{number}^^^MVH^VN\r"
)


async def consume(dsn: str) -> None:
    """Do what `handle_events` does, each time that something waits."""
    print("ready", flush=True)
    async for _ in work_waits(dsn):
        await asyncio.to_thread(drain, dsn)


def drain(dsn: str) -> None:
    """Land and fold the inbox, and hand over its events."""
    if has_mail(dsn):
        land(dsn, InboxSource(dsn))
    fold_visits(dsn)
    handle_events(dsn)


def send(port: int, a_second: float, seconds: float) -> dict[str, float]:
    """Send visits at a rate; return by visit when its discharge was acknowledged.

    Each visit has its connection: a sender keeps the order of one visit's messages.
    """
    began, count = time.time(), int(a_second * seconds)

    def send_some(first: int) -> dict[str, float]:
        with socket.create_connection(("127.0.0.1", port)) as plug:
            plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return {
                f"V{number}": send_visit(plug, number, began + number / a_second)
                for number in range(first, count, CONNECTIONS)
            }

    with ThreadPoolExecutor(CONNECTIONS) as pool:
        parts = list(pool.map(send_some, range(CONNECTIONS)))
    spent = time.time() - began
    print(f"events: {count} discharges sent in {spent:.0f} s, {count / spent:.1f}/s")
    return {visit: at for part in parts for visit, at in part.items()}


def send_visit(plug: socket.socket, number: int, due: float) -> float:
    """Send a visit at its time; return when its discharge was acknowledged."""
    time.sleep(max(due - time.time(), 0))
    at = datetime.now(UTC).strftime("%Y%m%d%H%M%S+0000")
    admission, discharge = (
        MESSAGE.format(at=at, trigger=trigger, number=number)
        for trigger in ("A01", "A03")
    )
    exchange(plug, admission)
    exchange(plug, discharge)
    acknowledged = time.time()
    if number % 10 == 0:
        exchange(plug, discharge)
    return acknowledged


def exchange(plug: socket.socket, text: str) -> None:
    """Send one message and wait for its acknowledgement."""
    plug.sendall(framed(text.encode()))
    answer = b""
    while not answer.endswith(END):
        answer += plug.recv(65536)
    assert b"\rMSA|AA|" in answer, answer


def await_steps(dsn: str, wanted: int) -> dict[str, float]:
    """Return by visit when its first step was expected, once all are or never will."""
    deadline = time.time() + PATIENCE
    with psycopg.connect(dsn, autocommit=True) as connection:
        while True:
            rows = connection.execute(STEPS).fetchall()
            if len(rows) >= wanted or time.time() > deadline:
                return {visit: at.timestamp() for visit, at in rows}
            time.sleep(0.5)


def report(dsn: str, port: int, a_second: float, seconds: float) -> int:
    """Send, wait, print; return 1 when a discharge is lost or said twice."""
    acknowledged = send(port, a_second, seconds)
    expected = await_steps(dsn, len(acknowledged))
    with psycopg.connect(dsn) as connection:
        (events,) = connection.execute(
            "select count(*) from ops.event where kind = 'encounter_completed'"
        ).fetchone()
    waits = sorted(
        max(expected[visit] - at, 0)
        for visit, at in acknowledged.items()
        if visit in expected
    )
    lost = len(acknowledged) - len(waits)
    doubled = events - len(expected)
    p95 = waits[int(len(waits) * 0.95)]
    print(
        f"events, {a_second:g} discharges/s for {seconds:g} s: from acknowledgement to "
        f"expected steps {statistics.median(waits):.2f} s, p95 {p95:.2f} s, "
        f"most {waits[-1]:.2f} s"
    )
    print(
        f"events: {len(acknowledged)} acknowledged, {lost} lost, {doubled} said twice"
    )
    return 1 if lost or doubled else 0


def main(a_second: float = 50, seconds: float = 20) -> int:
    """Start everything, measure, stop everything."""
    folder = Path(tempfile.mkdtemp(prefix="bench_events_"))
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        free = probe.getsockname()[1]
    postgres = EmbeddedPostgres(folder, free, secrets.token_urlsafe(12))
    servers = []
    try:
        postgres.start()
        postgres.create_database("bench")
        dsn = postgres.dsn("bench")
        migrate(dsn)
        listener, port = start(dsn)
        servers.append(listener)
        consumer = subprocess.Popen(
            [sys.executable, __file__, "consume", dsn], stdout=subprocess.PIPE
        )
        servers.append(consumer)
        consumer.stdout.readline()
        return report(dsn, port, a_second, seconds)
    finally:
        for server in servers:
            server.kill()
            server.wait()
        postgres.stop()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["consume"]:
        asyncio.run(consume(sys.argv[2]))
    else:
        sys.exit(main(*map(float, sys.argv[1:3])))
