"""The port to an ERP that imports files: sending says nothing, the answer comes later.

A document that was given is in doubt until its acknowledgement is whole; only that
settles it. It is never given a second time: what the ERP rejected is a refusal when
the protocol asks again.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import (
    ConfigurationInvalid,
    SourceMissing,
    SourceUnavailable,
)
from ledgerline.posting.document import (
    Document,
    Journal,
    Requisition,
    StockMove,
    content_sha256,
)
from ledgerline.posting.file_job import codes
from ledgerline.posting.file_job.acknowledgement import Acknowledgements, Result
from ledgerline.posting.file_job.drop import DropFolder
from ledgerline.posting.port import Answer, FoundDocument, Identity, MasterData, Profile

log = logging.getLogger(__name__)


class AcknowledgementAwaited(SourceUnavailable):
    """The ERP has the document's batch and has not said what became of it."""

    code = "ERP_ACKNOWLEDGEMENT_AWAITED"


class FileErp:
    """An ERP behind a drop folder; it keeps our references unique."""

    name = "file"
    profile = Profile(
        identity=Identity.REF,
        request_seconds=5.0,
        call_seconds=10.0,
        in_flight_seconds=0.0,
    )

    def __init__(self, endpoint: Endpoint) -> None:
        """Name the folder of the connection's `path`; nothing is written yet."""
        path = endpoint.extra.get("path")
        if not path:
            raise ConfigurationInvalid(
                f"connection {endpoint.conn_id} uses the adapter file; name its drop "
                "folder as path in extra"
            )
        limit = int(endpoint.extra.get("batch_limit", 500))
        self._drop = DropFolder(Path(path), batch_limit=limit)
        self._acknowledgements = Acknowledgements(self._drop.acknowledgements)

    def check(self) -> None:
        """Raise SourceMissing unless the drop folder can be written to."""
        try:
            self._drop.prepare()
        except OSError as error:
            raise SourceMissing(
                f"the drop folder {self._drop.root} of connection erp cannot be "
                "used; create it, or correct its path and permissions"
            ) from error

    def master_data(self) -> MasterData:
        """Read the codes file that the ERP's job may put into the folder."""
        return codes.read(self._drop.root / "codes.json")

    def post_journal(self, journal: Journal, *, is_resend: bool) -> Answer:
        """Put a journal entry into a batch, unless the ERP answered it before."""
        return self._post(journal, is_resend=is_resend)

    def post_stock_issue(self, move: StockMove, *, is_resend: bool) -> Answer:
        """Put a stock issue into a batch, unless the ERP answered it before."""
        return self._post(move, is_resend=is_resend)

    def post_requisition(self, requisition: Requisition, *, is_resend: bool) -> Answer:
        """Put a requisition into a batch, unless the ERP answered it before."""
        return self._post(requisition, is_resend=is_resend)

    def find(self, document: Document) -> tuple[FoundDocument, ...]:
        """Read the acknowledgements; raise AcknowledgementAwaited while there is none.

        Nothing is found of what was never given, and of what the ERP rejected.
        """
        batch = self._drop.batch_of(document.reference)
        if batch is None:
            return ()
        if not batch:
            self._drop.close_batch()
        told = self._told(document.reference)
        if not told:
            raise AcknowledgementAwaited(
                f"no acknowledgement of {document.reference} yet; if it stays away, "
                "ask the ERP's import job for the batch"
            )
        return _accepted(told)

    def sweep(self, prefix: str) -> Iterator[FoundDocument]:
        """Read every accepted document whose reference starts with the prefix."""
        yield from _accepted(self._told(prefix, is_prefix=True))

    def _post(self, document: Document, *, is_resend: bool) -> Answer:
        told = self._told(document.reference) if is_resend else []
        if told:
            return _answer(told)
        try:
            self._drop.add(document)
        except OSError as error:
            log.warning("%s cannot be written: %s", document.reference, error.strerror)
            return Answer(status=None, error_code="ERP_ANSWER_LOST")
        return Answer(status=202, error_code=AcknowledgementAwaited.code)

    def _told(self, reference: str, *, is_prefix: bool = False) -> list[Result]:
        """What whole acknowledgements of our own batches say."""
        told = []
        for result in self._acknowledgements.results():
            is_meant = result.reference == reference
            if not is_meant and not (
                is_prefix and result.reference.startswith(reference)
            ):
                continue
            if self._drop.batch_of(result.reference) == result.batch:
                told.append(result)
            else:
                log.warning(
                    "ACKNOWLEDGEMENT_UNKNOWN: batch %s was not given with this "
                    "document; it is not believed",
                    result.batch,
                )
        return told


def _answer(told: list[Result]) -> Answer:
    """An acceptance outweighs the rejection of the same document given again."""
    found = _accepted(told)
    if not found:
        code = told[-1].reason_code
        return Answer(status=422, is_json=True, is_refusal=True, error_code=code)
    return Answer(
        status=409,
        is_json=True,
        erp_document=found[0].erp_document,
        content_sha256=content_sha256(found[0].document) if len(found) == 1 else None,
    )


def _accepted(told: list[Result]) -> tuple[FoundDocument, ...]:
    """Each accepted document once, however often the ERP said so."""
    found = {
        (result.erp_document, content_sha256(result.document)): FoundDocument(
            erp_document=result.erp_document,
            is_effective=True,
            document=result.document,
        )
        for result in told
        if result.document is not None
    }
    return tuple(found.values())
