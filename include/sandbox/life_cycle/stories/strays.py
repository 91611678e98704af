"""What cannot be linked: a replacement, a reversal, or a payment out of nowhere."""

from dataclasses import replace

from sandbox.billing.charge_line import ChargeLine
from sandbox.billing.claims import Claim
from sandbox.care.encounters import Encounter
from sandbox.life_cycle.adjudication import pay
from sandbox.life_cycle.course import ADJUDICATED, HELD, Course
from sandbox.life_cycle.decision import Answer, reversal
from sandbox.life_cycle.selection import is_early
from sandbox.life_cycle.stories.schedule import answer_day
from sandbox.life_cycle.stories.short import short
from sandbox.life_cycle.submission import REPLACEMENT, first_submission

UNSENT = 6
UNKNOWN_ACCOUNT = 900_001


def replacement_without_prior(seed: int, claim: Claim) -> Course:
    """Tell of a replacement whose prior, and charges, a former system sent."""
    sent = first_submission(claim)
    again = replace(
        sent,
        frequency=REPLACEMENT,
        prior_number=f"OLD{sent.payer_number}",
        change_reason="D9",
    )
    return Course(
        claim=claim,
        path="replacement_without_prior",
        state=HELD,
        submissions=(again,),
        is_posted=False,
    )


def reversal_without_original(seed: int, claim: Claim) -> Course:
    """Tell of a payer that takes back, besides, a payment that nobody knows of."""
    course = short(seed, claim)
    first, *_ = course.answers
    line, *_ = claim.lines
    other = replace(line, amount=line.amount + 1_234, quantity=1)
    unknown = replace(course.submissions[0], lines=(other,), number=99)
    back = replace(reversal(pay(seed, unknown)), takes_back="")
    day = answer_day(unknown.payer, first.paid_on)
    return replace(
        course,
        path="accepted+reversal_without_original",
        answers=(first, Answer(decision=back, paid_on=day)),
    )


def never_sent(seed: int, claims: list[Claim]) -> list[Course]:
    """Tell of payments for claims nobody sent: of a known visit, of an unknown stay."""
    professional = {
        claim.encounter.encounter_id for claim in claims if claim.kind == "P"
    }
    visits = [
        claim.encounter
        for claim in claims
        if claim.facility.code == "MVH"
        and is_early(claim)
        and claim.encounter.patient.payer.code != "SELF_PAY"
        and claim.encounter.encounter_id not in professional
    ]
    return [
        _unsent(seed, visit if number % 2 else _unknown(visit, number))
        for number, visit in enumerate(visits[:: len(visits) // UNSENT][:UNSENT])
    ]


def _unknown(visit: Encounter, number: int) -> Encounter:
    """Return a stay like nobody's: an account that no system of ours opened."""
    account = f"{visit.facility.code}{UNKNOWN_ACCOUNT + number:07d}"
    return replace(
        visit,
        encounter_id="",
        account_number=account,
        encounter_class="IMP",
        stay=None,
    )


def _unsent(seed: int, encounter: Encounter) -> Course:
    line = ChargeLine(
        revenue_code="",
        procedure_code="99213",
        amount=172 * encounter.facility.charge_level,
        service_date=encounter.first_day,
    )
    claim = Claim(kind="P", encounter=encounter, lines=(line,))
    submission = first_submission(claim)
    answer = Answer(
        decision=pay(seed, submission),
        paid_on=answer_day(submission.payer, submission.sent_on),
    )
    return Course(claim=claim, path="never_sent", state=ADJUDICATED, answers=(answer,))
