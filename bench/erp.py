"""Ledger lines and stock moves read from the ERP, against the bare HTTP of the same.

`python bench/erp.py` starts a server of its own that answers as Tryton does, 10,000
rows of each. Both sides send the same requests over the same client, by turns; figures
are CPU-seconds of this process, so the server's time is in neither. Beside the time
that a real Tryton takes to answer, what we add is far less than the ratio says.
"""

import base64
import datetime as dt
import json
import re
import statistics
import subprocess
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

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
    return {
        "__class__": "datetime",
        **{"year": 2026, "month": 3, "day": 1, "hour": number // 3600},
        **{"minute": number // 60 % 60, "second": number % 60, "microsecond": 123456},
    }


def date(number):
    month, day = number % 12 + 1, number % 28 + 1
    return {"__class__": "date", "year": 2026, "month": month, "day": day}


def amount(number):
    return {
        "__class__": "Decimal",
        "decimal": f"{number * 7 % 100_000}.{number % 100:02}",
    }


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


def table(model):
    made = {"account.move.line": ledger_line, "stock.move": stock_move}.get(model)
    if model == "company.company":
        return [record(model, 1, party=record("party.party", 99))]
    return [made(number) for number in range(1, ROWS + 1)] if made else []


class Handler(BaseHTTPRequestHandler):
    """Answers from pages that are made once: after an id, or the newest row."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    pages: ClassVar[dict[tuple[str, int, int], bytes]] = {}

    def do_GET(self):
        """Answer a search."""
        url = urlsplit(self.path)
        given = parse_qs(url.query)
        body = self.page(
            url.path.rsplit("/", 1)[1],
            base64.urlsafe_b64decode(given["d"][0]),
            int(given.get("s", ["1"])[0]),
        )
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def page(self, model, domain, limit):
        """Return the rows after the id that the domain names, or the newest."""
        after = AFTER.search(domain)
        after = int(after[1]) if after else 0
        key = (model, after, limit)
        if key not in self.pages:
            rows = table(model)
            found = rows[-1:] if limit == 1 else rows[after : after + limit]
            self.pages[key] = json.dumps(found).encode()
        return self.pages[key]

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
    """Read the streams to pages for landing; return the rows."""
    now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
    pages = changes(client, followed, Nothing(), Window(), now)
    return sum(page.content.count(b"\n") for page in pages)


def bare(http, requests):
    """Send the same requests and read the bytes of the answers."""
    return sum(len(http.get(url, headers=headers).content) for url, headers in requests)


def seconds(work, *given):
    start = time.process_time()
    result = work(*given)
    return time.process_time() - start, result


def measure(port):
    endpoint = Endpoint(
        conn_id="erp",
        conn_type="http",
        host="127.0.0.1",
        port=port,
        password="key",
        extra={"database": "erp", "company": "Hospital"},
    )
    with TrytonClient(endpoint) as client:
        http, requests = client._http, []
        followed = [each for each in streams(client) if each.model in MODELS]
        assert len(followed) == len(MODELS)
        hooks = http.event_hooks
        http.event_hooks = {
            "request": [lambda sent: requests.append((sent.url, sent.headers))]
        }
        assert ours(client, followed) == len(MODELS) * ROWS
        http.event_hooks = hooks
        size = bare(http, requests)
        print(
            f"{len(MODELS)} x {ROWS} rows in {len(requests)} requests, "
            f"{size / 1e6:.1f} MB, pages of {PAGE_SIZE}"
        )
        rounds = [
            (seconds(bare, http, requests)[0], seconds(ours, client, followed)[0])
            for _ in range(ROUNDS)
        ]
    raw, read = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(read / raw for raw, read in rounds)
    print(f"bare HTTP {raw:.3f} CPU-s, read to pages {read:.3f} CPU-s")
    print(f"{len(MODELS) * ROWS / read:,.0f} rows a CPU-second")
    print(f"{ratio:.2f} x the bare HTTP (goal {GOAL:.1f})")
    return ratio <= GOAL


def main():
    command = [sys.executable, __file__, "serve"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            return 0 if measure(int(server.stdout.readline())) else 1
        finally:
            server.terminate()


if __name__ == "__main__":
    sys.exit(serve() if sys.argv[1:] == ["serve"] else main())
