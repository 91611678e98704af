"""Profitability by month, facility, service line and payer class, in exact cents."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sandbox.billing.adjudication import Adjustment, Decision
from sandbox.care.encounters import Encounter
from sandbox.care.usages import Usage
from sandbox.hospital import Hospital
from sandbox.truth.charges import Charge, UnallocatedCost

Key = tuple[date, str, str, str]  # month, facility, service line, payer class

DENIAL_REASONS = frozenset({"50", "29", "18", "16", "197"})
PATIENT_DENIALS = frozenset({"96", "204"})


def category(adjustment: Adjustment) -> str:
    """Return what kind of deduction an adjustment is."""
    if adjustment.group == "PR":
        return "denial" if adjustment.reason in PATIENT_DENIALS else "patient_share"
    if adjustment.group == "CO":
        return "denial" if adjustment.reason in DENIAL_REASONS else "contractual"
    return "other_adjustment"


def deductions(decision: Decision) -> Counter[str]:
    """Return the cents of a decision by category."""
    totals: Counter[str] = Counter()
    for adjustment in decision.every_adjustment:
        totals[category(adjustment)] += adjustment.amount
    return totals


def _key(day: date, encounter: Encounter) -> Key:
    return (
        day.replace(day=1),
        encounter.facility.code,
        encounter.service_line_code,
        encounter.patient.payer.payer_class,
    )


class Profitability:
    """Sums of every measure by key; amounts in cents, weights as decimals."""

    def __init__(self) -> None:
        """Begin with no rows."""
        self.cents: dict[Key, Counter[str]] = defaultdict(Counter)
        self.weights: dict[Key, Decimal] = defaultdict(Decimal)

    def count(self, encounters: Iterable[Encounter]) -> None:
        """Count finished encounters in the month they ended."""
        for encounter in encounters:
            if not encounter.is_finished:
                continue
            key = _key(encounter.last_day, encounter)
            self.cents[key]["encounter_count"] += 1
            if encounter.stay:
                self.cents[key]["discharge_count"] += 1
                self.weights[key] += encounter.stay.drg.weight

    def charge(self, charges: Iterable[Charge], adjudicated: set[str]) -> None:
        """Add charges and their costs to their service month."""
        for charge in charges:
            row = self.cents[_key(charge.line.service_date, charge.claim.encounter)]
            row["gross_charge_amount"] += charge.line.amount
            if charge.claim.claim_id not in adjudicated:
                row["unadjudicated_gross_amount"] += charge.line.amount
            for component, amount in charge.costs.items():
                row[f"{component}_cost"] += amount

    def decide(self, decisions: Iterable[Decision]) -> None:
        """Add deductions and payments to the month in which the statement ended."""
        for decision in decisions:
            claim = decision.claim
            row = self.cents[_key(claim.statement_through, claim.encounter)]
            for name, amount in deductions(decision).items():
                row[f"{name}_amount"] += amount
            row["paid_amount"] += decision.paid

    def use(self, usages: Iterable[Usage]) -> None:
        """Add supplies at acquisition cost to the month they were used."""
        for usage in usages:
            row = self.cents[_key(usage.occurred_at.date(), usage.encounter)]
            row[f"{usage.item.category}_cost"] += usage.cost

    def leave(self, costs: Iterable[UnallocatedCost]) -> None:
        """Keep the costs that found no charge in a line of their own."""
        for cost in costs:
            key = cost.month, cost.facility_code, "unallocated", "unallocated"
            self.cents[key][f"{cost.component}_cost"] += cost.amount


def profitability(
    hospital: Hospital, charges: list[Charge], left: list[UnallocatedCost]
) -> Profitability:
    """Return the whole table."""
    decisions = [d for remittance in hospital.remittances for d in remittance.decisions]
    table = Profitability()
    table.count(hospital.encounters)
    table.charge(charges, {decision.claim.claim_id for decision in decisions})
    table.decide(decisions)
    table.use(hospital.usages)
    table.leave(left)
    return table
