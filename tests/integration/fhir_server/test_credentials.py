"""SMART Backend Services and logins against a server that checks them."""

import json
import logging
import time
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from ledgerline.canonical.errors import AuthenticationFailed
from ledgerline.connectors.fhir_server.connection.origin import UrlRefused
from ledgerline.connectors.fhir_server.transport.client import FhirClient
from tests.integration.fhir_server.fault_proxy import Answer
from tests.integration.fhir_server.peers import ids_by_type, read_all

pytestmark = pytest.mark.integration
STATUS, FILES, EXPORT = r"/bulk-status/", r"/bulk-files/", r"\$export"
TOKEN = "/auth/token"


def new_key(algorithm):
    if algorithm == "RS384":
        return rsa.generate_private_key(public_exponent=65537, key_size=2048)
    return ec.generate_private_key(ec.SECP384R1())


def pem(key):
    args = Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    return key.private_bytes(*args).decode()


def register(registered, algorithm, key):
    """Make the server take this key of the client, and no other."""
    form = Encoding.PEM, PublicFormat.SubjectPublicKeyInfo
    registered[algorithm].write_bytes(key.public_key().public_bytes(*form))


def smart(algorithm, **extra):
    return {"client_id": f"ledgerline-{algorithm}", "types": "Patient", **extra}


def assertions(peer):
    posted = [s.body.decode() for s in peer.proxy.seen if s.path == TOKEN]
    return [parse_qs(body)["client_assertion"][0] for body in posted]


@pytest.mark.parametrize("algorithm", ["RS384", "ES384"])
@pytest.mark.parametrize("form", ["pem", "jwk", "jwks", "file"])
def test_a_backend_service_is_let_in(
    guarded, registered, state, algorithm, form, tmp_path
):
    key = new_key(algorithm)
    register(registered, algorithm, key)
    kind = RSAAlgorithm if algorithm == "RS384" else ECAlgorithm
    jwk = {**json.loads(kind.to_jwk(key)), "kid": "our-kid", "alg": algorithm}
    path = tmp_path / "key.pem"
    path.write_text(pem(key))
    given = {
        "pem": {"private_key": pem(key)},
        "jwk": {"private_key": json.dumps(jwk)},
        "jwks": {"private_key": {"keys": [jwk]}},
        "file": {"private_key_path": str(path)},
    }[form]
    found = read_all(guarded.source(**smart(algorithm, **given)), state)
    assert len(ids_by_type(found)["Patient"]) == 60
    [assertion] = assertions(guarded)
    header = jwt.get_unverified_header(assertion)
    claims = jwt.decode(assertion, options={"verify_signature": False})
    assert header["alg"] == algorithm
    assert header["kid"] == "our-kid" if form.startswith("jwk") else header["kid"]
    assert claims["exp"] - time.time() <= 300
    assert claims["iss"] == claims["sub"] == f"ledgerline-{algorithm}"
    assert claims["aud"] == f"{guarded.proxy.origin}{TOKEN}"


@pytest.mark.parametrize("place", [EXPORT, STATUS, FILES])
def test_a_401_in_mid_run_authenticates_again_once(guarded, registered, state, place):
    key = new_key("ES384")
    register(registered, "ES384", key)
    guarded.proxy.fail(place, 401)
    found = read_all(guarded.source(**smart("ES384", private_key=pem(key))), state)
    assert len(ids_by_type(found)["Patient"]) == 60
    made = assertions(guarded)
    claims = [jwt.decode(a, options={"verify_signature": False}) for a in made]
    assert len({c["jti"] for c in claims}) == len(made) == 2


def test_a_token_that_stays_refused_is_said_and_not_tried_for_ever(
    guarded, registered, state
):
    key = new_key("ES384")
    register(registered, "ES384", key)
    guarded.proxy.fail(EXPORT, 401, times=50)
    with pytest.raises(AuthenticationFailed, match="refuses our key"):
        read_all(guarded.source(**smart("ES384", private_key=pem(key))), state)
    assert guarded.proxy.count(EXPORT) == 2


def test_keys_and_tokens_rotate_in_mid_run_and_no_pull_fails(
    guarded, registered, state, tmp_path
):
    """Ten pulls; in each the server takes another key from the second file on."""
    files = [tmp_path / "a.pem", tmp_path / "b.pem"]
    old = new_key("ES384")
    register(registered, "ES384", old)
    for path in files:
        path.write_text(pem(old))
    pulled = 0
    for number in range(10):
        guarded.proxy.reset()
        new = new_key("ES384")
        files[number % 2].write_text(pem(new))

        def rotate(answer, new=new):
            register(registered, "ES384", new)
            return Answer(401, {}, answer.body)

        guarded.proxy.rule(FILES, skip=1, change=rotate)
        extra = smart("ES384", private_key_path=list(map(str, files)))
        types = {"types": "Patient,Encounter,Coverage", "files_in_parallel": 2}
        state.kept.clear()
        found = read_all(guarded.source(**{**extra, **types}), state)
        pulled += {t: len(i) for t, i in ids_by_type(found).items()} == {
            "Patient": 60,
            "Encounter": 60,
            "Coverage": 60,
        }
    assert pulled == 10


def test_no_key_that_the_server_takes_is_said(guarded, registered, state):
    register(registered, "ES384", new_key("ES384"))
    keys = [pem(new_key("ES384")), pem(new_key("ES384"))]
    with pytest.raises(AuthenticationFailed, match=r"gives no token \(invalid_client"):
        read_all(guarded.source(**smart("ES384", private_key=keys)), state)
    assert len(assertions(guarded)) == 2


def test_a_busy_token_endpoint_is_asked_again_with_a_new_assertion(
    guarded, registered, state
):
    key = new_key("RS384")
    register(registered, "RS384", key)
    guarded.proxy.fail(TOKEN, 503, times=2, method="POST")
    read_all(guarded.source(**smart("RS384", private_key=pem(key))), state)
    assert len(set(assertions(guarded))) == 3


def test_a_token_endpoint_elsewhere_needs_the_connection_to_name_it(
    guarded, registered, state
):
    key = new_key("ES384")
    register(registered, "ES384", key)
    found = {"token_endpoint": "http://127.0.0.1:9/token"}
    answer = Answer(200, {}, json.dumps(found).encode())
    guarded.proxy.rule("smart-configuration", times=9, answer=answer)
    with pytest.raises(UrlRefused, match="token_url"):
        read_all(guarded.source(**smart("ES384", private_key=pem(key))), state)
    given = {"token_url": f"{guarded.proxy.origin}{TOKEN}", "private_key": pem(key)}
    assert read_all(guarded.source(**smart("ES384", **given)), state)


def test_a_login_is_sent_to_its_own_server(guarded, state):
    source = guarded.source(login="ann", password="a-pass:word", types="Patient")
    assert len(ids_by_type(read_all(source, state))["Patient"]) == 60


def test_a_wrong_password_is_said(guarded, state):
    source = guarded.source(login="ann", password="wrong", types="Patient")
    with pytest.raises(AuthenticationFailed) as told:
        read_all(source, state)
    assert "wrong" not in str(told.value).replace("wrong number", "")


def test_no_log_line_and_no_representation_holds_a_token_or_a_key(
    guarded, registered, state, caplog
):
    caplog.set_level(logging.DEBUG)
    key = new_key("ES384")
    register(registered, "ES384", key)
    tokens = []

    def note(answer):
        tokens.append(json.loads(answer.body)["access_token"])
        return answer

    guarded.proxy.rule(TOKEN, method="POST", times=9, change=note)
    guarded.proxy.fail(FILES, 401)
    source = guarded.source(**smart("ES384", private_key=pem(key)))
    read_all(source, state)
    client = FhirClient(source.options)
    with client:
        client.get(f"{source.options.base_url}/metadata", {})
        shown = caplog.text + repr(source) + repr(vars(client)) + str(state.kept)
    assert len(tokens) == 3
    for secret in (*tokens, *assertions(guarded), *pem(key).splitlines()[1:3]):
        assert secret not in shown
