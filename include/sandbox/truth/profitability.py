"""Profitability by month, facility, service line and payer class, in exact cents."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal

from sandbox.care.encounters import Encounter
from sandbox.care.usages import Usage
from sandbox.hospital import Hospital
from sandbox.life_cycle.course import Course
from sandbox.truth.charges import Charge, UnallocatedCost, VariablePart
from sandbox.truth.expectation import Expectation

LOST = ("contractual", "denial", "other_adjustment", "estimated_concession")
Key = tuple[date, str, str, str]  # month, facility, service line, payer class


def _key(day: date, encounter: Encounter) -> Key:
    return (
        day.replace(day=1),
        encounter.facility.code,
        encounter.service_line_code,
        encounter.patient.payer.payer_class,
    )


def net_revenue(row: Counter[str]) -> int:
    """Return gross charges less what is lost, or will be where nobody answered."""
    return row["gross_charge_amount"] - sum(row[f"{name}_amount"] for name in LOST)


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

    def answer(self, courses: Iterable[Course]) -> None:
        """Add deductions and payments to the month in which the statement ended.

        What was never sent has no statement: it counts in the month of its payment.
        """
        for course in courses:
            claim = course.claim
            for answer in course.answers:
                day = claim.statement_through if course.is_sent else answer.paid_on
                row = self.cents[_key(day, claim.encounter)]
                for name, amount in answer.decision.deductions.items():
                    row[f"{name}_amount"] += amount
                row["paid_amount"] += answer.decision.paid

    def expect(
        self, courses: Iterable[Course], expected: dict[str, Expectation]
    ) -> None:
        """Add what unadjudicated claims should bring to the month their bill ended."""
        for course in courses:
            claim = course.claim
            if course.is_sent and not course.is_adjudicated:
                row = self.cents[_key(claim.statement_through, claim.encounter)]
                expected[claim.claim_id].accrue(row)

    def use(self, usages: Iterable[Usage]) -> None:
        """Add supplies at acquisition cost to the month they were used."""
        for usage in usages:
            row = self.cents[_key(usage.occurred_at.date(), usage.encounter)]
            row[f"{usage.item.category}_cost"] += usage.cost
            row["variable_cost"] += usage.cost

    def leave(self, costs: Iterable[UnallocatedCost]) -> None:
        """Keep the costs that found no charge in a line of their own."""
        for cost in costs:
            key = cost.month, cost.facility_code, "unallocated", "unallocated"
            self.cents[key][f"{cost.component}_cost"] += cost.amount

    def vary(self, parts: Iterable[VariablePart]) -> None:
        """Add what varies of the costs of centers."""
        for part in parts:
            place = part.service_line_code, part.payer_class
            row = self.cents[part.month, part.facility_code, *place]
            row["variable_cost"] += part.amount


def profitability(
    hospital: Hospital,
    charges: list[Charge],
    left: list[UnallocatedCost],
    variable: list[VariablePart],
    expected: dict[str, Expectation],
) -> Profitability:
    """Return the whole table."""
    table = Profitability()
    table.count(hospital.encounters)
    table.charge(charges, hospital.adjudicated)
    table.answer(hospital.courses)
    table.expect(hospital.courses, expected)
    table.use(hospital.usages)
    table.leave(left)
    table.vary(variable)
    return table
