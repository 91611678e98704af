"""The whole feed: every message numbered, sent, and some of it sent badly."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import cached_property

from sandbox.care.encounters import Encounter
from sandbox.ehr.appointments import Booking
from sandbox.hl7.event import Event
from sandbox.hl7.stories.admissions import admissions, phantom_events, phantoms
from sandbox.hl7.stories.appointments import (
    Appointment,
    appointment_events,
    appointments,
)
from sandbox.hl7.stories.charges import charges
from sandbox.hl7.stories.persons import Identities, identities, person_events
from sandbox.hl7.stories.surgery import surgery, surgery_events
from sandbox.hl7.wire import document, style
from sandbox.hospital import Hospital
from sandbox.network.facilities import FACILITIES, Facility

DUPLICATE = "duplicate_message"
CONFLICT = "conflicting_message"
TRUNCATED = "truncated_message"
LINE_FEEDS = "line_feed_message"
LATE = "late_admission"
LONGEST_LATE_STAY = timedelta(days=4)
DUPLICATES_A_FACILITY = 3
OUTPATIENT, INPATIENT = b"\rPV1|1|O|", b"\rPV1|1|I|"
CUT_AT = 46  # within MSH-7


@dataclass(frozen=True, kw_only=True)
class Message:
    """A message as it was sent; `fault` says what was wrong with the sending."""

    facility: Facility
    code: str
    trigger: str
    subject: str
    sequence: int
    arrives_at: datetime
    content: bytes
    fault: str = ""


@dataclass(frozen=True, kw_only=True)
class Feed:
    """What the interface engines sent, and the visits that only they know."""

    identities: Identities
    phantoms: list[Encounter]
    appointments: list[Appointment]
    surgery: list[Booking]
    messages: list[Message]

    @cached_property
    def counts(self) -> Counter[str]:
        """Distinct messages that can be read, by type: ADT^A01."""
        sound = (m for m in self.messages if m.fault in {"", LINE_FEEDS, LATE})
        return Counter(f"{message.code}^{message.trigger}" for message in sound)


def compose(hospital: Hospital) -> Feed:
    """Return the feed of a hospital."""
    seed, encounters = hospital.seed, hospital.encounters
    known = identities(encounters)
    mistaken = phantoms(encounters)
    booked = appointments(seed, encounters)
    operated = surgery(encounters)
    events = [
        *_with_late_admissions(list(admissions(seed, encounters, known)), encounters),
        *phantom_events(mistaken, known),
        *person_events(seed, encounters, known),
        *charges(seed, hospital.courses, known),
        *appointment_events(seed, booked, known),
        *surgery_events(operated, known),
    ]
    messages = [message for each in FACILITIES for message in _sent(each, events)]
    return Feed(
        identities=known,
        phantoms=mistaken,
        appointments=booked,
        surgery=operated,
        messages=[*_spoiled(messages), *_repeated(messages)],
    )


def _with_late_admissions(
    events: list[Event], encounters: list[Encounter]
) -> list[Event]:
    """Hold the admission of one stay a facility back until after its discharge."""
    late: dict[str, Encounter] = {}
    for encounter in encounters:
        end = encounter.end if encounter.is_inpatient else None
        if end and end - encounter.start < LONGEST_LATE_STAY:
            late.setdefault(encounter.facility.code, encounter)
    delays = {
        each.account_number: each.end - each.start + timedelta(days=1)
        for each in late.values()
        if each.end
    }
    return [
        replace(event, delay=delays[event.subject])
        if event.trigger == "A01" and event.subject in delays
        else event
        for event in events
    ]


def _sent(facility: Facility, events: Iterable[Event]) -> list[Message]:
    """Number a facility's events in the order in which they were sent."""
    told = style(facility)
    own = [event for event in events if event.facility is facility]
    own.sort(key=lambda event: (event.sent_at, event.subject, event.trigger))
    made = []
    for sequence, event in enumerate(own, start=1):
        end = told.charge_end if event.code == "DFT" else told.admission_end
        made.append(
            Message(
                facility=facility,
                code=event.code,
                trigger=event.trigger,
                subject=event.subject,
                sequence=sequence,
                arrives_at=event.arrives_at,
                content=document(event.numbered(sequence), end, told.encoding),
                fault=LATE if event.delay else "",
            )
        )
    return made


def _spoiled(messages: list[Message]) -> list[Message]:
    """Write one framed message with line feeds."""
    number = next(
        at
        for at, message in enumerate(messages)
        if style(message.facility).is_framed and message.trigger == "A08"
    )
    chosen = messages[number]
    content = chosen.content.replace(b"\r", b"\n")
    spoiled = replace(chosen, content=content, fault=LINE_FEEDS)
    return [*messages[:number], spoiled, *messages[number + 1 :]]


def _repeated(messages: list[Message]) -> list[Message]:
    """Send some messages again: alike, with other content, or only their beginning."""
    by_trigger: dict[tuple[str, str], list[Message]] = defaultdict(list)
    for message in messages:
        by_trigger[message.facility.code, message.trigger].append(message)
    later = timedelta(days=1)
    again = [
        replace(message, arrives_at=message.arrives_at + later, fault=DUPLICATE)
        for facility in FACILITIES
        for trigger in ("A03", "P03", "S12")
        for message in by_trigger[facility.code, trigger][:DUPLICATES_A_FACILITY]
    ]
    original = next(m for m in by_trigger["MVH", "A08"] if OUTPATIENT in m.content)
    other = replace(
        original,
        arrives_at=original.arrives_at + later,
        content=original.content.replace(OUTPATIENT, INPATIENT),
        fault=CONFLICT,
    )
    cut = by_trigger["MVH", "A31"][0]
    end_of_day = cut.arrives_at.replace(hour=23, minute=59, second=59)
    beginning = replace(
        cut, arrives_at=end_of_day, content=cut.content[:CUT_AT], fault=TRUNCATED
    )
    return [*again, other, beginning]
