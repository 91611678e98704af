"""Facts keep what was true on their day, and every stay and bed-hour counts once."""

import secrets
from datetime import date
from decimal import Decimal

import psycopg
import pytest
from psycopg.rows import dict_row

from ledgerline.store.roles import set_passwords
from tests.warehouse.build import BUILD, assert_dbt
from tests.warehouse.changing_hospital import ENCOUNTERS, land

pytestmark = pytest.mark.integration
ASKED = (
    *("fct_encounter", "fct_charge", "fct_supply_usage", "fct_bed_occupancy"),
    "fct_surgical_case",
    *("dim_department", "dim_item", "dim_payer", "dim_provider", "dim_supplier"),
)


@pytest.fixture(scope="module")
def rows(warehouse_dsn, tmp_path_factory):
    """Ask the hospital's warehouse, whose own tests passed."""
    target = tmp_path_factory.mktemp("history")
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        land(connection)
    password = secrets.token_urlsafe(12)
    set_passwords(warehouse_dsn, {"build": password})
    asked = (f"+{name}" for name in ASKED)
    cautious = ("--indirect-selection", "cautious")
    assert_dbt(
        *(warehouse_dsn, target, password, *BUILD, *cautious, "--select"),
        *("resource_type:seed", *asked),
    )

    def ask(query):
        with psycopg.connect(warehouse_dsn, row_factory=dict_row) as connection:
            connection.execute("set search_path to candidate_conformed")
            return connection.execute(query).fetchall()

    return ask


def by(found, name):
    return {row.pop(name): row for row in found}


def test_supplies_cost_what_the_item_cost_on_the_day_of_use(rows):
    found = by(
        rows("""
            select
                supply_usage_id, usage.unit_cost, supply_cost, item.unit_cost as told,
                stock_location_code, department_name, item.is_current
            from fct_supply_usage as usage
            inner join dim_item as item using (item_key)
            inner join dim_department using (department_key)
        """),
        "supply_usage_id",
    )
    assert found["s1"] == {
        **{"unit_cost": 10, "supply_cost": 20, "told": 10, "is_current": False},
        **{"stock_location_code": "H-10-STO", "department_name": "Medicine"},
    }
    assert found["s2"] == {
        **{"unit_cost": Decimal("12.5"), "supply_cost": 25, "told": Decimal("12.5")},
        **{"stock_location_code": "H-11-STO", "department_name": "Internal medicine"},
        "is_current": True,
    }


def test_an_account_is_of_the_class_that_its_payer_had_on_its_first_day(rows):
    found = rows("""
        select
            fact.encounter_id, fact.payer_class, payer_name, payer.payer_class as told
        from fct_charge as fact inner join dim_payer as payer using (payer_key)
        where fact.facility_code = 'H' order by fact.encounter_id
    """)
    assert [tuple(row.values()) for row in found] == [
        ("admitted", "medicaid", "Chip", "medicaid"),
        ("again", "commercial", "Chip Plus", "commercial"),
        ("changed", "commercial", "Chip Plus", "commercial"),
        ("unrelated", "commercial", "Chip Plus", "commercial"),
    ]


def test_until_billing_names_a_payer_it_is_that_of_the_coverage_of_the_day(rows):
    charges = rows("""
        select encounter_id, payer_code, payer_name, fact.payer_class
        from fct_charge as fact
        inner join dim_payer as payer using (payer_key, payer_code)
        where fact.facility_code = 'N'
    """)
    assert [tuple(row.values()) for row in charges] == [
        ("last_night", "CHIP", "Chip Plus", "commercial")
    ]
    found = rows("select encounter_id, payer_code from fct_encounter")
    told = {row["encounter_id"]: row["payer_code"] for row in found}
    assert told["first"] == told["last_night"] == "CHIP"
    assert told["told_by_day"] == "unmapped", "nobody said what new-plan means"
    assert told["watched"] == "CHIP", "of its account's claim, before any coverage"


def test_an_encounter_names_its_practitioner_as_on_the_day_it_began(rows):
    found = by(
        rows(
            "select encounter_id, provider_name from fct_encounter "
            "inner join dim_provider using (provider_key)"
        ),
        "encounter_id",
    )
    assert found["admitted"] == {"provider_name": "Before"}
    assert found["first"] == {"provider_name": "After"}
    assert len(found) == len(ENCOUNTERS)


def test_what_was_told_twice_on_one_day_has_the_last_version_only(rows):
    suppliers = rows(
        "select supplier_name, is_current, valid_to from dim_supplier "
        "where supplier_code <> 'unmapped'"
    )
    assert [tuple(row.values()) for row in suppliers] == [("After", True, None)]


def test_every_stay_counts_once(rows):
    found = by(
        rows(
            "select encounter_id, counted_encounter_id as counts_as, is_counted, "
            "is_discharge, ms_drg, length_of_stay_days_count as days "
            "from fct_encounter where facility_code = 'H'"
        ),
        "encounter_id",
    )
    assert {name: tuple(row.values()) for name, row in found.items()} == {
        "watched": ("admitted", False, False, None, None),
        "admitted": ("admitted", True, True, "291", 2),
        "first": ("again", False, False, "unmapped", None),
        "again": ("again", True, True, "291", 3),
        "unrelated": ("unrelated", True, True, "291", 1),
        "changed": ("changed", True, False, None, None),
        "backwards": ("backwards", True, True, "unmapped", None),
        "elsewhere": ("elsewhere", True, True, "unmapped", 1),
    }


def test_bed_hours_are_those_that_passed_and_what_is_odd_has_its_row(rows):
    found = rows(
        "select encounter_id, facility_code, department_code, bed_hours, period_issue "
        "from fct_bed_occupancy order by encounter_id, period_number"
    )
    odd = {"changed", "first", "again", "unrelated", "last_night"}
    assert [tuple(row.values()) for row in found if row["encounter_id"] not in odd] == [
        ("admitted", "H", "ICU", 15, ""),
        ("admitted", "H", "MED", 32, ""),
        ("backwards", "H", "MED", None, "ends_before_start"),
        ("elsewhere", "H", "MED", 12, ""),
        ("elsewhere", "K", "unmapped", 12, "other_facility"),
        ("watched", "H", "EMERG", 13, ""),
    ]


def test_what_happens_on_the_last_night_of_a_month_is_of_it(rows):
    """In New York it is still May, in Greenwich June."""
    found = {
        name: [tuple(row.values()) for row in rows(query)]
        for name, query in {
            "encounter": "select encounter_id, start_date, end_date, service_month, "
            "length_of_stay_days_count from fct_encounter where facility_code = 'N'",
            "bed": "select department_code, entered_date, service_month "
            "from fct_bed_occupancy where facility_code = 'N'",
            "surgery": "select case_date, service_month from fct_surgical_case",
            "usage": "select supply_usage_id, usage_date, service_month "
            "from fct_supply_usage where facility_code = 'N'",
            "charge": "select service_date, service_month, charge_amount "
            "from fct_charge where facility_code = 'N'",
        }.items()
    }
    night, may = date(2026, 5, 31), date(2026, 5, 1)
    morning = june = date(2026, 6, 1)
    assert {name: sorted(listed) for name, listed in found.items()} == {
        "encounter": [
            ("last_night", night, night, may, 0),
            ("told_by_day", morning, morning, june, None),
        ],
        "bed": [("EMERG", night, may), ("MED", night, may)],
        "surgery": [(night, may)],
        "usage": [("n1", night, may), ("n2", morning, june)],
        "charge": [(night, may, 70)],
    }
