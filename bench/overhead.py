"""Allocation of overhead by step-down and reciprocally, in CPU-seconds of the server.

`python bench/overhead.py` starts an embedded PostgreSQL of its own and lets dbt build
the models of either method: 300 cost centers of which 60 are overhead, everyone with
something of every basis; one facility and month, then twelve months. Nothing of it is
left behind.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

from landing import Server

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "include"))

import psycopg

PROJECT = ROOT / "dbt_project"
CENTERS, OVERHEAD = 300, 60
MONTHS = (1, 12)
MOST = 2.0  # CPU-seconds a facility and month, each way
SHARED = (
    *("stg_reference__cost_center", "stg_reference__allocation_step"),
    *("stg_reference__allocation_statistic", "stg_reference__cost_model"),
    *("int_cost_model__stated", "int_cost_center__opened"),
)
METHODS = {
    "step-down": ("int_cost_center__stepped_down",),
    "reciprocal": (
        "int_overhead_share__weighed",
        "int_overhead_flow__solved",
        "int_cost_center__reciprocated",
    ),
}
CONFIGURE = f"""
truncate
    reference.cost_center, reference.allocation_step, reference.allocation_statistic;
insert into reference.cost_center
select
    'H', 'C' || n, 'C' || n,
    case when n <= {OVERHEAD} then 'overhead' else 'patient_care' end
from generate_series(1, {CENTERS}) as n;
insert into reference.allocation_step
select
    'H', n, 'C' || n,
    (array['square_feet', 'hours', 'meals', 'pounds', 'accumulated_cost'])[n %% 5 + 1]
from generate_series(1, {OVERHEAD}) as n;
insert into reference.allocation_statistic
select 'H', 'C' || n, basis, 1 + n * 7919 %% 4999
from generate_series(1, {CENTERS}) as n
cross join unnest(array['square_feet', 'hours', 'meals', 'pounds']) as basis;
create schema if not exists intermediate;
drop table if exists intermediate.int_cost_center__directed;
create table intermediate.int_cost_center__directed as
select
    'H' as facility_code,
    (date '2026-01-01' + make_interval(months => month))::date as service_month,
    'C' || n as cost_center_code,
    'labor' as cost_component,
    (1 + n * 7919 %% 4999 + month)::bigint * 12345 as direct_cents
from generate_series(1, {CENTERS}) as n
cross join generate_series(0, %(months)s - 1) as month
"""
LOST = """
select sum(direct_cents - balance_cents) from intermediate.{}
"""


def dbt(server, target, models):
    """Build some models."""
    place = psycopg.conninfo.conninfo_to_dict(server.dsn)
    environment = {
        **os.environ,
        "DO_NOT_TRACK": "1",
        **{
            f"LEDGERLINE_DBT_{name.upper()}": str(place[name])
            for name in ("host", "port", "dbname", "user", "password")
        },
    }
    command = [
        *(sys.executable, "-W", "ignore", "-m", "dbt.cli.main", "run", "--quiet"),
        *("--select", *models),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(target), "--log-path", str(target)),
    ]
    subprocess.run(command, env=environment, check=True)


def measure(server, target, months):
    """Return the server's CPU-seconds by method."""
    with psycopg.connect(server.dsn, autocommit=True) as connection:
        for statement in CONFIGURE.split(";"):
            connection.execute(statement, {"months": months})
    dbt(server, target, SHARED)
    found = {}
    for name, models in METHODS.items():
        before = server.cpu()
        dbt(server, target, models)
        found[name] = server.cpu() - before
        with psycopg.connect(server.dsn) as connection:
            [lost] = connection.execute(LOST.format(models[-1])).fetchone()
        assert lost == 0, f"{name} lost {lost} cents"
    return found


@contextmanager
def started():
    """Yield a server and a folder; nothing of them is left behind."""
    home = Path(tempfile.mkdtemp(prefix="bench_overhead_"))
    home.chmod(0o755)
    server = Server(home / "postgres")
    try:
        yield server, home / "dbt"
    finally:
        server.postgres.stop()
        shutil.rmtree(home, ignore_errors=True)


def main():
    """Measure one month and a year; print both and the ratio."""
    with started() as (server, target):
        found = {months: measure(server, target, months) for months in MONTHS}
    one, year = (found[months] for months in MONTHS)
    for name in METHODS:
        print(
            f"{CENTERS} centers, {OVERHEAD} overhead, {name}: {one[name]:.2f} s a "
            f"month, {year[name] / one[name]:.1f} times that for {MONTHS[1]} months"
        )
    slow = [name for name in METHODS if one[name] > MOST]
    if slow:
        raise SystemExit(f"over {MOST} s: {', '.join(slow)}")


if __name__ == "__main__":
    main()
