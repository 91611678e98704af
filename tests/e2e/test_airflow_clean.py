"""The documented way to remove old runs from Airflow's database does that, no more."""

import re
import subprocess

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from tests.hospital import ROOT

pytestmark = pytest.mark.e2e

PAGE = ROOT / "docs" / "how-to" / "remove_what_is_old.md"
COPY = "airflow_90"
AGED = """
    update dag_run set start_date = start_date - interval '100 days';
    update log set dttm = dttm - interval '100 days';
"""
COUNTS = """
    select
        (select count(*) from dag_run) as runs,
        (select count(distinct dag_id) from dag_run where run_type <> 'manual') as dags,
        (select count(*) from log) as logged
"""


@pytest.fixture
def old_airflow(hospital_day):
    """A copy of a hospital's Airflow database whose runs are of 100 days ago."""
    hospital, _ = hospital_day
    place = make_conninfo(hospital.dsn, dbname="postgres")
    with psycopg.connect(place, autocommit=True) as server:
        server.execute(f"drop database if exists {COPY} with (force)")
        server.execute(f"create database {COPY} template airflow")
    dsn = make_conninfo(hospital.dsn, dbname=COPY)
    with psycopg.connect(dsn) as connection:
        connection.execute(AGED)
    yield hospital, dsn
    with psycopg.connect(place, autocommit=True) as server:
        server.execute(f"drop database {COPY} with (force)")


def test_old_runs_go_and_the_newest_of_each_dag_that_nobody_started_stays(old_airflow):
    hospital, dsn = old_airflow
    [command] = [
        block
        for block in re.findall(r"```sh\n(.*?)```", PAGE.read_text(), re.DOTALL)
        if "airflow db clean" in block
    ]
    assert command.count(",/airflow,") == 1
    with psycopg.connect(dsn) as connection:
        before = connection.execute(COUNTS).fetchone()
    assert before[0] > before[1] > 0
    done = subprocess.run(
        ["bash", "-euc", command.replace(",/airflow,", f",/{COPY},")],
        cwd=ROOT,
        env=hospital.environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    with psycopg.connect(dsn) as connection:
        runs, dags, logged = connection.execute(COUNTS).fetchone()
        kept = connection.execute(
            "select tablename from pg_tables "
            "where starts_with(tablename, '_airflow_deleted')"
        ).fetchall()
    assert (runs, dags) == (before[1], before[1])
    assert logged < before[2]
    assert kept == []
