"""DFT: the charges of the claims as they were entered, and what was credited."""

from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from itertools import groupby

from sandbox.billing.charge_line import ChargeLine
from sandbox.billing.claims import Claim
from sandbox.chance import Chance
from sandbox.files.people import Practitioner, practitioners
from sandbox.hl7.event import Event
from sandbox.hl7.segments import ft1, pid, pv1
from sandbox.hl7.stories.persons import Identities
from sandbox.life_cycle.course import Course

ENTERED_IN_ERROR = 0.01
NIGHTLY_RUN = time(22, 30)
ERROR_NUMBER = 900


def _set_number(number: int, line: str) -> str:
    return line.replace("FT1||", f"FT1|{number}|", 1)


def _message(
    claim: Claim, transactions: list[str], at: datetime, context: "_Context"
) -> Event:
    encounter = claim.encounter
    number = context.identities.record_number(encounter.patient, at)
    listed = [_set_number(n, line) for n, line in enumerate(transactions, start=1)]
    return Event(
        facility=claim.facility,
        code="DFT",
        trigger="P03",
        happened_at=at,
        sent_at=at + timedelta(minutes=5),
        subject=f"{encounter.account_number}{claim.kind}",
        segments=(
            pid(encounter.patient, number, encounter.account_number),
            pv1(encounter, context.doctors[encounter.practitioner_id]),
            *listed,
        ),
    )


class _Context:
    """What every message needs to name people."""

    def __init__(self, identities: Identities) -> None:
        self.identities = identities
        self.doctors: dict[str, Practitioner] = practitioners()


def charges(
    seed: int, courses: list[Course], identities: Identities
) -> Iterator[Event]:
    """Yield a message for each claim and day, and what was taken back.

    What the EHR did not post, or nobody billed, is not in it.
    """
    context = _Context(identities)
    for course in courses:
        if not (course.is_posted and course.is_sent):
            continue
        claim = course.claim
        numbered = sorted(enumerate(claim.lines, start=1), key=_posted_on)
        for day, group in groupby(numbered, key=_posted_on):
            yield _posting(claim, group, "CG", day, context)
        if course.voided_on:
            yield _posting(claim, numbered, "CD", course.voided_on, context)
        yield from _errors(seed, claim, context)


def _posted_on(numbered: tuple[int, ChargeLine]) -> date:
    _, line = numbered
    return line.posted_on or line.service_date


def _nightly(claim: Claim, day: date) -> datetime:
    return datetime.combine(day, NIGHTLY_RUN, tzinfo=claim.facility.zone)


def _posting(
    claim: Claim,
    numbered: Iterable[tuple[int, ChargeLine]],
    kind: str,
    day: date,
    context: _Context,
) -> Event:
    transactions = [
        ft1(claim.encounter, line, claim.line_control_number(number), kind)
        for number, line in numbered
    ]
    return _message(claim, transactions, _nightly(claim, day), context)


def _errors(seed: int, claim: Claim, context: _Context) -> Iterator[Event]:
    """Yield a charge that was entered by mistake, and its credit the day after."""
    if not Chance(seed, "dft", claim.claim_id).happens(ENTERED_IN_ERROR):
        return
    line: ChargeLine = claim.lines[0]
    identity = claim.line_control_number(ERROR_NUMBER)
    at = _nightly(claim, line.service_date) + timedelta(minutes=10)
    for kind, days in (("CG", 0), ("CD", 1)):
        transaction = ft1(claim.encounter, line, identity, kind)
        yield _message(claim, [transaction], at + timedelta(days=days), context)
