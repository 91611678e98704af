"""Verdicts and publications are written once, and only in step with each other."""

import psycopg
import pytest

from tests.integration.publication.candidates import FEES

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("table", ["check_result", "gate_decision", "publication"])
@pytest.mark.parametrize("change", ["update ops.{} set {}", "delete from ops.{}"])
def test_verdicts_and_publications_cannot_be_edited(warehouse, table, change):
    warehouse.build(FEES)
    warehouse.publish()
    columns = {
        "check_result": "status = 'pass'",
        "gate_decision": "verdict = 'PASS'",
        "publication": "verdict = 'PASS'",
    }
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        warehouse.execute(change.format(table, columns[table]))
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        warehouse.execute(f"truncate ops.{table} cascade")


def test_a_publication_cannot_be_invented(warehouse):
    warehouse.build(FEES)
    warehouse.pass_gate(failed={"gx/conformed.fct_fee/key_unique"})
    invented = (
        "insert into ops.publication (decision_id, data_hash, suite_hash, verdict, "
        "code_version) select decision_id, data_hash, suite_hash, 'PASS', 'x' "
        "from ops.gate_decision"
    )
    with pytest.raises(psycopg.errors.CheckViolation):
        warehouse.execute(invented)


def test_a_decision_is_published_once(warehouse):
    warehouse.build(FEES)
    warehouse.publish()
    again = (
        "insert into ops.publication (decision_id, data_hash, suite_hash, verdict, "
        "code_version) select decision_id, data_hash, suite_hash, verdict, 'x' "
        "from ops.gate_decision"
    )
    with pytest.raises(psycopg.errors.UniqueViolation):
        warehouse.execute(again)
