"""An Airflow event whenever events or mail wait: a wake-up, the queue is the table."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

from airflow.triggers.base import BaseEventTrigger, TriggerEvent


class WorkWaits(BaseEventTrigger):  # type: ignore[misc]
    """Fire when handlers have something to do. Its process is Airflow's triggerer."""

    def serialize(self) -> tuple[str, dict[str, Any]]:
        """Return the class; the warehouse's connection is looked up when it runs."""
        return f"{__name__}.{type(self).__name__}", {}

    async def run(self) -> AsyncIterator[TriggerEvent]:
        """Fire until the triggerer stops it."""
        from asgiref.sync import sync_to_async

        from ledgerline.events.workflow.wake_up import work_waits
        from ledgerline.orchestration import flows

        dsn = await sync_to_async(flows.warehouse)()
        async for count in work_waits(dsn):
            yield TriggerEvent({"waiting": count})
