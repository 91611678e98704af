"""Tryton as an ErpPort: drafts that are finished or discarded, and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.connectors.tryton import documents as erp
from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.errors import (
    DuplicateReference,
    ErpAnswerLost,
    ErpRejected,
    ErpUnreachable,
)
from ledgerline.connectors.tryton.journals import Journals
from ledgerline.connectors.tryton.masters import Masters
from ledgerline.connectors.tryton.requisitions import Requisitions
from ledgerline.connectors.tryton.stock_issues import StockIssues
from ledgerline.posting.document import (
    Document,
    Journal,
    Requisition,
    StockMove,
    content_sha256,
)
from ledgerline.posting.port import (
    Answer,
    FoundDocument,
    Identity,
    Kind,
    MasterData,
    Period,
    Profile,
)
from ledgerline.posting.tryton import translation
from ledgerline.posting.tryton.translation import Held

_SECONDS = {"request_seconds": 30.0, "in_flight_seconds": 10.0}
"""What a connection does not declare in its `extra`."""


def _profile(extra: Mapping[str, Any]) -> Profile:
    request, in_flight = (
        _seconds(name, extra.get(name, default)) for name, default in _SECONDS.items()
    )
    return Profile(
        identity=Identity.REF,
        request_seconds=request,
        call_seconds=2 * request,
        in_flight_seconds=in_flight,
    )


def _seconds(name: str, given: object) -> float:
    if isinstance(given, int | float) and 1 <= given <= 600:
        return float(given)
    raise ConfigurationInvalid(
        f"{name} of the ERP's connection must be a number from 1 to 600; remove it "
        "from extra for its default"
    )


class TrytonErp:
    """One company in Tryton; `external_reference` keeps our documents unique."""

    name = "tryton"
    profile = _profile({})

    def __init__(self, endpoint: Endpoint) -> None:
        """Reach the company that the connection names; nothing is sent yet."""
        self.profile = _profile(endpoint.extra)
        self._client = TrytonClient(endpoint, timeout=self.profile.request_seconds)
        self._masters = Masters(client=self._client)
        self._journals = Journals(client=self._client, masters=self._masters)
        self._issues = StockIssues(client=self._client, masters=self._masters)
        self._requisitions = Requisitions(client=self._client, masters=self._masters)

    def check(self) -> None:
        """Read one row, or raise what stands in the way."""
        _ = self._client.company

    def master_data(self) -> MasterData:
        """Read the codes and periods that postings look up."""
        return MasterData(
            codes={kind: self._masters.codes(kind) for kind in Kind},
            periods=tuple(
                Period(
                    first_day=row["start_date"],
                    last_day=row["end_date"],
                    is_open=row["state"] == "open",
                )
                for row in self._masters.periods()
            ),
        )

    def post_journal(self, journal: Journal, *, is_resend: bool) -> Answer:
        """Post a journal entry, finishing or replacing a draft left behind."""
        wanted = translation.erp_journal(journal)
        return self._answer(
            journal,
            is_resend=is_resend,
            send=lambda: self._journals.post(wanted),
            finish=self._journals.finish,
            discard=self._journals.discard,
        )

    def post_stock_issue(self, move: StockMove, *, is_resend: bool) -> Answer:
        """Move goods, finishing or replacing a shipment left behind."""
        wanted = translation.erp_issue(move)
        return self._answer(
            move,
            is_resend=is_resend,
            send=lambda: self._issues.issue(wanted),
            finish=self._issues.finish,
            discard=self._issues.discard,
        )

    def post_requisition(self, requisition: Requisition, *, is_resend: bool) -> Answer:
        """Hand a requisition to the buyers, finishing or replacing a draft."""
        wanted = translation.erp_requisition(requisition)
        return self._answer(
            requisition,
            is_resend=is_resend,
            send=lambda: self._requisitions.submit(wanted),
            finish=self._requisitions.finish,
            discard=self._requisitions.discard,
        )

    def find(self, document: Document) -> tuple[FoundDocument, ...]:
        """Read back the document with this reference, draft or not."""
        found = self._find(document)
        return () if found is None else (translation.found(found),)

    def sweep(self, prefix: str) -> Iterator[FoundDocument]:
        """Read every document of ours whose reference starts so."""
        for journal in self._journals.sweep(prefix):
            yield translation.found(journal)
        for issue in self._issues.sweep(prefix):
            yield translation.found(issue)
        for requisition in self._requisitions.sweep(prefix):
            yield translation.found(requisition)

    def _find(self, document: Document) -> Held | None:
        if isinstance(document, Journal):
            return self._journals.find(document.reference)
        if isinstance(document, Requisition):
            return self._requisitions.find(document.reference)
        return self._issues.find(document.reference)

    def _answer(
        self,
        document: Document,
        *,
        is_resend: bool,
        send: Callable[[], erp.Receipt],
        finish: Callable[[int], erp.Receipt],
        discard: Callable[[int], None],
    ) -> Answer:
        """Turn what the connector proves into an answer.

        A draft with our content is finished; one with another content counts
        nowhere and is replaced.
        """
        try:
            left = self._find(document) if is_resend else None
            if left is not None and translation.found(left).is_effective:
                return _accepted(409, translation.found(left))
            if left is not None and _is_same(left, document):
                finish(left.document_id)
            else:
                if left is not None:
                    discard(left.document_id)
                send()
            return self._read_back(document)
        except (ErpRejected, ErpUnreachable, ErpAnswerLost) as error:
            return self._failure(document, error)

    def _failure(
        self, document: Document, error: ErpRejected | ErpUnreachable | ErpAnswerLost
    ) -> Answer:
        if isinstance(error, DuplicateReference):
            return self._read_duplicate(document)
        if isinstance(error, ErpRejected):
            return Answer(
                status=400, is_json=True, is_refusal=True, error_code=error.code
            )
        is_unreachable = isinstance(error, ErpUnreachable)
        return Answer(status=None, error_code=error.code, is_unreachable=is_unreachable)

    def _read_back(self, document: Document) -> Answer:
        """Answer with what the ERP now holds, not with what it said it did."""
        left = self._find(document)
        if left is None or not translation.found(left).is_effective:
            return Answer(status=200, is_json=True, error_code="ERP_NOT_READ_BACK")
        return _accepted(200, translation.found(left))

    def _read_duplicate(self, document: Document) -> Answer:
        try:
            left = self._find(document)
        except (ErpUnreachable, ErpAnswerLost) as error:
            return Answer(status=None, error_code=error.code)
        if left is None or not translation.found(left).is_effective:
            return Answer(status=409, is_json=True, error_code=DuplicateReference.code)
        return _accepted(409, translation.found(left))


def _is_same(left: Held, document: Document) -> bool:
    return content_sha256(translation.found(left).document) == content_sha256(document)


def _accepted(status: int, found: FoundDocument) -> Answer:
    return Answer(
        status=status,
        is_json=True,
        erp_document=found.erp_document,
        content_sha256=content_sha256(found.document),
    )
