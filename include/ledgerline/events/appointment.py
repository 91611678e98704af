"""Fold the SIU events of one appointment into its state."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ledgerline.events.event import Event, Json, in_order
from ledgerline.events.merge import NONE, Redirects
from ledgerline.events.state import AppointmentState, AppointmentStatus, Booking

_STATUS: dict[str, AppointmentStatus] = {
    "S12": "booked",
    "S13": "booked",
    "S15": "cancelled",
    "S16": "discontinued",
    "S17": "deleted",
    "S26": "no_show",
}
"""Triggers that change the status; the others change what the appointment says."""
_TOLD: dict[str, AppointmentStatus] = {
    "CANCELLED": "cancelled",
    "CANCELED": "cancelled",
    "DC": "discontinued",
    "DELETED": "deleted",
    "NOSHOW": "no_show",
}
"""SCH-25 (table 0278) by which another trigger says that the appointment ended."""
_ADDING = "S18"


def fold(events: Iterable[Event], redirects: Redirects = NONE) -> AppointmentState:
    """Return the state of an appointment from any collection of its events.

    Until it is booked (S12 or S13) or ended, it is provisional.
    """
    ordered = in_order(events)
    last = ordered[-1]
    bookings = _bookings(ordered)
    people = [e.patient_identifiers for e in ordered if e.patient_identifiers]
    return AppointmentState(
        sending_facility=last.facility,
        appointment_id=last.appointment_id,
        placer_id=_latest(ordered, "placer_id") or "",
        filler_id=_latest(ordered, "filler_id") or "",
        status=bookings[-1].status,
        starts_at=bookings[-1].starts_at,
        ends_at=_moment(ordered, "ends_at"),
        duration_minutes=_latest(ordered, "duration_minutes") or "",
        reason_code=_latest(ordered, "reason_code") or "",
        visit_number=redirects.number(
            "visit",
            last.facility,
            next((e.visit_number for e in ordered[::-1] if e.visit_number), ""),
        ),
        account_number=redirects.number(
            "account",
            last.facility,
            next((e.account_number for e in ordered[::-1] if e.account_number), ""),
        ),
        resources=_resources(ordered),
        bookings=bookings,
        patient_identifiers=redirects.apply(people[-1] if people else ()),
        event_count=len(ordered),
        last_record_id=last.record_id,
    )


def _bookings(ordered: list[Event]) -> tuple[Booking, ...]:
    """Return what the appointment said after each event that changed it."""
    found: list[Booking] = []
    status: AppointmentStatus = "provisional"
    starts_at = None
    for event in ordered:
        told = str(event.appointment.get("status") or "").upper()
        status = _STATUS.get(event.trigger) or _TOLD.get(told, status)
        if "starts_at" in event.appointment:
            starts_at = event.moment(event.appointment, "starts_at")
        if not found or (found[-1].status, found[-1].starts_at) != (status, starts_at):
            found.append(
                Booking(at=event.happened_at, status=status, starts_at=starts_at)
            )
    return tuple(found)


def _resources(ordered: list[Event]) -> tuple[Json, ...]:
    """Return what is booked in the end.

    A message lists all of it, unless it adds (S18) or deletes some of it.
    """
    booked: list[Json] = []
    for event in ordered:
        listed = event.appointment.get("resources")
        if listed is None:
            continue
        gone = [_named(each) for each in listed if each.get("is_deleted")]
        added = [each for each in listed if not each.get("is_deleted")]
        if gone or event.trigger == _ADDING:
            replaced = {*gone, *map(_named, added)}
            added = [each for each in booked if _named(each) not in replaced] + added
        booked = added
    return tuple(booked)


def _named(resource: Json) -> tuple[str, str]:
    return resource.get("kind") or "", resource.get("id") or ""


def _latest(events: list[Event], key: str) -> Any:  # noqa: ANN401
    for event in reversed(events):
        if key in event.appointment:
            return event.appointment[key]
    return None


def _moment(events: list[Event], key: str) -> Any:  # noqa: ANN401
    for event in reversed(events):
        if key in event.appointment:
            return event.moment(event.appointment, key)
    return None
