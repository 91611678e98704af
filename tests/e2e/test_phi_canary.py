"""What identifies a patient stays in the raw, staging and intermediate schemas.

The first day's files are fine: they are published. The second day's are spoiled where
a canary stands: their errors and the closed gate tell what happened without it.
"""

import base64
import json
import shutil
import signal
import time
from contextlib import suppress
from urllib.parse import quote

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from ledgerline import settings
from ledgerline.board_pack.write import print_pdf
from ledgerline.runtime.session import end
from ledgerline.runtime.superset import service
from ledgerline.runtime.superset.dashboards import import_dashboards
from tests.conftest import open_browser
from tests.e2e import canary_files
from tests.e2e.canary_sinks import Canaries, in_database, in_files, in_pdf
from tests.integration.mllp.service import Sender
from tests.warehouse.dashboard_reading import Reader, api, ask

pytestmark = [pytest.mark.e2e, pytest.mark.long]

CANARIES = Canaries(canary_files.CANARIES)
SOURCES = {
    "EHR_FHIR": (canary_files.ehr, canary_files.spoiled_ehr),
    "EHR_HL7V2": (canary_files.hl7, canary_files.spoiled_hl7),
    "BILLING_X12": (canary_files.x12, canary_files.spoiled_x12),
}
ERROR_PATHS = {
    *("AMOUNT_INVALID", "CHARSET", "CODE_INVALID", "CONTRACT_DRIFT"),
    *("COUNT_MISMATCH", "DATE_INVALID", "DUPLICATE_CONFLICT", "ENCODING"),
    *("JSON_AMBIGUOUS", "NUMBER_INVALID", "PARSE", "REFERENCE_INVALID"),
    *("SEGMENT_DELIM", "SEGMENT_INVALID", "TRUNCATED_RECORD", "UNBALANCED"),
    *("UNRECOGNISED_FORMAT", "UNSUPPORTED_TRANSACTION"),
}
"""Each class of refusal that the spoiled files must have come to."""
COMMANDS = (
    *(("status",), ("exceptions", "list", "--limit", "1000"), ("gate", "show")),
    *(("publications", "list"), ("events", "list"), ("verify",)),
    *(("trace", "MVH0000009"), ("trace", "MVH0000123"), ("trace", "canary-stay")),
    *(("trace", "1999999984|MVH0000009"), ("crosswalk", "worklist")),
)


def is_identified(schema):
    """Whether a schema may hold what identifies patients (docs/roles.md)."""
    return schema.startswith("raw_") or schema in {"staging", "intermediate"}


def folder_connection(path):
    return json.dumps({"conn_type": "fs", "extra": {"path": str(path)}})


@pytest.fixture(scope="module")
def ran(new_hospital, tmp_path_factory):
    """A hospital after both days, what was printed, and the ERP's import folder."""
    given = tmp_path_factory.mktemp("given")
    jobs = tmp_path_factory.mktemp("import_jobs")
    hospital = new_hospital("canary", LEDGERLINE_SANDBOX="0")
    hospital.extra["AIRFLOW_CONN_ERP"] = folder_connection(jobs)
    for name, (write, _) in SOURCES.items():
        folder = given / name
        folder.mkdir()
        write(folder)
        hospital.extra[f"AIRFLOW_CONN_{name}"] = folder_connection(folder)
    hospital.prime()
    fine = hospital.run()
    assert fine.returncode == 0, fine.stdout[-3000:]
    for name, (_, spoil) in SOURCES.items():
        spoil(given / name)
    spoiled = hospital.run()
    assert spoiled.returncode == 1, spoiled.stdout[-3000:]
    assert "DQ_GATE" in spoiled.stdout, spoiled.stdout[-3000:]
    return hospital, {"first run": fine.stdout, "second run": spoiled.stdout}, jobs


@pytest.mark.parametrize("kind", CANARIES.values)
def test_a_canary_is_found_in_whatever_form(kind):
    for value in CANARIES.values[kind]:
        for form in (value, value.upper(), value.lower()):
            coded = [base64.b64encode(f"{'.' * n}{form};".encode()) for n in range(3)]
            for content in (form.encode(), quote(form, safe="").encode(), *coded):
                assert kind in CANARIES.found_in(b"before " + content + b" after")


def test_nothing_is_found_in_what_resembles_a_canary():
    assert not CANARIES.found_in(b"Zyxquando 4471903 1911-11-12 lullabies 508-555-0193")


def test_every_canary_landed(ran):
    hospital, _, _ = ran
    found = in_database(CANARIES, hospital.dsn, lambda name: name.startswith("raw_"))
    assert {sentence.rpartition(": ")[2] for sentence in found} == set(CANARIES.values)


def test_every_way_to_refuse_was_taken(ran):
    hospital, _, _ = ran
    rows = hospital.rows("select distinct class from ops.quarantined_record")
    assert not ERROR_PATHS - {name for [name] in rows}


def test_something_was_published(ran):
    hospital, _, _ = ran
    assert hospital.value("select count(*) from conformed.fct_encounter") > 300
    assert hospital.value("select count(*) from conformed.fct_claim") > 0
    assert hospital.value("select count(*) from conformed.fct_payment") > 0


def test_no_canary_is_in_the_warehouse_beyond_the_identified_schemas(ran):
    hospital, _, _ = ran
    found = in_database(CANARIES, hospital.dsn, lambda name: not is_identified(name))
    assert list(found) == []


def test_no_canary_is_in_the_database_of_airflow(ran):
    hospital, _, _ = ran
    dsn = make_conninfo(hospital.dsn, dbname="airflow")
    assert list(in_database(CANARIES, dsn, lambda _: True)) == []


def test_no_canary_is_in_a_file_but_those_received(ran):
    """Logs of tasks and of dbt, its target, board packs, documents for the ERP."""
    hospital, _, jobs = ran
    data = hospital.server.data
    left = {path.name for path in hospital.home.iterdir()}
    assert {"logs", "dbt", "board_pack"} <= left
    found = [
        *in_files(CANARIES, hospital.home, without=[data]),
        *in_files(CANARIES, data.parent, without=[data]),
        *in_files(CANARIES, jobs),
    ]
    assert found == []


def test_no_canary_is_in_the_log_of_postgresql(ran):
    hospital, _, _ = ran
    log = hospital.server.data / "server.log"
    assert CANARIES.found_in(log.read_bytes()) == []


def test_no_canary_is_printed(ran):
    hospital, printed, _ = ran
    numbers = hospital.rows(
        "select min(quarantine_id)::text from ops.quarantined_record group by class"
    )
    shown = [("exceptions", "show", number) for [number] in numbers]
    texts = dict(printed)
    for command in (*COMMANDS, *shown):
        done = hospital.ledgerline(*command)
        assert done.stdout
        assert "Traceback" not in done.stdout
        texts[" ".join(command)] = done.stdout
    found = {name: CANARIES.found_in(text.encode()) for name, text in texts.items()}
    assert {name: kinds for name, kinds in found.items() if kinds} == {}


@pytest.fixture(scope="module")
def listened(ran, tmp_path_factory):
    """What the listener printed while the same messages, fine and spoiled, came in."""
    hospital, _, _ = ran
    folder = tmp_path_factory.mktemp("sent")
    canary_files.hl7(folder)
    canary_files.spoiled_hl7(folder)
    process = hospital.start("listen")
    answers = []
    try:
        port = settings.load(hospital.environment).mllp_port
        for path in sorted(folder.iterdir()):
            with suppress(ConnectionError), connected(port) as sender:
                answers.append(sender.ask(path.read_bytes()).text)
    finally:
        process.send_signal(signal.SIGTERM)
        printed, _ = process.communicate(timeout=60)
    taken = sum("MSA|AA" in answer or "MSA|CA" in answer for answer in answers)
    assert 0 < taken < len(answers)
    return printed


def connected(port):
    for _ in range(600):
        with suppress(ConnectionRefusedError):
            return Sender(port)
        time.sleep(0.1)
    raise AssertionError("the listener does not listen")


@pytest.fixture(scope="module")
def dashboards(ran):
    """Superset after pages were read and questions refused: its home's settings."""
    hospital, _, _ = ran
    if not service.is_installed():
        pytest.skip("Superset is not installed (.venv-bi)")
    here = settings.load(hospital.environment)
    service.start(here)
    try:
        import_dashboards(here, hospital.dsn)
        for browser in open_browser():
            Reader(browser, here, "executive").read("executive-overview")
            Reader(browser, here, "analyst").read("cases")
        with api(here, "analyst") as client:
            assert ask(client, "select * from raw_ehr.record").is_error
            assert ask(
                client, "select administrative_gender::int from conformed.dim_patient"
            ).is_error
            assert not ask(client, "select * from conformed.dim_patient").is_error
        yield here
    finally:
        end([service.process(here)])


def test_no_canary_is_in_what_the_listener_printed(listened):
    assert "since the start" in listened
    assert CANARIES.found_in(listened.encode()) == []
    assert CANARIES.found_in(f"{listened}PID|1||{canary_files.MRN}".encode()) == [
        "record number"
    ]


def test_no_canary_is_in_a_board_pack(ran, tmp_path):
    """Nor in its PDF, whose text is compressed: a planted name is found there."""
    hospital, _, _ = ran
    if shutil.which("pdftotext") is None:
        pytest.skip("no pdftotext (Debian: apt-get install poppler-utils)")
    packs = sorted((hospital.home / "board_pack").iterdir())
    assert {path.suffix for path in packs} == {".html", ".pdf"}
    for path in packs:
        assert CANARIES.found_in(path.read_bytes()) == []
        if path.suffix == ".pdf":
            assert in_pdf(CANARIES, path) == []
        else:
            page = path.read_text()
    planted = tmp_path / "planted.pdf"
    print_pdf(page.replace("</h1>", f" {canary_files.FAMILY}</h1>", 1), planted)
    assert CANARIES.found_in(planted.read_bytes()) == []
    assert in_pdf(CANARIES, planted) == ["family name"]


def test_no_canary_is_in_the_database_of_superset(ran, dashboards):
    hospital, _, _ = ran
    dsn = make_conninfo(hospital.dsn, dbname=service.DATABASE)
    assert list(in_database(CANARIES, dsn, lambda _: True)) == []
    with psycopg.connect(dsn) as connection:
        questions = connection.execute("select count(*) from query").fetchone()
        assert questions > (0,)
        connection.execute("update query set error_message = %s", [canary_files.NOTE])
    assert "public.query.error_message: free text" in list(
        in_database(CANARIES, dsn, lambda _: True)
    )


def test_no_canary_is_in_a_file_of_superset(dashboards, tmp_path):
    logs = [path for path in dashboards.logs.iterdir() if "superset" in path.name]
    assert logs
    for folder in (dashboards.logs, dashboards.home / "superset"):
        assert list(in_files(CANARIES, folder)) == []
    shutil.copy(logs[0], tmp_path / "superset.log")
    with (tmp_path / "superset.log").open("a") as log:
        log.write(f"error: {canary_files.MAIL}\n")
    assert list(in_files(CANARIES, tmp_path)) == ["superset.log: e-mail"]
