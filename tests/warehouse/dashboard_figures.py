"""Each tile of the dashboards as SQL on the marts, apart from the definition."""

MONTH = "select max(service_month) from marts.service_line_profitability"
_LINES = "from marts.service_line_profitability where service_month = :month"
_USED = "from marts.supply_utilization where service_month = :month"
_CARDS = "from marts.preference_card_variance where service_month = :month"
_PAID = "from marts.reimbursement where service_month = :month"
_DENIED = "from marts.denials where submitted_month = :month"
_COST = (
    "supply_cost + implant_cost + drug_cost + labor_cost + other_direct_cost "
    "+ overhead_cost"
)
OWN = "general_medicine"
"""The line of the director whom the tests log in: one of many cases."""
EXECUTIVE = "executive-overview"
SUPPLY = "supply-utilization"
REIMBURSEMENT = "reimbursement-and-denials"
CLOSE = "close-and-reconciliation"
FIGURES = {
    (EXECUTIVE, "Net revenue"): ("dollars", f"select sum(net_revenue_amount) {_LINES}"),
    (EXECUTIVE, "Total cost"): ("dollars", f"select sum({_COST}) {_LINES}"),
    (EXECUTIVE, "Contribution margin"): (
        "dollars",
        f"select sum(contribution_margin_amount) {_LINES}",
    ),
    (EXECUTIVE, "Operating margin"): (
        "dollars",
        f"select sum(operating_margin_amount) {_LINES}",
    ),
    (EXECUTIVE, "Encounters"): ("count", f"select sum(encounter_count) {_LINES}"),
    (EXECUTIVE, "Discharges"): ("count", f"select sum(discharge_count) {_LINES}"),
    (EXECUTIVE, "Case mix index"): (
        "index",
        f"select sum(drg_weight_total) / sum(discharge_count) {_LINES}",
    ),
    (EXECUTIVE, "Items used per encounter"): (
        "dollars",
        "select sum(supply_cost + implant_cost + drug_cost) / sum(encounter_count) "
        + _LINES,
    ),
    (SUPPLY, "Supplies used"): ("dollars", f"select sum(supply_cost) {_USED}"),
    (SUPPLY, "Surgical cases"): (
        "count",
        f"select count(distinct surgical_case_id) {_CARDS}",
    ),
    (SUPPLY, "Supply cost per surgical case"): (
        "dollars",
        f"select sum(supply_cost) / count(distinct surgical_case_id) {_CARDS}",
    ),
    (SUPPLY, "Variance from preference cards"): (
        "dollars",
        "select sum(usage_variance_amount + price_variance_amount "
        f"+ substitution_variance_amount) {_CARDS}",
    ),
    (SUPPLY, "Used and not billed"): (
        "dollars",
        "select coalesce(sum(unbilled_cost), 0) from marts.unbilled_supply "
        "where service_month = :month",
    ),
    (SUPPLY, "Waste"): (
        "dollars",
        "select coalesce(sum(waste_amount), 0) from marts.supply_waste "
        "where service_month = :month",
    ),
    (SUPPLY, "Value on hand now"): (
        "dollars",
        "select sum(on_hand_amount) from marts.reorder_level",
    ),
    (SUPPLY, "Items to order now"): (
        "count",
        "select count(*) from marts.reorder_level where proposed_quantity > 0",
    ),
    (REIMBURSEMENT, "Expected"): ("dollars", f"select sum(expected_amount) {_PAID}"),
    (REIMBURSEMENT, "Allowed"): ("dollars", f"select sum(allowed_amount) {_PAID}"),
    (REIMBURSEMENT, "Paid"): ("dollars", f"select sum(paid_amount) {_PAID}"),
    (REIMBURSEMENT, "Underpaid"): ("dollars", f"select sum(underpaid_amount) {_PAID}"),
    (REIMBURSEMENT, "Denied at first"): (
        "dollars",
        f"select coalesce(sum(initial_denial_amount), 0) {_DENIED}",
    ),
    (REIMBURSEMENT, "Denials still open"): (
        "dollars",
        f"select coalesce(sum(open_amount), 0) {_DENIED}",
    ),
    (REIMBURSEMENT, "Denials overturned"): (
        "dollars",
        f"select coalesce(sum(overturned_amount), 0) {_DENIED}",
    ),
    (REIMBURSEMENT, "Denials written off"): (
        "dollars",
        f"select coalesce(sum(written_off_amount), 0) {_DENIED}",
    ),
    (CLOSE, "Unexplained difference"): (
        "cents",
        "select sum(abs(difference_amount)) from marts.reconciliation",
    ),
    (CLOSE, "Breaks"): (
        "count",
        "select count(*) from marts.reconciliation where break_name <> ''",
    ),
    (CLOSE, "Balances that agree"): (
        "count",
        "select count(*) from marts.reconciliation where difference_amount = 0",
    ),
    (CLOSE, "Hours of comparing avoided"): (
        "days",
        "select sum(avoided_hours) from marts.reconciliation_effort",
    ),
}
_TILES_OF_A_LINE = {
    "Net revenue": "net_revenue_amount",
    "Total cost": _COST,
    "Contribution margin": "contribution_margin_amount",
    "Operating margin": "operating_margin_amount",
}
DIRECTED = {
    title: ("dollars", f"select sum({sql}) {_LINES} and service_line_code = '{OWN}'")
    for title, sql in _TILES_OF_A_LINE.items()
}
FIGURES |= {
    ("service-line", title): ("dollars", f"select sum({sql}) {_LINES}")
    for title, sql in _TILES_OF_A_LINE.items()
}
_DECIMALS = {"dollars": 0, "cents": 2, "count": 0, "index": 2, "days": 1}


def written(kind, value):
    """Write a figure as finance people do: dollars below zero stand in brackets."""
    text = f"{abs(value):,.{_DECIMALS[kind]}f}"
    if kind not in {"dollars", "cents"}:
        return text
    return f"(${text})" if value < 0 else f"${text}"
