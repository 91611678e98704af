"""A warehouse per module, emptied and with fresh candidates per test."""

import psycopg
import pytest

from tests.integration.quality.network import CANDIDATES, Network

_AFRESH = """
begin;
set local session_replication_role = replica;
drop table if exists
    candidate_conformed.fct_encounter, candidate_conformed.fct_charge,
    candidate_conformed.fct_claim, candidate_conformed.fct_claim_submission,
    candidate_conformed.fct_payment,
    candidate_conformed.fct_provider_adjustment;
delete from raw_ehr.record; delete from raw_billing.record; delete from raw_ehr.file;
delete from raw_billing.file; delete from ops.quarantined_record;
delete from ops.landing_batch; delete from ops.gate_decision;
delete from ops.check_result; delete from ops.check_pass;
delete from reference.crosswalk;
delete from ops.request_use; delete from ops.request_subject; delete from ops.request;
commit;
"""


@pytest.fixture
def network(warehouse_dsn, tmp_path):
    with psycopg.connect(warehouse_dsn, autocommit=True) as connection:
        made = Network(warehouse_dsn, tmp_path, connection)
        made.execute(_AFRESH)
        made.execute(CANDIDATES)
        yield made
