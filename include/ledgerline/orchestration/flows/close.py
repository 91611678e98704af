"""The close of a month, between who asks for it and who approves it in Airflow."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from ledgerline.orchestration.flows.flow import flow, warehouse
from ledgerline.orchestration.policy import APPROVE

log = logging.getLogger(__name__)


@flow
def ask_for_close(period: str, asked_by: str | None, reason: str) -> dict[str, Any]:
    """Ask for the close in the name of who started the run; return what is approved."""
    from ledgerline.operations.close.close import body
    from ledgerline.operations.requests.decide import ask
    from ledgerline.operations.requests.request import Action, Ask

    if not asked_by:
        raise AirflowFailException(
            "nobody is named who asks; start close_month as a logged-in user"
        )
    wanted = Ask(
        action=Action.CLOSE_MONTH, subjects=(period,), by=asked_by, reason=reason
    )
    number = ask(warehouse(), wanted)
    return {"number": number, "by": asked_by, "checklist": body(warehouse(), period)}


@flow
def decide_close(asked: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Approve or reject in the name of who answered; the database keeps the rules."""
    from ledgerline.operations.requests.decide import approve, reject

    person = (answer.get("responded_by_user") or {}).get("name")
    if not person:
        raise AirflowFailException(
            f"Airflow does not say who answered; decide request {asked['number']} with "
            "`ledgerline close approve`"
        )
    if answer["chosen_options"] != [APPROVE]:
        reject(warehouse(), asked["number"], person)
        raise AirflowSkipException(f"{person} rejected the close")
    log.info("%s", approve(warehouse(), asked["number"], person))


@flow
def seal_month(period: str) -> None:
    """Seal the month whose accruals are posted and reconciled."""
    from ledgerline.operations.close.close import seal

    seal(warehouse(), period)
