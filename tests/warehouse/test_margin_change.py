"""The effects of a change of margin add up to the change that the truth tells."""

from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal

import pytest

pytestmark = pytest.mark.integration

COSTS = ("labor", "supply", "implant", "drug", "other_direct", "overhead")


@pytest.fixture(scope="module")
def true_margins(built_warehouse):
    """The operating margin of every service line, by facility and month."""
    margins = defaultdict(Counter)
    for row in built_warehouse.true_rows("service_line_profitability"):
        cost = sum(Decimal(row[f"{name}_cost"]) for name in COSTS)
        key = row["facility_code"], date.fromisoformat(row["service_month"])
        margins[key][row["service_line_code"]] += (
            Decimal(row["net_revenue_amount"]) - cost
        )
    return margins


def test_every_change_of_margin_is_the_true_one_and_its_effects_add_up_to_it(
    built_warehouse, true_margins
):
    found = built_warehouse.rows("""
        select
            facility_code,
            service_month,
            dimension_code,
            sum(effect_amount) as explained,
            max(margin_change_amount) as changed,
            count(*) as effects
        from candidate_marts.margin_change
        where dimension_name = 'service_line'
        group by facility_code, service_month, dimension_code
    """)
    true = {}
    for (facility, month), now in true_margins.items():
        before = true_margins.get((facility, month_before(month)))
        if before is not None:
            for line in now.keys() | before.keys():
                true[facility, month, line] = now[line] - before[line]
    assert len(true) > 40
    for name in ("explained", "changed"):
        assert true == {
            (row["facility_code"], row["service_month"], row["dimension_code"]): row[
                name
            ]
            for row in found
        }
    assert {row["effects"] for row in found} == {11}


def month_before(month):
    return (month - timedelta(days=1)).replace(day=1)


def test_every_kind_of_effect_that_one_publication_can_have_occurs(built_warehouse):
    occurring = built_warehouse.rows(
        "select distinct effect_name from candidate_marts.margin_change "
        "where effect_amount <> 0"
    )
    assert {row["effect_name"] for row in occurring} == {
        *("new_service_line", "vanished_service_line", "without_volume", "volume"),
        *("case_mix", "payer_mix", "rate", "usage", "cost_price", "allocation"),
    }
