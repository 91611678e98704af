"""The whole synthetic network at once: everything that happened, before any file."""

from dataclasses import dataclass

from sandbox.billing.claims import Claim, claims
from sandbox.billing.remittances import Remittance, remittances
from sandbox.care.encounters import Encounter, Patient, encounters, patients
from sandbox.care.purchases import OrderLine, order_lines
from sandbox.care.stock import StockBalance, stock_balances
from sandbox.care.usages import Usage, usages
from sandbox.finance.center_costs import CenterCost, overhead, payroll


@dataclass(frozen=True, kw_only=True)
class Hospital:
    """What one seed makes of the extract."""

    seed: int
    patients: dict[str, Patient]
    encounters: list[Encounter]
    usages: list[Usage]
    stock: list[StockBalance]
    orders: list[OrderLine]
    claims: list[Claim]
    remittances: list[Remittance]
    payroll: list[CenterCost]
    overhead: list[CenterCost]


def found(seed: int) -> Hospital:
    """Make the hospital of a seed."""
    people = patients(seed)
    visits = encounters(people)
    used = usages(seed, visits)
    billed = claims(seed, visits, used)
    stock = stock_balances(seed, used)
    paid_staff = payroll(seed, billed)
    return Hospital(
        seed=seed,
        patients=people,
        encounters=visits,
        usages=used,
        stock=stock,
        orders=order_lines(seed, stock),
        claims=billed,
        remittances=remittances(seed, billed),
        payroll=paid_staff,
        overhead=overhead(seed, paid_staff),
    )
