"""The sandbox ERP: what the set-up posts, and that it is made once and kept."""

import socket
from collections import defaultdict
from decimal import Decimal

import psycopg
import pytest

from ledgerline.connectors.tryton.client import TrytonClient
from ledgerline.connectors.tryton.extract import account_balances, on_hand
from tests.conftest import free_port
from tests.integration.tryton import small_hospital
from tests.integration.tryton.sandbox_erp import new_erp

pytestmark = pytest.mark.integration


def balances(client):
    totals = defaultdict(Decimal)
    for row in account_balances(client):
        totals[row.account_code] += row.debit - row.credit
    return totals


@pytest.fixture(scope="module")
def fresh(tmp_path_factory, postgres_server):
    made = new_erp(tmp_path_factory, postgres_server, "erp_fresh")
    yield made
    made.run("erp-down")


@pytest.fixture
def fresh_client(fresh):
    fresh.up()
    with TrytonClient(fresh.endpoint()) as connected:
        yield connected


def test_an_interrupted_set_up_is_made_anew(fresh, postgres_server):
    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        connection.execute("create database erp_fresh_setup")
        connection.execute("create database erp_fresh_new")

    assert "made" in fresh.up()

    with psycopg.connect(postgres_server.dsn(), autocommit=True) as connection:
        left = connection.execute(
            "select datname from pg_database where datname like 'erp_fresh%'"
        ).fetchall()
    assert left == [("erp_fresh",)]


def test_the_trial_balance_is_zero_and_holds_what_the_files_say(fresh_client):
    totals = balances(fresh_client)

    assert sum(totals.values()) == 0
    assert totals["10100"] == Decimal("2500000.00")
    assert totals["14100"] == Decimal(small_hospital.OPENING_INVENTORY)
    assert totals["60100"] == Decimal("205838.61")
    assert totals["21100"] == -Decimal("224130.68")
    assert totals["21200"] == -Decimal("12401.38")


def test_expenses_carry_their_cost_center(fresh_client):
    totals = defaultdict(Decimal)
    for row in fresh_client.read(
        "analytic_account.line",
        [["account.root.code", "=", "CC"]],
        ["account.code", "debit", "credit"],
    ):
        totals[row["account"]["code"]] += row["debit"] - row["credit"]

    assert totals == {
        "MVH-6010": Decimal("174130.67"),
        "LGH-6030": Decimal("50000.01"),
        "MVH-7010": Decimal("12401.38"),
    }


def test_stores_hold_the_opening_stock_by_lot(fresh_client):
    held = {
        (row.location_code, row.item_code, row.lot_number): row.quantity
        for row in on_hand(fresh_client)
        if row.location_code.endswith("-STO")
    }

    assert held == {row[:3]: Decimal(row[3]) for row in small_hospital.OPENING_STOCK}


def test_orders_are_received_as_far_as_they_came(fresh_client):
    orders = fresh_client.read(
        "purchase.purchase", [], ["reference", "shipment_state", "party.code"]
    )
    assert {
        row["reference"]: (row["party"]["code"], row["shipment_state"])
        for row in orders
    } == {
        "PO-1": ("SUP001", "partially shipped"),
        "PO-2": ("SUP002", "received"),
        "PO-3": ("SUP001", "waiting"),
    }
    moves = fresh_client.read(
        "stock.move",
        [["from_location.code", "=", "SUP"]],
        ["product.code", "lot.number", "quantity", "state", "effective_date"],
    )
    received = [row for row in moves if row["state"] == "done"]
    assert {
        (row["product"]["code"], str(row["effective_date"])): row["quantity"]
        for row in received
    } == {
        ("ITM00001", "2025-12-09"): 400,
        ("ITM00003", "2025-12-09"): 2,
        ("ITM00002", "2025-12-12"): 7,
    }
    awaited = [row["quantity"] for row in moves if row["state"] == "draft"]
    assert sorted(awaited) == [60, 100]


def test_the_integration_user_cannot_change_masters(fresh_client):
    with pytest.raises(Exception, match="not allowed to access"):
        fresh_client.create("account.account", {"name": "Mine"}, ["id"])


def test_a_second_set_up_keeps_the_running_server_and_its_key(fresh):
    fresh.up()
    pid, key = fresh.pid, fresh.endpoint().password

    assert "kept" in fresh.up()

    assert (fresh.pid, fresh.endpoint().password) == (pid, key)


def test_a_restart_finds_the_erp_set_up(fresh):
    fresh.up()
    key = fresh.endpoint().password
    assert "stopped" in fresh.run("erp-down").stdout
    (fresh.folder / "connection.json").unlink()

    assert "kept" in fresh.up()

    assert fresh.endpoint().password == key
    with TrytonClient(fresh.endpoint()) as connected:
        assert connected.company


def test_other_inputs_do_not_destroy_what_was_posted(fresh):
    fresh.up()
    path = fresh.folder / "payroll.csv"
    written = path.read_text()
    path.write_text(written.replace("78000.00", "78001.00"))
    try:
        done = fresh.run("erp-up")
    finally:
        path.write_text(written)

    assert done.returncode == 1
    assert "--rebuild" in done.stderr
    assert "kept" in fresh.up()


def test_a_missing_file_is_named(tmp_path_factory, postgres_server):
    made = new_erp(tmp_path_factory, postgres_server, "erp_unmade")
    (made.folder / "lots.csv").unlink()

    done = made.run("erp-up")

    assert done.returncode == 1
    assert "lots.csv" in done.stderr


def test_a_taken_port_is_named_and_nothing_is_left_running(fresh):
    fresh.run("erp-down")
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        done = fresh.run("erp-up", port=port)

    assert done.returncode == 1
    assert f"port {port} is taken" in done.stderr
    assert not (fresh.folder / "trytond.pid").exists()


def test_no_database_server_is_one_sentence(fresh):
    fresh.run("erp-down")
    lost = type(fresh)(
        home=fresh.home,
        port=fresh.port,
        database_url=f"postgresql://nobody:x@127.0.0.1:{free_port()}/erp",
    )

    done = lost.run("erp-up")

    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "onnection refused" in done.stderr
