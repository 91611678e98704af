"""Claims that are billed in parts: a long stay in three, late charges by themselves."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise

from sandbox.billing.charge_line import ChargeLine
from sandbox.billing.claims import Claim
from sandbox.life_cycle.adjudication import pay
from sandbox.life_cycle.course import ADJUDICATED, Course
from sandbox.life_cycle.decision import Answer
from sandbox.life_cycle.stories.schedule import answer_day, billing_day
from sandbox.life_cycle.submission import (
    FIRST_INTERIM,
    LAST_INTERIM,
    LATE,
    NEXT_INTERIM,
    Submission,
    first_submission,
)

INTERIM = (FIRST_INTERIM, NEXT_INTERIM, LAST_INTERIM)
REBILLED_AFTER = timedelta(days=7)
POSTED_LATE = timedelta(days=9)


def _periods(claim: Claim) -> list[tuple[date, date]]:
    """Return the first and last day of three bills; a bill begins as one ends."""
    first, last = claim.statement_from, claim.statement_through
    days = (last - first).days
    cuts = [first + timedelta(days=days * part // 3) for part in range(4)]
    return list(pairwise(cuts))


def _by_period(line: ChargeLine, periods: list[tuple[date, date]]) -> list[ChargeLine]:
    """Return what of a line falls into each period: nights are shared by the day."""
    if line.unit != "DA":
        return [line]
    rate = line.amount // line.quantity
    pieces = []
    for start, end in periods:
        begin = max(start, line.service_date)
        nights = (
            min(end, line.service_date + timedelta(days=line.quantity)) - begin
        ).days
        if nights > 0:
            pieces.append(
                replace(line, service_date=begin, quantity=nights, amount=rate * nights)
            )
    return pieces


def _in_three(claim: Claim) -> tuple[Submission, ...]:
    """Return the three interim bills of a stay, each of its own days and lines."""
    periods = _periods(claim)
    pieces = [piece for line in claim.lines for piece in _by_period(line, periods)]
    shares: list[list[ChargeLine]] = [[] for _ in periods]
    for piece in pieces:
        ended = sum(piece.service_date >= end for _, end in periods[:-1])
        shares[ended].append(piece)
    whole = replace(claim, lines=tuple(line for share in shares for line in share))
    return tuple(_bills(whole, periods, shares))


def _bills(
    claim: Claim, periods: list[tuple[date, date]], shares: list[list[ChargeLine]]
) -> Iterator[Submission]:
    """Yield the bills, each on the Monday after its last day but a week apart."""
    begun, sent_on = 1, date.min
    for number, (start, end) in enumerate(periods, start=1):
        lines = tuple(shares[number - 1])
        due = billing_day(end + timedelta(days=1))
        sent_on = due if due > sent_on else sent_on + REBILLED_AFTER
        yield replace(
            first_submission(claim),
            number=number,
            frequency=INTERIM[number - 1],
            lines=lines,
            first_line=begun,
            statement_from=start,
            statement_through=end,
            sent_on=sent_on,
        )
        begun += len(lines)


def _with_late_lines(claim: Claim) -> tuple[Submission, Submission]:
    """Return a bill without the last charges, and the bill of these alone."""
    count = len(claim.lines)
    on_time = claim.lines[: count - max(1, count // 4)]
    late = tuple(
        replace(line, posted_on=claim.statement_through + POSTED_LATE)
        for line in claim.lines[len(on_time) :]
    )
    whole = first_submission(replace(claim, lines=on_time + late))
    return (
        replace(whole, lines=on_time),
        replace(
            whole,
            number=2,
            frequency=LATE,
            lines=late,
            first_line=len(on_time) + 1,
            sent_on=billing_day(claim.statement_through + POSTED_LATE),
        ),
    )


def _in_parts(seed: int, path: str, bills: tuple[Submission, ...]) -> Course:
    answers = (
        Answer(decision=pay(seed, bill), paid_on=answer_day(bill.payer, bill.sent_on))
        for bill in bills
    )
    return Course(
        claim=bills[0].claim,
        path=path,
        state=ADJUDICATED,
        submissions=bills,
        answers=tuple(answers),
        in_force=bills,
    )


def interim(seed: int, claim: Claim) -> Course:
    """Tell of a long stay that is billed in three parts."""
    return _in_parts(seed, "interim", _in_three(claim))


def late_charge(seed: int, claim: Claim) -> Course:
    """Tell of charges that are posted after the claim was sent, and billed apart."""
    return _in_parts(seed, "late_charge", _with_late_lines(claim))
