"""Reconciliation: warehouse, outbox, our ledger and the ERP agree, or a break says why.

`reconcile` compares them pair by pair, sweeps the documents both ways and keeps the
result in `ops.reconciliation_line`, of which `marts.reconciliation` shows the newest.
"""

from ledgerline.reconciliation.reconcile import ReconciliationReport, reconcile

__all__ = ["ReconciliationReport", "reconcile"]
