"""What events come to: the state of a visit and of an appointment."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any, Literal

from ledgerline.events.event import Identifier

VisitStatus = Literal["planned", "in_progress", "finished", "cancelled", "provisional"]
AppointmentStatus = Literal[
    "booked", "cancelled", "discontinued", "deleted", "no_show", "provisional"
]
_PROVENANCE = {"event_count", "last_record_id"}


@dataclass(frozen=True, kw_only=True)
class State:
    """What both have in common; `event_count` and `last_record_id` are no facts."""

    sending_facility: str
    account_number: str
    patient_identifiers: tuple[Identifier, ...]
    event_count: int
    last_record_id: int

    @property
    def content_sha256(self) -> bytes:
        """The hash of the facts: equal for equal sets of events."""
        facts = {k: v for k, v in asdict(self).items() if k not in _PROVENANCE}
        text = json.dumps(facts, sort_keys=True, default=_plain)
        return hashlib.sha256(text.encode()).digest()

    def columns(self) -> dict[str, object]:
        """Return the values of the state's row."""
        people = [
            {"authority": one.authority, "value": one.value, "type": one.type}
            for one in self.patient_identifiers
        ]
        return asdict(self) | {
            "content_sha256": self.content_sha256,
            "patient_identifiers": json.dumps(people),
        }


@dataclass(frozen=True, kw_only=True)
class Place:
    """A unit, as its sender writes it, and since when the patient is there."""

    at: datetime
    unit: str


@dataclass(frozen=True, kw_only=True)
class VisitState(State):
    """One visit of one facility; `inpatient_at` only where it began as another."""

    visit_number: str
    status: VisitStatus
    patient_class: str
    inpatient_at: datetime | None
    admitted_at: datetime | None
    discharged_at: datetime | None
    discharge_disposition: str
    department_native_code: str
    places: tuple[Place, ...]

    def columns(self) -> dict[str, object]:
        """Return the values of the state's row."""
        row = super().columns()
        return row | {"places": json.dumps(row["places"], default=_plain)}


@dataclass(frozen=True, kw_only=True)
class Booking:
    """What an appointment said from a moment on, until the next one.

    `unit` and `room` are the place that is booked, as its sender writes it.
    """

    at: datetime
    status: AppointmentStatus
    starts_at: datetime | None
    unit: str = ""
    room: str = ""

    @property
    def said(self) -> tuple[object, ...]:
        """What tells it from the one before."""
        return self.status, self.starts_at, self.unit, self.room


@dataclass(frozen=True, kw_only=True)
class AppointmentState(State):
    """One appointment of one facility, and what it said before."""

    appointment_id: str
    placer_id: str
    filler_id: str
    status: AppointmentStatus
    starts_at: datetime | None
    ends_at: datetime | None
    duration_minutes: str
    reason_code: str
    visit_number: str
    resources: tuple[Mapping[str, Any], ...]
    bookings: tuple[Booking, ...]

    def columns(self) -> dict[str, object]:
        """Return the values of the state's row."""
        row = super().columns()
        return row | {
            "resources": json.dumps(row["resources"]),
            "bookings": json.dumps(row["bookings"], default=_plain),
            "duration_minutes": row["duration_minutes"] or None,
        }


def _plain(value: object) -> str:
    return value.isoformat() if isinstance(value, datetime) else str(value)
