"""Rows alike of a kept relation become as many as are made, by dbt and by plan."""

import secrets
import subprocess
import sys

import psycopg
import pytest
from psycopg.conninfo import conninfo_to_dict

from ledgerline.store.roles import set_passwords
from ledgerline.transformation.increment.replay import replay
from ledgerline.transformation.increment.step import KEPT, Step
from tests.dbt_manifest import PROJECT, dbt_environment

pytestmark = pytest.mark.integration
COUNTS = range(5)
"""How many rows alike are made, where three are kept."""
REPLACES = "amount in (2, 3)"
MADE = """
select 2 as amount, null::text as remark
from generate_series(1, {count})
where exists (select from build.scope)
"""
BUILT = """
create schema if not exists staging authorization ledgerline_build;
set role ledgerline_build;
drop table if exists staging.facts_{count};
create table staging.facts_{count} (amount integer, remark text);
insert into staging.facts_{count} values
(1, null), (1, null), (2, null), (2, null), (2, null), (3, ''), (3, ''), (4, 'x');
reset role;
"""
SCOPED = """
update build.state set status = 'running', is_increment = true;
truncate build.scope, build.outcome, build.touched;
insert into build.scope values ('raw_ehr', 1, true);
"""
CONFIGURED = """
name: ledgerline
profile: ledgerline
macro-paths: ["{macros}"]
"""


def by_plan(dsn, _folder):
    steps = [
        Step(
            node=f"model.ledgerline.facts_{count}",
            materialized=KEPT,
            sql=MADE.format(count=count),
            inputs=(),
            schema="staging",
            name=f"facts_{count}",
            replaces=REPLACES,
        )
        for count in COUNTS
    ]
    replay(dsn, tuple(steps))


def by_dbt(dsn, folder):
    """Build a project of these models alone with the macros of ours."""
    (folder / "models").mkdir()
    macros = PROJECT / "macros"
    (folder / "dbt_project.yml").write_text(CONFIGURED.format(macros=macros))
    for count in COUNTS:
        config = f"{{{{ config(materialized='kept', replaces='{REPLACES}') }}}}"
        model = folder / "models" / f"facts_{count}.sql"
        model.write_text(f"{config}\n{MADE.format(count=count)}")
    password = secrets.token_urlsafe(12)
    set_passwords(dsn, {"build": password})
    known = conninfo_to_dict(dsn)
    place = {key: known[key] for key in ("host", "port", "dbname")}
    command = [
        *(sys.executable, "-m", "dbt.cli.main", "run", "--threads", "1"),
        *("--project-dir", str(folder), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(folder), "--log-path", str(folder)),
    ]
    done = subprocess.run(
        command,
        env=dbt_environment(**place, password=password),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-4000:]


@pytest.mark.parametrize("build", [by_dbt, by_plan])
def test_rows_alike_are_as_many_as_are_made(warehouse_dsn, tmp_path, build):
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        for count in COUNTS:
            connection.execute(BUILT.format(count=count))
        connection.execute(SCOPED)
    build(warehouse_dsn, tmp_path)
    with psycopg.connect(warehouse_dsn) as connection:
        for count in COUNTS:
            found = connection.execute(
                f"select amount from staging.facts_{count} order by 1"
            ).fetchall()
            expected = [1, 1, *[2] * count, 4]
            assert [amount for (amount,) in found] == expected, count
