"""Send requests to a FHIR server: bounded, tried again, and only where we may."""

from __future__ import annotations

import logging
import ssl
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Self

import httpx
import orjson
import stamina

from ledgerline.canonical.errors import (
    AuthenticationFailed,
    ConfigurationInvalid,
    SourceUnavailable,
)
from ledgerline.connectors.fhir_server.connection.options import ServerOptions
from ledgerline.connectors.fhir_server.connection.origin import (
    Origins,
    origin,
    shown,
)
from ledgerline.connectors.fhir_server.transport.authorization import (
    Authorization,
    authorization,
)
from ledgerline.connectors.fhir_server.transport.pinned import PinnedTransport
from ledgerline.connectors.fhir_server.transport.retry_after import seconds_to_wait

# Its INFO lines carry whole URLs, and signed file URLs are keys.
logging.getLogger("httpx").setLevel(logging.WARNING)

log = logging.getLogger(__name__)

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_TRY_AGAIN = frozenset({429, 500, 502, 503, 504})
_UNAUTHORIZED = frozenset({401, 403})
_MAX_ANSWER_BYTES = 128 * 1024 * 1024
_RATIO_LIMIT, _RATIO_FLOOR = 100, 64 * 1024 * 1024


class ServerBusy(SourceUnavailable):
    """A server still fails after every try that the connection allows."""

    def __init__(self, message: str, status: int | None) -> None:
        """Keep the last HTTP status beside the sentence; None is no answer."""
        super().__init__(message)
        self.status = status


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A status, its headers, and the body unless it went into a file."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(default=b"", repr=False)

    @property
    def document(self) -> dict[str, Any]:
        """The JSON object of the body; empty for anything else."""
        try:
            found = orjson.loads(self.body)
        except orjson.JSONDecodeError:
            return {}
        return found if isinstance(found, dict) else {}


class _TryAgain(Exception):
    """One attempt failed in a way that may pass."""

    def __init__(self, what: str, status: int | None, wait: float | None) -> None:
        super().__init__(what)
        self.status = status
        self.wait = wait


Take = Callable[[httpx.Response], bytes]
Form = Callable[[], Mapping[str, str]]


@dataclass(frozen=True, kw_only=True)
class _Request:
    method: str
    url: str
    headers: Mapping[str, str] = field(repr=False)
    form: Form | None = None


class FhirClient:
    """One server as its connection describes it. Threads may share a client."""

    def __init__(self, options: ServerOptions) -> None:
        """Prepare the connection; nothing is sent before the first call."""
        self.options = options
        self.origins = Origins(
            own=origin(options.base_url),
            allowed=options.allowed_origins,
            where=options.where,
        )
        self._http = httpx.Client(
            transport=_transport(options),
            timeout=httpx.Timeout(options.timeout, connect=10.0),
            headers={"User-Agent": "ledgerline", "Accept-Encoding": "gzip"},
            follow_redirects=False,
        )
        if self._tells_secrets():
            log.warning("%s is not encrypted and gets our key", options.where)
        self._authorization: Authorization = authorization(
            options, self.origins, self._send_unsigned
        )

    def __enter__(self) -> Self:
        """Return the client."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close the connections."""
        self._http.close()

    def _tells_secrets(self) -> bool:
        given = self.options.credentials
        host = httpx.URL(self.options.base_url).host
        is_open = self.options.base_url.startswith("http:") and host not in _LOOPBACK
        return is_open and bool(given.client_id or given.login)

    def get(
        self, url: str, headers: Mapping[str, str], *, is_signed: bool = True
    ) -> Answer:
        """Ask for a small answer, which is held in memory."""
        return self._signed("GET", url, headers, _read_small, is_signed=is_signed)

    def delete(self, url: str) -> Answer:
        """Ask the server to forget what is at the URL."""
        return self._signed("DELETE", url, {}, _read_small, is_signed=True)

    def download(self, url: str, path: Path, *, is_signed: bool) -> Answer:
        """Write the answer into a file when it is HTTP 200, and return the rest."""

        def take(response: httpx.Response) -> bytes:
            if response.status_code != httpx.codes.OK:
                return _read_small(response)
            _write(response, path)
            return b""

        headers = {"Accept": "application/fhir+ndjson, application/ndjson, */*;q=0.1"}
        return self._signed("GET", url, headers, take, is_signed=is_signed)

    def _signed(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        take: Take,
        *,
        is_signed: bool,
    ) -> Answer:
        """Send with our token where it may go; a 401 renews it, once a request."""
        self.origins.check(url)
        is_own = self.origins.is_own(url)
        used = self._authorization.header() if is_signed and is_own else ""
        request = _Request(method=method, url=url, headers=_with(headers, used))
        answer = self._send(request, take)
        if answer.status == httpx.codes.UNAUTHORIZED and is_own:
            used = self._authorization.renewed(used)
            if used:
                request = replace(request, headers=_with(headers, used))
                answer = self._send(request, take)
        if is_own and answer.status in _UNAUTHORIZED:
            raise AuthenticationFailed(
                f"{self.options.where} refuses our key for {shown(url)} (HTTP "
                f"{answer.status}); check the client's registration, its scopes and "
                "the connection's key or password"
            )
        return answer

    def _send_unsigned(self, url: str, form: Form | None) -> Answer:
        """Get a URL, or post a form made anew for each attempt, without a token."""
        given = self.options.credentials.token_url
        token_origin = frozenset({origin(given)} if given else ())
        replace(self.origins, allowed=self.origins.allowed | token_origin).check(url)
        request = _Request(
            method="GET" if form is None else "POST",
            url=url,
            headers={"Accept": "application/json"},
            form=form,
        )
        return self._send(request, _read_small)

    def _send(self, request: _Request, take: Take) -> Answer:
        options = self.options
        try:
            for attempt in stamina.retry_context(
                on=_wait_of,
                attempts=options.attempts,
                timeout=options.deadline,
                wait_initial=min(0.5, options.max_wait),
                wait_max=options.max_wait,
                wait_jitter=min(0.5, options.max_wait),
            ):
                with attempt:
                    return self._attempt(request, take)
        except _TryAgain as last:
            raise ServerBusy(
                f"{options.where} does not serve {request.method} "
                f"{shown(request.url)}: {last}, after {options.attempts} tries; see "
                "whether it is up, then run again",
                last.status,
            ) from last
        raise AssertionError("retry_context always makes an attempt")

    def _attempt(self, request: _Request, take: Take) -> Answer:
        data = request.form() if request.form else None
        with (
            _unanswered(),
            self._http.stream(
                request.method, request.url, headers=request.headers, data=data
            ) as response,
        ):
            status = response.status_code
            if response.is_redirect:
                raise self.origins.refuse_redirect(request.url)
            if status in _TRY_AGAIN:
                told = response.headers.get("Retry-After")
                now = datetime.now(UTC)
                wait = seconds_to_wait(told, now, self.options.max_wait)
                raise _TryAgain(f"HTTP {status}", status, wait)
            body = take(response)
            return Answer(status=status, headers=response.headers, body=body)


@contextmanager
def _unanswered() -> Iterator[None]:
    try:
        yield
    except (httpx.TransportError, httpx.DecodingError) as error:
        what = f"no complete answer came ({type(error).__name__})"
        raise _TryAgain(what, None, None) from error


def _wait_of(error: Exception) -> bool | float:
    if not isinstance(error, _TryAgain):
        return False
    return True if error.wait is None else error.wait


def _with(headers: Mapping[str, str], authorization: str) -> dict[str, str]:
    return {**headers, **({"Authorization": authorization} if authorization else {})}


def _read_small(response: httpx.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_bytes():
        body += chunk
        if len(body) > _MAX_ANSWER_BYTES:
            raise SourceUnavailable(
                f"{shown(str(response.url))} answers with more than "
                f"{_MAX_ANSWER_BYTES} bytes; ask for smaller pages (page_size)"
            )
    return bytes(body)


def _write(response: httpx.Response, path: Path) -> None:
    """Write the decoded body; stops at what inflates beyond any real file."""
    written = 0
    with path.open("wb") as file:
        for chunk in response.iter_bytes():
            written += len(chunk)
            limit = max(_RATIO_FLOOR, _RATIO_LIMIT * response.num_bytes_downloaded)
            if written > limit:
                raise SourceUnavailable(
                    f"{shown(str(response.url))} inflates to more than "
                    f"{_RATIO_LIMIT} times its size; have security look at it"
                )
            file.write(chunk)


def _transport(options: ServerOptions) -> httpx.BaseTransport:
    try:
        verify: ssl.SSLContext | bool = True
        if options.ca_file:
            verify = ssl.create_default_context(cafile=options.ca_file)
        if options.proxy:
            return httpx.HTTPTransport(verify=verify, proxy=options.proxy)
    except (OSError, ValueError) as error:
        raise ConfigurationInvalid(
            f"the ca_file or proxy of connection {options.conn_id} cannot be used"
        ) from error
    return PinnedTransport(httpx.HTTPTransport(verify=verify), options.where)
