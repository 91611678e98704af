"""The gate compares costs with the ledger and with the supplies that were used."""

import psycopg
import pytest

from ledgerline.quality.suite import forbidden_rows

pytestmark = pytest.mark.integration

BOOKED = """
insert into candidate_conformed.fct_gl_entry (
    gl_entry_id, facility_code, cost_center_code, account_class, external_reference,
    gl_amount, posting_month
)
values ('own', %(facility)s, %(center)s, 'supply_expense', null, 100.00, '2026-01-01')
"""
COSTED = """
insert into candidate_conformed.fct_encounter_cost (
    service_month, facility_code, encounter_id, service_line_code, payer_class,
    cost_center_code, cost_component, cost_method, cost_amount, variable_cost
)
values (
    '2026-01-01', coalesce(%(facility)s, 'unmapped'), 'unallocated', 'unallocated',
    'unallocated', coalesce(%(center)s, 'unmapped'), %(component)s, 'unallocated',
    100.00, 0.00
)
"""
QUERIES = {
    rule.expectation.name: rule.expectation.query.replace(
        "from batch", "from candidate_conformed.fct_encounter_cost"
    )
    for rule in forbidden_rows()
    if rule.relation == "conformed.fct_encounter_cost"
}
LEDGER, SUPPLIES = "ledger_costs_not_conserved", "supply_costs_not_conserved"


@pytest.fixture
def told(built_warehouse):
    """What both checks find after some statements, of which nothing is left."""
    with psycopg.connect(built_warehouse.dsn) as connection:

        def find(place, *statements):
            for statement in statements:
                connection.execute(statement, place)
            return {
                name: connection.execute(QUERIES[name]).fetchall()
                for name in (LEDGER, SUPPLIES)
            }

        yield find
        connection.rollback()


@pytest.mark.parametrize(
    ("facility", "center", "component"),
    [
        ("MVH", "MVH-6010", "supply"),
        ("MVH", "MVH-7020", "overhead"),
        (None, None, "supply"),
    ],
)
def test_supplies_that_the_erp_booked_itself_are_in_both_or_block(
    told, facility, center, component
):
    place = {"facility": facility, "center": center, "component": component}
    found = told(place, BOOKED)
    assert [row[0] for row in found[LEDGER]] == [facility or "unmapped"]
    assert found[SUPPLIES] == []
    assert told(place, COSTED) == {LEDGER: [], SUPPLIES: []}


def test_a_supply_that_is_costed_at_another_price_blocks(told):
    found = told(
        None,
        "update candidate_conformed.fct_encounter_cost "
        "set cost_amount = cost_amount + 1 "
        "where ctid = (select min(ctid) from candidate_conformed.fct_encounter_cost "
        "where cost_method = 'actual')",
    )
    assert found[LEDGER] == []
    assert len(found[SUPPLIES]) == 1
