"""What posts to the ERP, and compares with it."""

from __future__ import annotations

import logging

from ledgerline.orchestration import connections
from ledgerline.orchestration.flows import span
from ledgerline.orchestration.flows.flow import flow, warehouse

log = logging.getLogger(__name__)


@flow
def post_entries() -> int:
    """Propose, release and send what the newest publication asks for.

    The ERP is asked first what it has: proposals go by its periods, releases by its
    codes. After a restore of the warehouse what the ERP holds is adopted before.
    """
    from ledgerline.operations.certificate.certificate import certify
    from ledgerline.orchestration.sources import erp_port
    from ledgerline.posting.drain import drain_by_routes
    from ledgerline.posting.master_data.mirror import mirror
    from ledgerline.posting.propose import propose
    from ledgerline.posting.release import release
    from ledgerline.posting.restored.adopt import adopt

    dsn = warehouse()
    begun = span.begin(dsn)
    endpoint = connections.find("erp")
    if endpoint is None:
        log.warning("no connection erp: nothing is posted")
        return 0
    port = erp_port(endpoint)
    mirror(dsn, port)
    adopt(dsn, port)
    log.info("%s", propose(dsn))
    log.info("%s", release(dsn))
    another = connections.find("erp_fallback")
    reports = drain_by_routes(dsn, port, erp_port(another) if another else None)
    log.info("%s", reports)
    certify(dsn)
    span.tell_attempts(dsn, begun)
    return sum(report.posted for report in reports)


@flow
def reconcile_ledgers() -> None:
    """Compare outbox, ledger and ERP; log every break."""
    from ledgerline.orchestration.sources import erp_port
    from ledgerline.reconciliation.reconcile import reconcile

    endpoint = connections.find("erp")
    if endpoint is None:
        log.warning("no connection erp: nothing to reconcile")
        return
    log.info("%s", reconcile(warehouse(), erp_port(endpoint)))
