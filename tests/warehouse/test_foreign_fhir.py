"""A foreign EHR export with claims and explanations of benefit keeps what it says."""

import gzip
import json
import os
from collections import Counter
from decimal import Decimal
from pathlib import Path

import psycopg
import pytest

from ledgerline.landing.land import land_ehr
from tests.warehouse.build import build_facts, folder

EXPORT = Path(os.environ.get("LEDGERLINE_TEST_DATA", "no such folder"))
EXPORT /= "fhir_synthea_ma120"
TYPES = [path.name.split(".")[0] for path in sorted(EXPORT.glob("*.ndjson.gz"))]
CONFORMED = ("fct_encounter", "fct_charge", "fct_claim", "fct_payment")
AMOUNTS = {
    "Claim": {
        "total": ("$.total.value", ["total"]),
        "items": ("$.item[*].net.value", ["item", "net"]),
    },
    "ExplanationOfBenefit": {
        "total": ("$.total[*].amount.value", ["total", "amount"]),
        "items": ("$.item[*].net.value", ["item", "net"]),
        "adjudicated": (
            "$.item[*].adjudication[*].amount.value",
            ["item", "adjudication", "amount"],
        ),
        "paid": ("$.payment.amount.value", ["payment", "amount"]),
    },
}
"""By type and measure: where the amounts stand, for SQL and for Python."""

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        not TYPES, reason="LEDGERLINE_TEST_DATA names no folder with fhir_synthea_ma120"
    ),
]


def amounts_at(value, steps):
    """Yield every amount of a resource below some members, through arrays."""
    if isinstance(value, list):
        for each in value:
            yield from amounts_at(each, steps)
    elif isinstance(value, dict) and steps:
        yield from amounts_at(value.get(steps[0]), steps[1:])
    elif isinstance(value, dict):
        yield value["value"]


def said(resource_type):
    """Count a file's resources and add its amounts up, line by line."""
    totals = Counter()
    with gzip.open(EXPORT / f"{resource_type}.ndjson.gz", "rt", "utf-8") as lines:
        for line in lines:
            resource = json.loads(line, parse_float=Decimal, parse_int=Decimal)
            totals["resources"] += 1
            for measure, (_, steps) in AMOUNTS.get(resource_type, {}).items():
                totals[measure] += sum(amounts_at(resource, steps))
    return totals


@pytest.fixture(scope="module")
def foreign(warehouse_dsn, tmp_path_factory):
    """Land the export, build the facts, and return a connection."""
    land_ehr(warehouse_dsn, folder("ehr_fhir", EXPORT))
    build_facts(warehouse_dsn, tmp_path_factory.mktemp("dbt"), CONFORMED)
    with psycopg.connect(warehouse_dsn) as connection:
        yield connection


def value(connection, query, *parameters):
    [[found]] = connection.execute(query, parameters).fetchall()
    return found


@pytest.mark.parametrize("resource_type", TYPES)
def test_every_resource_and_amount_lands_or_is_refused(resource_type, foreign):
    expected = said(resource_type)
    landed = Counter(
        resources=value(
            foreign,
            "select count(*) from raw_ehr.current_record where resource_type = %s",
            resource_type,
        )
    )
    refused = value(
        foreign,
        "select count(*) from ops.quarantined_record "
        "where resource_type = %s and stage <> 'lineage'",
        resource_type,
    )
    for measure, (place, _) in AMOUNTS.get(resource_type, {}).items():
        landed[measure] = value(
            foreign,
            "select coalesce(sum((found #>> '{}')::numeric), 0) "
            "from raw_ehr.current_record, "
            "jsonb_path_query(body, %s::jsonpath) as found where resource_type = %s",
            place,
            resource_type,
        )
    print(f"\n{resource_type}: {dict(expected)}, {refused} refused")
    assert refused == 0
    assert landed == expected


def test_every_encounter_is_conformed(foreign):
    found = value(foreign, "select count(*) from candidate_conformed.fct_encounter")
    assert found == said("Encounter")["resources"]


def test_no_amount_of_the_ehr_passes_for_billing(foreign):
    """Claims and payments come by X12, where they balance; nothing counts twice."""
    for fact in ("fct_charge", "fct_claim", "fct_payment"):
        rows = value(foreign, f"select count(*) from candidate_conformed.{fact}")
        assert rows == 0, fact
