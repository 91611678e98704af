"""What counts of a claim billed, replaced and replaced again, rejected or voided."""

import json
import random
import secrets
from decimal import Decimal
from itertools import permutations

import psycopg
import pytest

from ledgerline.connectors import hl7_folder
from ledgerline.landing.land import land
from ledgerline.store.roles import set_passwords
from tests.models.test_posted_charges import message
from tests.warehouse.build import assert_dbt, folder

pytestmark = pytest.mark.integration
FACILITY = "MVH"
SEED = 20_260_401
CHAINS = {
    "bill": ([("1", 400), ("7", 380), ("7", 370), ("7", 360)], 360),
    "late": ([("1", 400), ("5", 30), ("7", 25), ("7", 24), ("7", 23)], 423),
}
"""What is sent in business order, and what counts in the end."""
NAMED = ("replaced", "latest")
"""REF*F8 names the bill that all of them replace, or the replacement before."""
ARRIVALS = 24
POSTED = {"REJECTED": 50, "VOIDED": 20, "BILLED": 70, "UNSENT": 9}


SPELLED_BY_EHR = {"0012345": 31, "777": 32, "0888": 33, "888": 34}
SPELLED_ON_CLAIMS = {"12345": 31, "00777": 32, "888": 34}
"""Two accounts spelled otherwise by the EHR, and one that it knows by this number."""
ZEROS = "no_claim_differs_from_an_account_by_leading_zeros_only"


def submission(account, step, frequency, amount, reference=""):
    return {
        "transaction": "837I",
        "billing_npi": "1",
        "account_number": account,
        "claim_id": f"1|{account}",
        "frequency_code": frequency,
        "original_reference": reference,
        "submission_date": f"202604{step:02}",
        "statement_from": "20260301",
        "statement_through": "20260301",
        "charge_amount": str(amount),
        "lines": [
            {
                "line_number": "1",
                "revenue_code": "0450",
                "charge_amount": str(amount),
                "service_quantity": "1",
                "service_date": "20260301",
            }
        ],
    }


def answer(account, step, amount, category, number=""):
    return {
        "claim_id": f"1|{account}",
        "payer_claim_control_number": number,
        "charge_amount": str(amount),
        "statuses": [{"category_code": category, "effective_date": f"202604{step:02}"}],
    }


def chain(account, sent, named):
    """The submissions and the answers of a claim, in business order."""
    replaced = max(place for place, (code, _) in enumerate(sent) if code != "7")
    for place, (frequency, amount) in enumerate(sent):
        step = 2 * place + 1
        known = replaced if named == "replaced" else place - 1
        reference = f"{account}N{known}" if frequency == "7" else ""
        yield "837.claim", submission(account, step, frequency, amount, reference)
        number = f"{account}N{place}"
        yield "277CA.claim", answer(account, step, amount, "A2", number)


def examples():
    """Account, what arrives in which order, and what counts."""
    chance = random.Random(SEED)
    for kind, (sent, expected) in CHAINS.items():
        orders = list(permutations(range(len(sent))))
        for named in NAMED:
            for number, order in enumerate(chance.sample(orders, ARRIVALS)):
                account = f"{kind}{named}{number}".upper()
                told = list(chain(account, sent, named))
                pairs = [told[2 * place : 2 * place + 2] for place in order]
                yield account, [each for pair in pairs for each in pair], expected


EXAMPLES = list(examples())


def unbilled():
    yield "837.claim", submission("REJECTED", 1, "1", 50)
    yield "277CA.claim", answer("REJECTED", 2, 50, "A7")
    yield "837.claim", submission("VOIDED", 1, "1", 20)
    yield "837.claim", submission("VOIDED", 2, "8", 20)
    yield "837.claim", submission("BILLED", 1, "1", 70)
    for account, amount in SPELLED_ON_CLAIMS.items():
        yield "837.claim", submission(account, 1, "1", amount)


def put(connection, records):
    batch, file = connection.execute(
        "with batch as (insert into ops.landing_batch (source, status) "
        "values ('billing_x12', 'complete') returning batch_id) "
        "insert into raw_billing.file (batch_id, name, content_sha256, "
        "size_bytes, format) select batch_id, 'x', '', 1, 'x12' from batch "
        "returning batch_id, file_id"
    ).fetchone()
    connection.cursor().executemany(
        "insert into raw_billing.record (file_id, batch_id, resource_type, "
        "resource_id, content_sha256, byte_offset, byte_length, body) "
        "values (%s, %s, %s, %s, ''::bytea, %s, 1, %s)",
        [
            [file, batch, kind, f"k{place}|1", place, json.dumps(body)]
            for place, (kind, body) in enumerate(records)
        ],
    )


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("claims")


@pytest.fixture(scope="module")
def connection(warehouse_dsn, home):
    """The warehouse, built."""
    (home / "feed").mkdir()
    sent = [
        message(FACILITY, account, 1, "CG", amount)
        for account, amount in (POSTED | SPELLED_BY_EHR).items()
    ]
    (home / "feed" / "dft.hl7").write_bytes(b"".join(sent))
    land(warehouse_dsn, hl7_folder.source(folder("hl7", home / "feed")))
    password = secrets.token_urlsafe(12)
    with psycopg.connect(warehouse_dsn, autocommit=True) as opened:
        for system, code in (("ehr", FACILITY), ("billing", "1")):
            opened.execute(
                "insert into reference.crosswalk (code_set, source_system, "
                "facility_code, native_code, canonical_code, valid_from, "
                "approved_by, approved_at) values "
                "('facility', %s, '*', %s, %s, '2020-01-01', 'test', now())",
                [system, code, FACILITY],
            )
        told = [each for _, records, _ in EXAMPLES for each in records]
        put(opened, told + list(unbilled()))
        set_passwords(warehouse_dsn, {"build": password})
        select = ("run", "--select", "+int_charge__matched")
        assert_dbt(warehouse_dsn, home / "dbt", password, *select)
        select = ("test", "--write-json", "--select", ZEROS)
        assert_dbt(warehouse_dsn, home / "dbt", password, *select)
        yield opened


def counted(connection):
    return dict(
        connection.execute(
            "select split_part(account_id, '|', 2), sum(charge_amount) "
            "from intermediate.int_charge__matched where charge_source = '837' "
            "group by 1"
        ).fetchall()
    )


@pytest.mark.parametrize("kind", CHAINS)
@pytest.mark.parametrize("named", NAMED)
def test_only_the_last_replacement_counts_in_any_order_of_arrival(
    connection, kind, named
):
    start = f"{kind}{named}".upper()
    expected = {
        account: Decimal(amount)
        for account, _, amount in EXAMPLES
        if account.startswith(start)
    }
    found = counted(connection)
    assert len(expected) == ARRIVALS
    assert {account: found.get(account) for account in expected} == expected


def test_what_was_posted_counts_once_whatever_became_of_its_claim(connection):
    found = connection.execute(
        "select split_part(account_id, '|', 2), charge_source, charge_amount "
        "from intermediate.int_charge__matched "
        "where split_part(account_id, '|', 2) = any(%s)",
        [list(POSTED)],
    ).fetchall()
    assert sorted(found) == sorted(
        (account, "837" if account == "BILLED" else "dft", Decimal(amount))
        for account, amount in POSTED.items()
    )


def test_accounts_that_differ_by_leading_zeros_only_stay_apart_and_are_told(
    connection, home
):
    found = connection.execute(
        "select split_part(account_id, '|', 2), charge_source "
        "from intermediate.int_charge__matched "
        "where ltrim(split_part(account_id, '|', 2), '0') = any(%s)",
        [["12345", "777", "888"]],
    ).fetchall()
    assert sorted(found) == [
        ("0012345", "dft"),
        ("00777", "837"),
        ("0888", "dft"),
        ("12345", "837"),
        ("777", "dft"),
        ("888", "837"),
    ]
    results = json.loads((home / "dbt" / "run_results.json").read_text())["results"]
    assert [(each["status"], each["failures"]) for each in results] == [("warn", 2)]
