"""What an 837 says before its claims: submission, billing provider, payer."""

from __future__ import annotations

from collections.abc import Mapping

from ledgerline.connectors.formats.x12.bodies.claim import Claim, numbers_of
from ledgerline.connectors.formats.x12.records.draft import Draft
from ledgerline.connectors.formats.x12.records.set_reader import (
    ABSENT,
    Elements,
    Handler,
    OpenSet,
    SetReader,
)
from ledgerline.connectors.formats.x12.records.values import Unreadable, day

RESOURCE_TYPE = "837.claim"
_NM1_LENGTH = 9
_NO_PAYER = ("", "", "", "")


class SubmissionReader(SetReader):
    """Reads what claims share; whoever reads the claims begins them with it.

    `transaction` is 837I or 837P, empty where only the claims tell.
    """

    def __init__(
        self, opened: OpenSet, transaction: str, handlers: Mapping[str, Handler]
    ) -> None:
        """Begin a transaction set at its ST."""
        own = {"BHT": self._bht, "HL": self._hl, "SBR": self._sbr, "NM1": self._nm1}
        super().__init__(opened, {**own, **handlers})
        self._transaction = transaction
        self._numbers = numbers_of(opened)
        self._reference = self._date = ""
        self._submitted_at = (opened.header.offset, opened.header.number)
        self._npi = ""
        self._payer = list(_NO_PAYER)
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
        try:
            claim.submission_date = day(self._date)
        except Unreadable as bad:
            draft.note(bad.refusal_class, "BHT04", *self._submitted_at)
        return claim, draft

    def _bht(self, e: Elements) -> None:
        e += ABSENT
        self._reference, self._date = e[3], e[4]
        self._submitted_at = self.place()

    def _hl(self, e: Elements) -> None:
        e += ABSENT
        if e[3] == "20":
            self._npi = ""
        if e[3] in {"20", "22"}:
            self._payer = list(_NO_PAYER)

    def _sbr(self, e: Elements) -> None:
        e += ABSENT
        self._payer = [e[1], e[9], "", ""]

    def _nm1(self, e: Elements) -> None:
        if len(e) <= _NM1_LENGTH:
            e += ABSENT
        if e[1] == "85":
            self._npi = e[9] if e[8] == "XX" else ""
        elif e[1] == "PR":
            self._payer[2:] = e[9] or self._payer[2], e[3] or self._payer[3]
