"""The sandbox's HL7 feed lands and folds to the truth; its faults end as planned."""

import csv
import json
from collections import Counter
from datetime import UTC, datetime

import psycopg
import pytest
from psycopg.rows import dict_row

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors import hl7_folder
from ledgerline.events.fold import fold_visits
from ledgerline.landing.land import land
from sandbox.generation import generate

pytestmark = pytest.mark.integration

VISIT = (
    *("patient_class", "status", "admitted_at", "discharged_at"),
    *("discharge_disposition", "department_native_code", "account_number"),
)
APPOINTMENT = ("placer_id", "filler_id", "status", "starts_at", "ends_at")


class Landed:
    """A warehouse with the feed of one home in it, and that home's truth."""

    def __init__(self, dsn, home):
        self.dsn = dsn
        self.sandbox = home / "sandbox"
        path = str(self.sandbox / "hl7")
        self.endpoint = Endpoint(
            conn_id="ehr_hl7v2", conn_type="fs", extra={"path": path}
        )

    def land(self):
        return land(self.dsn, hl7_folder.source(self.endpoint))

    def rows(self, query):
        with psycopg.connect(self.dsn, row_factory=dict_row) as connection:
            return connection.execute(query).fetchall()

    def truth(self, name):
        path = self.sandbox / "truth" / f"{name}.csv"
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def landed(warehouse_dsn, tmp_path_factory):
    home = tmp_path_factory.mktemp("feed")
    generate(home, 7)
    made = Landed(warehouse_dsn, home)
    made.report = made.land()
    fold_visits(warehouse_dsn)
    return made


def plain(value):
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return value or ""


def test_every_message_lands_once_and_only_the_planted_faults_are_refused(landed):
    totals = json.loads((landed.sandbox / "truth" / "totals.json").read_text())
    wanted = Counter()
    for kind, count in totals["hl7"]["messages"].items():
        wanted[kind.partition("^")[0]] += count
    assert Counter(landed.report.by_type) == wanted
    refused = landed.rows("select class, locator from ops.quarantined_record")
    defects = [r for r in landed.truth("defects") if r["source"] == "ehr_hl7v2"]
    assert {(row["class"], row["locator"]) for row in refused} == {
        (
            row["expected_class"],
            f"{row['file_name']}@{row['locator'].removeprefix('byte ')}",
        )
        for row in defects
        if row["is_quarantined"] == "true"
    }
    again = sum(row["defect_code"] == "duplicate_message" for row in defects)
    assert landed.report.duplicate == again


def test_the_visits_are_the_true_ones(landed):
    found = {
        (row["sending_facility"], row["visit_number"]): {
            name: plain(row[name]) for name in VISIT
        }
        for row in landed.rows("select * from raw_ehr.folded_visit")
    }
    assert found == {
        (row["facility_code"], row["account_number"]): {
            name: row[name] for name in VISIT
        }
        for row in landed.truth("visits")
    }


def test_every_visit_belongs_to_the_patient_who_survived_the_merge(landed):
    found = {
        row["visit_number"]: [each["value"] for each in row["patient_identifiers"]]
        for row in landed.rows("select * from raw_ehr.folded_visit")
    }
    assert found == {
        row["account_number"]: [row["record_number"]] for row in landed.truth("visits")
    }


def test_the_appointments_are_the_true_ones(landed):
    found = {
        (row["sending_facility"], *(plain(row[name]) for name in APPOINTMENT))
        for row in landed.rows("select * from raw_ehr.folded_appointment")
    }
    assert found == {
        (row["facility_code"], *(row[name] for name in APPOINTMENT))
        for row in landed.truth("appointments")
    }


def test_landing_the_feed_again_changes_nothing(landed):
    query = "select visit_number, content_sha256 from raw_ehr.folded_visit order by 1"
    before = landed.rows(query)
    assert landed.land().landed == 0
    fold_visits(landed.dsn)
    assert landed.rows(query) == before
