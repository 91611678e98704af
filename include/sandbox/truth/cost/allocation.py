"""Overhead allocated by hand: one center after the other, or all at once."""

from collections.abc import Mapping
from decimal import ROUND_FLOOR, Decimal, localcontext

from sandbox.money import split

COMPONENTS = ("labor", "other_direct", "overhead")
ACCUMULATED_COST = "accumulated_cost"
Pools = dict[str, dict[str, int]]  # cost center, component, cents
Steps = list[tuple[str, str]]  # overhead center and basis, in order
Statistics = dict[str, dict[str, int]]  # basis, cost center, weight
Shares = dict[str, dict[str, Decimal]]  # giver, taker, share

DIGITS = 60
SETTLED = Decimal("1e-30")
FINEST = Decimal("1e-12")


def step_down(pools: Pools, steps: Steps, statistics: Statistics) -> None:
    """Move each overhead center's whole balance to those still open, in step order.

    A statistic names no closed center's share: only open ones take part. The basis
    accumulated_cost weighs an open center by its balance at that moment.
    """
    is_open = set(pools)
    for center, basis in steps:
        is_open.discard(center)
        weights = statistics.get(basis, {})
        if basis == ACCUMULATED_COST:
            weights = {other: sum(pools[other].values()) for other in is_open}
        balance = sum(pools[center].values())
        shares = split(
            balance, {key: weight for key, weight in weights.items() if key in is_open}
        )
        if shares:
            pools[center] = dict.fromkeys(COMPONENTS, 0)
        for receiver, amount in shares.items():
            pools[receiver]["overhead"] += amount


def _shares(direct: Mapping[str, int], steps: Steps, statistics: Statistics) -> Shares:
    made = {}
    for center, basis in steps:
        of = direct if basis == ACCUMULATED_COST else statistics.get(basis, {})
        weights = {
            taker: weight
            for taker, weight in of.items()
            if taker in direct and taker != center and weight > 0
        }
        total = sum(weights.values())
        if total:
            made[center] = {
                taker: Decimal(weight) / total for taker, weight in weights.items()
            }
    return made


def _without_loops(shares: Shares) -> Shares:
    """Drop the givers from whom no way leads to a center that keeps its cost."""
    ends: set[str] = set()
    while True:
        found = {
            giver
            for giver, takers in shares.items()
            if any(taker not in shares or taker in ends for taker in takers)
        }
        if found == ends:
            return {giver: shares[giver] for giver in ends}
        ends = found


def _whole(amounts: Mapping[str, Decimal], total: int) -> dict[str, int]:
    exact = {center: amount.quantize(FINEST) for center, amount in amounts.items()}
    floors = {
        center: int(amount.to_integral_value(ROUND_FLOOR))
        for center, amount in exact.items()
    }
    by_remainder = sorted(exact, key=lambda name: (floors[name] - exact[name], name))
    for center in by_remainder[: total - sum(floors.values())]:
        floors[center] += 1
    return floors


def reciprocal(pools: Pools, steps: Steps, statistics: Statistics) -> None:
    """Let the overhead centers serve each other until nothing is left on them.

    Every round hands on what came in the round before. The basis accumulated_cost
    weighs a center by what it holds at first.
    """
    direct = {center: sum(pool.values()) for center, pool in pools.items()}
    with localcontext() as context:
        context.prec = DIGITS
        shares = _without_loops(_shares(direct, steps, statistics))
        kept = {center: Decimal(0) for center in pools if center not in shares}
        moving = {center: Decimal(direct[center]) for center in shares}
        while any(abs(amount) > SETTLED for amount in moving.values()):
            arriving = {center: Decimal(0) for center in shares}
            for giver, amount in moving.items():
                for taker, share in shares[giver].items():
                    reached = kept if taker in kept else arriving
                    reached[taker] += amount * share
            moving = arriving
        given = _whole(kept, sum(direct[center] for center in shares))
    for center in shares:
        pools[center] = dict.fromkeys(COMPONENTS, 0)
    for center, cents in given.items():
        pools[center]["overhead"] += cents


METHODS = {"step_down": step_down, "reciprocal": reciprocal}
