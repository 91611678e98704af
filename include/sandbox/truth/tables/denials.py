"""Truth tables of what payers denied, and of what contracts made of claims."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from sandbox.files.billing.remittances835 import REMARKS
from sandbox.life_cycle.course import Course
from sandbox.money import text
from sandbox.truth.denials import Denial
from sandbox.truth.expectation import (
    MATURE_AFTER,
    adjusted,
    as_of,
    first_sent,
    realised,
)
from sandbox.truth.findings import Truth

Row = tuple[object, ...]

CAUSES = {
    "16": "provider",  # as remark N290 says
    "29": "timely_filing",
    "50": "medical_necessity",
    "96": "not_covered",
    "197": "authorization",
    "204": "not_covered",
}
SEQUESTRATION = ("CO", "253")
DENIAL_COLUMNS = (
    "claim_id",
    "payer_sequence",
    "facility_code",
    "service_line_code",
    "payer_code",
    "payer_class",
    "group_code",
    "reason_code",
    "remark_codes",
    "denial_cause",
    "denial_state",
    "is_initial",
    "is_full",
    "is_mature",
    "charge_amount",
    "initial_denial_amount",
    "standing_denial_amount",
    "overturned_amount",
    "withdrawn_amount",
    "written_off_amount",
    "open_amount",
    "denied_date",
    "last_decided_date",
    "first_submitted_date",
)
REIMBURSEMENT_KEY = (
    "payer_code",
    "payer_class",
    "contract_code",
    "expectation_method",
    "setting",
    "service_line_code",
    "service_month",
    "facility_code",
)
COUNTS = ("adjudicated_claim_count", "open_claim_count", "underpaid_claim_count")
AMOUNTS = (
    "gross_charge_amount",
    "expected_amount",
    "allowed_amount",
    "denial_amount",
    "paid_amount",
    "variance_amount",
    "underpaid_amount",
    "open_gross_charge_amount",
    "open_expected_amount",
)
REIMBURSEMENT_COLUMNS = (*REIMBURSEMENT_KEY, *COUNTS, *AMOUNTS)


def _amounts(denial: Denial) -> tuple[int, ...]:
    standing, lifted = denial.standing, denial.lifted
    return (
        denial.denied.decision.charge,
        denial.initial,
        standing,
        0 if denial.is_void else lifted,
        lifted if denial.is_void else 0,
        standing if denial.is_final else 0,
        0 if denial.is_final else standing,
    )


def denial_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a claim and payer order that was ever denied something."""
    mature_until = as_of(truth.hospital) - MATURE_AFTER
    for denial in truth.denials:
        claim, (group, reason) = denial.course.claim, denial.reason
        is_full = 0 < denial.denied.decision.charge <= denial.initial
        is_initial = denial.is_first_adjudication and denial.initial > 0
        sent_on = first_sent(denial.course)
        flags = is_initial, is_full, sent_on <= mature_until
        yield (
            claim.claim_id,
            denial.payer_sequence,
            claim.facility.code,
            claim.encounter.service_line_code,
            denial.payer.code,
            denial.payer.payer_class,
            group,
            reason,
            REMARKS.get(reason, ""),
            CAUSES[reason],
            denial.state,
            *(str(flag).lower() for flag in flags),
            *map(text, _amounts(denial)),
            denial.denied.paid_on.isoformat(),
            denial.last_decided_on.isoformat(),
            sent_on.isoformat(),
        )


def _standing(truth: Truth) -> Counter[str]:
    sums: Counter[str] = Counter()
    for denial in truth.denials:
        sums[denial.course.claim.claim_id] += denial.standing
    return sums


def _reimbursed(course: Course, expected: int, denied: int) -> Counter[str]:
    """Return the counts and amounts of one claim."""
    row = Counter({"paid_amount": sum(a.decision.paid for a in course.answers)})
    if not course.is_adjudicated:
        row["open_claim_count"] = 1
        row["open_gross_charge_amount"] = course.charge
        row["open_expected_amount"] = expected
        return row
    allowed = realised(course) + adjusted(course, *SEQUESTRATION)
    row["adjudicated_claim_count"] = 1
    row["gross_charge_amount"] = course.charge
    row["expected_amount"] = expected
    row["allowed_amount"] = allowed
    row["denial_amount"] = denied
    row["variance_amount"] = allowed - expected
    return row


def reimbursement_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a payer, contract, setting, service line, month and facility."""
    sums: dict[Row, Counter[str]] = defaultdict(Counter)
    standing = _standing(truth)
    for course in truth.hospital.courses:
        if not course.is_sent:
            continue
        claim, payer = course.claim, course.claim.encounter.patient.payer
        expected = truth.expectations[claim.claim_id]
        denied = standing[claim.claim_id]
        row = _reimbursed(course, expected.amount, denied)
        if expected.method == "contract" and not denied and row["variance_amount"] < 0:
            row["underpaid_claim_count"] = 1
            row["underpaid_amount"] = -row["variance_amount"]
        key = (
            payer.code,
            payer.payer_class,
            expected.contract_code or expected.method,
            expected.method,
            expected.setting,
            claim.encounter.service_line_code,
            claim.statement_through.replace(day=1).isoformat(),
            claim.facility.code,
        )
        for name, amount in row.items():
            sums[key][name] += amount
    for place in sorted(sums, key=str):
        row = sums[place]
        counts = (row[name] for name in COUNTS)
        yield *place, *counts, *(text(row[name]) for name in AMOUNTS)
