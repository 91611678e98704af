"""Remittances: which decisions a payer sends together, when, and what it keeps back."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.billing.adjudication import Decision, decide
from sandbox.billing.claims import Claim
from sandbox.chance import Chance
from sandbox.money import basis_points
from sandbox.network.facilities import FACILITY_BY_CODE, Facility
from sandbox.network.payers import PAYERS, Payer, native_id

ANSWERED = 0.978
KEPT_BACK = 0.14
FRIDAY = 4


@dataclass(frozen=True, kw_only=True)
class ProviderAdjustment:
    """An amount at provider level; a positive one lowers the payment."""

    reason: str
    reference: str
    amount: int


@dataclass(frozen=True, kw_only=True)
class Remittance:
    """One payment of one payer to one payee, with the decisions behind it."""

    payer: Payer
    facility: Facility
    kind: str  # I to the hospital, P to its professional group
    payment_date: date
    decisions: tuple[Decision, ...]
    provider_adjustments: tuple[ProviderAdjustment, ...]

    @property
    def payee_npi(self) -> str:
        """The NPI of the hospital or of its professional group."""
        return self.facility.npi if self.kind == "I" else self.facility.group_npi

    @property
    def trace_number(self) -> str:
        """The payer's number of the payment."""
        payer_id = native_id(self.payer, self.facility)
        return f"{payer_id}{self.payment_date:%Y%m%d}{self.facility.number}{self.kind}"

    @property
    def paid(self) -> int:
        """The amount that reached the bank: claims less provider adjustments."""
        claims = sum(decision.paid for decision in self.decisions)
        return claims - sum(each.amount for each in self.provider_adjustments)


def _payment_date(chance: Chance, claim: Claim, parity: int) -> date:
    """Return the payer's next payment day, every other Friday, 14 to 44 days later."""
    day = claim.statement_through + timedelta(days=chance.whole(14, 31))
    while day.weekday() != FRIDAY or day.toordinal() // 7 % 2 != parity:
        day += timedelta(days=1)
    return day


def _is_answered(chance: Chance, claim: Claim) -> bool:
    is_insured = claim.encounter.patient.payer.code != "SELF_PAY"
    return chance.happens(ANSWERED) and is_insured


def _kept_back(seed: int, trace: str, total: int) -> tuple[ProviderAdjustment, ...]:
    chance = Chance(seed, "provider adjustment", trace)
    if total < 100_000 or not chance.happens(KEPT_BACK):
        return ()
    reason = chance.pick(("WO", "72", "FB", "L6"))
    amount = basis_points(total, chance.whole(20, 450))
    if reason == "L6":
        amount = -basis_points(total, chance.whole(5, 40))
    made = [
        ProviderAdjustment(
            reason=reason, reference=f"{reason}{trace[-12:]}", amount=amount
        )
    ]
    if reason == "WO" and chance.happens(0.4):
        interest = ProviderAdjustment(
            reason="L6", reference=trace[-12:], amount=-amount // 50
        )
        made.append(interest)
    return tuple(made)


def remittances(seed: int, claims: list[Claim]) -> list[Remittance]:
    """Return every remittance in the order of payment day, payer, facility and kind."""
    groups: dict[tuple[date, str, str, str], list[Decision]] = defaultdict(list)
    for claim in claims:
        payer = claim.encounter.patient.payer
        chance = Chance(seed, "remittance", claim.claim_id)
        if _is_answered(chance, claim):
            day = _payment_date(chance, claim, list(PAYERS).index(payer.code) % 2)
            key = (day, payer.code, claim.facility.code, claim.kind)
            groups[key].append(decide(seed, claim))
    made = []
    for day, payer_code, facility_code, kind in sorted(groups):
        decisions = tuple(groups[day, payer_code, facility_code, kind])
        total = sum(decision.paid for decision in decisions)
        trace = f"{payer_code}{facility_code}{day:%Y%m%d}{kind}"
        made.append(
            Remittance(
                payer=PAYERS[payer_code],
                facility=FACILITY_BY_CODE[facility_code],
                kind=kind,
                payment_date=day,
                decisions=decisions,
                provider_adjustments=_kept_back(seed, trace, total),
            )
        )
    return made
