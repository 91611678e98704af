"""Claims of two payers, of whom the second counts what the first settled."""

from dataclasses import replace

from sandbox.billing.claims import Claim
from sandbox.chance import Chance
from sandbox.life_cycle.course import ADJUDICATED, Course
from sandbox.life_cycle.decision import FORWARDED, Answer, coordinated
from sandbox.life_cycle.stories.schedule import answer_day
from sandbox.life_cycle.stories.steps import again, first_answer
from sandbox.life_cycle.submission import EarlierPayer, first_submission
from sandbox.network.payers import PAYERS

SECOND_PAYERS = ("BCBS", "MEDICAID")


def _as_told(answer: Answer) -> EarlierPayer:
    decision = answer.decision
    return EarlierPayer(
        payer=decision.submission.payer,
        payer_sequence=decision.submission.payer_sequence,
        payer_number=decision.payer_number,
        paid=decision.paid,
        paid_on=answer.paid_on,
        adjustments=decision.adjustments,
        lines=decision.lines,
    )


def secondary_payer(seed: int, claim: Claim) -> Course:
    """Tell of two payers; the first forwards every other claim to the second itself."""
    chance = Chance(seed, "secondary", claim.claim_id)
    sent = first_submission(claim)
    first = first_answer(seed, sent)
    is_forwarded = chance.happens(0.5)
    decision = replace(first.decision, is_passed_on=True)
    if is_forwarded:
        decision = replace(decision, status=FORWARDED)
    first = replace(first, decision=decision)
    second = replace(
        again(sent, first),
        payer_sequence="S",
        payer=PAYERS[chance.pick(SECOND_PAYERS)],
        prior_number="",
        earlier=_as_told(first),
    )
    answer = Answer(
        decision=coordinated(second, decision),
        paid_on=answer_day(second.payer, second.sent_on),
    )
    return Course(
        claim=claim,
        path="secondary_payer",
        state=ADJUDICATED,
        submissions=(sent,) if is_forwarded else (sent, second),
        answers=(first, answer),
        in_force=(sent,),
    )
