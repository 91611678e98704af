"""The assets that chain the DAGs: named `<schema>.<table>`."""

from __future__ import annotations

from airflow.sdk import Asset, AssetAlias, AssetWatcher

from ledgerline.orchestration.wake_up.trigger import WorkWaits

RAW_EHR = Asset("raw_ehr.record")
RAW_BILLING = Asset("raw_billing.record")
RAW_ERP = Asset("raw_erp.record")
EVENTS = Asset(
    "ops.event", watchers=[AssetWatcher(name="work_waits", trigger=WorkWaits())]
)
PUBLICATION = Asset("ops.publication")
EVENT_PUBLICATION = AssetAlias("ops.event_publication")
"""A publication by a task that does not always make one."""
POSTED_LEDGER = Asset("post.ledger")
RECONCILIATION = Asset("ops.reconciliation_run")
