"""Sets a bare Tryton database up as the sandbox hospital, over JSON-RPC only."""

from __future__ import annotations

import time
from collections.abc import Callable

from sandbox.erp.hospital.books import (
    COMPANY_NAME,
    open_books,
    open_company,
    post_expenses,
    post_opening,
)
from sandbox.erp.hospital.inputs import Inputs
from sandbox.erp.hospital.stockroom import stock_up
from sandbox.erp.rpc import Rpc

INTEGRATION_LOGIN = "ledgerline"
INTEGRATION_NAME = "Ledgerline integration"
# Accounting writes and posts journals, Stock moves stock, Purchase Requisition asks for
# goods and Purchase Request reads what became of it. Masters stay read-only.
INTEGRATION_GROUPS = (
    *("Accounting", "Stock"),
    *("Purchase Requisition", "Purchase Request"),
)

Report = Callable[[str], None]


def set_up(rpc: Rpc, inputs: Inputs, report: Report) -> None:
    """Create the hospital; every step is reported with the seconds it took."""
    started = time.monotonic()

    def done(step: str) -> None:
        nonlocal started
        now = time.monotonic()
        report(f"erp set-up: {step} ({now - started:.1f} s)")
        started = now

    company = open_company(rpc, inputs)
    books = open_books(rpc, company, inputs)
    done("company, accounts, periods, axes")
    post_opening(rpc, books, inputs)
    post_expenses(rpc, books, inputs)
    done(f"{len(inputs.payroll) + len(inputs.overhead)} expense rows posted")
    stock_up(rpc, company, inputs)
    done(
        f"{len(inputs.items)} items, {len(inputs.opening_stock)} stock rows, "
        f"{len(inputs.order_lines)} lines of purchase orders"
    )
    admit_integration(rpc, company)
    done("integration user")


def admit_integration(rpc: Rpc, company: int) -> None:
    """Create the user that Ledgerline works as, with the groups it needs.

    A requisition is asked for by an employee, so the user is one.
    """
    groups = [
        rpc.find_id("res.group", [["name", "=", name]]) for name in INTEGRATION_GROUPS
    ]
    party = rpc.create_one("party.party", {"name": INTEGRATION_NAME})
    employee = rpc.create_one("company.employee", {"party": party, "company": company})
    rpc.create_one(
        "res.user",
        {
            "name": INTEGRATION_NAME,
            "login": INTEGRATION_LOGIN,
            "groups": [["add", groups]],
            "companies": [["add", [company]]],
            "company": company,
            "employees": [["add", [employee]]],
            "employee": employee,
        },
    )


def integration_key(rpc: Rpc) -> str:
    """Return the integration user's REST key; every copy of the ERP gets its own."""
    user = rpc.find_id("res.user", [["login", "=", INTEGRATION_LOGIN]])
    mine = [["user", "=", user], ["state", "=", "validated"]]
    if not rpc.find("res.user.application", mine, ["id"]):
        rpc.create_one("res.user.application", {"user": user, "application": "rest"})
    return str(rpc.find("res.user.application", mine, ["key"])[0]["key"])


def connection(port: int, database: str, key: str) -> dict[str, object]:
    """Describe the ERP as an Airflow connection."""
    return {
        "conn_type": "http",
        "host": "127.0.0.1",
        "port": port,
        "schema": "http",
        "password": key,
        "extra": {
            "adapter": "tryton",
            "database": database,
            "company": COMPANY_NAME,
            "employee": INTEGRATION_NAME,
        },
    }
