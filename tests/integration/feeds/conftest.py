"""A scheduling system on a local port: pages of shifts behind a key, with faults."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest

from ledgerline.canonical.endpoint import Endpoint

KEY = "a-key-of-the-test"
PAGE_ROWS = 10


class SchedulingSystem:
    """What the server holds and how it behaves; `asked` is what it was asked."""

    def __init__(self, port):
        self.shifts = [shift(number) for number in range(25)]
        self.port = port
        self.asked = []
        self.faults = []
        self.next_of = {}

    def endpoint(self, **changes):
        given = {
            "conn_id": "scheduling_shifts",
            "conn_type": "http",
            "host": "127.0.0.1",
            "port": self.port,
            "password": KEY,
        }
        return Endpoint(**(given | changes))

    def page(self, cursor):
        start = int(cursor or 0)
        rows = self.shifts[start : start + PAGE_ROWS]
        is_full = len(rows) == PAGE_ROWS and start + PAGE_ROWS < len(self.shifts)
        following = str(start + PAGE_ROWS) if is_full else None
        return {
            "shifts": rows,
            "next_cursor": self.next_of.get(cursor, following),
        }


def shift(number, **changes):
    return {
        "shift_id": f"{number:05}",
        "department": "6010",
        "starts_at": "2026-03-01T07:00:00Z",
        "hours": 12,
    } | changes


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        system = self.server.system
        url = urlsplit(self.path)
        cursor = parse_qs(url.query).get("cursor", [""])[0]
        system.asked.append(cursor)
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            self.answer(401, b"")
        elif system.faults:
            self.answer(*system.faults.pop(0))
        elif url.path != "/v1/shifts":
            self.answer(404, b"")
        else:
            self.answer(200, json.dumps(system.page(cursor)).encode())

    def answer(self, status, body, headers=()):
        self.send_response(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def scheduling():
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.system = SchedulingSystem(server.server_address[1])
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.system
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def every_batch_balances(warehouse_dsn):
    yield
    with psycopg.connect(warehouse_dsn, autocommit=True) as opened:
        query = "select * from ops.landing_balance where difference_count <> 0"
        assert opened.execute(query).fetchall() == []
