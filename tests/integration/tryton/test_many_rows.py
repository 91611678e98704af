"""Landing of ten thousand rows from a real Tryton, killed again and again."""

import os
import random
import signal
import subprocess
import sys
import time
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from tests.integration.tryton import many_rows, sandbox_erp

pytestmark = [pytest.mark.integration, pytest.mark.long]
PROCESS = Path(__file__).with_name("landing_process.py")
SEED = 20_261_128
KILLS = 8
PATIENCE = 120.0


@pytest.fixture(scope="module")
def full_erp(tmp_path_factory, postgres_server):
    running = sandbox_erp.new_erp(tmp_path_factory, postgres_server, "erp_full")
    running.up()
    many_rows.multiply(running.database_url)
    yield running
    running.run("erp-down")


@pytest.fixture(scope="module")
def raw(warehouse_dsn):
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        yield connection


def landed(raw):
    return raw.execute("select count(*) from raw_erp.record").fetchone()[0]


def start(erp, dsn):
    path = f"{sandbox_erp.REPOSITORY / 'include'}:{sandbox_erp.REPOSITORY}"
    return subprocess.Popen(
        [sys.executable, PROCESS, dsn, erp.folder / "connection.json"],
        env=os.environ | {"PYTHONPATH": path},
    )


def killed(process, raw, chance):
    """Kill a landing some time after it went on; False when it had ended."""
    before, deadline = landed(raw), time.monotonic() + PATIENCE
    while landed(raw) == before:
        if process.poll() is not None:
            return False
        assert time.monotonic() < deadline
        time.sleep(0.1)
    time.sleep(chance.uniform(0, 1))
    process.kill()
    return process.wait() == -signal.SIGKILL


def there(erp, query):
    with psycopg.connect(erp.database_url) as connection:
        return connection.execute(query).fetchall()


def test_a_landing_killed_anywhere_and_resumed_loses_and_doubles_nothing(
    full_erp, raw, warehouse_dsn
):
    chance, kills = random.Random(SEED), 0
    while kills < KILLS and killed(start(full_erp, warehouse_dsn), raw, chance):
        kills += 1
    assert start(full_erp, warehouse_dsn).wait() == 0
    print(f"killed {kills} times, seed {SEED}; {landed(raw)} records")
    assert kills > KILLS // 2

    lines = there(
        full_erp,
        "select line.id, debit from account_move_line as line inner join account_move "
        "as move on line.move = move.id where move.state = 'posted'",
    )
    for model, ids in (
        ("account.move.line", [number for number, _ in lines]),
        ("stock.move", [n for (n,) in there(full_erp, "select id from stock_move")]),
    ):
        [versions] = raw.execute(
            "select array_agg(resource_id::integer order by resource_id::integer) "
            "from raw_erp.record where resource_type = %s",
            [model],
        ).fetchone()
        assert len(ids) >= many_rows.ROWS
        assert versions == sorted(ids)
    [debit] = raw.execute(
        "select sum((body ->> 'debit')::numeric) from raw_erp.current_record "
        "where resource_type = 'account.move.line'"
    ).fetchone()
    assert debit == sum((amount for _, amount in lines), Decimal(0))
