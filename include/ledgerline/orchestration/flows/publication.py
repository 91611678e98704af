"""What builds, judges, publishes and prints."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from ledgerline import secrets, settings
from ledgerline.canonical.endpoint import Endpoint
from ledgerline.orchestration import connections
from ledgerline.orchestration.flows import span
from ledgerline.orchestration.flows.flow import flow, warehouse
from ledgerline.store.roles import ROLES

if TYPE_CHECKING:
    from ledgerline.transformation.build import DbtWorkspace

log = logging.getLogger(__name__)


@flow
def build_stage(stage: str, run_id: str) -> None:
    """Build one dbt stage, when no task of events does, and keep its results.

    With increments everything is built again here every few days; events do not wait
    for that.
    """
    from ledgerline.transformation.build import FIRST
    from ledgerline.transformation.turn import await_turn

    if stage == FIRST:
        await_turn(warehouse())
    run_stage(stage, run_id, full_every_days=settings.load().full_build_days)


def run_stage(stage: str, run_id: str, *, full_every_days: int = 0) -> None:
    """Build one dbt stage in whose turn it is; keep its results, and what waits."""
    from ledgerline.lineage.wait import note_waiting
    from ledgerline.quality.dbt_results import record_dbt_results
    from ledgerline.transformation import scope
    from ledgerline.transformation.build import FIRST, LAST, DbtWorkspace
    from ledgerline.transformation.stage import build_stage as build

    current = settings.load()
    if stage == FIRST:
        begun = (
            scope.open_scope(
                warehouse(), current.dbt_project, full_every_days=full_every_days
            )
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
    profile = _dbt_profile(connections.require("warehouse"))
    built = build(warehouse(), stage, workspace, profile)
    record_dbt_results(warehouse(), run_id, built.run_results)
    scope.end_stage(warehouse(), is_success=built.is_success, is_last=stage == LAST)
    if stage == LAST and built.is_success:
        log.info("%s", note_waiting(warehouse()))
    if not built.is_replayed:
        _send_lineage(workspace)


def _send_lineage(workspace: DbtWorkspace) -> None:
    from airflow.sdk import get_current_context

    from ledgerline.orchestration.open_lineage.models import emit_models

    instance = get_current_context()["ti"]
    emit_models(workspace.project, workspace.target, instance)


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
    span.tell(
        run_id=run_id, decision_id=decision.decision_id, verdict=str(decision.verdict)
    )
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
    """Publish what the verdict of this run covers; return the publication's number.

    What readers see from now on is correlated at once.
    """
    from ledgerline.lineage.chain import correlate
    from ledgerline.publication.publish import publish as publish_candidates

    manifest = settings.load().manifest
    published = publish_candidates(warehouse(), run_id, manifest)
    span.tell(run_id=run_id, publication_id=published.publication_id)
    log.info("%d names of encounters are new", correlate(warehouse()))
    return int(published.publication_id)


@flow
def write_pack() -> str:
    """Write the board pack of the newest month; return its file, "" without one."""
    from ledgerline.board_pack.write import NothingToShow
    from ledgerline.board_pack.write import write_pack as write

    try:
        written = write(warehouse(), settings.load().board_packs)
    except NothingToShow as error:
        log.info("%s", error)
        return ""
    log.info("%s", written)
    return str(written.html)
