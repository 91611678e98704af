"""What a payer says of one submission: adjustments, patient share, payment."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sandbox.life_cycle.adjustment import Adjustment, LineDecision
from sandbox.life_cycle.submission import Submission
from sandbox.money import basis_points

PAID_OF_SHARE = 8000  # basis points of the patient's share
PRIMARY, SECONDARY, FORWARDED, REVERSAL = "1", "2", "19", "22"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The decision on a claim, at claim level, line level or both."""

    submission: Submission
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[LineDecision, ...] = ()
    status: str = PRIMARY
    own_number: str = ""  # where it differs from what the submission was given
    original_number: str = ""  # the payer's number of the payment that is taken back
    takes_back: str = ""  # the same, whether or not the payer says it
    is_passed_on: bool = False  # the next payer takes the patient's share over

    @property
    def is_reversal(self) -> bool:
        """Whether an earlier payment is taken back."""
        return self.status == REVERSAL

    @property
    def payer_number(self) -> str:
        """The payer's number of this decision."""
        return self.own_number or self.submission.payer_number

    @property
    def charge(self) -> int:
        """The charge in cents, below zero when it is taken back."""
        charge = self.submission.charge
        return -charge if self.is_reversal else charge

    @property
    def every_adjustment(self) -> list[Adjustment]:
        """The adjustments of both levels."""
        below = [adjustment for line in self.lines for adjustment in line.adjustments]
        return [*self.adjustments, *below]

    @property
    def paid(self) -> int:
        """The payment in cents: the charge less every adjustment."""
        return self.charge - sum(each.amount for each in self.every_adjustment)

    @property
    def patient_responsibility(self) -> int:
        """The amount that the payer leaves to the patient."""
        return sum(each.amount for each in self.every_adjustment if each.group == "PR")

    @property
    def deductions(self) -> Counter[str]:
        """Cents by category, less what an earlier payer settled or a later one takes.

        The first is no deduction, the second the later payer's to decide.
        """
        left_out = (
            {"prior_payer", "patient_share"} if self.is_passed_on else {"prior_payer"}
        )
        totals: Counter[str] = Counter()
        for adjustment in self.every_adjustment:
            if adjustment.category not in left_out:
                totals[adjustment.category] += adjustment.amount
        return totals


@dataclass(frozen=True, kw_only=True)
class Answer:
    """A decision with the day on which it was paid."""

    decision: Decision
    paid_on: date


def _negated(adjustments: Sequence[Adjustment]) -> tuple[Adjustment, ...]:
    return tuple(replace(each, amount=-each.amount) for each in adjustments)


def reversal(
    decision: Decision, own_number: str = "", original_number: str = ""
) -> Decision:
    """Return the opposite of a decision, in the same groups and reasons."""
    return replace(
        decision,
        adjustments=_negated(decision.adjustments),
        lines=tuple(
            LineDecision(
                number=line.number,
                paid=-line.paid,
                adjustments=_negated(line.adjustments),
            )
            for line in decision.lines
        ),
        status=REVERSAL,
        own_number=own_number or decision.payer_number,
        original_number=original_number,
        takes_back=decision.payer_number,
    )


def _moved(
    adjustments: Sequence[Adjustment], amount: int, group: str, reason: str
) -> tuple[Adjustment, ...]:
    """Add an amount to the adjustment of a group and reason, or make one."""
    left = [
        each for each in adjustments if (each.group, each.reason) != (group, reason)
    ]
    before = sum(each.amount for each in adjustments) - sum(e.amount for e in left)
    return (Adjustment(group=group, reason=reason, amount=before + amount), *left)


def lowered(decision: Decision, amount: int) -> Decision:
    """Return the decision with `amount` of its payment turned into a write-off."""
    if not any(line.paid for line in decision.lines):
        more = _moved(decision.adjustments, amount, "CO", "45")
        return replace(decision, adjustments=more)
    lines, left = [], amount
    for line in decision.lines:
        taken = min(left, max(line.paid, 0))
        left -= taken
        if taken:
            more = _moved(line.adjustments, taken, "CO", "45")
            line = replace(line, paid=line.paid - taken, adjustments=more)
        lines.append(line)
    return replace(decision, lines=tuple(lines))


def _shared(charge: int, owed: int) -> tuple[int, tuple[Adjustment, ...]]:
    """Return what the second payer pays of `owed`, and its adjustments."""
    paid = basis_points(owed, PAID_OF_SHARE)
    adjustments = (
        Adjustment(group="OA", reason="23", amount=charge - owed),
        Adjustment(group="PR", reason="2", amount=owed - paid),
    )
    return paid, tuple(each for each in adjustments if each.amount)


def coordinated(second: Submission, first: Decision) -> Decision:
    """Return what the next payer decides once the one before it has paid.

    All that the patient does not owe was settled by the payer before (OA-23). Of the
    rest it pays four fifths; what is left stays with the patient.
    """
    if not first.lines:
        _, adjustments = _shared(second.charge, first.patient_responsibility)
        return Decision(submission=second, adjustments=adjustments, status=SECONDARY)
    lines = []
    for line in first.lines:
        owed = sum(each.amount for each in line.adjustments if each.group == "PR")
        charge = second.lines[line.number - 1].amount
        paid, adjustments = _shared(charge, owed)
        lines.append(
            LineDecision(number=line.number, paid=paid, adjustments=adjustments)
        )
    return Decision(submission=second, lines=tuple(lines), status=SECONDARY)
