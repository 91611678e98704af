"""The one table of what each event sets in motion.

A handler takes the numbers of events and may be given the same ones again, or in
another order: what it does for an event it does once, and an event that was taken back
meanwhile sets nothing in motion.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from ledgerline.events.workflow import repository
from ledgerline.events.workflow.event import EventKind
from ledgerline.store.engine import Connection

Handler = Callable[[Connection, Sequence[int]], None]


def review_billing(connection: Connection, events: Sequence[int]) -> None:
    """Expect a claim on the account."""
    repository.expect(connection, "billing_review", events)


def post_consumption(connection: Connection, events: Sequence[int]) -> None:
    """Expect all that was used in the stay to be in the ERP."""
    repository.expect(connection, "consumption_posting", events)


def turn_bed_over(connection: Connection, events: Sequence[int]) -> None:
    """Expect the bed to be taken again, where a bed was left just now."""
    left = repository.left_beds(connection, events)
    repository.expect(connection, "bed_turnover", left)
    repository.note_places(connection, left)


def reconcile_pharmacy(connection: Connection, events: Sequence[int]) -> None:
    """Expect every drug ordered for the visit to be dispensed."""
    ordered = repository.with_orders(connection, events)
    repository.expect(connection, "pharmacy_reconciliation", ordered)


def review_late_charges(connection: Connection, events: Sequence[int]) -> None:
    """Expect a claim for charges, unless the patient is still in the house."""
    late = repository.after_discharge(connection, events)
    repository.expect(connection, "billing_review", late)


def issue_stock(connection: Connection, events: Sequence[int]) -> None:
    """Expect the goods used to be in the ERP."""
    repository.expect(connection, "stock_issue", events)


def post_cash(connection: Connection, events: Sequence[int]) -> None:
    """Expect the payer's money to be in the ERP."""
    repository.expect(connection, "cash_posting", events)


def withdraw_steps(connection: Connection, events: Sequence[int]) -> None:
    """Expect nothing more of a discharge that was taken back."""
    repository.withdraw(connection, events)


HANDLERS: Mapping[EventKind, tuple[Handler, ...]] = {
    EventKind.ENCOUNTER_COMPLETED: (
        review_billing,
        post_consumption,
        turn_bed_over,
        reconcile_pharmacy,
    ),
    EventKind.COMPLETION_WITHDRAWN: (withdraw_steps,),
    EventKind.CHARGES_RECEIVED: (review_late_charges,),
    EventKind.SUPPLY_USED: (issue_stock,),
    EventKind.REMITTANCE_RECEIVED: (post_cash,),
}
