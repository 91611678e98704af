"""Truth tables that add up: profitability, encounters, the ledger."""

from collections import Counter
from collections.abc import Iterable, Iterator
from decimal import Decimal

from sandbox.care.encounters import Encounter
from sandbox.finance import budget
from sandbox.life_cycle.course import Course
from sandbox.money import text
from sandbox.truth.findings import Truth
from sandbox.truth.ledger import Ledger
from sandbox.truth.profitability import net_revenue

Row = tuple[object, ...]

CATEGORIES = ("contractual", "denial", "other_adjustment", "patient_share")
COSTS = (
    "labor_cost",
    "supply_cost",
    "implant_cost",
    "drug_cost",
    "other_direct_cost",
    "overhead_cost",
)
MONEY_COLUMNS = (
    "gross_charge_amount",
    *(f"{name}_amount" for name in CATEGORIES),
    "paid_amount",
    "estimated_concession_amount",
    "net_revenue_amount",
    "unadjudicated_gross_amount",
    "accrued_net_revenue_amount",
    *COSTS,
    "variable_cost",
)
PROFITABILITY_COLUMNS = (
    "service_month",
    "facility_code",
    "service_line_code",
    "payer_class",
    "encounter_count",
    "discharge_count",
    "drg_weight_total",
    *MONEY_COLUMNS,
)
ENCOUNTER_COLUMNS = (
    "encounter_id",
    "facility_code",
    "account_number",
    "encounter_class",
    "status",
    "department_code",
    "service_line_code",
    "payer_code",
    "payer_class",
    "ms_drg",
    "drg_weight",
    "start_date",
    "end_date",
    *MONEY_COLUMNS,
)
LEDGER_COLUMNS = (
    "document_kind",
    "facility_code",
    "posting_date",
    "account_code",
    "cost_center_code",
    "service_line_code",
    "amount",
)
HELD_LEDGER_COLUMNS = (*LEDGER_COLUMNS, "hold_class")
DRG_COLUMNS = (
    "service_month",
    "facility_code",
    "ms_drg",
    "encounter_count",
    "discharge_count",
    "drg_weight_total",
    "net_revenue_amount",
    "variable_cost",
    "total_cost",
)
BUDGET_COLUMNS = (
    "service_month",
    "facility_code",
    "dimension_name",
    "dimension_code",
    "net_revenue_amount",
    "total_cost",
    "budget_net_revenue_amount",
    "budget_total_cost",
)
UNKNOWN_ACCOUNT = "unknown_account"


def _money(row: Counter[str]) -> Row:
    """Return the columns of money."""
    amounts = row | {"net_revenue_amount": _net_and_cost(row)[0]}
    return tuple(text(amounts.get(name, 0)) for name in MONEY_COLUMNS)


def profitability_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a month, facility, service line and payer class."""
    table = truth.profitability
    for key in sorted(table.cents):
        row = table.cents[key]
        volume = row["encounter_count"], row["discharge_count"], table.weights[key]
        yield key[0].isoformat(), *key[1:], *volume, *_money(row)


def _encounter_sums(truth: Truth) -> dict[str, Counter[str]]:
    sums: dict[str, Counter[str]] = {}
    for encounter in truth.hospital.encounters:
        sums[encounter.encounter_id] = Counter()
    adjudicated = truth.hospital.adjudicated
    for charge in truth.charges:
        row = sums[charge.claim.encounter.encounter_id]
        row["gross_charge_amount"] += charge.line.amount
        if charge.claim.claim_id not in adjudicated:
            row["unadjudicated_gross_amount"] += charge.line.amount
        for component, amount in charge.costs.items():
            row[f"{component}_cost"] += amount
    _add_answers(sums, truth.hospital.courses)
    for course in truth.hospital.courses:
        if course.is_sent and not course.is_adjudicated:
            claim = course.claim
            row = sums[claim.encounter.encounter_id]
            truth.expectations[claim.claim_id].accrue(row)
    _add_costs(sums, truth)
    return sums


def _add_costs(sums: dict[str, Counter[str]], truth: Truth) -> None:
    """Add supplies, which vary as a whole, and what varies of other costs."""
    for usage in truth.hospital.usages:
        row = sums[usage.encounter.encounter_id]
        row[f"{usage.item.category}_cost"] += usage.cost
        row["variable_cost"] += usage.cost
    for part in truth.variable:
        if part.encounter_id in sums:
            sums[part.encounter_id]["variable_cost"] += part.amount


def _add_answers(sums: dict[str, Counter[str]], courses: Iterable[Course]) -> None:
    """Add what payers decided; an account that nobody knows has no encounter."""
    for course in courses:
        row = sums.get(course.claim.encounter.encounter_id, Counter())
        for answer in course.answers:
            row["paid_amount"] += answer.decision.paid
            for name, amount in answer.decision.deductions.items():
                row[f"{name}_amount"] += amount


def encounter_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row an encounter."""
    sums = _encounter_sums(truth)
    for encounter in truth.hospital.encounters:
        yield *_identity(encounter), *_money(sums[encounter.encounter_id])


def _identity(encounter: Encounter) -> Row:
    """Return who and what; of an encounter without a claim the EHR knows the payer."""
    payer = encounter.patient.payer
    is_known = encounter.is_finished or payer.code != "SELF_PAY"
    drg = encounter.stay.drg if encounter.stay else None
    return (
        encounter.encounter_id,
        encounter.facility.code,
        encounter.account_number,
        encounter.encounter_class,
        encounter.status,
        encounter.department_code,
        encounter.service_line_code,
        payer.code if is_known else "unmapped",
        payer.payer_class if is_known else "unmapped",
        drg.code if drg else "",
        drg.weight if drg else "",
        encounter.first_day.isoformat(),
        encounter.last_day.isoformat() if encounter.is_finished else "",
    )


def _net_and_cost(row: Counter[str]) -> tuple[int, int]:
    return net_revenue(row), sum(row[name] for name in COSTS)


def drg_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a month, facility and DRG of whole finished cases."""
    sums = _encounter_sums(truth)
    table: dict[tuple[str, str, str], list[Encounter]] = {}
    for encounter in truth.hospital.encounters:
        if encounter.is_finished:
            month = encounter.last_day.replace(day=1).isoformat()
            drg = encounter.stay.drg.code if encounter.stay else "none"
            key = month, encounter.facility.code, drg
            table.setdefault(key, []).append(encounter)
    for key, cases in sorted(table.items()):
        stays = [encounter.stay for encounter in cases if encounter.stay]
        row: Counter[str] = Counter()
        for encounter in cases:
            row.update(sums[encounter.encounter_id])
        weight = sum((stay.drg.weight for stay in stays), Decimal(0))
        net, cost = _net_and_cost(row)
        amounts = text(net), text(row["variable_cost"]), text(cost)
        yield *key, len(cases), len(stays), weight, *amounts


def budget_rows(truth: Truth) -> Iterator[Row]:
    """Yield one row a month and planned facility or service line: result and plan."""
    planned: dict[tuple[str, ...], Counter[str]] = {}
    for facility_code, line, month, revenue, *costs in budget.budget_rows():
        for dimension in (("facility", facility_code), ("service_line", line)):
            row = planned.setdefault((month, facility_code, *dimension), Counter())
            row["revenue"] += int(revenue * 100)
            row["cost"] += int(sum(costs) * 100)
    happened: dict[tuple[str, ...], Counter[str]] = {}
    for (day, facility_code, line, _), measures in truth.profitability.cents.items():
        for dimension in (("facility", facility_code), ("service_line", line)):
            key = day.isoformat(), facility_code, *dimension
            happened.setdefault(key, Counter()).update(measures)
    for place, row in sorted(planned.items()):
        result = _net_and_cost(happened.get(place, Counter()))
        yield *place, *map(text, result), text(row["revenue"]), text(row["cost"])


def ledger_rows(entries: Ledger) -> Iterator[Row]:
    """Yield one row a document and line, debit positive."""
    for kind, facility_code, day in sorted(entries):
        lines = entries[kind, facility_code, day]
        for line in sorted(lines):
            if lines[line]:
                yield kind, facility_code, day.isoformat(), *line, text(lines[line])


def held_ledger_rows(truth: Truth) -> Iterator[Row]:
    """Yield the rows of documents that wait, with what they wait for."""
    for row in ledger_rows(truth.held_ledger):
        yield *row, UNKNOWN_ACCOUNT
