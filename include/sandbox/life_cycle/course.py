"""The course of one claim: every submission and answer, and what stays in force."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sandbox.billing.charge_line import ChargeLine
from sandbox.billing.claims import Claim
from sandbox.life_cycle.decision import Answer
from sandbox.life_cycle.submission import VOID, Submission

OPEN, ADJUDICATED, CORRECTED = "accepted", "adjudicated", "corrected"
CLOSED, HELD = "closed", "held"


@dataclass(frozen=True, kw_only=True)
class Course:
    """What became of one claim. Additive submissions are in force together."""

    claim: Claim
    path: str
    state: str
    submissions: tuple[Submission, ...] = ()
    answers: tuple[Answer, ...] = ()
    in_force: tuple[Submission, ...] = ()
    is_posted: bool = True  # whether the EHR posted its charges too

    @property
    def is_sent(self) -> bool:
        """Whether the payer got a claim at all."""
        return bool(self.submissions)

    @property
    def is_adjudicated(self) -> bool:
        """Whether an answer stands that no payer took back."""
        decisions = [answer.decision for answer in self.answers]
        taken_back = {each.takes_back for each in decisions if each.is_reversal}
        return any(
            not each.is_reversal and each.payer_number not in taken_back
            for each in decisions
        )

    @property
    def voided_on(self) -> date | None:
        """The day on which a void was sent."""
        days = (each.sent_on for each in self.submissions if each.frequency == VOID)
        return next(days, None)

    @property
    def charge(self) -> int:
        """The charges in force, in cents."""
        return sum(submission.charge for submission in self.in_force)

    def charges(self) -> Iterator[tuple[Submission, int, ChargeLine]]:
        """Yield every line in force with its submission and its number there."""
        for submission in self.in_force:
            for number, line in enumerate(submission.lines, start=1):
                yield submission, number, line
