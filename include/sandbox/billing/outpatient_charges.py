"""Facility charges of clinic, infusion and emergency visits."""

from collections.abc import Iterator

from sandbox.billing.charge_line import ChargeLine, PriceList
from sandbox.care.encounters import Encounter
from sandbox.care.usages import Usage
from sandbox.money import basis_points

DRUG_MARKUP = 34_000  # basis points of cost
LABS = (("80053", 148), ("85025", 96), ("80061", 118), ("83036", 84), ("84443", 132))
EMERGENCY_LEVELS = (("99282", 640), ("99283", 1180), ("99284", 2140), ("99285", 3560))
IMAGES = {
    "S": ("0320", "73610", 420),
    "V": ("0351", "70450", 1890),
    "W": ("0320", "73502", 460),
}
# Revenue code 0480 has no revenue center: it takes the department's cost center.
CLINIC_EXTRAS = {
    "CARDIO": (("0730", "93005", 265, 0.6), ("0480", "93306", 2180, 0.2)),
    "ORTHO": (("0320", "73564", 390, 0.7),),
    "GASTRO": (("0300", "80076", 104, 0.5),),
    "INTMED": (("0730", "93005", 265, 0.06),),
}
REASON_EXTRAS = {
    "Z12.31": ("0320", "77067", 510),
    "Z12.11": ("0360", "G0121", 2650),
    "M81.0": ("0320", "77080", 395),
}
LAB_PROBABILITY = 0.55


class _Visit:
    """Makes the lines of one visit."""

    def __init__(self, prices: PriceList) -> None:
        self.prices = prices
        self.encounter: Encounter = prices.encounter

    def line(self, revenue_code: str, procedure: str, dollars: int) -> ChargeLine:
        return ChargeLine(
            revenue_code=revenue_code,
            procedure_code=procedure,
            amount=self.prices.varied(dollars, 12),
            service_date=self.encounter.first_day,
        )

    def labs(self, most: int) -> Iterator[ChargeLine]:
        first = self.prices.chance.whole(0, len(LABS) - 1)
        for number in range(self.prices.chance.whole(1, most)):
            code, dollars = LABS[(first + number) % len(LABS)]
            yield self.line("0300", code, dollars)

    def drugs(self, used: list[Usage]) -> Iterator[ChargeLine]:
        for usage in used:
            if usage.item.category == "drug" and usage.item.hcpcs:
                yield ChargeLine(
                    revenue_code="0636",
                    procedure_code=usage.item.hcpcs,
                    amount=max(1, basis_points(usage.cost, DRUG_MARKUP)),
                    service_date=usage.occurred_at.date(),
                    quantity=usage.quantity,
                )

    def supplies(self, used: list[Usage]) -> Iterator[ChargeLine]:
        cost = sum(usage.cost for usage in used if usage.item.category == "supply")
        if cost > 500:
            yield ChargeLine(
                revenue_code="0270",
                amount=cost * 4,
                service_date=self.encounter.first_day,
            )


def clinic_lines(
    prices: PriceList, used: list[Usage], *, has_infusion: bool
) -> list[ChargeLine]:
    """Return the charges of a clinic or infusion visit."""
    visit = _Visit(prices)
    encounter = prices.encounter
    lines = [visit.line("0510", "G0463", 246)]
    if has_infusion:
        lines.append(visit.line("0335", "96413", 1480))
        lines.extend(visit.drugs(used))
    if prices.chance.happens(LAB_PROBABILITY):
        lines.extend(visit.labs(3))
    for code, procedure, dollars, probability in CLINIC_EXTRAS.get(
        encounter.department_code, ()
    ):
        if prices.chance.happens(probability):
            lines.append(visit.line(code, procedure, dollars))
    if encounter.reason_code in REASON_EXTRAS:
        lines.append(visit.line(*REASON_EXTRAS[encounter.reason_code]))
    lines.extend(visit.supplies(used))
    return lines


def emergency_lines(prices: PriceList, used: list[Usage]) -> list[ChargeLine]:
    """Return the charges of an emergency visit."""
    visit = _Visit(prices)
    encounter = prices.encounter
    level = 3 if encounter.diagnoses[0] == "R69" else prices.chance.whole(0, 2)
    lines = [visit.line("0450", *EMERGENCY_LEVELS[level]), *visit.labs(4)]
    image = IMAGES.get(encounter.diagnoses[0][:1])
    if image:
        lines.append(visit.line(*image))
    if encounter.diagnoses[0].startswith(("R07", "R55", "R42")):
        lines.append(visit.line("0730", "93005", 310))
    if level > 1:
        lines.append(visit.line("0351", "74177", 3120))
        lines.append(visit.line("0250", "", 240))
    lines.extend(visit.drugs(used))
    lines.extend(visit.supplies(used))
    return lines
