"""Feeds that each know a part of a visit and its charges: all is counted once."""

import json
import secrets
from decimal import Decimal

import psycopg
import pytest

from ledgerline.connectors import hl7_folder
from ledgerline.events.fold import fold_visits
from ledgerline.landing.land import land, land_billing, land_ehr
from ledgerline.store.roles import set_passwords
from tests.unit.connectors.formats.hl7v2_text import adt
from tests.unit.connectors.x12_text import message, recounted
from tests.unit.events.feed_of_merges import merging, stay
from tests.warehouse.build import assert_dbt, folder

pytestmark = pytest.mark.integration
CODES = [
    ("ehr", "MVH", "MVH"),
    ("ehr", "MVH_ED", "MVH"),
    ("ehr", "1000000004", "MVH"),
    ("billing", "1999999976", "MVH"),
]
"""Codes that are mapped; the NPI of one claim is not among them."""
ENCOUNTERS = [
    {
        "resourceType": "Organization",
        "id": "hospital",
        "identifier": [
            {"system": "http://hl7.org/fhir/sid/us-npi", "value": "1000000004"}
        ],
        "name": "Hospital",
    },
    {
        "resourceType": "Encounter",
        "id": "known-to-fhir",
        "status": "finished",
        "class": {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode",
            "code": "AMB",
        },
        "identifier": [
            {"type": {"coding": [{"code": "VN"}]}, "value": "V2"},
            {"type": {"coding": [{"code": "AN"}]}, "value": "A2"},
        ],
        "serviceProvider": {"reference": "Organization/hospital"},
        "period": {"start": "2026-03-01T09:00:00Z", "end": "2026-03-01T10:00:00Z"},
    },
]


def charge(number, visit, account, day, amount):
    return (
        f"MSH|^~\\&|BILL|MVH|LEDGER|NET|{day}120000-0500||DFT^P03|{number}|P|2.5.1\r"
        f"EVN|P03|{day}120000-0500\r"
        f"PID|1||1001^^^MVH^MR|||||||||||||||{account}\r"
        f"PV1|1|O|||||||||||||||||{visit}\r"
        f"FT1|1|{number}||{day}|{day}|CG|0120^^NUBC|||1|{amount}\r"
    ).encode()


MESSAGES = [
    charge("C1", "v2", "", "20260301", "10.00"),
    charge("C2", "", "MVH0000009", "20260201", "4000.00"),
    charge("C3", "V5", "", "20260201", "4500.00"),
    adt("A01", "M1", facility="MVH"),
    adt("A03", "M2", "20260316090000-0500", facility="MVH_ED"),
    stay("A01", 1, "V5", "NEW1"),
    merging("A41", 9, {"account": "NEW1"}, {"account": "OLD1"}),
]
CLAIM = message("claim_institutional_with_drg.837")
AFTERWARDS_MERGED = recounted(
    CLAIM.replace(b"MVH0000009", b"OLD1")
    .replace(b"1999999984", b"1999999976")
    .replace(b"000000801", b"000000802")
    .replace(b"LX*2~", b"REF*6R*C3~LX*2~")
)
"""Its account is merged after the bill; one charge is corrected after it."""
WARNED = (
    "no_charge_is_billed_at_another_amount_than_posted",
    "no_posted_charge_is_billed_under_an_unmapped_npi",
)


@pytest.fixture(scope="module")
def facts(warehouse_dsn, tmp_path_factory):
    """The charges and encounters that the feeds come to."""
    home = tmp_path_factory.mktemp("feeds")
    for name in ("ehr", "hl7", "billing"):
        (home / name).mkdir()
    resources = "\n".join(json.dumps(resource) for resource in ENCOUNTERS)
    (home / "ehr" / "all.ndjson").write_text(resources)
    (home / "hl7" / "all.hl7").write_bytes(b"".join(MESSAGES))
    (home / "billing" / "unmapped.837").write_bytes(CLAIM)
    (home / "billing" / "merged.837").write_bytes(AFTERWARDS_MERGED)
    with psycopg.connect(warehouse_dsn) as connection:
        connection.cursor().executemany(
            "insert into reference.crosswalk (code_set, source_system, facility_code,"
            " native_code, canonical_code, valid_from, approved_by, approved_at)"
            " values ('facility', %s, '*', %s, %s, '2020-01-01', 'test', now())",
            CODES,
        )
    reports = [
        land_ehr(warehouse_dsn, folder("ehr_fhir", home / "ehr")),
        land(warehouse_dsn, hl7_folder.source(folder("ehr_hl7v2", home / "hl7"))),
        land_billing(warehouse_dsn, folder("billing_x12", home / "billing")),
    ]
    assert [report.quarantined for report in reports] == [0, 0, 0]
    assert fold_visits(warehouse_dsn).conflicts == 0
    password = secrets.token_urlsafe(12)
    set_passwords(warehouse_dsn, {"build": password})
    assert_dbt(warehouse_dsn, home / "dbt", password, "seed")
    select = ("run", "--select", "+fct_charge", "+fct_encounter")
    assert_dbt(warehouse_dsn, home / "dbt", password, *select)
    with psycopg.connect(warehouse_dsn) as connection:
        charges = connection.execute(
            "select charge_source, facility_code, encounter_id, sum(charge_amount)"
            " from candidate_conformed.fct_charge group by 1, 2, 3 order by 1, 2"
        ).fetchall()
        encounters = connection.execute(
            "select encounter_id, encounter_status, is_complete"
            " from candidate_conformed.fct_encounter order by encounter_id"
        ).fetchall()
    select = ("test", "--write-json", "--select", *WARNED)
    assert_dbt(warehouse_dsn, home / "dbt", password, *select)
    results = json.loads((home / "dbt" / "run_results.json").read_text())["results"]
    warned = {found["unique_id"].split(".")[2]: found["failures"] for found in results}
    return charges, encounters, warned


def test_each_charge_counts_once_on_the_encounter_of_its_account(facts):
    charges, _, _ = facts
    assert charges == [
        ("837", "MVH", "hl7v2|MVH|V5", Decimal("5120.50")),
        ("837", "unmapped", None, Decimal("5120.50")),
        ("dft", "MVH", "known-to-fhir", Decimal("10.00")),
    ]


def test_a_visit_told_under_two_codes_of_one_facility_is_one_encounter(facts):
    _, encounters, _ = facts
    assert encounters == [
        ("hl7v2|MVH|MVH0000123", "finished", True),
        ("hl7v2|MVH|V5", "in-progress", False),
        ("known-to-fhir", "finished", True),
    ]


def test_what_was_billed_otherwise_than_posted_is_reported(facts):
    _, _, warned = facts
    assert warned == dict.fromkeys(WARNED, 1)
