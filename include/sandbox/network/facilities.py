"""The three facilities, how each of them writes its codes, and their departments."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from sandbox.network.identifiers import npi


@dataclass(frozen=True, kw_only=True)
class Department:
    """A clinical department under its canonical code."""

    code: str
    name: str
    extract_id: str  # suffix of the Organization in the extract
    service_line_code: str
    cost_center_number: str


@dataclass(frozen=True, kw_only=True)
class Delimiters:
    """The four characters that an X12 sender chose, and what follows a segment."""

    element: str = "*"
    component: str = ":"
    repetition: str = "^"
    segment: str = "~"
    after_segment: str = ""


@dataclass(frozen=True, kw_only=True)
class Facility:
    """A hospital with its professional group."""

    code: str
    name: str
    number: int
    tax_id: str
    city: str
    patient_weight: int
    charge_level: int  # percent of the network's price list
    size: int  # percent of the largest facility's fixed cost
    department_codes: Mapping[str, str]  # canonical to native
    institutional: Delimiters
    professional: Delimiters
    remittance: Delimiters
    has_own_payers: bool = False
    has_own_items: bool = False
    time_zone: str = "UTC"
    npi: str = field(init=False)
    group_npi: str = field(init=False)

    def __post_init__(self) -> None:
        """Derive the two NPIs."""
        object.__setattr__(self, "npi", npi(90_100_000 + self.number))
        object.__setattr__(self, "group_npi", npi(90_200_000 + self.number))

    @property
    def zone(self) -> ZoneInfo:
        """The time zone of the clocks on the wall."""
        return ZoneInfo(self.time_zone)

    @property
    def prefix(self) -> str:
        """The lower-case code that begins this facility's FHIR ids."""
        return self.code.lower()

    @property
    def department_system(self) -> str:
        """The identifier system of this facility's department codes."""
        return f"urn:{self.prefix}:department"

    @property
    def item_system(self) -> str:
        """The identifier system of this facility's item numbers."""
        return f"urn:{self.prefix}:item"


DEPARTMENTS = {
    code: Department(
        code=code,
        name=name,
        extract_id=extract_id,
        service_line_code=service_line,
        cost_center_number=cost_center,
    )
    for code, name, extract_id, service_line, cost_center in (
        (
            "INTMED",
            "Internal Medicine",
            "internal-medicine",
            "general_medicine",
            "6030",
        ),
        ("PRIMCARE", "Primary Care", "primary-care", "primary_care", "6050"),
        ("CARDIO", "Cardiology", "cardiology", "cardiovascular", "6090"),
        ("ORTHO", "Orthopedic Surgery", "orthopedics", "orthopedics_spine", "6010"),
        ("ONCO", "Oncology", "oncology", "hematology_oncology", "6100"),
        (
            "GASTRO",
            "Gastroenterology",
            "gastroenterology",
            "digestive_general_surgery",
            "6050",
        ),
        (
            "SURGERY",
            "General Surgery",
            "general-surgery",
            "digestive_general_surgery",
            "6010",
        ),
        ("EMERG", "Emergency Medicine", "emergency-medicine", "emergency", "6020"),
    )
}

_SAME_CODES = {code: code for code in DEPARTMENTS}
_NORTHRIDGE_CODES = {
    "INTMED": "310",
    "PRIMCARE": "205",
    "CARDIO": "320",
    "ORTHO": "410",
    "ONCO": "350",
    "GASTRO": "330",
    "SURGERY": "400",
    "EMERG": "100",
}
_BARE = Delimiters()
_LINES = Delimiters(after_segment="\n")
_PIPES = Delimiters(element="|", component="^", repetition="}")

FACILITIES = (
    Facility(
        code="MVH",
        name="Mercy Valley Hospital",
        number=1,
        tax_id="990000001",
        city="LYNN",
        patient_weight=45,
        charge_level=100,
        size=100,
        department_codes=_SAME_CODES,
        institutional=_BARE,
        professional=_BARE,
        remittance=_BARE,
    ),
    Facility(
        code="LGH",
        name="Lakeside General Hospital",
        number=2,
        tax_id="990000002",
        city="SALEM",
        patient_weight=32,
        charge_level=92,
        size=80,
        department_codes=_SAME_CODES,
        institutional=_LINES,
        professional=_LINES,
        remittance=_LINES,
    ),
    Facility(
        code="NRC",
        name="Northridge Medical Center",
        number=3,
        tax_id="990000003",
        city="LOWELL",
        patient_weight=23,
        charge_level=109,
        size=55,
        department_codes=_NORTHRIDGE_CODES,
        institutional=Delimiters(
            element="|", component="^", repetition="}", after_segment="\n"
        ),
        professional=Delimiters(
            element="|", component="^", repetition="}", segment="\n"
        ),
        remittance=_PIPES,
        has_own_payers=True,
        time_zone="America/New_York",
        has_own_items=True,
    ),
)
FACILITY_BY_CODE = {facility.code: facility for facility in FACILITIES}
