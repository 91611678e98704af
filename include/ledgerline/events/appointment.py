"""Fold the SIU events of one appointment into its state."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
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
_THEATRE = "OR"
"""Location type (AIL-4, a table of the site's own) of an operating room."""


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
    booked: Sequence[Json] = ()
    for event in ordered:
        told = str(event.appointment.get("status") or "").upper()
        status = _STATUS.get(event.trigger) or _TOLD.get(told, status)
        if "starts_at" in event.appointment:
            starts_at = event.moment(event.appointment, "starts_at")
        booked = _booked(booked, event)
        unit, room = _place(booked)
        booking = Booking(
            at=event.happened_at,
            status=status,
            starts_at=starts_at,
            unit=unit,
            room=room,
        )
        if not found or found[-1].said != booking.said:
            found.append(booking)
    return tuple(found)


def _resources(ordered: list[Event]) -> tuple[Json, ...]:
    """Return what is booked in the end."""
    booked: Sequence[Json] = ()
    for event in ordered:
        booked = _booked(booked, event)
    return tuple(booked)


def _booked(before: Sequence[Json], event: Event) -> Sequence[Json]:
    """Return what is booked after an event.

    A message lists all of it, unless it adds (S18) or deletes some of it.
    """
    listed = event.appointment.get("resources")
    if listed is None:
        return before
    gone = [each for each in listed if each.get("is_deleted")]
    added = [each for each in listed if not each.get("is_deleted")]
    if not gone and event.trigger != _ADDING:
        return added
    named = {_named(each) for each in added}
    kept = [
        each
        for each in before
        if _named(each) not in named and not any(_is_meant(each, one) for one in gone)
    ]
    return kept + added


def _named(resource: Json) -> tuple[str, str, str]:
    kind, name, room = (resource.get(key) or "" for key in ("kind", "id", "room"))
    return kind, name, room


def _is_meant(booked: Json, gone: Json) -> bool:
    """Whether a deletion means what is booked: without a room it means them all."""
    kind, name, room = _named(gone)
    return _named(booked) == (kind, name, room or _named(booked)[2])


def _place(booked: Sequence[Json]) -> tuple[str, str]:
    """Return unit and room that are booked: a theatre before what else is.

    Some senders write the room of a theatre where its unit belongs.
    """
    places = [each for each in booked if each.get("kind") == "location"]
    if not places:
        return "", ""
    place = min(places, key=lambda each: (not _is_theatre(each), not each.get("room")))
    _, unit, room = _named(place)
    return unit, room or (unit if _is_theatre(place) else "")


def _is_theatre(place: Json) -> bool:
    return str(place.get("type") or "").upper() == _THEATRE


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
