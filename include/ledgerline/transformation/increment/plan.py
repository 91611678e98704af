"""What an increment runs, kept from one that dbt ran of the same code."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ledgerline.transformation.increment.step import Step, step_of

Plan = tuple[Step, ...]
_PACKAGES = ("dbt-core", "dbt-postgres")


def plan_key(code: str, database: str) -> dict[str, str]:
    """What a plan holds for: the hash of the code, the database, and dbt itself."""
    return {
        "code": code,
        "database": database,
        **{package: version(package) for package in _PACKAGES},
    }


def read_plan(path: Path, key: Mapping[str, str]) -> Plan:
    """Return the plan that was kept for this key; an empty one when there is none."""
    try:
        kept = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    if kept["key"] != key:
        return ()
    return tuple(Step(**_tuples(step)) for step in kept["steps"])


def keep_plan(
    path: Path, key: Mapping[str, str], run_results: Path, manifest: Path
) -> bool:
    """Keep what dbt ran; False when some of it only dbt can run."""
    ran = json.loads(run_results.read_text(encoding="utf-8"))["results"]
    nodes = json.loads(manifest.read_text(encoding="utf-8"))["nodes"]
    # Dbt lists what it ran in the order in which it ended: inputs come first.
    found = [
        step_of(nodes[each["unique_id"]], each["compiled_code"])
        for each in ran
        if nodes[each["unique_id"]]["resource_type"] != "seed"
    ]
    steps = [asdict(step) for step in found if step is not None]
    if len(steps) < len(found):
        return False
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    written.write_text(json.dumps({"key": key, "steps": steps}), encoding="utf-8")
    written.replace(path)
    return True


def _tuples(step: Mapping[str, Any]) -> dict[str, Any]:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in step.items()}
