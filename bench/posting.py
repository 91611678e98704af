"""Documents posted with every guarantee on, against the bare HTTP of the same.

`python bench/posting.py [DOCUMENTS]` (10000) starts a PostgreSQL and an ERP of its own
that knows documents by their reference and takes 0 or 50 ms for each. The same
documents go over the same client by so many processes at once: through the drain, and
as requests alone. Client CPU is that of the sending processes, after their imports;
what PostgreSQL takes beside it is printed, and what it takes to propose and release one
of so many documents, compared with one of a quarter of them.
"""

import asyncio
import json
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "include"), str(ROOT)]

import httpx
import psycopg
import uvicorn
from landing import Server
from starlette.requests import Request
from starlette.responses import JSONResponse

from ledgerline.posting.document import content_sha256, from_payload
from ledgerline.posting.drain import drain
from ledgerline.posting.port import Answer, Identity, Profile
from tests.integration.posting.torture import propose_many

CASES = ((8, 0.0, 64), (32, 0.0, 64), (32, 0.05, 16))
"""Processes at once, seconds that the ERP takes for a document, and the batch limit.

One document of an order key is in work at a time, and 10,000 have 1,431 keys: where the
ERP is slow, large batches leave nothing to the other workers.
"""
CPU_GOAL, WALL_GOAL = 0.70, 0.85
GROWTH = 1.2
"""A document of so many is proposed for at most this times one of a quarter of them."""
DOCUMENTS = 10_000
"""So many that what a new connection costs is not what is measured."""


class Erp:
    """Keeps each reference once, after so many seconds; says who it is to a GET.

    It is no part of what is measured, and takes as little of the machine as it can.
    """

    def __init__(self, seconds):
        self.seconds, self.known = seconds, {}

    async def __call__(self, scope, receive, send):
        """Answer one request of ASGI."""
        request = Request(scope, receive)
        told = await self.take(await request.json()) if request.method == "POST" else {}
        await JSONResponse(told)(scope, receive, send)

    async def take(self, payload):
        """Take a document, or say which one it is that is there."""
        await asyncio.sleep(self.seconds)
        number = self.known.setdefault(payload["reference"], f"D{len(self.known)}")
        sha = content_sha256(from_payload(payload))
        return {"erp_document": number, "sha": sha}


class Port:
    """The ErpPort of that server."""

    name = "bench"
    profile = Profile(
        identity=Identity.KEY,
        request_seconds=10,
        call_seconds=10,
        in_flight_seconds=1,
    )

    def __init__(self, port):
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=10)

    def check(self):
        """Ask whether it is there."""
        self.http.get("/")

    def send(self, payload):
        """Send one document; return the answer."""
        return self.http.post("/documents", json=payload)

    def post_journal(self, journal, *, is_resend):
        """Post one journal entry."""
        answer = self.send(journal.payload())
        told = answer.json()
        return Answer(
            status=answer.status_code,
            is_json=True,
            erp_document=told["erp_document"],
            content_sha256=told["sha"],
        )


def serve(seconds):
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        print(listening.getsockname()[1], flush=True)
        config = uvicorn.Config(Erp(seconds), lifespan="off", log_level="error")
        uvicorn.Server(config).run([listening])


def work(port, dsn, part):
    """Wait for the start, send, and print how many, and the CPU and times it took."""
    port = Port(port)
    payloads = json.loads(Path(part).read_text()) if part else []
    print("ready", flush=True)
    sys.stdin.readline()
    cpu, start = time.process_time(), time.time()
    if part:
        for payload in payloads:
            port.send(payload)
        sent = len(payloads)
    else:
        sent = drain(dsn, port).posted
    print(json.dumps([sent, time.process_time() - cpu, start, time.time()]))


def started(*given):
    return subprocess.Popen(
        [sys.executable, __file__, *map(str, given)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def together(commands):
    """Let processes start at once; return what they sent, their CPU, and the wall."""
    processes = [started(*command) for command in commands]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    told = [json.loads(process.communicate()[0]) for process in processes]
    sent, cpu, starts, ends = zip(*told, strict=True)
    return sum(sent), sum(cpu), max(ends) - min(starts)


def payloads(dsn):
    with psycopg.connect(dsn) as connection:
        found = connection.execute("select payload from post.entry").fetchall()
    return [payload for (payload,) in found]


def measure(server, folder, seconds, lanes, documents):
    """Send them bare and through the drain; print the ratios."""
    erp = started("--serve", seconds)
    try:
        port = int(erp.stdout.readline())
        wanted = payloads(server.dsn)
        commands = []
        for lane in range(lanes):
            part = folder / f"{lane}.json"
            part.write_text(json.dumps(wanted[lane::lanes]))
            commands.append(("--work", port, "", part))
        bare = together(commands)
        before = server.cpu()
        ours = together([("--work", port, server.dsn, "")] * lanes)
        database = server.cpu() - before
    finally:
        erp.kill()
    assert bare[0] == ours[0] == documents, (bare, ours)
    print(
        f"{lanes} at once, {seconds * 1000:.0f} ms: bare {documents / bare[2]:,.0f}/s, "
        f"posted {documents / ours[2]:,.0f}/s; client CPU a document "
        f"{bare[1] / documents * 1e3:.2f} and {ours[1] / documents * 1e3:.2f} ms, "
        f"PostgreSQL {database / documents * 1e3:.2f} ms"
    )
    if seconds:
        print(f"  of the bare wall: {bare[2] / ours[2]:.0%}  goal >= {WALL_GOAL:.0%}")
    else:
        print(f"  of the bare CPU: {bare[1] / ours[1]:.0%}  goal >= {CPU_GOAL:.0%}")


@contextmanager
def warehouse(documents):
    """Yield a server where so many are READY, a folder, and the CPU for each."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home)
        folder.chmod(0o755)
        server = Server(folder / "postgres")
        try:
            before = server.cpu()
            propose_many(server.dsn, documents)
            cost = (server.cpu() - before) / documents
            with psycopg.connect(server.dsn) as connection:
                connection.execute("analyze post.entry")  # as autovacuum does
            yield server, folder, cost
        finally:
            server.postgres.stop()


def main(documents):
    with warehouse(documents // 4) as (_, _, few):
        pass
    for lanes, seconds, batch_limit in CASES:
        with warehouse(documents) as (server, folder, many):
            print(
                f"proposed and released: PostgreSQL {many * 1e3:.2f} ms a document, "
                f"{many / few:.2f} times that of a quarter of them  goal <= {GROWTH}"
            )
            with psycopg.connect(server.dsn) as connection:
                connection.execute(
                    "insert into post.erp_policy (adapter, batch_limit) "
                    "values ('bench', %s)",
                    [batch_limit],
                )
            measure(server, folder, seconds, lanes, documents)


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["--serve", given]:
            serve(float(given))
        case ["--work", port, dsn, part]:
            work(int(port), dsn, part)
        case given:
            main(int(given[0]) if given else DOCUMENTS)
