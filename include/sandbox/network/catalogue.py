"""The item families of the network: what is bought in which variants at which price."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

SUPPLIERS = (
    "Bayline Medical Distribution",
    "Harbor Infusion Products",
    "Suturewell Surgical",
    "Clearfield Procedure Packs",
    "Tubing and Drainage Works",
    "Orthosoft Bracing",
    "Northlab Diagnostics Supply",
    "Coronary Access Partners",
    "Meridian Joint Systems",
    "Vertebra Works",
    "Pulsewave Cardiac Devices",
    "Commonwealth Pharmaceutical Wholesale",
    "Oncology Drug Direct",
)


@dataclass(frozen=True, kw_only=True)
class Family:
    """Items that differ only in their variant."""

    code: str
    category: str  # supply, implant or drug
    name: str
    variants: tuple[str, ...]
    low_price: str
    high_price: str
    supplier_number: int
    hcpcs: str

    @property
    def price_places(self) -> int:
        """How many decimals the prices of the family have."""
        return max(2, len(self.low_price.partition(".")[2]))


@cache
def families() -> tuple[Family, ...]:
    """Return every family of the catalogue beside this module, in its order."""
    path = Path(__file__).with_name("catalogue.csv")
    with path.open(encoding="utf-8", newline="") as file:
        return tuple(
            Family(
                code=row["family_code"],
                category=row["category"],
                name=row["name"],
                variants=tuple(row["variants"].split("; ")),
                low_price=row["low_price"],
                high_price=row["high_price"],
                supplier_number=int(row["supplier_number"]),
                hcpcs=row["hcpcs"],
            )
            for row in csv.DictReader(file)
        )
