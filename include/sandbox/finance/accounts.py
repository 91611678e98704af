"""The chart of accounts and which account plays which role in a posting."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Account:
    """One account of the ERP."""

    code: str
    name: str
    account_class: str
    variable_percent: int = 0


# What of an account's cost varies with volume.
VARIABLE_PERCENT = {"60100": 35, "60200": 35, "62100": 20}
NEXT_VARIABLE_PERCENT = {"60100": 50}
ACCOUNTS = tuple(
    Account(
        code=code,
        name=name,
        account_class=account_class,
        variable_percent=VARIABLE_PERCENT.get(code, 0),
    )
    for code, name, account_class in (
        ("10100", "Cash", "cash"),
        ("11200", "Patient receivables", "patient_receivable"),
        ("14100", "Medical inventory", "inventory"),
        ("21100", "Accrued payroll", "payable"),
        ("21200", "Accounts payable", "payable"),
        ("30100", "Opening equity", "equity"),
        ("40100", "Inpatient revenue", "gross_revenue"),
        ("40200", "Outpatient revenue", "gross_revenue"),
        ("42000", "Contractual allowances", "contractual"),
        ("43000", "Denials", "denial"),
        ("44000", "Other adjustments", "other_adjustment"),
        ("45000", "Provider-level adjustments", "provider_adjustment"),
        ("51000", "Medical supply expense", "supply_expense"),
        ("51100", "Implant expense", "supply_expense"),
        ("51200", "Drug expense", "supply_expense"),
        ("60100", "Salaries and wages", "labor"),
        ("60200", "Employee benefits", "labor"),
        ("62100", "Purchased services", "other_direct"),
        ("62200", "Utilities and plant", "other_direct"),
    )
)
CLASS_BY_ACCOUNT = {account.code: account.account_class for account in ACCOUNTS}
ROLES = {
    "patient_receivable": "11200",
    "cash": "10100",
    "inpatient_revenue": "40100",
    "outpatient_revenue": "40200",
    "contractual": "42000",
    "denial": "43000",
    "other_adjustment": "44000",
    "provider_adjustment": "45000",
    "inventory": "14100",
    "supply_expense": "51000",
    "implant_expense": "51100",
    "drug_expense": "51200",
    "consumption_location": "CONSUMED",
}
EXPENSE_ROLE = {
    "supply": "supply_expense",
    "implant": "implant_expense",
    "drug": "drug_expense",
}
