"""What a finished simulation must have kept."""

from collections import Counter

from ledgerline.posting.protocol import State
from tests.unit.posting.simulated import SETTLED


def violations(world):
    """Name every promise that the finished world broke."""
    effective = [held for held in world.erp if held.is_effective]
    count = Counter(_number(held) for held in effective)
    posted = [row for row in world.rows if row.state is State.POSTED]
    ids = {f"J{held.number}": _number(held) for held in effective}
    checks = {
        "doubled": any(n > 1 for n in count.values()),
        "lost": any(not count[row.number] for row in posted),
        "stuck": any(row.state not in SETTLED for row in world.rows),
        "wrong document": any(
            ids.get(row.erp_document) != row.number for row in posted
        ),
        "ledger": sorted(world.ledger)
        != sorted((row.number, row.erp_document) for row in posted),
        "order": any(
            numbers != sorted(numbers)
            for numbers in (_arrivals(effective, key) for key in (0, 1))
        ),
    }
    return {name for name, is_broken in checks.items() if is_broken}


def _arrivals(effective, key):
    first = dict.fromkeys(_number(held) for held in effective)
    return [number for number in first if number % 2 == key]


def _number(held):
    return held.document.lines[0].amount_cents - 100
