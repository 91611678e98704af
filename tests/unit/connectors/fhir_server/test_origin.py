"""Origins: which two addresses are the same place."""

import socket

import httpx
import pytest

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.fhir_server.connection.origin import (
    Origins,
    UrlRefused,
    origin,
    shown,
)
from ledgerline.connectors.fhir_server.transport.pinned import PinnedTransport

ORIGINS = Origins(
    own="https://fhir.example.org",
    allowed=frozenset({"https://files.example.org"}),
    where="the FHIR server",
)


@pytest.mark.parametrize(
    "url",
    [
        "https://fhir.example.org/x",
        "https://FHIR.EXAMPLE.ORG:443/x?y=z",
        "https://files.example.org/x",
    ],
)
def test_an_origin_of_the_connection_is_followed(url):
    ORIGINS.check(url)


@pytest.mark.parametrize(
    "url",
    [
        "http://fhir.example.org/x",
        "https://fhir.example.org:8443/x",
        "https://fhir.example.org@evil.example/x",
        "https://user:pass@fhir.example.org/x",
        "https://fhir.example.org.evil.example/x",
        "https://evil.example/https://fhir.example.org/",
        "https://fhir.example.org\\@evil.example/x",
        "//fhir.example.org/x",
        "/x",
        "",
        "file:///etc/passwd",
        "data:,x",
        "https://[broken/x",
    ],
)
def test_every_other_address_is_refused(url):
    with pytest.raises(UrlRefused) as told:
        ORIGINS.check(url)
    assert "pass@" not in str(told.value)


def test_only_the_own_origin_gets_a_token():
    assert ORIGINS.is_own("https://fhir.example.org:443/x")
    assert not ORIGINS.is_own("https://files.example.org/x")


def test_messages_show_no_query_and_no_login():
    url = "https://u:p@files.example.org/a?signature=S3CRET"
    assert shown(url) == "https://files.example.org/a"
    assert origin(url) == "https://files.example.org"


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "fe80::1%eth0",
        "::ffff:169.254.169.254",
        "0.0.0.0",
        "224.0.0.1",
    ],
)
def test_a_name_that_leads_to_a_forbidden_address_is_refused(monkeypatch, address):
    answers_with(monkeypatch, [address])
    with pytest.raises(UrlRefused, match="link-local or reserved"):
        client(lambda _request: httpx.Response(200)).get("https://fhir.example.org/")


def test_a_name_is_resolved_once_and_pinned(monkeypatch):
    asked = answers_with(monkeypatch, ["192.0.2.1"])
    seen = []

    def answer(request):
        seen.append((request.url.host, request.headers["Host"], request.extensions))
        return httpx.Response(200)

    with client(answer) as opened:
        opened.get("https://fhir.example.org/")
        opened.get("https://fhir.example.org/")
    assert len(asked) == 1
    assert [host for host, _, _ in seen] == ["192.0.2.1"] * 2
    assert seen[0][1] == "fhir.example.org"
    assert seen[0][2]["sni_hostname"] == "fhir.example.org"


def test_the_next_address_of_a_name_is_tried(monkeypatch):
    answers_with(monkeypatch, ["2001:db8::1", "192.0.2.1"])

    def answer(request):
        if request.url.host == "2001:db8::1":
            raise httpx.ConnectError("refused")
        return httpx.Response(200)

    with client(answer) as opened:
        assert opened.get("https://fhir.example.org/").status_code == 200


def test_a_name_that_nobody_knows_is_said(monkeypatch):
    def unknown(*_args, **_kwargs):
        raise socket.gaierror

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    with pytest.raises(SourceUnavailable, match="no network address"):
        client(lambda _request: httpx.Response(200)).get("https://fhir.example.org/")


def answers_with(monkeypatch, addresses):
    asked = []

    def found(host, *_args, **_kwargs):
        asked.append(host)
        return [(0, 0, 0, "", (address, 0)) for address in addresses]

    monkeypatch.setattr(socket, "getaddrinfo", found)
    return asked


def client(answer):
    inner = httpx.MockTransport(answer)
    return httpx.Client(transport=PinnedTransport(inner, "the FHIR server"))
