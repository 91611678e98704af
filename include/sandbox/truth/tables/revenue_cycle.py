"""The truth table of the metrics of the revenue cycle, by month and facility."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from sandbox.life_cycle.course import HELD, Course
from sandbox.life_cycle.submission import ACCEPTED, REPLACEMENT, VOID
from sandbox.truth.denials import Denial
from sandbox.truth.expectation import as_of, first_sent, realised
from sandbox.truth.findings import Truth
from sandbox.truth.tables.cells import EVERYWHERE, Cells, dollars, month_of, rounded
from sandbox.truth.tables.receivables import add_balances

Row = tuple[object, ...]
Parts = dict[str, tuple[int | Fraction, int | Fraction]]

KPI_COLUMNS = (
    "kpi_month",
    "facility_code",
    "metric_code",
    "numerator",
    "denominator",
    "metric_value",
)
MATURE_DAYS = {"final_denial_rate": 90, "clean_claim_rate": 0}
USUAL_DAYS = 60
PERCENTILES = {"charge_lag_median": 50, "charge_lag_p90": 90}


def _first_charge(course: Course) -> int:
    """Return the charges as they were sent at first, each once."""
    return sum(
        each.charge
        for each in course.submissions
        if each.fate == ACCEPTED
        and each.payer_sequence == "P"
        and each.frequency not in {REPLACEMENT, VOID}
    )


def _of_denials(denials: list[Denial], charge: int) -> Parts:
    first = [each for each in denials if each.is_first_adjudication and each.initial]
    full = sum(each.initial >= each.denied.decision.charge for each in first)
    written_off = sum(each.standing for each in denials if each.is_final)
    overturned = sum(each.lifted for each in denials if not each.is_void)
    denied = sum(each.initial for each in first)
    return {
        "initial_denial_rate_claims": (len(first), 1),
        "initial_denial_rate_dollars": (dollars(denied), dollars(charge)),
        "initial_denial_rate_full": (full, 1),
        "initial_denial_rate_partial": (len(first) - full, 1),
        "final_denial_rate": (dollars(written_off), Fraction()),
        "overturn_rate": (dollars(overturned), dollars(overturned + written_off)),
    }


def _of_money(course: Course, written_off: int | Fraction) -> Parts:
    answers = course.answers if course.is_adjudicated else ()
    paid = sum(answer.decision.paid for answer in answers)
    lost = sum(answer.decision.deductions["contractual"] for answer in answers)
    net = dollars(realised(course)) if answers else Fraction()
    gross = course.charge if answers else 0
    return {
        "final_denial_rate": (written_off, net),
        "net_collection_rate": (dollars(paid), dollars(gross - lost)),
        "payer_yield": (net, dollars(gross)),
    }


def _add_claims(cells: Cells, truth: Truth) -> None:
    """Add the claims of a payer that are old enough for a metric."""
    last = as_of(truth.hospital)
    denials: dict[str, list[Denial]] = defaultdict(list)
    for denial in truth.denials:
        denials[denial.course.claim.claim_id].append(denial)
    for course in truth.hospital.courses:
        payer = course.claim.encounter.patient.payer
        if not course.is_sent or payer.code == "SELF_PAY" or course.state == HELD:
            continue
        parts = _of_denials(denials[course.claim.claim_id], _first_charge(course))
        parts |= _of_money(course, parts["final_denial_rate"][0])
        is_clean = all(each.fate == ACCEPTED for each in course.submissions)
        parts["clean_claim_rate"] = (int(is_clean), 1)
        sent_on = first_sent(course)
        cell = month_of(sent_on), course.claim.facility.code
        for metric, (numerator, denominator) in parts.items():
            age = timedelta(days=MATURE_DAYS.get(metric, USUAL_DAYS))
            if sent_on <= last - age:
                cells.add((*cell, metric), numerator, denominator)


def _add_charges(cells: Cells, truth: Truth) -> None:
    lags: dict[tuple[date, str], list[int]] = defaultdict(list)
    for charge in truth.charges:
        line, facility = charge.line, charge.claim.facility.code
        lag = ((line.posted_on or line.service_date) - line.service_date).days
        amount = dollars(line.amount)
        weighted = charge.month, facility, "charge_lag_dollar_weighted"
        cells.add(weighted, amount * lag, amount)
        late = amount if line.posted_on else 0
        cells.add((charge.month, facility, "late_charge_share"), late, amount)
        lags[charge.month, facility].append(lag)
        lags[charge.month, EVERYWHERE].append(lag)
    for place, days in lags.items():
        for metric, percent in PERCENTILES.items():
            position = -(-len(days) * percent // 100) - 1
            cells.put((*place, metric), sorted(days)[position], len(days))


def _add_volume(cells: Cells, truth: Truth) -> None:
    """Add discharges, days and weights, and the same times the outpatient factor."""
    volume: dict[tuple[date, str], Counter[str]] = defaultdict(Counter)
    weights: dict[tuple[date, str], Decimal] = defaultdict(Decimal)
    for charge in truth.charges:
        row = volume[charge.month, charge.claim.facility.code]
        row["gross"] += charge.line.amount
        if charge.claim.encounter.is_inpatient:
            row["inpatient"] += charge.line.amount
    for stay in truth.hospital.encounters:
        if stay.stay and stay.is_finished:
            key = month_of(stay.last_day), stay.facility.code
            volume[key]["discharges"] += 1
            volume[key]["days"] += (stay.last_day - stay.first_day).days
            weights[key] += stay.stay.drg.weight
    for key, row in volume.items():
        gross, inpatient = dollars(row["gross"]), dollars(row["inpatient"])
        cells.add((*key, "outpatient_factor"), gross, inpatient)
        cells.add((*key, "cmi"), weights[key], row["discharges"])
        for metric, count in (
            ("adjusted_discharges", Fraction(row["discharges"])),
            ("adjusted_patient_days", Fraction(row["days"])),
            ("cmi_adjusted_discharges", Fraction(weights[key])),
        ):
            value = rounded(count * gross / inpatient, 4) if inpatient else None
            cells.add((*key, metric), value)


def _told(value: Fraction | None, places: int) -> str:
    return "" if value is None else str(rounded(value, places))


def kpi_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a month, facility or all of them, and metric."""
    cells = Cells()
    _add_claims(cells, truth)
    _add_charges(cells, truth)
    _add_volume(cells, truth)
    add_balances(cells, truth)
    for (month, facility, metric), parts in sorted(cells.parts.items()):
        above, below = parts
        value = above
        if below is not None and metric not in PERCENTILES:
            value = above / below if below and above is not None else None
        figures = _told(above, 4), _told(below, 4), _told(value, 6)
        yield month.isoformat(), facility, metric, *figures
