"""A claim whose lines do not add up to its total keeps both, and the difference."""

import secrets
from decimal import Decimal

import psycopg
import pytest

from ledgerline.store.roles import set_passwords
from tests.models.test_claims_in_force import answer, put, submission
from tests.warehouse.build import assert_dbt

pytestmark = pytest.mark.integration
KEPT = "claim_totals_are_kept_from_raw_to_conformed"


def off(account, step, frequency, amount, total):
    return submission(account, step, frequency, amount) | {"charge_amount": str(total)}


def line_answer(account, step, amount, category):
    body = answer(account, step, amount, category)
    return body | {"statuses": [], "lines": [{"statuses": body["statuses"]}]}


RECORDS = [
    ("837.claim", submission("RIGHT", 1, "1", 100)),
    ("837.claim", off("OVER", 1, "1", 70, 80)),
    ("837.claim", off("UNDER", 1, "1", 70, "69.99")),
    ("837.claim", off("MENDED", 1, "1", 50, 40)),
    ("837.claim", submission("MENDED", 2, "7", 50)),
    ("837.claim", off("VOIDED", 1, "1", 30, 20)),
    ("837.claim", submission("VOIDED", 2, "8", 30)),
    ("837.claim", off("PARTS", 1, "2", 10, 11)),
    ("837.claim", off("PARTS", 2, "5", 5, 3)),
    ("837.claim", submission("LINES", 1, "1", 60)),
    ("277CA.claim", line_answer("LINES", 2, 60, "A7")),
]
EXPECTED = {
    "RIGHT": (100, 100, 0),
    "OVER": (80, 70, 10),
    "UNDER": ("69.99", 70, "-0.01"),
    "MENDED": (50, 50, 0),
    "VOIDED": (0, 0, 0),
    "PARTS": (14, 15, -1),
    "LINES": (0, 0, 0),
}
"""Of the submissions in force: total, lines, and what no line charges."""


@pytest.fixture(scope="module")
def connection(warehouse_dsn, tmp_path_factory):
    target, password = tmp_path_factory.mktemp("dbt"), secrets.token_urlsafe(12)
    with psycopg.connect(warehouse_dsn, autocommit=True) as opened:
        put(opened, RECORDS)
        set_passwords(warehouse_dsn, {"build": password})
        assert_dbt(warehouse_dsn, target, password, "seed")
        models = ("+fct_claim", "+fct_claim_submission")
        assert_dbt(warehouse_dsn, target, password, "run", "--select", *models)
        assert_dbt(warehouse_dsn, target, password, "test", "--select", KEPT)
        yield opened


def test_the_lines_are_the_gross_charge_and_the_rest_of_the_total_is_stated(connection):
    found = connection.execute(
        "select split_part(claim_id, '|', 2), submitted_charge_amount, "
        "gross_charge_amount, unlined_charge_amount from candidate_conformed.fct_claim"
    ).fetchall()
    assert {account: tuple(amounts) for account, *amounts in found} == {
        account: tuple(map(Decimal, amounts)) for account, amounts in EXPECTED.items()
    }


def test_every_total_that_was_submitted_is_charged_or_stated(connection):
    stated = sum(
        Decimal(body["charge_amount"]) for kind, body in RECORDS if kind == "837.claim"
    )
    [(found, off_lines)] = connection.execute(
        "select sum(gross_charge_amount + unlined_charge_amount), "
        "sum(abs(unlined_charge_amount)) from candidate_conformed.fct_claim_submission"
    ).fetchall()
    assert found == stated
    assert off_lines == Decimal("33.01")


def test_lines_that_are_rejected_reject_their_claim(connection):
    [(state,)] = connection.execute(
        "select life_cycle_state from candidate_conformed.fct_claim "
        "where claim_id = '1|LINES'"
    ).fetchall()
    assert state == "rejected"
