"""Sixty thousand seeded schedules over the production protocol: no promise broken."""

import pytest

from ledgerline.posting.port import Identity
from tests.unit.posting.schedules import run_all

pytestmark = [pytest.mark.integration, pytest.mark.long]
SEEDS = range(10_000, 30_000)


@pytest.mark.parametrize("identity", list(Identity))
def test_nothing_is_lost_or_doubled_in_any_schedule(identity):
    crashes, faults = run_all(
        SEEDS,
        identity=identity,
        may_duplicate=identity is not Identity.NONE,
    )
    assert crashes > len(SEEDS)
    assert faults.total() > len(SEEDS)
