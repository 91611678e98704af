"""TLS: nobody listens in; with an authority, only known senders are heard."""

import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from tests.conftest import free_port
from tests.integration.mllp.service import Sender, Service, inbox, message

pytestmark = pytest.mark.integration


def certificate(folder, name, issuer=None):
    """Write a certificate and key for 127.0.0.1; self-signed without an issuer."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    signer_name, signer = issuer or (subject, key)
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer_name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(minutes=1))
        .not_valid_after(now + datetime.timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=not issuer, path_length=None), True)
        .sign(signer, hashes.SHA256())
    )
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return subject, key


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tls")
    authority = certificate(folder, "authority")
    for name in ("listener", "sender"):
        certificate(folder, name, authority)
    certificate(folder, "stranger")
    return folder


@pytest.fixture(scope="module")
def secured(tmp_path_factory, warehouse_dsn, files):
    running = Service(
        tmp_path_factory.mktemp("secured"),
        warehouse_dsn,
        free_port(),
        LEDGERLINE_MLLP_TLS_CERTIFICATE=str(files / "listener.pem"),
        LEDGERLINE_MLLP_TLS_KEY=str(files / "listener.key"),
        LEDGERLINE_MLLP_TLS_CLIENT_AUTHORITY=str(files / "authority.pem"),
    )
    running.start()
    yield running
    running.stop()


def wrap(files, name=None):
    context = ssl.create_default_context(cafile=files / "authority.pem")
    if name:
        context.load_cert_chain(files / f"{name}.pem", files / f"{name}.key")
    return lambda plug: context.wrap_socket(plug, server_hostname="127.0.0.1")


def test_a_sender_with_a_certificate_is_served_over_tls(secured, files):
    with Sender(secured.port, wrap=wrap(files, "sender")) as sender:
        assert sender.plug.version() in {"TLSv1.2", "TLSv1.3"}
        sender.send(*(message(f"tls{number}") for number in range(100)))
        assert {sender.answer().code for _ in range(100)} == {"AA"}
    assert len(inbox(secured.dsn, "tls")) == 100


@pytest.mark.parametrize("name", [None, "stranger"])
def test_a_sender_without_a_certificate_of_the_authority_is_not_heard(
    secured, files, name
):
    with (
        pytest.raises(OSError),  # noqa: PT011
        Sender(secured.port, wrap=wrap(files, name)) as sender,
    ):
        sender.ask(message("unknown"))
    assert inbox(secured.dsn, "unknown") == []


def test_plain_text_is_not_heard_where_tls_is_on(secured):
    with Sender(secured.port) as sender, pytest.raises((OSError, AssertionError)):
        sender.ask(message("plain"))
    assert inbox(secured.dsn, "plain") == []
