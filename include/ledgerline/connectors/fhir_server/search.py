"""REST search for servers without `$export`: page after page, window after window."""

from __future__ import annotations

import logging
from collections.abc import Generator, Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from io import BytesIO
from typing import Any, BinaryIO

import httpx

from ledgerline.canonical.errors import ConfigurationInvalid, SourceUnavailable
from ledgerline.connectors.fhir_server.connection.outcome import issue_codes
from ledgerline.connectors.fhir_server.transport.client import Answer, FhirClient
from ledgerline.connectors.source import Delivery, State

log = logging.getLogger(__name__)

WATERMARK = "search_watermark"
FORMAT = "fhir-page"
_JSON = {"Accept": "application/fhir+json"}
_OVERLAP_HOURS = 24.0
_PASSES = 3
_MAX_PAGES = 1_000_000


@dataclass(kw_only=True)
class _Pass:
    """One reading of all pages of one type: what was promised and what came.

    A page moves under us when a resource is changed meanwhile; then fewer distinct
    resources come than the first page promised, and the pages are read again.
    """

    total: int | None = None
    seen: set[str] = field(default_factory=set)

    @property
    def is_short(self) -> bool:
        return self.total is not None and len(self.seen) < self.total

    def take(self, page: dict[str, Any]) -> bool:
        """Note a page; tell whether it holds anything."""
        if self.total is None and isinstance(page.get("total"), int):
            self.total = page["total"]
        entries = page.get("entry") or []
        for entry in entries:
            if entry.get("search", {}).get("mode", "match") == "match":
                resource = entry.get("resource", {})
                self.seen.add(f"{resource.get('resourceType')}/{resource.get('id')}")
        return bool(entries)


@dataclass(frozen=True, kw_only=True)
class Searches:
    """The searches of one server, and what is remembered of them."""

    client: FhirClient
    state: State

    def deliveries(self) -> Iterator[Delivery]:
        """Offer each page; a type's watermark moves when its last page has landed."""
        statement = self._statement()
        until = _server_time(statement)
        for resource_type in self._types(statement.document):
            url = self._first_url(resource_type, self._since(resource_type), until)
            if (yield from self._read(url, f"search/{resource_type}")):
                self._move(resource_type, until)

    def _statement(self) -> Answer:
        url = f"{self.client.options.base_url}/metadata"
        answer = self.client.get(url, _JSON)
        if answer.document.get("resourceType") != "CapabilityStatement":
            raise ConfigurationInvalid(
                f"{self.client.options.where} has no CapabilityStatement (HTTP "
                f"{answer.status}); check the path of the FHIR base in the connection"
            )
        return answer

    def _types(self, statement: dict[str, Any]) -> list[str]:
        if self.client.options.types:
            return list(self.client.options.types)
        return [
            str(resource["type"])
            for rest in statement.get("rest", [])
            for resource in rest.get("resource", [])
            if any(
                interaction.get("code") == "search-type"
                for interaction in resource.get("interaction", [])
            )
        ]

    def _since(self, resource_type: str) -> datetime | None:
        saved = (self.state.load(WATERMARK) or {}).get(resource_type)
        if not saved:
            return None
        given = self.client.options.overlap_hours
        hours = _OVERLAP_HOURS if given is None else given
        return datetime.fromisoformat(saved) - timedelta(hours=hours)

    def _move(self, resource_type: str, until: datetime) -> None:
        marks = {**(self.state.load(WATERMARK) or {}), resource_type: _instant(until)}
        self.state.save(WATERMARK, marks)

    def _read(self, url: str, place: str) -> Generator[Delivery, None, bool]:
        """Offer all pages until as many resources came as promised, and tell so.

        Two readings alike, or the last of them, are all that there is; if they are
        still short, the watermark stays and the next run asks again.
        """
        before: set[str] | None = None
        for number in range(1, _PASSES + 1):
            reading = _Pass()
            yield from self._pages(url, reading, f"{place}.{number}")
            if not reading.is_short:
                return True
            log.warning(
                "%s: %s promises %s resources and gives %d",
                self.client.options.where,
                place,
                reading.total,
                len(reading.seen),
            )
            if reading.seen == before:
                break
            before = reading.seen
        return False

    def _first_url(
        self, resource_type: str, since: datetime | None, until: datetime
    ) -> str:
        options = self.client.options
        url = httpx.URL(f"{options.base_url}/{resource_type}")
        url = url.copy_add_param("_count", str(options.page_size))
        if since:
            url = url.copy_add_param("_lastUpdated", f"ge{_instant(since)}")
        url = url.copy_add_param("_lastUpdated", f"lt{_instant(until)}")
        for include in options.include:
            if include.startswith(f"{resource_type}:"):
                url = url.copy_add_param("_include", include)
        return str(url)

    def _pages(self, url: str, reading: _Pass, place: str) -> Iterator[Delivery]:
        seen = set[str]()
        while url:
            if url in seen or len(seen) >= _MAX_PAGES:
                raise SourceUnavailable(
                    f"{self.client.options.where} links page {len(seen)} of {place} "
                    "back to a page it already gave; ask the server's operator"
                )
            seen.add(url)
            answer = self.client.get(url, _JSON)
            page = self._bundle(answer, place)
            if self._taken(reading, page, place):
                yield _delivery(f"{place}/{len(seen):06}.json", answer.body)
            url = _next(url, page)

    def _taken(self, reading: _Pass, page: dict[str, Any], place: str) -> bool:
        try:
            return reading.take(page)
        except (AttributeError, TypeError) as error:
            raise SourceUnavailable(
                f"{self.client.options.where} answers {place} with a Bundle of another "
                "shape than FHIR's; ask the server's operator"
            ) from error

    def _bundle(self, answer: Answer, place: str) -> dict[str, Any]:
        page = answer.document
        if answer.status == httpx.codes.OK and page.get("resourceType") == "Bundle":
            return page
        raise SourceUnavailable(
            f"{self.client.options.where} does not answer {place} with a Bundle (HTTP "
            f"{answer.status}, {issue_codes(page)}); check the extra keys types and "
            "include, then run again"
        )


def _delivery(name: str, body: bytes) -> Delivery:
    def opened() -> nullcontext[BinaryIO]:
        return nullcontext(BytesIO(body))

    return Delivery(name=name, opened=opened, format=FORMAT)


def _next(url: str, page: dict[str, Any]) -> str:
    links = page.get("link")
    for link in links if isinstance(links, list) else ():
        if isinstance(link, dict) and link.get("relation") == "next":
            return str(httpx.URL(url).join(str(link.get("url", ""))))
    return ""


def _server_time(answer: Answer) -> datetime:
    """Return the server's own clock: a window never ends where its day has not been."""
    try:
        return parsedate_to_datetime(answer.headers["Date"]).astimezone(UTC)
    except (KeyError, ValueError, TypeError):
        return datetime.now(UTC).replace(microsecond=0)


def _instant(moment: datetime) -> str:
    text = moment.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
