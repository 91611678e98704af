"""Offer the files of an export; move the watermark when the last has landed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from functools import partial
from typing import NoReturn

from ledgerline.canonical.errors import SourceUnavailable
from ledgerline.connectors.fhir_server.bulk.download import Fetched, fetch_all
from ledgerline.connectors.fhir_server.bulk.job import JOB, ExportGone, Exports, Job
from ledgerline.connectors.fhir_server.bulk.manifest import Manifest
from ledgerline.connectors.fhir_server.connection.origin import UrlRefused
from ledgerline.connectors.formats.record import FileRefused, RefusalClass
from ledgerline.connectors.source import Delivery

log = logging.getLogger(__name__)

WATERMARK = "export_watermark"
FORMATS = {
    "output": "fhir-ndjson",
    "deleted": "fhir-deletions",
    "error": "fhir-outcomes",
}


def deliveries(exports: Exports) -> Iterator[Delivery]:
    """Offer one export, the one under way or a new one.

    An export that is gone is started again once. Raises ExportMissing where the
    server has no `$export`.
    """
    try:
        yield from _one(exports, exports.resumed())
        return
    except ExportGone:
        exports.state.drop(JOB)
        log.warning(
            "%s: the export is gone there (HTTP 404 or 410); starting it again, once",
            exports.options.where,
        )
    try:
        yield from _one(exports, None)
    except ExportGone as gone:
        exports.state.drop(JOB)
        raise SourceUnavailable(
            f"the export from {exports.options.where} vanished twice while it was "
            "fetched; ask the server's operator how long exports are kept"
        ) from gone


def _one(exports: Exports, resumed: Job | None) -> Iterator[Delivery]:
    job = resumed or exports.kicked_off(_since(exports))
    manifest = exports.manifest(job)
    yield from _refused_addresses(exports, manifest)
    cut: list[str] = []
    left = [file for file in manifest.files if file.url not in job.landed]
    for fetched in fetch_all(exports.client, left, is_signed=manifest.is_signed):
        yield _delivery(fetched)
        job = exports.noted(job, fetched.file.url, is_whole=fetched.is_whole)
        cut += [fetched.file.name] if fetched.is_cut else []
    _finish(exports, job, manifest)
    if cut:
        raise SourceUnavailable(
            f"{len(cut)} files of the export from {exports.options.where} end in the "
            f"middle of a record, fetched twice, first {cut[0]}; what came whole has "
            "landed, and the next run asks for all of it again"
        )


def _refused_addresses(exports: Exports, manifest: Manifest) -> Iterator[Delivery]:
    """Offer the first file that lies elsewhere as a refusal for security, and stop.

    Nothing of such a manifest is fetched.
    """
    for file in manifest.files:
        try:
            exports.client.origins.check(file.url)
        except UrlRefused as refused:
            yield Delivery(name=file.name, opened=partial(_refuse, refused.message))
            raise


def _refuse(message: str) -> NoReturn:
    raise FileRefused(RefusalClass.SSRF_BLOCKED, message)


def _delivery(fetched: Fetched) -> Delivery:
    file = fetched.file
    return Delivery(
        name=file.name,
        opened=fetched.opened,
        format=FORMATS[file.kind],
        expected_count=None if file.kind == "deleted" else file.count,
        is_said_anew=file.kind == "deleted",
    )


def _finish(exports: Exports, job: Job, manifest: Manifest) -> None:
    """Move the watermark if the export was complete, and let go of it."""
    if job.is_incomplete:
        log.warning(
            "%s: the export was incomplete; the next run asks from the same moment on",
            exports.options.where,
        )
    else:
        value = {"since": manifest.transaction_time, "question": exports.question}
        exports.state.save(WATERMARK, value)
    exports.forget(job)


def _since(exports: Exports) -> str:
    """Return where the last complete answer to the same question ended."""
    saved = exports.state.load(WATERMARK)
    if not saved or saved.get("question") != exports.question:
        return ""
    since = str(saved["since"])
    hours = exports.options.overlap_hours
    if not hours:
        return since
    moment = datetime.fromisoformat(since) - timedelta(hours=hours)
    return moment.isoformat(timespec="milliseconds")
