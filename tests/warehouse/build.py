"""Generate the sandbox hospital, land it, and build the warehouse with dbt."""

import secrets
import subprocess
import sys

import psycopg

from ledgerline.canonical.endpoint import Endpoint
from ledgerline.connectors import hl7_folder
from ledgerline.crosswalk.load import load_reference
from ledgerline.events.fold import fold_visits
from ledgerline.landing.land import land, land_billing, land_ehr
from ledgerline.store.roles import set_passwords
from sandbox.generation import generate
from tests.dbt_manifest import PROJECT, dbt_environment, prime
from tests.warehouse.erp_files import land_erp_files

SEED = 7
BUILD = ("build", "--exclude-resource-type", "unit_test")


def land_sandbox(dsn, home):
    """Generate the sandbox hospital and land all that it says."""
    generate(home, SEED)
    sandbox = home / "sandbox"
    land_ehr(dsn, folder("ehr_fhir", sandbox / "ehr"))
    land(dsn, hl7_folder.source(folder("ehr_hl7v2", sandbox / "hl7")))
    fold_visits(dsn)
    land_billing(dsn, folder("billing_x12", sandbox / "billing"))
    load_reference(dsn, sandbox / "reference")
    land_erp_files(dsn, sandbox)


def folder(conn_id, path):
    return Endpoint(conn_id=conn_id, conn_type="fs", extra={"path": str(path)})


def build_facts(dsn, target, names):
    """Build some models and what they are made of, as the build role."""
    password = secrets.token_urlsafe(12)
    set_passwords(dsn, {"build": password})
    assert_dbt(dsn, target, password, "seed")
    selected = [f"+{name}" for name in names]
    assert_dbt(dsn, target, password, "run", "--select", *selected)


def assert_dbt(dsn, target, password, *arguments, threads=1):
    """Run dbt as the build role and show what failed."""
    told = (*arguments, "--quiet")
    process = started_dbt(dsn, target, password, *told, threads=threads)
    output, _ = process.communicate()
    assert process.returncode == 0, output[-4000:]


def started_dbt(dsn, target, password, command, *arguments, threads=1):
    """The process of dbt as the build role; its output is piped.

    One thread: beside another worker more of them only wait for each other. Whoever
    reads the manifest or the results asks for them: to write them takes seconds.
    """
    known = psycopg.conninfo.conninfo_to_dict(dsn)
    place = {key: known[key] for key in ("host", "port", "dbname")}
    prime(target, **place)
    call = [
        *(sys.executable, "-m", "dbt.cli.main", command, "--no-write-json"),
        *(*arguments, "--threads", str(threads)),
        *("--project-dir", str(PROJECT), "--profiles-dir", str(PROJECT)),
        *("--target-path", str(target), "--log-path", str(target)),
        *("--log-level-file", "none"),
    ]
    return subprocess.Popen(
        call,
        env=dbt_environment(**place, password=password),
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
