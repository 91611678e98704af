"""The ledger that the product must arrive at: signed amounts by document and key."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from sandbox.extract.period import month_end, period
from sandbox.finance.accounts import EXPENSE_ROLE, ROLES
from sandbox.finance.center_costs import CenterCost
from sandbox.hospital import Hospital
from sandbox.life_cycle.decision import Decision
from sandbox.life_cycle.remittances import Remittance
from sandbox.truth.charges import Charge

Document = tuple[str, str, date]  # kind, facility, posting date
Line = tuple[str, str, str]  # account, cost center, service line
Ledger = dict[Document, Counter[Line]]

RECEIVABLE: Line = (ROLES["patient_receivable"], "", "")
CASH: Line = (ROLES["cash"], "", "")
INVENTORY: Line = (ROLES["inventory"], "", "")
OPENING_CASH = 250_000_000


def posting_date(day: date) -> date:
    """Return the Sunday of the day's ISO week, but not past the end of its month."""
    sunday = day + timedelta(days=7 - day.isoweekday())
    return min(sunday, month_end(day))


def _post_revenue(ledger: Ledger, charges: list[Charge]) -> None:
    for charge in charges:
        encounter = charge.claim.encounter
        role = "inpatient_revenue" if encounter.is_inpatient else "outpatient_revenue"
        day = posting_date(charge.line.service_date)
        lines = ledger["patient_revenue", encounter.facility.code, day]
        lines[RECEIVABLE] += charge.line.amount
        revenue = ROLES[role], charge.cost_center_code, encounter.service_line_code
        lines[revenue] -= charge.line.amount


def _post_decision(ledger: Ledger, decision: Decision, remittance: Remittance) -> None:
    day = posting_date(remittance.payment_date)
    facility_code = remittance.facility.code
    adjusted = ledger["remittance_adjustment", facility_code, day]
    received = ledger["cash_receipt", facility_code, day]
    service_line = decision.submission.encounter.service_line_code
    for name, amount in decision.deductions.items():
        if name != "patient_share":
            adjusted[ROLES[name], "", service_line] += amount
            adjusted[RECEIVABLE] -= amount
    received[CASH] += decision.paid
    received[RECEIVABLE] -= decision.paid


def _post_remittances(ledger: Ledger, hospital: Hospital, *, is_held: bool) -> None:
    """Post the decisions of known accounts, or those that wait for one."""
    for remittance in hospital.remittances:
        for decision in remittance.decisions:
            if is_held != bool(decision.submission.encounter.encounter_id):
                _post_decision(ledger, decision, remittance)


def _post_kept_back(ledger: Ledger, remittance: Remittance) -> None:
    day = posting_date(remittance.payment_date)
    received = ledger["cash_receipt", remittance.facility.code, day]
    for kept in remittance.provider_adjustments:
        received[ROLES["provider_adjustment"], "", ""] += kept.amount
        received[CASH] -= kept.amount


def ledger(hospital: Hospital, charges: list[Charge]) -> Ledger:
    """Return what the product's documents must hold, by document and line."""
    made: Ledger = defaultdict(Counter)
    _post_revenue(made, charges)
    _post_remittances(made, hospital, is_held=False)
    for remittance in hospital.remittances:
        _post_kept_back(made, remittance)
    for usage in hospital.usages:
        day = posting_date(usage.occurred_at.date())
        lines = made["supply_expense", usage.encounter.facility.code, day]
        account = ROLES[EXPENSE_ROLE[usage.item.category]]
        service_line = usage.encounter.service_line_code
        lines[account, usage.cost_center_code, service_line] += usage.cost
        lines[INVENTORY] -= usage.cost
    return made


def held_ledger(hospital: Hospital) -> Ledger:
    """Return what documents must hold that wait for somebody to know the account."""
    made: Ledger = defaultdict(Counter)
    _post_remittances(made, hospital, is_held=True)
    return made


def _post_costs(made: Ledger, kind: str, costs: list[CenterCost], payable: str) -> None:
    for cost in costs:
        lines = made[kind, cost.facility_code, cost.month_end]
        lines[cost.account_code, cost.cost_center_code, ""] += cost.amount
        lines[payable, "", ""] -= cost.amount


def set_up_ledger(hospital: Hospital) -> Ledger:
    """Return what the ERP's set-up posts: opening balances, payroll and overhead."""
    made: Ledger = defaultdict(Counter)
    opening = made["opening", "", period().first_day]
    inventory = sum(balance.opening_value for balance in hospital.stock)
    opening[CASH] += OPENING_CASH
    opening[INVENTORY] += inventory
    opening["30100", "", ""] -= OPENING_CASH + inventory
    _post_costs(made, "payroll", hospital.payroll, "21100")
    _post_costs(made, "overhead", hospital.overhead, "21200")
    return made
