"""Claims that are answered twice: replaced, voided, or corrected by their payer."""

from dataclasses import replace
from datetime import timedelta

from sandbox.billing.claims import Claim
from sandbox.life_cycle.adjudication import deny_again, pay
from sandbox.life_cycle.course import CLOSED, CORRECTED, Course
from sandbox.life_cycle.decision import Answer, Decision, lowered
from sandbox.life_cycle.stories.schedule import answer_day, day_between_payments
from sandbox.life_cycle.stories.steps import again, first_answer, share, taken_back
from sandbox.life_cycle.submission import (
    REPLACEMENT,
    VOID,
    Submission,
    first_submission,
)
from sandbox.money import basis_points

CORRECTION = 800  # basis points of the payment
SECOND_LOOK = timedelta(days=21)


def _misbilled(seed: int, sent: Submission) -> Submission:
    """Return the submission with its first charge doubled, for one claim in three."""
    if share(seed, "misbilled", sent.claim) > 0.33:
        return sent
    first, *rest = sent.lines
    doubled = replace(first, amount=first.amount * 2, quantity=first.quantity * 2)
    return replace(sent, lines=(doubled, *rest))


def denied_then_replaced(seed: int, claim: Claim) -> Course:
    """Tell of a denial that a replacement turns into a payment."""
    right = first_submission(claim)
    sent = _misbilled(seed, right)
    denial = first_answer(seed, sent)
    replacement = replace(
        again(right, denial),
        frequency=REPLACEMENT,
        change_reason="D9" if sent == right else "D1",
    )
    second = pay(seed, replacement)
    return _replaced("denied_then_replaced", sent, denial, second)


def denied_twice(seed: int, claim: Claim) -> Course:
    """Tell of a denial that a replacement does not turn, or only in part."""
    sent = first_submission(claim)
    denial = first_answer(seed, sent)
    replacement = replace(
        again(sent, denial), frequency=REPLACEMENT, change_reason="D9"
    )
    second = deny_again(seed, replacement, denial.decision)
    return _replaced("denied_twice", sent, denial, second)


def _replaced(path: str, sent: Submission, denial: Answer, second: Decision) -> Course:
    """Tell of a denial that is taken back when its replacement is decided."""
    replacement = second.submission
    day = answer_day(replacement.payer, replacement.sent_on)
    return Course(
        claim=sent.claim,
        path=path,
        state=CORRECTED,
        submissions=(sent, replacement),
        answers=(
            denial,
            Answer(decision=taken_back(denial.decision), paid_on=day),
            Answer(decision=second, paid_on=day),
        ),
        in_force=(replacement,),
    )


def denied_then_voided(seed: int, claim: Claim) -> Course:
    """Tell of a denied claim that the hospital voids."""
    return replace(voided(seed, claim), path="denied_then_voided")


def voided(seed: int, claim: Claim) -> Course:
    """Tell of a claim that was paid, voided, and taken back, some at an odd time."""
    sent = first_submission(claim)
    paid = first_answer(seed, sent)
    void = replace(again(sent, paid), frequency=VOID, change_reason="D6")
    day = answer_day(void.payer, void.sent_on)
    if share(seed, "odd time", claim) < 0.25:
        day = day_between_payments(void.payer, day)
    back = Answer(decision=taken_back(paid.decision), paid_on=day)
    return Course(
        claim=claim,
        path="voided",
        state=CLOSED,
        submissions=(sent, void),
        answers=(paid, back),
    )


def corrected_by_payer(seed: int, claim: Claim) -> Course:
    """Tell of a payer that takes its payment back and pays less instead."""
    sent = first_submission(claim)
    first = first_answer(seed, sent)
    decision = first.decision
    less = lowered(decision, basis_points(decision.paid, CORRECTION))
    day = answer_day(sent.payer, first.paid_on + SECOND_LOOK)
    corrected = replace(less, own_number=f"{sent.payer_number}C")
    answers = (
        first,
        Answer(decision=taken_back(decision), paid_on=day),
        Answer(decision=corrected, paid_on=day),
    )
    return Course(
        claim=claim,
        path="corrected_by_payer",
        state=CORRECTED,
        submissions=(sent,),
        answers=answers,
        in_force=(sent,),
    )
