from collections import defaultdict
from decimal import Decimal

import pytest

from sandbox.money import basis_points, cost_cents, split, text
from sandbox.truth.cost.allocation import COMPONENTS, reciprocal, step_down

COSTS = (
    "labor_cost",
    "supply_cost",
    "implant_cost",
    "drug_cost",
    "other_direct_cost",
    "overhead_cost",
)
AMOUNTS = (
    "gross_charge_amount",
    "contractual_amount",
    "denial_amount",
    "other_adjustment_amount",
    "estimated_concession_amount",
    "patient_share_amount",
    "paid_amount",
    "net_revenue_amount",
    "unadjudicated_gross_amount",
    "accrued_net_revenue_amount",
)


# What payments for accounts that nobody knows bring with them.
UNKNOWN_ACCOUNT = {
    "contractual_amount",
    "patient_share_amount",
    "paid_amount",
    "net_revenue_amount",
}


def summed(rows, keys, column):
    sums = defaultdict(Decimal)
    for row in rows:
        sums[tuple(row[key] for key in keys)] += Decimal(row[column])
    return dict(sums)


def test_a_split_keeps_every_cent():
    assert split(10000, {"a": 1, "b": 1, "c": 1}) == {"a": 3334, "b": 3333, "c": 3333}
    assert split(5, {"b": 1, "a": 1}) == {"a": 3, "b": 2}
    assert split(7, {"a": 0, "b": -2}) == {}
    assert split(-5, {"b": 1, "a": 1}) == {"a": -3, "b": -2}


def test_money_is_rounded_half_up_and_written_with_cents():
    assert cost_cents(3, Decimal("0.0350")) == 11
    assert basis_points(50, 100) == 1
    assert [text(cents) for cents in (-5, 0, 123456)] == ["-0.05", "0.00", "1234.56"]


@pytest.mark.parametrize(
    ("allocate", "order", "expected"),
    [
        (step_down, ("PLANT", "HSKP", "ADMIN"), (373049330, 325029787, 145920883)),
        (step_down, ("HSKP", "PLANT", "ADMIN"), (372995267, 325103542, 145901191)),
        (reciprocal, ("PLANT", "HSKP", "ADMIN"), (373034863, 325049524, 145915613)),
    ],
)
def test_overhead_is_allocated_to_the_published_figures(allocate, order, expected):
    pools = held(
        PLANT=600_000,
        HSKP=240_000,
        ADMIN=900_000,
        SURG=3_000_000,
        MED=2_500_000,
        LAB=1_200_000,
    )
    feet = {"HSKP": 2000, "ADMIN": 6000, "SURG": 20000, "MED": 26000, "LAB": 6000}
    hours = {"PLANT": 200, "ADMIN": 400, "SURG": 2600, "MED": 3000, "LAB": 800}
    basis = {"PLANT": "square_feet", "HSKP": "hours", "ADMIN": "accumulated_cost"}
    steps = [(center, basis[center]) for center in order]
    allocate(pools, steps, {"square_feet": feet, "hours": hours})
    assert balances(pools, "SURG", "MED", "LAB") == expected


def held(**dollars):
    """The pools of centers that hold these dollars."""
    return {
        center: {**dict.fromkeys(COMPONENTS, 0), "labor": amount * 100}
        for center, amount in dollars.items()
    }


def balances(pools, *centers):
    return tuple(sum(pools[center].values()) for center in centers)


def test_a_loop_without_an_exit_keeps_its_cost():
    pools = held(UP=100, ONE=10, TWO=5, CARE=0)
    steps = [("UP", "feet"), ("ONE", "hours"), ("TWO", "meals")]
    weights = {
        "feet": {"ONE": 1, "CARE": 3},
        "hours": {"TWO": 1},
        "meals": {"ONE": 1},
    }
    reciprocal(pools, steps, weights)
    assert balances(pools, "UP", "ONE", "TWO", "CARE") == (0, 3500, 500, 7500)


def test_every_document_of_the_ledger_sums_to_zero(table):
    keys = ("document_kind", "facility_code", "posting_date")
    for name in ("truth/ledger", "truth/gl_opening"):
        documents = summed(table(name), keys, "amount")
        assert documents
        assert set(documents.values()) == {Decimal()}


def test_costs_of_every_facility_and_month_are_conserved(table):
    spent = defaultdict(Decimal)
    for name in ("erp/payroll", "erp/overhead"):
        for row in table(name):
            key = row["cost_center_code"][:3], row["period"][:7]
            spent[key] += Decimal(row["amount"])
    allocated = defaultdict(Decimal)
    for row in table("truth/charge"):
        key = row["facility_code"], row["service_date"][:7]
        allocated[key] += sum(Decimal(row[f"{name}_cost"]) for name in COMPONENTS)
    for row in table("truth/unallocated_cost"):
        key = row["facility_code"], row["service_month"][:7]
        allocated[key] += Decimal(row["cost_amount"])
    assert allocated == spent
    assert len(spent) == 9


def test_charges_at_actual_cost_take_no_share_of_a_center(table):
    actual = [row for row in table("truth/charge") if row["cost_method"] == "actual"]
    assert actual
    assert {row[f"{name}_cost"] for row in actual for name in COMPONENTS} == {"0.00"}


def test_profitability_adds_up_to_the_encounters(table):
    by_encounter = table("truth/encounter")
    table_rows = table("truth/service_line_profitability")
    allocated = [r for r in table_rows if r["service_line_code"] != "unallocated"]
    keys = ("facility_code", "service_line_code")
    finished = [row for row in by_encounter if row["end_date"]]
    for column in (*AMOUNTS, *COSTS):
        known = summed(allocated, keys, column)
        strange = known.pop(("MVH", "unmapped"))
        assert known == summed(finished, keys, column)
        assert bool(strange) == (column in UNKNOWN_ACCOUNT)


def test_net_revenue_is_gross_less_what_is_lost_or_will_be(table):
    for row in table("truth/service_line_profitability"):
        lost = sum(Decimal(row[name]) for name in AMOUNTS[1:5])
        gross, net = (
            Decimal(row["gross_charge_amount"]),
            Decimal(row["net_revenue_amount"]),
        )
        assert net == gross - lost


def test_what_nobody_answered_is_expected_or_conceded(table):
    gross, accrued, conceded = (
        sum(Decimal(row[name]) for row in table("truth/service_line_profitability"))
        for name in (
            "unadjudicated_gross_amount",
            "accrued_net_revenue_amount",
            "estimated_concession_amount",
        )
    )
    assert gross == accrued + conceded
    assert accrued > 0
    assert conceded > 0


def test_the_ledger_holds_the_facts(table):
    entries = summed(table("truth/ledger"), ("account_code",), "amount")
    waiting = summed(table("truth/held_ledger"), ("account_code",), "amount")
    held_lost = sum(waiting.get((code,), 0) for code in ("42000", "43000", "44000"))
    roots = table("truth/claim_root")

    def total(column):
        return sum(Decimal(row[column]) for row in roots)

    def posted(code):
        return entries[code,] + waiting.get((code,), 0)

    kept = sum(Decimal(row["amount"]) for row in table("truth/provider_adjustment"))
    gross = total("charge_amount")
    assert entries["40100",] + entries["40200",] == -gross
    assert posted("42000") == total("contractual_amount")
    assert posted("43000") == total("denial_amount")
    assert posted("44000") == total("other_adjustment_amount")
    assert entries["45000",] == kept
    assert posted("10100") == total("paid_amount") - kept
    lost = posted("42000") + posted("43000") + posted("44000")
    assert posted("11200") == gross - total("paid_amount") - lost
    assert waiting["10100",] > 0
    assert waiting["11200",] == -waiting["10100",] - held_lost
    supplies = sum(Decimal(row["cost_amount"]) for row in table("truth/supply_usage"))
    assert entries["14100",] == -supplies


def test_supplies_cost_what_the_erp_says_of_their_day(table):
    dated = defaultdict(list)
    for row in table("erp/cost_prices"):
        dated[row["item_code"]].append((row["valid_from"], Decimal(row["cost_price"])))
    price = {row["item_code"]: row["cost_price"] for row in table("erp/items")}
    found = defaultdict(set)
    for row in table("truth/supply_usage"):
        item, day = row["item_code"], row["usage_date"]
        unit_cost = Decimal(price[item])
        for since, dated_price in sorted(dated[item]):
            unit_cost = dated_price if since <= day else unit_cost
        exact = unit_cost * int(row["quantity"])
        assert abs(Decimal(row["cost_amount"]) - exact) <= Decimal("0.005")
        found[item].add(unit_cost)
    last = {item: max(prices)[1] for item, prices in dated.items() if prices}
    assert last == {item: Decimal(price[item]) for item in last}
    assert sum(len(prices) == 2 for prices in found.values()) > 20


def test_posting_dates_never_leave_the_month_of_the_event(table):
    months = {row["posting_date"][:7] for row in table("truth/ledger")}
    assert months == {"2026-01", "2026-02", "2026-03", "2026-04", "2026-05"}
    revenue = {
        row["posting_date"][:7]
        for row in table("truth/ledger")
        if row["document_kind"] == "patient_revenue"
    }
    assert revenue == {"2026-01", "2026-02", "2026-03"}
