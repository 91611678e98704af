"""What is booked on one cost center and belongs to another, by rule and since when."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sandbox.extract.period import period
from sandbox.network.cost_centers import cost_center_code
from sandbox.network.facilities import FACILITIES

MILLION = 1_000_000
COLUMNS = (
    "facility_code",
    "reclassification_code",
    "account_code",
    "from_cost_center_code",
    "to_cost_center_code",
    "moved_rate",
    "moved_amount",
    "valid_from",
)


@dataclass(frozen=True, kw_only=True)
class Rule:
    """A share in millionths, or an amount in cents, that goes to another center."""

    facility_code: str
    code: str
    account_code: str
    giver: str
    taker: str
    millionths: int = 0
    cents: int = 0
    since: str = ""

    def holds_in(self, month_end: date) -> bool:
        """Whether it counts in a month."""
        return self.since <= month_end.isoformat()


# Rule, account, center that it is booked on, center it belongs to, millionths, cents.
RULES = (
    ("theatre_staff", "60100", "7030", "6010", 111_111, 0),
    ("emergency_staff", "60100", "7030", "6020", 55_555, 0),
    ("ward_linen", "62100", "7020", "6030", 0, 10_001),
    ("clinic_heating", "62200", "7010", "6050", 125_000, 0),
    ("not_booked_here", "62200", "7030", "6030", 500_000, 0),
    ("closed_center", "60200", "7010", "6999", 0, 5_000),
)
BEGUN_LAST = "clinic_heating"


def rules() -> Iterator[Rule]:
    """Yield what every facility moves; the last two rules cannot be followed."""
    newest = period().month_ends[-1].replace(day=1).isoformat()
    for facility in FACILITIES:
        for code, account, giver, taker, millionths, cents in RULES:
            yield Rule(
                facility_code=facility.code,
                code=code,
                account_code=account,
                giver=cost_center_code(facility.code, giver),
                taker=cost_center_code(facility.code, taker),
                millionths=millionths,
                cents=cents,
                since=newest if code == BEGUN_LAST else "",
            )


def rule_rows() -> Iterator[tuple[object, ...]]:
    """Yield the rows of the reference table."""
    for rule in rules():
        yield (
            rule.facility_code,
            rule.code,
            rule.account_code,
            rule.giver,
            rule.taker,
            f"{rule.millionths / MILLION:.6f}" if rule.millionths else "",
            f"{rule.cents // 100}.{rule.cents % 100:02d}" if rule.cents else "",
            rule.since,
        )
