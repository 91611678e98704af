"""Every account of the ledger is in the cost of service lines, and nothing besides."""

from collections import Counter, defaultdict
from decimal import Decimal
from fractions import Fraction

import pytest

pytestmark = pytest.mark.integration
CENT = Fraction(1, 100)
COMPONENTS = ("labor", "other_direct", "overhead")


@pytest.fixture(scope="module")
def expenses(built_warehouse):
    return built_warehouse.rows(
        "select * from candidate_conformed.fct_service_line_expense"
    )


def added(rows, *names):
    totals = defaultdict(Decimal)
    for row in rows:
        totals[tuple(str(row[name]) for name in names)] += row["cost_amount"]
    return {key: amount for key, amount in totals.items() if amount}


def test_every_account_is_what_the_true_ledger_has(built_warehouse, expenses):
    true = defaultdict(Decimal)
    for row in built_warehouse.true_rows("gl_opening"):
        if row["account_code"][:2] in {"60", "62"}:
            place = (row["facility_code"], row["posting_date"][:7], row["account_code"])
            true[place] += Decimal(row["amount"])
    found = {
        (facility, month[:7], account): amount
        for (facility, month, account), amount in added(
            expenses, "facility_code", "service_month", "account_code"
        ).items()
    }
    assert found == {key: amount for key, amount in true.items() if amount}
    assert len({account for _, _, account in found}) == 4


def test_the_accounts_of_a_service_line_are_its_true_cost(built_warehouse, expenses):
    place = ("service_month", "facility_code", "service_line_code")
    true = defaultdict(Decimal)
    for row in built_warehouse.true_rows("service_line_profitability"):
        for component in COMPONENTS:
            key = (*(row[name] for name in place), component)
            true[key] += Decimal(row[f"{component}_cost"])
    found = added(expenses, *place, "cost_component")
    assert found == {key: amount for key, amount in true.items() if amount}


def test_a_service_line_has_of_each_account_what_it_has_of_its_pools(
    built_warehouse, expenses
):
    """Worked out in fractions; a pool may differ by less than two cents."""
    place = ("service_month", "facility_code", "cost_center_code", "cost_component")
    pools = defaultdict(dict)
    for row in built_warehouse.rows(
        "select * from intermediate.int_account_cost__pooled"
    ):
        key = tuple(str(row[name]) for name in place)
        pools[key][row["account_code"]] = row["cost_cents"] * CENT
    true, parts = defaultdict(Fraction), Counter()
    for row in built_warehouse.rows("""
        select service_month, facility_code, service_line_code, cost_component,
            case when cost_component = 'overhead' then '' else cost_center_code end
                as cost_center_code,
            sum(cost_amount) as cost_amount
        from candidate_conformed.fct_encounter_cost
        where cost_method <> 'actual' group by 1, 2, 3, 4, 5
    """):
        month, facility, _, component = key = tuple(str(row[name]) for name in place)
        for account, amount in pools[key].items():
            line = (month, facility, row["service_line_code"], component, account)
            share = amount / sum(pools[key].values())
            true[line] += Fraction(row["cost_amount"]) * share
            parts[line] += 1
    found = {
        (
            *(str(row["service_month"]), row["facility_code"]),
            *(row["service_line_code"], row["cost_component"], row["account_code"]),
        ): Fraction(row["cost_amount"])
        for row in expenses
    }
    assert found.keys() <= true.keys()
    off = {key: abs(found.get(key, 0) - amount) for key, amount in true.items()}
    assert all(off[key] < 2 * CENT * parts[key] for key in true)
