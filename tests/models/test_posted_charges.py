"""What the EHR posts of a charge comes to one amount, whatever the order of arrival."""

import random
import secrets
from decimal import Decimal

import psycopg
import pytest

from ledgerline.connectors import hl7_folder
from ledgerline.landing.land import land
from ledgerline.store.roles import set_passwords
from tests.warehouse.build import assert_dbt, folder

pytestmark = pytest.mark.integration
SEED = 20_260_314
EXAMPLES = 3_000
MOST_POSTINGS = 6
FACILITIES = ("MVH", "LGH")
"""The same postings arrive in order at one, shuffled at the other, some twice."""


def postings(chance):
    """Charges and credits of one charge, in business order."""
    said = [("CG", 50), ("CG", 60), ("CG", 50), ("CD", 50), ("CD", 20), ("CD", 30)]
    said += [("CG", 0), ("CG", -10), ("CR", 10)]
    return chance.choices(said, k=chance.randint(1, MOST_POSTINGS))


def net(said):
    """What is left: the last charge, less the distinct credits since it was stated."""
    standing, taken, since = 0, set(), set()
    stated = None
    for kind, amount in said:
        if kind in {"CD", "CR"} or amount < 0:
            since.add(abs(amount))
            taken.add(abs(amount))
            continue
        if stated != amount or standing - sum(since) <= 0:
            standing, stated, taken = amount, amount, set()
        since = set()
    return standing - sum(taken)


def test_the_oracle_says_what_the_words_say():
    assert net([("CG", 50), ("CG", 60), ("CG", 50)]) == 50
    assert net([("CG", 9), ("CD", 2), ("CG", 9)]) == 7
    assert net([("CG", 7), ("CD", 3), ("CD", 4), ("CG", 7)]) == 7
    assert net([("CD", 4)]) == -4


def message(facility, account, day, kind, amount, again=""):
    at = f"202603{day:02}120000-0500"
    return (
        f"MSH|^~\\&|BILL|{facility}|LEDGER|NET|{at}||DFT^P03|{account}.{day}{again}|P|2.5.1\r"
        f"EVN|P03|{at}\r"
        f"PID|1||1001^^^{facility}^MR|||||||||||||||{account}\r"
        f"FT1|1|C1||20260301|20260301|{kind}|0450^^NUBC|||1|{amount}\r"
    ).encode()


@pytest.fixture(scope="module")
def examples():
    chance = random.Random(SEED)
    print(f"seed {SEED}, {EXAMPLES} examples")
    return {f"A{number}": postings(chance) for number in range(EXAMPLES)}


@pytest.fixture(scope="module")
def posted(warehouse_dsn, tmp_path_factory, examples):
    """The net amounts of all accounts, by facility and account number."""
    chance = random.Random(SEED + 1)
    home = tmp_path_factory.mktemp("posted")
    (home / "feed").mkdir()
    for facility in FACILITIES:
        sent = [
            message(facility, account, day, *said, again)
            for account, told in examples.items()
            for day, said in enumerate(told, 1)
            for again in ("", "again")[: chance.randint(1, 2)]
        ]
        if facility != FACILITIES[0]:
            chance.shuffle(sent)
        path = home / "feed" / f"{facility}.hl7"
        path.write_bytes(b"".join(sent + chance.choices(sent, k=100)))
    report = land(warehouse_dsn, hl7_folder.source(folder("hl7", home / "feed")))
    assert report.quarantined == 0
    password = secrets.token_urlsafe(12)
    with psycopg.connect(warehouse_dsn) as connection:
        for facility in FACILITIES:
            connection.execute(
                "insert into reference.crosswalk (code_set, source_system, "
                "facility_code, native_code, canonical_code, valid_from, "
                "approved_by, approved_at) values "
                "('facility', 'ehr', '*', %s, %s, '2020-01-01', 'test', now())",
                [facility, facility],
            )
    set_passwords(warehouse_dsn, {"build": password})
    select = ("run", "--select", "+int_charge_transaction__netted")
    assert_dbt(warehouse_dsn, home / "dbt", password, *select)
    with psycopg.connect(warehouse_dsn) as connection:
        return dict(
            connection.execute(
                "select account_id, charge_amount "
                "from intermediate.int_charge_transaction__netted"
            ).fetchall()
        )


@pytest.mark.parametrize("facility", FACILITIES)
def test_any_order_of_arrival_and_any_repetition_comes_to_one_amount(
    posted, examples, facility
):
    expected = {
        f"{facility}|{account}": net(said) for account, said in examples.items()
    }
    found = {key: posted.get(key, Decimal(0)) for key in expected}
    assert found == expected
