"""Segments that claims and remittances share: adjustments and services."""

from collections.abc import Sequence

from sandbox.billing.charge_line import ChargeLine
from sandbox.files.x12 import Segments
from sandbox.life_cycle.adjustment import Adjustment
from sandbox.money import text

MOST_REASONS = 6


def add_adjustments(segments: Segments, adjustments: Sequence[Adjustment]) -> None:
    """Add one CAS segment a group, with up to six reasons in it."""
    for group in dict.fromkeys(adjustment.group for adjustment in adjustments):
        same = [each for each in adjustments if each.group == group]
        for first in range(0, len(same), MOST_REASONS):
            triplets: list[str] = []
            for each in same[first : first + MOST_REASONS]:
                triplets += [each.reason, text(each.amount), ""]
            segments.add("CAS", group, *triplets)


def service_code(segments: Segments, line: ChargeLine) -> str:
    """Return a line's procedure; without one, its revenue code."""
    if line.procedure_code:
        return segments.composite("HC", line.procedure_code)
    return segments.composite("NU", line.revenue_code)
