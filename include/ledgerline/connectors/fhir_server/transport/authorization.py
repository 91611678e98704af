"""Prove who we are: SMART Backend Services, a login, or nothing.

Tokens live in memory only and appear in no message and no representation.
"""

from __future__ import annotations

import re
import threading
import time
import uuid
from base64 import b64encode
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Protocol

import httpx
import jwt

from ledgerline.canonical.errors import AuthenticationFailed, ConfigurationInvalid
from ledgerline.connectors.fhir_server.connection.keys import SigningKey
from ledgerline.connectors.fhir_server.connection.options import ServerOptions
from ledgerline.connectors.fhir_server.connection.origin import (
    Origins,
    UrlRefused,
    origin,
    shown,
)

ASSERTION_SECONDS = 240
"""A server refuses assertions that are valid for more than five minutes."""
_ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_EARLY_SECONDS = 30.0
_WORD = re.compile(r"[a-z_]{1,40}")


class Reply(Protocol):
    """What an authorization reads of an answer."""

    @property
    def status(self) -> int:
        """The HTTP status."""

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object of the body."""


Ask = Callable[[str, Callable[[], Mapping[str, str]] | None], Reply]
"""Gets a URL, or posts the form to it, without a token."""


class Authorization(Protocol):
    """The `Authorization` header of requests to the server's own origin."""

    def header(self) -> str:
        """Return the header's value; empty for none."""

    def renewed(self, refused: str) -> str:
        """Return another value after the server refused this one; empty for none."""


def authorization(options: ServerOptions, origins: Origins, ask: Ask) -> Authorization:
    """Return how the connection proves who we are."""
    given = options.credentials
    if given.client_id:
        return SmartBackend(options=options, origins=origins, ask=ask)
    if given.login:
        pair = f"{given.login}:{given.password}".encode()
        return Fixed(value=f"Basic {b64encode(pair).decode()}")
    return Fixed(value="")


@dataclass(frozen=True, kw_only=True)
class Fixed:
    """A header that never changes: a login, or none."""

    value: str = field(repr=False)

    def header(self) -> str:
        """Return it."""
        return self.value

    def renewed(self, refused: str) -> str:
        """Return the login where it was not sent before; it cannot be renewed."""
        return "" if refused else self.value


@dataclass(kw_only=True)
class SmartBackend:
    """A client of SMART Backend Services, with one or more keys (private_key_jwt)."""

    options: ServerOptions
    origins: Origins
    ask: Ask
    _token: str = field(default="", repr=False)
    _until: float = 0.0
    _token_url: str = ""
    _kid: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False)

    def header(self) -> str:
        """Return the token, fetched before its end."""
        with self._lock:
            if not self._token or time.monotonic() >= self._until:
                self._authenticate()
            return f"Bearer {self._token}"

    def renewed(self, refused: str) -> str:
        """Return a token other than the one that was refused."""
        with self._lock:
            if f"Bearer {self._token}" == refused or not self._token:
                self._authenticate()
            return f"Bearer {self._token}"

    def _authenticate(self) -> None:
        """Try every key until the server takes one, the last good one first."""
        self._token = ""
        source = self.options.credentials.keys
        keys = source.keys() if source else []
        last = ""
        for key in sorted(keys, key=lambda key: key.kid != self._kid):
            answer = self.ask(self._found_token_url(), partial(self._form, key))
            if answer.status == httpx.codes.OK:
                self._take(answer.document, key)
                return
            last = _named_error(answer)
            if last != "invalid_client" and answer.status != httpx.codes.UNAUTHORIZED:
                break
        raise AuthenticationFailed(
            f"{self.options.where} gives no token ({last}); check the client_id, the "
            "registered public keys and the scope in the connection's extra"
        )

    def _take(self, document: Mapping[str, Any], key: SigningKey) -> None:
        token = document.get("access_token")
        if not isinstance(token, str) or not token.isascii() or not token.isprintable():
            raise AuthenticationFailed(
                f"{self.options.where} answers without a token; check the token_url "
                "in the connection's extra"
            )
        lifetime = document.get("expires_in", 300)
        seconds = float(lifetime) if isinstance(lifetime, int | float) else 300.0
        self._until = time.monotonic() + max(seconds - _EARLY_SECONDS, seconds / 2)
        self._kid = key.kid
        self._token = token

    def _form(self, key: SigningKey) -> dict[str, str]:
        """Return a form with a new assertion: each is used once only."""
        client_id = self.options.credentials.client_id
        now = int(time.time())
        claims = {
            "iss": client_id,
            "sub": client_id,
            "aud": self._token_url,
            "iat": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": uuid.uuid4().hex,
        }
        headers = {"kid": key.kid, "typ": "JWT"}
        assertion = jwt.encode(claims, key.key, key.algorithm, headers=headers)
        return {
            "grant_type": "client_credentials",
            "scope": self.options.credentials.scope,
            "client_assertion_type": _ASSERTION_TYPE,
            "client_assertion": assertion,
        }

    def _found_token_url(self) -> str:
        if not self._token_url:
            given = self.options.credentials.token_url
            self._token_url = given or self._discovered()
        return self._token_url

    def _discovered(self) -> str:
        url = f"{self.options.base_url}/.well-known/smart-configuration"
        found = self.ask(url, None).document.get("token_endpoint")
        if not isinstance(found, str):
            raise ConfigurationInvalid(
                f"{self.options.where} names no token endpoint at {shown(url)}; give "
                "it as token_url in the connection's extra"
            )
        try:
            self.origins.check(found)
        except UrlRefused as refused:
            raise UrlRefused(
                f"{self.options.where} names the token endpoint of another origin, "
                f"{origin(found)}; if that is right, give its address as token_url "
                "in the connection's extra"
            ) from refused
        return found


def _named_error(answer: Reply) -> str:
    """Return the OAuth error of an answer, or its status: no other text is shown."""
    named = answer.document.get("error")
    if isinstance(named, str) and _WORD.fullmatch(named):
        return named
    return f"HTTP {answer.status}"
