"""The service lines of the network, by code and display name."""

from sandbox.extract.reader import service_line_code

_FROM_DRG = (
    "Behavioral Health",
    "Cardiovascular",
    "Digestive & General Surgery",
    "Endocrine & Metabolic",
    "Hematology & Oncology",
    "Infectious Disease",
    "Neonatology",
    "Nephrology & Urology",
    "Neurosciences",
    "Ophthalmology & ENT",
    "Orthopedics & Spine",
    "Pulmonary",
    "Rehabilitation & Other",
    "Skin & Breast",
    "Transplant",
    "Trauma & Burns",
    "Women's Services",
)
_FROM_DEPARTMENT = ("Emergency", "General Medicine", "Primary Care")

SERVICE_LINES = {
    service_line_code(name): name for name in (*_FROM_DRG, *_FROM_DEPARTMENT)
} | {"unmapped": "Unmapped"}
