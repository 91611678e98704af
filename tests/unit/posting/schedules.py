"""Run many seeds of the simulated world."""

import time
from collections import Counter

from tests.unit.posting.simulator import World


def run_all(seeds, **world):
    """Run every seed; fail on the first broken promise; count crashes and faults."""
    crashes, faults = 0, Counter()
    began = time.process_time()
    for seed in seeds:
        one = World(seed=seed, **world)
        broken = one.run()
        assert not broken, f"seed {seed}: {broken}"
        crashes += one.crashes
        faults.update(one.erp.faults)
    speed = len(seeds) / (time.process_time() - began)
    print(
        f"{len(seeds)} schedules from seed {seeds[0]}, {speed:.0f} a CPU-second: "
        f"{crashes} crashes, {faults.total()} faults, 0 violations; {dict(faults)}"
    )
    return crashes, faults


def search(seeds, promise="", **world):
    """Run seeds until one breaks a promise of that name; return it and what broke."""
    for seed in seeds:
        broken = World(seed=seed, **world).run()
        if any(name.startswith(promise) for name in broken):
            return seed, broken
    return None
