"""Steps that several paths share: the first answer, a reversal, the next submission."""

from dataclasses import replace
from datetime import timedelta

from sandbox.billing.claims import Claim
from sandbox.chance import Chance
from sandbox.life_cycle.adjudication import decide
from sandbox.life_cycle.decision import Answer, Decision, reversal
from sandbox.life_cycle.stories.schedule import billing_day, first_payment_day
from sandbox.life_cycle.submission import Submission
from sandbox.network.payers import PAYERS

REWORK = timedelta(days=7)
STYLES_OF_REVERSAL = 3


def share(seed: int, name: str, claim: Claim) -> float:
    """Return a claim's draw in [0, 1) for a purpose."""
    return Chance(seed, name, claim.claim_id).share()


def first_answer(seed: int, submission: Submission) -> Answer:
    """Return what the payer decides at first, and when."""
    chance = Chance(seed, "remittance", submission.claim_id)
    chance.share()  # whether it answers at all was drawn first
    day = first_payment_day(chance, submission.claim)
    return Answer(decision=decide(seed, submission), paid_on=day)


def taken_back(decision: Decision) -> Decision:
    """Return the reversal of a decision as its payer refers to the original."""
    number = decision.payer_number
    style = list(PAYERS).index(decision.submission.payer.code) % STYLES_OF_REVERSAL
    if style == 0:
        return reversal(decision)
    return reversal(decision, f"{number}R", number if style == 1 else "")


def again(submission: Submission, after: Answer) -> Submission:
    """Return what is sent next, a week or more after an answer, and refers to it."""
    return replace(
        submission,
        number=submission.number + 1,
        sent_on=billing_day(after.paid_on + REWORK),
        prior_number=submission.payer_number,
    )
