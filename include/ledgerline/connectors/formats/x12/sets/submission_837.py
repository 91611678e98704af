"""What an 837 says before its claims: submission, billing provider, payer."""

from __future__ import annotations

from collections.abc import Mapping

from ledgerline.connectors.formats.record import RecordRefused
from ledgerline.connectors.formats.x12.bodies.claim import Claim, numbers_of
from ledgerline.connectors.formats.x12.records.draft import Draft
from ledgerline.connectors.formats.x12.records.set_reader import (
    Handler,
    OpenSet,
    SetReader,
)
from ledgerline.connectors.formats.x12.records.values import (
    Unreadable,
    day,
    dollars,
)
from ledgerline.connectors.formats.x12.statements.claim import statements

RESOURCE_TYPE = "837.claim"
ENTITY = slice(4, 6)
"""Where an NM1 says who; what it says more of others is not read."""
_ENTITIES = {"85", "PR"}
_NO_PAYER = ("", "", "", "")


class SubmissionReader(SetReader):
    """Reads what claims share; whoever reads the claims begins them with it.

    `transaction` is 837I or 837P, empty where only the claims tell.
    """

    def __init__(
        self, opened: OpenSet, transaction: str, handlers: Mapping[str, Handler]
    ) -> None:
        """Begin a transaction set at its ST."""
        super().__init__(opened, {"BHT": self._bht, "CUR": self._cur, **handlers})
        self.said = statements(opened.marks)
        self._transaction = transaction
        self._numbers = numbers_of(opened)
        self._reference = self._date = ""
        self._submitted_at = (opened.header.offset, opened.header.number)
        self._npi = ""
        self._payer = _NO_PAYER
        self._foreign: RecordRefused | None = None
        self._count = 0

    def begin_claim(self, account: str, charge: str) -> tuple[Claim, Draft]:
        """Begin a claim; one of a submission without a date is noted."""
        self._count += 1
        claim = Claim(
            self._transaction,
            self._numbers,
            f"{self._npi}|{account}",
            account,
            charge,
            [],
            [],
            [],
            [],
            [],
            self.opened.implementation,
            self._reference,
            "",
            self._npi,
            "",
            "",
            *self._payer,
        )
        key = f"{self.opened.key}|{account}|{self._count}"
        draft = self.draft(RESOURCE_TYPE, key, claim)
        if self._foreign is not None:
            draft.refuse(self._foreign)
        try:
            claim.submission_date = day(self._date)
        except Unreadable as bad:
            draft.note(bad.refusal_class, "BHT04", *self._submitted_at)
        return claim, draft

    def _bht(self, text: str) -> None:
        e = self.marks.elements(text)
        self._reference, self._date = e[3], e[4]
        self._submitted_at = self.place()

    def _cur(self, text: str) -> None:
        """Use the currency of a provider: claims in another one are none of ours."""
        try:
            self.read(dollars, self.marks.elements(text), 2)
        except Unreadable as bad:
            self._foreign = self.refusal_of(bad)

    def take_level(self, text: str) -> None:
        """Use an HL: a provider's or a subscriber's part begins."""
        e = text.split(self.marks.element, 4)
        level = e[3] if len(e) > 3 else ""
        if level == "20":
            self._npi, self._foreign = "", None
        if level in {"20", "22"}:
            self._payer = _NO_PAYER

    def take_subscriber(self, text: str) -> None:
        """Use the SBR of the payer that the claims go to."""
        self._payer = (*self.said.subscriber(text), "", "")

    def take_party(self, text: str) -> None:
        """Use an NM1: the billing provider, the payer."""
        if text[ENTITY] not in _ENTITIES:
            return
        entity, name, identifier, npi = self.said.party(text)
        if entity == "85":
            self._npi = npi
        elif entity == "PR":
            sequence, indicator, payer_id, payer_name = self._payer
            payer = identifier or payer_id, name or payer_name
            self._payer = (sequence, indicator, *payer)
