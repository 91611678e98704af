"""Claims without a second act, and claims that are rejected and sent again."""

from dataclasses import replace
from datetime import timedelta

from sandbox.billing.claims import Claim
from sandbox.life_cycle.adjudication import decide
from sandbox.life_cycle.course import ADJUDICATED, OPEN, Course
from sandbox.life_cycle.decision import Answer
from sandbox.life_cycle.selection import Candidate
from sandbox.life_cycle.stories.schedule import answer_day
from sandbox.life_cycle.stories.steps import REWORK, first_answer
from sandbox.life_cycle.submission import (
    CLAIM_REJECTED,
    SET_REJECTED,
    Submission,
    first_submission,
)

RESENT_AFTER = timedelta(days=2)


def short(seed: int, claim: Claim) -> Course:
    """Tell of a claim that is sent once, and answered once if at all."""
    sent = first_submission(claim)
    if not Candidate(seed, claim).is_answered:
        return Course(
            claim=claim,
            path="unanswered",
            state=OPEN,
            submissions=(sent,),
            in_force=(sent,),
        )
    return Course(
        claim=claim,
        path="accepted",
        state=ADJUDICATED,
        submissions=(sent,),
        answers=(first_answer(seed, sent),),
        in_force=(sent,),
    )


def _resent(
    seed: int, claim: Claim, path: str, first: Submission, again: Submission
) -> Course:
    """Tell of a submission that was rejected and sent again."""
    is_answered = Candidate(seed, claim).is_answered
    answer = Answer(
        decision=decide(seed, again), paid_on=answer_day(again.payer, again.sent_on)
    )
    return Course(
        claim=claim,
        path=path if is_answered else f"{path}+unanswered",
        state=ADJUDICATED if is_answered else OPEN,
        submissions=(first, again),
        answers=(answer,) if is_answered else (),
        in_force=(again,),
    )


def set_rejected(seed: int, claim: Claim) -> Course:
    """Tell of a claim whose file was refused, and sent again as it was."""
    sent = first_submission(claim)
    rejected = replace(sent, fate=SET_REJECTED)
    again = replace(sent, number=2, sent_on=sent.sent_on + RESENT_AFTER)
    return _resent(seed, claim, "set_rejected_then_resent", rejected, again)


def claim_rejected(seed: int, claim: Claim) -> Course:
    """Tell of a claim that the clearinghouse refused, sent again put right."""
    sent = first_submission(claim)
    rejected = replace(sent, fate=CLAIM_REJECTED)
    again = replace(sent, number=2, sent_on=sent.sent_on + REWORK)
    return _resent(seed, claim, "rejected_then_resubmitted", rejected, again)
