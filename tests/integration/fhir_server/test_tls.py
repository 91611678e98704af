"""A server behind TLS, by the certificate of an authority of its own."""

import json
import ssl
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from cryptography.x509.oid import NameOID

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid, SourceUnavailable
from ledgerline.connectors import fhir_server
from tests.integration.fhir_server.fault_proxy import Answer, FaultProxy
from tests.integration.fhir_server.peers import QUICK, ids_by_type, read_all

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for the name localhost, signed by itself, and its key."""
    path = tmp_path_factory.mktemp("tls") / "localhost.pem"
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    path.write_bytes(made.public_bytes(Encoding.PEM) + key.private_bytes(*form))
    return path


@pytest.fixture
def server(certificate):
    """A server with one patient, on TLS."""
    proxy = FaultProxy(0)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    proxy.wrap(context)
    statement = {"resourceType": "CapabilityStatement"}
    patient = {"resource": {"resourceType": "Patient", "id": "p1"}}
    page = {"resourceType": "Bundle", "type": "searchset", "entry": [patient]}
    for path, body in (("/metadata", statement), (r"/Patient\?", page)):
        answer = Answer(200, {}, json.dumps(body).encode())
        proxy.rule(path, times=-1, answer=answer)
    proxy.start()
    yield proxy
    proxy.stop()


def source(server, host, **extra):
    endpoint = Endpoint(
        conn_id="ehr_fhir",
        conn_type="http",
        schema="https",
        host=host,
        port=int(server.origin.rsplit(":", 1)[1]),
        extra={**QUICK, "attempts": 1, "mode": "search", "types": "Patient", **extra},
    )
    return fhir_server.source(endpoint)


def test_a_server_of_the_named_authority_is_asked(server, certificate, state):
    found = read_all(source(server, "localhost", ca_file=str(certificate)), state)
    assert ids_by_type(found) == {"Patient": {"p1"}}


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_certificate_that_proves_nothing_is_not_accepted(
    server, certificate, state, host
):
    """Of no authority that we know, or for another name than the one asked."""
    extra = {"ca_file": str(certificate)} if host == "127.0.0.1" else {}
    with pytest.raises(SourceUnavailable, match="no complete answer came"):
        read_all(source(server, host, **extra), state)


def test_a_file_of_certificates_that_is_not_there_is_said(server, state):
    with pytest.raises(ConfigurationInvalid, match="ca_file"):
        read_all(source(server, "localhost", ca_file="/nowhere.pem"), state)
