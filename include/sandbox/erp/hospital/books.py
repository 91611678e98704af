"""The ledger's side of the set-up: company, accounts, periods, axes, journals."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from sandbox.erp.hospital.inputs import Expense, Inputs, Named
from sandbox.erp.rpc import Rpc, Values

COMPANY_NAME = "Mercy Valley Health Network"
OPENING_CASH = Decimal("2500000.00")
JOURNALS = {
    "OPENING": "Opening balances",
    "PAYROLL": "Payroll",
    "OVERHEAD": "Purchased services and plant",
    "LEDGERLINE": "Service-line postings",
}
# Account class -> (account type, its flags). Two statements make the trial balance.
ACCOUNT_TYPES: dict[str, tuple[str, Values]] = {
    "cash": ("Cash", {"statement": "balance", "assets": True}),
    "patient_receivable": ("Receivables", {"statement": "balance", "assets": True}),
    "inventory": ("Inventory", {"statement": "balance", "assets": True, "stock": True}),
    "payable": ("Payables", {"statement": "balance"}),
    "equity": ("Equity", {"statement": "balance"}),
    "gross_revenue": ("Patient revenue", {"statement": "income", "revenue": True}),
    "contractual": ("Deductions from revenue", {"statement": "income"}),
    "denial": ("Deductions from revenue", {"statement": "income"}),
    "other_adjustment": ("Deductions from revenue", {"statement": "income"}),
    "provider_adjustment": ("Deductions from revenue", {"statement": "income"}),
    "supply_expense": ("Supplies", {"statement": "income", "expense": True}),
    "labor": ("Labor", {"statement": "income", "expense": True}),
    "other_direct": ("Other expense", {"statement": "income", "expense": True}),
}


@dataclass(frozen=True, kw_only=True)
class Books:
    """The ids that journals are written with."""

    company: int
    accounts: Mapping[str, int]
    cost_centers: Mapping[str, int]
    periods: Mapping[tuple[int, int], int]
    journals: Mapping[str, int]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One line of a journal: debit positive, credit negative."""

    account_code: str
    amount: Decimal
    cost_center_code: str = ""


def open_company(rpc: Rpc, inputs: Inputs) -> int:
    """Create the company and work in it from here on."""
    before = dt.date(inputs.opening_date.year - 1, 1, 1)
    currency = rpc.create_one(
        "currency.currency",
        {
            "name": "US Dollar",
            "code": "USD",
            "symbol": "$",
            "numeric_code": "840",
            "digits": 2,
            "rounding": Decimal("0.01"),
            "rates": [["create", [{"date": before, "rate": Decimal(1)}]]],
        },
    )
    party = rpc.create_one("party.party", {"name": COMPANY_NAME})
    company = rpc.create_one(
        "company.company", {"party": party, "currency": currency, "timezone": "UTC"}
    )
    admin = rpc.find_id("res.user", [["login", "=", "admin"]])
    rpc.call(
        "res.user",
        "write",
        [admin],
        {"companies": [["add", [company]]], "company": company},
    )
    rpc.context.update(rpc.call("res.user", "get_preferences", True))
    rpc.context["company"] = company
    return company


def open_books(rpc: Rpc, company: int, inputs: Inputs) -> Books:
    """Create accounts, the fiscal years, journals and both analytic axes."""
    accounts = _accounts(rpc, company, inputs)
    periods = {
        month: key
        for year in inputs.fiscal_years
        for month, key in _fiscal_year(rpc, company, year).items()
    }
    journals = rpc.create(
        "account.journal",
        [
            {"name": name, "code": code, "type": "general"}
            for code, name in JOURNALS.items()
        ],
    )
    cost_centers = _axis(rpc, company, ("CC", "Cost centers"), inputs.cost_centers)
    _axis(rpc, company, ("SL", "Service lines"), inputs.service_lines)
    return Books(
        company=company,
        accounts=accounts,
        cost_centers=cost_centers,
        periods=periods,
        journals=dict(zip(JOURNALS, journals, strict=True)),
    )


def post_opening(rpc: Rpc, books: Books, inputs: Inputs) -> None:
    """Post opening cash and the value of the opening stock against equity."""
    stock = inputs.opening_inventory_amount
    entries = [
        Entry(account_code="10100", amount=OPENING_CASH),
        Entry(account_code="14100", amount=stock),
        Entry(account_code="30100", amount=-OPENING_CASH - stock),
    ]
    date = inputs.opening_date
    _post(rpc, [_move(books, "OPENING", date, "Opening balances", entries)])


def post_expenses(rpc: Rpc, books: Books, inputs: Inputs) -> None:
    """Post payroll and overhead: one journal a facility, month and kind."""
    moves: list[Values] = []
    for kind, rows, payable in (
        ("PAYROLL", inputs.payroll, "21100"),
        ("OVERHEAD", inputs.overhead, "21200"),
    ):
        for (facility, date), entries in sorted(_by_facility(rows).items()):
            owed = -sum((entry.amount for entry in entries), Decimal(0))
            entries.append(Entry(account_code=payable, amount=owed))
            text = f"{JOURNALS[kind]} {facility} {date:%Y-%m}"
            moves.append(_move(books, kind, date, text, entries))
    _post(rpc, moves)


def _by_facility(
    rows: Sequence[Expense],
) -> dict[tuple[str, dt.date], list[Entry]]:
    totals: dict[tuple[str, dt.date], dict[tuple[str, str], Decimal]] = defaultdict(
        lambda: defaultdict(Decimal)
    )
    for row in rows:
        key = (row.facility_code, row.period_end)
        totals[key][row.cost_center_code, row.account_code] += row.amount
    return {
        key: [
            Entry(account_code=account, amount=amount, cost_center_code=center)
            for (center, account), amount in sorted(lines.items())
        ]
        for key, lines in totals.items()
    }


def _move(
    books: Books, journal: str, date: dt.date, text: str, entries: Sequence[Entry]
) -> Values:
    return {
        "company": books.company,
        "journal": books.journals[journal],
        "period": books.periods[date.year, date.month],
        "date": date,
        "description": text,
        "lines": [["create", [_line(books, date, entry) for entry in entries]]],
    }


def _line(books: Books, date: dt.date, entry: Entry) -> Values:
    amounts: Values = {
        "debit": max(entry.amount, Decimal(0)),
        "credit": max(-entry.amount, Decimal(0)),
    }
    line = {**amounts, "account": books.accounts[entry.account_code]}
    if entry.cost_center_code:
        center = books.cost_centers[entry.cost_center_code]
        line["analytic_lines"] = [
            ["create", [{**amounts, "account": center, "date": date}]]
        ]
    return line


def _post(rpc: Rpc, moves: list[Values]) -> None:
    for ids in (rpc.create("account.move", moves[i : i + 6]) for i in _steps(moves, 6)):
        rpc.call("account.move", "post", ids)


def _steps(rows: Sequence[object], size: int) -> range:
    return range(0, len(rows), size)


def _accounts(rpc: Rpc, company: int, inputs: Inputs) -> dict[str, int]:
    names = dict(ACCOUNT_TYPES.values())
    ids = rpc.create(
        "account.account.type",
        [{"name": name, "company": company, **flags} for name, flags in names.items()],
    )
    types = dict(zip(names, ids, strict=True))
    root = rpc.create_one(
        "account.account", {"name": "Hospital chart of accounts", "company": company}
    )
    accounts = rpc.create(
        "account.account",
        [
            {
                "code": account.code,
                "name": account.name,
                "company": company,
                "parent": root,
                "type": types[ACCOUNT_TYPES[account.account_class][0]],
            }
            for account in inputs.accounts
        ],
    )
    return {row.code: key for row, key in zip(inputs.accounts, accounts, strict=True)}


def _fiscal_year(rpc: Rpc, company: int, year: int) -> dict[tuple[int, int], int]:
    kind = rpc.find_id("ir.sequence.type", [["name", "=", "Account Move"]])
    sequence = rpc.create_one(
        "ir.sequence.strict",
        {
            "name": f"General ledger {year}",
            "sequence_type": kind,
            "company": company,
            "prefix": f"GL-{year}-",
            "padding": 6,
        },
    )
    created = rpc.create_one(
        "account.fiscalyear",
        {
            "name": str(year),
            "company": company,
            "start_date": dt.date(year, 1, 1),
            "end_date": dt.date(year, 12, 31),
            "move_sequence": sequence,
        },
    )
    rpc.call("account.fiscalyear", "create_period", [created])
    periods = rpc.find(
        "account.period", [["fiscalyear", "=", created]], ["id", "start_date"]
    )
    return {(year, row["start_date"].month): row["id"] for row in periods}


def _axis(
    rpc: Rpc, company: int, root: tuple[str, str], members: Sequence[Named]
) -> dict[str, int]:
    shared: Values = {"company": company, "state": "opened"}
    code, name = root
    root_id = rpc.create_one(
        "analytic_account.account",
        {**shared, "code": code, "name": name, "type": "root"},
    )
    ids = rpc.create(
        "analytic_account.account",
        [
            {
                **shared,
                "code": member.code,
                "name": member.name,
                "type": "normal",
                "root": root_id,
                "parent": root_id,
            }
            for member in members
        ],
    )
    return {member.code: key for member, key in zip(members, ids, strict=True)}
