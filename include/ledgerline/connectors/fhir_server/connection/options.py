"""What a connection to a FHIR server says: where, what, how long, which origins."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors.fhir_server.connection.keys import KeySource
from ledgerline.connectors.fhir_server.connection.origin import origin

MODES = ("auto", "bulk", "search")
_LEVEL = re.compile(r"system|patient|group/[A-Za-z0-9.-]{1,64}")
_TYPE = re.compile(r"[A-Z][A-Za-z]{1,39}")
_INCLUDE = re.compile(r"[A-Z][A-Za-z]{1,39}:[A-Za-z-]{1,40}(?::[A-Z][A-Za-z]{1,39})?")
_KEYS = frozenset(
    {
        "path",
        "mode",
        "export",
        "types",
        "since_overlap_hours",
        "page_size",
        "include",
        "files_in_parallel",
        "max_wait_seconds",
        "deadline_seconds",
        "attempts",
        "timeout_seconds",
        "allowed_origins",
        "ca_file",
        "proxy",
        "client_id",
        "private_key",
        "private_key_path",
        "kid",
        "algorithm",
        "scope",
        "token_url",
    }
)


@dataclass(frozen=True, kw_only=True)
class Credentials:
    """How we prove who we are: a SMART client, a login, or nothing."""

    login: str = ""
    password: str = field(default="", repr=False)
    client_id: str = ""
    keys: KeySource | None = None
    scope: str = "system/*.read"
    token_url: str = ""


@dataclass(frozen=True, kw_only=True)
class ServerOptions:
    """One FHIR server as its connection describes it. Times are in seconds.

    `overlap_hours` is None where the way of asking decides: none for exports, whose
    transactionTime is exact, and a day for searches.
    """

    conn_id: str
    base_url: str
    mode: str = "auto"
    level: str = "system"
    types: tuple[str, ...] = ()
    overlap_hours: float | None = None
    page_size: int = 500
    include: tuple[str, ...] = ()
    files_in_parallel: int = 3
    max_wait: float = 300.0
    deadline: float = 6 * 3600.0
    attempts: int = 8
    timeout: float = 60.0
    allowed_origins: frozenset[str] = frozenset()
    ca_file: str = ""
    proxy: str = field(default="", repr=False)
    credentials: Credentials = field(default_factory=Credentials)

    @property
    def where(self) -> str:
        """The server, as messages name it."""
        return f"the FHIR server {self.base_url} (connection {self.conn_id})"


def parse(endpoint: Endpoint) -> ServerOptions:
    """Read a connection; raises ConfigurationInvalid with the key to correct."""
    extra = _Extra(endpoint)
    return ServerOptions(
        conn_id=endpoint.conn_id,
        base_url=_base_url(endpoint, extra),
        mode=extra.matching("mode", re.compile("|".join(MODES)), "auto"),
        level=extra.matching("export", _LEVEL, "system"),
        types=extra.words("types", _TYPE),
        overlap_hours=extra.number("since_overlap_hours", None, at_least=0),
        page_size=int(extra.number("page_size", 500, at_least=1) or 500),
        include=extra.words("include", _INCLUDE),
        files_in_parallel=int(extra.number("files_in_parallel", 3, at_least=1) or 3),
        max_wait=extra.number("max_wait_seconds", 300.0, at_least=0.1) or 300.0,
        deadline=extra.number("deadline_seconds", 21600.0, at_least=0.1) or 21600.0,
        attempts=int(extra.number("attempts", 8, at_least=1) or 8),
        timeout=extra.number("timeout_seconds", 60.0, at_least=0.1) or 60.0,
        allowed_origins=frozenset(map(origin, extra.texts("allowed_origins"))),
        ca_file=extra.text("ca_file"),
        proxy=extra.text("proxy"),
        credentials=_credentials(endpoint, extra),
    )


@dataclass(frozen=True)
class _Extra:
    """The connection's own keys, read with their kinds."""

    endpoint: Endpoint

    def __post_init__(self) -> None:
        unknown = sorted(set(self.values) - _KEYS)
        if unknown:
            raise self.invalid(
                unknown[0],
                "no key of a FHIR server; known are " + ", ".join(sorted(_KEYS)),
            )

    @property
    def values(self) -> Mapping[str, Any]:
        return self.endpoint.extra

    def invalid(self, key: str, why: str) -> ConfigurationInvalid:
        return ConfigurationInvalid(
            f"the extra key {key!r} of connection {self.endpoint.conn_id} is {why}"
        )

    def text(self, key: str) -> str:
        value = self.values.get(key, "")
        if not isinstance(value, str):
            raise self.invalid(key, "not a text")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        value = self.values.get(key, ())
        if isinstance(value, str):
            value = [word.strip() for word in value.split(",") if word.strip()]
        if not isinstance(value, list | tuple) or not all(
            isinstance(word, str) for word in value
        ):
            raise self.invalid(key, "not a list of texts")
        return tuple(value)

    def words(self, key: str, pattern: re.Pattern[str]) -> tuple[str, ...]:
        found = self.texts(key)
        if not all(pattern.fullmatch(word) for word in found):
            raise self.invalid(
                key, "not a list of FHIR names, as in Patient, Encounter"
            )
        return found

    def matching(self, key: str, pattern: re.Pattern[str], default: str) -> str:
        value = self.text(key) or default
        if not pattern.fullmatch(value):
            raise self.invalid(key, f"not of the form {pattern.pattern}")
        return value

    def number(
        self, key: str, default: float | None, *, at_least: float
    ) -> float | None:
        value = self.values.get(key, default)
        if value is None:
            return None
        try:
            found = float(value)
        except (TypeError, ValueError) as error:
            raise self.invalid(key, "not a number") from error
        if not at_least <= found < float("inf"):
            raise self.invalid(key, f"not a number of at least {at_least}")
        return found


def _base_url(endpoint: Endpoint, extra: _Extra) -> str:
    host = endpoint.host
    scheme = endpoint.schema or ("https" if endpoint.conn_type == "https" else "http")
    given = host if "://" in host else f"{scheme}://{host}"
    try:
        url = httpx.URL(given)
        if endpoint.port:
            url = url.copy_with(port=endpoint.port)
    except httpx.InvalidURL as error:
        raise ConfigurationInvalid(
            f"the host of connection {endpoint.conn_id} is no address; give it as "
            "fhir.example.org or https://fhir.example.org/r4"
        ) from error
    if url.scheme not in {"http", "https"} or not url.host or url.userinfo:
        raise ConfigurationInvalid(
            f"connection {endpoint.conn_id} names no http or https server; give its "
            'host, schema "https", and the path of the FHIR base as extra "path"'
        )
    path = url.path.strip("/") or extra.text("path").strip("/")
    return f"{origin(str(url))}/{path}" if path else origin(str(url))


def _credentials(endpoint: Endpoint, extra: _Extra) -> Credentials:
    client_id = extra.text("client_id")
    if not client_id:
        return Credentials(login=endpoint.login, password=endpoint.password)
    keys = KeySource(
        conn_id=endpoint.conn_id,
        given=extra.values.get("private_key", ()),
        paths=extra.texts("private_key_path"),
        kids=extra.texts("kid"),
        algorithm=extra.matching("algorithm", re.compile("RS384|ES384|"), ""),
    )
    return Credentials(
        client_id=client_id,
        keys=keys,
        scope=extra.text("scope") or "system/*.read",
        token_url=extra.text("token_url"),
    )
