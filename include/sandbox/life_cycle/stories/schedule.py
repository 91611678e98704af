"""When bills are sent and payers pay: Mondays, and every other Friday."""

from datetime import date, timedelta

from sandbox.billing.claims import Claim
from sandbox.chance import Chance
from sandbox.extract.period import monday
from sandbox.network.payers import PAYERS, Payer

FRIDAY = 4
SHORTEST_WAIT = 14


def billing_day(earliest: date) -> date:
    """Return the Monday on or after a day."""
    return monday(earliest)


def payment_day(payer: Payer, earliest: date) -> date:
    """Return the payer's next payment day: every other Friday."""
    day = earliest + timedelta(days=(FRIDAY - earliest.weekday()) % 7)
    is_own_week = day.toordinal() // 7 % 2 == list(PAYERS).index(payer.code) % 2
    return day if is_own_week else day + timedelta(days=7)


def day_between_payments(payer: Payer, earliest: date) -> date:
    """Return a Friday on which the payer pays nothing else."""
    return payment_day(payer, earliest) + timedelta(days=7)


def answer_day(payer: Payer, sent_on: date) -> date:
    """Return the payment day of what was sent again or in addition."""
    return payment_day(payer, sent_on + timedelta(days=SHORTEST_WAIT))


def first_payment_day(chance: Chance, claim: Claim) -> date:
    """Return the payment day of a claim sent once: 14 to 44 days after the service."""
    wait = timedelta(days=chance.whole(SHORTEST_WAIT, 31))
    return payment_day(claim.encounter.patient.payer, claim.statement_through + wait)
