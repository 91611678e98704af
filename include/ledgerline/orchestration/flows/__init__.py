"""The flows that DAG tasks call: resolve connections, delegate, log the outcome."""

from ledgerline.orchestration.flows.alerts import send_alerts
from ledgerline.orchestration.flows.close import (
    ask_for_close,
    decide_close,
    seal_month,
)
from ledgerline.orchestration.flows.events import Handled, handle_events
from ledgerline.orchestration.flows.extraction import (
    extract,
    extract_billing,
    extract_ehr,
    extract_erp,
    replay_quarantine,
)
from ledgerline.orchestration.flows.flow import flow, warehouse
from ledgerline.orchestration.flows.ledger import post_entries, reconcile_ledgers
from ledgerline.orchestration.flows.publication import (
    build_stage,
    check_candidates,
    check_sources,
    decide_gate,
    publish,
    write_pack,
)

__all__ = [
    "Handled",
    "ask_for_close",
    "build_stage",
    "check_candidates",
    "check_sources",
    "decide_close",
    "decide_gate",
    "extract",
    "extract_billing",
    "extract_ehr",
    "extract_erp",
    "flow",
    "handle_events",
    "post_entries",
    "publish",
    "reconcile_ledgers",
    "replay_quarantine",
    "seal_month",
    "send_alerts",
    "warehouse",
    "write_pack",
]
