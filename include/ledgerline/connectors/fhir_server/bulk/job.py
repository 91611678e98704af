"""One export at the server: kicked off once, polled until complete, then forgotten.

What must survive a kill is saved before the step that needs it: the status address
before the first poll, each file once it has landed.
"""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from typing import Any

import httpx

from ledgerline.canonical.errors import (
    ConfigurationInvalid,
    LedgerlineError,
    SourceUnavailable,
)
from ledgerline.connectors.fhir_server.bulk.manifest import (
    Manifest,
    assemble,
    next_page,
)
from ledgerline.connectors.fhir_server.connection.options import ServerOptions
from ledgerline.connectors.fhir_server.connection.outcome import issue_codes
from ledgerline.connectors.fhir_server.transport.client import (
    Answer,
    FhirClient,
    ServerBusy,
)
from ledgerline.connectors.fhir_server.transport.retry_after import seconds_to_wait
from ledgerline.connectors.source import State

log = logging.getLogger(__name__)

JOB = "export"
_JSON = {"Accept": "application/fhir+json, application/json"}
_NO_SUCH = frozenset({404, 405, 501})
_EXPORT_NAMED = re.compile(rb'"name"\s*:\s*"(?:[a-z]+-)?export"')
_MAX_PAGES = 10_000
_FIRST_WAIT, _USUAL_WAIT = 0.25, 30.0
Clock = Callable[[], float]


class ExportMissing(Exception):
    """The server has no `$export`."""


class ExportGone(Exception):
    """The export, its manifest or a file of it no longer exists at the server."""


@dataclass(frozen=True, kw_only=True)
class Job:
    """An export that was kicked off: where it is asked after, and what has landed.

    `question` says what was asked; `since` is empty for everything.
    """

    status_url: str
    question: str
    since: str
    started_at: float
    landed: tuple[str, ...] = ()
    is_incomplete: bool = False


@dataclass(frozen=True, kw_only=True)
class Exports:
    """The exports of one server, and what is remembered of them."""

    client: FhirClient
    state: State
    now: Clock = time.time
    sleep: Callable[[float], None] = time.sleep

    @property
    def options(self) -> ServerOptions:
        """The connection's options."""
        return self.client.options

    @property
    def question(self) -> str:
        """What is asked for; another question is another export."""
        types = ",".join(sorted(self.options.types)) or "*"
        return f"{self.options.base_url} {self.options.level} {types}"

    def resumed(self) -> Job | None:
        """Return the export that an earlier run left, if it answers our question."""
        saved = self.state.load(JOB)
        if not saved:
            return None
        job = Job(**{**saved, "landed": tuple(saved["landed"])})
        if job.question == self.question:
            log.info("%s: an export is under way; resuming it", self.options.where)
            return job
        self.forget(job)
        return None

    def kicked_off(self, since: str) -> Job:
        """Start an export and remember it. Raises ExportMissing where there is none."""
        url = httpx.URL(f"{self.options.base_url}/{_path(self.options.level)}")
        if self.options.types:
            url = url.copy_add_param("_type", ",".join(self.options.types))
        if since:
            url = url.copy_add_param("_since", since)
        headers = {**_JSON, "Prefer": "respond-async"}
        answer = self.client.get(str(url), headers)
        status_url = str(url.join(answer.headers.get("Content-Location", "")))
        if answer.status not in {200, 202} or "Content-Location" not in answer.headers:
            raise self._refused(answer)
        self.client.origins.check(status_url)
        job = Job(
            status_url=status_url,
            question=self.question,
            since=since,
            started_at=self.now(),
        )
        self.save(job)
        log.info("%s: export kicked off", self.options.where)
        return job

    def save(self, job: Job) -> None:
        """Remember the export as it is now."""
        self.state.save(JOB, asdict(job))

    def noted(self, job: Job, url: str, *, is_whole: bool) -> Job:
        """Remember that a file has landed, and whether all of it came."""
        noted = replace(
            job,
            landed=(*job.landed, url),
            is_incomplete=job.is_incomplete or not is_whole,
        )
        self.save(noted)
        return noted

    def forget(self, job: Job) -> None:
        """Drop the export here, then at the server as far as it can."""
        self.state.drop(JOB)
        try:
            self.client.delete(job.status_url)
        except LedgerlineError as error:
            log.info("the finished export stays at the server: %s", error.code)

    def manifest(self, job: Job) -> Manifest:
        """Poll until the export is complete and return all of its manifest."""
        return assemble(self._pages(job), self.options.where)

    def _pages(self, job: Job) -> Iterator[dict[str, Any]]:
        url, seen = job.status_url, set[str]()
        while url:
            if url in seen or len(seen) >= _MAX_PAGES:
                raise SourceUnavailable(
                    f"the manifest of the export from {self.options.where} leads back "
                    "to a page it already gave; ask the server's operator"
                )
            seen.add(url)
            page = self._complete(job, url).document
            if not page:
                raise SourceUnavailable(
                    f"the manifest of the export from {self.options.where} is no JSON "
                    "object; run again, and ask the server's operator if it stays so"
                )
            yield page
            following = next_page(page)
            url = str(httpx.URL(url).join(following)) if following else ""

    def _complete(self, job: Job, url: str) -> Answer:
        wait = _FIRST_WAIT
        while True:
            answer = self._polled(job, url)
            if answer.status == httpx.codes.OK:
                return answer
            if self.now() - job.started_at > self.options.deadline:
                self.forget(job)
                raise SourceUnavailable(
                    f"the export from {self.options.where} is not complete after "
                    f"{self.options.deadline:.0f} seconds; it was cancelled, and the "
                    "next run starts another. Ask the server's operator, ask for fewer "
                    "types, or raise deadline_seconds in the connection's extra"
                )
            told = answer.headers.get("Retry-After")
            wait = min(wait * 2, _USUAL_WAIT, self.options.max_wait)
            self.sleep(self._told(told) or wait)

    def _told(self, value: str | None) -> float | None:
        return seconds_to_wait(value, datetime.now(UTC), self.options.max_wait)

    def _polled(self, job: Job, url: str) -> Answer:
        try:
            answer = self.client.get(url, _JSON)
        except ServerBusy as busy:
            if busy.status == httpx.codes.INTERNAL_SERVER_ERROR:
                self.forget(job)
            raise
        if answer.status in {404, 410}:
            raise ExportGone
        if answer.status not in {200, 202}:
            self.forget(job)
            raise SourceUnavailable(
                f"the export at {self.options.where} failed (HTTP {answer.status}, "
                f"{issue_codes(answer.document)}); the next run starts another"
            )
        return answer

    def _refused(self, answer: Answer) -> Exception:
        codes = issue_codes(answer.document)
        if answer.status in _NO_SUCH or (
            "not-supported" in codes and not self._is_promised()
        ):
            return self._missing()
        kind = ConfigurationInvalid if answer.status < 500 else SourceUnavailable
        return kind(
            f"{self.options.where} does not start an export (HTTP {answer.status}, "
            f"{codes}); check the extra keys export and types"
        )

    def _missing(self) -> Exception:
        if not self.options.level.startswith("group/"):
            return ExportMissing()
        return ConfigurationInvalid(
            f"{self.options.where} knows no export of {self.options.level}; check the "
            "group's id in the extra key export, and that the server exports groups"
        )

    def _is_promised(self) -> bool:
        """Tell whether the CapabilityStatement names an export."""
        answer = self.client.get(f"{self.options.base_url}/metadata", _JSON)
        return bool(_EXPORT_NAMED.search(answer.body))


def _path(level: str) -> str:
    kind, _, group = level.partition("/")
    return {"system": "$export", "patient": "Patient/$export"}.get(
        kind, f"Group/{group}/$export"
    )
