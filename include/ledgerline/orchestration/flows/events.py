"""What events set in motion, up to their documents in the ERP."""

from __future__ import annotations

import logging
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass

from airflow.sdk.exceptions import AirflowFailException

from ledgerline import settings
from ledgerline.canonical.errors import Retriable
from ledgerline.orchestration.flows import ledger, publication
from ledgerline.orchestration.flows.extraction import extract_inbox, fold_visits
from ledgerline.orchestration.flows.flow import flow, warehouse

log = logging.getLogger(__name__)

STAY_SECONDS = 60.0
"""So long after a posting the process stays for what comes next: it is warm."""
LONGEST_SECONDS = 600.0
"""Then the task ends, and what follows on publications and postings has its turn."""


@dataclass(frozen=True, kw_only=True)
class Handled:
    """What a task did: how often it published, and whether another is to build."""

    publications: int = 0
    asks_for_build: bool = False


@flow
def handle_events(run_id: str, is_building: Callable[[], int]) -> Handled:
    """Land and fold what senders delivered, and set in motion what events ask for.

    With increments, what waits for a build is built, judged, published and posted here,
    in one process; it stays for a while for what comes next. While a run of
    build_warehouse is under way (`is_building`), that is asked for another one.
    """
    until = time.monotonic() + LONGEST_SECONDS
    count = 0
    while time.monotonic() < until:
        if not _set_in_motion():
            if not count or not _is_more_to_come():
                break
            continue
        if not _build(f"{run_id}/{uuid.uuid4().hex[:8]}", is_building):
            return Handled(publications=count, asks_for_build=True)
        count += 1
        if not _post():
            break
    return Handled(publications=count)


def _set_in_motion() -> bool:
    """Drain inbox and queues; return whether a build is due, and note that it is."""
    from ledgerline.events.workflow.handle import handle_events as handle
    from ledgerline.transformation.scope import request_build

    extract_inbox()
    fold_visits()
    log.info("%s", handle(warehouse()))
    return settings.load().increments and request_build(warehouse())


def _is_more_to_come() -> bool:
    from ledgerline.events.workflow.wake_up import wait_for_work

    return wait_for_work(warehouse(), STAY_SECONDS)


def _build(run_id: str, is_building: Callable[[], int]) -> bool:
    """Do what build_warehouse does, by the same flows and in their order.

    Returns False, and does nothing, where it is not the turn of events.
    """
    from ledgerline.transformation.build import FIRST, LAST
    from ledgerline.transformation.turn import turn_of_events

    with turn_of_events(warehouse()) as is_ours:
        if not is_ours or is_building():
            return False
        publication.run_stage(FIRST, run_id)
        publication.check_sources(run_id)
        publication.run_stage(LAST, run_id)
        publication.check_candidates(run_id)
        publication.decide_gate(run_id)
        publication.publish(run_id)
    return True


def _post() -> bool:
    """Post what was published; False where that is left to post_to_erp, which tells."""
    try:
        ledger.post_entries()
    except (Retriable, AirflowFailException) as error:
        log.warning("post_to_erp is to go on: %s", error)
        return False
    return True
