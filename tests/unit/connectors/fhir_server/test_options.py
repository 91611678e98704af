"""What a connection may say, and the sentence when it says something else."""

import pytest

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors import fhir_server
from ledgerline.connectors.formats.record import FileRefused
from ledgerline.connectors.source import FormatUnknown


def options(host="fhir.example.org", port=None, schema="https", **extra):
    endpoint = Endpoint(
        conn_id="ehr_fhir",
        conn_type="http",
        host=host,
        port=port,
        schema=schema,
        extra=extra,
    )
    return fhir_server.source(endpoint).options


@pytest.mark.parametrize(
    ("given", "base_url"),
    [
        ({}, "https://fhir.example.org"),
        ({"path": "/r4/"}, "https://fhir.example.org/r4"),
        ({"host": "https://fhir.example.org/r4/"}, "https://fhir.example.org/r4"),
        ({"host": "http://h/r4", "port": 8080}, "http://h:8080/r4"),
        ({"host": "h", "port": 443, "path": "x/y"}, "https://h/x/y"),
        ({"host": "FHIR.Example.ORG", "schema": ""}, "http://fhir.example.org"),
        ({"host": "[::1]", "port": 80, "schema": "http"}, "http://[::1]"),
    ],
)
def test_the_base_is_host_port_and_path(given, base_url):
    assert options(**given).base_url == base_url


def test_the_type_of_the_connection_can_name_the_scheme():
    endpoint = Endpoint(conn_id="ehr_fhir", conn_type="https", host="h")
    assert fhir_server.source(endpoint).options.base_url == "https://h"


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("type", "Patient"),
        ("types", "patient"),
        ("types", ["Patient/../x"]),
        ("types", 5),
        ("export", "everything"),
        ("export", "group/a b"),
        ("mode", "both"),
        ("include", "subject"),
        ("max_wait_seconds", "soon"),
        ("max_wait_seconds", -1),
        ("deadline_seconds", float("nan")),
        ("page_size", 0),
        ("algorithm", "HS256"),
    ],
)
def test_a_key_that_says_nothing_we_know_is_named(key, value):
    given = {"client_id": "us", "private_key": "x", key: value}
    with pytest.raises(ConfigurationInvalid, match=f"'{key}' of connection ehr_fhir"):
        options(**given)


@pytest.mark.parametrize(
    "host", ["", "ftp://h", "http://", "http://user:secret@h/", "http://h:port"]
)
def test_a_host_that_is_no_server_is_refused_without_its_login(host):
    with pytest.raises(ConfigurationInvalid) as told:
        options(host=host)
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    ("conn_id", "name"),
    [("ehr_fhir", "ehr_fhir"), ("ehr", "ehr"), ("clinic", "ehr_clinic")],
)
def test_the_source_is_named_for_its_zone(conn_id, name):
    endpoint = Endpoint(conn_id=conn_id, conn_type="http", host="h")
    assert fhir_server.source(endpoint).name == name


def test_files_are_recognised_and_foreign_formats_are_unknown():
    source = fhir_server.source(Endpoint(conn_id="ehr", conn_type="http", host="h"))
    head = b'{"resourceType":"Patient","id":"1"}\n'
    assert source.recognise("export/Patient.001.ndjson", head) == "fhir-ndjson"
    assert source.recognise("readme.md", b"# words") == ""
    with pytest.raises(FileRefused):
        source.recognise("picture.png", b"\x89PNG")
    with pytest.raises(FormatUnknown):
        source.reader("x12")
