"""Several replays at once land everything once."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.integration.contracts.row_source import rows
from tests.integration.contracts.yesterday import deliver, encounter, without

pytestmark = pytest.mark.integration
PROCESS = Path(__file__).parent / "replay_process.py"
PROCESSES = 6


def test_replays_at_the_same_time_land_every_record_once(warehouse_dsn, connection):
    for number in range(5):
        many = [encounter(f"odd-{number}-{each}") for each in range(40)]
        deliver(warehouse_dsn, f"{number}.ndjson", *many, reader=without("odd"))
    started = [
        subprocess.Popen(
            [sys.executable, str(PROCESS), warehouse_dsn],
            env={"PYTHONPATH": str(Path(__file__).parents[3] / "include")},
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(PROCESSES)
    ]
    told = [process.communicate(timeout=120)[0].split() for process in started]
    assert [process.returncode for process in started] == [0] * PROCESSES
    assert sum(int(replayed) for replayed, _ in told) == 200
    assert sum(int(landed) for _, landed in told) == 200
    count = "select count(*), count(distinct resource_id) from raw_ehr.record"
    assert rows(connection, count) == [(200, 200)]
    statuses = "select status, count(*) from ops.quarantined_record group by status"
    assert rows(connection, statuses) == [("replayed", 200)]
    files = "select distinct landed_count, quarantined_count from raw_ehr.file"
    assert rows(connection, files) == [(40, 0)]
    events = "select count(*) from audit.event where action = 'replayed'"
    assert rows(connection, events) == [(200,)]
