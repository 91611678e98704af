"""Reference tables: a customer's configuration of the product, with crosswalks."""

from collections.abc import Iterator
from dataclasses import astuple, fields
from datetime import timedelta
from pathlib import Path

from sandbox.extract.period import period
from sandbox.files.contracts import CONTRACT_COLUMNS, contract_rows
from sandbox.files.supply_reference import supply_tables
from sandbox.files.table import write_table
from sandbox.finance.accounts import ACCOUNTS, NEXT_VARIABLE_PERCENT, ROLES
from sandbox.finance.allocation import (
    COST_MODELS,
    METHODS,
    NEXT_YEAR,
    Statistic,
    allocation_steps,
    statistics,
)
from sandbox.finance.budget import COLUMNS as BUDGET_COLUMNS
from sandbox.finance.budget import budget_rows
from sandbox.finance.reclassification import COLUMNS as RECLASSIFICATION_COLUMNS
from sandbox.finance.reclassification import rule_rows
from sandbox.network.cost_centers import (
    CAPACITY,
    OVERHEAD,
    PATIENT_CARE,
    RELATIVE_VALUES,
    REVENUE_CENTERS,
    CostCenterKind,
    cost_center_code,
    store_code,
)
from sandbox.network.facilities import DEPARTMENTS, FACILITIES
from sandbox.network.items import all_items, native_codes
from sandbox.network.payers import PAYERS, native_id, organization_id

Row = tuple[object, ...]
Tables = dict[str, tuple[tuple[str, ...], list[Row]]]

OPENED = "2020-01-01"
EVER = "2015-01-01"
APPROVER = "master-data-office"
APPROVED_BEFORE = timedelta(days=17)
CROSSWALK_COLUMNS = (
    "code_set",
    "source_system",
    "facility_code",
    "native_code",
    "canonical_code",
    "valid_from",
    "valid_to",
    "approved_by",
    "approved_at",
)
# What two native codes meant before they were given to something else.
RETIRED = (
    ("department", "ehr", "NRC", "330", "SURGERY", "2015-01-01", "2024-06-30"),
    ("payer", "billing", "NRC", "NR310", "BCBS", "2015-01-01", "2024-12-31"),
)


def _simple_tables() -> Tables:
    acquired = period().first_day.isoformat()
    return {
        "facility": (
            ("facility_code", "facility_name", "valid_from", "valid_to", "time_zone"),
            [
                (
                    *(f.code, f.name, acquired if f.has_own_items else OPENED, ""),
                    "" if f.time_zone == "UTC" else f.time_zone,
                )
                for f in FACILITIES
            ],
        ),
        "department": (
            ("department_code", "department_name", "service_line_code"),
            [(d.code, d.name, d.service_line_code) for d in DEPARTMENTS.values()],
        ),
        "payer": (
            ("payer_code", "payer_name", "payer_class"),
            [(p.code, p.name, p.payer_class) for p in PAYERS.values()],
        ),
        "account": (
            ("account_code", "account_name", "account_class", "variable_rate"),
            [
                (a.code, a.name, a.account_class, f"0.{a.variable_percent:02d}")
                for a in ACCOUNTS
            ],
        ),
        "posting_account": (("posting_role", "account_code"), list(ROLES.items())),
    }


def _center_row(facility_code: str, kind: CostCenterKind) -> Row:
    code = cost_center_code(facility_code, kind.number)
    if kind.is_overhead:
        return facility_code, code, kind.name, "overhead", ""
    return facility_code, code, kind.name, "patient_care", store_code(code)


def _center_tables() -> Tables:
    codes = [facility.code for facility in FACILITIES]
    return {
        "cost_center": (
            (
                "facility_code",
                "cost_center_code",
                "cost_center_name",
                "cost_center_kind",
                "stock_location_code",
            ),
            [
                _center_row(code, kind)
                for code in codes
                for kind in PATIENT_CARE + OVERHEAD
            ],
        ),
        "department_cost_center": (
            ("facility_code", "department_code", "cost_center_code"),
            [
                (
                    code,
                    department.code,
                    cost_center_code(code, department.cost_center_number),
                )
                for code in codes
                for department in DEPARTMENTS.values()
            ],
        ),
        "revenue_center": (
            ("facility_code", "revenue_code", "cost_center_code", "cost_method"),
            [
                (code, revenue_code, cost_center_code(code, number), method)
                for code in codes
                for revenue_code, (number, method) in REVENUE_CENTERS.items()
            ],
        ),
    }


def _allocation_tables() -> Tables:
    codes = [facility.code for facility in FACILITIES]
    return {
        "allocation_step": (
            (
                "cost_model_code",
                "facility_code",
                "step_number",
                "cost_center_code",
                "basis",
            ),
            [
                (version, code, step, *center_and_basis)
                for version in ("", NEXT_YEAR)
                for code in codes
                for step, center_and_basis in enumerate(
                    allocation_steps(code, version), start=1
                )
            ],
        ),
        "allocation_statistic": (
            tuple(field.name for field in fields(Statistic)),
            [astuple(each) for each in statistics()],
        ),
        "allocation_method": (
            ("facility_code", "allocation_method"),
            list(METHODS.items()),
        ),
        "cost_model": (
            ("facility_code", "cost_model_code", "allocation_method", "charge_method"),
            COST_MODELS,
        ),
        "variable_rate": (
            ("cost_model_code", "account_code", "variable_rate"),
            [
                (NEXT_YEAR, account, f"0.{percent}")
                for account, percent in NEXT_VARIABLE_PERCENT.items()
            ],
        ),
    }


def _costing_tables() -> Tables:
    return {
        "reclassification": (RECLASSIFICATION_COLUMNS, list(rule_rows())),
        "relative_value": (
            ("facility_code", "cost_center_code", "procedure_code", "relative_value"),
            [
                (facility.code, cost_center_code(facility.code, number), *value)
                for facility in FACILITIES
                for number, values in RELATIVE_VALUES.items()
                for value in values.items()
            ],
        ),
        "cost_center_capacity": (
            (
                "facility_code",
                "cost_center_code",
                "capacity_hours",
                "practical_rate",
            ),
            [
                (
                    facility.code,
                    cost_center_code(facility.code, number),
                    hours * facility.size // 100,
                    f"0.{percent}",
                )
                for facility in FACILITIES
                for number, (hours, percent) in CAPACITY.items()
            ],
        ),
    }


def _code_pairs() -> Iterator[tuple[str, ...]]:
    """Yield code set, source, facility, native and canonical code."""
    for facility in FACILITIES:
        yield "facility", "ehr", "*", facility.npi, facility.code
        yield "facility", "ehr", "*", facility.code, facility.code
        yield "facility", "billing", "*", facility.npi, facility.code
        yield "facility", "billing", "*", facility.group_npi, facility.code
        for canonical, native in facility.department_codes.items():
            yield "department", "ehr", facility.code, native, canonical
        for payer in PAYERS.values():
            yield (
                "payer",
                "billing",
                facility.code,
                native_id(payer, facility),
                payer.code,
            )
    for facility in (FACILITIES[0], FACILITIES[-1]):
        for payer in PAYERS.values():
            yield "payer", "ehr", "*", organization_id(payer, facility), payer.code


def _item_numbers() -> Iterator[tuple[str, ...]]:
    """Yield what each facility's numbers of items mean, and from when to when."""
    for facility in FACILITIES:
        for item in all_items():
            since = EVER
            for number, last_day in native_codes(item, facility):
                until = (last_day + timedelta(days=1)).isoformat() if last_day else ""
                yield "item", "ehr", facility.code, number, item.code, since, until
                since = until


def _crosswalk() -> Iterator[Row]:
    approved_on = period().first_day - APPROVED_BEFORE
    approval = APPROVER, f"{approved_on}T09:00:00Z"
    for retired in RETIRED:
        yield *retired, *approval
    reused = {row[:4]: row[6] for row in RETIRED}
    for pair in _code_pairs():
        valid_from = "2025-01-01" if pair[:4] in reused else EVER
        yield *pair, valid_from, "", *approval
    for numbered in _item_numbers():
        yield *numbered, *approval


def write_reference(folder: Path) -> dict[str, int]:
    """Write every reference table and return the number of rows by table."""
    counts = {}
    tables = _simple_tables() | _center_tables() | _allocation_tables()
    tables |= _costing_tables() | supply_tables()
    for name, (columns, rows) in tables.items():
        counts[name] = write_table(folder / f"{name}.csv", columns, rows)
    path = folder / "crosswalk.csv"
    counts["crosswalk"] = write_table(path, CROSSWALK_COLUMNS, _crosswalk())
    path = folder / "budget.csv"
    counts["budget"] = write_table(path, BUDGET_COLUMNS, budget_rows())
    path = folder / "payer_contract.csv"
    counts["payer_contract"] = write_table(path, CONTRACT_COLUMNS, contract_rows())
    return counts
