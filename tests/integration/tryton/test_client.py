"""The REST client: what each kind of answer, or none, is taken for."""

import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import (
    AuthenticationFailed,
    ConfigurationInvalid,
    Fatal,
    Rejected,
    Retriable,
)
from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.errors import (
    DuplicateReference,
    ErpAnswerLost,
    ErpForbidden,
    ErpRejected,
    ErpUnreachable,
)
from tests.conftest import free_port

pytestmark = pytest.mark.integration

HTML = "text/html; charset=utf-8"
JSON = "application/json"


def refusal(text):
    return json.dumps({"status": 400, "message": text, "description": ""})


class Peer(HTTPServer):
    """A server that gives prepared answers, then the last one again and again."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers, self.requests = [], []

    def answer(self):
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append(self.command)
        status, kind, text = self.server.answer()
        if status is None:
            return
        body = text.encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_POST = do_PUT = do_DELETE = do_GET

    def log_message(self, *arguments):
        pass


@pytest.fixture
def peer():
    server = Peer()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def client_of(port, **extra):
    endpoint = Endpoint(
        conn_id="erp",
        conn_type="http",
        host="127.0.0.1",
        port=port,
        password="key",
        extra={"database": "erp", "company": "Hospital", **extra},
    )
    client = TrytonClient(endpoint, timeout=5)
    client._company = 1
    return client


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        ((None, "", ""), ErpAnswerLost),
        ((500, HTML, "<h1>Internal Server Error</h1>"), ErpAnswerLost),
        ((503, HTML, "<h1>Service Unavailable</h1>"), ErpAnswerLost),
        ((200, HTML, "<h1>Log in</h1>"), ErpAnswerLost),
        ((200, JSON, '{"id": 1, "nu'), ErpAnswerLost),
        ((400, HTML, "<h1>Bad Request</h1>"), ErpAnswerLost),
        ((400, JSON, refusal("No such thing.")), ErpRejected),
        (
            (400, JSON, refusal("The external reference is already used.")),
            DuplicateReference,
        ),
        ((401, HTML, "<h1>Unauthorized</h1>"), AuthenticationFailed),
        ((403, HTML, "<h1>Forbidden</h1>"), ErpForbidden),
        ((404, HTML, "<h1>Not Found</h1>"), ConfigurationInvalid),
    ],
)
def test_a_write_is_sent_once_and_its_failure_classified(peer, answer, error):
    peer.answers = [answer]

    with client_of(peer.server_port) as client, pytest.raises(error) as raised:
        client.create("account.move", {}, ["id"])

    assert type(raised.value) is error
    assert isinstance(raised.value, (Retriable, Rejected, Fatal))
    assert peer.requests == ["POST"]


def test_no_answer_in_time_is_an_answer_lost():
    server = Peer()
    try:
        with client_of(server.server_port) as client:
            client._http.timeout = 0.2
            with pytest.raises(ErpAnswerLost, match="ReadTimeout"):
                client.create("account.move", {}, ["id"])
    finally:
        server.server_close()


def test_a_read_is_retried_until_it_succeeds(peer):
    peer.answers = [(None, "", ""), (500, HTML, "oops"), (200, JSON, '[{"id": 7}]')]

    with client_of(peer.server_port) as client:
        assert client.read("account.move", [], ["id"]) == [{"id": 7}]

    assert peer.requests == ["GET", "GET", "GET"]


@pytest.mark.parametrize("status", [401, 403, 404])
def test_a_refused_read_is_not_retried(peer, status):
    peer.answers = [(status, HTML, "no")]

    with client_of(peer.server_port) as client, pytest.raises(Fatal):
        client.read("account.move", [], ["id"])

    assert peer.requests == ["GET"]


def test_an_erp_that_is_down_is_said_in_one_sentence():
    with client_of(free_port()) as client, pytest.raises(ErpUnreachable) as raised:
        client.read("account.move", [], ["id"])

    assert "connection erp" in str(raised.value)


def test_a_connection_without_company_is_refused():
    with pytest.raises(ConfigurationInvalid, match="'company'"):
        client_of(1, company="")


def test_the_real_erp_refuses_a_wrong_key(erp):
    with (
        TrytonClient(erp.endpoint(password="wrong")) as stranger,
        pytest.raises(AuthenticationFailed, match="REST key"),
    ):
        stranger.read("account.account", [], ["code"])


@pytest.mark.parametrize(
    ("extra", "named"),
    [
        ({"database": "elsewhere"}, "database"),
        ({"company": "Another Hospital"}, "'Another Hospital'"),
    ],
)
def test_the_real_erp_does_not_know_another_database_or_company(erp, extra, named):
    endpoint = erp.endpoint()
    changed = erp.endpoint(extra={**endpoint.extra, **extra})

    with (
        TrytonClient(changed) as client,
        pytest.raises(ConfigurationInvalid, match=named),
    ):
        client.read("account.account", [], ["code"])


def test_the_key_appears_in_no_message_and_no_repr(erp):
    endpoint = erp.endpoint(port=free_port())

    with TrytonClient(endpoint) as client, pytest.raises(ErpUnreachable) as raised:
        client.read("account.account", [], ["code"])

    assert endpoint.password not in f"{raised.value} {raised.value!r} {endpoint!r}"
