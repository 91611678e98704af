"""A claim as it was sent: at first, in part, again, corrected, or to the next payer."""

from dataclasses import dataclass
from datetime import date

from sandbox.billing.charge_line import ChargeLine
from sandbox.billing.claims import Claim
from sandbox.care.encounters import Encounter
from sandbox.life_cycle.adjustment import Adjustment, LineDecision
from sandbox.network.facilities import Facility
from sandbox.network.payers import Payer, native_id

ORIGINAL, REPLACEMENT, VOID, LATE = "1", "7", "8", "5"
FIRST_INTERIM, NEXT_INTERIM, LAST_INTERIM = "2", "3", "4"
ADDITIVE = frozenset({FIRST_INTERIM, NEXT_INTERIM, LAST_INTERIM, LATE})
ACCEPTED, CLAIM_REJECTED, SET_REJECTED = "accepted", "claim_rejected", "set_rejected"


@dataclass(frozen=True, kw_only=True)
class EarlierPayer:
    """What the payer before this one decided, as the next one is told."""

    payer: Payer
    payer_sequence: str
    payer_number: str
    paid: int
    paid_on: date
    adjustments: tuple[Adjustment, ...]
    lines: tuple[LineDecision, ...]


@dataclass(frozen=True, kw_only=True)
class Submission:
    """One claim of an 837 file; its lines are numbered from 1 in order."""

    claim: Claim
    number: int  # which submission of its claim, from 1
    lines: tuple[ChargeLine, ...]
    sent_on: date
    payer: Payer
    statement_from: date
    statement_through: date
    first_line: int = 1  # where `lines` begin among the claim's
    frequency: str = ORIGINAL
    payer_sequence: str = "P"
    prior_number: str = ""  # the payer's number of what this replaces or voids
    change_reason: str = ""  # the condition code that says why
    fate: str = ACCEPTED
    earlier: EarlierPayer | None = None

    @property
    def kind(self) -> str:
        """I institutional, P professional."""
        return self.claim.kind

    @property
    def encounter(self) -> Encounter:
        """The encounter that is billed."""
        return self.claim.encounter

    @property
    def facility(self) -> Facility:
        """The facility that bills."""
        return self.claim.facility

    @property
    def claim_id(self) -> str:
        """The identity of the claim, whichever submission of it this is."""
        return self.claim.claim_id

    @property
    def charge(self) -> int:
        """The total charge in cents."""
        return sum(line.amount for line in self.lines)

    @property
    def payer_number(self) -> str:
        """The number that the payer gives the submission when it accepts it."""
        payer_id = native_id(self.payer, self.facility)
        account = self.encounter.account_number
        return f"{payer_id}{account}{self.kind}{self.number:02d}"

    def line_control_number(self, number: int) -> str:
        """Return the number that a line carries to the payer and back."""
        return self.claim.line_control_number(self.first_line + number - 1)

    def charge_id(self, number: int) -> str:
        """Return the identity of a charge by the number of its line."""
        if self.frequency not in ADDITIVE:
            return f"{self.claim_id}|{number}"
        return f"{self.claim_id}|{self.sent_on:%Y%m%d}.{self.frequency}|{number}"


def first_submission(claim: Claim) -> Submission:
    """Return the whole claim as it is sent at first."""
    return Submission(
        claim=claim,
        number=1,
        lines=claim.lines,
        sent_on=claim.submitted_on,
        payer=claim.encounter.patient.payer,
        statement_from=claim.statement_from,
        statement_through=claim.statement_through,
    )
