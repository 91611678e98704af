"""What the ERP's set-up loads: master data, opening stock, payroll and overhead."""

from collections.abc import Sequence
from pathlib import Path

from sandbox.care.purchases import ORDER_COLUMNS
from sandbox.files.table import write_table
from sandbox.finance.accounts import ACCOUNTS
from sandbox.finance.center_costs import CenterCost
from sandbox.hospital import Hospital
from sandbox.money import text
from sandbox.network.cost_centers import all_codes, cost_center_code
from sandbox.network.items import all_items, supplier_codes
from sandbox.network.service_lines import SERVICE_LINES

Row = tuple[object, ...]


def _costs(costs: Sequence[CenterCost]) -> tuple[tuple[str, ...], list[Row]]:
    return (
        ("period", "cost_center_code", "account_code", "amount"),
        [
            (
                c.month_end.isoformat(),
                c.cost_center_code,
                c.account_code,
                text(c.amount),
            )
            for c in costs
        ],
    )


def _items() -> tuple[tuple[str, ...], list[Row]]:
    return (
        ("item_code", "name", "category", "cost_price", "lot_tracked", "supplier_code"),
        [
            (
                item.code,
                item.name,
                item.category,
                item.cost_price,
                "true" if item.lots else "false",
                item.supplier_code,
            )
            for item in all_items()
        ],
    )


def _cost_prices() -> tuple[tuple[str, ...], list[Row]]:
    """Return the dated prices of items of which the price changed."""
    return (
        ("item_code", "valid_from", "cost_price"),
        [
            (item.code, since.isoformat(), price)
            for item in all_items()
            if len(item.cost_prices()) > 1
            for price, since in item.cost_prices()
        ],
    )


def _lots() -> tuple[tuple[str, ...], list[Row]]:
    return (
        ("lot_number", "item_code", "expiration_date"),
        [
            (lot.number, item.code, lot.expires.isoformat())
            for item in all_items()
            for lot in (*item.lots, *item.expired)
        ],
    )


def _opening_stock(hospital: Hospital) -> tuple[tuple[str, ...], list[Row]]:
    return (
        ("location_code", "item_code", "lot_number", "quantity"),
        [
            (
                balance.location_code,
                balance.item.code,
                balance.lot.number if balance.lot else "",
                balance.opening,
            )
            for balance in hospital.stock
        ],
    )


def write_erp_inputs(hospital: Hospital, folder: Path) -> dict[str, int]:
    """Write every input of the ERP's set-up and return the number of rows by table."""
    tables: dict[str, tuple[tuple[str, ...], list[Row]]] = {
        "accounts": (
            ("account_code", "account_name", "account_class"),
            [(a.code, a.name, a.account_class) for a in ACCOUNTS],
        ),
        "cost_centers": (
            ("facility_code", "cost_center_code", "cost_center_name"),
            [
                (facility, cost_center_code(facility, kind.number), kind.name)
                for facility, kind in all_codes()
            ],
        ),
        "service_lines": (
            ("service_line_code", "service_line_name"),
            list(SERVICE_LINES.items()),
        ),
        "suppliers": (("supplier_code", "name"), list(supplier_codes().items())),
        "items": _items(),
        "cost_prices": _cost_prices(),
        "lots": _lots(),
        "opening_stock": _opening_stock(hospital),
        "purchase_orders": (ORDER_COLUMNS, [order.row for order in hospital.orders]),
        "payroll": _costs(hospital.payroll),
        "overhead": _costs(hospital.overhead),
    }
    return {
        name: write_table(folder / f"{name}.csv", columns, rows)
        for name, (columns, rows) in tables.items()
    }
