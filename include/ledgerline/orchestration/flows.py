"""The flows that DAG tasks call: resolve connections, delegate, log the outcome."""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable
from importlib import import_module
from types import ModuleType
from typing import ParamSpec, TypeVar

import psycopg
from airflow.sdk.exceptions import AirflowFailException

from ledgerline import secrets, settings
from ledgerline.canonical.endpoint import Endpoint
from ledgerline.canonical.errors import (
    Fatal,
    LedgerlineError,
    Retriable,
    SourceUnavailable,
)
from ledgerline.connectors.source import Source
from ledgerline.orchestration import connections
from ledgerline.store.roles import ROLES

log = logging.getLogger(__name__)
Given = ParamSpec("Given")
Result = TypeVar("Result")


class DatabaseRefused(Fatal):
    """PostgreSQL refused a statement; its text may hold values and is dropped."""

    code = "DATABASE_REFUSED"


def _sentence(error: psycopg.Error) -> LedgerlineError:
    if isinstance(error, psycopg.errors.DiskFull):
        return DatabaseRefused("the disk of the warehouse is full; free space, re-run")
    if isinstance(error, psycopg.OperationalError):
        return SourceUnavailable(
            "the warehouse database stopped answering; start it and run again, "
            "nothing is half-written"
        )
    return DatabaseRefused(
        f"PostgreSQL refused a statement: {type(error).__name__} "
        f"(SQLSTATE {error.sqlstate}); see the server's log"
    )


def flow(function: Callable[Given, Result]) -> Callable[Given, Result]:
    """Fail at once on errors that a retry cannot mend; never let values out."""

    @functools.wraps(function)
    def told(*arguments: Given.args, **options: Given.kwargs) -> Result:
        try:
            return function(*arguments, **options)
        except Retriable:
            raise
        except LedgerlineError as error:
            raise AirflowFailException(str(error)) from None
        except psycopg.Error as error:
            sentence = _sentence(error)
            if isinstance(sentence, Retriable):
                raise sentence from None
            raise AirflowFailException(str(sentence)) from None

    return told


def warehouse() -> str:
    """The warehouse's DSN as its owner."""
    return connections.require("warehouse").postgres_dsn


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
    landed += _extract_inbox()
    _fold_visits()
    if failed:
        raise failed
    return landed


@flow
def extract_billing() -> int:
    """Land what the billing connection offers; return the records landed."""
    return _extract("billing_x12")


@flow
def handle_events() -> bool:
    """Land and fold what senders delivered, then set in motion what events ask for.

    Returns whether a build is to run for them; without increments none is.
    """
    from ledgerline.events.workflow.handle import handle_events as handle
    from ledgerline.transformation.scope import request_build

    _extract_inbox()
    _fold_visits()
    log.info("%s", handle(warehouse()))
    return settings.load().increments and request_build(warehouse())


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


def _extract_inbox() -> int:
    from ledgerline.landing.inbox.source import InboxSource, has_mail

    dsn = warehouse()
    return _land(InboxSource(dsn)) if has_mail(dsn) else 0


def _fold_visits() -> None:
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


@flow
def build_stage(stage: str, run_id: str) -> None:
    """Build one dbt stage and keep its results for the gate, and what waits."""
    from ledgerline.lineage.wait import note_waiting
    from ledgerline.quality.dbt_results import record_dbt_results
    from ledgerline.transformation import scope
    from ledgerline.transformation.build import FIRST, LAST, DbtWorkspace, build

    current = settings.load()
    if stage == FIRST:
        begun = (
            scope.open_scope(warehouse(), current.dbt_project)
            if current.increments
            else scope.open_full(warehouse())
        )
        log.info("%s", begun)
    else:
        scope.require_open(warehouse())
    workspace = DbtWorkspace(
        project=current.dbt_project,
        target=current.dbt_target,
        logs=current.home / "dbt" / "logs",
    )
    built = build(stage, workspace, _dbt_profile(connections.require("warehouse")))
    record_dbt_results(warehouse(), run_id, built.run_results)
    scope.end_stage(warehouse(), is_success=built.is_success, is_last=stage == LAST)
    if stage == LAST and built.is_success:
        log.info("%s", note_waiting(warehouse()))


def _dbt_profile(endpoint: Endpoint) -> dict[str, str]:
    from ledgerline.transformation.build import profile_environment

    password = secrets.load_or_create(settings.load().home)["build"]
    return profile_environment(
        endpoint.host,
        endpoint.port or 5432,
        endpoint.schema,
        ROLES["build"],
        password,
    )


@flow
def check_sources(run_id: str) -> None:
    """Check batches, quarantine and volumes of what landed."""
    from ledgerline.quality.sources import check_sources as check

    check(warehouse(), run_id)


@flow
def check_candidates(run_id: str) -> None:
    """Run the suites over the candidate tables."""
    from ledgerline.quality.candidates import check_candidates as check

    check(warehouse(), run_id)


@flow
def decide_gate(run_id: str) -> str:
    """Write the verdict; raise when it blocks."""
    from ledgerline.canonical.errors import GateClosed
    from ledgerline.quality.gate import decide

    decision = decide(warehouse(), run_id)
    if decision.verdict == "BLOCK":
        first = decision.reasons[0]
        raise GateClosed(
            f"decision {decision.decision_id} blocks publication and posting, first "
            f"because of {first['check']}: {first['observed']}; see "
            "`ledgerline gate show`"
        )
    return str(decision.verdict)


@flow
def publish(run_id: str) -> int:
    """Publish what the verdict of this run covers; return the publication's number."""
    from ledgerline.publication.publish import publish as publish_candidates

    manifest = settings.load().manifest
    return int(publish_candidates(warehouse(), run_id, manifest).publication_id)


@flow
def post_entries() -> int:
    """Propose, release and send what the newest publication asks for.

    The ERP is asked first what it has: proposals go by its periods, releases by its
    codes.
    """
    from ledgerline.operations.certificate.certificate import certify
    from ledgerline.orchestration.sources import erp_port
    from ledgerline.posting.drain import drain_by_routes
    from ledgerline.posting.master_data.mirror import mirror
    from ledgerline.posting.propose import propose
    from ledgerline.posting.release import release

    dsn = warehouse()
    endpoint = connections.find("erp")
    if endpoint is None:
        log.warning("no connection erp: nothing is posted")
        return 0
    port = erp_port(endpoint)
    mirror(dsn, port)
    log.info("%s", propose(dsn))
    log.info("%s", release(dsn))
    another = connections.find("erp_fallback")
    reports = drain_by_routes(dsn, port, erp_port(another) if another else None)
    log.info("%s", reports)
    certify(dsn)
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
