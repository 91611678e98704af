"""The truth of one hospital: costed charges, profitability and ledger."""

from dataclasses import dataclass

from sandbox.billing.adjudication import Decision
from sandbox.hospital import Hospital
from sandbox.truth.charges import Charge, UnallocatedCost, costed_charges
from sandbox.truth.ledger import Ledger, ledger, set_up_ledger
from sandbox.truth.profitability import Profitability, profitability


@dataclass(frozen=True, kw_only=True)
class Truth:
    """Everything that the product must arrive at."""

    hospital: Hospital
    charges: list[Charge]
    unallocated: list[UnallocatedCost]
    profitability: Profitability
    decisions: dict[str, Decision]  # by claim id
    ledger: Ledger
    opening: Ledger


def find(hospital: Hospital) -> Truth:
    """Work the truth of a hospital out."""
    charges, unallocated = costed_charges(hospital)
    return Truth(
        hospital=hospital,
        charges=charges,
        unallocated=unallocated,
        profitability=profitability(hospital, charges, unallocated),
        decisions={
            decision.claim.claim_id: decision
            for remittance in hospital.remittances
            for decision in remittance.decisions
        },
        ledger=ledger(hospital, charges),
        opening=set_up_ledger(hospital),
    )
