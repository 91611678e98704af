"""What every DAG of ours has in common: owner, retries, time limits, tags."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from airflow.sdk.exceptions import AirflowFailException

from ledgerline.canonical.errors import LedgerlineError


class Tag(StrEnum):
    """The only tags a DAG may carry."""

    EXTRACT = "extract"
    WAREHOUSE = "warehouse"
    POSTING = "posting"
    RECONCILIATION = "reconciliation"
    BOARD_PACK = "board_pack"
    EVENTS = "events"
    EXCEPTIONS = "exceptions"
    CLOSE = "close"
    ALERTS = "alerts"


APPROVE, REJECT = "Approve", "Reject"
"""What a person may answer where a DAG waits for one."""

OPEN = ["queued", "running"]
"""The states of a run that is not over."""

START = datetime(2026, 1, 1, tzinfo=UTC)

FAILURES = "failures.jsonl"


def note_failure(context: Mapping[str, Any]) -> None:
    """Append the failed task and its sentence to the failure log of this home."""
    from ledgerline.settings import load

    instance = context["task_instance"]
    error = context.get("exception")
    is_ours = isinstance(error, LedgerlineError | AirflowFailException)
    line = {
        "at": datetime.now(UTC).isoformat(),
        "task": f"{instance.dag_id}.{instance.task_id}",
        "message": str(error) if is_ours else f"ended by {type(error).__name__}",
    }
    path = load().logs / FAILURES
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lines:
        lines.write(f"{json.dumps(line)}\n")


TASK_DEFAULTS: dict[str, Any] = {
    "owner": "data-engineering",
    "retries": 2,
    "retry_delay": timedelta(seconds=20),
    "execution_timeout": timedelta(hours=2),
    "on_failure_callback": note_failure,
}
