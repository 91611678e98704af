"""A feed of pages over HTTP with a cursor that moves only after commit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Any

import httpx
import stamina

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import (
    AuthenticationFailed,
    ConfigurationInvalid,
    SourceUnavailable,
)
from ledgerline.connectors.feeds.formats import reader
from ledgerline.connectors.fhir_server.transport.retry_after import seconds_to_wait
from ledgerline.connectors.formats import json_page
from ledgerline.connectors.formats.record import Reader
from ledgerline.connectors.source import Delivery, State

_WATERMARK = "cursor"
_ATTEMPTS = 5
_LONGEST_WAIT = 60.0
_LONGEST_CURSOR = 1_000
_FORBIDDEN = frozenset({401, 403})
_BUSY = frozenset({408, 425, 429, 500, 502, 503, 504})


class _Busy(SourceUnavailable):
    """The server asks for patience; `wait` is how much, if it says so."""

    def __init__(self, message: str, wait: float | None = None) -> None:
        """Keep the wait beside the sentence."""
        super().__init__(message)
        self.wait = wait


@dataclass(frozen=True, kw_only=True)
class _Page:
    """One answer: its bytes and its headers."""

    content: bytes
    headers: httpx.Headers


@dataclass(frozen=True, kw_only=True)
class HttpFeed:
    """Pages at one path of a web service, each with a cursor to what follows.

    `format` is what `json_rows` or `csv_rows` named. The cursor to the next page lies
    `cursor_at` a dotted place of a JSON page, or in the header of that name for CSV;
    it is sent back as the parameter `cursor_parameter`. A page without one is the
    last, and the next run asks for it again: what it brought before is a duplicate.
    """

    zone: str
    name: str
    endpoint: Endpoint
    path: str
    format: str
    cursor_at: str = "next_cursor"
    cursor_parameter: str = "cursor"
    is_whole: bool = False

    def deliveries(self, state: State) -> Iterator[Delivery]:
        """Offer page after page from where the last run ended.

        Raises SourceUnavailable, AuthenticationFailed and ConfigurationInvalid.
        """
        cursor = str((state.load(_WATERMARK) or {}).get("cursor", ""))
        seen = {cursor}
        with self._client() as client:
            while True:
                page = self._page(client, cursor)
                yield Delivery(
                    name=f"{self.path}?{self.cursor_parameter}={cursor}",
                    format=self.format,
                    opened=partial(io.BytesIO, page.content),
                )
                cursor = self._next(page)
                if not cursor:
                    return
                if cursor in seen:
                    raise SourceUnavailable(
                        f"{self._where} leads its pages in a circle; ask its operator"
                    )
                seen.add(cursor)
                state.save(_WATERMARK, {"cursor": cursor})

    def recognise(self, _name: str, _head: bytes) -> str:
        """Return the format of every page."""
        return self.format

    def reader(self, format_name: str) -> Reader:
        """Return the reader of a feed's format; raises FormatUnknown."""
        return reader(format_name)

    @property
    def _where(self) -> str:
        return f"{self.path} of connection {self.endpoint.conn_id}"

    def _client(self) -> httpx.Client:
        if not self.endpoint.host:
            raise ConfigurationInvalid(
                f"connection {self.endpoint.conn_id} names no host; give it one"
            )
        secret = self.endpoint.password
        return httpx.Client(
            base_url=self.endpoint.base_url,
            headers={"Authorization": f"Bearer {secret}"} if secret else {},
            timeout=60.0,
            follow_redirects=False,
            trust_env=False,
        )

    def _page(self, client: httpx.Client, cursor: str) -> _Page:
        for attempt in stamina.retry_context(
            on=_wait_of, attempts=_ATTEMPTS, timeout=None, wait_max=_LONGEST_WAIT
        ):
            with attempt:
                return self._asked(client, cursor)
        raise AssertionError("retry_context always makes an attempt")

    def _asked(self, client: httpx.Client, cursor: str) -> _Page:
        parameters = {self.cursor_parameter: cursor} if cursor else {}
        try:
            with client.stream("GET", self.path, params=parameters) as response:
                self._refuse(response)
                content = b"".join(self._capped(response.iter_bytes()))
        except (httpx.TransportError, httpx.DecodingError) as error:
            raise _Busy(
                f"{self._where} gave no complete answer ({type(error).__name__}); see "
                "whether it is up, then run again"
            ) from error
        return _Page(content=content, headers=response.headers)

    def _refuse(self, response: httpx.Response) -> None:
        status = response.status_code
        if status in _FORBIDDEN:
            raise AuthenticationFailed(
                f"{self._where} refuses our key (HTTP {status}); correct its password"
            )
        if status in _BUSY:
            told = response.headers.get("Retry-After")
            raise _Busy(
                f"{self._where} does not serve (HTTP {status}); run again later",
                seconds_to_wait(told, datetime.now(UTC), _LONGEST_WAIT),
            )
        if not response.is_success:
            raise ConfigurationInvalid(
                f"{self._where} answers HTTP {status}; correct the path or the host"
            )

    def _capped(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        size = 0
        for chunk in chunks:
            size += len(chunk)
            if size > json_page.MAX_PAGE_BYTES:
                raise ConfigurationInvalid(
                    f"{self._where} sends pages of more than "
                    f"{json_page.MAX_PAGE_BYTES} bytes; ask it for smaller ones"
                )
            yield chunk

    def _next(self, page: _Page) -> str:
        if self.format.startswith("feed-csv"):
            found: Any = page.headers.get(self.cursor_at)
        else:
            found = json_page.member(page.content, self.cursor_at)
        if found is None or found == "":
            return ""
        if not isinstance(found, str | int) or len(str(found)) > _LONGEST_CURSOR:
            raise SourceUnavailable(
                f"{self._where} gives a cursor that is no text at {self.cursor_at}; "
                "ask its operator"
            )
        return str(found)


def _wait_of(error: Exception) -> bool | float:
    if not isinstance(error, _Busy):
        return False
    return True if error.wait is None else error.wait
