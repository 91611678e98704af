"""Why an amount was not paid, and what kind of deduction that is."""

from dataclasses import dataclass

DENIAL_REASONS = frozenset({"50", "29", "18", "16", "197"})
PATIENT_DENIALS = frozenset({"96", "204"})


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """Why an amount of the charge was not paid."""

    group: str
    reason: str
    amount: int

    @property
    def category(self) -> str:
        """What kind of deduction this is."""
        if self.group == "PR":
            return "denial" if self.reason in PATIENT_DENIALS else "patient_share"
        if self.group == "CO":
            return "denial" if self.reason in DENIAL_REASONS else "contractual"
        is_prior_payer = (self.group, self.reason) == ("OA", "23")
        return "prior_payer" if is_prior_payer else "other_adjustment"


@dataclass(frozen=True, kw_only=True)
class LineDecision:
    """The decision on one charge line."""

    number: int
    paid: int
    adjustments: tuple[Adjustment, ...]
