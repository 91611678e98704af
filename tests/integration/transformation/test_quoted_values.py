"""What PostgreSQL quotes of a row that it refuses is in no file that dbt writes."""

import json
import os
import subprocess
import sys

import psycopg
import pytest

from ledgerline.transformation.build import profile_environment

pytestmark = pytest.mark.integration
CANARY = "ZZPHI"
BUILD = """
import sys
from pathlib import Path
from ledgerline.transformation.build import FIRST, DbtWorkspace, build
project = Path(sys.argv[1])
workspace = DbtWorkspace(
    project=project, target=project / "target", logs=project / "logs"
)
assert not build(FIRST, workspace, {}).is_success
"""
VALUES = [
    f"{CANARY} Roe",
    f'{CANARY}\nof two "lines"\nRoe',
    f'"{CANARY}"',
    f'{CANARY}"',
]
PROFILE = """
canary:
  target: only
  outputs:
    only:
      type: postgres
      host: "{{ env_var('LEDGERLINE_DBT_HOST') }}"
      port: "{{ env_var('LEDGERLINE_DBT_PORT') | as_number }}"
      dbname: "{{ env_var('LEDGERLINE_DBT_DBNAME') }}"
      user: "{{ env_var('LEDGERLINE_DBT_USER') }}"
      password: "{{ env_var('LEDGERLINE_DBT_PASSWORD') }}"
      schema: canary
      threads: 1
"""
READS = "select patient.told{} as told from public.patient"
UNIQUE = (
    "{{{{ config(materialized='table', post_hook='create unique index on "
    "{{{{ this }}}} (told)') }}}} select patient.told from public.patient as patient "
    "cross join generate_series(1, 2)"
)
REFUSED = {
    "as_number": READS.format("::integer"),
    "as_date": READS.format("::date"),
    "as_document": READS.format("::jsonb"),
    "as_list": READS.format("::int[]"),
    "as_boolean": READS.format("::boolean"),
    "as_code": READS.format("::uuid"),
    "in_time": "select now() at time zone patient.told as told from public.patient",
    "as_constant": f"select '{CANARY} Roe'::integer as told",
    "unique_row": UNIQUE.replace("{{{{", "{{").replace("}}}}", "}}"),
    "as_name": "select missing_column from public.patient",
}


@pytest.fixture(scope="module", params=range(len(VALUES)))
def refused(warehouse_dsn, request, tmp_path_factory):
    """A project whose every model is refused for a row with the canary."""
    project = tmp_path_factory.mktemp("canary")
    (project / "profiles.yml").write_text(PROFILE)
    (project / "dbt_project.yml").write_text(
        "name: canary\nprofile: canary\nversion: '1.0.0'\n"
        "models: {+materialized: table}\n"
        "flags: {send_anonymous_usage_stats: false, use_colors_file: false}\n"
    )
    models = project / "models" / "staging"
    models.mkdir(parents=True)
    for name, query in REFUSED.items():
        (models / f"{name}.sql").write_text(query)
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        connection.execute("drop table if exists public.patient")
        connection.execute("create table public.patient (told text)")
        value = VALUES[request.param]
        connection.execute("insert into public.patient values (%s)", [value])
    parts = psycopg.conninfo.conninfo_to_dict(warehouse_dsn)
    profile = profile_environment(
        parts["host"],
        int(parts["port"]),
        parts["dbname"],
        parts["user"],
        parts["password"],
    )
    done = subprocess.run(
        [sys.executable, "-c", BUILD, project],
        env={**os.environ, **profile},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return project, done.stdout + done.stderr


def test_the_value_is_in_no_log_and_no_result(refused):
    project, printed = refused
    log = (project / "logs" / "dbt.log").read_text()
    results = json.loads((project / "target" / "run_results.json").read_text())
    assert CANARY not in log
    assert "Roe" not in log
    assert "lines" not in log
    messages = {
        result["unique_id"].rpartition(".")[2]: result["message"]
        for result in results["results"]
    }
    assert set(messages) == set(REFUSED)
    assert CANARY not in "".join(messages.values())
    assert CANARY not in printed
    assert "invalid input syntax for type integer" in messages["as_number"]
    assert "as_number" in log
    assert '"missing_column" does not exist' in messages["as_name"]
    assert "compiled code at" in messages["as_number"]
