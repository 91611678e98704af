"""Run many seeds of the simulated world."""

from tests.unit.posting.simulator import World


def run_all(seeds, **world):
    """Run every seed; fail on the first broken promise; count crashes and faults."""
    crashes = faults = 0
    for seed in seeds:
        one = World(seed=seed, **world)
        broken = one.run()
        assert not broken, f"seed {seed}: {broken}"
        crashes += one.crashes
        faults += sum(one.faults.values())
    print(f"{len(seeds)} schedules, {crashes} crashes, {faults} faults, 0 violations")
    return crashes, faults


def search(seeds, **world):
    """Run seeds until one breaks a promise; return it with what it broke."""
    for seed in seeds:
        broken = World(seed=seed, **world).run()
        if broken:
            return seed, broken
    return None
