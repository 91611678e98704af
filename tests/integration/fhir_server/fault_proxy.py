"""A proxy in front of a FHIR server that fails on purpose, as its rules say.

It stands at the address that the server believes to be its own, so every link the
server makes leads through it. A rule meets requests by method and path, a number of
times, and answers itself, changes the server's answer, or calls the test.
"""

import gzip
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx

HOP_BY_HOP = {"content-length", "transfer-encoding", "connection", "date", "server"}


@dataclass
class Answer:
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b""
    announced_length: int | None = None


@dataclass(frozen=True)
class Seen:
    method: str
    path: str
    authorization: str
    body: bytes


@dataclass
class Rule:
    method: str
    path: str
    times: int
    answer: Answer | None = None
    change: Callable[[Answer], Answer | None] | None = None
    before: Callable[[], None] | None = None
    after: Callable[[], None] | None = None
    skip: int = 0

    def meets(self, method, path):
        if self.times == 0 or method != self.method or not re.search(self.path, path):
            return False
        if self.skip:
            self.skip -= 1
            return False
        self.times -= 1
        return True


class FaultProxy:
    """`rules` are asked in order; `seen` is every request that came."""

    def __init__(self, port):
        self.upstream = ""
        self.rules = []
        self.seen = []
        self._lock = threading.Lock()
        handler = type("Handler", (_Handler,), {"proxy": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.client = httpx.Client(timeout=60, trust_env=False)

    def wrap(self, context):
        """Serve by TLS."""
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )

    def start(self):
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self.client.close()

    def reset(self):
        self.rules.clear()
        self.seen.clear()

    def rule(self, path, *, method="GET", times=1, **action):
        rule = Rule(method=method, path=path, times=times, **action)
        self.rules.append(rule)
        return rule

    def fail(self, path, status, *, times=1, method="GET", **headers):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        answer = Answer(status=status, headers=named)
        return self.rule(path, method=method, times=times, answer=answer)

    def count(self, path, method="GET"):
        return len(
            [s for s in self.seen if s.method == method and re.search(path, s.path)]
        )

    def matching(self, seen):
        with self._lock:
            self.seen.append(seen)
            return next(
                (r for r in self.rules if r.meets(seen.method, seen.path)), None
            )

    def forwarded(self, handler, body):
        kept = {
            name: value
            for name, value in handler.headers.items()
            if name.lower() not in HOP_BY_HOP | {"host", "accept-encoding"}
        }
        reply = self.client.request(
            handler.command,
            self.upstream + handler.path,
            headers={**kept, "Accept-Encoding": "identity"},
            content=body,
        )
        headers = {
            name: value
            for name, value in reply.headers.items()
            if name.lower() not in HOP_BY_HOP
        }
        return Answer(status=reply.status_code, headers=headers, body=reply.content)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    proxy: FaultProxy

    def log_message(self, *_):
        pass

    def _serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length)
        rule = self.proxy.matching(
            Seen(
                method=self.command,
                path=self.path,
                authorization=self.headers.get("Authorization", ""),
                body=body,
            )
        )
        if rule and rule.before:
            rule.before()
        if rule and rule.answer:
            answer = rule.answer
        else:
            answer = self.proxy.forwarded(self, body)
        if rule and rule.change:
            answer = rule.change(answer)
        if rule and rule.after:
            rule.after()
        self._answer(answer)

    def _answer(self, answer):
        self.send_response(answer.status)
        for name, value in answer.headers.items():
            self.send_header(name, value)
        length = answer.announced_length
        length = len(answer.body) if length is None else length
        self.send_header("Content-Length", str(length))
        self.end_headers()
        try:
            self.wfile.write(answer.body)
        except OSError:
            self.close_connection = True
        if answer.announced_length is not None:
            self.close_connection = True

    do_GET = do_POST = do_PUT = do_DELETE = _serve


def gzipped(answer):
    """Return the answer with a gzip transfer encoding of its content."""
    headers = {**answer.headers, "Content-Encoding": "gzip"}
    return Answer(answer.status, headers, gzip.compress(answer.body))


def wait_until_answers(url, process, seconds=60):
    """Wait for a server that is being started; fail when its process ends."""
    deadline = time.monotonic() + seconds
    while True:
        assert process.poll() is None, "the server ended"
        try:
            if httpx.get(url, timeout=2, trust_env=False).status_code == 200:
                return
        except httpx.HTTPError:
            pass
        assert time.monotonic() < deadline
        time.sleep(0.1)
