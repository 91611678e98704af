"""What lands and folds."""

from __future__ import annotations

import logging
from importlib import import_module
from types import ModuleType

from ledgerline.canonical.errors import LedgerlineError
from ledgerline.connectors.source import Source
from ledgerline.orchestration import connections
from ledgerline.orchestration.flows.flow import flow, warehouse

log = logging.getLogger(__name__)


@flow
def extract_ehr() -> int:
    """Land what the EHR's connections and its inbox offer, then fold its visits.

    Returns the records landed. One that fails does not keep the others from landing.
    """
    landed, failed = 0, None
    for conn_id in ("ehr_fhir", "ehr_hl7v2"):
        try:
            landed += _extract(conn_id)
        except LedgerlineError as error:
            log.error("%s: %s", conn_id, error)
            failed = failed or error
    landed += extract_inbox()
    fold_visits()
    if failed:
        raise failed
    return landed


@flow
def extract_billing() -> int:
    """Land what the billing connection offers; return the records landed."""
    return _extract("billing_x12")


@flow
def replay_quarantine(
    *, refusal_class: str | None, source: str | None, all_open: bool, by: str | None
) -> int:
    """Land what waits in quarantine and is chosen; return the records landed."""
    from ledgerline.operations.exceptions.replaying import choose, print_replay

    chosen = choose(None, refusal_class, source, is_all=all_open)
    return print_replay(warehouse(), chosen, by or "airflow").landed


@flow
def extract_erp() -> int:
    """Land the ERP's master data, ledger and stock; return the records landed."""
    return _extract("erp")


@flow
def extract(conn_id: str) -> int:
    """Land what any connection's source offers; return the records landed."""
    return _extract(conn_id)


def _extract(conn_id: str) -> int:
    from ledgerline.orchestration.sources import source_of

    endpoint = connections.find(conn_id)
    if endpoint is None:
        log.warning("no connection %s: this source is skipped", conn_id)
        return 0
    source = source_of(endpoint)
    if source is None:
        log.warning("connection %s offers nothing: this source is skipped", conn_id)
        return 0
    return _land(source)


def _land(source: Source) -> int:
    from ledgerline.landing.land import land

    report = land(warehouse(), source)
    log.info("%s", report)
    return report.landed


def extract_inbox() -> int:
    """Land what senders delivered over MLLP; return the records landed."""
    from ledgerline.landing.inbox.source import InboxSource, has_mail

    dsn = warehouse()
    return _land(InboxSource(dsn)) if has_mail(dsn) else 0


def fold_visits() -> None:
    """Fold what landed into visits and appointments, and write their events down."""
    fold = _module("ledgerline.events.fold")
    if fold:
        log.info("%s", fold.fold_visits(warehouse()))


def _module(name: str) -> ModuleType | None:
    """Import a module; None where its package is not there."""
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name and name.startswith(error.name):
            return None
        raise
