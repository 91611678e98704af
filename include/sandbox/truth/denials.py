"""What payers denied at first, and what became of it."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from sandbox.hospital import Hospital
from sandbox.life_cycle.course import CLOSED, Course
from sandbox.life_cycle.decision import Answer, Decision
from sandbox.network.payers import Payer
from sandbox.truth.expectation import as_of

FINAL_AFTER = timedelta(days=90)
Reason = tuple[str, str]  # group and reason code


@dataclass(frozen=True, kw_only=True)
class Denial:
    """What one payer denied of one claim; amounts in cents."""

    course: Course
    payer_sequence: str
    payer: Payer
    reason: Reason
    denied: Answer  # the decision that denied first
    is_first_adjudication: bool
    initial: int
    standing: int
    last_decided_on: date
    is_final: bool

    @property
    def lifted(self) -> int:
        """What was denied at first and does not stand."""
        return max(self.initial - self.standing, 0)

    @property
    def is_void(self) -> bool:
        """Whether the claim was voided."""
        return self.course.state == CLOSED

    @property
    def state(self) -> str:
        """What became of the denial."""
        if not self.standing:
            return "withdrawn" if self.is_void else "overturned"
        if self.lifted:
            return "partly_overturned"
        return "written_off" if self.is_final else "open"


def _denied(decision: Decision) -> Counter[Reason]:
    found: Counter[Reason] = Counter()
    for each in decision.every_adjustment:
        if each.category == "denial":
            found[each.group, each.reason] += each.amount
    return found


def _of_payer(
    course: Course, answers: list[Answer], first_of_all: Answer, until: date
) -> Denial | None:
    """Return what the payer of these answers denied, if anything."""
    decisions = [each for each in answers if not each.decision.is_reversal]
    denying = [each for each in decisions if _denied(each.decision)]
    if not denying:
        return None
    first, sent = denying[0], denying[0].decision.submission
    reasons = _denied(first.decision)
    is_initial = first is decisions[0]
    last = max(each.paid_on for each in answers)
    return Denial(
        course=course,
        payer_sequence=sent.payer_sequence,
        payer=sent.payer,
        reason=min(reasons, key=lambda reason: (-reasons[reason], reason)),
        denied=first,
        is_first_adjudication=first is first_of_all,
        initial=reasons.total() if is_initial else 0,
        standing=sum(each.decision.deductions["denial"] for each in answers),
        last_decided_on=last,
        is_final=last <= until,
    )


def denials(hospital: Hospital) -> Iterator[Denial]:
    """Yield every denial, by claim and payer."""
    until = as_of(hospital) - FINAL_AFTER
    for course in hospital.courses:
        answers = sorted(course.answers, key=lambda answer: answer.paid_on)
        by_payer: dict[str, list[Answer]] = defaultdict(list)
        for answer in answers:
            by_payer[answer.decision.submission.payer_sequence].append(answer)
        for told in by_payer.values():
            found = _of_payer(course, told, answers[0], until)
            if found:
                yield found
