"""Remittances: which decisions a payer sends together, when, and what it keeps back."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date

from sandbox.chance import Chance
from sandbox.life_cycle.course import Course
from sandbox.life_cycle.decision import Decision
from sandbox.money import basis_points
from sandbox.network.facilities import FACILITY_BY_CODE, Facility
from sandbox.network.payers import PAYERS, Payer, native_id

KEPT_BACK = 0.14
RECOUPED, INTEREST, AUTHORIZED, FORWARDED = "WO", "L6", "72", "FB"


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


def _kept_back(seed: int, trace: str, total: int) -> list[ProviderAdjustment]:
    chance = Chance(seed, "provider adjustment", trace)
    if total < 100_000 or not chance.happens(KEPT_BACK):
        return []
    reason = chance.pick((RECOUPED, AUTHORIZED, INTEREST))
    amount = basis_points(total, chance.whole(20, 450))
    if reason == INTEREST:
        amount = -basis_points(total, chance.whole(5, 40))
    made = [
        ProviderAdjustment(
            reason=reason, reference=f"{reason}{trace[-12:]}", amount=amount
        )
    ]
    if reason == RECOUPED and chance.happens(0.4):
        interest = ProviderAdjustment(
            reason=INTEREST, reference=trace[-12:], amount=-amount // 50
        )
        made.append(interest)
    return made


class _Balances:
    """What payers could not take back from one payment and take from a later one."""

    def __init__(self) -> None:
        self._owed: Counter[tuple[str, ...]] = Counter()

    def settle(self, key: tuple[str, ...], net: int) -> int:
        """Return the forwarded amount that brings a payment to zero or more."""
        amount = net if net < 0 else min(net, self._owed[key])
        self._owed[key] -= amount
        return amount


def remittances(seed: int, courses: list[Course]) -> list[Remittance]:
    """Return every remittance in the order of payment day, payer, facility and kind."""
    groups: dict[tuple[date, str, str, str], list[Decision]] = defaultdict(list)
    for course in courses:
        for answer in course.answers:
            sent = answer.decision.submission
            key = (answer.paid_on, sent.payer.code, sent.facility.code, sent.kind)
            groups[key].append(answer.decision)
    balances = _Balances()
    return [_remittance(seed, balances, key, groups[key]) for key in sorted(groups)]


def _remittance(
    seed: int,
    balances: _Balances,
    key: tuple[date, str, str, str],
    decisions: list[Decision],
) -> Remittance:
    day, payer_code, facility_code, kind = key
    trace = f"{payer_code}{facility_code}{day:%Y%m%d}{kind}"
    total = sum(decision.paid for decision in decisions)
    kept = _kept_back(seed, trace, total)
    net = total - sum(each.amount for each in kept)
    forwarded = balances.settle(key[1:], net)
    if forwarded:
        reference = f"{FORWARDED}{trace[-12:]}"
        kept.append(
            ProviderAdjustment(reason=FORWARDED, reference=reference, amount=forwarded)
        )
    return Remittance(
        payer=PAYERS[payer_code],
        facility=FACILITY_BY_CODE[facility_code],
        kind=kind,
        payment_date=day,
        decisions=tuple(decisions),
        provider_adjustments=tuple(kept),
    )
