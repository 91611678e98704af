"""One event: a landed ADT or SIU message, and its place in business order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta, tzinfo
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

Json = Mapping[str, Any]
Kind = Literal["patient", "account", "visit"]
Key = tuple[str, str, str]
"""Kind, authority and value: what tells identifiers apart."""
AHEAD = timedelta(minutes=5)
"""How far ahead of our clock an event may be; one beyond waits for its time."""
_GROUP = ("patient", "merge", "visit")
_MONTH, _YEAR = len("2026-03"), len("2026")


@dataclass(frozen=True, kw_only=True)
class Identifier:
    """An identifier of a patient, or the number of an account or a visit.

    Without an authority the facility issued it.
    """

    authority: str
    value: str
    type: str = ""
    kind: Kind = "patient"

    @property
    def key(self) -> Key:
        """What tells identifiers apart: the type may be missing in a message."""
        return self.kind, self.authority, self.value


@dataclass(frozen=True, kw_only=True)
class Event:
    """One message as an event. `resource_id` names it: sender and control id."""

    record_id: int
    resource_id: str
    body: Json = field(repr=False)
    known_as: str = ""
    time_zone: str = "UTC"

    @property
    def facility(self) -> str:
        """The sending facility, by the code that stands for all codes it has."""
        return self.known_as or _text(self.body, "sending_facility")

    @property
    def trigger(self) -> str:
        """The trigger, for example A01."""
        return _text(self.body, "trigger")

    @cached_property
    def happened_at(self) -> datetime:
        """EVN-2, else MSH-7."""
        text = _text(self.body, "event_at") or _text(self.body, "message_at")
        return instant(text, self._offset)

    @cached_property
    def occurred_at(self) -> datetime:
        """EVN-6, else when it was recorded: moves may be told after they took place."""
        return self.moment(self.body, "occurred_at") or self.happened_at

    @cached_property
    def order(self) -> tuple[datetime, datetime, int, str, str]:
        """Business order: EVN-2, MSH-7, MSH-13, control id; never the arrival."""
        sent_at = _text(self.body, "message_at")
        return (
            self.happened_at,
            instant(sent_at, self._offset) if sent_at else self.happened_at,
            self.body.get("sequence") or 0,
            _text(self.body, "control_id"),
            self.resource_id,
        )

    @property
    def visit(self) -> Json:
        """PV1."""
        return self.body.get("visit") or {}

    @property
    def visit_number(self) -> str:
        """PV1-19, else the account number PID-18."""
        return _text(self.visit, "visit_number") or self.account_number

    @property
    def account_number(self) -> str:
        """PID-18."""
        return _text(self.body.get("patient") or {}, "account_number")

    @property
    def appointment(self) -> Json:
        """SCH and its resources."""
        return self.body.get("appointment") or {}

    @property
    def appointment_id(self) -> str:
        """The filler's id, else the placer's."""
        return _text(self.appointment, "filler_id") or _text(
            self.appointment, "placer_id"
        )

    def moment(self, of: Json, key: str) -> datetime | None:
        """Return a time of this message, None when it has none."""
        text = _text(of, key)
        return instant(text, self._offset) if text else None

    def identifiers(self, of: Json | None) -> list[Identifier]:
        """Return the identifiers of a patient or merge part of the body."""
        return [
            Identifier(
                authority=_text(found, "authority") or self.facility,
                value=found["value"],
                type=_text(found, "type"),
            )
            for found in (of or {}).get("identifiers", [])
            if found.get("value")
        ]

    @cached_property
    def patient_identifiers(self) -> list[Identifier]:
        """PID-3."""
        return self.identifiers(self.body.get("patient"))

    def named(self, kind: Kind, of: Json | None) -> list[Identifier]:
        """Return what a part of the body names: patients, an account or a visit."""
        if kind == "patient":
            return self.identifiers(of)
        value = _text(of or {}, f"{kind}_number")
        found = Identifier(authority=self.facility, value=value, kind=kind)
        return [found] if value else []

    def shown(self) -> set[Key]:
        """Return the keys of the patient, the account and the visit."""
        numbers = {
            ("account", self.facility, self.account_number),
            ("visit", self.facility, self.visit_number),
        }
        return {found.key for found in self.patient_identifiers} | {
            key for key in numbers if key[2]
        }

    def parts(self) -> list[Event]:
        """Return one event for each patient of the message."""
        groups = [self.body, *self.body.get("further_merges", [])]
        return [
            replace(
                self,
                body={**self.body, **{key: group.get(key) for key in _GROUP}},
            )
            for group in groups
        ]

    @cached_property
    def _offset(self) -> tzinfo:
        """That of MSH-7, else of the facility: it holds for times without one."""
        sent = _parsed(_text(self.body, "message_at"))
        return (sent.tzinfo if sent else None) or ZoneInfo(self.time_zone)


def in_order(events: Iterable[Event]) -> list[Event]:
    """Return distinct messages in business order."""
    distinct: dict[str, Event] = {}
    for event in events:
        known = distinct.setdefault(event.resource_id, event)
        if event.record_id < known.record_id:
            distinct[event.resource_id] = event
    return sorted(distinct.values(), key=lambda event: event.order)


def instant(text: str, offset: tzinfo = UTC) -> datetime:
    """Return an ISO time as an instant; what is left out counts as its beginning."""
    found = _parsed(text)
    if found is None:
        return datetime.min.replace(tzinfo=UTC)
    try:
        return found.replace(tzinfo=found.tzinfo or offset).astimezone(UTC)
    except OverflowError:
        return found.replace(tzinfo=UTC)


def _parsed(text: str) -> datetime | None:
    if not text:
        return None
    whole = text + {_YEAR: "-01-01", _MONTH: "-01"}.get(len(text), "")
    return datetime.fromisoformat(whole)


def _text(of: Json, key: str) -> str:
    return of.get(key) or ""
