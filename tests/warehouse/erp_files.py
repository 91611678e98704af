"""The sandbox's ERP input as the records that landing makes of Tryton's answers.

It stands in for the ERP server, so that the models can be compared without one.
"""

import csv
import hashlib
import json
from itertools import count

import psycopg


def land_erp_files(dsn, sandbox):
    with psycopg.connect(dsn) as connection:
        [batch_id] = connection.execute(
            "insert into ops.landing_batch (source) values ('erp') returning batch_id"
        ).fetchone()
        [file_id] = connection.execute(
            "insert into raw_erp.file "
            "(batch_id, name, content_sha256, size_bytes, format) "
            "values (%s, 'erp', '', 0, 'json') returning file_id",
            [batch_id],
        ).fetchone()
        with connection.cursor() as cursor:
            cursor.executemany(
                "insert into raw_erp.record (file_id, batch_id, resource_type, "
                "resource_id, content_sha256, byte_offset, byte_length, body) "
                "values (%s, %s, %s, %s, %s, 0, 0, %s)",
                [
                    (file_id, batch_id, kind, name, digest(body), json.dumps(body))
                    for kind, name, body in records(sandbox)
                ],
            )


def digest(body):
    return hashlib.sha256(json.dumps(body).encode()).digest()


def records(sandbox):
    yield from masters(sandbox)
    yield from stock(sandbox)
    yield from purchases(sandbox)
    yield from ledger(sandbox)


def table(path):
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def masters(sandbox):
    yield from items(sandbox)
    for row in table(sandbox / "erp" / "suppliers.csv"):
        body = {"code": row["supplier_code"], "name": row["name"]}
        yield "party.party", row["supplier_code"], body
    for row in table(sandbox / "erp" / "accounts.csv"):
        body = {"code": row["account_code"], "name": row["account_name"]}
        yield "account.account", row["account_code"], body


def items(sandbox):
    for code in ("supply", "implant", "drug"):
        yield "product.category", code, {"id": code, "code": code}
    for row in table(sandbox / "erp" / "items.csv"):
        number = row["item_code"]
        unit, categories = {"symbol": "u"}, [{"id": row["category"]}]
        template = {"name": row["name"], "categories": categories, "default_uom": unit}
        yield "product.template", number, template
        yield "product.product", number, {"code": number, "template": {"id": number}}
        cost = {"product": {"id": number}, "cost_price": row["cost_price"]}
        yield "product.cost_price", number, cost
    for row in table(sandbox / "erp" / "cost_prices.csv"):
        number, since = row["item_code"], row["valid_from"]
        item = {"product": {"id": number}, "template": {"id": number}}
        dated = {"date": since, "cost_price": row["cost_price"]}
        yield "product.cost_price.revision", f"{number}|{since}", {**item, **dated}


def stock(sandbox):
    for row in table(sandbox / "erp" / "lots.csv"):
        product = {"product": {"code": row["item_code"]}}
        known = {"number": row["lot_number"], "expiration_date": row["expiration_date"]}
        yield "stock.lot", row["lot_number"], {**product, **known}
    for row in table(sandbox / "erp" / "opening_stock.csv"):
        key = "|".join((row["location_code"], row["item_code"], row["lot_number"]))
        yield "stock.balance", key, {**row, "unit": "u"}


def purchases(sandbox):
    """Orders, and what of them came: in from the supplier, and on to a store."""
    rows = table(sandbox / "erp" / "purchase_orders.csv")
    kinds = {"SUP": "supplier", "IN": "storage"}
    for code in [*kinds, *sorted({row["location_code"] for row in rows})]:
        kind = kinds.get(code, "storage")
        yield "stock.location", code, {"id": code, "code": code, "type": kind}
    for row in {row["order_number"]: row for row in rows}.values():
        number, code = row["order_number"], {"code": row["supplier_code"]}
        order = {"number": number, "reference": number, "party": code}
        dated = {"purchase_date": row["order_date"], "state": "processing"}
        usd = {"currency": {"code": "USD"}}
        yield "purchase.purchase", number, {"id": number, **order, **dated, **usd}
        receipt = {"number": f"R-{number}", "supplier": code, "state": "done"}
        yield "stock.shipment.in", number, {"id": number, **receipt}
    for number, row in enumerate(rows, start=1):
        yield from order_line(str(number), row)


def order_line(number, row):
    item = {"product": {"code": row["item_code"]}, "unit": {"symbol": "u"}}
    price = {"unit_price": row["unit_price"], "quantity": row["ordered_quantity"]}
    agreed = {"type": "line", "delivery_date_store": row["delivery_date"]}
    order = {"purchase": {"id": row["order_number"]}}
    yield "purchase.line", number, {"id": number, **order, **item, **price, **agreed}
    came = int(row["received_quantity"])
    origin = f"purchase.line,{number}"
    lot = {"lot": {"number": row["lot_number"]} if row["lot_number"] else None}
    if came:
        done = {"state": "done", "effective_date": row["delivery_date"], **lot}
        receipt = {"shipment": f"stock.shipment.in,{row['order_number']}"}
        for place, way, why in (
            ("in", ("SUP", "IN"), origin),
            ("on", ("IN", row["location_code"]), f"stock.move,{number}-in"),
        ):
            body = {"quantity": str(came), "origin": why, **receipt, **done}
            yield move(f"{number}-{place}", way, item | body)
    if rest := int(row["ordered_quantity"]) - came:
        body = {"quantity": str(rest), "origin": origin, "state": "draft"}
        yield move(f"{number}-rest", ("SUP", "IN"), item | body)


def move(number, way, body):
    places = [{"id": code, "code": code} for code in way]
    ends = dict(zip(("from_location", "to_location"), places, strict=True))
    return "stock.move", number, {"id": number, **ends, **body}


def ledger(sandbox):
    """One posted line an amount, with its cost center where it has one."""
    numbers = count(1)
    for row in table(sandbox / "truth" / "gl_opening.csv"):
        number = str(next(numbers))
        side = "credit" if row["amount"].startswith("-") else "debit"
        amount = {"debit": "0", "credit": "0", side: row["amount"].lstrip("-")}
        move = {"date": row["posting_date"], "state": "posted", "number": "GL"}
        account = {"code": row["account_code"]}
        body = {"id": number, "move": move, "account": account, **amount}
        yield "account.move.line", number, body
        if row["cost_center_code"]:
            cost_object = {"code": row["cost_center_code"], "root": {"code": "CC"}}
            body = {"move_line": {"id": number}, "account": cost_object, **amount}
            yield "analytic_account.line", number, body
