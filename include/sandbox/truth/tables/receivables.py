"""What is owed and unbilled at the end of every whole month."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from fractions import Fraction

from sandbox.extract.period import month_end
from sandbox.life_cycle.course import Course
from sandbox.life_cycle.submission import ACCEPTED, LATE, REPLACEMENT, VOID
from sandbox.truth.expectation import as_of
from sandbox.truth.findings import Truth
from sandbox.truth.profitability import net_revenue
from sandbox.truth.tables.cells import Cells, dollars, month_of

QUARTER = 3  # months
Sums = dict[str, dict[date, Counter[str]]]  # facility, month


def _next(month: date) -> date:
    return month_end(month) + timedelta(days=1)


def final_bill(course: Course) -> date:
    """Return the day of the last bill that is no correction and was not refused."""
    return max(
        each.sent_on
        for each in course.submissions
        if each.fate == ACCEPTED
        and each.payer_sequence == "P"
        and each.frequency not in {LATE, REPLACEMENT, VOID}
    )


def _earn(sums: Sums, truth: Truth) -> None:
    """Add gross and net revenue: realised, or expected where nobody answered."""
    for (month, facility, *_), row in truth.profitability.cents.items():
        cell = sums[facility][month]
        cell["gross"] += row["gross_charge_amount"]
        cell["net"] += net_revenue(row)


def _bill(sums: Sums, truth: Truth) -> None:
    """Add charges in the month that they and their encounter ended, until billed."""
    billed = {
        course.claim.claim_id: final_bill(course)
        for course in truth.hospital.courses
        if course.in_force
    }
    for charge in truth.charges:
        months = sums[charge.claim.facility.code]
        ended = max(charge.line.service_date, charge.claim.encounter.last_day)
        months[month_of(ended)]["unbilled"] += charge.line.amount
        left = max(ended, billed[charge.claim.claim_id])
        months[month_of(left)]["unbilled"] -= charge.line.amount


def _sums(truth: Truth) -> Sums:
    sums: Sums = defaultdict(lambda: defaultdict(Counter))
    _earn(sums, truth)
    _bill(sums, truth)
    for remittance in truth.hospital.remittances:
        month = month_of(remittance.payment_date)
        paid = sum(decision.paid for decision in remittance.decisions)
        sums[remittance.facility.code][month]["paid"] += paid
    return sums


def add_balances(cells: Cells, truth: Truth) -> None:
    """Add days of receivable and days unbilled from the third month on."""
    last = as_of(truth.hospital)
    for facility, months in _sums(truth).items():
        month, told, owed, unbilled = min(months), [], 0, 0
        while month_end(month) <= last:
            row = months[month]
            told.append((month, row))
            owed += row["net"] - row["paid"]
            unbilled += row["unbilled"]
            if len(told) >= QUARTER:
                days = (_next(month) - told[-QUARTER][0]).days
                net, gross = (
                    dollars(sum(each[name] for _, each in told[-QUARTER:]))
                    for name in ("net", "gross")
                )
                cell = month, facility
                cells.add((*cell, "net_days_in_ar"), dollars(owed), _daily(net, days))
                part = dollars(unbilled)
                cells.add((*cell, "dnfb_days"), part, _daily(gross, days))
            month = _next(month)


def _daily(amount: Fraction, days: int) -> Fraction:
    return amount / days
