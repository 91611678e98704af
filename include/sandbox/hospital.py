"""The whole synthetic network at once: everything that happened, before any file."""

from dataclasses import dataclass

from sandbox.billing.claims import claims
from sandbox.care.encounters import Encounter, Patient, encounters, patients
from sandbox.care.purchases import OrderLine, order_lines
from sandbox.care.stock import StockBalance, stock_balances
from sandbox.care.usages import Usage, usages
from sandbox.finance.center_costs import CenterCost, overhead, payroll
from sandbox.life_cycle.course import Course
from sandbox.life_cycle.courses import courses
from sandbox.life_cycle.remittances import Remittance, remittances


@dataclass(frozen=True, kw_only=True)
class Hospital:
    """What one seed makes of the extract."""

    seed: int
    patients: dict[str, Patient]
    encounters: list[Encounter]
    usages: list[Usage]
    stock: list[StockBalance]
    orders: list[OrderLine]
    courses: list[Course]
    remittances: list[Remittance]
    payroll: list[CenterCost]
    overhead: list[CenterCost]

    @property
    def adjudicated(self) -> set[str]:
        """The ids of the claims of which an answer stands."""
        return {each.claim.claim_id for each in self.courses if each.is_adjudicated}


def found(seed: int) -> Hospital:
    """Make the hospital of a seed."""
    people = patients(seed)
    visits = encounters(people)
    used = usages(seed, visits)
    billed = claims(seed, visits, used)
    taken = courses(seed, billed)
    stock = stock_balances(seed, used)
    paid_staff = payroll(seed, billed)
    return Hospital(
        seed=seed,
        patients=people,
        encounters=visits,
        usages=used,
        stock=stock,
        orders=order_lines(seed, stock),
        courses=taken,
        remittances=remittances(seed, taken),
        payroll=paid_staff,
        overhead=overhead(seed, paid_staff),
    )
