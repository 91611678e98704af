"""Forecasts from the schedule: what was known of it is the truth."""

import secrets
import shutil
from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta

import psycopg
import pytest

from ledgerline.landing.land import land_ehr
from ledgerline.store.roles import set_passwords
from tests.warehouse.build import assert_dbt, folder
from tests.warehouse.publishing import copied

pytestmark = pytest.mark.integration
VERSIONED = "all_booked"
"""A database as long as `parsed_for`; see tests/dbt_manifest.py."""


@pytest.fixture(scope="module")
def scheduled_warehouse(built_warehouse, tmp_path_factory):
    """A copy that was told every version of an appointment.

    The hospital's FHIR server tells the newest only, with a version of its own.
    """
    told = tmp_path_factory.mktemp("told")
    extract = built_warehouse.truth.parent / "ehr"
    shutil.copy(extract / "Appointment.ndjson", told)
    with copied(built_warehouse.dsn, VERSIONED) as dsn:
        with psycopg.connect(dsn) as connection:
            connection.execute(
                "delete from raw_ehr.record where resource_type = 'Appointment'"
            )
            connection.execute(
                "delete from raw_ehr.version where version_key ^@ 'Appointment/'"
            )
        land_ehr(dsn, folder("ehr_fhir", told))
        password = secrets.token_urlsafe(12)
        set_passwords(dsn, {"build": password})
        assert_dbt(
            *(dsn, tmp_path_factory.mktemp("scheduled"), password, "run"),
            *("--select", "stg_ehr__appointment_version+"),
        )
        yield replace(built_warehouse, dsn=dsn)


LEANING = 4


def test_every_booking_says_what_it_said_on_every_day(scheduled_warehouse):
    found = scheduled_warehouse.rows("""
        select * from candidate_conformed.fct_scheduled_case
        where scheduled_case_id like 'fhir|%' or procedure_code <> 'unmapped'
    """)
    names = ("known_from", "known_to", "facility_code", "procedure_code")
    names += ("operating_room_code",)
    true = scheduled_warehouse.true_rows("scheduled_case")
    status = {"noshow": "no_show"}
    assert Counter(
        (
            row["scheduled_case_id"].rpartition("|")[2],
            *(str(row[name] or "") for name in names),
            *(row["stock_location_code"], row["provider_id"], row["case_status"]),
            str(row["case_date"]),
        )
        for row in found
    ) == Counter(
        (
            row["booking_id"],
            *(row[name] for name in names),
            *(row["location_code"], row["provider_id"]),
            status.get(row["status"], row["status"]),
            row["case_date"],
        )
        for row in true
    )
    assert {row["case_status"] for row in found} >= {"booked", "cancelled", "fulfilled"}
    assert len({row["booking_id"] for row in true}) < len(true)


def test_surgery_that_only_messages_tell_of_is_in_the_forecast(scheduled_warehouse):
    """Of one facility no FHIR Appointment tells; its stores forecast all the same."""
    told = scheduled_warehouse.rows("""
        select booking.facility_code, split_part(scheduled_case_id, '|', 1) as feed,
            count(distinct scheduled_case_id) as booked
        from candidate_conformed.fct_scheduled_case as booking
        where procedure_code <> 'unmapped' group by 1, 2
    """)
    feeds = {(row["facility_code"], row["feed"]) for row in told}
    assert feeds == {("LGH", "hl7v2"), ("MVH", "fhir"), ("NRC", "fhir")}
    expected = scheduled_warehouse.rows("""
        select usage.facility_code, sum(usage.expected_quantity) as expected
        from candidate_marts.scheduled_case_usage as usage
        where usage.is_in_week group by 1
    """)
    assert {row["facility_code"] for row in expected if row["expected"]} >= {"LGH"}


def test_appointments_of_hl7_messages_are_scheduled_as_they_stand(scheduled_warehouse):
    found = scheduled_warehouse.rows("""
        select split_part(scheduled_case_id, '|', 3) as number, case_status, case_date
        from candidate_conformed.fct_scheduled_case
        where scheduled_case_id like 'hl7v2|%' and is_current
    """)
    assert {(r["number"], r["case_status"], str(r["case_date"])) for r in found} == {
        (row["filler_id"], row["status"], row["starts_date"])
        for row in scheduled_warehouse.true_rows("appointments")
    }


def true_cases(scheduled_warehouse):
    """What every case took of every item, by its procedure, surgeon, store and day."""
    store, took = {}, defaultdict(Counter)
    for row in scheduled_warehouse.true_rows("supply_usage"):
        store[row["encounter_id"]] = row["location_code"]
    started = {
        row["encounter_id"]: date.fromisoformat(row["admitted_date"])
        for row in scheduled_warehouse.true_rows("visits")
        if row["encounter_id"]
    }
    for row in scheduled_warehouse.true_rows("preference_card_variance"):
        encounter = row["encounter_id"]
        if encounter in store:
            who = (row["procedure_code"], row["provider_id"], store[encounter])
            opened = int(row["used_quantity"]) + int(row["unused_quantity"])
            took[encounter, *who, started[encounter]][row["item_code"]] += opened
    return {key: used for key, used in took.items() if sum(used.values())}


def true_expectation(booking, item, monday, cases):
    """What a case will use: its surgeon's cases lean on the store's, these on all."""
    procedure, provider = booking["procedure_code"], booking["provider_id"]
    known = [
        (who, where, used[item])
        for (_, what, who, where, day), used in cases.items()
        if what == procedure and monday - timedelta(days=365) <= day < monday
    ]
    if not known:
        return 0
    rate = sum(quantity for _, _, quantity in known) / len(known)
    store = [each for each in known if each[1] == booking["location_code"]]
    own = [each for each in store if each[0] == provider]
    for few in (store, own):
        used = sum(quantity for _, _, quantity in few)
        rate = (used + LEANING * rate) / (len(few) + LEANING)
    return rate


def stood(row, monday):
    """Whether a row of the truth is on the schedule as it was before a Monday."""
    return (
        row["known_from"] < monday.isoformat() <= (row["known_to"] or "9999")
        and row["status"] in {"booked", "fulfilled"}
        and monday <= date.fromisoformat(row["case_date"]) < monday + timedelta(days=7)
    )


def test_every_week_expects_what_its_schedule_and_the_cases_before_it_say(
    scheduled_warehouse,
):
    cases = true_cases(scheduled_warehouse)
    bookings = scheduled_warehouse.true_rows("scheduled_case")
    found = Counter()
    for row in scheduled_warehouse.rows("""
        select * from candidate_marts.scheduled_case_usage where is_in_week
    """):
        key = (row["week_start_date"], row["stock_location_code"], row["item_code"])
        found[key] += float(row["expected_quantity"])
    series = scheduled_warehouse.rows("""
        select distinct stock_location_code, item_code
        from candidate_marts.weekly_demand
    """)
    [(monday, weeks)] = [
        (row["first"], row["weeks"])
        for row in scheduled_warehouse.rows(
            "select min(week_start_date) as first, max(week_number) as weeks "
            "from candidate_marts.weekly_demand"
        )
    ]
    true = Counter()
    for start in (monday + timedelta(weeks=number) for number in range(weeks + 1)):
        for booking in (row for row in bookings if stood(row, start)):
            for row in series:
                store, item = row["stock_location_code"], row["item_code"]
                if store == booking["location_code"]:
                    expected = true_expectation(booking, item, start, cases)
                    true[start, store, item] += expected
    true = {key: quantity for key, quantity in true.items() if quantity}
    assert {key for key, quantity in found.items() if quantity} == true.keys()
    for key, quantity in true.items():
        assert found[key] == pytest.approx(quantity, abs=0.001)


def test_the_parts_of_demand_add_up_and_most_of_it_was_scheduled(scheduled_warehouse):
    [total] = scheduled_warehouse.rows("""
        select
            sum(demand_quantity) filter (where demand_part = 'all') as demand,
            sum(demand_quantity) filter (where demand_part = 'scheduled') as scheduled,
            sum(demand_quantity) filter (where demand_part = 'rest') as rest,
            min(demand_quantity) as least
        from candidate_marts.divided_demand
    """)
    assert total["demand"] == total["scheduled"] + total["rest"]
    assert total["scheduled"] > total["rest"] > 0
    assert total["least"] >= 0


def test_the_schedule_is_ahead_of_every_method_and_says_where_it_is_not(
    scheduled_warehouse,
):
    scores = {
        row["forecast_method"]: (row["scaled_error"], row["pinball_loss"])
        for row in scheduled_warehouse.rows("""
            select forecast_method,
                round(
                    sum(absolute_error * scored_weeks_count)
                    / sum(naive_error * scored_weeks_count), 4
                ) as scaled_error,
                round(
                    sum(pinball_loss * scored_weeks_count) / sum(scored_weeks_count), 4
                ) as pinball_loss
            from candidate_marts.forecast_accuracy group by 1
        """)
    }
    print({method: tuple(map(str, score)) for method, score in scores.items()})
    scheduled = scores.pop("scheduled")
    assert scores.keys() == {"tsb", "croston", "sba", "mean", "naive"}
    for of_schedule, others in zip(
        scheduled, zip(*scores.values(), strict=True), strict=True
    ):
        assert of_schedule < min(others)
    assert scores["tsb"] < min(scores[name] for name in ("mean", "croston", "sba"))
    proposed = scheduled_warehouse.rows(
        "select * from candidate_marts.supply_forecast where is_proposal"
    )
    assert {row["is_best"] for row in proposed} == {True, False}
    assert any(row["scheduled_quantity"] for row in proposed)


def test_what_is_missing_to_the_forecast_is_what_is_proposed(scheduled_warehouse):
    [differing] = scheduled_warehouse.rows("""
        select count(*) as count, count(*) filter (
            where level.proposed_quantity
            is distinct from ceil(forecast.proposed_quantity)
        ) as different
        from candidate_marts.reorder_level as level
        inner join candidate_marts.supply_forecast as forecast
            using (facility_code, stock_location_code, item_code)
        where forecast.is_proposal
    """)
    assert differing["count"]
    assert not differing["different"]
