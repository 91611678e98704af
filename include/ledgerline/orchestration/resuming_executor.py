"""A LocalExecutor under which a task that waited for a person goes on where it was.

Such a task runs twice under one key: once to ask, once with the answer. Airflow 3.3
takes the end of the first run for the end of the second when it hears of it late, as
it does while spans are sent: it fails the task, and the person is asked once more.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from airflow.executors.local_executor import LocalExecutor
from airflow.utils.state import TaskInstanceState

if TYPE_CHECKING:
    from airflow.executors.workloads import ExecutorWorkload
    from airflow.executors.workloads.types import WorkloadKey, WorkloadState

_ENDS = (TaskInstanceState.SUCCESS, TaskInstanceState.FAILED)


class ResumingExecutor(LocalExecutor):  # type: ignore[misc]
    """Tells of the newest run of a task only."""

    def __init__(self, *arguments: object, **options: object) -> None:
        """Know of no run yet."""
        super().__init__(*arguments, **options)
        self._begun: Counter[WorkloadKey] = Counter()

    def _process_workloads(self, workload_list: Sequence[ExecutorWorkload]) -> None:
        self._begun.update(workload.key for workload in workload_list)
        super()._process_workloads(workload_list)

    def change_state(
        self,
        key: WorkloadKey,
        state: WorkloadState,
        info: object = None,
        remove_running: bool = True,
    ) -> None:
        """Note how a run ended, unless a newer one of its task has begun."""
        if state in _ENDS:
            self._begun[key] -= 1
            if self._begun[key] > 0:
                return
            del self._begun[key]
        super().change_state(key, state, info, remove_running)
