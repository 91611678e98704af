"""FHIR and HL7 v2 tell of the same encounters; DFT and 837, of the same charges."""

import secrets
import uuid
from dataclasses import replace
from decimal import Decimal

import psycopg
import pytest

from ledgerline.store.roles import set_passwords
from tests.warehouse.build import assert_dbt

pytestmark = pytest.mark.integration

ENCOUNTER = "candidate_conformed.fct_encounter"
CHARGE = "candidate_conformed.fct_charge"


def test_every_visit_of_the_feed_is_the_encounter_that_fhir_tells_of(built_warehouse):
    visits = built_warehouse.true_rows("visits")
    found = {
        row["account_number"]: row
        for row in built_warehouse.rows(
            "select * from intermediate.int_encounter__united"
        )
    }
    assert found.keys() == {visit["account_number"] for visit in visits}
    for visit in visits:
        encounter = found[visit["account_number"]]
        assert encounter["has_hl7v2"]
        assert encounter["has_fhir"] == bool(visit["encounter_id"])
        if encounter["has_fhir"]:
            assert encounter["encounter_id"] == visit["encounter_id"]
        assert encounter["encounter_status"] == visit["status"].replace("_", "-")


def test_cancelled_registrations_are_encounters_that_count_nowhere(built_warehouse):
    cancelled = [
        visit
        for visit in built_warehouse.true_rows("visits")
        if not visit["encounter_id"]
    ]
    found = built_warehouse.rows(
        "select encounter.encounter_status, encounter.is_complete, margin.* "
        f"from {ENCOUNTER} as encounter inner join candidate_marts.encounter_margin "
        "as margin using (encounter_id) where not has_fhir"
    )
    assert len(found) == len(cancelled) > 0
    for row in found:
        assert (row["encounter_status"], row["is_complete"]) == ("cancelled", False)
        assert row["gross_charge_amount"] == row["operating_margin_amount"] == 0


def test_a_merged_patient_has_one_key_over_all_encounters(built_warehouse):
    split = built_warehouse.rows(
        "select united.patient_id_ehr "
        "from intermediate.int_encounter__united as united "
        f"inner join {ENCOUNTER} as encounter using (encounter_id) "
        "where encounter.has_fhir "
        "group by 1 having count(distinct encounter.patient_key) <> 1"
    )
    moved = built_warehouse.value(
        "select count(*) from intermediate.int_encounter__united as united "
        "inner join intermediate.int_encounter__located as fhir using (encounter_id) "
        "where united.patient_id_ehr <> fhir.patient_id_ehr"
    )
    known = built_warehouse.value(
        "select count(*) from intermediate.int_visit__identified"
    )
    assert not split
    assert moved == 0
    assert known == len(built_warehouse.true_rows("visits"))


def test_every_charge_is_posted_and_billed_once(built_warehouse):
    found = built_warehouse.rows(f"select * from {CHARGE}")
    true = {
        row["charge_id"]: row["line_control_number"]
        for row in built_warehouse.true_rows("charge")
    }
    assert {row["charge_id"]: row["charge_transaction_id"] for row in found} == true
    assert {row["charge_source"] for row in found} == {"837"}
    posted = built_warehouse.rows(
        "select charge_transaction_id from intermediate.int_charge_transaction__netted"
    )
    assert {row["charge_transaction_id"] for row in posted} == set(true.values())


@pytest.fixture(scope="module")
def changed_warehouse(built_warehouse, tmp_path_factory):
    """A copy in which a claim is not there yet, and an encounter left FHIR."""
    name = f"test_{uuid.uuid4().hex[:5]}"
    place = psycopg.conninfo.conninfo_to_dict(built_warehouse.dsn)
    with psycopg.connect(built_warehouse.dsn, dbname="postgres", autocommit=True) as c:
        c.execute(f"create database {name} template {place['dbname']}")
    copy = replace(
        built_warehouse,
        dsn=psycopg.conninfo.make_conninfo(built_warehouse.dsn, dbname=name),
    )
    with psycopg.connect(copy.dsn) as connection:
        connection.execute("create schema test")
        connection.execute(
            "create table test.unbilled as select claim.record_id, claim.account_id "
            "from intermediate.int_claim__located as claim "
            "where claim.line_count > 1 and 1 = (select count(*) from "
            "intermediate.int_claim__located as other "
            "where other.account_id = claim.account_id) "
            "order by claim.claim_id limit 1"
        )
        connection.execute(
            "create table test.deleted as select record_id, encounter_id "
            "from intermediate.int_encounter__located "
            "where account_id not in (select account_id from test.unbilled) "
            "order by encounter_id limit 1"
        )
        for zone, gone in (("raw_billing", "unbilled"), ("raw_ehr", "deleted")):
            connection.execute(
                f"insert into {zone}.vanishing (resource_type, resource_id, batch_id) "
                f"select resource_type, resource_id, batch_id from {zone}.record "
                f"where record_id in (select record_id from test.{gone})"
            )
    password = secrets.token_urlsafe(12)
    set_passwords(copy.dsn, {"build": password})
    assert_dbt(copy.dsn, tmp_path_factory.mktemp("changed"), password, "run")
    return copy


def test_without_its_claim_a_charge_waits_unbilled_and_out_of_the_books(
    built_warehouse, changed_warehouse
):
    gross = f"select sum(charge_amount) from {CHARGE}"
    waiting = changed_warehouse.rows(f"select * from {CHARGE} where not is_billed")
    amount = sum(row["charge_amount"] for row in waiting)
    assert len(waiting) > 1
    assert {row["charge_source"] for row in waiting} == {"dft"}
    assert {row["hold_reason"] for row in waiting} == {"unbilled"}
    assert None not in {row["encounter_id"] for row in waiting}
    assert changed_warehouse.value(gross) == built_warehouse.value(gross)
    for mart in ("service_line_profitability", "encounter_margin"):
        shown = changed_warehouse.rows(
            "select sum(gross_charge_amount) as gross, "
            f"sum(unbilled_gross_amount) as unbilled from candidate_marts.{mart}"
        )
        assert shown == [{"gross": built_warehouse.value(gross), "unbilled": amount}]
    revenue = (
        "select -sum(amount) from candidate_outbound.out_journal_line "
        "where document_kind = 'patient_revenue' and amount < 0"
    )
    posted = changed_warehouse.value(revenue)
    assert posted == built_warehouse.value(revenue) - Decimal(amount)


def test_an_encounter_that_left_fhir_is_still_the_visit_of_the_feed(
    built_warehouse, changed_warehouse
):
    deleted = changed_warehouse.value("select encounter_id from test.deleted")
    count = f"select count(*) from {ENCOUNTER}"
    assert changed_warehouse.value(count) == built_warehouse.value(count)
    now = {
        row["encounter_id"]
        for row in changed_warehouse.rows(
            f"select encounter_id from {ENCOUNTER} where not has_fhir and is_complete"
        )
    }
    assert deleted not in now
    assert len(now) == 1
