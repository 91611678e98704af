"""Truth tables of billing: claims, their roots by payer, and payments."""

from collections import Counter, defaultdict
from collections.abc import Iterator

from sandbox.life_cycle.course import Course
from sandbox.money import text
from sandbox.truth.findings import Truth
from sandbox.truth.tables.summaries import CATEGORIES

Row = tuple[object, ...]

CLAIM_COLUMNS = (
    "claim_id",
    "claim_kind",
    "facility_code",
    "account_number",
    "encounter_id",
    "payer_code",
    "statement_from",
    "statement_through",
    "line_count",
    "charge_amount",
    *(f"{name}_amount" for name in CATEGORIES),
    "paid_amount",
    "is_adjudicated",
    "payment_date",
)
ROOT_COLUMNS = (
    "claim_id",
    "path",
    "life_cycle_state",
    "payer_sequence",
    "payer_code",
    "charge_amount",
    *(f"{name}_amount" for name in CATEGORIES),
    "paid_amount",
)
PAYMENT_COLUMNS = (
    "claim_id",
    "trace_number",
    "facility_code",
    "payer_code",
    "payment_date",
    "payer_sequence",
    "claim_status_code",
    "payer_claim_control_number",
    "reverses_control_number",
    "charge_amount",
    "paid_amount",
    "patient_share_amount",
)
PROVIDER_ADJUSTMENT_COLUMNS = (
    "trace_number",
    "facility_code",
    "payer_code",
    "payment_date",
    "reason_code",
    "reference",
    "amount",
)


def _by_payer(course: Course) -> dict[tuple[str, str], Counter[str]]:
    """Return the cents of a course's answers by payer sequence and payer."""
    sums: dict[tuple[str, str], Counter[str]] = defaultdict(Counter)
    sums["P", course.claim.encounter.patient.payer.code]["charge"] = course.charge
    for answer in course.answers:
        sent = answer.decision.submission
        row = sums[sent.payer_sequence, sent.payer.code]
        row.update(answer.decision.deductions)
        row["paid"] += answer.decision.paid
    return sums


def _whole(course: Course) -> Counter[str]:
    total: Counter[str] = Counter()
    for row in _by_payer(course).values():
        total.update(row)
    return total


def claim_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a claim that was sent; amounts of an open claim are zero."""
    for course in truth.hospital.courses:
        if not course.is_sent:
            continue
        claim, amounts = course.claim, _whole(course)
        last = max((answer.paid_on for answer in course.answers), default=None)
        yield (
            claim.claim_id,
            "institutional" if claim.kind == "I" else "professional",
            claim.facility.code,
            claim.encounter.account_number,
            claim.encounter.encounter_id,
            claim.encounter.patient.payer.code,
            claim.statement_from.isoformat(),
            claim.statement_through.isoformat(),
            sum(1 for _ in course.charges()),
            text(course.charge),
            *(text(amounts[name]) for name in CATEGORIES),
            text(amounts["paid"]),
            "true" if course.is_adjudicated else "false",
            last.isoformat() if last else "",
        )


def _path(course: Course) -> str:
    """Return the path, and whether a denial stands at its end."""
    if not _whole(course)["denial"]:
        return course.path
    return "denied" if course.path == "accepted" else f"{course.path}+denied"


def root_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a claim and payer order; the charge stands with the first."""
    for course in truth.hospital.courses:
        for (sequence, payer_code), amounts in _by_payer(course).items():
            yield (
                course.claim.claim_id,
                _path(course),
                course.state,
                sequence,
                payer_code,
                text(amounts["charge"]),
                *(text(amounts[name]) for name in CATEGORIES),
                text(amounts["paid"]),
            )


def payment_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a claim payment, zero payments and reversals included."""
    for remittance in truth.hospital.remittances:
        for decision in remittance.decisions:
            yield (
                decision.submission.claim_id,
                remittance.trace_number,
                remittance.facility.code,
                remittance.payer.code,
                remittance.payment_date.isoformat(),
                decision.submission.payer_sequence,
                decision.status,
                decision.payer_number,
                decision.takes_back,
                text(decision.charge),
                text(decision.paid),
                text(decision.patient_responsibility),
            )


def provider_adjustment_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a provider-level adjustment; a positive one lowered the payment."""
    for remittance in truth.hospital.remittances:
        for kept in remittance.provider_adjustments:
            yield (
                remittance.trace_number,
                remittance.facility.code,
                remittance.payer.code,
                remittance.payment_date.isoformat(),
                kept.reason,
                kept.reference,
                text(kept.amount),
            )
