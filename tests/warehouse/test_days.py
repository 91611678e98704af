"""Encounters, beds and discharges are of the days on their facility's clocks."""

from datetime import date

import pytest

from tests.warehouse.test_truth import assert_equal

pytestmark = pytest.mark.integration


def test_every_bed_was_occupied_as_in_the_truth(built_warehouse):
    found = built_warehouse.rows("""
        select
            encounter_id,
            facility_code,
            department_code,
            bed_hours,
            entered_date,
            to_char(entered_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')
                as entered_at,
            to_char(left_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as left_at
        from candidate_conformed.fct_bed_occupancy
        where period_issue = '' or encounter_id not like 'hl7v2|%'
    """)
    columns = (
        *("facility_code", "bed_hours", "entered_at", "entered_date", "left_at"),
    )
    true = built_warehouse.true_rows("bed")
    assert_equal(found, true, ("encounter_id", "department_code"), columns)
    assert len({row["encounter_id"] for row in true}) < len(true)


def test_encounters_are_of_the_days_on_the_clocks_of_their_facility(built_warehouse):
    """One facility of the sandbox is not in UTC: some of its days are others there."""
    found = built_warehouse.rows("""
        select
            encounter_id,
            start_date as admitted_date,
            end_date as discharged_date,
            service_month,
            (start_at at time zone 'UTC')::date <> start_date as differs
        from candidate_conformed.fct_encounter where has_fhir
    """)
    true = [row for row in built_warehouse.true_rows("visits") if row["encounter_id"]]
    columns = ("admitted_date", "discharged_date")
    assert_equal(found, true, ("encounter_id",), columns)
    assert sum(row["differs"] for row in found) > 10
    for row in found:
        last = row["discharged_date"] or row["admitted_date"]
        assert row["service_month"] == last.replace(day=1)


def test_every_discharge_counts_once(built_warehouse):
    [found] = built_warehouse.rows("""
        select
            count(*) filter (where is_discharge) as discharges,
            sum(length_of_stay_days_count) filter (where is_discharge) as days
        from candidate_conformed.fct_encounter
        where has_fhir
    """)
    stays = [row for row in built_warehouse.true_rows("visits") if row["discharged_at"]]
    stays = [row for row in stays if row["patient_class"] == "I"]
    days = [
        date.fromisoformat(row["discharged_date"])
        - date.fromisoformat(row["admitted_date"])
        for row in stays
    ]
    assert found == {"discharges": len(stays), "days": sum(each.days for each in days)}
