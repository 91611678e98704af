"""The books of a hospital as three of its systems tell them, cell by cell.

A cell is facility, month that the amount is about, month that it is booked in, account.
What the service lines say is read from `conformed` and `marts`; what the ledger says
from the warehouse's copy of it; and what the ERP says from Tryton's own API.
"""

from collections import defaultdict
from decimal import Decimal

from tests.hospital import decimal_of

OURS = "LL|"

# What the service lines, the unmapped among them, ask of each account. Provider-level
# adjustments belong to no service line; they are added so that cash ties as well.
TOLD = """
with event as (
    select facility_code, service_date as day, charge_amount as amount,
        'patient_receivable' as debit,
        case when is_inpatient then 'inpatient_revenue' else 'outpatient_revenue' end
            as credit,
        hold_reason, is_billed
    from conformed.fct_charge
    union all
    select facility_code, payment_date, adjustment_amount,
        case adjustment_category when 'other' then 'other_adjustment'
            else adjustment_category end,
        'patient_receivable', hold_reason, true
    from conformed.fct_remittance_adjustment
    where adjustment_category in ('contractual', 'denial', 'other')
        and not is_passed_on
    union all
    select facility_code, payment_date, paid_amount, 'cash', 'patient_receivable',
        hold_reason, true
    from conformed.fct_payment
    union all
    select facility_code, payment_date, adjustment_amount, 'provider_adjustment',
        'cash', hold_reason, true
    from conformed.fct_provider_adjustment
    union all
    select facility_code, usage_date, supply_cost, item_category || '_expense',
        'inventory', hold_reason, true
    from conformed.fct_supply_usage
)
select event.facility_code, to_char(event.day, 'YYYY-MM'), role.account_code,
    sum(side.sign * event.amount),
    sum(side.sign * event.amount) filter (
        where event.hold_reason <> '' or not event.is_billed
    )
from event
cross join lateral (values (debit, 1), (credit, -1)) as side (posting_role, sign)
inner join conformed.dim_posting_account as role using (posting_role)
group by 1, 2, 3
"""
LEDGER = """
select coalesce(facility_code, ''), to_char(origin_month, 'YYYY-MM'),
    to_char(posting_month, 'YYYY-MM'), account_code, sum(gl_amount)
from conformed.fct_gl_entry
group by 1, 2, 3, 4
"""
OUTBOX = """
select entry.facility_code, to_char(entry.origin_date, 'YYYY-MM'),
    to_char(entry.posting_date, 'YYYY-MM'), line.account_code,
    sum(line.amount_cents) / 100.0
from post.entry as entry inner join post.entry_line as line using (entry_id)
where entry.state = 'POSTED'
group by 1, 2, 3, 4
"""
MARTS = """
select facility_code, to_char(service_month, 'YYYY-MM'),
    sum(gross_charge_amount - unbilled_gross_amount),
    sum(supply_cost), sum(implant_cost), sum(drug_cost)
from marts.service_line_profitability
group by 1, 2
"""
EXPENSES = """
select facility_code, to_char(service_month, 'YYYY-MM'), account_code, sum(cost_amount)
from conformed.fct_service_line_expense
group by 1, 2, 3
"""
"""What service lines have of an account, the unmapped and unallocated among them."""
BOOKED_BY_OTHERS = ("60100", "60200", "62100", "62200")
"""Payroll and purchased services, which reach a facility by cost center."""
IN_THE_MARTS = (
    (("40100", "40200"), -1),
    (("51000",), 1),
    (("51100",), 1),
    (("51200",), 1),
)
"""The accounts that each measure of MARTS adds up to, and its sign in the books."""


def told(hospital):
    """What the service lines ask of facility, month and account; what of it waits."""
    asked, waiting = {}, {}
    for *cell, amount, held in hospital.rows(TOLD):
        asked[tuple(cell)] = amount
        waiting[tuple(cell)] = held or Decimal(0)
    return asked, waiting


def ledger(hospital):
    """The general ledger in the warehouse, as of its last build."""
    return cells((tuple(cell), amount) for *cell, amount in hospital.rows(LEDGER))


def outbox(hospital):
    """What was posted, as the outbox keeps it."""
    return cells((tuple(cell), amount) for *cell, amount in hospital.rows(OUTBOX))


def erp(hospital, facility_of_center):
    """Every posted line of Tryton, read through its API; by the cell it belongs to.

    A document of ours is about the facility and day in its reference. Any other is
    about its own month, and of a facility where its cost center is one.
    """
    reader = hospital.erp()
    parts = defaultdict(dict)
    fields = ("move_line", "account.code", "account.root.code", "debit", "credit")
    for row in reader.search("analytic_account.line", list(fields)):
        if row["account"]["root"]["code"] == "CC":
            facility = facility_of_center[row["account"]["code"]]
            amount = decimal_of(row["debit"]) - decimal_of(row["credit"])
            line = parts[row["move_line"]]
            line[facility] = line.get(facility, Decimal(0)) + amount
    fields = (
        *("account.code", "debit", "credit", "move.state", "move.external_reference"),
        "move.period.start_date",
    )
    found = []
    for row in reader.search("account.move.line", list(fields)):
        if row["move"]["state"] != "posted":
            continue
        month = month_of(row["move"]["period"]["start_date"])
        amount = decimal_of(row["debit"]) - decimal_of(row["credit"])
        account = row["account"]["code"]
        reference = row["move"]["external_reference"] or ""
        if reference.startswith(OURS):
            _, _, facility, day, *_ = reference.split("|")
            found.append(((facility, day[:7], month, account), amount))
            continue
        split = parts.get(row["id"], {})
        found += [((f, month, month, account), part) for f, part in split.items()]
        rest = amount - sum(split.values(), Decimal(0))
        found.append((("", month, month, account), rest))
    return cells(found)


def cells(found):
    """Add up; what comes to nothing is no cell."""
    totals = defaultdict(Decimal)
    for cell, amount in found:
        totals[cell] += amount
    return {cell: amount for cell, amount in totals.items() if amount}


def picked(books, *places):
    """The books by some of facility 0, origin 1, period 2 and account 3."""
    return cells(
        (tuple(cell[place] for place in places), amount)
        for cell, amount in books.items()
    )


def month_of(day):
    """The month of a date as Tryton's REST API writes it."""
    if isinstance(day, dict):
        return f"{day['year']:04}-{day['month']:02}"
    return day[:7]
