"""The course of every claim: most are sent once and answered once."""

from collections.abc import Callable

from sandbox.billing.claims import Claim
from sandbox.life_cycle.course import Course
from sandbox.life_cycle.selection import paths
from sandbox.life_cycle.stories import (
    coordination,
    corrections,
    parts,
    short,
    strays,
)

STORIES: dict[str, Callable[[int, Claim], Course]] = {
    "set_rejected_then_resent": short.set_rejected,
    "rejected_then_resubmitted": short.claim_rejected,
    "denied_then_replaced": corrections.denied_then_replaced,
    "denied_twice": corrections.denied_twice,
    "denied_then_voided": corrections.denied_then_voided,
    "voided": corrections.voided,
    "corrected_by_payer": corrections.corrected_by_payer,
    "interim": parts.interim,
    "late_charge": parts.late_charge,
    "secondary_payer": coordination.secondary_payer,
    "replacement_without_prior": strays.replacement_without_prior,
    "reversal_without_original": strays.reversal_without_original,
}


def courses(seed: int, claims: list[Claim]) -> list[Course]:
    """Return the course of every claim in their order, then payments for none."""
    chosen = paths(seed, claims)
    made = [
        STORIES.get(chosen.get(claim.claim_id, ""), short.short)(seed, claim)
        for claim in claims
    ]
    return [*made, *strays.never_sent(seed, claims)]
