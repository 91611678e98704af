"""A mail server and a webhook on loopback that keep what they are told."""

import json
import socketserver
import threading
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from ledgerline.canonical.endpoint import Endpoint


class Mail(socketserver.StreamRequestHandler):
    """SMTP as RFC 5321 asks of the least of servers."""

    def handle(self):
        self._say("220 loopback")
        while line := self.rfile.readline():
            verb = line.split(b" ")[0].strip().upper()
            if verb == b"DATA":
                self._say("354 go on")
                self._take()
            elif verb == b"QUIT":
                self._say("221 bye")
                return
            elif verb == b"MAIL" and self.server.refusal:
                self._say(self.server.refusal)
            else:
                self._say("250 yes")

    def _take(self):
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            lines.append(line.removeprefix(b"."))
        self.server.taken.append(message_from_bytes(b"".join(lines), policy=default))
        self._say("250 taken")

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class Hook(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if not self.server.refusal:
            self.server.taken.append(
                (self.path, self.headers.get("Authorization"), json.loads(body))
            )
        self.send_response(self.server.refusal or 204)
        self.end_headers()

    def log_message(self, *_):
        """Say nothing."""


class MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = True


@contextmanager
def running(kind, handler):
    """A server that takes everything, until its `refusal` is set."""
    server = kind(("127.0.0.1", 0), handler)
    server.taken, server.refusal = [], None
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()


def mail_server():
    return running(MailServer, Mail)


def hook_server():
    return running(ThreadingHTTPServer, Hook)


def smtp(port, **extra):
    return Endpoint(
        conn_id="alert_smtp",
        conn_type="smtp",
        host="127.0.0.1",
        port=port,
        extra={
            "from_email": "ledgerline@hospital.invalid",
            "to": "on-call@hospital.invalid",
            "disable_ssl": True,
            "disable_tls": True,
            **extra,
        },
    )


def hook(port):
    return Endpoint(
        conn_id="alert_webhook",
        conn_type="http",
        host="127.0.0.1",
        port=port,
        password="a token",
        extra={"path": "/ledgerline"},
    )
