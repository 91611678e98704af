"""`python -m ledgerline.orchestration.reconcile_now`: one reconciliation, printed.

A process of its own, because Airflow resolves the connections.
"""

from __future__ import annotations

import logging
import sys

import structlog

from ledgerline.canonical.errors import LedgerlineError
from ledgerline.operations.report import print_reconciliation
from ledgerline.orchestration import connections, flows
from ledgerline.orchestration.sources import erp_port
from ledgerline.reconciliation.reconcile import reconcile


def main() -> int:
    """Read the ERP back and print what was compared; return 1 on a break."""
    quiet = structlog.make_filtering_bound_logger(logging.ERROR)
    structlog.configure(wrapper_class=quiet)
    try:
        port = erp_port(connections.require("erp"))
        report = reconcile(flows.warehouse(), port)
    except LedgerlineError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    print_reconciliation(report)
    return 0 if report.is_even else 1


if __name__ == "__main__":
    sys.exit(main())
