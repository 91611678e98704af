"""What changes in the ERP lands once, and what is gone there is gone here."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ledgerline.canonical.errors import (
    AuthenticationFailed,
    ConfigurationInvalid,
    SourceUnavailable,
)
from ledgerline.connectors import erp
from ledgerline.connectors.tryton import client as client_module
from ledgerline.landing.land import land
from tests.conftest import free_port
from tests.integration.erp.stub_tryton import Ref, endpoint

pytestmark = pytest.mark.integration
ROOT = Path(__file__).parents[3]
PROCESS = Path(__file__).with_name("landing_process.py")
HTML = "text/html; charset=utf-8"
ALWAYS = {"compare_after_hours": 0}


@pytest.fixture
def raw(connection):
    """An empty zone of the ERP, and a connection to look into it."""
    connection.execute(
        "truncate raw_erp.record, raw_erp.sighting, raw_erp.vanishing, "
        "raw_erp.version, raw_erp.file_chunk, raw_erp.file, ops.source_state cascade"
    )
    yield connection
    query = "select * from ops.landing_balance where difference_count <> 0"
    assert connection.execute(query).fetchall() == []


def extract(dsn, tryton, **extra):
    return land(dsn, erp.source(tryton.endpoint(**extra)))


def numbers(report):
    return (report.received, report.landed, report.quarantined, report.duplicate)


def shown(raw, resource_type, member="name"):
    return dict(
        raw.execute(
            "select resource_id, body ->> %s from raw_erp.current_record "
            "where resource_type = %s",
            [member, resource_type],
        ).fetchall()
    )


def versions(raw, resource_type):
    query = "select count(*) from raw_erp.record where resource_type = %s"
    return raw.execute(query, [resource_type]).fetchone()[0]


def category(tryton, number, name):
    tryton.put("product.category", number, code=f"C{number}", name=name)


def test_only_what_changed_lands_again(tryton, raw, warehouse_dsn):
    for number in (1, 2, 3):
        category(tryton, number, f"Category {number}")
    assert numbers(extract(warehouse_dsn, tryton)) == (3, 3, 0, 0)
    category(tryton, 2, "Implants")
    assert numbers(extract(warehouse_dsn, tryton)) == (3, 1, 0, 2)
    assert shown(raw, "product.category")["2"] == "Implants"


def test_a_name_that_is_given_back_is_shown_again(tryton, raw, warehouse_dsn):
    for name in ("Stent", "Stent, coated", "Stent"):
        category(tryton, 1, name)
        extract(warehouse_dsn, tryton)
        assert shown(raw, "product.category") == {"1": name}


def test_what_an_item_is_made_of_arrives_as_three_streams(tryton, raw, warehouse_dsn):
    tryton.put("product.template", 1, name="Stent", code="ITM1", active=True)
    tryton.put("product.product", 5, code="ITM1", template=Ref("product.template", 1))
    tryton.put("product.cost_price", 9, product=Ref("product.product", 5))
    extract(warehouse_dsn, tryton)
    tryton.put("product.cost_price", 9, cost_price=None)
    report = extract(warehouse_dsn, tryton)
    assert report.by_type == {"product.cost_price": 1}


def test_an_item_that_is_no_longer_active_is_still_there(tryton, raw, warehouse_dsn):
    tryton.put("product.template", 1, name="Stent", active=True)
    extract(warehouse_dsn, tryton)
    tryton.put("product.template", 1, active=False)
    extract(warehouse_dsn, tryton, **ALWAYS)
    assert shown(raw, "product.template", "active") == {"1": "false"}


def test_what_was_deleted_is_gone_and_what_comes_back_is_there(
    tryton, raw, warehouse_dsn
):
    for number in (1, 2):
        category(tryton, number, f"Category {number}")
    extract(warehouse_dsn, tryton)
    kept = dict(tryton.tables["product.category"][1])
    tryton.remove("product.category", 1)
    extract(warehouse_dsn, tryton, compare_after_hours=1000)
    assert set(shown(raw, "product.category")) == {"1", "2"}
    report = extract(warehouse_dsn, tryton, **ALWAYS)
    assert report.by_type == {"product.category deleted": 1}
    assert set(shown(raw, "product.category")) == {"2"}
    assert extract(warehouse_dsn, tryton, **ALWAYS).landed == 0
    tryton.tables["product.category"][1] = kept
    extract(warehouse_dsn, tryton, **ALWAYS)
    assert set(shown(raw, "product.category")) == {"1", "2"}


def test_a_comparison_that_is_cut_off_makes_nothing_vanish(
    tryton, raw, warehouse_dsn, monkeypatch
):
    monkeypatch.setattr(client_module, "PAGE_SIZE", 1)
    for number in (1, 2):
        category(tryton, number, f"Category {number}")
    extract(warehouse_dsn, tryton)
    tryton.remove("product.category", 1)

    def cut_off(model, query):
        if model == "product.category" and query["fields"] == ["id"]:
            tryton.faults = [(401, b"", HTML)]

    tryton.between = cut_off
    with pytest.raises(AuthenticationFailed):
        extract(warehouse_dsn, tryton, **ALWAYS)
    tryton.between = lambda model, query: None
    assert set(shown(raw, "product.category")) == {"1", "2"}
    extract(warehouse_dsn, tryton, **ALWAYS)
    assert set(shown(raw, "product.category")) == {"2"}


def test_stock_that_returns_or_vanishes_is_shown_as_it_is_now(
    tryton, raw, warehouse_dsn
):
    tryton.put("stock.location", 7, code="STO", type="storage")
    tryton.put("product.uom", 1, symbol="u")
    for number, code in ((1, "A"), (2, "B")):
        unit = Ref("product.uom", 1)
        tryton.put("product.product", number, code=code, default_uom=unit)
    for quantities in (
        {1: 10, 2: 5},
        {1: 9, 2: 5},
        {1: 10, 2: 5},
        {2: 5},
        {1: 10, 2: 5},
        {},
        {1: 9},
    ):
        tryton.on_hand = {(7, item): held for item, held in quantities.items()}
        extract(warehouse_dsn, tryton)
        held = shown(raw, "stock.balance", "quantity")
        names = {1: "STO|A|", 2: "STO|B|"}
        assert held == {names[i]: f"{float(q)}" for i, q in quantities.items()}


def test_an_item_renamed_during_the_read_is_neither_skipped_nor_doubled(
    tryton, raw, warehouse_dsn, monkeypatch
):
    monkeypatch.setattr(client_module, "PAGE_SIZE", 3)
    for number in range(1, 11):
        category(tryton, number, f"Category {number}")

    def rename(model, query):
        if model == "product.category" and query["limit"] == 3:
            pages.append(model)
            if len(pages) == 3:
                category(tryton, 2, "renamed after it was read")
                category(tryton, 9, "renamed before it was read")

    pages = []
    tryton.between = rename
    report = extract(warehouse_dsn, tryton)
    names = shown(raw, "product.category")
    assert len(names) == 10
    assert names["2"] == "renamed after it was read"
    assert names["9"] == "renamed before it was read"
    assert numbers(report) == (11, 11, 0, 0)
    assert versions(raw, "product.category") == 11


def test_a_landing_killed_between_pages_goes_on_after_the_last_one_that_landed(
    tryton, raw, warehouse_dsn
):
    for number in range(1, 96):
        category(tryton, number, f"Category {number}")
    asked = []

    def kill(model, query):
        if model == "product.category" and "name" in query["fields"]:
            asked.append(str(query["domain"]))
            if len(asked) in {5, 6}:
                os.kill(process.pid, signal.SIGKILL)

    tryton.between = kill
    for signal_of_death in (signal.SIGKILL, signal.SIGKILL, None):
        process = subprocess.Popen(
            [sys.executable, PROCESS, warehouse_dsn, str(tryton.port)],
            env=os.environ | {"PYTHONPATH": f"{ROOT / 'include'}:{ROOT}"},
        )
        ended = process.wait(timeout=120)
        assert ended == (-signal_of_death if signal_of_death else 0)
    assert asked[4] == asked[5] == asked[6]
    assert len(asked) == 13
    assert shown(raw, "product.category") == {
        str(number): f"Category {number}" for number in range(1, 96)
    }
    assert versions(raw, "product.category") == 95


def test_a_wrong_key_is_said_and_not_tried_again(tryton, warehouse_dsn):
    with pytest.raises(AuthenticationFailed, match=r"connection erp.*REST key"):
        extract(warehouse_dsn, tryton, password="wrong")
    assert len(tryton.asked) == 1


@pytest.mark.parametrize(
    "fault",
    [
        (503, b"<h1>Service Unavailable</h1>", HTML),
        (200, b"<h1>Log in</h1>", HTML),
        (200, b'[{"id": 1, "na', "application/json"),
    ],
)
def test_an_answer_that_is_none_is_tried_again_and_then_said_in_one_sentence(
    tryton, raw, warehouse_dsn, fault
):
    category(tryton, 1, "Stents")
    tryton.faults = [None] * 3 + [fault]
    assert extract(warehouse_dsn, tryton).landed == 1
    category(tryton, 1, "Coated stents")
    tryton.faults = [None] * 20 + [fault] * 10
    with pytest.raises(SourceUnavailable, match="connection erp") as raised:
        extract(warehouse_dsn, tryton)
    assert "\n" not in str(raised.value)
    tryton.faults = []
    extract(warehouse_dsn, tryton)
    assert shown(raw, "product.category") == {"1": "Coated stents"}


def test_an_erp_that_is_slow_is_asked_again_and_then_said_in_one_sentence(
    tryton, raw, warehouse_dsn, monkeypatch
):
    patience = {"timeout": 0.3}
    client = client_module.TrytonClient
    monkeypatch.setattr(client.__init__, "__kwdefaults__", patience)
    late = [0.0, 0.0, 0.0, 0.6]

    def dawdle(_model, _query):
        time.sleep(late.pop(0) if late else 0.0)

    tryton.between = dawdle
    category(tryton, 1, "Stents")
    assert extract(warehouse_dsn, tryton).landed == 1
    assert not late
    category(tryton, 1, "Coated stents")
    late[:] = [0.6] * 20
    with pytest.raises(SourceUnavailable, match="connection erp") as raised:
        extract(warehouse_dsn, tryton)
    assert "\n" not in str(raised.value)
    late.clear()
    extract(warehouse_dsn, tryton)
    assert shown(raw, "product.category") == {"1": "Coated stents"}


def test_an_erp_that_is_down_is_said_in_one_sentence(warehouse_dsn):
    nobody = erp.source(endpoint(free_port()))
    with pytest.raises(SourceUnavailable, match=r"connection erp.*does not answer"):
        land(warehouse_dsn, nobody)


@pytest.mark.parametrize("hours", ["many", -1, float("nan")])
def test_an_overlap_that_is_no_number_of_hours_is_refused(hours):
    with pytest.raises(ConfigurationInvalid, match="'overlap_hours' of connection erp"):
        erp.source(endpoint(1, overlap_hours=hours))
