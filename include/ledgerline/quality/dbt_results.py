"""What dbt found: its run results as check results, without any value of a row.

dbt's messages quote the database, which quotes rows; none of them is kept.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ledgerline.canonical.errors import ConfigurationInvalid
from ledgerline.quality.check import (
    CheckId,
    CheckResult,
    Engine,
    Severity,
    Stage,
    Status,
)
from ledgerline.quality.repository.results import save_results
from ledgerline.store.engine import connect

SKIPPED = "skipped"
_TESTS = ("test.", "unit_test.")
_STATUS = {
    "pass": (Severity.BLOCK, Status.PASS),
    "success": (Severity.BLOCK, Status.PASS),
    "warn": (Severity.WARN, Status.FAIL),
    "fail": (Severity.BLOCK, Status.FAIL),
}
_UNKNOWN = (Severity.BLOCK, Status.ERROR)


def record_dbt_results(
    dsn: str,
    run_id: str,
    run_results_path: Path,
    stage: Stage = Stage.CANDIDATES,
) -> list[CheckResult]:
    """Record dbt's tests, and every model that did not build, in this run."""
    try:
        found = json.loads(run_results_path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ConfigurationInvalid(
            f"dbt's results {run_results_path} cannot be read; build the warehouse "
            "first"
        ) from error
    results = read_results(found, stage)
    with connect(dsn) as connection:
        save_results(connection, run_id, results)
    return results


def read_results(found: Mapping[str, Any], stage: Stage) -> list[CheckResult]:
    """Translate dbt's run results; a built model is no check and is left out."""
    results = [_result(node, stage) for node in found["results"]]
    return [
        result
        for result in results
        if not result.passed or result.check.name.startswith(_TESTS)
    ]


def dbt_check(unique_id: str) -> CheckId:
    """Return how results name a dbt node."""
    return CheckId(engine=Engine.DBT, suite=unique_id.split(".")[0], name=unique_id)


def _result(node: Mapping[str, Any], stage: Stage) -> CheckResult:
    said = str(node["status"])
    severity, status = _STATUS.get(said, _UNKNOWN)
    failures = node.get("failures")
    return CheckResult(
        check=dbt_check(str(node["unique_id"])),
        stage=stage,
        severity=severity,
        status=status,
        observed="" if status is Status.PASS else _observed(said, failures),
        expected="pass" if status is Status.PASS else "pass; see the dbt log",
        failed_count=failures if status is Status.FAIL else None,
    )


def _observed(said: str, failures: int | None) -> str:
    known = said if said in {"warn", "fail", "error", SKIPPED} else "not evaluated"
    return known if failures is None else f"{known}: {failures} rows"
