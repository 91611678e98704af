"""What a payer decides about one claim: adjustments, patient share, payment."""

from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.billing.claims import Claim
from sandbox.chance import Chance
from sandbox.money import basis_points
from sandbox.network.payers import Payer

DENIED = 0.06
CAPITATED = 0.02
BUNDLED = 0.015
HIGHEST_PAYMENT = 9300  # basis points of charge
SEQUESTRATION = 200
DEDUCTIBLE = 173_600
DENIAL_REASONS = ("50", "197", "29", "16")
PATIENT_DENIALS = ("96", "204")
MOST_PATIENT_SHARE = 650_000


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """Why an amount of the charge was not paid."""

    group: str
    reason: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class LineDecision:
    """The decision on one charge line."""

    number: int
    paid: int
    adjustments: tuple[Adjustment, ...]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """The decision on a claim, at claim level, line level or both."""

    claim: Claim
    adjustments: tuple[Adjustment, ...] = ()
    lines: tuple[LineDecision, ...] = ()

    @property
    def every_adjustment(self) -> list[Adjustment]:
        """The adjustments of both levels."""
        below = [adjustment for line in self.lines for adjustment in line.adjustments]
        return [*self.adjustments, *below]

    @property
    def paid(self) -> int:
        """The payment in cents: the charge less every adjustment."""
        return self.claim.charge - sum(each.amount for each in self.every_adjustment)

    @property
    def patient_responsibility(self) -> int:
        """The amount that the payer leaves to the patient."""
        return sum(each.amount for each in self.every_adjustment if each.group == "PR")


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


def decide(seed: int, claim: Claim) -> Decision:
    """Return the payer's decision on a claim."""
    chance = Chance(seed, "decision", claim.claim_id)
    payer = claim.encounter.patient.payer
    if chance.happens(DENIED):
        return _denied(chance, claim, payer)
    if claim.kind == "P" and payer.code == "MEDICARE_ADV" and chance.happens(CAPITATED):
        return _whole(claim, "CO", "24")
    if claim.encounter.is_inpatient and claim.kind == "I":
        return _inpatient(chance, claim, payer)
    return Decision(claim=claim, lines=tuple(_visit_lines(chance, claim, payer)))


def _whole(claim: Claim, group: str, reason: str) -> Decision:
    whole = Adjustment(group=group, reason=reason, amount=claim.charge)
    return Decision(claim=claim, adjustments=(whole,))


def _denied(chance: Chance, claim: Claim, payer: Payer) -> Decision:
    """Deny the claim at claim level, line by line, or only one of its lines."""
    reason = chance.pick(DENIAL_REASONS)
    way = chance.share()
    if way < 0.3:
        return _whole(claim, "CO", reason)
    if way < 0.6:
        lines = []
        for number, line in enumerate(claim.lines, start=1):
            ledger = _Ledger(line.amount)
            ledger.take("CO", reason, line.amount)
            lines.append(ledger.decide(number))
        return Decision(claim=claim, lines=tuple(lines))
    group = "CO"
    if payer.payer_class == "commercial" and chance.happens(0.4):
        group, reason = "PR", chance.pick(PATIENT_DENIALS)
    denied = chance.whole(1, len(claim.lines))
    return Decision(
        claim=claim,
        lines=tuple(_visit_lines(chance, claim, payer, {denied: (group, reason)})),
    )


def _inpatient(chance: Chance, claim: Claim, payer: Payer) -> Decision:
    if payer.inpatient_method == "percent":
        return _percent_of_charge(chance, claim, payer)
    ledger = _Ledger(claim.charge)
    most = basis_points(claim.charge, HIGHEST_PAYMENT)
    ledger.take("CO", "45", claim.charge - min(_case_rate(claim, payer), most))
    if payer.coinsurance_points:
        ledger.take("PR", "1", DEDUCTIBLE)
    elif payer.copay:
        ledger.take("PR", "3", payer.copay * 8)
    if payer.is_sequestered:
        ledger.take("CO", "253", basis_points(ledger.left, SEQUESTRATION))
    return Decision(claim=claim, adjustments=tuple(ledger.taken))


def _case_rate(claim: Claim, payer: Payer) -> int:
    stay = claim.encounter.stay
    if stay and payer.inpatient_method == "drg":
        return int(stay.drg.weight * payer.inpatient_rate)
    days = (claim.statement_through - claim.statement_from).days
    return payer.inpatient_rate * max(1, days)


def _percent_of_charge(chance: Chance, claim: Claim, payer: Payer) -> Decision:
    """Discount every line; the patient's share stands at claim level."""
    lines = []
    for number, line in enumerate(claim.lines, start=1):
        ledger = _Ledger(line.amount)
        ledger.take(
            "CO", "45", line.amount - basis_points(line.amount, payer.inpatient_rate)
        )
        lines.append(ledger.decide(number))
    rest = _Ledger(sum(line.paid for line in lines))
    rest.take("PR", "1", chance.pick((0, 50_000, 100_000, 150_000)))
    coinsurance = basis_points(rest.left, payer.coinsurance_points)
    rest.take("PR", "2", min(coinsurance, MOST_PATIENT_SHARE))
    return Decision(claim=claim, adjustments=tuple(rest.taken), lines=tuple(lines))


def _visit_lines(
    chance: Chance,
    claim: Claim,
    payer: Payer,
    denials: dict[int, tuple[str, str]] | None = None,
) -> Iterator[LineDecision]:
    """Pay every line by the contract; copay and deductible come first."""
    points = payer.outpatient_points if claim.kind == "I" else payer.professional_points
    copay = payer.copay
    deductible = chance.pick((0, 0, 0, 12_000)) if payer.coinsurance_points else 0
    for number, line in enumerate(claim.lines, start=1):
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
