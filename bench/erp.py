"""Ledger lines and stock moves read from the ERP, against the bare HTTP of the same.

`python bench/erp.py` starts a server of its own, with 10,000 rows of each, that writes
its answers as Tryton's protocol does: Python's JSON encoder, decimals and times tagged.
Tryton's database and models come on top of that. Both sides send the same requests over
the same client, by turns; figures are CPU-seconds of client and server together.
"""

import base64
import datetime as dt
import json
import re
import statistics
import subprocess
import sys
import time
from decimal import Decimal
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

import httpx

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.tryton.client import PAGE_SIZE, TrytonClient
from ledgerline.connectors.tryton.extract.changes import Window, changes
from ledgerline.connectors.tryton.extract.streams import streams

ROWS = 10_000
ROUNDS = 7
GOAL = 2.0
AFTER = re.compile(rb'"id",">",(\d+)')
MODELS = ("account.move.line", "stock.move")


def stamp(number):
    hour, minute, second = number // 3600, number // 60 % 60, number % 60
    return dt.datetime(2026, 3, 1, hour, minute, second, 123456, dt.UTC)


def date(number):
    return dt.date(2026, number % 12 + 1, number % 28 + 1)


def amount(number):
    return Decimal(f"{number * 7 % 100_000}.{number % 100:02}")


def tagged(value):
    """Tag what JSON lacks, as Tryton's encoder does."""
    if isinstance(value, Decimal):
        return {"__class__": "Decimal", "decimal": str(value)}
    names = ("year", "month", "day")
    if isinstance(value, dt.datetime):
        names = (*names, "hour", "minute", "second", "microsecond")
    tag = {"__class__": type(value).__name__}
    return tag | {name: getattr(value, name) for name in names}


def record(model, number, /, **values):
    return {"__name__": model, "id": number, **values}


def coded(model, number, code):
    return record(model, number, code=code, last_modified_at=stamp(number))


def ledger_line(number):
    move = record(
        "account.move",
        number // 4,
        number=f"GL-2026-{number // 4:06}",
        date=date(number),
        state="posted",
        period=record("account.period", number % 12, name=f"2026-{number % 12 + 1:02}"),
        journal=record("account.journal", 7, code="LEDGERLINE"),
        external_reference=f"LL|JE|MVH|2026-03-01|{number // 4}|v1",
        last_modified_at=stamp(number),
    )
    return record(
        "account.move.line",
        number,
        move=move,
        account=coded("account.account", number % 50, f"{40000 + number % 50 * 100}"),
        debit=amount(number),
        credit=amount(0),
        description="Revenue of the week",
        party=None,
        last_modified_at=stamp(number),
    )


def stock_move(number):
    return record(
        "stock.move",
        number,
        product=coded("product.product", number % 300, f"ITM{number % 300:05}"),
        lot=record("stock.lot", 5, number="AB0001-1", last_modified_at=stamp(number)),
        from_location=coded("stock.location", 9, "MVH-6010-STO"),
        to_location=coded("stock.location", 30, "CONSUMED"),
        quantity=float(number % 40),
        unit=record("product.uom", 1, symbol="u"),
        state="done",
        planned_date=date(number),
        effective_date=date(number),
        origin=None,
        shipment=f"stock.shipment.internal,{number // 5}",
        last_modified_at=stamp(number),
    )


@cache
def table(model):
    made = {"account.move.line": ledger_line, "stock.move": stock_move}.get(model)
    if model == "company.company":
        return [record(model, 1, party=record("party.party", 99))]
    return [made(number) for number in range(1, ROWS + 1)] if made else []


class Handler(BaseHTTPRequestHandler):
    """Answers with the rows after an id, or with the newest one."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        """Answer a search, or say how much CPU the server has used."""
        url = urlsplit(self.path)
        if url.path == "/cpu":
            return self.send(time.process_time())
        given = parse_qs(url.query)
        rows = table(url.path.rsplit("/", 1)[1])
        limit = int(given.get("s", ["1"])[0])
        if limit == 1:
            return self.send(rows[-1:])
        after = AFTER.search(base64.urlsafe_b64decode(given["d"][0]))
        start = int(after[1]) if after else 0
        return self.send(rows[start : start + limit])

    def send(self, value):
        """Write a value as JSON."""
        body = json.dumps(value, default=tagged).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        """Say nothing."""


def serve():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_address[1], flush=True)
    server.serve_forever()


class Nothing:
    """A state in which every extract is the first one, and nothing is to compare."""

    def load(self, key):
        """Return what stands for a comparison that is not due."""
        return {"at": "9999-01-01T00:00:00+00:00"} if key == "ids compared" else None

    def save(self, key, value):
        """Forget it."""

    def shown(self, _resource_type):
        """Return no ids."""
        return frozenset()


def ours(client, followed):
    """Read the streams to pages for landing; return the rows of the models."""
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    pages = changes(client, followed, Nothing(), Window(), now)
    return sum(
        page.content.count(b"\n") for page in pages if page.format.endswith(MODELS)
    )


def bare(http, requests):
    """Send the same requests and read the bytes of the answers."""
    return sum(len(http.get(url, headers=headers).content) for url, headers in requests)


def seconds(cpu, work, *given):
    """Return the CPU-seconds of the client and those of the server."""
    served, start = cpu(), time.process_time()
    work(*given)
    spent = time.process_time() - start
    return spent, cpu() - served


def recorded(client, followed):
    """Read once; return the requests that were sent, and how many rows came."""
    requests, http = [], client._http
    hooks = http.event_hooks
    http.event_hooks = {
        "request": [lambda sent: requests.append((sent.url, sent.headers))]
    }
    rows = ours(client, followed)
    http.event_hooks = hooks
    assert rows >= len(MODELS) * ROWS
    return requests, rows


def measure(endpoint, cpu, rounds=ROUNDS):
    """Measure by turns; `cpu` says how many seconds the server has used."""
    with TrytonClient(endpoint) as client:
        followed = [each for each in streams(client) if each.model in MODELS]
        assert len(followed) == len(MODELS)
        requests, rows = recorded(client, followed)
        size = bare(client._http, requests)
        print(
            f"{rows} rows of {' and '.join(MODELS)} in {len(requests)} requests, "
            f"{size / 1e6:.1f} MB, pages of {PAGE_SIZE}"
        )
        figures = [
            (
                seconds(cpu, bare, client._http, requests),
                seconds(cpu, ours, client, followed),
            )
            for _ in range(rounds)
        ]
    return judged(figures, rows)


def judged(figures, rows):
    (raw, served), (read, _) = (
        map(statistics.median, zip(*column, strict=True))
        for column in zip(*figures, strict=True)
    )
    ratio = statistics.median(sum(read) / sum(raw) for raw, read in figures)
    print(f"the server writes its answers in {served:.2f} CPU-s")
    print(f"the client: bare HTTP {raw:.2f}, read to pages {read:.2f} CPU-s")
    print(f"{rows / read:,.0f} rows a CPU-second of the client")
    print(f"client and server: {ratio:.2f} x the bare HTTP (goal {GOAL:.1f})")
    return ratio <= GOAL


def measure_stub(port):
    endpoint = Endpoint(
        conn_id="erp",
        conn_type="http",
        host="127.0.0.1",
        port=port,
        password="key",
        extra={"database": "erp", "company": "Hospital"},
    )
    with httpx.Client(base_url=endpoint.base_url, trust_env=False) as side:
        return measure(endpoint, lambda: side.get("/cpu").json())


def main():
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            return 0 if measure_stub(int(server.stdout.readline())) else 1
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(serve() if sys.argv[1:] == ["serve"] else main())
