"""Acknowledged messages a second: received over MLLP, committed, answered CA.

Eight connections on loopback, PostgreSQL with synchronous commit. Windows: how many
messages a sender has unanswered at most. The bare server of the same shape reads and
answers as many frames and does nothing else. Messages a second depend on what else the
machine does; CPU time a message, of the listener and of PostgreSQL, hardly does.
"""

from __future__ import annotations

import asyncio
import secrets
import selectors
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

import psutil
import psycopg

from ledgerline.connectors.mllp.framing import framed
from ledgerline.connectors.mllp.listener import Listener
from ledgerline.connectors.mllp.terms import Limits, Terms
from ledgerline.landing.inbox.commit import Inbox
from ledgerline.runtime.postgres import EmbeddedPostgres
from ledgerline.store.migrate import migrate

CONNECTIONS = 8
ROUNDS = 5
SECONDS = 2.0
WINDOWS = (1, 16)
GOAL = 3_000
END = b"\x1c\r"
ACCEPTED = b"\rMSA|CA|"
ANSWER = framed(b"MSH|^~\\&|A|B|C|D|20260101||ACK|1|P|2.5.1" + ACCEPTED + b"1\r")
MESSAGE = (
    "MSH|^~\\&|EPICENTER|MVH|LEDGERLINE|NETWORK|20260301120000+0000||ADT^A01^ADT_A01|"
    "{number}|P|2.5.1|||AL|NE|USA|UNICODE UTF-8\r"
    "EVN|A01|20260301120000+0000\r"
    "PID|1||{number}^^^MVH^MR||DOE^JANE^Q||19610615|F||2106-3|1 MAIN ST^^TOWN^MA^02101|"
    "|(555)555-0100|||M|||MVH{number}||||||||||||N\r"
    "PV1|1|I|ICU^101^A^MVH||||1234567893^SMITH^JOHN^^^^^^NPI||||ICU||||||||"
    "MVH{number}||||||||||||||||||||||||||20260301120000+0000\r"
    "DG1|1||I21.9^Acute myocardial infarction, unspecified^I10|||A\r"
    "IN1|1|PLAN^GOLD|PAYER1|EXAMPLE HEALTH|||||||20260101||||DOE^JANE^Q|SELF\r"
)


async def serve(dsn: str) -> None:
    """Listen with a committing inbox, or answer bare where there is no DSN."""
    if not dsn:
        server = await asyncio.start_server(_answer_bare, "127.0.0.1", 0)
        print(server.sockets[0].getsockname()[1], flush=True)
        await server.serve_forever()
    inbox = Inbox(dsn)
    listener = Listener(Terms(commit=inbox.commit, limits=Limits()))
    print(await listener.start("127.0.0.1", 0), flush=True)
    await inbox.run()


async def _answer_bare(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    while data := await reader.read(128 * 1024):
        if ended := data.count(END):
            writer.write(ANSWER * ended)
            await writer.drain()
    writer.close()


class Sender:
    """One connection that keeps up to `window` messages unanswered."""

    def __init__(self, port: int, prefix: str, window: int) -> None:
        self.plug = socket.create_connection(("127.0.0.1", port))
        self.plug.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.prefix, self.sent, self.accepted, self.wrong = prefix, 0, 0, 0
        self.left = b""
        self.send(window)

    def send(self, count: int) -> None:
        """Send the next messages."""
        numbers = range(self.sent, self.sent + count)
        text = "".join(
            f"\x0b{MESSAGE.format(number=f'{self.prefix}{n}')}\x1c\r" for n in numbers
        )
        self.sent += count
        self.plug.sendall(text.encode())

    def take(self) -> int:
        """Receive; count and return the answers that came."""
        self.left += self.plug.recv(1 << 20)
        whole, _, self.left = self.left.rpartition(END)
        answers = whole.count(b"\x0b")
        accepted = whole.count(ACCEPTED)
        self.accepted += accepted
        self.wrong += answers - accepted
        return answers


def measure(port: int, window: int, label: str) -> tuple[float, int, int]:
    """Send for a while; return answers a second, accepted and wrong ones."""
    senders = [Sender(port, f"{label}{n}x", window) for n in range(CONNECTIONS)]
    with selectors.DefaultSelector() as ready:
        for sender in senders:
            ready.register(sender.plug, selectors.EVENT_READ, sender)
        start = time.perf_counter()
        while (spent := time.perf_counter() - start) < SECONDS:
            for key, _ in ready.select(1):
                key.data.send(key.data.take())
        rate = sum(sender.accepted for sender in senders) / spent
        for sender in senders:
            while sender.accepted + sender.wrong < sender.sent:
                sender.take()
            sender.plug.close()
    accepted = sum(sender.accepted for sender in senders)
    return rate, accepted, sum(sender.wrong for sender in senders)


def cpu_seconds(process_id: int) -> float:
    """Return what a process and its children used so far, user and system."""
    parent = psutil.Process(process_id)
    times = [one.cpu_times() for one in (parent, *parent.children())]
    return sum(time.user + time.system for time in times)


def costed(
    process_ids: list[int], port: int, window: int, label: str
) -> tuple[float, list[float], int, int]:
    """Measure, with the CPU time of processes.

    Returns answers a second, microseconds an answer in each process and its children,
    accepted and wrong answers.
    """
    before = [cpu_seconds(process_id) for process_id in process_ids]
    rate, accepted, wrong = measure(port, window, label)
    after = [cpu_seconds(process_id) for process_id in process_ids]
    spent = [
        (end - begin) / accepted * 1e6 for begin, end in zip(before, after, strict=True)
    ]
    return rate, spent, accepted, wrong


def start(dsn: str) -> tuple[subprocess.Popen[str], int]:
    """Start a server in a process of its own; return it and its port."""
    server = subprocess.Popen(
        [sys.executable, __file__, "serve", dsn], stdout=subprocess.PIPE, text=True
    )
    return server, int(server.stdout.readline() if server.stdout else 0)


def main() -> int:
    """Print the figures; return 1 when an acknowledged message is not stored."""
    folder = Path(tempfile.mkdtemp(prefix="bench_mllp_"))
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
        servers = [start(dsn), start("")]
        lock = postgres.data / "postmaster.pid"
        return report(dsn, int(lock.read_text().split()[0]), *servers)
    finally:
        for server, _ in servers:
            server.kill()
            server.wait()
        postgres.stop()
        shutil.rmtree(postgres.data.parent, ignore_errors=True)


def report(
    dsn: str,
    postmaster: int,
    listener: tuple[subprocess.Popen[str], int],
    bare: tuple[subprocess.Popen[str], int],
) -> int:
    """Measure both servers in turn, round by round; print and check."""
    accepted = measure(listener[1], 16, "warm")[1]
    wrong = 0
    for window in WINDOWS:
        rounds = []
        for number in range(ROUNDS):
            plain = costed([bare[0].pid], bare[1], window, "bare")
            both = [listener[0].pid, postmaster]
            full = costed(both, listener[1], window, f"{window}r{number}c")
            rounds.append((full[0], full[0] / plain[0], *full[1], *plain[1]))
            accepted, wrong = accepted + full[2], wrong + full[3]
        rates, ratios, own, store, least = map(list, zip(*rounds, strict=True))
        name = f"mllp, {CONNECTIONS} connections, window {window}"
        print(f"{name}: {_figures(rates, 0)} committed messages/s  goal {GOAL}")
        print(f"{name}: {_figures(ratios, 2)} of a bare server")
        print(f"{name}: {_figures(own, 0)} us of CPU a message in the listener")
        print(f"{name}: {_figures(store, 0)} us of CPU a message in PostgreSQL")
        print(f"{name}: {_figures(least, 0)} us of CPU a message in the bare server")
    with psycopg.connect(dsn) as connection:
        (stored,) = connection.execute("select count(*) from raw_ehr.inbox").fetchone()
    print(f"mllp: {accepted} acknowledged, {stored} stored, {wrong} refused")
    return 0 if (stored, wrong) == (accepted, 0) else 1


def _figures(values: list[float], places: int) -> str:
    parts = (statistics.median(values), min(values), max(values))
    middle, low, high = (f"{value:.{places}f}" for value in parts)
    return f"{middle} ({low} {middle} {high})"


if __name__ == "__main__":
    if sys.argv[1:2] == ["serve"]:
        asyncio.run(serve(sys.argv[2]))
    else:
        sys.exit(main())
