"""Build one stage of the warehouse with dbt."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ledgerline.canonical.errors import Fatal
from ledgerline.transformation.quoted_values import scrub_log, scrub_results

FIRST, LAST = "staging", "models"
MOST_THREADS = 4
"""Dbt holds one core; with more threads than cores they wait for each other."""
STAGES: Mapping[str, tuple[str, ...]] = {
    FIRST: ("resource_type:seed", "path:models/staging"),
    LAST: (
        "path:models/intermediate",
        "path:models/conformed",
        "path:models/marts",
        "path:models/outbound",
    ),
}


class BuildFailed(Fatal):
    """Dbt could not read the project or reach the warehouse."""

    code = "DBT_BUILD_FAILED"


@dataclass(frozen=True, kw_only=True)
class DbtWorkspace:
    """Where the project lies and where dbt writes.

    `target` receives the manifest and, per stage, the run results.
    """

    project: Path
    target: Path
    logs: Path


@dataclass(frozen=True, kw_only=True)
class Built:
    """What one stage left behind: paths of the run results and the manifest.

    A stage that `is_replayed` ran what dbt compiled before, without dbt.
    """

    run_results: Path
    manifest: Path
    is_success: bool
    is_replayed: bool = False


def profile_environment(
    host: str, port: int, database: str, user: str, password: str
) -> dict[str, str]:
    """Return the variables that dbt_project/profiles.yml reads."""
    return {
        "LEDGERLINE_DBT_HOST": host,
        "LEDGERLINE_DBT_PORT": str(port),
        "LEDGERLINE_DBT_DBNAME": database,
        "LEDGERLINE_DBT_USER": user,
        "LEDGERLINE_DBT_PASSWORD": password,
        "DO_NOT_TRACK": "1",
        "DBT_SEND_ANONYMOUS_USAGE_STATS": "false",
    }


def build(stage: str, workspace: DbtWorkspace, profile: Mapping[str, str]) -> Built:
    """Run the seeds, models and data tests of one stage of STAGES.

    A failing test or model is not raised: it is in the run results, which the gate
    reads. Raises BuildFailed when dbt could not run at all.
    """
    from dbt.cli.main import dbtRunner

    os.environ.update(profile)
    arguments = [
        "build",
        *("--project-dir", str(workspace.project)),
        *("--profiles-dir", str(workspace.project)),
        *("--target-path", str(workspace.target)),
        *("--log-path", str(workspace.logs)),
        *("--exclude-resource-type", "unit_test"),
        *("--threads", str(min(MOST_THREADS, os.cpu_count() or 1))),
        *("--no-use-colors", "--no-version-check"),
        # A refused value is quoted as it happens: the task's log gets nothing of it.
        *("--log-level", "none"),
        # Every statement in the log would cost a quarter of the build.
        *("--log-level-file", "info"),
        # A test that needs a later stage waits for it.
        *("--indirect-selection", "cautious" if stage == FIRST else "eager"),
        *("--select", *STAGES[stage]),
    ]
    results = workspace.target / "run_results.json"
    results.unlink(missing_ok=True)
    log = workspace.logs / "dbt.log"
    outcome = dbtRunner().invoke(arguments)
    scrub_log(log)
    scrub_results(results)
    if outcome.exception is not None or not results.exists():
        raise BuildFailed(f"dbt could not build the {stage} stage; see {log}")
    return Built(
        run_results=results,
        manifest=workspace.target / "manifest.json",
        is_success=outcome.success,
    )
