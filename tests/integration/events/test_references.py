"""References to what has not landed: parked, not in the way, closed on arrival."""

import json
import os
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ledgerline.connectors import ehr_folder
from ledgerline.events.fold import fold_visits
from ledgerline.events.references import missing
from ledgerline.landing.land import land
from ledgerline.operations.exceptions.replaying import choose, print_replay
from ledgerline.operations.report import print_missing
from ledgerline.quality.repository.landed import source_state
from tests.integration.landing.folder_source import endpoint

pytestmark = pytest.mark.integration

NOW = datetime(2026, 3, 15, 8, tzinfo=UTC)
LATER = NOW + timedelta(days=30)
EXPORT = Path(os.environ.get("LEDGERLINE_TEST_DATA", "no such folder"))
EXPORT /= "fhir_clinosim_p5000_12mo_seed7"


def patient(number, **more):
    return {"resourceType": "Patient", "id": f"p{number}"} | more


def encounter(number, subject="Patient/p1", **more):
    return {
        "resourceType": "Encounter",
        "id": f"e{number}",
        "status": "finished",
        "class": {"code": "IMP"},
        "subject": {"reference": subject},
    } | more


@pytest.fixture
def deliver(warehouse, tmp_path):
    """Land resources as one more file of the folder and fold; returns the fold."""
    numbers = iter(range(1000))

    def land_and_fold(*resources, now=NOW):
        text = b"".join(json.dumps(each).encode() + b"\n" for each in resources)
        (tmp_path / f"{next(numbers):03}.ndjson").write_bytes(text)
        land(warehouse, ehr_folder.source(endpoint(tmp_path)))
        return fold_visits(warehouse, clock=lambda: now)

    return land_and_fold


@pytest.fixture
def parked(connection):
    """Return the open rows: resource type, class, locator, when it is due."""

    def rows():
        return connection.execute(
            "select resource_type, class, locator, due_at "
            "from ops.quarantined_record where status = 'open' order by locator"
        ).fetchall()

    return rows


def test_an_encounter_of_an_unknown_patient_waits_and_closes_when_they_land(
    deliver, parked, connection
):
    due = NOW + timedelta(days=1)
    assert deliver(patient(1), encounter(1), encounter(2, "Patient/p2")).dangling == 1
    assert [row[:2] for row in parked()] == [("Encounter", "ORDER_WAIT")]
    assert parked()[0][2].startswith("000.ndjson@")
    assert parked()[0][3] == due
    assert not source_state(connection, "ehr").quarantined
    assert deliver(encounter(3), now=LATER).dangling == 1
    assert [row[3] for row in parked()] == [due]
    assert deliver(patient(2)).dangling == 0
    assert parked() == []


def test_the_message_names_element_and_type_and_no_value(deliver, connection):
    unit = {"serviceProvider": {"reference": "Organization/o9"}}
    deliver(
        patient(1),
        {"resourceType": "Organization", "id": "o1", "name": "Clinic"},
        encounter(1, "Patient/secret", **unit),
    )
    [(message,)] = connection.execute(
        "select message from ops.quarantined_record"
    ).fetchall()
    assert "serviceProvider to Organization, subject to Patient" in message
    assert "secret" not in message
    assert "o9" not in message


def test_a_type_that_the_source_never_delivers_is_not_waited_for(deliver, parked):
    unit = {"serviceProvider": {"reference": "Organization/o9"}}
    assert deliver(encounter(1, "Patient/p1", **unit)).dangling == 0
    assert deliver(patient(7), encounter(2, "Patient/p7", **unit)).dangling == 0
    assert parked() == []


@pytest.mark.parametrize(
    "reference",
    ["Patient/p1/_history/3", "urn:uuid:8f3b", "https://other.example/fhir/Patient/p9"],
)
def test_references_that_are_known_or_lead_elsewhere_do_not_wait(
    deliver, parked, reference
):
    deliver(patient(1), encounter(1, reference))
    assert parked() == []


def test_an_encounter_that_is_corrected_waits_no_longer(deliver, parked):
    deliver(patient(1), encounter(1, "Patient/p2"))
    assert len(parked()) == 1
    deliver(encounter(1, "Patient/p1"))
    assert parked() == []


def test_what_lands_between_two_folds_is_looked_at_once(warehouse, deliver, parked):
    deliver(patient(1), encounter(1, "Patient/p2"))
    for _ in range(2):
        assert fold_visits(warehouse, clock=lambda: LATER).dangling == 1
    assert len(parked()) == 1


def test_a_replay_keeps_it_open_while_the_target_is_missing(
    warehouse, deliver, parked, connection, capsys
):
    deliver(
        patient(1),
        {"resourceType": "Organization", "id": "o1", "name": "Clinic"},
        encounter(1, "Patient/p2", serviceProvider={"reference": "Organization/o9"}),
    )
    files = "select sum(received_count) from raw_ehr.file"
    chosen = choose(None, "ORDER_WAIT", None, is_all=False)
    print_replay(warehouse, chosen, by="tester")
    said = " ".join(capsys.readouterr().out.split())
    assert "(serviceProvider to Organization, subject to Patient)" in said
    deliver({"resourceType": "Organization", "id": "o9", "name": "Clinic"})
    before = connection.execute(files).fetchone()
    print_replay(warehouse, chosen, by="tester")
    said = " ".join(capsys.readouterr().out.split())
    assert "0 no longer wait, 1 wait still" in said
    assert "(subject to Patient)" in said
    assert len(parked()) == 1
    assert connection.execute(files).fetchone() == before
    deliver(patient(2))
    assert parked() == []


def test_every_reference_to_nothing_is_counted_until_its_target_lands(
    warehouse, deliver, connection, capsys
):
    image = {
        "resourceType": "ImagingStudy",
        "id": "i1",
        "status": "available",
        "subject": {"reference": "Patient/p2"},
        "basedOn": [{"reference": "ServiceRequest/s1"}],
        "endpoint": [{"reference": "Endpoint/n1"}, {"reference": "urn:uuid:8f3b"}],
    }
    deliver(patient(1), encounter(1), encounter(2, "Patient/p2"), image)
    deliver(image | {"id": "i2"}, encounter(3))
    assert missing(connection) == [
        ("ehr_fhir", "Encounter", "Patient", 1, 1, True),
        ("ehr_fhir", "ImagingStudy", "Endpoint", 2, 1, False),
        ("ehr_fhir", "ImagingStudy", "Patient", 2, 1, True),
        ("ehr_fhir", "ImagingStudy", "ServiceRequest", 2, 1, False),
    ]
    print_missing(warehouse)
    said = capsys.readouterr().out
    assert "References to what has not landed" in said
    assert "no source delivers" in said
    deliver(patient(2))
    assert [row[1:3] for row in missing(connection)] == [
        ("ImagingStudy", "Endpoint"),
        ("ImagingStudy", "ServiceRequest"),
    ]


@pytest.mark.skipif(
    not EXPORT.exists(), reason=f"LEDGERLINE_TEST_DATA names no folder {EXPORT.name}"
)
def test_what_a_foreign_export_leaves_out_is_counted(warehouse, tmp_path, connection):
    for name in ("Encounter", "ImagingStudy", "Patient"):
        file = EXPORT / f"{name}.ndjson.gz"
        shutil.copyfile(file, tmp_path / file.name)
    land(warehouse, ehr_folder.source(endpoint(tmp_path)))
    fold_visits(warehouse, clock=lambda: NOW)
    counted = {row[1:3]: row[3] for row in missing(connection)}
    assert counted["ImagingStudy", "ServiceRequest"] == 1610
    assert counted["ImagingStudy", "Endpoint"] == 1562
