"""An ERP that answers as Tryton's REST API does, with transactions that commit late.

Rows are stamped when their transaction begins and are seen when it commits. References
are followed when a row is read. `between` is called before each answer.
"""

import base64
import dataclasses
import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors.tryton import codec

KEY = "a-key-of-the-test"
MODULES = ("purchase", "stock_lot", "stock_lot_sled")
STAMP = "last_modified_at"


@dataclasses.dataclass(frozen=True)
class Ref:
    """A reference to a record of another model."""

    model: str
    id: int


@dataclasses.dataclass
class Transaction:
    """What one transaction writes; nobody sees it before it commits."""

    erp: "StubTryton"
    stamp: dt.datetime
    writes: list = dataclasses.field(default_factory=list)

    def write(self, model, record, **values):
        self.writes.append((model, record, values))

    def delete(self, model, record):
        self.writes.append((model, record, None))

    def commit(self):
        for model, record, values in self.writes:
            table = self.erp.tables.setdefault(model, {})
            if values is None:
                table.pop(record, None)
                continue
            row = table.setdefault(record, {"id": record, "__name__": model})
            row.update(values | {STAMP: self.stamp})


class StubTryton:
    """The records, the clock and what was asked."""

    def __init__(self, port=0):
        self.port = port
        self.now = dt.datetime(2026, 3, 1, tzinfo=dt.UTC)
        self.tables = {}
        self.on_hand = {}
        self.asked = []
        self.faults = []
        self.between = lambda model, query: None
        with_company = self.begin()
        with_company.write("company.company", 1, party=Ref("party.party", 99))
        for number, name in enumerate(MODULES):
            with_company.write("ir.module", number, name=name, state="activated")
        with_company.commit()

    def begin(self):
        self.now += dt.timedelta(microseconds=1)
        return Transaction(self, self.now)

    def put(self, model, record, **values):
        transaction = self.begin()
        transaction.write(model, record, **values)
        transaction.commit()

    def remove(self, model, record):
        transaction = self.begin()
        transaction.delete(model, record)
        transaction.commit()

    def endpoint(self, **extra):
        return endpoint(self.port, **extra)

    def answer(self, model, query, context):
        """Return the rows of a query, as Tryton would."""
        rows = list(self.tables.get(model, {}).values())
        for location in context.get("locations", ()):
            rows = [
                row | {"quantity": float(self.on_hand[location, row["id"]])}
                for row in rows
                if (location, row["id"]) in self.on_hand
            ]
        if context.get("active_test", True):
            rows = [row for row in rows if row.get("active", True)]
        rows = [row for row in rows if self._meets(row, query["domain"])]
        for path, direction in reversed(query["order"]):
            rows.sort(key=lambda row, p=path: self.value(row, p))
            if direction == "DESC":
                rows.reverse()
        fields = {"id", "__name__", *query["fields"]}
        return [self._shown(row, fields) for row in rows[: query["limit"]]]

    def value(self, row, path):
        first, _, rest = path.partition(".")
        value = row.get(first)
        if not isinstance(value, Ref):
            return value
        if rest == "" or rest == "id":
            return value.id
        found = self.tables.get(value.model, {}).get(value.id)
        return self.value(found, rest) if found else None

    def _meets(self, row, domain):
        if domain and isinstance(domain[0], str) and domain[0] != "OR":
            return self._leaf(row, *domain)
        if domain and domain[0] == "OR":
            return any(self._meets(row, each) for each in domain[1:])
        return all(self._meets(row, each) for each in domain)

    def _leaf(self, row, path, operator, wanted):
        if path.startswith("company") or path == "party.name":
            return True
        value = self.value(row, path)
        if value is None or wanted is None:
            return (value is wanted) == (operator == "=")
        return {
            "=": lambda: value == wanted,
            "!=": lambda: value != wanted,
            ">": lambda: value > wanted,
            ">=": lambda: value >= wanted,
            "in": lambda: value in wanted,
        }[operator]()

    def _shown(self, row, paths):
        shown = {}
        for path in sorted(paths):
            place, steps = shown, path.split(".")
            for depth, step in enumerate(steps[:-1], start=1):
                above = ".".join(steps[:depth])
                if self.value(row, above) is None:
                    place[step] = None
                    break
                name = {"id": self.value(row, f"{above}.id")}
                place = place.setdefault(step, name)
            else:
                place[steps[-1]] = self.value(row, path)
        return shown


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def do_GET(self):
        erp = self.server.erp
        url = urlsplit(self.path)
        model = url.path.rsplit("/", 1)[1]
        given = parse_qs(url.query)
        erp.asked.append(model)
        if self.headers.get("Authorization") != f"bearer {KEY}":
            return self.send(401, b"<h1>Unauthorized</h1>", "text/html")
        query = {
            "domain": parameter(given["d"][0]),
            "order": parameter(given["o"][0]) if "o" in given else [],
            "fields": given.get("f", []),
            "limit": int(given["s"][0]) if "s" in given else None,
        }
        if erp.faults and (fault := erp.faults.pop(0)):
            return self.send(*fault)
        erp.between(model, query)
        header = self.headers.get("X-Tryton-Context")
        rows = erp.answer(model, query, parameter(header) if header else {})
        return self.send(200, as_tryton_writes(rows), "application/json")

    def send(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


def endpoint(port, **extra):
    return Endpoint(
        conn_id="erp",
        conn_type="http",
        host="127.0.0.1",
        port=port,
        password=extra.pop("password", KEY),
        extra={"database": "erp", "company": "Hospital", **extra},
    )


def parameter(text):
    return codec.decode(base64.urlsafe_b64decode(text))


def as_tryton_writes(rows):
    return json.dumps(json.loads(codec.encode(rows))).encode()


class Server(ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.erp = StubTryton(self.server_address[1])
        self.thread = threading.Thread(target=self.serve_forever, args=(0.01,))

    def __enter__(self):
        self.thread.start()
        return self.erp

    def __exit__(self, *_):
        self.shutdown()
        self.thread.join()
        self.server_close()
