"""Print every DAG of a folder as JSON, in a process with an AIRFLOW_HOME of its own."""

import json
import sys

from airflow.dag_processing.dagbag import DagBag
from airflow.sdk import Asset


def described(task):
    timeout = task.execution_timeout or getattr(task, "response_timeout", None)
    return {
        "owner": task.owner,
        "retries": task.retries,
        "timeout_seconds": timeout.total_seconds() if timeout else None,
        "trigger_rule": task.trigger_rule.value,
        "outlets": [asset.name for asset in task.outlets],
        "tells_failure": bool(task.on_failure_callback),
    }


def awaited(condition):
    """Names of the assets in a condition, however deep they are nested."""
    if hasattr(condition, "iter_assets"):
        return sorted(key.name for key, _ in condition.iter_assets())
    if isinstance(condition, Asset):
        return [condition.name]
    return sorted(
        n for part in getattr(condition, "objects", []) for n in awaited(part)
    )


bag = DagBag(dag_folder=sys.argv[1])
dags = {
    dag_id: {
        "file": dag.fileloc,
        "tags": sorted(dag.tags),
        "doc": dag.doc_md or "",
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "awaits": awaited(getattr(dag.timetable, "asset_condition", None)),
        "tasks": {task.task_id: described(task) for task in dag.tasks},
    }
    for dag_id, dag in bag.dags.items()
}
sys.stdout.write(json.dumps({"import_errors": bag.import_errors, "dags": dags}))
