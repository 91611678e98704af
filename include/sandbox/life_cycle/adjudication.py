"""How payers decide by their contracts: what they deny, allow, and leave to others."""

from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal

from sandbox.chance import Chance
from sandbox.life_cycle.adjustment import Adjustment, LineDecision
from sandbox.life_cycle.decision import Decision
from sandbox.life_cycle.submission import Submission
from sandbox.money import basis_points

DENIED = 0.08
TRANSFERRED = "02"
CAPITATED = 0.02
BUNDLED = 0.015
HIGHEST_PAYMENT = 9300  # basis points of charge
SEQUESTRATION = 200
DEDUCTIBLE = 173_600
DENIAL_REASONS = ("50", "197", "29", "16")
PATIENT_DENIALS = ("96", "204")
MOST_PATIENT_SHARE = 650_000


class _Ledger:
    """Takes adjustments out of an amount, never more than is left."""

    def __init__(self, amount: int) -> None:
        self.left = amount
        self.taken: list[Adjustment] = []

    def take(self, group: str, reason: str, amount: int) -> None:
        amount = min(amount, self.left)
        if amount:
            self.taken.append(Adjustment(group=group, reason=reason, amount=amount))
            self.left -= amount

    def decide(self, number: int) -> LineDecision:
        return LineDecision(
            number=number, paid=self.left, adjustments=tuple(self.taken)
        )


def decide(seed: int, submission: Submission) -> Decision:
    """Return the payer's first decision on a claim, which may be a denial."""
    chance = Chance(seed, "decision", submission.claim_id)
    if chance.happens(DENIED):
        return _denied(chance, submission)
    return _by_contract(chance, submission)


def pay(seed: int, submission: Submission) -> Decision:
    """Return the payer's decision on a submission that it does not deny."""
    chance = Chance(seed, "decision", submission.claim_id, submission.number)
    return _by_contract(chance, submission)


def deny_again(seed: int, submission: Submission, first: Decision) -> Decision:
    """Return what the payer still denies: all of it, or only the first line."""
    chance = Chance(seed, "decision", submission.claim_id, submission.number)
    [reason, *_] = [(each.group, each.reason) for each in first.every_adjustment]
    if submission.encounter.is_inpatient or len(submission.lines) == 1:
        return _whole(submission, *reason)
    return Decision(
        submission=submission,
        lines=tuple(_visit_lines(chance, submission, {1: reason})),
    )


def _by_contract(chance: Chance, submission: Submission) -> Decision:
    payer = submission.payer
    is_capitated = submission.kind == "P" and payer.code == "MEDICARE_ADV"
    if is_capitated and chance.happens(CAPITATED):
        return _whole(submission, "CO", "24")
    if submission.encounter.is_inpatient and submission.kind == "I":
        return _inpatient(chance, submission)
    return Decision(
        submission=submission, lines=tuple(_visit_lines(chance, submission))
    )


def _whole(submission: Submission, group: str, reason: str) -> Decision:
    whole = Adjustment(group=group, reason=reason, amount=submission.charge)
    return Decision(submission=submission, adjustments=(whole,))


def _denied(chance: Chance, submission: Submission) -> Decision:
    """Deny the claim at claim level, line by line, or only one of its lines."""
    reason = chance.pick(DENIAL_REASONS)
    way = chance.share()
    if way < 0.3:
        return _whole(submission, "CO", reason)
    if way < 0.6:
        lines = []
        for number, line in enumerate(submission.lines, start=1):
            ledger = _Ledger(line.amount)
            ledger.take("CO", reason, line.amount)
            lines.append(ledger.decide(number))
        return Decision(submission=submission, lines=tuple(lines))
    group = "CO"
    is_commercial = submission.payer.payer_class == "commercial"
    if is_commercial and chance.happens(0.4):
        group, reason = "PR", chance.pick(PATIENT_DENIALS)
    denied = chance.whole(1, len(submission.lines))
    return Decision(
        submission=submission,
        lines=tuple(_visit_lines(chance, submission, {denied: (group, reason)})),
    )


def _inpatient(chance: Chance, submission: Submission) -> Decision:
    payer = submission.payer
    if payer.inpatient_method == "percent":
        return _percent_of_charge(chance, submission)
    ledger = _Ledger(submission.charge)
    most = basis_points(submission.charge, HIGHEST_PAYMENT)
    ledger.take("CO", "45", submission.charge - min(case_rate(submission), most))
    if payer.coinsurance_points:
        ledger.take("PR", "1", DEDUCTIBLE)
    elif payer.copay:
        ledger.take("PR", "3", payer.copay * 8)
    if payer.is_sequestered:
        ledger.take("CO", "253", basis_points(ledger.left, SEQUESTRATION))
    return Decision(submission=submission, adjustments=tuple(ledger.taken))


def case_rate(submission: Submission) -> int:
    """Return what a contract by DRG or day pays for a stay, whatever was charged.

    A patient who is transferred brings a day's share of the DRG rate a day, and one
    day more, but never more than the rate.
    """
    payer, stay = submission.payer, submission.encounter.stay
    days = (submission.statement_through - submission.statement_from).days
    if not stay or payer.inpatient_method != "drg":
        return payer.inpatient_rate * max(1, days)
    rate = stay.drg.weight * payer.inpatient_rate
    if stay.disposition == TRANSFERRED:
        rate = min(rate, rate / stay.drg.mean_days * (max(1, days) + 1))
    return int(rate.quantize(Decimal(1), ROUND_HALF_UP))


def _percent_of_charge(chance: Chance, submission: Submission) -> Decision:
    """Discount every line; the patient's share stands at claim level."""
    payer = submission.payer
    lines = []
    for number, line in enumerate(submission.lines, start=1):
        ledger = _Ledger(line.amount)
        ledger.take(
            "CO", "45", line.amount - basis_points(line.amount, payer.inpatient_rate)
        )
        lines.append(ledger.decide(number))
    rest = _Ledger(sum(line.paid for line in lines))
    rest.take("PR", "1", chance.pick((0, 50_000, 100_000, 150_000)))
    coinsurance = basis_points(rest.left, payer.coinsurance_points)
    rest.take("PR", "2", min(coinsurance, MOST_PATIENT_SHARE))
    return Decision(
        submission=submission, adjustments=tuple(rest.taken), lines=tuple(lines)
    )


def _visit_lines(
    chance: Chance,
    submission: Submission,
    denials: dict[int, tuple[str, str]] | None = None,
) -> Iterator[LineDecision]:
    """Pay every line by the contract; copay and deductible come first."""
    payer = submission.payer
    is_institutional = submission.kind == "I"
    points = payer.outpatient_points if is_institutional else payer.professional_points
    copay = payer.copay
    deductible = chance.pick((0, 0, 0, 12_000)) if payer.coinsurance_points else 0
    for number, line in enumerate(submission.lines, start=1):
        ledger = _Ledger(line.amount)
        if denials and number in denials:
            ledger.take(*denials[number], line.amount)
            yield ledger.decide(number)
            continue
        if payer.payer_class == "commercial" and chance.happens(BUNDLED):
            ledger.take("PI", "97", line.amount)
        ledger.take("CO", "45", line.amount - basis_points(line.amount, points))
        before = ledger.left
        ledger.take("PR", "3", copay)
        copay -= before - ledger.left
        before = ledger.left
        ledger.take("PR", "1", deductible)
        deductible -= before - ledger.left
        ledger.take("PR", "2", basis_points(ledger.left, payer.coinsurance_points))
        if payer.is_sequestered:
            ledger.take("CO", "253", basis_points(ledger.left, SEQUESTRATION))
        yield ledger.decide(number)
