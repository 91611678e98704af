"""The reference tables and the columns that each CSV file must have."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class ReferenceTable:
    """One file `<name>.csv`, loaded into the table `reference.<name>`.

    The columns of `one_meaning` name what means one thing on a day, from `valid_from`
    to `valid_to`, which is exclusive. A file may leave out the columns of `filled`, or
    leave them empty: then they are as said there.
    """

    name: str
    columns: tuple[str, ...]
    optional: frozenset[str] = frozenset()
    is_required: bool = True
    one_meaning: tuple[str, ...] = ()
    filled: tuple[tuple[str, str | None], ...] = ()

    @property
    def file_name(self) -> str:
        """Name of the CSV file."""
        return f"{self.name}.csv"


_ALWAYS = (("valid_from", "1900-01-01"), ("valid_to", None))
_OF_VERSION = (("cost_model_code", ""), *_ALWAYS)
_CENTER = ("facility_code", "cost_center_code")
_PERIOD = ("valid_from", "valid_to")


CROSSWALK = ReferenceTable(
    name="crosswalk",
    columns=(
        "code_set",
        "source_system",
        "facility_code",
        "native_code",
        "canonical_code",
        "valid_from",
        "valid_to",
        "approved_by",
        "approved_at",
    ),
    optional=frozenset({"valid_to"}),
    one_meaning=("code_set", "source_system", "facility_code", "native_code"),
)

TABLES = (
    ReferenceTable(
        name="facility",
        columns=("facility_code", "facility_name", *_PERIOD, "time_zone"),
        optional=frozenset({"valid_to"}),
        filled=(("time_zone", "UTC"),),
    ),
    ReferenceTable(
        name="department",
        columns=("department_code", "department_name", "service_line_code", *_PERIOD),
        one_meaning=("department_code",),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="payer",
        columns=("payer_code", "payer_name", "payer_class", *_PERIOD),
        one_meaning=("payer_code",),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="cost_center",
        columns=(
            "facility_code",
            "cost_center_code",
            "cost_center_name",
            "cost_center_kind",
            "stock_location_code",
            *_PERIOD,
        ),
        optional=frozenset({"stock_location_code"}),
        one_meaning=("cost_center_code",),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="department_cost_center",
        columns=("facility_code", "department_code", "cost_center_code"),
    ),
    ReferenceTable(
        name="revenue_center",
        columns=("facility_code", "revenue_code", "cost_center_code", "cost_method"),
    ),
    ReferenceTable(
        name="allocation_step",
        columns=(
            "facility_code",
            "step_number",
            "cost_center_code",
            "basis",
            *_PERIOD,
            "cost_model_code",
        ),
        one_meaning=("cost_model_code", "facility_code", "cost_center_code"),
        filled=_OF_VERSION,
    ),
    ReferenceTable(
        name="allocation_statistic",
        columns=("facility_code", "cost_center_code", "basis", "quantity", *_PERIOD),
        one_meaning=("facility_code", "cost_center_code", "basis"),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="allocation_method",
        columns=("facility_code", "allocation_method", *_PERIOD),
        is_required=False,
        one_meaning=("facility_code",),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="cost_model",
        columns=(
            "facility_code",
            "cost_model_code",
            "allocation_method",
            "charge_method",
            *_PERIOD,
        ),
        is_required=False,
        one_meaning=("facility_code", "cost_model_code"),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="relative_value",
        columns=(*_CENTER, "procedure_code", "relative_value", *_PERIOD),
        is_required=False,
        one_meaning=(*_CENTER, "procedure_code"),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="cost_center_capacity",
        columns=(*_CENTER, "capacity_hours", "practical_rate", *_PERIOD),
        is_required=False,
        one_meaning=_CENTER,
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="account",
        columns=("account_code", "account_name", "account_class", "variable_rate"),
        filled=(("variable_rate", "0"),),
    ),
    ReferenceTable(
        name="reclassification",
        columns=(
            "facility_code",
            "reclassification_code",
            "account_code",
            "from_cost_center_code",
            "to_cost_center_code",
            "moved_rate",
            "moved_amount",
            *_PERIOD,
        ),
        optional=frozenset({"moved_rate", "moved_amount"}),
        is_required=False,
        one_meaning=("facility_code", "reclassification_code"),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="variable_rate",
        columns=("cost_model_code", "account_code", "variable_rate", *_PERIOD),
        is_required=False,
        one_meaning=("cost_model_code", "account_code"),
        filled=_OF_VERSION,
    ),
    ReferenceTable(name="posting_account", columns=("posting_role", "account_code")),
    CROSSWALK,
    ReferenceTable(
        name="denial_rule",
        columns=(
            "group_code",
            "reason_code",
            "remark_code",
            "payer_code",
            "valid_from",
            "valid_to",
            "adjustment_category",
            "adjustment_cause",
        ),
        optional=frozenset({"valid_to"}),
        is_required=False,
        one_meaning=("group_code", "reason_code", "remark_code", "payer_code"),
    ),
    ReferenceTable(
        name="budget",
        columns=(
            "facility_code",
            "service_line_code",
            "budget_month",
            "net_revenue_amount",
            "variable_cost",
            "fixed_direct_cost",
            "overhead_cost",
        ),
        is_required=False,
    ),
    ReferenceTable(
        name="payer_contract",
        columns=(
            "contract_code",
            "payer_code",
            "facility_code",
            "setting",
            "basis",
            "rate",
            "charge_cap_rate",
            "valid_from",
            "valid_to",
        ),
        optional=frozenset({"charge_cap_rate", "valid_to"}),
        is_required=False,
        one_meaning=("payer_code", "facility_code", "setting"),
    ),
    ReferenceTable(
        name="preference_card",
        columns=(
            "card_code",
            "procedure_code",
            "provider_id",
            "facility_code",
            "item_code",
            "replaces_item_code",
            "open_quantity",
            "hold_quantity",
            "standard_price",
            *_PERIOD,
        ),
        optional=frozenset({"replaces_item_code", "standard_price"}),
        is_required=False,
        one_meaning=("procedure_code", "provider_id", "facility_code", "item_code"),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="chargeable_item",
        columns=("item_code", "revenue_code", "procedure_code", *_PERIOD),
        optional=frozenset({"procedure_code"}),
        is_required=False,
        one_meaning=("item_code",),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="supply_contract",
        columns=(
            "contract_code",
            "supplier_code",
            "item_code",
            "facility_code",
            "price_unit",
            "unit_price",
            *_PERIOD,
        ),
        is_required=False,
        one_meaning=("supplier_code", "item_code", "facility_code"),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="item_unit",
        columns=("item_code", "pack_unit", "item_quantity"),
        is_required=False,
    ),
    ReferenceTable(
        name="workflow_sla",
        columns=("step", "patience_minutes", "owner", *_PERIOD),
        is_required=False,
        one_meaning=("step",),
        filled=_ALWAYS,
    ),
    ReferenceTable(
        name="stock_policy",
        columns=(
            "stock_location_code",
            "item_code",
            "is_consigned",
            "review_days",
            "lead_days",
            "safety_quantity",
            "order_unit",
            "stock_out_cost",
            "holding_cost",
            *_PERIOD,
        ),
        optional=frozenset({"order_unit", "stock_out_cost", "holding_cost"}),
        is_required=False,
        one_meaning=("stock_location_code", "item_code"),
        filled=_ALWAYS,
    ),
)
