"""Charges of the physicians' group, by procedure code and day."""

from datetime import timedelta

from sandbox.billing.charge_line import ChargeLine, PriceList
from sandbox.care.encounters import Encounter

PROCEDURES = {
    "knee": ("27447", 4850),
    "hip": ("27130", 4720),
    "hip_fracture": ("27245", 3980),
    "spine_single": ("22630", 6900),
    "spine_multiple": ("22633", 8450),
    "spine_combined": ("22558", 8120),
    "stent": ("92928", 2980),
    "bypass": ("33533", 7640),
    "pacemaker": ("33208", 2240),
    "valve": ("33361", 6180),
    "bowel": ("44140", 4380),
    "gallbladder": ("47562", 2740),
    "appendix": ("44970", 2260),
    "hernia": ("49594", 2480),
    "obesity": ("43775", 4620),
    "delivery": ("59409", 2860),
    "cesarean": ("59514", 3340),
}
LONGEST_DAILY_BILL = 12
CLINIC_PROBABILITY = 0.42


def _line(prices: PriceList, code: str, dollars: int, day: int = 0) -> ChargeLine:
    return ChargeLine(
        revenue_code="",
        procedure_code=code,
        amount=prices.varied(dollars, 8),
        service_date=prices.encounter.first_day + timedelta(days=day),
    )


def _of_stay(prices: PriceList) -> list[ChargeLine]:
    encounter = prices.encounter
    days = (encounter.last_day - encounter.first_day).days
    lines = [_line(prices, "99223", 465)]
    archetype = encounter.stay.archetype if encounter.stay else ""
    if archetype in PROCEDURES:
        lines.append(_line(prices, *PROCEDURES[archetype]))
    for day in range(1, min(days, LONGEST_DAILY_BILL)):
        lines.append(_line(prices, "99232", 210, day))
    if days:
        lines.append(_line(prices, "99238", 185, days))
    return lines


def _of_clinic(prices: PriceList) -> list[ChargeLine]:
    if not prices.chance.happens(CLINIC_PROBABILITY):
        return []
    if prices.encounter.reason_code == "Z00":
        return [_line(prices, "G0439", 285)]
    code, dollars = prices.chance.pick((("99213", 172), ("99214", 248)))
    return [_line(prices, code, dollars)]


def professional_lines(prices: PriceList) -> list[ChargeLine]:
    """Return the physicians' charges of an encounter; none when they did not bill."""
    if prices.encounter.is_inpatient:
        return _of_stay(prices)
    if prices.encounter.encounter_class == "EMER":
        return [
            _line(
                prices,
                *prices.chance.pick((("99283", 340), ("99284", 520), ("99285", 740))),
            )
        ]
    return _of_clinic(prices)


def place_of_service(encounter: Encounter) -> str:
    """Return the place of service code of the encounter's professional claim."""
    if encounter.is_inpatient:
        return "21"
    if encounter.encounter_class == "EMER":
        return "23"
    return "11" if encounter.department_code == "PRIMCARE" else "22"
