"""Tryton as an ErpPort: drafts that are finished or discarded, and read back."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from typing import Any

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.canonical.money import cents
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
from ledgerline.connectors.tryton.stock_issues import StockIssues
from ledgerline.posting.document import (
    Document,
    Journal,
    JournalLine,
    StockLine,
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
        wanted = _erp_journal(journal)
        return self._answer(
            journal,
            is_resend=is_resend,
            send=lambda: self._journals.post(wanted),
            finish=self._journals.finish,
            discard=self._journals.discard,
        )

    def post_stock_issue(self, move: StockMove, *, is_resend: bool) -> Answer:
        """Move goods, finishing or replacing a shipment left behind."""
        wanted = _erp_issue(move)
        return self._answer(
            move,
            is_resend=is_resend,
            send=lambda: self._issues.issue(wanted),
            finish=self._issues.finish,
            discard=self._issues.discard,
        )

    def find(self, document: Document) -> tuple[FoundDocument, ...]:
        """Read back the document with this reference, draft or not."""
        found = self._find(document)
        return () if found is None else (_found(found),)

    def sweep(self, prefix: str) -> Iterator[FoundDocument]:
        """Read every journal entry and stock issue whose reference starts so."""
        for journal in self._journals.sweep(prefix):
            yield _found(journal)
        for issue in self._issues.sweep(prefix):
            yield _found(issue)

    def _find(self, document: Document) -> erp.PostedJournal | erp.DoneIssue | None:
        if isinstance(document, Journal):
            return self._journals.find(document.reference)
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
            if left is not None and _found(left).is_effective:
                return _accepted(409, _found(left))
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
        if left is None or not _found(left).is_effective:
            return Answer(status=200, is_json=True, error_code="ERP_NOT_READ_BACK")
        return _accepted(200, _found(left))

    def _read_duplicate(self, document: Document) -> Answer:
        try:
            left = self._find(document)
        except (ErpUnreachable, ErpAnswerLost) as error:
            return Answer(status=None, error_code=error.code)
        if left is None or not _found(left).is_effective:
            return Answer(status=409, is_json=True, error_code=DuplicateReference.code)
        return _accepted(409, _found(left))


def _is_same(left: erp.PostedJournal | erp.DoneIssue, document: Document) -> bool:
    return content_sha256(_found(left).document) == content_sha256(document)


def _accepted(status: int, found: FoundDocument) -> Answer:
    return Answer(
        status=status,
        is_json=True,
        erp_document=found.erp_document,
        content_sha256=content_sha256(found.document),
    )


def _erp_journal(journal: Journal) -> erp.Journal:
    return erp.Journal(
        reference=journal.reference,
        date=journal.posting_date,
        description=journal.description,
        lines=tuple(
            erp.JournalLine(
                account_code=line.account_code,
                amount=Decimal(line.amount_cents) / 100,
                cost_center_code=line.cost_center_code,
                service_line_code=line.service_line_code,
            )
            for line in journal.lines
        ),
    )


def _erp_issue(move: StockMove) -> erp.StockIssue:
    return erp.StockIssue(
        reference=move.reference,
        date=move.posting_date,
        from_location_code=move.from_location,
        to_location_code=move.to_location,
        lines=tuple(
            erp.IssueLine(
                item_code=line.item_code,
                lot_number=line.lot_number,
                quantity=line.quantity,
            )
            for line in move.lines
        ),
    )


def _found(held: erp.PostedJournal | erp.DoneIssue) -> FoundDocument:
    document: Document
    if isinstance(held, erp.PostedJournal):
        is_effective = held.is_posted
        document = Journal(
            reference=held.reference,
            posting_date=held.date,
            lines=tuple(
                JournalLine(
                    account_code=line.account_code,
                    cost_center_code=line.cost_center_code,
                    service_line_code=line.service_line_code,
                    amount_cents=cents(line.amount),
                )
                for line in held.lines
            ),
        )
    else:
        is_effective = held.is_done
        document = StockMove(
            reference=held.reference,
            posting_date=held.date,
            from_location=held.from_location_code,
            to_location=held.to_location_code,
            lines=tuple(
                StockLine(
                    item_code=line.item_code,
                    lot_number=line.lot_number,
                    quantity=line.quantity,
                    unit="",
                )
                for line in held.lines
            ),
        )
    number = held.number or f"draft {held.document_id}"
    return FoundDocument(
        erp_document=number, is_effective=is_effective, document=document
    )
