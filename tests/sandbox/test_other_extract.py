"""Another extract than the bundled one makes another hospital, in its own months."""

import csv
import gzip
import json
import os
import re
import shutil
import subprocess
import sys
from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest

from sandbox.extract.reader import BUNDLED, FILES
from sandbox.extract.trim import main as trim
from sandbox.extract.trim import trim as trim_resource

INCLUDE = Path(__file__).parents[2] / "include"
EARLIER = timedelta(days=92)
MONTHS = {"2025-10", "2025-11", "2025-12"}
DAY = re.compile(r'(?<=")20(?:25|26)-[0-9]{2}-[0-9]{2}(?=[T"])')


def earlier(found):
    return (date.fromisoformat(found[0]) - EARLIER).isoformat()


@pytest.fixture(scope="module")
def extract(tmp_path_factory):
    """The bundled extract three months earlier, and a patient without coverage.

    The same patient has surgery during a visit without a theatre.
    """
    folder = tmp_path_factory.mktemp("extract")
    for name in FILES:
        if name != "Encounter.ndjson.gz":
            shutil.copyfile(BUNDLED / name, folder / name)
    lines = [DAY.sub(earlier, line) for line in read(BUNDLED / "Encounter.ndjson.gz")]
    write(folder / "Encounter.ndjson.gz", lines)
    (doses, coverage) = (
        read(folder / f"{name}.ndjson.gz")
        for name in ("MedicationAdministration", "Coverage")
    )
    write(
        folder / "MedicationAdministration.ndjson.gz",
        [DAY.sub(earlier, line) for line in doses],
    )
    patient = json.loads(lines[0])["subject"]["reference"]
    kept = [line for line in coverage if f'"{patient}"' not in line]
    assert len(kept) < len(coverage)
    write(folder / "Coverage.ndjson.gz", kept)
    visit = json.loads(lines[0])["id"]
    charted = read(folder / "Procedure.ndjson.gz")
    surgery = json.loads(next(line for line in charted if "387713003" in line))
    surgery |= {"id": "proc-elsewhere", "subject": {"reference": patient}}
    surgery["encounter"] = {"reference": f"Encounter/{visit}"}
    write(folder / "Procedure.ndjson.gz", [*charted, f"{json.dumps(surgery)}\n"])
    return folder, visit


def read(path):
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return list(lines)


def write(path, lines):
    with gzip.open(path, "wt", encoding="utf-8") as file:
        file.writelines(lines)


def generate(home, *arguments, **variables):
    return subprocess.run(
        [sys.executable, "-m", "sandbox", "generate", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PYTHONPATH": str(INCLUDE), **variables},
    )


@pytest.fixture(scope="module")
def table(extract, tmp_path_factory):
    home = tmp_path_factory.mktemp("other")
    folder, _ = extract
    done = generate(home, LEDGERLINE_SANDBOX_EXTRACT=str(folder))
    assert done.returncode == 0, done.stderr

    def rows(name):
        path = home / "sandbox" / name
        if path.suffix == ".ndjson":
            return [json.loads(line) for line in path.read_text().splitlines()]
        path = path.with_suffix(".csv")
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    return rows


def test_its_months_are_those_of_the_hospital(table):
    assert {row["period"][:7] for row in table("erp/payroll")} == MONTHS
    opening = [
        row for row in table("truth/gl_opening") if row["document_kind"] == "opening"
    ]
    assert {row["posting_date"] for row in opening} == {"2025-10-01"}
    ordered = [row["delivery_date"] for row in table("erp/purchase_orders")]
    assert "2025-08" < min(ordered) < max(ordered) < "2025-10-01"
    charged = {row["service_date"][:7] for row in table("truth/charge")}
    assert charged == MONTHS


def test_lots_change_within_it_and_keep_beyond_it(table):
    expires = {row["lot_number"]: row["expiration_date"] for row in table("erp/lots")}
    lots = {row["lot_number"] for row in table("truth/supply_usage")} - {""}
    assert min(expires[lot] for lot in lots) > "2026-01-01"
    assert {lot[-2:] for lot in lots} == {"-1", "-2"}


def test_every_path_and_defect_finds_its_place_in_it(table):
    paths = {
        name for row in table("truth/claim_root") for name in row["path"].split("+")
    }
    assert {"interim", "voided", "denied_then_replaced", "never_sent"} <= paths
    files = [
        row["file_name"]
        for row in table("truth/defects")
        if row["defect_code"] == "duplicate_file"
    ]
    assert any(name.startswith("MVH_837I_2025") for name in files)


def test_what_it_calls_surgery_is_part_of_the_case_of_its_stay(table):
    operated = defaultdict(list)
    for procedure in table("ehr/Procedure.ndjson"):
        if "387713003" in json.dumps(procedure.get("category")):
            stay = procedure["encounter"]["reference"].removeprefix("Encounter/")
            operated[stay].append(procedure)
    cases = table("truth/surgical_case")
    assert operated.keys() == {case["encounter_id"] for case in cases}
    own = [
        (stay, procedure)
        for stay, procedures in operated.items()
        for procedure in procedures
        if "identifier" in procedure
    ]
    assert own
    for stay, procedure in own:
        [head] = [each for each in operated[stay] if "partOf" not in each]
        assert procedure["partOf"] == [{"reference": f"Procedure/{head['id']}"}]
        for name in ("performedDateTime", "location", "performer"):
            assert procedure[name] == head[name]


def test_a_patient_without_coverage_pays(extract, table):
    _, encounter_id = extract
    [visit] = [
        row for row in table("truth/encounter") if row["encounter_id"] == encounter_id
    ]
    assert visit["payer_code"] == "SELF_PAY"


def test_a_folder_that_is_no_extract_is_refused_by_the_names_of_its_gaps(
    extract, tmp_path
):
    folder = tmp_path / "extract"
    shutil.copytree(extract[0], folder)
    (folder / "stay.csv").unlink()
    done = generate(tmp_path, "--extract", str(folder))
    assert done.returncode == 2
    assert "it lacks stay.csv" in done.stderr
    assert not (tmp_path / "sandbox").exists()


def test_too_short_an_extract_is_refused_with_its_days(extract, tmp_path):
    folder = tmp_path / "extract"
    shutil.copytree(extract[0], folder)
    lines = read(folder / "Encounter.ndjson.gz")
    october = [line for line in lines if '"start":"2025-10' in line]
    write(folder / "Encounter.ndjson.gz", october)
    done = generate(tmp_path, "--extract", str(folder))
    assert done.returncode == 1
    assert "needs 3 months or more" in done.stderr


def test_trimming_leaves_what_is_trimmed_as_it_is(tmp_path):
    trim(BUNDLED, tmp_path)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (BUNDLED / path.name).read_bytes(), path.name


def test_trimming_drops_given_names_that_fhir_does_not_allow():
    names = [{"family": "Soto", "given": [""]}, {"given": ["", "Grace"]}]
    trimmed = trim_resource({"resourceType": "Patient", "name": names})
    assert trimmed["name"] == [{"family": "Soto"}, {"given": ["Grace"]}]
