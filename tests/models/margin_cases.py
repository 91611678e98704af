"""Small hospitals whose margin changes, and the facts that tell of them."""

from dataclasses import dataclass, replace
from decimal import Decimal

MONTHS = ("2026-01-01", "2026-02-01")


@dataclass(frozen=True, kw_only=True)
class Case:
    """An encounter, counted or not, or dollars of none (`group` is none). In USD.

    Alone it brings in 60.00, of which 15.00 varying, 8.00 fixed and 6.00 overhead go.
    """

    line: str = "A"
    payer: str = "medicare"
    group: str | None = "470"
    is_counted: bool = True
    center: str = "MED"
    gross: Decimal = Decimal(100)
    off: Decimal = Decimal(40)
    conceded: Decimal = Decimal(0)
    quantity: Decimal = Decimal(1)
    item_cost: Decimal = Decimal(10)
    variable: Decimal = Decimal(5)
    fixed: Decimal = Decimal(8)
    overhead: Decimal = Decimal(6)

    @property
    def margin(self):
        spent = self.item_cost + self.variable + self.fixed + self.overhead
        return self.gross - self.off - self.conceded - spent


CASE = Case()
ALSO = replace(CASE, fixed=Decimal(0), overhead=Decimal(0))
"""One more that the fixed cost and the overhead of the month do not notice."""
LATE = replace(ALSO, group=None, is_counted=False)
BETTER = {"off": Decimal(10)}
OTHER = replace(CASE, line="B", center="LAB")
NOTHING = dict.fromkeys(("gross", "off", "quantity", "item_cost"), Decimal(0))


def both(**changed):
    return [replace(CASE, **changed)] * 2


def mixed(first, second, **other):
    return [CASE] * first + [replace(CASE, **other, **BETTER)] * second


SCENARIOS = {
    "nothing": (both(), both(), {}),
    "volume": (both(), [*both(), ALSO], {"volume": 45}),
    "fewer": ([*both(), ALSO], both(), {"volume": -45}),
    "case_mix": (mixed(2, 1, group="999"), mixed(1, 2, group="999"), {"case_mix": 30}),
    "new_group": (both(), mixed(1, 1, group="999"), {"case_mix": 30}),
    "payer_mix": (
        mixed(2, 1, payer="commercial"),
        mixed(1, 2, payer="commercial"),
        {"payer_mix": 30},
    ),
    "rate": (both(), both(off=Decimal(30)), {"rate": 20}),
    "answers_awaited": (both(), both(conceded=Decimal(10)), {"rate": -20}),
    "usage": (both(), both(quantity=Decimal(2), item_cost=Decimal(20)), {"usage": -20}),
    "item_price": (both(), both(item_cost=Decimal(12)), {"cost_price": -4}),
    "center_price": (both(), both(variable=Decimal(6)), {"cost_price": -2}),
    "fixed_price": (both(), both(fixed=Decimal(9)), {"cost_price": -2}),
    "overhead": (both(), both(overhead=Decimal(7)), {"allocation": -2}),
    "share": (
        [CASE, replace(CASE, line="B")],
        [replace(CASE, fixed=Decimal(10)), replace(CASE, line="B", fixed=Decimal(6))],
        {"allocation": -2},
    ),
    "new_line": ([OTHER], [OTHER, CASE], {"new_service_line": 31}),
    "vanished_line": ([OTHER, CASE], [OTHER], {"vanished_service_line": -31}),
    "late_dollars": (both(), [*both(), LATE], {"without_volume": 45}),
    "no_volume_before": (
        [replace(CASE, is_counted=False)],
        [CASE],
        {"without_volume": -45, "volume": 45},
    ),
    "no_volume_now": (
        [CASE],
        [replace(CASE, is_counted=False)],
        {"without_volume": 45, "volume": -45},
    ),
    "no_volume_at_all": ([LATE], [LATE, LATE], {"without_volume": 45}),
    "no_quantity": (
        both(**NOTHING),
        both(**NOTHING, variable=Decimal(7)),
        {"usage": -4},
    ),
    "restatement": (both(), both(), {"restatement": 12}),
}
"""Before, after, and the effects on service line A, in USD."""
PUBLISHED = {"restatement": {"A": Decimal(50)}}
"""What readers knew of the month before, where it was another figure than now."""


def any_hospital(chance):
    """Both months of a hospital with any cases: credits, free items, nobody counted."""
    return tuple(
        [any_case(chance) for _ in range(chance.randint(1, 12))] for _ in MONTHS
    )


def any_case(chance):
    def dollars(low, high):
        return chance.choice([0, 1, 1]) * Decimal(chance.randint(low, high)) / 100

    group = chance.choice(["470", "291", "AMB", "EMER", None])
    gross = dollars(-2_000, 900_000)
    return Case(
        line=chance.choice("ABC"),
        payer=chance.choice(["medicare", "commercial", "self_pay"]),
        group=group,
        is_counted=group is not None and chance.random() < 0.8,
        center=chance.choice(["MED", "LAB"]),
        gross=gross,
        off=dollars(-500, 700_000),
        conceded=dollars(0, 300_000) if gross else Decimal(0),
        quantity=Decimal(chance.choice([0, 1, 1, 2, 7])),
        item_cost=dollars(-100, 250_000),
        variable=dollars(-1_000, 90_000),
        fixed=dollars(-5_000, 90_000),
        overhead=dollars(0, 70_000),
    )


def facts(name, hospital):
    """The rows of each fact that tell of a hospital, by relation."""
    for month, cases in zip(MONTHS, hospital, strict=True):
        for number, case in enumerate(cases):
            scope = (month, name, case.line, case.payer, f"{name}|{month}|{number}")
            if case.group is not None:
                yield "fct_encounter", (*scope, case.is_counted, case.group)
            yield "fct_charge", (*scope, case.center, case.gross)
            yield "fct_remittance_adjustment", (*scope, "contractual", case.off)
            accrued = case.gross - case.conceded
            yield "fct_expected_revenue", (*scope, case.gross, accrued)
            yield "fct_supply_usage", (*scope, "stent", case.quantity, case.item_cost)
            for cost in costs(case):
                yield "fct_encounter_cost", (*scope, *cost)


def costs(case):
    direct = case.variable + case.fixed
    return (
        (case.center, "implant", "actual", case.item_cost, case.item_cost),
        (case.center, "labor", "rcc", direct, case.variable),
        (case.center, "overhead", "rcc", case.overhead, Decimal(0)),
    )
