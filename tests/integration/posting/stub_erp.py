"""An ERP behind a bad network: an HTTP server with seeded faults, and its port.

It keeps its documents in memory. A second document with the same reference is refused
(profile REF), answered with the first one (KEY) or held beside it (NONE). Like Tryton
it makes a draft first and posts it then.
"""

import http.client
import json
import random
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import quote, unquote, urlsplit

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.posting.document import content_sha256, from_payload
from ledgerline.posting.file_job import codes
from ledgerline.posting.port import Answer, FoundDocument, Identity, Policy, Profile

FAULTS = (
    "drop_before",
    "drop_after",
    "drop_draft",
    "500_before",
    "500_after",
    "429",
    "503",
    "html_before",
    "html_after",
    "truncated",
    "slow_before",
    "slow_after",
    "late",
    "twice",
)
PROFILE = Profile(
    identity=Identity.REF,
    request_seconds=0.25,
    call_seconds=0.3,
    in_flight_seconds=0.5,
    pause_seconds=0.3,
)
POLICY = Policy(
    call_seconds=0.3,
    lease_seconds=1.0,
    quiet_seconds=0.9,
    backoff_seconds=0.02,
    attempt_limit=40,
    patience_seconds=60,
    breaker_seconds=0.2,
)


class Erp:
    """What the ERP holds, and how it misbehaves."""

    def __init__(self, seed=0, fault_rate=0.0, faults=FAULTS, identity=Identity.REF):
        self.documents = []
        self.identity = identity
        self._known = {}
        self.hits = {}
        self.refused = set()
        self.masters = {}
        self.fault_rate = fault_rate
        self.faults = faults
        self._random = random.Random(seed)
        self._lock = threading.Lock()

    def draw_fault(self):
        with self._lock:
            if self._random.random() >= self.fault_rate:
                return None
            fault = self._random.choice(self.faults)
            self.hits[fault] = self.hits.get(fault, 0) + 1
            return fault

    def commit(self, payload, stop_at_draft=False):
        """Draft and post; return the status and body of the answer."""
        with self._lock:
            reference = payload["reference"]
            if any(word in reference for word in self.refused):
                return 422, {"error": "PERIOD_CLOSED"}
            row = self._by_reference(reference)
            if row and row["is_effective"]:
                status = 409 if self.identity is Identity.REF else 200
                return status, self._shown(row)
            if row is None:
                number = f"{payload['document_type'][0].upper()}{len(self.documents)}"
                row = {"erp_document": number, "payload": payload}
                row["is_effective"] = False
                self.documents.append(row)
                self._known.setdefault(reference, []).append(row)
            row["payload"] = payload
            if not stop_at_draft:
                row["is_effective"] = True
            return 201, self._shown(row)

    def _by_reference(self, reference):
        found = self._known.get(reference)
        return found[0] if found and self.identity is not Identity.NONE else None

    @staticmethod
    def _shown(row):
        return {**row, "sha": content_sha256(from_payload(row["payload"]))}

    def find(self, reference, prefix=False):
        with self._lock:
            if not prefix:
                return [self._shown(row) for row in self._known.get(reference, ())]
            return [
                self._shown(row)
                for row in self.documents
                if row["payload"]["reference"].startswith(reference)
            ]

    @property
    def effective(self):
        return [row for row in self.documents if row["is_effective"]]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *arguments):
        pass

    def _reply(self, status, body, content_type="application/json", cut=0):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", content_type)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[: len(data) - cut])
        if cut:
            self.close_connection = True

    def _drop(self):
        self.close_connection = True
        self.connection.close()

    def do_GET(self):
        url = urlsplit(self.path)
        reference = unquote(url.query)
        erp = self.server.erp
        if erp.fault_rate and erp.draw_fault() in {"drop_before", "500_before"}:
            return self._drop()
        if url.path == "/masters":
            return self._reply(200, erp.masters)
        return self._reply(200, erp.find(reference, prefix=url.path == "/sweep"))

    def do_POST(self):
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        fault = self.server.erp.draw_fault() or ""
        if fault in BEFORE:
            return BEFORE[fault](self)
        return self._commit(fault, payload)

    def _commit(self, fault, payload):
        erp = self.server.erp
        if fault == "late":
            timer = threading.Timer(0.3, erp.commit, [payload])
            timer.daemon = True
            timer.start()
            return self._drop()
        if fault == "slow_before":
            time.sleep(0.4)
        status, body = erp.commit(payload, stop_at_draft=fault == "drop_draft")
        return self._after(fault, status, body, payload)

    def _after(self, fault, status, body, payload):
        if fault in {"drop_after", "drop_draft"}:
            return self._drop()
        if fault == "twice":
            self.server.erp.commit(payload)
        if fault == "slow_after":
            time.sleep(0.4)
        if fault == "500_after":
            return self._reply(500, {"error": "after the commit"})
        if fault == "html_after":
            return self._reply(200, b"<html>log in</html>", "text/html")
        return self._reply(status, body, cut=5 if fault == "truncated" else 0)


BEFORE = {
    "drop_before": _Handler._drop,
    "429": lambda handler: handler._reply(429, {}),
    "503": lambda handler: handler._reply(503, {}),
    "500_before": lambda handler: handler._reply(500, b"<html/>", "text/html"),
    "html_before": lambda handler: handler._reply(200, b"<html/>", "text/html"),
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass


@contextmanager
def running(erp):
    """Serve the ERP; yields its port number."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.erp = erp
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.02}
    )
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class StubPort:
    """The ErpPort of the stub."""

    name = "stub"

    def __init__(self, port, identity=Identity.REF):
        self._port = port
        may_duplicate = identity is not Identity.NONE
        self.profile = replace(PROFILE, identity=identity, may_duplicate=may_duplicate)

    def check(self):
        if self._call("GET", "/documents?none")[0] is None:
            raise SourceUnavailable("the stub ERP does not answer")

    def master_data(self):
        status, told = self._call("GET", "/masters")
        if status != 200:
            raise SourceUnavailable("the stub ERP cannot be read")
        return codes.parse(json.dumps(told))

    def post_journal(self, journal, *, is_resend):
        return self._post(journal)

    def post_stock_issue(self, move, *, is_resend):
        return self._post(move)

    def post_requisition(self, requisition, *, is_resend):
        return self._post(requisition)

    def find(self, document):
        return tuple(self._read(f"/documents?{quote(document.reference)}"))

    def sweep(self, prefix):
        return self._read(f"/sweep?{quote(prefix)}")

    def _post(self, document):
        status, body = self._call("POST", "/documents", document.payload())
        body = body if isinstance(body, dict) else None
        return Answer(
            status=status,
            is_json=body is not None,
            erp_document=(body or {}).get("erp_document"),
            content_sha256=(body or {}).get("sha"),
            error_code=(body or {}).get("error", ""),
            is_refusal=status == 422,
            is_not_processed=status in {429, 503},
        )

    def _read(self, path):
        status, body = self._call("GET", path)
        if status != 200 or not isinstance(body, list):
            raise SourceUnavailable("the stub ERP cannot be read")
        return [
            FoundDocument(
                erp_document=row["erp_document"],
                is_effective=row["is_effective"],
                document=from_payload(row["payload"]),
            )
            for row in body
        ]

    def _call(self, verb, path, payload=None):
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=0.25)
        try:
            body = None if payload is None else json.dumps(payload)
            connection.request(verb, path, body)
            answer = connection.getresponse()
            data = answer.read()
        except (OSError, http.client.HTTPException):
            return None, None
        finally:
            connection.close()
        try:
            return answer.status, json.loads(data)
        except ValueError:
            return answer.status, None
