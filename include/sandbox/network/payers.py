"""Payers: canonical codes, the ids each facility knows them by, and their contracts."""

from dataclasses import dataclass

from sandbox.network.facilities import Facility


@dataclass(frozen=True, kw_only=True)
class Payer:
    """A payer under its canonical code, with the terms it pays by."""

    code: str
    name: str
    payer_class: str
    extract_id: str
    native_id: str
    northridge_id: str
    northridge_name: str
    filing_indicator: str
    inpatient_method: str  # drg, per_diem or percent
    inpatient_rate: int  # cents a weight or day; basis points of charge for percent
    outpatient_points: int
    professional_points: int
    coinsurance_points: int
    copay: int  # cents for a visit
    is_sequestered: bool = False
    names_itself_by_id: bool = True  # N104; otherwise only REF*2U carries the id
    is_contract_on_file: bool = True  # whether the hospital keeps its terms as data

    def contract_code(self, setting: str) -> str:
        """Return the code of the contract for a setting."""
        return f"{self.code}-{setting}".upper()


# Basis points of charge: a discount of 40 percent, of the rest a fifth is collected.
COLLECTED_OF_SELF_PAY = 1200

PAYERS = {
    payer.code: payer
    for payer in (
        Payer(
            code="MEDICARE",
            name="Medicare",
            payer_class="medicare",
            extract_id="payer-CMS-MEDICARE",
            native_id="14013",
            northridge_id="NR100",
            northridge_name="MEDICARE PART A AND B",
            filing_indicator="MA",
            inpatient_method="drg",
            inpatient_rate=742_000,
            outpatient_points=3100,
            professional_points=3600,
            coinsurance_points=2000,
            copay=0,
            is_sequestered=True,
        ),
        Payer(
            code="MEDICARE_ADV",
            name="Medicare Advantage",
            payer_class="medicare",
            extract_id="payer-CMS-MA-PLAN",
            native_id="61101",
            northridge_id="NR110",
            northridge_name="SENIOR ADVANTAGE",
            filing_indicator="16",
            inpatient_method="drg",
            inpatient_rate=758_000,
            outpatient_points=3300,
            professional_points=3800,
            coinsurance_points=0,
            copay=3500,
        ),
        Payer(
            code="MEDICAID",
            name="State Medicaid",
            payer_class="medicaid",
            extract_id="payer-STATE-MEDICAID",
            native_id="SKMA0",
            northridge_id="NR200",
            northridge_name="STATE MEDICAL ASSISTANCE",
            filing_indicator="MC",
            inpatient_method="per_diem",
            inpatient_rate=265_000,
            outpatient_points=2200,
            professional_points=2600,
            coinsurance_points=0,
            copay=0,
            names_itself_by_id=False,
        ),
        Payer(
            code="CHIP",
            name="Children's Health Insurance Program",
            payer_class="medicaid",
            extract_id="payer-STATE-CHIP",
            native_id="SKCH0",
            northridge_id="NR210",
            northridge_name="CHILD HEALTH PLAN",
            filing_indicator="MC",
            inpatient_method="per_diem",
            inpatient_rate=272_000,
            outpatient_points=2400,
            professional_points=2700,
            coinsurance_points=0,
            copay=0,
            names_itself_by_id=False,
            is_contract_on_file=False,
        ),
        Payer(
            code="BCBS",
            name="Blue Cross Blue Shield",
            payer_class="commercial",
            extract_id="payer-US-BCBS",
            native_id="00700",
            northridge_id="60054",
            northridge_name="BLUE PLANS",
            filing_indicator="BL",
            inpatient_method="percent",
            inpatient_rate=5400,
            outpatient_points=5000,
            professional_points=5800,
            coinsurance_points=1500,
            copay=3000,
        ),
        Payer(
            code="EMPLOYER",
            name="Employer group plans",
            payer_class="commercial",
            extract_id="payer-US-EMPLGRP",
            native_id="60054",
            northridge_id="NR310",
            northridge_name="GROUP HEALTH",
            filing_indicator="CI",
            inpatient_method="percent",
            inpatient_rate=5800,
            outpatient_points=5500,
            professional_points=6100,
            coinsurance_points=2000,
            copay=2500,
            is_contract_on_file=False,
        ),
        Payer(
            code="TRICARE",
            name="TRICARE and VA",
            payer_class="government",
            extract_id="payer-US-VA-TRICARE",
            native_id="99726",
            northridge_id="NR400",
            northridge_name="MILITARY HEALTH",
            filing_indicator="CH",
            inpatient_method="drg",
            inpatient_rate=790_000,
            outpatient_points=3700,
            professional_points=4200,
            coinsurance_points=0,
            copay=2000,
        ),
        Payer(
            code="DUAL",
            name="Dual eligible program",
            payer_class="medicaid",
            extract_id="payer-CMS-DUAL",
            native_id="SKDE0",
            northridge_id="NR220",
            northridge_name="DUAL ELIGIBLE CARE",
            filing_indicator="MC",
            inpatient_method="per_diem",
            inpatient_rate=291_000,
            outpatient_points=2600,
            professional_points=2900,
            coinsurance_points=0,
            copay=0,
        ),
        Payer(
            code="SELF_PAY",
            name="Self-pay",
            payer_class="self_pay",
            extract_id="payer-US-SELFPAY",
            native_id="SELF",
            northridge_id="NR900",
            northridge_name="PRIVATE PAY",
            filing_indicator="ZZ",
            inpatient_method="percent",
            inpatient_rate=COLLECTED_OF_SELF_PAY,
            outpatient_points=COLLECTED_OF_SELF_PAY,
            professional_points=COLLECTED_OF_SELF_PAY,
            coinsurance_points=0,
            copay=0,
        ),
    )
}
BY_EXTRACT_ID = {payer.extract_id: payer for payer in PAYERS.values()}


def native_id(payer: Payer, facility: Facility) -> str:
    """Return the id that the facility's claims and remittances carry."""
    return payer.northridge_id if facility.has_own_payers else payer.native_id


def native_name(payer: Payer, facility: Facility) -> str:
    """Return the name that the facility's claims and remittances carry."""
    if facility.has_own_payers:
        return payer.northridge_name
    return payer.name.upper().replace("'", "")


def organization_id(payer: Payer, facility: Facility) -> str:
    """Return the id of the payer's Organization in the facility's EHR."""
    if facility.has_own_payers:
        return f"payer-{facility.prefix}-{payer.northridge_id}"
    return payer.extract_id
