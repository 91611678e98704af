"""What a finished simulation must have kept: the invariants that the core can break.

I13 to I15 are kept by the builder and by people, I17 by the database: the tests of
those are elsewhere. I5, I7, I8 and I12 are watched while the world runs.
"""

from collections import Counter

from ledgerline.posting.command import State
from tests.unit.posting.simulated import KEYS, SETTLED_AS, Trouble


def violations(world):
    """Name every invariant that the finished world broke, watched ones included."""
    effective = [held for held in world.erp.held if held.is_effective]
    ours = [held for held in effective if not held.is_foreign]
    posted = [row for row in world.rows if row.state is State.POSTED]
    count = Counter(_number(held) for held in effective)
    numbers = {f"J{held.number}": _number(held) for held in ours}
    checks = {
        "I1 one document a key": any(n > 1 for n in count.values()),
        "I3 content unchanged": any(
            held.sha != world.rows[_number(held)].sha for held in ours
        ),
        "I9 ledger": sorted(world.ledger)
        != sorted((row.number, row.erp_document) for row in posted),
        "I9 number that the ERP reports": any(
            numbers.get(row.erp_document) != row.number for row in posted
        ),
        "I10 ERP and outbox hold the same": {_number(held) for held in ours}
        != {row.number for row in posted},
        "I11 equal sums": sum(held.document.total_cents for held in ours)
        != sum(row.document.total_cents for row in posted),
        "I16 terminal or owned": any(
            row.state is not _expected(world, row) for row in world.rows
        ),
    }
    return {name for name, is_broken in checks.items() if is_broken} | world.broken


def _expected(world, row):
    """POSTED, what its trouble leads to, or READY behind an entry with an owner."""
    if world.trouble is Trouble.NOTHING or row.order_key != world.in_trouble % KEYS:
        return State.POSTED
    if row.number == world.in_trouble:
        return SETTLED_AS[world.trouble]
    is_behind = row.number > world.in_trouble
    stays = is_behind and world.trouble is not Trouble.REFUSED
    return State.READY if stays else State.POSTED


def _number(held):
    """The entry that a document belongs to; a foreign one sits under its reference."""
    return int(held.document.reference.split("|v")[1].split(".")[0])
