"""Build a stage the shortest way: by what dbt compiled before, else by dbt."""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from pathlib import Path

import psycopg
from psycopg.conninfo import make_conninfo

from ledgerline.canonical.errors import LedgerlineError
from ledgerline.store.engine import connect
from ledgerline.transformation.build import Built, DbtWorkspace, build
from ledgerline.transformation.increment.plan import (
    Plan,
    keep_plan,
    plan_key,
    read_plan,
)
from ledgerline.transformation.increment.replay import replay
from ledgerline.transformation.repository import read_state
from ledgerline.transformation.scope import code_hash

log = logging.getLogger(__name__)


def build_stage(
    dsn: str, stage: str, workspace: DbtWorkspace, profile: Mapping[str, str]
) -> Built:
    """Build one stage of the build that has begun.

    The first increment after code changed is run by dbt, which takes a minute however
    little there is to do; those after it run the statements that it compiled. Dbt
    does again what failed: it tells why, and skips what depends on it.
    """
    with connect(dsn) as connection:
        state = read_state(connection)
    if not state.is_increment:
        return build(stage, workspace, profile)
    kept = workspace.target / "increment" / f"{stage}.json"
    key = plan_key(state.inputs["code"], profile["LEDGERLINE_DBT_DBNAME"])
    done = _replayed(_build_dsn(profile), read_plan(kept, key), workspace)
    if done:
        return done
    built = build(stage, workspace, profile)
    # Code that was deployed while the build ran is not what the key says.
    is_same = code_hash(workspace.project) == key["code"]
    if built.is_success and is_same:
        _keep(kept, key, built, stage)
    return built


def _keep(path: Path, key: Mapping[str, str], built: Built, stage: str) -> None:
    if not keep_plan(path, key, built.run_results, built.manifest):
        log.warning("only dbt can run the %s stage; see increment/step.py", stage)


def _replayed(dsn: str, plan: Plan, workspace: DbtWorkspace) -> Built | None:
    """Run a plan and write its results where dbt would; None where it did not end."""
    if not plan:
        return None
    try:
        results = replay(dsn, plan)
    except (LedgerlineError, psycopg.Error) as error:
        log.warning("dbt runs the stage: its plan ended by %s", type(error).__name__)
        return None
    if not results:
        return None
    path = _write(workspace.target / "run_results.json", results)
    return Built(
        run_results=path,
        manifest=workspace.target / "manifest.json",
        is_success=True,
        is_replayed=True,
    )


def _write(path: Path, results: list[dict[str, object]]) -> Path:
    written = path.with_suffix(".new")
    written.write_text(json.dumps({"results": results}), encoding="utf-8")
    return written.replace(path)


def _build_dsn(profile: Mapping[str, str]) -> str:
    return make_conninfo(
        host=profile["LEDGERLINE_DBT_HOST"],
        port=profile["LEDGERLINE_DBT_PORT"],
        dbname=profile["LEDGERLINE_DBT_DBNAME"],
        user=profile["LEDGERLINE_DBT_USER"],
        password=profile["LEDGERLINE_DBT_PASSWORD"],
    )
