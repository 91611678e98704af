"""The private keys of a SMART client: PEM or JWK, one or several."""

from __future__ import annotations

import hashlib
import json
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from jwt.algorithms import ECAlgorithm, RSAAlgorithm

from ledgerline.canonical.errors import ConfigurationInvalid

_ALGORITHM_OF = {"RSA": "RS384", "EC": "ES384"}
_THUMBPRINT_MEMBERS = {"RSA": ("e", "kty", "n"), "EC": ("crv", "kty", "x", "y")}


@dataclass(frozen=True, kw_only=True)
class SigningKey:
    """One private key, its id at the server and the algorithm it signs with."""

    kid: str
    algorithm: str
    key: RSAPrivateKey | EllipticCurvePrivateKey = field(repr=False)


@dataclass(frozen=True, kw_only=True)
class KeySource:
    """Where the keys of a connection are. Files are read at every authentication."""

    conn_id: str
    given: Any = field(default=(), repr=False)
    paths: tuple[str, ...] = ()
    kids: tuple[str, ...] = ()
    algorithm: str = ""

    def keys(self) -> list[SigningKey]:
        """Return every key in the order given, files after texts.

        Raises ConfigurationInvalid when there is none or one cannot be read.
        """
        texts = self.given if isinstance(self.given, list | tuple) else [self.given]
        found = [key for text in [*texts, *self._files()] for key in _jwks(text)]
        if not found:
            raise self._invalid("it has none; add private_key or private_key_path")
        return [
            self._signing_key(key, kid or "")
            for key, kid in zip_longest(found, self.kids[: len(found)])
        ]

    def _files(self) -> Iterator[str]:
        for path in self.paths:
            try:
                yield Path(path).expanduser().read_text()
            except (OSError, UnicodeDecodeError) as error:
                raise self._invalid(f"the file {path} cannot be read") from error

    def _signing_key(self, given: Any, kid: str) -> SigningKey:  # noqa: ANN401
        try:
            key, named, algorithm = _loaded(given)
        except (ValueError, TypeError, KeyError, jwt.PyJWTError):
            # The cause may quote the key: it is not chained.
            raise self._invalid(
                "one is neither PEM nor JWK of kind RSA or EC"
            ) from None
        public = json.loads(_public_jwk(key))
        chosen = self.algorithm or algorithm or _ALGORITHM_OF[public["kty"]]
        if chosen[:2] != _ALGORITHM_OF[public["kty"]][:2]:
            raise self._invalid(f"the algorithm {chosen} does not fit the key")
        if chosen == "ES384" and public["crv"] != "P-384":
            raise self._invalid("ES384 needs a key on the curve P-384")
        return SigningKey(
            kid=kid or named or _thumbprint(public), algorithm=chosen, key=key
        )

    def _invalid(self, why: str) -> ConfigurationInvalid:
        return ConfigurationInvalid(
            f"the private keys of connection {self.conn_id} cannot be used: {why}"
        )


def _jwks(given: Any) -> Iterator[Any]:  # noqa: ANN401
    """Yield the single keys of a PEM text, a JWK or a JWK set, as text or object."""
    if isinstance(given, str) and given.lstrip().startswith("{"):
        try:
            given = json.loads(given)
        except json.JSONDecodeError:
            yield None
            return
    if isinstance(given, dict) and "keys" in given:
        yield from (key for key in given["keys"] if _is_private(key))
    elif given:
        yield given


def _is_private(key: Any) -> bool:  # noqa: ANN401
    return isinstance(key, dict) and "d" in key


def _loaded(
    given: Any,  # noqa: ANN401
) -> tuple[RSAPrivateKey | EllipticCurvePrivateKey, str, str]:
    """Return key, id and algorithm; an id or algorithm not given is empty."""
    key: object
    if isinstance(given, dict):
        is_rsa = given["kty"] == "RSA"
        key = (RSAAlgorithm if is_rsa else ECAlgorithm).from_jwk(given)
        named, algorithm = str(given.get("kid", "")), str(given.get("alg", ""))
    elif not isinstance(given, str):
        raise TypeError
    else:
        key = load_pem_private_key(given.encode(), password=None)
        named, algorithm = "", ""
    if not isinstance(key, RSAPrivateKey | EllipticCurvePrivateKey):
        raise TypeError
    return key, named, algorithm if algorithm in {"RS384", "ES384"} else ""


def _public_jwk(key: RSAPrivateKey | EllipticCurvePrivateKey) -> str:
    if isinstance(key, RSAPrivateKey):
        return RSAAlgorithm.to_jwk(key.public_key())
    return ECAlgorithm.to_jwk(key.public_key())


def _thumbprint(jwk: dict[str, Any]) -> str:
    """Return the RFC 7638 thumbprint, the usual id of a key that has no other."""
    members = {name: jwk[name] for name in _THUMBPRINT_MEMBERS[jwk["kty"]]}
    text = json.dumps(members, separators=(",", ":"), sort_keys=True)
    digest = hashlib.sha256(text.encode()).digest()
    return urlsafe_b64encode(digest).rstrip(b"=").decode()
