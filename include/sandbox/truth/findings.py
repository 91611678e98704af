"""The truth of one hospital: costed charges, denials, profitability and ledger."""

from dataclasses import dataclass

from sandbox.hospital import Hospital
from sandbox.truth.charges import (
    Charge,
    UnallocatedCost,
    VariablePart,
    costed_charges,
    variable_costs,
)
from sandbox.truth.denials import Denial, denials
from sandbox.truth.expectation import Expectation, expectations
from sandbox.truth.ledger import Ledger, held_ledger, ledger, set_up_ledger
from sandbox.truth.profitability import Profitability, profitability


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Everything that the product must arrive at."""

    hospital: Hospital
    charges: list[Charge]
    unallocated: list[UnallocatedCost]
    variable: list[VariablePart]
    expectations: dict[str, Expectation]
    denials: list[Denial]
    profitability: Profitability
    ledger: Ledger
    held_ledger: Ledger
    opening: Ledger


def find(hospital: Hospital) -> Truth:
    """Work the truth of a hospital out."""
    charges, unallocated = costed_charges(hospital)
    variable = variable_costs(hospital, charges, unallocated)
    expected = expectations(hospital)
    return Truth(
        hospital=hospital,
        charges=charges,
        unallocated=unallocated,
        variable=variable,
        expectations=expected,
        denials=list(denials(hospital)),
        profitability=profitability(hospital, charges, unallocated, variable, expected),
        ledger=ledger(hospital, charges),
        held_ledger=held_ledger(hospital),
        opening=set_up_ledger(hospital),
    )
