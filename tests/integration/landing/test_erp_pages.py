"""Landing of ERP pages: rows by key, what vanished, what came back."""

import json
from dataclasses import dataclass

import psycopg
import pytest

from ledgerline.connectors.erp import ErpSource
from ledgerline.landing.land import land

pytestmark = pytest.mark.integration


@dataclass(frozen=True)
class Page:
    name: str
    content: bytes


def page(name, *rows):
    return Page(name, b"".join(json.dumps(row).encode() + b"\n" for row in rows))


def stock(item, quantity):
    return {
        "location_code": "MVH-6010-STO",
        "item_code": item,
        "lot_number": "",
        "quantity": quantity,
        "unit": "u",
    }


def item(number, price):
    return {"id": number, "code": f"ITM{number}", "cost_price": price}


def land_pages(dsn, pages):
    return land(dsn, ErpSource(pages=lambda: pages))


def on_hand(dsn):
    with psycopg.connect(dsn, autocommit=True) as connection:
        return dict(
            connection.execute(
                "select body->>'item_code', body->>'quantity' "
                "from raw_erp.current_record where resource_type = 'stock.balance'"
            ).fetchall()
        )


def numbers(report):
    return (report.received, report.landed, report.quarantined, report.duplicate)


def test_stock_that_returns_or_vanishes_is_shown_as_it_is_now(warehouse_dsn):
    def land_stock(**quantities):
        rows = [stock(name, quantity) for name, quantity in quantities.items()]
        pages = [page("stock.balance-00001.ndjson", *rows)] if rows else []
        return land_pages(warehouse_dsn, [page("product.product-00001.ndjson"), *pages])

    for quantities in (
        {"A": "10", "B": "5"},
        {"A": "9", "B": "5"},
        {"A": "10", "B": "5"},
        {"B": "5"},
        {"A": "10", "B": "5"},
        {},
        {"A": "9"},
        {"A": "9"},
    ):
        report = land_stock(**quantities)
        assert report.received == len(quantities)
        assert on_hand(warehouse_dsn) == quantities
    assert report.duplicate == 1


def test_rows_without_a_key_are_quarantined_and_the_rest_lands(warehouse_dsn):
    rows = [item(1, "12.50"), {"code": "no id"}, item(2, "3.00")]
    report = land_pages(warehouse_dsn, [page("product.product-00001.ndjson", *rows)])
    assert numbers(report) == (3, 2, 1, 0)
    assert report.by_class == {"ID_MISSING": 1}
    assert report.by_type == {"product.product": 2}


def test_an_extract_that_stops_half_way_makes_nothing_vanish(warehouse_dsn):
    whole = [page("stock.lot-00001.ndjson", item(7, "1"), item(8, "1"))]
    land_pages(warehouse_dsn, whole)

    def broken():
        yield page("stock.lot-00001.ndjson", item(7, "1"))
        raise ConnectionError("the ERP went away")

    with pytest.raises(ConnectionError):
        land_pages(warehouse_dsn, broken())
    with psycopg.connect(warehouse_dsn) as connection:
        lots = connection.execute(
            "select resource_id from raw_erp.current_record "
            "where resource_type = 'stock.lot' order by 1"
        ).fetchall()
    assert lots == [("7",), ("8",)]


def test_an_unchanged_extract_lands_nothing(warehouse_dsn):
    pages = [page("party.party-00001.ndjson", item(1, "1"), item(2, "2"))]
    assert numbers(land_pages(warehouse_dsn, pages)) == (2, 2, 0, 0)
    assert numbers(land_pages(warehouse_dsn, pages)) == (2, 0, 0, 2)
