"""A replacement or reversal that lands before what it refers to finds it later."""

import json
import secrets

import psycopg
import pytest

from ledgerline.lineage.wait import note_waiting
from ledgerline.store.roles import set_passwords
from tests.warehouse.build import assert_dbt

pytestmark = pytest.mark.integration

MODELS = (
    *("build", "--exclude-resource-type", "unit_test", "test"),
    *("--select", "+fct_claim", "+fct_claim_submission", "+fct_payment"),
)
CLAIM = {"transaction": "837I", "billing_npi": "1", "claim_id": "1|A"}
ORIGINAL = CLAIM | {
    "frequency_code": "1",
    "submission_date": "20260105",
    "charge_amount": "400",
    "lines": [{"line_number": "1", "charge_amount": "400"}],
}
REPLACEMENT = CLAIM | {
    "frequency_code": "7",
    "submission_date": "20260301",
    "charge_amount": "380",
    "lines": [{"line_number": "1", "charge_amount": "380"}],
}
PAYMENT = {"claim_id": "1|A", "payee_npi": "1", "transaction_id": "t"}
PAID = PAYMENT | {
    "status_code": "1",
    "payment_date": "20260120",
    "charge_amount": "400",
    "paid_amount": "300",
    "adjustments": [{"group_code": "CO", "reason_code": "45", "amount": "100"}],
}
TAKEN_BACK = PAYMENT | {
    "status_code": "22",
    "payment_date": "20260320",
    "charge_amount": "-400",
    "paid_amount": "-300",
    "adjustments": [{"group_code": "CO", "reason_code": "45", "amount": "-100"}],
}
CORRECTED = PAYMENT | {
    "status_code": "1",
    "payment_date": "20260320",
    "charge_amount": "380",
    "paid_amount": "260",
    "adjustments": [{"group_code": "CO", "reason_code": "45", "amount": "120"}],
}


class Warehouse:
    """A warehouse into which records land one by one."""

    def __init__(self, dsn, folder):
        self.dsn = dsn
        self.folder = folder
        self.password = secrets.token_urlsafe(12)

    def land(self, kind, bodies):
        with psycopg.connect(self.dsn, autocommit=True) as connection:
            batch, file = connection.execute(
                "with batch as (insert into ops.landing_batch (source, status) "
                "values ('billing_x12', 'complete') returning batch_id) "
                "insert into raw_billing.file (batch_id, name, content_sha256, "
                "size_bytes, format) select batch_id, 'x', '', 1, 'x12' from batch "
                "returning batch_id, file_id"
            ).fetchone()
            for name, body in bodies.items():
                connection.execute(
                    "insert into raw_billing.record (file_id, batch_id, "
                    "resource_type, resource_id, content_sha256, byte_offset, "
                    "byte_length, body) values (%s, %s, %s, %s, ''::bytea, %s, 1, %s)",
                    [file, batch, kind, name, len(name), json.dumps(body)],
                )

    def build(self):
        """Build the claims; return the claim, submissions by state, exceptions."""
        set_passwords(self.dsn, {"build": self.password})
        assert_dbt(self.dsn, self.folder, self.password, *MODELS)
        report = note_waiting(self.dsn)
        with psycopg.connect(self.dsn) as connection:
            claim = connection.execute(
                "select life_cycle_state, gross_charge_amount, contractual_amount, "
                "paid_amount, open_amount from candidate_conformed.fct_claim"
            ).fetchone()
            states = connection.execute(
                "select claim_submission_id, submission_state "
                "from candidate_conformed.fct_claim_submission"
            ).fetchall()
        return (*map(str, claim),), dict(states), (report.waiting, report.settled)


@pytest.fixture
def warehouse(warehouse_dsn, tmp_path):
    return Warehouse(warehouse_dsn, tmp_path)


def test_what_came_too_early_waits_and_settles_by_itself(warehouse):
    warehouse.land("837.claim", {"k|A|7": REPLACEMENT})
    warehouse.land("835.claim", {"t3|2": CORRECTED, "t3|1": TAKEN_BACK})
    claim, states, exceptions = warehouse.build()
    assert states == {"k|A|7": "waits_for_prior"}
    assert claim[1] == "0.00"
    assert claim[3] == "-40.00"
    assert exceptions == (2, 0)
    warehouse.land("837.claim", {"k|A|1": ORIGINAL})
    warehouse.land("835.claim", {"t1|1": PAID})
    claim, states, exceptions = warehouse.build()
    assert states == {"k|A|1": "replaced", "k|A|7": "in_force"}
    assert claim == ("corrected", "380.00", "120.00", "260.00", "0.00")
    assert exceptions == (0, 2)
