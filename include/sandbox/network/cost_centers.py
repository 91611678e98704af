"""Cost centers, their stores, and where charges and overhead go."""

from dataclasses import dataclass

from sandbox.network.facilities import FACILITIES


@dataclass(frozen=True, kw_only=True)
class CostCenterKind:
    """A cost center that every facility has."""

    number: str
    name: str
    square_feet: int
    hours: int
    labor_floor: int  # cents a month at the largest facility, whatever the volume
    labor_rate: int  # further labor in basis points of the center's charges
    is_overhead: bool = False


PATIENT_CARE = (
    CostCenterKind(
        number="6010",
        name="Operating room",
        square_feet=14200,
        hours=2600,
        labor_floor=670_000,
        labor_rate=1600,
    ),
    CostCenterKind(
        number="6020",
        name="Emergency",
        square_feet=9800,
        hours=2900,
        labor_floor=580_000,
        labor_rate=1300,
    ),
    CostCenterKind(
        number="6030",
        name="Medical/surgical nursing",
        square_feet=26400,
        hours=4100,
        labor_floor=830_000,
        labor_rate=1950,
    ),
    CostCenterKind(
        number="6040",
        name="Intensive care",
        square_feet=7200,
        hours=1500,
        labor_floor=380_000,
        labor_rate=1700,
    ),
    CostCenterKind(
        number="6050",
        name="Clinics",
        square_feet=11800,
        hours=1450,
        labor_floor=300_000,
        labor_rate=1850,
    ),
    CostCenterKind(
        number="6060",
        name="Laboratory",
        square_feet=5200,
        hours=620,
        labor_floor=240_000,
        labor_rate=1000,
    ),
    CostCenterKind(
        number="6070",
        name="Radiology",
        square_feet=6900,
        hours=640,
        labor_floor=220_000,
        labor_rate=950,
    ),
    CostCenterKind(
        number="6080",
        name="Pharmacy",
        square_feet=3600,
        hours=380,
        labor_floor=190_000,
        labor_rate=750,
    ),
    CostCenterKind(
        number="6090",
        name="Cardiac diagnostics",
        square_feet=4100,
        hours=520,
        labor_floor=210_000,
        labor_rate=1350,
    ),
    CostCenterKind(
        number="6100",
        name="Infusion",
        square_feet=3900,
        hours=480,
        labor_floor=180_000,
        labor_rate=1450,
    ),
)
OVERHEAD = (
    CostCenterKind(
        number="7010",
        name="Plant",
        square_feet=8800,
        hours=310,
        labor_floor=340_000,
        labor_rate=0,
        is_overhead=True,
    ),
    CostCenterKind(
        number="7020",
        name="Housekeeping",
        square_feet=1900,
        hours=240,
        labor_floor=260_000,
        labor_rate=0,
        is_overhead=True,
    ),
    CostCenterKind(
        number="7030",
        name="Administration",
        square_feet=6400,
        hours=450,
        labor_floor=770_000,
        labor_rate=0,
        is_overhead=True,
    ),
)
COST_CENTERS = PATIENT_CARE + OVERHEAD
STEPS = (("7010", "square_feet"), ("7020", "hours"), ("7030", "accumulated_cost"))

REVENUE_CENTERS = {
    "0120": ("6030", "rcc"),
    "0200": ("6040", "rcc"),
    "0250": ("6080", "rcc"),
    "0270": ("6010", "actual"),
    "0278": ("6010", "actual"),
    "0300": ("6060", "rcc"),
    "0320": ("6070", "rcc"),
    "0335": ("6100", "rcc"),
    "0351": ("6070", "rcc"),
    "0360": ("6010", "rcc"),
    "0450": ("6020", "rcc"),
    "0510": ("6050", "rcc"),
    "0636": ("6080", "actual"),
    "0730": ("6090", "rcc"),
}
# What one unit of a procedure weighs in its center's cost: laboratory tests by effort,
# infusions by the minutes that they take.
RELATIVE_VALUES = {
    "6060": {
        "80053": "5",
        "85025": "2",
        "80061": "4.5",
        "83036": "3.25",
        "84443": "6",
    },
    "6100": {"96413": "95"},
}
# Hours a month that the staff of the largest facility's center is paid for, and the
# percentage of them that can be worked.
CAPACITY = {"6100": (15, 80)}


def cost_center_code(facility_code: str, number: str) -> str:
    """Return the ERP's code of a cost center."""
    return f"{facility_code}-{number}"


def store_code(center_code: str) -> str:
    """Return the stock location of a patient-care cost center."""
    return f"{center_code}-STO"


def all_codes() -> list[tuple[str, CostCenterKind]]:
    """Return every cost center of the network as (facility code, kind)."""
    return [(facility.code, kind) for facility in FACILITIES for kind in COST_CENTERS]
