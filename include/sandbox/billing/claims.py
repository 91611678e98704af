"""Claims: the charges of an encounter as the hospital or its physicians billed them."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.billing.charge_line import ChargeLine, PriceList
from sandbox.billing.inpatient_charges import inpatient_lines
from sandbox.billing.outpatient_charges import clinic_lines, emergency_lines
from sandbox.billing.professional_charges import professional_lines
from sandbox.care.encounters import Encounter
from sandbox.care.usages import Usage
from sandbox.network.cost_centers import REVENUE_CENTERS, cost_center_code
from sandbox.network.facilities import DEPARTMENTS, Facility


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One claim; its lines are numbered from 1 in order."""

    kind: str  # I institutional, P professional
    encounter: Encounter
    lines: tuple[ChargeLine, ...]

    @property
    def facility(self) -> Facility:
        """The facility that the claim belongs to."""
        return self.encounter.facility

    @property
    def billing_npi(self) -> str:
        """The hospital's NPI, or its professional group's."""
        return self.facility.npi if self.kind == "I" else self.facility.group_npi

    @property
    def claim_id(self) -> str:
        """The identity that billing and remittance share."""
        return f"{self.billing_npi}|{self.encounter.account_number}"

    @property
    def charge(self) -> int:
        """The total charge in cents."""
        return sum(line.amount for line in self.lines)

    @property
    def statement_from(self) -> date:
        """The first day of the statement."""
        if self.kind == "I":
            return self.encounter.first_day
        return min(line.service_date for line in self.lines)

    @property
    def statement_through(self) -> date:
        """The last day of the statement."""
        if self.kind == "I":
            return self.encounter.last_day
        return max(line.service_date for line in self.lines)

    @property
    def submitted_on(self) -> date:
        """The Monday of the week after the statement ended."""
        return self.statement_through + timedelta(
            days=7 - self.statement_through.weekday()
        )

    def charge_id(self, number: int) -> str:
        """Return the identity of a line by its number."""
        return f"{self.claim_id}|{number}"

    def line_control_number(self, number: int) -> str:
        """Return the number that a line carries to the payer and back."""
        return f"{self.encounter.account_number}{self.kind}{number:03d}"

    def center_and_method(self, line: ChargeLine) -> tuple[str, str]:
        """Return the cost center of a line and how its cost is found."""
        number, method = REVENUE_CENTERS.get(line.revenue_code, ("", "rcc"))
        if not number:
            number = DEPARTMENTS[self.encounter.department_code].cost_center_number
        return cost_center_code(self.facility.code, number), method


def _facility_lines(
    seed: int, encounter: Encounter, used: list[Usage]
) -> list[ChargeLine]:
    prices = PriceList(seed, encounter, "facility charges")
    if encounter.stay:
        return inpatient_lines(prices, encounter.stay, used)
    if encounter.encounter_class == "EMER":
        return emergency_lines(prices, used)
    has_infusion = any(usage.item.name.startswith("Closed system") for usage in used)
    return clinic_lines(prices, used, has_infusion=has_infusion)


def _claims_of(seed: int, encounter: Encounter, used: list[Usage]) -> Iterator[Claim]:
    lines = _facility_lines(seed, encounter, used)
    yield Claim(kind="I", encounter=encounter, lines=tuple(lines))
    professional = professional_lines(
        PriceList(seed, encounter, "professional charges")
    )
    if professional:
        yield Claim(kind="P", encounter=encounter, lines=tuple(professional))


def claims(seed: int, listed: list[Encounter], used: list[Usage]) -> list[Claim]:
    """Return the claims of every finished encounter in the order of accounts."""
    by_encounter: dict[str, list[Usage]] = defaultdict(list)
    for usage in used:
        by_encounter[usage.encounter.encounter_id].append(usage)
    made: list[Claim] = []
    for encounter in listed:
        if encounter.is_finished:
            made.extend(
                _claims_of(seed, encounter, by_encounter[encounter.encounter_id])
            )
    return made
