"""Private keys of a SMART client, in every form, and what is wrong with others."""

import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors.fhir_server.connection.keys import KeySource

RSA = rsa.generate_private_key(public_exponent=65537, key_size=2048)
P384 = ec.generate_private_key(ec.SECP384R1())
P256 = ec.generate_private_key(ec.SECP256R1())


def pem(key):
    form = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    return key.private_bytes(*form).decode()


def keys(given=(), **more):
    return KeySource(conn_id="ehr_fhir", given=given, **more).keys()


def test_the_kind_of_key_chooses_the_algorithm():
    assert [k.algorithm for k in keys([pem(RSA), pem(P384)])] == ["RS384", "ES384"]


def test_a_key_without_an_id_is_named_by_its_thumbprint():
    """RFC 7638, section 3.1."""
    jwk = json.loads(RSAAlgorithm.to_jwk(RSA))
    [given], [named] = keys(pem(RSA)), keys({**jwk, "kid": "ours"})
    assert len(given.kid) == 43
    assert named.kid == "ours"
    assert keys(jwk)[0].kid == given.kid


def test_a_set_of_keys_keeps_its_order_and_its_public_keys_are_left_out():
    jwks = [json.loads(ECAlgorithm.to_jwk(P384)), json.loads(RSAAlgorithm.to_jwk(RSA))]
    public = json.loads(RSAAlgorithm.to_jwk(RSA.public_key()))
    found = keys(json.dumps({"keys": [*jwks, public]}), kids=("one", "two"))
    assert [(k.kid, k.algorithm) for k in found] == [("one", "ES384"), ("two", "RS384")]


def test_files_are_read_each_time(tmp_path):
    path = tmp_path / "key.pem"
    source = KeySource(conn_id="ehr_fhir", paths=(str(path),))
    path.write_text(pem(RSA))
    before = source.keys()[0].kid
    path.write_text(pem(P384))
    assert source.keys()[0].kid != before


@pytest.mark.parametrize(
    ("given", "more", "why"),
    [
        ((), {}, "it has none"),
        ((), {"paths": ("/nowhere/key.pem",)}, "cannot be read"),
        ("S3CRET", {}, "neither PEM nor JWK"),
        ('{"keys": [', {}, "neither PEM nor JWK"),
        ({"kty": "oct", "k": "S3CRET", "d": "x"}, {}, "neither PEM nor JWK"),
        (pem(ed25519.Ed25519PrivateKey.generate()), {}, "neither PEM nor JWK"),
        (pem(P256), {}, "curve P-384"),
        (pem(RSA), {"algorithm": "ES384"}, "does not fit"),
        (17, {}, "neither PEM nor JWK"),
    ],
)
def test_a_key_that_cannot_be_used_is_said_and_not_shown(given, more, why):
    with pytest.raises(ConfigurationInvalid, match=why) as told:
        keys(given, **more)
    assert "S3CRET" not in str(told.value)
    assert told.value.__cause__ is None or "nowhere" in str(told.value)


def test_no_representation_shows_a_key():
    source = KeySource(conn_id="ehr_fhir", given=pem(RSA))
    assert "PRIVATE" not in repr(source) + repr(source.keys())
