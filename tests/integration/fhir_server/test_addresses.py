"""Whom a server may send us to: nobody but itself, unless the connection says so."""

import json

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors import fhir_server
from ledgerline.connectors.fhir_server.connection.origin import UrlRefused
from tests.integration.fhir_server.fault_proxy import Answer, FaultProxy
from tests.integration.fhir_server.peers import MemoryState, ids_by_type, read_all

pytestmark = pytest.mark.integration
STATUS, FILES, EXPORT = r"/bulk-status/", r"/bulk-files/", r"\$export"
FORBIDDEN = [
    "http://evil.example/Patient.ndjson",
    "https://127.0.0.1/Patient.ndjson",
    "http://127.0.0.1:1/Patient.ndjson",
    "http://127.0.0.1.evil.example/Patient.ndjson",
    "http://169.254.169.254/latest/meta-data",
    "http://[fe80::1]/x",
    "file:///etc/passwd",
    "ftp://127.0.0.1/x",
    "gopher://127.0.0.1/x",
    "//evil.example/x",
    "not an address at all",
]


@pytest.fixture
def other():
    """A second server on another port, which is another origin."""
    server = FaultProxy(0)
    server.start()
    yield server
    server.stop()


def with_url(peer, url, kind="output"):
    def changed(answer):
        if answer.status != 200:
            return answer
        manifest = json.loads(answer.body)
        manifest[kind] = [{"type": "Patient", "url": url}]
        return Answer(200, answer.headers, json.dumps(manifest).encode())

    peer.proxy.rule(STATUS, times=50, change=changed)


@pytest.mark.parametrize("kind", ["output", "deleted", "error"])
@pytest.mark.parametrize("url", FORBIDDEN)
def test_a_file_elsewhere_is_refused_and_nothing_is_fetched(peer, state, url, kind):
    with_url(peer, url, kind)
    with pytest.raises(UrlRefused, match=r"SSRF_BLOCKED.*security"):
        read_all(peer.source(types="Organization"), state)
    assert peer.proxy.count(FILES) == 0


@pytest.mark.parametrize("url", FORBIDDEN[:8])
def test_a_status_address_elsewhere_is_refused_before_it_is_kept(peer, state, url):
    answer = Answer(202, {"Content-Location": url})
    peer.proxy.rule(EXPORT, answer=answer)
    with pytest.raises(UrlRefused):
        read_all(peer.source(), state)
    assert state.load("export") is None


@pytest.mark.parametrize("url", FORBIDDEN[:8])
def test_a_manifest_page_elsewhere_is_refused(peer, state, url):
    def link(answer):
        if answer.status != 200:
            return answer
        manifest = json.loads(answer.body)
        manifest["link"] = [{"relation": "next", "url": url}]
        return Answer(200, answer.headers, json.dumps(manifest).encode())

    peer.proxy.rule(STATUS, times=50, change=link)
    with pytest.raises(UrlRefused):
        read_all(peer.source(types="Organization"), state)


@pytest.mark.parametrize("place", [EXPORT, STATUS, FILES])
@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_refused(peer, state, other, place, status):
    peer.proxy.fail(place, status, Location=f"{other.origin}/x")
    with pytest.raises(UrlRefused, match="redirects"):
        read_all(peer.source(types="Organization"), state)
    assert other.seen == []


def test_an_origin_that_is_listed_is_asked_without_a_token(peer, state, other):
    patient = {"resourceType": "Patient", "id": "elsewhere"}
    other.rule("x.ndjson", answer=Answer(200, {}, json.dumps(patient).encode()))
    with_url(peer, f"{other.origin}/x.ndjson?signature=s3cret")
    source = peer.source(
        types="Patient",
        login="ann",
        password="a-password",
        allowed_origins=[other.origin],
    )
    assert ids_by_type(read_all(source, state)) == {"Patient": {"elsewhere"}}
    assert {seen.authorization for seen in other.seen} == {""}
    assert all(s.authorization for s in peer.proxy.seen if "$export" in s.path)


def test_a_link_local_server_is_refused_even_as_the_connection_itself():
    endpoint = Endpoint(conn_id="ehr_fhir", conn_type="http", host="169.254.169.254")
    with pytest.raises(UrlRefused, match="link-local"):
        read_all(fhir_server.source(endpoint), MemoryState())


def test_a_connection_to_a_file_is_refused():
    endpoint = Endpoint(conn_id="ehr_fhir", conn_type="http", host="file:///etc/passwd")
    with pytest.raises(ConfigurationInvalid, match="no http or https server"):
        fhir_server.source(endpoint)
