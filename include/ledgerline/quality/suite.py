"""Suites: what the gate demands of every published relation, built in code.

Every relation gets a row floor, a key that is present and unique, and amounts that are
numbers. The files in `forbidden/` add rows that must not exist: each is one query with
a header that names its relation, the relations it needs, its severity and, where it
tolerates some, its threshold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, field, replace
from enum import StrEnum
from functools import cache
from pathlib import Path

from ledgerline.quality.check import CheckId, Engine, Severity
from ledgerline.quality.relation import Relation

FORBIDDEN = Path(__file__).parent / "forbidden"

# Where a row floor takes its number from; any other relation has at least one row.
# Journals and stock issues have no floor: they are compared with their facts instead.
DEFAULT_FLOOR = "one"
FLOORS = {
    "conformed.dim_patient": "any_patients",
    "conformed.dim_chargeable_item": "none",
    "conformed.dim_item_unit": "none",
    "conformed.dim_lot": "none",
    "conformed.dim_payer_contract": "none",
    "conformed.dim_posting_account": "none",
    "conformed.dim_preference_card": "none",
    "conformed.dim_provider": "any_providers",
    "conformed.dim_stock_policy": "none",
    "conformed.dim_supplier": "any_suppliers",
    "conformed.dim_supply_contract": "none",
    "conformed.fct_awaited_supply": "none",
    "conformed.fct_bed_occupancy": "none",
    "conformed.fct_budget": "none",
    "conformed.fct_charge": "charges",
    "conformed.fct_claim": "claims",
    "conformed.fct_claim_event": "submissions",
    "conformed.fct_claim_line": "charges",
    "conformed.fct_claim_submission": "submissions",
    "conformed.fct_code_usage": "none",
    "conformed.fct_cost_exception": "none",
    "conformed.fct_cost_model_cost": "none",
    "conformed.fct_cost_reclassification": "none",
    "conformed.fct_denial": "none",
    "conformed.fct_encounter": "encounters",
    "conformed.fct_encounter_cost": "none",
    "conformed.fct_expected_revenue": "claims",
    "conformed.fct_gl_entry": "ledger_lines",
    "conformed.fct_inventory_balance": "any_stock_balances",
    "conformed.fct_inventory_period": "any_stock_balances",
    "conformed.fct_item_demand": "none",
    "conformed.fct_item_price": "none",
    "conformed.fct_labor": "none",
    "conformed.fct_overhead_allocation": "none",
    "conformed.fct_payment": "payments",
    "conformed.fct_provider_adjustment": "provider_adjustments",
    "conformed.fct_published_margin": "none",
    "conformed.fct_purchase_order_line": "none",
    "conformed.fct_receipt": "none",
    "conformed.fct_remittance_adjustment": "none",
    "conformed.fct_requisition_line": "none",
    "conformed.fct_scheduled_case": "none",
    "conformed.fct_service_line_expense": "none",
    "conformed.fct_supply_request": "none",
    "conformed.fct_supply_usage": "supply_usages",
    "conformed.fct_surgical_case": "none",
    "conformed.fct_surgical_case_standard": "none",
    "conformed.fct_surgical_case_supply": "none",
    "conformed.fct_surgical_case_usage": "none",
    "conformed.fct_unissued_usage": "none",
    "conformed.fct_unpriced_usage": "none",
    "marts.case_contribution": "none",
    "marts.charge_timeliness": "none",
    "marts.claim_cohort": "none",
    "marts.claim_outcome": "claims",
    "marts.contract_price_compliance": "none",
    "marts.cost_model_difference": "none",
    "marts.denials": "none",
    "marts.divided_demand": "none",
    "marts.encounter_margin": "encounters",
    "marts.fill_rate": "none",
    "marts.forecast_accuracy": "none",
    "marts.forecast_step": "none",
    "marts.hospital_volume": "none",
    "marts.inventory_step": "none",
    "marts.inventory_turnover": "none",
    "marts.margin_change": "none",
    "marts.margin_ladder": "none",
    "marts.margin_step": "none",
    "marts.preference_card_variance": "none",
    "marts.purchase_discrepancy": "none",
    "marts.receivable": "none",
    "marts.reimbursement": "none",
    "marts.reorder_level": "none",
    "marts.replenishment_need": "none",
    "marts.resource_step": "none",
    "marts.resource_use": "none",
    "marts.revenue_cycle_kpi": "none",
    "marts.scheduled_case_usage": "none",
    "marts.service_line_profitability": "any_encounters_or_claims",
    "marts.supply_exception": "none",
    "marts.supply_forecast": "none",
    "marts.supply_utilization": "any_supply_usages",
    "marts.supply_waste": "none",
    "marts.synchronization_denial": "none",
    "marts.unbilled_supply": "none",
    "marts.unmapped_code": "none",
    "marts.weekly_demand": "none",
    "marts.weekly_schedule": "none",
    "outbound.out_journal_event": "none",
    "outbound.out_journal_fact": "none",
    "outbound.out_journal_line": "none",
    "outbound.out_requisition_line": "none",
    "outbound.out_stock_issue_line": "none",
}


class Kind(StrEnum):
    """What an expectation demands."""

    ROW_FLOOR = "row_floor"
    NOT_NULL = "not_null"
    UNIQUE = "unique"
    NO_ROWS = "no_rows"


@dataclass(frozen=True, kw_only=True)
class Expectation:
    """One demand on one relation.

    `floor` names the control total that a row floor takes its number from. `query`
    selects what must not exist; `batch` in it stands for the relation. A held query
    has the columns `facility_code` and `observed`, a warned one may have `observed`.
    `threshold` says what is tolerated, since when, by whose word and why.
    """

    name: str
    kind: Kind
    severity: Severity = Severity.BLOCK
    columns: tuple[str, ...] = ()
    query: str = ""
    floor: str = ""
    threshold: str = ""


@dataclass(frozen=True, kw_only=True)
class Suite:
    """The expectations on one relation."""

    relation: Relation
    expectations: tuple[Expectation, ...] = field(default_factory=tuple)

    def check_id(self, expectation: Expectation) -> CheckId:
        """Return how results name one of its expectations."""
        return CheckId(
            engine=Engine.GX, suite=self.relation.label, name=expectation.name
        )

    def where(self, is_meant: Callable[[CheckId], bool]) -> Suite:
        """Return the suite of those of its expectations that are meant."""
        meant = (each for each in self.expectations if is_meant(self.check_id(each)))
        return replace(self, expectations=tuple(meant))


def build_suites(
    relations: Iterable[Relation], numeric_columns: Mapping[str, Iterable[str]]
) -> tuple[Suite, ...]:
    """Build the suites of the published relations.

    `numeric_columns` lists by label the columns that can hold NaN or infinity.
    """
    relations = tuple(relations)
    labels = {relation.label for relation in relations}
    return tuple(
        Suite(
            relation=relation,
            expectations=(
                *_generic(relation, tuple(sorted(numeric_columns[relation.label]))),
                *(
                    rule.expectation
                    for rule in forbidden_rows()
                    if rule.relation == relation.label and rule.needs <= labels
                ),
            ),
        )
        for relation in relations
    )


def suite_hash(suites: Iterable[Suite], tests: Mapping[str, str]) -> str:
    """Return one hash over every definition that a verdict rests on."""
    definitions = sorted(
        json.dumps([suite.relation.label, asdict(expectation)], sort_keys=True)
        for suite in suites
        for expectation in suite.expectations
    )
    text = json.dumps([definitions, sorted(tests.items())])
    return hashlib.sha256(text.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class ForbiddenRows:
    """One file of `forbidden/`: an expectation and the relations it needs."""

    relation: str
    needs: frozenset[str]
    expectation: Expectation


@cache
def forbidden_rows() -> tuple[ForbiddenRows, ...]:
    """Read the queries of rows that must not exist."""
    return tuple(map(_read, sorted(FORBIDDEN.glob("*.sql"))))


def _read(path: Path) -> ForbiddenRows:
    lines = path.read_text(encoding="utf-8").splitlines()
    header = [line.removeprefix("--") for line in lines if line.startswith("--")]
    said = {
        name.strip(): value.strip()
        for name, mark, value in (line.partition(":") for line in header)
        if mark
    }
    query = "\n".join(line for line in lines if not line.startswith("--")).strip()
    return ForbiddenRows(
        relation=said["relation"],
        needs=frozenset(said.get("needs", "").split()),
        expectation=Expectation(
            name=path.stem,
            kind=Kind.NO_ROWS,
            severity=Severity(said["severity"]),
            query=query,
            threshold=said.get("threshold", ""),
        ),
    )


def _generic(relation: Relation, numbers: tuple[str, ...]) -> Iterable[Expectation]:
    yield Expectation(
        name="row_floor",
        kind=Kind.ROW_FLOOR,
        floor=FLOORS.get(relation.label, DEFAULT_FLOOR),
    )
    for column in relation.key:
        yield Expectation(
            name=f"{column}_not_null", kind=Kind.NOT_NULL, columns=(column,)
        )
    yield Expectation(name="key_unique", kind=Kind.UNIQUE, columns=relation.key)
    if numbers:
        wrong = " or ".join(
            f"\"{column}\" in ('NaN', 'Infinity', '-Infinity')" for column in numbers
        )
        yield Expectation(
            name="numbers_finite",
            kind=Kind.NO_ROWS,
            columns=numbers,
            query=f"select 1 as found from batch where {wrong}",  # noqa: S608
        )
