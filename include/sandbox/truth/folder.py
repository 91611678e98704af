"""The folder of truth: every table and the totals by source."""

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from sandbox.care.purchases import ORDER_COLUMNS
from sandbox.files.table import write_table
from sandbox.money import text
from sandbox.truth.findings import Truth
from sandbox.truth.supply import losses, needs, preference_cards, schedule
from sandbox.truth.tables import claims, denials, facts, revenue_cycle
from sandbox.truth.tables import summaries as sums

Tables = dict[str, tuple[tuple[str, ...], Iterable[Sequence[object]]]]


def write_truth(truth: Truth, folder: Path) -> dict[str, int]:
    """Write every table and return the number of rows by name."""
    tables: Tables = {
        "service_line_profitability": (
            sums.PROFITABILITY_COLUMNS,
            sums.profitability_rows(truth),
        ),
        "margin_by_drg": (sums.DRG_COLUMNS, sums.drg_rows(truth)),
        "budget": (sums.BUDGET_COLUMNS, sums.budget_rows(truth)),
        "cost_model": (facts.VERSION_COLUMNS, facts.version_rows(truth)),
        "encounter": (sums.ENCOUNTER_COLUMNS, sums.encounter_rows(truth)),
        "ledger": (sums.LEDGER_COLUMNS, sums.ledger_rows(truth.ledger)),
        "gl_opening": (sums.LEDGER_COLUMNS, sums.ledger_rows(truth.opening)),
        "held_ledger": (sums.HELD_LEDGER_COLUMNS, sums.held_ledger_rows(truth)),
        "claim": (claims.CLAIM_COLUMNS, claims.claim_rows(truth)),
        "claim_root": (claims.ROOT_COLUMNS, claims.root_rows(truth)),
        "charge": (facts.CHARGE_COLUMNS, facts.charge_rows(truth)),
        "payment": (claims.PAYMENT_COLUMNS, claims.payment_rows(truth)),
        "provider_adjustment": (
            claims.PROVIDER_ADJUSTMENT_COLUMNS,
            claims.provider_adjustment_rows(truth),
        ),
        "denial": (denials.DENIAL_COLUMNS, denials.denial_rows(truth)),
        "reimbursement": (
            denials.REIMBURSEMENT_COLUMNS,
            denials.reimbursement_rows(truth),
        ),
        "revenue_cycle_kpi": (
            revenue_cycle.KPI_COLUMNS,
            revenue_cycle.kpi_rows(truth),
        ),
        "unallocated_cost": (facts.UNALLOCATED_COLUMNS, facts.unallocated_rows(truth)),
    } | _supplies(truth)
    return {
        name: write_table(folder / f"{name}.csv", columns, rows)
        for name, (columns, rows) in tables.items()
    }


def _supplies(truth: Truth) -> Tables:
    return {
        "supply_usage": (facts.USAGE_COLUMNS, facts.usage_rows(truth)),
        "stock": (facts.STOCK_COLUMNS, facts.stock_rows(truth)),
        "preference_card_variance": (
            preference_cards.COLUMNS,
            preference_cards.card_rows(truth.hospital),
        ),
        "unbilled_supply": (losses.UNBILLED_COLUMNS, losses.unbilled_rows(truth)),
        "order_price": (losses.PRICE_COLUMNS, losses.price_rows(truth)),
        "supply_request": (losses.REQUEST_COLUMNS, losses.request_rows(truth)),
        "scheduled_case": (schedule.COLUMNS, schedule.schedule_rows(truth.hospital)),
        "surgical_case": (schedule.CASE_COLUMNS, schedule.case_rows(truth.hospital)),
        "replenishment_need": (needs.COLUMNS, needs.need_rows(truth.hospital)),
        "purchase_order": (ORDER_COLUMNS, [o.row for o in truth.hospital.orders]),
    }


def _billing_totals(truth: Truth) -> dict[str, Any]:
    hospital = truth.hospital
    sent = [course for course in hospital.courses if course.is_sent]
    submissions = [each for course in sent for each in course.submissions]
    decisions = [each for r in hospital.remittances for each in r.decisions]
    lost: Counter[str] = Counter()
    for decision in decisions:
        lost.update(decision.deductions)
    kept = [each for r in hospital.remittances for each in r.provider_adjustments]
    return {
        "institutional_claims": sum(course.claim.kind == "I" for course in sent),
        "professional_claims": sum(course.claim.kind == "P" for course in sent),
        "submissions": len(submissions),
        "submitted_charge_amount": text(sum(each.charge for each in submissions)),
        "charge_lines": len(truth.charges),
        "gross_charge_amount": text(sum(course.charge for course in sent)),
        "remittances": len(hospital.remittances),
        "claim_payments": len(decisions),
        "paid_amount": text(sum(decision.paid for decision in decisions)),
        "provider_adjustments": len(kept),
        "provider_adjustment_amount": text(sum(each.amount for each in kept)),
        "received_amount": text(sum(each.paid for each in hospital.remittances)),
        **{f"{name}_amount": text(lost[name]) for name in sums.CATEGORIES},
    }


def totals(truth: Truth, counts: dict[str, dict[str, int]]) -> dict[str, Any]:
    """Return the control totals; `counts` are rows and files by folder."""
    hospital = truth.hospital
    finished = [each for each in hospital.encounters if each.is_finished]
    return {
        "seed": hospital.seed,
        "ehr": {
            "resources": counts["ehr"],
            "encounters": len(hospital.encounters),
            "finished_encounters": len(finished),
            "inpatient_discharges": sum(each.is_inpatient for each in finished),
            "supply_usages": len(hospital.usages),
            "supply_cost_amount": text(sum(usage.cost for usage in hospital.usages)),
        },
        "hl7": {"messages": counts["hl7"]},
        "billing": {"files": counts["billing"], **_billing_totals(truth)},
        "erp": {
            "rows": counts["erp"],
            "payroll_amount": text(sum(cost.amount for cost in hospital.payroll)),
            "overhead_amount": text(sum(cost.amount for cost in hospital.overhead)),
            "opening_stock_amount": text(
                sum(each.opening_value for each in hospital.stock)
            ),
            "unallocated_cost_amount": text(
                sum(cost.amount for cost in truth.unallocated)
            ),
        },
        "reference": {"rows": counts["reference"]},
    }


def write_totals(truth: Truth, counts: dict[str, dict[str, int]], folder: Path) -> None:
    """Write the control totals as JSON."""
    content = json.dumps(totals(truth, counts), indent=2, default=str)
    (folder / "totals.json").write_text(content + "\n", encoding="utf-8")
