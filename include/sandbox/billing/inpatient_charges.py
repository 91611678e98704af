"""Facility charges of a stay: room by day, implants by piece, the rest by DRG."""

from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby

from sandbox.billing.charge_line import ChargeLine, PriceList
from sandbox.care.encounters import Encounter
from sandbox.care.usages import Usage
from sandbox.extract.reader import Stay
from sandbox.money import basis_points, split

CHARGE_PER_WEIGHT = 27_500
ROOM = 2_650
INTENSIVE_CARE = 6_900
IMPLANT_MARKUP = 31_500  # basis points of cost
LEAST_ANCILLARY = 2_500  # basis points of the target
INTENSIVE_CARE_DAYS = {"bypass": 2, "valve": 1}
INTENSIVE_CARE_DRGS = {"065", "175", "321", "438", "871"}

MEDICAL_MIX = {
    "0250": 27,
    "0270": 9,
    "0300": 26,
    "0320": 8,
    "0351": 14,
    "0636": 9,
    "0730": 7,
}
MIX = {
    "medical": MEDICAL_MIX,
    "delivery": {"0250": 30, "0270": 26, "0300": 44},
    "surgical": {
        "0250": 12,
        "0270": 10,
        "0300": 9,
        "0320": 4,
        "0360": 59,
        "0636": 4,
        "0730": 2,
    },
    "cardiac": {
        "0250": 11,
        "0270": 14,
        "0300": 10,
        "0320": 3,
        "0360": 42,
        "0636": 4,
        "0730": 16,
    },
}
LINES_A_CATEGORY = {"0250": 4, "0300": 4, "0320": 2, "0351": 2, "0636": 2, "0730": 2}


def _nights(encounter: Encounter) -> list[date]:
    count = max(1, (encounter.last_day - encounter.first_day).days)
    return [encounter.first_day + timedelta(days=night) for night in range(count)]


def _intensive_nights(stay: Stay, nights: int) -> int:
    wanted = INTENSIVE_CARE_DAYS.get(stay.archetype, 0)
    if stay.drg.code in INTENSIVE_CARE_DRGS:
        wanted = max(1, nights // 3)
    return min(wanted, nights)


def _room(prices: PriceList, stay: Stay) -> Iterator[ChargeLine]:
    """Charge the nights, intensive care first, one line a kind and month."""
    nights = _nights(prices.encounter)
    intensive = _intensive_nights(stay, len(nights))
    kinds = [(night, number < intensive) for number, night in enumerate(nights)]
    for (_, is_intensive), group in groupby(
        kinds, lambda kind: (kind[0].month, kind[1])
    ):
        days = [night for night, _ in group]
        rate = prices.priced(INTENSIVE_CARE if is_intensive else ROOM)
        yield ChargeLine(
            revenue_code="0200" if is_intensive else "0120",
            amount=rate * len(days),
            service_date=days[0],
            quantity=len(days),
            unit="DA",
        )


def _implants(used: list[Usage]) -> Iterator[ChargeLine]:
    for usage in used:
        implanted = usage.quantity - usage.unused
        if usage.item.category == "implant" and not usage.is_forgotten:
            yield ChargeLine(
                revenue_code="0278",
                procedure_code=usage.item.hcpcs,
                amount=basis_points(usage.cost - usage.unused_cost, IMPLANT_MARKUP),
                service_date=usage.occurred_at.date(),
                quantity=implanted,
            )


def _mix(encounter: Encounter, stay: Stay) -> dict[str, int]:
    if stay.archetype == "cesarean":
        return MIX["surgical"]
    is_procedure = stay.kind == "surgical" or bool(
        stay.procedures and stay.kind == "medical"
    )
    if is_procedure and encounter.department_code == "CARDIO":
        return MIX["cardiac"]
    return MIX[stay.kind]


def _ancillary(prices: PriceList, stay: Stay, total: int) -> Iterator[ChargeLine]:
    """Share the ancillary charges over revenue codes, lines and days."""
    mix = {
        code: weight * prices.chance.whole(70, 130)
        for code, weight in _mix(prices.encounter, stay).items()
    }
    for code, amount in split(total, mix).items():
        count = prices.chance.whole(1, LINES_A_CATEGORY.get(code, 1))
        pieces = {str(piece): prices.chance.whole(50, 150) for piece in range(count)}
        for piece in split(amount, pieces).values():
            is_theatre = code == "0360"
            yield ChargeLine(
                revenue_code=code,
                amount=piece,
                service_date=prices.encounter.first_day
                if is_theatre
                else prices.some_day(),
                quantity=prices.chance.whole(1, 6) if not is_theatre else 1,
            )


def inpatient_lines(
    prices: PriceList, stay: Stay, used: list[Usage]
) -> list[ChargeLine]:
    """Return the charges of a stay in the order of the bill."""
    target = int(CHARGE_PER_WEIGHT * stay.drg.weight) * prices.level
    target = target * prices.chance.whole(85, 125) // 100
    fixed = [*_room(prices, stay), *_implants(used)]
    rest = target - sum(line.amount for line in fixed)
    total = max(rest, basis_points(target, LEAST_ANCILLARY))
    lines = [*fixed, *_ancillary(prices, stay, total)]
    return sorted(lines, key=lambda line: (line.revenue_code, line.service_date))
