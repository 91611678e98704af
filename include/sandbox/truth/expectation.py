"""What each claim should bring: by its contract, else as mature claims brought."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from sandbox.hospital import Hospital
from sandbox.life_cycle.adjudication import HIGHEST_PAYMENT, case_rate
from sandbox.life_cycle.course import Course
from sandbox.life_cycle.submission import first_submission
from sandbox.money import basis_points

MATURE_AFTER = timedelta(days=60)
CAPITATION = ("CO", "24")
Sums = tuple[int, int]  # net and gross cents


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """Cents expected of a claim, and why."""

    setting: str
    method: str
    contract_code: str
    charge: int
    amount: int

    def accrue(self, row: Counter[str]) -> None:
        """Add what the charges should bring, and what is conceded of them."""
        row["accrued_net_revenue_amount"] += self.amount
        row["estimated_concession_amount"] += self.charge - self.amount


def as_of(hospital: Hospital) -> date:
    """Return the newest day on which a claim was sent or a payer decided."""
    sent = (each.sent_on for course in hospital.courses for each in course.submissions)
    paid = (each.paid_on for course in hospital.courses for each in course.answers)
    return max(*sent, *paid)


def first_sent(course: Course) -> date:
    """Return the day on which a claim was sent for the first time."""
    return min(each.sent_on for each in course.submissions)


def setting(course: Course) -> str:
    """Return what a claim bills."""
    if course.claim.kind == "P":
        return "professional"
    return "inpatient" if course.claim.encounter.is_inpatient else "outpatient"


def adjusted(course: Course, group: str, reason: str) -> int:
    """Return what the payers adjusted for a reason, less what they took back."""
    return sum(
        each.amount
        for answer in course.answers
        for each in answer.decision.every_adjustment
        if (each.group, each.reason) == (group, reason)
    )


def realised(course: Course) -> int:
    """Return what payers paid and left to the patient."""
    return sum(
        answer.decision.paid + answer.decision.deductions["patient_share"]
        for answer in course.answers
    )


def _by_contract(course: Course) -> int:
    """Return what the contract allows for the charges in force."""
    payer = course.claim.encounter.patient.payer
    lines = tuple(line for _, _, line in course.charges())
    points = {
        "inpatient": payer.inpatient_rate,
        "outpatient": payer.outpatient_points,
        "professional": payer.professional_points,
    }[setting(course)]
    if setting(course) != "inpatient" or payer.inpatient_method == "percent":
        return sum(basis_points(line.amount, points) for line in lines)
    most = basis_points(course.charge, HIGHEST_PAYMENT)
    whole = first_submission(replace(course.claim, lines=lines))
    return min(case_rate(whole), most)


class Yields:
    """What mature claims brought, by payer and service line, and all together."""

    def __init__(self, courses: Iterable[Course], until: date) -> None:
        """Take the adjudicated claims that were sent by a day."""
        self.net: Counter[tuple[str, str]] = Counter()
        self.gross: dict[tuple[str, str], int] = defaultdict(int)
        for course in courses:
            if course.is_sent and course.is_adjudicated and first_sent(course) <= until:
                self.net[self._key(course)] += realised(course)
                self.gross[self._key(course)] += course.charge

    @staticmethod
    def _key(course: Course) -> tuple[str, str]:
        encounter = course.claim.encounter
        return encounter.patient.payer.code, encounter.service_line_code

    def expect(self, course: Course) -> tuple[str, int]:
        """Return how and what the charges in force are expected to bring."""
        key = self._key(course)
        if self.gross[key]:
            return "payer_yield", _share(course.charge, self.net[key], self.gross[key])
        net, gross = sum(self.net.values()), sum(self.gross.values())
        return "network_yield", _share(course.charge, net, gross)


def _share(charge: int, net: int, gross: int) -> int:
    return int((Decimal(charge * net) / gross).quantize(Decimal(1), ROUND_HALF_UP))


def _expectation(course: Course, yields: Yields) -> Expectation:
    payer = course.claim.encounter.patient.payer
    code = ""
    if adjusted(course, *CAPITATION):
        method, amount = "capitation", 0
    elif payer.is_contract_on_file:
        code = payer.contract_code(setting(course))
        method, amount = "contract", _by_contract(course)
    else:
        method, amount = yields.expect(course)
    return Expectation(
        setting=setting(course),
        method=method,
        contract_code=code,
        charge=course.charge,
        amount=amount,
    )


def expectations(hospital: Hospital) -> dict[str, Expectation]:
    """Return what every claim that was sent should bring, by claim."""
    yields = Yields(hospital.courses, as_of(hospital) - MATURE_AFTER)
    return {
        course.claim.claim_id: _expectation(course, yields)
        for course in hospital.courses
        if course.is_sent
    }
