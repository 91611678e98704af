"""The kinds of events that set work in motion."""

from __future__ import annotations

from enum import StrEnum


class EventKind(StrEnum):
    """What happened, in the past tense."""

    ENCOUNTER_COMPLETED = "encounter_completed"
    """A discharge stands (ADT), or a FHIR Encounter is finished."""
    COMPLETION_WITHDRAWN = "completion_withdrawn"
    """The discharge or the visit was taken back, or the Encounter is not finished."""
    CHARGES_RECEIVED = "charges_received"
    """A DFT brought charges."""
    SUPPLY_USED = "supply_used"
    """A SupplyDelivery tells of goods used."""
    REMITTANCE_RECEIVED = "remittance_received"
    """A payer's 835 came in."""
