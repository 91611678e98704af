"""Fold the ADT events of one visit into its state. Pure, and free of arrival order."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from ledgerline.events.event import Event, in_order
from ledgerline.events.merge import NONE, Redirects
from ledgerline.events.state import Place, VisitState, VisitStatus

ADMITTING = {"A01", "A04"}
_ESTABLISHING = ADMITTING | {"A06", "A07"}
"""Triggers that say that the visit takes place; A06 and A07 change its class."""
_PLACING = _ESTABLISHING | {"A02", "A17"}
"""Triggers that say where the patient is from then on; an update moves nobody."""
_INPATIENT = {"I", "B"}
_PLANNING = {"A05", "A14"}
_DISCHARGING = {"A03"}
_COMPENSATING = {
    "A11": ADMITTING | {"A06"},
    "A12": {"A02"},
    "A13": _DISCHARGING,
    "A25": {"A16"},
    "A26": {"A15"},
    "A27": {"A14"},
    "A32": {"A10"},
    "A33": {"A09"},
    "A38": {"A05"},
    "A52": {"A21"},
    "A53": {"A22"},
}
"""What a cancel takes back: the last event before it with one of these triggers."""
_TURNING = _ESTABLISHING | _PLANNING | _DISCHARGING
"""Triggers that turn a visit: the same one again before another only corrects it."""
_UNDOING = {"A11", "A23", "A27", "A38"}
"""Cancels after which nothing of the visit may be left."""
_DELETING = "A23"


def fold(events: Iterable[Event], redirects: Redirects = NONE) -> VisitState:
    """Return the state of a visit from any collection of its events.

    Duplicates and the order given make no difference. There must be an event. Those
    of a visit that was merged into this one come before its own.
    """
    own = in_order(events)
    facility, number = own[-1].facility, own[-1].visit_number
    ordered = _with_what_others_say(own, redirects)
    standing, undone = _compensated(ordered)
    kept = {id(event) for event in standing}
    said = [e for e in ordered if e.trigger in _COMPENSATING or id(e) in kept]
    discharge = _discharge(standing)
    last = ordered[-1]
    location = _latest(said, "location") or {}
    people = [event.patient_identifiers for event in said if event.patient_identifiers]
    return VisitState(
        sending_facility=facility,
        visit_number=redirects.number("visit", facility, number),
        status=_status(standing, discharge, is_undone=bool(undone & _UNDOING)),
        patient_class=_latest(said, "patient_class") or "",
        inpatient_at=_became_inpatient(said),
        admitted_at=_admitted(standing, said),
        discharged_at=_discharged(standing, discharge),
        discharge_disposition=(
            (_latest(standing, "discharge_disposition") or "") if discharge else ""
        ),
        department_native_code=location.get("point_of_care")
        or _latest(said, "hospital_service")
        or "",
        places=_places(standing),
        account_number=redirects.number("account", facility, _account(said)),
        patient_identifiers=redirects.apply(people[-1] if people else ()),
        event_count=len(ordered),
        last_record_id=last.record_id,
    )


def _with_what_others_say(own: list[Event], redirects: Redirects) -> list[Event]:
    """Return the events of a visit, and what messages about several say of it."""
    facility = own[-1].facility
    told = redirects.about("visit", facility, own[-1].visit_number)
    moved = in_order([*own, *told])
    told = redirects.about("account", facility, _account(moved))
    return sorted(in_order([*moved, *told]), key=redirects.distance, reverse=True)


def _account(events: list[Event]) -> str:
    return next((e.account_number for e in reversed(events) if e.account_number), "")


def _compensated(ordered: list[Event]) -> tuple[list[Event], set[str]]:
    """Return the events that no cancel took back, and the cancels that took one."""
    standing: list[Event] = []
    undone = set()
    for event in ordered:
        if event.trigger == _DELETING:
            standing.clear()
            undone.add(event.trigger)
        targets = _COMPENSATING.get(event.trigger)
        if targets is None:
            standing.append(event)
            continue
        for position in reversed(range(len(standing))):
            if standing[position].trigger in targets:
                _take_back(standing, position)
                undone.add(event.trigger)
                break
    return standing, undone


def _take_back(standing: list[Event], position: int) -> None:
    """Remove an event, and those before it that it only said again."""
    trigger = standing.pop(position).trigger
    if trigger not in _TURNING:
        return
    for before in reversed(range(position)):
        if standing[before].trigger == trigger:
            del standing[before]
        elif standing[before].trigger in _TURNING:
            return


def _status(
    standing: list[Event], discharge: Event | None, *, is_undone: bool
) -> VisitStatus:
    triggers = {event.trigger for event in standing}
    if triggers & _ESTABLISHING:
        return "finished" if discharge else "in_progress"
    if triggers & _PLANNING and not discharge:
        return "planned"
    return "cancelled" if is_undone else "provisional"


def _discharge(standing: list[Event]) -> Event | None:
    """Return the discharge that holds: no admission follows it.

    An admission that is sent again with its discharge time re-opens nothing.
    """
    found = None
    for event in standing:
        if event.trigger in _DISCHARGING:
            found = event
        elif event.trigger in ADMITTING and not event.visit.get("discharged_at"):
            found = None
    return found


def _admitted(standing: list[Event], said: list[Event]) -> datetime | None:
    """Return PV1-44, else when the event that admits happened."""
    for event in reversed(said):
        if "admitted_at" in event.visit:
            given = event.moment(event.visit, "admitted_at")
            if given:
                return given
            break
    return next(
        (event.happened_at for event in standing if event.trigger in _ESTABLISHING),
        None,
    )


def _discharged(standing: list[Event], discharge: Event | None) -> datetime | None:
    """Return PV1-45, else when the discharge happened; None without a discharge."""
    if discharge is None:
        return None
    for event in reversed(standing):
        given = event.moment(event.visit, "discharged_at")
        if given:
            return given
    return discharge.happened_at


def _became_inpatient(said: list[Event]) -> datetime | None:
    """Return when the class became inpatient, None if it was from the start or is not.

    The order is what makes an inpatient: what was observation before stays that.
    """
    since = None
    for event in reversed(said):
        given = event.visit.get("patient_class")
        if given and given not in _INPATIENT:
            return since
        if given:
            since = event.occurred_at
    return None


def _places(standing: list[Event]) -> tuple[Place, ...]:
    """Return the units that the patient was in, each from when it was said first."""
    found: list[Place] = []
    for event in standing:
        location = event.visit.get("location") or {}
        unit = location.get("point_of_care") or event.visit.get("hospital_service", "")
        if event.trigger not in _PLACING or not unit:
            continue
        if not found or found[-1].unit != unit:
            found.append(Place(at=event.occurred_at, unit=unit))
    return tuple(found)


def _latest(events: list[Event], key: str) -> Any:  # noqa: ANN401
    """Return what was said last about the visit; a deletion says: nothing."""
    for event in reversed(events):
        if key in event.visit:
            return event.visit[key]
    return None
