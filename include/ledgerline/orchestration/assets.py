"""The assets that chain the DAGs: named `<schema>.<table>`."""

from __future__ import annotations

from airflow.sdk import Asset, AssetWatcher

from ledgerline.orchestration.wake_up.trigger import WorkWaits

RAW_EHR = Asset("raw_ehr.record")
RAW_BILLING = Asset("raw_billing.record")
RAW_ERP = Asset("raw_erp.record")
EVENTS = Asset(
    "ops.event", watchers=[AssetWatcher(name="work_waits", trigger=WorkWaits())]
)
PUBLICATION = Asset("ops.publication")
POSTED_LEDGER = Asset("post.ledger")
RECONCILIATION = Asset("ops.reconciliation_run")
