"""A hospital small enough to set up in seconds, as the generator would write it."""

import csv

PAYROLL = [
    ("2026-01-31", "MVH-6010", "60100", "77838.60"),
    ("2026-01-31", "MVH-6010", "60200", "18292.07"),
    ("2026-01-31", "LGH-6030", "60100", "50000.01"),
    ("2026-02-28", "MVH-6010", "60100", "78000.00"),
]
OVERHEAD = [
    ("2026-01-31", "MVH-7010", "62200", "6242.66"),
    ("2026-02-28", "MVH-7010", "62200", "6158.72"),
]
OPENING_STOCK = [
    ("LGH-6030-STO", "ITM00001", "", "40"),
    ("MVH-6010-STO", "ITM00001", "", "443"),
    ("MVH-6010-STO", "ITM00002", "", "7"),
    ("MVH-6010-STO", "ITM00003", "LOT-A", "5"),
    ("MVH-6010-STO", "ITM00003", "LOT-B", "3"),
]
# What was ordered and came is part of the opening stock; PO-3 is still to come.
ORDER_LINES = [
    *(
        ("PO-1", "SUP001", "2025-12-01", "2025-12-09", "MVH-6010-STO", *line)
        for line in (
            ("ITM00001", "", "500", "400", "0.0729"),
            ("ITM00003", "LOT-A", "2", "2", "1204.35"),
        )
    ),
    *(
        ("PO-2", "SUP002", "2025-12-05", "2025-12-12", "MVH-6010-STO", *line)
        for line in [("ITM00002", "", "7", "7", "12.50")]
    ),
    *(
        ("PO-3", "SUP001", "2025-12-20", "2026-01-08", "LGH-6030-STO", *line)
        for line in [("ITM00001", "", "60", "0", "0.0729")]
    ),
]
# 40 and 443 gloves at 0.07, 7 drugs at 12.5, 5 and 3 implants at 1204.35.
OPENING_INVENTORY = "9756.11"

_FILES = {
    "accounts": (
        "account_code,account_name,account_class",
        [
            ("10100", "Cash", "cash"),
            ("11200", "Patient receivables", "patient_receivable"),
            ("14100", "Medical inventory", "inventory"),
            ("21100", "Accrued payroll", "payable"),
            ("21200", "Accounts payable", "payable"),
            ("30100", "Opening equity", "equity"),
            ("40100", "Inpatient revenue", "gross_revenue"),
            ("42000", "Contractual allowances", "contractual"),
            ("51000", "Medical supply expense", "supply_expense"),
            ("60100", "Salaries and wages", "labor"),
            ("60200", "Employee benefits", "labor"),
            ("62200", "Utilities and plant", "other_direct"),
        ],
    ),
    "cost_centers": (
        "facility_code,cost_center_code,cost_center_name",
        [
            ("MVH", "MVH-6010", "Operating room"),
            ("MVH", "MVH-7010", "Plant"),
            ("LGH", "LGH-6030", "Nursing"),
        ],
    ),
    "service_lines": (
        "service_line_code,service_line_name",
        [("cardiovascular", "Cardiovascular"), ("emergency", "Emergency")],
    ),
    "suppliers": ("supplier_code,name", [("SUP001", "Bayline"), ("SUP002", "Harbor")]),
    "items": (
        "item_code,name,category,cost_price,lot_tracked,supplier_code",
        [
            ("ITM00001", "Exam glove", "supply", "0.0729", "false", "SUP001"),
            ("ITM00002", "Heparin", "drug", "12.50", "false", "SUP002"),
            ("ITM00003", "Hip stem", "implant", "1204.35", "true", "SUP001"),
        ],
    ),
    "cost_prices": (
        "item_code,valid_from,cost_price",
        [
            ("ITM00001", "2020-01-01", "0.0700"),
            ("ITM00001", "2026-02-16", "0.0729"),
        ],
    ),
    "lots": (
        "lot_number,item_code,expiration_date",
        [("LOT-A", "ITM00003", "2027-02-04"), ("LOT-B", "ITM00003", "2027-08-01")],
    ),
    "opening_stock": (
        "location_code,item_code,lot_number,quantity",
        OPENING_STOCK,
    ),
    "purchase_orders": (
        "order_number,supplier_code,order_date,delivery_date,location_code,item_code,"
        "lot_number,ordered_quantity,received_quantity,unit_price",
        ORDER_LINES,
    ),
    "payroll": ("period,cost_center_code,account_code,amount", PAYROLL),
    "overhead": ("period,cost_center_code,account_code,amount", OVERHEAD),
}


def write(folder):
    """Write the generator's files for this hospital."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, (header, rows) in _FILES.items():
        with (folder / f"{name}.csv").open("w", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow(header.split(","))
            writer.writerows(rows)
